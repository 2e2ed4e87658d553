"""Words for several things in a sentence: listed, counted, or the first few and how many others there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(words: Iterable[str], last: str = "and") -> str:
    """Words as a sentence lists them: `a, b and c`."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def few(words: Sequence[str], most: int) -> str:
    """The same, of more than `most` the first and how many others there are: `a, b and 7 more`."""
    others = len(words) - most
    return listed((*words[:most], f"{others:,} more") if others > 0 else words)


def one(word: str) -> str:
    """The word behind its article: `a VAE`, `an inversion`."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def plural(number: int, word: str, several: str = "") -> str:
    """The word as it stands beside the number; `several` is the plural where it is not the word with an s."""
    return word if number == 1 else several or f"{word}s"


def counted(number: int, word: str, several: str = "") -> str:
    """`1 file`, `2,000 files`."""
    return f"{number:,} {plural(number, word, several)}"


def and_more(others: int) -> str:
    """How a message about the first of several places goes on: `, and so are 2 more`, or nothing."""
    return f", and so {'is' if others == 1 else 'are'} {others} more" if others else ""
