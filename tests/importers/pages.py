"""Our pages as their readers have them: the data that stands in one, and what a browser makes of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")


def data_of(page: str) -> dict[str, Any]:
    """What the page says to its script."""
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)[0])


def seen(page: Path, asked: str, home: Path) -> str:
    """What the page shows when its script has run, with that behind its `#`; a browser needs a home."""
    assert CHROMIUM
    words = (CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}/browser")
    rest = ("--virtual-time-budget=5000", "--dump-dom", f"{page.as_uri()}#{asked}")
    done = subprocess.run((*words, *rest), capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.partition("<main")[2]
