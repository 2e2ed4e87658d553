"""`promptlang check --watch`: it prints like `check` whenever something changes, and reads only that again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from promptlang.cli.findings import watching
from promptlang.cli.inputs import Input, read
from promptlang.diagnostics import Diagnostic
from promptlang.meaning.project import Project
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
Change = Callable[[], object]
Watch = Callable[..., list[str]]

BROKEN = "/render /parser:new /clipskip:14 a cow\n"
CLEAN = "/render /parser:new /clipskip:2 a cow\n"


@pytest.fixture
def watch(run: Run, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch while changes are made, one in each pause, and end it; what was printed in each round."""

    def call(*words: str, changes: tuple[Change, ...]) -> list[str]:
        waiting: Iterator[Change] = iter(changes)

        def pause(_: float) -> None:
            change = next(waiting, None)
            if change is None:
                raise KeyboardInterrupt
            change()

        monkeypatch.setattr(watching.time, "sleep", pause)
        outcome = run("check", "--watch", *words)
        rounds = outcome.err.count("watching for changes; Ctrl-C ends it\n")
        assert (outcome.code, outcome.err.splitlines()[-1]) == (130, "interrupted")
        printed = outcome.out.split("checked: ")
        assert len(printed) - 1 == rounds
        return [each.split("\n")[0] for each in printed[1:]]

    return call


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is read and what is checked, as it happens."""
    from promptlang.cli.findings import work

    review, seen = work.review, list[str]()

    def reading(path: str, *, project_files: bool = False) -> Input:
        seen.append(f"read {path}")
        return read(path, project_files=project_files)

    def checking(text: str, *, project: Project | None, path: Path) -> tuple[Diagnostic, ...]:
        seen.append(f"checked {path}")
        return review(text, project=project, path=path)

    monkeypatch.setattr(watching, "read", reading)
    monkeypatch.setattr(work, "review", checking)
    return seen


def test_only_what_has_changed_is_read_again(watch: Watch, folder: Path, done: list[str]) -> None:
    cow, dog, cat = (folder / f"{name}.prompt" for name in ("cow", "dog", "cat"))
    cow.write_text(BROKEN)
    dog.write_text(CLEAN)
    changes = (
        lambda: None,
        lambda: dog.write_text(BROKEN),
        lambda: cat.write_text(CLEAN),
        cow.unlink,
        lambda: None,
    )
    assert watch(changes=changes) == ["1 error; 1 fixable with --fix --unsafe-fixes"] + [
        "2 errors; 2 fixable with --fix --unsafe-fixes"
    ] * 2 + ["1 error; 1 fixable with --fix --unsafe-fixes"]
    names = ("cow", "dog", "dog", "cat")
    assert done == [
        *(f"{what} {name}.prompt" for what in ("read", "checked") for name in names[:2]),
        *(f"{what} {name}.prompt" for name in names[2:] for what in ("read", "checked")),
    ]


def test_what_is_printed_is_what_check_prints(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_: float) -> None:
        raise KeyboardInterrupt

    (folder / "cow.prompt").write_text(BROKEN)
    monkeypatch.setattr(watching.time, "sleep", ended)
    outcome = run("check", "--watch", "--quiet")
    assert (outcome.code, outcome.err) == (130, "interrupted\n")
    assert outcome.out == run("check", "--quiet").out
    assert "clip skip must be 1 to 13, found 14" in outcome.out


def test_everything_is_checked_again_under_another_project(watch: Watch, folder: Path, done: list[str]) -> None:
    (folder / "cow.prompt").write_text("/render /parser:a1111 a __colour__ cow /variants:all\n")
    project, colours = folder / "promptlang.toml", folder / "wildcards" / "colour.txt"
    colours.parent.mkdir()
    colours.write_text("red\nblue\n")
    changes = (
        lambda: project.write_text('[settings]\nwildcards = ["wildcards"]\n'),
        colours.unlink,
        lambda: project.write_text('[settings]\nwildcards = ["wildcards"]\n\n[rules]\n"variants/*" = "off"\n'),
        lambda: project.write_text("edition = \n"),
        project.unlink,
    )
    rounds = watch(changes=changes)
    assert rounds == ["1 warning", "no findings", "1 warning", "no findings", "1 error, 1 warning", "1 warning"]
    assert done.count("checked cow.prompt") == len(rounds)


def test_a_baseline_is_watched_too(run: Run, watch: Watch, folder: Path) -> None:
    (folder / "cow.prompt").write_text(BROKEN)
    run("check", "--baseline", "known.json", "--write-baseline")
    changes = (lambda: (folder / "known.json").write_text('{"format": "promptlang baseline 1", "files": {}}'),)
    rounds = watch("--baseline", "known.json", changes=changes)
    assert rounds == ["no findings; 1 known", "1 error; 1 fixable with --fix --unsafe-fixes"]


@pytest.mark.parametrize("other", ["--fix", "--diff", "--add-ignores"])
def test_what_writes_does_not_watch(run: Run, other: str) -> None:
    outcome = run("check", "--watch", other)
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, f"error: `--watch` and `{other}` exclude each other")


def test_standard_input_is_not_watched(run: Run) -> None:
    assert run("check", "--watch", "-").code == 2
