"""Options of the test run."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import settings

from promptlang_runtime.unswept import unswept
from tests.thorough import QUICK, THOROUGH

ASKED_FOR = {
    "editors": "drives a whole editor or browser: `make test-editors`",
    "scale": "brings up a cluster: `make test-scale`",
}
"""Markers of what takes long to start, or long to build, and why it is left out of a run that does not name them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` rewrites the expected blocks of the golden cases; read the difference as if a stranger had sent it."""
    parser.addoption("--update", action="store_true", help="rewrite the expected blocks under tests/cases")
    parser.addoption("--thorough", action="store_true", help="try properties with many examples, and whole corpora")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how thorough the run is; two processes that update would write over each other's pages."""
    if config.getoption("--update") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update works in one process: leave -n out")
    settings.load_profile(THOROUGH if config.getoption("--thorough") else QUICK)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests and all that they import stay to the end: what looks for garbage need not go through them."""
    with unswept(stays=True):
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what nobody asked for by its marker, in whatever folder it is."""
    for marker, reason in ASKED_FOR.items():
        if marker in (config.option.markexpr or ""):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
