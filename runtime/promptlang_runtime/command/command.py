"""`promptlang render`: compile, check, draw, save; torch is imported when the first picture is due, not before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, INTERRUPTED, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG
from promptlang.cli.main import carry_out
from promptlang.cli.terminal import COLOUR, complain, warn
from promptlang.files import shown
from promptlang_runtime.command.drawing import are_alone, draw, place_of
from promptlang_runtime.command.elsewhere import DETAIL, SERVER, say_unsaid, server_of
from promptlang_runtime.command.jobs import jobs_of
from promptlang_runtime.command.run import Run
from promptlang_runtime.command.settings import DEVICE, DTYPE, WAYS, memory, processes
from promptlang_runtime.errors import RenderError, WriteError
from promptlang_runtime.executors.limits import MEMORY
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.costs import known_costs
from promptlang_runtime.planning.jobs import Job

COMMAND = Command(
    name="render",
    summary="Draw pictures from prompts.",
    arguments=(
        Argument(
            names=("paths",),
            value="TEXT|PATH",
            help="Files, folders searched for *.prompt, a prompt in quotes, or - for standard input.",
            many=True,
            needed=True,
            known="prompt",
        ),
        Argument(names=("--out", "-o"), value="DIR", help="Where pictures go. Default: the project's folder `out`."),
        Argument(names=("--seed",), value="N", help="The seed of every statement, whatever it says."),
        Argument(names=("--dry-run",), help="Say what would be drawn and in which batches, and draw nothing."),
        Argument(
            names=("--watch",), help="Go on: draw what changes each time a file is saved, until Ctrl-C. Same model."
        ),
        Argument(names=("--resume",), help="Leave out pictures that lie in the output folder already."),
        Argument(names=("--no-sheet",), help="Write no contact sheet, no grid and no page."),
        Argument(names=("--open",), help="Show the sheets, or the picture where there is but one, when it is done."),
        Argument(
            names=("--preview",),
            value="HOW",
            choices=("auto", "off", *WAYS),
            default="auto",
            help="How the terminal shows the picture while it is drawn.",
        ),
        Argument(
            names=("--preview-to",), value="FILE", help="A PNG of the picture while it is drawn, gone when it is."
        ),
        Argument(names=("--exact",), help="One picture at a time: the same bits whatever else is drawn."),
        DEVICE,
        Argument(
            names=("--jobs",), value="N", help="Draw in so many processes; auto is one for each device. Default: 1."
        ),
        Argument(
            names=("--ray",),
            value="ADDRESS",
            alone="auto",
            help="Draw on a Ray cluster; auto, or no address, finds it, local starts one here.",
        ),
        *SERVER,
        DTYPE,
        memory("How memory is spared: auto, low or least; see below."),
        Argument(names=("--download",), help="Fetch a model that is named as `owner/name` from the Hugging Face hub."),
        *CONFIG,
        COLOUR,
        Argument(names=("--quiet", "-q"), help="Print problems only."),
        Argument(names=("--debug",), help="Print where a statement stopped that failed for no reason known here."),
    ),
    details=(
        "Statements with errors are left out, the others are drawn. No file is ever overwritten. Pictures are drawn "
        "together where a model can, and saved as each batch ends. Their numbers follow the file: what was not drawn "
        "leaves its number to a later `--resume`. What is finished is noted in `.promptlang-journal` beside the "
        "pictures, which may be removed: the pictures say it as well.",
        "Beside the grid of a comparison lies a page of the same name for a browser: every cell with its plan, filters "
        "for the axes, and any two laid over each other. It needs no network, and shows the files beside it where they "
        "are there, else small pictures that it holds.",
        "With `--watch` a statement that is as it was is not drawn again, nor one with an error; findings are printed "
        "at each save, all of them. Ctrl-C ends it with 0 while it waits.",
        "On a terminal the picture so far stands under the line that moves, a few times a second and rough: colours of "
        "its latents, which cost less than a hundredth of the time. kitty, iTerm, WezTerm, Ghostty and terminals that "
        "know sixel show it as a picture, others in half blocks. Of pictures that are drawn together it is the first. "
        "Models whose latents have no known colours show none, nor does a Ray cluster.",
        f"Memory: {'; '.join(f'`{each.name}` {each.docs}' for each in MEMORY)}. What is not on the "
        "device rests in main memory, so that on the CPU nothing does, and a warning says so. "
        "Attention is torch's own, but for that. A VAE whose pictures are no numbers in half precision has one more "
        "try in single precision.",
        DETAIL,
        "Exit code: 0 where everything was drawn, 1 where a statement could not be, 2 where the command could not do "
        "its work, 130 after Ctrl-C; finished pictures stay.",
    ),
    examples=(
        'promptlang render "a red circle /seed:7"',
        "promptlang render cow.prompt",
        "promptlang render --dry-run prompts/",
        "promptlang render --resume .",
        "promptlang render --server http://127.0.0.1:8188 cow.prompt",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `promptlang render` with the words after it; see COMMAND for the exit code."""
    return carry_out(COMMAND, render_files, arguments)


def render_files(arguments: Given) -> int:
    """Draw everything the arguments name."""
    if (path := arguments.text("preview-to")) and os.path.lexists(path):
        raise UsageError(f"there is a `{path}` already, and `--preview-to` writes over its file", "name another one")
    if arguments.flag("jobs") and arguments.flag("ray"):
        message = "`--jobs` and `--ray` exclude each other: a cluster says itself how many draw"
        raise UsageError(message, "leave one of them out")
    processes(arguments, "jobs")  # before any file is read
    if not arguments.flag("watch"):
        return _round(arguments, set())
    from promptlang_runtime.command.watching import watch

    return watch(arguments, lambda known, paths: _round(Given({**arguments.values, "paths": paths}), known))


def _round(arguments: Given, known: set[str]) -> int:
    with ExitStack() as closing:
        return _render(arguments, Run(closing, known, hub=arguments.flag("download")))


def _render(arguments: Given, run: Run) -> int:
    code = CLEAN
    try:
        run.server = server_of(arguments)
        jobs = [*jobs_of(arguments, run)]
    except (WriteError, RenderError) as error:
        complain(error.message, error.help)
        return FAILED
    say_unsaid(run)
    if arguments.flag("dry-run"):
        from promptlang_runtime.command.console import print_planned

        planned = batches(jobs, device=_kind(arguments), exact=are_alone(arguments, run))
        costs = known_costs(place_of(arguments, run))
        where = run.server.title if run.server else ""
        print_planned(planned, run.skipped, costs.estimate(planned), where)
    elif jobs or run.skipped:
        code = _draw_and_report(jobs, arguments, run)
    if code == CLEAN:
        run.known.update(each for key, each in run.asked.items() if key not in run.broken)
    return code or (FAILED if run.unread else FOUND if run.failed else CLEAN)


def _show(files: Iterable[Path]) -> None:
    """Have the system show files with what it shows such files with."""
    import webbrowser

    for file in files:
        if webbrowser.open(file.absolute().as_uri()) is False:
            warn(f"nothing was found here that shows `{shown(file)}`")


def _kind(arguments: Given) -> str:
    """The kind of device that is named; nothing is loaded to see what `auto` would be, so it counts as the CPU."""
    return (arguments.text("device") or "auto").partition(":")[0].replace("auto", "cpu")


def _draw_and_report(jobs: Sequence[Job], arguments: Given, run: Run) -> int:
    """Draw, save, and print the table of what is finished, also where something stopped the run."""
    from promptlang_runtime.command.console import print_done

    code, sheets = CLEAN, []
    try:
        draw(jobs, arguments, run)
        if not arguments.flag("no-sheet"):
            from promptlang_runtime.command.pages import pages

            sheets = list(pages(run))
    except WriteError as error:
        complain(error.message, error.help)
        code = FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if not arguments.flag("quiet"):
        print_done(run.in_order(), sheets, run.skipped)
    if arguments.flag("open") and code == CLEAN:
        seen = [each for each in sheets if each.with_suffix(".html") not in sheets or each.suffix == ".html"]
        _show([*seen, *(done.file for done in run.in_order()[:1] if not sheets)])
    if code == INTERRUPTED:
        wanted = sum(job.plan.images for job in jobs)
        complain(f"interrupted: {len(run.done)} of {wanted} pictures are finished", "add `--resume` to draw the rest")
    return code
