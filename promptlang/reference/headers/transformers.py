"""Models that denoise with a transformer, beside FLUX and its kin."""

from __future__ import annotations

from promptlang.reference.headers.sample import IN_FOLDERS, NOT_KNOWN_THERE, PREFIX, UNRELATED, WIDTH, Sample

SAMPLES = (
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
            "cap_pad_token": (1, 3840),
        },
        ours="z-image",
        diffusers="z-image-turbo",
        why="no key tells the two apart: promptlang asks, diffusers takes all for Turbo",
    ),
    Sample(title="Krea 2", shapes={"txtfusion.projector.weight": (1, 12)}, ours="krea2", diffusers="krea2"),
    Sample(
        title="Lumina-Image 2",
        shapes={
            "cap_embedder.0.weight": (2304,),
            "cap_embedder.1.weight": (2304, 2304),
            "layers.0.adaLN_modulation.1.weight": (9216, 1024),
            "noise_refiner.0.attention.k_norm.weight": (96,),
        },
        ours="lumina2",
        diffusers="lumina2",
    ),
    Sample(
        title="NewBie",
        shapes={
            "cap_embedder.0.weight": (2304,),
            "cap_embedder.1.weight": (2304, 2304),
            "layers.0.adaLN_modulation.1.weight": (9216, 1024),
            "clip_text_pooled_proj.0.weight": (1024,),
        },
        ours="unknown",
        diffusers="lumina2",
        why="it has the keys of Lumina-Image 2 and one of its own",
    ),
    Sample(
        title="Ming-Image",
        shapes={
            "layers.0.adaLN_modulation.0.weight": (15360, 256),
            "cap_embedder.1.weight": (3840, 2560),
            "x_embedder.weight": (3840, 64),
        },
        ours="unknown",
        diffusers="z-image-turbo",
        why="it has the layers of Z-Image, and no `cap_pad_token`",
    ),
    Sample(
        title="Z-Image in pixels",
        shapes={
            "layers.0.adaLN_modulation.0.weight": (15360, 256),
            "cap_embedder.1.weight": (3840, 2560),
            "cap_pad_token": (1, 3840),
            "dec_net.cond_embed.weight": (3840, 3840),
        },
        ours="unknown",
        diffusers="z-image-turbo",
        why="it has the key of Z-Image and a decoder of its own",
    ),
    Sample(
        title="Mage-Flow",
        shapes={
            "txt_norm.weight": (2560,),
            "img_in.weight": (3072, 128),
            "txt_in.weight": (3072, 2560),
            "proj_out.weight": (128, 3072),
        },
        ours="unknown",
        diffusers="v1",
        why="it has the keys of Qwen-Image; promptlang looks at the width as well",
    ),
    Sample(
        title="Hunyuan3D 2",
        shapes={
            "latent_in.weight": (1024, 64),
            "cond_in.weight": (1024, 1536),
            "double_blocks.0.img_attn.norm.key_norm.scale": (64,),
        },
        ours="unknown",
        diffusers="flux-schnell",
        why="it has a key of FLUX.1 and draws no pictures",
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
        title="Stable Diffusion 3 medium",
        shapes={
            f"{PREFIX}joint_blocks.0.context_block.adaLN_modulation.1.bias": (9216,),
            f"{PREFIX}pos_embed": (1, 36864, 1536),
        },
        ours="sd3 3.0 medium",
        diffusers="sd3",
    ),
    Sample(
        title="Stable Diffusion 3.5 medium",
        shapes={"joint_blocks.0.context_block.adaLN_modulation.1.bias": (9216,), "pos_embed": (1, 147456, 1536)},
        ours="sd3 3.5 medium",
        diffusers="sd35_medium",
    ),
    Sample(
        title="Qwen-Image-Layered",
        shapes={
            "txt_norm.weight": (3584,),
            "img_in.weight": (3072, 64),
            "txt_in.weight": (3072, 3584),
            "time_text_embed.addition_t_embedding.weight": (2, 3072),
        },
        ours="qwen-image layered",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="Sana Sprint",
        shapes={
            "blocks.0.cross_attn.q_linear.weight": (2240, 2240),
            "blocks.0.cross_attn.kv_linear.weight": (4480, 2240),
            "cfg_embedder.mlp.0.weight": (2240, 256),
        },
        ours="sana sprint",
        diffusers="sana",
        why="diffusers does not look for the input of guidance, which Sprint alone has",
    ),
    Sample(
        title="Hunyuan-DiT 1.2",
        shapes={"mlp_t5.0.weight": (8192, 2048), "text_embedding_padding": (333, 1024)},
        ours="hunyuan-dit",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="CogView4",
        shapes={
            "patch_embed.text_proj.weight": (4096, 4096),
            "time_condition_embed.condition_embedder.linear_1.weight": (512, 1536),
        },
        ours="cogview4",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="CogView3-Plus",
        shapes={
            "patch_embed.text_proj.weight": (2560, 4096),
            "time_condition_embed.condition_embedder.linear_1.weight": (512, 1536),
        },
        ours="unknown",
        diffusers="v1",
        why=f"it has the keys of CogView4; {WIDTH}",
    ),
    Sample(
        title="Bria FIBO 2",
        shapes={"perceiver.latent_queries": (512, 3584), "layers.0.adaLN_modulation.0.weight": (14336, 256)},
        ours="unknown",
        diffusers="z-image-turbo",
        why="it has the key of Z-Image and one of its own",
    ),
    Sample(
        title="OmniGen 2",
        shapes={
            "time_caption_embed.timestep_embedder.linear_1.bias": (1024,),
            "ref_image_refiner.0.attn.to_q.weight": (2520, 2520),
        },
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
    Sample(
        title="ERNIE-Image",
        shapes={"layers.0.adaLN_sa_ln.weight": (3072,), "text_proj.weight": (3072, 2560)},
        ours="unknown",
        diffusers="v1",
        why=UNRELATED,
    ),
)
