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
