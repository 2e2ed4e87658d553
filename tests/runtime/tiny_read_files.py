"""Tiny random models whose prompt a language model reads, as single files and parts in published proportions."""

from __future__ import annotations

import re

import torch
from diffusers import (
    AutoencoderDC,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    DPMSolverMultistepScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    Krea2Pipeline,
    Krea2Transformer2DModel,
    Lumina2Pipeline,
    Lumina2Transformer2DModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SanaPipeline,
    SanaTransformer2DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import (
    Gemma2Config,
    Gemma2Model,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
    Qwen3VLConfig,
    Qwen3VLModel,
)

from tests.runtime import tiny_files, tiny_language
from tests.runtime.tiny_files import HEAD, WIDTH, Tensors, Tiny, flow, packed, published_vae, renamed, under, vae

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% if not enable_thinking %}<think>\n\n</think>\n\n"
    "{% endif %}{% endif %}"
)


def qwen_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = tiny_language.bytes_tokenizer(tiny_language.QWEN_MARKS, CHAT)
    tokenizer.eos_token = "<|im_end|>"
    return tokenizer


def qwen3(layers: int) -> Qwen3Model:
    config = Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=layers, num_attention_heads=2, num_key_value_heads=1,
        head_dim=8, vocab_size=tiny_language.VOCABULARY, rope_theta=1e6, max_position_embeddings=40960,
    )  # fmt: skip
    return Qwen3Model(config).eval()


QKV = ("attention.to_q", "attention.to_k", "attention.to_v")


def z_image(*, is_turbo: bool = True) -> Tiny:
    torch.manual_seed(0)
    denoiser = ZImageTransformer2DModel(
        in_channels=4, dim=WIDTH, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16,
        axes_dims=[4, 6, 6], axes_lens=[1536, 512, 512],
    )  # fmt: skip
    torch.nn.init.normal_(denoiser.x_pad_token)
    torch.nn.init.normal_(denoiser.cap_pad_token)
    pipeline = ZImagePipeline(
        scheduler=flow(shift=3.0 if is_turbo else 6.0),
        vae=vae(0.3611, 0.1159),
        text_encoder=qwen3(3),
        tokenizer=qwen_tokenizer(),
        transformer=denoiser.eval(),
    )
    names = {
        "all_final_layer.2-1.": "final_layer.", "all_x_embedder.2-1.": "x_embedder.",
        "attention.to_out.0": "attention.out", "attention.norm_k": "attention.k_norm",
        "attention.norm_q": "attention.q_norm",
    }  # fmt: skip
    return Tiny(
        family="z-image",
        pipeline=pipeline,
        denoiser=renamed(packed(denoiser.state_dict(), QKV, "attention.qkv"), names),
        vae=published_vae(pipeline.vae),
        readers={"qwen3_4b": under("model.", pipeline.text_encoder.state_dict())},
        tokenizers={"qwen3_4b": "tokenizer"},
        variant="turbo" if is_turbo else "base",
    )


def film_vae() -> AutoencoderKLQwenImage:
    return AutoencoderKLQwenImage(base_dim=4).eval()


INSIDE = {
    "norm1.gamma": "residual.0.gamma",
    "conv1": "residual.2",
    "norm2.gamma": "residual.3.gamma",
    "conv2": "residual.6",
}


def film_names(whole: AutoencoderKLQwenImage) -> Tensors:
    """The VAE's tensors in the layout of Wan."""
    return {film_name(name): each for name, each in whole.state_dict().items()}


def film_name(name: str) -> str:
    side, _, rest = name.partition(".")
    if name.startswith(("quant_conv", "post_quant_conv")):
        return f"conv{2 if name.startswith('post') else 1}.{rest}"
    rest = rest.replace("conv_in.", "conv1.").replace("norm_out.", "head.0.").replace("conv_out.", "head.2.")
    rest = re.sub(r"mid_block\.resnets\.(\d)", lambda match: f"middle.{2 * int(match[1])}", rest)
    rest = rest.replace("mid_block.attentions.0", "middle.1").replace("down_blocks.", "downsamples.")
    rest = re.sub(
        r"up_blocks\.(\d)\.resnets\.(\d)", lambda match: f"upsamples.{4 * int(match[1]) + int(match[2])}", rest
    )
    rest = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda match: f"upsamples.{4 * int(match[1]) + 3}", rest)
    if not rest.startswith(("conv1.", "head.")):
        for ours, theirs in INSIDE.items():
            rest = rest.replace(f".{ours}", f".{theirs}")
        rest = rest.replace("conv_shortcut", "shortcut")
    return f"{side}.{rest}"


def qwen_image() -> Tiny:
    torch.manual_seed(0)
    rope = {"mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"}
    text = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 1,
        "num_key_value_heads": 1, "vocab_size": tiny_language.VOCABULARY, "rope_scaling": rope, "rope_theta": 1e6,
        "rms_norm_eps": 1e-6,
    }  # fmt: skip
    seeing = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = Qwen2_5_VLConfig(
        text_config=text, vision_config=seeing, hidden_size=16, vocab_size=tiny_language.VOCABULARY
    )
    pipeline = QwenImagePipeline(
        scheduler=flow(
            shift=1.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=0.9, max_image_seq_len=8192,
            shift_terminal=0.02,
        ),
        vae=film_vae(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(config).eval(),
        tokenizer=qwen_tokenizer(),
        transformer=QwenImageTransformer2DModel(
            in_channels=64, out_channels=16, num_layers=2, attention_head_dim=HEAD, num_attention_heads=2,
            joint_attention_dim=16, axes_dims_rope=(4, 6, 6),
        ).eval(),
    )  # fmt: skip
    names = {"model.language_model.": "model.", "model.visual.": "visual."}
    return Tiny(
        family="qwen-image",
        pipeline=pipeline,
        denoiser=pipeline.transformer.state_dict(),
        vae=film_names(pipeline.vae),
        readers={"qwen25_7b": renamed(pipeline.text_encoder.state_dict(), names)},
        tokenizers={"qwen25_7b": "tokenizer"},
    )


def klein() -> Tiny:
    torch.manual_seed(0)
    config = Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2, num_key_value_heads=2,
        head_dim=8, vocab_size=tiny_language.VOCABULARY, rope_theta=1e6, max_position_embeddings=40960,
    )  # fmt: skip
    latents = AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(32, 32), layers_per_block=1, latent_channels=4,
    ).eval()  # fmt: skip
    torch.nn.init.normal_(latents.bn.running_mean)
    pipeline = Flux2KleinPipeline(
        scheduler=flow(shift=3.0, use_dynamic_shifting=True),
        vae=latents,
        text_encoder=Qwen3ForCausalLM(config).eval(),
        tokenizer=qwen_tokenizer(),
        transformer=Flux2Transformer2DModel(
            in_channels=16, num_layers=2, num_single_layers=1, attention_head_dim=HEAD, num_attention_heads=2,
            joint_attention_dim=48, axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
        ).eval(),
    )  # fmt: skip
    quant = {"quant_conv.": "encoder.quant_conv.", "post_encoder.quant_conv.": "decoder.post_quant_conv."}
    return Tiny(
        family="flux2",
        pipeline=pipeline,
        denoiser=klein_names(pipeline.transformer.state_dict()),
        vae=renamed(published_vae(latents), quant),
        readers={"qwen3_4b": pipeline.text_encoder.state_dict()},
        tokenizers={"qwen3_4b": "tokenizer"},
        variant="klein 4B",
    )


KLEIN = {
    "x_embedder": "img_in", "context_embedder": "txt_in",
    "time_guidance_embed.timestep_embedder.linear_1": "time_in.in_layer",
    "time_guidance_embed.timestep_embedder.linear_2": "time_in.out_layer", "stream_modulation_img.linear":
    "stream_modulation_img.lin", "stream_modulation_txt.linear": "stream_modulation_txt.lin",
    "single_stream_modulation.linear": "single_stream_modulation.lin",
    "norm_out.linear": "final_layer.adaLN_modulation.1", "single_transformer_blocks": "single_blocks",
    "transformer_blocks": "double_blocks", "attn.to_qkv_mlp_proj": "linear1", "attn.to_out.weight": "linear2.weight",
    "attn.norm_added_q.weight": "txt_attn.norm.query_norm.scale",
    "attn.norm_added_k.weight": "txt_attn.norm.key_norm.scale", "attn.to_out.0": "img_attn.proj",
    "attn.to_add_out": "txt_attn.proj", "ff.linear_in": "img_mlp.0", "ff.linear_out": "img_mlp.2",
    "ff_context.linear_in": "txt_mlp.0", "ff_context.linear_out": "txt_mlp.2",
}  # fmt: skip


def klein_names(tensors: Tensors) -> Tensors:
    found = dict(tensors)
    found["norm_out.linear.weight"] = torch.cat(found["norm_out.linear.weight"].chunk(2)[::-1])
    found["final_layer.linear.weight"] = found.pop("proj_out.weight")
    found = packed(found, ("attn.to_q.", "attn.to_k.", "attn.to_v."), "img_attn.qkv.")
    found = packed(found, ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"), "txt_attn.qkv")
    named = {}
    for name, each in renamed(found, KLEIN).items():
        begin = "norm" if name.startswith("single_blocks") else "img_attn.norm"
        for ours, theirs in (("norm_q", "query_norm"), ("norm_k", "key_norm")):
            name = name.replace(f"attn.{ours}.weight", f"{begin}.{theirs}.scale")
        named[name] = each
    return named


def gemma(layers: int) -> Gemma2Model:
    config = Gemma2Config(
        head_dim=8, hidden_size=16, intermediate_size=16, num_attention_heads=1, num_hidden_layers=layers,
        num_key_value_heads=1, vocab_size=tiny_language.VOCABULARY,
    )  # fmt: skip
    return Gemma2Model(config).eval()


def gemma_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = tiny_language.bytes_tokenizer(["<pad>", "<eos>"])
    tokenizer.eos_token = "<eos>"
    return tokenizer


LUMINA = {
    "time_caption_embed.caption_embedder": "cap_embedder",
    "time_caption_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_caption_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
    "norm_out.linear_1": "final_layer.adaLN_modulation.1", "norm_out.linear_2": "final_layer.linear",
    ".attn.": ".attention.", "to_out.0": "out", "norm_k": "k_norm", "norm_q": "q_norm", "linear_1": "w1",
    "linear_2": "w2", "linear_3": "w3", ".norm1.linear": ".adaLN_modulation.1", ".norm1.norm.": ".attention_norm1.",
    ".norm1.": ".attention_norm1.", ".norm2.": ".attention_norm2.",
}  # fmt: skip


def lumina2() -> Tiny:
    torch.manual_seed(0)
    pipeline = Lumina2Pipeline(
        scheduler=flow(shift=6.0),
        vae=vae(0.3611, 0.1159),
        text_encoder=gemma(2),
        tokenizer=gemma_tokenizer(),
        transformer=Lumina2Transformer2DModel(
            in_channels=4, hidden_size=24, num_layers=2, num_attention_heads=2, num_kv_heads=1, cap_feat_dim=16,
            axes_dim_rope=(4, 4, 4),
        ).eval(),
    )  # fmt: skip
    tensors = packed(pipeline.transformer.state_dict(), ("attn.to_q", "attn.to_k", "attn.to_v"), "attn.qkv")
    return Tiny(
        family="lumina2",
        pipeline=pipeline,
        denoiser={**renamed(tensors, LUMINA), "norm_final.weight": torch.ones(24)},
        vae=published_vae(pipeline.vae),
        readers={"gemma2_2b": under("model.", pipeline.text_encoder.state_dict())},
        tokenizers={"gemma2_2b": "tokenizer"},
    )


KREA = {
    "img_in.": "first.", "time_embed.linear_1": "tmlp.0", "time_embed.linear_2": "tmlp.2", "time_mod_proj": "tproj.1",
    "txt_in.norm.weight": "txtmlp.0.scale", "txt_in.linear_1": "txtmlp.1", "txt_in.linear_2": "txtmlp.3",
    "text_fusion": "txtfusion", "transformer_blocks": "blocks", "final_layer.linear": "last.linear",
    "final_layer.norm.weight": "last.norm.scale", "final_layer.scale_shift_table": "last.modulation.lin",
    ".attn.to_q.": ".attn.wq.", ".attn.to_k.": ".attn.wk.", ".attn.to_v.": ".attn.wv.", ".attn.to_out.0.": ".attn.wo.",
    ".attn.to_gate.": ".attn.gate.", ".attn.norm_q.weight": ".attn.qknorm.qnorm.scale",
    ".attn.norm_k.weight": ".attn.qknorm.knorm.scale", ".ff.": ".mlp.", ".norm1.weight": ".prenorm.scale",
    ".norm2.weight": ".postnorm.scale", ".scale_shift_table": ".mod.lin",
}  # fmt: skip


def krea2(*, is_distilled: bool = False) -> Tiny:
    torch.manual_seed(0)
    rope = {"mrope_section": [4, 2, 2], "rope_type": "default", "mrope_interleaved": True}
    text = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 36, "num_attention_heads": 1,
        "num_key_value_heads": 1, "head_dim": 16, "vocab_size": tiny_language.VOCABULARY, "rope_scaling": rope,
        "rope_theta": 5e6,
    }  # fmt: skip
    seeing = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
        "deepstack_visual_indexes": [0],
    }  # fmt: skip
    denoiser = Krea2Transformer2DModel(
        in_channels=64, num_layers=2, attention_head_dim=HEAD, num_attention_heads=2, num_key_value_heads=1,
        intermediate_size=32, timestep_embed_dim=16, text_hidden_dim=16, text_num_attention_heads=2,
        text_num_key_value_heads=2, text_intermediate_size=16, num_layerwise_text_blocks=1, num_refiner_text_blocks=1,
        axes_dims_rope=(4, 6, 6),
    )  # fmt: skip
    pipeline = Krea2Pipeline(
        scheduler=flow(shift=1.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15, max_image_seq_len=6400),
        vae=film_vae(),
        text_encoder=Qwen3VLModel(Qwen3VLConfig(text_config=text, vision_config=seeing)).eval(),
        tokenizer=qwen_tokenizer(),
        transformer=denoiser.eval(),
        is_distilled=is_distilled,
    )
    tensors = renamed(denoiser.state_dict(), KREA)
    flat = {name: each.flatten() if name.endswith(".mod.lin") else each for name, each in tensors.items()}
    return Tiny(
        family="krea2",
        pipeline=pipeline,
        denoiser=flat,
        vae=film_names(pipeline.vae),
        readers={"qwen3vl_4b": under("model.", pipeline.text_encoder.state_dict())},
        tokenizers={"qwen3vl_4b": "tokenizer"},
        variant="turbo" if is_distilled else "raw",
    )


SANA = {
    "patch_embed.proj": "x_embedder.proj", "time_embed.emb.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_embed.emb.timestep_embedder.linear_2": "t_embedder.mlp.2", "time_embed.linear": "t_block.1",
    "caption_projection.linear_1": "y_embedder.y_proj.fc1", "caption_projection.linear_2": "y_embedder.y_proj.fc2",
    "caption_norm": "attention_y_norm", "transformer_blocks": "blocks", "attn1.to_out.0": "attn.proj",
    "attn1.norm_q": "attn.q_norm", "attn1.norm_k": "attn.k_norm", "attn2.norm_q": "cross_attn.q_norm",
    "attn2.norm_k": "cross_attn.k_norm", "attn2.to_q": "cross_attn.q_linear", "attn2.to_out.0": "cross_attn.proj",
    "ff.conv_inverted": "mlp.inverted_conv.conv", "ff.conv_depth": "mlp.depth_conv.conv",
    "ff.conv_point": "mlp.point_conv.conv",
}  # fmt: skip


def sana(*, is_evened: bool = False) -> Tiny:
    torch.manual_seed(0)
    blocks = ("ResBlock",) * 3 + ("EfficientViTBlock",) * 3
    scales = ((),) * 3 + ((5,),) * 3
    latents = AutoencoderDC(
        latent_channels=4, encoder_block_types=blocks, decoder_block_types=blocks,
        encoder_block_out_channels=(32,) * 6, decoder_block_out_channels=(32,) * 6, encoder_qkv_multiscales=scales,
        decoder_qkv_multiscales=scales, encoder_layers_per_block=(1, 2, 1, 1, 1, 1),
        decoder_layers_per_block=(1,) * 6, downsample_block_type="conv", upsample_block_type="interpolate",
        decoder_norm_types="rms_norm", decoder_act_fns="silu", scaling_factor=0.41407,
    ).eval()  # fmt: skip
    pipeline = SanaPipeline(
        scheduler=DPMSolverMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0),
        vae=latents,
        text_encoder=gemma(2),
        tokenizer=gemma_tokenizer(),
        transformer=SanaTransformer2DModel(
            in_channels=4, out_channels=4, num_layers=2, num_attention_heads=1, attention_head_dim=32,
            num_cross_attention_heads=1, cross_attention_head_dim=32, cross_attention_dim=32, caption_channels=16,
            qk_norm="rms_norm_across_heads" if is_evened else None,
        ).eval(),
    )  # fmt: skip
    own = pipeline.transformer.state_dict()
    for name in (each for each in own if "norm_" in each and "attn" in each):
        torch.nn.init.normal_(own[name], mean=1.0, std=0.2)
    tensors = packed(own, ("attn1.to_q", "attn1.to_k", "attn1.to_v"), "attn.qkv")
    tensors = packed(tensors, ("attn2.to_k", "attn2.to_v"), "cross_attn.kv_linear")
    named = renamed(tensors, SANA)
    for name in ("linear.weight", "linear.bias", "scale_shift_table"):
        named[f"final_layer.{name}"] = named.pop(name.replace("linear", "proj_out"))
    unused = {"pos_embed": torch.zeros(1), "y_embedder.y_embedding": torch.zeros(1)}
    return Tiny(
        family="sana",
        pipeline=pipeline,
        denoiser={**named, **unused},
        vae=latents.state_dict(),
        readers={"gemma2_2b": under("model.", pipeline.text_encoder.state_dict())},
        tokenizers={"gemma2_2b": "tokenizer"},
    )


FAMILIES = {
    "flux": tiny_files.flux,
    "chroma": tiny_files.chroma,
    "sd3": tiny_files.sd3,
    "z-image": z_image,
    "qwen-image": qwen_image,
    "flux2": klein,
    "lumina2": lumina2,
    "krea2": krea2,
    "sana": sana,
}
"""Of each family whose denoiser is a transformer, a tiny model that is drawn from files."""
