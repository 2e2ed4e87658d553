"""What a row of the option table says; the rows are in the modules beside it, in the order of `table.py`."""

from __future__ import annotations

from promptlang.diagnostics import Severity
from promptlang.tables.commands import command
from promptlang.tables.options.fills import Decision, Fills, Spoken
from promptlang.tables.options.kinds import Choice, FilePath, Flag, Kind, Name
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A remark on a range of legal values: it becomes the rule `option/name`."""

    name: str
    low: float
    high: float
    severity: Severity
    message: str  # `{value}` is filled in
    why: str
    source: str
    help: str = ""
    covers: tuple[str, ...] = ()
    removes: bool = False  # whether leaving the option out gives the same picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One row: `fills` is the field of the plan it ends up in; on which families it acts stands in `abilities.py`.

    `default` is how the documentation says what holds without the option.
    """

    name: str
    kind: Kind
    fills: Fills
    docs: str
    source: str
    default: str = ""
    title: str = ""  # how messages call it; the name where empty
    sweeps: bool = False
    aliases: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()  # what other tools call it: suggested, never read
    mistaken_for: str = ""  # the option whose values this one is given
    beside: str = ""  # the option without which it changes nothing
    needs: tuple[str, ...] = ()  # options without which it cannot be drawn
    commands: frozenset[str] | None = None  # commands that take it; None: all that draw, and `set` and `recipe`
    bands: tuple[Band, ...] = ()
    remark: str = ""  # why the option changes nothing here: said by the rule `option/no-effect-here`
    remark_severity: Severity = Severity.INFORMATION
    covers: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How a message calls the option."""
        return self.title or self.name

    @property
    def decides(self) -> Decision | None:
        """What about the reading of a statement the option settles."""
        return self.fills.decides if isinstance(self.fills, Spoken) else None

    @property
    def is_path(self) -> bool:
        """Whether a value may lead to a file of the project."""
        return isinstance(self.kind, Name | FilePath)

    def remark_on(self, value: object) -> str:
        """Why a value changes nothing here: the row's own reason, or that of the value."""
        if self.remark or not isinstance(self.kind, Choice):
            return self.remark
        return next((item.remark for item in self.kind.items if item.name == value), "")

    @property
    def is_flag(self) -> bool:
        """Whether the option stands without a value."""
        return isinstance(self.kind, Flag)

    def counts_under(self, name: str) -> bool:
        """Whether a command takes the option, for itself or on behalf of other statements."""
        row = command(name)
        return self.commands is None or name in self.commands or (row is not None and row.declares)
