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
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from diffusers.loaders import single_file_utils
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

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
    vae_prefix: str = "vae."

    def written(self, root: Path) -> Written:
        """The model in every form."""
        self.pipeline.save_pretrained(root / "folder")
        whole = {f"model.diffusion_model.{name}": each for name, each in self.denoiser.items()}
        whole |= {self.vae_prefix + name: each for name, each in self.vae.items()}
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


def sd3(*, has_t5: bool = True) -> Tiny:
    """3.5 medium, whose blocks attend twice at first, with T5 or without."""
    torch.manual_seed(0)
    denoiser = SD3Transformer2DModel(
        sample_size=128, in_channels=4, out_channels=4, num_layers=2, attention_head_dim=64, num_attention_heads=1,
        joint_attention_dim=48, caption_projection_dim=64, pooled_projection_dim=48, pos_embed_max_size=16,
        dual_attention_layers=(0,), qk_norm="rms_norm",
    )  # fmt: skip
    pipeline = StableDiffusion3Pipeline(
        scheduler=flow(shift=3.0),
        vae=vae(1.5305, 0.0609),
        text_encoder=clip(12, 16, kind=CLIPTextModelWithProjection),
        tokenizer=tiny_language.clip_tokenizer(),
        text_encoder_2=clip(14, 32, "gelu", kind=CLIPTextModelWithProjection),
        tokenizer_2=tiny_language.clip_tokenizer("!"),
        text_encoder_3=tiny_language.t5(48) if has_t5 else None,
        tokenizer_3=tiny_language.t5_tokenizer() if has_t5 else None,
        transformer=denoiser.eval(),
    )
    readers = {"clip_l": clip_names(pipeline.text_encoder), "clip_g": clip_names(pipeline.text_encoder_2)}
    return Tiny(
        family="sd3",
        pipeline=pipeline,
        denoiser=sd3_names(denoiser.state_dict()),
        vae=published_vae(pipeline.vae),
        readers={**readers, **({"t5xxl": t5_names(pipeline.text_encoder_3)} if has_t5 else {})},
        tokenizers={"t5xxl": "tokenizer_3"} if has_t5 else {},
        vae_prefix="first_stage_model.",
    )


SD3 = {
    "pos_embed.pos_embed": "pos_embed", "pos_embed.proj": "x_embedder.proj",
    "time_text_embed.timestep_embedder.linear_1": "t_embedder.mlp.0",
    "time_text_embed.timestep_embedder.linear_2": "t_embedder.mlp.2",
    "time_text_embed.text_embedder.linear_1": "y_embedder.mlp.0",
    "time_text_embed.text_embedder.linear_2": "y_embedder.mlp.2",
    "norm_out.linear": "final_layer.adaLN_modulation.1", "transformer_blocks": "joint_blocks",
    "attn.norm_added_q": "context_block.attn.ln_q", "attn.norm_added_k": "context_block.attn.ln_k",
    "attn.to_add_out": "context_block.attn.proj", "norm1_context.linear": "context_block.adaLN_modulation.1",
    "ff_context.net.0.proj": "context_block.mlp.fc1", "ff_context.net.2": "context_block.mlp.fc2",
    "attn2.norm_q": "x_block.attn2.ln_q", "attn2.norm_k": "x_block.attn2.ln_k", "attn2.to_out.0": "x_block.attn2.proj",
    ".attn.norm_q": ".x_block.attn.ln_q", ".attn.norm_k": ".x_block.attn.ln_k",
    ".attn.to_out.0": ".x_block.attn.proj", ".norm1.linear": ".x_block.adaLN_modulation.1",
    "ff.net.0.proj": "x_block.mlp.fc1", "ff.net.2": "x_block.mlp.fc2",
}  # fmt: skip


def sd3_names(tensors: Tensors) -> Tensors:
    """The denoiser's tensors as they were published; the last norms say scale and shift in the other order."""
    found = dict(tensors)
    for kind in ("weight", "bias"):
        for name in (f"norm_out.linear.{kind}", f"transformer_blocks.1.norm1_context.linear.{kind}"):
            found[name] = torch.cat(found[name].chunk(2)[::-1])
    for parts, whole in (
        ((".attn.to_q", ".attn.to_k", ".attn.to_v"), ".x_block.attn.qkv"),
        ((".attn2.to_q", ".attn2.to_k", ".attn2.to_v"), ".x_block.attn2.qkv"),
        ((".attn.add_q_proj", ".attn.add_k_proj", ".attn.add_v_proj"), ".context_block.attn.qkv"),
    ):
        found = packed(found, parts, whole)
    named = renamed(found, SD3)
    return {
        ("final_layer.linear" + name[8:] if name.startswith("proj_out") else name): each for name, each in named.items()
    }
