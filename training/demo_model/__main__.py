"""`python -m training.demo_model`: train the demo model again, all of it or stage by stage."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Spinning OpenMP threads on busy cores are several times slower than sleeping ones; read when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from training.demo_model.autoencoder import train_autoencoder
from training.demo_model.batches import Batch, BatchShape, batches
from training.demo_model.concepts import train_inversion, train_lora
from training.demo_model.decoder import train_decoder
from training.demo_model.diffusion import train_diffusion
from training.demo_model.export import BUNDLE, export
from training.demo_model.judge import train_judge
from training.demo_model.scenes import PATTERNED
from training.demo_model.vocabulary import Vocabulary, make_vocabulary, read_vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How much work a run does."""

    folder: Path
    device: torch.device
    workers: int
    autoencoder_steps: int
    autoencoder_seconds: float
    steps: int
    seconds: float
    keep_text: bool
    decoder_steps: int
    decoder_seconds: float
    scenes: int
    captions: int
    patterned: float
    concept_steps: int
    seed: int


def _vocabulary(settings: Settings) -> None:
    make_vocabulary(settings.folder / "words.json")


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
    shape = BatchShape(scenes=settings.scenes, captions=settings.captions, patterned=settings.patterned)
    vocabulary, source = _source(settings, shape, settings.seed + 1)
    train_diffusion(
        settings.folder,
        source,
        settings.device,
        len(vocabulary),
        steps=settings.steps,
        seconds=settings.seconds,
        keep_text=settings.keep_text,
    )


def _decoder(settings: Settings) -> None:
    vocabulary, source = _source(settings, BatchShape(scenes=min(8, settings.scenes), captions=1), settings.seed + 2)
    train_decoder(
        settings.folder,
        source,
        settings.device,
        len(vocabulary),
        steps=settings.decoder_steps,
        seconds=settings.decoder_seconds,
    )


def _judge(settings: Settings) -> None:
    train_judge()


def _lora(settings: Settings) -> None:
    vocabulary = read_vocabulary(settings.folder / "words.json")
    train_lora(settings.folder, vocabulary, settings.device, settings.concept_steps)


def _inversion(settings: Settings) -> None:
    vocabulary = read_vocabulary(settings.folder / "words.json")
    train_inversion(settings.folder, vocabulary, settings.device, settings.concept_steps)


def _export(settings: Settings) -> None:
    export(settings.folder, read_vocabulary(settings.folder / "words.json"), BUNDLE)


STAGES: dict[str, Callable[[Settings], None]] = {
    "vocabulary": _vocabulary,
    "autoencoder": _autoencoder,
    "diffusion": _diffusion,
    "decoder": _decoder,
    "lora": _lora,
    "inversion": _inversion,
    "judge": _judge,
    "export": _export,
}


# What a run from nothing does unless told otherwise: minutes on a GPU, a night on two CPU cores.
_HOUR = 3600.0
_ON_A_GPU = {"autoencoder_seconds": _HOUR / 4, "steps": 16000, "scenes": 256, "captions": 4, "decoder_steps": 2000}
_ON_A_CPU = {"autoencoder_seconds": 2 * _HOUR, "steps": 12000, "scenes": 32, "captions": 2, "decoder_steps": 600}


def main() -> None:
    """Run the stages named on the command line, or all of them in order."""
    parser = argparse.ArgumentParser(prog="python -m training.demo_model", description=__doc__)
    names = ", ".join(STAGES)
    parser.add_argument("stages", nargs="*", metavar="stage", help=f"any of {names}; default: all, in this order")
    parser.add_argument("--folder", type=Path, default=Path("out/demo-model"), help="checkpoints, curves, sheets")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=min(14, max(1, (os.cpu_count() or 2) - 1)))
    parser.add_argument("--autoencoder-steps", type=int, default=20000)
    parser.add_argument("--autoencoder-seconds", type=float, help="stop after this time")
    parser.add_argument("--steps", type=int, help="batches of the denoiser in all, over all runs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="pause the denoiser after this time")
    parser.add_argument("--keep-text", action="store_true", help="train the denoiser alone")
    parser.add_argument("--decoder-steps", type=int)
    parser.add_argument("--decoder-seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--scenes", type=int, help="drawings in a batch")
    parser.add_argument("--captions", type=int, help="captions for each drawing")
    parser.add_argument("--patterned", type=float, default=PATTERNED, help="share of the things that have a pattern")
    parser.add_argument("--concept-steps", type=int, default=300, help="batches for the LoRA and for the inversion")
    parser.add_argument("--seed", type=int, default=0)
    given = vars(parser.parse_args())
    stages: list[str] = given.pop("stages") or list(STAGES)
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
