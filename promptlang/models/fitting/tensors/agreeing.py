"""Whether the tensors of a network go together: those of a layer with one another, and a block's with its sisters'."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from promptlang.models.evidence.header import Tensor
from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.packing import PLAIN

Lists = Sequence[tuple[str, tuple[str, ...]]]
"""Lists of blocks that are built alike, each with the names of layers that are not."""

_LAYERS: Mapping[str, Mapping[str, str]] = {
    "resnets": {
        "norm1": "i111", "conv1": "oi333", "norm2": "o111", "conv2": "oo333", "conv_shortcut": "oi111",
        "time_emb_proj": "ot",
    },
    "attentions": {
        "norm": "c111", "group_norm": "c", "proj_in": "nc11", "proj_out": "cn11", "proj": "cc11",
        **dict.fromkeys(("to_q", "to_k", "to_v", "to_out.0", "query", "key", "value", "proj_attn"), "cc"),
    },
    "transformer_blocks": {
        **dict.fromkeys(("norm1", "norm2", "norm3"), "n"),
        **dict.fromkeys(("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn2.to_q"), "nn"),
        **dict.fromkeys(("attn1.to_out.0", "attn2.to_out.0"), "nn"),
        "attn2.to_k": "nx", "attn2.to_v": "nx", "ff.net.0.proj": "gn", "ff.net.2": "nf",
    },
    "downsamplers": {"conv": "cc33"},
    "upsamplers": {"conv": "cc33"},
}  # fmt: skip
"""The sides of weights in the blocks of UNets and VAEs: in one layer the same letter is the same size."""
_LEVEL = re.compile(
    r"(?P<layer>(?:encoder\.|decoder\.)?(?:(?P<side>down|up)_blocks\.(?P<level>\d+)|mid_block)\."
    r"(?P<kind>resnets|attentions|downsamplers|upsamplers)\.\d+)\.(?P<rest>.+)\.(?:weight|gamma)"
)
_INNER = re.compile(r"transformer_blocks\.\d+\.(?P<rest>.+)")
_FIRST, _SECOND = ".linear_1.weight", ".linear_2.weight"
_WIDE = frozenset("tx")  # sides that are the same in the whole network


def disagreeing(own: Mapping[str, Tensor], lists: Lists, widths: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Each tensor whose shape is another than those around it tell, in one clause; `widths` are those of levels."""
    shapes = {name: each.shape for name, each in own.items() if each.dtype in PLAIN}
    for begin, uneven in lists:
        yield from _of_sisters(shapes, begin, uneven)
    yield from _of_levels(shapes, widths)
    yield from _of_layers(shapes)


def _of_layers(shapes: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    """A layer adds as many numbers as it has rows, and the second of two reads as many as the first writes."""
    for name, shape in shapes.items():
        if name.endswith(".bias"):
            other, own = f"{name[:-4]}weight", shape
        elif name.endswith(_SECOND):
            other, own = f"{name.removesuffix(_SECOND)}{_FIRST}", shape[1:]
        else:
            continue
        rows = shapes.get(other)
        if rows and own != rows[:1]:
            yield f"`{name}` is {shaped(shape)}, where `{other}` is {shaped(rows)}"


def _of_sisters(shapes: Mapping[str, tuple[int, ...]], begin: str, uneven: Sequence[str]) -> Iterator[str]:
    """Blocks of a list have the same tensors in the same shapes."""
    place = re.compile(rf"{re.escape(begin)}\.\d{{1,4}}\.(.+)")
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        if match := place.match(name):
            found.setdefault(match[1], {})[name] = shape
    for inside, alike in found.items():
        (usual, _), *others = Counter(alike.values()).most_common(2)
        if not others or inside.startswith(tuple(uneven)):
            continue
        odd = next(name for name, shape in alike.items() if shape != usual)
        other = next(name for name, shape in alike.items() if shape == usual)
        yield f"`{odd}` is {shaped(alike[odd])}, where `{other}` is {shaped(usual)}"


def _of_levels(shapes: Mapping[str, tuple[int, ...]], widths: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Blocks of a UNet or a VAE, whose sides are one another's, and at the end those of their level."""
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for name, shape in shapes.items():
        match = _LEVEL.fullmatch(name)
        if match is None:
            continue
        layer, kind, rest = match["layer"], match["kind"], match["rest"]
        if inner := _INNER.fullmatch(rest):
            kind, rest = "transformer_blocks", inner["rest"]
        letters = _LAYERS[kind].get(rest, "")
        for letter, size in zip(letters, shape, strict=False):
            at = ("" if letter in _WIDE else layer, letter)
            first, other = seen.setdefault(at, (size, name))
            if letter.isdigit() and size != int(letter):
                usual = (*shape[:2], *(int(each) for each in letters[2 : len(shape)]))
                yield f"`{name}` is {shaped(shape)}, where such a layer is {shaped(usual)}"
            if size != first:
                yield f"`{name}` is {shaped(shape)}, where `{other}` is {shaped(shapes[other])}"
        if kind == "resnets" and rest == "conv2" and match["side"]:
            level, known = int(match["level"]), widths[match["side"]]
            wanted = known[level if match["side"] == "down" else -1 - level] if level < len(known) else 0
            if wanted and shape[:1] != (wanted,):
                yield f"`{name}` is {shaped(shape)}, where `block_out_channels` of `config.json` has {wanted} there"
