"""The pages to learn from are true: what is typed there is run, and prints what stands there.

A block with a title is a file: written where it is not there, compared where a command wrote it. `…` stands for any
text in a line, and alone for any lines. What draws is run under `--thorough`; `--update` writes what was printed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from promptlang.cli.main import main
from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.tables.models.concepts import DEMO
from tests.models.conftest import CHECKPOINTS, write_model
from tests.thorough import is_thorough

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("index.md", "tour.md", "cookbook.md")
BLOCK = re.compile(r'^```([\w.]+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
LORA = {
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight": (8, 768),
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight": (320, 8),
}
GONE = {"--open"}  # nobody looks at a picture here


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a reader: a webui with a model and pictures, and the files that Civitai's page linked to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    write_model(tmp_path / "webui/models/Stable-diffusion/barn-v2.safetensors", CHECKPOINTS["sd1"][1])
    write_model(tmp_path / "models/ponyDiffusionV6XL.safetensors", CHECKPOINTS["sdxl"][1])
    write_model(tmp_path / "models/inkStyle.safetensors", LORA)
    drawn(
        tmp_path / "webui/outputs/00001-7.png",
        "a ((red)) barn, [dark] sky, (field:1.2\nNegative prompt: blurry\n"
        "Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 7, Size: 512x512, Model: barn-v2, Clip skip: 2",
    )
    drawn(
        tmp_path / "webui/outputs/00002-8.png",
        "a barn in the [sun:rain:0.5] BREAK oil painting\nNegative prompt: blurry\n"
        "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 8, Size: 512x512, Model: barn-v2",
    )
    return tmp_path


def drawn(path: Path, parameters: str) -> None:
    """A picture as stable-diffusion-webui leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngInfo()
    info.add_text("parameters", parameters)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_typed_there_prints_what_stands_there(name: str, folder: Path, request: pytest.FixtureRequest) -> None:
    page = text_of(name)
    told = BLOCK.sub(lambda block: retold(block, folder), page)
    if request.config.getoption("--update"):
        (DOCS / name).write_text(told, encoding="utf-8")
    assert told == page, f"run `pytest tests/test_learning_pages.py --update` and read the difference in docs/{name}"


def test_every_console_block_is_tried() -> None:
    """Each page of these types commands that are ours, beside what installs them."""
    typed = [shlex.split(line) for name in PAGES for block in consoles(name) for line, _ in commands(block)]
    assert {words[0] for words in typed} <= {"promptlang", "pip"}
    assert {words[1] for words in typed if words[0] == "promptlang"} <= {*COMMANDS, *EXTRAS}
    assert len(typed) > 20


def test_what_the_bundled_model_compares_has_its_own_size() -> None:
    """A comparison has to say a size, and this model has one that it draws best."""
    blocks = [block for name in PAGES for kind, _, block in BLOCK.findall(text_of(name)) if kind == "prompt"]
    sizes = [size for block in blocks if "<demo>" in block for size in re.findall(r"/size:(\S+)", block)]
    assert {*sizes} == {dict(DEMO.options)["size"]}


def text_of(name: str) -> str:
    """A page as it is written."""
    return (DOCS / name).read_text(encoding="utf-8")


def consoles(name: str) -> Iterator[str]:
    """The blocks of a page in which something is typed."""
    return (block for kind, _, block in BLOCK.findall(text_of(name)) if kind == "console")


def retold(block: re.Match[str], folder: Path) -> str:
    """The block with what is there and what was printed; as it stands where that is what it says."""
    kind, title, body = block.groups()
    if title:
        path = folder / title
        if not path.exists():
            path.write_text(body, encoding="utf-8")
        body = path.read_text(encoding="utf-8")
    elif kind == "console":
        body = "".join(f"$ {line}\n{printed(shlex.split(line), said)}" for line, said in commands(body))
    return block[0].replace(f"\n{block[3]}```", f"\n{body}```")


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each line of a block that is typed, with what it prints."""
    for piece in block.removeprefix("$ ").split("\n$ "):
        line, _, said = piece.partition("\n")
        yield line, f"{said.rstrip()}\n" if said.strip() else ""


def printed(words: list[str], said: str) -> str:
    """What a command prints, or what the page says where that is the same, or where it is not run."""
    draws = (words[1] == "render" and "--dry-run" not in words) or any(word.startswith("out/") for word in words)
    if words[0] != "promptlang" or (draws and not is_thorough()):
        return said
    if draws:
        pytest.importorskip("diffusers")
    stream = StringIO()
    with redirect_stdout(stream), redirect_stderr(stream):
        main([word for word in words[1:] if word not in GONE])
    lines = "".join(f"{line.rstrip()}\n" for line in stream.getvalue().strip("\n").splitlines())
    return said if matches(said, lines) else lines


def matches(said: str, lines: str) -> bool:
    """Whether a page that leaves something out says what was printed."""
    pattern = re.sub(r"(?m)^…\\\n", r"(?:.*\\n)*", re.escape(said))
    return re.fullmatch(pattern.replace("…", ".*"), lines) is not None
