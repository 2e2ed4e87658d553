"""The text encoders that families use: one row each."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from promptlang.values import dataclass


class EncoderKind(Enum):
    """How a text encoder reads a prompt; only CLIP encoders have a layer that `/clipskip` can choose."""

    CLIP = "CLIP"
    T5 = "T5"
    LANGUAGE_MODEL = "language model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A text encoder: `width` of its hidden states, `tokens` it reads at once (77 has two end marks), `layers`.

    `layers` and `width` are 0 where nobody has published them. `fill` and `end` are the marks that its tokenizer fills
    texts up and ends them with, for encoders whose tokenizer comes with the model.
    """

    name: str
    kind: EncoderKind
    layers: int
    width: int
    tokens: int
    pooled_only: bool = False  # its hidden states are never used, so no layer of it can be skipped
    fill: str = ""
    end: str = ""
    weighed_by_comfy: bool = False  # a language model that ComfyUI weighs words for, as nothing here does


def encoder_names(name: str) -> tuple[str, ...]:
    """The names of which an encoder may have any: of `Qwen3 4B or Qwen3-VL 4B` both."""
    return tuple(name.split(_OR))


def any_of(names: Iterable[str]) -> str:
    """What an encoder is called that may have any of the names."""
    return _OR.join(names)


_OR = " or "
CLIP_L = Encoder(name="CLIP ViT-L/14", kind=EncoderKind.CLIP, layers=12, width=768, tokens=77)
CLIP_L_POOLED = Encoder(
    name="CLIP ViT-L/14 (pooled)", kind=EncoderKind.CLIP, layers=12, width=768, tokens=77, pooled_only=True
)
OPEN_CLIP_H = Encoder(name="OpenCLIP ViT-H/14", kind=EncoderKind.CLIP, layers=24, width=1024, tokens=77)
OPEN_CLIP_G = Encoder(name="OpenCLIP ViT-bigG/14", kind=EncoderKind.CLIP, layers=32, width=1280, tokens=77)
OPEN_CLIP_G_POOLED = Encoder(
    name="OpenCLIP ViT-bigG/14 (pooled)", kind=EncoderKind.CLIP, layers=32, width=1280, tokens=77, pooled_only=True
)
T5_XXL = Encoder(name="T5 v1.1 XXL", kind=EncoderKind.T5, layers=24, width=4096, tokens=512, fill="<pad>", end="</s>")
PILE_T5_XL = Encoder(name="Pile-T5 XL", kind=EncoderKind.T5, layers=24, width=2048, tokens=256)
MT5_XL = Encoder(name="mT5 XL", kind=EncoderKind.T5, layers=24, width=2048, tokens=256)
GEMMA_2 = Encoder(
    name="Gemma 2 2B",
    kind=EncoderKind.LANGUAGE_MODEL,
    layers=26,
    width=2304,
    tokens=256,
    fill="<pad>",
    end="<eos>",
    weighed_by_comfy=True,
)
QWEN_3 = Encoder(
    name="Qwen3 4B",
    kind=EncoderKind.LANGUAGE_MODEL,
    layers=36,
    width=2560,
    tokens=512,
    fill="<|endoftext|>",
    end="<|im_end|>",
)
QWEN_25_VL = Encoder(
    name="Qwen2.5-VL 7B",
    kind=EncoderKind.LANGUAGE_MODEL,
    layers=28,
    width=3584,
    tokens=1024,
    fill="<|endoftext|>",
    end="<|im_end|>",
)
LLAMA_31 = Encoder(
    name="Llama 3.1 8B", kind=EncoderKind.LANGUAGE_MODEL, layers=32, width=4096, tokens=128, weighed_by_comfy=True
)
MISTRAL_3 = Encoder(name="Mistral Small 3.1", kind=EncoderKind.LANGUAGE_MODEL, layers=40, width=5120, tokens=512)
CHAT_GLM_3 = Encoder(name="ChatGLM3 6B", kind=EncoderKind.LANGUAGE_MODEL, layers=28, width=4096, tokens=256)
CHINESE_CLIP = Encoder(name="bilingual CLIP (BERT)", kind=EncoderKind.LANGUAGE_MODEL, layers=24, width=1024, tokens=77)
QWEN_3_06B = Encoder(name="Qwen3 0.6B", kind=EncoderKind.LANGUAGE_MODEL, layers=28, width=1024, tokens=512)
QWEN_3_8B = Encoder(
    name="Qwen3 8B",
    kind=EncoderKind.LANGUAGE_MODEL,
    layers=36,
    width=4096,
    tokens=512,
    fill="<|endoftext|>",
    end="<|im_end|>",
)
QWEN_3_VL_4B = Encoder(
    name="Qwen3-VL 4B",
    kind=EncoderKind.LANGUAGE_MODEL,
    layers=36,
    width=2560,
    tokens=512,
    fill="<|endoftext|>",
    end="<|im_end|>",
)
QWEN_3_VL_8B = Encoder(name="Qwen3-VL 8B", kind=EncoderKind.LANGUAGE_MODEL, layers=36, width=4096, tokens=1024)
OVIS_25 = Encoder(name="Ovis 2.5 2B (Qwen3)", kind=EncoderKind.LANGUAGE_MODEL, layers=28, width=2048, tokens=256)
LLAMA_3 = Encoder(
    name="Llama 3 8B", kind=EncoderKind.LANGUAGE_MODEL, layers=32, width=4096, tokens=256, weighed_by_comfy=True
)
GEMMA_3 = Encoder(name="Gemma 3 12B", kind=EncoderKind.LANGUAGE_MODEL, layers=48, width=3840, tokens=1024)
GLM_4 = Encoder(name="GLM-4 9B", kind=EncoderKind.LANGUAGE_MODEL, layers=40, width=4096, tokens=1024)
UMT5_XXL = Encoder(name="UMT5 XXL", kind=EncoderKind.T5, layers=24, width=4096, tokens=512)
T5_11B = Encoder(name="T5 11B", kind=EncoderKind.T5, layers=24, width=1024, tokens=512)
BYT5 = Encoder(name="ByT5 small (glyphs)", kind=EncoderKind.T5, layers=12, width=1472, tokens=128, pooled_only=True)
T5_IDS = Encoder(name="T5 ids", kind=EncoderKind.T5, layers=0, width=0, tokens=512)
UNPUBLISHED = Encoder(name="a language model", kind=EncoderKind.LANGUAGE_MODEL, layers=0, width=0, tokens=512)
