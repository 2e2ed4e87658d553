"""Whose way of computing draws a picture: noise levels, timesteps and noise differ between programs.

What a program has, the rows of samplers and schedules give a name in it: `comfy`, `webui`, the class of diffusers.
"""

from __future__ import annotations

from promptlang.tables.samplers import ROWS as SAMPLERS
from promptlang.tables.samplers import Sampler
from promptlang.tables.schedules import ROWS as SCHEDULES
from promptlang.tables.schedules import Schedule
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """One row: the name that `/arithmetic` takes, the program, and other names of it.

    `whole_remix` is whether over an image all steps are drawn, spaced closer, and not a share of them.
    """

    name: str
    program: str
    aliases: tuple[str, ...] = ()
    whole_remix: bool = False


DIFFUSERS = Arithmetic("diffusers", "diffusers")
COMFY = Arithmetic("comfy", "ComfyUI", ("comfyui",), whole_remix=True)
WEBUI = Arithmetic("webui", "stable-diffusion-webui", ("a1111",))
ROWS = (DIFFUSERS, COMFY, WEBUI)
DEFAULT = DIFFUSERS.name
UNBEGUN = "ddim_uniform"
"""The schedule whose first level is below the largest, where pipelines of flow-matching models cannot begin."""
TRAINED = 1000
"""The noise levels that models with a UNet were trained with."""
PATH_PACKAGE = "torchsde"
"""What noise along a path comes from."""


def arithmetic(name: str) -> Arithmetic:
    """The row of a name; the default one where there is none such."""
    return next((row for row in ROWS if row.name == name), DIFFUSERS)


def called(row: Sampler, name: str) -> str:
    """What the program of that arithmetic calls the sampler; empty where it has none such."""
    return {DIFFUSERS.name: row.scheduler, COMFY.name: row.comfy, WEBUI.name: row.webui}.get(name, "")


def has(row: Sampler, name: str) -> bool:
    """Whether the sampler is drawn in that arithmetic."""
    return bool(called(row, name)) and name not in row.unlike


def draws_flow(name: str) -> bool:
    """Whether flow-matching models are drawn in the arithmetic of another program than diffusers."""
    return name == COMFY.name


def schedules(row: Sampler, name: str) -> tuple[str, ...]:
    """The noise schedules that the sampler has in that arithmetic."""
    if not has(row, name):
        return ()
    if name == DIFFUSERS.name:
        return row.schedules
    if name == COMFY.name:
        return tuple(each.name for each in SCHEDULES)
    return tuple(each.name for each in SCHEDULES if each.webui) if row.automatic else ()


def schedule_of(row: Sampler, name: str, *, is_flow: bool = False) -> str:
    """The schedule where none is named: webui has one for each sampler, ComfyUI's workflows begin with `normal`, and
    those of flow-matching models with `simple`.
    """
    return row.automatic if name == WEBUI.name else "simple" if is_flow else "normal"


def package_of(row: Sampler | Schedule, name: str) -> str:
    """What must be installed to draw by a sampler or a schedule in that arithmetic; empty where nothing must."""
    if name == DIFFUSERS.name:
        return row.package
    return PATH_PACKAGE if isinstance(row, Sampler) and row.along_path else ""


def sheds(row: Sampler, name: str) -> bool:
    """Whether the sampler lays out one step more in that arithmetic, and leaves out the last level but one."""
    return {COMFY.name: row.comfy_sheds, WEBUI.name: row.webui_sheds}.get(name, False)


def calls(row: Sampler, name: str, steps: int, *, schedule: str | None = None, of: int | None = None) -> int:
    """How often the denoiser is called for so many steps in that arithmetic, over a picture for the last of `of` ones.

    `ddim_uniform`, and webui's DDIM and PLMS, lay their steps out at whole distances of the training, and there may be
    one more of them. Those two draw between levels, and over a picture they leave one out.
    """
    if name == DEFAULT:
        return row.calls(steps)
    if name == WEBUI.name and not row.automatic:
        levels = _evenly(of or steps, 0)
        drawn = (levels if of is None else min(max(steps - 1, 2), levels)) - 1
        return drawn + row.extra_calls if drawn else 0
    if (schedule or schedule_of(row, name)) == UNBEGUN:
        laid_out = _evenly((of or steps) + sheds(row, name), 1) - sheds(row, name)
        steps = laid_out if of is None else min(steps, laid_out)
    return row.calls(steps)


def _evenly(steps: int, first: int) -> int:
    """How many levels of the training lie at one whole distance for so many steps, from the first one on."""
    return len(range(first, TRAINED, max(TRAINED // steps, 1)))


def samplers(name: str) -> tuple[Sampler, ...]:
    """The samplers of an arithmetic."""
    return tuple(row for row in SAMPLERS if has(row, name))
