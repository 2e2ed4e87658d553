"""What a network call of stable-diffusion-webui holds, and what the bundled LoRA extension makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from promptlang.tables.dialects import NETWORK_PREFIXES
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """One call as written, from `start` to `end` of the text; `items` are the arguments, the name first."""

    kind: str
    items: tuple[str, ...]
    start: int
    end: int

    @property
    def positional(self) -> tuple[str, ...]:
        """The arguments without a name; one with two `=` signs is among them."""
        return _positional(self.items)

    @property
    def named(self) -> dict[str, str]:
        """The arguments `name=value`, the last one of each name."""
        return _named(self.items)


def _positional(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(item for item in items if item.count("=") != 1)


def _named(items: tuple[str, ...]) -> dict[str, str]:
    return {name: value for item in items if item.count("=") == 1 for name, value in [item.split("=")]}


@dataclass(frozen=True, slots=True)
class Strengths:
    """What a LoRA call asks for: strength on the text encoder and on the denoiser, and a rank limit."""

    name: str
    text: float
    denoiser: float
    rank: int | None = None


def loads(call: Network) -> bool:
    """Whether the program loads anything for a call: it knows the kind, and can read the strengths of a LoRA."""
    return call.kind in NETWORK_PREFIXES and (call.kind == "hypernet" or strengths(call) is not None)


def gives_up(calls: Iterable[Network]) -> bool:
    """Whether the program loads no LoRA at all: it hands all calls of them to one function, which fails at one."""
    return any(is_lora(call) and not loads(call) for call in calls)


def is_lora(call: Network) -> bool:
    """Whether the call is one of a LoRA, by whatever name of the kind."""
    return NETWORK_PREFIXES.get(call.kind) == "lora"


def unread_arguments(call: Network) -> tuple[str, ...]:
    """The arguments of a LoRA that reach no picture: those the program does not know, and a limit on the rank."""
    if call.kind == "hypernet":
        return call.items[2:]
    named = (item for item in call.items if item.count("=") == 1 and item.partition("=")[0] not in ("te", "unet"))
    return (*named, *call.positional[3:])


def strengths(call: Network) -> Strengths | None:
    """A LoRA call as the bundled extension reads it; None where the program reports an error: no name, not a number."""
    return _strengths(call.items)


@lru_cache(maxsize=256)
def _strengths(items: tuple[str, ...]) -> Strengths | None:
    """Kept, because many prompts call the same networks, and each is asked for several times."""
    positional, named = _positional(items), _named(items)
    if not positional:
        return None
    text, denoiser, rank = (*positional[1:4], None, None, None)[:3]
    try:
        # A positional value is read even where a named one replaces it.
        on_text = 1.0 if text is None else float(text)
        on_text = float(named.get("te", on_text))
        on_denoiser = on_text if denoiser is None else float(denoiser)
        on_denoiser = float(named.get("unet", on_denoiser))
        limit = None if rank is None else int(rank)
        limit = int(named["dyn"]) if "dyn" in named else limit
    except ValueError:
        return None
    return Strengths(positional[0], on_text, on_denoiser, limit)
