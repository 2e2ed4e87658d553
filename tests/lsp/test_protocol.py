"""The protocol over real pipes: what frameworks get wrong is right here, and nothing a client sends takes it down."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from client import COMMAND, Client, environment

from promptlang_lsp.protocol.legend import COMMANDS
from promptlang_lsp.session.commands import RUNS
from promptlang_lsp.texts.snapshot import LARGEST

if TYPE_CHECKING:
    from socket import socket

PATIENCE = 60  # seconds that a busy machine may take to end a process

TEXT = "textDocument/didChange"


def code_of(answer: dict[str, object]) -> object:
    error = answer.get("error")
    return error["code"] if isinstance(error, dict) else None


# --- the six holes of reference frameworks ----------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_only_line_feeds_and_returns_end_a_line(client: Client, mark: str) -> None:
    uri = client.open(f"/render a{mark}b\ncat <demo>\n")
    place = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
    client.change(uri, 2, {"range": place, "text": "dog"})
    symbols = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert symbols[0]["children"][0]["range"]["start"] == {"line": 1, "character": 5}
    edit = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 10}}
    client.change(uri, 3, {"range": edit, "text": "<other>"})
    symbols = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert symbols[0]["children"][0]["name"] == "<other>"


def test_malformed_parameters_are_refused(client: Client) -> None:
    for params in (
        {},
        {"textDocument": 3},
        {"textDocument": {"uri": 1}},
        {"textDocument": {"uri": "x:"}, "position": []},
    ):
        uri = client.open("/render a cow")
        if params.get("textDocument") == {"uri": "x:"}:
            params["textDocument"] = {"uri": uri}
        assert code_of(client.answer(client.ask("textDocument/hover", params))) == -32602
    client.send({"id": 900, "method": "textDocument/hover", "params": [1, 2]})
    assert code_of(client.answer(900)) == -32602


def test_requests_before_initialize_are_refused(server: Client) -> None:
    assert code_of(server.answer(server.ask("textDocument/hover"))) == -32002
    server.notify("textDocument/didOpen", {"nonsense": True})
    server.initialize()


def test_requests_after_shutdown_are_refused(client: Client) -> None:
    client.request("shutdown")
    assert code_of(client.answer(client.ask("textDocument/hover"))) == -32600
    assert code_of(client.answer(client.ask("shutdown"))) == -32600
    client.notify("exit")
    assert client.process.wait(PATIENCE) == 0


def test_exit_without_shutdown_is_a_failure(client: Client) -> None:
    client.notify("exit")
    assert client.process.wait(PATIENCE) == 1


def test_nothing_is_written_after_exit(client: Client) -> None:
    uri = client.open("".join(f"/render a cow {number}\n" for number in range(3000)))
    client.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})
    client.request("shutdown")
    client.notify("exit")
    assert client.process.wait(PATIENCE) == 0
    time.sleep(0.1)
    assert b"Traceback" not in b"".join(client.errors)


# --- life and death ---------------------------------------------------------------------------------------------------


def test_initialize_answers_once(client: Client) -> None:
    assert code_of(client.answer(client.ask("initialize", {"capabilities": {}}))) == -32600


def test_a_client_that_dies_ends_the_server(client: Client) -> None:
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(PATIENCE) == 1
    client.process.stdin = open(os.devnull, "wb")  # noqa: SIM115 - so that the fixture can close it


def test_the_end_of_the_editor_is_noticed() -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    server = Client()
    server.request("initialize", {"processId": editor.pid, "capabilities": {}})
    assert editor.stdin is not None
    editor.stdin.close()
    editor.wait()
    assert server.process.wait(PATIENCE) == 1
    server.close()


def test_unknown_methods(client: Client) -> None:
    assert code_of(client.answer(client.ask("textDocument/nonsense"))) == -32601
    assert code_of(client.answer(client.ask("$/nonsense"))) == -32601
    client.notify("$/nonsense")
    client.notify("window/nonsense", {"a": 1})
    client.request("workspace/symbol", {"query": ""})


def test_malformed_messages(client: Client) -> None:
    client.send_bytes(b"{nonsense")
    assert code_of(client.answer(None)) == -32700
    client.send_bytes(b"[1, 2]")
    assert code_of(client.answer(None)) == -32600
    client.send_bytes(b'{"jsonrpc": "1.0", "id": 7, "method": "x"}')
    assert code_of(client.answer(7)) == -32600
    client.send_bytes(b'{"jsonrpc": "2.0", "id": [1], "method": "x"}')
    assert code_of(client.answer(None)) == -32600
    client.send_bytes(b"[" * 100_000)
    assert code_of(client.answer(None)) == -32700
    client.send_bytes(b'{"jsonrpc": "2.0", "id": 99, "result": {"jsonrpc": "2.0"}}')
    client.request("workspace/symbol", {"query": ""})


def test_broken_headers(client: Client) -> None:
    pipe = client.process.stdin
    assert pipe is not None
    pipe.write(b"Content-Length: many\r\n\r\nX-Other: 1\r\n\r\n")
    body = json.dumps({"jsonrpc": "2.0", "id": 5, "method": "workspace/symbol", "params": {"query": ""}}).encode()
    pipe.write(
        b"content-length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % len(body) + body
    )
    pipe.flush()
    assert client.answer(5)["result"] == []


def test_text_ids_and_user_data_that_looks_like_a_message(client: Client) -> None:
    client.send({"id": "seven", "method": "workspace/symbol", "params": {"query": ""}})
    assert client.answer("seven")["result"] == []
    client.notify("workspace/didChangeConfiguration", {"settings": {"promptlang": {"jsonrpc": "2.0", "id": 3}}})
    assert "jsonrpc" in client.notification("window/showMessage")["message"]


def test_a_mistake_of_ours_costs_one_answer() -> None:
    broken = "import promptlang_lsp.features.hover.hover as it; it.hover = lambda page, at: 1 / 0"
    server = Client((*COMMAND[:2], f"{broken}; {COMMAND[2]}"))
    server.initialize()
    uri = server.open("/render a cow")
    params = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 2}}
    error = server.answer(server.ask("textDocument/hover", params))["error"]
    assert error["code"] == -32603
    assert "Traceback" not in json.dumps(error)
    assert "ZeroDivisionError" in server.notification("window/logMessage")["message"]
    assert server.request("textDocument/foldingRange", {"textDocument": {"uri": uri}}) == []
    assert not [each for each in server.seen if each.get("method") == "window/showMessage"]
    assert server.close() == 0


# --- cancellation and versions ----------------------------------------------------------------------------------------


def interrupted(client: Client, code: int, interrupt: Callable[[str, int], None]) -> bool:
    """Whether a request on a long text ends with the code; a quick machine may answer the shorter ones in time."""
    for count in (4000, 8000, 16000, 32000):
        text = "".join(f"/render a (cow:1.{number})\n" for number in range(count))
        uri = client.open(text, uri=f"file:///tmp/none/{count}.prompt")
        number = client.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})
        interrupt(uri, number)
        if code_of(client.answer(number)) == code:
            return True
    return False


def test_a_request_in_the_queue_is_cancelled(client: Client) -> None:
    assert interrupted(client, -32800, lambda uri, number: client.notify("$/cancelRequest", {"id": number}))


def test_work_on_an_old_version_is_dropped(client: Client) -> None:
    assert interrupted(client, -32801, lambda uri, number: client.change(uri, 2, {"text": "/render a dog"}))


def test_diagnostics_are_of_the_newest_version(client: Client) -> None:
    uri = client.open("/render /stps:1 a")
    for version in range(2, 40):
        client.change(uri, version, {"text": f"/render /stps:{version} a"})
    client.notification("textDocument/publishDiagnostics", lambda params: params["version"] == 39)


# --- bad input --------------------------------------------------------------------------------------------------------


def test_edits_out_of_range(client: Client) -> None:
    uri = client.open("/render a\n")
    far = {"start": {"line": 900, "character": 900}, "end": {"line": 901, "character": 0}}
    client.change(uri, 2, {"range": far, "text": " <demo>"})
    back = {"start": {"line": 1, "character": 2}, "end": {"line": 0, "character": 900}}
    client.change(uri, 3, {"range": back, "text": "x"})
    client.change(
        uri, 4, {"range": {"start": {"line": -1, "character": -4}, "end": {"line": 0, "character": 0}}, "text": ""}
    )
    assert client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})


def test_unknown_texts_and_other_schemes(client: Client) -> None:
    assert client.at("hover", "file:///none.prompt", 0, 0) is None
    client.change("file:///none.prompt", 2, {"text": "x"})
    for uri in ("untitled:Untitled-1", "vscode-notebook-cell:/a#b", "git:/x.prompt?y", "file:///%00", "nonsense"):
        client.open("/render /clipskip:2 a cow", uri)
        assert client.at("hover", uri, 0, 10)["contents"]


def test_huge_texts_get_one_message(client: Client) -> None:
    line = "/render a cow\n"
    big = line * (LARGEST // len(line) + 1)
    uri = client.open(big)
    message = client.notification("window/showMessage")
    assert "does not look at files above" in message["message"]
    assert client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}}) is None
    client.change(
        uri, 2, {"range": {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 0}}, "text": "x"}
    )
    assert client.at("hover", uri, 0, 2) is None
    assert not [each for each in client.seen if each.get("method") == "window/showMessage"]


def test_lone_surrogates_and_controls(client: Client) -> None:
    uri = client.open("/render \ud800 \udc00 a\x00\x1b[31m (cow:1.2)\n/render b")
    assert client.request("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["data"]
    assert client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})


def test_bad_settings_fall_back_with_one_message(server: Client) -> None:
    server.initialize(options={"completion": {"limit": "many"}, "wieghts": 1, "hints": [], "render": {"lens": 3}})
    message = server.notification("window/showMessage")["message"]
    assert all(word in message for word in ("completion.limit", "wieghts", "hints", "render.lens"))
    assert not [each for each in server.seen if each.get("method") == "window/showMessage"]


def test_a_hostile_project_file(server: Client, tmp_path: Path) -> None:
    (tmp_path / "promptlang.toml").write_text(
        'concept = 3\n[concepts]\nfolders = ["../../etc", "loop"]\n[rules]\n"*" = 1\n'
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    server.initialize(folder=tmp_path)
    uri = server.open("/render /image:../../etc/passwd a <../../etc/passwd> <cow>", (tmp_path / "a.prompt").as_uri())
    assert server.request("textDocument/documentLink", {"textDocument": {"uri": uri}}) == []
    assert server.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


def test_binary_files_in_the_workspace(server: Client, tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_bytes(bytes(range(256)))
    (tmp_path / "b.prompt").write_text("/render /stps:3 a")
    (tmp_path / "gone.prompt").symlink_to(tmp_path / "nothing")
    server.initialize(folder=tmp_path)
    report = server.request("workspace/diagnostic", {"previousResultIds": []})
    assert [item["uri"] for item in report["items"]] == [(tmp_path / "b.prompt").as_uri()]


# --- transports -------------------------------------------------------------------------------------------------------


def started(*words: str) -> tuple[subprocess.Popen[str], int, str]:
    """A server that listens, its port and its token."""
    command = [*COMMAND[:2], "import sys; from promptlang_lsp.server import main; sys.exit(main(sys.argv[1:]))", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"127\.0\.0\.1:(\d+)(?:/| .*token )(\S+)$", line)
    assert found, line
    return process, int(found[1]), found[2]


def send(stream: BinaryIO, body: bytes) -> None:
    """Send a message over a port."""
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    stream.flush()


def exchange(stream: BinaryIO, body: bytes) -> dict[str, object]:
    """The answer to a message over a port."""
    send(stream, body)
    headers = dict(line.split(b": ") for line in iter(stream.readline, b"\r\n"))
    return json.loads(stream.read(int(headers[b"Content-Length"])))


def end(process: subprocess.Popen[str], stream: BinaryIO) -> None:
    """Take leave, upon which the server ends."""
    assert "result" in exchange(stream, b'{"jsonrpc":"2.0","id":2,"method":"shutdown"}')
    send(stream, b'{"jsonrpc":"2.0","method":"exit"}')
    assert process.wait(PATIENCE) == 0
    stream.close()
    assert process.stderr is not None
    process.stderr.close()


def test_tcp() -> None:
    import socket

    process, port, token = started("--tcp", "--port", "0")
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rwb")
        for wrong in (None, {}, {"token": token[:-1]}, {"token": 5}, {"token": token + "x"}):
            body = json.dumps({**first, "params": {"capabilities": {}, "initializationOptions": wrong}}).encode()
            assert "token" in str(exchange(stream, body)["error"])
        body = json.dumps({**first, "params": {"capabilities": {}, "initializationOptions": {"token": token}}}).encode()
        assert "result" in exchange(stream, body)
        end(process, stream)


def test_a_request_of_the_web_is_no_message() -> None:
    """A page can send a POST to any port of this computer; what is in it is not read."""
    import socket

    process, port, token = started("--tcp", "--port", "0")
    options = {"capabilities": {}, "initializationOptions": {"token": token}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": options}).encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        connection.settimeout(10)
        assert hung_up(connection)
    assert process.poll() is None
    with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rwb")  # the editor comes after it, and beside one that says nothing
        assert "result" in exchange(stream, body)
        end(process, stream)


def hung_up(connection: socket) -> bool:
    """Whether nothing comes but the end; a side that closes with text unread resets the connection."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


def test_websocket_serves_pages_of_this_computer_only() -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    process, port, token = started("--ws", "--port", "0")
    address = f"ws://127.0.0.1:{port}/{token}"
    try:
        for origin in ("https://example.org", "http://localhost.example.org"):
            with pytest.raises(InvalidStatus):
                connect(address, origin=origin)
        for path in ("", "/", f"/{token[:-1]}", f"/x{token}"):
            with pytest.raises(InvalidStatus):
                connect(f"ws://127.0.0.1:{port}{path}")
        for _ in range(2):
            with connect(address, origin=f"http://127.0.0.1:{port}") as page:
                page.send('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}')
                assert json.loads(page.recv())["result"]["capabilities"]["hoverProvider"]
        with connect(address) as page:
            options = {"render": {"command": ["sh", "-c", "exit"]}}
            first = {"id": 1, "method": "initialize", "params": {"capabilities": {}, "initializationOptions": options}}
            page.send(json.dumps({"jsonrpc": "2.0", **first}))
            assert "result" in json.loads(page.recv())
            page.send('{"jsonrpc":"2.0","method":"initialized","params":{}}')
            shown = json.loads(page.recv())["params"]["message"]
            assert "`promptlang.render.command` is taken only from who started the server" in shown
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_websockets_are_for_this_computer() -> None:
    words = [*COMMAND[:2], "import sys; from promptlang_lsp.server import main; sys.exit(main(sys.argv[1:]))"]
    run = subprocess.run(
        [*words, "--ws", "--host", "0.0.0.0"], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert "this computer only" in run.stderr


def test_every_command_that_is_offered_runs() -> None:
    assert set(RUNS) == set(COMMANDS)


@pytest.mark.parametrize(("written", "answered"), [(7, 7), ("seven", "seven"), (7.0, 7), (7.5, None), (True, None)])
def test_ids_are_whole_numbers_or_texts(client: Client, written: object, answered: object) -> None:
    client.send({"jsonrpc": "2.0", "id": written, "method": "workspace/symbol", "params": {"query": "cow"}})
    answer = client.wait(lambda message: "id" in message and "method" not in message)
    assert answer["id"] == answered
    assert ("error" in answer) == (answered is None)
