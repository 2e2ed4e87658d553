"""Whether the configuration of a scheduler describes noise that anything is drawn by."""

from __future__ import annotations

from collections.abc import Iterator
from math import log1p

from promptlang.models.evidence.records import Record, is_list, is_number, is_whole
from promptlang.models.fitting.configurations.said import shown
from promptlang.sentences import listed
from promptlang.tables.configurations.schedulers import (
    BETAS,
    ENDS,
    FLOWS,
    LONGEST,
    NUMBERS,
    PREDICTED,
    PREDICTIONS,
    SPACED,
    WORDS,
    Bounds,
)

STEPS = "num_train_timesteps"
_USUAL = 1000
_LENGTHS = ("base_image_seq_len", "max_image_seq_len")
_FLOWS = "use_flow_sigmas"
_POWERS = {"linear": 1.0, "scaled_linear": 0.5}
_SAMPLED = 1000  # of the steps, whose noise is added up


def unnoised(said: Record, file: str, *, is_flow: bool) -> Iterator[str]:
    """What no scheduler draws by, in one clause each; `file` is how its configuration is called."""
    predictions = FLOWS if is_flow else PREDICTIONS
    if said.get(PREDICTED, predictions[0]) not in predictions:
        known = listed((f"`{each}`" for each in predictions), "or")
        yield f"`{PREDICTED}` in `{file}` is {shown(said[PREDICTED])}, and not {known}"
    for key, bounds in NUMBERS.items():
        if key in said and not _is_within(said[key], bounds):
            yield f"`{key}` in `{file}` is {shown(said[key])}, and no {bounds.kind}"
    for key, known in WORDS.items():
        if key in said and not (isinstance(said[key], str) and said[key] in known):
            yield f"`{key}` in `{file}` is {shown(said[key])}, and none of the names that are known there"
    for key in SPACED:
        if not isinstance(said.get(key, False), bool):
            yield f"`{key}` in `{file}` is {shown(said[key])}, and neither `true` nor `false`"
    if len(on := [key for key in SPACED if said.get(key)]) > 1:
        yield f"{listed(f'`{key}`' for key in on)} in `{file}` are `true`, of which one may be"
    yield from _of_betas(said, file)
    least, most = (said.get(key) for key in _LENGTHS)
    if least is not None and least == most:
        yield f"{listed(f'`{key}`' for key in _LENGTHS)} in `{file}` are both {least}"


def _is_within(value: object, bounds: Bounds) -> bool:
    if value is None:
        return bounds.open
    return is_number(value) and bounds.least <= value <= bounds.most and (not bounds.whole or is_whole(value))


def _of_betas(said: Record, file: str) -> Iterator[str]:
    """Noise that is given for each step, or such that nothing would be left of a picture."""
    betas, steps = said.get(BETAS), said.whole(STEPS) or _USUAL
    if betas is not None:
        if not is_list(betas) or not all(_is_within(each, NUMBERS[ENDS[0]]) for each in betas):
            yield f"`{BETAS}` in `{file}` are no list of numbers between 0 and 1"
        elif len(betas) != steps:
            yield f"`{BETAS}` in `{file}` are {len(betas)}, where `{STEPS}` is {steps}"
        return
    ends = [each for key in ENDS if isinstance(each := said.get(key), float | int) and 0 < each < 1]
    if len(ends) < len(ENDS) or said.get(_FLOWS):
        return
    first, last = ends
    power = _POWERS.get(str(said.get("beta_schedule", "linear")))
    if power and _left(first, last, steps, power=power) < LONGEST:
        yield f"{listed(f'`{key}`' for key in ENDS)} in `{file}` make more noise than numbers can hold"


def _left(first: float, last: float, steps: int, *, power: float) -> float:
    """The logarithm of what is left of a picture after all steps."""
    low, high = first**power, last**power
    shares = ((low + (high - low) * at / (_SAMPLED - 1)) ** (1 / power) for at in range(_SAMPLED))
    return sum(log1p(-each) for each in shares) * steps / _SAMPLED
