"""Modules that load when something of theirs is asked for, as a library imports them and as everybody else does."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from promptlang_runtime.late import SELDOM, late
from tests.thorough import is_thorough

RUNS = "late_ones_runs"
INIT = f"""
import sys, time
sys.{RUNS}.append(__name__)
time.sleep(0.02)
from late_ones.inner import VALUE
from late_ones import __name__ as NAME
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was run of a package `late_ones`, which a circle of imports is in."""
    folder = tmp_path / "late_ones"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT, encoding="utf-8")
    (folder / "inner.py").write_text("import late_ones\nVALUE = late_ones.__name__", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("late_ones", "late_ones.inner"):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    monkeypatch.setattr(sys, RUNS, [], raising=False)
    with late({"late_ones": ""}):
        importlib.import_module("late_ones")
    return getattr(sys, RUNS)


def test_it_runs_when_it_is_asked_for_something_and_once(runs):
    module = importlib.import_module("late_ones")
    assert inspect.getmodule(test_it_runs_when_it_is_asked_for_something_and_once)
    assert (module.__name__, Path(module.__file__ or "").parent.name, runs) == ("late_ones", "late_ones", [])
    assert (module.VALUE, module.NAME, runs) == ("late_ones", "late_ones", ["late_ones"])
    assert sys.modules["late_ones"] is module
    assert type(module) is type(sys)


def test_one_of_its_modules_runs_it_first(runs):
    assert importlib.import_module("late_ones.inner").VALUE == "late_ones"
    assert runs == ["late_ones"]


def test_what_is_set_is_not_written_over_later(runs):
    module = importlib.import_module("late_ones")
    module.VALUE = "mine"
    assert (module.VALUE, runs) == ("mine", ["late_ones"])


def test_threads_see_the_whole_of_it(runs):
    module, start, seen = importlib.import_module("late_ones"), Barrier(8), []

    def ask() -> None:
        start.wait()
        seen.append(module.VALUE)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen, runs) == (["late_ones"] * 8, ["late_ones"])


def test_what_fails_is_raised_where_it_is_asked(runs, tmp_path):
    (tmp_path / "late_ones" / "inner.py").write_text("raise OSError('a broken disk')", encoding="utf-8")
    module = importlib.import_module("late_ones")
    for _ in range(2):
        with pytest.raises(OSError, match="a broken disk"):
            _ = module.VALUE


def test_only_what_is_named_is_late_and_only_meanwhile(runs, tmp_path):
    finders = list(sys.meta_path)
    with late({}):
        assert len(sys.meta_path) == len(finders) + 1
    assert sys.meta_path == finders
    module = importlib.import_module("late_ones")
    assert module.VALUE
    with late({"late_ones": ""}):
        assert importlib.import_module("late_ones") is module
    assert runs == ["late_ones"]


@pytest.mark.parametrize("name", SELDOM)
def test_those_that_are_seldom_needed_are_whole_when_they_are(name):
    pytest.importorskip("promptlang_runtime.models.libraries")
    pytest.importorskip(name)
    given = {
        "requests": lambda module: module.Request("GET", "http://localhost/").prepare().url == "http://localhost/",
        "scipy.integrate": lambda module: module.quad(lambda x: x, 0, 2)[0] == pytest.approx(2),
        "scipy.stats": lambda module: module.beta.ppf(0.25, 1, 1) == pytest.approx(0.25),
    }
    assert given[name](importlib.import_module(name))


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="starts torch anew: `make test-slow`")
def test_a_picture_needs_none_of_them_until_its_schedule_does():
    code = (
        "import sys; from promptlang import compile; from promptlang_runtime import render\n"
        "from promptlang_runtime.late import SELDOM\n"
        "loaded = lambda: [name for name in SELDOM if '_Unloaded' not in str(type(sys.modules[name]))]\n"
        "for words in ('', '/sampler:dpm2m /schedule:beta'):\n"
        "    render(compile(f'/render /steps:2 /size:64x64 {words} a circle').plans[0], device='cpu')\n"
        "    print(loaded())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    empty, after = done.stdout.splitlines()[-2:]
    assert (empty, "scipy.stats" in after, "requests" in after) == ("[]", True, False)
