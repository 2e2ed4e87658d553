"""CLIP token ids, exactly as the fast CLIPTokenizer of transformers 5 gives them, without any library.

That is: NFC, every run of white space one space, lower case letter by letter, words split at the pattern below, byte
pairs merged. Quotes are not straightened and HTML entities not decoded, which older tokenizers did.
"""

from __future__ import annotations

import re
from functools import cache
from heapq import heapify, heappop, heappush
from itertools import chain, count
from unicodedata import category, normalize

from promptlang.tokens.vocabulary import (
    BYTE_LETTERS,
    END_ID,
    END_TOKEN,
    FIRST_MERGE,
    START_ID,
    START_TOKEN,
    WORD_END,
    merge_lines,
)

_REMEMBERED_WORDS = 1 << 16
_LONGEST_REMEMBERED = 64  # letters; longer words hardly come twice

_SPECIAL = re.compile(r"(<\|startoftext\|>|<\|endoftext\|>)")
_SPECIAL_IDS = {START_TOKEN: START_ID, END_TOKEN: END_ID}

# Over a text in which every character outside ASCII was replaced by one of its class (see `_Shapes`).
_WORDS = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[a-zA-Z]+|[0-9]|[^\t-\r a-zA-Z0-9]+")


class _Shapes(dict[int, str]):
    """Stand-ins for `str.translate`: ASCII is kept, other characters become a letter, digit, space or mark."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kind = category(letter)
        if code < 128:
            shape = letter
        elif kind[0] == "L":
            shape = "z"  # a letter of no contraction
        elif kind[0] == "N":
            shape = "0"
        else:
            shape = " " if kind[0] == "Z" or letter == "\x85" else "!"
        self[code] = shape
        return shape


class _Words(dict[str, tuple[int, ...]]):
    """The ids of the words met so far."""

    def __missing__(self, word: str) -> tuple[int, ...]:
        ids = _merged(word)
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED_WORDS:
                self.clear()
            self[word] = ids
        return ids


_shapes = _Shapes()
_known = _Words()
_letters = [letter.encode() for _, letter in sorted(BYTE_LETTERS.items())]
_letter_ids = {letter.encode(): place for place, letter in enumerate(BYTE_LETTERS.values())} | {
    (letter + WORD_END).encode(): 256 + place for place, letter in enumerate(BYTE_LETTERS.values())
}


def token_ids(text: str) -> tuple[int, ...]:
    """The ids of a text, without the start and end marks; the text `<|endoftext|>` is the end mark itself."""
    if "<|" in text:
        pieces = _SPECIAL.split(text)
        return tuple(
            chain.from_iterable(
                (_SPECIAL_IDS[piece],) if piece in _SPECIAL_IDS else _plain_ids(piece) for piece in pieces
            )
        )
    return _plain_ids(text)


def _plain_ids(text: str) -> tuple[int, ...]:
    return tuple(chain.from_iterable(map(_known.__getitem__, _words(text))))


def _words(text: str) -> list[str]:
    if text.isascii():
        return _WORDS.findall(text.lower())
    # Lower case letter by letter: `str.lower` would give a Greek sigma at the end of a word its other form.
    text = normalize("NFC", text).replace("Σ", "σ").lower()
    return [text[match.start() : match.end()] for match in _WORDS.finditer(text.translate(_shapes))]


def placed_words(text: str) -> list[tuple[int, int, str]]:
    """The words that a text is split into before bytes are paired, each in lower case with its place."""
    lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return [
        (*match.span(), lowered[match.start() : match.end()]) for match in _WORDS.finditer(lowered.translate(_shapes))
    ]


@cache
def _merge_ids() -> dict[bytes, int]:
    return dict(zip(merge_lines(), count(FIRST_MERGE), strict=False))


def _merged(word: str) -> tuple[int, ...]:
    """Byte pair encoding of one word: the earliest merge first, from left to right."""
    symbols: list[bytes] = [_letters[byte] for byte in word.encode("utf-8", "replace")]
    symbols[-1] += WORD_END.encode()
    merge_ids = _merge_ids()
    ids = [_letter_ids[symbol] for symbol in symbols]
    size = len(symbols)
    following = list(range(1, size + 1))
    preceding = list(range(-1, size - 1))
    waiting: list[tuple[int, int, bytes]] = []  # id of the merge, place of its left symbol, the pair
    for place in range(size - 1):
        pair = symbols[place] + b" " + symbols[place + 1]
        if pair in merge_ids:
            waiting.append((merge_ids[pair], place, pair))
    heapify(waiting)
    while waiting:
        merge, left, pair = heappop(waiting)
        right = following[left]
        if right >= size or symbols[left] + b" " + symbols[right] != pair:
            continue  # one of the two was merged with another neighbour meanwhile
        symbols[left] += symbols[right]
        symbols[right] = b""
        ids[left] = merge
        following[left] = after = following[right]
        if after < size:
            preceding[after] = left
        for first, second in ((preceding[left], left), (left, after)):
            if first >= 0 and second < size:
                pair = symbols[first] + b" " + symbols[second]
                if pair in merge_ids:
                    heappush(waiting, (merge_ids[pair], first, pair))
    return tuple(ids[place] for place in range(size) if symbols[place])
