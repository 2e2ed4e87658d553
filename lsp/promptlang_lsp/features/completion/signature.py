"""Signature help: what an option takes while its value is typed, and the signs of the prompt."""

from __future__ import annotations

from typing import assert_never

from promptlang.tables.options.kinds import Choice, FilePath, Flag, Integer, Name, Number, Numbers, Size, Words
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import option
from promptlang_lsp.features.completion.cursor import cursor
from promptlang_lsp.features.completion.sign_signature import sign_signature
from promptlang_lsp.features.hover.documentation import option_lines
from promptlang_lsp.features.hover.node_hover import effect_words
from promptlang_lsp.features.names.places import local
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page


def signature_help(page: Page, offset: int, *, invoked: bool = True) -> Json:
    """The form of the option whose value the cursor stands in, or of the sign of the prompt, None elsewhere.

    `invoked` says that somebody asked; what comes up by itself does so only where a number is typed.
    """
    index, at = local(page, offset)
    text, parser = page.snapshot.pieces[index].text, page.statement(index).prompt.dialect
    here = cursor(text, at, parser)
    if here.kind in ("words", "weight"):
        return sign_signature(text, at, parser, lambda feature: effect_words(page, index, feature), invoked=invoked)
    row = option(here.owner) if here.kind == "value" else None
    if row is None or row.is_flag:
        return None
    names = _parameters(row)
    active = min(here.typed.count(","), len(names) - 1)
    label, labels = f"/{row.name}:", list[Json]()
    for name in names:
        label += "," if labels else ""
        labels.append({"label": [len(label), len(label) + len(name)]})
        label += name
    form, *more = option_lines(row)
    takes = form.partition(" · ")[2]
    signature: Json = {
        "label": label,
        "documentation": {"kind": "markdown", "value": "\n\n".join((f"*{takes}*", *more[:-1]))},
        "parameters": labels,
    }
    return {"signatures": [signature], "activeSignature": 0, "activeParameter": active}


def _parameters(row: Option) -> tuple[str, ...]:
    """The parts of a value in a word each."""
    match row.kind:
        case Integer() | Number():
            return ("number",)
        case Size():
            return ("WIDTHxHEIGHT",)
        case FilePath():
            return ("path",)
        case Numbers(count=count, names=names):
            return names or tuple(f"number {each + 1}" for each in range(count))
        case Words():
            return ("words", "others")
        case Choice() | Name() | Flag():
            return ("name",)
        case _:
            assert_never(row.kind)
