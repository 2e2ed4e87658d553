"""What is known of a picture of another program, whichever format said so."""

from __future__ import annotations

from promptlang.tables.dialects import A1111
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting as the other program calls and writes it; without a name, a line of its own."""

    name: str
    value: str

    @property
    def written(self) -> str:
        """The entry as it stood there."""
        return ": ".join(filter(None, (self.name, self.value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Both sides of the prompt and the dialect that reads them, the model, and the settings: those that an option may
    say, and the rest.

    `options` are pairs of an option's name and an entry; whether the option takes the value is not known yet.
    """

    positive: str
    negative: str = ""
    dialect: str = A1111.name
    model: str = ""
    options: tuple[tuple[str, Entry], ...] = ()
    rest: tuple[Entry, ...] = ()
