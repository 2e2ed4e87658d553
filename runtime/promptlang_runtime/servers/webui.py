"""A running stable-diffusion-webui or Forge, by its API; one picture a request, for its seed."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from PIL import Image

from promptlang.exporters.infotext import vae_of
from promptlang.importers.json_text import parsed
from promptlang.models.evidence.records import Record, is_list
from promptlang.plans.enlarging import drawn_size
from promptlang.plans.plan import Plan
from promptlang.plans.remixing import strength_of
from promptlang_runtime.errors import RenderError
from promptlang_runtime.output.images import mask_image, start_image
from promptlang_runtime.servers.calling import DRAWING, Caller
from promptlang_runtime.servers.names import absent, found
from promptlang_runtime.servers.pictures import decoded, png, unpacked
from promptlang_runtime.servers.telling import Told, told

TARGET = "a1111-api"
ROOT = "/sdapi/v1"
MODELS = f"{ROOT}/sd-models"
_AUTOMATIC = "Automatic"  # the choice is left to the program
_SCHEDULES = ("label", "name")
_ORIGINAL, _CROPPED = 1, 1  # what masked latents begin with, and how an image is brought to its size
Names = tuple[tuple[str, ...], ...]
"""What a server has, each by all of its names, that which it is asked for by first."""


class Webui:
    """A program that is told what its API has words for."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._listed = cache(self._list)

    @property
    def title(self) -> str:
        """What draws."""
        return "stable-diffusion-webui"

    def remarks(self, plan: Plan) -> tuple[str, ...]:
        """What it is not told; raises RenderError where it cannot draw the plan."""
        return self._told(plan).remarks

    def draw(self, plan: Plan) -> Image.Image:
        """The one picture of a plan; raises RenderError."""
        body, path, url = self._told(plan).body, f"{ROOT}/txt2img", self._caller.address.url
        if plan.image is not None:
            body = Record({**body, **_drawn_over(plan, plan.image)})
            path = f"{ROOT}/img2img"
        answer = self._caller.record(path, body, seconds=DRAWING)
        (first, *_) = (*answer.items_of("images"), None)
        made = parsed(answer.text("info"))
        seed = made.whole("seed") if isinstance(made, Record) else None
        if seed is not None and seed != plan.seed:
            raise RenderError(f"`{url}` drew from the seed {seed}, and {plan.seed} was asked for")
        return decoded(unpacked(first, url), drawn_size(plan), url)

    def stop(self) -> None:
        """What it draws may be somebody else's, so nothing is interrupted."""

    def _told(self, plan: Plan) -> Told:
        """The body with the program's own names for models."""
        made = told(plan, TARGET)
        body, settings = Record(made.body), Record(made.body.record("override_settings"))
        model = self._named("model", (plan.model.name, plan.model.path or ""), "sd-models", ("title", "model_name"))
        settings |= {"sd_model_checkpoint": model, "samples_format": "png"}
        if vae := vae_of(plan):
            settings["sd_vae"] = self._named("VAE", (Path(vae).name,), "sd-vae", ("model_name",))
        for key, what, path, names in (
            ("sampler_name", "sampler", "samplers", ("name",)),
            ("scheduler", "schedule", "schedulers", _SCHEDULES),
            ("hr_upscaler", "upscaler", "upscalers", ("name",)),
        ):
            if key in body and not (key == "hr_upscaler" and self._is_latent(body.text(key))):
                body[key] = self._named(what, (body.text(key),), path, names)
        if not self._listed("schedulers", _SCHEDULES) and (schedule := body.text("scheduler")) != _AUTOMATIC:
            # Before webui 1.9 a schedule is a part of the sampler's name.
            older = f"{body.text('sampler_name')} {schedule}"
            body["sampler_name"] = self._named("sampler", (older,), "samplers", ("name",))
        for network in plan.networks:
            if network.kind == "lora":
                own = self._named("LoRA", (network.name, network.path or ""), "loras", ("name", "alias"))
                body["prompt"] = _called(body.text("prompt"), network.name, own)
        body["override_settings"] = settings
        return Told(body, made.remarks)

    def _is_latent(self, name: str) -> bool:
        return name.startswith("Latent") or any(
            name in names for names in self._listed("latent-upscale-modes", ("name",))
        )

    def _named(self, what: str, wanted: tuple[str, ...], path: str, keys: tuple[str, ...]) -> str:
        """The program's own name for a thing; raises RenderError where it has no such thing."""
        listed = self._listed(path, keys)
        own = {name: names[0] for names in listed for name in reversed(names)}
        if not listed or wanted[0] == _AUTOMATIC:
            return wanted[0]
        name = found([*wanted, *(Path(each).name for each in wanted)], [*own])
        if not name:
            message, help = absent(what, wanted[0], (names[0] for names in listed))
            raise RenderError(f"`{self._caller.address.url}` {message}", help)
        return own[name]

    def _list(self, path: str, keys: tuple[str, ...]) -> Names:
        """A list of the program's; empty where it has no such list."""
        answer = self._caller.asked(f"{ROOT}/{path}")
        listed = answer.json
        if answer.status >= 300 or not is_list(listed):
            return ()
        records = [each for each in listed if isinstance(each, Record)]
        return tuple(names for each in records if (names := _names(each, keys)))


def _names(record: Record, keys: tuple[str, ...]) -> tuple[str, ...]:
    aliases = [each for each in record.items_of("aliases") if isinstance(each, str)]
    file = record.text("filename") or record.text("path")
    said = (*(record.text(key) for key in keys), *aliases, re.split(r"[/\\]", file)[-1])
    return tuple(dict.fromkeys(filter(None, said)))


def _called(prompt: str, name: str, own: str) -> str:
    """The prompt with a LoRA called as the program calls it."""
    return re.sub(rf"<lora:{re.escape(name)}(?=[:>])", lambda _: f"<lora:{own}", prompt)


def _drawn_over(plan: Plan, image: str) -> dict[str, object]:
    fields: dict[str, object] = {
        "init_images": [_text(start_image(image, plan.size))],
        "denoising_strength": strength_of(plan),
        "resize_mode": _CROPPED,
    }
    if plan.mask is not None:
        mask = _text(mask_image(plan.mask, image, plan.size))
        fields |= {"mask": mask, "mask_blur": 0, "inpainting_fill": _ORIGINAL, "inpaint_full_res": False}
    return fields


def _text(picture: Image.Image) -> str:
    return b64encode(png(picture)).decode()
