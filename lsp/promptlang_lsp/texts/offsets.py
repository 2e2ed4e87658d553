"""A growing row of numbers that an edit moves in one go: where the statements of a file begin.

Moving everything behind an edit would cost the length of the file at every keystroke; here the numbers behind a pivot
carry their distance once, and only the numbers between the old and the new pivot are touched.
"""

from __future__ import annotations

from bisect import bisect_right


class Offsets:
    """An immutable ascending row; `replaced` shares nothing but costs a memory copy."""

    __slots__ = ("_distance", "_pivot", "_values")

    def __init__(self, values: list[int], pivot: int = 0, distance: int = 0) -> None:
        self._values = values
        self._pivot = pivot
        self._distance = distance

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        if index < 0:
            index += len(self._values)
        value = self._values[index]
        return value + self._distance if index >= self._pivot else value

    def last_at(self, number: int) -> int:
        """The index of the last entry that is not above `number`; 0 where all are."""
        if self._pivot and (self._pivot >= len(self._values) or self[self._pivot] > number):
            return max(bisect_right(self._values, number, 0, self._pivot) - 1, 0)
        return max(bisect_right(self._values, number - self._distance, self._pivot) - 1, 0)

    def replaced(self, first: int, last: int, new: list[int], distance: int) -> Offsets:
        """The row with entries `first` to `last` (exclusive) replaced and everything behind moved by `distance`."""
        values = self._values.copy()
        if self._pivot < last:
            for index in range(self._pivot, last):
                values[index] += self._distance
        else:
            for index in range(last, self._pivot):
                values[index] -= self._distance
        values[first:last] = new
        return Offsets(values, first + len(new), self._distance + distance)
