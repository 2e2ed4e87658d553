"""Our latents beside those that ComfyUI itself drew: `python -m tests.conformance.sampling [FOLDER]` prints the table.

Every row is drawn through the language: its words, options, sampler and schedule make a statement, which is compiled.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

import promptlang
from promptlang.plans.plan import Model, Plan
from promptlang.tables.arithmetics import PATH_PACKAGE
from promptlang.tables.samplers import sampler
from promptlang_runtime.conditioning.sides import Sides, sides_of
from promptlang_runtime.drawing.pipelines import stable_diffusion
from promptlang_runtime.drawing.unet import Over, unet_latents
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sd1.encode import encoder_of

FOLDER = Path("../shared/conformance")
NEAR = 1e-5
LISTED: Mapping[str, tuple[float, str]] = {
    "sa_solver": (
        2e-4,
        "it solves equations in single precision, which make rounding up to 5,000 times larger",
    ),
}
"""Samplers that may be further off, how far, and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """What ComfyUI drew: the settings, and the latents."""

    said: Mapping[str, object]
    latents: Tensor

    @property
    def sampler(self) -> str:
        return str(self.said["sampler"])

    @property
    def schedule(self) -> str:
        return str(self.said["scheduler"])

    @property
    def steps(self) -> int:
        return int(str(self.said["steps"]))

    @property
    def near(self) -> float:
        """How far off our latents may be."""
        return LISTED.get(self.sampler, (NEAR, ""))[0]

    @property
    def is_drawn(self) -> bool:
        """Whether what its noise comes from is installed."""
        row = sampler(self.sampler)
        return row is not None and (not row.along_path or find_spec(PATH_PACKAGE) is not None)


def rows(folder: Path) -> Iterator[Row]:
    """What ComfyUI drew, in order."""
    latents = load_file(folder / "comfy_sampling" / "latents.safetensors")
    with (folder / "comfy_sampling" / "index.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            yield Row(said, latents[said["latent"]])


def one_of_each(drawable: Sequence[Row]) -> Sequence[Row]:
    """The fewest rows, of few steps, in which every sampler and every schedule stands."""
    choices: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(drawable, key=lambda row: row.steps):
        choices[row.sampler].append(row)
    picked: list[Row] = []
    seen: set[str] = set()
    for own in sorted(choices.values(), key=lambda own: len({row.schedule for row in own})):
        picked.append(next((row for row in own if row.schedule not in seen), own[0]))
        seen.add(picked[-1].schedule)
    rest = {row.schedule: row for row in drawable if row.schedule not in seen}
    return [*picked, *rest.values()]


def model_of(folder: Path) -> Model:
    """The model that ComfyUI drew with."""
    return Model(name="frozen", family="sd1", path=str(folder.parent / "demo_model"))


def plan_of(row: Row, model: Model) -> Plan:
    """The plan of the statement that says what the row says."""
    said = row.said
    layer = f"/clipskip:{said['clip_skip']}" if said["clip_skip"] else ""
    text = (
        f"/render /parser:comfy /arithmetic:comfy /sampler:{row.sampler} /schedule:{row.schedule} {layer} "
        f"/seed:{said['seed']} /steps:{said['steps']} /guidance:{said['guidance']} /size:{said['size']}x{said['size']} "
        f"{said['prompt']}\n/negative {said['negative']}"
    )
    (plan,) = promptlang.compile(text).plans
    return replace(plan, model=model)


def opened(model: Model) -> LoadedModel:
    """The model on the CPU."""
    return load(model, device=torch.device("cpu"), dtype=torch.float32)


def drawn(plan: Plan, model: LoadedModel) -> Tensor:
    """Our latents."""

    def read(plan: Plan) -> Sides:
        return sides_of(plan, encoder_of(model, plan).reader)

    assert plan.seed is not None
    return unet_latents(
        stable_diffusion(model.pipeline),
        [Wanted(plan, plan.seed)],
        read,
        config=model.scheduler_config,
        remix=Over(whole="", masked="", held="", held_over=""),
        on_call=lambda done, total: None,
    )


def apart(ours: Tensor, theirs: Tensor) -> float:
    """How far latents are from others, relative to their size."""
    return float((ours - theirs).norm() / theirs.norm())


def main(arguments: list[str]) -> int:
    """Prints the table; 1 where a row is further off than it may be, 2 where there is nothing to compare."""
    folder = Path(arguments[0]) if arguments else FOLDER
    if not (folder / "comfy_sampling").is_dir():
        print(f"no folder {folder / 'comfy_sampling'}: name one that holds what ComfyUI drew")
        return 2
    torch.set_num_threads(1)
    model = opened(model_of(folder))
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    bad: list[str] = []
    for row in rows(folder):
        if row.is_drawn:
            distance = apart(drawn(plan_of(row, model_of(folder)), model), row.latents)
            found[row.sampler, row.schedule].append(distance)
            bad += [f"{row.sampler} {row.schedule}: {distance:.1e}"] if distance > row.near else []
    print("| Sampler | Schedule | Latents, relative |\n|---|---|---|")
    for (name, schedule), distances in found.items():
        print(f"| `{name}` | `{schedule}` | {max(distances):.1e} |")
    print(f"\n{sum(map(len, found.values()))} pictures, {len(bad)} further off than listed")
    print(*bad, sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
