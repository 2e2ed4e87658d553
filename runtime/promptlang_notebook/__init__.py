"""Prompts in notebooks: `%load_ext promptlang_notebook`, then `%%prompt` above a cell of statements."""

from __future__ import annotations


def __getattr__(name: str) -> object:
    if name == "load_ipython_extension":
        from promptlang_notebook.magic import load_ipython_extension

        return load_ipython_extension
    raise AttributeError(f"module 'promptlang_notebook' has no attribute '{name}'")
