"""One server that draws for a run: what it is told of a plan, and the pictures that it answers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from promptlang.plans.plan import Plan
from promptlang.tables.options.picture import SEEDS
from promptlang.values import replace
from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.elsewhere import Elsewhere
from promptlang_runtime.servers.address import address_of
from promptlang_runtime.servers.calling import Caller
from promptlang_runtime.servers.kinds import KINDS, Kind, kind_of, program_of

if TYPE_CHECKING:
    from PIL import Image


class Server:
    """A server of a kind; with a `model` it draws everything with that one of its own."""

    def __init__(self, caller: Caller, kind: Kind, model: str = "") -> None:
        self.caller, self.kind = caller, kind
        self._program = program_of(kind, caller)
        self._model = model

    @cached_property
    def title(self) -> str:
        """What it is, and where."""
        return f"{self._program.title} at `{self.caller.address.url}`"

    def told(self, plan: Plan) -> Elsewhere:
        """Who draws a plan, and what of it that one is not told; raises RenderError where it does not draw it."""
        seed = 0 if plan.seed is None else plan.seed
        return Elsewhere(self.kind.name, self._program.remarks(self._asked(plan, seed)))

    def draw(self, plan: Plan, seed: int) -> Image.Image:
        """One picture of a plan; raises RenderError."""
        return self._program.draw(self._asked(plan, seed))

    def stop(self) -> None:
        """End what waits, and take back what was sent; whatever it answers is of no interest any more."""
        self.caller.stopped.set()
        try:
            self._program.stop()
        except RenderError:
            return

    def _asked(self, plan: Plan, seed: int) -> Plan:
        """The plan of one picture; its file is ours to write."""
        model = replace(plan.model, name=self._model, path=None) if self._model else plan.model
        return replace(plan, seed=seed % SEEDS, images=1, file_format="png", model=model)


def server_at(url: str, *, token: str = "", kind: str = "", model: str = "") -> Server:
    """The server at an address, asked what it is where no kind is named; raises RenderError where it is none."""
    caller = Caller(address_of(url, token))
    return Server(caller, KINDS[kind] if kind else kind_of(caller), model)
