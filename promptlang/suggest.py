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
    best: tuple[int, str] | None = None
    for name in known:
        if abs(len(name) - len(word)) > limit and not name.startswith(word):
            continue
        slips = distance(word, name.lower())
        if name.lower().startswith(word) and len(word) >= 3:
            slips = min(slips, 1)
        if slips <= limit and slips < max(len(name), 2) and (best is None or slips < best[0]):
            best = slips, name
    return best[1] if best else None


def distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and neighbour swaps between two words."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
