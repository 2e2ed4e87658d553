"""The fields of `txt2img` and `img2img`: what each asks for here, or the values by which it asks for nothing.

What webui can do and is not drawn here is refused, not left out in silence: the picture would be another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from promptlang.models.evidence.records import Record
from promptlang.tables.options.schema import Json
from promptlang.tables.schedules import ROWS as SCHEDULES
from promptlang_serve.answers import Refused
from promptlang_serve.limits import Limits
from promptlang_serve.schemas import FLAG, NUMBER, TEXT, Schema, described, listed, or_null, record, text, whole

AUTOMATIC = ("", "Automatic", "automatic", "None", "Use same sampler", "Use same scheduler", "Use same checkpoint")
"""Names by which clients leave a choice to webui."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field that asks for something: the option that it is, or what is made of it where it is none; `idle` asks for
    nothing.
    """

    name: str
    schema: Schema
    docs: str
    option: str = ""
    idle: Json = None


SETTINGS: Mapping[str, Schema] = {
    "sd_model_checkpoint": described(or_null(text(200)), "A title of `sd-models`."),
    "CLIP_stop_at_last_layers": described(or_null(whole(1, 12)), "Clip skip."),
    "sd_vae": described(or_null({"type": "string", "enum": ["Automatic", "None", ""]}), "The model's own."),
    "forge_additional_modules": described(or_null(listed(TEXT, 0)), "Parts of models are named in the project."),
    "samples_format": described(or_null({"type": "string", "enum": ["png"]}), "What is answered."),
}
"""What `options` sets, and `override_settings` for one request."""


def asking(limits: Limits) -> tuple[Field, ...]:
    """The fields of both paths that ask for something."""
    side, images = whole(8, limits.side), whole(1, limits.images)
    return (
        Field(name="prompt", schema=text(limits.text), docs="Words, weights and LoRAs as webui reads them."),
        Field(name="negative_prompt", schema=text(limits.text), docs="What the picture is led away from."),
        Field(name="steps", schema=whole(1, limits.steps), docs="How many steps.", option="steps"),
        Field(name="sampler_name", schema=text(80), docs="A name of `samplers`.", option="sampler"),
        Field(name="sampler_index", schema=text(80), docs="The same; `sampler_name` wins.", option="sampler"),
        Field(name="scheduler", schema=text(80), docs="A name of `schedulers`.", option="schedule"),
        Field(name="cfg_scale", schema=NUMBER, docs="How strongly the prompt guides.", option="guidance"),
        Field(name="seed", schema=whole(-1), docs="-1 draws one.", option="seed", idle=-1),
        Field(name="width", schema=side, docs="Without both, the model's own size."),
        Field(name="height", schema=side, docs="Without both, the model's own size."),
        Field(name="batch_size", schema=images, docs="How many pictures, times `n_iter`."),
        Field(name="n_iter", schema=images, docs="How many pictures, times `batch_size`."),
        Field(name="clip_skip", schema=whole(1, 12), docs="Clip skip, as SD.Next calls it.", option="clipskip"),
        Field(name="override_settings", schema=record(SETTINGS), docs="What else `options` sets, for this request."),
    )


HIRES: tuple[Field, ...] = (
    Field(name="enable_hr", schema=FLAG, docs="Whether the fields that begin with `hr_` count."),
    Field(name="hr_scale", schema=NUMBER, docs="How much larger.", option="hires"),
    Field(name="hr_upscaler", schema=text(80), docs="A name of `latent-upscale-modes`.", option="hires-upscaler"),
    Field(
        name="hr_second_pass_steps", schema=whole(0, 1000), docs="0: as many as before.", option="hires-steps", idle=0
    ),
    Field(name="denoising_strength", schema=NUMBER, docs="Of the second pass.", option="hires-strength"),
)

OVER: tuple[Field, ...] = (
    Field(
        name="init_images",
        schema={**listed(text(64 * 1024**2), 1), "minItems": 1},
        docs="One picture in base64, a `data:` address or not.",
    ),
    Field(name="denoising_strength", schema=NUMBER, docs="How far it may move away from the image."),
    Field(
        name="resize_mode", schema={"type": "integer", "enum": [0, 1]}, docs="0 stretches the image, 1 crops its edges."
    ),
    Field(
        name="mask",
        schema=text(64 * 1024**2),
        docs="A picture in base64: what is white, or opaque where it has transparent places, is drawn anew.",
    ),
    Field(name="mask_blur", schema=whole(0, 64), docs="How many pixels its edges are blurred by; 4."),
    Field(name="mask_blur_x", schema=whole(0, 64), docs="The same across, without `mask_blur`."),
    Field(name="mask_blur_y", schema=whole(0, 64), docs="The same down, without `mask_blur`."),
    Field(
        name="inpainting_fill",
        schema=whole(0, 3),
        docs="What is under the mask: 0 the colours around it, 1 the image; 2 and 3, noise or nothing, are not drawn.",
    ),
    Field(
        name="inpaint_full_res",
        schema=or_null({"type": ["boolean", "integer"]}),
        docs="Whether what is masked is drawn alone, in the size asked for, and laid back into the image; true.",
    ),
    Field(name="inpaint_full_res_padding", schema=whole(0, 4096), docs="How many pixels around it are drawn as well."),
    Field(
        name="inpainting_mask_invert",
        schema={"type": ["boolean", "integer"]},
        docs="Whether what is not masked is drawn anew.",
    ),
)

_OFF: tuple[Json, ...] = (None, False)
_EMPTY: tuple[Json, ...] = (None, "")

NEUTRAL: Mapping[str, tuple[Json, ...]] = {
    "styles": (None, []),
    "subseed_strength": (None, 0),
    "seed_resize_from_h": (None, -1, 0),
    "seed_resize_from_w": (None, -1, 0),
    "restore_faces": _OFF,
    "tiling": _OFF,
    "eta": (None, 0, 1),
    "s_churn": (None, 0),
    "s_tmin": (None, 0),
    "s_noise": (None, 1),
    "s_min_uncond": (None, 0),
    "firstphase_width": (None, 0),
    "firstphase_height": (None, 0),
    "script_name": (*_EMPTY, "None"),
    "script_args": (None, []),
    "alwayson_scripts": (None, {}),
    "refiner_checkpoint": (*_EMPTY, "None"),
    "comments": (None, {}),
    "disable_extra_networks": _OFF,
    "infotext": _EMPTY,
    "enable_hr": _OFF,
    "mask": _EMPTY,
    "mask_round": (None, True),
    "latent_mask": _EMPTY,
    "include_init_images": _OFF,
    "image_cfg_scale": (None, 1.5),
    "initial_noise_multiplier": (None, 0, 1),
    "hr_resize_x": (None, 0),
    "hr_resize_y": (None, 0),
    "hr_checkpoint_name": (None, *AUTOMATIC),
    "hr_sampler_name": (None, *AUTOMATIC),
    "hr_scheduler": (None, *AUTOMATIC),
    "hr_additional_modules": (None, [], ["Use same choices"]),
    "hr_prompt": _EMPTY,
    "hr_negative_prompt": _EMPTY,
}
"""Fields that ask for what is not drawn here, and the values by which they ask for nothing."""

IDLE: Mapping[str, Schema] = {
    **dict.fromkeys(("do_not_save_samples", "do_not_save_grid", "send_images", "save_images"), FLAG),
    **dict.fromkeys(("override_settings_restore_afterwards", "inpaint_full_res"), FLAG),
    **dict.fromkeys(("subseed", "inpaint_full_res_padding", "inpainting_fill", "inpainting_mask_invert"), NUMBER),
    **dict.fromkeys(("mask_blur", "mask_blur_x", "mask_blur_y", "refiner_switch_at", "s_tmax"), NUMBER),
    "force_task_id": TEXT,
}
"""Fields that change no picture that is drawn here: where files go, and what counts beside a field that is refused."""


def body(limits: Limits, own: tuple[Field, ...], *needed: str) -> Schema:
    """The schema of a request."""
    known = {each.name: each for each in (*asking(limits), *own)}
    fields: dict[str, Schema] = {name: or_null(schema) for name, schema in IDLE.items()}
    fields |= {name: described({"enum": [*values]}, "Not drawn here.") for name, values in _neutral(known)}
    for each in known.values():
        schema = each.schema if each.name in needed else or_null(each.schema)
        fields[each.name] = described(schema, each.docs)
    return record(fields, *needed)


def _neutral(known: Mapping[str, Field]) -> Iterator[tuple[str, tuple[Json, ...]]]:
    return ((name, values) for name, values in NEUTRAL.items() if name not in known)


def options(asked: Record, fields: tuple[Field, ...]) -> dict[str, str]:
    """The options that a body asks for, as they are written; raises Refused for half a size."""
    found: dict[str, str] = {}
    for each in fields:
        value = asked.get(each.name)
        is_left = value in (None, each.idle) or value in AUTOMATIC
        if each.option and not is_left and each.option not in found:
            found[each.option] = _written(each.option, value)
    width, height = asked.whole("width"), asked.whole("height")
    if width and height:
        found["size"] = f"{width}x{height}"
    elif width or height:
        given, missing = ("width", "height") if width else ("height", "width")
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"`{given}` stands without `{missing}`", code="value")
    images = (asked.whole("batch_size") or 1) * (asked.whole("n_iter") or 1)
    if images > 1:
        found["images"] = str(images)
    if skip := asked.record("override_settings").whole("CLIP_stop_at_last_layers"):
        found["clipskip"] = str(skip)
    return found


_SCHEDULES: Mapping[str, str] = {row.webui.lower(): row.name for row in SCHEDULES if row.webui}


def _written(option: str, value: object) -> str:
    """A value by the name it has here: schedules of webui may be called as samplers are."""
    if option == "schedule":
        return _SCHEDULES.get(str(value).lower(), str(value))
    return str(value)
