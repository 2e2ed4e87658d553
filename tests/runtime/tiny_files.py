"""Tiny random models as single files and parts: in the proportions of published ones, since no file says more."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    ChromaPipeline,
    ChromaTransformer2DModel,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from diffusers.loaders import single_file_utils
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

from promptlang.plans.plan import Model
from tests.runtime import tiny_language
from tests.runtime.tiny import vae_name

Tensors = Mapping[str, torch.Tensor]
HEAD, WIDTH, TEXT, POOLED, CHANNELS = 16, 32, 16, 16, 16


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """A model, and how its parts are called in files: the denoiser's tensors, and those of each text encoder.

    `tokenizers` are the parts of the pipeline that divide texts, by the encoder's name in checkpoints.
    """

    family: str
    pipeline: DiffusionPipeline
    denoiser: Tensors
    vae: Tensors
    readers: Mapping[str, Tensors]
    tokenizers: Mapping[str, str]
    variant: str = ""

    def written(self, root: Path) -> Written:
        """The model in every form."""
        self.pipeline.save_pretrained(root / "folder")
        whole = {f"model.diffusion_model.{name}": each for name, each in self.denoiser.items()}
        whole |= {f"vae.{name}": each for name, each in self.vae.items()}
        for reader, tensors in self.readers.items():
            save(tensors, root / f"{reader}.safetensors")
            whole |= {f"text_encoders.{reader}.transformer.{name}": each for name, each in tensors.items()}
        for reader, part in self.tokenizers.items():
            for name in (reader, "whole"):
                getattr(self.pipeline, part).backend_tokenizer.save(str(root / f"{name}.tokenizer.json"))
        for name, tensors in (("denoiser", self.denoiser), ("vae", self.vae), ("whole", whole)):
            save(tensors, root / f"{name}.safetensors")
        return Written(tiny=self, root=root)


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where a tiny model lies: as a folder, as one file, and as parts."""

    tiny: Tiny
    root: Path

    def model(self, place: str, **parts: object) -> Model:
        path = str(self.root / place)
        return Model(name="tiny", family=self.tiny.family, path=path, variant=self.tiny.variant, **parts)

    @property
    def folder(self) -> Model:
        return self.model("folder")

    @property
    def whole(self) -> Model:
        return self.model("whole.safetensors")

    @property
    def parts(self) -> Model:
        readers = tuple(str(self.root / f"{name}.safetensors") for name in self.tiny.readers)
        return self.model("denoiser.safetensors", text_encoders=readers, vae=str(self.root / "vae.safetensors"))


def save(tensors: Tensors, path: Path) -> None:
    save_file({name: each.detach().contiguous().clone() for name, each in tensors.items()}, path)


def converted(name: str, tensors: Tensors, changes: Mapping[str, str]) -> Tensors:
    """What diffusers' own converter makes of tensors of a published layout, told other widths than its own."""
    source = inspect.getsource(getattr(single_file_utils, name))
    for published, ours in changes.items():
        assert published in source
        source = source.replace(published, ours)
    scope: dict[str, Callable[[dict[str, torch.Tensor]], Tensors]] = {}
    exec(source, vars(single_file_utils), scope)
    return scope[name](dict(tensors))


def numbers(shapes: Mapping[str, tuple[int, ...]]) -> Tensors:
    return {name: torch.randn(shape) / 8 for name, shape in shapes.items()}


def layer(name: str, wide: int, deep: int) -> Mapping[str, tuple[int, ...]]:
    return {f"{name}.weight": (wide, deep), f"{name}.bias": (wide,)}


def vae(scaling: float, shift: float, channels: int = 4) -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(32, 32), layers_per_block=1, latent_channels=channels, scaling_factor=scaling,
        shift_factor=shift, use_quant_conv=False, use_post_quant_conv=False,
    ).eval()  # fmt: skip


def published_vae(whole: AutoencoderKL) -> Tensors:
    """The VAE's tensors as they were first named; its attention was made of convolutions."""
    levels = len(whole.config.block_out_channels)
    found = {}
    for name, each in whole.state_dict().items():
        is_projection = ".attentions." in name and each.dim() == 2
        found[vae_name(name, levels)] = each[:, :, None, None] if is_projection else each
    return found


def flow(**settings: object) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(**settings)


def clip(layers: int, width: int, act: str = "quick_gelu", kind: type = CLIPTextModel) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=width, num_hidden_layers=layers,
        num_attention_heads=1, bos_token_id=49406, eos_token_id=49407, pad_token_id=49407, projection_dim=width,
        hidden_act=act,
    )  # fmt: skip
    return kind(config).eval()


def clip_names(whole: CLIPTextModel) -> Tensors:
    named = whole.state_dict()
    return {name if name.startswith("text_") else f"text_model.{name}": each for name, each in named.items()}


def t5_names(whole: torch.nn.Module) -> Tensors:
    return {name: each for name, each in whole.state_dict().items() if name != "encoder.embed_tokens.weight"}


def double_block(begin: str) -> Mapping[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for side in ("img", "txt"):
        shapes |= layer(f"{begin}.{side}_mod.lin", 6 * WIDTH, WIDTH)
        shapes |= layer(f"{begin}.{side}_attn.qkv", 3 * WIDTH, WIDTH)
        shapes |= layer(f"{begin}.{side}_attn.proj", WIDTH, WIDTH)
        shapes |= {f"{begin}.{side}_attn.norm.{each}_norm.scale": (HEAD,) for each in ("query", "key")}
        shapes |= layer(f"{begin}.{side}_mlp.0", 4 * WIDTH, WIDTH)
        shapes |= layer(f"{begin}.{side}_mlp.2", WIDTH, 4 * WIDTH)
    return shapes


def single_block(begin: str) -> Mapping[str, tuple[int, ...]]:
    return {
        **layer(f"{begin}.modulation.lin", 3 * WIDTH, WIDTH),
        **layer(f"{begin}.linear1", 7 * WIDTH, WIDTH),
        **layer(f"{begin}.linear2", WIDTH, 5 * WIDTH),
        **{f"{begin}.norm.{each}_norm.scale": (HEAD,) for each in ("query", "key")},
    }


def flux_blocks() -> Mapping[str, tuple[int, ...]]:
    return {
        **layer("img_in", WIDTH, CHANNELS),
        **layer("txt_in", WIDTH, TEXT),
        **double_block("double_blocks.0"),
        **double_block("double_blocks.1"),
        **single_block("single_blocks.0"),
        **layer("final_layer.linear", CHANNELS, WIDTH),
    }


def flux(*, is_guided: bool = True) -> Tiny:
    """dev, or schnell, which takes no guidance."""
    torch.manual_seed(0)
    inputs = {"time_in": 256, "vector_in": POOLED, **({"guidance_in": 256} if is_guided else {})}
    shapes = {**flux_blocks(), **layer("final_layer.adaLN_modulation.1", 2 * WIDTH, WIDTH)}
    for name, width in inputs.items():
        shapes |= {**layer(f"{name}.in_layer", WIDTH, width), **layer(f"{name}.out_layer", WIDTH, WIDTH)}
    tensors = numbers(shapes)
    denoiser = FluxTransformer2DModel(
        in_channels=CHANNELS, num_layers=2, num_single_layers=1, attention_head_dim=HEAD,
        num_attention_heads=WIDTH // HEAD, joint_attention_dim=TEXT, pooled_projection_dim=POOLED,
        axes_dims_rope=(4, 6, 6), guidance_embeds=is_guided,
    )  # fmt: skip
    converter = "convert_flux_transformer_checkpoint_to_diffusers"
    denoiser.load_state_dict(converted(converter, tensors, {"inner_dim = 3072": f"inner_dim = {WIDTH}"}))
    shift = {"shift": 3.0, "use_dynamic_shifting": True} if is_guided else {"shift": 1.0}
    pipeline = FluxPipeline(
        scheduler=flow(**shift),
        vae=vae(0.3611, 0.1159),
        text_encoder=clip(2, POOLED),
        tokenizer=tiny_language.clip_tokenizer(),
        text_encoder_2=tiny_language.t5(TEXT),
        tokenizer_2=tiny_language.t5_tokenizer(),
        transformer=denoiser.eval(),
    )
    return Tiny(
        family="flux",
        pipeline=pipeline,
        denoiser=tensors,
        vae=published_vae(pipeline.vae),
        readers={"clip_l": clip_names(pipeline.text_encoder), "t5xxl": t5_names(pipeline.text_encoder_2)},
        tokenizers={"t5xxl": "tokenizer_2"},
        variant="dev" if is_guided else "schnell",
    )


def chroma() -> Tiny:
    torch.manual_seed(0)
    guide, hidden, inputs = "distilled_guidance_layer", 24, 64
    shapes = {
        name: shape for name, shape in flux_blocks().items() if "_mod." not in name and ".modulation." not in name
    }
    shapes |= {**layer(f"{guide}.in_proj", hidden, inputs), **layer(f"{guide}.out_proj", WIDTH, hidden)}
    for place in range(2):
        shapes |= layer(f"{guide}.layers.{place}.in_layer", hidden, hidden)
        shapes |= layer(f"{guide}.layers.{place}.out_layer", hidden, hidden)
        shapes |= {f"{guide}.norms.{place}.scale": (hidden,)}
    tensors = numbers(shapes)
    denoiser = ChromaTransformer2DModel(
        in_channels=CHANNELS, num_layers=2, num_single_layers=1, attention_head_dim=HEAD,
        num_attention_heads=WIDTH // HEAD, joint_attention_dim=TEXT, axes_dims_rope=(4, 6, 6),
        approximator_num_channels=inputs, approximator_hidden_dim=hidden, approximator_layers=2,
    )  # fmt: skip
    converter = "convert_chroma_transformer_checkpoint_to_diffusers"
    denoiser.load_state_dict(converted(converter, tensors, {"inner_dim = 3072": f"inner_dim = {WIDTH}"}))
    pipeline = ChromaPipeline(
        scheduler=flow(shift=1.0),
        vae=vae(0.3611, 0.1159),
        text_encoder=tiny_language.t5(TEXT),
        tokenizer=tiny_language.t5_tokenizer(),
        transformer=denoiser.eval(),
    )
    return Tiny(
        family="chroma",
        pipeline=pipeline,
        denoiser=tensors,
        vae=published_vae(pipeline.vae),
        readers={"t5xxl": t5_names(pipeline.text_encoder)},
        tokenizers={"t5xxl": "tokenizer"},
    )


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


def under(prefix: str, tensors: Tensors) -> Tensors:
    return {f"{prefix}{name}": each for name, each in tensors.items()}


def renamed(tensors: Tensors, names: Mapping[str, str]) -> Tensors:
    """The tensors, with parts of their names replaced."""
    found = {}
    for name, each in tensors.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        found[name] = each
    return found


def packed(tensors: Tensors, parts: tuple[str, ...], whole: str) -> Tensors:
    """The tensors, with those that differ in these parts of their names in one."""
    first, *others = parts
    found = {}
    for name, each in tensors.items():
        if first in name:
            rest = [tensors[name.replace(first, other)] for other in others]
            found[name.replace(first, whole)] = torch.cat([each, *rest])
        elif not any(other in name for other in others):
            found[name] = each
    return found


QKV = ("attention.to_q", "attention.to_k", "attention.to_v")


def z_image() -> Tiny:
    torch.manual_seed(0)
    denoiser = ZImageTransformer2DModel(
        in_channels=4, dim=WIDTH, n_layers=2, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16,
        axes_dims=[4, 6, 6], axes_lens=[1536, 512, 512],
    )  # fmt: skip
    torch.nn.init.normal_(denoiser.x_pad_token)
    torch.nn.init.normal_(denoiser.cap_pad_token)
    pipeline = ZImagePipeline(
        scheduler=flow(shift=3.0),
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
    )
