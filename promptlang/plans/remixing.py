"""How much of a picture is drawn when it starts from an image."""

from __future__ import annotations

from promptlang.tables.dialects import DIALECTS

STRENGTH = 0.75  # where nobody says otherwise
_WEBUI_MOST = 0.999  # `sd_samplers_common.setup_img2img_steps` of stable-diffusion-webui takes no more


def steps_left(steps: int, strength: float, dialect: str) -> int:
    """How many of the steps, the last ones, are drawn over the image.

    Steps in a prompt go on counting from the first of these, in stable-diffusion-webui and here: its denoiser counts
    its own calls, and fractions are of all steps.
    """
    if DIALECTS[dialect].extra_remix_step:
        return int(min(strength, _WEBUI_MOST) * steps) + 1
    return min(int(steps * strength), steps)
