"""The families whose denoiser is a transformer: nearly all of them flow-matching, few with a usable CLIP layer."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.tables import encoders
from promptlang.tables.encoders import Encoder
from promptlang.tables.family import (
    DIFFUSERS,
    SIZES_640,
    SIZES_1024,
    SIZES_1328,
    SIZES_2048,
    Aspect,
    ClipSkip,
    Family,
    Guides,
    Prediction,
    Size,
    Variant,
)


def _transformer(
    name: str,
    title: str,
    docs: str,
    read_by: tuple[Encoder, ...],
    *,
    guidance: float,
    steps: int,
    guides: Guides = Guides.CLASSIFIER_FREE,
    below: float = 0.0,
    multiple: int = 16,
    native: int = 1024,
    sizes: Mapping[Aspect, Size] = SIZES_1024,
    sampler: str = "k_euler",
    prediction: Prediction = "flow",
    moving: bool = False,
    variants: tuple[Variant, ...] = (),
    networks_from: tuple[str, ...] = (),
    source: str = DIFFUSERS,
) -> Family:
    """A transformer without a CLIP layer to choose: the shape of nearly every newer family."""
    return Family(
        name=name,
        title=title,
        docs=docs,
        source=source,
        encoders=read_by,
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=native,
        sizes=sizes,
        guidance=guidance,
        steps=steps,
        sampler=sampler,
        prediction=prediction,
        guides=guides,
        below=below,
        multiple=multiple,
        moving=moving,
        variants=variants,
        networks_from=networks_from,
    )


def _video(name: str, title: str, docs: str, read_by: tuple[Encoder, ...], guidance: float, steps: int) -> Family:
    """A family that makes videos, and still pictures as videos of one frame."""
    return _transformer(
        name, title, docs, read_by, guidance=guidance, steps=steps, native=640, sizes=SIZES_640, moving=True
    )


def _distilled(name: str, docs: str, steps: int, *, hidden: bool = False, beside: str = "") -> Variant:
    """A variant that needs few steps and reads no guidance."""
    return Variant(
        name=name, docs=docs, steps=steps, guidance=1.0, guides=Guides.BUILT_IN, hidden=hidden, beside=beside
    )


TRANSFORMERS: tuple[Family, ...] = (
    Family(
        name="sd3",
        title="Stable Diffusion 3",
        docs="Two CLIP encoders beside T5; clip skip moves the CLIP part only. 3.0 and 3.5.",
        source=DIFFUSERS,
        encoders=(encoders.CLIP_L, encoders.OPEN_CLIP_G, encoders.T5_XXL),
        clip_skip=ClipSkip.AT_LEAST_TWO,
        clip_skip_default=2,
        final_norm=False,
        native=1024,
        sizes=SIZES_1024,
        guidance=7.0,
        steps=28,
        sampler="k_euler",
        prediction="flow",
        multiple=16,
    ),
    _transformer(
        "flux",
        "FLUX.1",
        "T5 reads the prompt; CLIP gives one summary vector only.",
        (encoders.CLIP_L_POOLED, encoders.T5_XXL),
        guidance=3.5,
        steps=28,
        guides=Guides.EMBEDDED,
        variants=(
            Variant(name="dev", docs="Guidance is an input of the model, not a second pass."),
            _distilled("schnell", "Distilled to four steps; guidance is ignored.", 4),
            Variant(name="fill", docs="Inpaints: takes an image and a mask.", steps=50, guidance=30.0),
            Variant(name="control", docs="Takes a depth or edge picture."),
        ),
    ),
    _transformer(
        "flux2",
        "FLUX.2",
        "A language model reads the prompt: Mistral in dev, Qwen3 in klein.",
        (encoders.MISTRAL_3,),
        guidance=4.0,
        steps=50,
        guides=Guides.EMBEDDED,
        variants=(
            Variant(name="dev", docs="Guidance is an input of the model; there is no negative prompt."),
            Variant(
                name="klein 4B",
                docs="Read by Qwen3 4B, with classifier-free guidance.",
                guides=Guides.CLASSIFIER_FREE,
                encoders=(encoders.QWEN_3,),
            ),
            Variant(
                name="klein 9B",
                docs="Read by Qwen3 8B, with classifier-free guidance.",
                guides=Guides.CLASSIFIER_FREE,
                encoders=(encoders.QWEN_3_8B,),
            ),
            Variant(name="base", docs="klein as it was trained.", steps=20, guidance=5.0, hidden=True, beside="klein"),
            _distilled("distilled", "klein in four steps without guidance.", 4, hidden=True, beside="klein"),
        ),
    ),
    _transformer(
        "flux3",
        "FLUX.3",
        "A vision language model reads the prompt.",
        (encoders.QWEN_3_VL_4B,),
        guidance=1.0,
        steps=15,
        variants=(_distilled("distilled", "A flow map: few steps without guidance.", 15),),
        source="ComfyUI's template",
    ),
    _transformer(
        "chroma",
        "Chroma",
        "FLUX.1 without CLIP and without distilled guidance: T5 alone.",
        (encoders.T5_XXL,),
        guidance=5.0,
        steps=35,
        variants=(Variant(name="radiance", docs="Draws pixels, without an autoencoder."),),
        networks_from=("flux",),
    ),
    _transformer(
        "pixart",
        "PixArt-α and PixArt-Σ",
        "T5 alone reads the prompt; trained on noise prediction.",
        (encoders.T5_XXL,),
        guidance=4.5,
        steps=20,
        sampler="dpm2m",
        prediction="epsilon",
    ),
    _transformer(
        "sana",
        "Sana",
        "Gemma reads the prompt.",
        (encoders.GEMMA_2,),
        guidance=4.5,
        steps=20,
        multiple=32,
        variants=(
            Variant(
                name="sprint",
                docs="Distilled to two steps; guidance is an input of the model.",
                steps=2,
                guides=Guides.EMBEDDED,
            ),
        ),
    ),
    _transformer("lumina2", "Lumina-Image 2", "Gemma reads the prompt.", (encoders.GEMMA_2,), guidance=4.0, steps=30),
    _transformer(
        "z-image",
        "Z-Image",
        "Qwen3 reads the prompt.",
        (encoders.QWEN_3,),
        guidance=6.0,
        steps=50,
        below=1.0,
        variants=(
            Variant(name="base", docs="As it was trained.", hidden=True),
            _distilled("turbo", "Distilled to nine steps without guidance.", 9, hidden=True),
        ),
    ),
    _transformer(
        "qwen-image",
        "Qwen-Image",
        "A vision language model reads the prompt.",
        (encoders.QWEN_25_VL,),
        guidance=4.0,
        steps=50,
        native=1328,
        sizes=SIZES_1328,
        variants=(
            Variant(name="edit", docs="Changes a picture as the prompt says."),
            Variant(name="layered", docs="Divides a picture into layers."),
        ),
    ),
    _transformer(
        "qwen-image-2.1",
        "Qwen-Image 2.1",
        "A vision language model reads the prompt; drawn without guidance unless it is asked for.",
        (encoders.QWEN_3_VL_8B,),
        guidance=1.0,
        steps=40,
    ),
    _transformer(
        "krea2",
        "Krea 2",
        "Twelve layers of a vision language model read the prompt.",
        (encoders.QWEN_3_VL_4B,),
        guidance=5.5,
        steps=28,
        below=1.0,
        variants=(
            Variant(name="raw", docs="As it was trained.", hidden=True),
            _distilled("turbo", "Distilled to eight steps without guidance.", 8, hidden=True),
        ),
    ),
    _transformer(
        "anima",
        "Anima",
        "Qwen3 reads the prompt, and T5's ids of it with their weights.",
        (encoders.QWEN_3_06B, encoders.T5_IDS),
        guidance=4.0,
        steps=30,
        source="ComfyUI's template",
    ),
    _transformer(
        "auraflow",
        "AuraFlow",
        "Pile-T5 reads the prompt; Pony 7 belongs here.",
        (encoders.PILE_T5_XL,),
        guidance=3.5,
        steps=50,
    ),
    _transformer(
        "hidream",
        "HiDream-I1",
        "T5 and Llama read the prompt; the two CLIP encoders give summary vectors only.",
        (encoders.CLIP_L_POOLED, encoders.OPEN_CLIP_G_POOLED, encoders.T5_XXL, encoders.LLAMA_31),
        guidance=5.0,
        steps=50,
        variants=(
            Variant(name="full", docs="As it was trained.", hidden=True),
            _distilled("dev", "Distilled to 28 steps without guidance.", 28, hidden=True),
            _distilled("fast", "Distilled to 16 steps without guidance.", 16, hidden=True),
        ),
    ),
    _transformer(
        "longcat-image",
        "LongCat-Image",
        "FLUX.1's layout with a vision language model as the only reader.",
        (encoders.QWEN_25_VL,),
        guidance=4.5,
        steps=50,
    ),
    _transformer(
        "ovis-image",
        "Ovis-Image",
        "FLUX.1's layout with the language model of Ovis 2.5 as the only reader.",
        (encoders.OVIS_25,),
        guidance=5.0,
        steps=50,
    ),
    _transformer(
        "hunyuan-dit",
        "Hunyuan-DiT",
        "A bilingual BERT encoder and mT5 read the prompt.",
        (encoders.CHINESE_CLIP, encoders.MT5_XL),
        guidance=5.0,
        steps=50,
        sampler="ddim",
        prediction="v",
    ),
    _transformer(
        "hunyuan-image",
        "HunyuanImage 2.1",
        "A vision language model reads the prompt, ByT5 the words that shall be written.",
        (encoders.QWEN_25_VL, encoders.BYT5),
        guidance=3.5,
        steps=50,
        multiple=64,
        native=2048,
        sizes=SIZES_2048,
    ),
    _transformer(
        "kandinsky5",
        "Kandinsky 5",
        "A vision language model reads the prompt; CLIP gives one summary vector only.",
        (encoders.QWEN_25_VL, encoders.CLIP_L_POOLED),
        guidance=3.5,
        steps=50,
    ),
    _transformer(
        "ideogram4",
        "Ideogram 4",
        "A language model reads the prompt.",
        (encoders.UNPUBLISHED,),
        guidance=4.0,
        steps=48,
        native=2048,
        sizes=SIZES_2048,
    ),
    _transformer(
        "cogview4", "CogView4", "GLM-4 reads the prompt.", (encoders.GLM_4,), guidance=5.0, steps=50, multiple=32
    ),
    _transformer(
        "minimax-h3",
        "MiniMax H3",
        "A language model reads the prompt.",
        (encoders.UNPUBLISHED,),
        guidance=5.0,
        steps=50,
        source="the published keys; the defaults are ours",
    ),
    _video("wan", "Wan 2", "UMT5 reads the prompt.", (encoders.UMT5_XXL,), 5.0, 50),
    _video(
        "hunyuan-video",
        "HunyuanVideo",
        "Llama reads the prompt; CLIP gives one summary vector only.",
        (encoders.LLAMA_3, encoders.CLIP_L_POOLED),
        6.0,
        50,
    ),
    _video("ltx", "LTX-Video", "T5 reads the prompt.", (encoders.T5_XXL,), 3.0, 50),
    _video("ltx2", "LTX-2", "Gemma reads the prompt.", (encoders.GEMMA_3,), 3.0, 30),
    _video("cosmos", "Cosmos", "T5 reads the prompt.", (encoders.T5_11B,), 7.0, 35),
    _video("mochi", "Mochi 1", "T5 reads the prompt.", (encoders.T5_XXL,), 4.5, 64),
)
