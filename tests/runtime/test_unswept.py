"""Loading without the search for garbage, which goes on afterwards as before."""

from __future__ import annotations

import gc

import pytest

from promptlang_runtime.unswept import unswept


@pytest.fixture(autouse=True)
def as_before():
    yield
    gc.enable()
    gc.freeze()  # the tests themselves, too


@pytest.mark.parametrize("was_swept", [True, False])
@pytest.mark.parametrize("stays", [True, False])
def test_garbage_is_looked_for_afterwards_where_it_was_before(was_swept, stays):
    (gc.enable if was_swept else gc.disable)()
    with unswept(stays=stays):
        assert not gc.isenabled()
    assert gc.isenabled() is was_swept


def test_what_stays_is_never_looked_through_again():
    gc.unfreeze()
    with unswept(stays=False):
        kept = [{}]
    assert gc.get_freeze_count() == 0
    with unswept(stays=True):
        kept.append({"a": kept})
    assert gc.get_freeze_count() > 0
