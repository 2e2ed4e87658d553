"""Plans and models for the runtime's tests: the bundled model at few steps, and tiny random ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"

torch = pytest.importorskip("torch", reason="the runtime extra is not installed")
pytest.importorskip("diffusers", reason="the runtime extra is not installed")

from promptlang.plans.plan import Conditioned, Conditioning, Model, Plan, Run, Segment  # noqa: E402

LAST = 1_000_000


def side(*texts: str | tuple[str, float], **settings: object) -> Conditioning:
    """A conditioning of one unscheduled branch per text; a pair is a text and its branch's weight."""
    pairs = [(text, 1.0) if isinstance(text, str) else text for text in texts]
    return Conditioning(
        branches=tuple(Conditioned((Segment(LAST, (Run(text),) if text else ()),), weight) for text, weight in pairs),
        **settings,
    )


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured here is no estimate for whoever runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def make_plan() -> Callable[..., Plan]:
    """A small plan for the bundled model, with changes."""

    def make(**changes: object) -> Plan:
        values: dict[str, object] = {
            "command": "render",
            "model": Model(name="demo", family="sd1"),
            "positive": side("a red circle on a white background"),
            "negative": side("blue"),
            "weighting": "a1111",
            "clip_skip": 1,
            "sampler": "dpm2m",
            "steps": 3,
            "guidance": 4.0,
            "size": (64, 64),
            "images": 1,
            "seed": 7,
        }
        return Plan(**{**values, **changes})

    return make


@pytest.fixture(scope="session")
def conditioning() -> Callable[..., Conditioning]:
    """One branch per text."""
    return side


@pytest.fixture
def demo() -> object:
    """The bundled model on the CPU: the very one that `render` uses next."""
    from promptlang.plans.plan import Model
    from promptlang_runtime.executors.loading import load

    return load(Model(name="demo", family="sd1"), device=torch.device("cpu"), dtype=torch.float32)


@pytest.fixture(scope="session")
def random_clip() -> Callable[[int], object]:
    """A random CLIP text encoder of a given number of layers, narrow but with real ids and 77 places."""
    from transformers import CLIPTextConfig, CLIPTextModel

    def make(layers: int, width: int = 16) -> object:
        torch.manual_seed(layers)
        config = CLIPTextConfig(
            vocab_size=49408,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 64),
            bos_token_id=49406,
            eos_token_id=49407,
            pad_token_id=49407,
        )
        return CLIPTextModel(config).eval()

    return make


@pytest.fixture(scope="session")
def shared_vectors() -> Path:
    """The folder of recorded vectors beside the repository."""
    folder = Path(__file__).parents[3] / "shared" / "conformance"
    if not folder.is_dir():
        pytest.skip("the vectors of the dialects' owners are not beside this repository")
    return folder
