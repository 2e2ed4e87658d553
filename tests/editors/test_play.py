"""`promptlang play`: what is served and to whom, what a render is given, and the page itself in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("websockets", reason="the extra `lsp` is not installed")

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import serve

from promptlang import compile
from promptlang.cli.main import main as promptlang
from promptlang_play import site as page
from promptlang_play.command import main
from promptlang_play.examples import Example, examples
from promptlang_play.explaining import explained
from promptlang_play.orders import alone, shown
from promptlang_play.runs import labels, told
from tests.editors.conftest import ROOT
from tests.importers.made import ours

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


def test_the_pages_that_findings_lead_to_are_served(site: page.Site) -> None:
    status, body = get(site, f"/{WORD}/docs/rules.md")
    assert status == 200
    assert b"### clipskip/extreme" in body
    assert get(site, f"/{WORD}/docs/serve.md")[0] == get(site, f"/{WORD}/docs/../rules.md")[0] == 404


def test_what_was_drawn_is_told_to_a_page_that_is_loaded_again(site: page.Site) -> None:
    run = site.runs.begin("/render a cow")
    assert json.loads(get(site, f"/{WORD}/history.json")[1]) == {"runs": []}
    picture = site.start.out / "cow-001.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    run.pictures.append(told(picture, site.pictures.publish(picture), None, {}))
    (kept,) = json.loads(get(site, f"/{WORD}/history.json")[1])["runs"]
    assert (kept["statement"], kept["complaint"]) == ("/render a cow", "")
    assert kept["pictures"][0] == {
        "url": "picture/1.png", "name": "cow-001.png", "statement": "", "point": "", "facts": {}, "page": False
    }  # fmt: skip


def test_variants_are_told_apart_by_words_of_their_own(tmp_path: Path) -> None:
    text = "/render /seed:1 /variants:all a {red|blue} cow"
    found = labels(compile(text).plans)
    for place, words in enumerate(("red", "blue")):
        ours(tmp_path / "cow.png", text, place=place)
        assert told(tmp_path / "cow.png", "", None, found)["point"] == words


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
        begun = json.loads(socket.recv(timeout=60))
        assert (begun["kind"], begun["wanted"], begun["statement"]) == ("begin", 100, "/render /images:100 a cow")
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


@pytest.mark.parametrize("example", examples(), ids=lambda each: each.title)
def test_an_example_is_right(example: Example) -> None:
    """Each draws, with the bundled model, but for the one that shows mistakes."""
    from promptlang import check

    errors = [each for each in check(example.text) if each.severity.name == "ERROR"]
    assert bool(errors) == (example.title == "Mistakes")
    plans = compile(example.text).plans
    assert plans
    assert {plan.model.name for plan in plans} == {"demo"}
    assert example.about.endswith(".")


def test_what_a_statement_will_do_is_told_with_its_plans(tmp_path: Path) -> None:
    found: Any = explained(tmp_path / "cow.prompt", alone(TEXT, 4))
    assert found["explanation"]["text"].startswith("a cow")
    assert [plan["seed"] for plan in found["plans"]] == [1]
    assert explained(tmp_path / "cow.prompt", "")["message"] == "There is nothing to draw yet."


def test_a_statement_is_shown_as_it_was_written() -> None:
    assert shown(TEXT, 5) == "/render a cow #corner\na second line"
    assert shown("", 0) == ""


def test_the_built_page_is_that_of_its_source() -> None:
    """`make play` writes `built/` and what it was made of."""
    source = ROOT / "editors" / "play"
    rows = (page.HERE / "built" / "sources.txt").read_text(encoding="utf-8").splitlines()
    made_of = {name: digest for digest, name in (row.split("  ", 1) for row in rows)}
    files = [source / "build.mjs", source / "package.json", *source.glob("src/**/*.ts")]
    today = {
        path.relative_to(source).as_posix(): sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in files
    }
    assert made_of == today, "run `make play`"


def test_the_bundle_is_small() -> None:
    assert sum(path.stat().st_size for path, _ in page.FILES.values()) < 1_000_000


def test_a_page_that_is_not_built_says_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "built", lambda: False)
    assert main(["--no-browser"]) == 2
    assert "make play" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_made_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert promptlang(["play", "--no-browser", "none.prompt"]) == 2
    assert "write `promptlang play`, and save the text" in capsys.readouterr().err


@pytest.mark.editors
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "height", "look"), [(400, 800, "light"), (900, 800, "dark"), (1400, 900, "light")])
def test_the_page_in_chromium(width: int, height: int, look: str, tmp_path: Path) -> None:
    """Typed in, mended, drawn, compared, stopped and loaded again, with nothing that axe objects to on the way."""
    seen = used(tmp_path, width, height, look)
    assert "problem" not in seen, seen
    assert seen["errors"] == []
    assert seen["violations"] == []
    assert seen["outside"] == [], "nothing is wider than the page"
    assert len({origin for origin in seen["requests"] if not origin.startswith("data:")}) == 1
    assert seen["completion"] == ["/sampler"]
    assert any("sampler has no value" in each for each in seen["findings"])
    assert "Write ddim (may change the picture)" in seen["fixes"]
    assert "/sampler" in seen["rule"]
    assert seen["fixed"] == "/render /sampler:ddim /parser:new /clipskip:2 a cow"
    assert "/clipskip" in seen.get("hover", "/clipskip")
    assert seen["moved"].endswith(" a cow, two, one")
    assert seen["off"] == ["# off: two,"]
    assert {"Weights", "Options", "Tokens"} <= {*seen["plan"]}
    assert seen["caption"] == "seed 7 → 8"
    assert seen["captions"] == ["clip skip 1", "clip skip 8", "all of them"]
    assert seen["pictures"] == 5
    assert seen["said"].startswith("2 pictures in ")
    assert seen["differences"] == ["clip skip"]
    assert seen["focus"] == ["range", "Side by side"]
    assert seen["cut"] == "inset(0px 40% 0px 0px)"
    assert seen["step"].startswith("step ")
    assert seen["stopped"] == "Stopped."
    assert seen["home"], "the focus goes back to where the menu was opened"
    assert "/images:50" in seen["draft"]
    assert "Your draft of" in seen["told"]
    assert seen["kept"] >= 5


@pytest.mark.editors
@pytest.mark.timeout(200)
def test_no_text_is_lost(tmp_path: Path) -> None:
    """A draft is there at the next start, also of a file that has changed; no file is written over unseen."""
    file = tmp_path / "cow.prompt"
    file.write_text("/render a cow\n", encoding="utf-8")
    profile, started = str(tmp_path / "profile"), (file.name, "--port", str(free_port()))
    seen = at_page(tmp_path, "files.mjs", profile, "type", started=started)
    assert (seen["text"][0], seen["title"][:12]) == ("# mine /render a cow", "• cow.prompt")
    assert file.read_text(encoding="utf-8") == "/render a cow\n"

    seen = at_page(tmp_path, "files.mjs", profile, "return", started=started)
    assert seen["said"].startswith("Your draft of ")
    assert [seen[each][0] for each in ("text", "file", "undone")] == [
        "# mine /render a cow", "/render a cow", "# mine /render a cow",
    ]  # fmt: skip
    file.write_text("/render a horse\n", encoding="utf-8")
    seen = at_page(tmp_path, "files.mjs", profile, "return", started=started)
    assert seen["said"].startswith("cow.prompt has changed since your draft of ")
    assert [seen[each][0] for each in ("text", "file", "undone")] == [
        "# mine /render a cow", "/render a horse", "# mine /render a cow",
    ]  # fmt: skip

    seen = at_page(tmp_path, "files.mjs", profile, "save", started=started)
    assert seen["opened"] == ["/render a cow", "/render a dog", ""]
    assert seen["untouched"] == "/render a horse\r\n"
    assert seen["theirs"] == ["/render a horse", ""]
    assert seen["mine"] == ["# mine /render a cow", "/render a dog", ""]
    assert seen["disk"] == "# mine /render a cow\r\n/render a dog\r\n", "with the line ends that it had"
    assert not seen["isChanged"]
    assert seen["reloaded"][:2] == ["pets.prompt", "# more # mine /render a cow"]


def free_port() -> int:
    """One that nobody has now: drafts belong to an address with its port."""
    with socket.socket() as tried:
        tried.bind((page.HOST, 0))
        return tried.getsockname()[1]


def used(folder: Path, width: int, height: int, look: str) -> dict[str, Any]:
    """What was seen of the page; its screenshots go where the variable SCREENSHOTS says."""
    shots = Path(os.environ.get("SCREENSHOTS", folder / "shots")).absolute()
    shots.mkdir(parents=True, exist_ok=True)
    return at_page(folder, "play.mjs", str(shots), str(width), str(height), look)


def at_page(folder: Path, script: str, *words: str, started: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a script sees of the page that is started in a folder."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    modules = ROOT / "editors" / "play" / "node_modules"
    if chromium is None or not (modules / "playwright-core").is_dir():
        pytest.skip("needs Chromium, and npm's packages of `make play`")
    command = [sys.executable, "-m", "promptlang", "play", "--no-browser", *started]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        address = server.stderr.readline().split()[-1]
        given = ["node", str(Path(__file__).with_name(script)), address, chromium, str(modules.parent), *words]
        run = subprocess.run(given, capture_output=True, text=True, timeout=590)
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert run.stdout, run.stderr
    seen: dict[str, Any] = json.loads(run.stdout)
    return seen
