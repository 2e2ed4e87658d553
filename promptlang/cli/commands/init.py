"""`promptlang init`: a project to start from, with every line explained."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, Argument, Command, Given
from promptlang.cli.terminal import complain, paint
from promptlang.config.rules import PROJECT_FILE
from promptlang.files import reason, shown
from promptlang.writing import create_text

COMMAND = Command(
    name="init",
    summary="Write a project to start from.",
    arguments=(Argument(names=("folder",), value="FOLDER", help="Where to write it. Default: this folder."),),
    details=("Nothing is overwritten: where one of the files is there already, nothing is written at all.",),
    examples=("promptlang init cows",),
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
folders = ["models"]

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

/render /seed:7 a red cow in a green field

# Numbers in weights need the new parser; square brackets are the negative prompt.
/render /parser:new /seed:7 a (red:1.3) cow [blurry]

# The same picture with three settings, side by side.
/compare /parser:new /clipskip:1..3 <demo> a red cow
    /seed:7 /guidance:4 /sampler:ddim /steps:20 /size:128x128
"""

MODELS = """\
Put model files (.safetensors) or diffusers folders here. A prompt calls one by its
file name without the ending: models/cow.safetensors is <cow>.

`promptlang inspect models` says what they are. Their family is read from the file,
never guessed from the name. Nothing is downloaded, and pickled files (.ckpt, .pt)
are refused, because loading one can run code that is hidden in it.
"""

FILES = {PROJECT_FILE: PROJECT, "first.prompt": FIRST_PROMPT, "models/README.txt": MODELS}


def run(arguments: Given) -> int:
    """Write the files of FILES, or none of them."""
    folder = Path(arguments.text("folder") or ".")
    there = [name for name in FILES if os.path.lexists(folder / name)]
    if there:
        complain(f"`{shown(folder / there[0])}` is there already", "name another folder: `promptlang init NAME`")
        return FAILED
    style = paint("auto", sys.stdout)
    for path, text in ((folder / name, text) for name, text in FILES.items()):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            create_text(path, text)
        except OSError as error:
            complain(f"cannot write `{shown(path)}`: {reason(error)}")
            return FAILED
        print(f"wrote {style('heading', shown(path))}")
    print(f"\nNext: {style('help', f'promptlang check {shown(folder)}')}")
    return CLEAN
