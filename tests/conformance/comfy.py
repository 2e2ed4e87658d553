"""ComfyUI: weighted pieces and token chunks."""

from __future__ import annotations

from promptlang.dialects.comfy.dialect import parse, weights
from promptlang.source import Passage
from promptlang.syntax.weighing import sides
from promptlang.tokens.comfyui import comfyui_chunks
from tests.conformance import Answer, Difference, Row, plain


def token_weights(row: Row) -> object:
    return plain(weights(parse(Passage(str(row["input"])))))


def tokenize(row: Row) -> object:
    runs = sides(parse(Passage(str(row["input"]))).parts, joins=False).positive
    return [
        {"tokens": list(chunk.ids), "weights": plain(chunk.multipliers), "word_ids": list(chunk.pieces)}
        for chunk in comfyui_chunks(runs).chunks
    ]


ANSWERS: dict[str, Answer] = {"comfy_token_weights.jsonl": token_weights, "comfy_tokenize.jsonl": tokenize}

DIFFERENCES: tuple[Difference, ...] = ()
