"""The dialect of stable-diffusion-webui (AUTOMATIC1111 1.10), which reads a prompt in four passes.

Network calls are cut out, `AND` splits, schedules become texts, and each of them is read for emphasis. Every pass has
its module; here they are put together, once for the tree and once for the answers of the program itself.
"""

from __future__ import annotations

from functools import lru_cache

from promptlang.dialects.a1111.attention import weights_of
from promptlang.dialects.a1111.calls import Network, gives_up, is_lora, strengths
from promptlang.dialects.a1111.conjunction import Side, conjunction, ends_in_number, split
from promptlang.dialects.a1111.cuts import comments, found, networks, without, without_comments
from promptlang.dialects.a1111.findings import comment_findings, findings, negative_findings
from promptlang.dialects.a1111.lexemes import read
from promptlang.dialects.a1111.repairs import repaired
from promptlang.dialects.a1111.schedules import last_before, moment, schedule, when
from promptlang.dialects.a1111.sorting import Branch, Placed, branch, sorted_tokens
from promptlang.dialects.a1111.write import plain, write
from promptlang.dialects.dialect import Dialect, NetworkCall, Report, Switching, WeightedText
from promptlang.plans.plan import Conditioned, Conditioning, Run, Segment
from promptlang.source import Passage
from promptlang.syntax.driving import Token, placed
from promptlang.syntax.nodes import Prompt, Text
from promptlang.values import dataclass

BREAK = ("BREAK", -1.0)
"""How the program's emphasis pass reports a chunk that ends here."""

_SPECIAL = ("(", "[", ")", "]", "\\", "BREAK", "AND")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A passage without its network calls, and for each call where it stood in it."""

    passage: Passage
    calls: tuple[tuple[Network, Placed], ...] = ()


def parse(passage: Passage) -> Prompt:
    """The tree of a prompt; schedules are those of the program, brackets that cross are cut where they do."""
    rest = without_comments(passage)
    cut = _cut(rest)
    if not cut.calls and _is_plain(rest.text):
        return _plain(passage, rest)
    return _parsed(passage, rest, cut, list(split(cut.passage.text)))


def parse_negative(passage: Passage) -> Prompt:
    """The tree of a negative prompt, where the program neither cuts out network calls nor splits at `AND`."""
    rest = without_comments(passage)
    text = rest.text
    if "<" not in text and _is_plain(text):
        return _plain(passage, rest)
    whole = _parsed(passage, rest, _Cut(rest), [Side(0, len(text.rstrip()), len(text))])
    said = (*negative_findings(passage), *whole.diagnostics)
    return Prompt(whole.span, passage, whole.parts, "a1111", said)


def _parsed(passage: Passage, rest: Passage, cut: _Cut, sides: list[Side]) -> Prompt:
    """The tree of a passage; `rest` is the passage without its comments, `cut` that without network calls."""
    text = cut.passage.text
    tokens: list[Token] = []
    read_branches: list[tuple[Branch, Side]] = []
    calls = [place for _, place in cut.calls]
    for number, side in enumerate(sides):
        piece = branch(cut.passage, side.start, side.end)
        read_branches.append((piece, side))
        here = [(at - side.start, token) for at, token in calls if at <= side.stop or number == len(sides) - 1]
        del calls[: len(here)]
        if number:
            tokens.append(placed("AND", cut.passage, sides[number - 1].stop, side.start))
        tokens += sorted_tokens(piece, here)
        if side.has_number:
            tokens.append(placed("BRANCH_WEIGHT", cut.passage, text.rindex(":", side.start, side.stop), side.stop))
    parts = read(tokens)
    said = (*comment_findings(passage), *findings(read_branches, [call for call, _ in cut.calls], rest))
    return Prompt(passage.span(0, len(passage.text)), passage, parts, "a1111", said)


def _is_plain(text: str) -> bool:
    """Whether no pass has anything to find in a text; half of all prompts are like that."""
    return not any(map(text.__contains__, _SPECIAL)) and not ends_in_number(text)


def _plain(passage: Passage, rest: Passage) -> Prompt:
    """What the grammar makes of a text without anything special; `rest` is the passage without its comments."""
    words = rest.text.rstrip()
    span = passage.span(0, len(passage.text))
    parts = (Text(rest.span(0, len(words)), words),) if words else ()
    return Prompt(span, passage, parts, "a1111", tuple(comment_findings(passage)) if rest is not passage else ())


def _cut(passage: Passage) -> _Cut:
    if "<" not in passage.text:
        return _Cut(passage)
    calls = found(passage.text)
    rest, places = without(passage, ((call.start, call.end) for call in calls))
    lost = gives_up(calls)
    kinds = ("LOST_NETWORK" if lost and is_lora(call) else "NETWORK" for call in calls)
    tokens = (placed(kind, passage, call.start, call.end) for kind, call in zip(kinds, calls, strict=True))
    return _Cut(rest, tuple(zip(calls, zip(places, tokens, strict=True), strict=True)))


def weights(prompt: Prompt) -> WeightedText:
    """The emphasis pass alone on the whole text, as the program answers it; a `BREAK` is `("BREAK", -1.0)`."""
    return weights_of(prompt.passage.text)


@lru_cache(maxsize=64)
def runs(text: str) -> tuple[Run, ...]:
    """The weighted stretches of a text that has no schedule left, as the tokenizer gets them.

    Kept, because an alternation has few texts in many steps, and most sweeps one text in many plans.
    """
    found = map(_run, weights_of(text))
    return tuple([run for run in found if run.text or run.ends_chunk]) or (Run(""),)


def _run(weighted: tuple[str, float]) -> Run:
    return Run("", 1.0, ends_chunk=True) if weighted == BREAK else Run(repaired(weighted[0]), weighted[1])


def condition(passage: Passage, calls: int) -> Conditioning:
    """What conditions the denoiser, over `calls` of it: all four passes, in the program's order."""
    text, _ = networks(without_comments(passage).text)
    return Conditioning(branches=tuple([_scheduled(side, weight, calls) for side, weight in conjunction(text)]))


def condition_negative(passage: Passage, calls: int) -> Conditioning:
    """What conditions the denoiser on the negative side: schedules and emphasis alone, of the whole text."""
    return Conditioning(branches=(_scheduled(without_comments(passage).text.rstrip(), 1.0, calls),))


@lru_cache(maxsize=64)
def _scheduled(text: str, weight: float, calls: int) -> Conditioned:
    return Conditioned(tuple([Segment(until, runs(words)) for until, words in schedule(text, calls)]), weight)


def report(prompt: Prompt, steps: int) -> Report:
    """What each pass of the program answers for the text as it is written."""
    text = prompt.passage.text
    rest, calls = networks(text)
    return Report(
        weights=weights_of(text),
        negative=(),
        schedule=schedule(text, steps),
        conjunction=conjunction(text),
        networks=tuple(map(_call, calls)),
        rest=rest,
        runs=runs(text),
    )


def _call(call: Network) -> NetworkCall:
    read_strengths = strengths(call)
    weight = read_strengths.denoiser if read_strengths else 1.0
    return NetworkCall(call.kind, call.items[0], weight, call.items[1:])


DIALECT = Dialect(
    name="a1111",
    parse=parse,
    weights=weights,
    write=write,
    plain=plain,
    weighting="a1111",
    condition=condition,
    parse_negative=parse_negative,
    condition_negative=condition_negative,
    switching=Switching(last_before=last_before, moment=moment, when=when),
    drawn=repaired,
    comments=comments,
    report=report,
)
