"""By which keys ComfyUI tells the models of the table of headers: read in its `model_detection.py` and its kin.

A UNet is told by its widths; everything else by keys, of which the first that is there decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.reference.headers.sample import Sample
from promptlang.values import dataclass

VERSION = "0.38"
"""The version whose keys stand here."""


@dataclass(frozen=True, slots=True)
class Told:
    """What ComfyUI calls a model, the keys that it looks for, and how far that is from what promptlang says."""

    name: str = ""
    keys: tuple[str, ...] = ()
    apart: str = ""


def told(sample: Sample) -> Told:
    """What ComfyUI says of a sample: of that very one, or of its family."""
    return BY_TITLE.get(sample.title) or BY_FAMILY[sample.ours.split()[0] if " " in sample.ours else sample.ours]


def cell(sample: Sample) -> str:
    """The same for a table."""
    found = told(sample)
    keys = ", ".join(f"`{key}`" for key in found.keys)
    return "; ".join(filter(None, (f"{found.name}: {keys}" if keys else found.name, found.apart))) or "–"


_WIDTHS = ("input_blocks.0.0.weight", "….attn2.to_k.weight")
_IN_FOLDERS = ("conv_in.weight", "….attn2.to_k.weight")
_FLUX = "double_blocks.0.img_attn.norm.key_norm.{scale,weight}"
_LUMINA = ("cap_embedder.1.weight", "noise_refiner.0.attention.k_norm.weight")
_HUNYUAN = "txt_in.individual_token_refiner.blocks.0.norm1.weight"
_CHROMA = "distilled_guidance_layer.{0.,}norms.0.{scale,weight}"
_HINT = "controlnet_cond_embedding.conv_in.weight"
_BLOCKS = "controlnet_blocks.0.weight"
_COSMOS_2 = "blocks.0.mlp.layer1.weight"
_NONE = Told()

BY_FAMILY: Mapping[str, Told] = MappingProxyType(
    {
        "sd1": Told("SD15", _WIDTHS),
        "sd2": Told("SD20", _WIDTHS),
        "sdxl": Told("SDXL", (*_WIDTHS, "label_emb.0.0.weight")),
        "sdxl-refiner": Told("SDXLRefiner", (*_WIDTHS, "label_emb.0.0.weight")),
        "kolors": _NONE,
        "flux": Told("flux", (_FLUX, "img_in.weight"), "`guidance_in.in_layer.weight` says that it is no schnell"),
        "flux2": Told("flux2", (_FLUX, "double_stream_modulation_img.lin.weight"), "which of them, nothing there asks"),
        "flux3": _NONE,
        "chroma": Told("chroma", (_FLUX, _CHROMA)),
        "longcat-image": Told(
            "flux", (_FLUX, "img_in.weight"), "`txt_in.weight` of width 3584 sets it apart there too"
        ),
        "ovis-image": Told(
            "flux", (_FLUX, "img_in.weight"), "`double_blocks.0.img_mlp.gate_proj.weight` sets it apart"
        ),
        "sd3": Told("SD3", ("joint_blocks.0.context_block.attn.qkv.weight",), "which of them, the shapes say"),
        "qwen-image": Told("qwen_image", ("txt_norm.weight",)),
        "qwen-image-2.1": Told("qwen_image21", ("txt_in.text_norm.weight", "modulation.1.weight")),
        "z-image": Told("lumina2", _LUMINA, "told from Lumina by the width 3840"),
        "lumina2": Told("lumina2", _LUMINA, "told from Z-Image by the width 2304"),
        "krea2": Told("krea2", ("txtfusion.projector.weight",)),
        "anima": Told("anima", (_COSMOS_2, "llm_adapter.blocks.0.cross_attn.q_proj.weight")),
        "hidream": Told("hidream", ("caption_projection.0.linear.weight",)),
        "auraflow": Told("AuraFlow", ("double_layers.0.attn.w1q.weight",)),
        "sana": _NONE,
        "pixart": Told("pixart_sigma", ("t_block.1.weight",)),
        "kandinsky5": Told("kandinsky5", ("visual_transformer_blocks.0.cross_attention.key_norm.weight",)),
        "ideogram4": Told("ideogram4", ("embed_image_indicator.weight",)),
        "hunyuan-image": Told("hunyuan_video", (_HUNYUAN,), "told from films by squares of two sides"),
        "hunyuan-dit": Told("hydit", ("mlp_t5.0.weight",)),
        "cogview4": _NONE,
        "hunyuan-video": Told("hunyuan_video", (_HUNYUAN,)),
        "wan": Told("wan2.1", ("head.modulation",)),
        "ltx": Told("ltxv", ("adaln_single.emb.timestep_embedder.linear_1.bias",)),
        "ltx2": Told("ltxav", ("adaln_single.emb.timestep_embedder.linear_1.bias", "audio_adaln_single.linear.weight")),
        "cosmos": Told("cosmos", ("blocks.block0.blocks.0.block.attn.to_q.0.weight",)),
        "mochi": Told("mochi_preview", ("t5_yproj.weight",)),
        "minimax-h3": Told("minimax_h3", ("video_patch_proj.weight", "audio_patch_proj.weight")),
        "controlnet": Told("ControlNet", (_HINT,)),
        "adapter": _NONE,
        "vae": Told(apart="by the shapes of its decoder"),
        "unknown": _NONE,
        "upscaler": Told("SD_X4Upscaler", _WIDTHS, "of width 256, which takes 7 channels"),
    }
)

BY_TITLE: Mapping[str, Told] = MappingProxyType(
    {
        "InstructPix2Pix": Told("SD15_instructpix2pix", _WIDTHS, "8 channels"),
        "Stable Diffusion 2 depth": Told("SD20", _WIDTHS, "more than 4 channels are inpainting there"),
        "Stable Diffusion 2.1 unCLIP": Told("SD21UnclipL", (*_WIDTHS, "label_emb.0.0.weight"), "1536 wide"),
        "Stable Diffusion XL, its denoiser alone, as diffusers names it": Told("SDXL", _IN_FOLDERS),
        "NoobAI XL, v-prediction": Told("SDXL", (*_WIDTHS, "v_pred", "ztsnr")),
        "CosXL": Told("SDXL", (*_WIDTHS, "edm_vpred.sigma_max")),
        "Playground 2.5": Told("SDXL", (*_WIDTHS, "edm_mean", "edm_std")),
        "Stable Cascade": Told("Stable_Cascade_C", ("clf.1.weight", "clip_txt_mapper.weight")),
        "Stable Video Diffusion": Told("SVD_img2vid", (*_WIDTHS, "….time_stack.0.attn1.to_q.weight")),
        "FLUX.1 Fill": Told("FluxInpaint", (_FLUX, "img_in.weight"), "384 numbers of it"),
        "FLUX.1 dev, as diffusers names it": Told("flux", ("x_embedder.weight",), "the first key of such files"),
        "Chroma Radiance": Told("chroma_radiance", (_FLUX, _CHROMA, "nerf_blocks.0.norm.{scale,weight}")),
        "Bria FIBO": Told("hidream", ("caption_projection.0.linear.weight",), "it has this key of HiDream"),
        "Qwen-Image-Edit 2511": Told("qwen_image", ("txt_norm.weight", "__index_timestep_zero__")),
        "Qwen-Image-Layered": Told("qwen_image", ("txt_norm.weight", "time_text_embed.addition_t_embedding.weight")),
        "NewBie": Told("lumina2", (*_LUMINA, "clip_text_pooled_proj.0.weight")),
        "Ming-Image": Told("ming_image", _LUMINA, "`__ming_image__`, or no `cap_pad_token`"),
        "Z-Image in pixels": Told("zimage_pixel", (*_LUMINA, "dec_net.cond_embed.weight")),
        "Mage-Flow": Told("mage_flow", ("txt_norm.weight", "proj_out.weight"), "by the widths 2560 and 128"),
        "Hunyuan3D 2": Told("hunyuan3d2", ("latent_in.weight",)),
        "OmniGen 2": Told("omnigen2", ("time_caption_embed.timestep_embedder.linear_1.bias",)),
        "ERNIE-Image": Told("ernie", ("layers.0.mlp.linear_fc2.weight",)),
        "Wan 2.1 VACE": Told("wan2.1", ("head.modulation", "vace_patch_embedding.weight")),
        "HunyuanVideo 1.5, as diffusers names it": Told(apart="it knows the names of the first publication"),
        "Cosmos Predict 2": Told("cosmos_predict2", (_COSMOS_2,)),
        "CogVideoX": Told("cogvideox", ("blocks.0.norm1.linear.weight",), "under names of ComfyUI's own"),
        "Kandinsky 6": Told("Kandinsky 6", ("visual_embeddings.in_layer.weight",), "and keys beside it"),
        "a control network of Stable Diffusion 1": Told("ControlNet", ("control_model.zero_convs.0.0.weight",)),
        "a control network of Stable Diffusion XL for several kinds (union)": Told(
            "ControlNet", (_HINT, "control_add_embedding.linear_1.bias")
        ),
        "Control-LoRA of Stable Diffusion XL": Told("ControlLora", ("lora_controlnet",)),
        "a control network of FLUX.1, of XLabs": Told("ControlNetFlux", (_BLOCKS, _FLUX)),
        "a control network of FLUX.1, as diffusers names it": Told(
            "ControlNetFlux", (_BLOCKS, "controlnet_x_embedder.weight")
        ),
        "a control network of Stable Diffusion 3": Told("ControlNetSD3", (_BLOCKS, "pos_embed_input.proj.weight")),
        "a control network of Qwen-Image": Told(
            "QwenImageControlNet", (_BLOCKS, "transformer_blocks.0.img_mlp.net.0.proj.weight")
        ),
        "a control network of Z-Image-Turbo": Told("a patch of the model", ("control_all_x_embedder.2-1.weight",)),
        "a T2I adapter of Stable Diffusion 1": Told("T2IAdapter", ("conv_in.weight",), "192 channels"),
        "a T2I adapter of Stable Diffusion XL": Told(
            "T2IAdapter", ("conv_in.weight",), "256 or 768 channels are SDXL's"
        ),
        "FLUX.1 Redux": Told("style model", ("redux_down.weight",)),
    }
)
