"""Images that a picture starts from."""

from __future__ import annotations

from PIL import Image, ImageOps, UnidentifiedImageError

from promptlang_runtime.errors import RenderError


def start_image(path: str, size: tuple[int, int]) -> Image.Image:
    """The image of a file, upright, cropped to the shape and brought to the size; raises RenderError."""
    try:
        with Image.open(path) as image:
            return ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), size, Image.Resampling.LANCZOS)
    except FileNotFoundError:
        raise RenderError(f"there is no image `{path}`", "correct the path after `/image:`") from None
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RenderError(f"`{path}` is not an image that can be read: {error}") from None
