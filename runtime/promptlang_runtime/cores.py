"""How the threads of this process wait for a core."""

from __future__ import annotations

import os


def wait_asleep() -> None:
    """Have the threads of torch sleep while they wait for each other, where nobody says otherwise.

    They spin otherwise, which on busy cores costs minutes. Torch listens only before it is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
