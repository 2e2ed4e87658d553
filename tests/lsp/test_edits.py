"""Whatever is typed, the server has the editor's text, and what it works out step by step equals a fresh look."""

from __future__ import annotations

import random

import pytest
from client import Client
from edits import Editor, offset
from hypothesis import given, settings
from hypothesis import strategies as st

from promptlang.meaning.project import Project
from promptlang_lsp.features.display.diagnostics import Known, diagnostics
from promptlang_lsp.features.display.semantic_tokens import encoding
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.boundary import Encoding
from promptlang_lsp.protocol.words import finished
from promptlang_lsp.session.sent_semantic_tokens import SemanticTokens
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import opened
from tests.thorough import many

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
PROJECT = Project()
# a high and a low surrogate never side by side: the editor takes the two for one character
LONE_HALVES = st.one_of(
    st.text(alphabet="ab \n\r😀é\u2028\ud800", max_size=30), st.text(alphabet="ab \n\r😀é\u2028\udc00", max_size=30)
)


def change_of(wire: dict[str, object]) -> tuple[tuple[tuple[int, int], tuple[int, int]], str]:
    start, end = wire["range"]["start"], wire["range"]["end"]  # type: ignore[index]
    return ((start["line"], start["character"]), (end["line"], end["character"])), str(wire["text"])


@settings(max_examples=many(60))
@given(st.integers(0, 2**32), st.sampled_from(ENCODINGS))
def test_random_edits(seed: int, encoding: Encoding) -> None:
    editor = Editor(random.Random(seed), encoding)
    here = opened("file:///a.prompt", 1, editor.text, encoding)
    for version in range(2, 30):
        here = here.edited([change_of(editor.change())], version)
        fresh = opened("file:///a.prompt", version, editor.text, encoding)
        assert here.text == editor.text
        assert [piece.text for piece in here.pieces] == [piece.text for piece in fresh.pieces]
        assert (list(here.starts), list(here.lines)) == (list(fresh.starts), list(fresh.lines))
        assert (here.declarations, here.silencing) == (fresh.declarations, fresh.silencing)


@settings(max_examples=many(25))
@given(st.integers(0, 2**32))
def test_step_by_step_is_the_same_as_afresh(seed: int) -> None:
    editor = Editor(random.Random(seed), "utf-16")
    here = opened("file:///a.prompt", 1, editor.text, "utf-16")
    known: Known | None = None
    tokens, packed, number = SemanticTokens(), None, ""
    for version in range(2, 14):
        here = here.edited([change_of(editor.change())], version)
        page = Page(here, PROJECT, earlier=known.page.surroundings if known else None)
        fresh = Page(opened(here.uri, version, editor.text, "utf-16"), PROJECT)
        known = finished(diagnostics(page, known))  # type: ignore[assignment]
        assert known is not None
        assert known.items == finished(diagnostics(fresh)).items  # type: ignore[attr-defined]
        wanted = finished(encoding(fresh, 0, len(fresh.snapshot.pieces))).tolist()
        if packed is None:
            answer = finished(tokens.full(page))
            packed = answer["data"]  # type: ignore[index]
        else:
            answer = finished(tokens.delta(page, number))
            packed = answer["data"] if "data" in answer else spliced(packed, answer["edits"])  # type: ignore[index, operator]
        number = answer["resultId"]  # type: ignore[index]
        assert packed == wanted


def spliced(data: list[int], edits: list[dict[str, object]]) -> list[int]:
    for edit in edits or []:
        start, count, new = edit["start"], edit["deleteCount"], edit["data"]
        data = [*data[:start], *new, *data[start + count :]]  # type: ignore[operator, misc]
    return data


@settings(max_examples=many(200))
@given(LONE_HALVES, st.sampled_from(ENCODINGS))
def test_positions_there_and_back(text: str, encoding: Encoding) -> None:
    here = opened("file:///a.prompt", 1, text, encoding)
    for at in range(len(text) + 1):
        inside_line_end = text[at - 1 : at + 1] == "\r\n"
        if not inside_line_end:
            assert here.offset(here.position(at)) == at
    found = boundary.positions(text, here.pieces[0].line_starts, range(len(text) + 1), encoding)
    assert found == [here.position(at) for at in range(len(text) + 1)]


@settings(max_examples=many(200))
@given(st.text(alphabet="ab\n\r😀é", max_size=20), st.sampled_from(ENCODINGS), st.integers(0, 6), st.integers(0, 30))
def test_positions_anywhere(text: str, encoding: Encoding, line: int, column: int) -> None:
    assert opened("file:///a.prompt", 1, text, encoding).offset((line, column)) == offset(text, line, column, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_over_the_pipe(server: Client, encoding: Encoding) -> None:
    result = server.initialize({"general": {"positionEncodings": [encoding]}})
    assert result["capabilities"]["positionEncoding"] == encoding
    editor = Editor(random.Random(3), encoding)
    uri = server.open(editor.text)
    for version in range(2, 300):
        server.change(uri, version, editor.change(), editor.change())
        if not version % 50:
            state = server.request("workspace/executeCommand", {"command": "promptlang.text", "arguments": [uri]})
            assert state == editor.text
    assert b"Traceback" not in b"".join(server.errors)


def test_uris() -> None:
    from pathlib import Path

    for path in (Path("/a b/ü#?%.prompt"), Path("/x/😀.prompt")):
        assert boundary.path_of(boundary.uri_of(path)) == path
    assert boundary.path_of("untitled:Untitled-1") is None
    assert boundary.path_of("file:///a%00b") is None
    assert boundary.path_of("http://[bad") is None
