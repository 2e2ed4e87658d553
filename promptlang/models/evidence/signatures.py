"""The keys that only one family of denoisers has, as its models are published and as diffusers names them."""

from __future__ import annotations

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """Keys that a denoiser of one family has, all of them; `foreign` names what promptlang has no row for."""

    family: str
    keys: tuple[str, ...]
    foreign: str = ""


def _foreign(title: str, *keys: str) -> Signature:
    return Signature("unknown", keys, title)


def _known(family_name: str, *keys: str) -> Signature:
    return Signature(family_name, keys)


FLUX_KEYS = (  # the older spelling, and that of files which ComfyUI has saved
    "double_blocks.0.img_attn.norm.key_norm.scale",
    "double_blocks.0.img_attn.norm.key_norm.weight",
)
FLUX_BLOCKS = "single_transformer_blocks.0.proj_mlp.weight"  # in the layout of diffusers

# The first row whose keys are all there wins, so relatives of a family stand before it. Both the layouts of the first
# publications and those of diffusers are here; the latter were compared with diffusers 0.42.
SIGNATURES = (
    _known("flux3", "early_stream_modulations.image.lin.weight"),
    _known("flux3", "early_stream_modulations.image.linear.weight"),
    _known("hunyuan-image", "txt_in.individual_token_refiner.blocks.0.norm1.weight", "byt5_in.fc1.weight"),
    _known("hunyuan-image", "context_embedder.proj_in.weight", "time_guidance_embed.timestep_embedder.linear_1.weight"),
    _known("hunyuan-video", "txt_in.individual_token_refiner.blocks.0.adaLN_modulation.1.bias"),
    _known("hunyuan-video", "txt_in.individual_token_refiner.blocks.0.norm1.weight"),
    _known("hunyuan-video", "context_embedder.token_refiner.refiner_blocks.0.norm1.weight"),
    _known("ltx2", "av_ca_a2v_gate_adaln_single.emb.timestep_embedder.linear_1.weight"),
    _known("ltx2", "av_cross_attn_video_scale_shift.emb.timestep_embedder.linear_1.weight"),
    _known("ltx", "patchify_proj.weight"),
    _known("ltx", "proj_in.weight", "caption_projection.linear_1.weight", "scale_shift_table"),
    _foreign("Helios", "patch_short.weight", "patch_long.weight"),
    _known("wan", "head.modulation"),
    _known("wan", "condition_embedder.time_proj.weight", "patch_embedding.weight"),
    _known("cosmos", "blocks.block0.blocks.0.block.attn.to_q.0.weight"),
    _known("cosmos", "time_embed.t_embedder.linear_1.weight", "transformer_blocks.0.norm1.linear_1.weight"),
    _known("anima", "llm_adapter.blocks.0.cross_attn.q_proj.weight"),
    _known("cosmos", "blocks.0.mlp.layer1.weight", "x_embedder.proj.1.weight"),
    _known("mochi", "blocks.0.attn.qkv_x.weight"),
    _known("mochi", "t5_yproj.weight"),
    _known("mochi", "time_embed.pooler.to_kv.weight"),
    _foreign("Stable Cascade", "clip_txt_mapper.weight"),
    _foreign("Stable Cascade", "clip_txt_pooled_mapper.weight"),
    _foreign("Stable Cascade", "down_blocks.1.0.channelwise.0.weight"),
    _foreign("AudioLDM 2", "down_blocks.1.attentions.2.norm.weight", "conv_in.weight"),
    _foreign("DreamLite", "down_blocks.0.resnets.0.conv1.depthwise.weight"),
    _foreign("Cosmos 3", "layers.0.mlp_moe_gen.gate_proj.weight"),
    _foreign("Motif-Video", "context_embedder.linear_1.weight", FLUX_BLOCKS),
    _foreign("Sana-Video", "blocks.0.mlp.t_conv.weight"),
    _foreign("Sana-Video", "transformer_blocks.0.ff.conv_temp.weight"),
    _foreign("CogVideoX", "patch_embed.text_proj.weight", "transformer_blocks.0.norm1.norm.weight"),
    _foreign("PRX", "blocks.0.attention.txt_kv_proj.weight"),
    _foreign("PRX", "blocks.0.txt_kv_proj.weight", "blocks.0.img_qkv_proj.weight"),
    _foreign("ERNIE-Image", "layers.0.adaLN_sa_ln.weight"),
    _foreign("JoyImage-Edit", "double_blocks.0.img_mod.modulate_table"),
    _foreign("Kandinsky 6", "visual_embeddings.in_layer.weight", "audio_embeddings.in_layer.weight"),
    _foreign("Bria FIBO 2", "perceiver.latent_queries", "layers.0.adaLN_modulation.0.weight"),
    _foreign("Stable Audio", "transformer.rotary_pos_emb.inv_freq"),
    _foreign("Stable Audio", "preprocess_conv.weight", "global_proj.0.weight"),
    _foreign("Nucleus-Image", "transformer_blocks.0.encoder_proj.weight", "txt_norm.weight"),
    _foreign("Bria FIBO", "caption_projection.0.linear.weight", FLUX_BLOCKS),
    _foreign("GLM-Image", "glyph_projector.net.0.proj.weight"),
    _foreign("OmniGen 2", "time_caption_embed.timestep_embedder.linear_1.bias", "ref_image_refiner.0.attn.to_q.weight"),
    _known("kandinsky5", "visual_embeddings.in_layer.weight", "pooled_text_embeddings.in_layer.weight"),
    _known("ideogram4", "llm_cond_proj.weight", "embed_image_indicator.weight"),
    _known("minimax-h3", "token_refiner.blocks.0.attn.qkv_proj.weight"),
    _known("minimax-h3", "token_refiner.refiner_blocks.0.attn.to_q.weight"),
    _known("cogview4", "patch_embed.text_proj.weight", "time_condition_embed.condition_embedder.linear_1.weight"),
    _known("krea2", "txtfusion.projector.weight"),
    _known("krea2", "text_fusion.layerwise_blocks.0.norm1.weight"),
    _known("qwen-image-2.1", "txt_in.text_norm.weight"),
    _known("flux2", "single_stream_modulation.lin.weight"),
    _known("flux2", "single_stream_modulation.linear.weight"),
    _known("flux2", "double_stream_modulation_img.lin.weight"),
    _known("chroma", "distilled_guidance_layer.in_proj.bias"),
    _known("chroma", "distilled_guidance_layer.in_proj.weight"),
    _known("ovis-image", "double_blocks.0.img_mlp.gate_proj.weight"),
    _known("ovis-image", "txt_norm.weight", "double_blocks.0.img_attn.qkv.weight"),
    _known("ovis-image", "context_embedder_norm.weight", FLUX_BLOCKS),
    _foreign("Hunyuan3D", "latent_in.weight", "cond_in.weight"),
    *(_known("flux", key) for key in FLUX_KEYS),
    _known("flux", "double_blocks.0.img_attn.qkv.weight", "single_blocks.0.linear1.weight"),
    _known("flux", FLUX_BLOCKS, "transformer_blocks.0.norm1_context.linear.weight"),
    _known("flux", "controlnet_x_embedder.weight", "transformer_blocks.0.norm1_context.linear.weight"),
    _known("sd3", "joint_blocks.0.context_block.adaLN_modulation.1.bias"),
    _known("sd3", "joint_blocks.0.context_block.adaLN_modulation.1.weight"),
    _known("sd3", "joint_blocks.0.context_block.attn.qkv.weight"),
    _known("sd3", "pos_embed.pos_embed", "transformer_blocks.0.attn.add_k_proj.weight"),
    _foreign("NewBie", "clip_text_pooled_proj.0.weight", "cap_embedder.1.weight"),
    _foreign("Ming-Image", "__ming_image__", "cap_embedder.1.weight"),
    _foreign("a Z-Image that draws pixels", "dec_net.cond_embed.weight", "cap_embedder.1.weight"),
    _known("lumina2", "layers.0.adaLN_modulation.1.weight", "cap_embedder.1.weight"),
    _known("z-image", "layers.0.adaLN_modulation.0.weight"),
    _known("z-image", "cap_embedder.1.weight", "noise_refiner.0.attention.k_norm.weight"),
    _known("z-image", "control_layers.0.adaLN_modulation.0.weight", "control_all_x_embedder.2-1.weight"),
    _known("lumina2", "cap_embedder.0.weight"),
    _known("lumina2", "cap_embedder.1.weight"),
    _known("lumina2", "time_caption_embed.caption_embedder.0.weight", "context_refiner.0.attn.to_k.weight"),
    _known("auraflow", "double_layers.0.attn.w1q.weight"),
    _known("auraflow", "joint_transformer_blocks.0.attn.add_k_proj.weight"),
    _known("hidream", "double_stream_blocks.0.block.adaLN_modulation.1.bias"),
    _known("hidream", "caption_projection.0.linear.weight", "double_stream_blocks.0.block.attn1.to_q.weight"),
    _known("qwen-image", "txt_norm.weight", "transformer_blocks.0.img_mlp.net.0.proj.weight"),
    _known("qwen-image", "txt_norm.weight", "img_in.weight", "txt_in.weight"),
    _known("pixart", "blocks.0.cross_attn.q_linear.weight", "blocks.0.mlp.fc1.weight"),
    _known("pixart", "adaln_single.linear.weight", "transformer_blocks.0.attn2.to_k.weight"),
    _known("pixart", "adaln_single.linear.weight", "blocks.0.cross_attn.q_linear.weight"),
    _known("sana", "blocks.0.cross_attn.q_linear.weight"),
    _known("sana", "caption_norm.weight", "transformer_blocks.0.ff.conv_depth.weight"),
    _known("hunyuan-dit", "text_embedding_padding", "blocks.0.attn2.to_k.weight"),
    _known("hunyuan-dit", "text_embedding_padding", "mlp_t5.0.weight"),
    _known("hunyuan-dit", "mlp_t5.0.weight", "blocks.0.attn1.Wqkv.weight"),
    _known("kolors", "encoder_hid_proj.weight", "add_embedding.linear_1.weight"),
)
