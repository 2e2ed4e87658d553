"""The server stands on pygls."""

from __future__ import annotations

import subprocess
import sys

from client import environment

LOADED = """
import sys
from promptlang_lsp.protocol.endpoint import Endpoint
from pygls.lsp.server import LanguageServer
assert issubclass(Endpoint, LanguageServer)
import promptlang_lsp.server
heavy = {"lark", "rich", "promptlang.statements.parsing", "promptlang.checks.checking", "torch"}
print(*sorted(heavy & sys.modules.keys()))
"""


def test_the_server_stands_on_pygls() -> None:
    """The protocol is a library's job, and the compiler is loaded only after `initialize`."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED], env=environment(), capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == ""


TYPES = """
from promptlang_lsp.protocol.endpoint import Endpoint
import attrs
from lsprotocol import converters, types
known = [each for each in vars(types).values() if isinstance(each, type) and "__attrs_attrs__" in vars(each)]
late = [each for each in known if not isinstance(vars(each)["__attrs_attrs__"], tuple)]
assert len(known) > 500 and len(late) > 500, len(late)
place = types.Position(1, character=2)
assert place == types.Position(1, 2) < types.Position(2, 0) and repr(place) == "1:2"
params = {"textDocument": {"uri": "file:///a", "version": 1}, "contentChanges": [{"text": "a"}]}
read = converters.get_converter().structure(params, types.DidChangeTextDocumentParams)
assert read.content_changes[0].text == "a"
assert converters.get_converter().unstructure(read) == params
assert [each.name for each in attrs.fields(types.Range)] == ["start", "end"]
assert attrs.evolve(read.text_document, version=2).version == 2
assert all(map(attrs.has, known))
"""


def test_types_that_are_finished_late_are_what_they_are_otherwise() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", TYPES], env=environment(), check=True, timeout=60)
