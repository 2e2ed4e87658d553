"""Compel: the owner's node structure."""

from __future__ import annotations

from promptlang.dialects.compel.dialect import parse
from promptlang.dialects.compel.flat import FlatBlend, FlatPrompt, Fragment, Swapped, flattened
from promptlang.dialects.compel.rules import BESIDE_BLEND, COUNT, EMPTY, RANGE, SETTING, SPACE, SWAP_IN_BLEND
from promptlang.source import Passage
from tests.conformance import Answer, Difference, Row, is_error, plain

# Where Compel raises; what we read instead is ours.
RAISES = (BESIDE_BLEND, COUNT, SETTING, SWAP_IN_BLEND, EMPTY, RANGE, SPACE)


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
    return {"type": "Swap", **sides, "options": _swap_options(piece.settings)}


def _swap_options(settings: tuple[tuple[str, str], ...]) -> dict[str, float | str]:
    """The settings of a swap with the owner's defaults; a `shape_freedom` becomes the `s_end` it stands for."""
    options: dict[str, float | str] = {"s_start": 0.0, "s_end": 0.0, "t_start": 0.2, "t_end": 1.0}
    written = {name: _value(value) for name, value in settings}
    freedom = written.pop("shape_freedom", None)
    if isinstance(freedom, float) and freedom >= 0:
        options["s_end"] = 1.0 - freedom ** (1.0 / 3.0)
    return options | written


def _value(written: str) -> float | str:
    digits = written.lstrip("+-").replace(".", "", 1)
    return float(written) if digits.isdigit() else written


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
