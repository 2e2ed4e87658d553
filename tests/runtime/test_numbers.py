"""Numbers of pictures follow the file, and what is saved beside the drawing is saved whatever happens to it."""

from __future__ import annotations

import time
from functools import partial
from itertools import repeat

import pytest

from promptlang_runtime.output.names import beginning, number_in, taken
from promptlang_runtime.output.saving import WAITING, Saving
from promptlang_runtime.planning.numbers import numbers


@pytest.mark.parametrize(
    ("known", "there", "found"),
    [
        ([None, None], set(), [1, 2]),
        ([None, None], {2, 7}, [8, 9]),
        ([1, None, 3], {1, 3}, [1, 2, 3]),
        ([None, None, 7], {1, 5, 7}, [6, 8, 7]),
        ([None, 1], {1}, [2, 1]),
        ([1, None, 2, None], {1, 2}, [1, 3, 2, 4]),
        ([5, None, 1, None], {1, 5}, [5, 6, 1, 2]),
        ([], {1}, []),
    ],
)
def test_what_is_missing_comes_where_it_has_its_place(known, there, found):
    assert list(numbers(known, there)) == found


def test_many_numbers_are_found_as_quickly_as_few():
    def seconds(count):
        began = time.process_time()
        known = [number for place in range(count) for number in (place + 1, None)]
        assert len(set(numbers(known, set(range(1, count + 1))))) == 2 * count
        return time.process_time() - began

    seconds(1000)
    assert seconds(40_000) < 40 * max(seconds(4000), 0.001)


def test_names_are_read_as_they_are_written(tmp_path):
    for name in ("cow-001.png", "cow-1000.jpg", "cow-sheet-002.png", "cow.png", "cow-x.png", ".cow-009.png.1.part"):
        (tmp_path / name).touch()
    assert taken(tmp_path)["cow"] == {1, 1000}
    assert number_in("cow-012.webp", "cow") == 12
    assert number_in("cow-012.webp", "horse") is None
    assert taken(tmp_path / "none") == {}
    assert beginning("../a?b.") == "_a_b"


def slowly(done, number):
    time.sleep(0.002)
    done.append(number)


def put(saving, works):
    for each in works:
        saving.put(each)


def test_what_was_put_is_done_in_order_and_to_the_end():
    done = []

    def interrupted():
        with Saving() as saving:
            put(saving, [partial(slowly, done, number) for number in range(3)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == [0, 1, 2]


def test_the_drawing_waits_for_a_slow_disk():
    done = []
    with Saving() as saving:
        for number in range(WAITING + 8):
            saving.put(partial(slowly, done, number))
            assert number - len(done) <= WAITING
    assert done == list(range(WAITING + 8))


def test_what_goes_wrong_stops_whoever_puts_more():
    def wrong():
        raise OSError("no space")

    def forever():
        with Saving() as saving:
            put(saving, repeat(wrong))

    with pytest.raises(OSError, match="no space"):
        forever()
