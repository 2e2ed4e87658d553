"""How families are told by a header, beside what diffusers says of the same header: a table for `docs/families.md`.

Each row holds the keys that decide, with the shapes of the published model; a test asks both programs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptlang.values import dataclass

DIFFUSERS = "0.42"
"""The version of diffusers whose answers stand here."""

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A model as its header shows it: what promptlang and diffusers (`infer_diffusers_model_type`) make of it."""

    title: str
    shapes: Shapes
    ours: str  # the family, and the variant behind a blank
    diffusers: str
    why: str = ""  # what makes the difference


FLUX_KEY = "double_blocks.0.img_attn.norm.key_norm.scale"
FLUX = {FLUX_KEY: (128,), "img_in.weight": (3072, 64), "vector_in.in_layer.weight": (3072, 768)}
T5_TEXT = {"txt_in.weight": (3072, 4096)}
UNET = "model.diffusion_model."
XL = {
    f"{UNET}input_blocks.0.0.weight": (320, 4, 3, 3),
    f"{UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
    f"{UNET}label_emb.0.0.weight": (1280, 2816),
    "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,),
}
NOT_KNOWN_THERE = "no key of it stands in diffusers' table, which ends at Stable Diffusion 1"
WIDTH = "promptlang looks at the width as well"

SAMPLES = (
    Sample(
        title="Stable Diffusion 1.5",
        shapes={
            f"{UNET}input_blocks.0.0.weight": (320, 4, 3, 3),
            f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        },
        ours="sd1",
        diffusers="v1",
    ),
    Sample(
        title="Stable Diffusion 2.1",
        shapes={
            f"{UNET}input_blocks.0.0.weight": (320, 4, 3, 3),
            f"{UNET}input_blocks.2.1.transformer_blocks.0.attn2.to_k.weight": (640, 1024),
        },
        ours="sd2",
        diffusers="v2",
    ),
    Sample(title="Stable Diffusion XL", shapes=XL, ours="sdxl", diffusers="xl_base"),
    Sample(
        title="NoobAI XL, v-prediction",
        shapes={**XL, "v_pred": (0,), "ztsnr": (0,)},
        ours="sdxl v-prediction",
        diffusers="xl_base",
        why="the marks `v_pred` and `ztsnr` are not read there, so the picture comes out washed out",
    ),
    Sample(
        title="Stable Diffusion 3.5 large",
        shapes={
            "joint_blocks.0.context_block.adaLN_modulation.1.bias": (14592,),
            "joint_blocks.37.x_block.mlp.fc1.weight": (9728, 2432),
        },
        ours="sd3 3.5 large",
        diffusers="sd35_large",
    ),
    Sample(
        title="FLUX.1 dev",
        shapes={**FLUX, **T5_TEXT, "guidance_in.in_layer.bias": (3072,)},
        ours="flux dev",
        diffusers="flux-dev",
    ),
    Sample(title="FLUX.1 schnell", shapes={**FLUX, **T5_TEXT}, ours="flux schnell", diffusers="flux-schnell"),
    Sample(
        title="FLUX.1 Fill",
        shapes={**FLUX, **T5_TEXT, "guidance_in.in_layer.bias": (3072,), "img_in.weight": (3072, 384)},
        ours="flux fill",
        diffusers="flux-fill",
    ),
    Sample(
        title="FLUX.1 dev, saved by ComfyUI",
        shapes={
            "double_blocks.0.img_attn.norm.key_norm.weight": (128,),
            **T5_TEXT,
            "vector_in.in_layer.weight": (3072, 768),
            "guidance_in.in_layer.bias": (3072,),
            "img_in.weight": (3072, 64),
        },
        ours="flux dev",
        diffusers="v1",
        why="files that ComfyUI saves spell the key with `.weight`",
    ),
    Sample(
        title="LongCat-Image",
        shapes={FLUX_KEY: (128,), "img_in.weight": (3072, 64), "txt_in.weight": (3072, 3584)},
        ours="longcat-image",
        diffusers="flux-schnell",
        why=f"it has the key of FLUX.1; {WIDTH}",
    ),
    Sample(
        title="Ovis-Image",
        shapes={
            FLUX_KEY: (128,),
            "img_in.weight": (3072, 64),
            "double_blocks.0.img_mlp.gate_proj.weight": (9216, 3072),
            "txt_norm.weight": (2048,),
        },
        ours="ovis-image",
        diffusers="flux-schnell",
        why="it has the key of FLUX.1 and two of its own",
    ),
    Sample(
        title="Chroma",
        shapes={FLUX_KEY: (128,), "img_in.weight": (3072, 64), "distilled_guidance_layer.in_proj.bias": (5120,)},
        ours="chroma",
        diffusers="chroma",
    ),
    Sample(
        title="FLUX.2 dev",
        shapes={"single_stream_modulation.lin.weight": (18432, 6144)},
        ours="flux2 dev",
        diffusers="flux-2-dev",
    ),
    Sample(
        title="FLUX.2 klein 4B",
        shapes={"single_stream_modulation.lin.weight": (9216, 3072)},
        ours="flux2 klein 4B",
        diffusers="flux-2-dev",
        why=WIDTH,
    ),
    Sample(
        title="FLUX.2 klein 9B",
        shapes={"single_stream_modulation.lin.weight": (12288, 4096)},
        ours="flux2 klein 9B",
        diffusers="flux-2-dev",
        why=WIDTH,
    ),
    Sample(
        title="FLUX.3 klein",
        shapes={"early_stream_modulations.image.lin.weight": (9216, 3072)},
        ours="flux3",
        diffusers="flux-3-image",
    ),
    Sample(
        title="FLUX.3 klein, distilled",
        shapes={"early_stream_modulations.image.lin.weight": (9216, 3072), "ref_time_in.in_layer.weight": (3072, 256)},
        ours="flux3 distilled",
        diffusers="flux-3-image-distilled",
    ),
    Sample(
        title="Qwen-Image",
        shapes={
            "txt_norm.weight": (3584,),
            "img_in.weight": (3072, 64),
            "txt_in.weight": (3072, 3584),
            "transformer_blocks.0.img_mlp.net.0.proj.weight": (12288, 3072),
        },
        ours="qwen-image",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="Qwen-Image-Edit 2511",
        shapes={
            "txt_norm.weight": (3584,),
            "img_in.weight": (3072, 64),
            "txt_in.weight": (3072, 3584),
            "__index_timestep_zero__": (0,),
        },
        ours="qwen-image edit",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="Qwen-Image 2.1",
        shapes={"txt_in.text_norm.weight": (4096,), "modulation.1.weight": (24576, 4096)},
        ours="qwen-image-2.1",
        diffusers="qwen-image-2.1",
    ),
    Sample(
        title="Z-Image and Z-Image-Turbo",
        shapes={
            "layers.0.adaLN_modulation.0.weight": (15360, 256),
            "cap_embedder.1.weight": (3840, 2560),
            "noise_refiner.0.attention.k_norm.weight": (128,),
        },
        ours="z-image",
        diffusers="z-image-turbo",
        why="no key tells the two apart: promptlang asks, diffusers takes all for Turbo",
    ),
    Sample(title="Krea 2", shapes={"txtfusion.projector.weight": (1, 12)}, ours="krea2", diffusers="krea2"),
    Sample(
        title="Lumina-Image 2",
        shapes={"cap_embedder.0.weight": (2304,), "cap_embedder.1.weight": (2304, 2304)},
        ours="lumina2",
        diffusers="lumina2",
    ),
    Sample(
        title="Anima",
        shapes={
            "blocks.0.mlp.layer1.weight": (8192, 2048),
            "llm_adapter.blocks.0.cross_attn.q_proj.weight": (1024, 1024),
        },
        ours="anima",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="HiDream-I1",
        shapes={
            "double_stream_blocks.0.block.adaLN_modulation.1.bias": (30720,),
            "caption_projection.0.linear.weight": (2560, 4096),
        },
        ours="hidream",
        diffusers="hidream",
    ),
    Sample(
        title="AuraFlow",
        shapes={
            "double_layers.0.attn.w1q.weight": (3072, 3072),
            "double_layers.0.attn.w2q.weight": (3072, 3072),
            "cond_seq_linear.weight": (3072, 2048),
            "t_embedder.mlp.0.weight": (3072, 256),
        },
        ours="auraflow",
        diffusers="auraflow",
    ),
    Sample(
        title="Sana",
        shapes={
            "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
            "blocks.0.cross_attn.kv_linear.weight": (4480, 2240),
        },
        ours="sana",
        diffusers="sana",
    ),
    Sample(
        title="PixArt-Σ",
        shapes={"blocks.0.cross_attn.q_linear.weight": (1152, 1152), "blocks.0.mlp.fc1.weight": (4608, 1152)},
        ours="pixart",
        diffusers="sana",
        why="the two share a key; PixArt has a plain feed-forward layer",
    ),
    Sample(
        title="Kandinsky 5",
        shapes={
            "visual_embeddings.in_layer.weight": (2560, 64),
            "pooled_text_embeddings.in_layer.weight": (512, 768),
        },
        ours="kandinsky5",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="Ideogram 4",
        shapes={"llm_cond_proj.weight": (4608, 53248), "embed_image_indicator.weight": (2, 4608)},
        ours="ideogram4",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="MiniMax H3",
        shapes={"token_refiner.blocks.0.attn.qkv_proj.weight": (21504, 5376)},
        ours="minimax-h3",
        diffusers="minimax-h3",
    ),
    Sample(
        title="HunyuanImage 2.1",
        shapes={
            "txt_in.individual_token_refiner.blocks.0.norm1.weight": (3584,),
            "byt5_in.fc1.weight": (2048, 1472),
        },
        ours="hunyuan-image",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="HunyuanVideo",
        shapes={"txt_in.individual_token_refiner.blocks.0.adaLN_modulation.1.bias": (6144,)},
        ours="hunyuan-video",
        diffusers="hunyuan-video",
    ),
    Sample(
        title="Wan 2.1 1.3B",
        shapes={"head.modulation": (1, 2, 1536), "patch_embedding.weight": (1536, 16, 1, 2, 2)},
        ours="wan",
        diffusers="wan-t2v-1.3B",
    ),
    Sample(title="LTX-Video", shapes={"patchify_proj.weight": (2048, 128)}, ours="ltx", diffusers="ltx-video"),
    Sample(
        title="Cosmos 1",
        shapes={
            "net.x_embedder.proj.1.weight": (4096, 68),
            "net.blocks.block1.blocks.0.block.attn.to_q.0.weight": (4096, 4096),
            "net.blocks.block0.blocks.0.block.attn.to_q.0.weight": (4096, 4096),
            "net.extra_pos_embedder.pos_emb_h": (120, 4096),
        },
        ours="cosmos",
        diffusers="cosmos-1.0-t2w-7B",
    ),
    Sample(
        title="Mochi 1",
        shapes={"blocks.0.attn.qkv_x.weight": (9216, 3072)},
        ours="mochi",
        diffusers="mochi-1-preview",
    ),
    Sample(
        title="a file of no model",
        shapes={"weight": (768,)},
        ours="unknown",
        diffusers="v1",
        why="promptlang says that it does not know",
    ),
)


def rows() -> Iterator[tuple[str, ...]]:
    """One line of the table for each sample."""
    for each in SAMPLES:
        keys = ", ".join(f"`{name}` {'×'.join(map(str, shape))}" for name, shape in each.shapes.items())
        yield each.title, keys, each.ours, each.diffusers, each.why or "–"
