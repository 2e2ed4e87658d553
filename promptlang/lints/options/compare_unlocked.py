"""A comparison in which more changes than what is compared."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Fix, Rule, Severity, finding
from promptlang.lints.places import command_span, insertion
from promptlang.meaning.settings import Setting, read_points, swept
from promptlang.meaning.spread import has_several
from promptlang.meaning.view import View
from promptlang.sentences import listed
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.options.kinds import written
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ELSEWHERE, GUIDANCE, OPTIONS, SAMPLER, SEED, SIZE, STEPS
from promptlang.values import replace

UNLOCKED = Rule(
    name="compare/unlocked",
    severity=Severity.WARNING,
    summary="a comparison leaves seed, guidance, concept or sampler open",
    why="To see what one setting does, everything else must stay the same: lock seed, guidance, concept and sampler, "
    "better also steps, size and negative prompt. In `/compare` it is an error.",
    example="/render /parser:new /clipskip:1..4 a cow",
    source="help page on clip skip; steps and size are our inference",
    covers=("SR-31", "SR-32", "SR-33"),
)
NOTHING_SWEPT = Rule(
    name="compare/nothing-swept",
    severity=Severity.ERROR,
    summary="`/compare` has nothing to compare",
    why="A grid needs at least one option with several values, such as `/clipskip:1..4` or `/guidance:5|7.5|10`, a "
    "concept with several names or strengths, `<demo|sd15>` or `<fur:0.2|0.6>`, words to swap or `/variants:all`.",
    example="/compare /parser:new /clipskip:2 a cow",
    source="decision of this language",
    covers=("SR-34",),
)
RULES = (UNLOCKED, NOTHING_SWEPT)

LOCKED = (SEED, GUIDANCE, SAMPLER)
"""Options that must stay the same in a fair comparison."""
ALSO_LOCKED = (STEPS, SIZE)
"""Options that had better stay the same too."""

_CONCEPT = "concept"
_INSERTED = {
    SEED.name: f"/{SEED.name}:1234",
    GUIDANCE.name: f"/{GUIDANCE.name}:7",
    _CONCEPT: "<{concept}>",
    SAMPLER.name: f"/{SAMPLER.name}:k_euler",
    STEPS.name: f"/{STEPS.name}:20",
    SIZE.name: f"/{SIZE.name}:512x512",
}


def check(seen: View) -> Iterator[Diagnostic]:
    """The values that a sweep leaves open, named all at once."""
    compares = seen.statement.command_name == "compare"
    if not is_sweep(seen):
        if compares and not _may_vary(seen):
            message = "`/compare` has nothing with several values"
            yield finding(NOTHING_SWEPT, message, command_span(seen), help="write a range such as `/clipskip:1..4`")
        return
    if missing := unlocked(seen):
        found = _unlocked(seen, f"a fair comparison needs the same {listed(missing)}", (*missing, *_open_too(seen)))
        yield replace(found, severity=Severity.ERROR) if compares else found
        return
    if open_too := _open_too(seen):
        message = f"{listed(open_too)} may change between runs of this comparison"
        yield replace(_unlocked(seen, message, open_too), severity=Severity.HINT)


def _varies(setting: Setting) -> bool:
    """Whether a sweep has several values, or is about to, and not one that is written several times or some that are
    none.
    """
    if setting.points.values is None:
        return setting.use is not None and (setting.use.value or "").endswith("|")  # the next one is being written
    return len(setting.points.values) != 1


def _may_vary(seen: View) -> bool:
    """Whether something is written that would be a sweep: a value that cannot be read, or the word of another tool."""
    if any(setting.points.values is None for setting in seen.settings.values()):
        return True
    unknown = (use for use in seen.statement.options if use.name not in OPTIONS)
    uses = ((ELSEWHERE.get(use.name.lower()), use.value) for use in unknown)
    return any(row is not None and value and read_points(row.name, value).swept for row, value in uses)


def is_sweep(seen: View) -> bool:
    """Whether some option, concept or strength has several values; variants count where a grid is asked for."""
    if any(map(_varies, swept(seen.settings))) or seen.choices or seen.point:
        return True
    return seen.statement.command_name == "compare" and has_several(seen)


def unlocked(seen: View) -> tuple[str, ...]:
    """Which of seed, guidance, concept and sampler the file leaves open."""
    options = [row.name for row in LOCKED if _is_open(seen, row)]
    # a dialect that has no word for a model leaves it to the project file
    named = seen.model_origin != "language" or not dialect_row(seen.statement.prompt.dialect).model
    order = list(_INSERTED)
    return tuple(sorted((*options, *(() if named else (_CONCEPT,))), key=order.index))


def _open_too(seen: View) -> tuple[str, ...]:
    """Which of steps and size are open as well."""
    shaped = _shaped(seen)
    return tuple(row.name for row in ALSO_LOCKED if _is_open(seen, row) and not (row is SIZE and shaped))


def _is_open(seen: View, row: Option) -> bool:
    """Whether the file leaves an option to the defaults that changes something for this model."""
    return seen.given(row.name) is None and ability(row.name, seen.family, seen.variant).acts


def _shaped(seen: View) -> bool:
    return any(seen.given(name) for name in ASPECTS)


def _locking(seen: View, name: str) -> str:
    """What holds an option still: the value that is drawn with, where one is known."""
    setting = seen.settings.get(name)
    if setting and setting.value is not None:
        return f"/{name}:{written(setting.value)}"
    return _INSERTED[name].format(concept=seen.model_name)


def _unlocked(seen: View, message: str, names: tuple[str, ...]) -> Diagnostic:
    words = [_locking(seen, name) for name in names]
    help = f"write {' '.join(f'`{word}`' for word in words)}"
    fix = Fix(f"Lock {listed(names)}", (insertion(seen, " ".join(words)),), safe=False)
    return finding(UNLOCKED, message, command_span(seen), help=help, fixes=(fix,))
