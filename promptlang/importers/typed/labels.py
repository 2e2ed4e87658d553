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
