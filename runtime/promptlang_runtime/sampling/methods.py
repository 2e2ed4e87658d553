"""Which function draws by a sampler of the table, and what it needs, by the program whose arithmetic is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from promptlang.tables.arithmetics import COMFY, WEBUI
from promptlang_runtime.sampling import dpm_solver, euler, flow, multistep, predictor_corrector
from promptlang_runtime.sampling.solver import Sampler


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a sampler is drawn.

    `scaled` counts from pictures whose noise is scaled down, and ends at such a one. `moments` are the sampler's own,
    without any schedule.
    """

    draw: Sampler
    scaled: bool = False
    moments: bool = False


_PLAIN: Mapping[str, Method] = {
    "ddim": Method(draw=euler.euler),
    "dpm2m": Method(draw=multistep.dpmpp_2m),
    "heun": Method(draw=euler.heun),
    "k_euler": Method(draw=euler.euler),
    "k_euler_a": Method(draw=euler.euler_ancestral),
    "upms": Method(draw=predictor_corrector.uni_pc),
    "uni_pc_bh2": Method(draw=predictor_corrector.uni_pc_bh2),
    "lcm": Method(draw=euler.lcm),
    "klms": Method(draw=multistep.lms),
    "dpm2m_sde": Method(draw=multistep.dpmpp_2m_sde),
    "dpm2m_sde_heun": Method(draw=multistep.dpmpp_2m_sde_heun),
    "dpm3m_sde": Method(draw=multistep.dpmpp_3m_sde),
    "dpm_sde": Method(draw=euler.dpmpp_sde),
    "k_dpm2": Method(draw=euler.dpm_2),
    "k_dpm2_a": Method(draw=euler.dpm_2_ancestral),
    "deis": Method(draw=multistep.deis),
    "ddpm": Method(draw=euler.ddpm),
    "sa_solver": Method(draw=predictor_corrector.sa_solver),
    "heunpp2": Method(draw=euler.heun_plus),
    "dpm_fast": Method(draw=dpm_solver.dpm_fast),
    "dpm_adaptive": Method(draw=dpm_solver.dpm_adaptive),
    "dpm2s_a": Method(draw=euler.dpmpp_2s_ancestral),
    "res_multistep": Method(draw=multistep.res_multistep),
    "ipndm": Method(draw=multistep.ipndm),
    "ipndm_v": Method(draw=multistep.ipndm_v),
    "gradient_estimation": Method(draw=multistep.gradient_estimation),
    "er_sde": Method(draw=euler.er_sde),
}

METHODS: Mapping[str, Mapping[str, Method]] = {
    COMFY.name: _PLAIN,
    WEBUI.name: {
        **_PLAIN,
        "ddim": Method(draw=euler.euler, scaled=True, moments=True),
        "plms": Method(draw=multistep.plms, scaled=True, moments=True),
        "klms": Method(draw=multistep.lms_to_the_end),
        "dpm_fast": Method(draw=partial(dpm_solver.dpm_fast, heat=1.0)),
        "dpm_adaptive": Method(draw=partial(dpm_solver.dpm_adaptive, heat=1.0)),
    },
}
"""By arithmetic and by the name of the sampler's row; what a program does not have stands in the table of samplers."""

FLOW: Mapping[str, Method] = {
    **_PLAIN,
    "k_euler_a": Method(draw=flow.euler_ancestral),
    "k_dpm2_a": Method(draw=flow.dpm_2_ancestral),
    "dpm2s_a": Method(draw=flow.dpmpp_2s_ancestral),
    "lcm": Method(draw=flow.lcm),
}
"""ComfyUI's for flow-matching models; which of them are drawn so says the table of samplers."""
