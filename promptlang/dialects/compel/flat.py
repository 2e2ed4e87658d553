"""Compel's own view of a prompt: fragments with one weight each, neighbours of equal weight joined by a space."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.plans.plan import Run
from promptlang.syntax.nodes import Blend, Concept, Conjunction, Part, Parts, Swap, Text, Weight
from promptlang.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Fragment:
    """Words that count `weight` times as much."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Swapped:
    """`original` drawn with the attention map of `edited`."""

    original: tuple[Fragment | Swapped, ...]
    edited: tuple[Fragment | Swapped, ...]
    settings: tuple[tuple[str, str], ...]


FlatPrompt = tuple[Fragment | Swapped, ...]


@dataclass(frozen=True, slots=True)
class FlatBlend:
    """Prompts mixed by weight."""

    prompts: tuple[FlatPrompt, ...]
    weights: tuple[float, ...]
    normalized: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """The prompts of a conjunction with their weights, and the LoRAs called anywhere in it."""

    prompts: tuple[FlatPrompt | FlatBlend, ...]
    weights: tuple[float, ...]
    loras: tuple[tuple[str, float], ...]

    def shown(self) -> tuple[tuple[str, float], ...]:
        """Text and weight of every fragment, a swap by its original."""
        result: list[tuple[str, float]] = []
        for prompt in self.prompts:
            waiting: list[Fragment | Swapped] = []
            for flat in prompt.prompts if isinstance(prompt, FlatBlend) else (prompt,):
                waiting.extend(flat)
            waiting.reverse()
            while waiting:
                piece = waiting.pop()
                if isinstance(piece, Swapped):
                    waiting.extend(reversed(piece.original))
                else:
                    result.append((piece.text, piece.weight))
        return tuple(result)


@dataclass(slots=True)
class _Words:
    """Words before they are joined."""

    words: list[str]
    weight: float


@dataclass(slots=True)
class _Swap:
    """A swap whose sides are still being gathered."""

    settings: tuple[tuple[str, str], ...]
    original: list[_Words | _Swap] = field(default_factory=list["_Words | _Swap"])
    edited: list[_Words | _Swap] = field(default_factory=list["_Words | _Swap"])
    result: Swapped | None = None


def flattened(parts: Parts) -> Flat:
    """The owner's `Conjunction` of a tree; a prompt without fragments is left out with its weight."""
    loras: list[tuple[str, float]] = []
    if not parts:
        return Flat(((Fragment("", 1.0),),), (1.0,), ())
    joined = next((part for part in parts if isinstance(part, Blend | Conjunction)), None)
    if isinstance(joined, Conjunction):
        sides = [(_prompt(branch.parts, loras), branch.weight) for branch in joined.branches]
        kept = [(prompt, weight) for prompt, weight in sides if prompt]
        return Flat(tuple(prompt for prompt, _ in kept), tuple(weight for _, weight in kept), tuple(loras))
    if isinstance(joined, Blend):
        before, after = parts[: parts.index(joined)], parts[parts.index(joined) + 1 :]
        beside = [_prompt(before, loras)]
        prompts = tuple(_prompt(branch.parts, loras) for branch in joined.branches)
        blend = FlatBlend(prompts, tuple(branch.weight for branch in joined.branches), joined.normalized)
        beside.append(_prompt(after, loras))
        flats = (blend, *(prompt for prompt in beside if prompt))
        return Flat(flats, (1.0,) * len(flats), tuple(loras))
    prompt = _prompt(parts, loras)
    return Flat((prompt,), (1.0,), tuple(loras)) if prompt else Flat((), (), tuple(loras))


def _prompt(parts: Parts, loras: list[tuple[str, float]]) -> FlatPrompt:
    found: list[_Words | _Swap] = []
    swaps: list[_Swap] = []
    waiting: list[tuple[Part, float, list[_Words | _Swap]]] = [(part, 1.0, found) for part in reversed(parts)]
    while waiting:
        part, scale, into = waiting.pop()
        match part:
            case Text(text=text):
                into.append(_Words(text.removeprefix(" ").split(" "), scale))
            case Weight():
                waiting.extend((child, scale * part.factor, into) for child in reversed(part.parts))
            case Concept(name=name, weight=weight):
                loras.append((name, 1.0 if weight is None else weight))
            case Swap():
                swap = _Swap(part.settings)
                swaps.append(swap)
                into.append(swap)
                waiting.extend(_side(part.after, scale, swap.edited))
                waiting.extend(_side(part.before, scale, swap.original))
            case _:
                pass
    for swap in reversed(swaps):  # inner ones stand behind outer ones
        swap.result = Swapped(_fused(swap.original) or _NOTHING, _fused(swap.edited) or _NOTHING, swap.settings)
    return _fused(found)


_NOTHING = (Fragment("", 1.0),)


def _side(parts: Parts, scale: float, into: list[_Words | _Swap]) -> list[tuple[Part, float, list[_Words | _Swap]]]:
    """One side of a swap; where nothing is written the owner puts an empty fragment of the weight around it."""
    if _is_blank(parts):
        into.append(_Words([""], scale))
    return [(part, scale, into) for part in reversed(parts)]


def _is_blank(parts: Parts) -> bool:
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Weight) or part.number is not None:
            return False
        waiting.extend(part.parts)
    return True


def _fused(pieces: list[_Words | _Swap]) -> FlatPrompt:
    result: list[Fragment | Swapped] = []
    run: list[str] = []
    weight = 1.0
    for piece in pieces:
        if isinstance(piece, _Swap):
            if run:
                result.append(Fragment(_together(run), weight))
                run = []
            assert piece.result is not None
            result.append(piece.result)
        else:
            if run and piece.weight != weight:
                result.append(Fragment(_together(run), weight))
                run = []
            run.extend(piece.words)
            weight = piece.weight
    if run:
        result.append(Fragment(_together(run), weight))
    return tuple(result)


def _together(words: list[str]) -> str:
    """The words of one fragment; the owner unescapes the whole again with each word it adds."""
    text = " ".join(words)
    if "\\" not in text:
        return text
    count = len(words)
    return " ".join(unescaped(word, count - max(at, 1)) for at, word in enumerate(words))


def unescaped(text: str, times: int) -> str:
    """`\\(`, `\\)` and `\\"` without their backslash, `times` over: the owner does it with each new fragment."""
    for _ in range(times):
        plain = text.replace("\\(", "(").replace("\\)", ")").replace('\\"', '"')
        if plain == text:
            break
        text = plain
    return text


def runs_of(prompt: FlatPrompt) -> Iterator[Run]:
    """The fragments of a prompt as weighted text, joined by spaces as the owner joins them."""
    space = ""
    waiting: list[Fragment | Swapped] = list(reversed(prompt))
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, Swapped):
            waiting.extend(reversed(piece.original))
        elif piece.text:
            yield Run(space + piece.text, piece.weight)
            space = " "
