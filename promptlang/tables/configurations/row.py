"""A row: which sizes, how many blocks and which words a configuration has, and what holds where it says nothing.

The numbers and words are those of diffusers and transformers, which tests compare with them.
"""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """The size that a side of a tensor has: the product of what stands at these keys.

    A key may end in `[0]` or `[-1]`, for an end of the list there, and be `out_channels|in_channels`, where the second
    counts as long as nothing stands at the first. Some models go without the tensor where it is not `needed`.
    """

    keys: tuple[str, ...]
    tensor: str
    axis: int
    needed: bool


@dataclass(frozen=True, slots=True)
class Blocks:
    """How many blocks of that name there are: what stands at the key, or how long the list of names there is.

    They are `alike` where each has the same tensors. Tensors of one name have one shape in all of them, but for those
    that are `uneven`, and for blocks that are `levels`, each of a width of its own.
    """

    key: str
    name: str
    alike: bool = False
    levels: bool = False
    uneven: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a configuration says of tensors; `whole` where a file without one of the `sides` lacks it.

    `divided` are pairs of keys, of which the second's number divides the first's. `words` are names that the library
    looks up, and `unsaid` is what it takes where the configuration says nothing; `null` stands for nothing at the
    keys that are `open`. `besides` are lists of blocks of one shape that no key here counts. `inside` is where the
    configuration of a larger network has that of this one, and `grid` the tensor with a row for each place of a picture
    and one more, with the keys of the picture's side and of a place's. `seeing` is the half of a language model that
    sees.
    """

    sides: tuple[Side, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    divided: tuple[tuple[str, str], ...] = ()
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
