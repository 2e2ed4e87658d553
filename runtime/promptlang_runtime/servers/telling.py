"""What a program is told of a plan: the words of its exporter, and what these leave out, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.exporters.targets import FILLING, TARGETS, asked, written
from promptlang.importers.json_text import parsed
from promptlang.models.evidence.records import Record
from promptlang.plans.plan import Plan
from promptlang.values import dataclass
from promptlang_runtime.errors import RenderError

PICTURES = ("image", "mask", "control_image", "blend")
"""The fields of a plan without which its picture is one of something else."""


@dataclass(frozen=True, slots=True)
class Told:
    """A body, and remarks about what it does not say, in one clause each."""

    body: Record
    remarks: tuple[str, ...] = ()


def told(plan: Plan, target: str) -> Told:
    """A plan in the words of a running program, by the name of its row; raises RenderError where a picture is left
    out, or what nobody knows.
    """
    if missing := next(_left_out(plan, target), ""):
        message = f"{TARGETS[target].title} is not shown the picture of `/{FILLING.get(missing, missing)}`"
        raise RenderError(message, "leave it out, or draw the statement here")
    unknown = next((each.name for each in plan.networks if each.kind == "unknown"), "")
    if unknown:
        entry = f'`{unknown} = {{ kind = "lora" }}`'
        raise RenderError(f"nothing is known of <{unknown}>", f"write {entry} under `[concepts]` in `promptlang.toml`")
    made = written(plan, target, is_running=True)
    body = parsed(made.text)
    assert isinstance(body, Record)
    return Told(body, made.remarks)


def _left_out(plan: Plan, target: str) -> Iterator[str]:
    row = TARGETS[target]
    return (name for name in asked(plan) if name in PICTURES and name not in row.says | row.sent)
