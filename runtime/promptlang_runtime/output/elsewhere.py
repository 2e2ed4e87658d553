"""A picture that another program drew, as files say it."""

from __future__ import annotations

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Who drew, by the name of its row, and what it was not told of the plan, in one clause each."""

    by: str
    unsaid: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What the name of a picture ends in that is not the one drawn here; empty where it may be the same."""
        return f"-{self.by}" if self.unsaid else ""
