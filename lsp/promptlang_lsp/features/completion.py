"""Completion: commands, options, values, concepts, recipes, wildcards, paths, rules and words.

Items are plain dictionaries, few and ranked here; the documentation is fetched when one is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import assert_never

from promptlang.commands import ROWS as COMMANDS
from promptlang.families import family
from promptlang.kinds import Choice, FilePath, Flag, Kind, Size, describe, examples
from promptlang.options import ORDER, Option, option
from promptlang.options import ROWS as OPTIONS
from promptlang.project import KnownConcept
from promptlang.source import Span
from promptlang_lsp.features.cursor import Cursor, cursor
from promptlang_lsp.features.names import recipes
from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Json
from promptlang_lsp.words import CATEGORIES, Match
from promptlang_lsp.workspace import Workspace

Item = dict[str, Json]

# kinds of the protocol: the icon
FUNCTION, FIELD, MODULE, PROPERTY, UNIT, VALUE, ENUM, KEYWORD, SNIPPET, FILE, REFERENCE, FOLDER, MEMBER, CONSTANT = (
    3, 5, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21
)  # fmt: skip
UNKNOWN = KnownConcept(name="", kind="unknown", family="unknown", evidence="")
RETRIGGER = {"title": "Suggest", "command": "editor.action.triggerSuggest"}
MOST_WORDS_TRIED = 4


def completion(page: Page, offset: int) -> dict[str, Json]:
    """A ranked list of at most the configured number of items, for the text before the cursor."""
    snapshot = page.snapshot
    index = snapshot.index_at(offset)
    start = snapshot.starts[index]
    here = cursor(snapshot.pieces[index].text, offset - start)
    items = list(_items(page, index, here))
    limit = page.configuration.completion.limit
    whole = here.kind not in ("words", "concept", "wildcard", "embedding")
    for rank, item in enumerate(items[:limit]):
        item.setdefault("sortText", f"{rank:04}")
    return _list(page, index, here, items[:limit], incomplete=not whole or len(items) > limit)


def _list(page: Page, index: int, here: Cursor, items: list[Item], *, incomplete: bool) -> dict[str, Json]:
    """The list with the range that is replaced: said once where the client can, else with each item."""
    defaults = page.client.item_defaults
    edit = _edit_range(page, index, here.span, len(here.typed) if here.kind != "recipe" else len(here.typed) + 1)
    result: dict[str, Json] = {"isIncomplete": incomplete, "items": items}
    if "editRange" in defaults:
        result["itemDefaults"] = {"editRange": edit}
        for item in items:
            if "insertText" in item:
                item["textEditText"] = item.pop("insertText")
            _own_range(page, index, item)
    else:
        for item in items:
            text = item.pop("insertText", item["label"])
            own = item.pop("range", None)
            place = edit if own is None else _edit_range(page, index, own, 0)  # type: ignore[arg-type]
            item["textEdit"] = {"newText": text, **(place if "insert" in place else {"range": place})}  # type: ignore[dict-item]
    return result


def _own_range(page: Page, index: int, item: Item) -> None:
    own = item.pop("range", None)
    if isinstance(own, Span):
        text = item.pop("textEditText", item["label"])
        item["textEdit"] = {"newText": text, "range": page.snapshot.range(index, own)}


def _edit_range(page: Page, index: int, span: Span, typed: int) -> dict[str, Json]:
    """What an item replaces: insert keeps what stands behind the cursor, replace takes it away."""
    snapshot = page.snapshot
    whole = snapshot.range(index, span)
    if not page.client.replaces or span.end - span.start <= typed:
        return whole  # type: ignore[return-value]
    head = snapshot.range(index, Span(span.start, span.start + typed))
    return {"insert": head, "replace": whole}


def _items(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    match here.kind:
        case "command":
            yield from _commands(here)
            yield from _options(page, index, here)
        case "option":
            yield from _options(page, index, here)
        case "value":
            yield from _values(page, index, here)
        case "concept" | "embedding":
            yield from _concepts(page, index, here)
        case "recipe":
            yield from _recipes(page, here)
        case "wildcard":
            yield from _wildcards(page, here)
        case "rule":
            yield from _rules(here)
        case "words":
            yield from _words(page, here)
        case "comment":
            return
        case _:
            assert_never(here.kind)


# --- commands and options ---------------------------------------------------------------------------------------------


def _commands(here: Cursor) -> Iterator[Item]:
    for row in COMMANDS:
        if not row.hosted and _fits(here.typed, row.name):
            yield {"label": f"/{row.name}", "kind": FUNCTION, "detail": row.docs, "data": ["command", row.name],
                   "insertText": f"/{row.name} ", "filterText": f"/{row.name}"}  # fmt: skip


def _options(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Options of this command that are not there yet, then those that are, then those of other families."""
    piece = page.snapshot.pieces[index].scan
    used = {row.name for use in piece.options if use.name_span.start != here.span.start and (row := option(use.name))}
    command = piece.command.name if piece.command else "render"
    model = page.meaning(index).family.name

    def rank(row: Option) -> tuple[bool, bool, int]:
        return row.name in used, row.families is not None and model not in row.families, ORDER[row.name]

    for row in sorted(OPTIONS, key=rank):
        if row.commands and command not in row.commands and command not in ("set", "recipe"):
            continue
        name = next((name for name in (row.name, *row.aliases) if _fits(here.typed, name)), None)
        if name is None:
            continue
        item: Item = {
            "label": f"/{row.name}",
            "kind": KEYWORD if row.is_flag else PROPERTY,
            "labelDetails": {"description": describe(row.kind).replace("`", "")[:60]},
            "insertText": f"/{row.name}" if row.is_flag else f"/{row.name}:",
            "filterText": f"/{name}",
            "data": ["option", row.name],
        }
        if examples(row.kind):
            item["command"] = RETRIGGER
        yield item


def _fits(typed: str, name: str) -> bool:
    """Whether the letters typed appear in the name in order."""
    letters = iter(name)
    return all(letter in letters for letter in typed.lower())


def _values(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    row = option(here.owner)
    if row is None:
        return
    if isinstance(row.kind, FilePath) or row.name == "vae":
        yield from _paths(page, here)
        return
    for value, docs in _offered(page, index, row):
        if _fits(here.typed, value):
            item: Item = {"label": value, "kind": MEMBER if isinstance(row.kind, Choice) else VALUE,
                          "data": ["value", row.name, value]}  # fmt: skip
            if docs:
                item["labelDetails"] = {"description": docs[:80]}
            yield item


def _offered(page: Page, index: int, row: Option) -> Iterator[tuple[str, str]]:
    """Values with a few words each: what the model wants comes first."""
    model = _model(page, index)
    wanted = dict(model.options).get(row.name)
    if wanted:
        yield wanted, f"recommended for <{model.name}>"
    kind: Kind = row.kind
    if isinstance(kind, Size):
        yield from ((value, docs) for value, docs in _sizes(model) if value != wanted)
    elif isinstance(kind, Choice):
        default = str(_family_default(model, row.name))
        for item in sorted(kind.items, key=lambda item: item.name != default):
            if item.name != wanted:
                yield item.name, item.docs + (" (the family's default)" if item.name == default else "")
    elif not isinstance(kind, Flag):
        yield from ((value, "") for value in examples(kind) if value != wanted)


def _model(page: Page, index: int) -> KnownConcept:
    return page.meaning(index).checkpoint or UNKNOWN


def _family_default(model: KnownConcept, name: str) -> object:
    return getattr(family(model.family), f"{name}_default", None) or getattr(family(model.family), name, None)


def _sizes(model: KnownConcept) -> Iterator[tuple[str, str]]:
    from promptlang.concepts import native_side

    side = native_side(model)
    yield f"{side}x{side}", "the family's native size"
    for name, (width, height) in family(model.family).sizes.items():
        yield f"{width}x{height}", f"like /{name}"


def _paths(page: Page, here: Cursor) -> Iterator[Item]:
    """Files and folders beside the project file; the way out of the project is not offered."""
    from os import scandir

    root = page.project.root or (page.path.parent if page.path else None)
    folder, _, typed = here.typed.replace("\\", "/").rpartition("/")
    if root is None or ".." in folder.split("/") or folder.startswith("/"):
        return
    try:
        entries = sorted(scandir(root / folder), key=lambda entry: (not entry.is_dir(), entry.name.lower()))
    except OSError:
        return
    for entry in entries[:1000]:
        if entry.name.startswith(".") or not _fits(typed, entry.name.lower()) or '"' in entry.name:
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir():
            yield {"label": f"{path}/", "kind": FOLDER, "command": RETRIGGER}
        else:
            yield {"label": path, "kind": FILE}


# --- names ------------------------------------------------------------------------------------------------------------


def _concepts(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Concepts whose name fits; those of the statement's family first, and LoRAs where the prefix asks for one."""
    model = _model(page, index)
    typed = here.typed.strip().lower()
    only = "inversion" if here.kind == "embedding" else "lora" if here.owner in ("lora", "lyco") else ""
    found = [concept for concept in _known(page, typed) if not only or concept.kind in (only, "unknown")]
    has_model = "<" in page.snapshot.pieces[index].text[: here.span.start - 1]

    def rank(concept: KnownConcept) -> tuple[bool, bool, bool, bool, str]:
        name = concept.name.lower()
        stranger = has_model and "unknown" not in (concept.family, model.family) and concept.family != model.family
        own = concept in page.project.concepts
        return not name.startswith(typed), stranger, not own, concept.path is None, name

    text = page.snapshot.pieces[index].text
    closes = here.kind == "concept" and text[here.span.end : here.span.end + 1] not in (">", ":")
    for concept in sorted(found, key=rank):
        weighted = concept.kind == "lora" and closes
        yield {
            "label": concept.name,
            "kind": MODULE if concept.kind == "checkpoint" else REFERENCE,
            "labelDetails": {"description": f"{concept.kind}, {concept.family}"},
            "insertText": concept.name + (":1>" if weighted else ">" if closes else ""),
            "filterText": concept.name,
            "data": ["concept", concept.name],
        }


def _known(page: Page, typed: str) -> Iterator[KnownConcept]:
    """Concepts by entry, then by file; of the files only those are opened that may be shown."""
    names = page.project.by_name
    yield from (concept for name, concept in names.items() if _fits(typed, name))
    if page.project.folders:
        files = (name for name in page.project.files.by_name if name not in names and _fits(typed, name))
        for name in islice(files, page.configuration.completion.limit):
            if known := page.project.known(name):
                yield known


def _recipes(page: Page, here: Cursor) -> Iterator[Item]:
    for name, _, text in recipes(page):
        if _fits(here.typed, name.lower()):
            yield {
                "label": f"#{name}",
                "kind": SNIPPET,
                "detail": " ".join(text.split())[:80],
                "filterText": f"#{name}",
            }


def _wildcards(page: Page, here: Cursor) -> Iterator[Item]:
    from promptlang_lsp.wildcards import wildcard_names

    for name in wildcard_names(page.project.wildcards):
        if _fits(here.typed, name.lower()):
            yield {"label": f"__{name}__", "kind": FILE, "filterText": f"__{name}__", "data": ["wildcard", name],
                   "range": here.span}  # fmt: skip


def _rules(here: Cursor) -> Iterator[Item]:
    from promptlang.rules import RULES

    for name, rule in RULES.items():
        if _fits(here.typed, name):
            yield {"label": name, "kind": CONSTANT, "detail": rule.summary}


# --- words ------------------------------------------------------------------------------------------------------------


def _words(page: Page, here: Cursor) -> Iterator[Item]:
    """Words of the lists that go on from what is typed: the whole phrase, or its last words."""
    from promptlang_lsp.words import words

    listed = words(page.word_files)
    limit = page.configuration.completion.limit
    spaces = page.configuration.completion.spaces
    for begin, query in _queries(here.typed):
        matches = listed.search(query, limit, fuzzy=begin == _last_word(here.typed))
        if matches:
            span = Span(here.span.start + begin, here.span.end)
            shift = begin > 0
            for match in matches:
                item = _word(match, here.typed[begin:], spaces)
                if shift:
                    item["range"] = span
                yield item
            return


def _queries(typed: str) -> Iterator[tuple[int, str]]:
    """The phrase and its endings of fewer words, as word lists write them, with where each begins."""
    starts = [at for at in range(len(typed)) if not typed[at].isspace() and (at == 0 or typed[at - 1].isspace())]
    for at in starts[-MOST_WORDS_TRIED:]:
        yield at, "_".join(typed[at:].lower().replace("\\", "").split()) + ("_" if typed[-1].isspace() else "")


def _last_word(typed: str) -> int:
    at = len(typed)
    while at and not typed[at - 1].isspace():
        at -= 1
    return at


def _word(match: Match, typed: str, spaces: bool) -> Item:
    """A word; brackets in it are escaped, and it is found by both spellings and by the alias that matched."""
    plain = match.word.replace("_", " ") if len(match.word) > 3 else match.word  # emoticons such as ^_^ stay
    shown = plain if spaces and "_" not in typed else match.word
    details: dict[str, Json] = {"description": _popularity(match)}
    if match.found != match.word:
        details["detail"] = f" ← {match.found}"
    return {
        "label": shown,
        "kind": FIELD,
        "labelDetails": details,
        "insertText": shown.replace("(", "\\(").replace(")", "\\)"),
        "filterText": " ".join(dict.fromkeys((shown, match.word, plain, match.found))),
    }


def _popularity(match: Match) -> str:
    """Category and count, such as `character 1.2M`."""
    count = match.count
    short = f"{count / 1e6:.1f}M" if count >= 1_000_000 else f"{count / 1e3:.0f}k" if count >= 10_000 else str(count)
    category = CATEGORIES.get(match.category, "" if match.category.isdecimal() else match.category)
    return f"{category} {short if count else ''}".strip()


def resolved(item: Item, workspace: Workspace) -> Item:
    """The item with its documentation."""
    from promptlang_lsp.features.documentation import concept_lines, lines_of

    data = item.get("data")
    if not isinstance(data, list) or not all(isinstance(each, str) for each in data) or len(data) < 2:
        return item
    kind, *names = data
    if kind == "concept":
        known = next((known for each in workspace.projects() if (known := each.known(names[0]))), None)
        text = "\n\n".join(concept_lines(known)) if known else ""
    else:
        text = "\n\n".join(lines_of(kind, *names[:2]))
    return {**item, "documentation": {"kind": "markdown", "value": text}} if text else item
