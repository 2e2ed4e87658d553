"""The labels of prompts and settings, in other languages too, and lines written with the signs of their scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("steps", "sampling steps", "inference steps"), "steps"),
        **dict.fromkeys(("sampler", "sampling method"), "sampler"),
        **dict.fromkeys(("schedule type",), "schedule"),
        **dict.fromkeys(("cfg", "cfg scale", "guidance scale"), "guidance"),
        **dict.fromkeys(("seed",), "seed"),
        **dict.fromkeys(("size", "resolution", "dimensions", "image size"), "size"),
        **dict.fromkeys(("clip skip",), "clipskip"),
        **dict.fromkeys(("denoising strength",), "strength"),
        **dict.fromkeys(("hires upscale",), "hires"),
    }
)
"""The names of options, by their labels in lower case: those before a colon and those above a value."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("步数", "步數", "迭代步数", "采样步数", "ステップ", "ステップ数", "스텝", "단계"), "steps"),
        **dict.fromkeys(("schritte", "étapes", "pasos", "passos", "passi", "шаги", "шагов"), "steps"),
        **dict.fromkeys(
            ("采样器", "採樣器", "采样方法", "采样", "サンプラー", "サンプリング方法", "샘플러"), "sampler"
        ),
        **dict.fromkeys(("échantillonneur", "muestreador", "сэмплер", "семплер"), "sampler"),
        **dict.fromkeys(("调度器", "スケジューラー", "スケジュールタイプ", "스케줄러", "планировщик"), "schedule"),
        **dict.fromkeys(("cfg系数", "提示词引导系数", "提示词相关性", "cfgスケール", "cfg 스케일"), "guidance"),
        **dict.fromkeys(("种子", "種子", "随机种子", "随机数种子", "シード", "シード値", "시드"), "seed"),
        **dict.fromkeys(("startwert", "graine", "semilla", "semente", "сид", "зерно"), "seed"),
        **dict.fromkeys(("尺寸", "图像尺寸", "分辨率", "サイズ", "解像度", "크기", "größe", "taille"), "size"),
        **dict.fromkeys(("tamaño", "tamanho", "dimensioni", "размер"), "size"),
        **dict.fromkeys(("clip跳过层", "跳过层", "clipスキップ", "클립 스킵"), "clipskip"),
    }
)
"""The same in other languages, before a colon alone."""

MODELS = frozenset({"模型", "大模型", "モデル", "모델", "modell", "modèle", "modelo", "modello", "модель"})
"""The labels of a model."""

NEGATIVE = (
    r"(?:[反负負]向?[面]?提示[词詞]|ネガティブプロンプト|네거티브[ ]?프롬프트|부정[ ]?프롬프트|negativer[ ]prompt"
    r"|prompt[ ]n[eé]gati(?:vo|f)|(?:негативный|отрицательный)[ ]промп?т)[ \t]*[:：]"
)
"""The label of a negative prompt, with its colon, as a regular expression."""
POSITIVE = r"正[向面]提示[词詞]|提示[词詞]|プロンプト|프롬프트|промпт|промт"
"""The label of a prompt, without its colon, as a regular expression."""

_PARTED = re.compile(r"[ \t][|;·•](?=[ \t])|;(?=[ \t])")  # `Steps: 20 | Seed: 7`, as forums have it
_SIGNS = str.maketrans({"：": ":", "，": ",", "、": ",", "×": "x", "　": " "})


def narrow(line: str) -> str:
    """A line of settings with the signs that webui's are written with; every letter stays where it is."""
    line = line if line.isascii() else line.translate(_SIGNS)
    return line if "," in line else _PARTED.sub(_comma, line)


def _comma(bar: re.Match[str]) -> str:
    return f"{bar[0][:-1]},"
