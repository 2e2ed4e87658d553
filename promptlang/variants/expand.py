"""What a template stands for: all its texts in dynamicprompts' order, or texts drawn at random from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import cycle, islice
from types import MappingProxyType
from typing import assert_never

from promptlang.values import replace
from promptlang.variants.context import DEEPEST, Context, Mode, new_context
from promptlang.variants.entries import Value
from promptlang.variants.nodes import (
    Choice,
    Chunk,
    Chunks,
    Define,
    Literal,
    Option,
    Sampling,
    Template,
    Use,
    WildcardUse,
    Wrap,
)
from promptlang.variants.parsing import parse
from promptlang.variants.wildcards import NO_WILDCARDS, Wildcards

_ELLIPSIS = re.compile("[\u1801\u2026\u22ee\u22ef\u22f0\u22f1\ufe19]+|\\.{3,}")


def expand(
    template: Template,
    wildcards: Wildcards = NO_WILDCARDS,
    mode: Mode = Mode.ALL,
    *,
    seed: int = 0,
    squash_spaces: bool = False,
) -> Iterator[str]:
    """The texts of a template, one at a time; `RANDOM` never ends and draws the same texts for the same seed."""
    context = new_context(wildcards, mode, seed, squash=squash_spaces)
    texts = values(template.chunks, context)
    return map(_squashed, texts) if squash_spaces else texts


def values(chunks: Chunks, context: Context) -> Iterator[str]:
    """The texts of chunks in a row."""
    if len(chunks) == 1 and not isinstance(chunks[0], Define):
        return _chunk_values(chunks[0], context)
    kept, inner = defined_context(chunks, context)
    if context.sampling is Sampling.ALL:
        return _product(kept, inner)
    return _side_by_side([_chunk_values(chunk, inner) for chunk in kept])


def _chunk_values(chunk: Chunk, outer: Context) -> Iterator[str]:
    """The texts of a chunk; what is drawn where all else is taken in order gives a single text: it has no last."""
    texts = _endless_values(chunk, outer)
    return islice(texts, 1) if outer.sampling is Sampling.ALL and is_drawn(chunk) else texts


def _endless_values(chunk: Chunk, outer: Context) -> Iterator[str]:
    context = outer.for_chunk(chunk)
    if context.depth > DEEPEST:
        return _steady(as_written(chunk), context)
    match chunk:
        case Literal(text=text):
            return _steady(text, context)
        case Choice():
            return _choice_values(chunk, context)
        case WildcardUse():
            return _wildcard_values(chunk, context)
        case Use():
            return _variable_values(chunk, context)
        case Wrap():
            return _wrapped_values(chunk, context)
        case Define():
            return iter(())
        case _:
            assert_never(chunk)


def _steady(text: str, context: Context) -> Iterator[str]:
    """Once where all values are taken, again and again where values are drawn."""
    if context.sampling is Sampling.ALL:
        yield text
        return
    while True:
        yield text


def _squashed(text: str) -> str:
    return " ".join(text.split())


def as_written(chunk: Chunk) -> str:
    """A mark that is not read further, as a reader would write it."""
    match chunk:
        case Literal(text=text):
            return text
        case WildcardUse(path=path):
            return f"__{''.join(map(as_written, path))}__"
        case Use(name=name) | Define(name=name):
            return f"${{{name}}}"
        case Choice() | Wrap():
            return "{…}"
        case _:
            assert_never(chunk)


# --- rows -------------------------------------------------------------------------------------------------------------


def defined_context(chunks: Chunks, context: Context) -> tuple[Chunks, Context]:
    """The chunks that make text, and the context with what the others define, wherever they stand."""
    defined: dict[str, Chunks] = {}
    for chunk in chunks:
        if isinstance(chunk, Define):
            defined[chunk.name] = _definition(chunk, context)
    kept = tuple(chunk for chunk in chunks if not isinstance(chunk, Define))
    if not defined:
        return kept, context
    return kept, replace(context, variables=MappingProxyType({**context.variables, **defined}))


def _definition(define: Define, context: Context) -> Chunks:
    if define.preserving and define.name in context.variables:
        return context.variables[define.name]
    if define.immediate and not (len(define.value) == 1 and isinstance(define.value[0], Literal)):
        return (Literal(define.span, next(values(define.value, context), "")),)
    return define.value


def _product(chunks: Chunks, context: Context) -> Iterator[str]:
    """Every text of the first with every text of the rest; what is drawn takes its next text each time."""
    drawn = _drawn(chunks, context)
    length = len(chunks)
    texts = [""] * length
    running: list[Iterator[str]] = []
    while True:
        while len(running) < length:
            at = len(running)
            running.append(drawn[at] if at in drawn else _chunk_values(chunks[at], context))
            text = next(running[at], None)
            if text is None:
                running.pop()
                break
            texts[at] = text
        else:
            yield "".join(texts)
        # On to the next text of the last chunk that has one.
        while running:
            at = len(running) - 1
            text = None if at in drawn else next(running[at], None)
            if text is not None:
                texts[at] = text
                break
            running.pop()
        else:
            return


def is_drawn(chunk: Chunk) -> bool:
    """Whether a chunk is marked to be drawn where all others are taken in order."""
    return isinstance(chunk, Choice | WildcardUse) and chunk.sampling in {Sampling.RANDOM, Sampling.CYCLE}


def _drawn(chunks: Chunks, context: Context) -> dict[int, Iterator[str]]:
    """The values that are drawn, one sequence for equal chunks, though all others are taken in order."""
    sequences: dict[Chunk, Iterator[str]] = {}
    result: dict[int, Iterator[str]] = {}
    for at, chunk in enumerate(chunks):
        if is_drawn(chunk):
            if chunk not in sequences:
                sequences[chunk] = _endless_values(chunk, context)
            result[at] = sequences[chunk]
    return result


def _side_by_side(sequences: list[Iterator[str]], separator: str = "") -> Iterator[str]:
    """The next text of each, joined."""
    while True:
        texts: list[str] = []
        for sequence in sequences:
            text = next(sequence, None)
            if text is None:
                return
            texts.append(text)
        yield joined(texts, separator)


def joined(texts: list[str], separator: str) -> str:
    """Several texts with the separator between them, but none left over at the edges by empty texts."""
    if len(texts) == 1:
        return texts[0]
    text = separator.join(texts)
    return text.removeprefix(separator).removesuffix(separator) if separator else text


# --- choices ----------------------------------------------------------------------------------------------------------


def _choice_values(choice: Choice, context: Context) -> Iterator[str]:
    if len(choice.options) == 1 and len(choice.options[0].chunks) == 1:
        only = choice.options[0].chunks[0]
        if isinstance(only, WildcardUse):
            choice, context = wildcard_choice(choice, only, context)
    if not choice.options:
        return iter(())
    if context.sampling is Sampling.ALL:
        return _picks(choice, context)
    if context.sampling is Sampling.RANDOM:
        return _random_picks(choice, context)
    return _cyclic_picks(choice, context)


def wildcard_choice(choice: Choice, only: WildcardUse, context: Context) -> tuple[Choice, Context]:
    """`{2$$__name__}` picks among the values of the wildcard, read in the context beside it."""
    texts, inner = opened_wildcard(only, wildcard_name(only, context), context)
    options = tuple(Option(only.span, parse(value.text).chunks) for value in texts for _ in range(int(value.weight)))
    low, high = min(choice.low, len(texts)), min(choice.high, len(texts))
    return Choice(choice.span, options, low, high, choice.separator, only.sampling), inner


def _permutations(options: tuple[Chunks, ...], length: int) -> Iterator[tuple[Chunks, ...]]:
    """Ordered picks of options that are not equal, in the owner's order."""
    if length < 2:  # nothing is left to pick from, so no option is compared with another
        yield from ((option,) for option in options) if length else ((),)
        return
    for option in options:
        rest = tuple(other for other in options if other != option)
        for others in _permutations(rest, length - 1):
            yield (option, *others)


def _picks(choice: Choice, context: Context) -> Iterator[str]:
    """Every ordered pick with different texts, each once."""
    seen: set[tuple[str, ...]] = set()
    options = tuple(option.chunks for option in choice.options)
    for length in range(min(choice.low, len(options)), min(choice.high, len(options)) + 1):
        for pick in _permutations(options, length):
            for texts in _pick_texts(pick, context):
                if texts not in seen and len(set(texts)) == length:
                    seen.add(texts)
                    yield joined(list(texts), choice.separator) if texts else ""


def _pick_texts(pick: tuple[Chunks, ...], context: Context) -> Iterator[tuple[str, ...]]:
    if not pick:
        yield ()
        return
    if len(pick[0]) == 1 and is_drawn(pick[0][0]):
        drawn = _endless_values(pick[0][0], context)
        for rest in _pick_texts(pick[1:], context):
            yield (next(drawn, ""), *rest)
        return
    for text in values(pick[0], context):
        for rest in _pick_texts(pick[1:], context):
            yield (text, *rest)


def _random_picks(choice: Choice, context: Context) -> Iterator[str]:
    options = choice.options
    if len(options) == 1:
        yield from values(options[0].chunks, context)
        return
    while True:
        most = min(choice.high, len(options))
        picked = _weighted(options, context.random.randint(min(choice.low, most), most), context.random)
        texts = [next(values(option.chunks, context), "") for option in picked]
        yield joined(texts, choice.separator) if texts else ""


def _weighted(options: tuple[Option, ...], length: int, source: random.Random) -> list[Option]:
    """Options drawn without taking one twice, the heavier the likelier; where all weigh nothing, all are alike."""
    left = list(options)
    result: list[Option] = []
    for _ in range(length):
        weights = [max(option.weight, 0.0) for option in left]
        chosen = source.choices(range(len(left)), weights if any(weights) else None)[0]
        result.append(left.pop(chosen))
    return result


def _cyclic_picks(choice: Choice, context: Context) -> Iterator[str]:
    """The picks in turn, without end; each goes on where it stopped."""
    options = tuple(option.chunks for option in choice.options)
    lengths = range(min(choice.low, len(options)), min(choice.high, len(options)) + 1)
    picks = [
        _side_by_side([values(chunks, context) for chunks in pick], choice.separator)
        for length in lengths
        for pick in islice(_permutations(options, length), 10_000)
    ]
    for pick in cycle(picks):
        text = next(pick, None)
        if text is None:
            return
        yield text


# --- wildcards, variables, wraps -------------------------------------------------------------------------------------


def wildcard_name(use: WildcardUse, context: Context) -> str:
    """The name that is asked for, whose own variants count with their first text."""
    return next(values(use.path, replace(context, sampling=Sampling.ALL)), "")


def opened_wildcard(use: WildcardUse, name: str, context: Context) -> tuple[tuple[Value, ...], Context]:
    """The values of the wildcard and the context to read them in; none where it leads back to itself."""
    if name in context.opened:
        return (), context
    variables = MappingProxyType({**context.variables, **dict(use.variables)}) if use.variables else context.variables
    return context.wildcards.values(name), replace(context, variables=variables, opened=context.opened | {name})


def _wildcard_values(use: WildcardUse, context: Context) -> Iterator[str]:
    name = wildcard_name(use, context)
    found, inner = opened_wildcard(use, name, context)
    if not found:
        yield from _steady(f"__{name.removeprefix('__').removesuffix('__')}__", context)
        return
    if context.sampling is Sampling.RANDOM:
        while True:
            value = context.random.choices(found, [value.weight for value in found])[0]
            yield from islice(_value_texts(value.text, inner), 1)
    texts = [value.text for value in found for _ in range(int(value.weight))]
    if context.sampling is Sampling.ALL:
        for text in texts:
            yield from _value_texts(text, inner)
        return
    running = [_value_texts(text, inner) for text in texts]
    for sequence in cycle(running):
        text = next(sequence, None)
        if text is None:
            return
        yield text


def _value_texts(text: str, context: Context) -> Iterator[str]:
    texts = values(parse(text).chunks, context)
    return map(_squashed, texts) if context.squash else texts


def _variable_values(use: Use, context: Context) -> Iterator[str]:
    value = context.variables.get(use.name, use.default)
    if not value or use.name in context.sampled:
        return _steady(use.name if value is None else "", context)
    return values(value, replace(context, sampled=context.sampled | {use.name}))


def _wrapped_values(wrap: Wrap, context: Context) -> Iterator[str]:
    for wrapper in _squashing(wrap.wrapper, context):
        mark = _ELLIPSIS.search(wrapper)
        before, after = (wrapper[: mark.start()], wrapper[mark.end() :]) if mark else (wrapper, "")
        wrapped = _squashing(wrap.wrapped, context)
        text = None
        for text in wrapped if context.sampling is Sampling.ALL else islice(wrapped, 1):
            yield before + text + after
        if text is None:
            return  # there is nothing to wrap, and wrappers that are drawn have no last


def _squashing(chunks: Chunks, context: Context) -> Iterator[str]:
    if not chunks:
        return iter(())
    texts = values(chunks, context)
    return map(_squashed, texts) if context.squash else texts
