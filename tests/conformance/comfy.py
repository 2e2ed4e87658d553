"""ComfyUI: weighted pieces and token chunks."""

from __future__ import annotations

from promptlang.dialects.comfy.chunks import chunks_of
from promptlang.dialects.comfy.dialect import parse, weights
from promptlang.source import Passage
from tests.conformance import Answer, Difference, Row, plain


def token_weights(row: Row) -> object:
    return plain(weights(parse(Passage(str(row["input"])))))


def tokenize(row: Row) -> object:
    chunks = chunks_of(weights(parse(Passage(str(row["input"])))))
    return [
        {"tokens": list(chunk.ids), "weights": plain(chunk.weights), "word_ids": list(chunk.words)} for chunk in chunks
    ]


ANSWERS: dict[str, Answer] = {"comfy_token_weights.jsonl": token_weights, "comfy_tokenize.jsonl": tokenize}

DIFFERENCES: tuple[Difference, ...] = ()
