"""Renders: each a process of its own, one at a time, ended when the one who asked no longer waits for it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import TypedDict

from anyio import Lock, run_process, to_thread

from promptlang.cli.arguments import CLEAN, UsageError
from promptlang.lowering.lower import compile
from promptlang.tables.endings import DRAWN
from promptlang_lsp.protocol.processes import RENDER, environment
from promptlang_mcp.folder import Page, inside

SHOWN, LARGEST = 4, 2 * 1024**2  # pictures that an answer holds itself, and the bytes of each


class Drawn(TypedDict):
    """The files that were drawn, as they are called from the folder that is served, and what the renderer printed."""

    pictures: list[str]
    message: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What came of a render; `shown` are small pictures themselves, in base64, each with its media type."""

    data: Drawn
    shown: tuple[tuple[str, str], ...]
    failed: bool


def can_render() -> bool:
    """Whether what the renderer needs is installed; nothing of it is loaded to find out."""
    return all(find_spec(name) for name in ("torch", "diffusers", "transformers"))


async def render(page: Page, out: str, seed: int | None, lock: Lock) -> Drawing:
    """Draw a text, and say which pictures are new; raises UsageError where it must not be drawn."""
    folder = inside(out)
    if page.file.problem:
        raise UsageError(f"`{page.source.name}` is {page.file.problem.message}", page.file.problem.help)
    here, wanted = Path.cwd(), await to_thread.run_sync(_wanted, page)
    words = [page.where, "--out", str(folder), "--color", "never", *([] if seed is None else ["--seed", str(seed)])]
    words += [] if wanted > 1 else ["--no-sheet"]
    async with lock:  # what is new is what was not there before
        before = _pictures(folder)
        done = await run_process(
            [*RENDER, *words],
            input=page.source.text.encode(), stdout=PIPE, stderr=STDOUT, env=environment(), check=False,
        )  # fmt: skip
        new = sorted(_pictures(folder) - before)
    small = [each for each in new if each.stat().st_size <= LARGEST][:SHOWN]
    pictures = [each.relative_to(here).as_posix() for each in new]
    message = done.stdout.decode(errors="replace")
    shown = tuple((b64encode(each.read_bytes()).decode(), DRAWN[each.suffix]) for each in small)
    return Drawing(Drawn(pictures=pictures, message=message), shown, done.returncode != CLEAN)


def _wanted(page: Page) -> int:
    """How many pictures a text asks for; raises UsageError where one is drawn over what lies outside the folder.

    That a file is one of its project is not enough here: the project may be larger than the folder that is served.
    """
    plans = compile(page.source.text, project=page.project).plans
    root = page.project.root if page.project and page.project.root else Path.cwd() / page.path.parent
    for plan in plans:
        for path in plan.pictures_given:
            if path is not None:
                inside(str(root / path))
    return sum(plan.images for plan in plans)


def _pictures(folder: Path) -> set[Path]:
    return {each for each in folder.glob("*") if each.suffix in DRAWN}
