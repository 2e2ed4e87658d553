"""Whose way of computing draws a picture: noise levels, timesteps and noise differ between programs."""

from __future__ import annotations

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One row: the name that `/arithmetic` takes, the program, other names of it, and whether it is drawn here."""

    name: str
    program: str
    aliases: tuple[str, ...] = ()
    rendered: bool = False


ROWS = (
    Arithmetic("diffusers", "diffusers", rendered=True),
    Arithmetic("comfy", "ComfyUI", ("comfyui",)),
    Arithmetic("webui", "stable-diffusion-webui", ("a1111",)),
)
DEFAULT = ROWS[0].name
