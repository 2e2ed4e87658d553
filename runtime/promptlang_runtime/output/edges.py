"""Edges of a picture by Canny's method, as OpenCV finds them with thresholds 100 and 200."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LOW, HIGH = 100, 200  # what ControlNets of edges were trained with
_SLOPE = 0.41421356  # of a direction of 22.5 degrees

Numbers = NDArray[np.int32]
Marks = NDArray[np.bool_]


def canny(picture: Image.Image) -> Image.Image:
    """The edges, white on black: where the slope is steep and the steepest across, and what goes on from there."""
    across, down = _slopes(np.asarray(picture.convert("L")).astype(np.int32))
    steep = np.abs(across) + np.abs(down)
    ridge = _is_ridge(steep, across, down)
    found = _connected(ridge & (steep > HIGH), ridge & (steep > LOW))
    return Image.fromarray(np.where(found, 255, 0).astype(np.uint8)).convert("RGB")


def _slopes(grey: Numbers) -> tuple[Numbers, Numbers]:
    """Sobel's differences across and down, the border repeated."""
    whole = np.pad(grey, 1, mode="edge")
    smooth_down = whole[:-2] + 2 * whole[1:-1] + whole[2:]
    smooth_across = whole[:, :-2] + 2 * whole[:, 1:-1] + whole[:, 2:]
    return smooth_down[:, 2:] - smooth_down[:, :-2], smooth_across[2:] - smooth_across[:-2]


def _is_ridge(steep: Numbers, across: Numbers, down: Numbers) -> Marks:
    """Where no neighbour in the direction of the slope is steeper; of two that are as steep, the later one counts."""
    whole = np.pad(steep, 1)
    middle = whole[1:-1, 1:-1]
    left, right = whole[1:-1, :-2], whole[1:-1, 2:]
    above, below = whole[:-2, 1:-1], whole[2:, 1:-1]
    is_flat = np.abs(down) < _SLOPE * np.abs(across)
    is_upright = np.abs(across) < _SLOPE * np.abs(down)
    falls = (across ^ down) >= 0  # from the upper left to the lower right
    before = np.where(falls, whole[:-2, :-2], whole[:-2, 2:])
    after = np.where(falls, whole[2:, 2:], whole[2:, :-2])
    flat = (middle > left) & (middle >= right)
    upright = (middle > above) & (middle >= below)
    return np.where(is_flat, flat, np.where(is_upright, upright, (middle > before) & (middle > after)))


def _connected(sure: Marks, likely: Marks) -> Marks:
    """What is sure, and what is likely and touches it, directly or through others."""
    found = sure
    while True:
        wider = np.pad(found, 1)
        spread = wider[:-2] | wider[1:-1] | wider[2:]
        grown = (spread[:, :-2] | spread[:, 1:-1] | spread[:, 2:]) & likely
        if np.array_equal(grown, found):
            return found
        found = grown
