"""Pictures that a picture starts from: opened in one way, upright, in eight bits, brought to the size that is drawn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from promptlang.files import read_bytes, reason, shown
from promptlang.plans.plan import Plan
from promptlang.refusals.named_files import NO_FORMAT, no_picture
from promptlang.tables.options.table import BLEND, CONTROL_IMAGE, IMAGE, MASK, OPTIONS
from promptlang_runtime.errors import RenderError, first_line
from promptlang_runtime.output.edges import canny

LARGEST = 256 * 1024**2  # bytes of a file
MOST_PIXELS = 100_000_000  # Pillow speaks of bombs a little below
_WHITE = 128  # from here on diffusers takes the grey of a mask for white
_TURNED = range(5, 9)  # orientations in EXIF that lie on a side
_ORIENTATION = 0x0112


MAPS: Mapping[str, Callable[[Image.Image], Image.Image]] = {"map": lambda picture: picture, "canny": canny}
"""How the map of a ControlNet is made of a picture, by the values of `/control`."""


def check_pictures(plan: Plan) -> None:
    """Raises RenderError where a picture of the plan is none, or too large, or its mask of another shape."""
    if plan.control_image is not None:
        _opened(plan.control_image, CONTROL_IMAGE.name)
    if plan.blend is not None:
        _opened(plan.blend, BLEND.name)
    if plan.image is not None:
        image = _opened(plan.image, IMAGE.name)
        if plan.mask is not None:
            _check_shape(_opened(plan.mask, MASK.name), image, plan.mask, plan.image)


def control_map(plan: Plan) -> Image.Image:
    """The map by which a ControlNet holds the picture of a plan, in its size; raises RenderError."""
    path = plan.control_image or ""
    return MAPS[plan.control or ""](_fitted(path, CONTROL_IMAGE.name, plan.size))


def picture_blended(plan: Plan) -> Mapping[str, object]:
    """What pipelines are told of the picture that is taken into the prompt: all of it, whatever its size."""
    if plan.blend is None:
        return {}
    return {"ip_adapter_image": _colours(plan.blend, BLEND.name)}


def pictures_over(plan: Plan, copies: int) -> Mapping[str, object]:
    """What pipelines that draw over a picture are told, for each of several: the image, and the mask with its size."""
    if plan.image is None:
        return {}
    given: dict[str, object] = {"image": [start_image(plan.image, plan.size)] * copies}
    if plan.mask is None:
        return given
    mask = mask_image(plan.mask, plan.image, plan.size)
    return {**given, "mask_image": [mask] * copies, "width": plan.size[0], "height": plan.size[1]}


def start_image(path: str, size: tuple[int, int]) -> Image.Image:
    """The image of a file, cropped to the shape and brought to the size; raises RenderError."""
    return _fitted(path, IMAGE.name, size)


def _fitted(path: str, option: str, size: tuple[int, int]) -> Image.Image:
    """The colours of a file, cropped to the shape and brought to the size."""
    return ImageOps.fit(_colours(path, option), size, Image.Resampling.LANCZOS)


def _colours(path: str, option: str) -> Image.Image:
    """The colours of a file, upright."""
    return _upright(_opened(path, option), path).convert("RGB")


def mask_image(path: str, image: str, size: tuple[int, int]) -> Image.Image:
    """The mask of an image, cropped and scaled as that one is, in greys; what is transparent is black.

    Raises RenderError for one of another shape, and where nothing of it is white.
    """
    mask = _opened(path, MASK.name)
    _check_shape(mask, _opened(image, IMAGE.name), path, image)
    found = ImageOps.fit(_greys(_upright(mask, path)), size, Image.Resampling.LANCZOS)
    _, lightest = found.getextrema()
    if not isinstance(lightest, int | float) or lightest < _WHITE:
        raise RenderError(
            f"nothing of the mask `{shown(path)}` is white, so nothing is drawn", "paint white what is redrawn"
        )
    return found


def _opened(path: str, option: str) -> Image.Image:
    """The image of a file, its pixels not yet read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(read_bytes(path, LARGEST)))
    except FileNotFoundError:
        raise RenderError(
            f"there is no {OPTIONS[option].words} `{shown(path)}`", f"correct the path after `/{option}:`"
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise _no_image(path, NO_FORMAT) from None
    except OSError as error:
        raise _no_image(path, reason(error)) from None
    except (SyntaxError, ValueError, EOFError) as error:
        raise _no_image(path, first_line(error)) from None
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(path)
    return image


def _upright(image: Image.Image, path: str) -> Image.Image:
    """The image as its camera was held, in eight bits a colour."""
    try:
        image.load()
        turned = ImageOps.exif_transpose(image)
    except Exception as error:  # decoders raise whatever a damaged file makes them do
        raise _no_image(path, first_line(error)) from None
    if turned.mode == "F":
        raise RenderError(
            f"`{shown(path)}` holds fractions and no colours", "save it with eight or sixteen bits a colour"
        )
    if not turned.mode.startswith("I"):
        return turned
    numbers = np.asarray(turned).astype(np.int64)
    return Image.fromarray((numbers >> 8 if numbers.max() > 255 else numbers).clip(0, 255).astype(np.uint8))


def _greys(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    painted = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", painted.size, "black"), painted).convert("L")


def _check_shape(mask: Image.Image, image: Image.Image, path: str, of: str) -> None:
    """Raises RenderError where a mask would cover other places of the image than those it was painted over."""
    (width, height), (wide, high) = _size(mask, path), _size(image, of)
    if abs(width * high - wide * height) > max(width, height, wide, high):
        message = (
            f"the mask `{shown(path)}` is {width}x{height}, which is another shape than {wide}x{high} of the image"
        )
        raise RenderError(message, "cut the mask to the shape of the image; its size may be another")


def _size(image: Image.Image, path: str) -> tuple[int, int]:
    try:
        is_turned = image.getexif().get(_ORIENTATION) in _TURNED  # for which a PNG is read to its end
    except Exception as error:
        raise _no_image(path, first_line(error)) from None
    return (image.height, image.width) if is_turned else image.size


def _no_image(path: str, why: str) -> RenderError:
    refusal = no_picture(f"`{shown(path)}`", why)
    return RenderError(refusal.message, refusal.help)


def _too_large(path: str) -> RenderError:
    return RenderError(f"`{shown(path)}` has more than {MOST_PIXELS:,} pixels", "make the picture smaller")
