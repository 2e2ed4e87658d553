"""The labels of settings in Chinese and Japanese, and lines written with the signs of those scripts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LABELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("步数", "步數", "迭代步数", "采样步数", "ステップ", "ステップ数"), "steps"),
        **dict.fromkeys(("采样器", "採樣器", "采样方法", "采样", "サンプラー", "サンプリング方法"), "sampler"),
        **dict.fromkeys(("调度器", "スケジューラー", "スケジュールタイプ"), "schedule"),
        **dict.fromkeys(("cfg", "cfg系数", "提示词引导系数", "提示词相关性", "cfgスケール"), "guidance"),
        **dict.fromkeys(("种子", "種子", "随机种子", "随机数种子", "シード", "シード値"), "seed"),
        **dict.fromkeys(("尺寸", "图像尺寸", "分辨率", "サイズ", "解像度"), "size"),
        **dict.fromkeys(("clip跳过层", "跳过层", "clipスキップ"), "clipskip"),
    }
)
"""The names of options, by their labels in lower case."""

MODELS = frozenset({"模型", "大模型", "モデル"})
"""The labels of a model."""

_SIGNS = str.maketrans({"：": ":", "，": ",", "、": ",", "×": "x", "　": " "})


def narrow(line: str) -> str:
    """A line of settings with the signs that Latin ones are written with; every letter stays where it is."""
    return line if line.isascii() else line.translate(_SIGNS)
