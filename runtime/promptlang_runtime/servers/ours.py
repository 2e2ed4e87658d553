"""`promptlang serve`: told the whole statement, which it must read as it is read here."""

from __future__ import annotations

from PIL import Image

from promptlang.exporters.facts import differences
from promptlang.importers.json_text import shortened
from promptlang.importers.programs.promptlang import of_plan
from promptlang.importers.retold import told
from promptlang.models.evidence.records import printable
from promptlang.plans.enlarging import drawn_size
from promptlang.plans.json import PlanError, from_data
from promptlang.plans.plan import Plan
from promptlang.tables.options.table import IMAGE, MASK, STRENGTH
from promptlang.values import replace
from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.images import mask_image, start_image
from promptlang_runtime.servers.calling import DRAWING, Caller
from promptlang_runtime.servers.openai import GENERATIONS, picture
from promptlang_runtime.servers.pictures import png

COMPILE, EDITS = "/v1/compile", "/v1/images/edits"
_SILENT = "it does not say why"
_SENT = {row.name for row in (IMAGE, MASK, STRENGTH)}


class Ours:
    """A service of promptlang, which says everything that a statement says."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def title(self) -> str:
        """What draws."""
        return "promptlang serve"

    def remarks(self, plan: Plan) -> tuple[str, ...]:
        """Nothing is left out; raises RenderError where the service reads the statement otherwise."""
        text, meant = _statement(plan), _without_pictures(plan)
        answer = self._caller.record(COMPILE, {"text": text})
        plans = answer.records_of("plans")
        errors = [each for each in answer.records_of("diagnostics") if each.text("severity") == "error"]
        if errors or len(plans) != 1:
            said = shortened(printable(errors[0].text("message"))) if errors else f"{len(plans)} plans are made of it"
            raise RenderError(f"`{self._caller.address.url}` does not draw the statement: {said or _SILENT}")
        try:
            theirs = from_data(plans[0])
        except PlanError:
            raise RenderError(f"`{self._caller.address.url}` makes plans of another version") from None
        for each in differences(meant, theirs):
            values = (shortened(printable(value)) for value in (each.second, each.first))
            there, here = (f"`{value}`" if value else "nothing" for value in values)
            message = f"`{self._caller.address.url}` reads {each.name} as {there}, and here it is {here}"
            raise RenderError(message, "serve it from a project that says the same")
        return ()

    def draw(self, plan: Plan) -> Image.Image:
        """The one picture of a plan; raises RenderError."""
        text = _statement(plan)
        if plan.image is None:
            answer = self._caller.record(GENERATIONS, {"prompt": text}, seconds=DRAWING)
        else:
            files = {"image": ("image.png", png(start_image(plan.image, plan.size)))}
            if plan.mask is not None:
                files["mask"] = ("mask.png", png(_cut_out(mask_image(plan.mask, plan.image, plan.size))))
            fields = {"prompt": text} | ({} if plan.strength is None else {"strength": f"{plan.strength!r}"})
            answer = self._caller.sent(EDITS, fields, files, seconds=DRAWING)
        return picture(self._caller, answer, drawn_size(plan))

    def stop(self) -> None:
        """It sees itself that nobody waits any more."""


def _statement(plan: Plan) -> str:
    """The statement that draws the plan, without the pictures that go beside it; raises RenderError."""
    reading = of_plan(plan, plan.seed)
    if reading is None:
        raise RenderError("the plan was made of no single statement, so none can be sent")
    (found,) = reading.found
    if plan.image is not None:
        options = tuple(each for each in found.options if each[0] not in _SENT)
        found = replace(found, command="render", options=options)
    made = told(replace(reading, found=(found,)))
    if made.remarks or len(made.statements) != 1:
        raise RenderError(f"the statement cannot be sent: {(*made.remarks, 'it cannot be written')[0]}")
    return made.statements[0]


def _without_pictures(plan: Plan) -> Plan:
    return replace(plan, image=None, mask=None, strength=None) if plan.image is not None else plan


def _cut_out(mask: Image.Image) -> Image.Image:
    """The mask as OpenAI has it: what is drawn anew is transparent."""
    clear = Image.new("RGBA", mask.size)
    clear.putalpha(mask.point([255 - value for value in range(256)]))
    return clear
