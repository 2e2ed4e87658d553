"""Long texts and large folders: what is known is shown early, and work goes only where something changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from client import COMMAND, Client

from promptlang.meaning.project import Project
from promptlang.statements.cutting import LONGEST
from promptlang_lsp.features.display.diagnostics import Known, Look, diagnostics
from promptlang_lsp.session.progress import while_still
from promptlang_lsp.session.sent_semantic_tokens import SemanticTokens
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Snapshot, opened

PROJECT = Project()
TOP = "/set /guidance:7\n/recipe #warm warm light\n"
LONG = TOP + "".join(f"/render /{'sed' if not number % 50 else 'seed'}:{number + 1} a cow\n" for number in range(300))


def text(content: str) -> Snapshot:
    """The first version of a text."""
    return opened("file:///tmp/none/a.prompt", 1, content, "utf-16")


def looked(snapshot: Snapshot, before: Known | None = None) -> tuple[Known, Look]:
    """The diagnostics of a version, and the finished look."""
    page = Page(snapshot, PROJECT, earlier=before.page.surroundings if before else None)
    look = Look(page)
    steps = diagnostics(page, before, look)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value, look


def edited(snapshot: Snapshot, line: int, column: int, new: str) -> Snapshot:
    """The text after an insertion."""
    return snapshot.edited([(((line, column), (line, column)), new)], snapshot.version + 1)


def test_a_look_shows_what_is_known_so_far() -> None:
    page = Page(text(LONG), PROJECT)
    look = Look(page)
    steps = diagnostics(page, None, look)
    shown: list[int] = []
    for _ in range(200):
        next(steps)
        shown.append(len(look.items()))
    assert shown == sorted(shown)
    assert shown[0] == 0
    assert shown[-1] == 4
    assert (look.done, look.size) == (200, 302)


def test_colours_are_worked_out_and_packed_in_steps() -> None:
    """Whoever asks for something else meanwhile waits for a few statements, not for the file."""
    page = Page(text(LONG), PROJECT)
    asked: list[Page] = []
    steps = while_still(SemanticTokens().full(page), page, asked.append)
    count = sum(1 for _ in steps)
    assert count >= 2 * len(page.snapshot.pieces) // 8
    assert len(asked) == count


def test_what_was_typed_is_looked_at_first() -> None:
    page = Page(edited(text(LONG), 250, 0, "/render /sed:1 x\n"), PROJECT)
    look = Look(page)
    steps = diagnostics(page, None, look)
    for _ in range(3):
        next(steps)
    assert [item["range"]["start"]["line"] for item in look.items()] == [250]  # type: ignore[index]


@pytest.mark.parametrize(
    ("line", "new"),
    [(30, "/render /sed:1 x\n"), (120, "/set /guidance:8\n"), (290, "b"), (2, "/render x\n" * 5)],
)
def test_an_edit_in_the_first_look_takes_nothing_away(line: int, new: str) -> None:
    page = Page(text(LONG), PROJECT)
    look = Look(page)
    steps = diagnostics(page, None, look)
    for _ in range(200):
        next(steps)
    shown = {item["message"] for item in look.items()}
    newer = Page(edited(page.snapshot, line, 0, new), PROJECT, earlier=page.surroundings)
    following = Look(newer)
    steps = diagnostics(newer, look.so_far(), following)
    next(steps)
    assert shown <= {item["message"] for item in following.items()}
    assert following.size < newer.snapshot.starts.last_at(len(newer.snapshot)), "what was seen is not looked at again"
    known, _ = looked(newer.snapshot, look.so_far())
    assert known.items == looked(newer.snapshot)[0].items


def test_an_edit_that_takes_away_what_nobody_has_seen() -> None:
    page = Page(text(LONG), PROJECT)
    look = Look(page)
    steps = diagnostics(page, None, look)
    for _ in range(20):
        next(steps)
    cut = page.snapshot.edited([(((10, 0), (250, 0)), "/render /sed:1 x\n")], 2)
    assert looked(cut, look.so_far())[0].items == looked(cut)[0].items


@pytest.mark.parametrize(
    ("line", "column", "new", "size"),
    [
        pytest.param(100, 8, "x", 3, id="a letter"),
        pytest.param(100, 0, "/render x\n", 4, id="a statement"),
        pytest.param(1, 20, "er", 4, id="a letter in a recipe: itself and its caller"),
        pytest.param(200, 0, "/recipe #new blue\n", 8, id="a recipe: the place, other recipes, callers"),
        pytest.param(250, 0, "/set /guidance:8\n", 60, id="a setting: what stands below"),
    ],
)
def test_an_edit_is_looked_at_where_it_counts(line: int, column: int, new: str, size: int) -> None:
    first = text(LONG.replace("/seed:78 a cow", "/seed:78 #warm a cow"))
    known, _ = looked(first)
    second = edited(first, line, column, new)
    again, look = looked(second, known)
    assert look.size <= size
    assert again.items == looked(text(second.text))[0].items


def test_a_recipe_that_brings_its_parser_from_above() -> None:
    """The same recipe text below the statement brings nothing, so the weight has no effect."""
    recipe, call = "/recipe #n /parser:new light\n", "/render #n a (cow:1.2)\n"
    known, _ = looked(text(recipe + call))
    assert known.items == []
    below = edited(edited(text(recipe + call), 2, 0, recipe), 0, 1, "x")
    again, _ = looked(below, known)
    assert again.items == looked(text(below.text))[0].items
    assert again.items != []


def impatient() -> Client:
    """A server that answers a pull with what it knows at once."""
    return Client((*COMMAND[:2], f"import promptlang_lsp.session.reports as it; it.PATIENCE = 0.0; {COMMAND[2]}"))


def test_a_long_text_is_answered_in_parts() -> None:
    server = impatient()
    server.initialize({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}})
    uri = server.open(LONG)
    params = {"textDocument": {"uri": uri}}
    report = server.request("textDocument/diagnostic", params)
    counts = [len(report["items"])]
    while counts[-1] < 6:
        server.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
        report = server.request("textDocument/diagnostic", {**params, "previousResultId": report["resultId"]})
        counts.append(len(report["items"]))
    assert counts == sorted(set(counts))
    again = server.request("textDocument/diagnostic", {**params, "previousResultId": report["resultId"]})
    assert again == {"kind": "unchanged", "resultId": report["resultId"]}
    assert server.close() == 0


def test_a_client_that_cannot_be_called_back_waits() -> None:
    server = impatient()
    server.initialize({"textDocument": {"diagnostic": {}}})
    uri = server.open(LONG)
    numbers = [server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}) for _ in range(2)]
    answers = [server.wait(lambda message: message.get("id") in numbers) for _ in numbers]
    assert [len(answer["result"]["items"]) for answer in answers] == [6, 6]  # type: ignore[index]
    assert server.close() == 0


MANY_FIXES = "".join(f"/render /clip_skip:2 /seed:{number} a cow\n" for number in range(3000))
OPEN = "file:///tmp/none/a.prompt"
LINES = {"start": {"line": 0, "character": 0}, "end": {"line": 3000, "character": 0}}
WHOLE = {"textDocument": {"uri": OPEN}, "range": LINES}
FIX_NOW = {"command": "promptlang.fixAll", "arguments": [OPEN]}


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("workspace/executeCommand", FIX_NOW),
        ("textDocument/codeAction", {"context": {"diagnostics": [], "only": ["source.fixAll"]}}),
        ("textDocument/codeAction", {"context": {"diagnostics": []}}),
        ("codeAction/resolve", {"title": "Fix", "kind": "source.fixAll.promptlang", "data": OPEN}),
        ("textDocument/rangeFormatting", {"options": {"tabSize": 2, "insertSpaces": True}}),
        ("textDocument/semanticTokens/range", {}),
    ],
)
def test_what_reads_a_long_text_lets_others_be_answered(client: Client, method: str, more: dict[str, object]) -> None:
    """And an edit gives it up: what it would answer is of a text that is no more."""
    uri = client.open(MANY_FIXES)
    number = client.ask(method, {**WHOLE, **more})
    assert client.at("hover", uri, 0, 24)
    assert not any(each.get("id") == number and "method" not in each for each in client.seen)
    place = {"line": 0, "character": 0}
    client.change(uri, 2, {"range": {"start": place, "end": place}, "text": "# note\n"})
    assert client.answer(number)["error"]["message"] == "the text has changed"


def test_looking_for_fixes_can_be_given_up() -> None:
    """What takes a while says how far it is, and its cross ends it."""
    server = Client((*COMMAND[:2], f"import promptlang_lsp.session.progress as it; it.SOON = 0.0; {COMMAND[2]}"))
    server.initialize({"window": {"workDoneProgress": True}})
    server.open(MANY_FIXES)
    number = server.ask("workspace/executeCommand", FIX_NOW)
    begun = server.notification("$/progress", lambda each: each["value"].get("title") == "Looking for fixes")
    told = server.notification("$/progress", lambda each: each["token"] == begun["token"])
    assert told["value"]["message"].endswith("statements looked at")
    server.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
    assert server.answer(number)["error"]["code"] == -32800
    assert server.close() == 0


def test_typing_is_answered_before_what_follows_from_it(server: Client) -> None:
    """A setting above many statements: what is wrong with itself is shown before any of them is looked at again."""
    server.initialize()
    odd = "/render /clipskip:2 a cow\n"
    uri = server.open(odd + "".join(f"/render /seed:{number} a cow\n" for number in range(3000)) + odd)
    server.notification("textDocument/publishDiagnostics", lambda found: len(found["diagnostics"]) == 2)
    server.seen.clear()
    place = {"line": 0, "character": 0}
    server.change(uri, 2, {"range": {"start": place, "end": place}, "text": "/set /parser:new /sed:3\n"})
    first = server.notification("textDocument/publishDiagnostics", lambda found: found["version"] == 2)
    codes = [each["code"] for each in first["diagnostics"]]
    assert codes == ["option/unknown", "clipskip/needs-new-parser"]  # that of the last statement, from before
    last = server.notification("textDocument/publishDiagnostics", lambda found: len(found["diagnostics"]) == 1)
    assert [each["code"] for each in last["diagnostics"]] == ["option/unknown"]


def test_a_statement_that_nobody_could_wait_for(server: Client) -> None:
    """It costs one message, other texts are answered, and the file is looked at again once it is short."""
    server.initialize()
    uri = server.open("/render /sed:1 a cow\n/render " + "(a cow:1.2), " * 160_000 + "\n/render a cow\n")
    found = server.notification("textDocument/publishDiagnostics", lambda each: each["uri"] == uri)
    (message,) = found["diagnostics"]
    assert "2,080,009 characters, above 20,000" in message["message"]
    assert message["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 7}}
    document = {"textDocument": {"uri": uri}}
    assert server.at("hover", uri, 0, 10) is None
    assert server.request("textDocument/semanticTokens/full", document) is None
    assert server.request("textDocument/formatting", {**document, "options": {}}) is None
    other = server.open("/render /steps:20 a cow", "file:///tmp/none/other.prompt")
    assert server.at("hover", other, 0, 10)
    server.change(
        uri, 2, {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}, "text": ""}
    )
    found = server.notification("textDocument/publishDiagnostics", lambda each: each["version"] == 2)
    assert [each["code"] for each in found["diagnostics"]] == ["option/unknown"]


def test_typing_in_a_statement_that_nobody_could_wait_for(server: Client) -> None:
    """What is typed into it is answered for its version, and so is what is asked of other texts and of itself."""
    server.initialize()
    uri = server.open("/render " + "(a cow:1.2), " * 160_000)
    other = server.open("/render /steps:20 a cow", "file:///tmp/none/other.prompt")
    server.notification("textDocument/publishDiagnostics", lambda each: each["uri"] == uri)
    server.seen.clear()
    place = {"line": 0, "character": 10}
    for version in range(2, 12):
        server.change(uri, version, {"range": {"start": place, "end": place}, "text": "x"})
        assert server.at("hover", other, 0, 10)
        assert server.at("completion", uri, 0, 11) in (None, [])
    found = server.notification("textDocument/publishDiagnostics", lambda each: each.get("version") == 11)
    assert "2,080,018 characters" in found["diagnostics"][0]["message"]


def test_typing_in_it_takes_no_more_calls_than_in_half_of_it() -> None:
    def calls(size: int) -> int:
        count = 0

        def counted(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += event != "return"

        snapshot = text("/render " + "(a cow:1.2), " * size)
        sys.setprofile(counted)
        try:
            looked(edited(snapshot, 0, 10, "x"))
        finally:
            sys.setprofile(None)
        return count

    calls(LONGEST)
    assert calls(2 * LONGEST) == calls(LONGEST) < 1_000


@pytest.mark.parametrize("size", [LONGEST - 8, LONGEST - 7])
def test_the_longest_statement_that_is_read(size: int) -> None:
    snapshot = edited(text("/set /steps:20\n/render a\n/render b"), 1, 8, "x" * (size - 2))
    assert snapshot.is_read == (size == LONGEST - 8)
    assert snapshot.too_long == opened(snapshot.uri, 1, snapshot.text, "utf-16").too_long


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five hundred prompts, a tenth of them with something to say."""
    for number in range(500):
        place = tmp_path / f"{number // 100}"
        place.mkdir(exist_ok=True)
        name = "sed" if not number % 10 else "seed"
        (place / f"{number}.prompt").write_text(f"/render /{name}:{number + 1} a cow\n")
    return tmp_path


def pulled(server: Client, previous: dict[str, str]) -> tuple[list[dict[str, object]], int]:
    """The items of a workspace report with those of its parts, and how many hovers were answered meanwhile."""
    ids = [{"uri": uri, "value": value} for uri, value in previous.items()]
    number = server.ask("workspace/diagnostic", {"previousResultIds": ids, "partialResultToken": "part"})
    hovers = 0
    while True:
        server.at("hover", "file:///tmp/none/a.prompt", 0, 10)
        answers = [each for each in server.seen if each.get("id") == number and "method" not in each]
        if answers:
            break
        hovers += 1
    parts = [each["params"] for each in server.seen if each.get("method") == "$/progress"]
    server.seen.clear()
    items = [item for part in parts if part["token"] == "part" for item in part["value"]["items"]]  # type: ignore[index]
    return [*items, *answers[0]["result"]["items"]], hovers  # type: ignore[index]


@pytest.mark.parametrize("watches", [False, True])
def test_a_large_folder(server: Client, folder: Path, watches: bool) -> None:
    able = {"didChangeWatchedFiles": {"dynamicRegistration": watches}}
    server.initialize({"workspace": able, "textDocument": {"diagnostic": {}}}, folder)
    server.open("/render /clipskip:2 a cow")
    items, hovers = pulled(server, {})
    assert hovers
    known = {str(item["uri"]): str(item["resultId"]) for item in items}
    assert len([item for item in items if item["items"]]) == 51
    items, _ = pulled(server, known)
    assert {item["kind"] for item in items} == (set() if watches else {"unchanged"})
    changed = folder / "0" / "0.prompt"
    changed.write_text("/render /seed:1 a cow\n")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": changed.as_uri(), "type": 2}]})
    items, _ = pulled(server, known)
    assert [(item["uri"], item["items"]) for item in items if item["kind"] == "full"] == [(changed.as_uri(), [])]
    assert server.request("workspace/symbol", {"query": "zzzz"}) == []
