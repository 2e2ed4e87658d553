"""The families of transformers that are told by their files and checked, compiled and exported for, but not drawn."""

from __future__ import annotations

from promptlang.tables.models import encoders
from promptlang.tables.models.encoders import Encoder
from promptlang.tables.models.family import SIZES_640, SIZES_2048, Family, Variant, distilled


def _video(name: str, title: str, docs: str, read_by: tuple[Encoder, ...], guidance: float, steps: int) -> Family:
    """A family that makes videos, and still pictures as videos of one frame."""
    return Family(
        name=name,
        title=title,
        docs=docs,
        encoders=read_by,
        guidance=guidance,
        steps=steps,
        native=640,
        sizes=SIZES_640,
        moving=True,
    )


KNOWN: tuple[Family, ...] = (
    Family(
        name="flux3",
        title="FLUX.3",
        docs="A vision language model reads the prompt.",
        encoders=(encoders.QWEN_3_VL_4B,),
        guidance=1.0,
        steps=15,
        variants=(distilled("distilled", "A flow map: few steps without guidance.", 15),),
        source="ComfyUI's template",
    ),
    Family(
        name="pixart",
        title="PixArt-α and PixArt-Σ",
        docs="T5 alone reads the prompt; trained on noise prediction.",
        encoders=(encoders.T5_XXL,),
        guidance=4.5,
        steps=20,
        sampler="dpm2m",
        prediction="epsilon",
    ),
    Family(
        name="anima",
        title="Anima",
        docs="Qwen3 reads the prompt, and T5's ids of it with their weights.",
        encoders=(encoders.QWEN_3_06B, encoders.T5_IDS),
        guidance=4.0,
        steps=30,
        source="ComfyUI's template",
    ),
    Family(
        name="auraflow",
        title="AuraFlow",
        docs="Pile-T5 reads the prompt; Pony 7 belongs here.",
        encoders=(encoders.PILE_T5_XL,),
        guidance=3.5,
        steps=50,
    ),
    Family(
        name="hidream",
        title="HiDream-I1",
        docs="T5 and Llama read the prompt; the two CLIP encoders give summary vectors only.",
        encoders=(encoders.CLIP_L_POOLED, encoders.OPEN_CLIP_G_POOLED, encoders.T5_XXL, encoders.LLAMA_31),
        guidance=5.0,
        steps=50,
        variants=(
            Variant(name="full", docs="As it was trained.", hidden=True),
            distilled("dev", "Distilled to 28 steps without guidance.", 28, hidden=True),
            distilled("fast", "Distilled to 16 steps without guidance.", 16, hidden=True),
        ),
    ),
    Family(
        name="longcat-image",
        title="LongCat-Image",
        docs="FLUX.1's layout with a vision language model as the only reader.",
        encoders=(encoders.QWEN_25_VL,),
        guidance=4.5,
        steps=50,
    ),
    Family(
        name="ovis-image",
        title="Ovis-Image",
        docs="FLUX.1's layout with the language model of Ovis 2.5 as the only reader.",
        encoders=(encoders.OVIS_25,),
        guidance=5.0,
        steps=50,
    ),
    Family(
        name="hunyuan-dit",
        title="Hunyuan-DiT",
        docs="A bilingual BERT encoder and mT5 read the prompt.",
        encoders=(encoders.CHINESE_CLIP, encoders.MT5_XL),
        guidance=5.0,
        steps=50,
        sampler="ddim",
        prediction="v",
    ),
    Family(
        name="hunyuan-image",
        title="HunyuanImage 2.1",
        docs="A vision language model reads the prompt, ByT5 the words that shall be written.",
        encoders=(encoders.QWEN_25_VL, encoders.BYT5),
        guidance=3.5,
        steps=50,
        multiple=64,
        native=2048,
        sizes=SIZES_2048,
    ),
    Family(
        name="kandinsky5",
        title="Kandinsky 5",
        docs="A vision language model reads the prompt; CLIP gives one summary vector only.",
        encoders=(encoders.QWEN_25_VL, encoders.CLIP_L_POOLED),
        guidance=3.5,
        steps=50,
    ),
    Family(
        name="ideogram4",
        title="Ideogram 4",
        docs="A language model reads the prompt.",
        encoders=(encoders.UNPUBLISHED,),
        guidance=4.0,
        steps=48,
        native=2048,
        sizes=SIZES_2048,
    ),
    Family(
        name="cogview4",
        title="CogView4",
        docs="GLM-4 reads the prompt.",
        encoders=(encoders.GLM_4,),
        guidance=5.0,
        steps=50,
        multiple=32,
    ),
    Family(
        name="minimax-h3",
        title="MiniMax H3",
        docs="A language model reads the prompt.",
        encoders=(encoders.UNPUBLISHED,),
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
