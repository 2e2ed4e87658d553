"""What the `old` and `new` dialects share: from the tokens of their grammar to the tree, and back to text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Lock

from promptlang.diagnostics import Diagnostic, Edit, Fix, finding, replacement
from promptlang.dialects.dialect import DEEPEST, decimal
from promptlang.dialects.words import rules
from promptlang.dialects.words.brackets import Brackets, Stray
from promptlang.source import Passage, Span
from promptlang.syntax import grammar
from promptlang.syntax.driving import Loop, Token
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Prompt,
    Schedule,
    Swap,
    Text,
    Weight,
    joined,
)
from promptlang.tables.dialects import ADDRESS, NETWORK_PREFIXES
from promptlang.values import dataclass, field

EMPHASIS = 1.1
_MOST_STRAYS = 20
_DECIMAL_COMMA = r"([0-9])[,，。]([0-9]{1,2})"  # compiled where a weight is none
_SEVERAL = re.compile(r"\.\.|\|")
_SQUARE_WEIGHT = re.compile(r":\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*$", re.ASCII)
_SPECIAL = re.compile(r"[()\[\]]|<(?=[^\s<>:/][^<>\r\n]*>)|\\(?=[()\[\]<>:\\{}|\"/#_$]|\Z)")


_BRACKET = re.compile(r"[()\[\]<>]|\\(?=[()\[\]<>:\\{}|\"/#_$]|\Z)")


class _Nodes:
    """One method per rule of the grammar. Offsets are those of the passage until `_part` asks for the source's."""

    def __init__(self, numbers_count: bool) -> None:
        self.numbers_count = numbers_count
        self.passage = Passage("")
        self.found: list[Diagnostic] = []

    def start(self, parts: list[Part]) -> Parts:
        return joined(parts)

    def plain(self, tokens: list[Token]) -> Text:
        return Text(self._span(tokens[0]), str(tokens[0]))

    def escaped(self, tokens: list[Token]) -> Text:
        return Text(self._span(tokens[0]), str(tokens[0])[1:])

    def bad_weight(self, tokens: list[Token]) -> Text:
        token = tokens[0]
        written = str(token)[1:].strip()
        span = self._span(token)
        number = span.part(1, len(token), len(token))
        message = f"a weight must be a plain number, found `{written[:24]}`"
        comma = re.fullmatch(_DECIMAL_COMMA, written)
        meant = f"{comma[1]}.{comma[2]}" if comma else ""
        help = f"write `{meant}`" if meant else "write a number such as `1.2`"
        fixes = (replacement(f"Write `{meant}`", number, meant, safe=False),) if meant else ()
        self.found.append(finding(rules.BAD_WEIGHT, message, number, "read as text", help=help, fixes=fixes))
        return Text(span, str(token))

    def bad_concept(self, tokens: list[Token]) -> Text:
        token = tokens[0]
        prefix, _, call = str(token)[1:-1].partition(":")
        name, _, written = call.partition(":") if prefix in NETWORK_PREFIXES and ":" in call else (prefix, ":", call)
        message = f"the weight of `{name[:40]}` must be a number, found {f'`{written[:24]}`' if written else 'none'}"
        help_text = f"write `<{name[:40]}:{_number_meant(written)}>`"
        if call.startswith(ADDRESS) or _is_path(name, written):
            help_text = "call it by the name of its file, as `<name:0.7>`"
        self.found.append(finding(rules.BAD_CONCEPT, message, self._span(token), "read as text", help=help_text))
        return Text(self._span(token), str(token))

    def group(self, children: list[Token | Part | None]) -> Weight:
        opener, *parts, number, closer = children
        span = self._cover(opener, closer)
        inside = joined(part for part in parts if isinstance(part, _PARTS))
        if not isinstance(number, Token):
            return Weight(span, inside, EMPHASIS)
        written = str(number)[1:].strip()
        place = _within(self._span(number), str(number), written)
        if self.numbers_count:
            return Weight(span, inside, float(written), place)
        self.found.append(
            finding(
                rules.NEEDS_NEW_PARSER,
                f"without `/parser:new` the weight {written} is ignored",
                place,
                "acts as plain emphasis",
                help="write `/parser:new` in front of the prompt",
            )
        )
        return Weight(span, inside, EMPHASIS, place)

    def negative(self, children: list[Token | Part]) -> Negative:
        opener, *parts, closer = children
        inside = joined(part for part in parts if isinstance(part, _PARTS))
        span = self._cover(opener, closer)
        if inside and isinstance(inside[-1], Text) and (number := self._square_weight(inside[-1].text)):
            edits = (Edit(Span(span.start + 1, span.start + 1), "("), Edit(Span(span.end - 1, span.end - 1), ")"))
            self.found.append(
                finding(
                    rules.SQUARE_WEIGHT,
                    f"square brackets take no weight, so {number[1]} is read as text",
                    span,
                    help="put round brackets inside: `[(words:1.3)]`",
                    fixes=(Fix("Add round brackets", edits, safe=False),),
                )
            )
        return Negative(span, inside)

    def _square_weight(self, text: str) -> re.Match[str] | None:
        """A number before the closing bracket; without a dialect `[a:b:0.5]` is a schedule of another program."""
        number = _SQUARE_WEIGHT.search(text)
        return number if number and (self.numbers_count or ":" not in text[: number.start()]) else None

    def concept(self, children: list[Token | None]) -> Concept:
        opener, network, name, number, closer = children
        assert opener is not None
        assert name is not None
        assert closer is not None
        written = str(name).rstrip()
        span, name_span = self._cover(opener, closer), _within(self._span(name), str(name), written)
        weight = str(number)[1:].strip() if number is not None else None
        place = _within(self._span(number), str(number), weight) if number is not None and weight else None
        kind = str(network)[:-1].lower() if network is not None else ""
        if network is not None and not (weight and _is_prefix(written)):
            self.found.append(
                finding(
                    rules.NETWORK_PREFIX,
                    f"`{written[:40]}` is called by its name alone, without `{network}`",
                    self._span(network),
                    help=f"write `<{written}{':' + weight if weight else ''}>`",
                    fixes=(replacement(f"Remove `{network}`", self._span(network), ""),),
                )
            )
        moments = _moments(weight) if weight else ()
        several = weight if weight and _SEVERAL.search(weight) else ""
        first = moments[0][1] if moments else float(_SEVERAL.split(weight)[0]) if weight else None
        number = None if moments else place
        return Concept(span, written, name_span, first, number, kind, moments=moments, strengths=several)

    def _span(self, token: Token) -> Span:
        return self.passage.span(token.start_pos, token.end_pos)

    def _cover(self, opener: object, closer: object) -> Span:
        assert isinstance(opener, Token)
        assert isinstance(closer, Token)
        return self.passage.span(opener.start_pos, closer.end_pos)


def _number_meant(written: str) -> str:
    """The number that stands for a weight with others behind it, with a comma, or in percent."""
    if number := _FIRST_NUMBER.match(written):
        return number[0]
    if comma := re.fullmatch(_DECIMAL_COMMA, written):
        return f"{comma[1]}.{comma[2]}"
    percent = re.fullmatch(r"([0-9]{1,3})[ \t]*[%％]", written)
    return f"{int(percent[1]) / 100:g}" if percent else "0.7"


def _is_path(name: str, written: str) -> bool:
    """Whether a call is the path of a file on a drive of Windows."""
    return len(name) == 1 and name.isalpha() and written[:1] in ("\\", "/")


_FIRST_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?=:)")  # of several, as the text's behind the model's
_PARTS = (
    Text,
    Weight,
    Negative,
    Concept,
    Break,
    Schedule,
    Alternation,
    Conjunction,
    Blend,
    Swap,
)


def _moments(written: str) -> tuple[tuple[str, float], ...]:
    """The steps of `0.8@0,0@0.5` and the strengths there; none where there is one strength."""
    pairs = [each.partition("@") for each in written.split(",")]
    return tuple((when, float(strength)) for strength, mark, when in pairs if mark)


def _within(span: Span, text: str, piece: str) -> Span:
    at = text.index(piece)
    return span.part(at, at + len(piece), len(text))


@dataclass()
class WordsParser:
    """The parser of one of the two dialects; a lock guards it because the loop calls back into one reader."""

    name: str
    numbers_count: bool
    lock: Lock = field(default_factory=Lock)
    parts: tuple[Loop[Parts], _Nodes, Brackets] | None = None

    def parse(self, passage: Passage) -> Prompt:
        """The tree of a passage, with what is to be said about brackets and weights."""
        span = passage.span(0, len(passage.text))
        with self.lock:
            if self.parts is None:
                nodes, brackets = _Nodes(self.numbers_count), Brackets()
                self.parts = grammar.load(self.name, nodes, process=brackets.process), nodes, brackets
            parser, nodes, brackets = self.parts
            nodes.passage, nodes.found = passage, []
            tree = parser.parse(passage.text)
            found = (*nodes.found, *_stray_findings(passage, brackets.strays))
        return Prompt(span, passage, tree, self.name, found)


def _stray_findings(passage: Passage, strays: list[Stray]) -> Iterator[Diagnostic]:
    by_problem = {"unclosed": rules.UNCLOSED, "unopened": rules.UNOPENED, "too-deep": rules.TOO_DEEP}
    for stray in strays[:_MOST_STRAYS]:
        written = passage.text[stray.start : stray.end]
        if stray.problem == "too-deep" and written[0] in ")]":
            continue  # its opener has said so
        shown = f"`{written}`" if len(written) <= 8 else f"`{written[:4]}…` ({len(written)} in a row)"
        words = {
            "unclosed": "is never closed",
            "unopened": "was never opened",
            "too-deep": f"is nested more than {DEEPEST} deep",
        }
        span = passage.span(stray.start, stray.end)
        yield finding(
            by_problem[stray.problem],
            f"{shown} {words[stray.problem]}, so it is read as text",
            span,
            help=_stray_help(stray.problem, written[0]),
            fixes=_stray_fixes(stray.problem, written, span),
        )


def _stray_fixes(problem: str, written: str, span: Span) -> tuple[Fix, ...]:
    """The brackets themselves: sure where nothing opened them, and one of two things that may be meant else."""
    if problem == "too-deep":
        return ()
    escaped = "".join(f"\\{bracket}" for bracket in written)
    shown = f"`{escaped}`" if len(written) <= 4 else f"`{escaped[:8]}…`"
    return (replacement(f"Escape it as {shown}", span, escaped, safe=problem == "unopened"),)


def _stray_help(problem: str, bracket: str) -> str:
    partner = {"(": ")", ")": "(", "[": "]", "]": "["}[bracket]
    match problem:
        case "unclosed":
            return f"write `{partner}` where the group ends, or `\\{bracket}` for the bracket itself"
        case "unopened":
            return f"write `{partner}` where the group starts, or `\\{bracket}` for the bracket itself"
        case _:
            return "use fewer brackets, or one with a number such as `(words:1.3)`"


def write(parts: Parts) -> str:
    """The parts as text of the `new` dialect; what the dialect has no form for is written as plain words."""
    return "".join(_written(part) for part in parts)


def plain(text: str) -> tuple[str, ...]:
    """Spellings of plain words; every bracket is escaped, for its partner may come to stand beside the words."""
    escaped = _BRACKET.sub(r"\\\g<0>", text)
    return escaped, _guarded(escaped)


def _guarded(text: str) -> str:
    """The inside of a group, with a backslash before an end that would be read as the group's number."""
    found = _SQUARE_WEIGHT.search(text)
    return f"{text[: found.start()]}\\{text[found.start() :]}" if found else text


def _called(node: Concept) -> str:
    """The name before a colon, kept from being the word for a kind of network that the colon would make of it."""
    if not _is_prefix(node.name):
        return node.name
    return f"{node.kind}:{node.name}" if node.kind in NETWORK_PREFIXES else f"{node.name} "


def _is_prefix(name: str) -> bool:
    return name.lower() in NETWORK_PREFIXES


def _written(part: Part) -> str:
    match part:
        case Text(text=text):
            return _SPECIAL.sub(lambda found: "\\" + found[0], text)
        case Weight(parts=parts, factor=factor) if factor == EMPHASIS:
            return f"({_guarded(write(parts))})"
        case Weight(parts=parts, factor=factor):
            return f"({_guarded(write(parts))}:{decimal(factor)})"
        case Negative(parts=parts):
            return f"[{write(parts)}]"
        case Concept(moments=moments) if moments:
            return f"<{_called(part)}:{','.join(f'{decimal(strength)}@{when}' for when, strength in moments)}>"
        case Concept(strengths=strengths) if strengths:
            return f"<{_called(part)}:{strengths}>"
        case Concept(name=name, weight=weight):
            return f"<{name}>" if weight is None else f"<{_called(part)}:{decimal(weight)}>"
        case Break():
            return " BREAK "
        case Schedule(after=after, before=before):
            return write(after or before)
        case Alternation(choices=choices):
            return write(choices[0]) if choices else ""
        case Conjunction(branches=branches) | Blend(branches=branches):
            return ", ".join(write(branch.parts) for branch in branches)
        case Swap(before=before):
            return write(before)
