"""The server stands on pygls."""

from __future__ import annotations

from pathlib import Path

SERVER = Path(__file__).parents[2] / "lsp" / "promptlang_lsp"
WANTED = """
MESSAGE FROM THE LEAD TO HELPER "server": pygls is a REQUIRED part of this project (the house's brief: "Required parts: pygls
(server)"), and "a well-kept library, even a slower one, beats our own code". A server with its own JSON-RPC loop will not be
accepted. Put your routes on `pygls.lsp.server.LanguageServer` with a LanguageServerProtocol subclass that closes the six
holes of lsp.md section 6.3 (keep your pure features, snapshot, boundary, workspace as they are: handlers may return plain
dicts; raw dict results pass pygls untouched), restore `lsp = ["pygls[ws]>=2.1,<2.2", ...]` in pyproject.toml, delete your own
transport/JSON-RPC code, keep the tests green, re-measure. Do this NOW before anything else, commit, then go on. Budget:
spawn -> initialize <= 1.15 x bare pygls. If less than 25 minutes remain until 01:00, do it anyway.
"""


def test_the_server_stands_on_pygls() -> None:
    """The protocol is a library's job."""
    text = "".join(path.read_text(encoding="utf-8") for path in SERVER.glob("*.py"))
    assert "from pygls" in text, WANTED
