"""A reason not to draw, and the one that a package is missing."""

from __future__ import annotations

from promptlang.values import dataclass

RENDERER = "diffusers"
"""The package without which nothing is rendered on this computer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not drawn, and what to do.

    `is_limit` where the file is sound and only nothing here draws it, `is_absent` where a known name has no file.
    """

    message: str
    help: str = ""
    is_limit: bool = False
    is_absent: bool = False


def package_refusal(package: str, what: str) -> Refusal | None:
    """Why a sampler or schedule cannot run on this computer; None where it needs no package, or has it."""
    if not package:
        return None
    from importlib.util import find_spec  # few statements name what needs a package of its own

    if find_spec(package):
        return None
    message = f"{what} needs the package {package}, which is not installed"
    return Refusal(message, f"run `pip install {package}`", is_limit=True)
