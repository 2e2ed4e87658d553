"""The demo model's training: networks in CLIP's and diffusers' layout, checkpoints that continue."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

from training.demo_model import diffusion  # noqa: E402
from training.demo_model.autoencoder import load_autoencoder  # noqa: E402
from training.demo_model.batches import Batch, BatchShape, make_batch  # noqa: E402
from training.demo_model.blend import blend  # noqa: E402
from training.demo_model.checkpoints import load_tensors, save_tensors  # noqa: E402
from training.demo_model.decoder import train_decoder  # noqa: E402
from training.demo_model.evaluate import QuestionError, read_questions  # noqa: E402
from training.demo_model.export import BUNDLE, export  # noqa: E402
from training.demo_model.measures import Result, Wanted  # noqa: E402
from training.demo_model.networks import TextEncoder, make_autoencoder, signal_shares, weighted  # noqa: E402
from training.demo_model.unpack import unpack  # noqa: E402
from training.demo_model.vocabulary import (  # noqa: E402
    CLIP_END,
    CLIP_START,
    Vocabulary,
    make_vocabulary,
    read_vocabulary,
)


def test_the_text_encoder_is_clips() -> None:
    ours = TextEncoder(49408)
    config = transformers.CLIPTextConfig(
        vocab_size=49408, hidden_size=64, intermediate_size=128, num_hidden_layers=12, num_attention_heads=4,
        max_position_embeddings=77, projection_dim=64, hidden_act="quick_gelu",
        bos_token_id=CLIP_START, eos_token_id=CLIP_END, pad_token_id=CLIP_END,
    )  # fmt: skip
    theirs = transformers.CLIPTextModel(config).eval()
    getattr(theirs, "text_model", theirs).load_state_dict(ours.state_dict(), strict=False)
    tokens = torch.randint(0, 1000, (2, 77))
    with torch.no_grad():
        expected = theirs(tokens, output_hidden_states=True).hidden_states
        for state, other in zip(ours.hidden_states(tokens), expected, strict=True):
            torch.testing.assert_close(state, other, atol=1e-5, rtol=1e-5)


def test_weighting_keeps_the_mean_of_the_frozen_norm() -> None:
    encoder = TextEncoder(10)
    with torch.no_grad():
        hidden = encoder(torch.randint(0, 10, (3, 77)), torch.tensor([1, 2, 13]))
        torch.testing.assert_close(hidden.mean(-1), torch.full((3, 77), -0.2), atol=1e-5, rtol=1e-5)
        weights = torch.ones(3, 77)
        weights[:, 3] = 1.5
        torch.testing.assert_close(weighted(hidden, weights).mean((1, 2)), hidden.mean((1, 2)))


def begun(folder: Path) -> tuple[Vocabulary, Iterator[Batch], torch.device]:
    """A training folder with an untrained autoencoder, and batches for it."""
    torch.manual_seed(0)
    vocabulary = make_vocabulary(folder / "words.json")
    save_tensors(folder, "autoencoder", make_autoencoder().state_dict())
    dice = random.Random(1)
    batches = (make_batch(vocabulary, BatchShape(scenes=2, captions=1), dice) for _ in range(20))
    return vocabulary, batches, torch.device("cpu")


def test_a_run_continues_where_its_checkpoint_ends(tmp_path: Path) -> None:
    vocabulary, batches, device = begun(tmp_path)
    diffusion.train_diffusion(tmp_path, batches, device, len(vocabulary), steps=2, seconds=1e9)
    first = load_tensors(tmp_path, "diffusion")
    diffusion.train_diffusion(tmp_path, batches, device, len(vocabulary), steps=3, seconds=1e9)
    second = load_tensors(tmp_path, "diffusion")
    assert (int(first["step"]), int(second["step"])) == (2, 3)
    trained = [name for name in first if name.startswith("now.unet.")]
    assert any(not torch.equal(first[name], second[name]) for name in trained)
    assert load_autoencoder(tmp_path, device).config.latent_channels == 4


def test_the_decoder_learns_alone(tmp_path: Path) -> None:
    vocabulary, batches, device = begun(tmp_path)
    diffusion.train_diffusion(tmp_path, batches, device, len(vocabulary), steps=1, seconds=1e9, keep_text=True)
    before = load_tensors(tmp_path, "autoencoder")
    train_decoder(tmp_path, batches, device, len(vocabulary), steps=2, seconds=1e9)
    after = load_tensors(tmp_path, "autoencoder")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert "decoder.conv_out.weight" in changed
    assert not any(name.startswith(("encoder.", "quant_conv.")) for name in changed)


def test_the_denoiser_can_learn_under_a_text_encoder_that_stays(tmp_path: Path) -> None:
    vocabulary, batches, device = begun(tmp_path)
    diffusion.train_diffusion(tmp_path, batches, device, len(vocabulary), steps=1, seconds=1e9)
    before = load_tensors(tmp_path, "diffusion")
    diffusion.train_diffusion(tmp_path, batches, device, len(vocabulary), steps=2, seconds=1e9, keep_text=True)
    after = load_tensors(tmp_path, "diffusion")
    changed = {name for name in before if name.startswith("now.") and not torch.equal(before[name], after[name])}
    assert any(name.startswith("now.unet.") for name in changed)
    assert not any(name.startswith("now.text.") for name in changed)


def test_a_bundle_unpacked_and_exported_is_the_same_bundle(tmp_path: Path) -> None:
    unpack(BUNDLE, tmp_path)
    export(tmp_path, read_vocabulary(tmp_path / "words.json"), tmp_path / "again")
    for file in sorted(path for path in BUNDLE.rglob("*") if path.is_file()):
        assert (tmp_path / "again" / file.relative_to(BUNDLE)).read_bytes() == file.read_bytes(), file


def test_a_trained_denoiser_is_blended_with_the_one_that_was_unpacked(tmp_path: Path) -> None:
    unpack(BUNDLE, tmp_path)
    before = load_tensors(tmp_path, "diffusion")
    trained = {name: tensor + 1 if name.startswith("average.") else tensor for name, tensor in before.items()}
    save_tensors(tmp_path, "diffusion", trained)
    blend(tmp_path, 0.25)
    after = load_tensors(tmp_path, "diffusion")
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        if name.startswith("average.unet."):
            torch.testing.assert_close(after[name].float(), tensor.float() + 0.25, atol=1e-3, rtol=1e-3)
        else:
            assert torch.equal(after[name], trained[name]), name


def test_there_is_nothing_to_blend_with_where_nothing_was_unpacked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="begin with the stage `unpack`"):
        blend(tmp_path, 0.7)


def test_a_run_that_finishes_lets_its_rate_fall_over_its_time() -> None:
    begins, middle, ends = (diffusion.falling_rate(share, step=5000, since_start=5000) for share in (0.0, 0.5, 1.0))
    assert (begins, ends) == (1.0, pytest.approx(0.02))
    assert ends < middle < begins
    assert diffusion.falling_rate(0.0, step=0, since_start=0) < 0.01


def test_checkpoints_are_cut_into_small_files(tmp_path: Path) -> None:
    tensors = {f"part-{number}": torch.rand(1024, 1024) for number in range(5)}
    save_tensors(tmp_path, "run", tensors)
    files = list(tmp_path.glob("run-*.safetensors"))
    assert len(files) == 2
    assert max(file.stat().st_size for file in files) < 16 * 1024 * 1024
    loaded = load_tensors(tmp_path, "run")
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


def test_noise_grows_with_the_timestep() -> None:
    shares = signal_shares()
    assert (shares.diff() < 0).all()
    assert 0 < shares[-1] < 0.01 < 0.99 < shares[0] < 1


def test_a_prompts_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text(
        '{"prompt": "a red star", "background": "white", "objects": '
        '[{"colour": "red", "shape": "star", "position": "left", "pattern": null}]}\n',
        encoding="utf-8",
    )
    (question,) = read_questions(path)
    assert question.background == "white"
    assert question.things == (Wanted(colour="red", shape="star", place="left"),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "a red star"}', "2: `objects` is missing"),
        ('{"prompt": "a", "objects": [{"shape": "dodecahedron"}]}', "2: shape `dodecahedron` is none of circle, "),
        ("a red star", "2: Expecting value"),
    ],
)
def test_a_bad_prompts_file_is_refused_with_its_place(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text('{"prompt": "a disc", "background": "grey", "objects": [{"shape": "disc"}]}\n' + line)
    with pytest.raises(QuestionError) as error:
        read_questions(path)
    assert message in str(error.value)


def test_a_result_misses_its_threshold() -> None:
    assert Result(name="shape", value=0.92, pictures=64, at_least=0.92).holds
    assert not Result(name="shape", value=0.91, pictures=64, at_least=0.92).holds
    assert not Result(name="red", value=0.02, pictures=64, at_most=0.01).holds
