"""How the server starts `promptlang render`: never with a module of the folder that it runs in."""

from __future__ import annotations

import os
import sys

RENDER = (sys.executable, "-P", "-m", "promptlang", "render")
"""The renderer that comes along; without `-P` the folder it runs in would stand first on the import path."""


def environment() -> dict[str, str]:
    """The environment of a renderer: no relative entry of the import path survives, for it nor for what it starts."""
    found = {**os.environ, "PYTHONSAFEPATH": "1"}
    if "PYTHONPATH" in found:
        entries = found["PYTHONPATH"].split(os.pathsep)
        found["PYTHONPATH"] = os.pathsep.join(entry for entry in entries if os.path.isabs(entry))
    return found
