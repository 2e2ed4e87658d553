"""Our latents beside those that ComfyUI itself drew: `python -m tests.conformance.sampling [FOLDER]` prints the table,
with `--write` docs/agreement.md.

Every row is drawn through the language: its words, options, sampler and schedule make a statement, which is compiled.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

import promptlang
from promptlang.plans.plan import Model, Plan
from promptlang.tables.arithmetics import PATH_PACKAGE
from promptlang.tables.samplers import sampler
from promptlang_runtime.drawing.pipelines import stable_diffusion
from promptlang_runtime.drawing.unet import Over, unet_latents
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.family import LoadedModel
from tests.runtime.pictures import SIDES

FOLDER = Path("../shared/conformance")
PAGE = Path(__file__).parents[2] / "docs" / "agreement.md"
WRITE = "--write"
STATEMENTS = 2
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
    assert plan.seed is not None
    return unet_latents(
        stable_diffusion(model.pipeline),
        [Wanted(plan, plan.seed)],
        partial(SIDES[plan.model.family], model),
        config=model.scheduler_config,
        remix=Over(whole="", masked="", held="", held_over=""),
        on_call=lambda done, total: None,
    )


def apart(ours: Tensor, theirs: Tensor) -> float:
    """How far latents are from others, relative to their size."""
    return float((ours - theirs).norm() / theirs.norm())


def distances(folder: Path) -> Iterator[tuple[Row, float]]:
    """Every row that can be drawn here, with how far our latents are from ComfyUI's."""
    model = opened(model_of(folder))
    for row in rows(folder):
        if row.is_drawn:
            yield row, apart(drawn(plan_of(row, model_of(folder)), model), row.latents)


def main(arguments: list[str]) -> int:
    """Prints the page; 1 where a row is further off than it may be, 2 where there is nothing to compare."""
    named = [each for each in arguments if each != WRITE]
    folder = Path(named[0]) if named else FOLDER
    if not (folder / "comfy_sampling").is_dir():
        print(f"no folder {folder / 'comfy_sampling'}: name one that holds what ComfyUI drew")
        return 2
    torch.set_num_threads(1)
    found: Figures = defaultdict(lambda: [0.0] * STATEMENTS)
    bad: list[str] = []
    for row, distance in distances(folder):
        case = int(str(row.said["case"]))
        found[row.sampler, row.schedule][case] = max(found[row.sampler, row.schedule][case], distance)
        bad += [f"{row.sampler} {row.schedule}: {distance:.1e}"] if distance > row.near else []
    print("\n".join(table(found)))
    print(f"\n{len(found)} pairs, {len(bad)} pictures further off than listed")
    print(*bad, sep="\n")
    if WRITE in arguments:
        assert all(row.is_drawn for row in rows(folder)), f"some samplers need the package {PATH_PACKAGE}"
        PAGE.write_text(page(found), encoding="utf-8")
    return 1 if bad else 0


# --- the page ---------------------------------------------------------------------------------------------------------

Figures = dict[tuple[str, str], list[float]]
"""By sampler and schedule, as ComfyUI calls them: how far off the latents of each statement are."""

_HEAD = """# Agreement with ComfyUI

Written by `python -m tests.conformance.sampling --write`; nobody edits it.

ComfyUI 0.29.0 drew two statements with the bundled model and every pair of sampler and scheduler below, on a CPU. Here
is how far our latents are from its own, relative to their size, where the same statements are drawn in its arithmetic
([samplers.md](samplers.md)). The first has weights, a negative prompt, guidance 4 and 12 steps, the second clip skip 2,
a large seed, guidance 2.5 and 9 steps. Single precision rounds each number to about 6e-8; we want at most 1e-5."""
_ROW = re.compile(r"^\| `(\w+)` \| `(\w+)` \| (\S+) \| (\S+) \|$", re.MULTILINE)


def page(found: Figures) -> str:
    """docs/agreement.md."""
    listed = [f"`{name}` may be {_figure(near)} off: {why}." for name, (near, why) in LISTED.items()]
    return "\n".join([_HEAD, "", *table(found), "", *listed, ""])


def table(found: Figures) -> Iterator[str]:
    """A line for every pair."""
    yield "| Sampler | Schedule | First statement | Second statement |"
    yield "| --- | --- | ---: | ---: |"
    for (name, schedule), each in found.items():
        yield f"| `{name}` | `{schedule}` | {' | '.join(map(_figure, each))} |"


def figures(text: str) -> Figures:
    """Those of the page."""
    return {(name, schedule): [float(each) for each in both] for name, schedule, *both in _ROW.findall(text)}


def _figure(distance: float) -> str:
    number, power = f"{distance:.0e}".split("e")
    return f"{number}e{int(power)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
