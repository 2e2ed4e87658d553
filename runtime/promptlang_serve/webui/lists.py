"""What webui says about itself: what it can draw with, what is chosen, and how far it is."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO

from starlette.responses import Response

from promptlang.foreign import foreign
from promptlang.importers.reading import read_data
from promptlang.importers.retold import told
from promptlang.plans.json import Json
from promptlang.tables.arithmetics import WEBUI, samplers
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.schedules import ROWS as SCHEDULES
from promptlang.tables.upscalers import ROWS as UPSCALERS
from promptlang_serve.answers import Refused, as_json
from promptlang_serve.rows import Asked
from promptlang_serve.site import Site
from promptlang_serve.webui.pictures import model_of, unpacked

_OWN_SKIP, _VAE, _FORMAT = 1, "Automatic", "png"


def samplers_of(site: Site) -> Json:
    """Everything that is drawn as webui draws it."""
    del site
    return [{"name": row.webui, "aliases": [row.name, *row.aliases], "options": {}} for row in samplers(WEBUI.name)]


def schedulers_of(site: Site) -> Json:
    """The schedules that webui has, and what leaves it to the sampler."""
    del site
    named = [("automatic", "Automatic"), *((row.name, row.webui) for row in SCHEDULES if row.webui)]
    shared: dict[str, Json] = {"aliases": None, "default_rho": -1, "need_inner_model": False}
    return [{"name": name, "label": label, **shared} for name, label in named]


def models_of(site: Site) -> Json:
    """What draws; a title is the name alone, for no hash is taken of the files."""
    shared: dict[str, Json] = {"hash": None, "sha256": None, "config": None}
    return [{"title": each.name, "model_name": each.name, "filename": _file(each), **shared} for each in site.models()]


def loras_of(site: Site) -> Json:
    """The LoRAs of the project."""
    return [
        {"name": each.name, "alias": each.name, "path": _file(each), "metadata": {}} for each in site.of_kind("lora")
    ]


def embeddings_of(site: Site) -> Json:
    """The textual inversions of the project."""
    shared: dict[str, Json] = {"step": None, "sd_checkpoint": None, "sd_checkpoint_name": None, "shape": None}
    found = {each.name: {**shared, "vectors": each.vectors} for each in site.of_kind("inversion")}
    return {"loaded": dict[str, Json](found), "skipped": {}}


def vaes_of(site: Site) -> Json:
    """The VAEs of the project, which a statement may name; a request of webui draws with the model's own."""
    return [{"model_name": each.name, "filename": _file(each)} for each in site.of_kind("vae")]


def upscalers_of(site: Site) -> Json:
    """What enlarges pixels between two passes."""
    del site
    shared: dict[str, Json] = {"model_name": None, "model_path": None, "model_url": None, "scale": 4}
    return [{"name": row.webui, **shared} for row in UPSCALERS if row.of == "pixels"]


def latent_modes_of(site: Site) -> Json:
    """What enlarges latents between two passes."""
    del site
    return [{"name": row.webui} for row in UPSCALERS if row.of == "latents"]


def progress_of(site: Site) -> Json:
    """How far what is being drawn is, and how it looks so far."""
    now = site.drawer.progress()
    state: dict[str, Json] = {
        "skipped": False,
        "interrupted": False,
        "stopping_generation": False,
        "job": "drawing" if now.waiting else "",
        "job_count": now.waiting,
        "job_timestamp": "0",
        "job_no": 0,
        "sampling_step": now.calls,
        "sampling_steps": now.of,
    }
    eta = now.seconds if now.waiting else 0.0
    seen = b64encode(now.glimpse.png()).decode() if now.glimpse else None
    return {"progress": now.share, "eta_relative": eta, "state": state, "current_image": seen, "textinfo": None}


def settings_of(site: Site) -> Json:
    """What is chosen."""
    chosen = site.model or next((each.name for each in site.models()), "")
    return {
        "sd_model_checkpoint": chosen,
        "sd_checkpoint_hash": None,
        "CLIP_stop_at_last_layers": _OWN_SKIP,
        "sd_vae": _VAE,
        "samples_format": _FORMAT,
    }


def nothing(site: Site) -> Json:
    """What there is none of here."""
    del site
    return []


def nothing_named(site: Site) -> Json:
    """The same where webui answers an object."""
    del site
    return {}


def no_scripts(site: Site) -> Json:
    """No scripts, of either path."""
    del site
    return {"txt2img": [], "img2img": []}


def _file(known: KnownConcept) -> str:
    """The name of a file: where it lies is nobody's business."""
    return known.path.name if known.path else known.name


def said(facts: Callable[[Site], Json]) -> Callable[[Asked], Awaitable[Response]]:
    """A path that answers facts of the site."""

    async def answer(asked: Asked) -> Response:
        return as_json(await asyncio.to_thread(facts, asked.site))

    return answer


async def choose(asked: Asked) -> Response:
    """Take up what `options` is sent: the model; what cannot be changed must be as it is."""
    body = asked.body
    skip = body.whole("CLIP_stop_at_last_layers")
    if skip not in (None, _OWN_SKIP):
        message = "clip skip is not changed for all requests"
        help = "send `CLIP_stop_at_last_layers` in `override_settings`"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, help=help, code="value")
    if title := body.text("sd_model_checkpoint"):
        asked.site.model = await asyncio.to_thread(model_of, asked.site, title)
    return as_json(None)


async def interrupt(asked: Asked) -> Response:
    """End what is being drawn for clients of webui, with what is finished."""
    asked.site.drawer.stop(only_batch=False)
    return as_json(None)


async def skip(asked: Asked) -> Response:
    """Leave out the pictures that are in work."""
    asked.site.drawer.stop(only_batch=True)
    return as_json(None)


async def done(asked: Asked) -> Response:
    """What is always as it was asked to be: models are looked for when they are asked for."""
    del asked
    return as_json(None)


async def png_info(asked: Asked) -> Response:
    """What a picture says about its making, as webui would have written it."""
    data = unpacked(asked.body.text("image"))
    text = await asyncio.to_thread(_told, data)
    return as_json({"info": text, "items": {"parameters": text} if text else {}, "parameters": {}})


def _told(data: bytes) -> str:
    """What webui reads in the picture; what another program left there, as a statement."""
    from promptlang_runtime.output.metadata import read

    if foreign(data, is_named_prompt=True) is None:  # a text would be read as a prompt
        return ""
    with suppress(OSError):  # it is broken, and its texts may stand before the break
        if text := read(BytesIO(data)).parameters:
            return text
    return "\n\n".join(told(read_data(BytesIO(data), "picture")).statements)
