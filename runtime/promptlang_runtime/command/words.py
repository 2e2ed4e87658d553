"""A prompt that stands on the command line itself, or comes by standard input, in place of files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from promptlang.cli.arguments import UsageError
from promptlang.cli.inputs import SUFFIX, Input, is_standard_input, read_standard_input
from promptlang.files import TextFile
from promptlang.source import Source

LONGEST = 40  # letters of a name
_BREAKS = re.compile(r"[^\w]+")
_OPTION = re.compile(r"(?<!\S)/\S+")


def typed(words: Sequence[str]) -> Input | None:
    """The prompt that the words are, under a name made of them; None where they name files.

    They are a prompt where none of them is there as a file and they hold a blank or begin with a command. Raises
    UsageError for `-` beside other words, and for a single word that may be either.
    """
    if is_standard_input(words):
        given = read_standard_input(None)
        return Input(given.file, _name(given.file.source.text), is_standard_input=True)
    text = " ".join(words)
    if any(os.path.lexists(word) or word.endswith((SUFFIX, os.sep)) for word in words):
        return None
    if not (text.startswith("/") or " " in text.strip()):
        raise UsageError(
            f"there is no `{text}` to read", f'write `promptlang render "/render {text}"` to draw the word'
        )
    return Input(TextFile(Source(text, "prompt")), _name(text))


def _name(text: str) -> str:
    """A file name from the words of a prompt, options left out."""
    name = ""
    for word in _BREAKS.split(_OPTION.sub(" ", text)):
        if name and len(name) + len(word) >= LONGEST:
            break
        name += f"-{word}" * bool(word)
    return f"{name[: LONGEST + 1].strip('-_') or 'picture'}{SUFFIX}"
