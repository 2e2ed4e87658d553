"""The quick dataclass is one in every way that this package relies on."""

from __future__ import annotations

import dataclasses
import pickle
import re
import sys
from copy import copy, deepcopy
from functools import cached_property
from itertools import product
from pathlib import Path

import pytest

import promptlang
from promptlang.values import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Quick:
    """Two values, one with a default."""

    left: int
    right: str = "r"


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """The same from the standard library."""

    left: int
    right: str = "r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """By name only, with a fresh list each time."""

    items: list[int] = field(default_factory=list[int])
    needed: int


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Ordered values."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class One:
    """A single value."""

    value: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value at all."""


@dataclass()
class Open:
    """Fields that change, a list of its own, one that does not count."""

    first: int
    items: list[int] = field(default_factory=list[int])
    note: str = field(default="", compare=False, repr=False)


@dataclass(slots=True, eq=False)
class Identity:
    """Compared by identity."""

    value: int = 0


@dataclass(frozen=True, slots=True)
class Longer(Quick):
    """The fields of another, and one more."""

    more: int = 0


@dataclass(frozen=True)
class Remembered:
    """Fixed fields beside what is worked out once."""

    value: int = 2

    @cached_property
    def double(self) -> int:
        """Twice the value."""
        return 2 * self.value

    def __post_init__(self) -> None:
        assert self.value


def test_it_looks_like_the_standard_one() -> None:
    assert repr(Quick(1)) == repr(Standard(1)).replace("Standard", "Quick")
    assert [each.name for each in dataclasses.fields(Quick)] == ["left", "right"]
    assert dataclasses.is_dataclass(Quick)
    assert dataclasses.asdict(Quick(1)) == {"left": 1, "right": "r"}
    assert dataclasses.replace(Quick(1), right="x") == Quick(1, "x")
    assert (Quick.__name__, Quick.__qualname__, Quick.__module__) == ("Quick", "Quick", __name__)
    assert Quick.__doc__ == "Two values, one with a default."
    assert Quick.__init__.__qualname__ == "Quick.__init__"
    assert repr(Nothing()) == "Nothing()"


def test_equality_and_hash_are_those_of_the_values() -> None:
    assert Quick(1) == Quick(1, "r") != Quick(2)
    assert len({Quick(1), Quick(1), Quick(2)}) == 2
    assert Quick(1) != Standard(1)
    assert One(1) == One(1) != One(2)
    assert Nothing() == Nothing()
    assert hash(One(1)) == hash(One(1))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Named(needed=1))


def test_it_is_frozen_and_has_slots() -> None:
    value = Quick(1)
    for name in ("left", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"'{name}'"):
            setattr(value, name, 2)
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"'{name}'"):
            delattr(value, name)
    assert not hasattr(value, "__dict__")
    assert sys.getsizeof(value) == sys.getsizeof(Standard(1))


def test_arguments_are_checked() -> None:
    first, second = Named(needed=1), Named(needed=1)
    assert first.items is not second.items
    for call in (lambda: Quick(), lambda: Quick(1, "a", 2), lambda: Named(1), lambda: Quick(1, wrong=2)):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            call()


def test_matching_copying_and_pickling() -> None:
    match Quick(1, "x"):
        case Quick(left, right):
            assert (left, right) == (1, "x")
    value = Quick(1, "x")
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy(value) == deepcopy(value) == value


def test_order_is_that_of_the_values() -> None:
    pairs = list(product(range(3), repeat=2))
    assert sorted(Place(*pair) for pair in reversed(pairs)) == [Place(*pair) for pair in pairs]
    assert Place(1, 2) <= Place(1, 2) < Place(1, 3) > Place(1, 2) >= Place(0, 9)
    with pytest.raises(TypeError):
        assert Place(1, 2) < Quick(1)  # type: ignore[operator]


def test_the_compiler_makes_all_its_dataclasses_so() -> None:
    modules = {path.name: path.read_text() for path in Path(promptlang.__file__).parent.rglob("*.py")}
    standard = re.compile(r"^from dataclasses import .*\b(dataclass|field|replace)\b|^import dataclasses", re.MULTILINE)
    assert [name for name, text in modules.items() if standard.search(text)] == []


def test_fields_that_change() -> None:
    one, other = Open(1), Open(1, note="x")
    assert one == other
    assert repr(other) == "Open(first=1, items=[])"
    one.items.append(3)
    assert (one.items, other.items, one == other) == ([3], [], False)
    one.first = 2
    assert one.first == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
    assert vars(copy(one)) == {"first": 2, "items": [3], "note": ""}


def test_other_kinds() -> None:
    assert Identity() != Identity()
    assert len({Identity(), Identity()}) == 2
    assert not hasattr(Identity(), "__dict__")
    assert Longer(1, "x", 2) == Longer(1, "x", 2) != Longer(1, "x")
    assert repr(Longer(1)) == "Longer(left=1, right='r', more=0)"
    assert sys.getsizeof(Longer(1)) == sys.getsizeof(Quick(1)) + 8
    assert Remembered(4).double == 8
    with pytest.raises(AssertionError):
        Remembered(0)
    for name in ("value", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(Remembered(4), name, 5)


def test_the_standard_library_takes_them_as_its_own() -> None:
    first, items, note = dataclasses.fields(Open)
    assert (first.default, items.default_factory, note.default) == (dataclasses.MISSING, list[int], "")
    assert (note.compare, note.repr) == (False, False)
    assert [each.kw_only for each in dataclasses.fields(Named)] == [True, True]

    @dataclasses.dataclass(frozen=True)
    class Derived(Quick):
        more: int = 0

    assert dataclasses.astuple(Derived(1)) == (1, "r", 0)


def test_other_fields_replaced() -> None:
    assert replace(Quick(1), right="x") == Quick(1, "x")
    assert replace(Named(items=[1], needed=2), needed=3) == Named(items=[1], needed=3)
    with pytest.raises(TypeError):
        replace(Quick(1), wrong=2)


def test_the_hundredth_value_is_made_like_the_first() -> None:
    @dataclass(frozen=True, slots=True)
    class Fresh:
        left: int
        items: list[int] = field(default_factory=list[int])
        right: str = "r"

    values = [Fresh(each, right=str(each)) for each in range(100)]
    assert [(each.left, each.items, each.right) for each in values] == [(each, [], str(each)) for each in range(100)]
    assert Fresh(1) == Fresh(1, []) == Fresh(left=1)
    assert values[0].items is not values[1].items is not values[99].items
