"""What the editor checks share: a folder with prompts, and the command that starts the server from this source tree."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = (sys.executable, "-m", "promptlang", "lsp")

PROMPT = """\
# Warm-up.
# Two lines, so that they fold.

/recipe #corner /parser:new $prompt in the corner

/render /clipskip:1.9 /parser:new a  ((cow:1.3):1.1)  #corner

/render /parser:neww a tree
"""

DOTPROMPT = """\
---
model: example
---
Tell {{name}} a story.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a prompt that has everything an editor shows, and a Dotprompt file beside it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "promptlang.toml").write_text("", encoding="utf-8")
    (folder / "cow.prompt").write_text(PROMPT, encoding="utf-8")
    (folder / "story.prompt").write_text(DOTPROMPT, encoding="utf-8")
    return folder
