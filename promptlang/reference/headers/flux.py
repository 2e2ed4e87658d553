"""FLUX and the models that were built like it."""

from __future__ import annotations

from promptlang.reference.headers.sample import IN_FOLDERS, PREFIX, UNRELATED, WIDTH, Sample

FLUX_KEY = "double_blocks.0.img_attn.norm.key_norm.scale"
FLUX = {FLUX_KEY: (128,), "img_in.weight": (3072, 64), "vector_in.in_layer.weight": (3072, 768)}
T5_TEXT = {"txt_in.weight": (3072, 4096)}
GUIDED = {"guidance_in.in_layer.bias": (3072,)}

SAMPLES = (
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
        title="FLUX.1 Depth and Canny",
        shapes={**FLUX, **T5_TEXT, **GUIDED, "img_in.weight": (3072, 128)},
        ours="flux control",
        diffusers="flux-depth",
    ),
    Sample(
        title="FLUX.1 dev, in a checkpoint of ComfyUI",
        shapes={f"{PREFIX}{name}": shape for name, shape in {**FLUX, **T5_TEXT, **GUIDED}.items()},
        ours="flux dev",
        diffusers="flux-dev",
    ),
    Sample(
        title="FLUX.1 dev, as diffusers names it",
        shapes={
            "single_transformer_blocks.0.proj_mlp.weight": (12288, 3072),
            "transformer_blocks.0.norm1_context.linear.weight": (18432, 3072),
            "time_text_embed.guidance_embedder.linear_1.weight": (3072, 256),
            "time_text_embed.text_embedder.linear_1.weight": (3072, 768),
            "context_embedder.weight": (3072, 4096),
            "x_embedder.weight": (3072, 64),
        },
        ours="flux dev",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="Chroma Radiance",
        shapes={
            FLUX_KEY: (128,),
            "distilled_guidance_layer.in_proj.bias": (5120,),
            "nerf_blocks.0.norm.scale": (64,),
        },
        ours="chroma radiance",
        diffusers="chroma",
        why="it draws pixels without an autoencoder, which diffusers does not see",
    ),
    Sample(
        title="Bria FIBO",
        shapes={
            "caption_projection.0.linear.weight": (1536, 2048),
            "single_transformer_blocks.0.proj_mlp.weight": (12288, 3072),
        },
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
    Sample(
        title="Motif-Video",
        shapes={
            "context_embedder.linear_1.weight": (3072, 4096),
            "single_transformer_blocks.0.proj_mlp.weight": (12288, 3072),
            "transformer_blocks.0.norm1_context.linear.weight": (18432, 3072),
        },
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
)
