"""Completion of commands, options, their values, paths and weights: what passes a check where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from os import scandir

from promptlang.diagnostics import Diagnostic
from promptlang.files import is_folder
from promptlang.tables.commands import ROWS as COMMANDS
from promptlang.tables.endings import OPENED, SAFETENSORS
from promptlang.tables.models.families import family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.kinds import (
    Choice,
    FilePath,
    Flag,
    Kind,
    Name,
    Size,
    Words,
    examples,
    quoted,
    sample,
    written,
)
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ORDER, option
from promptlang.tables.options.table import ROWS as OPTIONS
from promptlang_lsp.features.completion.cursor import Cursor
from promptlang_lsp.features.completion.offers import (
    FILE,
    FOLDER,
    FUNCTION,
    KEYWORD,
    LETTERS,
    MEMBER,
    NEVER,
    PREFIX,
    PROPERTY,
    RETRIGGER,
    UNIT,
    VALUE,
    Item,
    best_fit,
    fit,
)
from promptlang_lsp.features.completion.signs import signs
from promptlang_lsp.features.completion.trials import Place, barred, place
from promptlang_lsp.features.hover.documentation import form, value_words
from promptlang_lsp.texts.page import Page

UNKNOWN = KnownConcept(name="", kind="unknown", family="unknown", evidence="")
MOST_FILES = 1000
FEWEST = 4  # letters of another tool's word without a joint
FOREIGN = LETTERS + 1  # how well such a word fits: where no name of ours begins so
LONGEST = 70  # code points beside a label
WORD_WEIGHTS = ("1.1", "1.2", "1.3", "1.5", "0.9", "0.8", "0.5")
_WORD = re.compile(r"[^\W\d_]{2,}")
CONCEPT_WEIGHTS = ("0.8", "0.6", "0.5", "0.7", "1", "0.3")


def commands(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """The commands that do something here, the best fit first."""
    blank = "" if page.snapshot.pieces[index].text[here.span.end : here.span.end + 1] in (" ", "\t") else " "
    rows = [row for row in COMMANDS if not row.hosted and fit(here.typed, row.name) < NEVER]
    for row in sorted(rows, key=lambda row: fit(here.typed, row.name)):
        name = f"/{row.name}"
        yield {"label": name, "kind": FUNCTION, "detail": row.docs.replace("`", ""),
               "insertText": f"{name}{blank}", "filterText": name, "data": ["command", row.name]}  # fmt: skip


def options(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Options that this statement can take, the best fit first; one that needs another brings it along."""
    text = page.snapshot.pieces[index].text
    where, is_barred = place(page, index, here.span), barred(page, index, here.span)
    has_value = text.startswith(":", here.span.end)
    ends_line = not text[here.span.end : here.span.end + 1].strip("\r\n")
    parted = " " if text[here.span.end : here.span.end + 1].strip() and not has_value else ""  # from a word behind it
    found: list[tuple[int, int, int, Option, str]] = []
    for row in OPTIONS:
        rank, name = _fitting(row, here.typed)
        if rank < NEVER and not is_barred(row):
            found.append((rank, -page.used.get(f"/{row.name}", 0).bit_length(), ORDER[row.name], row, name))
    if any(rank <= PREFIX for rank, *_ in found):
        found = [each for each in found if each[0] != FOREIGN]
    for *_, row, name in sorted(found, key=lambda each: each[:3]):
        colon = "" if row.is_flag or has_value else ":"
        values = ("",) if row.is_flag or has_value else tuple(value for value, _ in _offered(page, index, row))
        values = values or (_sample(page, index, row.kind),)
        needed = _needed(where, f"/{row.name}{colon}", tuple(f"{value}{parted}" for value in values))
        if needed is None:
            continue
        behind = " " if row.decides == "side" and ends_line else colon or parted  # words follow it
        item: Item = {
            "label": f"/{row.name}",
            "kind": KEYWORD if row.is_flag else PROPERTY,
            "labelDetails": {"description": _short(form(row.kind))},
            "insertText": f"{needed}/{row.name}{behind}",
            "filterText": f"/{name}",
            "data": ["option", row.name],
        }
        if not row.is_flag:
            item["command"] = RETRIGGER
        yield item


def _fitting(row: Option, typed: str) -> tuple[int, str]:
    """The name of an option that fits best; the words of other tools from their beginning, and no short one."""
    rank, name = best_fit(typed, (row.name, *row.aliases))
    is_joined = "_" in typed or "-" in typed
    if rank < NEVER or not (is_joined or len(typed) >= FEWEST):
        return rank, name
    start = typed.lower().replace("-", "_")
    words = (word if is_joined else word.replace("_", "") for word in row.elsewhere)
    word = next((word for word in words if word.startswith(start)), None)
    return (PREFIX if is_joined else FOREIGN, typed + word[len(typed) :]) if word else (rank, name)


def _sample(page: Page, index: int, kind: Kind) -> str:
    """A value to try; of an option that speaks of words, with a word that is there."""
    word = _WORD.search(page.meaning(index).positive.text) if isinstance(kind, Words) else None
    return f"{word[0]}|{word[0]}s" if word else sample(kind)


def _needed(where: Place, option: str, values: tuple[str, ...]) -> str | None:
    """What an option needs before it so that one of its values counts here; None where nothing helps."""
    for value in values:
        raised = where.raised(f"{option}{value}")
        if not raised:
            return ""
        for needed in _insertions(raised):
            if where.takes(f"{needed}{option}{value}"):
                return needed
    return None


def _insertions(raised: tuple[Diagnostic, ...]) -> Iterator[str]:
    """Options that fixes of these findings put in."""
    for fix in (fix for each in raised for fix in each.fixes):
        written = "".join(edit.text for edit in fix.edits if edit.span.start == edit.span.end).strip()
        if written.startswith("/") and all(edit.span.start == edit.span.end for edit in fix.edits):
            yield f"{written} "


def _short(text: str) -> str:
    """Markdown as the few words that a list has room for."""
    plain = text.replace("`", "")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST].rstrip()}…"


# --- values -----------------------------------------------------------------------------------------------------------


def values(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Values of the option that is being written: the best fit first, and of these what the model wants."""
    where = place(page, index, here.span)
    for item in _likely(page, index, here):
        label = str(item["label"])
        text = _in_quotes(page.snapshot.pieces[index].text, here, label, goes_on=item["kind"] == FOLDER)
        if item["kind"] == FOLDER or where.takes(text):
            yield item if text == label else {**item, "insertText": text}


def _in_quotes(text: str, here: Cursor, value: str, *, goes_on: bool) -> str:
    """The value with the quotes that it needs and that do not stand there; of one that goes on the last is left out."""
    if here.quoted:
        return value if goes_on or text.startswith('"', here.span.end) else f'{value}"'
    whole = quoted(value)
    return whole[:-1] if goes_on and whole != value else whole


def _likely(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    row = option(here.owner)
    if row is None:
        return
    if isinstance(row.kind, Name):
        yield from _concepts(page, here, row.kind.concept)
        yield from _paths(page, here, (SAFETENSORS,))
    elif isinstance(row.kind, FilePath):
        yield from _paths(page, here, OPENED)
    else:
        yield from _values(page, index, row, here)


def _values(page: Page, index: int, row: Option, here: Cursor) -> Iterator[Item]:
    """Values by any of their names; who began with a quote means one that needs it, as `DPM++ 2M` does."""
    typed = here.typed
    aliases = {item.name: item.aliases for item in row.kind.items} if isinstance(row.kind, Choice) else {}
    spoken = {name: next((each for each in more if quoted(each) != each), "") for name, more in aliases.items()}
    offered: dict[str, str] = {}
    for value, docs in _offered(page, index, row):
        offered.setdefault(value, docs)
    fits = {value: best_fit(typed, (value, *aliases.get(value, ()))) for value in offered}
    if here.quoted:
        fits |= {value: (rank, name) for value, name in spoken.items() if name and (rank := fit(typed, name)) < NEVER}
    for value in sorted(offered, key=lambda value: fits[value][0]):
        rank, name = fits[value]
        if rank == NEVER:
            continue
        label = name if here.quoted and name == spoken.get(value) else value
        item: Item = {"label": label, "kind": MEMBER if aliases else VALUE, "data": ["value", row.name, value]}
        if offered[value]:
            item["labelDetails"] = {"description": _short(offered[value])}
        if name != label:
            item["filterText"] = name
        yield item


def _offered(page: Page, index: int, row: Option) -> Iterator[tuple[str, str]]:
    """Values with a few words each: what the model recommends, what its family takes, then what is likely."""
    model = page.meaning(index).checkpoint or UNKNOWN
    recommended = dict(model.options).get(row.name)
    if recommended:
        yield recommended, f"recommended for <{model.name}>"
    kind: Kind = row.kind
    default = getattr(family(model.family), row.name, None)
    if isinstance(kind, Size):
        yield from _sizes(model)
    elif isinstance(kind, Choice):
        for item in sorted(kind.items, key=lambda item: item.name != default):
            yield item.name, item.docs + (" (the family's default)" if item.name == default else "")
    elif not isinstance(kind, Flag):
        if default is not None and not isinstance(default, bool):
            yield written(default), "the family's own"
        words = dict(value_words(row))
        yield from ((value, words.get(value, "")) for value in examples(kind))


def _sizes(model: KnownConcept) -> Iterator[tuple[str, str]]:
    from promptlang.tables.models.concepts import native_side

    side = native_side(model)
    yield f"{side}x{side}", "the family's native size"
    for name, (width, height) in family(model.family).sizes.items():
        yield f"{width}x{height}", f"like /{name}"


def weights(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Numbers behind the sign of a group, `(words:`, and of a call, `<name:`."""
    written = signs(page.statement(index).prompt.dialect)
    is_concept = here.owner == "concept"
    closing = written.call_closes if is_concept else written.weight_closes
    if not closing:
        return
    text = page.snapshot.pieces[index].text
    closes = "" if text.startswith(closing, here.span.end) else closing
    where = place(page, index, here.span)
    for value in CONCEPT_WEIGHTS if is_concept else WORD_WEIGHTS:
        if value.startswith(here.typed) and where.takes(value + closes):
            words = "as it is" if value == "1" else f"{float(value):.0%} of its strength" if is_concept else ""
            item: Item = {"label": value, "kind": UNIT, "insertText": value + closes}
            item["labelDetails"] = {"description": words or ("stronger" if float(value) > 1 else "weaker")}
            yield item


# --- paths ------------------------------------------------------------------------------------------------------------


def _concepts(page: Page, here: Cursor, kind: str) -> Iterator[Item]:
    for name, known in page.project.by_name.items():
        if known.kind == kind and fit(here.typed, name) < NEVER:
            yield {"label": known.name, "kind": MEMBER, "labelDetails": {"description": f"{kind}, {known.family}"},
                   "data": ["concept", known.name, page.snapshot.uri]}  # fmt: skip


def _paths(page: Page, here: Cursor, endings: tuple[str, ...]) -> Iterator[Item]:
    """Files and folders beside the project file; the way out of the project is not offered."""
    root = page.project.root or (page.path.parent if page.path else None)
    folder, _, typed = here.typed.replace("\\", "/").rpartition("/")
    if root is None or ".." in folder.split("/") or folder.startswith(("/", "~")) or "\0" in folder:
        return
    try:
        place = (root / folder).resolve()
        if not place.is_relative_to(root.resolve()):
            return
        entries = sorted(scandir(place), key=lambda entry: (not is_folder(entry), entry.name.lower()))
    except (OSError, RuntimeError):  # not there, or links that lead in a circle
        return
    for entry in entries[:MOST_FILES]:
        if entry.name.startswith(".") or fit(typed, entry.name) == NEVER or '"' in entry.name:
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        if is_folder(entry):
            yield {"label": f"{path}/", "kind": FOLDER, "command": RETRIGGER}
        elif entry.name.lower().endswith(endings):
            yield {"label": path, "kind": FILE}
