"""How many cores this process may run on."""

from __future__ import annotations

import os
import sys


def cores() -> int:
    """Those that the system lets it have, which may be fewer than there are; 1 where that is not known."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
