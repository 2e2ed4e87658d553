"""Draws what a run is asked for and saves it; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.cli.arguments import Given
from promptlang.cli.terminal import complain, warn
from promptlang_runtime.command.run import Run
from promptlang_runtime.command.settings import memory_of, processes, settings_of
from promptlang_runtime.cores import wait_asleep
from promptlang_runtime.drawing.glimpses import Glimpse, Watcher, watched
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.orders import Executor, Failure
from promptlang_runtime.output.saving import Saving
from promptlang_runtime.planning.batches import Batch, batches
from promptlang_runtime.planning.costs import measuring
from promptlang_runtime.planning.driving import results
from promptlang_runtime.planning.jobs import Job, with_seed
from promptlang_runtime.unswept import unswept

if TYPE_CHECKING:
    from PIL import Image

    from promptlang_runtime.command.console import Line


def draw(jobs: Sequence[Job], arguments: Given, run: Run) -> None:
    """Draw and save; what cannot be drawn is complained about and left out. Raises WriteError."""
    from promptlang_runtime.command.console import moving_line

    wait_asleep()
    pictures = sum(job.plan.images for job in jobs)
    with moving_line(pictures, quiet=arguments.flag("quiet"), preview=arguments.text("preview") or "off") as line:
        watcher = _watcher(arguments, run, line)
        chosen = _executor(pictures, arguments, run, watches=watcher is not None) if jobs else None
        if chosen is None:
            return
        executor, kind = chosen
        share = -(-pictures // executor.count())
        planned = batches(map(with_seed, jobs), device=kind, exact=are_alone(arguments, run), most=share)
        with closing(executor), measuring(place_of(arguments, run)) as costs, Saving() as saving, watched(watcher):
            line.expects(planned, costs.beside(), executor.count())
            for batch, result in results(executor, planned, run.broken, line.step):
                if result.failure:
                    line.lost(batch)
                    _complain(result.failure, batch, arguments, run)
                    continue
                told = [each.info for each in result.pictures]
                seconds = sum(each["seconds"] for each in told)
                line.drawn(batch, seconds)
                costs.measured(batch, seconds, max(each["memory"] for each in told))
                for (job, name), picture in zip(_each(batch), result.pictures, strict=True):
                    saving.put(partial(_save, picture, job, name, arguments, run, line))


def are_alone(arguments: Given, run: Run) -> bool:
    """Whether one picture is drawn at a time, as a server does, lest its seed be another."""
    return run.server is not None or arguments.flag("exact") or memory_of(arguments).alone


def place_of(arguments: Given, run: Run) -> str:
    """Where it is drawn, as what it costs is remembered by."""
    return run.server.caller.address.url if run.server else arguments.text("device") or "auto"


def _watcher(arguments: Given, run: Run, line: Line) -> Watcher | None:
    """Who sees the picture so far: the terminal, a file, both or nobody."""
    path = arguments.text("preview-to")
    watchers: list[Watcher] = [line.preview.show] if line.preview else []
    if path:
        from promptlang_runtime.command.previews import written_to

        run.closing.callback(Path(path).unlink, missing_ok=True)
        watchers.append(written_to(Path(path)))
    if not watchers:
        return None

    def watch(glimpse: Glimpse) -> None:
        for each in watchers:
            each(glimpse)

    return watch


def _executor(pictures: int, arguments: Given, run: Run, *, watches: bool) -> tuple[Executor, str] | None:
    """Who draws, and the kind of device; None where there is no such device or cluster, which is complained about."""
    if run.server:
        from promptlang_runtime.executors.on_server import OnServer

        return OnServer(run.server), run.server.kind.name
    with unswept(stays=True):
        from promptlang_runtime.executors.choosing import chosen

    settings = replace(settings_of(arguments), glimpses=watches)
    jobs = min(processes(arguments, "jobs"), pictures)  # the others would take cores from those that draw
    try:
        found = chosen(settings, jobs=jobs, ray=arguments.text("ray"))
    except RenderError as error:
        complain(error.message, error.help)
        run.failed = True
        return None
    memory = memory_of(arguments)
    if memory.rests and found[1] == "cpu" and not arguments.flag("quiet"):
        left = "draws one picture at a time and divides" if memory.alone else "only divides"
        warn(f"on the CPU no part of a model can rest elsewhere: `--memory {memory.name}` {left} what the VAE does")
    return found


def _each(batch: Batch) -> Iterator[tuple[Job, Path]]:
    """Every picture of a batch: whose it is, and its name."""
    return ((share.job, name) for share in batch for name in share.names)


def _complain(failure: Failure, batch: Batch, arguments: Given, run: Run) -> None:
    """Say why the statements of a batch are not drawn; none of them is tried again."""
    run.failed = True
    for job in {share.job.key: share.job for share in batch}.values():
        if failure.trace and arguments.flag("debug"):
            print(failure.trace, file=sys.stderr, end="")
        if failure.is_known:
            complain(f"{job.shown}: {failure.message}", failure.help)
            continue
        complain(
            f"{job.shown}: drawing with <{job.plan.model.name}> failed: {failure.message}",
            "check that its file is what its family says, or add `--debug` to see where it stopped",
        )


def _save(picture: Image.Image, job: Job, name: Path, arguments: Given, run: Run, line: Line) -> None:
    """Save a picture under its name, or the next that is free, and keep it for the pages if there will be any."""
    from promptlang_runtime.command.console import Done
    from promptlang_runtime.output.files import save
    from promptlang_runtime.output.metadata import picture_of
    from promptlang_runtime.output.names import numbered

    seed = picture.info["seed"]
    names = chain([name], numbered(job.folder, job.stem, job.plan.file_format))
    file = save(picture, names, job.plan, seed, job.elsewhere)
    run.targets[job.folder].journal.note(file, picture=picture_of(job.plan, job.elsewhere), seed=seed)
    run.done.append(Done(file=file, size=picture.size, seed=seed, seconds=picture.info["seconds"]))
    if not arguments.flag("no-sheet"):
        from promptlang_runtime.command.pages import put_on_page

        put_on_page(picture, seed, file, job, run)
    line.saved(run.done[-1])
