"""Words of other programs that are no option here, and what to do instead, and words of other languages for options;
those of other programs for an option stand in its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.dialects import DIALECTS, NEW, OLD

_MODELS = (
    "model checkpoint ckpt sd_model base_model model_id model_name model_path ckpt_name ckpt_path sd_model_checkpoint "
    "unet unet_name diffusion_model pretrained_model"
)
_NETWORKS = "lora loras lora_name lyco lycoris embedding embeddings textual_inversion hypernet hypernetwork ti"
MODEL_WORDS = frozenset(_MODELS.split())
"""By which other programs name the model."""
IMAGINE = "imagine"
"""The command of Midjourney."""
DRAWING = (IMAGINE, "sd", "dream", "draw", "generate", "gen", "paint", "txt2img")
"""It and those of bots that draw."""
REDRAWING = ("img2img", "i2i", "image2image")
"""Those of bots that draw from a picture."""
MIDJOURNEY = frozenset(
    {
        *("ar", "aspect", "chaos", "c", "cref", "cw", "draft", "exp", "fast", "iw", "niji", "no", "oref", "ow", "p"),
        *("profile", "q", "quality", "r", "raw", "relax", "repeat", "s", "seed", "sref", "stop", "style", "stylize"),
        *("sv", "sw", "tile", "turbo", "v", "version", "video", "w", "weird"),
    }
)
"""The flags that Midjourney has had, by which a line is known that lacks its command."""
_TEXTS = "prompt prompts positive positive_prompt text text_prompt caption description"
_FOLDERS = "out output output_dir output_path outdir outpath save"
_DEVICES = "device gpu cpu"
_GRIDS = "grid matrix prompt_matrix xy xy_plot xyz xyz_plot"
_NOWHERE = (
    "adetailer chaos codeformer control_mode cref deepcache draft dyn ensd eta face face_fix face_restoration "
    "face_restore fast flow_shift fp16 gfpgan half hd hypertile lowvram mask_blur niji nsfw outpaint pag "
    "performance perlin preprocessor preset q quality raw refiner refiner_switch restore_faces rng s_churn "
    "s_noise s_tmax s_tmin safe safety_checker sag seamless second_pass sharpness shift sm smea sref style "
    "styles stylize subseed subseed_strength teacache tile tiling token_merging_ratio tome turbo v variation "
    "variation_seed variation_strength version video watermark weird xformers zero_snr"
)

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        word: said
        for words, said in (
            (_MODELS, "name the model in the prompt, as `<name>`"),
            (_NETWORKS, "call it in the prompt, as `<name:0.8>`"),
            (" ".join(DRAWING), "write `/render` in its place"),
            (" ".join(REDRAWING), "write `/remix` in its place"),
            (_TEXTS, "write the words themselves, without an option"),
            (_FOLDERS, "name the folder on the command line, as `promptlang render --out DIR`"),
            (_GRIDS, "begin with `/compare`, and give options several values, as in `/steps:20|30`"),
            *(
                (name, f"write `/parser:{name}`")
                for row in DIALECTS.values()
                if row not in (NEW, OLD)
                for name in (row.name, *row.aliases)
            ),
            (_DEVICES, "name it on the command line, as `promptlang render --device cuda`"),
            (_NOWHERE, "leave it out, since no option here does the same"),
        )
        for name in words.split()
        for word in (name, name.replace("_", "-"), name.replace("_", ""))
    }
)
"""What a message advises for each word."""

WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("步数", "步數", "迭代步数", "采样步数", "ステップ", "ステップ数", "스텝", "단계"), "steps"),
        **dict.fromkeys(("schritte", "étapes", "pasos", "passos", "passi", "шаги", "шагов"), "steps"),
        **dict.fromkeys(
            ("采样器", "採樣器", "采样方法", "采样", "サンプラー", "サンプリング方法", "샘플러"), "sampler"
        ),
        **dict.fromkeys(("échantillonneur", "muestreador", "сэмплер", "семплер"), "sampler"),
        **dict.fromkeys(("调度器", "スケジューラー", "スケジュールタイプ", "스케줄러", "планировщик"), "schedule"),
        **dict.fromkeys(("cfg系数", "提示词引导系数", "提示词相关性", "cfgスケール", "cfg스케일"), "guidance"),
        **dict.fromkeys(("种子", "種子", "随机种子", "随机数种子", "シード", "シード値", "시드"), "seed"),
        **dict.fromkeys(("startwert", "graine", "semilla", "semente", "сид", "зерно"), "seed"),
        **dict.fromkeys(("尺寸", "图像尺寸", "分辨率", "サイズ", "解像度", "크기", "größe", "taille"), "size"),
        **dict.fromkeys(("tamaño", "tamanho", "dimensioni", "размер"), "size"),
        **dict.fromkeys(("clip跳过层", "跳过层", "clipスキップ", "클립스킵"), "clipskip"),
    }
)
"""The names of options by what other languages call them, in lower case."""
