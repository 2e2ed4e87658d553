"""The nearest known name to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_LONGEST = 40  # letters of a word that is compared with others
_KINDS = 32  # of letters are told apart where they are counted
_ROOM = 4  # bits for each of them
_COUNTED = 64  # letters of a name; those that are longer are like no word by their letters alone


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name with the fewest typing slips, or None where every one is too far away.

    Example: `nearest("neww", ["new", "comfy"])` is `"new"`.
    """
    if not word or len(word) > _LONGEST:
        return None
    size = len(word)
    limit = max(1, (size + 1) // 3)
    letters = _bag(word)
    best: tuple[int, str] | None = None
    for name, lower, length, own in _spelled(tuple(known)):
        if length < size - limit:
            continue
        if size >= 3 and lower.startswith(word):
            slips = min(1, length - size)
        elif length > size + limit or max(size, length) - (letters & own).bit_count() > limit:
            continue  # so many other letters need more slips than are allowed
        else:
            slips = distance(word, lower)
        if slips <= limit and slips < max(len(name), 2) and (best is None or slips < best[0]):
            best = slips, name
    return best[1] if best else None


@lru_cache(maxsize=64)
def _spelled(known: tuple[str, ...]) -> tuple[tuple[str, str, int, int], ...]:
    """Known names, each in lower case as well, how long that is, and its letters: the same tables are asked with every
    unknown word.
    """
    return tuple((name, lower, len(lower), _bag(lower)) for name in known for lower in (name.lower(),))


def _bag(word: str) -> int:
    """The letters of a word, each as often as it stands there: so many bits of those that its kind has.

    Letters of a kind are counted together, and those for which there is no room with those of the next kind: so two
    words have no more in common than their bags.
    """
    bag = 0
    for letter in word[:_COUNTED]:
        bit = 1 << ord(letter) % _KINDS * _ROOM
        while bag & bit:
            bit <<= 1
        bag |= bit
    return bag


def distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and neighbour swaps between two words.

    A column of the usual table is two numbers here, one bit for each of its cells: Hyyrö 2003, "A bit-vector algorithm
    for computing Levenshtein and Damerau edit distances".
    """
    places: dict[str, int] = {}
    for at, letter in enumerate(left):
        places[letter] = places.get(letter, 0) | 1 << at
    slips = len(left)
    last = 1 << slips >> 1
    rising, falling = (1 << slips) - 1, 0  # where a cell is one more, or one less, than the cell above it
    kept = before = 0
    for letter in right:
        here = places.get(letter, 0)
        swapped = ((~kept & here) << 1) & before
        kept = (((here & rising) + rising) ^ rising) | here | falling | swapped
        more = falling | ~(kept | rising)
        less = kept & rising
        if more & last:
            slips += 1
        elif less & last:
            slips -= 1
        more, less = more << 1 | 1, less << 1
        rising, falling = less | ~(kept | more), more & kept
        before = here
    return slips if left else len(right)
