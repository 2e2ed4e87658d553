"""Pictures, masks, maps and numbers that nothing can be drawn with: one sentence each, and the run goes on.

All stand in one file between statements that are drawn.
"""

from __future__ import annotations

import re
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from promptlang.foreign import may_be_picture
from promptlang.plans.blending import BESIDE
from promptlang_runtime.command.command import main
from promptlang_runtime.models.decoding import no_number
from tests.runtime import tiny
from tests.runtime.test_blend import adapter_for, eyes
from tests.runtime.test_controls import net_for

NET, ADAPTER = "/control-net:net", "/blend-adapter:looks.safetensors"
BAD = (
    ("/remix /image:start.png /mask:wide.png", "is 64x32, which is another shape than 64x64 of the image"),
    ("/remix /image:start.png /mask:empty.png", "is not an image that can be read: it is of no known format"),
    ("/remix /image:start.png /mask:black.png", "nothing of the mask `black.png` is white"),
    ("/remix /image:start.png /mask:huge.png", "`huge.png` has more than 100,000,000 pixels"),
    ("/remix /image:words.png", "`words.png` is not an image that can be read"),
    ("/remix /image:huge.png", "`huge.png` has more than 100,000,000 pixels"),
    ("/remix /image:fractions.tif", "holds fractions and no colours"),
    ("/remix /image:nowhere.png", "there is no image `nowhere.png`"),
    ("/remix /image:start.png /strength:0", "strength 0 leaves none of 2 steps"),
    ("/remix /image:start.png /strength:0.4 /steps:2", "strength 0.4 leaves none of 2 steps"),
    ("/render /hires:1.5 /hires-strength:0", "hires strength 0 draws nothing over the enlarged picture"),
    ("/render /hires:4 /size:4096x4096", "`/hires` makes it 16384x16384, and no side may have more than 8192"),
    (f"/render /control:map {NET} /control-image:words.png", "`words.png` is not an image that can be read"),
    (f"/render /control:canny {NET} /control-image:huge.png", "`huge.png` has more than 100,000,000 pixels"),
    (f"/render /control:canny {NET} /control-image:fractions.tif", "holds fractions and no colours"),
    (f"/render /control:map {NET} /control-image:start.png /control-start:0.5 /control-end:0.5", "holds no step"),
    ("/render /control:map /control-net:large /control-image:start.png", "reads text of width 96, and the model's"),
    ("/render /control:map /control-net:large.safetensors /control-image:start.png", "is no ControlNet for this model"),
    ("/render /control:map /control-net:looks.safetensors /control-image:start.png", "of the kind adapter, and no Con"),
    ("/render /control:map /control-net:words.png /control-image:start.png", "`words.png` cannot be drawn with"),
    (f"/render /blend:words.png {ADAPTER}", "`words.png` is not an image that can be read"),
    (f"/render /blend:huge.png {ADAPTER}", "`huge.png` has more than 100,000,000 pixels"),
    (f"/render /blend:fractions.tif {ADAPTER}", "holds fractions and no colours"),
    (f"/render /blend:nowhere.png {ADAPTER}", "there is no picture to blend `nowhere.png`"),
    ("/render /blend:start.png /blend-adapter:other.safetensors", "writes for text of width 96"),
    ("/render /blend:start.png /blend-adapter:start.png", "a PNG picture, not a model"),
    (
        f"/render /blend:start.png {ADAPTER} /blend-encoder:net",
        "`net` is no image encoder: its `config.json` names none",
    ),
    ("/render <nan>", "is not a number (NaN)"),
    ("/remix /image:start.png <nan>", "is not a number (NaN)"),
)
GOOD = (
    "/render",
    "/remix /image:cmyk.jpg",
    "/remix /image:deep.png",
    "/remix /image:turned.png /mask:tall.png",
    f"/render /control:map {NET} /control-image:deep.png",
    f"/render /control:canny {NET} /control-image:turned.png",
    f"/render /blend:cmyk.jpg {ADAPTER}",
    f"/render /blend:deep.png {ADAPTER}",
    "/render /steps:1 /sampler:heun",
    "/render /steps:1 /sampler:dpm2m /schedule:karras",
    "/render /hires:1.5 /steps:1 /hires-strength:0.3",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with a tiny model, one whose weights are no numbers, nets and adapters, and pictures of every kind."""
    root = tmp_path_factory.mktemp("bad")
    pipeline, large = tiny.tiny_pipeline(), tiny.tiny_sdxl()
    pipeline.save_pretrained(root / "tiny")
    net_for("sd1", pipeline).save_pretrained(root / "net")
    net_for("sdxl", large).save_pretrained(root / "large")
    save_file(dict(net_for("sdxl", large).state_dict()), root / "large.safetensors")
    save_file(adapter_for(pipeline), root / "looks.safetensors")
    save_file(adapter_for(large), root / "other.safetensors")
    eyes().save_pretrained(root / BESIDE)
    pipeline.unet.conv_out.weight.data[0] = torch.nan
    pipeline.save_pretrained(root / "nan")
    write_pictures(root)
    (root / "promptlang.toml").write_text(
        'concept = "tiny"\n\n[concepts.names]\ntiny = { path = "tiny", family = "sd1" }\n'
        'nan = { path = "nan", family = "sd1" }\n\n[options]\nparser = "new"\nseed = 7\nsteps = 2\nsize = "64x64"\n'
    )
    return root


def write_pictures(root: Path) -> None:
    """Those that are drawn with, and those that are not."""
    picture = Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 40)
    picture.convert("RGB").save(root / "start.png")
    picture.convert("CMYK").save(root / "cmyk.jpg")
    Image.fromarray(np.asarray(picture).astype(np.uint16) * 257).save(root / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 32), "red").save(root / "turned.png", exif=exif)
    Image.new("L", (32, 64), 255).save(root / "tall.png")
    Image.new("L", (64, 32), 255).save(root / "wide.png")
    Image.new("L", (64, 64), 0).save(root / "black.png")
    Image.new("1", (13_500, 13_500), 1).save(root / "huge.png")  # Pillow refuses it, too
    Image.new("F", (8, 8), 0.5).save(root / "fractions.tif")
    (root / "empty.png").write_bytes(b"")
    (root / "words.png").write_text("a cow in words")


def test_what_pillow_writes_is_taken_for_a_picture():
    """In every format and mode, for what it reads again."""
    Image.init()
    for kind, mode in product(sorted(Image.SAVE), ("RGB", "RGBA", "1", "L", "F", "P")):
        written = BytesIO()
        try:
            Image.new(mode, (64, 64)).save(written, kind)
            Image.open(BytesIO(written.getvalue()))
        except Exception:  # a format without this mode, or one that is only written
            continue
        name = f"a.{'spi' if kind == 'SPIDER' else kind.lower()}"
        assert may_be_picture(written.getvalue()[:16], name), (kind, mode)


def test_each_is_one_sentence_and_the_others_are_drawn(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    asked = [*((GOOD[place], "") for place in range(len(GOOD))), *BAD, ("/render", "")]
    Path("all.prompt").write_text("".join(f"{text} a red circle\n" for text, _ in asked))
    assert main(["all.prompt", "--device", "cpu", "--no-sheet", "--quiet"]) == 1
    said = capsys.readouterr().err
    errors = dict(re.findall(r"^error: all\.prompt:(\d+): (.*)$", said, re.MULTILINE))
    assert len(errors) == len(re.findall(r"^error", said, re.MULTILINE)) == len(BAD)
    for line, (text, words) in enumerate(asked, start=1):
        assert words in errors.get(str(line), ""), (text, errors.get(str(line)))
        assert bool(words) is (str(line) in errors), (text, errors.get(str(line)))
    assert "Traceback" not in said
    assert len(list(Path("out").glob("*.png"))) == len(GOOD) + 1


def test_single_precision_is_no_cure_for_a_model_in_it():
    assert "`--dtype float32`" in no_number(torch.float16).help
    assert "float32" not in no_number(torch.float32).help
