"""How a command line says on what pictures are drawn, in which numbers and in how much memory: one form of it."""

from __future__ import annotations

from typing import Literal

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang_runtime.executors.limits import MEMORY, Memory, Settings, memory_row

DEVICE = Argument(names=("--device",), value="NAME", default="auto", help="auto, cpu, cuda or mps.")
DTYPE = Argument(
    names=("--dtype",),
    value="TYPE",
    choices=("float32", "float16", "bfloat16"),
    help="Number type of the model. Default: float32 on the CPU, float16 elsewhere.",
)

MOST_PROCESSES = 1024
Way = Literal["kitty", "iterm", "sixel", "blocks"]
WAYS: tuple[Way, ...] = ("kitty", "iterm", "sixel", "blocks")
"""How a terminal shows a picture."""


def memory(help: str) -> Argument:
    """The row of `--memory`; its help says where the ways are told."""
    names = tuple(each.name for each in MEMORY)
    return Argument(names=("--memory",), value="HOW", choices=names, default=names[0], help=help)


def memory_of(arguments: Given) -> Memory:
    """How memory is to be spared."""
    return memory_row(arguments.text("memory") or MEMORY[0].name)


def processes(arguments: Given, name: str) -> int:
    """In how many processes pictures are drawn; 0 is one for each device. Raises UsageError for too many."""
    if arguments.text(name) == "auto":
        return 0
    count = arguments.number(name) or 1
    if count > MOST_PROCESSES:
        raise UsageError(f"`--{name}` must be at most {MOST_PROCESSES}, found {count}", f"write `--{name} auto`")
    return count


def settings_of(arguments: Given) -> Settings:
    """How every batch is to be drawn."""
    return Settings(
        device=arguments.text("device") or "auto",
        dtype=arguments.text("dtype"),
        hub=arguments.flag("download"),
        memory=memory_of(arguments).name,
    )
