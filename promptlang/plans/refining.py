"""How a picture is shared out between the model that begins it and the refiner that finishes it."""

from __future__ import annotations

BEGUN = 0.8  # of the noise, as the owners of SDXL advise: what is left of it is what the refiner was trained on
