"""Training batches: random scenes with random captions as tensors of numbers; the device draws the pictures."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.demo_model.captions import EMPTY, Caption, Word, as_told, describe
from training.demo_model.drawing import scene_rows
from training.demo_model.scenes import USUAL, Mix, random_scene, recoloured
from training.demo_model.vocabulary import END, START, UNKNOWN, Vocabulary
from training.demo_model.world import COLOURS, PATTERNS, PLAIN, RADII, SHAPES, Layout, Scene

CHUNK = 77
LAYERS = 12
# One in eight scenes also gives a canvas in another colour, for prompts that are edited half way.
STALE_SHARE = 8
# Full depth and the popular clip skip 2 come most often; deeper skips need little: they unlearn more than they learn.
CLIP_SKIPS = tuple(range(1, LAYERS + 2))
CLIP_SKIP_SHARES = (0.46, 0.2, 0.06, *(0.28 / 10,) * 10)
# Below this timestep the canvas, not the text, says what shape a thing has.
SHAPE_IS_FIXED_BELOW = 480
_IGNORED = -100


class Batch(NamedTuple):
    """S scenes with R captions each, N = S * R, C chunks of 77 tokens."""

    things: Tensor  # (S, 3, 10)
    grounds: Tensor  # (S, 3)
    stale_things: Tensor  # (S / 8, 3, 10), the first scenes in another colour
    tokens: Tensor  # (N, C, 77)
    weights: Tensor  # (N, C, 77)
    clip_skips: Tensor  # (N)
    timesteps: Tensor  # (N), 0 to 999
    is_stale: Tensor  # (N)
    noun_places: Tensor  # (N, 2), 0 where there is no noun
    noun_labels: Tensor  # (N, 2, 4): colour, shape, pattern, size; -100 where nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShape:
    """How many scenes a batch has, how often each is described, and what they show."""

    scenes: int
    captions: int
    mix: Mix = USUAL


class _Row(NamedTuple):
    caption: Caption
    clip_skip: int
    timestep: int
    is_stale: bool


class Batches(IterableDataset[Batch]):
    """An endless stream of batches; every worker has its own dice."""

    def __init__(self, vocabulary: Vocabulary, shape: BatchShape, seed: int) -> None:
        self._vocabulary, self._shape, self._seed = vocabulary, shape, seed

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        dice = random.Random(self._seed * 1009 + (worker.id if worker else 0))
        while True:
            yield make_batch(self._vocabulary, self._shape, dice)


def batches(vocabulary: Vocabulary, shape: BatchShape, *, seed: int, workers: int, pin: bool) -> Iterator[Batch]:
    """Batches from `workers` processes (0: this one)."""
    stream = Batches(vocabulary, shape, seed)
    return iter(
        DataLoader(stream, batch_size=None, num_workers=workers, pin_memory=pin, prefetch_factor=6 if workers else None)
    )


def make_batch(vocabulary: Vocabulary, shape: BatchShape, dice: random.Random) -> Batch:
    """One batch; a tenth of all batches have prompts of two chunks."""
    stale_count = max(1, shape.scenes // STALE_SHARE)
    stale_scenes = list(itertools.islice(_recolourable(dice, shape.mix), stale_count))
    scenes = stale_scenes + [random_scene(dice, shape.mix) for _ in range(shape.scenes - stale_count)]
    described = [
        _row(scene, index < stale_count, dice) for index, scene in enumerate(scenes) for _ in range(shape.captions)
    ]
    chunks = 2 if dice.random() < 0.1 else 1
    encoded = [_encoded(row.caption, chunks, vocabulary, dice) for row in described]
    things, grounds = zip(*map(scene_rows, scenes), strict=True)
    stale_things = [scene_rows(recoloured(scene, dice))[0] for scene in stale_scenes]
    places, labels = zip(
        *(_nouns(row, code, chunks) for row, code in zip(described, encoded, strict=True)), strict=True
    )
    return Batch(
        torch.tensor(things),
        torch.tensor(grounds),
        torch.tensor(stale_things),
        torch.tensor([code.tokens for code in encoded], dtype=torch.int16),
        torch.tensor([code.weights for code in encoded]),
        torch.tensor([row.clip_skip for row in described]),
        torch.tensor([row.timestep for row in described]),
        torch.tensor([row.is_stale for row in described]),
        torch.tensor(places),
        torch.tensor(labels),
    )


def _recolourable(dice: random.Random, mix: Mix) -> Iterator[Scene]:
    while True:
        scene = random_scene(dice, mix)
        if scene.layout in (Layout.ONE, Layout.ALIKE) and scene.emphasis == PLAIN:
            yield scene


def _row(scene: Scene, may_be_stale: bool, dice: random.Random) -> _Row:
    clip_skip = dice.choices(CLIP_SKIPS, CLIP_SKIP_SHARES)[0]
    wants_stale = may_be_stale and dice.random() < 0.5
    # Coarse structure is decided at high noise, so high timesteps come more often.
    timestep = dice.randrange(100, 680) if wants_stale else int(1000 * dice.random() ** 0.7)
    if dice.random() < 0.1:
        return _Row(EMPTY, clip_skip, timestep, False)
    shape_is_told = timestep >= SHAPE_IS_FIXED_BELOW or dice.random() < 0.5
    caption = describe(as_told(scene, clip_skip, shape_is_told, dice), dice)
    is_stale = wants_stale and clip_skip <= 2 and caption.says_colour and not caption.has_rivals
    return _Row(caption, clip_skip, timestep, is_stale)


class _Encoded(NamedTuple):
    tokens: list[list[int]]
    weights: list[list[float]]
    nouns: dict[int, int]


def _encoded(caption: Caption, chunks: int, vocabulary: Vocabulary, dice: random.Random) -> _Encoded:
    parts = _split(caption.words, chunks, dice)
    coded = [encode_words(part, vocabulary) for part in parts]
    return _Encoded([code[0] for code in coded], [code[1] for code in coded], coded[0][2])


def _split(words: Sequence[Word], chunks: int, dice: random.Random) -> list[Sequence[Word]]:
    """A long prompt's chunks: words and then nothing, or words cut somewhere."""
    if chunks == 1:
        return [words]
    cut = len(words) if dice.random() < 0.4 else dice.randint(0, len(words))
    return [words[:cut], words[cut:]]


def encode_words(words: Sequence[Word], vocabulary: Vocabulary) -> tuple[list[int], list[float], dict[int, int]]:
    """A 77-token chunk: compact token numbers, their weights, and where each noun's last token stands."""
    tokens, weights, nouns = [START], [1.0], {}
    for word in words:
        for token in vocabulary.words.get(word.text, (UNKNOWN,)):
            tokens.append(token)
            weights.append(word.weight)
        if word.noun is not None and len(tokens) < CHUNK:
            nouns[word.noun] = len(tokens) - 1
    tokens, weights = tokens[: CHUNK - 1], weights[: CHUNK - 1]
    missing = CHUNK - len(tokens)
    return tokens + [END] * missing, weights + [1.0] * missing, nouns


def _nouns(row: _Row, code: _Encoded, chunks: int) -> tuple[list[int], list[list[int]]]:
    """Where the nouns stand and what their hidden states should know, for captions that are told truly."""
    places, labels = [0, 0], [[_IGNORED] * 4, [_IGNORED] * 4]
    if row.clip_skip <= 2 and chunks == 1:
        for noun, place in code.nouns.items():
            thing = row.caption.nouns[noun]
            colour = _IGNORED if row.caption.has_rivals else list(COLOURS).index(thing.colour)
            places[noun] = place
            labels[noun] = [
                colour,
                SHAPES.index(thing.shape),
                PATTERNS.index(thing.pattern),
                list(RADII).index(thing.size),
            ]
    return places, labels
