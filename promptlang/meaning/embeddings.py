"""Textual inversions that a prompt calls by their bare name, as stable-diffusion-webui finds them among its tokens.

Its tokens are parts of words, none of which crosses a border of words: a name is found where its words stand in a row,
in letters of any case, the longest name first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from promptlang.meaning.project import Project
from promptlang.plans.plan import Conditioning, Run, called_word
from promptlang.syntax.nodes import (
    Alternation,
    Branch,
    Concept,
    Conjunction,
    Part,
    Parts,
    Schedule,
    Text,
    Weight,
)
from promptlang.tables.models.known import UNREADABLE, KnownConcept
from promptlang.tokens.ids import placed_words
from promptlang.values import dataclass, replace

INVERSION = "inversion"
EMBEDDINGS = "embeddings"
Names = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
"""By the first word of a name, its words and the name; the longest first."""

_names: WeakKeyDictionary[Project, Names] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Found:
    """An embedding in a text, from `start` to `end`."""

    start: int
    end: int
    known: KnownConcept


def found(text: str, project: Project) -> Iterator[Found]:
    """The embeddings in a text, in order."""
    names = _names_of(project)
    words = placed_words(text) if names else []
    at = 0
    while at < len(words):
        match = next(_at(words, at, names, project), None)
        if match is None:
            at += 1
            continue
        size, known = match
        yield Found(words[at][0], words[at + size - 1][1], known)
        at += size


def _at(
    words: list[tuple[int, int, str]], at: int, names: Names, project: Project
) -> Iterator[tuple[int, KnownConcept]]:
    for name_words, name in names.get(words[at][2], ()):
        size = len(name_words)
        if tuple(word for _, _, word in words[at : at + size]) == name_words:
            known = project.known(name, INVERSION)
            if known is not None and _is_inversion(known):
                yield size, known


def _is_inversion(known: KnownConcept) -> bool:
    """Whether the name calls one, or one of several of which nothing says which is meant."""
    if not known.several:
        return known.kind == INVERSION or _lies_among_them(known)
    from promptlang.models.discover import concept  # few names are those of several files

    return concept(known.several[0]).kind == INVERSION


def _lies_among_them(known: KnownConcept) -> bool:
    """Whether a file that nothing here reads lies in the folder for embeddings, by which programs know them."""
    is_there = known.path is not None and EMBEDDINGS in (each.name.lower() for each in known.path.parents)
    return known.kind == UNREADABLE and is_there


def _names_of(project: Project) -> Names:
    names = _names.get(project)
    if names is None:
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        # The built-in ones stay words: `a blueprint of a house` means no file of anybody.
        entries = [known.name for known in project.concepts if known.kind in ("inversion", "unknown")]
        files = (*project.files.by_name, *project.files.alike) if project.folders else ()
        for name in dict.fromkeys((*entries, *files)):
            if words := tuple(word for _, _, word in placed_words(name)):
                found.setdefault(words[0], []).append((words, name))
        names = _names[project] = {
            first: tuple(sorted(several, key=lambda each: -len(each[0]))) for first, several in found.items()
        }
    return names


def with_embeddings(parts: Parts, project: Project) -> Parts:
    """The tree with every embedding as the call of a concept."""
    if not parts or not _names_of(project):
        return parts
    return tuple(child for part in parts for child in _called(part, project))


def _called(part: Part, project: Project) -> Iterator[Part]:
    match part:
        case Text():
            yield from _in_text(part, project)
        case Weight(parts=inside):
            yield replace(part, parts=with_embeddings(inside, project))
        case Schedule(before=before, after=after):
            yield replace(part, before=with_embeddings(before, project), after=with_embeddings(after, project))
        case Alternation(choices=choices):
            yield replace(part, choices=tuple(with_embeddings(choice, project) for choice in choices))
        case Conjunction(branches=branches):
            yield replace(part, branches=tuple(_branch(branch, project) for branch in branches))
        case _:
            yield part


def _branch(branch: Branch, project: Project) -> Branch:
    return replace(branch, parts=with_embeddings(branch.parts, project))


def _in_text(node: Text, project: Project) -> Iterator[Part]:
    text, span, done = node.text, node.span, 0
    for each in found(text, project):
        if each.start > done:
            yield Text(span.part(done, each.start, len(text)), text[done : each.start])
        here = span.part(each.start, each.end, len(text))
        yield Concept(here, each.known.name, here, kind="embedding")
        done = each.end
    if done < len(text):
        yield Text(span.part(done, len(text), len(text)), text[done:])


def with_words(side: Conditioning, project: Project) -> Conditioning:
    """The conditioning with the word of the plan wherever the text names an embedding."""
    return replace(
        side,
        branches=tuple(
            replace(
                branch,
                segments=tuple(
                    replace(segment, runs=tuple(_run(run, project) for run in segment.runs))
                    for segment in branch.segments
                ),
            )
            for branch in side.branches
        ),
    )


def _run(run: Run, project: Project) -> Run:
    pieces: list[str] = []
    done = 0
    for each in found(run.text, project):
        pieces += (run.text[done : each.start], called_word(each.known.name))
        done = each.end
    return replace(run, text="".join((*pieces, run.text[done:]))) if pieces else run
