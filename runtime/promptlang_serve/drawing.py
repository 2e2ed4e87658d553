"""What a request has drawn: looked at before it waits, forgotten when its client leaves, and packed with its making."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from promptlang.plans.plan import Plan
from promptlang_runtime.errors import RenderError
from promptlang_serve.answers import LEFT, Refused
from promptlang_serve.orders import Drawn, Full, Order, Outcome
from promptlang_serve.rows import Asked

if TYPE_CHECKING:
    from PIL import Image


class Finish(Protocol):
    """What a path makes of every picture that is drawn for it, and what the file says of that, by webui's names."""

    @property
    def said(self) -> Mapping[str, str]: ...

    def finished(self, picture: Image.Image, plan: Plan) -> Image.Image: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The file of a picture, with what it was drawn by; `parameters` is what webui reads in it."""

    data: bytes
    plan: Plan
    seed: int
    seconds: float
    size: tuple[int, int]
    parameters: str


async def drawn(
    asked: Asked,
    plans: Sequence[Plan],
    *,
    told: Mapping[str, str] | None = None,
    stoppable: bool = False,
    finish: Finish | None = None,
) -> tuple[Packed, ...]:
    """The pictures of plans; raises Refused. `told` is what files say in place of paths of uploads."""
    await asyncio.to_thread(_check, plans)
    began = monotonic()
    try:
        order = asked.site.drawer.put(plans, stoppable=stoppable)
    except Full as full:
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{asked.site.limits.queue} requests wait already",
            help=f"come again in {full.seconds} seconds",
            code="queue_full",
            headers={"Retry-After": str(full.seconds)},
        ) from None
    outcome = await _waited(asked, order, began)
    if failure := outcome.failure:
        if not failure.is_known:
            raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, f"drawing failed: {failure.message}", code="not_drawn")
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, failure.message, help=failure.help, code="not_drawn")
    return tuple(await asyncio.to_thread(_packed, outcome.drawn, told or {}, finish))


async def _waited(asked: Asked, order: Order, began: float) -> Outcome:
    """What comes of an order, while its client waits for it; raises Refused."""
    coming = asyncio.wrap_future(order.done)
    leaving = asyncio.ensure_future(_left(asked.request))
    seconds = asked.site.limits.seconds - (monotonic() - began)
    try:
        await asyncio.wait({coming, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            return coming.result()
        if leaving.done():
            raise Refused(LEFT, "the client has gone")
        raise Refused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"the pictures were not finished within {asked.site.limits.seconds} seconds",
            code="timeout",
            headers={"Retry-After": "1"},
        )
    finally:
        leaving.cancel()
        asked.site.drawer.cancel(order)


async def _left(request: Request) -> None:
    """Until the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _check(plans: Sequence[Plan]) -> None:
    """Raises Refused for a plan that cannot be drawn here; neither torch nor a model is loaded to see it."""
    from promptlang_runtime.planning.undrawable import refuse_undrawable

    sound = set[tuple[str | None, ...]]()
    try:
        for plan in plans:
            refuse_undrawable(plan, sound)
    except RenderError as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, help=error.help, code="not_drawn") from None


def _packed(drawn: Sequence[Drawn], told: Mapping[str, str], finish: Finish | None) -> list[Packed]:
    from promptlang_runtime.output.files import packed
    from promptlang_runtime.output.metadata import told as parameters_of

    found: list[Packed] = []
    for each in drawn:
        plan = replace(each.plan, **{name: said for name, said in told.items() if getattr(each.plan, name)})
        picture = finish.finished(each.picture, plan) if finish else each.picture
        also = finish.said if finish else None
        data = packed(picture, plan, each.seed, also)
        seconds = float(each.picture.info["seconds"])
        parameters = parameters_of(plan, each.seed, also)
        size = picture.size
        found.append(Packed(data=data, plan=plan, seed=each.seed, seconds=seconds, size=size, parameters=parameters))
    return found
