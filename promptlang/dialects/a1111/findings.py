"""What there is to say about a prompt in the stable-diffusion-webui dialect: one function for each kind of surprise."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from promptlang.diagnostics import MOST_MENDED, Diagnostic, Edit, Fix, Label, finding, replacement
from promptlang.dialects.a1111 import rules
from promptlang.dialects.a1111.calls import Network, is_lora, loads, unread_arguments
from promptlang.dialects.a1111.conjunction import Side
from promptlang.dialects.a1111.cuts import comments, found
from promptlang.dialects.a1111.schedules import always_past, never_reached
from promptlang.dialects.a1111.sorting import Branch, touches_schedule
from promptlang.dialects.dialect import DEEPEST
from promptlang.sentences import few
from promptlang.source import Passage, Span, line_start
from promptlang.tables.dialects import ADDRESS, NETWORK_PREFIXES
from promptlang.tables.options.elsewhere import MODEL_WORDS

_NUMBER = "0123456789+-."
_OF_JSON = "u[0-9a-fA-F]{4}"
_MOST = 20  # diagnostics of one rule; more of the same help nobody
_STRENGTH = re.compile(r"[\d.]+", re.ASCII)
_SIGNS_IN_WORDS = re.compile(r"(?<=[^\s\\])#+|(?<=[^\S\r\n])#(?=[^\s#])")


def findings(
    branches: Sequence[tuple[Branch, Side]], calls: Sequence[Network], passage: Passage
) -> Iterator[Diagnostic]:
    """Everything worth saying, pass by pass."""
    yield from _network_findings(calls, passage)
    owed = {"RPAR": 0, "RSQB": 0}  # closers that an `AND` has cut off from their openers
    for number, (branch, side) in enumerate(branches):
        yield from _weight_of_branch(branch, side, alone=len(branches) == 1)
        yield from _schedule_findings(branch)
        yield from _bracket_findings(branch, owed, is_last=number == len(branches) - 1)
        yield from _word_findings(branch)
    yield from _networks_in_schedules(branches, calls, passage)


def negative_findings(passage: Passage) -> Iterator[Diagnostic]:
    """What only a negative prompt does: network calls are words there."""
    for call in [each for each in found(passage.text) if each.kind in NETWORK_PREFIXES][:_MOST]:
        span = passage.span(call.start, call.end)
        message = f"`{call.items[0][:40]}` is not loaded, since `<{call.kind}:…>` is plain text in a negative prompt"
        fix = replacement("Remove it", span, "", safe=False)
        yield finding(rules.NETWORK_IN_NEGATIVE, message, span, help="write it before `/negative`", fixes=(fix,))


def _span(branch: Branch, start: int, end: int) -> Span:
    return branch.passage.span(branch.begin + start, branch.begin + end)


def _lexeme_span(branch: Branch, place: int) -> Span:
    _, start, end = branch.lexemes[place]
    return _span(branch, start, end)


def _digits(branch: Branch, place: int) -> tuple[str, Span]:
    """What stands after the colon of a lexeme, and where."""
    _, start, end = branch.lexemes[place]
    written = branch.text[start + 1 : end].strip()
    at = branch.text.index(written, start + 1)
    return written, _span(branch, at, at + len(written))


def comment_findings(passage: Passage) -> Iterator[Diagnostic]:
    """A `#` inside a word, or with one right behind it as in `#1`, which few mean as the start of a comment."""
    text = passage.text
    for start, end in list(comments(passage))[:_MOST]:
        in_word = start > 0 and not text[start - 1].isspace()
        if not (in_word or (start > 1 and _leads_word(text, start))):
            continue
        message = "the program takes the rest of this line, from `#` on, for a comment"
        runs = islice(_SIGNS_IN_WORDS.finditer(text, start, end), MOST_MENDED)
        edits = (Edit(passage.span(*each.span()), r"\#" * len(each[0])) for each in runs)
        fix = Fix(r"Write `\#`", tuple(edits), safe=False)
        where = "before" if in_word else "behind"
        help = f"write a blank {where} it if it is one, or leave the sign out"
        yield finding(rules.COMMENT_IN_WORD, message, passage.span(start, end), "not drawn", help=help, fixes=(fix,))


def _leads_word(text: str, sign: int) -> bool:
    """Whether a word follows right behind a sign that has others before it on its line."""
    return bool(text[line_start(text, sign) : sign].strip()) and text[sign + 1 : sign + 2].strip() not in ("", "#")


def _network_findings(calls: Sequence[Network], passage: Passage) -> Iterator[Diagnostic]:
    top = _blank_top(calls, passage.text)
    lost = "no LoRA is loaded" if sum(map(is_lora, calls)) > 1 else "it is not loaded"
    for call in calls[:_MOST]:
        span = passage.span(call.start, call.end)
        if call.kind not in NETWORK_PREFIXES:
            message = f"`{call.kind}` is no known kind of network, so this leaves the text and does nothing"
            meant = _meant(call)
            fix = replacement("Remove it", span, "", safe=call.start >= top and _keeps_blanks(call, passage))
            help = meant or "write `<lora:name:0.8>` or remove it"
            yield finding(rules.UNKNOWN_NETWORK, message, span, help=help, fixes=() if meant else (fix,))
        elif not loads(call):
            at = call.start + len(call.kind) + 3 + len(call.items[0])
            number = passage.span(at, call.end - 1) if at < call.end - 1 else span
            written = ":".join(call.items[1:])[:40]
            found = f"`{written}`" if written else "nothing"
            message = f"the strength of `{call.items[0][:40]}` must be a number, found {found}, so {lost}"
            is_address = passage.text.startswith(ADDRESS, call.start + len(call.kind) + 2)
            name = "name" if is_address else call.items[0][:40]
            help = f"{'call it by the name of its file, as' if is_address else 'write'} `<lora:{name}:0.8>`"
            yield finding(rules.NETWORK_STRENGTH, message, number, help=help)
        elif unread := unread_arguments(call):
            names = few([f"`{each[:40]}`" for each in unread], 3)
            does, it, what = ("changes", "it", "it does") if len(unread) == 1 else ("change", "them", "they do")
            message = f"{names} {does} nothing, and the network is drawn without {it}"
            help = f"leave {it} out, or move what {what} into the strengths"
            yield finding(rules.NETWORK_ARGUMENT, message, span, help=help)


def _meant(call: Network) -> str:
    """What to write for a call that names a model as other programs do, or lacks the kind; empty where none is seen."""
    name = call.items[0].strip()[:40] if call.items else ""
    if call.kind.lower() in MODEL_WORDS:
        from promptlang.models.names import stem  # few prompts call a model so

        return f"write `/set <{stem(name)}>` as a statement of its own above"
    if call.kind.lower() in NETWORK_PREFIXES:
        return f"write `<{call.kind.lower()}:{':'.join(call.items)[:40]}>`"
    if _STRENGTH.fullmatch(name):
        return f"write `<lora:{call.kind[:40]}:{name}>`, or `/set <{call.kind[:40]}>` above if it is the model"
    return ""


def _blank_top(calls: Sequence[Network], text: str) -> int:
    """Where the words begin, if calls before them keep blanks there, which a prompt without the calls would lose."""
    first, is_blank = 0, False
    for call in calls:
        if text[first : call.start].strip():
            break
        is_blank |= first < call.start
        first = call.end
    return first if is_blank or text[first : first + 1].isspace() else 0


def _networks_in_schedules(
    branches: Sequence[tuple[Branch, Side]], calls: Sequence[Network], passage: Passage
) -> Iterator[Diagnostic]:
    waiting = deque((call, passage.span(call.start, call.end)) for call in calls)
    for branch, _ in branches if calls else ():
        for start, end in _scheduled(branch):
            around = _span(branch, start, end)
            while waiting and waiting[0][1].start < around.end:  # both stand in the order of the text
                call, span = waiting.popleft()
                if around.contains(span):
                    message = f"`{call.items[0][:40]}` is on for the whole picture, not only where the schedule says"
                    related = (Label(Span(around.start, around.start + 1), "the schedule starts here"),)
                    help = "write it outside the brackets"
                    yield finding(rules.NETWORK_IN_SCHEDULE, message, span, "always on", related=related, help=help)


def _scheduled(branch: Branch) -> list[tuple[int, int]]:
    """The outermost schedules, as offsets of the branch."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for place in sorted(branch.roles.kinds):
        kind, start, end = branch.lexemes[place]
        if kind.endswith("_OPEN"):
            opened.append(start)
        elif kind == "END":
            begin = opened.pop()
            if not opened:
                found.append((begin, end))
    return found


def _weight_of_branch(branch: Branch, side: Side, *, alone: bool) -> Iterator[Diagnostic]:
    text = branch.passage.text
    if not side.has_number or not (alone or text[side.end - 1 : side.end].isdigit()):
        return
    colon = text.index(":", side.end)
    stop = colon + len(text[colon : side.stop].rstrip())
    written = text[colon + 1 : stop].strip()
    if float(written) == 1.0 and not text[side.end - 1 : side.end].isdigit():
        return
    span = branch.passage.span(colon, stop)
    what = "prompt" if alone else "part"
    message = f"`:{written}` leaves the text and makes the whole {what} count {side.weight:g} times"
    fix = Fix("Insert a comma after the number", (Edit(Span(span.end, span.end), ","),), safe=False)
    help = f"write a comma after it to keep it as text: `:{written},`"
    yield finding(rules.NUMBER_TAKEN_AS_WEIGHT, message, span, f"weight of the {what}", help=help, fixes=(fix,))


def _schedule_findings(branch: Branch) -> Iterator[Diagnostic]:
    if branch.roles.disabled_by:
        if branch.roles.found:
            yield _disabled(branch)
        return
    for place in sorted(branch.roles.kinds)[: _MOST * 4]:
        if branch.lexemes[place][0] != "WHEN":
            continue
        written, span = _digits(branch, place)
        opener = max(at for at in branch.roles.kinds if at < place and branch.lexemes[at][0] == "SCHEDULE_OPEN")
        has_from = any(branch.lexemes[at][0] == "TO" for at in branch.roles.kinds if opener < at < place)
        if never_reached(written):
            yield _never(branch, opener, place, written, span, has_from)
        elif always_past(written) and written not in ("0", "0.0"):
            yield _past(written, span)


def _past(written: str, span: Span) -> Diagnostic:
    message = f"`{written}` is step 0, so the switch is over before the first step"
    if float(written) <= 0:
        return finding(rules.NEVER_SWITCHES, message, span, "no step", help="write a step from 1 on, or a fraction")
    fraction = f"{float(written):g}"
    fix = replacement("Write it with a point", span, fraction, safe=False)
    return finding(rules.NEVER_SWITCHES, message, span, "no step", help=f"write `{fraction}`", fixes=(fix,))


def _never(branch: Branch, opener: int, place: int, written: str, span: Span, has_from: bool) -> Diagnostic:
    percent = f"{float(written):.0%}".replace("%", " %")
    if has_from:
        message = f"`{written}` is {percent} of the steps, so this never switches"
        fix = (replacement("Write it as a step", span, "1", safe=False),) if float(written) == 1.0 else ()
        help = "write a fraction below 1, or a step without a point"
        return finding(rules.NEVER_SWITCHES, message, span, "the end or later", help=help, fixes=fix)
    start, end = _lexeme_span(branch, opener), _lexeme_span(branch, place + 1)
    message = f"`{written}` is a step here, {percent} of them, so these words never appear"
    edits = (Edit(start, "("), Edit(end, ")"))
    fix = Fix("Write round brackets", edits, safe=False)
    return finding(
        rules.SQUARE_WEIGHT, message, span, "no weight", help=f"write `(…:{written})` for a weight", fixes=(fix,)
    )


def _disabled(branch: Branch) -> Diagnostic:
    culprits = branch.roles.disabled_by
    related = (Label(_lexeme_span(branch, min(branch.roles.found)), "no longer a schedule"),)
    edits = tuple(
        Edit(_lexeme_span(branch, place), "\\|" if _is_bar(branch, place) else "") for place in culprits[:MOST_MENDED]
    )
    if _is_bar(branch, culprits[0]):
        message, help = "`|` outside square brackets switches off every schedule of this prompt", "write `\\|`"
        title = "Escape it as `\\|`"
    else:
        message, help = "a backslash at the end of a line switches off every schedule of this prompt", "remove it"
        title = "Remove the backslash"
    chosen = any(_is_in_braces(branch, place) for place in culprits[:MOST_MENDED])
    help += ", or `/variants:all` if one of the words is meant" if chosen else ""
    fixes = (Fix(title, edits, safe=False),) if len(edits) == len(culprits) and not chosen else ()
    span = _lexeme_span(branch, culprits[0])
    return finding(rules.SCHEDULES_DISABLED, message, span, related=related, help=help, fixes=fixes)


def _is_in_braces(branch: Branch, place: int) -> bool:
    """Whether a bar stands between words in braces, as `/variants` reads it."""
    _, start, end = branch.lexemes[place]
    before, after = branch.text.rfind("{", 0, start), branch.text.find("}", end)
    return _is_bar(branch, place) and before > branch.text.rfind("}", 0, start) and after >= 0


def _is_bar(branch: Branch, place: int) -> bool:
    return branch.lexemes[place][0] == "BAR"


def _bracket_findings(branch: Branch, owed: dict[str, int], *, is_last: bool) -> Iterator[Diagnostic]:
    lexemes, pairs = branch.lexemes, branch.pairs
    end = len(lexemes)
    opened: list[tuple[int, int]] = []  # place and where it closes
    said = 0
    deepest_said = False
    for place, (kind, start, stop) in enumerate(lexemes):
        if said >= _MOST:
            return
        if kind == "TEXT":
            continue
        if place in pairs.factors:
            closing = pairs.factors[place][0]
            if closing >= end:
                said += 1
                owed["RPAR" if kind == "LPAR" else "RSQB"] += not is_last
                yield _unclosed(branch, place, is_last)
                continue
            while opened and opened[-1][1] < place:
                opened.pop()
            if opened and opened[-1][1] < closing:
                said += 1
                yield _crossed(branch, opened[-1][0], place)
            opened.append((place, closing))
            if len(opened) > DEEPEST and not deepest_said:
                deepest_said = True
                message = f"brackets are nested more than {DEEPEST} deep"
                yield finding(rules.TOO_DEEP, message, _span(branch, start, stop), help="write the number once")
        elif kind in ("RPAR", "RSQB") and place not in pairs.closers:
            if owed[kind]:
                owed[kind] -= 1
                continue
            said += 1
            yield _unopened(branch, place)


def _unclosed(branch: Branch, place: int, is_last: bool) -> Diagnostic:
    kind, start, end = branch.lexemes[place]
    opening, closing, factor = ("(", ")", "1.1") if kind == "LPAR" else ("[", "]", "1/1.1")
    span = _span(branch, start, end)
    if not is_last:
        message = f"`AND` cuts this group in two, so only its first part counts {factor} times"
        help = f"write `{closing}` before the `AND`"
        return finding(rules.AND_INSIDE_BRACKETS, message, span, "cut in two", help=help)
    message = f"`{opening}` is never closed, so everything after it counts {factor} times"
    fix = replacement(f"Escape it as `\\{opening}`", span, f"\\{opening}", safe=False)
    help = f"write `{closing}` where the group ends, or `\\{opening}` for the bracket itself"
    return finding(rules.UNCLOSED, message, span, "open to the end", help=help, fixes=(fix,))


def _unopened(branch: Branch, place: int) -> Diagnostic:
    kind, start, end = branch.lexemes[place]
    bracket, opening = (")", "(") if kind == "RPAR" else ("]", "[")
    span = _span(branch, start, end)
    message = f"`{bracket}` was never opened, so it is drawn as text"
    if place and branch.lexemes[place - 1][0] == "WEIGHT":
        message = f"`{bracket}` was never opened, so it is drawn as text and the number before it too"
    fix = replacement(f"Escape it as `\\{bracket}`", span, f"\\{bracket}")
    help = f"write `{opening}` where the group starts, or `\\{bracket}` for the bracket itself"
    return finding(rules.UNOPENED, message, span, "without a partner", help=help, fixes=(fix,))


def _crossed(branch: Branch, outer: int, inner: int) -> Diagnostic:
    related = (Label(_lexeme_span(branch, outer), "this one closes first"),)
    message = "this bracket closes outside the one it was opened in"
    span = _lexeme_span(branch, inner)
    return finding(rules.CROSSED, message, span, "crosses", related=related, help="close the inner bracket first")


def _word_findings(branch: Branch) -> Iterator[Diagnostic]:
    """About breaks, numbers and backslashes."""
    lexemes, pairs = branch.lexemes, branch.pairs
    depth = said = 0
    for place, (kind, start, end) in enumerate(lexemes):
        if said >= _MOST:
            return
        if kind == "TEXT":
            continue
        depth += (place in pairs.factors) - (place in pairs.closers)
        if kind == "BREAK" and depth and not touches_schedule(branch, place):
            said += 1
            word = branch.text.index("BREAK", start)
            span = _span(branch, word, word + 5)
            message = "`BREAK` inside brackets ends no chunk, it becomes a word with a weight below zero"
            help = "close the bracket before it and open it again after it"
            yield finding(rules.BREAK_INSIDE_BRACKETS, message, span, "a word here", help=help)
        elif kind == "NO_WEIGHT" and place + 1 in pairs.closers:
            said += 1
            written, span = _digits(branch, place)
            message = f"`{written}` is no number, and stable-diffusion-webui stops with an error here"
            yield finding(rules.NOT_A_WEIGHT, message, span, "read as text", help="write a number such as `1.2`")
        elif kind == "BACKSLASH" and end < len(branch.text):
            is_weight = lexemes[place + 1][0] == "WEIGHT" and place + 2 in pairs.closers
            hides = branch.text[end] in ":|#" or (branch.text[start - 1 : start] == ":" and branch.text[end] in _NUMBER)
            is_of_json = re.match(_OF_JSON, branch.text[end : end + 5])  # of which `text/html-escapes` tells
            if is_weight or not (hides or is_of_json):  # from schedules, from comments, from being a weight
                said += 1
                yield _backslash(branch, place, is_weight=is_weight)


def _backslash(branch: Branch, place: int, *, is_weight: bool) -> Diagnostic:
    _, start, end = branch.lexemes[place]
    span = _span(branch, start, end)
    if is_weight:
        written, _ = _digits(branch, place + 1)
        message = f"the backslash does not protect the colon, so {written} is still a weight"
        fix = replacement("Write the backslash after the colon", _span(branch, start, end + 1), ":\\", safe=False)
        return finding(
            rules.ESCAPED_COLON, message, span, "dropped", help=f"write `:\\{written}` for text", fixes=(fix,)
        )
    fix = replacement("Write `\\\\`", span, "\\\\", safe=False)
    letter = branch.text[end]
    message = f"the backslash before `{letter}` is dropped" if letter.isprintable() else "this backslash is dropped"
    help = "write `\\\\` for a backslash"
    if letter == "n":  # as programs write a line end where a text must stand on one line
        help = "end the line there if that is meant, or write `\\\\` for a backslash"
        fix = replacement("End the line", _span(branch, start, end + 1), "\n", safe=False)
    return finding(rules.BACKSLASH_DROPPED, message, span, help=help, fixes=(fix,))


def _keeps_blanks(call: Network, passage: Passage) -> bool:
    """Whether the blanks around a call stay as they are without it; around an option or a comment they are one."""
    before, after = passage.text[: call.start], passage.text[call.end :]
    start, end = len(before.rstrip()), len(passage.text) - len(after.lstrip())
    has_both = start < call.start and call.end < end
    return not has_both or not any(start <= place <= end for place in passage.starts)
