"""Concepts nobody knows, two checkpoints, and networks of another family than the checkpoint's."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Label, Rule, Severity, finding, replacement
from promptlang.files import shown
from promptlang.meaning.view import ADDED, Called, View
from promptlang.suggest import nearest
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.families import family, takes_network

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
RULES = (UNKNOWN, MISMATCH, TWO_CHECKPOINTS, UNREADABLE)


def check(seen: View) -> Iterator[Diagnostic]:
    """One finding a concept at most."""
    checkpoints = [each for each in seen.called if each.kind == "checkpoint"]
    for each in checkpoints[:-1]:
        message = f"`{each.node.name}` has no effect, because `{checkpoints[-1].node.name}` comes later"
        related = (Label(checkpoints[-1].node.span, "this one draws"),)
        yield finding(TWO_CHECKPOINTS, message, each.node.span, "no effect", related=related)
    for each in seen.called:
        if each.known is None and _is_said(seen, each):
            continue
        if each.known is None:
            yield _unknown(seen, each)
        elif each.kind == "unreadable":
            yield finding(UNREADABLE, each.known.evidence, each.node.name_span, help="replace the file")
        elif each.kind in ADDED and _differs(seen, each):
            yield _mismatch(seen, each, each.known.family)


def _is_said(seen: View, called: Called) -> bool:
    """Whether the dialect has found a fault in the name already: one cause, one finding."""
    return any(called.node.name_span.contains(each.label.span) for each in seen.statement.diagnostics)


def _unknown(seen: View, called: Called) -> Diagnostic:
    name, span = called.node.name, called.node.name_span
    if cased := seen.project.known(name):
        title = dialect_row(seen.statement.prompt.dialect).title
        message = f"{title} tells `{name}` from `{cased.name}`, so no model is called"
        fix = replacement(f"Write `{cased.name}`", span, cased.name, safe=False)
        return finding(UNKNOWN, message, span, help=f"write `{cased.name}`", fixes=(fix,))
    guess = nearest(name.lower(), seen.project.by_name) if len(name) >= 5 else None
    fixes = (replacement(f"Write `{guess}`", span, guess, safe=False),) if guess else ()
    help_text = f"write `<{guess}>`, or name it in `promptlang.toml`" if guess else "name it in `promptlang.toml`"
    if seen.project.folders and (cut := seen.project.files.cut):
        from promptlang.models.discover import FOLDER_LIMIT  # a check without folders never needs it

        help_text += f"; only the first {FOLDER_LIMIT:,} folders of `{shown(cut[0])}` were looked through"
    message = f"no model called `{name[:60]}` is known here"
    return finding(UNKNOWN, message, span, help=help_text, fixes=fixes)


def _differs(seen: View, called: Called) -> bool:
    if called.known is None or seen.checkpoint is None:
        return False
    return not takes_network(seen.family, called.known.family)


def _mismatch(seen: View, called: Called, name: str) -> Diagnostic:
    assert seen.checkpoint is not None
    call = seen.checkpoint_call
    related = (Label(call.node.span, seen.family.title),) if call else ()
    words = {"lora": "LoRA", "inversion": "textual inversion", "vae": "VAE"}.get(called.kind, called.kind)
    message = (
        f"the {words} `{called.node.name}` is for {family(name).title}, "
        f"but `{seen.checkpoint.name}` is {seen.family.title}"
    )
    help_text = f"use a {words} made for {seen.family.title}, or another checkpoint"
    return finding(MISMATCH, message, called.node.span, related=related, help=help_text)
