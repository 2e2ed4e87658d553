"""Text that was surely meant as an option: `/steps=20`, a full-width slash, and the flags of other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding, further, replacement
from promptlang.meaning.misspelled import misspelled
from promptlang.meaning.run_on import command_meant, option_meant
from promptlang.meaning.settings import read_points
from promptlang.meaning.view import View
from promptlang.sentences import and_more, listed
from promptlang.source import Passage, Span, line_start
from promptlang.statements.cutting import BLANKS, begins_line
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import COMMANDS, DRAW
from promptlang.tables.options.elsewhere import DRAWING, MIDJOURNEY
from promptlang.tables.options.fills import Nothing, Spoken
from promptlang.tables.options.kinds import Choice, FilePath, Name, Size, Words, quoted
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ELSEWHERE, OPTIONS, SEED, SIZE
from promptlang.values import dataclass, replace

RULE = Rule(
    name="option/not-read",
    severity=Severity.WARNING,
    summary="what looks like an option is plain text",
    why="An option is a slash, its name, a colon and its value. With an equals sign, with a comma right behind its "
    "name, with another sign before it, with the full-width slash of an Asian keyboard, or as a flag of another "
    "program it is drawn like any other word.",
    example="/render a cow /guidance=7",
    source="decision of this language",
)
RULES = (RULE,)

_FLAGS = MIDJOURNEY | {"steps", "sampler", "cfg", "cfg-scale", "cfg_scale", "scale", "neg", "negative"}
"""Those of command-line Stable Diffusion programs as well; what says the same here is in the option table."""
_WORDED = frozenset({"style", "cref", "sref", "oref", "p", "profile"})  # take words, not a number
_ALONE = frozenset({"tile", "raw", "draft", "turbo", "relax", "fast", "video"})  # take nothing
_LETTERS = {"s": "steps", "C": "guidance", "S": "seed", "n": "images", "W": "size", "H": "size", "A": "sampler"}
"""Flags of InvokeAI's old command line; one letter is a sign only beside another."""
_SEED = "s"  # to programs whose steps are `--steps`

# Few prompts have the signs that `check` looks for first, so only those compile what follows.
_GLUED = r"(?<=[^\s/:\\<\"'])/(?P<name>[A-Za-z][\w-]*):(?P<value>[^\s,;:/()\[\]`{}<>]*[^\s,;:/()\[\]`{}<>|*])"
_OPENING, _CLOSING = frozenset("{`*"), frozenset("}`*>")  # which would stay around an option
_SIGNED = (
    r"(?<!\S)/(?P<name>[A-Za-z][\w-]*+(?:\.\d++)?+)(?P<sign>[,;.!?]*+)"
    r"(?P<behind>(?:(?<=[,;.!?])[^\s:：=/][^\s/]*+|[^\w\s:：=/-][^\s/]*+)?+)(?!\S)"
)
_LED = r"(?m:^|(?<=\r))[ \t]*(?P<sign>//+|/[ \t]+|\\|!|/(?=\w+/))(?P<name>[A-Za-z]{3,})/?(?!\S)"
_SIGN_ENDS = ",;.!?"
_FLAG = (
    r"(?<!\S)(?:--|[—–])(?P<name>[A-Za-z][A-Za-z_-]*)"
    r"(?:[ =:](?P<value>\"[^\"\r\n]{1,200}\"|[\w.:/?=,+-]*\w))?(?![^\s,])"
)
_LETTER = (
    rf"(?<!\S)-(?:(?P<name>[{''.join(_LETTERS)}])[ \t]?(?P<value>\d+(?:\.\d+)?)"
    r"|A[ \t]?(?P<quote>\"?)(?P<word>\w+)(?P=quote))(?!\S)"
)
_SIDE = r"(?<!\S)--?(?P<side>width|height|[wh])[ =:]?(?P<value>\d{2,5})(?![^\s,])"
# Settings without the sign of an option, as chats have them: `steps=20; cfg: 7`, `20 steps`. One alone may be prose.
_BOT = rf"(?:!(?:{'|'.join(DRAWING)})(?!\S)|(?:dream|invoke)>(?=\s))[ \t]*"
_NUMBERED = r"steps|cfg(?:[ _-]scale)?|guidance(?:[ _-]scale)?|seed|clip[ _-]?skip|denoise|denoising[ _-]strength"
_ENDED = r"(?=[ \t]*(?:[,;|)\r\n]|\Z))"  # as prose goes on
_SETTING = (
    rf"(?<![\w/:\\!@-])(?<!/[ \t])(?:(?P<unit>(?P<count>\d{{1,3}})[ \t]+steps{_ENDED})"
    rf"|(?P<number>{_NUMBERED})(?:[ \t]*[=:：][ \t]*(?P<value>\d+(?:\.\d+)?)|[ \t]+(?P<bare>\d+(?:\.\d+)?){_ENDED})"
    r"|(?P<word>sampler|scheduler)[ \t]*[=:：][ \t]*(?P<named>[^\s=:,;|][^=:,;|\r\n]*))"
    r"(?![\w:]|\.\d)(?P<end>[ \t]*[;,|])?"
)
_SIGNS = ("step", "cfg", "guid", "seed", "skip", "denois", "sampler", "schedul")  # what settings begin or end with
_MOST_ADVISED = 20  # flags that the help names
_MOST_WRITTEN = 5  # options that it writes out
_WRITTEN = r"\s*/(?P<name>[\w-]+)"
_NUMBER = r"[.0-9][0-9.:]*"


def check(seen: View) -> Iterator[Diagnostic]:
    """A warning for each, with what to write instead where that is sure."""
    statement = seen.statement
    return (_once(each, statement) for each in _found(statement))


def _once(found: Diagnostic, statement: Statement) -> Diagnostic:
    """The finding, without a fix that writes an option behind a command without its slash, or one whose place in the
    plan another has already.
    """
    if any(_unsigned(statement.text, edit.span.start) for fix in found.fixes for edit in fix.edits):
        return replace(found, fixes=())
    if not (found.fixes and statement.options):
        return found
    signs = (re.match(_WRITTEN, edit.text) for fix in found.fixes for edit in fix.edits)
    settled = {_settles(OPTIONS[each["name"].lower()]) for each in signs if each and each["name"].lower() in OPTIONS}
    given = dict.fromkeys(OPTIONS[use.name] for use in statement.options if use.name in OPTIONS)
    twice = [f"`/{row.name}`" for row in given if _settles(row) in settled]
    if not twice:
        return found
    return replace(found, help=f"{found.help}; take out what stands here already: {listed(twice)}", fixes=())


def _unsigned(text: str, at: int) -> Span | None:
    """The command without its slash that stands alone before a place on its line."""
    begin = line_start(text, at)
    written = text[begin:at].strip(BLANKS)
    if written.lower() not in DRAW:
        return None
    start = text.index(written, begin)
    return Span(start, start + len(written))


def _settles(row: Option) -> str:
    match row.fills:
        case Spoken() | Nothing():
            return row.name
        case fills:
            return fills.field


def _found(statement: Statement) -> Iterator[Diagnostic]:
    if statement.options:
        words = f"{statement.positive.text} {statement.negative.text}".lower()
        if any(map(words.__contains__, DRAW)):
            yield from _without_slash(statement)
    for passage in (statement.positive, statement.negative):
        text = passage.text
        if not text:
            continue
        if text.startswith(("!", "dream>", "invoke>")):
            yield from _of_a_bot(passage)
        yield from _misspelled(statement, passage)
        if "/" in text:
            yield from _glued(passage)
            yield from _signed(statement, passage)
        if text[0] in "/\\!" or "\n" in text or "\r" in text:
            yield from _led(statement, passage)
        if "--" in text or "—" in text or "–" in text or " -" in text:
            yield from _flags(passage)
        yield from _settings(passage, statement.command_name)


def _of_a_bot(passage: Passage) -> Iterator[Diagnostic]:
    """The command of a bot before the words."""
    if found := re.match(_BOT, passage.text):
        span, written = passage.span(*found.span()), found[0].rstrip()
        fix = replacement(f"Remove `{written}`", span, "", safe=False)
        help = "leave it out, or write `/render` in its place"
        yield finding(RULE, f"`{written}` is plain text here", passage.span(0, len(written)), help=help, fixes=(fix,))


def _misspelled(statement: Statement, passage: Passage) -> Iterator[Diagnostic]:
    for each in misspelled(passage):
        if _is_escaped(statement, each.span):
            continue
        if each.is_whole:
            yield _instead(each.span, each.found, each.written)
        else:
            help = f"write `{each.written}` and a value right behind it"
            yield finding(RULE, f"`{each.found[:40]}` is plain text here", each.span, help=help)


def _is_escaped(statement: Statement, span: Span) -> bool:
    """Whether a backslash says that a slash is one."""
    return statement.text[max(span.start - 1, 0) : span.start] == "\\"


def _glued(passage: Passage) -> Iterator[Diagnostic]:
    """An option with its value right behind other letters; an address on the web has such as well."""
    text = passage.text
    words = (word for word in re.finditer(r"\S+", text) if "/" in word[0])
    spans = ((word, text.find("//", *word.span())) for word in words)
    signs = ((*each, found) for each in spans for found in re.compile(_GLUED).finditer(text, *each[0].span()))
    for word, address, found in signs:
        row = OPTIONS.get(found["name"].lower())
        if row is None or isinstance(row.kind, FilePath | Name | Words) or 0 <= address < found.start():
            continue
        if read_points(row.name, found["value"]).values is None:
            continue
        written = f"/{row.name}:{found['value']}"
        behind = " " if text[found.end() : found.end() + 1].strip() else ""
        span = passage.span(*found.span())
        fix = replacement(f"Put a blank before `{written}`", span, f" {written}{behind}", safe=False)
        message = f"`{found[0][:40]}` is plain text here: no blank stands before it"
        # Of what would be left something is said as well, or it would become an option.
        frees = text.startswith("/", found.end()) and not _is_glued(text, found.end())
        is_wrapped = text[found.start() - 1] in _OPENING or text[found.end() : found.end() + 1] in _CLOSING
        is_unread = word[0].startswith(("-", "/")) or is_wrapped or frees
        yield finding(RULE, message, span, help=f"put a blank before `{written}`", fixes=() if is_unread else (fix,))


def _is_glued(text: str, at: int) -> bool:
    """Whether another option with its value stands there, which has a finding of its own."""
    found = re.compile(_GLUED).match(text, at)
    row = OPTIONS.get(found["name"].lower()) if found else None
    return found is not None and row is not None and read_points(row.name, found["value"]).values is not None


def _signed(statement: Statement, passage: Passage) -> Iterator[Diagnostic]:
    """An option or a command with a comma or another sign behind it, or behind the value that ran on to its name."""
    given = {OPTIONS[use.name].name for use in statement.options if use.name in OPTIONS}
    for found in re.finditer(_SIGNED, passage.text):
        span = passage.span(*found.span())
        if _is_escaped(statement, span):
            continue
        shown = f"/{found['name']}{found['sign']}"
        message = f"`{shown[:40]}` is plain text here: no blank stands behind the name"
        is_glued = found["behind"] or statement.text[span.end : span.end + 1].strip()  # to a comment of the dialect
        behind = f" {found['behind']}" if is_glued else ""
        if begins_line(statement.text, span.start) and (command := command_meant(found["name"])):
            fix = replacement(f"Write `/{command}`", span, f"/{command}{behind}", safe=False)
            yield finding(RULE, message, span, help=f"write `/{command}`", fixes=(fix,))
            continue
        if (meant := option_meant(found["name"])) is None:
            continue
        row, written = meant.row, meant.written
        if not row.is_flag and ":" not in written:
            help = f"write `{written}:` and a value, or `\\{shown[:40]}` for the words"
            yield finding(RULE, message, span, help=help)
            continue
        edits = _apart(passage, found) if row.decides != "side" else ()
        if " " in written:
            written += found["sign"]
        fix = Fix(f"Write `{written}`", (*edits, Edit(span, f"{written}{behind}")), safe=False)
        counts = row.counts_under(statement.command_name) and row.name not in given
        yield finding(RULE, message, span, help=f"write `{written}`", fixes=(fix,) if counts else ())


def _led(statement: Statement, passage: Passage) -> Iterator[Diagnostic]:
    """A command where a line begins, with another sign before it, or one behind it as a path has."""
    for found in re.finditer(_LED, passage.text):
        row = COMMANDS.get(found["name"].lower())
        start = found.start("sign")
        span = passage.span(start, found.end())
        if row is None or row.hosted or not begins_line(statement.text, span.start):
            continue
        written = f"/{found['name'].lower()}"
        message = f"`{passage.text[start : found.end()]}` is plain text here: a command is one slash and its name"
        fix = replacement(f"Write `{written}`", span, written, safe=False)
        yield finding(RULE, message, span, help=f"write `{written}`", fixes=(fix,))


def _without_slash(statement: Statement) -> Iterator[Diagnostic]:
    """A command without its slash where a line begins, which the options behind it tell."""
    for use in statement.options:
        if (span := _unsigned(statement.text, use.span.start)) is None:
            continue
        word = statement.text[span.start : span.end]
        written = f"/{word.lower()}"
        fix = replacement(f"Write `{written}`", span, written, safe=False)
        message = f"`{word}` is plain text here: a command begins with a slash"
        yield finding(RULE, message, span, help=f"write `{written}`", fixes=(fix,))


def _apart(passage: Passage, found: re.Match[str]) -> tuple[Edit, ...]:
    """The sign behind an option, put behind the words before it, which it parts from those that follow."""
    text, at = passage.text, found.start()
    while at and text[at - 1].isspace():
        at -= 1
    if not at or text[at - 1] in _SIGN_ENDS or not found["sign"]:
        return ()
    end = passage.span(at - 1, at).end
    return (Edit(Span(end, end), found["sign"]),)


def _flags(passage: Passage) -> Iterator[Diagnostic]:
    """The flags of another program; several come from one place, so they are said once."""
    sides = _sides(passage)
    taken = {each.label.span.start for _, each in sides}
    others = (*_each_flag(passage), *_each_letter(passage))
    found = (*sides, *(each for each in others if each[1].label.span.start not in taken))
    if len(found) < 2:
        yield from (each for _, each in found)
        return
    first = found[0][1]
    flags: dict[str, list[str]] = {}
    for flag, each in found[:_MOST_ADVISED]:
        flags.setdefault(each.help, []).append(f"`{flag[:40]}`")
    advice = "; ".join(f"for {listed(dict.fromkeys(names))} {help}" for help, names in flags.items())
    edits = tuple(edit for _, each in found for fix in each.fixes for edit in fix.edits)
    yield replace(
        first,
        message=f"{first.message}{and_more(len(found) - 1)}",
        related=further((each.label.span for _, each in found[1:]), "this too"),
        help=advice,
        fixes=(Fix("Write the options", edits, safe=False),) if edits else (),
    )


@dataclass(frozen=True, slots=True)
class _Meant:
    """A setting that stands from `start` to `end`, with the sign behind it to `after`, and the option for it."""

    start: int
    end: int
    after: int
    row: Option
    value: str

    @property
    def option(self) -> str:
        """The option as it is written."""
        return f"/{self.row.name}:{quoted(self.value)}"


def _settings(passage: Passage, command: str) -> Iterator[Diagnostic]:
    """Settings without any sign, where there are two of different names; said once."""
    text = passage.text
    words = text.lower()
    if sum(map(words.__contains__, _SIGNS)) < 2:
        return
    found = tuple(_each_setting(text, command))
    if len({each.row.name for each in found}) < 2:
        return
    first, *others = found
    stand_alone = not any(
        (text[max(each.start - 1, 0) : each.start] + text[each.after : each.after + 1]).strip() for each in found
    )
    edits = tuple(Edit(passage.span(each.start, each.after), each.option) for each in found)
    yield finding(
        RULE,
        f"`{text[first.start : first.end][:40]}` is plain text here{and_more(len(others))}",
        passage.span(first.start, first.end),
        related=further((passage.span(each.start, each.end) for each in others), "this too"),
        help=f"write {listed(f'`{each.option}`' for each in found[:_MOST_WRITTEN])}",
        fixes=(Fix("Write the options", edits, safe=False),) if stand_alone else (),
    )


def _each_setting(text: str, command: str) -> Iterator[_Meant]:
    """Those that an option of the command takes."""
    for found in re.finditer(_SETTING, text, re.IGNORECASE):
        name = "steps" if found["unit"] else re.sub("[ -]", "_", found["number"] or found["word"]).lower()
        row = OPTIONS.get(name) or ELSEWHERE[name]
        value = (found["count"] or found["value"] or found["bare"] or found["named"]).strip()
        if row.counts_under(command) and read_points(row.name, value).values is not None:
            end = found.start("end") if found["end"] else found.end()
            yield _Meant(found.start(), len(text[:end].rstrip()), found.end(), row, value)


def _each_flag(passage: Passage) -> Iterator[tuple[str, Diagnostic]]:
    are_flags = re.search("[—–]ar ", passage.text) is not None  # a long dash is mostly just a dash
    for found in re.finditer(_FLAG, passage.text):
        name, value = found["name"].lower(), (found["value"] or "").strip('"')
        if name not in _FLAGS:
            continue
        meant = OPTIONS.get(name) or ELSEWHERE.get(name)
        is_flag = are_flags or found[0].startswith("--")
        if not (re.fullmatch(_NUMBER, value) or (is_flag and _takes(name, value, meant))):
            continue
        is_side = meant is not None and meant.decides == "side"
        end = found.end("name" if is_side or name in _ALONE else "value")
        span, flag = passage.span(found.start(), end), passage.text[found.start() : end]
        if meant and not is_side and read_points(meant.name, value).values is not None:
            yield flag, _instead(span, flag, f"/{meant.name}:{quoted(value)}")
        else:
            yield flag, _advice(span, flag, meant)


def _each_letter(passage: Passage) -> Iterator[tuple[str, Diagnostic]]:
    """The flags of one letter, where there are two kinds of them, or a bot is called."""
    letters = tuple(re.finditer(_LETTER, passage.text))
    if len({found["name"] for found in letters}) < 2 and not re.match(_BOT, passage.text):
        return
    has_steps = "--steps" in passage.text
    for found in letters:
        name, value = found["name"] or "A", found["value"] or found["word"]
        meant = SEED if name == _SEED and has_steps else OPTIONS[_LETTERS[name]]
        span = passage.span(*found.span())
        if read_points(meant.name, value).values is not None:
            yield found[0], _instead(span, found[0], f"/{meant.name}:{value}")
        else:
            yield found[0], _advice(span, found[0], meant)


def _sides(passage: Passage) -> tuple[tuple[str, Diagnostic], ...]:
    """A width and a height, which are one option here; nothing where one is missing, or there are several."""
    found = tuple(re.finditer(_SIDE, passage.text, re.IGNORECASE))
    sides = {each["side"][0].lower(): each["value"] for each in found}
    if (len(found), len(sides)) != (2, 2):
        return ()
    size = f"{sides['w']}x{sides['h']}"
    if read_points(SIZE.name, size).values is None:
        return ()
    first, second = found
    written = f"/{SIZE.name}:{size}"
    behind = len(passage.text[: second.start()].rstrip(" \t"))
    edits = (Edit(passage.span(*first.span()), written), Edit(passage.span(behind, second.end()), ""))
    said = _instead(passage.span(*first.span()), first[0], written)
    said = replace(said, fixes=(Fix(f"Write `{written}`", edits, safe=False),))
    return (first[0], said), (second[0], replace(_instead(passage.span(*second.span()), second[0], written), fixes=()))


def _takes(name: str, value: str, meant: Option | None) -> bool:
    """Whether a flag is given what it takes, where that is no number."""
    is_worded = name in _WORDED or (meant is not None and (meant.decides == "side" or isinstance(meant.kind, Choice)))
    return name in _ALONE or (bool(value) and is_worded)


def _instead(span: Span, found: str, written: str) -> Diagnostic:
    fix = replacement(f"Write `{written}`", span, written, safe=False)
    return finding(RULE, f"`{found[:40]}` is plain text here", span, help=f"write `{written}`", fixes=(fix,))


def _advice(span: Span, found: str, meant: Option | None) -> Diagnostic:
    if meant is None:
        help = "write nothing, since no option here does the same"
    elif meant.decides == "side":
        help = f"write `/{meant.name}` before the words to leave out"
    elif isinstance(meant.kind, Size):
        help = f"write `/portrait`, `/landscape`, or `/{meant.name}:` with width and height in pixels"
    else:
        help = f"write `/{meant.name}:` and a value"
    return finding(RULE, f"`{found[:40]}` belongs to another program and is plain text here", span, help=help)
