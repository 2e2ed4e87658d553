"""LoRAs and their kin: which family they were trained for, by what their keys change and how wide that is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from promptlang.models.evidence.header import Header
from promptlang.models.evidence.identity import Claim, shaped
from promptlang.models.evidence.layer_signs import LAYER_SIGNS, LayerSign
from promptlang.models.evidence.packing import COMPLEX, no_weights
from promptlang.models.evidence.records import quoted
from promptlang.models.evidence.widths import CROSS_WIDTHS, TEXT_WIDTHS
from promptlang.sentences import listed
from promptlang.tables.models.families import FAMILIES, family
from promptlang.values import dataclass

# What follows the path of a layer in a key, and the method that uses it; every one of them proves a network.
METHODS: Mapping[str, str] = {
    **dict.fromkeys(("dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.weight"), "DoRA"),
    **dict.fromkeys(("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"), "LoHa"),
    **dict.fromkeys(("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b"), "LoKr"),
    **dict.fromkeys(("oft_blocks", "oft_diag"), "OFT"),
    "on_input": "IA3",
    **dict.fromkeys(("lora_down.weight", "lora_up.weight", "lora.down.weight", "lora.up.weight"), "LoRA"),
    **dict.fromkeys(("lora_A.weight", "lora_B.weight", "lora_A.default.weight", "lora_B.default.weight"), "LoRA"),
    **dict.fromkeys(("lora_linear_layer.down.weight", "lora_linear_layer.up.weight"), "LoRA"),
}
# Methods whose keys all carry the first's too are told by the rarer key.
RARER_FIRST = ("DoRA", "LoHa", "LoKr", "OFT", "IA3", "LoRA")
DOWN = frozenset(
    {
        "lora_down.weight",
        "lora_A.weight",
        "lora_A.default.weight",
        "lora.down.weight",
        "lora_linear_layer.down.weight",
        "hada_w1_b",
    }
)
UP = frozenset({"lora_up.weight", "lora_B.weight", "lora_B.default.weight"})
UPS = UP | {"lora.up.weight", "lora_linear_layer.up.weight"}
DOWNS = DOWN - {"hada_w1_b"}
CORES = frozenset({"lora_mid.weight", "hada_t1", "hada_t2", "lokr_t2"})  # of convolutions, beside two matrices
KRONECKER = frozenset({"lokr_w1", "lokr_w1_b"})


@dataclass(frozen=True, slots=True)
class Target:
    """A layer that a network changes: its path, and the widths it reads and writes (0: not known).

    The path has `_` throughout and no beginning that says who wrote it.
    """

    path: str
    reads: int
    writes: int
    key: str
    shape: tuple[int, ...]

    @property
    def named(self) -> str:
        """The key with its shape, as evidence quotes it."""
        return f"{quoted(self.key)} ({shaped(self.shape)})"


def network(header: Header) -> tuple[str, Claim] | None:
    """The method of a network (`LoRA`, `LoHa`, `DoRA`, …) and the family it was trained for; None where it is none.

    The family is `unknown` where its keys fit none or several.
    """
    pieces = [piece for name in header.tensors if (piece := _piece(name))]
    if not pieces:
        return None
    methods = {METHODS[ending] for _, ending, _ in pieces}
    layers = _targets(header, pieces)
    claim = _by_transformer(layers) or _by_unet(layers) or _by_text(layers)
    if claim is None:
        claim = Claim("unknown", (f"{layers[0].named} is a layer of no family that promptlang can tell by keys",))
    return next(method for method in RARER_FIRST if method in methods), claim


# `to_k_lora`, as diffusers wrote it at first, and XLabs' `proj_lora1` and `proj_lora2` for the two sides of a block.
NUMBERED = re.compile(r"(?P<stem>.+)_lora[12]?\.(?P<side>down|up)\.weight")


def _piece(name: str) -> tuple[str, str, str] | None:
    """A key with its ending and the path before it; None where it belongs to no network."""
    path, _, ending = name.rpartition(".")
    if ending in METHODS:
        return name, ending, path
    for _ in range(2):
        path, _, part = path.rpartition(".")
        ending = f"{part}.{ending}"
        if ending in METHODS:
            return name, ending, path
        if found := NUMBERED.fullmatch(ending):
            return name, f"lora.{found['side']}.weight", f"{path}.{found['stem']}"
    return None


# How the names of a denoiser's layers begin, which says who wrote the file and nothing of the model.
BEGINNING = re.compile(
    r"^(?:(?:base_model\.model|diffusion_model|model\.diffusion_model|conditional_transformer|transformer|unet|net)\."
    r"|lora_(?:unet|transformer)_|lycoris_)+"
)
NUMBER = re.compile(r"_\d+(?=_|$)")


def _targets(header: Header, pieces: list[tuple[str, str, str]]) -> tuple[Target, ...]:
    """The layers that the network changes: of those that differ only in their numbers the deepest."""
    layers: dict[str, Target] = {}
    for name, ending, path in pieces:
        reads, writes = _widths(header, name, ending, path)
        known = layers.get(path)
        if known is None:
            layers[path] = Target(BEGINNING.sub("", path).replace(".", "_"), reads, writes, name, header.shape(name))
        elif reads and not known.reads:
            layers[path] = Target(known.path, reads, known.writes or writes, name, header.shape(name))
        elif writes and not known.writes:
            layers[path] = Target(known.path, known.reads, writes, known.key, known.shape)
    sorts: dict[tuple[str, int, int], Target] = {}
    for each in layers.values():
        sort = NUMBER.sub("_0", each.path), each.reads, each.writes
        deepest = sorts.get(sort)
        if deepest is None or (len(deepest.path), deepest.path) < (len(each.path), each.path):
            sorts[sort] = each
    return tuple(sorts.values())


def _widths(header: Header, name: str, ending: str, path: str) -> tuple[int, int]:
    """The widths that one key of a layer tells; a Kronecker product multiplies those of its two factors."""
    shape = header.shape(name)
    if ending in DOWN and len(shape) >= 2:
        return shape[1], 0
    if ending in UP and len(shape) >= 2:
        return 0, shape[0]
    if ending in KRONECKER:
        first = header.shape(f"{path}.lokr_w1") or header.shape(f"{path}.lokr_w1_b")
        second = header.shape(f"{path}.lokr_w2") or header.shape(f"{path}.lokr_w2_b")
        return (first[1] * second[1], 0) if len(first) >= 2 and len(second) >= 2 else (0, 0)
    return 0, 0


UNET = re.compile(r"(?:down|up|input|output)_blocks_\d|mid_block_|middle_block_")
DEEP_UNET = re.compile(r"transformer_blocks_[2-9]_")
CROSS = re.compile(r"attn2_(?:processor_)?to_[kv]$")
TEXT = re.compile(r"(?:lora_te|text_encoder)(_?[123])?_.*self_attn_[qkv]_proj$")


def _claim(family_name: str, layer: Target, reason: str) -> Claim:
    alike = [row for row in FAMILIES if family_name in row.networks_from]
    also = f" ({', '.join(row.title for row in alike)} looks the same)" if alike else ""
    sentence = f"{layer.named} {reason} {family(family_name).title}{also}"
    return Claim(family_name, (sentence,), alike=tuple(row.name for row in alike))


def _by_transformer(layers: tuple[Target, ...]) -> Claim | None:
    candidates = [each for each in layers if not UNET.search(each.path) and not TEXT.search(each.path)]
    for sign in LAYER_SIGNS if candidates else ():
        pattern = re.compile(sign.pattern)  # most files are no such network, so nothing is made of the table before
        for each in candidates:
            if not pattern.search(each.path) or not _fits(sign, each):
                continue
            if sign.foreign:
                return Claim("unknown", (f"{each.named} is a layer of {sign.foreign}, which promptlang does not know",))
            if sign.several:
                titles = listed(family(one).title for one in sign.several)
                return Claim("unknown", (f"{each.named} is a layer of {titles} alike",))
            if any(sign.beside in other.path for other in candidates):
                return _claim(sign.family, each, "changes a layer of")
    return None


def _fits(sign: LayerSign, layer: Target) -> bool:
    if sign.ratio:
        return layer.reads > 0 and layer.writes == layer.reads * sign.ratio
    return not sign.reads or layer.reads in sign.reads


def _by_unet(layers: tuple[Target, ...]) -> Claim | None:
    unet = [each for each in layers if UNET.search(each.path)]
    for each in unet:
        if CROSS.search(each.path) and each.reads:
            named = CROSS_WIDTHS.get(each.reads)
            if named is None:
                return Claim("unknown", (f"{each.named} reads text of width {each.reads}, which no family has",))
            return _claim(named, each, f"reads text of width {each.reads}, as in")
    deep = next((each for each in unet if DEEP_UNET.search(each.path)), None)
    if deep:
        return _claim("sdxl", deep, "lies in a block of several transformer layers, as in")
    return None


def _by_text(layers: tuple[Target, ...]) -> Claim | None:
    """The family of a network for the text encoder alone; two numbered encoders are SDXL's, a third one SD3's."""
    found = {match[1] or "": each for each in layers if (match := TEXT.search(each.path))}
    numbers = {number.strip("_") for number in found}
    widths = {each.reads for each in found.values()}
    if "3" in numbers:
        return None
    if {"1", "2"} <= numbers or ("2" in numbers and 1280 in widths):
        return Claim("sdxl", (f"{found[max(found)].named} changes a second text encoder, as in SDXL",))
    alone = found.get("")
    if alone and (named := TEXT_WIDTHS.get(alone.reads)):
        return Claim(
            named, (f"{alone.named} changes a text encoder of width {alone.reads}, as in {family(named).title}",)
        )
    return None


def fault(header: Header) -> str:
    """What in a network changes no layer of any model, in one clause; empty where every piece has its partners."""
    layers: dict[str, dict[str, str]] = {}
    for name, tensor in header.tensors.items():
        piece, is_alpha = _piece(name), name.endswith(".alpha")
        if piece:
            _, ending, path = piece
            layers.setdefault(path, {})["down" if ending in DOWNS else "up" if ending in UPS else ending] = name
        elif not is_alpha and not name.endswith((*CORES,)):
            return f"{quoted(name)} is no part of a network that is drawn"
        # An alpha is often counted in whole numbers.
        if (odd := no_weights(tensor.dtype)) and not (is_alpha and tensor.dtype != COMPLEX):
            return f"{quoted(name)} {odd}"
    return next(filter(None, (_unpaired(header, pieces) for pieces in layers.values())), "")


def _unpaired(header: Header, pieces: Mapping[str, str]) -> str:
    """What the pieces of a layer lack."""
    first = next(iter(pieces.values()))
    wanted = needed(pieces)
    if missing := next((role for role in wanted if role not in pieces), ""):
        return f"{quoted(first)} has no `{missing}` beside it"
    if flat := next((name for role in wanted if len(header.shape(name := pieces[role])) < 2), ""):
        return f"{quoted(flat)} ({shaped(header.shape(flat))}) is no matrix"
    if "down" in wanted and header.shape(pieces["down"])[0] != header.shape(pieces["up"])[1]:
        down, up = (f"{quoted(pieces[role])} ({shaped(header.shape(pieces[role]))})" for role in ("down", "up"))
        return f"{down} and {up} have different ranks"
    return ""


def needed(pieces: Collection[str]) -> tuple[str, ...]:
    """The matrices that the method of a layer multiplies; none of methods that are not drawn."""
    if any(role.startswith("hada_") for role in pieces):
        return ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    if any(role.startswith("lokr_") for role in pieces):
        return tuple(
            each
            for half in ("lokr_w1", "lokr_w2")
            for each in ((half,) if half in pieces else (f"{half}_a", f"{half}_b"))
        )
    return ("down", "up") if "down" in pieces or "up" in pieces else ()
