"""THE table of colours: what each channel of a family's latents adds to red, green and blue, from -1 to 1.

The numbers are those that ComfyUI publishes (`latent_formats.py`), fitted to what a VAE decodes; families that share a
VAE share a row. Those of the bundled model are fitted to its own VAE, by `fitted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from promptlang.plans.plan import Model, Plan
from promptlang.tables.models.concepts import BUNDLED

Colour = tuple[float, float, float]
_SPREAD = 1.5  # of the latents of a picture, which is seldom more


@dataclass(frozen=True, slots=True)
class Colours:
    """Red, green and blue of each channel, and what is added to all."""

    factors: tuple[Colour, ...]
    bias: Colour = (0.0, 0.0, 0.0)


SD1 = Colours(
    (
        *((0.3512, 0.2297, 0.3227), (0.3250, 0.4974, 0.2350)),
        *((-0.2829, 0.1762, 0.2721), (-0.2120, -0.2616, -0.7177)),
    )
)
SDXL = Colours(
    (
        *((0.3651, 0.4232, 0.4341), (-0.2533, -0.0042, 0.1068)),
        *((0.1076, 0.1111, -0.0362), (-0.3165, -0.2492, -0.2188)),
    ),
    (0.1084, -0.0175, -0.0011),
)
SD3 = Colours(
    (
        *((-0.0922, -0.0175, 0.0749), (0.0311, 0.0633, 0.0954), (0.1994, 0.0927, 0.0458), (0.0856, 0.0339, 0.0902)),
        *((0.0587, 0.0272, -0.0496), (-0.0006, 0.1104, 0.0309), (0.0978, 0.0306, 0.0427), (-0.0042, 0.1038, 0.1358)),
        *((-0.0194, 0.0020, 0.0669), (-0.0488, 0.0130, -0.0268), (0.0922, 0.0988, 0.0951), (-0.0278, 0.0524, -0.0542)),
        *((0.0332, 0.0456, 0.0895), (-0.0069, -0.0030, -0.0810)),
        *((-0.0596, -0.0465, -0.0293), (-0.1448, -0.1463, -0.1189)),
    ),
    (0.2394, 0.2135, 0.1925),
)
FLUX = Colours(
    (
        *((-0.0346, 0.0244, 0.0681), (0.0034, 0.0210, 0.0687), (0.0275, -0.0668, -0.0433), (-0.0174, 0.0160, 0.0617)),
        *((0.0859, 0.0721, 0.0329), (0.0004, 0.0383, 0.0115), (0.0405, 0.0861, 0.0915), (-0.0236, -0.0185, -0.0259)),
        *((-0.0245, 0.0250, 0.1180), (0.1008, 0.0755, -0.0421), (-0.0515, 0.0201, 0.0011), (0.0428, -0.0012, -0.0036)),
        *((0.0817, 0.0765, 0.0749), (-0.1264, -0.0522, -0.1103)),
        *((-0.0280, -0.0881, -0.0499), (-0.1262, -0.0982, -0.0778)),
    ),
    (-0.0329, -0.0718, -0.0851),
)
WAN = Colours(
    (
        *((-0.1299, -0.1692, 0.2932), (0.0671, 0.0406, 0.0442), (0.3568, 0.2548, 0.1747), (0.0372, 0.2344, 0.1420)),
        *((0.0313, 0.0189, -0.0328), (0.0296, -0.0956, -0.0665), (-0.3477, -0.4059, -0.2925), (0.0166, 0.1902, 0.1975)),
        *((-0.0412, 0.0267, -0.1364), (-0.1293, 0.0740, 0.1636), (0.0680, 0.3019, 0.1128), (0.0032, 0.0581, 0.0639)),
        *((-0.1251, 0.0927, 0.1699), (0.0060, -0.0633, 0.0005), (0.3477, 0.2275, 0.2950), (0.1984, 0.0913, 0.1861)),
    ),
    (-0.1835, -0.0868, -0.3360),
)
DEMO = Colours(
    ((-0.5018, -0.1413, -0.3619), (-0.0336, 0.1086, 0.5505), (-0.0924, -0.3190, -0.0030), (0.0280, -0.2124, -0.1102)),
    (0.1126, -0.0866, 0.0160),
)

OF_FAMILY: Mapping[str, Colours] = MappingProxyType(
    {
        **dict.fromkeys(("sd1", "sd2"), SD1),
        **dict.fromkeys(("sdxl", "sdxl-refiner"), SDXL),
        "sd3": SD3,
        **dict.fromkeys(("flux", "chroma", "z-image", "lumina2"), FLUX),
        **dict.fromkeys(("qwen-image", "krea2"), WAN),
    }
)
"""The families whose VAE has a row; of others there are no glimpses."""


def colours_of(model: Model) -> Colours | None:
    """The colours of a model's latents, where they are known."""
    return DEMO if model.path is None and model.name in BUNDLED else OF_FAMILY.get(model.family)


def coloured(latents: object, plan: Plan) -> tuple[tuple[int, int], bytes] | None:
    """Width, height and pixels of the first of the latents of a plan; None where their colours are not known."""
    colours = colours_of(plan.model)
    return pixels_of(latents, colours, plan.size) if colours and isinstance(latents, Tensor) else None


@torch.no_grad()
def pixels_of(latents: Tensor, colours: Colours, size: tuple[int, int]) -> tuple[tuple[int, int], bytes] | None:
    """The first of latents: (batch, channels, height, width), or (batch, tokens, …), each of two by two latents.

    They are brought to the spread of a picture's, which noise is above. None for a shape that is neither.
    """
    first = _unpacked(latents[:1], size)
    if first is None or first.shape[1] != len(colours.factors):
        return None
    first = first[0].float()
    first = first / (first.std() / _SPREAD).clamp(min=1.0)
    factors = torch.tensor(colours.factors, device=first.device)
    rgb = torch.einsum("chw,cr->hwr", first, factors) + torch.tensor(colours.bias, device=first.device)
    pixels = rgb.add(1).mul(127.5).nan_to_num(0).clamp(0, 255).to(torch.uint8).cpu()
    return (pixels.shape[1], pixels.shape[0]), pixels.numpy().tobytes()


def _unpacked(latents: Tensor, size: tuple[int, int]) -> Tensor | None:
    """Rows of channels of the first frame; tokens are laid out in the shape of the picture."""
    if latents.dim() == 5:  # of models that draw films as well
        latents = latents[:, :, 0] if latents.shape[2] == 1 else latents[:, 0]
    if latents.dim() == 4:
        return latents
    if latents.dim() != 3:
        return None
    wide, high = size[0] // 16, size[1] // 16
    if latents.shape[1] != wide * high or latents.shape[2] % 4:
        return None
    tokens = latents.view(1, high, wide, latents.shape[2] // 4, 2, 2)
    return tokens.permute(0, 3, 1, 4, 2, 5).reshape(1, latents.shape[2] // 4, high * 2, wide * 2)


def fitted(latents: Tensor, pixels: Tensor) -> Colours:
    """The colours by which latents (batch, channels, height, width) come nearest to pixels (batch, 3, …), -1 to 1."""
    small = avg_pool2d(pixels, pixels.shape[-1] // latents.shape[-1])
    rows = latents.movedim(1, -1).flatten(0, -2)
    known = torch.cat([rows, torch.ones(len(rows), 1)], dim=1)
    found = known.pinverse() @ small.movedim(1, -1).flatten(0, -2)
    *factors, bias = map(_colour, range(len(found)), [found] * len(found))
    return Colours(tuple(factors), bias)


def _colour(row: int, of: Tensor) -> Colour:
    red, green, blue = (round(float(of[row, each]), 4) for each in range(3))
    return red, green, blue
