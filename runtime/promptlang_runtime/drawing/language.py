"""Pictures of flow-matching models: the pipeline draws by what the family reads in texts.

The shift of noise and guidance are the pipeline's own, as the families' owners published them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Literal, Protocol, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from promptlang.models.evidence.records import is_list
from promptlang.plans.plan import Conditioned, Plan, Run
from promptlang.plans.remixing import share_of
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.families import family
from promptlang.tables.models.family import Guides
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.timeline import Timeline, stacked, timeline
from promptlang_runtime.drawing.glimpses import show
from promptlang_runtime.drawing.noise import drawn_alike
from promptlang_runtime.drawing.pipelines import OnCall, holding
from promptlang_runtime.drawing.resting import awake
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.decoding import no_number
from promptlang_runtime.models.pipelines import Pipeline, Scheduler
from promptlang_runtime.models.schedulers import flow_sampler_of
from promptlang_runtime.output.images import control_map, pictures_over

Side = Literal["", "negative_"]
"""How the names of a side's arguments begin."""
_PAIR: tuple[Side, ...] = ("negative_", "")
INPUTS = frozenset({Guides.EMBEDDED, Guides.EMBEDDED_ALONE})
"""Guidance that is an input of the model, and no pull away from a second prediction."""


class Drawn(Protocol):
    """What a call gives: (batch, height, width, 3) from 0 to 1."""

    @property
    def images(self) -> NDArray[np.float32]: ...


class Processor(Protocol):
    """Numbers from 0 to 1 to images."""

    def numpy_to_pil(self, images: NDArray[np.float32]) -> list[Image.Image]: ...


class LanguagePipeline(Pipeline, Protocol):
    """A pipeline that makes states of texts, and pictures of states."""

    @property
    def image_processor(self) -> Processor: ...

    @property
    def num_timesteps(self) -> int: ...

    @property
    def config(self) -> Mapping[str, object]: ...

    def encode_prompt(self, prompt: str, **settings: object) -> tuple[Tensor, ...]: ...

    def __call__(self, **arguments: object) -> Drawn: ...


Texts = Sequence[Sequence[Run]]
Read = Callable[[Side, Sequence[Run]], Condition]
"""What a model makes of weighted text, read as that of a side."""

Reading = Callable[[Texts], Read]
"""How a model reads the texts of a picture, which are all known before the first is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the pipeline of a family is called.

    `guidance` is its argument for the number and `midway` that for where the second of two steps begins, which it has
    no other number of steps with; the row of its folder says them. `true_cfg` is that for the second pass where the
    number is an input of the model; `pooled` those for a summary, `mask` for which tokens count, where it takes them.
    With `paired` both sides are one tensor where they change between steps, and so are their summaries. With `listed`
    the states of each picture are an entry of a list, and not a row of a tensor. `patch` is the side in latents of a
    token of the pictures, where these are rows of tokens. `remix` and `inpaint` are the pipelines that start from a
    picture, `held` that of ControlNets, where there are any. `levels` is the entry of the pipeline's configuration that
    would space the steps, however many are asked for. `settings` are told as they are.
    """

    guidance: str = "guidance_scale"
    true_cfg: str = ""
    pooled: str = ""
    mask: str = ""
    paired: bool = False
    listed: bool = False
    patch: int = 0
    remix: str = ""
    inpaint: str = ""
    held: str = ""
    levels: str = ""
    midway: str = ""
    settings: Mapping[str, object] = field(default_factory=dict[str, object])

    def given(self, condition: Condition, side: Side, copies: int) -> Mapping[str, object]:
        """One side as the pipeline takes it, for several pictures."""
        given = {f"{side}prompt_embeds": self.states(condition, copies)}
        for name, tensor in ((self.mask, condition.mask), (self.pooled, condition.pooled)):
            if name and tensor is not None:
                given[f"{side}{name}"] = tensor.repeat_interleave(copies, dim=0)
        return given

    def guided(self, guidance: float, pull: float) -> Mapping[str, object]:
        """The numbers of a call, where `pull` is what the picture is drawn away from the negative prompt by."""
        return {self.guidance: guidance} | ({self.true_cfg: pull} if self.true_cfg else {})

    def spaced(self, pipeline: LanguagePipeline, steps: int) -> Mapping[str, object]:
        """The noise levels of so many steps: those that the model comes with, or else as many as are asked for."""
        if self.midway and steps != 2:
            return {self.midway: None}
        if not self.levels:
            return {}
        own = pipeline.config.get(self.levels)
        levels = [each for each in own if isinstance(each, int | float)] if is_list(own) else []
        return {"sigmas": levels if len(levels) == steps else np.linspace(1.0, 1 / steps, steps)}

    def later(self, sides: Mapping[Side, Condition], changing: Sequence[Side], copies: int) -> Mapping[str, object]:
        """What the pipeline is told between two steps, of the sides that change."""
        if not self.paired:
            return {f"{side}prompt_embeds": self.states(sides[side], copies) for side in changing}
        rows = [sides[side] for side in _PAIR if side in sides] if changing else []
        pooled = [row.pooled.repeat_interleave(copies, dim=0) for row in rows if row.pooled is not None]
        states = [row.states.repeat_interleave(copies, dim=0) for row in rows]
        return {"prompt_embeds": torch.cat(states), self.pooled: torch.cat(pooled)} if rows else {}

    def states(self, condition: Condition, copies: int) -> object:
        """The states of a condition for several pictures."""
        if not self.listed:
            return condition.states.repeat_interleave(copies, dim=0)
        counts = condition.states.new_ones(condition.states.shape[:2]) if condition.mask is None else condition.mask
        rows = zip(condition.states, counts.sum(dim=1), strict=True)
        return [states[: int(count)] for states, count in rows for _ in range(copies)]


def language_pictures(
    pipeline: Pipeline,
    plan: Plan,
    seeds: Sequence[int],
    *,
    manner: Manner,
    config: Mapping[str, object],
    reading: Reading,
    on_call: OnCall,
    control: nn.Module | None = None,
) -> list[Image.Image]:
    """One picture per seed, drawn as one batch. The noise comes from the CPU, so every device starts from the same.

    `config` is that of the model's own scheduler.
    """
    pipeline = that_reads_texts(pipeline)
    row = family(plan.model.family)
    guided = guides(row, plan.model.variant)
    pull = _pull(plan, guided)
    shares = _shares(plan, guided)
    with awake(pipeline):
        sides = _timelines(_said(plan, guided, pull, shares), reading)
    drawn = [seed for _ in shares for seed in seeds]
    pipeline.scheduler = flow_sampler_of(plan, drawn, config, patch=manner.patch)
    if len(shares) > 1:
        _add_up(pipeline.scheduler, shares)
    given: dict[str, object] = {}
    for side, each in sides.items():
        given |= manner.given(each.at(0), side, len(seeds))
    drawing, start = _started(pipeline, manner, plan, len(drawn), control)
    with drawn_alike(drawing):
        pictures = drawing(
            **given,
            **manner.guided(plan.guidance if guided in INPUTS else pull - row.below, pull),
            **manner.settings,
            **{"width": plan.size[0], "height": plan.size[1], **start},
            **manner.spaced(pipeline, plan.steps),
            num_inference_steps=plan.steps,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in drawn],
            output_type="np",
            callback_on_step_end=_after_call(plan, manner, sides, len(seeds), on_call),
        ).images
    if not np.isfinite(pictures).all():
        raise no_number(pipeline.dtype)
    return pipeline.image_processor.numpy_to_pil(pictures)


def _timelines(said: Mapping[Side, Sequence[tuple[Conditioned, Side]]], reading: Reading) -> Mapping[Side, Timeline]:
    """What conditions the denoiser on each side, at every step."""
    read = reading([segment.runs for rows in said.values() for branch, _ in rows for segment in branch.segments])
    return {
        side: stacked([timeline(branch, partial(read, read_as)) for branch, read_as in rows])
        for side, rows in said.items()
    }


AfterCall = Callable[[LanguagePipeline, int, Tensor, Mapping[str, object]], Mapping[str, object]]
"""What a pipeline calls after every step: its number, its moment and tensors, to those that change."""


def _after_call(plan: Plan, manner: Manner, sides: Mapping[Side, Timeline], copies: int, on_call: OnCall) -> AfterCall:
    changing: list[Side] = [side for side, each in sides.items() if len(each.until) > 1]

    def after_call(
        pipe: LanguagePipeline, call: int, moment: Tensor, tensors: Mapping[str, object]
    ) -> Mapping[str, object]:
        del moment
        latents, steps = tensors.get("latents"), pipe.num_timesteps
        show(latents, plan, call + 1, steps)
        on_call(call + 1, steps)
        told = manner.later({side: each.at(call + 1) for side, each in sides.items()}, changing, copies)
        if call + 1 == steps and isinstance(latents, Tensor) and len(latents) > copies:
            return {**told, "latents": latents[:copies]}  # all rows hold the same pictures by now
        return told

    return after_call


def _started(
    pipeline: LanguagePipeline, manner: Manner, plan: Plan, copies: int, control: nn.Module | None
) -> tuple[LanguagePipeline, Mapping[str, object]]:
    """The pipeline and what it starts from: noise alone, held by a map or not, or a picture for each of several."""
    if plan.image is None and control is None:
        return pipeline, {}
    kind = manner.held if control else manner.remix if plan.mask is None else manner.inpaint
    changed = libraries.pipeline(kind, **pipeline.components, **({"controlnet": control} if control else {}))
    changed.set_progress_bar_config(disable=True)
    changed = that_reads_texts(changed)
    if control is not None:
        return changed, {"control_image": control_map(plan), **holding(plan)}
    return changed, {"strength": share_of(plan), **pictures_over(plan, copies)}


def that_reads_texts(pipeline: Pipeline) -> LanguagePipeline:
    """The pipeline; raises RenderError where it is one that reads no texts."""
    if not _reads_texts(pipeline):
        raise RenderError(f"{type(pipeline).__name__} is no pipeline that reads texts")
    return pipeline


def _reads_texts(pipeline: Pipeline) -> TypeGuard[LanguagePipeline]:
    return hasattr(pipeline, "encode_prompt")


def _pull(plan: Plan, guided: Guides) -> float:
    """The guidance to draw with, 1 where it is off."""
    if guided in (Guides.BUILT_IN, Guides.EMBEDDED_ALONE) or _is_negative_alone(plan, guided):
        return 1.0
    number = (plan.true_cfg or 1.0) if guided is Guides.EMBEDDED else plan.guidance
    return number * plan.positive.branches[0].weight if len(plan.positive.branches) == 1 else number


def _shares(plan: Plan, guided: Guides) -> tuple[float, ...]:
    """What the prediction of each prompt counts; of several, what they leave of 1 or take beyond it is the negative's.

    So the negative prompt's prediction and each one's difference from it add up, as webui has it.
    """
    weights = [each.weight for each in plan.positive.branches]
    if len(weights) == 1 or _is_negative_alone(plan, guided):
        return (1.0,)
    rest = 1 - sum(weights)
    return (*weights, rest) if rest else tuple(weights)


def _said(
    plan: Plan, guided: Guides, pull: float, shares: Sequence[float]
) -> Mapping[Side, Sequence[tuple[Conditioned, Side]]]:
    """Which text stands in which row of which side, and as which it is read."""
    below: tuple[Conditioned, Side] = plan.negative.branches[0], "negative_"
    if _is_negative_alone(plan, guided):
        return {"": [below]}
    prompts: list[tuple[Conditioned, Side]] = [(each, "") for each in plan.positive.branches]
    rows = [*prompts, *[below] * (len(shares) - len(prompts))]
    return {"": rows, "negative_": [below] * len(rows)} if pull > 1 else {"": rows}


def _add_up(scheduler: Scheduler, shares: Sequence[float]) -> None:
    """Have a scheduler step by the predictions of all rows added up: so these stay what they begin as, one picture."""
    step = scheduler.step

    @wraps(step)  # pipelines look at what a step takes
    def adding(output: Tensor, moment: Tensor, sample: Tensor, **given: bool) -> object:
        rows = output.chunk(len(shares))
        whole = torch.stack([share * row for share, row in zip(shares, rows, strict=True)]).sum(dim=0)
        return step(torch.cat([whole] * len(shares)), moment, sample, **given)

    vars(scheduler)["step"] = adding


def _is_negative_alone(plan: Plan, guided: Guides) -> bool:
    """Whether nothing but the negative prompt is drawn, which is what guidance 0 leaves of the formula."""
    return plan.guidance == 0 and guided is Guides.CLASSIFIER_FREE
