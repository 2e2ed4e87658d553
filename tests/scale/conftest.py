"""Ray: a cluster of three nodes on this machine, for those who ask for it with `-m scale`."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """No counting of uses, no keys in the home folder, and torch with one thread."""
    for name, value in (("RAY_USAGE_STATS_ENABLED", "0"), ("RAY_AUTH_MODE", "disabled"), ("OMP_NUM_THREADS", "1")):
        monkeypatch.setenv(name, value)
