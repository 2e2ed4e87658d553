"""What tests of families share whose prompt a language model reads."""

from __future__ import annotations

import json
import shutil

import torch

from promptlang.plans.plan import Conditioned, Conditioning, Run, Segment
from promptlang.tables.models.families import family
from tests.runtime import tiny_language
from tests.runtime.pictures import opened

RED, BLUE, BAD = "a red cow", "a blue circle", "bad quality"


def saying(*texts, weight=1.0):
    """One text, or several that follow each other a step each."""
    last = len(texts) - 1
    segments = (
        Segment(99 if n == last else n + 1, (Run(each, weight),) if each else ()) for n, each in enumerate(texts)
    )
    return Conditioning(branches=(Conditioned(tuple(segments)),))


def small(make_plan, model, **changes):
    """A plan that a tiny model of any family draws quickly."""
    side = 64 if family(model.family).is_unet else family(model.family).multiple
    plain = {
        "positive": saying(RED),
        "negative": saying(BAD),
        "clip_skip": None,
        "sampler": "dpm2m" if model.family == "sana" else "k_euler",
        "steps": 2,
        "size": (side, side),
    }
    return make_plan(model=model, **{**plain, **changes})


def call(plan, *, pipeline=None, scheduler=tiny_language.flow, **arguments):
    """The pictures of diffusers for the plain prompt; a model that was opened for the plan may lack tokenizers."""
    pipeline = pipeline or opened(plan).pipeline
    pipeline.scheduler = scheduler()
    pipeline.set_progress_bar_config(disable=True)
    settings = {"prompt": RED, **arguments}
    return pipeline(
        num_inference_steps=plan.steps,
        width=plan.size[0],
        height=plan.size[1],
        generator=[torch.Generator("cpu").manual_seed(plan.seed + place) for place in range(plan.images)],
        num_images_per_prompt=plan.images,
        **settings,
    ).images


def broken(folder, root, change):
    """A copy of a model's folder whose index says something else."""
    shutil.copytree(folder, root / "broken")
    index = root / "broken" / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), **change}))
    return root / "broken"
