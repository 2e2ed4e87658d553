"""A plan as a command line of dgenerate, which draws by diffusers."""

from __future__ import annotations

import re
import shlex

from promptlang.exporters.numbers import diffusers_guidance, layers_left_out, loras, number
from promptlang.exporters.targets import Written
from promptlang.exporters.words import plain_sides
from promptlang.importers.programs.dgenerate import SCHEDULERS
from promptlang.plans.plan import Plan
from promptlang.tables.samplers import sampler

_TITLE = "dgenerate"
_KINDS = {"sdxl": "sdxl", "sd3": "sd3", "flux": "flux"}
_DIVIDER = re.compile(r"\s*;\s*")


def line(plan: Plan) -> Written:
    """The command, its flags on lines of their own."""
    texts, row = plain_sides(plan, _TITLE), sampler(plan.sampler)
    remarks = list(texts.remarks)
    positive, negative = (_DIVIDER.sub(", ", side) for side in (texts.positive, texts.negative))
    if (positive, negative) != (texts.positive, texts.negative):
        remarks.append(f"`;` parts the sides of the prompt in {_TITLE}, so a comma stands for it")
    flags: list[tuple[str, ...]] = [
        ("--model-type", _KINDS.get(plan.model.family, "sd")),
        ("--prompts", f"{positive}; {negative}" if negative else positive),
        ("--inference-steps", str(plan.steps)),
        ("--guidance-scales", str(diffusers_guidance(plan))),
        ("--output-size", f"{plan.size[0]}x{plan.size[1]}"),
    ]
    if plan.seed is not None:
        flags.append(("--seeds", str(plan.seed)))
    if row:
        setting = next((each for each, known in SCHEDULERS.items() if known == plan.schedule), "")
        flags.append(("--scheduler", f"{row.scheduler};{setting}" if setting else row.scheduler))
        if plan.schedule and not setting:
            remarks.append(f"{_TITLE} has no words for the schedule `{plan.schedule}`")
        if row.settings or row.variant_of:
            remarks.append(f"{_TITLE} is told `{row.scheduler}`, without what makes it `{plan.sampler}`")
    if (skip := layers_left_out(plan)) is not None:
        flags.append(("--clip-skips", str(skip)))
    if plan.vae:
        flags.append(("--vae", plan.vae))
    if plan.rescale:
        flags.append(("--guidance-rescales", str(number(plan.rescale))))
    if found := loras(plan):
        flags.append(("--loras", *(f"{each.name};scale={each.weight:g}" for each in found)))
    if plan.image:
        flags.append(("--image-seeds", plan.image))
    if plan.strength is not None:
        flags.append(("--image-seed-strengths", str(number(plan.strength))))
    if plan.file_format != "png":
        flags.append(("--image-format", plan.file_format))
    written = " \\\n  ".join((shlex.quote(plan.model.path or plan.model.name), *(shlex.join(each) for each in flags)))
    return Written(f"#! dgenerate\n{written}\n", tuple(remarks))
