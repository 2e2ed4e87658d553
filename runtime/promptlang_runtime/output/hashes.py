"""The hashes of the files that a picture was drawn from, for those who look for its models."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from promptlang.exporters.infotext import vae_of
from promptlang.models.hashes.digests import Digest, tensors, whole
from promptlang.models.hashes.kept import hash_of
from promptlang.plans.plan import Plan


def hashes_of(plan: Plan) -> Mapping[str, str]:
    """The hashes of the files that a picture is drawn from, by their paths; a model in a folder has none."""
    found: dict[str, str] = {}
    for path, digest in _wanted(plan):
        if path and os.path.isfile(path):
            try:
                found[path] = hash_of(path, digest)
            except OSError:
                continue  # what draws is another machine, or had it open before it was gone
    return found


def _wanted(plan: Plan) -> Iterator[tuple[str | None, Digest]]:
    yield plan.model.path, whole
    yield vae_of(plan), whole
    if plan.refiner:
        yield plan.refiner.path, whole
    for each in plan.networks:
        yield each.path, tensors if each.kind == "lora" else whole
