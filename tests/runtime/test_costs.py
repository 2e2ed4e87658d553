"""What a run will take is estimated from what was measured here, and from nothing else."""

from __future__ import annotations

import json
import re

import pytest

from promptlang_runtime.command.command import main
from promptlang_runtime.command.console import duration
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.costs import CALL, Costs, known_costs, measuring
from tests.runtime.test_batches import jobs, of_model


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "promptlang" / "costs.json"


def planned(*plans):
    return batches(jobs(*plans), device="cpu")


def test_more_pixels_calls_and_pictures_take_longer_in_proportion():
    (small,) = planned(of_model("a", steps=4, size=(64, 64)))
    with measuring("cpu") as costs:
        costs.measured(small, 2.0, 10**9)
    known = known_costs("cpu")
    assert known.estimate([small]).seconds == pytest.approx(2)
    large = planned(of_model("a", steps=8, size=(128, 64), images=3), of_model("new"))
    found = known.estimate(large)
    assert found.seconds == pytest.approx(2 * 9 / 5 * (CALL + 3 * 128 * 64) / (CALL + 64 * 64))
    assert (found.memory, found.batches) == (10**9, 1)
    assert known_costs("cuda").estimate(large).batches == 0


def test_what_was_drawn_for_longer_counts_more():
    few, many = (planned(of_model("a", images=images))[0] for images in (1, 16))
    costs = Costs("cpu")
    costs.measured(many, 20.0, 5)
    assert costs.estimate([many]).seconds == pytest.approx(20)
    costs.measured(few, 4.0, 5)
    assert costs.estimate([many]).seconds == pytest.approx(22, abs=1.5)


def test_a_minute_of_drawing_counts_as_much_as_all_before():
    (batch,) = planned(of_model("a"))
    costs = Costs("cpu")
    for _ in range(100):
        costs.measured(batch, 10.0, 5)
    for _ in range(3):
        costs.measured(batch, 20.0, 5)
    assert costs.estimate([batch]).seconds == pytest.approx(14.1, abs=0.1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": "promptlang costs 1", "models": {"a": [1, 2]}}',
        b"[" * 100_000,
        b'{"format": "promptlang costs 2", "models": {"a": [NaN, 2, 1], "b": ["1", 2, 1], "c": [-1, 2, 1]}}',
        b'{"format": "promptlang costs 2", "models": {"a": [1, 2], "b": 1}}',
        b'{"format": "promptlang costs 2", "models": {"a": [1' + b"0" * 400 + b", 2, 1]}}",
    ],
)
def test_a_strange_file_is_as_good_as_none(cache, data):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(data)
    assert known_costs("cpu").known == {}
    with measuring("cpu") as costs:
        costs.measured(planned(of_model("a"))[0], 1.0, 1)
    assert list(json.loads(cache.read_text())["models"]) == ["sd1 a cpu"]


def test_a_folder_that_takes_no_file_costs_nothing(cache):
    cache.parent.parent.write_text("a file")
    with measuring("cpu") as costs:
        costs.measured(planned(of_model("a"))[0], 1.0, 1)


def test_a_dry_run_says_what_was_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cow.prompt").write_text("/render /steps:2 /size:64x64 /seed:1 /images:2 a\n")
    words = ["cow.prompt", "--device", "cpu", "--no-sheet"]
    main([*words, "--dry-run"])
    assert "nothing was drawn with these models here" in capsys.readouterr().out
    main([*words, "--exact"])
    assert re.search(r"^1 of 2: .+, about \d s left\n2 of 2: [^,]+, [^,]+$", capsys.readouterr().err)
    main([*words, "--dry-run"])
    assert re.search(r"^about \d s and \d\.\d GiB of memory, as measured here before$", capsys.readouterr().out, re.M)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59.4, "59 s"), (90, "2 min"), (3700, "1 h 2 min"), (10**6, "277 h 47 min")]
)
def test_times_are_read_at_a_glance(seconds, words):
    assert duration(seconds) == words
