"""A few kills in every run; `make kills` does two hundred, with the demo model."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_nothing_is_lost_doubled_half_written_or_left_over() -> None:
    words = [sys.executable, "-m", "tests.kills", "--count", "12", "--stand-in"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 times harmed, 0 times something was wrong afterwards" in done.stdout
