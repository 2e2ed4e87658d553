"""Files of other kinds are said to be so, by what is in them, and the other files of a run are worked on."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.cli.main import main

WORKFLOW = b'{"3": {"class_type": "KSampler", "inputs": {}}}'
SAFETENSORS = b"\x0a\0\0\0\0\0\0\0" + b'{"a": {}}  '
FOREIGN = {
    "a.png": (b"\x89PNG\r\n\x1a\n\0", "a PNG picture"),
    "renamed.prompt": (b"\xff\xd8\xff\xe0\0", "a JPEG picture"),
    "a.tif": (b"II*\0\x08\0\0\0", "a TIFF picture"),
    "a.bmp": (b"BM\x36\0\0\0\0\0\0\0\x36", "a BMP picture"),
    "a.ckpt": (b"PK\3\4" + b"\0" * 26 + b"archive/data.pkl" + b"x" * 9, "a pickled model"),
    "a.pt": (b"\x80\2}q\0.", "a pickled model"),
    "a.html": (b"\n<!doctype HTML>\n<html><body>a cow</body></html>", "a page for a browser"),
    "a.rtf": (b"{\\rtf1 a cow}", "a document (RTF)"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c", "an archive"),
    "a.gguf": (b"GGUF\3\0\0\0", "a GGUF model"),
    "a.mp4": (b"\0\0\0\x18ftypmp42", "a video"),
    "a.webp": (b"RIFF\1\1\1\1WEBPVP8 ", "a WebP picture"),
    "api.json": (WORKFLOW, "a workflow of ComfyUI"),
    "ui.prompt": (b'\xef\xbb\xbf {"nodes": [], "links": []}\n', "a workflow of ComfyUI"),
    "other.json": (b'[{"prompt": "x"}]', "JSON"),
    "tags.csv": (b"1girl,0,50,x\nsolo,0,40,\n", "a table (CSV)"),
    "styles.csv": (b"name,prompt,negative_prompt\na,b,c\n", "a table (CSV)"),
    "a.zip": (b"PK\x03\x04", "a ZIP archive"),
    "a.safetensors": (SAFETENSORS, "a safetensors model"),
    "a.py": (b'"""Draws."""\n\nimport torch\n\npipe("a cow")\n', "Python code"),
    "run.sh": (b'#!/bin/sh\npython webui.py --prompt "a cow"\n', "a script for a shell"),
    "webui-user.BAT": (b"@echo off\r\nset COMMANDLINE_ARGS=--xformers\r\n", "a script for a shell"),
    "a.yaml": (b"# cows\nprompt: a cow\nsteps: 20\n", "YAML"),
    "README.md": (b"# Cows\n\nHow to draw a cow.\n", "Markdown"),
    "a.ini": (b"[draw]\nsteps = 20\n", "a file of settings"),
    "a.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "XML"),
    "a.ts": (b"const cow = 1;\n", "JavaScript"),
}
PROMPTS = {
    "wild.prompt": b"{a|b} cow",
    "negative.prompt": b"[a cow] in rain",
    "list.txt": b"a cow, in, rain\nb, c, d",
    "pk.prompt": b"PK a cow",
    "format.prompt": b"/render WEBP, a cow",
    "box.prompt": b"cow ftyp",
    "model.prompt": b"GGUF a cow",
    "empty.prompt": b"",
    "notes.md": b"# Cows\n\n/render a cow\n",
    "words.md": b"a cow in a field\n",
    "words.py": b"a cow in a field\n",
    "code.prompt": b"a cow\nimport export\n",
    "entries.txt": b"a cow: red\n",
}


@pytest.mark.parametrize("command", [["check"], ["fmt", "--check"], ["compile"], ["render", "--dry-run"]])
def test_other_files_of_the_run_go_on(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, (data, _) in FOREIGN.items():
        Path(name).write_bytes(data)
    Path("last.prompt").write_text("/render a cow\n", encoding="utf-8")
    assert main([*command, *FOREIGN, "last.prompt"]) == 2
    said = capsys.readouterr()
    for name, (_, what) in FOREIGN.items():
        assert f"error: `{name}` is {what}, not a prompt" in said.err
    assert said.err.count("error:") == len(FOREIGN)
    assert any(word in said.out + said.err for word in ("1 file checked", "1 as it was", '"a cow"', "last.prompt"))


@pytest.mark.parametrize("name", FOREIGN)
def test_explain(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, what = FOREIGN[name]
    (tmp_path / name).write_bytes(data)
    assert main(["explain", str(tmp_path / name)]) == 2
    assert f"is {what}, not a prompt" in capsys.readouterr().err


def test_a_large_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.safetensors"
    path.write_bytes(SAFETENSORS)
    with path.open("r+b") as file:
        file.truncate(65 * 1024**2)
    assert main(["check", str(path)]) == 2
    assert "is a safetensors model, not a prompt" in capsys.readouterr().err


@pytest.mark.parametrize("name", PROMPTS)
def test_near_misses(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(PROMPTS[name])
    assert main(["check", str(tmp_path / name)]) == 0
    assert "not a prompt" not in capsys.readouterr().err
