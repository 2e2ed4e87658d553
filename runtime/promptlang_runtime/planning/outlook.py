"""What the batches of a run will come to, before anything is opened."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from promptlang.plans.plan import Plan
from promptlang.plans.remixing import calls_of
from promptlang.values import dataclass
from promptlang_runtime.planning.batches import Batch, files_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a run will come to: pictures, batches, calls of the denoiser, models opened, distinct texts read."""

    pictures: int
    batches: int
    calls: int
    models: int
    texts: int


def outlook(planned: Sequence[Batch]) -> Outlook:
    """What batches will come to."""
    models = [batch[0].job.plan.model for batch in planned]
    plans = [share.job.plan for batch in planned for share in batch]
    return Outlook(
        pictures=sum(len(share.seeds) for batch in planned for share in batch),
        batches=len(planned),
        calls=sum(calls_of(batch[0].job.plan) for batch in planned),
        models=sum(1 for place, model in enumerate(models) if place == 0 or model != models[place - 1]),
        texts=len({text for plan in plans for text in _texts(plan)}),
    )


def _texts(plan: Plan) -> Iterator[Hashable]:
    """What is read for a plan: every text, at its layer, with all that changes what an encoder says of it."""
    strengths = tuple(each.weight if each.text_weight is None else each.text_weight for each in plan.networks)
    state = plan.model, files_of(plan), strengths, plan.clip_skip, plan.weighting
    for side in (plan.positive, plan.negative):
        for branch in side.branches:
            yield from ((*state, segment.runs) for segment in branch.segments)
