"""Token numbers of the grammar's words: CLIP's own, and the compact ones that training uses for its small table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from training.demo_model.captions import grammar_words

CLIP_SIZE, CLIP_START, CLIP_END = 49408, 49406, 49407
UNKNOWN, START, END = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`words` gives each word's compact token numbers; `clip_numbers[compact]` is CLIP's number, None for unknown."""

    words: dict[str, tuple[int, ...]]
    clip_numbers: tuple[int | None, ...]

    def __len__(self) -> int:
        return len(self.clip_numbers)


def make_vocabulary(path: Path) -> Vocabulary:
    """Look up every word of the grammar once and keep the answer, so that training needs no tokenizer."""
    numbers = {word: _clip_numbers(word) for word in grammar_words()}
    _write(path, json.dumps(numbers, indent=1))
    return read_vocabulary(path)


def read_vocabulary(path: Path) -> Vocabulary:
    """The vocabulary that `make_vocabulary` wrote."""
    numbers: dict[str, list[int]] = json.loads(path.read_text(encoding="utf-8"))
    used = sorted({number for pieces in numbers.values() for number in pieces})
    compact = {number: index for index, number in enumerate(used, start=END + 1)}
    words = {word: tuple(compact[number] for number in pieces) for word, pieces in numbers.items()}
    return Vocabulary(words, (None, CLIP_START, CLIP_END, *used))


def _clip_numbers(word: str) -> list[int]:
    from promptlang.tokens.ids import token_ids

    return list(token_ids(word))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
