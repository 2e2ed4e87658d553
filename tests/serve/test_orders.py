"""The queue: what goes together is drawn together, what nobody waits for is not drawn, what is accepted is not lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import httpx
import pytest
from PIL import Image, ImageChops

from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.orders import Failure, OnCall, Result
from promptlang_serve import drawer
from promptlang_serve.limits import Limits
from promptlang_serve.site import Site
from promptlang_serve.webui.paths import ROOT
from tests.serve.conftest import served
from tests.serve.test_service import GENERATE, picture, refused
from tests.thorough import is_thorough

Choose = Callable[[Settings], tuple[object, str]]


class Painter:
    """An executor that paints plain colours, and waits in every batch until it may go on."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.calls = 0
        self.may, self.draws = Event(), Event()
        self._wanted: Sequence[Wanted] = ()

    def choose(self, settings: Settings, workers: int) -> tuple[tuple[Painter, ...], str]:
        del settings, workers
        return (self,), "cpu"

    def count(self) -> int:
        return 1

    def submit(self, worker: int, wanted: Sequence[Wanted]) -> None:
        self._wanted = wanted
        self.batches.append(len(wanted))

    def wait(self, on_call: OnCall) -> tuple[int, Result]:
        self.draws.set()
        for self.calls in range(1, 1000):
            on_call(len(self._wanted), self.calls, 1000)
            if self.may.wait(0.01):
                break
        if any(each.seed == 13 for each in self._wanted):
            return 0, Result(failure=Failure(message="the thirteenth is not drawn"))
        pictures = [Image.new("RGB", each.plan.size) for each in self._wanted]
        for each in pictures:
            each.info["seconds"] = 0.01
        return 0, Result(pictures=pictures)

    def close(self) -> None:
        self.may.set()


@pytest.fixture
def painter() -> Painter:
    return Painter()


def until(claim: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    end = monotonic() + 30
    while not claim():
        assert monotonic() < end
        sleep(0.005)


def asks(seed: int, **changes: object) -> dict[str, object]:
    return {"prompt": "a cow", "seed": seed, **changes}


def test_equal_shapes_are_drawn_together_and_a_full_queue_says_when(
    painter: Painter, make_site: Callable[..., Site]
) -> None:
    site = make_site(limits=Limits(images=4, queue=4), choose=painter.choose)
    with served(site) as address, httpx.Client(base_url=address) as client, ThreadPoolExecutor(4) as pool:
        first = pool.submit(client.post, GENERATE, json=asks(1))
        painter.draws.wait(30)
        others: list[Future[httpx.Response]] = []  # in the order in which they come
        for body, waiting in ((asks(13), 1), (asks(3, n=2), 3), (asks(4, size="128x64"), 4)):
            others.append(pool.submit(client.post, GENERATE, json=body))
            until(lambda waiting=waiting: site.drawer.progress().waiting == waiting)
        answer = client.post(GENERATE, json=asks(5))
        assert "4 requests wait" in refused(answer, 429)
        assert int(answer.headers["Retry-After"]) >= 1
        painter.may.set()
        broken, two, wide = (each.result() for each in others)
        assert [each["seed"] for each in two.json()["data"]] == [3, 4]
        assert (first.result().status_code, wide.json()["size"]) == (200, "128x64")
        assert refused(broken, 422) == "the thirteenth is not drawn"
        assert painter.batches[:2] == [1, 3], "what fails is tried by halves, which costs the others nothing"


def test_a_client_that_leaves_and_one_that_interrupts(painter: Painter, make_site: Callable[..., Site]) -> None:
    site = make_site(choose=painter.choose)
    with served(site) as address, httpx.Client(base_url=address) as client, ThreadPoolExecutor(1) as pool:
        with pytest.raises(httpx.ReadTimeout):
            client.post(GENERATE, json=asks(1), timeout=0.2)
        until(lambda: site.drawer.progress().waiting == 0)
        assert painter.calls < 900, "the batch was left at a step"
        painter.draws.clear()
        asked = pool.submit(client.post, f"{ROOT}txt2img", json=asks(1))
        painter.draws.wait(30)
        until(lambda: client.get(f"{ROOT}progress").json()["state"]["job_count"] == 1)
        client.post(f"{ROOT}interrupt")
        assert asked.result().json()["images"] == []


@pytest.mark.parametrize("place", ["batches", "results"])
def test_a_mistake_of_ours_is_told_and_what_comes_after_it_is_drawn(
    place: str, painter: Painter, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    painter.may.set()
    usual, times = getattr(drawer, place), iter([True])

    def mistaken(*given: object, **named: object) -> object:
        if next(times, False):
            raise ValueError("nobody has thought of that")
        return usual(*given, **named)

    monkeypatch.setattr(drawer, place, mistaken)
    with served(make_site(choose=painter.choose)) as address, httpx.Client(base_url=address, timeout=20) as client:
        assert "nobody has thought of that" in refused(client.post(GENERATE, json={"prompt": "a"}), 500)
        assert client.post(GENERATE, json={"prompt": "a"}).status_code == 200


def test_a_request_that_takes_too_long(painter: Painter, make_site: Callable[..., Site]) -> None:
    site = make_site(limits=Limits(seconds=1), choose=painter.choose)
    with served(site) as address:
        assert "within 1 seconds" in refused(httpx.post(f"{address}{GENERATE}", json=asks(1)), 503)
        until(lambda: site.drawer.progress().waiting == 0)


def test_who_stops_it_loses_nothing_that_was_accepted(painter: Painter, make_site: Callable[..., Site]) -> None:
    site = make_site(choose=painter.choose)
    with ThreadPoolExecutor(2) as pool:
        with served(site) as address:
            asked = [pool.submit(httpx.post, f"{address}{GENERATE}", json=asks(seed)) for seed in (1, 2)]
            until(lambda: site.drawer.progress().waiting == 2)
            painter.may.set()
        assert [each.result().json()["data"][0]["seed"] for each in asked] == [1, 2]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/v1/models")


def test_several_workers_draw_at_once_and_the_end_waits_for_each(make_site: Callable[..., Site]) -> None:
    one, two = Painter(), Painter()
    site = make_site(choose=lambda settings, workers: ((one, two), "cpu"))
    with ThreadPoolExecutor(4) as pool:
        with served(site) as address:
            first = pool.submit(httpx.post, f"{address}{GENERATE}", json=asks(1))
            until(lambda: one.draws.is_set() or two.draws.is_set())
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{address}{GENERATE}", json=asks(2), timeout=0.2)
            until(lambda: site.drawer.progress().waiting == 1)
            others = [pool.submit(httpx.post, f"{address}{GENERATE}", json=asks(seed, n=2)) for seed in (3, 5, 13)]
            until(lambda: site.drawer.progress().waiting == 4)
            until(lambda: len(one.batches + two.batches) == 3)
            assert not first.done()
            assert all(one.batches and two.batches), "what was asked second was left, and the next ones begun there"
            one.may.set()
            two.may.set()
        seeds = [[each["seed"] for each in done.result().json()["data"]] for done in (first, *others[:2])]
        assert seeds == [[1], [3, 4], [5, 6]]
        assert refused(others[2].result(), 422) == "the thirteenth is not drawn"


def test_a_signal_right_after_the_start(project_file: Path) -> None:
    command = [sys.executable, "-m", "promptlang", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=project_file.parent, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        service.stderr.readline()
        service.terminate()
        assert service.wait(60) == 0


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="starts torch anew: `make test-slow`")
def test_a_signal_ends_it_when_what_was_accepted_is_drawn(project_file: Path) -> None:
    command = [sys.executable, "-m", "promptlang", "serve", "--port", "0", "--device", "cpu"]
    with subprocess.Popen(command, cwd=project_file.parent, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        address = service.stderr.readline().split()[-1]
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(httpx.post, f"{address}{GENERATE}", json=asks(7), timeout=120)
            until(lambda: bool(httpx.get(f"{address}{ROOT}progress").json()["state"]["job_count"]))
            os.kill(service.pid, signal.SIGTERM)
            assert asked.result().json()["data"][0]["seed"] == 7
        assert service.wait(60) == 0
        assert "Traceback" not in service.stderr.read()


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="starts three processes with torch: `make test-slow`")
def test_processes_draw_what_one_draws_even_where_one_is_killed(project_file: Path, client: httpx.Client) -> None:
    command = [sys.executable, "-m", "promptlang", "serve", "--port", "0", "--device", "cpu", "--workers", "2"]
    bodies = [asks(seed, num_inference_steps=40) for seed in range(6)]
    with subprocess.Popen(command, cwd=project_file.parent, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        address = service.stderr.readline().split()[-1]
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(httpx.post, f"{address}{GENERATE}", json=body, timeout=300) for body in bodies]
            until(lambda: bool(workers_of(service.pid)))
            os.kill(workers_of(service.pid)[0], signal.SIGKILL)
            until(lambda: len(workers_of(service.pid)) == 2)
            os.kill(service.pid, signal.SIGTERM)
            answers = [each.result().json() for each in asked]
        assert service.wait(60) == 0
        assert "Traceback" not in service.stderr.read()
    for body, answer in zip(bodies, answers, strict=True):
        expected = picture(client.post(GENERATE, json=body).json()["data"][0]["b64_json"])
        found = picture(answer["data"][0]["b64_json"])
        apart = ImageChops.difference(found.convert("RGB"), expected.convert("RGB"))
        assert max(high for _, high in apart.getextrema()) <= 1


def workers_of(service: int) -> list[int]:
    """The processes that draw for a service."""
    found = [each for file in Path(f"/proc/{service}/task").glob("*/children") for each in file.read_text().split()]
    return [int(each) for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def test_others_than_this_computer_need_a_token(project_file: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PROMPTLANG_TOKEN"}
    command = [sys.executable, "-m", "promptlang", "serve", "--host", "0.0.0.0", "--port", "0"]
    for token, says in (("", "add `--token`"), ("short", "16 characters or more")):
        given = {**environment, "PROMPTLANG_TOKEN": token}
        done = subprocess.run(command, env=given, cwd=project_file.parent, capture_output=True, text=True)
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr
