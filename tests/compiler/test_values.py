"""The quick dataclass is one in every way that this package relies on."""

from __future__ import annotations

import dataclasses
import pickle
import sys
from copy import copy, deepcopy
from itertools import product

import pytest

from promptlang.values import dataclass, field


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
