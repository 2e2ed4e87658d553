"""What encoding at a clip skip costs beside an encoder that never had the layers that are skipped, for every CLIP.

Encoders have the published sizes and random weights, which both sides share; calls alternate, so that a busy machine
slows both alike. Claim: at most 10 % more time. `python -m benchmarks.encode [PAIRS]`; exits with 1 where it does not
hold. Where a family wants the summary of a text besides, all layers run.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from promptlang_runtime.conditioning.clip import core, truncated

ENCODERS = (
    ("CLIP ViT-L/14 (sd1, sdxl, sd3)", 768, 12, 12),
    ("OpenCLIP ViT-H/14 (sd2)", 1024, 16, 23),
    ("OpenCLIP ViT-bigG/14, no summary", 1280, 20, 32),
)
SKIPS = (2, 6)
PAIRS = 7
MOST = 0.10


def built(width: int, heads: int, layers: int) -> CLIPTextModel:
    """An encoder of that shape."""
    torch.manual_seed(0)
    config = CLIPTextConfig(
        hidden_size=width, intermediate_size=4 * width, num_attention_heads=heads, num_hidden_layers=layers
    )
    return CLIPTextModel(config).eval()


def shortened(whole: CLIPTextModel, width: int, heads: int, layers: int) -> nn.Module:
    """An encoder of its own that has so many layers, with the weights of the whole one."""
    with torch.device("meta"):
        short = core(built(width, heads, layers))
    for part in ("embeddings", "final_layer_norm"):
        setattr(short, part, core(whole).get_submodule(part))
    kept = core(whole).get_submodule("encoder.layers")
    assert isinstance(kept, nn.ModuleList)
    setattr(short.get_submodule("encoder"), "layers", nn.ModuleList(list(kept)[:layers]))  # noqa: B010
    return short


@torch.no_grad()
def seconds(encoder: Callable[[torch.Tensor], object], ids: torch.Tensor) -> float:
    """CPU seconds of this process for one text."""
    began = time.process_time()
    encoder(ids)
    return time.process_time() - began


def row(name: str, skipped: nn.Module, short: nn.Module, layers: int, pairs: int) -> bool:
    """Measure and print one row, and say whether the claim holds."""
    ids = torch.arange(1, 78)[None]
    times: dict[nn.Module, list[float]] = {skipped: [], short: []}
    for pair in range(pairs):
        for encoder in (skipped, short) if pair % 2 else (short, skipped):
            times[encoder].append(seconds(encoder, ids))
    ratios = [ours / theirs - 1 for ours, theirs in zip(times[skipped], times[short], strict=True)]
    ours, theirs = (1000 * statistics.median(times[each]) for each in (skipped, short))
    print(f"  {name:<33} {layers:3}   {ours:8.1f} {theirs:8.1f}   {statistics.median(ratios):+6.1%}", flush=True)
    return statistics.median(ratios) <= MOST


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claim holds."""
    pairs = int(arguments[0]) if arguments else PAIRS
    print(f"{pairs} pairs, torch {torch.__version__}, {torch.get_num_threads()} thread, CPU milliseconds a text")
    print(f"  encoder                        layers    skipped    short   median   (claim: at most {MOST:.0%} more)")
    held = True
    for name, width, heads, layers in ENCODERS:
        whole = built(width, heads, layers)
        for skip in SKIPS:
            left = layers + 1 - skip
            held &= row(name, truncated(whole, skip), shortened(whole, width, heads, left), left, pairs)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
