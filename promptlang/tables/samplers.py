"""THE sampler table: every sampler is one row with all its names, and what a backend must build for it.

The diffusers classes and the mapping from the names of stable-diffusion-webui and ComfyUI follow the scheduler
overview of the diffusers documentation. Same name means same method, not the same pixels: whose noise levels and noise
are drawn by says `/arithmetic` (`tables/arithmetics.py`).

`ipndm` has no class here: that of diffusers counts timesteps from 1 to 0 and ignores the noise levels of the model, so
that its pictures are blots, and none of its settings brings it to what ComfyUI draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass

Setting = tuple[str, str | int | float | bool]
FLOW_EULER = "FlowMatchEulerDiscreteScheduler"
"""The class that does Euler's method for flow-matching models."""

SPACED = ("normal", "simple", "sgm_uniform", "ddim_uniform")
SHAPED = ("karras", "exponential", "beta")
ANY = (*SHAPED, *SPACED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """One row.

    `scheduler` is the diffusers class, empty where it has none, `settings` what it needs beyond the model's own
    scheduler configuration. `webui` and `comfy` are the names there, and `unlike` says which of the two draws it in a
    way that is not drawn here. `automatic` is the schedule that webui takes where none is named, empty where it lays
    the sampler's steps out in a way of its own. `along_path` marks noise along a path, which takes a package.
    `calls_per_step` counts denoiser calls in every step but the last, which takes one. `extra_calls` are added once to
    several steps.
    `schedules` are the noise schedules that the class can be told, `package` is what must be installed for it, and
    `flow` is the class that does the same for flow-matching models, where there is one, and `flow_settings` what it
    needs for them beside. `zero_snr` says whether the class can be told of noise that ends at zero signal.
    """

    name: str
    docs: str
    scheduler: str = ""
    webui: str = ""
    comfy: str = ""
    names: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    calls_per_step: int = 1
    extra_calls: int = 0
    schedules: tuple[str, ...] = ()
    package: str = ""
    flow: str = ""
    flow_settings: tuple[Setting, ...] = ()
    zero_snr: bool = False
    unlike: tuple[str, ...] = ()
    automatic: str = "normal"
    along_path: bool = False
    comfy_sheds: bool = False  # whether it lays out one step more there, and leaves out the last level but one
    webui_sheds: bool = False
    comfy_flow: bool = False  # whether it is drawn here as ComfyUI draws it with flow-matching models
    is_measured: bool = False  # whether it takes as many steps as it finds that the picture needs
    variant_of: str = ""  # the row that goes by the name of the diffusers class they share

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every other name it is known by: of webui, ComfyUI and diffusers, and those names without blanks."""
        written = (self.webui, self.webui.replace(" ", "_"), self.comfy, *self.names)
        if not self.variant_of:
            written += (self.scheduler,)
        own = self.name.lower()
        kept = {alias.lower(): alias for alias in reversed(written) if alias and alias.lower() != own}
        return tuple(reversed(kept.values()))

    def calls(self, steps: int) -> int:
        """How often the denoiser runs in that many steps."""
        return (steps - 1) * self.calls_per_step + 1 + (self.extra_calls if steps > 1 else 0) if steps > 0 else 0


ROWS: tuple[Sampler, ...] = (
    Sampler(
        name="ddim",
        docs="The classic deterministic sampler; even, robust, wants 30 steps or more.",
        scheduler="DDIMScheduler",
        zero_snr=True,
        webui="DDIM",
        comfy="ddim",
        comfy_flow=True,
        automatic="",
        schedules=SPACED,
    ),
    Sampler(
        name="dpm2m",
        docs="DPM-Solver++ of second order over several steps: good pictures from about 20 steps.",
        scheduler="DPMSolverMultistepScheduler",
        zero_snr=True,
        webui="DPM++ 2M",
        automatic="karras",
        comfy="dpmpp_2m",
        comfy_flow=True,
        names=("dpm++2m", "dpmsolver++", "DPM-Solver++", "DPM Solver++", "k_dpmpp_2m"),
        flow="DPMSolverMultistepScheduler",
        flow_settings=(("use_flow_sigmas", True), ("prediction_type", "flow_prediction")),
        schedules=ANY,
    ),
    Sampler(
        name="heun",
        docs="Heun's method: two denoiser calls a step, so twice the time of `k_euler`, and more exact.",
        scheduler="HeunDiscreteScheduler",
        webui="Heun",
        comfy="heun",
        names=("k_heun",),
        comfy_flow=True,
        calls_per_step=2,
        flow="FlowMatchHeunDiscreteScheduler",
        schedules=ANY,
    ),
    Sampler(
        name="k_euler",
        docs="Euler's method in the form of k-diffusion: simple and fast.",
        scheduler="EulerDiscreteScheduler",
        zero_snr=True,
        webui="Euler",
        comfy="euler",
        comfy_flow=True,
        names=(FLOW_EULER,),
        flow=FLOW_EULER,
        schedules=ANY,
    ),
    Sampler(
        name="k_euler_a",
        docs="Euler with fresh noise at every step: lively, and the picture keeps changing with the number of steps.",
        scheduler="EulerAncestralDiscreteScheduler",
        zero_snr=True,
        webui="Euler a",
        comfy="euler_ancestral",
        comfy_flow=True,
        names=("euler_a", "Euler Ancestral", "k_euler_ancestral"),
        schedules=SPACED,
    ),
    Sampler(
        name="upms",
        docs="UniPC multistep: a modern predictor-corrector that is good after few steps.",
        scheduler="UniPCMultistepScheduler",
        zero_snr=True,
        webui="UniPC",
        comfy="uni_pc",
        unlike=("webui",),
        schedules=ANY,
        comfy_sheds=True,
    ),
    Sampler(
        name="uni_pc_bh2",
        docs="`upms` with the second of its two formulas, which diffusers takes for both names.",
        scheduler="UniPCMultistepScheduler",
        zero_snr=True,
        variant_of="upms",
        comfy="uni_pc_bh2",
        schedules=ANY,
        comfy_sheds=True,
    ),
    Sampler(
        name="lcm",
        docs="For latent consistency models and LoRAs: 4 to 8 steps at guidance 1 to 2. Sana Sprint has no other.",
        scheduler="LCMScheduler",
        zero_snr=True,
        webui="LCM",
        unlike=("webui",),
        comfy="lcm",
        comfy_flow=True,
    ),
    Sampler(
        name="lcm_base",
        docs="The same method as `lcm`, under the name the service gives it for base models.",
        scheduler="LCMScheduler",
        zero_snr=True,
        variant_of="lcm",
    ),
    Sampler(
        name="klms",
        docs="Linear multistep in the form of k-diffusion; wants about twice the steps of newer samplers.",
        scheduler="LMSDiscreteScheduler",
        webui="LMS",
        comfy="lms",
        comfy_flow=True,
        names=("k_lms",),
        package="scipy",
        schedules=ANY,
    ),
    Sampler(
        name="dpm2m_sde",
        docs="`dpm2m` with fresh noise at every step.",
        scheduler="DPMSolverMultistepScheduler",
        zero_snr=True,
        webui="DPM++ 2M SDE",
        automatic="exponential",
        along_path=True,
        comfy="dpmpp_2m_sde",
        names=("dpmpp_2m_sde_gpu", "k_dpmpp_2m_sde"),
        variant_of="dpm2m",
        settings=(("algorithm_type", "sde-dpmsolver++"),),
        schedules=ANY,
    ),
    Sampler(
        name="dpm3m_sde",
        docs="The third-order form of `dpm2m_sde`; an approximation of the sampler of that name in webui.",
        scheduler="DPMSolverMultistepScheduler",
        zero_snr=True,
        webui="DPM++ 3M SDE",
        automatic="exponential",
        along_path=True,
        comfy="dpmpp_3m_sde",
        names=("dpmpp_3m_sde_gpu",),
        variant_of="dpm2m",
        settings=(("algorithm_type", "sde-dpmsolver++"), ("solver_order", 3)),
        schedules=ANY,
        webui_sheds=True,
    ),
    Sampler(
        name="dpm_sde",
        docs="DPM-Solver++ with fresh noise and two denoiser calls a step.",
        scheduler="DPMSolverSDEScheduler",
        webui="DPM++ SDE",
        automatic="karras",
        along_path=True,
        comfy="dpmpp_sde",
        names=("dpmpp_sde_gpu", "k_dpmpp_sde"),
        calls_per_step=2,
        package="torchsde",
        schedules=ANY,
    ),
    Sampler(
        name="dpm_single",
        docs="DPM-Solver++ within single steps; close to `dpm2m`.",
        scheduler="DPMSolverSinglestepScheduler",
        names=("dpmpp_2s",),
        schedules=SHAPED,
    ),
    Sampler(
        name="k_dpm2",
        docs="DPM-Solver-2 in the form of k-diffusion: two denoiser calls a step.",
        scheduler="KDPM2DiscreteScheduler",
        webui="DPM2",
        automatic="karras",
        comfy="dpm_2",
        names=("k_dpm_2", "kdpm_2"),
        comfy_flow=True,
        calls_per_step=2,
        schedules=ANY,
        comfy_sheds=True,
        webui_sheds=True,
    ),
    Sampler(
        name="k_dpm2_a",
        docs="`k_dpm2` with fresh noise at every step.",
        scheduler="KDPM2AncestralDiscreteScheduler",
        webui="DPM2 a",
        automatic="karras",
        comfy="dpm_2_ancestral",
        names=("DPM2 Ancestral", "k_dpm_2_a", "k_dpm_2_ancestral", "kdpm_2_a"),
        comfy_flow=True,
        calls_per_step=2,
        schedules=ANY,
        comfy_sheds=True,
        webui_sheds=True,
    ),
    Sampler(
        name="plms",
        docs="Pseudo linear multistep, the sampler of the first Stable Diffusion release; one call more than steps.",
        scheduler="PNDMScheduler",
        webui="PLMS",
        automatic="",
        names=("pndm",),
        settings=(("skip_prk_steps", True),),
        extra_calls=1,
        schedules=SPACED,
    ),
    Sampler(
        name="deis",
        docs="Diffusion exponential integrator: fast, close to `dpm2m`.",
        scheduler="DEISMultistepScheduler",
        comfy="deis",
        comfy_flow=True,
        schedules=ANY,
    ),
    Sampler(
        name="ddpm",
        docs="The original sampler with fresh noise at every step; wants hundreds of steps.",
        scheduler="DDPMScheduler",
        zero_snr=True,
        comfy="ddpm",
        schedules=SPACED,
    ),
    Sampler(
        name="tcd",
        docs="For trajectory consistency models and LoRAs: few steps, little guidance.",
        scheduler="TCDScheduler",
        zero_snr=True,
        webui="TCD",
        unlike=("webui",),
    ),
    Sampler(
        name="sa_solver",
        docs="Stochastic Adams solver: exact with fresh noise, at few steps.",
        scheduler="SASolverScheduler",
        comfy="sa_solver",
        schedules=ANY,
    ),
    Sampler(
        name="dpm2m_sde_heun",
        docs="`dpm2m_sde` by Heun's rule.",
        webui="DPM++ 2M SDE Heun",
        comfy="dpmpp_2m_sde_heun",
        automatic="exponential",
        along_path=True,
    ),
    Sampler(
        name="dpm2s_a",
        docs="DPM-Solver++ of second order within single steps, with fresh noise: two denoiser calls a step.",
        webui="DPM++ 2S a",
        comfy="dpmpp_2s_ancestral",
        names=("DPM++ 2S Ancestral", "k_dpmpp_2s_a", "k_dpmpp_2s_ancestral"),
        comfy_flow=True,
        automatic="karras",
        calls_per_step=2,
    ),
    Sampler(
        name="heunpp2",
        docs="Heun's method with slopes further ahead: three denoiser calls a step.",
        comfy="heunpp2",
        comfy_flow=True,
        calls_per_step=3,
        extra_calls=-1,  # the last step but one takes two
    ),
    Sampler(
        name="dpm_fast",
        docs="DPM-Solver of up to third order, which lays its noise levels out itself.",
        webui="DPM fast",
        comfy="dpm_fast",
        names=("k_dpm_fast",),
    ),
    Sampler(
        name="dpm_adaptive",
        docs="DPM-Solver that takes as many steps as it finds it needs, whatever `/steps` says.",
        webui="DPM adaptive",
        comfy="dpm_adaptive",
        names=("k_dpm_adaptive",),
        is_measured=True,
    ),
    Sampler(
        name="ipndm",
        docs="Adams and Bashforth's method of fourth order, as if all steps were of one size.",
        comfy="ipndm",
        comfy_flow=True,
    ),
    Sampler(
        name="ipndm_v",
        docs="`ipndm` for steps of the sizes that they have.",
        comfy="ipndm_v",
        comfy_flow=True,
    ),
    Sampler(
        name="res_multistep",
        docs="The refined exponential solver over two steps.",
        comfy="res_multistep",
        comfy_flow=True,
    ),
    Sampler(
        name="gradient_estimation",
        docs="`k_euler` pushed on by the last change of direction.",
        comfy="gradient_estimation",
        comfy_flow=True,
    ),
    Sampler(
        name="er_sde",
        docs="Solves the extended reverse-time equation: fresh noise at every step, exact at few.",
        comfy="er_sde",
    ),
)


SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {name.lower(): row for row in ROWS for name in (row.name, *row.aliases)}
)
"""Every row by every one of its names, in lower case."""

OF_ONE_SAMPLER = (
    *("algorithm_type", "solver_order", "solver_type", "skip_prk_steps", "use_karras_sigmas", "use_exponential_sigmas"),
    *("use_beta_sigmas", "use_lu_lambdas", "euler_at_final", "final_sigmas_type", "lower_order_final", "predict_x0"),
    *("solver_p3", "disable_corrector"),
)
"""What a model's configuration says of its own sampler. A sampler that is named states all of it, also one of the same
class; what stays is the model's: its noise levels, its prediction, and how it spaces steps where no schedule says so.
"""


def calls(name: str, steps: int) -> int:
    """How often so many steps call the denoiser; once each with a sampler that nobody has heard of."""
    row = sampler(name)
    return row.calls(steps) if row else steps


def sampler(name: str) -> Sampler | None:
    """The row of a name, read case-insensitively; None where nobody has heard of it."""
    return SAMPLERS.get(name) or SAMPLERS.get(" ".join(name.split()).lower())  # most are written as in the table
