"""Control networks, image adapters, autoencoders, and what is no model at all."""

from __future__ import annotations

from promptlang.reference.headers.sample import IN_FOLDERS, NOT_KNOWN_THERE, Sample

MOTION = "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks"
HINT = {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}
XL = {
    "conv_in.weight": (320, 4, 3, 3),
    "add_embedding.linear_1.weight": (1280, 2816),
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
}

SAMPLES = (
    Sample(
        title="a file of no model",
        shapes={"weight": (768,)},
        ours="unknown",
        diffusers="v1",
        why="promptlang says that it does not know",
    ),
    Sample(
        title="a control network of Stable Diffusion 1",
        shapes={
            "control_model.time_embed.0.weight": (1280, 320),
            "control_model.input_hint_block.0.weight": (16, 3, 3, 3),
            "control_model.input_blocks.0.0.weight": (320, 4, 3, 3),
            "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        },
        ours="controlnet sd1",
        diffusers="controlnet",
    ),
    Sample(
        title="a control network of Stable Diffusion 2, as diffusers names it",
        shapes={
            **HINT,
            "conv_in.weight": (320, 4, 3, 3),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (320, 1024),
        },
        ours="controlnet sd2",
        diffusers="controlnet",
        why="diffusers does not say for which family",
    ),
    Sample(
        title="a control network of Stable Diffusion XL",
        shapes={**HINT, **XL, "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.weight": (640, 640)},
        ours="controlnet sdxl",
        diffusers="controlnet_xl_large",
    ),
    Sample(
        title="a small control network of Stable Diffusion XL",
        shapes={**HINT, "conv_in.weight": (320, 4, 3, 3), "add_embedding.linear_1.weight": (1280, 2816)},
        ours="controlnet sdxl",
        diffusers="controlnet_xl_small",
    ),
    Sample(
        title="a control network of Stable Diffusion XL for several kinds (union)",
        shapes={**HINT, **XL, "control_add_embedding.linear_1.weight": (1280, 1536), "task_embedding": (6, 320)},
        ours="controlnet sdxl",
        diffusers="controlnet_xl_small",
    ),
    Sample(
        title="Control-LoRA of Stable Diffusion XL",
        shapes={
            "lora_controlnet": (),
            "input_hint_block.0.weight": (16, 3, 3, 3),
            "input_blocks.0.0.weight": (320, 4, 3, 3),
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.down": (128, 2048),
            "input_blocks.4.1.transformer_blocks.0.attn2.to_k.up": (640, 128),
        },
        ours="controlnet sdxl",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="a control network of FLUX.1, of XLabs",
        shapes={
            "controlnet_blocks.0.weight": (3072, 3072),
            "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
            "img_in.weight": (3072, 64),
            "vector_in.in_layer.weight": (3072, 768),
            "txt_in.weight": (3072, 4096),
        },
        ours="controlnet flux",
        diffusers="flux-schnell",
        why="the layers that lead into the model are not looked for there",
    ),
    Sample(
        title="a control network of FLUX.1, as diffusers names it",
        shapes={
            "controlnet_blocks.0.weight": (3072, 3072),
            "controlnet_x_embedder.weight": (3072, 64),
            "transformer_blocks.0.norm1_context.linear.weight": (18432, 3072),
            "context_embedder.weight": (3072, 4096),
            "time_text_embed.text_embedder.linear_1.weight": (3072, 768),
        },
        ours="controlnet flux",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="a control network of Stable Diffusion 3",
        shapes={
            "controlnet_blocks.0.weight": (1536, 1536),
            "pos_embed_input.proj.weight": (1536, 16, 2, 2),
            "pos_embed.pos_embed": (1, 36864, 1536),
            "transformer_blocks.0.attn.add_k_proj.weight": (1536, 1536),
        },
        ours="controlnet sd3",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="a control network of Qwen-Image",
        shapes={
            "controlnet_blocks.0.weight": (3072, 3072),
            "controlnet_x_embedder.weight": (3072, 64),
            "txt_norm.weight": (3584,),
            "transformer_blocks.0.img_mlp.net.0.proj.weight": (12288, 3072),
        },
        ours="controlnet qwen-image",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="a control network of Z-Image-Turbo",
        shapes={
            "control_all_x_embedder.2-1.weight": (3840, 64),
            "control_layers.0.adaLN_modulation.0.weight": (15360, 256),
        },
        ours="controlnet z-image",
        diffusers="z-image-turbo-controlnet",
    ),
    Sample(
        title="a T2I adapter of Stable Diffusion 1",
        shapes={"conv_in.weight": (320, 192, 3, 3), "body.0.block1.weight": (320, 320, 3, 3)},
        ours="adapter sd1",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="a T2I adapter of Stable Diffusion XL",
        shapes={
            "adapter.conv_in.weight": (320, 768, 3, 3),
            "adapter.body.0.resnets.0.block1.weight": (320, 320, 3, 3),
        },
        ours="adapter sdxl",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="an IP-Adapter of Stable Diffusion 1",
        shapes={"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)},
        ours="adapter sd1",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="an IP-Adapter of Stable Diffusion XL",
        shapes={"image_proj.proj.weight": (8192, 1280), "ip_adapter.1.to_k_ip.weight": (640, 2048)},
        ours="adapter sdxl",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="an IP-Adapter of FLUX.1, of XLabs",
        shapes={
            "ip_adapter_proj_model.proj.weight": (16384, 768),
            "double_blocks.0.processor.ip_adapter_double_stream_k_proj.weight": (3072, 4096),
        },
        ours="adapter flux",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="FLUX.1 Redux",
        shapes={"redux_up.weight": (12288, 1152), "redux_down.weight": (4096, 12288)},
        ours="adapter flux",
        diffusers="v1",
        why=NOT_KNOWN_THERE,
    ),
    Sample(
        title="AnimateDiff",
        shapes={
            f"{MOTION}.0.attention_blocks.0.pos_encoder.pe": (1, 32, 320),
            "mid_block.motion_modules.0.temporal_transformer.norm.bias": (1280,),
        },
        ours="adapter unknown",
        diffusers="animatediff_v2",
        why="promptlang does not draw moving pictures and looks no further",
    ),
    Sample(
        title="the autoencoder of Sana",
        shapes={
            "decoder.conv_in.weight": (1024, 32, 3, 3),
            "decoder.stages.1.op_list.0.main.conv.conv.bias": (256,),
            "encoder.project_in.conv.bias": (128,),
        },
        ours="vae unknown",
        diffusers="autoencoder-dc-f32c32-sana",
        why="several families share one, which `promptlang inspect` names",
    ),
    Sample(
        title="the autoencoder of FLUX.1",
        shapes={"decoder.conv_in.weight": (512, 16, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)},
        ours="vae unknown",
        diffusers="v1",
        why="several families share one, which `promptlang inspect` names",
    ),
)
