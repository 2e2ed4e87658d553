"""The row of the sampler table a plan names, built as a diffusers scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from promptlang.tables.samplers import ROWS, Sampler, sampler
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.pipelines import Scheduler

# A model's configuration names these for its own sampler; they mean something else, or nothing, to another one.
_OF_ONE_SAMPLER = frozenset(
    {
        "algorithm_type",
        "solver_order",
        "solver_type",
        "skip_prk_steps",
        "use_karras_sigmas",
        "use_exponential_sigmas",
        "use_beta_sigmas",
        "final_sigmas_type",
        "lower_order_final",
    }
)

SCHEDULERS = frozenset(f"diffusers.{name}" for name in ("PNDMScheduler", *(row.scheduler for row in ROWS)))
"""What the folders of a model with noise levels may name: published ones and every sampler's own."""


def sampler_row(name: str) -> Sampler:
    """The row of a sampler's name; raises RenderError for an unknown one or one whose package is missing."""
    row = sampler(name)
    if row is None:
        raise RenderError(f"there is no sampler `{name}`", "write `/sampler:dpm2m`")
    if row.package and find_spec(row.package) is None:
        raise RenderError(
            f"the sampler `{row.name}` needs the package {row.package}, which is not installed",
            f"run `pip install {row.package}`",
        )
    return row


def scheduler_of(name: str, *, karras: bool, config: Mapping[str, object]) -> Scheduler:
    """A new scheduler with the model's own noise levels; Karras spacing only where the sampler knows it."""
    row = sampler_row(name)
    own = config.get("_class_name") == row.scheduler
    kept = {key: value for key, value in config.items() if own or key not in _OF_ONE_SAMPLER}
    settings = dict(row.settings)
    if karras and row.karras:
        settings["use_karras_sigmas"] = True
    return libraries.scheduler(row.scheduler, kept, **settings)
