"""`python -m tests.conformance [FOLDER]`: the table of agreement; exits 1 if a row differs without a listed reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.conformance.runner import FOLDER, Tally, differences, owner_answers, tallies

SHOWN = 5  # unexplained rows that are printed of each file


def main(arguments: list[str]) -> int:
    """The exit status: 0 where everything is explained, 2 where there is nothing to compare."""
    folder = Path(arguments[0]) if arguments else FOLDER
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    if not folder.is_dir():
        console.print(f"no folder {folder}: name one that holds vectors", style="red")
        return 2
    found = list(tallies(folder))
    console.print(_table(found))
    _print_listed(console, found)
    for tally in found:
        _print_unexplained(console, tally)
    return 1 if any(tally.unexplained for tally in found) else 0


def _table(found: list[Tally]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("dialect", "file"):
        table.add_column(name, no_wrap=True)
    for name in ("inputs", "equal", "listed", "unexplained", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    dialect = ""
    for tally in found:
        name = "" if tally.dialect == dialect else tally.dialect
        dialect = tally.dialect
        unexplained = Text(str(len(tally.unexplained)), style="bold red" if tally.unexplained else "green")
        counts = (f"{tally.inputs:,}", f"{tally.equal:,}", str(tally.listed.total() or ""))
        table.add_row(name, tally.file.removesuffix(".jsonl"), *counts, unexplained, f"{tally.seconds:.1f}")
    return table


def _print_listed(console: Console, found: list[Tally]) -> None:
    listed = [(kind, number) for tally in found for kind, number in sorted(tally.listed.items())]
    if not listed:
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("listed difference", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("reason", overflow="fold")
    reasons = {difference.name: difference.reason for tally in found for difference in differences(tally.dialect)}
    for kind, number in listed:
        table.add_row(kind, str(number), Text(reasons[kind], style="dim"))
    console.print()
    console.print(table)


def _print_unexplained(console: Console, tally: Tally) -> None:
    for row, ours in tally.unexplained[:SHOWN]:
        console.print(f"\n{tally.file}", style="bold red")
        owner = [("owner", answer) for answer in owner_answers(row)]
        for name, value in (("input", row["input"]), *owner, ("ours", ours)):
            written = json.dumps(value, ensure_ascii=False)
            console.print(Text(f"  {name:6}{written if len(written) <= 600 else written[:600] + ' …'}"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
