"""When words change, from one dialect that counts steps to another: the same number may mean another step."""

from __future__ import annotations

from dataclasses import dataclass, field

from promptlang.dialects.dialect import dialect
from promptlang.dialects.formulas import Note
from promptlang.tables.dialects import DIALECTS

_CALLS = 97  # of a picture at which two numbers are compared; hardly any share of it is a whole step
_BESIDE = (0.0, 1.0, -1.0)  # what programs differ by in counting


@dataclass
class Clock:
    """The switches of one conversion; what was written is remembered for the note."""

    source: str
    target: str
    recomputes: bool = False
    seen: dict[float, float] = field(default_factory=dict[float, float])

    def written(self, when: str) -> str:
        """A moment as the other dialect writes it: with the same number, or with that of the same step."""
        theirs, ours = dialect(self.target), dialect(self.source)
        if ours.moment is None or theirs.when is None:
            return when
        moment = ours.moment(when)
        near = self._nearest(when, moment)
        if self._differs(when, moment):
            self.seen[moment] = near
        return theirs.when(near if self.recomputes else moment)

    def _differs(self, when: str, moment: float) -> bool:
        ours, theirs = dialect(self.source), dialect(self.target)
        if ours.last_before is None or theirs.last_before is None or theirs.when is None or not 0 < moment < _CALLS:
            return False
        return ours.last_before(when, _CALLS) != theirs.last_before(theirs.when(moment), _CALLS)

    def _nearest(self, when: str, moment: float) -> float:
        """A share of all steps has no other number: it would depend on how many there are."""
        ours, theirs = dialect(self.source), dialect(self.target)
        if ours.last_before is None or theirs.last_before is None or theirs.when is None or not 1 <= moment < _CALLS:
            return moment
        step = ours.last_before(when, _CALLS)
        same = (moment + by for by in _BESIDE if theirs.last_before(theirs.when(moment + by), _CALLS) == step)
        return next(same, moment)

    def note(self) -> Note | None:
        """What is to be said of the switches; None where they happen at the same steps."""
        if not self.seen:
            return None
        titles = DIALECTS[self.source].title, DIALECTS[self.target].title
        changed = tuple(pair for pair in sorted(self.seen.items()) if pair[0] != pair[1])
        message = f"{titles[0]} and {titles[1]} count steps otherwise, so words change a step earlier or later"
        return Note(message, changed)
