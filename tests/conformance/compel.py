"""Compel: the owner's node structure."""

from __future__ import annotations

from promptlang.dialects.compel.dialect import parse
from promptlang.dialects.compel.flat import FlatBlend, FlatPrompt, Fragment, Swapped, flattened, swap_options
from promptlang.dialects.compel.rules import RAISES
from promptlang.source import Passage
from tests.conformance import Answer, Difference, Row, is_error, plain


def structure(row: Row) -> object:
    flat = flattened(parse(Passage(str(row["input"]))).parts)
    return plain(
        {
            "type": "Conjunction",
            "prompts": [
                _blend(prompt) if isinstance(prompt, FlatBlend) else _prompt(prompt) for prompt in flat.prompts
            ],
            "weights": flat.weights,
            "loras": [{"model": name, "weight": weight} for name, weight in flat.loras],
        }
    )


def _blend(blend: FlatBlend) -> dict[str, object]:
    prompts = [_prompt(prompt) for prompt in blend.prompts]
    return {"type": "Blend", "prompts": prompts, "weights": blend.weights, "normalize": blend.normalized}


def _prompt(prompt: FlatPrompt) -> dict[str, object]:
    return {"type": "Prompt", "children": [_piece(piece) for piece in prompt]}


def _piece(piece: Fragment | Swapped) -> dict[str, object]:
    if isinstance(piece, Fragment):
        return {"type": "Fragment", "text": piece.text, "weight": piece.weight}
    sides = {"original": [_piece(side) for side in piece.original], "edited": [_piece(side) for side in piece.edited]}
    return {"type": "Swap", **sides, "options": swap_options(piece.settings)}


def _owner_raises(row: Row, answer: object) -> bool:
    del answer
    found = {diagnostic.rule for diagnostic in parse(Passage(str(row["input"]))).diagnostics}
    return is_error(row) and not found.isdisjoint(RAISES)


ANSWERS: dict[str, Answer] = {"compel_parse.jsonl": structure}

DIFFERENCES = (
    Difference(
        "Compel raises",
        frozenset(ANSWERS),
        "Compel stops with an error; here the text is read as far as it goes, with a warning that says why",
        _owner_raises,
    ),
)
