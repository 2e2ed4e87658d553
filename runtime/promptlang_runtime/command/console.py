"""What `promptlang render` shows: one moving line while it draws, or a line a picture, and a table when it is done."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from promptlang.files import shown, visible
from promptlang.plans.enlarging import drawn_size
from promptlang.sentences import counted
from promptlang_runtime.command.previews import Preview, shown_in
from promptlang_runtime.planning.batches import Batch, Share
from promptlang_runtime.planning.costs import Estimate
from promptlang_runtime.planning.outlook import outlook

_PLANNED: tuple[tuple[str, JustifyMethod], ...] = (
    ("batch", "right"), ("statement", "left"), ("model", "left"), ("size", "right"), ("sampler", "left"),
    ("steps", "right"), ("guidance", "right"), ("clip skip", "right"), ("seed", "right"), ("images", "right"),
)  # fmt: skip
_MANY = 500  # rows of a table, which takes rich a millisecond each


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished picture: its file, size and seed, and its share of its batch's seconds."""

    file: Path
    size: tuple[int, int]
    seed: int
    seconds: float


class Line:
    """The moving line: pictures finished, and the denoiser calls of the batch that is drawn.

    It is as long as what is drawn will take, by what each batch costs, which `expects` says.

    With `plainly` it is a line for each picture instead, for those who read a pipe or a file.
    """

    def __init__(self, progress: Progress, pictures: int, *, plainly: bool, preview: Preview | None = None) -> None:
        self._progress = progress
        self.preview = preview
        self._pictures = pictures
        self._plainly = plainly
        self._drawn = self._saved = 0
        self._cost: Callable[[Batch], float] = _count
        self._workers = 1
        self._coming: dict[int, deque[float]] = {}  # what batches cost that are not drawn yet, by their pictures
        self._left, self._through, self._since = float(pictures), 0.0, 0.0
        # When the first batch was drawn, before which a model was opened, and the last.
        self._began = self._latest = 0.0
        self._pace = 0.0  # seconds for what costs 1
        self._task = progress.add_task("", total=pictures, state="loading the model")

    def expects(self, planned: Sequence[Batch], cost: Callable[[Batch], float], workers: int = 1) -> None:
        """What will be drawn by how many at a time, and what each batch costs beside the others."""
        self._cost, self._workers = cost, min(workers, len(planned) or 1)
        for batch in planned:
            self._coming.setdefault(_count(batch), deque()).append(cost(batch))
        self._left = sum(map(sum, self._coming.values()))
        self._progress.update(self._task, total=self._left)

    def saved(self, done: Done) -> None:
        """One more picture is saved."""
        self._saved += 1
        if self._plainly:
            then = f", about {duration(self._pace * self._left)} left" if self._saved < self._pictures else ""
            print(f"{self._saved} of {self._pictures}: {shown(done.file)}, {done.seconds:.1f} s{then}", file=sys.stderr)

    def drawn(self, batch: Batch, seconds: float) -> None:
        """A batch is drawn, in so many seconds; its calls are counted already."""
        self._latest = time.monotonic()
        if self.preview:
            self.preview.clear()
        cost = self.lost(batch)
        self._through += cost
        if self._drawn:
            self._since += cost
            self._pace = (self._latest - self._began) / (self._since or 1)
        else:
            self._began, self._pace = self._latest, seconds / (cost or 1) / self._workers
        self._drawn += _count(batch)
        self._progress.update(
            self._task,
            completed=self._through,
            total=self._through + self._left,
            state=f"{self._drawn} of {self._pictures} drawn",
        )

    def lost(self, batch: Batch) -> float:
        """A batch is not to come any more, drawn or not; what it cost."""
        if coming := self._coming.get(_count(batch)):
            coming.popleft()
        cost = min(self._cost(batch), self._left)
        self._left -= cost
        return cost

    def step(self, pictures: int, done: int, total: int) -> None:
        """So many calls are done of a batch of pictures."""
        first, last = self._drawn + 1, min(self._drawn + pictures, self._pictures)
        at_once = f"picture {last}" if first >= last else f"pictures {first} to {last}"
        coming = self._coming.get(pictures)
        cost = coming[0] if coming else self._left * pictures / max(self._pictures - self._drawn, pictures)
        self._progress.update(
            self._task,
            completed=self._through + min(cost, self._left) * done / total,
            total=self._through + self._left,
            state=f"{at_once} of {self._pictures}, call {done} of {total}",
        )


class _Shown(Progress):
    """The moving line, and under it the picture so far."""

    preview: Preview | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.preview:
            yield self.preview


def _count(batch: Batch) -> int:
    """The pictures of a batch."""
    return sum(len(share.places) for share in batch)


@contextmanager
def moving_line(pictures: int, *, quiet: bool = False, preview: str = "off") -> Generator[Line]:
    """The line on standard error: it moves on a terminal; `quiet` leaves out the plain ones elsewhere.

    `preview` says how the picture so far is shown under it, if at all.
    """
    console = Console(stderr=True)
    columns = (BarColumn(bar_width=28), TextColumn("{task.fields[state]}"), TimeRemainingColumn(compact=True))
    shown = shown_in(console, preview)
    with _Shown(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.preview = shown
        try:
            yield Line(progress, pictures, plainly=not console.is_terminal and not quiet, preview=shown)
        finally:
            if shown and (signs := shown.gone()):
                console.file.write(signs)
            progress.preview = None


def print_done(done: Sequence[Done], sheets: Sequence[Path], skipped: int) -> None:
    """The table of pictures, the pages, and how many were there already."""
    console = _output()
    if done:
        table = _table(("file", "left"), ("size", "right"), ("seed", "right"), ("seconds", "right"))
        for each in done:
            size = f"{each.size[0]}x{each.size[1]}"
            table.add_row(shown(each.file), size, str(each.seed), f"{each.seconds:.1f}")
        console.print(table)
    for sheet in sheets:
        kind = "page" if sheet.suffix == ".html" else "sheet"
        console.print(f"{kind}: {shown(sheet)}", highlight=False, markup=False, soft_wrap=True)
    if skipped:
        console.print(f"{counted(skipped, 'picture')} lay there already", highlight=False)


def print_planned(planned: Sequence[Batch], skipped: int, estimate: Estimate, where: str = "") -> None:
    """What a run would draw, in its order, what that comes to, and where, if not here."""
    console = _output()
    rows = [
        (str(number), *row, str(pictures))
        for number, batch in enumerate(planned, 1)
        for row, pictures in _together(batch)
    ]
    if len(rows) > _MANY:
        print(_plain(rows))
    elif rows:
        table = _table(*_PLANNED)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    found = outlook(planned)
    there = f"; {counted(skipped, 'picture')} there already" if skipped else ""
    calls = f"{'at most ' if found.is_most else ''}{counted(found.calls, 'denoiser call')}"
    console.print(f"would draw {counted(found.pictures, 'picture')} in {calls}{there}")
    if where:
        console.print(f"by {where}", highlight=False, markup=False, soft_wrap=True)
    if planned:
        batches = counted(found.batches, "batch", "batches")
        console.print(f"{batches}, {counted(found.models, 'model')} opened, {counted(found.texts, 'text')} read")
        console.print(_estimated(estimate, len(planned)), highlight=False)


def _plain(rows: Sequence[Sequence[str]]) -> str:
    """The same table without colours, and without folding what is too wide for the terminal."""
    names = [name for name, _ in _PLANNED]
    widths = [max(map(cell_len, column)) for column in zip(names, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        gaps = [" " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
        both = zip(cells, gaps, _PLANNED, strict=True)
        return " " + "   ".join(f"{gap}{cell}" if side == "right" else f"{cell}{gap}" for cell, gap, (_, side) in both)

    rule = " " + "─" * (sum(widths) + 3 * (len(widths) - 1))
    return "\n".join(["", line(names), rule, *map(line, rows), ""])


def _estimated(estimate: Estimate, batches: int) -> str:
    """What it will take, as far as anything is known of it."""
    if not estimate.batches:
        return "nothing was drawn with these models here, so how long it takes is not known"
    unknown = batches - estimate.batches
    besides = f", besides {counted(unknown, 'batch', 'batches')} of models that are new here" if unknown else ""
    memory = f" and {estimate.memory / 2**30:.1f} GiB of memory" if estimate.memory else ""
    return f"about {duration(estimate.seconds)}{memory}, as measured here before{besides}"


def duration(seconds: float) -> str:
    """A time in its two largest units."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _together(batch: Batch) -> Iterator[tuple[tuple[str, ...], int]]:
    """What the table shows of a batch, and how many pictures it holds for: variants differ in nothing but words."""
    for row, shares in groupby(batch, lambda share: tuple(_planned(share))):
        yield row, _count(tuple(shares))


def _planned(share: Share) -> Iterator[str]:
    plan = share.job.plan
    yield share.job.shown
    yield visible(plan.model.name)
    yield "x".join(map(str, drawn_size(plan)))
    yield f"{plan.sampler}{f' {plan.schedule}' if plan.schedule else ''}"
    yield str(plan.steps)
    yield f"{plan.guidance:g}"
    yield str(plan.clip_skip or "-")
    yield "drawn" if plan.seed is None else str(share.seeds[0])


def _table(*columns: tuple[str, JustifyMethod]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name, side in columns:
        table.add_column(name, justify=side, overflow="fold")
    return table


def _output() -> Console:
    """Standard output; as wide as the table needs where that is a file or a pipe."""
    return Console(file=sys.stdout) if sys.stdout.isatty() else Console(file=sys.stdout, width=120)
