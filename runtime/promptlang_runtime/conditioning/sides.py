"""Both sides of a plan as a denoiser is given them: call by call, at equal length."""

from __future__ import annotations

from dataclasses import dataclass

from promptlang.plans.plan import Conditioning, Plan
from promptlang.tokens.layouts import LAYOUTS
from promptlang_runtime.conditioning.condition import Condition, Reader
from promptlang_runtime.conditioning.timeline import Direction, directions
from promptlang_runtime.errors import RenderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Where the picture is pulled from and to, and how strongly.

    With `is_zero` it is pulled from nothing at all, which is as many zeros as the prompt has numbers.
    """

    negative: Direction
    positive: tuple[Direction, ...]
    guidance: float
    reader: Reader
    is_zero: bool = False

    def at(self, call: int) -> list[Condition]:
        """The condition of the negative side and those of every direction, tokens alike."""
        if self.is_zero:
            prompts = self.reader.even([each.timeline.at(call) for each in self.positive])
            return [prompts[0].zeros(), *prompts]
        found = [self.negative.timeline.at(call), *(each.timeline.at(call) for each in self.positive)]
        return self.reader.even(found)

    @property
    def pull(self) -> float | None:
        """The guidance of a plan with one direction, where a pipeline computes it: exactly 1, or more."""
        if len(self.positive) != 1:
            return None
        pull = self.guidance * self.positive[0].weight
        return pull if pull >= 1 else None

    @property
    def pulls(self) -> list[float]:
        """What the difference of every direction from the negative side is multiplied by."""
        return [self.guidance * each.weight for each in self.positive]

    @property
    def is_scheduled(self) -> bool:
        """Whether the conditions of some call differ from those of the one before."""
        return any(len(each.timeline.until) > 1 for each in (self.negative, *self.positive))


def sides_of(plan: Plan, reader: Reader, *, zeroes: bool = False) -> Sides:
    """Both sides of a plan, encoded; raises RenderError for a negative side of several directions.

    `zeroes` says whether the model was trained with zeros where nothing is said. Some owners encode the empty
    prompt all the same.
    """
    negative = directions(plan.negative, reader)
    if len(negative) != 1:
        raise RenderError("a negative prompt cannot pull in several directions", "write one negative prompt")
    # Guidance 0 ignores the prompt: the negative side alone is what remains of the formula.
    positive = directions(plan.positive, reader) if plan.guidance else negative
    said = [each for direction in (*negative, *positive) for each in direction.timeline.conditions]
    return Sides(
        negative=negative[0],
        positive=positive,
        guidance=plan.guidance or 1.0,
        reader=reader.ready_for(each.states.shape[1] for each in said),
        is_zero=zeroes and _says_nothing(plan.negative) and not LAYOUTS[plan.weighting].encodes_nothing,
    )


def _says_nothing(side: Conditioning) -> bool:
    return not any(run.text for branch in side.branches for segment in branch.segments for run in segment.runs)
