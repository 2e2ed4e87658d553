"""Tiny random models of families whose prompt a language model reads, with tokenizers made in code."""

from __future__ import annotations

from functools import cache

import tokenizers.models
import torch
from diffusers import (
    AutoencoderDC,
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    AutoencoderKLQwenImage21,
    ChromaPipeline,
    ChromaTransformer2DModel,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Pipeline,
    Flux2Transformer2DModel,
    FluxPipeline,
    FluxTransformer2DModel,
    Krea2Pipeline,
    Krea2Transformer2DModel,
    Lumina2Pipeline,
    Lumina2Transformer2DModel,
    QwenImage21Pipeline,
    QwenImage21Transformer2DModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SanaPipeline,
    SanaSprintPipeline,
    SanaTransformer2DModel,
    SCMScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Gemma2Config,
    Gemma2Model,
    Mistral3Config,
    Mistral3ForConditionalGeneration,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLModel,
    T5Config,
    T5EncoderModel,
)
from transformers.processing_utils import ProcessorMixin

from promptlang.tokens.vocabulary import BYTE_LETTERS, END_TOKEN, START_TOKEN, WORD_END, merge_lines

QWEN_MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
SEEING_MARKS = ["<|image_pad|>", "<|video_pad|>"]
MISTRAL_MARKS = ["<pad>", "<s>", "</s>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"]
MISTRAL_TALK = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}[SYSTEM_PROMPT]{{ m['content'][0]['text'] }}"
    "[/SYSTEM_PROMPT]{% else %}[INST]{{ m['content'][0]['text'] }}[/INST]{% endif %}{% endfor %}"
)
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SEEING_CHAT = CHAT.replace("m['content']", "m['content'][0]['text']")
WORDS = ["a photo of a red cow, a blue circle, bad quality user assistant system Describe the image"]
VOCABULARY = 320


def bytes_tokenizer(marks: list[str], chat: str | None = None) -> PreTrainedTokenizerFast:
    """Byte pairs learnt from a sentence, so that any text is read."""
    whole = Tokenizer(tokenizers.models.BPE())
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=marks, initial_alphabet=alphabet, show_progress=False
    )
    whole.train_from_iterator(WORDS, trainer)
    end = {"pad_token": marks[0], "eos_token": marks[0], "unk_token": marks[0]}
    return PreTrainedTokenizerFast(tokenizer_object=whole, chat_template=chat, **end)


def processor(name: str, tokenizer: PreTrainedTokenizerFast, **seen: str) -> ProcessorMixin:
    """A processor as transformers has it, by the name of its class, without the part that sees pictures."""

    class Reading(ProcessorMixin):
        def __init__(self, tokenizer=None, chat_template=None):
            for each, token in seen.items():
                setattr(self, each, token)
            super().__init__(tokenizer, chat_template=chat_template)

    Reading.__name__, Reading.__module__ = name, "transformers.processing_utils"
    return Reading(tokenizer, chat_template=tokenizer.chat_template)


def flow(**settings: object) -> FlowMatchEulerDiscreteScheduler:
    """The noise of every family here, with a shift that pictures show."""
    return FlowMatchEulerDiscreteScheduler(**{"shift": 3.0, **settings})


def vae(channels: int, *, levels: int = 2) -> AutoencoderKL:
    """With two levels a latent is 2 by 2 pixels."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=(32,) * levels, layers_per_block=1, latent_channels=channels, norm_num_groups=16,
        scaling_factor=1.0, shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False,
    ).eval()  # fmt: skip


def film_vae() -> AutoencoderKLQwenImage:
    """The one that Qwen-Image and Krea share with films, on three levels."""
    return AutoencoderKLQwenImage(
        base_dim=8, z_dim=4, dim_mult=[1, 2, 4], num_res_blocks=1, temperal_downsample=[False, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    ).eval()  # fmt: skip


def z_image() -> ZImagePipeline:
    """Three layers of Qwen3, of which the last but one speaks, and two of the denoiser."""
    torch.manual_seed(0)
    denoiser = ZImageTransformer2DModel(
        all_patch_size=(2,), all_f_patch_size=(1,), in_channels=16, dim=32, n_layers=2, n_refiner_layers=1, n_heads=2,
        n_kv_heads=2, norm_eps=1e-5, qk_norm=True, cap_feat_dim=16, rope_theta=256.0, t_scale=1000.0,
        axes_dims=[8, 4, 4], axes_lens=[1024, 32, 32],
    )  # fmt: skip
    with torch.no_grad():
        denoiser.x_pad_token.fill_(1)
        denoiser.cap_pad_token.fill_(1)
    text = Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=3, num_attention_heads=2, num_key_value_heads=2,
        head_dim=8, vocab_size=VOCABULARY,
    )  # fmt: skip
    return ZImagePipeline(
        scheduler=flow(),
        vae=vae(16),
        text_encoder=Qwen3Model(text).eval(),
        tokenizer=bytes_tokenizer(QWEN_MARKS, CHAT),
        transformer=denoiser.eval(),
    )


def qwen_image() -> QwenImagePipeline:
    """Two layers of Qwen2.5-VL, and a VAE made for films."""
    torch.manual_seed(0)
    rope = {"mrope_section": [1, 1, 2], "rope_type": "default", "type": "default"}
    text = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 2, "vocab_size": VOCABULARY, "rope_scaling": rope, "rope_theta": 1e6,
    }  # fmt: skip
    seeing = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = Qwen2_5_VLConfig(text_config=text, vision_config=seeing, hidden_size=16, vocab_size=VOCABULARY)
    return QwenImagePipeline(
        scheduler=flow(),
        vae=film_vae(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(config).eval(),
        tokenizer=bytes_tokenizer(QWEN_MARKS, CHAT),
        transformer=QwenImageTransformer2DModel(
            patch_size=2, in_channels=16, out_channels=4, num_layers=2, attention_head_dim=16, num_attention_heads=3,
            joint_attention_dim=16, guidance_embeds=False, axes_dims_rope=(8, 4, 4),
        ).eval(),
    )  # fmt: skip


def klein(*, is_distilled: bool = False) -> Flux2KleinPipeline:
    """As many layers of Qwen3 as the denoiser is told of, and one block of each kind."""
    torch.manual_seed(0)
    text = Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2, num_key_value_heads=2,
        head_dim=8, vocab_size=VOCABULARY,
    )  # fmt: skip
    return Flux2KleinPipeline(
        scheduler=flow(),
        vae=AutoencoderKLFlux2(
            sample_size=32, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
            block_out_channels=(16, 16), layers_per_block=1, latent_channels=4, norm_num_groups=1,
            use_quant_conv=False, use_post_quant_conv=False,
        ).eval(),
        text_encoder=Qwen3ForCausalLM(text).eval(),
        tokenizer=bytes_tokenizer(QWEN_MARKS, CHAT),
        transformer=Flux2Transformer2DModel(
            patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=48, timestep_guidance_channels=256, axes_dims_rope=[4, 4, 4, 4],
        ).eval(),
        is_distilled=is_distilled,
    )  # fmt: skip


def flux2_dev() -> Flux2Pipeline:
    """As many layers of Mistral as the pipeline reads of, and one block of each kind."""
    torch.manual_seed(0)
    text = {
        "model_type": "mistral", "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 31,
        "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": VOCABULARY,
    }  # fmt: skip
    seeing = {
        "model_type": "pixtral", "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 16,
    }  # fmt: skip
    tokenizer = bytes_tokenizer(MISTRAL_MARKS, MISTRAL_TALK)
    tokenizer.bos_token = "<s>"
    return Flux2Pipeline(
        scheduler=flow(),
        vae=klein().vae,
        text_encoder=Mistral3ForConditionalGeneration(Mistral3Config(text_config=text, vision_config=seeing)).eval(),
        tokenizer=processor("PixtralProcessor", tokenizer),
        transformer=Flux2Transformer2DModel(
            patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=48, timestep_guidance_channels=256, axes_dims_rope=[4, 4, 4, 4],
        ).eval(),
    )  # fmt: skip


def qwen_image_21() -> QwenImage21Pipeline:
    """Two layers of Qwen3-VL, two blocks, and a VAE that makes 16 by 16 pixels of a latent, with their transparency."""
    torch.manual_seed(0)
    return QwenImage21Pipeline(
        scheduler=flow(),
        vae=AutoencoderKLQwenImage21(
            base_dim=8, decoder_base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
        ).eval(),
        text_encoder=Qwen3VLForConditionalGeneration(qwen3_vl()).eval(),
        processor=processor(
            "Qwen3VLProcessor", bytes_tokenizer([*QWEN_MARKS, *SEEING_MARKS], SEEING_CHAT), image_token="<|image_pad|>"
        ),
        transformer=QwenImage21Transformer2DModel(
            in_channels=4, out_channels=4, num_layers=2, attention_head_dim=16, num_attention_heads=2,
            context_in_dim=16, axes_dims_rope=(4, 6, 6),
        ).eval(),
    )  # fmt: skip


def qwen3_vl() -> Qwen3VLConfig:
    """Two layers that read, and one that sees."""
    rope = {"mrope_section": [1, 1, 2], "rope_type": "default", "mrope_interleaved": True}
    text = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "head_dim": 8,
        "num_key_value_heads": 2, "vocab_size": VOCABULARY, "rope_scaling": rope, "rope_theta": 1e6,
    }  # fmt: skip
    seeing = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16,
        "deepstack_visual_indexes": [0],
    }  # fmt: skip
    return Qwen3VLConfig(text_config=text, vision_config=seeing)


def lumina2() -> Lumina2Pipeline:
    """Two layers of Gemma, and two of the denoiser."""
    torch.manual_seed(0)
    text = Gemma2Config(
        head_dim=4, hidden_size=8, intermediate_size=8, num_attention_heads=2, num_hidden_layers=2,
        num_key_value_heads=2, sliding_window=2, vocab_size=VOCABULARY,
    )  # fmt: skip
    return Lumina2Pipeline(
        scheduler=flow(),
        vae=vae(4, levels=4),
        text_encoder=Gemma2Model(text).eval(),
        tokenizer=bytes_tokenizer(["<pad>", "</s>"]),
        transformer=Lumina2Transformer2DModel(
            sample_size=4, patch_size=2, in_channels=4, hidden_size=8, num_layers=2, num_attention_heads=1,
            num_kv_heads=1, multiple_of=16, ffn_dim_multiplier=None, norm_eps=1e-5, scaling_factor=1.0,
            axes_dim_rope=[4, 2, 2], axes_lens=[300, 64, 64], cap_feat_dim=8,
        ).eval(),
    )  # fmt: skip


def krea2() -> Krea2Pipeline:
    """Two layers of Qwen3-VL, both of them heard."""
    torch.manual_seed(0)
    return Krea2Pipeline(
        scheduler=flow(),
        vae=film_vae(),
        text_encoder=Qwen3VLModel(qwen3_vl()).eval(),
        tokenizer=bytes_tokenizer(QWEN_MARKS, CHAT),
        transformer=Krea2Transformer2DModel(
            in_channels=16, num_layers=1, attention_head_dim=16, num_attention_heads=2, num_key_value_heads=1,
            intermediate_size=32, timestep_embed_dim=16, text_hidden_dim=16, num_text_layers=2,
            text_num_attention_heads=2, text_num_key_value_heads=2, text_intermediate_size=16,
            num_layerwise_text_blocks=1, num_refiner_text_blocks=1, axes_dims_rope=(8, 4, 4),
        ).eval(),
        text_encoder_select_layers=(1, 2),
    )  # fmt: skip


def sana() -> SanaPipeline:
    """One layer of Gemma, one of the denoiser, and an autoencoder of one halving, told to solve as the family is."""
    torch.manual_seed(0)
    text = Gemma2Config(
        head_dim=4, hidden_size=8, intermediate_size=8, num_attention_heads=2, num_hidden_layers=1,
        num_key_value_heads=2, vocab_size=VOCABULARY,
    )  # fmt: skip
    blocks = ("ResBlock", "EfficientViTBlock")
    return SanaPipeline(
        scheduler=solver(),
        vae=AutoencoderDC(
            in_channels=3, latent_channels=4, attention_head_dim=2, encoder_block_types=blocks,
            decoder_block_types=blocks, encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8),
            encoder_qkv_multiscales=((), (5,)), decoder_qkv_multiscales=((), (5,)), encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=[1, 1], downsample_block_type="conv", upsample_block_type="interpolate",
            decoder_norm_types="rms_norm", decoder_act_fns="silu", scaling_factor=0.41407,
        ).eval(),
        text_encoder=Gemma2Model(text).eval(),
        tokenizer=bytes_tokenizer(["<pad>", "</s>"]),
        transformer=SanaTransformer2DModel(
            patch_size=1, in_channels=4, out_channels=4, num_layers=1, num_attention_heads=2, attention_head_dim=4,
            num_cross_attention_heads=2, cross_attention_head_dim=4, cross_attention_dim=8, caption_channels=8,
            sample_size=32,
        ).eval(),
    )  # fmt: skip


def sana_sprint() -> SanaSprintPipeline:
    """The same, told of guidance and with the norms of the distilled one, and its scheduler."""
    whole = sana()
    own = {key: value for key, value in whole.transformer.config.items() if not key.startswith("_")}
    own |= {"guidance_embeds": True, "qk_norm": "rms_norm_across_heads"}
    parts = {**whole.components, "transformer": SanaTransformer2DModel(**own).eval(), "scheduler": SCMScheduler()}
    return SanaSprintPipeline(**parts)


def solver() -> DPMSolverMultistepScheduler:
    """The sampler that Sana is published with."""
    return DPMSolverMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0)


def t5(width: int = 16) -> T5EncoderModel:
    """Two layers as wide as the denoisers expect."""
    config = T5Config(
        vocab_size=VOCABULARY, d_model=width, d_kv=8, d_ff=16, num_layers=2, num_heads=2, dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return T5EncoderModel(config).eval()


@cache
def clip_tokenizer(fill: str = "<|endoftext|>") -> CLIPTokenizer:
    """CLIP's own, of the merges that come with the compiler; the second encoders of models fill up with `!`."""
    letters = list(BYTE_LETTERS.values())
    merges = [tuple(line.decode().split()) for line in merge_lines()]
    words = [*letters, *(letter + WORD_END for letter in letters), *("".join(pair) for pair in merges)]
    ids = {word: place for place, word in enumerate([*words, START_TOKEN, END_TOKEN])}
    return CLIPTokenizer(vocab=ids, merges=merges, pad_token=fill, model_max_length=77)


def clip(layers: int, width: int, kind: type = CLIPTextModel) -> CLIPTextModel:
    """CLIP with real ids and places."""
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=width, num_hidden_layers=layers, num_attention_heads=2,
        bos_token_id=49406, eos_token_id=49407, pad_token_id=49407, projection_dim=width,
    )  # fmt: skip
    return kind(config).eval()


def t5_tokenizer() -> PreTrainedTokenizerFast:
    """One that ends every text with a mark, which is another than what texts are filled up with."""
    tokenizer = bytes_tokenizer(["<pad>", "</s>"])
    tokenizer.eos_token = "</s>"
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.model_max_length = 512
    return tokenizer


def sd3() -> StableDiffusion3Pipeline:
    """CLIP of as many layers as clip skip counts, twice, T5 as wide as both, and two blocks."""
    torch.manual_seed(0)
    return StableDiffusion3Pipeline(
        scheduler=flow(),
        vae=vae(16),
        text_encoder=clip(12, 16, CLIPTextModelWithProjection),
        tokenizer=clip_tokenizer(),
        text_encoder_2=clip(14, 32, CLIPTextModelWithProjection),
        tokenizer_2=clip_tokenizer("!"),
        text_encoder_3=t5(width=64),
        tokenizer_3=t5_tokenizer(),
        transformer=SD3Transformer2DModel(
            sample_size=16, patch_size=2, in_channels=16, out_channels=16, num_layers=2, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=64, caption_projection_dim=32, pooled_projection_dim=48,
            pos_embed_max_size=16,
        ).eval(),
    )  # fmt: skip


def flux(*, is_guided: bool = True) -> FluxPipeline:
    """CLIP of two layers for the summary, T5, and one block of each kind; schnell is not `is_guided`."""
    torch.manual_seed(0)
    return FluxPipeline(
        scheduler=flow(),
        vae=vae(4),
        text_encoder=clip(2, 16),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5(),
        tokenizer_2=t5_tokenizer(),
        transformer=FluxTransformer2DModel(
            patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=16, pooled_projection_dim=16, axes_dims_rope=(4, 4, 8),
            guidance_embeds=is_guided,
        ).eval(),
    )  # fmt: skip


def chroma() -> ChromaPipeline:
    """T5 alone, and one block of each kind."""
    torch.manual_seed(0)
    return ChromaPipeline(
        scheduler=flow(),
        vae=vae(4),
        text_encoder=t5(),
        tokenizer=t5_tokenizer(),
        transformer=ChromaTransformer2DModel(
            patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=16, axes_dims_rope=(4, 4, 8), approximator_num_channels=64,
            approximator_hidden_dim=32, approximator_layers=1,
        ).eval(),
    )  # fmt: skip
