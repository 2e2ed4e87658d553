"""Concepts nobody knows, two checkpoints, and networks of another family than the checkpoint's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from promptlang.diagnostics import Diagnostic, Label, Rule, Severity, finding, replacement
from promptlang.files import shown
from promptlang.lints.models.concept_as_text import how_to_call
from promptlang.meaning.project import Project, longer_names, several_files
from promptlang.meaning.view import ADDED, Called, View, view
from promptlang.sentences import listed
from promptlang.source import Span
from promptlang.statements.parsing import parse_statement
from promptlang.suggest import nearest
from promptlang.syntax.nodes import Concept
from promptlang.tables.dialects import CALLED_KINDS, dialect_row
from promptlang.tables.models.families import family, takes_network
from promptlang.tables.models.known import NAMING, REPLACING, KnownConcept, unknown
from promptlang.tables.options.table import VARIANTS

UNKNOWN = Rule(
    name="concept/unknown",
    severity=Severity.INFORMATION,
    summary="the project knows no model of this name",
    why="Names come from the project file, the folders it names and a small built-in list. Nothing is guessed from a "
    "name; rendering needs the file.",
    example="/render /parser:new a cow <unknown-thing>",
    source="help page on clip skip",
    covers=("SR-29",),
)
MISMATCH = Rule(
    name="concept/family-mismatch",
    severity=Severity.ERROR,
    summary="a LoRA or inversion belongs to another family than the checkpoint",
    why="Its tensors have the shapes of another model, so it cannot be applied.",
    example="/render /parser:new a cow <sdxl> <some-lora:0.7>",
    source="shapes in the files",
    covers=("SR-29", "SR-30"),
)
TWO_CHECKPOINTS = Rule(
    name="concept/two-checkpoints",
    severity=Severity.WARNING,
    summary="two checkpoints are called",
    why="One model draws a picture: the last one called.",
    example="/render /parser:new a cow <demo> <realistic-vision-2>",
    source="decision of this language",
    tags=("unnecessary",),
)
UNREADABLE = Rule(
    name="concept/unreadable",
    severity=Severity.WARNING,
    summary="the model file that the name calls cannot be read",
    why="A truncated download or a pickled file has no header to read, so nothing is known of it and it cannot render.",
    example="/render /parser:new a cow <broken-file>",
    source="the file itself",
)
AMBIGUOUS = Rule(
    name="concept/ambiguous",
    severity=Severity.WARNING,
    summary="several model files have the name that is called",
    why="Which of them is meant nothing says, so the statement is not rendered. A name with folders, `<folder/name>`, "
    "calls one of them, and so does an entry in the project file.",
    example="/render /parser:new a cow <a-name-of-two-files>",
    source="decision of this language",
)
OTHER_KIND = Rule(
    name="concept/other-kind",
    severity=Severity.ERROR,
    summary="a model is called as another kind than it is",
    why="Programs look for a LoRA, a hypernetwork or an embedding in different places, so a call that names the wrong "
    "kind finds nothing there. Nothing else takes its place.",
    example="/render /parser:a1111 a cow <hypernet:neon:1>",
    source="stable-diffusion-webui 1.10, `extra_networks.activate`",
)
WEIGHED_CHECKPOINT = Rule(
    name="concept/weighed-checkpoint",
    severity=Severity.WARNING,
    summary="a checkpoint is given a weight or called in the negative prompt",
    why="A checkpoint draws the whole picture: there is no less of it, and no picture away from it.",
    example="/render /parser:new a cow <sd15:0.5>",
    source="decision of this language",
)
RULES = (UNKNOWN, MISMATCH, TWO_CHECKPOINTS, UNREADABLE, AMBIGUOUS, OTHER_KIND, WEIGHED_CHECKPOINT)
ABOUT = frozenset({Concept})
_WORDS = MappingProxyType({"lora": "LoRA", "inversion": "textual inversion", "vae": "VAE", "hypernet": "hypernetwork"})
_NOT_KNOWN = frozenset({"unknown", "unreadable"})
_NUMBERS = re.compile(r"\d+")
_WEIGHED = r"(?P<name>[^:]+):(?P<weight>\d*\.?\d+)"
_JOINED = (
    r"(?P<name>[^\s=;,|](?:[^=;,|]*[^\s=;,|])?)(?:(?P<sign>[ \t]*[=;,|][ \t]*)|[ \t]+(?=0?[.,]))"
    r"(?P<weight>[01]?[.,]\d{1,2})"
)
_MOST = 5  # files that are offered


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding a concept at most."""
    checkpoints = [each for each in seen.called if each.kind == "checkpoint" and each is not seen.refiner_call]
    for each in checkpoints[:-1]:
        message = f"`{each.node.name}` has no effect, because `{checkpoints[-1].node.name}` comes later"
        related = (Label(checkpoints[-1].node.span, "this one draws"),)
        yield finding(TWO_CHECKPOINTS, message, each.node.span, "no effect", related=related)
    faults = sorted(each.label.span for each in seen.statement.diagnostics)
    for each in seen.called:
        if each.known is None and _is_said(each, faults):
            continue
        if each.known is None:
            yield _unknown(seen, each)
        elif each.known.fault:
            yield finding(UNREADABLE, each.known.fault, each.node.name_span, help=REPLACING)
        elif each.known.several:
            yield _ambiguous(seen, each, each.known)
        elif (meant := CALLED_KINDS.get(each.node.kind)) and each.kind not in (meant, *_NOT_KNOWN):
            yield _other_kind(seen, each, each.known, meant)
        elif each.kind in ADDED and _differs(seen, each):
            yield _mismatch(seen, each, each.known.family)
    for each in seen.beside if seen.checkpoint_call else ():  # else it is said of `/set`
        if each.known and not each.known.several and each.kind in ADDED and _differs(seen, each):
            yield _mismatch(seen, each, each.known.family)
    yield from _whole(seen.checkpoint_call)


def _is_said(called: Called, faults: Sequence[Span]) -> bool:
    """Whether the dialect has found a fault in the name already: one cause, one finding; `faults` are in order."""
    return called.node.name_span.contains_one(faults)


def _unknown(seen: View, called: Called) -> Diagnostic:
    name, span = called.node.name, called.node.name_span
    if cased := seen.project.known(name):
        title = dialect_row(seen.statement.prompt.dialect).title
        message = f"{title} tells `{name}` from `{cased.name}`, so no model is called"
        fix = replacement(f"Write `{cased.name}`", span, cased.name, safe=False)
        return finding(UNKNOWN, message, span, help=f"write `{cased.name}`", fixes=(fix,))
    if not name.strip():
        return finding(UNKNOWN, unknown(name), called.node.span, help="write its name before the strength")
    if name.startswith("!--"):
        help = "leave it out, or write a comment on a line of its own that begins with `# `"
        return finding(UNKNOWN, unknown(name), span, help=help)
    if "{" in name and "|" in name:
        help = f"write `/{VARIANTS.name}:all`, which writes out what stands in the braces"
        return finding(UNKNOWN, unknown(name), span, help=help)
    row = dialect_row(seen.statement.prompt.dialect)
    is_word = row.calls_embeddings and row.embedding.endswith("{name}")  # which a weight behind it is part of
    if called.node.kind and is_word and (weighed := re.fullmatch(_WEIGHED, name)):
        call = row.group.format(words=row.embedding.format(name=weighed["name"]), weight=weighed["weight"])
        return finding(UNKNOWN, unknown(name), span, help=f"write `{call}` if the number is its weight")
    if called.node.weight is None and (joined := re.fullmatch(_JOINED, name)):
        written = f"{joined['name']}:{joined['weight'].replace(',', '.')}"
        is_known = joined["sign"] and (seen.project.known_exactly if row.cased else seen.project.known)(joined["name"])
        fixes = (replacement(f"Write `{written}`", span, written, safe=False),) if is_known else ()
        help = f"write `{written}` if the number is its strength, or {NAMING}"
        return finding(UNKNOWN, unknown(name), span, help=help, fixes=fixes)
    guess = _respelled(seen.project, called, cased=row.cased) or (
        guessed(seen.project, name) if len(name) >= 5 else None
    )
    fixes = (replacement(f"Write `{guess}`", span, guess, safe=False),) if guess else ()
    written = guess if is_word and called.node.kind else f"<{guess}>"
    help_text = f"write `{written}`, or {NAMING}" if guess else NAMING
    if seen.project.folders and (cut := seen.project.files.cut):
        from promptlang.models.discover import FOLDER_LIMIT  # a check without folders never needs it

        help_text += f"; only the first {FOLDER_LIMIT:,} folders of `{shown(cut[0])}` were looked through"
    return finding(UNKNOWN, unknown(name), span, help=help_text, fixes=fixes)


def _respelled(project: Project, called: Called, *, cased: bool) -> str | None:
    """The name that is known, where a backslash or the ending of another file stands in the way."""
    from promptlang.models.names import stem  # most names are known

    name, kind = called.node.name, CALLED_KINDS.get(called.node.kind, "")
    path = name.replace("\\", "/")
    known = project.known_exactly if cased else project.known
    return next((each for each in (path, stem(path)) if each != name and known(each, kind)), None)


@lru_cache(maxsize=1024)
def guessed(project: Project, name: str) -> str | None:
    """The known name that is most like another one; kept, because many prompts call the same network.

    Another number is another version, which nobody means by a slip of the finger.
    """
    guess = nearest(name.lower(), project.by_name)
    is_meant = guess and (guess.startswith(name.lower()) or _NUMBERS.findall(guess) == _NUMBERS.findall(name))
    return guess if is_meant else None


def _ambiguous(seen: View, called: Called, known: KnownConcept) -> Diagnostic:
    span, offers = called.node.name_span, zip(longer_names(known, seen.project), known.several, strict=True)
    names = [name for name, path in islice(offers, _MOST) if _calls(seen, span, name, path)]
    fixes = tuple(replacement(f"Write `{name}`", span, name, safe=False) for name in names)
    help_text = (
        f"write {listed((f'`{name}`' for name in names), 'or')}"
        if names
        else "name the one that is meant in `promptlang.toml`"
    )
    return finding(AMBIGUOUS, several_files(known, seen.project), span, help=help_text, fixes=fixes)


def _calls(seen: View, span: Span, name: str, path: Path) -> bool:
    """Whether the statement calls the file where that name is written into it."""
    text = seen.statement.text
    written = f"{text[: span.start]}{name}{text[span.end :]}"
    statement = parse_statement(written, seen.statement.prompt.dialect)
    return any(each.known and each.known.path == path for each in view(statement, seen.context).called)


def _other_kind(seen: View, called: Called, known: KnownConcept, meant: str) -> Diagnostic:
    is_, calls = (_WORDS.get(kind, kind) for kind in (known.kind, meant))
    message = f"`{called.node.name[:60]}` is no {calls}, but a {is_}"
    row = dialect_row(seen.statement.prompt.dialect)
    return finding(OTHER_KIND, message, called.node.span, f"calls a {calls}", help=how_to_call(row, known))


def _whole(call: Called | None) -> Iterator[Diagnostic]:
    """A finding on what is written of a checkpoint and changes nothing."""
    if call is None or call.known is None or call.node.kind:
        return
    name = call.node.name[:60]
    if call.node.weight not in (None, 1):
        message = f"the weight {call.node.weight:g} does nothing, since `{name}` draws the whole picture"
        yield finding(
            WEIGHED_CHECKPOINT, message, call.node.number or call.node.span, "no effect", help="leave the weight out"
        )
    if call.negative:
        message = f"`{name}` draws the picture, although it is called in the negative prompt"
        help_text = "write it outside the negative prompt, or remove it"
        yield finding(WEIGHED_CHECKPOINT, message, call.node.span, help=help_text)


def _differs(seen: View, called: Called) -> bool:
    if called.known is None or seen.checkpoint is None:
        return False
    return not takes_network(seen.family, called.known.family)


def _mismatch(seen: View, called: Called, name: str) -> Diagnostic:
    assert seen.checkpoint is not None
    call = seen.checkpoint_call
    related = (Label(call.node.span, seen.family.title),) if call else ()
    words = _WORDS.get(called.kind, called.kind)
    message = (
        f"the {words} `{called.node.name}` is for {family(name).title}, "
        f"but `{seen.checkpoint.name}` is {seen.family.title}"
    )
    help_text = f"use a {words} made for {seen.family.title}, or another checkpoint"
    return finding(MISMATCH, message, called.node.span, related=related, help=help_text)
