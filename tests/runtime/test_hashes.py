"""Model files are told apart in a picture as webui tells them apart, so that Civitai finds them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from promptlang.exporters.infotext import infotext
from promptlang.models.hashes import digests, kept
from promptlang.plans.plan import Model, Network
from promptlang_runtime.output import metadata
from promptlang_runtime.output.hashes import hashes_of

TENSORS = b"\1\2\3\4"


def network(path: Path, **noted: str) -> Path:
    """A safetensors file of one tensor, written by hand."""
    rows = {"__metadata__": noted, "a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}
    header = json.dumps(rows).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + TENSORS)
    return path


def test_hashes_are_those_of_webui(tmp_path, make_plan):
    model, vae, ink = (network(tmp_path / f"{name}.safetensors", name=name) for name in ("anime", "soft", "ink"))
    oak = network(tmp_path / "oak.safetensors", sshs_model_hash="ab" * 32)
    odd = network(tmp_path / "odd.safetensors", sshs_model_hash="none\nNegative prompt: x")
    word = network(tmp_path / "word.safetensors")
    plan = make_plan(
        model=Model(name="anime", family="sd1", path=str(model)),
        refiner=Model(name="fine", family="sdxl", path=str(word)),
        vae=str(vae),
        networks=(
            Network(name="ink", kind="lora", weight=1.0, path=str(ink)),
            Network(name="o,a:k", kind="lora", weight=1.0, path=str(oak)),
            Network(name="odd", kind="lora", weight=1.0, path=str(odd)),
            Network(name="zorb", kind="inversion", weight=1.0, path=str(word)),
        ),
    )
    settings = infotext(plan, 7, hashes_of(plan)).splitlines()[-1]
    whole = {path: sha256(path.read_bytes()).hexdigest() for path in (model, vae, word)}
    bare = sha256(TENSORS).hexdigest()[:12]
    assert f", Model hash: {whole[model][:10]}, Model: anime, " in settings
    assert f", VAE hash: {whole[vae][:10]}, VAE: soft.safetensors, " in settings
    assert f', Lora hashes: "ink: {bare}, oak: abababababab, odd: {bare}", ' in settings
    assert f', TI hashes: "zorb: {whole[word][:12]}", ' in settings
    assert f", Refiner: fine [{whole[word][:10]}], " in settings
    assert "hash" not in infotext(plan, 7)


def test_a_folder_and_what_is_gone_have_none(tmp_path, make_plan):
    (tmp_path / "model").mkdir()
    gone = Network(name="ink", kind="lora", weight=1.0, path=str(tmp_path / "gone.safetensors"))
    plan = make_plan(model=Model(name="demo", family="sd1", path=str(tmp_path / "model")), networks=(gone,))
    assert hashes_of(plan) == {}


def test_a_file_is_read_once(tmp_path, make_plan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = network(tmp_path / "anime.safetensors")
    plan = make_plan(model=Model(name="anime", family="sd1", path=str(path)))
    first = hashes_of(plan)
    kept._hash.cache_clear()  # as in another run
    with monkeypatch.context() as patched:
        patched.setattr(digests, "_digest", lambda file: pytest.fail("read again"))
        assert hashes_of(plan) == first
    network(path, changed="yes")
    assert hashes_of(plan) == {str(path): sha256(path.read_bytes()).hexdigest()}
    (tmp_path / "cache" / "promptlang" / "hashes.json").write_text('{"format": "promptlang hashes 1", "hashes": []')
    kept._hash.cache_clear()
    assert hashes_of(plan) == {str(path): sha256(path.read_bytes()).hexdigest()}


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_pictures_say_them(tmp_path, make_plan, kind):
    from promptlang_runtime.output.files import save

    path = network(tmp_path / "anime.safetensors")
    plan = make_plan(model=Model(name="anime", family="sd1", path=str(path)), file_format=kind)
    file = save(Image.new("RGB", (8, 8)), iter([tmp_path / f"a.{kind}"]), plan, 7)
    assert f"Model hash: {sha256(path.read_bytes()).hexdigest()[:10]}, " in metadata.read(file).parameters
