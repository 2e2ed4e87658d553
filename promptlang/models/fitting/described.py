"""Whether the files of a part hold the network that its `config.json` describes, by names and shapes of tensors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from math import prod
from types import MappingProxyType

from promptlang.models.evidence.header import Tensor
from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.records import Record
from promptlang.values import dataclass

Tensors = Mapping[str, Tensor]
_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
"""Types whose tensors have the network's own shapes; packed numbers have others."""
_BEGINS = ("", "text_model.", "model.", "language_model.", "model.language_model.", "language_model.model.")
"""How names may begin where a network stands in another one."""
_FEWEST = 3  # blocks, of which one lacks what all others have


@dataclass(frozen=True, slots=True)
class Side:
    """The size that a side of a tensor has: the product of what stands at these keys.

    A key may end in `[0]` or `[-1]`, for an end of the list there.
    """

    keys: tuple[str, ...]
    tensor: str
    axis: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """How many blocks of that name there are: what stands at the key, or how long the list there is.

    They are `alike` where each has the same tensors.
    """

    key: str
    name: str
    alike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a configuration says of tensors; `whole` where a file without one of the `sides` lacks it.

    `divided` are pairs of keys, of which the second's number divides the first's.
    """

    sides: tuple[Side, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    divided: tuple[tuple[str, str], ...] = ()
    whole: bool = True
    beyond: bool = True  # more blocks than are described are a fault


def _side(keys: str, tensor: str, axis: int) -> Side:
    return Side(tuple(keys.split("*")), f"{tensor}.weight", axis)


_INNER = "num_attention_heads*attention_head_dim"
_TRANSFORMER, _SINGLE = "transformer_blocks", "single_transformer_blocks"
_CLIP = Described(
    sides=(
        _side("hidden_size", "embeddings.token_embedding", 1),
        _side("vocab_size", "embeddings.token_embedding", 0),
        _side("max_position_embeddings", "embeddings.position_embedding", 0),
        _side("intermediate_size", "encoder.layers.0.mlp.fc1", 0),
    ),
    blocks=(Blocks("num_hidden_layers", "encoder.layers", alike=True),),
    divided=(("hidden_size", "num_attention_heads"),),
    beyond=False,
)
_T5 = Described(
    sides=(
        _side("d_model", "shared", 1),
        _side("vocab_size", "shared", 0),
        _side("d_ff", "encoder.block.0.layer.1.DenseReluDense.wo", 1),
    ),
    blocks=(Blocks("num_layers", "encoder.block", alike=True),),
    whole=False,
    beyond=False,
)
_LANGUAGE = Described(
    sides=(_side("hidden_size", "embed_tokens", 1), _side("vocab_size", "embed_tokens", 0)),
    blocks=(Blocks("num_hidden_layers", "layers", alike=True),),
    whole=False,
    beyond=False,
)
_FLUX = Described(
    sides=(
        _side("in_channels", "x_embedder", 1),
        _side(_INNER, "x_embedder", 0),
        _side("joint_attention_dim", "context_embedder", 1),
    ),
    blocks=(Blocks("num_layers", _TRANSFORMER, alike=True), Blocks("num_single_layers", _SINGLE, alike=True)),
)
DESCRIBED: Mapping[str, Described] = MappingProxyType(
    {
        "CLIPTextModel": _CLIP,
        "CLIPTextModelWithProjection": _CLIP,
        "T5EncoderModel": _T5,
        "Gemma2Model": _LANGUAGE,
        "Qwen3Model": _LANGUAGE,
        "Qwen3ForCausalLM": _LANGUAGE,
        "Qwen2_5_VLForConditionalGeneration": _LANGUAGE,
        "Qwen3VLForConditionalGeneration": _LANGUAGE,
        "Qwen3VLModel": _LANGUAGE,
        "Mistral3ForConditionalGeneration": _LANGUAGE,
        "AutoencoderKL": Described(
            sides=(
                _side("in_channels", "encoder.conv_in", 1),
                _side("block_out_channels[0]", "encoder.conv_in", 0),
                _side("latent_channels", "decoder.conv_in", 1),
                _side("block_out_channels[-1]", "decoder.conv_in", 0),
                _side("out_channels", "decoder.conv_out", 0),
            ),
            blocks=(
                Blocks("down_block_types", "encoder.down_blocks"),
                Blocks("up_block_types", "decoder.up_blocks"),
            ),
        ),
        "UNet2DConditionModel": Described(
            sides=(
                _side("in_channels", "conv_in", 1),
                _side("block_out_channels[0]", "conv_in", 0),
                _side("out_channels", "conv_out", 0),
                _side("cross_attention_dim", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 1),
            ),
            blocks=(
                Blocks("down_block_types", "down_blocks"),
                Blocks("up_block_types", "up_blocks"),
                Blocks("layers_per_block", "down_blocks.0.resnets"),
            ),
        ),
        "FluxTransformer2DModel": _FLUX,
        "ChromaTransformer2DModel": _FLUX,
        "Flux2Transformer2DModel": _FLUX,
        "SD3Transformer2DModel": Described(
            sides=(
                _side("in_channels", "pos_embed.proj", 1),
                _side(_INNER, "pos_embed.proj", 0),
                _side("joint_attention_dim", "context_embedder", 1),
                _side("pooled_projection_dim", "time_text_embed.text_embedder.linear_1", 1),
            ),
            blocks=(Blocks("num_layers", _TRANSFORMER),),
        ),
        "QwenImageTransformer2DModel": Described(
            sides=(
                _side("in_channels", "img_in", 1),
                _side(_INNER, "img_in", 0),
                _side("joint_attention_dim", "txt_in", 1),
            ),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
        ),
        "ZImageTransformer2DModel": Described(
            sides=(_side("dim", "cap_embedder.1", 0), _side("cap_feat_dim", "cap_embedder.1", 1)),
            blocks=(
                Blocks("n_layers", "layers", alike=True),
                Blocks("n_refiner_layers", "noise_refiner"),
                Blocks("n_refiner_layers", "context_refiner"),
            ),
        ),
        "Lumina2Transformer2DModel": Described(
            sides=(_side("hidden_size", "x_embedder", 0),),
            blocks=(Blocks("num_layers", "layers", alike=True), Blocks("num_refiner_layers", "noise_refiner")),
        ),
        "SanaTransformer2DModel": Described(
            sides=(_side("in_channels", "patch_embed.proj", 1), _side(_INNER, "patch_embed.proj", 0)),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
        ),
        "Krea2Transformer2DModel": Described(
            sides=(_side("in_channels", "img_in", 1), _side(_INNER, "img_in", 0)),
            blocks=(Blocks("num_layers", _TRANSFORMER, alike=True),),
        ),
    }
)
"""By the class of a part. Only what a configuration says is compared, and only tensors in their own shapes."""


def undescribed(kind: str, config: Record, tensors: Tensors) -> str:
    """In one clause what the files of a part have otherwise than its configuration says; empty where nothing is."""
    row = DESCRIBED.get(kind)
    if row is None or "quantization_config" in config:
        return ""
    said = Record(config | config.record("text_config"))
    begin = next((each for each in _BEGINS if any(each + side.tensor in tensors for side in row.sides)), None)
    if begin is None:
        return ""
    own = {name.removeprefix(begin): each for name, each in tensors.items() if name.startswith(begin)}
    return next(_faults(row, said, own), "")


def _faults(row: Described, said: Record, own: Tensors) -> Iterator[str]:
    for side in row.sides:
        found = own.get(side.tensor)
        if found is None and row.whole and ".0." not in side.tensor:
            yield f"its files lack `{side.tensor}`"
        size = _size(said, side.keys)
        if (
            size
            and found
            and found.dtype in _FLOATS
            and side.axis < len(found.shape)
            and found.shape[side.axis] != size
        ):
            keys = " times ".join(f"`{key.partition('[')[0]}`" for key in side.keys)
            yield f"`{side.tensor}` is {shaped(found.shape)}, where {keys} of `config.json` is {size}"
    for each in row.blocks:
        yield from _of_blocks(each, said, own, beyond=row.beyond)
    for whole, part in row.divided:
        width, heads = said.whole(whole), said.whole(part)
        if width and heads and width % heads:
            yield f"`{whole}` of `config.json` is {width}, which its `{part}` {heads} does not divide"


def _size(said: Record, keys: Collection[str]) -> int:
    """The product of the numbers there; 0 where one of them is none."""
    return prod(_number(said, key) for key in keys)


def _number(said: Record, key: str) -> int:
    name, _, place = key.partition("[")
    if not place:
        return said.whole(name) or 0
    counts = said.counts(name)
    return counts[int(place.rstrip("]"))] if counts else 0


def _of_blocks(row: Blocks, said: Record, own: Tensors, *, beyond: bool) -> Iterator[str]:
    wanted = said.whole(row.key)
    wanted = len(said.items_of(row.key)) if wanted is None else wanted
    found = numbered(own, row.name)
    if not found or not (wanted or row.key in said):
        return
    lost = next((number for number in range(wanted) if number not in found), None)
    if lost is not None:
        yield f"its files lack `{row.name}.{lost}`, where `{row.key}` of `config.json` asks for {wanted}"
    elif beyond and max(found) >= wanted:
        yield f"its files hold `{row.name}.{max(found)}`, where `{row.key}` of `config.json` asks for {wanted}"
    elif row.alike and (name := lost_of(found)):
        yield f"its files lack `{row.name}.{name}`"


def numbered(names: Collection[str], begin: str) -> Mapping[int, frozenset[str]]:
    """The blocks of that name by their number, each with the names of its tensors inside it."""
    place = re.compile(rf"{re.escape(begin)}\.(\d{{1,4}})\.(.+)")
    found: dict[int, set[str]] = {}
    for name in names:
        if match := place.match(name):
            found.setdefault(int(match[1]), set()).add(match[2])
    return {number: frozenset(inside) for number, inside in found.items()}


def lost_of(blocks: Mapping[int, frozenset[str]]) -> str:
    """The first tensor that one of the blocks lacks and all others have; empty where there is none."""
    if len(blocks) < _FEWEST:
        return ""
    counted = Counter(name for inside in blocks.values() for name in inside)
    common = {name for name, count in counted.items() if count == len(blocks) - 1}
    return min((f"{number}.{min(lost)}" for number, inside in blocks.items() if (lost := common - inside)), default="")
