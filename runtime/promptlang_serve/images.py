"""OpenAI's paths for images, as its clients send them; the prompt is a statement, or words alone."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import time

from starlette.responses import Response

from promptlang.models.evidence.records import quoted
from promptlang.plans.json import Json
from promptlang.plans.plan import Plan
from promptlang.tables.options.picture import DEFAULT_STRENGTH
from promptlang_serve.answers import Refused, as_json
from promptlang_serve.drawing import Packed, drawn
from promptlang_serve.guard import OPEN
from promptlang_serve.limits import Limits
from promptlang_serve.rows import Asked, Row
from promptlang_serve.schemas import NUMBER, TEXT, Schema, choice, described, listed, or_null, record, text, whole
from promptlang_serve.site import Site
from promptlang_serve.statements import compiled, drawable, led_away
from promptlang_serve.uploads import cleared, opened, uploaded

_AUTO = "auto"  # which leaves a choice to the service
_FORMATS = {"png": "png", "jpeg": "jpg", "webp": "webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A field of the body: the option that holds by it where the prompt says nothing else, or what else it is for."""

    name: str
    schema: Schema
    docs: str
    option: str = ""


def _fields(limits: Limits) -> tuple[Said, ...]:
    return (
        Said(name="prompt", schema=text(limits.text, 1), docs="A statement, or words alone."),
        Said(
            name="negative_prompt",
            schema=text(limits.text),
            docs="What the picture is led away from, beside what the prompt says of it.",
        ),
        Said(name="model", schema=text(200), docs="A model of `/v1/models`; else the project's."),
        Said(name="n", schema=whole(1, limits.images), docs="How many pictures.", option="images"),
        Said(name="size", schema=text(20), docs="`WIDTHxHEIGHT`, or `auto`: the model's own.", option="size"),
        Said(name="seed", schema=whole(0), docs="The number the noise is drawn from.", option="seed"),
        Said(name="num_inference_steps", schema=whole(1, limits.steps), docs="How many steps.", option="steps"),
        Said(name="guidance_scale", schema=NUMBER, docs="How strongly the prompt guides.", option="guidance"),
        Said(name="output_format", schema=choice(*_FORMATS), docs="The format of the files.", option="format"),
        Said(
            name="response_format",
            schema=choice("b64_json", "url"),
            docs="The files themselves, or addresses under which they lie for a while.",
        ),
        Said(name="user", schema=text(200), docs="Who asks; it changes nothing."),
        Said(name="safety_identifier", schema=text(200), docs="Who asks; it changes nothing."),
        Said(name="moderation", schema=choice(_AUTO, "low"), docs="Nothing is moderated."),
        Said(name="quality", schema=choice(_AUTO, "standard"), docs="Write `/steps` and `/guidance` instead."),
        Said(name="background", schema=choice(_AUTO, "opaque"), docs="No picture is transparent."),
        Said(name="stream", schema={"type": "boolean", "enum": [False]}, docs="Nothing is streamed."),
    )


def rows(limits: Limits) -> tuple[Row, ...]:
    """OpenAI's paths."""
    fields = {each.name: described(or_null(each.schema), each.docs) for each in _fields(limits)}
    fields["prompt"] = described(text(limits.text, 1), "A statement, or words alone.")
    form = {each.name: described(each.schema, each.docs) for each in _fields(limits) if each.name != "stream"}
    file: Schema = {"type": "string", "format": "binary"}
    strength: Schema = {"type": "number", "minimum": 0, "maximum": 1}
    picture = record({"b64_json": TEXT, "url": TEXT, "seed": {"type": "integer"}}, "seed")
    drew = record({"created": {"type": "integer"}, "data": listed(picture), "size": TEXT}, "created", "data")
    model = record(
        {"id": TEXT, "object": choice("model"), "created": {"type": "integer"}, "owned_by": TEXT},
        *("id", "object", "created", "owned_by"),
    )
    models = record({"object": choice("list"), "data": listed(model, 100_000)}, "object", "data")
    return (
        Row(
            method="POST",
            path="/v1/images/generations",
            about="Pictures from a prompt.",
            answer=_generate,
            body=record(fields, "prompt"),
            answers=drew,
            draws=True,
            refusals=(HTTPStatus.NOT_FOUND,),
        ),
        Row(
            method="POST",
            path="/v1/images/edits",
            about="Pictures that start from another one; where a mask is transparent, that one is drawn anew.",
            answer=_edit,
            body=record(
                {
                    **form,
                    "image": described(file, "A PNG, JPEG or WebP."),
                    "mask": described(file, "Of the same shape."),
                    "strength": described(strength, "How far it may move away from the image."),
                },
                *("prompt", "image"),
            ),
            files=("image", "mask"),
            answers=drew,
            draws=True,
            refusals=(HTTPStatus.NOT_FOUND,),
        ),
        Row(method="GET", path="/v1/models", about="What draws here.", answer=_models, answers=models),
        Row(
            method="GET",
            path="/v1/models/{model}",
            about="One of them.",
            answer=_model,
            answers=model,
            refusals=(HTTPStatus.NOT_FOUND,),
        ),
    )


async def _generate(asked: Asked) -> Response:
    return await _answer(asked, await drawn(asked, await _plans(asked)))


async def _edit(asked: Asked) -> Response:
    plans = await _plans(asked)
    if any(plan.image for plan in plans):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the image is the one that is sent", help="leave `/image` out")
    strength = asked.body.get("strength", DEFAULT_STRENGTH)
    mask = asked.files.get("mask")
    image, mask = opened(asked.files["image"], "image"), cleared(opened(mask, "mask")) if mask is not None else None
    with uploaded(image=image, mask=mask) as paths:
        over = [replace(plan, command="remix", strength=strength, **paths) for plan in plans]
        return await _answer(asked, await drawn(asked, over, told={name: f"{name}.png" for name in paths}))


async def _plans(asked: Asked) -> tuple[Plan, ...]:
    """The plans of the prompt, with what the other fields say."""
    site, body = asked.site, asked.body
    model = body.text("model")
    if model and not any(each.name.lower() == model.lower() for each in site.models()):
        raise _no_model(site, model)
    given: dict[str, str] = {}
    for each in _fields(site.limits):
        value = body.get(each.name)
        if each.option and value not in (None, _AUTO):
            given[each.option] = _FORMATS.get(str(value), str(value))
    said = led_away(body.text("prompt"), body.text("negative_prompt"), site.project)
    made = await asyncio.to_thread(compiled, said, site.project, given, model)
    return drawable(made, site.project, site.limits)


async def _answer(asked: Asked, found: Sequence[Packed]) -> Response:
    data: list[Json] = []
    for each in found:
        if asked.body.text("response_format") == "url":
            name = asked.site.shelf.put(each.data, each.plan.file_format)
            address = f"{str(asked.request.base_url).rstrip('/')}{OPEN}{name}"
            data.append({"url": address, "seed": each.seed})
        else:
            data.append({"b64_json": b64encode(each.data).decode(), "seed": each.seed})
    sizes = {each.size for each in found}
    size: dict[str, Json] = {"size": "x".join(map(str, found[0].size))} if len(sizes) == 1 else {}
    return as_json({"created": int(time()), "data": data, **size})


async def _models(asked: Asked) -> Response:
    known = await asyncio.to_thread(asked.site.models)
    return as_json({"object": "list", "data": [_described(each.name) for each in known]})


async def _model(asked: Asked) -> Response:
    name = str(asked.request.path_params["model"])
    known = await asyncio.to_thread(asked.site.models)
    found = next((each.name for each in known if each.name.lower() == name.lower()), None)
    if found is None:
        raise _no_model(asked.site, name)
    return as_json(_described(found))


def _described(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": "promptlang"}


def _no_model(site: Site, name: str) -> Refused:
    known = ", ".join(f"`{each.name}`" for each in site.models()[:10])
    return Refused(
        HTTPStatus.NOT_FOUND,
        f"no model called {quoted(name)} is served here",
        help=f"there is {known}",
        code="model_not_found",
    )
