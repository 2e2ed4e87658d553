"""Models that denoise with a UNet."""

from __future__ import annotations

from promptlang.reference.headers.sample import IN_FOLDERS, PREFIX, Sample, unet

SECOND_CLIP = {"conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,)}
POOLED = f"{PREFIX}label_emb.0.0.weight"
XL = {**unet(4, 2048, 4), POOLED: (1280, 2816), **SECOND_CLIP}

SAMPLES = (
    Sample(title="Stable Diffusion 1.5", shapes=unet(4, 768, 1), ours="sd1", diffusers="v1"),
    Sample(title="Stable Diffusion 1.5 inpainting", shapes=unet(9, 768, 1), ours="sd1 inpaint", diffusers="inpainting"),
    Sample(title="InstructPix2Pix", shapes=unet(8, 768, 1), ours="sd1 pix2pix", diffusers="instruct-pix2pix"),
    Sample(title="Stable Diffusion 2.1", shapes=unet(4, 1024, 2), ours="sd2", diffusers="v2"),
    Sample(
        title="Stable Diffusion 2 inpainting", shapes=unet(9, 1024, 2), ours="sd2 inpaint", diffusers="inpainting_v2"
    ),
    Sample(
        title="Stable Diffusion 2 depth",
        shapes=unet(5, 1024, 2),
        ours="sd2 depth",
        diffusers="v2",
        why="promptlang counts the channels that the denoiser takes",
    ),
    Sample(
        title="Stable Diffusion 2.1 unCLIP",
        shapes={**unet(4, 1024, 2), POOLED: (1280, 1536)},
        ours="unknown",
        diffusers="v2",
        why="it takes what CLIP says of a picture, for which diffusers does not look",
    ),
    Sample(
        title="Stable Diffusion upscaler (4 times)",
        shapes={**unet(7, 1024, 4, 256), f"{PREFIX}input_blocks.10.0.skip_connection.bias": (1024,)},
        ours="upscaler sd2 upscaler",
        diffusers="upscale",
    ),
    Sample(title="Stable Diffusion XL", shapes=XL, ours="sdxl", diffusers="xl_base"),
    Sample(
        title="Stable Diffusion XL, its denoiser alone",
        shapes={**unet(4, 2048, 4), POOLED: (1280, 2816)},
        ours="sdxl",
        diffusers="v1",
        why="diffusers looks for the second text encoder",
    ),
    Sample(
        title="Stable Diffusion XL, its denoiser alone, as diffusers names it",
        shapes={
            "conv_in.weight": (320, 4, 3, 3),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            "add_embedding.linear_1.weight": (1280, 2816),
        },
        ours="sdxl",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="Stable Diffusion XL inpainting",
        shapes={**unet(9, 2048, 4), POOLED: (1280, 2816), **SECOND_CLIP},
        ours="sdxl inpaint",
        diffusers="xl_inpaint",
    ),
    Sample(
        title="NoobAI XL, v-prediction",
        shapes={**XL, "v_pred": (0,), "ztsnr": (0,)},
        ours="sdxl v-prediction",
        diffusers="xl_base",
        why="the marks `v_pred` and `ztsnr` are not read there, so the picture comes out washed out",
    ),
    Sample(
        title="CosXL",
        shapes={**XL, "edm_vpred.sigma_max": (), "edm_vpred.sigma_min": ()},
        ours="sdxl edm",
        diffusers="xl_base",
        why="the mark `edm_vpred.sigma_max` is not read there",
    ),
    Sample(
        title="Playground 2.5",
        shapes={**XL, "edm_mean": (4,), "edm_std": (4,)},
        ours="sdxl edm",
        diffusers="playground-v2-5",
    ),
    Sample(
        title="Stable Diffusion XL refiner",
        shapes={
            **unet(4, 1280, 4, 384),
            POOLED: (1536, 2560),
            "conditioner.embedders.0.model.transformer.resblocks.9.mlp.c_proj.bias": (1280,),
        },
        ours="sdxl-refiner",
        diffusers="xl_refiner",
    ),
    Sample(
        title="Kolors",
        shapes={
            "conv_in.weight": (320, 4, 3, 3),
            "encoder_hid_proj.weight": (2048, 4096),
            "add_embedding.linear_1.weight": (1280, 5632),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        },
        ours="kolors",
        diffusers="v1",
        why=IN_FOLDERS,
    ),
    Sample(
        title="Stable Cascade",
        shapes={"clip_txt_mapper.weight": (2048, 1280), "clip_txt_pooled_mapper.weight": (8192, 1280)},
        ours="unknown",
        diffusers="stable_cascade_stage_c",
        why="promptlang names it and says that it does not know it",
    ),
    Sample(
        title="Stable Video Diffusion",
        shapes={
            **unet(8, 1024, 1),
            f"{PREFIX}input_blocks.1.1.time_stack.0.attn1.to_q.weight": (320, 320),
        },
        ours="unknown",
        diffusers="instruct-pix2pix",
        why="its first layer takes as many channels as InstructPix2Pix; promptlang sees the layers that move",
    ),
)
