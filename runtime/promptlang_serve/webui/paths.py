"""webui's paths as rows. Those that its clients ask for and that mean nothing here answer empty lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from promptlang.plans.json import Json
from promptlang_serve.limits import Limits
from promptlang_serve.rows import Answer, Row
from promptlang_serve.schemas import NUMBER, TEXT, Schema, described, listed, record, text
from promptlang_serve.site import Site
from promptlang_serve.webui import lists, pictures
from promptlang_serve.webui.fields import HIRES, OVER, SETTINGS, body

ROOT = "/sdapi/v1/"
_OBJECT: Schema = {"type": "object"}
_LIST: Schema = listed(_OBJECT, 100_000)
_NULL: Schema = {"type": "null"}
_DREW: Schema = record({"images": listed(TEXT), "parameters": _OBJECT, "info": TEXT}, "images", "parameters", "info")
_PROGRESS: Schema = record({"progress": NUMBER, "eta_relative": NUMBER, "state": _OBJECT}, "progress", others=True)

LISTS: Mapping[str, tuple[Callable[[Site], Json], Schema]] = {
    "samplers": (lists.samplers_of, _LIST),
    "schedulers": (lists.schedulers_of, _LIST),
    "sd-models": (lists.models_of, _LIST),
    "sd-vae": (lists.vaes_of, _LIST),
    "loras": (lists.loras_of, _LIST),
    "embeddings": (lists.embeddings_of, _OBJECT),
    "upscalers": (lists.upscalers_of, _LIST),
    "latent-upscale-modes": (lists.latent_modes_of, _LIST),
    "options": (lists.settings_of, _OBJECT),
    "progress": (lists.progress_of, _PROGRESS),
    "scripts": (lists.no_scripts, _OBJECT),
    **dict.fromkeys(("cmd-flags", "memory"), (lists.nothing_named, _OBJECT)),
    **dict.fromkeys(
        (
            *("hypernetworks", "face-restorers", "realesrgan-models", "prompt-styles", "script-info"),
            *("sd-modules", "artists", "artist-categories", "extensions"),
        ),
        (lists.nothing, _LIST),
    ),
}

DONE: Mapping[str, tuple[Answer, str]] = {
    "interrupt": (lists.interrupt, "End what is being drawn for clients of webui, with what is finished."),
    "skip": (lists.skip, "Leave out the pictures that are in work."),
    "refresh-checkpoints": (lists.done, "Models are looked for whenever they are asked for."),
    "refresh-loras": (lists.done, "So are LoRAs."),
    "refresh-vae": (lists.done, "So are VAEs."),
}


def rows(limits: Limits) -> tuple[Row, ...]:
    """webui's paths."""
    image = described(text(64 * 1024**2, 1), "In base64, a `data:` address or not.")
    told = record({"info": TEXT, "items": _OBJECT, "parameters": _OBJECT}, "info")
    return (
        Row(
            method="POST",
            path=f"{ROOT}txt2img",
            about="Pictures from a prompt, in the arithmetic of webui.",
            answer=pictures.txt2img,
            body=body(limits, HIRES),
            answers=_DREW,
            draws=True,
        ),
        Row(
            method="POST",
            path=f"{ROOT}img2img",
            about="Pictures that start from another one, in the arithmetic of webui.",
            answer=pictures.img2img,
            body=body(limits, OVER, "init_images"),
            answers=_DREW,
            draws=True,
        ),
        Row(
            method="POST",
            path=f"{ROOT}png-info",
            about="What a picture says about its making.",
            answer=lists.png_info,
            body=record({"image": image}, "image"),
            answers=told,
        ),
        Row(
            method="POST",
            path=f"{ROOT}options",
            about="Choose the model of clients of webui.",
            answer=lists.choose,
            body=record({**SETTINGS, "sd_checkpoint_hash": _NULL}),
            answers=_NULL,
        ),
        *(
            Row(method="POST", path=f"{ROOT}{name}", about=about, answer=answer, answers=_NULL)
            for name, (answer, about) in DONE.items()
        ),
        *(
            Row(
                method="GET",
                path=f"{ROOT}{name}",
                about=(facts.__doc__ or "").strip().splitlines()[0],
                answer=lists.said(facts),
                answers=schema,
            )
            for name, (facts, schema) in LISTS.items()
        ),
    )
