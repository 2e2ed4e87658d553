"""Words of other programs that are no option here, and what to do instead; words for an option stand in its row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_MODELS = "model checkpoint ckpt sd_model base_model"
_NETWORKS = "lora loras lyco embedding hypernet ti"
DRAWING = ("dream", "draw", "generate", "gen", "paint", "txt2img")
"""The commands of bots that draw."""
MIDJOURNEY = frozenset(
    {
        *("ar", "aspect", "chaos", "c", "cref", "cw", "draft", "exp", "fast", "iw", "niji", "no", "oref", "ow", "p"),
        *("profile", "q", "quality", "r", "raw", "relax", "repeat", "s", "seed", "sref", "stop", "style", "stylize"),
        *("sv", "sw", "tile", "turbo", "v", "version", "video", "w", "weird"),
    }
)
"""The flags that Midjourney has had, by which a line is known that lacks its command."""
_TEXTS = "prompt positive text"
_FOLDERS = "out output output_dir outdir"
_DEVICES = "device gpu cpu"
_NOWHERE = (
    "chaos cref ensd eta niji preset q quality refiner "
    "restore_faces rng s_noise shift sref style styles stylize subseed tile tiling v variation weird"
)

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        word: said
        for words, said in (
            (_MODELS, "name the model in the prompt, as `<name>`"),
            (_NETWORKS, "call it in the prompt, as `<name:0.8>`"),
            (" ".join(DRAWING), "write `/render` in its place"),
            (_TEXTS, "write the words themselves, without an option"),
            (_FOLDERS, "name the folder on the command line, as `promptlang render --out DIR`"),
            (_DEVICES, "name it on the command line, as `promptlang render --device cuda`"),
            (_NOWHERE, "leave it out, since no option here does the same"),
        )
        for word in words.split()
    }
)
"""What a message advises for each word."""
