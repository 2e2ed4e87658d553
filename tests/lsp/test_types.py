"""Everything the server says is what the protocol's own type definitions allow, for the clients of three editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from client import Client

from tests.thorough import is_thorough

types = pytest.importorskip("lsprotocol.types", reason="lsprotocol is not installed")
converters = pytest.importorskip("lsprotocol.converters")
pytest_lsp = pytest.importorskip("pytest_lsp", reason="pytest-lsp is not installed")

TEXT = """# a note
/set /steps:30 <demo>
/recipe #quick /parser:new $prompt, (fine:1.2)
/render /parser:new /clipskip:1.9 a 😀 (cow:1.2), ((red barn)) [mud] <demo> <none:0.5>
/compare /clipskip:1..4 #quick a (cow
/remix /image:pic.png /strength:0.5 a cow
/render /stepz:3 /steps:3 /steps:4 long ha
"""
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 7, "character": 0}}

REQUESTS = {
    "textDocument/documentSymbol": {},
    "textDocument/foldingRange": {},
    "textDocument/documentLink": {},
    "textDocument/codeLens": {},
    "textDocument/inlayHint": {"range": WHOLE},
    "textDocument/semanticTokens/full": {},
    "textDocument/semanticTokens/range": {"range": WHOLE},
    "textDocument/diagnostic": {},
    "textDocument/formatting": {"options": {"tabSize": 4, "insertSpaces": True}},
    "textDocument/rangeFormatting": {"options": {"tabSize": 4, "insertSpaces": True}, "range": WHOLE},
}
AT = {
    "textDocument/hover": {},
    "textDocument/completion": {},
    "textDocument/signatureHelp": {},
    "textDocument/rangesFormatting": {"options": {"tabSize": 4, "insertSpaces": True}, "ranges": [WHOLE, WHOLE]},
    "textDocument/definition": {},
    "textDocument/declaration": {},
    "textDocument/references": {"context": {"includeDeclaration": True}},
    "textDocument/documentHighlight": {},
    "textDocument/prepareRename": {},
    "textDocument/linkedEditingRange": {},
    "textDocument/onTypeFormatting": {"ch": "\n", "options": {"tabSize": 4, "insertSpaces": True}},
}
CONVERTER = converters.get_converter()


def check(method: str, answer: dict[str, object]) -> None:
    """The answer structures as the type that the protocol gives this method."""
    if "error" in answer:
        assert answer["error"]["code"] in (-32803, -32802), answer  # type: ignore[index]
        return
    CONVERTER.structure(answer, types.METHOD_TO_TYPES[method][1])


@pytest.mark.parametrize("editor", ["neovim", "visual-studio-code", "emacs"])
def test_answers_are_well_formed(server: Client, editor: str, tmp_path: Path) -> None:
    from lsprotocol.converters import get_converter

    capabilities = get_converter().unstructure(pytest_lsp.client_capabilities(editor))
    (tmp_path / "pic.png").write_bytes(b"")
    (tmp_path / "promptlang.toml").write_text('[concepts.names]\nnone = { family = "sd1" }\n')
    uri = (tmp_path / "a.prompt").as_uri()
    number = server.ask("initialize", {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": capabilities})
    answer = server.answer(number)
    check("initialize", answer)
    server.notify("initialized")
    server.open(TEXT, uri)
    document = {"textDocument": {"uri": uri}}
    for method, more in REQUESTS.items():
        check(method, server.answer(server.ask(method, {**document, **more})))
    for line, text in enumerate(TEXT.splitlines()):
        for column in range(0, len(text) + 1, 1 if is_thorough() else 5):
            place = {"line": line, "character": column}
            for method, more in AT.items():
                check(method, server.answer(server.ask(method, {**document, "position": place, **more})))
            spot: dict[str, Any] = {
                "range": {"start": place, "end": {"line": line, "character": len(text)}},
                "context": {"diagnostics": []},
            }
            check("textDocument/codeAction", server.answer(server.ask("textDocument/codeAction", {**document, **spot})))
            if not column % 2:
                params = {**document, "positions": [place]}
                check("textDocument/selectionRange", server.answer(server.ask("textDocument/selectionRange", params)))
    check("workspace/symbol", server.answer(server.ask("workspace/symbol", {"query": "cow"})))
    check("workspace/diagnostic", server.answer(server.ask("workspace/diagnostic", {"previousResultIds": []})))
    for message in server.seen:
        if "method" in message:
            CONVERTER.structure(json.loads(json.dumps(message)), types.METHOD_TO_TYPES[str(message["method"])][0])


LATER = {
    "codeAction": {"codeActionLiteralSupport": {}, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    "inlayHint": {"resolveSupport": {"properties": ["tooltip"]}},
}


@pytest.mark.parametrize("later", [True, False])
def test_what_a_client_asks_for_later_comes_later(server: Client, later: bool) -> None:
    """Others get it at once: the same in the end."""
    offers = server.initialize({"textDocument": LATER if later else {}})["capabilities"]
    assert offers["inlayHintProvider"]["resolveProvider"] is offers["codeActionProvider"]["resolveProvider"] is later
    uri = server.open("/render /parser:new /clipskip:1.9 /clip_skip:2 a ((cow:1.2)), " + "hay, " * 40)
    whole: Any = {"textDocument": {"uri": uri}, "range": WHOLE}
    found = {
        "inlayHint": server.request("textDocument/inlayHint", whole),
        "codeAction": server.request("textDocument/codeAction", {**whole, "context": {"only": ["source"]}}),
    }
    absent = {"inlayHint": "tooltip", "codeAction": "edit"}
    for name, items in found.items():
        assert items
        for item in items:
            assert (absent[name] in item) is not later
            check(f"{name}/resolve", answer := server.answer(server.ask(f"{name}/resolve", item)))
            assert answer["result"][absent[name]]  # type: ignore[index]
    strange = {"position": WHOLE["start"], "label": "x", "data": ["hostile"]}
    assert server.request("inlayHint/resolve", strange) == strange
    gone = {"title": "x", "kind": "source.fixAll", "data": "file:///nowhere.prompt"}
    assert server.request("codeAction/resolve", gone) == gone


def test_pull_reports_become_unchanged(server: Client, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.prompt").write_text("/render /stepz:3 a" if name != "c" else "/render a")
    server.initialize({"textDocument": {"diagnostic": {}}}, tmp_path)
    first = server.request("workspace/diagnostic", {"previousResultIds": []})
    assert [item["kind"] for item in first["items"]] == ["full", "full"]
    known = [{"uri": item["uri"], "value": item["resultId"]} for item in first["items"]]
    again = server.request("workspace/diagnostic", {"previousResultIds": known})
    assert [item["kind"] for item in again["items"]] == ["unchanged", "unchanged"]
    (tmp_path / "a.prompt").write_text("/render a")
    third = server.request("workspace/diagnostic", {"previousResultIds": known})
    assert [(item["kind"], item.get("items")) for item in third["items"]] == [("full", []), ("unchanged", None)]


def test_project_files_are_read_again_when_they_change(server: Client, tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    server.initialize(folder=tmp_path)
    uri = server.open("/render /stepz:3 a", (tmp_path / "a.prompt").as_uri())
    assert server.notification("textDocument/publishDiagnostics")["diagnostics"]
    file.write_text('[rules]\n"option/unknown" = "off"\n')
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
    server.notification("textDocument/publishDiagnostics", lambda params: not params["diagnostics"])
    other = tmp_path / "other"
    other.mkdir()
    event = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": [{"uri": tmp_path.as_uri(), "name": "x"}]}
    server.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    state = server.request("workspace/executeCommand", {"command": "promptlang.debugInformation"})
    assert state["folders"] == [str(other)]
    server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


@pytest.mark.parametrize("event", ["didSave", "didOpen"])
def test_clients_that_watch_no_files_see_what_changed_when_a_text_is_opened_or_saved(
    server: Client, tmp_path: Path, event: str
) -> None:
    server.initialize({"workspace": {"inlayHint": {"refreshSupport": True}}}, tmp_path)
    file, pets = tmp_path / "promptlang.toml", tmp_path / "wild" / "pets.txt"
    text = "/render /variants:all /seed:1 /clipskip:2 a __pets__\n"
    uri = server.open(text, (tmp_path / "a.prompt").as_uri())
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}

    def images() -> list[str]:
        hints = server.request("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": whole})
        return [hint["label"] for hint in hints]

    def happens() -> list[object]:
        """What the client is asked to ask for anew."""
        server.seen.clear()
        if event == "didOpen":
            server.open("/render a cow", (tmp_path / "b.prompt").as_uri())
        else:
            server.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        images()
        return [each["method"] for each in server.seen if str(each.get("method")).endswith("refresh")]

    assert images() == []
    pets.parent.mkdir()
    pets.write_text("cat\ndog\n")
    file.write_text('[settings]\nwildcards = ["wild"]\n')
    assert happens() == ["workspace/inlayHint/refresh"]
    assert images() == ["2 images"]
    pets.write_text("cat\ndog\nowl\n")
    assert happens() == ["workspace/inlayHint/refresh"]
    assert images() == ["3 images"]
    assert happens() == []
    file.write_text('[settings]\nwildcards = ["wild"]\n[rules]\n"clipskip/needs-new-parser" = "off"\n')
    happens()
    server.notification(
        "textDocument/publishDiagnostics", lambda found: found["uri"] == uri and not found["diagnostics"]
    )


def test_weights_by_command_are_an_edit_that_undo_knows(client: Client) -> None:
    uri = client.open("/render /parser:new a cow, red barn")
    place = {"start": {"line": 0, "character": 30}, "end": {"line": 0, "character": 30}}
    client.answers["workspace/applyEdit"] = {"applied": True}
    assert client.request(
        "workspace/executeCommand", {"command": "promptlang.increaseWeight", "arguments": [uri, place]}
    )
    client.request("workspace/symbol", {"query": "none"})
    (message,) = [each for each in client.seen if each.get("method") == "workspace/applyEdit"]
    (edits,) = message["params"]["edit"]["changes"].values()
    assert edits[0]["newText"] == "(red barn:1.1)"


def test_a_crash_stays_inside(client: Client) -> None:
    uri = client.open("/render a cow")
    answer = client.answer(
        client.ask("workspace/executeCommand", {"command": "promptlang.render", "arguments": [uri, "x"]})
    )
    assert answer["error"]["code"] == -32602
    answer = client.answer(client.ask("workspace/executeCommand", {"command": "nonsense"}))
    assert "Traceback" not in json.dumps(answer)
    assert client.at("hover", uri, 0, 2)["contents"]


def test_the_project_file_is_checked_and_names_concepts(server: Client, tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text('conzept = "demo"\n[concepts.names]\ncow = { family = "sd1" }\n')
    (tmp_path / "b.prompt").write_text("/render <cow:0.5> b")
    server.initialize({"textDocument": {"diagnostic": {}}}, tmp_path)
    report = server.notification("textDocument/publishDiagnostics", lambda params: params["uri"] == file.as_uri())
    assert [item["code"] for item in report["diagnostics"]] == ["config/unknown-key"]
    server.open(file.read_text(), file.as_uri())
    uri = server.open("/render <cow> a", (tmp_path / "a.prompt").as_uri())
    more = {"context": {"includeDeclaration": True}}
    found = server.at("references", file.as_uri(), 2, 1, **more)
    assert sorted(Path(each["uri"]).name for each in found) == ["a.prompt", "b.prompt", "promptlang.toml"]
    assert len(server.at("references", uri, 0, 10, **more)) == 3
    edits = server.at("rename", file.as_uri(), 2, 1, newName="big.cow")["changes"]
    assert {Path(name).name: each[0]["newText"] for name, each in edits.items()} == {
        "a.prompt": "big.cow",
        "b.prompt": "big.cow",
        "promptlang.toml": '"big.cow"',
    }
    assert "A model by name" in str(server.at("hover", file.as_uri(), 2, 1))
    assert server.request("textDocument/formatting", {"textDocument": {"uri": file.as_uri()}}) is None


def test_a_folder_of_thousands(server: Client, tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number}.prompt").write_text(f"/render a cow {number % 7}\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "0.prompt").write_text("/render /stepz:1 a")
    server.initialize({"textDocument": {"diagnostic": {}}}, tmp_path)
    uri = server.open("/render a cow", (tmp_path / "x.prompt").as_uri())
    number = server.ask("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "part"})
    assert server.at("hover", uri, 0, 2)["contents"], "others are answered meanwhile"
    answer = server.answer(number)
    assert [Path(item["uri"]).name for item in answer["result"]["items"]] == ["0.prompt"]
