"""`promptlang words`: lists are counted, and named in the project file without harm to what stands there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang.config.chain import load
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

TAGS = 'name,category,count,aliases\nlong_hair,0,4350743,"/lh,longhair"\ncow\n'


@pytest.fixture
def project(folder: Path) -> Path:
    """A project with a word list that it does not name."""
    (folder / "promptlang.toml").write_text("# cows\n")
    (folder / "tags").mkdir()
    (folder / "tags" / "cows.csv").write_text(TAGS)
    return folder / "promptlang.toml"


def test_a_list_is_added_once(run: Run, project: Path) -> None:
    assert run("words") == Outcome(0, "no word lists; `promptlang words add FILE` adds one\n", "")
    added = run("words", "add", "tags/cows.csv")
    assert added == Outcome(0, "tags/cows.csv: 2 words, named in promptlang.toml\n", "")
    assert project.read_text() == '# cows\n\n[settings]\ntags = ["tags/cows.csv"]\n'
    assert run("words") == Outcome(0, "tags/cows.csv: 2 words\n", "")
    again = run("words", "add", "./tags/cows.csv")
    assert again == Outcome(0, "tags/cows.csv is named in promptlang.toml already\n", "")


def test_a_list_that_is_named_in_two_ways_is_one(run: Run, project: Path) -> None:
    added = run("words", "add", "tags/cows.csv", "./tags/cows.csv")
    assert added.out.endswith("tags/cows.csv: 2 words, named in promptlang.toml\n")
    assert added.out.count("\n") == 1
    assert project.read_text() == '# cows\n\n[settings]\ntags = ["tags/cows.csv"]\n'


def test_words_are_counted_once(run: Run, project: Path) -> None:
    (project.parent / "one.txt").write_text("cow\ncow\nCow,0,3\n")
    assert run("words", "add", "one.txt").out == "one.txt: 1 word, named in promptlang.toml\n"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.bin", b"\0\1binary", "error: `a.bin` holds no words\n"),
        ("promptlang.toml", b"# cows\n", "error: `promptlang.toml` is a file of settings, not a word list\n"),
        ("a.prompt", b"/render a cow", "error: `a.prompt` is a file of prompts, not a word list\n"),
        ("a.txt", b"caf\xe9\n", "error: `a.txt` is not UTF-8\n"),
    ],
)
def test_what_is_no_word_list_is_not_named(run: Run, project: Path, name: str, data: bytes, message: str) -> None:
    (project.parent / name).write_bytes(data)
    outcome = run("words", "add", name)
    assert outcome.code == 2
    assert outcome.err.startswith(message)
    assert project.read_text() == "# cows\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[settings] # mine\r\nout = 1\r\n", '[settings] # mine\r\ntags = ["tags/cows.csv"]\r\nout = 1\r\n'),
        ("[settings]", '[settings]\ntags = ["tags/cows.csv"]\n'),
        ("[settings]\ntags = [ # none yet\n]\n", '[settings]\ntags = ["tags/cows.csv" # none yet\n]\n'),
        ("settings.tags = 'old.csv'\n", 'settings.tags = [\'old.csv\', "tags/cows.csv"]\n'),
        ("settings = { tags = ['old.csv'] }\n", 'settings = { tags = [\'old.csv\', "tags/cows.csv"] }\n'),
        ('[settings]\ntags = [\n  "old.csv", # 1\n]\n', '[settings]\ntags = [\n  "old.csv", "tags/cows.csv", # 1\n]\n'),
    ],
)  # fmt: skip
def test_what_stands_there_is_kept(run: Run, project: Path, before: str, after: str) -> None:
    (project.parent / "old.csv").write_text("red\n")
    project.write_bytes(before.encode())
    assert run("words", "add", "tags/cows.csv").code == 0
    assert project.read_bytes().decode() == after
    tomllib.loads(after)


def test_inherited_lists_stay(run: Run, project: Path) -> None:
    (project.parent / "base.toml").write_text('[settings]\ntags = ["old.csv"]\n')
    (project.parent / "old.csv").write_text("red\n")
    project.write_text('extend = "base.toml"\n')
    run("words", "add", "tags/cows.csv")
    assert [path.name for path in load(project).project.tags] == ["old.csv", "cows.csv"]


def test_a_list_of_tags_is_no_foreign_table(run: Run, project: Path) -> None:
    rows = "".join(f'tag_{number},0,{9000 - number},"alias_{number}"\n' for number in range(30))
    (project.parent / "tags.csv").write_text(rows)
    assert run("words", "add", "tags.csv") == Outcome(0, "tags.csv: 30 words, named in promptlang.toml\n", "")


def test_a_form_that_cannot_be_edited_is_left_alone(run: Run, project: Path) -> None:
    for text in ("settings.allow-pickle = true\n", "settings = {}\n", "edition = \n"):
        project.write_text(text)
        outcome = run("words", "add", "tags/cows.csv")
        assert (outcome.code, project.read_text()) == (2, text)
        assert 'write `tags = ["tags/cows.csv"]` under `[settings]`' in outcome.err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "`a.csv` holds no words"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "`a.csv` is a PNG picture, not a word list"),
        (b"caf\xe9\n", "`a.csv` is not UTF-8"),
        (b'"' + b"x" * 140_000, "`a.csv` is no CSV file: field larger than field limit (131072)"),
    ],
)
def test_what_is_no_list_is_refused(run: Run, project: Path, data: bytes, message: str) -> None:
    (project.parent / "a.csv").write_bytes(data)
    before = project.read_text()
    outcome = run("words", "add", "tags/cows.csv", "a.csv")
    assert (outcome.code, outcome.err.splitlines()[0], project.read_text()) == (2, f"error: {message}", before)


def test_without_a_project_it_says_how_to_get_one(run: Run, folder: Path) -> None:
    assert run("words", "add", "a.csv").err.startswith("error: there is no `promptlang.toml` here or above\n")
    assert run("words", "remove").err.startswith("error: ACTION must be one of `add`, found `remove`\n")
