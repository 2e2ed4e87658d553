"""Draws the terminal picture of the README: `python docs/drawing/terminal.py` keeps what a real check printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "check.svg"
PROMPT = "/render /clipskip:2 a (cow:1.3) in a field [blurry\n"
THEME = TerminalTheme(
    (252, 251, 247),
    (40, 42, 46),
    [
        (40, 42, 46),
        (192, 57, 43),
        (30, 126, 79),
        (184, 119, 0),
        (36, 98, 166),
        (142, 68, 173),
        (22, 130, 140),
        (90, 90, 90),
    ],
    [
        (110, 110, 110),
        (205, 70, 55),
        (39, 144, 93),
        (200, 135, 10),
        (48, 112, 184),
        (155, 89, 182),
        (26, 148, 158),
        (30, 30, 30),
    ],
)


def main() -> None:
    """Check one prompt in colour and keep the screen as SVG, with the fonts of the reader's own machine."""
    command = [
        sys.executable,
        "-m",
        "promptlang",
        "check",
        "--isolated",
        "-",
        "--stdin-filename",
        "cow.prompt",
        "--color",
        "always",
    ]
    run = subprocess.run(
        command,
        input=PROMPT,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "84"},
        check=False,
    )
    console = Console(record=True, width=84, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi("$ promptlang check cow.prompt\n" + run.stdout + run.stderr))
    picture = console.export_svg(title="promptlang", theme=THEME, unique_id="check")
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = picture.replace("Fira Code, monospace", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
