"""What is nearly the call of a network: a bracket or the sign before the strength is missing, and it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import MOST_MENDED, OURS, Diagnostic, Edit, Fix, Rule, Severity, finding, further
from promptlang.meaning.view import View
from promptlang.sentences import and_more
from promptlang.tables.dialects import CALLED_KINDS, NETWORK_PREFIXES, DialectRow, dialect_row

RULE = Rule(
    name="concept/call-as-text",
    severity=Severity.WARNING,
    summary="what is nearly the call of a network is drawn like words",
    why="A call is `<`, a name, a colon and a strength, and `>`. Without one of the brackets, with a blank behind the "
    "first, or with the strength outside, nothing is loaded, or not as strongly.",
    example="/render /parser:a1111 a cow, <lora:ink:0.8",
    source=OURS,
)
RULES = (RULE,)

# Few prompts have the signs that `check` looks for first, so only those compile what follows.
_KIND = rf"(?:(?P<kind>{'|'.join(NETWORK_PREFIXES)}):)"
_NAME = r"(?P<name>[A-Za-z_][\w.+-]*)"
_WEIGHT = r"(?P<weight>\d?\.?\d+)"
_CLOSED = rf"(?<![\w<:&;/.+-]){_KIND}?{_NAME}:{_WEIGHT}>(?=[\s,]|\Z)"  # unless a bracket is open before it
_FORMS = (
    rf"[(\[{{]{_KIND}{_NAME}:{_WEIGHT}[)\]}}]",
    rf"<{_KIND}?{_NAME}:{_WEIGHT}(?=[\s,]|\Z)(?![^<>\r\n]*>)",
    rf"<[ \t]+{_KIND}?{_NAME}[ \t]*:[ \t]*{_WEIGHT}[ \t]*>",
    rf"(?<![\w<:&;/-]){_KIND}{_NAME}:{_WEIGHT}(?![\w>:.])",
    _CLOSED,
    rf"<{_KIND}?{_NAME}>(?::[ \t]*|(?=\d?\.)){_WEIGHT}(?![\w.:]|[ \t]*\))",
)
_SIGNS = tuple(f"{kind}:" for kind in NETWORK_PREFIXES)


def check(seen: View) -> Iterator[Diagnostic]:
    """One warning for all of a side, with what to write in place of the first."""
    statement = seen.statement
    row = dialect_row(statement.prompt.dialect)
    if not row.network:
        return
    for passage in (statement.positive, statement.negative):
        text = passage.text
        if "<" not in text and not (":" in text and (">" in text or any(map(text.__contains__, _SIGNS)))):
            continue
        every = (each for form in _FORMS for each in re.finditer(form, text) if form != _CLOSED or _is_closed(each))
        places = sorted(every, key=re.Match[str].start)
        found = [each for at, each in enumerate(places) if not at or each.start() >= places[at - 1].end()]
        if not found:
            continue
        edits = tuple(Edit(passage.span(*each.span()), _call(row, each)) for each in found[:MOST_MENDED])
        first, *others = edits
        title = "Write the calls" if others else f"Write `{first.text}`"
        message = f"`{found[0][0][:40]}` is no call of a network as it stands{and_more(len(found) - 1)}"
        yield finding(
            RULE,
            message,
            first.span,
            related=further((each.span for each in others), "nor this"),
            help=f"write `{first.text}`",
            fixes=(Fix(title, edits, safe=False),) if passage is statement.positive else (),
        )


def _is_closed(found: re.Match[str]) -> bool:
    """Whether no bracket is open before a call that begins with none."""
    closed = found.string.rfind(">", 0, found.start())
    return found.string.find("<", closed + 1, found.start()) < 0


def _call(row: DialectRow, found: re.Match[str]) -> str:
    """The call as the dialect has it."""
    call = row.network.format(name=found["name"])
    if found["kind"] and call.startswith("<lora:") and CALLED_KINDS[found["kind"]] != "lora":
        call = f"<{found['kind']}:{found['name']}>"
    return f"{call[:-1]}{row.strength.format(weight=found['weight'])}{call[-1]}"
