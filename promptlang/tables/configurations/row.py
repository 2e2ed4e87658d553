"""A row: which sizes, how many blocks and which words a configuration has, and what holds where it says nothing.

The numbers and words are those of diffusers and transformers, which tests compare with them.
"""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Side:
    """The size that a side of a tensor has: the product of what stands at these keys.

    A key may end in `[0]` or `[-1]`, for an end of the list there, and be `out_channels|in_channels`, where the second
    counts as long as nothing stands at the first; one behind `/` divides. Some models go without the tensor where it is
    not `needed`.
    """

    keys: tuple[str, ...]
    tensor: str
    axis: int
    needed: bool


@dataclass(frozen=True, slots=True)
class Blocks:
    """How many blocks of that name there are: what stands at the key, or how long the list of names there is.

    There may be so many `more`, and numbers at the key may be `listed`, one a block. They are `alike` where each has
    the same tensors. Tensors of one name have one shape in all of them, but for those that are `uneven`, and for blocks
    that are `levels`, each of a width of its own.
    """

    key: str
    name: str
    alike: bool = False
    levels: bool = False
    uneven: tuple[str, ...] = ()
    more: int = 0
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a configuration says of tensors; `whole` where a file without one of the `sides` lacks it.

    `divided` are pairs of keys, of which the second's number divides the first's. `words` are names that the library
    looks up, and `unsaid` is what it takes where the configuration says nothing; `null` stands for nothing at the
    keys that are `open`. `besides` are lists of blocks of one shape that no key here counts. `inside` is where the
    configuration of a larger network has that of this one, and `grid` the tensor with a row for each place of a picture
    and one more, with the keys of the picture's side and of a place's. `seeing` is the half of a language model that
    sees.

    `numbers` are keys at which a number stands, whole or not, and none below 0. At keys of whole numbers that are
    `listed` one may stand for each level, at those that are `counted` a list does, as long as the library's own is.
    `lists` are keys whose lists are as long as the first of them says, less one behind `-1`, and `fixed` the keys of
    lists that are never longer or shorter; `axes` are numbers that add up to the size beside them. `switches` are keys,
    what the name of a tensor holds that is there where the key says so, and whether it does where it is not there.
    `flat` is a switch and the end of the names of tensors that have two sides by it, and otherwise four. Tensors that
    begin as it is said in `asked` must be asked for by the key there. At keys that are `closed` nothing is switched on.
    """

    sides: tuple[Side, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    divided: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, ...], ...] = ()
    fixed: frozenset[str] = frozenset()
    axes: tuple[str, str] | None = None
    switches: tuple[tuple[str, str, bool], ...] = ()
    closed: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    counted: Mapping[str, int] = field(default_factory=dict[str, int])
    flat: tuple[str, str] | None = None
    asked: tuple[tuple[str, str], ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    words: Mapping[str, frozenset[str]]
    unsaid: Mapping[str, int | tuple[int, ...] | None]
    open: frozenset[str] = frozenset()
    besides: tuple[str, ...] = ()
    inside: str = "text_config"
    grid: tuple[str, str, str] | None = None
    seeing: Described | None = None
    whole: bool = True
    beyond: bool = True  # more blocks than are described are a fault


def side(keys: str, tensor: str, axis: int, *, needed: bool = True) -> Side:
    """The size of a side of a weight, from the keys as one text. That a block lacks it, other rules say."""
    return Side(tuple(keys.split("*")), f"{tensor}.weight", axis, needed and ".0." not in tensor)


def buffer_side(keys: str, tensor: str, axis: int) -> Side:
    """The same of a tensor that is no weight."""
    return Side(tuple(keys.split("*")), tensor, axis, needed=False)
