"""What of a network or an inversion does not fit a model, in one clause: asked by the check and by the renderer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import prod
from pathlib import Path

from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.networks import BEGINNING, NUMBER, UNET, needed
from promptlang.models.evidence.records import quoted
from promptlang.models.fitting.first_names import named_first
from promptlang.models.fitting.foreign_names import owners
from promptlang.models.fitting.layer_names import found_in
from promptlang.models.fitting.pieces import Shape, Shapes
from promptlang.sentences import listed
from promptlang.tables.models.families import family

Sized = tuple[str, Shape]
"""The name of a layer, and the shape of its weight."""


def network_misfit(name: str, layers: Mapping[str, Shapes], known: Mapping[str, Sized]) -> str:
    """What of a LoRA or its kin changes no layer of a model, or one of another shape; empty where all of it fits.

    `layers` are the shapes of its tensors by layer and role, `known` the layers of the model by the names that files
    give them.
    """
    found = {written: found_in(known, written) for written in sorted(layers)}
    lost = [written for written, layer in found.items() if layer is None]
    return _misfit(name, layers, found, lost)


def transformer_misfit(
    name: str, layers: Mapping[str, Shapes], known: Mapping[str, Sized], families: Collection[str]
) -> str:
    """The same for a transformer, as far as a file keeps to names that are known: others say nothing here.

    Known are those of the model, and of first publications. Lost are the layers of a UNet, of transformers that are of
    none of the model's `families`, and those called like the model's but for their numbers.
    """
    found = {written: found_in(known, written) or by_first_name(known, written) for written in sorted(layers)}
    kinds = {NUMBER.sub("_#", each) for each in known}
    lost = [written for written, layer in found.items() if layer is None and _is_lost(written, kinds, families)]
    return _misfit(name, layers, found, lost, whose=_whose(lost, families))


def by_first_name(known: Mapping[str, Sized], written: str) -> Sized | None:
    """The layers that a first publication calls so as one of all their rows, under that name."""
    plain = _plain(written)
    for names in named_first(plain):
        shapes = [known[each][1] for each in names if each in known]
        if len(shapes) == len(names) and len({shape[1:] for shape in shapes}) == 1:
            return plain, (sum(shape[0] for shape in shapes), *shapes[0][1:])
    return None


def _plain(written: str) -> str:
    return BEGINNING.sub("", written, count=1).replace(".", "_")


def _is_lost(written: str, kinds: Collection[str], families: Collection[str]) -> bool:
    whole, plain = written.replace(".", "_"), _plain(written)
    named = ((whole,), *named_first(plain))
    if any(all(_is_of(NUMBER.sub("_#", each), kinds) for each in names) for names in named):
        return True
    others = owners(plain)
    return UNET.search(whole) is not None or bool(others and others.isdisjoint(families))


def _whose(lost: Sequence[str], families: Collection[str]) -> str:
    """The other families that have all of these layers, in words; empty where there are none."""
    known = [owners(_plain(each)) for each in lost]
    common = known[0].intersection(*known) if known else frozenset[str]()
    if not common or not common.isdisjoint(families):
        return ""
    return listed((family(each).title for each in sorted(common)), "or")


def _is_of(kind: str, kinds: Collection[str]) -> bool:
    return kind in kinds or f"{kind}_#" in kinds


def _misfit(
    name: str,
    layers: Mapping[str, Shapes],
    found: Mapping[str, Sized | None],
    lost: Sequence[str],
    *,
    whose: str = "",
) -> str:
    if lost and len(lost) == len(found) > 1:
        of = f"; they are of {whose}" if whose else ""
        return f"the LoRA <{name}> does not fit: the model has none of its {len(lost)} layers, as {quoted(lost[0])}{of}"
    if lost:
        return no_layer(name, lost[0])
    return next(filter(None, (_unfit(name, layers[at], layer) for at, layer in found.items() if layer)), "")


def no_layer(name: str, written: str) -> str:
    """What is said of a layer that nothing in the model answers to."""
    return f"the LoRA <{name}> does not fit: the model has no layer for {quoted(written)}"


def other_shape(name: str, layer: str, own: Shape, found: Shape | None = None) -> str:
    """What is said of a layer that has another shape than the network was made for."""
    not_so = f", not {shaped(found)}" if found else ""
    return f"the LoRA <{name}> does not fit the layer `{layer}`, which is {shaped(own)}{not_so}"


def _unfit(name: str, pieces: Shapes, layer: Sized) -> str:
    """What is said where the pieces make a weight of another shape than the layer's; tensors that are lost are not."""
    where, own = layer
    if any(role not in pieces for role in needed(pieces)):
        return ""
    if odd := next(_uneven(pieces, own), ""):
        return f"the LoRA <{name}> does not fit: of the layer `{where}` {odd}"
    if "down" in pieces and not {"mid", "magnitude"} & pieces.keys():
        down, up = pieces["down"], pieces["up"]
        rank, reads = _side(down, 0), prod(own[1:])
        fits = prod(down) == rank * reads and prod(up) == own[0] * rank
        return "" if fits else other_shape(name, where, own, (_side(up, 0), *down[1:]))
    rows, each = _made(pieces)
    return "" if rows * each == prod(own) else other_shape(name, where, own, (rows, each))


def _uneven(pieces: Shapes, own: Shape) -> Iterator[str]:
    """Each two tensors that are not multiplied with one another, and those that say how strong a layer is."""
    for first, second, core in _products(pieces):
        one, other, middle = (pieces[role] if role else () for role in (first, second, core))
        if middle:
            sides = (prod(one[1:]) if first == "up" else _side(one, 0), _side(other, 0))
            is_even = len(middle) == 4 and middle[:2] == sides and (first == "up" or len(one) == len(other) == 2)
        else:
            is_even = len(one) == 2 and len(other) > 1 and one[1] == other[0]
        if not is_even:
            between = f" with {shaped(middle)} between them" if middle else ""
            yield f"`{first}` and `{second}` do not go together: {shaped(one)} and {shaped(other)}{between}"
    if {"hada_w1_a", "hada_w2_a"} <= pieces.keys():
        halves = [_multiplied(pieces[f"{each}_a"], pieces[f"{each}_b"], pieces.get(core)) for each, core in _HALVES]
        if halves[0] != halves[1] or len(pieces["hada_w1_b"]) != len(pieces["hada_w2_b"]):
            yield f"`hada_w1` and `hada_w2` do not go together: {shaped(halves[0])} and {shaped(halves[1])}"
    if (first := pieces.get("lokr_w1")) and (len(first) < 2 or prod(first[2:]) != 1):
        yield f"`lokr_w1` is {shaped(first)}, and no matrix"
    if (alpha := pieces.get("alpha")) and prod(alpha) != 1:
        yield f"`alpha` is {shaped(alpha)}, and no single number"
    if (lengths := pieces.get("magnitude")) is not None:
        by_row = len(lengths) == 1 or own[:1] == lengths[:1] or lengths[1:2] == (1,)
        if not lengths or prod(lengths) != (own[0] if by_row else own[1]):
            yield f"`magnitude` is {shaped(lengths)}, and no length for each row or column"


_HALVES = (("hada_w1", "hada_t1"), ("hada_w2", "hada_t2"))


def _products(pieces: Shapes) -> Iterator[tuple[str, str, str]]:
    """Which tensors are multiplied, and the core between them, where there is one."""
    for half, core in (*_HALVES, ("lokr_w1", ""), ("lokr_w2", "lokr_t2")):
        if f"{half}_a" in pieces and half not in pieces:
            yield f"{half}_a", f"{half}_b", core if core in pieces else ""
    if "mid" in pieces:
        yield "up", "down", "mid"


def _made(pieces: Shapes) -> tuple[int, int]:
    """How many rows the pieces make, and how many numbers a row has."""
    if "down" in pieces:
        down = pieces["down"]
        return _side(pieces["up"], 0), prod(down[1:]) * _kernel(pieces.get("mid", ()))
    if "hada_w1_a" in pieces:
        return _multiplied(pieces["hada_w1_a"], pieces["hada_w1_b"], pieces.get("hada_t1"))
    (first, wide), (second, wider) = _factor(pieces, "lokr_w1"), _factor(pieces, "lokr_w2")
    return first * second, wide * wider


def _factor(pieces: Shapes, role: str) -> tuple[int, int]:
    if whole := pieces.get(role):
        return whole[0], prod(whole[1:])
    core = pieces.get("lokr_t2") if role == "lokr_w2" else None
    return _multiplied(pieces.get(f"{role}_a", ()), pieces.get(f"{role}_b", ()), core)


def _multiplied(first: Shape, second: Shape, core: Shape | None) -> tuple[int, int]:
    """The product of two matrices, or of two with the core of a convolution between them."""
    if core is None:
        return _side(first, 0), prod(second[1:])
    return _side(first, 1), _side(second, 1) * _kernel(core)


def _kernel(core: Shape) -> int:
    return prod(core[2:])


def _side(shape: Shape, at: int) -> int:
    return shape[at] if at < len(shape) else 1


def inversion_rows(path: Path, shapes: Mapping[str, Shape], keys: Mapping[str, str]) -> Mapping[str, str] | str:
    """The key under which the file has the rows of each part of `keys`, or what is said where it is none for them.

    A file for a single encoder has them under its key, or alone under any; one for several under the key of each.
    """
    found = {part: key for part, key in keys.items() if key in shapes}
    if len(keys) == 1 and not found and len(shapes) == 1:
        found = dict(zip(keys, shapes, strict=True))
    if found.keys() != keys.keys():
        number = "a single text encoder" if len(keys) == 1 else f"{len(keys)} text encoders"
        return f"`{path}` is not a textual inversion for {number}"
    are_rows = all(len(shapes[key]) in (1, 2) and prod(shapes[key]) for key in found.values())
    if not are_rows or len({_rows(shapes[key]) for key in found.values()}) != 1:
        return f"`{path}` is not a textual inversion: its tensors are no rows of vectors"
    return found


def _rows(shape: Shape) -> int:
    return shape[0] if len(shape) == 2 else 1


def inversion_misfit(name: str, model: str, found: Mapping[str, int], widths: Mapping[str, int]) -> str:
    """What is said where the rows for a text encoder are not as wide as it is; empty where all are."""
    for part, width in widths.items():
        if found[part] != width:
            return (
                f"the textual inversion <{name}> is for text encoders of width {found[part]}, "
                f"and <{model}> has one of width {width}"
            )
    return ""
