"""The nearest known name to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name with the fewest typing slips, or None where every one is too far away.

    Example: `nearest("neww", ["new", "comfy"])` is `"new"`.
    """
    if not word or len(word) > 40:
        return None
    limit = max(1, len(word) // 3 + 1)
    letters = set(word)
    best: tuple[int, str] | None = None
    for name in known:
        lower = name.lower()
        if len(word) >= 3 and lower.startswith(word):
            slips = min(1, len(lower) - len(word))
        elif abs(len(lower) - len(word)) > limit or max(len(letters - {*lower}), len({*lower} - letters)) > limit:
            continue  # so many other letters need more slips than are allowed
        else:
            slips = distance(word, lower, limit)
        if slips <= limit and slips < max(len(name), 2) and (best is None or slips < best[0]):
            best = slips, name
    return best[1] if best else None


def distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, replacements and neighbour swaps between two words; above `limit` any number above it."""
    older: list[int] = []
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        least = i
        for j, b in enumerate(right, 1):
            cost = before[j - 1] if a == b else 1 + min(before[j - 1], before[j], row[j - 1])
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b and older[j - 2] + 1 < cost:
                cost = older[j - 2] + 1
            if cost < least:
                least = cost
            row.append(cost)
        if least > limit and min(before) > limit:
            break
    return row[-1]
