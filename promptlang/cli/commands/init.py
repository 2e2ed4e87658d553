"""`promptlang init`: a project to start from, with every line explained."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, Argument, Command, Given, UsageError
from promptlang.cli.outputs import cannot_write
from promptlang.cli.terminal import complain, paint, say
from promptlang.config.rules import PROJECT_FILE
from promptlang.files import shown
from promptlang.sentences import counted
from promptlang.tables.models.concepts import DEMO
from promptlang.writing import create_text

COMMAND = Command(
    name="init",
    summary="Write a project to start from.",
    arguments=(
        Argument(names=("folder",), value="FOLDER", help="Where to write it. Default: this folder."),
        Argument(
            names=("--models",),
            value="DIR",
            help="Models that are there already: a folder of them, or that of stable-diffusion-webui, Forge, ComfyUI, "
            "SwarmUI, Fooocus or InvokeAI.",
        ),
    ),
    details=(
        "Nothing is overwritten: where one of the files is there already, nothing is written at all. "
        "A `.gitignore` that is there stays as it is.",
    ),
    examples=("promptlang init cows", "promptlang init cows --models ~/ComfyUI"),
)

PROJECT = """\
# What every prompt in this folder, and in those below it, is read against.
# `promptlang explain FILE` shows which value comes from where.

# The state of the language: "beta-2023-06" (default), "early" or "guide".
edition = "beta-2023-06"

# The model that draws where a prompt names none; "demo" comes with promptlang.
concept = "demo"

# Where pictures go.
out = "out"

[concepts]
# Folders with model files: <name> in a prompt finds models/name.safetensors.
folders = FOLDERS

[concepts.names]
# Models by another name, or with settings they do well with:
# cow = { path = "models/cow-v3.safetensors", options = { clipskip = 2, guidance = 6 } }

[options]
# Options for every prompt; a prompt that says otherwise wins.
# sampler = "ddim"

[rules]
# "off", "hint", "information", "warning" or "error", for a rule or a subject.
# "clipskip/high" = "off"

[per-file-ignores]
# "sketches/*.prompt" = ["guidance/*"]
"""

FIRST_PROMPT = """\
# A line that starts with a hash and a blank is a comment.
# A command starts a statement; the next command ends it.

/render /seed:7 a red circle on a white background

# Numbers in weights need the new parser; square brackets are the negative prompt.
/render /parser:new /seed:15 a (small:1.2) circle [red]

# The same picture with four settings, side by side.
/compare /guidance:1|2|4|8 <demo> a yellow star on a purple background
    /seed:7 /size:SIZE /sampler:dpm2m /steps:20
"""

MODELS = """\
Put model files (.safetensors) or diffusers folders here. A prompt calls one by its
file name without the ending: models/cow.safetensors is <cow>.

`promptlang inspect models` says what they are. Their family is read from the file,
never guessed from the name. Nothing is downloaded, and pickled files (.ckpt, .pt)
are refused, because loading one can run code that is hidden in it.
"""

GITIGNORE = "/out/\n/.promptlang-cache/\n"


def files(folders: Sequence[str] = ()) -> dict[str, str]:
    """The texts of a new project by their paths; it has a folder for models of its own where none are named."""
    listed = "".join(f"    {json.dumps(each, ensure_ascii=False)},\n" for each in folders)
    project = PROJECT.replace("FOLDERS", f"[\n{listed}]" if folders else '["models"]')
    own = {} if folders else {"models/README.txt": MODELS}
    return {PROJECT_FILE: project, "first.prompt": FIRST_PROMPT.replace("SIZE", dict(DEMO.options)["size"]), **own}


def run(arguments: Given) -> int:
    """Write all files of a project, or none of them."""
    folder = Path(arguments.text("folder") or ".")
    texts = files(_named(arguments.text("models"), folder))
    there = [name for name in texts if os.path.lexists(folder / name)]
    if there:
        complain(f"`{shown(folder / there[0])}` is there already", "name another folder: `promptlang init NAME`")
        return FAILED
    style = paint("auto", sys.stdout)
    if not os.path.lexists(folder / ".gitignore"):
        texts[".gitignore"] = GITIGNORE
    for path, text in ((folder / name, text) for name, text in texts.items()):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            create_text(path, text)
        except OSError as error:
            cannot_write(shown(path), error)
            return FAILED
        print(f"wrote {style('heading', shown(path))}")
    check = "promptlang check" if shown(folder) == "." else f"promptlang check {shown(folder)}"
    steps = [style("help", each) for each in (check, f"promptlang render {shown(folder)}")]
    say(f"\nNext: {steps[0]}, and {steps[1]} for the pictures", sys.stdout)
    return CLEAN


def _named(models: str | None, folder: Path) -> tuple[str, ...]:
    """The folders of `--models` as the project file writes them; raises UsageError where it is none."""
    if models is None:
        return ()
    from promptlang.models.programs import model_folders

    named = Path(os.path.abspath(Path(models).expanduser()))
    if not named.is_dir():
        raise UsageError(f"`{shown(named)}` is not a folder", "name the folder of a program, or one with model files")
    title, found = model_folders(named)
    if not found:
        raise UsageError(f"`{shown(named)}` is that of {title}, but holds no folder of models")
    print(_what_lies_there(found, f"of {title}" if title else f"in {shown(named)}"))
    home = folder.absolute()
    return tuple((each.relative_to(home) if each.is_relative_to(home) else each).as_posix() for each in found)


def _what_lies_there(folders: Sequence[Path], whose: str) -> str:
    from promptlang.models.discover import files as model_files

    count = len(model_files(folders).by_name)
    return f"{counted(count, 'model')} {whose}" if count else f"no models yet {whose}"
