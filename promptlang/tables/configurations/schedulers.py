"""What the configuration of a scheduler says of noise, whatever its class: numbers, words and switches."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import MappingProxyType

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number is at least and at most, and how it is called; `null` may stand there where it is `open`."""

    least: float
    most: float
    kind: str
    whole: bool = False
    open: bool = False


_TINY = 1e-9
_SHARE = Bounds(_TINY, 1 - _TINY, "number between 0 and 1")
_ABOVE = Bounds(_TINY, 1e6, "number above 0")
_COUNT = Bounds(1, 1_000_000, "whole number from 1 to 1000000", whole=True)
_POWER = Bounds(-100, 100, "number from -100 to 100")

NUMBERS: Mapping[str, Bounds] = MappingProxyType(
    {
        "num_train_timesteps": _COUNT,
        "beta_start": _SHARE,
        "beta_end": _SHARE,
        "shift": _ABOVE,
        "flow_shift": _ABOVE,
        "shift_terminal": Bounds(0, 1 - _TINY, "number from 0 to below 1", open=True),
        "base_shift": _POWER,
        "max_shift": _POWER,
        "base_image_seq_len": _COUNT,
        "max_image_seq_len": _COUNT,
        "sigma_data": _ABOVE,
        "solver_order": Bounds(1, 100, "whole number from 1 to 100", whole=True),
        "lambda_min_clipped": Bounds(-inf, 1e30, "number"),
    }
)
WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "beta_schedule": frozenset({"linear", "scaled_linear", "squaredcos_cap_v2"}),  # which all schedulers know
        "timestep_spacing": frozenset({"linspace", "leading", "trailing"}),
        "time_shift_type": frozenset({"exponential", "linear"}),
        "algorithm_type": frozenset(
            {"dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++", "deis"}
            | {"data_prediction", "noise_prediction"}
        ),
        "solver_type": frozenset({"midpoint", "heun", "logrho", "bh1", "bh2"}),
    }
)
PREDICTED = "prediction_type"
PREDICTIONS = ("epsilon", "v_prediction")
"""What models of noise are drawn with that predict it, or a velocity; of the picture itself some samplers know nothing,
and in the arithmetic of other programs it would be taken for noise.
"""
FLOWS = (*PREDICTIONS, "flow_prediction", "trigflow")
"""What may stand there for flow-matching models, which are drawn as such in any case."""
SPACED = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas")
"""Switches, of which one is on at most."""
BETAS, ENDS = "trained_betas", ("beta_start", "beta_end")
"""How much noise each step adds, one by one, and of the first and the last step."""
LONGEST = -87.0
"""The logarithm of the least that may be left of a picture at the end, which the numbers of schedulers still hold."""
