"""Models that make moving pictures."""

from __future__ import annotations

from promptlang.reference.headers.sample import IN_FOLDERS, PREFIX, UNRELATED, WIDTH, Sample

SAMPLES = (
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
        title="MiniMax H3",
        shapes={"token_refiner.blocks.0.attn.qkv_proj.weight": (21504, 5376)},
        ours="minimax-h3",
        diffusers="minimax-h3",
    ),
    Sample(
        title="Wan 2.1 14B",
        shapes={"head.modulation": (1, 2, 5120), "patch_embedding.weight": (5120, 16, 1, 2, 2)},
        ours="wan",
        diffusers="wan-t2v-14B",
    ),
    Sample(
        title="Wan 2.2 5B",
        shapes={"head.modulation": (1, 2, 3072), "patch_embedding.weight": (3072, 48, 1, 2, 2)},
        ours="wan",
        diffusers="wan-i2v-14B",
        why="diffusers knows two widths and takes all others for the largest model",
    ),
    Sample(
        title="Wan 2.1 VACE",
        shapes={
            "head.modulation": (1, 2, 5120),
            "patch_embedding.weight": (5120, 16, 1, 2, 2),
            "vace_blocks.0.after_proj.bias": (5120,),
        },
        ours="wan",
        diffusers="wan-vace-14B",
    ),
    Sample(
        title="LTX-2",
        shapes={
            f"{PREFIX}av_ca_a2v_gate_adaln_single.emb.timestep_embedder.linear_1.weight": (4096, 256),
            f"{PREFIX}patchify_proj.weight": (4096, 128),
        },
        ours="ltx2",
        diffusers="ltx-video",
        why="it has the key of LTX-Video and one of its own, for which diffusers looks later",
    ),
    Sample(
        title="HunyuanVideo 1.5, as diffusers names it",
        shapes={"context_embedder.token_refiner.refiner_blocks.0.norm1.weight": (2048,)},
        ours="hunyuan-video",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="Cosmos Predict 2",
        shapes={
            "net.x_embedder.proj.1.weight": (2048, 68),
            "net.blocks.0.self_attn.q_proj.weight": (2048, 2048),
            "net.blocks.0.mlp.layer1.weight": (8192, 2048),
            "net.pos_embedder.dim_spatial_range": (21,),
        },
        ours="cosmos",
        diffusers="cosmos-2.0-t2i-2B",
    ),
    Sample(
        title="Allegro",
        shapes={
            "adaln_single.linear.weight": (13824, 2304),
            "transformer_blocks.0.attn2.to_k.weight": (2304, 2304),
        },
        ours="unknown",
        diffusers="v1",
        why=f"it has the keys of PixArt as diffusers names them; {WIDTH}",
    ),
    Sample(
        title="Sana-Video",
        shapes={
            "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
            "blocks.0.mlp.t_conv.weight": (2240, 2240, 3, 1),
        },
        ours="unknown",
        diffusers="sana",
        why="it has the key of Sana and one of its own",
    ),
    Sample(
        title="CogVideoX",
        shapes={
            "patch_embed.text_proj.weight": (1920, 4096),
            "transformer_blocks.0.norm1.norm.weight": (1920,),
        },
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
    Sample(
        title="Kandinsky 6",
        shapes={
            "visual_embeddings.in_layer.weight": (4096, 132),
            "audio_embeddings.in_layer.weight": (4096, 20),
        },
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
)
