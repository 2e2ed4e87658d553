"""When words change, from one dialect that counts steps to another: the same number may mean another step."""

from __future__ import annotations

from promptlang.dialects.dialect import dialect
from promptlang.dialects.formulas import Note
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass, field

_CALLS = 97  # of a picture at which two numbers are compared; hardly any share of it is a whole step


@dataclass()
class Clock:
    """The switches of one conversion; what was written is remembered for the note."""

    source: str
    target: str
    recomputes: bool = False
    seen: dict[float, float] = field(default_factory=dict[float, float])
    turns: bool = False  # whether words in turn begin to change at another step

    def written(self, when: str) -> str:
        """A moment as the other dialect writes it: with the same number, or with that of the same step."""
        ours, theirs = dialect(self.source).switching, dialect(self.target).switching
        if ours is None or theirs is None:
            return when
        moment = ours.moment(when)
        if not 0 < moment < _CALLS:
            return theirs.when(moment)
        step = ours.last_before(when, _CALLS)

        def is_same(other: float) -> bool:
            return theirs.last_before(theirs.when(other), _CALLS) == step

        if is_same(moment):
            return theirs.when(moment)
        # A share of all steps has no other number: it would depend on how many there are.
        near = moment if moment < 1 else next(filter(is_same, (moment + 1, moment - 1)), moment)
        self.seen[moment] = near
        return theirs.when(near if self.recomputes else moment)

    def taken_in_turn(self) -> None:
        """Remember words that alternate, which have no number: they first change behind step 1, as each counts it."""
        ours, theirs = dialect(self.source).switching, dialect(self.target).switching
        if ours and theirs:
            first = ours.last_before(ours.when(1), _CALLS), theirs.last_before(theirs.when(1), _CALLS)
            self.turns |= first[0] != first[1]

    def note(self) -> Note | None:
        """What is to be said of the switches; None where they happen at the same steps."""
        if not self.seen and not self.turns:
            return None
        titles = DIALECTS[self.source].title, DIALECTS[self.target].title
        changed = tuple(pair for pair in sorted(self.seen.items()) if pair[0] != pair[1])
        message = f"{titles[0]} and {titles[1]} count steps otherwise, so words change a step earlier or later"
        return Note(message, changed)
