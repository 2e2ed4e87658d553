"""How a text encoder divides texts, which no file of weights says: by the `tokenizer.json` that lies beside it."""

from __future__ import annotations

from pathlib import Path

from promptlang.models.parts import tokenizer_beside, untold
from promptlang.refusals.models import tokenizer_refusal
from promptlang.tables.models.encoders import Encoder
from promptlang_runtime.errors import RenderError, first_line, refuse
from promptlang_runtime.models import libraries


def tokenizer_for(path: Path, encoder: Encoder, chat: str | None) -> object:
    """The tokenizer of an encoder in that file; raises RenderError where none lies beside it, or a broken one."""
    why, place = untold(path, encoder), tokenizer_beside(path)
    refuse(tokenizer_refusal(why, path, encoder) if why else None)
    try:
        return libraries.tokenizer(str(place), pad_token=encoder.fill, eos_token=encoder.end, chat_template=chat)
    except Exception as error:  # the library raises nothing narrower for a broken file
        raise RenderError(f"`{place}` cannot be read: {first_line(error)}", "fetch or copy the file again") from None
