"""What `make dist` made, installed and used as a stranger would: `python -m tests.shipped FOLDER [--python PYTHON]`.

The wheel with `[all]` in an empty environment, the wheel alone in another, the sdist against the wheel, the `.vsix` by
what is in it. `--python` names an environment in which the wheel is installed already, and spares the
minutes that torch takes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlparse

from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.version import VERSION

FLAWED = "/render /clipskip:1.9 /parser:new a (red:1.2) circle\n"
RULE = "clipskip/fraction-ignored"
TAKES = {"render": ["cow.prompt"]}
PATIENCE = 300  # seconds: the first start of torch reads a gigabyte


class Stranger:
    """Somebody with one environment, an empty home and an empty folder."""

    def __init__(self, python: Path, home: Path) -> None:
        self.python, self.home = python, home
        home.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("LANG", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        self.env = {**kept, "HOME": str(home), "PATH": os.pathsep.join((str(python.parent), "/usr/bin", "/bin"))}

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command as it is installed, to write to and to read from, both of its streams as one."""
        command = [str(self.python.parent / words[0]), *words[1:]]
        pipe, both = subprocess.PIPE, subprocess.STDOUT
        return subprocess.Popen(command, cwd=self.home, env=self.env, stdin=pipe, stdout=pipe, stderr=both)

    def run(self, *words: str, code: int = 0) -> str:
        """What `promptlang` prints, on both streams; it has to end with that code."""
        done = subprocess.run(
            [self.python.parent / "promptlang", *words], cwd=self.home, env=self.env, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == code, f"promptlang {' '.join(words)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    @property
    def packages(self) -> Path:
        """Where what is installed lies."""
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        return Path(subprocess.check_output([self.python, "-c", code], text=True).strip())


def main() -> int:
    """Check what lies in a folder; the first thing that is wrong is an AssertionError."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more interpreters, to check and edit under")
    given = parser.parse_args()
    (wheel,), (source,), (extension,) = (
        sorted(given.folder.resolve().glob(f"*{VERSION}*{ending}")) for ending in (".whl", ".tar.gz", ".vsix")
    )
    with TemporaryDirectory() as folder:
        room = Path(folder)
        step("the .vsix holds the extension of this version")
        an_extension(extension)
        step("the sdist makes the same wheel")
        a_source(source, wheel, room / "source")
        step("the wheel alone: checks, and says what is missing")
        alone(Stranger(installed(room / "alone", wheel), room / "alone-home"))
        for number, interpreter in enumerate(given.also):
            step(f"the wheel with a server, under {interpreter}")
            served(Stranger(installed(room / str(number), wheel, "[lsp]", interpreter), room / f"{number}-home"))
        step("the wheel with everything: checks, draws, serves editors and pages")
        python = given.python or installed(room / "all", wheel, "[all]")
        everything(Stranger(python.absolute(), room / "all-home"))
    print("all of it works")
    return 0


def step(what: str) -> None:
    """Say what is looked at now."""
    print(what, flush=True)


def installed(place: Path, wheel: Path, extras: str = "", interpreter: str | Path = sys.executable) -> Path:
    """The interpreter of a new environment with the wheel."""
    subprocess.run([interpreter, "-m", "venv", place], check=True)
    python = place / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}{extras}"], check=True)
    return python


def an_extension(path: Path) -> None:
    """The extension for Visual Studio Code."""
    with zipfile.ZipFile(path) as packed:
        names = {*packed.namelist()}
        about = json.loads(packed.read("extension/package.json"))
        server = packed.read("extension/dist/extension.js")
    assert about["version"] == VERSION, f"{about['version']} is not {VERSION}"
    assert {"extension/LICENSE.txt", "extension/readme.md"} <= {name.replace("README", "readme") for name in names}
    assert len(server) > 100_000


def a_source(path: Path, wheel: Path, room: Path) -> None:
    """The sdist: a wheel built from it has the files of the one beside it."""
    room.mkdir()
    with tarfile.open(path) as packed:
        packed.extractall(room, filter="data")
    (tree,) = room.iterdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", room / "out", tree], check=True
    )
    (built,) = (room / "out").glob("*.whl")
    with zipfile.ZipFile(built) as one, zipfile.ZipFile(wheel) as other:
        assert {*one.namelist()} == {*other.namelist()}


def alone(stranger: Stranger) -> None:
    """The compiler without an extra."""
    assert stranger.run("--version") == f"promptlang {VERSION}\n"
    checked(stranger)
    for name, (_, extra) in EXTRAS.items():
        assert f"promptlang-diffusion[{extra}]" in stranger.run(name, *TAKES.get(name, ()), code=2), name
    assert 'pip install "promptlang-diffusion[' in stranger.run("doctor")


def everything(stranger: Stranger) -> None:
    """The extra `all`."""
    for name in (*COMMANDS, *(each for each in EXTRAS if each != "mcp")):
        assert stranger.run(name, "--version") == f"promptlang {VERSION}\n", name
    stranger.run("render", "a red circle on a white background /seed:7 /steps:4", "--quiet")
    assert len([*(stranger.home / "out").glob("*.png")]) == 1
    served(stranger)


def served(stranger: Stranger) -> None:
    """The extra `lsp`."""
    checked(stranger)
    edited(stranger)
    played(stranger)


def checked(stranger: Stranger) -> None:
    """A mistake is found, explained and mended; a project is begun; the pages are there."""
    (stranger.home / "cow.prompt").write_text(FLAWED, encoding="utf-8")
    assert RULE in stranger.run("check", "cow.prompt", code=1)
    assert "Example" in stranger.run("rule", RULE)
    assert "1 fixed" in stranger.run("check", "--fix", "cow.prompt")
    stranger.run("init", "mine")
    assert "no findings" in stranger.run("check", "mine")
    pages = next(stranger.packages.glob("promptlang/docs"))
    assert str(pages) in stranger.run("doctor")
    assert {"index.md", "tour.md", "cookbook.md", "rules.md", "llms.txt"} <= {path.name for path in pages.iterdir()}
    editors = stranger.packages / "promptlang" / "editors"
    assert str(editors) in stranger.run("doctor")
    assert (editors / "vscode" / "promptlang.vsix").is_file()
    assert (editors / "neovim" / "lua" / "promptlang" / "init.lua").is_file()
    assert (stranger.python.parent.parent / "share" / "man" / "man1" / "promptlang.1").is_file()


def edited(stranger: Stranger) -> None:
    """An editor is told of a mistake, and where the page about its rule lies."""
    server = stranger.start("promptlang-lsp")
    assert server.stdin
    assert server.stdout
    uri = (stranger.home / "open.prompt").as_uri()
    opened = {"uri": uri, "languageId": "promptlang", "version": 1, "text": FLAWED}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": opened}},
    ]
    for each in messages:
        body = json.dumps({"jsonrpc": "2.0", **each}).encode()
        server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        server.stdin.flush()
    try:
        found = next(each for each in answers(server) if each.get("method") == "textDocument/publishDiagnostics")
    finally:
        server.kill()
        server.wait()
    (item,) = [each for each in found["params"]["diagnostics"] if each["code"] == RULE]
    href: str = item["codeDescription"]["href"]
    page = urlparse(href)
    assert f'<a id="{page.fragment}">' in Path(unquote(page.path)).read_text(encoding="utf-8")


def answers(server: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """What a server writes, message by message."""
    assert server.stdout
    while True:
        head = dict(line.split(b": ") for line in iter(server.stdout.readline, b"\r\n"))
        yield json.loads(server.stdout.read(int(head[b"Content-Length"])))


def played(stranger: Stranger) -> None:
    """The page of `promptlang play` is built in, and answers."""
    page = stranger.start("promptlang", "play", "--no-browser")
    assert page.stdout
    try:
        address = next(word for line in page.stdout for word in line.decode().split() if word.startswith("http://"))
        html = fetched(address)
        script = fetched(f"{address}play.js") + fetched(f"{address}libraries.js")
    finally:
        page.terminate()
        page.wait()
    assert b"<html" in html
    assert len(script) > 300_000


def fetched(address: str) -> bytes:
    """What an address answers."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


if __name__ == "__main__":
    began = monotonic()
    code = main()
    print(f"{monotonic() - began:.0f} s")
    raise SystemExit(code)
