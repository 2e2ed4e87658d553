"""`promptlang check` of many prompts: several processes and findings of an earlier run change nothing but the time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from promptlang.checks.review import review
from promptlang.cli.commands.check import MANY
from promptlang.many import processes, remembering, reviewing, stamps
from promptlang.many.forms import FINDINGS, Findings, Text
from promptlang.many.packing import Unreadable, packed, unpacked
from promptlang.many.remembering import FOLDER, Memory
from promptlang.many.reviewing import reviews
from promptlang.meaning.project import Project
from promptlang.reports.text import around_name
from promptlang.tables.models.known import KnownConcept
from tests.cli.conftest import Outcome
from tests.thorough import is_thorough, sampled

Run = Callable[..., Outcome]

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "real_prompts.txt"
SOME = (
    "/render /parser:new /clipskip:{n}.5 a cow\n",
    "/render /parser:a1111 ((a [b:c:{n}) cow <lora:nobody{n}:1>\n",
    "/render a cow (red:1.{n}) [blurry] {{a|b}} é😀\n",
    "/set /steps:{n}\n/render /parser:compel cow++{n}\n/render /cow:{n}\n",
)


@pytest.fixture
def many(folder: Path) -> Path:
    """A folder of more prompts than are worked on one by one."""
    (folder / "promptlang.toml").write_text('[concepts]\nfolders = ["models"]\n[settings]\nwildcards = ["lists"]\n')
    for name in ("models", "lists", "prompts"):
        (folder / name).mkdir()
    for number in range(MANY + 20):
        text = SOME[number % len(SOME)].format(n=number)
        (folder / "prompts" / f"{number:03}.prompt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were really reviewed in this process."""
    texts: list[str] = []

    def noted(text: str, **surroundings: object) -> object:
        texts.append(text)
        return review(text, **surroundings)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(reviewing, "review", noted)
    return texts


def cases() -> Iterator[str]:
    """The prompts of all golden cases, and of the corpus where it is there."""
    for page in sorted((ROOT / "tests" / "cases").rglob("*.md")):
        for block in page.read_text(encoding="utf-8").split("```prompt\n")[1:]:
            yield block.partition("```")[0]
    if CORPUS.exists():
        yield from sampled(CORPUS.read_text(encoding="utf-8").splitlines())


def stored(folder: Path) -> Path:
    (file,) = (folder / FOLDER).glob("*.json")
    return file


def test_findings_survive_being_packed() -> None:
    for text in cases():
        found = review(text)
        assert unpacked(json.loads(json.dumps(packed(found))), len(text)) == found


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_answer_is_that_of_one_text_after_the_other(jobs: int, folder: Path) -> None:
    project = Project(root=folder)
    some = islice(cases(), 0, None, 1 if is_thorough() else 4)
    texts = [Text(text, str(folder / "a.prompt"), project) for text in some]
    alone = [review(each.text, project=project, path=each.path) for each in texts]
    assert reviews(texts, Findings(), jobs=jobs) == alone
    assert reviews(texts, Findings(), jobs=jobs) == alone
    assert (folder / FOLDER).is_dir()


def test_several_processes_print_what_one_prints(run: Run, many: Path) -> None:
    for style in ("full", "json"):
        one, two = (
            run("check", "--no-cache", "--jobs", jobs, "--output-format", style, "prompts") for jobs in ("1", "2")
        )
        assert one == two
        assert one.code == 1
    assert not (many / FOLDER).exists()


def test_an_unchanged_folder_is_not_worked_out_again(run: Run, many: Path, asked: list[str]) -> None:
    first = run("check", "--jobs", "1", "prompts")
    assert len(asked) == MANY + 20
    assert run("check", "--jobs", "1", "prompts") == first
    assert len(asked) == MANY + 20
    (many / "prompts" / "007.prompt").write_text("/render /guidance:0 a cow\n")
    again = run("check", "--jobs", "1", "prompts")
    assert len(asked) == MANY + 21
    assert "guidance/zero" in again.out


def test_what_is_printed_is_remembered_for_the_run_that_prints_the_same(
    run: Run, many: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []

    def noted(*given: object, **more: object) -> tuple[str, str]:
        drawn.append(given)
        return around_name(*given, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr("promptlang.reports.text.around_name", noted)
    once = ["check", "--jobs", "1", "prompts"]
    first, count = run(*once), len(drawn)
    assert run(*once) == first
    assert len(drawn) == count
    for other in (["--color", "always"], ["--error-on-warning", "--select", "clipskip"]):
        fresh = run(*once, "--no-cache", *other)
        assert run(*once, *other) == fresh != first
        assert run(*once) == first
    monkeypatch.setenv("COLUMNS", "50")
    assert run(*once) == run(*once, "--no-cache") != first
    monkeypatch.chdir(many / "prompts")
    here = run("check", "--jobs", "1")
    assert "\n --> 000.prompt:1:" in here.out
    assert len(asked) == (MANY + 20) * 4  # once, and each time that nothing was to be remembered


def test_texts_that_say_the_same_are_printed_under_their_own_names(run: Run, many: Path) -> None:
    for number in range(MANY):
        (many / "prompts" / f"again{number}\t.prompt").write_text(SOME[0].format(n=number % 3))
    first = run("check", "--jobs", "1", "prompts")
    assert " --> prompts/again99\\t.prompt:1:" in first.out
    before = stored(many).stat().st_mtime_ns
    assert run("check", "--jobs", "1", "prompts") == first == run("check", "--jobs", "1", "--no-cache", "prompts")
    assert stored(many).stat().st_mtime_ns == before


def test_a_few_files_leave_nothing_behind(run: Run, folder: Path) -> None:
    (folder / "cow.prompt").write_text(SOME[0])
    run("check")
    assert not (folder / FOLDER).exists()


def test_selection_and_severity_are_those_of_this_run(run: Run, many: Path) -> None:
    run("check", "prompts")
    chosen = run("check", "--select", "clipskip", "--error-on-warning", "--output-format", "concise", "prompts")
    assert "error[clipskip/" in chosen.out
    assert "concept/unknown" not in chosen.out
    (many / "promptlang.toml").write_text('[rules]\nclipskip = "off"\n')
    assert "clipskip/" not in run("check", "--output-format", "concise", "prompts").out


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "models" / "nobody1.safetensors").write_bytes(b"no header"),
        lambda folder: (folder / "lists" / "colour.txt").write_text("red\n"),
        lambda folder: (folder / "promptlang.toml").write_text("[limits]\nimages = 3\n"),
    ],
    ids=["model", "wildcards", "project"],
)
def test_what_findings_depend_on_is_looked_at(
    change: Callable[[Path], object], run: Run, many: Path, asked: list[str]
) -> None:
    run("check", "--jobs", "1", "prompts")
    before = len(asked)
    change(many)
    run("check", "--jobs", "1", "prompts")
    assert len(asked) == 2 * before


def test_another_compiler_remembers_nothing(
    run: Run, many: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("check", "--jobs", "1", "prompts")
    monkeypatch.setattr(stamps, "compiler", lambda: "another")
    run("check", "--jobs", "1", "prompts")
    assert len(asked) == 2 * (MANY + 20)


def test_what_changes_while_it_is_read_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(Project(root=folder))
    memory.keep(Text("/render a", str(folder / "a.prompt"), None), {FINDINGS: []})
    monkeypatch.setattr(remembering, "stamp", lambda project: "another")  # pyright: ignore[reportUnknownLambdaType]
    memory.save()
    assert not (folder / FOLDER).exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_in_place_of_what_was_kept_is_not_waited_for(folder: Path) -> None:
    place = Memory(Project(root=folder))._path
    place.parent.mkdir()
    os.mkfifo(place)
    memory = Memory(Project(root=folder))
    memory.keep(Text("/render a", str(folder / "a.prompt"), None), {FINDINGS: []})
    memory.save()
    assert json.loads(place.read_text(encoding="utf-8"))["texts"]


def spoilt(text: str) -> Iterator[str]:
    """Stores that no run of this version has left."""
    yield text[: len(text) // 2]
    yield ""
    yield "\0" * 100
    yield "[" * 100_000
    yield "[]"
    yield text.replace(json.loads(text)["format"], "promptlang findings 1")
    data = json.loads(text)
    data["stamp"] = "of another project"
    yield json.dumps(data)
    wrongs = ([["no/rule", 1, "", [0, 0, ""], [], "", []]], None, 7, [7], [["a"]], [[1, 2, 3, 4, 5, 6, 7]])
    for wrong in wrongs if is_thorough() else wrongs[:2]:
        data = json.loads(text)
        data["texts"] = dict.fromkeys(data["texts"], wrong)
        yield json.dumps(data)
        data["texts"] = {key: {FINDINGS: wrong} for key in data["texts"]}
        yield json.dumps(data)
        data = json.loads(text)
        data["texts"] = {key: dict.fromkeys(known, wrong) for key, known in data["texts"].items()}
        yield json.dumps(data)
    data = json.loads(text)
    data["texts"] = {key: {FINDINGS: known[FINDINGS]} for key, known in data["texts"].items()}
    for known in data["texts"].values():
        for each in known[FINDINGS]:
            each[3][1] = 10**9
    yield json.dumps(data)


def test_a_spoilt_store_is_as_good_as_none(run: Run, many: Path) -> None:
    first = run("check", "prompts")
    good = stored(many).read_text(encoding="utf-8")
    for bad in spoilt(good):
        stored(many).write_text(bad, encoding="utf-8")
        assert run("check", "prompts") == first
        assert json.loads(stored(many).read_text(encoding="utf-8"))["texts"] == json.loads(good)["texts"]


@pytest.mark.parametrize("data", [None, {}, [[]], [["clipskip/high", 9, "", [0, 0, ""], [], "", []]]])
def test_only_findings_are_unpacked(data: object) -> None:
    with pytest.raises(Unreadable):
        unpacked(data, 10)


def test_a_folder_that_cannot_be_written_is_checked_all_the_same(
    run: Run, many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(temporary: str, path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr("os.replace", refuse)
    first = run("check", "prompts")
    assert first.err == ""
    assert not list((many / FOLDER).glob("*.json"))
    shutil.rmtree(many / FOLDER)
    (many / FOLDER).write_text("a file of that name")
    assert run("check", "prompts") == first


def test_the_store_may_go_at_any_time(run: Run, many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("check", "prompts")
    shutil.rmtree(many / FOLDER)
    assert run("check", "prompts") == first
    keep_newest = remembering._keep_newest  # pyright: ignore[reportPrivateUsage]

    def gone(folder: Path) -> None:
        shutil.rmtree(folder)
        keep_newest(folder)

    monkeypatch.setattr(remembering, "_keep_newest", gone)
    (many / "prompts" / "007.prompt").write_text("/render /guidance:0 a cow\n")
    assert run("check", "prompts").code == 1


def test_two_runs_at_once(run: Run, many: Path) -> None:
    expected = run("check", "--no-cache", "prompts").out
    command = [sys.executable, "-m", "promptlang", "check", "prompts"]
    with ThreadPoolExecutor(4) as threads:
        for _ in range(2):
            outputs = threads.map(
                lambda _: subprocess.run(command, capture_output=True, text=True, check=False, cwd=many).stdout,
                range(4),
            )
            assert set(outputs) == {expected}
    assert json.loads(stored(many).read_text(encoding="utf-8"))["texts"]


def test_old_stores_are_swept(folder: Path) -> None:
    (folder / FOLDER).mkdir()
    for number in range(20):
        old = folder / FOLDER / f"{number}.json"
        old.write_text("{}")
        os.utime(old, (number, number))
    memory = Memory(Project(root=folder))
    memory.keep(Text("/render a", str(folder / "a.prompt"), None), {FINDINGS: []})
    memory.save()
    assert len(list((folder / FOLDER).glob("*.json"))) == remembering.FILES
    assert (folder / FOLDER / ".gitignore").read_text() == "*\n"


def test_a_project_has_one_stamp_whatever_the_order_of_sets(many: Path) -> None:
    code = (
        "from pathlib import Path; from promptlang.config.chain import load; from promptlang.many.stamps import stamp; "
        "print(stamp(load(Path('promptlang.toml')).project))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=many,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_a_process_that_dies_leaves_its_work_to_this_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [Text(f"/render /parser:new /clipskip:2.{n} a cow", str(folder / "a.prompt"), None) for n in range(600)]
    alone = [review(each.text) for each in texts]
    here = os.getpid()

    def dying(piece: list[Text]) -> object:
        if os.getpid() != here:
            os._exit(9)
        return [review(each.text) for each in piece]

    monkeypatch.setattr(reviewing, "_reviewed", dying)
    assert reviews(texts, Findings(), jobs=2, remember=False) == alone


def test_new_processes_find_what_copies_find(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process cannot be copied, as on macOS and Windows, texts and project are sent to a new one."""
    pets = KnownConcept(name="pets", kind="lora", family="sd1", evidence="the test", path=folder / "pets.safetensors")
    project = Project(root=folder, concepts=(pets,), severities={"clipskip/high": None})
    text = "/render /parser:new /clipskip:{n} a cow <pets:0.{n}> <sdxl>"
    texts = [Text(text.format(n=n % 13), str(folder / "a.prompt"), project) for n in range(600)]
    alone = [review(each.text, project=project, path=each.path) for each in texts]
    here = os.getpid()

    def never_here(piece: list[Text]) -> object:
        assert os.getpid() != here, "the new processes died"

    monkeypatch.setattr(processes, "START", "spawn")
    monkeypatch.setattr(reviewing, "_reviewed", never_here)
    assert reviews(texts, Findings(), jobs=2, remember=False) == alone
