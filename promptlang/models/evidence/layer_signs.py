"""The layers that only one family of transformers has, as networks name them: the table that tells LoRAs apart."""

from __future__ import annotations

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class LayerSign:
    """A layer of one family: a pattern for its path, and the widths it may read (none given: any).

    `foreign` names what promptlang has no row for, `several` the families that have such a layer.
    """

    family: str
    pattern: str
    reads: tuple[int, ...] = ()
    ratio: int = 0  # width written for each width read; 0: any
    beside: str = ""  # a piece of path that some other layer must have
    foreign: str = ""
    several: tuple[str, ...] = ()


def _sign(family_name: str, pattern: str, *reads: int, ratio: int = 0, beside: str = "") -> LayerSign:
    return LayerSign(family_name, pattern, reads, ratio, beside)


def _foreign(title: str, pattern: str, *reads: int) -> LayerSign:
    return LayerSign("unknown", pattern, reads, foreign=title)


def _several(names: tuple[str, ...], pattern: str, *reads: int) -> LayerSign:
    return LayerSign("unknown", pattern, reads, several=names)


# The first row that fits any layer wins. Paths have `_` throughout and no prefix; of layers that differ only in their
# numbers the deepest is looked at, so a number says how many blocks there are. Widths are those of published models.
LAYER_SIGNS = (
    _sign("minimax-h3", r"^(?:token_refiner_(?:refiner_)?|transformer_)?blocks_\d+_attn_(?:to_[qkv]|qkv_proj)$", 5376),
    _sign("hunyuan-image", r"individual_token_refiner|token_refiner_refiner_blocks", 3584),
    _sign("hunyuan-video", r"individual_token_refiner|token_refiner_refiner_blocks", 2048, 3072),
    _sign("ltx2", r"_audio_(?:attn|ff)|_audio_to_video_|_video_to_audio_|^av_c"),
    _foreign("Sana-Video", r"_ff_conv_temp$"),
    _foreign("JoyImage-Edit", r"double_blocks_\d+_(?:img|txt)_mlp_net_"),
    _foreign("ERNIE-Image", r"^layers_\d+_self_attention_to_"),
    _foreign("Bria FIBO 2", r"^layers_\d+_attention_to_", 3584),
    _sign("anima", r"llm_adapter|text_conditioner"),
    _several(("anima", "cosmos"), r"^blocks_\d+_(?:cross_attn|self_attn)_(?:[qkv]|output)_proj$"),
    _sign("wan", r"^blocks_\d+_(?:cross_attn|self_attn)_[qkvo]$"),
    _sign("wan", r"^blocks_\d+_attn[12]_to_[qkv]$", 1536, 3072, 5120),
    _sign("hidream", r"double_stream_blocks_\d|single_stream_blocks_\d"),
    _sign("auraflow", r"joint_transformer_blocks_\d|double_layers_\d"),
    _sign("kandinsky5", r"^(?:text|visual)_transformer_blocks_\d+_(?:self|cross)_attention_"),
    _sign("sd3", r"joint_blocks_\d"),
    _sign("chroma", r"distilled_guidance_layer"),
    _sign("flux3", r"mode_blocks_|^single_(?:transformer_)?blocks_\d+_(?:ff_linear_in|mlp_in)$"),
    _sign("krea2", r"text_fusion|txtfusion|_attn_(?:w[qkvo]|gate|to_gate)$"),
    _sign("krea2", r"^transformer_blocks_(?:[89]|[12]\d)_attn_to_[qkv]$", 6144),
    _sign("flux2", r"(?:double|single)_stream_modulation|to_qkv_mlp_proj$"),
    _sign("flux2", r"single_blocks_\d+_linear1$", ratio=9),
    _sign("flux2", r"(?:double_blocks_\d+_img_attn_qkv|single_blocks_\d+_linear1)$", 6144),
    _sign("flux2", r"^transformer_blocks_[0-7]_attn_(?:to_[qkv]|add_[qkv]_proj)$", 4096, 6144),
    _sign("flux2", r"^transformer_blocks_4_attn_to_[qkv]$", 3072),  # the last of klein 4B; others have many more
    _sign("hunyuan-video", r"^single_(?:transformer_)?blocks_(?:38|39)_", 3072),  # FLUX.1 ends at 37
    _sign("ovis-image", r"^transformer_blocks_5_attn_to_[qkv]$", 3072, beside="single_transformer_blocks_26_"),
    _sign(
        "flux", r"double_blocks_\d|single_blocks_\d|single_transformer_blocks_\d+_(?:proj_mlp|attn|norm_linear)", 3072
    ),
    _sign("qwen-image-2.1", r"^transformer_blocks_\d+_(?:img_mlp_(?:proj|gate_layer)|attn_to_[qkv])$", 4096),
    _sign("qwen-image", r"^transformer_blocks_\d+_(?:img|txt)_(?:mlp|mod)_", 3072, 12288),
    _sign("qwen-image", r"^transformer_blocks_(?:2\d|[345]\d)_attn_(?:to_[qkv]|add_[qkv]_proj)$", 3072),
    _sign("flux", r"^transformer_blocks_18_attn_to_[qkv]$", 3072),
    _sign("mochi", r"^transformer_blocks_\d+_attn1_add_[qkv]_proj$"),
    _sign("mochi", r"^transformer_blocks_\d+_attn1_to_[qkv]$", 3072),
    _sign("sd3", r"^transformer_blocks_\d+_attn_(?:to_[qkv]|add_[qkv]_proj)$", 1536, 2432),
    _sign("sana", r"^transformer_blocks_\d+_attn2_to_[kv]$", 2240),
    _sign("sana", r"^transformer_blocks_\d+_ff_conv_"),
    _sign("pixart", r"^transformer_blocks_\d+_attn2_to_[kv]$", 1152, beside="_ff_net_"),
    _several(("pixart", "sana"), r"^transformer_blocks_\d+_attn2_to_[kv]$", 1152),
    _sign("ltx", r"^transformer_blocks_\d+_attn2_to_[kv]$", 2048),
    _sign("cosmos", r"^transformer_blocks_\d+_attn2_to_[kv]$", 1024),
    _several(("ltx", "ltx2"), r"^transformer_blocks_\d+_attn2_to_[kv]$", 4096),
    _sign("cogview4", r"^transformer_blocks_27_attn1_to_[qkv]$", 4096),
    _sign("z-image", r"^(?:layers|noise_refiner|context_refiner)_\d+_(?:attention|feed_forward)_", 3840),
    _sign("lumina2", r"^(?:layers|noise_refiner|context_refiner)_\d+_(?:attn|attention|feed_forward)_", 2304),
    _sign("ideogram4", r"^layers_\d+_attention_", 4608),
    _sign("hunyuan-dit", r"^blocks_\d+_attn1_to_[qkv]$", 1408),
)
