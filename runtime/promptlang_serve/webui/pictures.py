"""`txt2img` and `img2img`: a body to a statement in webui's dialect, which is drawn in webui's arithmetic."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from promptlang.exporters.infotext import sampler_name
from promptlang.importers.imported import Imported
from promptlang.importers.matching import matched
from promptlang.importers.statement import as_statement
from promptlang.models.evidence.records import Record, quoted
from promptlang.plans.json import Json
from promptlang.plans.plan import Plan
from promptlang_serve.answers import Refused, as_json
from promptlang_serve.drawing import Packed, drawn
from promptlang_serve.rows import Asked
from promptlang_serve.site import Site
from promptlang_serve.statements import compiled, drawable
from promptlang_serve.uploads import opened, uploaded
from promptlang_serve.webui.fields import HIRES, Field, asking, options
from promptlang_serve.webui.masks import STRETCHED, Inpainting, flat, inpainting, stretched

if TYPE_CHECKING:
    from PIL import Image

_STRENGTH = 0.75  # of webui where nobody says otherwise


async def txt2img(asked: Asked) -> Response:
    """Pictures from a prompt."""
    own = HIRES if asked.body.get("enable_hr") else ()
    plans = await _plans(asked, own)
    return _answer(asked, await drawn(asked, plans, stoppable=True))


async def img2img(asked: Asked) -> Response:
    """Pictures that start from another one."""
    plans = await _plans(asked, ())
    strength = asked.body.get("denoising_strength")
    strength = _STRENGTH if strength is None else strength
    if not isinstance(strength, int | float) or not 0 <= strength <= 1:
        message = f"`denoising_strength` must be 0 to 1, found {strength}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="value")
    making = await asyncio.to_thread(_inpainting, asked.body, plans[0].size)
    image, mask = (making.image, making.mask) if isinstance(making, Inpainting) else (making, None)
    finish = making if isinstance(making, Inpainting) else None
    with uploaded(image=image, mask=mask) as paths:
        over = [replace(plan, command="remix", strength=float(strength), **paths) for plan in plans]
        told = {name: f"{name}.png" for name in paths}
        return _answer(asked, await drawn(asked, over, told=told, stoppable=True, finish=finish))


def _inpainting(body: Record, size: tuple[int, int]) -> Inpainting | Image.Image:
    """What a request draws over: an image, or with a mask what webui makes of both; raises Refused."""
    (sent,) = body.items_of("init_images")
    image = flat(opened(unpacked(str(sent)), "image"))
    if mask := body.text("mask"):
        return inpainting(body, image, opened(unpacked(mask), "mask"), size)
    return stretched(image, size) if (body.whole("resize_mode") or STRETCHED) == STRETCHED else image


def unpacked(image: str) -> bytes:
    """A picture that is sent as base64, in an address or alone; raises Refused."""
    data = image.partition(",")[2] if image.startswith("data:") else image
    try:
        return b64decode(data, validate=True)
    except (Error, ValueError):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the picture is no base64", code="bad_picture") from None


async def _plans(asked: Asked, own: tuple[Field, ...]) -> tuple[Plan, ...]:
    site, body = asked.site, asked.body
    named = body.record("override_settings").text("sd_model_checkpoint") or site.model
    statement = as_statement(Imported(positive=body.text("prompt"), negative=body.text("negative_prompt")))
    if statement is None:
        message = "the words cannot be written as a statement"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, code="prompt")
    given = options(body, (*asking(site.limits), *own))
    model = model_of(site, named) if named else ""
    made = await asyncio.to_thread(compiled, statement, site.project, given, model)
    return drawable(made, site.project, site.limits)


def model_of(site: Site, title: str) -> str:
    """The name of the model that a title means: with folder, ending and hash, or without; raises Refused."""
    known = {each.name.lower(): each.name for each in site.models()}
    found, _ = matched(Imported(positive="", model=title), lambda name: known.get(name.lower()))
    if found.model not in known.values():
        message = f"no model called {quoted(title)} is served here"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, help="`sd-models` lists them", code="model_not_found")
    return found.model


def _answer(asked: Asked, found: Sequence[Packed]) -> Response:
    """As webui answers: the pictures, what was asked, and what came of it in a text that is JSON itself."""
    said: dict[str, Json] = {
        name: value
        for name, value in asked.body.items()
        if name not in ("init_images", "mask") and isinstance(value, str | int | float | bool | None)
    }
    is_wanted = asked.body.get("send_images") is not False
    images: list[Json] = [b64encode(each.data).decode() for each in found] if is_wanted else []
    return as_json({"images": images, "parameters": said, "info": json.dumps(_info(asked.body, found))})


def _info(body: Record, found: Sequence[Packed]) -> dict[str, Json]:
    positive, negative = body.text("prompt"), body.text("negative_prompt")
    shared: dict[str, Json] = {"prompt": positive, "negative_prompt": negative, "version": "promptlang"}
    each_of: dict[str, Json] = {
        "all_prompts": [positive for _ in found],
        "all_negative_prompts": [negative for _ in found],
        "all_seeds": [each.seed for each in found],
        "all_subseeds": [each.seed for each in found],
        "infotexts": [each.parameters for each in found],
    }
    if not found:
        return {**shared, **each_of, "seed": -1}
    first = found[0].plan
    return {
        **shared,
        **each_of,
        "seed": found[0].seed,
        "subseed": found[0].seed,
        "width": found[0].size[0],
        "height": found[0].size[1],
        "sampler_name": sampler_name(first),
        "cfg_scale": first.guidance,
        "steps": first.steps,
        "batch_size": len(found),
        "denoising_strength": first.strength,
        "sd_model_name": first.model.name,
        "clip_skip": first.clip_skip or 1,
    }
