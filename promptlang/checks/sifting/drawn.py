"""What is said of a name or a number that variants write, said of what they write there and not of their signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from promptlang.diagnostics import Diagnostic
from promptlang.lints.table import said
from promptlang.meaning.spread import apart, every_text, has_variants, signs
from promptlang.meaning.view import View
from promptlang.statements.parsing import read_prompt
from promptlang.tables.commands import command
from promptlang.tables.options.table import SWAP
from promptlang.values import replace

_MOST_TEXTS = 16  # of the variants that are looked at
_MOST_COMPARED = 100  # of the texts that are compared
_MOST_LETTERS = 100_000  # of all of them together
_MOST_SAID = 5  # findings that take the place of one


def drawn(found: Sequence[Diagnostic], seen: View) -> list[Diagnostic]:
    """The findings; one about signs of variants gives way to what is said of their texts, which may be the same.

    What is compared is looked at text by text: each place has a finding of a rule but once.
    """
    if not has_variants(seen):
        return [*found, *(_compared(found, seen) if seen.choices or SWAP.name in seen.settings else ())]
    written, marks = signs(seen)
    doubted = [
        each
        for each in found
        if not each.rule.name.startswith("variants/")
        and (any(map(each.label.span.contains, written)) or any(mark.contains(each.label.span) for mark in marks))
    ]
    if not doubted:
        return list(found)
    heard = [each for text in islice(every_text(seen), _MOST_TEXTS) for each in _about(text)]
    kept = [each for each in found if each not in doubted]
    for each in doubted:
        told = {(other.rule, other.message) for other in kept}
        new = {other.message: other for other in heard if other.rule is each.rule}
        if each.message in new:
            kept.append(each)
            continue
        fresh = (other for other in new.values() if (other.rule, other.message) not in told)
        kept += (replace(each, message=other.message, help=other.help, fixes=()) for other in islice(fresh, _MOST_SAID))
    return kept


def _compared(found: Sequence[Diagnostic], seen: View) -> Iterator[Diagnostic]:
    """What there is to say about the other concepts, strengths and words of a comparison."""
    row = command(seen.statement.command_name)
    if row is None or not row.draws:
        return
    told = {(each.rule, each.label.span) for each in found}
    most = max(1, min(_MOST_COMPARED, _MOST_LETTERS // max(1, len(seen.written.text))))
    for text in islice(apart(seen), most):
        for each in _about(text):
            if (key := (each.rule, each.label.span)) not in told:
                told.add(key)
                yield replace(each, fixes=())


def _about(text: View) -> Iterator[Diagnostic]:
    """What there is to say about one of the texts."""
    yield from read_prompt(text.positive, text.statement.prompt.dialect).diagnostics
    yield from said(text)
