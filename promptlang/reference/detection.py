"""How families are told by a header, beside what diffusers says of it and what ComfyUI looks for: `docs/families.md`.

Each row holds the keys that decide, with the shapes of the published model; a test asks promptlang and diffusers.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.reference.headers import comfyui, flux, smaller, transformers, unets, videos

DIFFUSERS = "0.42"
"""The version of diffusers whose answers stand here."""

SAMPLES = (*unets.SAMPLES, *flux.SAMPLES, *transformers.SAMPLES, *videos.SAMPLES, *smaller.SAMPLES)


def rows() -> Iterator[tuple[str, ...]]:
    """One line of the table for each sample."""
    for each in SAMPLES:
        keys = ", ".join(f"`{name}` {'×'.join(map(str, shape))}".rstrip() for name, shape in each.shapes.items())
        yield each.title, keys, each.ours, each.diffusers, each.why or "–", comfyui.cell(each)
