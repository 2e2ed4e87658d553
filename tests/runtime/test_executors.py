"""Who draws changes no picture and no name: several processes, some of which die, as this one alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from multiprocessing import Pipe
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from PIL import Image
from tqdm import tqdm

from promptlang.cli.arguments import UsageError
from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors import processes
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import Failure, Result, Unwanted
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.placing import Waiting
from tests.kills import painting
from tests.runtime.test_batches import jobs, of_model
from tests.runtime.test_command import names
from tests.thorough import is_thorough

TEXT = "".join(f"/render /seed:{seed} /steps:{1 + seed % 2} /size:64x64 a\n" for seed in range(6))


def silent(pictures, done, total):
    """Nobody asked."""


class Painters:
    """Workers that paint: a batch with a `deadly` number of steps or seed costs one; `opened` notes models."""

    def __init__(self, count, deadly=(), failing=()):
        self.workers, self.deadly, self.failing = count, deadly, failing
        self.queue, self.held, self.opened, self.asked = [], {}, [], Counter()

    def count(self):
        return self.workers

    def submit(self, worker, wanted):
        assert worker not in dict(self.queue)
        if self.held.get(worker) != wanted[0].plan.model:
            self.held[worker] = wanted[0].plan.model
            self.opened.append(wanted[0].plan.model.name)
        self.queue.append((worker, wanted))

    def wait(self, on_call):
        worker, wanted = self.queue.pop()  # the last one is through first
        self.asked[wanted[0].plan.steps] += 1
        if wanted[0].plan.steps in self.deadly or any(each.seed in self.deadly for each in wanted):
            self.held.pop(worker)
            return worker, None
        if any(each.seed in self.failing for each in wanted):
            return worker, Result(failure=Failure(message="no"))
        return worker, Result(pictures=[Image.new("RGB", (8, 8))] * len(wanted))

    def close(self):
        """Nothing."""


def driven(painters, *plans):
    """What comes of plans: the places drawn, and the messages of those that are not."""
    drawn, said, broken = Counter(), [], set()
    for batch, result in results(painters, batches(jobs(*plans), device="cpu"), broken, silent):
        if result.failure:
            said.append(result.failure.message)
        else:
            drawn.update(share.job.place for share in batch for _ in share.places)
            assert len(result.pictures) == sum(len(share.places) for share in batch)
    return drawn, said


def test_every_picture_comes_once_in_whatever_order():
    plans = [of_model("abc"[place % 3], steps=place % 5 + 1, images=3) for place in range(30)]
    drawn, said = driven(Painters(4), *plans)
    assert drawn == dict.fromkeys(range(30), 3)
    assert said == []


def test_a_batch_that_costs_three_workers_is_lost_alone():
    painters = Painters(2, deadly={2})
    drawn, said = driven(painters, *(of_model("a", steps=steps) for steps in (1, 2, 3)))
    assert drawn == {0: 1, 2: 1}
    assert said == ["3 processes ended while they drew a picture with <a>"]
    assert painters.asked[2] == 3


def test_a_plan_that_workers_die_of_costs_itself_alone():
    painters = Painters(2, deadly={1003})
    drawn, said = driven(painters, *(of_model("a", seed=1000 + place) for place in range(8)))
    assert drawn == {place: 1 for place in range(8) if place != 3}
    assert said == ["3 processes ended while they drew a picture with <a>"]
    assert painters.asked.total() == 3 + 3 * 2  # of the batch, then of its halves


class Unfit(Painters):
    """Workers of which one begins on a machine that cannot draw, as often as `times`."""

    def __init__(self, times):
        super().__init__(1)
        self.times = times

    def wait(self, on_call):
        worker, result = super().wait(on_call)
        if self.times:
            self.times -= 1
            return worker, Result(failure=Failure(message="not installed", is_of_all=True, is_of_worker=True))
        return worker, result


@pytest.mark.parametrize(("times", "words"), [(2, []), (3, ["not installed"])])
def test_a_batch_is_tried_again_where_its_machine_could_not_draw(times, words):
    drawn, said = driven(Unfit(times), of_model("a"))
    assert (drawn.total(), said) == (int(not words), words)


def test_a_plan_that_fails_costs_itself_alone():
    drawn, said = driven(Painters(3, failing={7}), *(of_model("a", seed=seed) for seed in range(10)))
    assert drawn == {place: 1 for place in range(10) if place != 7}
    assert said == ["no"]


@pytest.mark.parametrize(("workers", "opened"), [(1, 3), (2, 4), (3, 5)])
def test_a_worker_goes_on_with_the_model_that_it_has(workers, opened):
    painters = Painters(workers)
    driven(painters, *(of_model("abc"[place % 3], steps=1 + place % 20) for place in range(60)))
    assert len(painters.opened) <= opened


class Coming(Painters):
    """Workers of which there are more and fewer all the time, and who take long to open a model."""

    def __init__(self, chance):
        super().__init__(3)
        self.chance = chance

    def count(self):
        self.workers = max(1, min(9, self.workers + self.chance.choice((-3, -1, 0, 1, 3))))
        return self.workers

    def wait(self, on_call):
        worker, result = super().wait(on_call)
        return worker, replace(result, drawing=1.0, opening=4.0)


@pytest.mark.parametrize("seed", range(20))
def test_workers_that_come_and_go_leave_nothing_undrawn(seed):
    coming = Coming(Random(seed))
    drawn, said = driven(coming, *(of_model("abcd"[place * place % 4], steps=1 + place) for place in range(80)))
    assert drawn == dict.fromkeys(range(80), 1)
    assert said == []


def test_the_work_of_one_model_is_shared_out():
    waiting = Waiting(batches(jobs(*(of_model("a", steps=steps) for steps in range(1, 9))), device="cpu"))
    model = waiting.take(None, {}).model
    assert model.name == "a"
    assert waiting.take(None, {model: 1})


def test_a_model_is_not_opened_for_what_others_will_have_drawn_by_then():
    waiting = Waiting(batches(jobs(*(of_model("a", steps=steps) for steps in range(1, 9))), device="cpu"))
    model = waiting.take(None, {}).model
    waiting.learn(drawing=1.0, opening=3.0)
    assert waiting.take(None, {model: 1}) is None  # seven seconds are left, in two of which each would draw
    waiting.learn(drawing=1.0, opening=0.0)  # a model that stood open says nothing of openings
    assert waiting.take(None, {model: 1}) is None
    assert waiting.take(model, {model: 1})
    assert waiting.take(None, {})  # nobody has it open any more
    waiting.learn(drawing=9.0, opening=3.0)
    assert waiting.take(None, {model: 1})


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def render(out, *words):
        (tmp_path / "cow.prompt").write_text(TEXT, encoding="utf-8")
        return main(["cow.prompt", "--device", "cpu", "--no-sheet", "--out", out, *words])

    return render


def pixels(folder):
    return {name: sha256(Image.open(folder / name).tobytes()).hexdigest() for name in names(folder)}


def test_several_processes_draw_what_one_draws_even_where_one_is_killed(run, tmp_path, monkeypatch, capsys):
    """They paint, for each of them would load torch; `make test-slow` has them draw."""
    killed, start = [], processes._started

    def started(settings, count):
        worker = start(settings, count)
        if not killed:
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)
        return worker

    if not is_thorough():
        monkeypatch.setitem(sys.modules, painting.DRAWING, painting)
        monkeypatch.setattr(processes, "_work", painting.work)
    monkeypatch.setattr(processes, "_started", started)
    assert run("one", "--exact") == 0
    assert run("two", "--exact", "--jobs", "2") == 0
    assert pixels(tmp_path / "two") == pixels(tmp_path / "one")
    assert run("two", "--exact", "--jobs", "2", "--resume") == 0
    assert "6 pictures lay there already" in capsys.readouterr().out
    assert killed


def test_a_process_ends_with_whoever_started_it():
    executor = processes.Processes(Settings(device="cpu"), ["cpu"])
    executor.submit(0, [])
    (worker,) = executor._workers.values()
    assert worker.process.is_alive()
    executor.close()
    assert not worker.process.is_alive()


def test_the_bars_of_a_process_need_no_semaphore(monkeypatch):
    monkeypatch.setattr(tqdm, "_lock", None, raising=False)
    processes._lock_bars_here()
    assert type(tqdm.get_lock()) is type(threading.RLock()), "Python warns of the other kind after a kill"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc")
def test_a_batch_that_nobody_wants_is_left_at_a_step_and_the_next_one_drawn(monkeypatch):
    drawn = []

    def result_of(wanted, settings, on_call):
        for step in range(1, 1000):
            on_call(step, 1000)
            if wanted == ("short",):
                return Result(drawing=2.0)
            time.sleep(0.001)
            drawn.append(step)
        return Result(drawing=1.0)

    def started(settings, count):
        ours, theirs = Pipe()
        threading.Thread(target=processes._work, args=(theirs, settings, count), daemon=True).start()
        return processes.Worker(SimpleNamespace(kill=int, join=int), ours)

    monkeypatch.setattr(processes, "result_of", result_of)
    monkeypatch.setattr(processes, "_started", started)
    monkeypatch.setattr(processes.signal, "signal", lambda *_: None)
    executor = processes.Processes(Settings(device="cpu"), ["cpu"])
    executor.submit(0, ("long",))
    with pytest.raises(Unwanted):
        executor.wait(lambda *_: unwanted())
    assert len(drawn) < 900
    executor.submit(0, ("short",))
    assert executor.wait(lambda *_: None) == (0, Result(drawing=2.0))
    executor.close()


def unwanted():
    raise Unwanted


def test_a_process_whose_starter_was_killed_is_gone_soon(tmp_path):
    import subprocess

    asked = "worker.pipe.send(())" if is_thorough() else "pass"  # it loads torch, and finds nobody to say so to
    code = (
        "from promptlang_runtime.executors.processes import _started; import os, signal\n"
        "from promptlang_runtime.executors.limits import Settings\n"
        "if __name__ == '__main__':\n"
        f"    worker = _started(Settings(device='cpu'), 1); {asked}\n"
        "    print(worker.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    (tmp_path / "killed.py").write_text(code)
    done = subprocess.run([sys.executable, tmp_path / "killed.py"], stdout=subprocess.PIPE, check=False)
    worker = Path("/proc", done.stdout.decode().strip())
    end = time.monotonic() + 60
    while worker.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not worker.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--jobs", "many"), "`--jobs` must be a whole number above 0, found `many`"),
        (("--jobs", "0"), "`--jobs` must be a whole number above 0, found `0`"),
        (("--jobs", "9" * 5000), "`--jobs` must be at most 1024, found 9"),
        (("--jobs", "auto", "--ray"), "`--jobs` and `--ray` exclude each other"),
    ],
)
def test_jobs_that_are_none_are_refused(run, words, says):
    with pytest.raises(UsageError, match=says):
        run("out", *words)


def test_there_are_no_more_processes_than_pictures(run, monkeypatch):
    asked = []

    def chosen(settings, *, jobs, ray):
        asked.append(jobs)
        raise RenderError("no")

    monkeypatch.setattr("promptlang_runtime.executors.choosing.chosen", chosen)
    for words in (("--jobs", "2"), ("--jobs", "1000"), ("--jobs", "auto"), ()):
        run("out", *words)
    assert asked == [2, 6, 0, 1]
