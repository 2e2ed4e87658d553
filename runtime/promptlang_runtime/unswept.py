"""Loading without the search for garbage."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def unswept(*, stays: bool = False) -> Generator[None]:
    """Python does not look for cycles of garbage meanwhile, and never in what there is where all of that `stays`.

    Libraries make hundreds of thousands of objects while they are imported, none of which goes; looking through them
    again and again takes a fifth of the time until a first picture is drawn.
    """
    was_swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if stays:
            gc.freeze()
        if was_swept:
            gc.enable()
