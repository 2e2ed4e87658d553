"""`promptlang play`: what is served and to whom, what a render is given, and the page itself in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("websockets", reason="the extra `lsp` is not installed")

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import serve

from promptlang_play import site as page
from promptlang_play.command import FIRST_TEXT, main
from promptlang_play.renders import alone
from tests.editors.conftest import ROOT

WORD = "word-of-this-test"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[page.Site]:
    """A page that is served by a thread."""
    served = page.Site(page.Start(tmp_path / "cow.prompt", "/render a cow", tmp_path / "out", WORD))
    (tmp_path / "out").mkdir()
    with serve(served.talk, page.HOST, 0, process_request=served.answer) as server:
        served.port = server.socket.getsockname()[1]
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def get(site: page.Site, path: str, host: str = "") -> tuple[int, bytes]:
    connection = HTTPConnection(page.HOST, site.port, timeout=30)
    connection.request("GET", path, headers={"Host": host or f"{page.HOST}:{site.port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_the_page_is_there_for_who_knows_the_word(site: page.Site) -> None:
    status, body = get(site, f"/{WORD}/")
    assert status == 200
    assert b"<title>promptlang play</title>" in body


@pytest.mark.parametrize("path", ["/", "/settings.json", "/wrong/", f"/{WORD}x/", "/%2e/", f"//{WORD}/"])
def test_nothing_is_there_for_others(site: page.Site, path: str) -> None:
    assert get(site, path)[0] == 404


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd", "picture/../../cow.prompt", "picture/%2e%2e/cow.prompt", "page/../site.py", "site.py",
        "picture/1.png", "picture/", "//etc/passwd", "cow.prompt", "out/private.png", "play.js/..", "settings.json/",
    ],
)  # fmt: skip
def test_nothing_else_is_served(site: page.Site, name: str) -> None:
    site.start.file.write_text("secret", encoding="utf-8")
    (site.start.out / "private.png").write_bytes(b"secret")
    status, body = get(site, f"/{WORD}/{name}")
    assert status == 404
    assert b"secret" not in body


def test_a_picture_is_served_once_it_is_drawn(site: page.Site) -> None:
    picture = site.start.out / "cow-001.png"
    picture.write_bytes(b"a picture")
    assert get(site, f"/{WORD}/{site.pictures.publish(picture)}") == (200, b"a picture")


def test_other_names_of_this_computer_are_refused(site: page.Site) -> None:
    assert get(site, f"/{WORD}/", host=f"example.org:{site.port}")[0] == 421


def test_pages_of_other_places_cannot_talk(site: page.Site) -> None:
    for origin in ("http://example.org", f"http://{page.HOST}:{site.port + 1}", "null"):
        with pytest.raises(InvalidStatus), connect(f"ws://{page.HOST}:{site.port}/{WORD}/lsp", origin=origin):  # type: ignore[arg-type]
            raise AssertionError("connected")


def test_the_language_server_answers_the_page(site: page.Site) -> None:
    with connect(f"ws://{page.HOST}:{site.port}/{WORD}/lsp", origin=own(site)) as socket:
        ask(socket, 1, "initialize", {"capabilities": {}, "processId": None, "rootUri": None})
        uri = site.start.file.as_uri()
        document = {"uri": uri, "languageId": "promptlang", "version": 1, "text": "/render /clipskip:2 a cow"}
        socket.send(json.dumps({"jsonrpc": "2.0", "method": "initialized", "params": {}}))
        opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}
        socket.send(json.dumps(opened))
        place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 10}}
        assert "/clipskip" in ask(socket, 2, "textDocument/hover", place)["contents"]["value"]


def test_a_render_ends_when_the_page_says_so(site: page.Site) -> None:
    with connect(f"ws://{page.HOST}:{site.port}/{WORD}/render", origin=own(site)) as socket:
        socket.send(json.dumps({"text": "/render /images:100 a cow", "line": 0}))
        assert json.loads(socket.recv(timeout=60)) == {"kind": "begin", "pictures": 100}
        socket.send("cancel")
        end = json.loads(socket.recv(timeout=60))
    assert end["kind"] == "end"
    assert end["cancelled"] is True
    assert list(site.start.out.iterdir()) == []


def test_what_cannot_be_drawn_is_said(site: page.Site) -> None:
    with connect(f"ws://{page.HOST}:{site.port}/{WORD}/render", origin=own(site)) as socket:
        socket.send("not JSON")
        for text, said in (("", "nothing to draw"), ("/render /parser:neww a cow", "parser has no value")):
            socket.send(json.dumps({"text": text, "line": 0}))
            assert json.loads(socket.recv(timeout=60))["kind"] == "begin"
            end = json.loads(socket.recv(timeout=120))
            assert (end["kind"], end["code"]) == ("end", 1)
            assert said in end["message"]


def own(site: page.Site) -> Any:
    return f"http://{page.HOST}:{site.port}"


def ask(socket: Any, number: int, method: str, params: object) -> Any:
    socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    while True:
        message = json.loads(socket.recv(timeout=60))
        if message.get("id") == number and "method" not in message:
            return message["result"]


TEXT = """\
# first words

/recipe #corner in the corner
/set /seed:1
/render a cow #corner
a second line
/set /seed:2
/render a dog
"""


@pytest.mark.parametrize(
    ("line", "kept", "left"),
    [
        (0, "a cow", "a dog"),  # a comment: the next statement that draws
        (3, "a cow", "a dog"),
        (5, "a second line", "/seed:2"),
        (7, "/seed:2", "a cow"),
        (99, "a dog", "a cow"),
    ],
)
def test_a_statement_is_rendered_with_what_it_depends_on(line: int, kept: str, left: str) -> None:
    for text in (TEXT, TEXT.replace("\n", "\r\n")):
        rendered = alone(text, line)
        assert kept in rendered
        assert left not in rendered
        assert "/recipe #corner" in rendered


def test_the_first_text_is_right() -> None:
    from promptlang import compile

    assert len(compile(FIRST_TEXT).plans) == 5


def test_a_page_that_is_not_built_says_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "built", lambda: False)
    assert main(["--no-browser"]) == 2
    assert "make play" in capsys.readouterr().err


@pytest.mark.editors
def test_the_page_in_chromium(tmp_path: Path) -> None:
    """Lenses, token count, completion, diagnostics, a quick fix, hover, and a grid of pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    modules = ROOT / "editors" / "play" / "node_modules"
    if chromium is None or not (modules / "playwright-core").is_dir() or not page.built():
        pytest.skip("needs Chromium and `make play`")
    command = [sys.executable, "-m", "promptlang", "play", "--no-browser"]
    server = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        address = server.stderr.readline().split()[-1]
        script = Path(__file__).with_name("play.mjs")
        screenshot = os.environ.get("SCREENSHOT", str(tmp_path / "play.png"))
        words = ["node", str(script), address, chromium, str(modules.parent), screenshot]
        run = subprocess.run(words, capture_output=True, text=True, timeout=290)
    finally:
        server.terminate()
        server.communicate(timeout=30)
    seen: dict[str, Any] = json.loads(run.stdout)
    assert "problem" not in seen, seen
    assert seen["errors"] == []
    assert {origin for origin in seen["requests"] if not origin.startswith("data:")} == {
        address[: address.index("/", 8)]
    }
    assert seen["completion"] == ["/sampler"]
    assert seen["problems"].startswith("1 error")
    assert "Write `ddim` (may change the picture)" in seen["fixes"]
    assert "/clipskip" in seen["hover"]
    assert len(seen["pictures"]) == 5, "four points and the grid"
