"""Completion of names: concepts, recipes, wildcards and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic

from promptlang.tables.dialects import CALLED_KINDS, DialectRow, dialect_row
from promptlang.tables.models.known import KnownConcept
from promptlang_lsp.features.completion.cursor import Cursor
from promptlang_lsp.features.completion.offers import CONSTANT, FILE, MODULE, NEVER, REFERENCE, SNIPPET, Item, fit
from promptlang_lsp.features.completion.option_items import UNKNOWN
from promptlang_lsp.features.completion.trials import place
from promptlang_lsp.features.names.names import recipes
from promptlang_lsp.texts.page import Page

LONGEST_LOOK = 0.015  # seconds in which model files are opened for one list; the next list knows these already


def concepts(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Concepts whose name fits: those that suit the statement's model first, then the project's own."""
    row = dialect_row(page.statement(index).prompt.dialect)
    if here.kind == "concept" and not row.network:
        return
    typed = here.typed.strip()
    owner = "embedding" if here.kind == "embedding" else here.owner or ("lora" if row.network != "<{name}>" else "")
    only = (CALLED_KINDS.get(owner, "inversion"),) if owner else ()
    found = [each for each in _known(page, typed) if not only or each.kind in (*only, "unknown")]
    where, takes = place(page, index, here.span), dict[tuple[str, ...], bool]()
    for concept in sorted(found, key=_order(page, index, here)):
        alike = concept.kind, concept.family, concept.path.suffix if concept.path else ""
        item = _concept(page, index, here, concept, row)
        if alike not in takes:  # of a folder with thousands of files one of each sort is tried
            takes[alike] = where.takes(str(item["insertText"]).replace("${1:1}", "1"))
        if takes[alike]:
            yield item


def _order(page: Page, index: int, here: Cursor) -> Callable[[KnownConcept], tuple[int | bool | str, ...]]:
    meaning = page.meaning(index)
    model = meaning.checkpoint or UNKNOWN
    is_chosen = meaning.model_origin != "language"
    called = {each.node.name.lower() for each in meaning.called if each.node.name_span != here.span}
    typed = here.typed.strip()

    def rank(concept: KnownConcept) -> tuple[int | bool | str, ...]:
        name = concept.name.lower()
        stranger = is_chosen and "unknown" not in (concept.family, model.family) and concept.family != model.family
        another = meaning.checkpoint_call is not None and concept.kind == "checkpoint"
        own = concept.path is not None or concept in page.project.concepts
        return name in called, fit(typed, name), stranger, another, not own, name

    return rank


def _concept(page: Page, index: int, here: Cursor, concept: KnownConcept, row: DialectRow) -> Item:
    text = page.snapshot.pieces[index].text
    opening, _, closing = row.network.partition("{name}")
    behind = (closing, row.strength.partition("{weight}")[0])
    closes = here.kind == "concept" and not text.startswith(behind, here.span.end)
    is_new = text[here.span.start : here.span.end] == here.typed and here.typed.lower() != concept.name.lower()
    is_weighed = concept.kind == "lora" and (closes or (is_new and text.startswith(closing, here.span.end)))
    # what is typed of `<lora:` is the `<`
    prefix = "" if here.owner or here.kind != "concept" else opening.partition("<")[2]
    triggers = {"detail": f"  {', '.join(concept.triggers)[:40]}"} if concept.triggers else {}
    item: Item = {
        "label": concept.name,
        "kind": MODULE if concept.kind == "checkpoint" else REFERENCE,
        "labelDetails": {"description": f"{concept.kind}, {concept.family}", **triggers},
        "filterText": concept.name,
        "data": ["concept", concept.name, page.snapshot.uri],
    }
    if is_weighed and page.client.snippets:
        name = concept.name.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
        strength = row.strength.format(weight="${1:1}")
        item |= {"insertText": f"{prefix}{name}{strength}{closing * closes}", "insertTextFormat": 2}
    else:
        strength = row.strength.format(weight=1) if is_weighed else ""
        item["insertText"] = f"{prefix}{concept.name}{strength}{closing * closes}"
    return item


def _known(page: Page, typed: str) -> Iterator[KnownConcept]:
    """Concepts by entry, then by file; files are opened as long as nobody notices."""
    names = page.project.by_name
    for name in names:
        if fit(typed, name) < NEVER and (known := page.project.known(name)):
            yield known
    if not page.project.folders:
        return
    fitting = [(fit(typed, name), name) for name in page.project.files.by_name if name not in names]
    limit, end = page.configuration.completion.limit, monotonic() + LONGEST_LOOK
    for rank, name in sorted(fitting)[:limit]:
        if rank == NEVER:
            return
        path = page.project.files.by_name[name]
        if monotonic() > end:
            yield KnownConcept(
                name=page.project.files.name(path), kind="unknown", family="unknown", evidence="", path=path
            )
        elif known := page.project.known(name):
            yield known


def inversions(page: Page, typed: str) -> Iterator[KnownConcept]:
    """Textual inversions whose name begins like what is typed."""
    if len(typed) > 2:
        yield from (
            each for each in _known(page, typed) if each.kind == "inversion" and each.name.lower().startswith(typed)
        )


def recipe_items(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """Recipes of the file and of the project, but for the one that is being written: it cannot use itself."""
    pieces = (page.snapshot.pieces[number] for number in recipes(page).values() if number != index)
    found = [(fit(here.typed, label.name), label.name, piece.text) for piece in pieces if (label := piece.scan.label)]
    own = recipes(page)
    others = page.project.shared.by_name.values() if page.project.recipes else ()
    found += [(fit(here.typed, each.name), each.name, each.text) for each in others if each.name.lower() not in own]
    for rank, name, text in sorted(found):
        if rank < NEVER:
            detail = " ".join(text.split())[:80]
            yield {"label": f"#{name}", "kind": SNIPPET, "detail": detail, "filterText": f"#{name}"}


def wildcard_items(page: Page, here: Cursor) -> Iterator[Item]:
    """Wildcards of the project's folders; a name in a folder is found by its last part too."""
    from promptlang_lsp.texts.wildcards import wildcard_names

    typed = here.typed
    found = [(fit(typed, name), name) for name in wildcard_names(page.project.wildcards)]
    for _, name in sorted(each for each in found if each[0] < NEVER):
        yield {"label": f"__{name}__", "kind": FILE, "filterText": f"__{name}__",
               "data": ["wildcard", name, page.snapshot.uri]}  # fmt: skip


def rule_items(here: Cursor) -> Iterator[Item]:
    """Rules, for the comments that silence them."""
    from promptlang.checks.rules import RULES

    found = sorted((fit(here.typed, name), name) for name in RULES)
    for rank, name in found:
        if rank < NEVER:
            yield {
                "label": name,
                "kind": CONSTANT,
                "detail": RULES[name].summary.replace("`", ""),
                "data": ["rule", name],
            }
