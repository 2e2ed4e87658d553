"""Where other programs keep their models: the folders of each, by what is there."""

from __future__ import annotations

from pathlib import Path

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Program:
    """A program that draws: how people call it, a folder or file that only it has, and its folders of models."""

    title: str
    mark: str
    folders: tuple[str, ...]


# The first whose mark is there counts, so programs that resemble others come before those.
PROGRAMS = (
    Program(
        "SwarmUI",
        "Models/Stable-Diffusion",
        (
            "Models/Stable-Diffusion",
            "Models/diffusion_models",
            "Models/Lora",
            "Models/Embeddings",
            "Models/VAE",
            "Models/clip",
            "Models/text_encoders",
        ),
    ),
    Program(
        "stable-diffusion-webui or Forge",
        "models/Stable-diffusion",
        (
            "models/Stable-diffusion",
            "models/Lora",
            "models/LyCORIS",
            "embeddings",
            "models/VAE",
            "models/text_encoder",
        ),
    ),
    Program("InvokeAI", "invokeai.yaml", ("models", "autoimport")),
    Program(
        "ComfyUI or Fooocus",
        "models/checkpoints",
        (
            "models/checkpoints",
            "models/diffusion_models",
            "models/unet",
            "models/loras",
            "models/embeddings",
            "models/vae",
            "models/text_encoders",
            "models/clip",
        ),
    ),
)


def program_in(folder: Path) -> Program | None:
    """The program whose folder this is, if it is that of one we know; its `models` folder counts as well."""
    return next((program for program in PROGRAMS if (folder / program.mark).exists()), None)


def model_folders(folder: Path) -> tuple[str, tuple[Path, ...]]:
    """Whose folder it is and the folders in it that hold models; the folder itself where no program is known.

    A folder called `models` is looked at from the folder above, where its program keeps embeddings too.
    """
    for home in (folder, folder.parent) if folder.name.lower() == "models" else (folder,):
        if program := program_in(home):
            return program.title, tuple(home / name for name in program.folders if (home / name).is_dir())
    return "", (folder,)
