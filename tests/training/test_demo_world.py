"""The demo model's world: scenes keep to the allowed combinations, drawings show them, captions say them."""

from __future__ import annotations

import itertools
import random

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from training.demo_model.batches import CHUNK, BatchShape, make_batch  # noqa: E402
from training.demo_model.captions import as_told, describe, grammar_words, written  # noqa: E402
from training.demo_model.drawing import draw_scenes  # noqa: E402
from training.demo_model.judge import judge  # noqa: E402
from training.demo_model.scenes import Mix, random_scene, recoloured, scenes  # noqa: E402
from training.demo_model.vocabulary import END, START, make_vocabulary  # noqa: E402
from training.demo_model.world import (  # noqa: E402
    COLOURS,
    PLAIN,
    Attribute,
    Layout,
    Scene,
    Thing,
    is_held_out,
    known_share,
)


def one(colour: str, shape: str, background: str, **changes: object) -> Scene:
    """A scene of one thing in the middle."""
    plain: dict[str, object] = {
        "colour": colour,
        "shape": shape,
        "size": "medium",
        "pattern": "solid",
        "place": "center",
        "x": 64.0,
        "y": 64.0,
        "radius": 26.0,
        "turn": 0.0,
    }
    return Scene(background=background, things=(Thing(**(plain | changes)),), layout=Layout.ONE)


def test_training_never_draws_a_held_out_combination() -> None:
    for scene in itertools.islice(scenes(1), 500):
        assert not any(is_held_out(thing.colour, thing.shape, scene.background) for thing in scene.things)


def test_a_drawing_has_flat_colours_and_a_hard_edge() -> None:
    picture = draw_scenes([one("red", "square", "white")])[0]
    expected = torch.tensor(COLOURS["red"]) / 127.5 - 1
    assert torch.allclose(picture[:, 64, 64], expected, atol=1e-3)
    row = picture[2, 64]
    between = ((row > row.min() + 0.05) & (row < row.max() - 0.05)).sum()
    assert between <= 4  # at most two pixels of anti-aliasing on either side


def test_neon_darkens_the_ground() -> None:
    scene = one("pink", "heart", "green")
    plain, neon = draw_scenes([scene]), draw_scenes([scene], neon=1.0)
    assert neon[0, :, 2, 2].mean() < plain[0, :, 2, 2].mean()


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "star", "heart", "diamond", "cross"])
@pytest.mark.parametrize("pattern", ["solid", "outlined", "striped", "dotted"])
def test_the_judge_reads_true_drawings(shape: str, pattern: str) -> None:
    scene = one("blue", shape, "yellow", pattern=pattern, x=36.0, y=92.0, radius=24.0)
    (reading,) = judge(draw_scenes([scene]))
    (thing,) = reading.things
    seen = (reading.background, thing.colour, thing.shape, thing.pattern, thing.place)
    assert seen == ("yellow", "blue", shape, pattern, "bottom left")


def test_captions_use_only_the_grammars_words() -> None:
    known, dice = {*grammar_words(), "something-else"}, random.Random(2)
    for scene in itertools.islice(scenes(2), 500):
        assert {word.text for word in describe(scene, dice).words} <= known


def test_a_mix_says_how_often_two_things_and_patterns_are_drawn() -> None:
    dice, mix = random.Random(6), Mix(pairs=0.5, patterned=0.2)
    drawn = [random_scene(dice, mix) for _ in range(600)]
    pairs = sum(scene.layout in (Layout.BESIDE, Layout.STACKED) for scene in drawn)
    patterned = sum(thing.pattern != "solid" for scene in drawn for thing in scene.things)
    assert 0.4 < pairs / len(drawn) < 0.6
    assert 0.1 < patterned / sum(len(scene.things) for scene in drawn) < 0.25


def test_a_thing_that_is_named_without_a_pattern_is_plain() -> None:
    dice = random.Random(7)
    striped = one("red", "star", "white", pattern="striped")
    captions = [[word.text for word in describe(striped, dice).words] for _ in range(400)]
    silent = [words for words in captions if "star" in words and not {"striped", "stripes"} & {*words}]
    assert len(silent) < 0.05 * len(captions)


def test_a_full_depth_caption_tells_the_truth() -> None:
    dice = random.Random(3)
    for scene in itertools.islice(scenes(3), 100):
        assert as_told(scene, 1, True, dice) is scene


def test_deep_clip_skip_hides_the_fine_before_the_broad() -> None:
    order = [Attribute.PLACE, Attribute.COLOUR, Attribute.SHAPE, Attribute.BACKGROUND]
    for fine, broad in itertools.pairwise(order):
        shares = [(known_share(fine, skip), known_share(broad, skip)) for skip in range(1, 14)]
        assert all(lost <= kept for lost, kept in shares)
        assert any(lost < kept for lost, kept in shares)
    assert all(known_share(attribute, 2) == 1 for attribute in Attribute)


def test_a_weight_is_written_into_the_caption() -> None:
    dice = random.Random(5)
    heavy = next(scene for scene in scenes(5) if scene.emphasis.shape != 1 and scene.layout is Layout.ONE)
    weight = f"{heavy.emphasis.shape:.2f}"
    assert any(weight in written(describe(heavy, dice)) for _ in range(20))


def test_a_recoloured_scene_keeps_its_shapes() -> None:
    scene = one("red", "star", "white")
    other = recoloured(scene, random.Random(1))
    assert other.things[0].colour not in ("red", "white")
    assert other.things[0].shape == "star"


def test_a_batch_is_aligned(tmp_path: object) -> None:
    vocabulary = make_vocabulary(tmp_path / "words.json")  # type: ignore[operator]
    batch = make_batch(vocabulary, BatchShape(scenes=8, captions=3), random.Random(4))
    count, chunks, length = batch.tokens.shape
    assert (count, length) == (24, CHUNK)
    assert batch.weights.shape == batch.tokens.shape
    assert (batch.tokens[:, :, 0] == START).all()
    assert (batch.tokens[:, :, -1] == END).all()
    assert batch.clip_skips.min() >= 1
    assert batch.clip_skips.max() <= 13
    assert chunks in (1, 2)
    assert PLAIN.colour == 1.0
