"""What was read of another program's picture, written as a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import isfinite

from promptlang.importers.imported import Call, Entry, Imported
from promptlang.statements.format import format_statement
from promptlang.statements.parsing import parse
from promptlang.statements.scan import scan
from promptlang.statements.wording import as_text
from promptlang.syntax.nodes import Concept
from promptlang.tables.dialects import DEFAULT, NEW, DialectRow, dialect_row
from promptlang.tables.options.kinds import quoted
from promptlang.tables.options.reading import read
from promptlang.tables.options.table import DECIDING, OPTIONS, ORDER
from promptlang.values import dataclass, replace

UNREAD = "# not read here: "
COMMAND = "render"
_SET = "/set"


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements that take the place of others, and the `/set` behind them by which the model holds that held before;
    empty where it does.
    """

    statements: tuple[str, ...]
    restoring: str = ""


def as_statements(found: Sequence[Imported], command: str, own: Sequence[str], model: str) -> Statements | None:
    """Each as a statement, drawn by the model it names, the others by that which holds there, which is `model`; None
    where one of them cannot be written.
    """
    written: list[str] = []
    now = model.lower()
    for each in found:
        is_named = bool(_model(each.model))
        statement = as_statement(replace(each, model="") if is_named else each, command, own)
        if statement is None:
            return None
        wanted = each.model if is_named else model
        written.append(statement if wanted.lower() == now else f"{_model(wanted)}\n{statement}")
        now = wanted.lower()
    return Statements(tuple(written), "" if now == model.lower() else _model(model))


def as_statement(found: Imported, command: str = COMMAND, own: Sequence[str] = ()) -> str | None:
    """The statement, with a `/set` above it that names the model; None where the prompt cannot be written.

    `own` are options that stand for themselves, as they are written; they win. What no option says is a comment.
    """
    given = scan(" ".join((f"/{command}", *own))).options
    names = {OPTIONS[each.name].name for each in given if each.name in OPTIONS}
    named = DECIDING["dialect"].name
    options = {} if found.dialect == DEFAULT or named in names else {named: f"/{named}:{found.dialect}"}
    if dialect_row(found.dialect).comments and named in names:
        found = _without_backslashes(found, next(each.value for each in reversed(given) if each.name == named))
    rest: list[Entry] = []
    for name, entry in found.options:
        if name not in names and (written := _option(command, name, entry.value)):
            options[name] = written
        else:
            rest.append(entry)
    model = _model(found.model)
    if found.model and not model:
        rest.insert(0, Entry("Model", found.model))
    above = [model.removeprefix(_SET).strip()] if model else []
    for call in found.networks:
        if written := _above(call):
            above.append(written)
            rest += _text_apart(call)
        else:
            rest.append(Entry("LoRA", f"{call.name} {call.weight:g}"))
    head = " ".join((f"/{command}", *own, *(options[name] for name in sorted(options, key=ORDER.__getitem__))))
    comment = UNREAD + " ".join(", ".join(each.written for each in (*rest, *found.rest)).split())
    negative = f"/negative {as_text(found.negative)}" if found.negative else ""
    body = (head, comment if rest or found.rest else "", as_text(found.positive), negative)
    statement = format_statement("\n".join(line for line in body if line))
    if not _says(statement, found, scan(head).positive.text):
        return None
    head = f"{_SET} {' '.join(above)}\n" if above else ""
    return f"{head}{statement}"


def _without_backslashes(found: Imported, dialect: str | None) -> Imported:
    """The same for a dialect whose `#` begins no comment, unless it has such too."""
    if dialect is None or dialect_row(dialect).comments:
        return found
    positive, negative = (side.replace(r"\#", "#") for side in (found.positive, found.negative))
    return replace(found, positive=positive, negative=negative)


def _above(call: Call) -> str:
    """`<name:0.5>`, by which `/set` calls a LoRA that the prompt cannot; empty where either is not read."""
    if not _is_finite(call):
        return ""
    written = _call(call, NEW)
    (first, *_) = parse(f"{_SET} {written}").statements[0].prompt.parts
    return written if isinstance(first, Concept) and first.name == call.name else ""


def with_networks(found: Imported) -> Imported:
    """The same with a call in the prompt for each LoRA that the settings list, as far as its dialect calls any."""
    row = dialect_row(found.dialect)
    if not row.network:
        return found
    called = tuple(filter(_is_finite, found.networks))
    calls = " ".join(_call(each, row) for each in called)
    rest = () if row.strengths else (entry for each in called for entry in _text_apart(each))
    positive = " ".join(filter(None, (found.positive, calls)))
    others = tuple(each for each in found.networks if each not in called)
    return replace(found, positive=positive, networks=others, rest=(*found.rest, *rest))


def _is_finite(call: Call) -> bool:
    """Whether a call has a strength that any program can use."""
    return isfinite(call.weight) and isfinite(call.text_weight or 0)


def _text_apart(call: Call) -> Iterator[Entry]:
    """What a call with one strength leaves out of one with two."""
    if call.text_weight not in (None, call.weight):
        yield Entry(f"{call.name} on the text encoder", f"{call.text_weight:g}")


def _call(call: Call, row: DialectRow) -> str:
    written = row.network.format(name=call.name)
    has_two = row.strengths and call.text_weight not in (None, call.weight)
    strength = (row.strengths if has_two else row.strength).format(
        weight=f"{call.weight:g}", text="" if call.text_weight is None else f"{call.text_weight:g}"
    )
    return f"{written[:-1]}{strength}{written[-1]}"


@lru_cache(maxsize=1024)  # pictures of a folder have most of them in common
def _option(command: str, name: str, value: str) -> str:
    """The option with that value, as the formatter writes it; empty where the command does not take it, or it does not
    take the value.
    """
    row = OPTIONS[name]
    if not row.counts_under(command) or read(row.kind, row.name, value, row.words).value is None:
        return ""
    head, tail = f"/{command} ", " a"
    statement = f"{head}/{name}:{quoted(value)}{tail}"
    if [(each.name, each.value) for each in scan(statement).options] != [(name, value)]:
        return ""
    written = statement if value.isdecimal() else format_statement(statement)  # of the whole it has little to do then
    return written.removeprefix(head).removesuffix(tail)


@lru_cache(maxsize=64)
def _model(name: str) -> str:
    """`/set <name>`, which is how a file names the model of a prompt that cannot; empty where no name is read there."""
    written = f"/set <{name}>"
    statements = parse(written).statements
    parts = statements[0].prompt.parts
    is_read = len(statements) == 1 and [each.name for each in parts if isinstance(each, Concept)] == [name]
    return written if name and is_read and len(parts) == 1 else ""


def _says(statement: str, found: Imported, recipes: str) -> bool:
    """Whether the words are read back as they were meant, behind the recipes that were called before."""
    whole = parse(statement).statements
    if len(whole) != 1:
        return False
    positive = whole[0].positive.text.removeprefix(recipes).strip()
    return (positive, whole[0].negative.text) == (found.positive.strip(), found.negative.strip())
