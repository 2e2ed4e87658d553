"""What the batches of a run will come to, before anything is opened."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from promptlang.plans.plan import Model, Plan
from promptlang.plans.refining import calls_again
from promptlang.plans.remixing import calls_of
from promptlang.values import dataclass
from promptlang_runtime.planning.batches import Batch, files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a run will come to: pictures, batches, calls of the denoiser, models opened, distinct texts read.

    With `is_most` there may be fewer calls, by one a batch.
    """

    pictures: int
    batches: int
    calls: int
    models: int
    texts: int
    is_most: bool


def outlook(planned: Sequence[Batch]) -> Outlook:
    """What batches will come to."""
    plans = [share.job.plan for batch in planned for share in batch]
    return Outlook(
        pictures=sum(len(share.places) for batch in planned for share in batch),
        batches=len(planned),
        calls=sum(calls_of(batch[0].job.plan) for batch in planned),
        models=sum(1 for _ in _opened(planned)),
        texts=len({text for plan in plans for text in _texts(plan)}),
        is_most=any(map(calls_again, plans)),
    )


def _opened(planned: Sequence[Batch]) -> Iterator[Model]:
    """The models in the order that they are opened in; a refiner is let go with the model that it stands beside."""
    model = refiner = None
    for batch in planned:
        plan = batch[0].job.plan
        if plan.model != model:
            model, refiner = plan.model, None
            yield model
        if plan.refiner and plan.refiner != refiner:
            refiner = plan.refiner
            yield refiner


def _texts(plan: Plan) -> Iterator[Hashable]:
    """What is read for a plan: every text, at its layer, with all that changes what an encoder says of it."""
    strengths = tuple(each.weight if each.text_weight is None else each.text_weight for each in plan.networks)
    state = plan.model, files_of(plan), strengths, plan.clip_skip, plan.weighting
    for side in (plan.positive, plan.negative):
        for branch in side.branches:
            yield from ((*state, segment.runs) for segment in branch.segments)
