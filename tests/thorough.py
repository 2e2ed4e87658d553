"""How much of a property is tried: a little in every run, a lot under `pytest --thorough` (`make test-slow`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from hypothesis import HealthCheck, settings

Row = TypeVar("Row")

QUICK, THOROUGH = "quick", "thorough"
EVERY = 16  # of a corpus, in a quick run

# A busy machine is no mistake of ours, so nothing has a deadline.
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(QUICK, BUSY, max_examples=16)
settings.register_profile(THOROUGH, BUSY, max_examples=1000)


def many(examples: int) -> int:
    """The number of examples of a property that deserves more of them, or fewer, than the hundred that are usual."""
    return max(10, examples * settings.default.max_examples // 100)


def sampled(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a corpus that this run looks at."""
    return islice(rows, 0, None, 1 if is_thorough() else EVERY)


def is_thorough() -> bool:
    """Whether this run looks at everything."""
    return settings.get_current_profile_name() == THOROUGH
