"""What a folder of a family holds in the layout of diffusers: its pipeline, and the classes that its parts may have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from promptlang.tables.models.family import variant_names
from promptlang.tables.samplers import FLOW_EULER, ROWS
from promptlang.values import dataclass

Parts = Mapping[str, frozenset[str]]
"""The classes that a part may have, each with its library: `diffusers.AutoencoderKL`."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Where parts meet: what stands at a key of the denoiser's configuration, others make together, so many times.

    `parts` are the names of those others, each with the key of its own configuration; one that counts more often stands
    there more often.
    """

    key: str
    parts: tuple[tuple[str, str], ...]
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folder:
    """One row.

    `pipeline` is the class of diffusers, `parts` are those that every such folder has, with the classes that are
    loaded. `denoiser` and `text_encoders` are the names of parts, `left_out` those of parts that are never loaded: the
    compiler has CLIP's tokens, no picture is judged, and the VAE of the model that begins decodes what a refiner
    finishes. `control` is the class of its ControlNets, where it has any. `opens_files` says whether the class of
    diffusers opens single files too, and `guidance` what it calls that number.
    `joints` are the sizes in which parts of one model agree, `told` what the configuration of a part must say in a
    number, since the pipeline counts with it, and `depths` the deepest layers of text encoders that it reads.
    `settings` are what the pipeline must be told in every call to draw what is asked for, and `midway` is its argument
    for where the second of two steps begins, which it knows for no other number of steps. `talks` says whether the
    prompt is put into the words of a conversation, of which the tokenizer's folder has the template. `counts`
    are the keys of the index by which the pipeline counts, and whether a list of numbers stands there.
    """

    pipeline: str
    parts: Parts
    left_out: tuple[str, ...] = ()
    denoiser: str = "transformer"
    text_encoders: tuple[str, ...] = ("text_encoder",)
    control: str = ""
    opens_files: bool = False
    joints: tuple[Joint, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    depths: tuple[tuple[str, int], ...] = ()
    guidance: Literal["guidance_scale", "true_cfg_scale"] = "guidance_scale"
    settings: tuple[tuple[str, bool], ...] = ()
    midway: str = ""
    talks: bool = False
    counts: tuple[tuple[str, bool], ...] = ()

    def classes(self, *parts: str) -> frozenset[str]:
        """The classes that these parts may have, without their libraries."""
        return frozenset(kind.rpartition(".")[2] for part in parts for kind in self.parts.get(part, ()))


def _classes(library: str, *names: str) -> frozenset[str]:
    return frozenset(f"{library}.{name}" for name in names)


def _transformers(*names: str) -> frozenset[str]:
    return _classes("transformers", *names)


def _diffusers(*names: str) -> frozenset[str]:
    return _classes("diffusers", *names)


CONTROL_OF_UNETS, CONTROL_OF_FLUX = "ControlNetModel", "FluxControlNetModel"
IMAGE_ENCODER = "CLIPVisionModelWithProjection"
"""The class of what looks at the pictures of an adapter."""
IMAGE_ENCODER_KINDS = frozenset({"clip_vision_model", "clip"})
"""How a folder calls itself that such an encoder is opened from: alone, or beside its text encoder."""
# Published ones, and every sampler's own.
_NOISE = _diffusers("PNDMScheduler", *(row.scheduler for row in ROWS if row.scheduler))
_FLOW = _diffusers(FLOW_EULER)
_CLIP = _transformers("CLIPTextModel")
_SUMMARISING = _transformers("CLIPTextModelWithProjection")
_T5 = _transformers("T5EncoderModel")
_GEMMA = _transformers("Gemma2Model")
_KL = _diffusers("AutoencoderKL")
# The first two are what folders name where a file alone says how texts are divided.
_DIVIDING = ("PreTrainedTokenizerFast", "TokenizersBackend")
_QWEN_TOKENS = _transformers(*_DIVIDING, "Qwen2Tokenizer", "Qwen2TokenizerFast", "Qwen3Tokenizer")
_T5_TOKENS = _transformers(*_DIVIDING, "T5Tokenizer", "T5TokenizerFast")
_GEMMA_TOKENS = _transformers(*_DIVIDING, "GemmaTokenizer", "GemmaTokenizerFast")
_LOOKING = ("feature_extractor", "image_encoder")
_LATENTS, _FILM_LATENTS = ("vae", "latent_channels"), ("vae", "z_dim")
_PATCH = 4  # latents that a denoiser takes as one
_WIDTH, _WIDTH_2, _T5_WIDTH = ("text_encoder", "hidden_size"), ("text_encoder_2", "hidden_size"), "d_model"
_SUMMARIES = (("text_encoder", "projection_dim"), ("text_encoder_2", "projection_dim"))
_SHIFT = (("vae", "shift_factor"),)
_ADDED = (("unet", "addition_time_embed_dim"),)


def _added(numbers: int) -> Joint:
    """So many numbers of a picture, sizes among them, each spread out, and the summary of the text beside them."""
    return Joint("projection_class_embeddings_input_dim", (*_ADDED * numbers, ("text_encoder_2", "projection_dim")))


_UNET_LATENTS = Joint("out_channels", (_LATENTS,))  # it takes more, where it is made for inpainting
_UNET: Parts = {"unet": _diffusers("UNet2DConditionModel"), "vae": _KL, "scheduler": _NOISE}
_SD = Folder(
    pipeline="StableDiffusionPipeline",
    parts={"text_encoder": _CLIP, **_UNET},
    left_out=("tokenizer", "safety_checker", *_LOOKING),
    denoiser="unet",
    joints=(_UNET_LATENTS, Joint("cross_attention_dim", (_WIDTH,))),
    control=CONTROL_OF_UNETS,
    opens_files=True,
)
_FLUX2: Parts = {
    "transformer": _diffusers("Flux2Transformer2DModel"),
    "vae": _diffusers("AutoencoderKLFlux2"),
    "scheduler": _FLOW,
}
_READ = 3  # layers of the text encoder whose states stand side by side
_FLUX2_JOINTS = (Joint("in_channels", (_LATENTS,), _PATCH), Joint("joint_attention_dim", (_WIDTH,), _READ))
_KLEIN = Folder(
    pipeline="Flux2KleinPipeline",
    talks=True,
    parts={"tokenizer": _QWEN_TOKENS, "text_encoder": _transformers("Qwen3ForCausalLM"), **_FLUX2},
    joints=_FLUX2_JOINTS,
    depths=(("text_encoder", 27),),
)
_SANA: Parts = {
    "tokenizer": _GEMMA_TOKENS,
    "text_encoder": _GEMMA,
    "transformer": _diffusers("SanaTransformer2DModel"),
    "vae": _diffusers("AutoencoderDC"),
}
# A size is drawn as it is written, and not in the nearest one of a list that is cut to it.
_SIZED = (("use_resolution_binning", False),)
_SANA_JOINTS = (Joint("in_channels", (_LATENTS,)), Joint("caption_channels", (_WIDTH,)))

FOLDERS: Mapping[str, Folder] = MappingProxyType(
    {
        "sd1": _SD,
        "sd2": _SD,
        "sdxl": Folder(
            pipeline="StableDiffusionXLPipeline",
            parts={"text_encoder": _CLIP, "text_encoder_2": _SUMMARISING, **_UNET},
            left_out=("tokenizer", "tokenizer_2", *_LOOKING),
            denoiser="unet",
            text_encoders=("text_encoder", "text_encoder_2"),
            joints=(_UNET_LATENTS, Joint("cross_attention_dim", (_WIDTH, _WIDTH_2)), _added(6)),
            told=_ADDED,
            control=CONTROL_OF_UNETS,
            opens_files=True,
        ),
        "sdxl-refiner": Folder(
            pipeline="StableDiffusionXLImg2ImgPipeline",
            parts={"text_encoder_2": _SUMMARISING, "unet": _UNET["unet"], "scheduler": _NOISE},
            left_out=("tokenizer", "tokenizer_2", "vae", *_LOOKING),
            denoiser="unet",
            text_encoders=("text_encoder_2",),
            joints=(Joint("cross_attention_dim", (_WIDTH_2,)), _added(5)),
            told=_ADDED,
            opens_files=True,
        ),
        "sd3": Folder(
            pipeline="StableDiffusion3Pipeline",
            parts={
                "text_encoder": _SUMMARISING,
                "text_encoder_2": _SUMMARISING,
                "tokenizer_3": _T5_TOKENS,
                "text_encoder_3": _T5,
                "transformer": _diffusers("SD3Transformer2DModel"),
                "vae": _KL,
                "scheduler": _FLOW,
            },
            text_encoders=("text_encoder", "text_encoder_2", "text_encoder_3"),
            joints=(
                Joint("in_channels", (_LATENTS,)),
                Joint("joint_attention_dim", (("text_encoder_3", _T5_WIDTH),)),
                Joint("pooled_projection_dim", _SUMMARIES),
            ),
            told=_SHIFT,
            left_out=("tokenizer", "tokenizer_2", *_LOOKING),
            opens_files=True,
        ),
        "flux": Folder(
            pipeline="FluxPipeline",
            parts={
                "text_encoder": _CLIP,
                "tokenizer_2": _T5_TOKENS,
                "text_encoder_2": _T5,
                "transformer": _diffusers("FluxTransformer2DModel"),
                "vae": _KL,
                "scheduler": _FLOW,
            },
            joints=(
                Joint("out_channels|in_channels", (_LATENTS,), _PATCH),
                Joint("joint_attention_dim", (("text_encoder_2", _T5_WIDTH),)),
                Joint("pooled_projection_dim", (_WIDTH,)),
            ),
            told=_SHIFT,
            text_encoders=("text_encoder", "text_encoder_2"),
            left_out=("tokenizer", *_LOOKING),
            control=CONTROL_OF_FLUX,
            opens_files=True,
        ),
        "chroma": Folder(
            pipeline="ChromaPipeline",
            parts={
                "tokenizer": _T5_TOKENS,
                "text_encoder": _T5,
                "transformer": _diffusers("ChromaTransformer2DModel"),
                "vae": _KL,
                "scheduler": _FLOW,
            },
            joints=(
                Joint("out_channels|in_channels", (_LATENTS,), _PATCH),
                Joint("joint_attention_dim", (("text_encoder", _T5_WIDTH),)),
            ),
            told=_SHIFT,
            left_out=_LOOKING,
            opens_files=True,
        ),
        "z-image": Folder(
            pipeline="ZImagePipeline",
            talks=True,
            parts={
                "tokenizer": _QWEN_TOKENS,
                "text_encoder": _transformers("Qwen3Model", "Qwen3ForCausalLM"),
                "transformer": _diffusers("ZImageTransformer2DModel"),
                "vae": _KL,
                "scheduler": _FLOW,
            },
            joints=(Joint("in_channels", (_LATENTS,)), Joint("cap_feat_dim", (_WIDTH,))),
            told=_SHIFT,
            opens_files=True,
        ),
        "qwen-image": Folder(
            pipeline="QwenImagePipeline",
            parts={
                "tokenizer": _QWEN_TOKENS,
                "text_encoder": _transformers("Qwen2_5_VLForConditionalGeneration"),
                "transformer": _diffusers("QwenImageTransformer2DModel"),
                "vae": _diffusers("AutoencoderKLQwenImage"),
                "scheduler": _FLOW,
            },
            guidance="true_cfg_scale",
            joints=(Joint("in_channels", (_FILM_LATENTS,), _PATCH), Joint("joint_attention_dim", (_WIDTH,))),
        ),
        "qwen-image-2.1": Folder(
            pipeline="QwenImage21Pipeline",
            talks=True,
            parts={
                "processor": _transformers("Qwen3VLProcessor"),
                "text_encoder": _transformers("Qwen3VLForConditionalGeneration"),
                "transformer": _diffusers("QwenImage21Transformer2DModel"),
                "vae": _diffusers("AutoencoderKLQwenImage21"),
                "scheduler": _FLOW,
            },
            joints=(Joint("in_channels", (_FILM_LATENTS,)), Joint("context_in_dim", (_WIDTH,))),
            guidance="true_cfg_scale",
        ),
        "flux2": Folder(
            pipeline="Flux2Pipeline",
            talks=True,
            parts={
                "tokenizer": _transformers("PixtralProcessor"),
                "text_encoder": _transformers("Mistral3ForConditionalGeneration"),
                **_FLUX2,
            },
            joints=_FLUX2_JOINTS,
            depths=(("text_encoder", 30),),
        ),
        "lumina2": Folder(
            pipeline="Lumina2Pipeline",
            parts={
                "tokenizer": _GEMMA_TOKENS,
                "text_encoder": _GEMMA,
                "transformer": _diffusers("Lumina2Transformer2DModel"),
                "vae": _KL,
                "scheduler": _FLOW,
            },
            joints=(Joint("in_channels", (_LATENTS,)), Joint("cap_feat_dim", (_WIDTH,))),
            told=_SHIFT,
        ),
        "sana": Folder(
            pipeline="SanaPipeline",
            parts={**_SANA, "scheduler": _FLOW | _diffusers("DPMSolverMultistepScheduler")},
            joints=_SANA_JOINTS,
            settings=_SIZED,
        ),
        "krea2": Folder(
            pipeline="Krea2Pipeline",
            parts={
                "tokenizer": _QWEN_TOKENS,
                "text_encoder": _transformers("Qwen3VLModel"),
                "transformer": _diffusers("Krea2Transformer2DModel"),
                "vae": _diffusers("AutoencoderKLQwenImage"),
                "scheduler": _FLOW,
            },
            joints=(Joint("in_channels", (_FILM_LATENTS,), _PATCH), Joint("text_hidden_dim", (_WIDTH,))),
            counts=(("patch_size", False), ("text_encoder_select_layers", True)),
        ),
    }
)
"""By the family; of those that are drawn, and of their refiners."""
_SPRINT = Folder(
    pipeline="SanaSprintPipeline",
    parts={**_SANA, "scheduler": _diffusers("SCMScheduler")},
    joints=_SANA_JOINTS,
    settings=_SIZED,
    midway="intermediate_timesteps",
)
VARIANTS: Mapping[str, Mapping[str, Folder]] = MappingProxyType(
    {"flux2": {"klein 4B": _KLEIN, "klein 9B": _KLEIN}, "sana": {"sprint": _SPRINT}}
)
"""By family and variant, where another pipeline draws it."""


def folder_of(family_name: str, variant: str = "") -> Folder | None:
    """What a folder of the family and the variant holds; None of families that are not drawn."""
    own = VARIANTS.get(family_name, {})
    return next((own[name] for name in variant_names(variant) if name in own), FOLDERS.get(family_name))
