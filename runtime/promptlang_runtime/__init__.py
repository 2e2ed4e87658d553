"""The runtime: plans to pictures. Torch and diffusers load when the first picture is drawn, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptlang_runtime.errors import RenderError
    from promptlang_runtime.executors.here import pictures, render

__all__ = ["RenderError", "pictures", "render"]


def __getattr__(name: str) -> object:
    if name == "RenderError":
        from promptlang_runtime.errors import RenderError

        return RenderError
    if name in __all__:
        from promptlang_runtime.unswept import unswept

        try:
            with unswept(stays=True):
                from promptlang_runtime.executors import here as execute
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f'rendering needs `{error.name}`: run `pip install "promptlang-diffusion[runtime]"`', name=error.name
            ) from error
        return getattr(execute, name)
    raise AttributeError(f"module 'promptlang_runtime' has no attribute '{name}'")
