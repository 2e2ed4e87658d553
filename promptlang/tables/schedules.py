"""THE schedule table: how a sampler spaces its noise levels, with the names of other tools and what diffusers is told.

The settings follow the scheduler overview of the diffusers documentation, where `simple` and `sgm_uniform` are one. The
names are those of ComfyUI.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.options.kinds import Ending
from promptlang.tables.samplers import SAMPLERS
from promptlang.values import dataclass

Setting = tuple[str, str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One row: `webui` is what stands under "Schedule type" there, empty where it has none such.

    `settings` are what diffusers is told, and `package` is what it needs for it; `names` are further names.
    """

    name: str
    docs: str
    webui: str = ""
    settings: tuple[Setting, ...] = ()
    package: str = ""
    names: tuple[str, ...] = ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """The name of webui, where it is another one and no sampler's, and further names."""
        names = (self.webui, self.webui.replace(" ", "_"), *self.names)
        return tuple(dict.fromkeys(name for name in names if name.lower() not in ("", self.name, *SAMPLERS)))


ROWS: tuple[Schedule, ...] = (
    Schedule(
        name="karras",
        docs="Noise levels as Karras and others propose: more of the steps at little noise.",
        webui="Karras",
        settings=(("use_karras_sigmas", True),),
    ),
    Schedule(
        name="exponential",
        docs="Each noise level is the same share of the one before.",
        webui="Exponential",
        settings=(("timestep_spacing", "linspace"), ("use_exponential_sigmas", True)),
    ),
    Schedule(
        name="beta",
        docs="Denser at both ends, by a beta distribution.",
        webui="Beta",
        settings=(("timestep_spacing", "linspace"), ("use_beta_sigmas", True)),
        package="scipy",
    ),
    Schedule(
        name="normal",
        docs="Evenly spaced from the first training step to the last.",
        webui="Normal",
        names=("Uniform",),
        settings=(("timestep_spacing", "linspace"),),
    ),
    Schedule(
        name="simple",
        docs="Evenly spaced, and always from full noise.",
        webui="Simple",
        settings=(("timestep_spacing", "trailing"),),
    ),
    Schedule(
        name="sgm_uniform",
        docs="As Stability's own code spaces them; drawn as `simple` is.",
        webui="SGM Uniform",
        names=("Trailing",),
        settings=(("timestep_spacing", "trailing"),),
    ),
    Schedule(
        name="ddim_uniform",
        docs="Evenly spaced from the first step on, as DDIM was published; the last step is left out.",
        webui="DDIM",
        settings=(("timestep_spacing", "leading"),),
    ),
    Schedule(
        name="kl_optimal",
        docs="Evenly spaced in the arc tangent of the noise, which is best for pictures that were a Gaussian.",
        webui="KL Optimal",
    ),
    Schedule(
        name="linear_quadratic",
        docs="Little of the noise in the first half of the steps, and ever more in the second, as Mochi was published.",
    ),
)

SCHEDULES: Mapping[str, Schedule] = MappingProxyType({row.name: row for row in ROWS})

ENDINGS = tuple(
    sorted(
        (
            Ending("_k", ("schedule", "karras")),  # as InvokeAI writes it
            *(
                Ending(f"{mark}{name.lower()}", ("schedule", row.name))
                for row in ROWS
                for name in (row.name, *row.aliases)
                for mark in (" ", "_")
            ),
        ),
        key=lambda ending: -len(ending.text),  # ` sgm uniform` before ` uniform`, which it ends in
    )
)
"""What the name of a sampler may end in, as older tools write both in one."""
