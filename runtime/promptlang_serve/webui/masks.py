"""What webui makes of an image and its mask before it draws, and of the picture after: blur, fill, area, overlay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from promptlang.models.evidence.records import Record
from promptlang.plans.plan import Plan
from promptlang.tables.arithmetics import WEBUI
from promptlang_serve.answers import Refused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

STRETCHED = 0
"""The `resize_mode` that brings an image to the size that is drawn as it is; the other one crops it."""

FILLED, ORIGINAL = 0, 1
"""What is under a mask before it is drawn, by the numbers of `inpainting_fill`."""

_OTHERS: Mapping[int, str] = {2: "latent noise", 3: "latent nothing"}
_BLUR = 4  # pixels, where a request says nothing
_OPAQUE = 128  # above it a mask that has transparent places counts as painted
_WHITE = 128  # from here on the grey of a mask is drawn
_SPREADS = ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1))
"""By how many pixels the colours around a mask spread into it, from far to near, and how often each is laid on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inpainting:
    """An image and its mask as they are drawn, and `said`, what webui writes of it into the picture.

    `original` is the image in the size that is answered, of which `shares` (0 to 1) are drawn; with a `region`, which
    is left, top, right and bottom, that alone is drawn, larger or smaller.
    """

    image: Image.Image
    mask: Image.Image
    original: Image.Image
    shares: NDArray[np.float64]
    region: tuple[int, int, int, int] | None
    said: Mapping[str, str]

    def finished(self, picture: Image.Image, plan: Plan) -> Image.Image:
        """What is answered of a picture that was drawn: what is kept comes from the original."""
        import numpy as np
        from PIL import Image, ImageOps

        drawn = self._bare(picture) if plan.arithmetic == WEBUI.name else picture
        if self.region:
            left, top, right, bottom = self.region
            whole = self.original.copy()
            whole.paste(ImageOps.fit(drawn, (right - left, bottom - top), Image.Resampling.LANCZOS), (left, top))
            drawn = whole
        shares = self.shares[..., None]
        return Image.fromarray(_bytes(np.asarray(drawn) * shares + np.asarray(self.original) * (1 - shares)))

    def _bare(self, picture: Image.Image) -> Image.Image:
        """The picture without the image that the renderer has laid over what is kept: that one is filled."""
        import numpy as np
        from PIL import Image

        shares = _doubled(self.mask)[..., None]
        given, found = (np.asarray(each, dtype=np.float64) for each in (self.image, picture))
        drawn = np.divide(found - given * (1 - shares), shares, out=found.copy(), where=shares > 0)
        return Image.fromarray(_bytes(drawn.clip(0, 255)))


def inpainting(body: Record, image: Image.Image, mask: Image.Image, size: tuple[int, int]) -> Inpainting:
    """What a request asks for with a mask; raises Refused for what is not drawn here."""
    import numpy as np
    from PIL import Image

    fill = body.whole("inpainting_fill") or FILLED
    if fill not in (FILLED, ORIGINAL):
        message = f"`inpainting_fill` {fill} ({_OTHERS.get(fill, 'unknown')}) is not drawn here"
        raise _refused(message, "send 0, the colours around the mask, or 1, the image itself")
    is_inverted = bool(body.get("inpainting_mask_invert"))
    is_part = body.get("inpaint_full_res") not in (False,)  # 0 as well
    padding = body.whole("inpaint_full_res_padding") or 0
    across, down = _blurs(body)
    painted = _blurred(_blurred(_painted(mask, is_inverted), across, 1), down, 0)
    given, region = image, None
    if is_part and painted.any():
        original = image
        under = stretched(Image.fromarray(painted), image.size)
        shares = np.asarray(under) / 255
        region = _region(under, padding, size)
        given, under = _within(image.crop(region), size), _within(under.crop(region), size)
    else:
        mode = body.whole("resize_mode") or STRETCHED
        given, under = (_sized(each, size, mode) for each in (image, Image.fromarray(painted)))
        original, shares = given, _doubled(under)
    if np.asarray(under).max() < _WHITE:
        raise _refused("nothing of the mask is white, so nothing is drawn", "paint white what is redrawn")
    said = {
        **({"Mask mode": "Inpaint not masked"} if is_inverted else {}),
        **({"Mask blur": f"{across}" if across == down else f"{across}x{down}"} if across or down else {}),
        **({"Inpaint area": "Only masked", "Masked area padding": f"{padding}"} if region else {}),
        **({"Masked content": "fill"} if fill == FILLED else {}),
    }
    filled = _filled(given, under) if fill == FILLED else given
    return Inpainting(image=filled, mask=under, original=original, shares=shares, region=region, said=said)


def _blurs(body: Record) -> tuple[int, int]:
    """By how many pixels a mask is blurred across and down: `mask_blur` wins."""
    both = body.whole("mask_blur")
    across, down = (body.whole(f"mask_blur_{axis}") if both is None else both for axis in "xy")
    return _BLUR if across is None else across, _BLUR if down is None else down


def flat(image: Image.Image) -> Image.Image:
    """An image, white where it is transparent."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    painted = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", painted.size, "white"), painted).convert("RGB")


def _painted(mask: Image.Image, is_inverted: bool) -> NDArray[np.uint8]:
    """Where a mask is painted, white: its light places, or its opaque ones where it has any that are not."""
    import numpy as np

    if mask.has_transparency_data and (alpha := mask.convert("RGBA").getchannel("A")).getextrema() != (255, 255):
        found = np.where(np.asarray(alpha) > _OPAQUE, 255, 0)
    else:
        found = np.asarray(mask.convert("L"))
    return _bytes(255.0 - found if is_inverted else found * 1.0)


def _blurred(mask: NDArray[np.uint8], pixels: int, axis: int) -> NDArray[np.uint8]:
    """A mask blurred along an axis: as OpenCV does it, whose kernels webui cuts at two and a half deviations."""
    import numpy as np

    if not pixels:
        return mask
    reach = int(2.5 * pixels + 0.5)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * pixels**2))
    margins = [(0, 0), (0, 0)]
    margins[axis] = (reach, reach)
    wide = np.pad(mask.astype(np.float32), margins, mode="reflect" if mask.shape[axis] > 1 else "edge")
    along = wide.swapaxes(0, axis)  # a view, as are its slices: masks may be large
    blurred = np.zeros((mask.shape[axis], mask.shape[1 - axis]), np.float32)
    for at, weight in enumerate((weights / weights.sum()).astype(np.float32)):
        blurred += weight * along[at : at + len(blurred)]
    return _bytes(blurred.swapaxes(0, axis))


def _bytes(numbers: NDArray[np.floating]) -> NDArray[np.uint8]:
    return numbers.round().astype("uint8")


def _doubled(mask: Image.Image) -> NDArray[np.float64]:
    """Which share of each place is drawn where the whole picture is: no original shows where a mask is half white."""
    import numpy as np

    return (np.asarray(mask) * 2.0).clip(0, 255) / 255


def stretched(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A picture in a size, whatever its shape."""
    from PIL import Image

    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _sized(picture: Image.Image, size: tuple[int, int], mode: int) -> Image.Image:
    from PIL import Image, ImageOps

    return stretched(picture, size) if mode == STRETCHED else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _within(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """All of a picture in a size of perhaps another shape, its edges drawn out to the sides."""
    import numpy as np
    from PIL import Image

    width, height = size
    scale = min(width / picture.width, height / picture.height)
    inner = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    pixels = np.asarray(stretched(picture, inner))
    (left, right), (top, bottom) = ((space // 2, space - space // 2) for space in (width - inner[0], height - inner[1]))
    margins = [(top, bottom), (left, right), (0, 0)]
    return Image.fromarray(np.pad(pixels, margins[: pixels.ndim], mode="edge"))


def _region(mask: Image.Image, padding: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """What is painted, with a margin, grown to the shape that is drawn as far as the image goes."""
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    left, right = max(left - padding, 0), min(right + padding, mask.width)
    top, bottom = max(top - padding, 0), min(bottom + padding, mask.height)
    shape = size[0] / size[1]
    if (right - left) / (bottom - top) > shape:
        top, bottom = _grown(top, bottom, int((right - left) / shape), mask.height)
    else:
        left, right = _grown(left, right, int((bottom - top) * shape), mask.width)
    return left, top, right, bottom


def _grown(low: int, high: int, length: int, most: int) -> tuple[int, int]:
    """A stretch grown to a length around its middle, or to where there is room."""
    low -= max(length - (high - low), 0) // 2
    low = max(min(low, most - length), 0)
    return low, min(max(low + length, high), most)


def _filled(image: Image.Image, mask: Image.Image) -> Image.Image:
    """The image with the colours around a mask spread into it."""
    from PIL import Image, ImageFilter, ImageOps

    kept = image.copy()
    kept.putalpha(ImageOps.invert(mask))
    kept = kept.convert("RGBa")
    found = Image.new("RGBA", image.size)
    for pixels, times in _SPREADS:
        spread = kept.filter(ImageFilter.GaussianBlur(pixels)).convert("RGBA")
        for _ in range(times):
            found.alpha_composite(spread)
    return found.convert("RGB")


def _refused(message: str, help: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, message, help=help, code="mask")
