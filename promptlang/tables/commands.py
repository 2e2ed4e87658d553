"""The commands: what makes images, what sets things up, and what only the hosted service knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One row: `draws` commands make plans, `declares` ones speak for others, `hosted` ones are known by name alone."""

    name: str
    docs: str
    draws: bool = False
    declares: bool = False
    hosted: bool = False
    needs: tuple[str, ...] = ()  # options without which it cannot run
    aliases: tuple[str, ...] = ()


def _hosted(name: str, docs: str, *aliases: str) -> Command:
    return Command(name=name, docs=docs, hosted=True, aliases=aliases)


ROWS = (
    Command(name="render", docs="Make images from this prompt.", draws=True),
    Command(
        name="compare",
        docs="Make the same image with one or more options swept, laid out as a labelled grid. "
        "Seed, guidance, sampler and concept must be fixed.",
        draws=True,
    ),
    Command(
        name="remix",
        docs="Start from an image: `/image:path` and `/strength:0..1`.",
        draws=True,
        needs=("image",),
    ),
    Command(name="set", docs="Defaults for the statements below it in this file.", declares=True),
    Command(
        name="recipe",
        docs="Name a piece of options and text: `/recipe #name …`. `#name` in a prompt uses it; "
        "`$prompt` in it is where the caller's text goes.",
        declares=True,
    ),
    _hosted("concepts", "Lists the models of the hosted service.", "concept", "conceptbrowser"),
    _hosted("workflow", "Runs a graph on the hosted service.", "wf", "workflows"),
    _hosted("skill", "Lets the hosted service expand the prompt."),
    _hosted("showprompt", "Shows the prompt of a finished picture."),
    _hosted("describe", "Writes a caption for a picture."),
    _hosted("control", "Stores a control image."),
    _hosted("upload", "Stores an image."),
    _hosted("more", "Makes variations of a picture."),
    _hosted("facelift", "Upscales and retouches a picture."),
    _hosted("highdef", "Upscales a picture."),
    _hosted("faceswap", "Swaps a face."),
    _hosted("inpaint", "Repaints a part of a picture."),
    _hosted("outpaint", "Extends a picture."),
    _hosted("bg", "Removes the background of a picture."),
    _hosted("compose", "Draws zones of a picture from separate texts."),
    _hosted("trace", "Turns a picture into vectors."),
    _hosted("edit", "Edits a picture by instruction."),
    _hosted("recipes", "Lists recipes of the hosted service."),
    _hosted("styles", "Lists styles of the hosted service."),
    _hosted("bots", "Makes a chat bot."),
    _hosted("polly", "Talks to a language model.", "llm"),
    _hosted("unified", "Opens the web editor."),
    _hosted("ping", "Tells the mean waiting time."),
    _hosted("cancel", "Stops a render of the hosted service."),
    _hosted("debug", "Shows account details."),
    _hosted("leaderboard", "Shows how much everybody rendered."),
    _hosted("makesong", "Makes a song."),
    _hosted("start", "Opens an account.", "email", "username", "webui", "community", "password", "api"),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({name: row for row in ROWS for name in (row.name, *row.aliases)})

DRAW = tuple(name for name, row in COMMANDS.items() if row.draws)
"""The names of the commands that make images."""


def command(name: str) -> Command | None:
    """The row of a command, read case-insensitively."""
    return COMMANDS.get(name.lower())
