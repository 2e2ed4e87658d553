"""Words that become a recipe or a wildcard, and a recipe that becomes words again; what is drawn stays the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from promptlang.config.places import line_under
from promptlang.diagnostics import Edit
from promptlang.fixes import applied, joined
from promptlang.meaning.settings import decided, image_count
from promptlang.meaning.spread import has_variants
from promptlang.source import Span
from promptlang.statements.cutting import BLANKS
from promptlang.statements.extent import body
from promptlang.statements.inheritance import own_dialect
from promptlang.statements.inlining import inlined
from promptlang.syntax.nodes import Statement, Text
from promptlang.tables.options.table import DECIDING
from promptlang_lsp.features.changes.edits import Action, text_edits
from promptlang_lsp.features.changes.rewrites import Rewrite, complaints, in_file, same_pictures
from promptlang_lsp.features.changes.silencing import ReadFile, placed_edit
from promptlang_lsp.features.names.names import recipes, shared
from promptlang_lsp.features.names.places import local, touches
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.legend import EXTRACT, INLINE
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Piece
from promptlang_lsp.texts.wildcards import wildcard_files

MOST_IMAGES = 100  # of a statement whose plans are compared while somebody waits
FOLDER = "wildcards"  # where a project names none yet
MOST_WORDS = 3  # of a file's name
_SIGNS = re.compile(r"[{}|$%~@#\\\r\n<>\"]|__|::|(?<!\S)/")  # of variants, files and statements
_WORD = re.compile(r"[^\W_]+")


def extraction(page: Page, span: Span) -> Iterator[Rewrite]:
    """Selected words of a prompt become a recipe above the statement."""
    index, at = local(page, span.start)
    piece, statement = page.snapshot.pieces[index], page.statement(index)
    text = piece.text[at : span.end - page.snapshot.starts[index]]
    words = text.strip(BLANKS).strip(",").strip(BLANKS)
    if not words or "\n" in words or "\r" in words or piece.declares or not _is_small(page, index):
        return
    begin = at + text.index(words)
    selected = Span(begin, begin + len(words))
    others = [each.span for each in (*statement.comments, *filter(None, (statement.command,)))]
    if not _stands_alone(piece.text, selected) or any(map(selected.meets, others)):
        return
    own = own_dialect(statement)
    parser = f" /{DECIDING['dialect'].name}:{own}" if own else ""
    name = _free_name(page)
    top = body(statement).start
    render = "" if statement.command else "/render "  # text without a command would go on with the recipe
    recipe = f"/recipe #{name}{parser} {words}\n"
    rest = applied(piece.text, (Edit(selected, f"#{name}"),))
    parts = (Piece(each).read_in(page.context(index).parser) for each in (recipe, rest))
    if any(complaints(each) - complaints(statement) for each in parts):
        return  # half a group, or half a quote
    edits = joined((Edit(Span(top, top), f"{recipe}{render}"), Edit(selected, f"#{name}")))
    if same_pictures(page, index, applied(piece.text, edits)):
        yield "Extract to a recipe", EXTRACT, in_file(page, index, edits)


def inlining(page: Page, span: Span) -> Iterator[Rewrite]:
    """A recipe's text and options take the place of its name."""
    index, at = local(page, span.start)
    statement = page.statement(index)
    use = next((each for each in statement.recipes if touches(each.span, at)), None)
    recipe = _called(page, index, use.name.lower()) if use else None
    if use is None or recipe is None or not _is_small(page, index):
        return
    edits = joined(inlined(statement, use, recipe, body(statement)))
    if same_pictures(page, index, applied(statement.text, edits)):
        yield f"Inline `#{use.name}`", INLINE, in_file(page, index, edits)


def _called(page: Page, index: int, name: str) -> Statement | None:
    """The recipe of that lower-case name, of this file or of another one."""
    number, other = recipes(page).get(name), shared(page, name)
    if number is None:
        return Piece(other.text).read_in(page.context(index).parser) if other else None
    return page.statement(number)


def _is_small(page: Page, index: int) -> bool:
    settings = page.meaning(index).settings
    return not decided(settings, "variants") and image_count(settings) <= MOST_IMAGES


def _stands_alone(text: str, span: Span) -> bool:
    """Whether blanks or the ends of a line surround the words, as a recipe's name needs."""
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return (not before or before.isspace()) and (not after or after.isspace() or after in ",)")


def _free_name(page: Page) -> str:
    taken = page.surroundings.recipes.names
    number = 1
    while f"recipe{number}" in taken:
        number += 1
    return f"recipe{number}"


# --- wildcards --------------------------------------------------------------------------------------------------------


def wildcard_extraction(page: Page, span: Span, read: ReadFile) -> Iterator[Action]:
    """`{red|blue}` or words become `__name__` and a new file, a line for each alternative.

    Nothing that is there is written over: the name is free, and the editor is told to create the file only.
    """
    index, at = local(page, span.start)
    piece = page.snapshot.pieces[index]
    selected = piece.text[at : span.end - page.snapshot.starts[index]]
    words = selected.strip(BLANKS).strip(",").strip(BLANKS)
    lines = _lines(words)
    begin = at + selected.find(words)
    if not lines or not has_variants(page.meaning(index)) or not _is_text(page, index, Span(begin, begin + len(words))):
        return
    project: list[Json] = []
    if page.project.wildcards:
        folder = page.project.wildcards[0]
    elif named := _named_folder(page, read):
        folder, change = named
        project.append(change)
    else:
        return
    name = _free_file(page, folder, lines)
    place = Span(begin, begin + len(words)).moved(page.snapshot.starts[index])
    file = boundary.uri_of(folder / f"{name}.txt")
    start = {"line": 0, "character": 0}
    written: Json = {"range": {"start": start, "end": start}, "newText": "".join(f"{line}\n" for line in lines)}
    changes: list[Json] = [
        {"kind": "create", "uri": file, "options": {"overwrite": False, "ignoreIfExists": False}},
        {"textDocument": {"uri": file, "version": None}, "edits": [written]},
        *project,
        {
            "textDocument": {"uri": page.snapshot.uri, "version": page.snapshot.version},
            "edits": text_edits(page, (Edit(place, f"__{name}__"),)),
        },
    ]
    yield {"title": "Extract to a wildcard", "kind": EXTRACT, "edit": {"documentChanges": changes}}


def _lines(words: str) -> tuple[str, ...]:
    """What the file holds; nothing where its reader would see something else than the prompt says."""
    inner = words[1:-1] if words.startswith("{") and words.endswith("}") else words
    found = [each.strip(BLANKS) for each in inner.split("|")] if inner is not words else [words]
    is_plain = (
        all(found)
        and not any(map(_SIGNS.search, found))
        and "".join(inner.split()) == "|".join("".join(each.split()) for each in found)
    )
    return tuple(found) if is_plain else ()


def _is_text(page: Page, index: int, span: Span) -> bool:
    """Whether the place lies in words of a prompt, in one piece."""
    statement = page.statement(index)
    others = [*statement.options, *statement.recipes, *statement.comments, *filter(None, (statement.command,))]
    if statement.label or any(span.meets(each.span) for each in others):
        return False
    nodes = [each for each in statement.nodes() if isinstance(each, Text) or span.contains(each.span)]
    return all(any(each.span.contains(end) for each in nodes) for end in _ends(span))


def _ends(span: Span) -> tuple[Span, Span]:
    """The first and the last letter: a sign that is only half of something is no word and no whole."""
    return Span(span.start, span.start + 1), Span(span.end - 1, span.end)


def _named_folder(page: Page, read: ReadFile) -> tuple[Path, Json] | None:
    """A folder beside the project file, and the line that names it there."""
    file = page.project.file
    text = read(file) if file else None
    if file is None or text is None:
        return None
    edit = line_under(text, "settings", f'{FOLDER} = ["{FOLDER}"]')
    try:
        tomllib.loads(applied(text, (edit,)))
    except ValueError:
        return None  # half written, or it names folders already
    document: Json = {"uri": boundary.uri_of(file), "version": None}
    return file.parent / FOLDER, {"textDocument": document, "edits": [placed_edit(page, text, edit)]}


def _free_file(page: Page, folder: Path, lines: tuple[str, ...]) -> str:
    """A name for the file that no other file has, of the first words."""
    stem = "-".join(each.lower() for each in _WORD.findall(lines[0])[:MOST_WORDS]) or "words"
    taken = wildcard_files(page.project.wildcards)
    names = (stem, *(f"{stem}{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken and not (folder / f"{name}.txt").exists())
