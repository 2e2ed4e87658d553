"""The parameters of a picture, pasted with its prompt: settings and negative prompt would be drawn as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from promptlang.checks.pasted.fixing import comment_spans, comments_of, in_place
from promptlang.checks.pasted.forms import FORMS, below
from promptlang.checks.pasted.rule import RULE
from promptlang.diagnostics import Diagnostic, finding
from promptlang.lints.places import beginning
from promptlang.source import Span
from promptlang.statements.cutting import BLANKS
from promptlang.statements.scan import is_section_mark
from promptlang.syntax.nodes import Command, Comment, OptionUse, RecipeUse, Statement
from promptlang.tables.options.table import OPTIONS
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.importers.typed.blocks import Block

_NEGATIVES = ("gativ", "gatif", "EGATIV")
_SIGNS = (
    *(*_NEGATIVES, "Neg:", "eg prompt", "eg Prompt", "ndesired", "UC:"),
    *("teps", "Seed", "ampler", "CFG", "uidance"),
)
_FOREIGN_SIGNS = (*_SIGNS, "提示", "プロンプト", "프롬프트", "промт", "промпт", "步", "ステップ", "스텝")
"""One of them is in every block."""
_HOLE = "\0"  # stands where an option was, so that offsets stay
# Few statements have the signs above, so only those compile what follows.
_BLANK_LINE = r"(?:\r\n|\r|\n)(?:[ \t]*+(?:\r\n|\r|\n))+"
_CALL = r"<[^<>:\r\n]+(?::-?[\d.]+)?>"  # of a model or a network, as no other program writes it
_SIDE = r"(?i)(?<!\w)n[eé]gati[vf](?:er?|o)?+[\s_*]*+(?:prompt|[:：])|prompt\s++n[eé]gati"  # none in `easynegative`
_HOLES = r"(?<![ \t])[ \t]*\0[\0 \t]*"  # a run of blanks is looked through once


@dataclass(frozen=True, slots=True)
class Pasted:
    """The finding, and the options of the statement that are no part of what was pasted; `is_all` where what looks
    like one is part of the other program's form. In `words` stands what is drawn as a prompt either way.
    """

    found: Diagnostic
    own: tuple[Span, ...]
    is_all: bool = False
    words: tuple[Span, ...] = ()


def check(statement: Statement, model: str) -> Pasted | None:
    """What was pasted into a statement that `model` draws; nothing else is to be said about its words then."""
    for form in FORMS:
        if form.sign(statement) and (found := form.read(statement, model)):
            return Pasted(found, () if form.is_all else tuple(_own(statement)), form.is_all)
    if _has_sign(statement) and (pasted := _of_blocks(statement, model)):
        return pasted
    found = below(statement, model)
    return Pasted(found, tuple(_own(statement)), words=(Span(0, found.label.span.start),)) if found else None


def _of_blocks(statement: Statement, model: str) -> Pasted | None:
    """Prompts with their negative prompts and settings, as people and programs write them below one another."""
    from promptlang.importers.typed.blocks import blocks  # few statements have what it reads

    own = tuple(_own(statement))
    comments = comment_spans(statement)
    command = (statement.command.span,) if statement.command else ()
    text = _without(statement.text, (*own, *comments, *command))
    if (begin := _below(statement, text, own)) and (pasted := _of_paste(statement, text, begin, model)):
        return Pasted(pasted, own, words=(Span(0, begin),))
    behind = _behind(statement, text, own)
    text = text[: behind.start] if behind else text
    above = [span for span in own if span.end <= len(text)]
    marks = dict.fromkeys(use.span for use in statement.options if is_section_mark(use) and use.span.end <= len(text))
    mark = next(iter(marks), None)
    found = tuple(map(_filled, blocks(text[: mark.start] if mark else text)))
    if mark:
        found = _joined(found, tuple(_moved(_filled(each), mark.end) for each in blocks(text[mark.end :])))
    found = tuple(each for each in found if each.sign or each.positive)
    sign = next((each.sign for each in found if each.sign), None)
    if sign is None:
        return None
    kept = tuple(span for span in above if span not in marks)
    place = Span(beginning(statement), behind.end) if behind else None
    below = _opening(statement, kept, behind.end) if behind else ""
    words = (Span(0, sign.start), *((Span(behind.end, len(statement.text)),) if behind else ()))
    return Pasted(_finding(statement, found, sign, kept, model, place, below), own, words=words)


def _behind(statement: Statement, text: str, own: tuple[Span, ...]) -> Span | None:
    """What parts the settings that were pasted from a prompt that was written below them, which has options of its own;
    None where nothing says that it was.
    """
    if not own or statement.command_name != "render":
        return None
    last = max(0, *map(text.rfind, _SIGNS if text.isascii() else _FOREIGN_SIGNS))
    blank = re.search(rf"{_BLANK_LINE}[ \t]*", text[last:])
    if blank is None:
        return None
    from promptlang.importers.typed.blocks import blocks

    parting = Span(*blank.span()).moved(last)
    is_written = own[-1].start >= parting.end and text[parting.end :].strip(f"{_HOLE}{BLANKS}")
    above = blocks(text[: parting.start]) if is_written else ()
    return parting if above and above[-1].settings else None


def _below(statement: Statement, text: str, own: tuple[Span, ...]) -> int:
    """Where a blank line parts what was pasted from a prompt that was written here, which has a command, words, and
    options of its own or a call; 0 where nothing says that it was.
    """
    blank = re.search(_BLANK_LINE, text)
    if not (blank and statement.command and text[: blank.start()].strip(f"{_HOLE}{BLANKS}")):
        return 0
    is_written = any(span.end <= blank.start() for span in own) or re.compile(_CALL).search(text, 0, blank.start())
    return blank.end() if is_written and all(span.end <= blank.start() for span in own) else 0


def _of_paste(statement: Statement, text: str, begin: int, model: str) -> Diagnostic | None:
    """What was pasted below a prompt, from `begin` on: statements of their own. None where the prompt itself has what
    gives a paste away, or where nothing below has.
    """
    from promptlang.importers.typed.blocks import blocks

    found = tuple(_moved(_filled(each), begin) for each in blocks(text[begin:]))
    sign = next((each.sign for each in found if each.sign), None)
    if sign is None or any(each.sign for each in blocks(text[:begin])):
        return None
    return _finding(statement, found, sign, (), model, Span(begin, len(statement.text.rstrip())))


def _has_sign(statement: Statement) -> bool:
    """Whether a sign stands somewhere else than in the names and values of options, as in `/steps:20`."""
    text = statement.text
    if not (signs := list(filter(text.__contains__, _SIGNS if text.isascii() else _FOREIGN_SIGNS))):
        return False
    if all(each in _NEGATIVES for each in signs) and not re.search(_SIDE, text):
        return False
    known = {use.span for use in statement.options if use.name in OPTIONS}
    return any(text.count(each) > sum(text.count(each, span.start, span.end) for span in known) for each in signs)


def _own(statement: Statement) -> Iterator[Span]:
    """What was not pasted: options and recipes before the first word, and behind it options with a name known here."""
    command = (statement.command,) if statement.command else ()
    pieces = (*statement.options, *statement.recipes, *statement.comments, *command)
    at = 0
    for each in sorted(pieces, key=lambda piece: piece.span):
        leads = not statement.text[at : each.span.start].strip(BLANKS)
        if _is_own(each, leads=leads, typed=bool(command)):
            yield each.span
        at = each.span.end if leads else at


def _is_own(piece: OptionUse | RecipeUse | Comment | Command, *, leads: bool, typed: bool) -> bool:
    match piece:
        case OptionUse():
            return piece.name in OPTIONS or (leads and (typed or piece.value is not None))
        case RecipeUse():
            return leads and typed  # a prompt may begin with `#tag`
        case _:
            return False


def _without(text: str, spans: Sequence[Span]) -> str:
    """The text with holes where the spans are."""
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        parts += (text[at : span.start], _HOLE * (span.end - span.start))
        at = span.end
    left = "".join((*parts, text[at:])).replace("\ufeff", " ")
    words = left.lstrip(f"{_HOLE}{BLANKS}")  # which may begin with a label
    return words.rjust(len(left))


def _opening(statement: Statement, own: Sequence[Span], end: int) -> str:
    """With what a prompt begins that is parted from what stands before `end`: the options before the first word."""
    found = [f"/{statement.command_name}"]
    at = statement.command.span.end if statement.command else beginning(statement)
    for span in own:
        if statement.text[at : span.start].strip(BLANKS):
            break
        found.append(statement.text[span.start : span.end])
        at = span.end
    return " ".join(found) + ("\n" if statement.text.startswith("#", end) else " ")


def _filled(block: Block) -> Block:
    """The block without holes."""
    positive, negative = (re.sub(_HOLES, " ", side).strip() for side in (block.positive, block.negative))
    settings = tuple(replace(each, value=re.sub(_HOLES, " ", each.value).strip()) for each in block.settings)
    return replace(block, positive=positive, negative=negative, settings=settings)


def _moved(block: Block, distance: int) -> Block:
    return replace(block, sign=block.sign.moved(distance)) if block.sign else block


def _joined(before: tuple[Block, ...], after: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks of a text with `/negative` in it: what follows the mark belongs to the prompt before it."""
    if not before or not after or before[-1].settings:
        return (*before, *after)
    *above, last = before
    first, *below = after
    negative = "\n".join(filter(None, (last.negative, first.positive, first.negative)))
    whole = replace(last, negative=negative, settings=first.settings, sign=last.sign or first.sign)
    return (*above, whole, *below)


def _finding(
    statement: Statement,
    found: tuple[Block, ...],
    sign: Span,
    own: tuple[Span, ...],
    model: str,
    place: Span | None = None,
    below: str = "",
) -> Diagnostic:
    from promptlang.importers.infotext import imported

    text = statement.text
    options = [text[span.start : span.end] for span in own]
    has_settings = any(each.settings for each in found)
    what, instead = (["settings"], ["the settings as options, such as `/steps:20`"]) if has_settings else ([], [])
    if any(
        each.negative or (each.sign and "egativ" in text[each.sign.start : each.sign.end].lower()) for each in found
    ):
        what.insert(0, "a negative prompt")
        instead.insert(0, "`/negative` before the negative prompt")
    return finding(
        RULE,
        f"{' and '.join(what)}, pasted with a prompt, {'are' if has_settings else 'is'} drawn as part of it",
        sign,
        "drawn as words",
        help=f"write {' and '.join(instead)}",
        fixes=in_place(
            statement,
            [*map(imported, found)],
            model,
            comments=comments_of(statement, place, of_dialect=True),
            own=options,
            place=place,
            below=below,
        ),
    )
