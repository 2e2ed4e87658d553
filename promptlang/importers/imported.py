"""What is known of a picture of another program, whichever format said so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptlang.plans.plan import Plan
from promptlang.tables.dialects import A1111
from promptlang.tables.options.table import SIZE, VAE
from promptlang.values import dataclass

LIST = "a list of prompts"
"""What is told of a text with one prompt a line, which any text is."""
SIDES = ("width", "height")
"""What programs call the sides of a picture that they write one by one."""
_OWN_VAE = frozenset({"automatic", "auto", "none", "default", "default (model)"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting as the other program calls and writes it; without a name, a line of its own."""

    name: str
    value: str

    @property
    def written(self) -> str:
        """The entry as it stood there."""
        return ": ".join(filter(None, (self.name, self.value)))


def sized(said: Mapping[str, str], sides: Sequence[str] = SIDES) -> Mapping[str, Entry]:
    """The size that two sides are, by the name of its option; nothing where one of them is not said."""
    across, down = (said.get(side, "").strip() for side in sides)
    return {SIZE.name: Entry(SIZE.name, f"{across}x{down}")} if across and down else {}


def is_count(written: str) -> bool:
    """Whether a text is a number that something may be counted with: Python reads none of thousands of digits."""
    return written.isdecimal() and len(written) < 10


def is_own_vae(option: str, value: str) -> bool:
    """Whether a setting says that the model's own VAE draws, for which nothing is written."""
    return option == VAE.name and value.strip().lower() in _OWN_VAE


@dataclass(frozen=True, slots=True)
class Call:
    """A LoRA that the settings list rather than the prompt, at its strength; None: the text is read at the same one."""

    name: str
    weight: float = 1.0
    text_weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Both sides of the prompt and the dialect that reads them, the model, and the settings: those that an option may
    say, and the rest.

    `options` are pairs of an option's name and an entry; whether the option takes the value is not known yet.
    `recipe` is the name of a style, whose words are for others; `plain` says that no sign of the words is one of a
    dialect; `model_hash`, `vae_hash` and those of LoRAs by name tell files apart; `are_set` says that a `/set` called
    the networks, not the prompt.
    """

    positive: str
    negative: str = ""
    dialect: str = A1111.name
    model: str = ""
    model_hash: str = ""
    vae_hash: str = ""
    network_hashes: tuple[tuple[str, str], ...] = ()
    networks: tuple[Call, ...] = ()
    recipe: str = ""
    command: str = "render"
    plain: bool = False
    are_set: bool = False
    options: tuple[tuple[str, Entry], ...] = ()
    rest: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text or a picture says: the program that said it, its prompts in order, and remarks in one clause each.

    A remark tells what could not be read, or is not what it seems. `plan` is that of a picture of ours, with its seed;
    `is_page` says that it is a sheet or a grid of such.
    """

    program: str = ""
    plan: Plan | None = None
    is_page: bool = False
    found: tuple[Imported, ...] = ()
    remarks: tuple[str, ...] = ()
