"""Servers of OpenAI's images interface: vLLM-Omni, SGLang and others, and Dynamo; one picture a request."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urljoin

from PIL import Image

from promptlang.exporters.targets import TARGETS
from promptlang.models.evidence.records import Record
from promptlang.plans.enlarging import drawn_size
from promptlang.plans.plan import Plan
from promptlang.values import replace
from promptlang_runtime.errors import RenderError
from promptlang_runtime.servers.calling import DRAWING, Caller
from promptlang_runtime.servers.names import absent, found
from promptlang_runtime.servers.pictures import decoded, unpacked
from promptlang_runtime.servers.telling import Told, told

MODELS = "/v1/models"
GENERATIONS = "/v1/images/generations"


class OpenAI:
    """A server that is told what the interface has words for."""

    target = "openai"

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def title(self) -> str:
        """What draws."""
        return TARGETS[self.target].title

    def remarks(self, plan: Plan) -> tuple[str, ...]:
        """What it is not told; raises RenderError where it cannot draw the plan."""
        return self._told(plan).remarks

    def draw(self, plan: Plan) -> Image.Image:
        """The one picture of a plan; raises RenderError."""
        answer = self._caller.record(GENERATIONS, self._told(plan).body, seconds=DRAWING)
        return picture(self._caller, answer, drawn_size(plan))

    def stop(self) -> None:
        """Nothing that was sent can be taken back."""

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The names of its models; none where it does not say."""
        return model_names(self._caller)

    def _told(self, plan: Plan) -> Told:
        if not self.models:
            return told(plan, self.target)
        name = found((plan.model.name, plan.model.path or ""), self.models)
        if not name:
            message, help = absent("model", plan.model.name, self.models)
            raise RenderError(f"`{self._caller.address.url}` {message}", help)
        return told(replace(plan, model=replace(plan.model, name=name)), self.target)


class Dynamo(OpenAI):
    """The same where most of it is said apart."""

    target = "dynamo"


def model_names(caller: Caller) -> tuple[str, ...]:
    """The models that a server lists."""
    answer = caller.asked(MODELS)
    listed = answer.json
    if answer.status >= 300 or not isinstance(listed, Record):
        return ()
    return tuple(name for each in listed.records_of("data") if (name := each.text("id")))


def picture(caller: Caller, answer: Record, size: tuple[int, int]) -> Image.Image:
    """The picture in an answer, or at an address of the same server; raises RenderError."""
    url = caller.address.url
    first = next(iter(answer.records_of("data")), Record())
    if place := first.text("url"):
        if place.startswith("data:"):
            return decoded(unpacked(place, url), size, url)
        try:
            whole = urljoin(f"{url}/", place)
        except ValueError:
            raise RenderError(f"`{url}` leaves its picture at what is no address") from None
        if not whole.startswith(f"{url}/") or not caller.address.holds(whole):
            raise RenderError(f"`{url}` leaves its picture with another server", "have it answer `b64_json`")
        found = caller.answered(whole[len(url) :])
        caller.check(found)
        return decoded(found.data, size, url)
    return decoded(unpacked(first.get("b64_json"), url), size, url)
