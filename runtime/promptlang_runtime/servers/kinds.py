"""THE table of programs that draw for `render --server`: each is one row, and says itself that it is what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from promptlang.models.evidence.records import Record, is_list
from promptlang.plans.plan import Plan
from promptlang.values import dataclass
from promptlang_runtime.errors import RenderError
from promptlang_runtime.servers.calling import Caller

if TYPE_CHECKING:
    from PIL import Image


class Program(Protocol):
    """A running program."""

    def __init__(self, caller: Caller) -> None: ...

    @property
    def title(self) -> str:
        """What draws, in words."""
        ...

    def remarks(self, plan: Plan) -> tuple[str, ...]:
        """What it is not told of a plan of one picture; raises RenderError where it cannot draw it."""
        ...

    def draw(self, plan: Plan) -> Image.Image:
        """That picture; raises RenderError."""
        ...

    def stop(self) -> None:
        """Take back what was sent, where that is possible."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row: `asked` is the path whose answer tells it from the others, by `tells`; `program` is `module:class`, and
    `at_once` how many pictures it is asked for at the same time.
    """

    name: str
    docs: str
    asked: str
    tells: Callable[[object], bool]
    program: str
    at_once: int


def _is_comfyui(answer: object) -> bool:
    return isinstance(answer, Record) and bool(answer.record("system")) and "devices" in answer


def _is_ours(answer: object) -> bool:
    return _owner(answer) == "promptlang"


def _is_dynamo(answer: object) -> bool:
    return _owner(answer) == "nvidia"


def _is_webui(answer: object) -> bool:
    return is_list(answer) and all(isinstance(each, Record) and "model_name" in each for each in answer)


def _is_models(answer: object) -> bool:
    return isinstance(answer, Record) and is_list(answer.get("data"))


def _owner(answer: object) -> str:
    """Whose models a list says that they are."""
    models = answer.records_of("data") if isinstance(answer, Record) else []
    return models[0].text("owned_by") if models else ""


ROWS: tuple[Kind, ...] = (
    Kind(
        name="comfyui",
        docs="a running ComfyUI, told by graphs",
        asked="/system_stats",
        tells=_is_comfyui,
        program="comfyui:ComfyUI",
        at_once=2,
    ),
    Kind(
        name="promptlang",
        docs="`promptlang serve`, told the whole statement",
        asked="/v1/models",
        tells=_is_ours,
        program="ours:Ours",
        at_once=4,
    ),
    Kind(
        name="webui",
        docs="a running stable-diffusion-webui or Forge, started with `--api`",
        asked="/sdapi/v1/sd-models",
        tells=_is_webui,
        program="webui:Webui",
        at_once=1,
    ),
    Kind(
        name="dynamo",
        docs="NVIDIA Dynamo",
        asked="/v1/models",
        tells=_is_dynamo,
        program="openai:Dynamo",
        at_once=4,
    ),
    Kind(
        name="openai",
        docs="a server of OpenAI's images interface, such as vLLM-Omni or SGLang",
        asked="/v1/models",
        tells=_is_models,
        program="openai:OpenAI",
        at_once=4,
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({row.name: row for row in ROWS})


def kind_of(caller: Caller) -> Kind:
    """What a server is, by its answers; raises RenderError where they are of no program known here."""
    answers: dict[str, object] = {}
    for row in ROWS:
        if row.asked not in answers:
            answer = caller.asked(row.asked)
            if answer.status in (401, 403):
                caller.check(answer)
            answers[row.asked] = answer.json if answer.status < 300 else None
        if row.tells(answers[row.asked]):
            return row
    message = f"`{caller.address.url}` is no server that is known here"
    raise RenderError(message, f"name what it is with `--server-kind`: {', '.join(KINDS)}")


def program_of(kind: Kind, caller: Caller) -> Program:
    """The program of a row."""
    module, _, name = kind.program.partition(":")
    made: type[Program] = getattr(import_module(f"promptlang_runtime.servers.{module}"), name)
    return made(caller)
