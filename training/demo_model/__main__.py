"""`python -m training.demo_model`: train the demo model again, all of it or stage by stage, or train it on."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# Spinning OpenMP threads on busy cores are several times slower than sleeping ones; read when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from training.demo_model.autoencoder import train_autoencoder
from training.demo_model.batches import Batch, BatchShape, batches
from training.demo_model.blend import blend
from training.demo_model.checkpoints import Saved, nothing_more
from training.demo_model.concepts import train_inversion, train_lora
from training.demo_model.decoder import train_decoder
from training.demo_model.diffusion import PEAK_RATE, train_diffusion
from training.demo_model.export import BUNDLE, export
from training.demo_model.judge import train_judge
from training.demo_model.scenes import USUAL, Mix
from training.demo_model.unpack import unpack
from training.demo_model.vocabulary import Vocabulary, make_vocabulary, read_vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much work a run does."""

    folder: Path
    target: Path
    exports: bool
    device: torch.device
    workers: int
    autoencoder_steps: int
    autoencoder_seconds: float
    steps: int
    seconds: float
    finish: bool
    rate: float
    keep_text: bool
    decoder_steps: int
    decoder_seconds: float
    decoder_scenes: int
    scenes: int
    captions: int
    pairs: float
    patterned: float
    blend: float
    concept_steps: int
    concept_scenes: int
    seed: int


def _vocabulary(settings: Settings) -> None:
    make_vocabulary(settings.folder / "words.json")


def _unpack(settings: Settings) -> None:
    unpack(BUNDLE, settings.folder)


def _source(settings: Settings, shape: BatchShape, seed: int) -> tuple[Vocabulary, Iterator[Batch]]:
    vocabulary = read_vocabulary(settings.folder / "words.json")
    is_cuda = settings.device.type == "cuda"
    return vocabulary, batches(vocabulary, shape, seed=seed, workers=settings.workers, pin=is_cuda)


def _autoencoder(settings: Settings) -> None:
    _, source = _source(settings, BatchShape(scenes=min(96, settings.scenes), captions=1), settings.seed)
    train_autoencoder(
        settings.folder, source, settings.device, settings.autoencoder_steps, settings.autoencoder_seconds
    )


def _diffusion(settings: Settings) -> None:
    mix = Mix(pairs=settings.pairs, patterned=settings.patterned)
    shape = BatchShape(scenes=settings.scenes, captions=settings.captions, mix=mix)
    vocabulary, source = _source(settings, shape, settings.seed + 1)
    train_diffusion(
        settings.folder,
        source,
        settings.device,
        len(vocabulary),
        steps=settings.steps,
        seconds=settings.seconds,
        peak=settings.rate,
        keep_text=settings.keep_text,
        finishes=settings.finish,
        saved=_saved(settings),
    )


def _decoder(settings: Settings) -> None:
    vocabulary, source = _source(settings, BatchShape(scenes=settings.decoder_scenes, captions=1), settings.seed + 2)
    train_decoder(
        settings.folder,
        source,
        settings.device,
        len(vocabulary),
        steps=settings.decoder_steps,
        seconds=settings.decoder_seconds,
        saved=_saved(settings),
    )


def _saved(settings: Settings) -> Saved:
    return partial(_export, settings) if settings.exports else nothing_more


def _blend(settings: Settings) -> None:
    blend(settings.folder, settings.blend)


def _judge(settings: Settings) -> None:
    train_judge()


def _lora(settings: Settings) -> None:
    vocabulary = read_vocabulary(settings.folder / "words.json")
    train_lora(settings.folder, vocabulary, settings.device, settings.concept_steps, settings.concept_scenes)


def _inversion(settings: Settings) -> None:
    vocabulary = read_vocabulary(settings.folder / "words.json")
    train_inversion(settings.folder, vocabulary, settings.device, settings.concept_steps, settings.concept_scenes)


def _export(settings: Settings) -> None:
    export(settings.folder, read_vocabulary(settings.folder / "words.json"), settings.target)


STAGES: dict[str, Callable[[Settings], None]] = {
    "unpack": _unpack,
    "vocabulary": _vocabulary,
    "autoencoder": _autoencoder,
    "diffusion": _diffusion,
    "decoder": _decoder,
    "blend": _blend,
    "lora": _lora,
    "inversion": _inversion,
    "judge": _judge,
    "export": _export,
}

_FROM_A_BUNDLE = ("unpack", "blend")
_FROM_NOTHING = tuple(name for name in STAGES if name not in _FROM_A_BUNDLE)

# What a run from nothing does unless told otherwise: minutes on a GPU, a night on two CPU cores.
_HOUR = 3600.0
_ON_A_GPU: dict[str, float | int] = {
    "autoencoder_seconds": _HOUR / 4,
    "steps": 16000,
    "scenes": 256,
    "captions": 4,
    "decoder_steps": 2000,
    "decoder_scenes": 48,
    "concept_scenes": 32,
}
_ON_A_CPU: dict[str, float | int] = {
    "autoencoder_seconds": 2 * _HOUR,
    "steps": 12000,
    "scenes": 32,
    "captions": 2,
    "decoder_steps": 600,
    "decoder_scenes": 8,
    "concept_scenes": 8,
}


def main() -> None:
    """Run the stages named on the command line, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_model", description=__doc__)
    names = ", ".join(STAGES)
    parser.add_argument(
        "stages", nargs="*", metavar="stage", help=f"any of {names}; default: all but {' and '.join(_FROM_A_BUNDLE)}"
    )
    parser.add_argument("--folder", type=Path, default=Path("out/demo-model"), help="checkpoints, curves, sheets")
    parser.add_argument("--target", type=Path, default=BUNDLE, help="the folder that `export` writes")
    parser.add_argument("--exports", action="store_true", help="export at every checkpoint of the networks, too")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=min(14, max(1, (os.cpu_count() or 2) - 1)))
    parser.add_argument("--autoencoder-steps", type=int, default=20000)
    parser.add_argument("--autoencoder-seconds", type=float, help="stop after this time")
    parser.add_argument("--steps", type=int, help="batches of the denoiser in all, over all runs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="pause the denoiser after this time")
    parser.add_argument("--finish", action="store_true", help="let the rate come to its end within `--seconds`")
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="the highest rate of the denoiser")
    parser.add_argument("--keep-text", action="store_true", help="train the denoiser alone")
    parser.add_argument("--decoder-steps", type=int)
    parser.add_argument("--decoder-seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--decoder-scenes", type=int, help="drawings in a batch of the decoder")
    parser.add_argument("--scenes", type=int, help="drawings in a batch")
    parser.add_argument("--captions", type=int, help="captions for each drawing")
    parser.add_argument("--pairs", type=float, default=USUAL.pairs, help="share of the scenes of two different things")
    parser.add_argument(
        "--patterned", type=float, default=USUAL.patterned, help="share of the things that have a pattern"
    )
    parser.add_argument("--blend", type=float, default=0.7, help="share of the trained denoiser that `blend` keeps")
    parser.add_argument("--concept-steps", type=int, default=300, help="batches for the LoRA and for the inversion")
    parser.add_argument("--concept-scenes", type=int, help="drawings in a batch for a concept")
    parser.add_argument("--seed", type=int, default=0)
    given = vars(parser.parse_args())
    stages: list[str] = given.pop("stages") or list(_FROM_NOTHING)
    if unknown := [stage for stage in stages if stage not in STAGES]:
        parser.error(f"no stage is called {unknown[0]}; write one of {names}")
    given["device"] = torch.device(given["device"])
    usual = _ON_A_GPU if given["device"].type == "cuda" else _ON_A_CPU
    given |= {name: value for name, value in usual.items() if given[name] is None}
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.manual_seed(given["seed"])
    settings = Settings(**given)
    for stage in stages:
        STAGES[stage](settings)


if __name__ == "__main__":
    main()
