"""Models of pictures are found by the hashes that other programs write, whatever their files are called here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from math import inf
from pathlib import Path

import pytest

from promptlang.cli.main import main
from promptlang.importers.hashes import listed
from promptlang.importers.imported import Imported
from promptlang.importers.reading import of_text
from promptlang.importers.retold import told
from promptlang.models.hashes import kept
from promptlang.models.hashes.digests import piece, tensors, whole
from promptlang.models.hashes.search import File, Search

SETTINGS = "Steps: 20, Sampler: Euler, Size: 512x512"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    kept._hash.cache_clear()
    yield
    kept._hash.cache_clear()


def safetensors(path: Path, fill: int, size: int = 8, **noted: str) -> Path:
    """A real file of one tensor."""
    rows = {"__metadata__": noted, "a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    header = json.dumps(rows).encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes([fill]) * size)
    return path


class Models:
    """Files by the names of a project, and what is asked of them."""

    def __init__(self, *files: File, limit: float = inf) -> None:
        self.files, self.limit = files, limit
        self.large: list[Path] = []

    def told(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The statement that a text gives, and the remarks."""
        names = {name: name for name, _, _ in self.files}
        found = told(of_text(text), named=names.get, search=Search(lambda: self.files, self.limit, self.large.append))
        return found.statements[0], found.remarks


def model(path: Path, kind: str = "checkpoint") -> File:
    return (path.stem, path, kind)


def test_what_webui_writes(tmp_path: Path) -> None:
    """The whole, the tensors alone, and the piece that it read before 2023."""
    file = safetensors(tmp_path / "a.safetensors", 7, 0x120000, name="a")
    data = file.read_bytes()
    assert whole(str(file)) == sha256(data).hexdigest()
    assert tensors(str(file)) == sha256(bytes([7]) * 0x120000).hexdigest()
    assert piece(str(file)) == sha256(data[0x100000:0x110000]).hexdigest()
    assert tensors(str(safetensors(tmp_path / "b.safetensors", 7, sshs_model_hash="ab" * 32))) == "ab" * 32


@pytest.mark.parametrize("digits", ["{whole:.10}", "{whole:.64}", "{piece:.8}", "0x{tensors}"])
def test_a_model_of_another_name_is_found(digits: str, tmp_path: Path) -> None:
    mine = safetensors(tmp_path / "mine.safetensors", 1, 0x120000)
    other = safetensors(tmp_path / "other.safetensors", 2, 0x120000)
    sums = {each.__name__: each(str(mine)) for each in (whole, piece, tensors)}
    sum = digits.format(**sums)
    statement, remarks = Models(model(other), model(mine)).told(f"a cow\n{SETTINGS}, Model hash: {sum}, Model: theirs")
    assert statement.startswith("/set <mine>\n")
    assert remarks == (f"model `theirs` is `mine` here, by its hash {sum}",)


def test_the_file_with_the_hash_wins_over_the_one_with_the_name(tmp_path: Path) -> None:
    new, old = (
        safetensors(tmp_path / f"{name}.safetensors", number) for number, name in enumerate(("dream", "dream-old"))
    )
    text = f"a cow\n{SETTINGS}, Model hash: {whole(str(old))[:10].upper()}, Model: dream"
    statement, remarks = Models(model(new), model(old)).told(text)
    assert statement.startswith("/set <dream-old>\n")
    assert len(remarks) == 1
    assert "`dream` is `dream-old` here" in remarks[0]


def test_a_name_with_another_hash(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "dream.safetensors", 1)
    statement, remarks = Models(model(file)).told(f"a cow\n{SETTINGS}, Model hash: 0123456789, Model: dream")
    assert statement.startswith("/set <dream>\n")
    has = whole(str(file))[:10]
    assert remarks == (
        f"model `dream` has the hash {has} here, and 0123456789 where the picture was drawn: it may look different",
    )
    same = Models(model(file)).told(f"a cow\n{SETTINGS}, Model hash: {has}, Model: dream.safetensors")
    assert (same[0].splitlines()[0], same[1]) == ("/set <dream>", ())


def test_a_hash_that_fits_no_file(tmp_path: Path) -> None:
    files = [model(safetensors(tmp_path / f"{name}.safetensors", number)) for number, name in enumerate("ab")]
    text = f"a cow\n{SETTINGS}, Model hash: 0123456789, Model: theirs"
    assert Models(*files, limit=0).told(text)[1] == (
        "no model called `theirs` (hash 0123456789) is known here; "
        "2 files had to be read to compare the hash, which `--hashes` does",
    )
    assert Models(*files).told(text)[1] == (
        "no model called `theirs` is known here, and none with its hash 0123456789",
    )
    blake = f"a cow\n{SETTINGS}, Model hash: blake3:0f1e, Model: theirs"
    assert Models(*files).told(blake)[1] == ("no model called `theirs` (hash blake3:0f1e) is known here",)


def test_what_was_read_once_is_known_without_reading(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "mine.safetensors", 1)
    text = f"a cow\n{SETTINGS}, Model hash: {whole(str(file))[:10]}, Model: theirs"
    assert "<mine>" not in Models(model(file), limit=0).told(text)[0]
    assert "<mine>" in Models(model(file)).told(text)[0]
    kept._hash.cache_clear()  # as in another run
    assert "<mine>" in Models(model(file), limit=0).told(text)[0]


def test_a_large_file_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptlang.models.hashes.search.LARGE", 4)
    models = Models(model(safetensors(tmp_path / "mine.safetensors", 1)))
    models.told(f"a cow\n{SETTINGS}, Model hash: 0123456789, Model: theirs")
    assert [path.name for path in models.large] == ["mine.safetensors"]


def test_networks_and_the_vae(tmp_path: Path) -> None:
    """A LoRA is renamed where the words call it; its header may have been edited since."""
    ink = safetensors(tmp_path / "ink.safetensors", 1, note="edited")
    soft = safetensors(tmp_path / "soft.safetensors", 2)
    text = (
        f"a <lora:neon:0.5> cow <lora:gone:1>\n{SETTINGS}, VAE hash: {whole(str(soft))[:10]}, VAE: kl-f8.pt, "
        f'Lora hashes: "neon: {tensors(str(ink))[:12]}, gone: 0123456789ab"'
    )
    statement, remarks = Models(model(ink, "lora"), model(soft, "vae")).told(text)
    assert "a <lora:ink:0.5> cow <lora:gone:1>" in statement
    assert "/vae:soft" in statement
    assert len(remarks) == 3
    assert "no LoRA called `gone` is known here, and none with its hash 0123456789ab" in remarks


def found(text: str) -> Imported:
    return of_text(text).found[0]


def test_where_programs_write_hashes() -> None:
    civitai = found(
        f'a cow\n{SETTINGS}, Hashes: {{"model": "01", "vae": "02", "lora:ink": "03"}}, Lora hashes: "oak: 04"'
    )
    assert (civitai.model_hash, civitai.vae_hash) == ("01", "02")
    assert civitai.network_hashes == (("ink", "03"), ("oak", "04"))
    page = {
        "prompt": "a cow",
        "cfgScale": 7,
        "hashes": {"model": "01"},
        "resources": [{"type": "lora", "name": "ink", "hash": "03"}],
    }
    assert (found(json.dumps(page)).model_hash, found(json.dumps(page)).network_hashes) == ("01", (("ink", "03"),))
    swarm = {
        "sui_image_params": {"prompt": "a cow", "model": "dream"},
        "sui_models": [
            {"name": "dream.safetensors", "param": "model", "hash": "0x01"},
            {"name": "ink.safetensors", "param": "loras", "hash": "0x03"},
        ],
    }
    assert (found(json.dumps(swarm)).model_hash, found(json.dumps(swarm)).network_hashes) == (
        "0x01",
        (("ink", "0x03"),),
    )
    fooocus = {"prompt": "a cow", "base_model": "dream", "base_model_hash": "01", "loras": [["ink", 0.5, "03"]]}
    assert (found(json.dumps(fooocus)).model_hash, found(json.dumps(fooocus)).network_hashes) == (
        "01",
        (("ink", "03"),),
    )
    invoke = {
        "app_version": "5.0.0",
        "positive_prompt": "a cow",
        "model": {"name": "dream", "hash": "sha256:01"},
        "loras": [{"model": {"name": "ink", "hash": "blake3:03"}, "weight": 0.5}],
    }
    assert found(json.dumps(invoke)).network_hashes == (("ink", "blake3:03"),)
    assert listed(", : x,ink:,a: b: 0f") == {"a: b": "0f"}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = safetensors(tmp_path / "models" / "mine.safetensors", 1)
    (tmp_path / "promptlang.toml").write_text('[concepts]\nfolders = ["models"]\n')
    (tmp_path / "a.txt").write_text(f"a cow\n{SETTINGS}, Model hash: {whole(str(mine))[:10]}, Model: theirs")
    assert main(["import", "a.txt"]) == 0
    out = capsys.readouterr()
    assert "/set <mine>\n" in out.out
    assert "`theirs` is `mine` here" in out.err
