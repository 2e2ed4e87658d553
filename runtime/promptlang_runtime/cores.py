"""How many cores this process may run on, and how its threads wait for one."""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """Those that the system lets it have, which may be fewer than there are; 1 where that is not known."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def wait_asleep() -> None:
    """Have the threads of torch sleep while they wait for each other, where nobody says otherwise.

    They spin otherwise, which on busy cores costs minutes. Torch listens only before it is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
