"""Ray: a cluster of three nodes on this machine, for those who ask for it with `-m scale`."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out whole clusters unless the run asks for them by their marker."""
    if "scale" in (config.option.markexpr or ""):
        return
    for item in items:
        if item.get_closest_marker("scale"):
            item.add_marker(pytest.mark.skip(reason="brings up a cluster: `make test-scale`"))


@pytest.fixture(autouse=True)
def _plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No counting of uses, no keys in the home folder, and torch with one thread."""
    for name, value in (("RAY_USAGE_STATS_ENABLED", "0"), ("RAY_AUTH_MODE", "disabled"), ("OMP_NUM_THREADS", "1")):
        monkeypatch.setenv(name, value)
