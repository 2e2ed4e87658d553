"""The nodes of a running ComfyUI as it describes them, and a graph made to fit them before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from urllib.parse import quote

from promptlang.models.evidence.records import Record, is_list
from promptlang_runtime.errors import RenderError
from promptlang_runtime.servers.calling import Caller
from promptlang_runtime.servers.names import absent, found

_FILE = "_name"  # how inputs end that are called by the name of a file
_WORDS: Mapping[str, str] = {
    "ckpt_name": "model",
    "unet_name": "model",
    "clip_name": "text encoder",
    "clip_name1": "text encoder",
    "clip_name2": "text encoder",
    "vae_name": "VAE",
    "lora_name": "LoRA",
    "control_net_name": "ControlNet",
    "sampler_name": "sampler",
    "scheduler": "schedule",
}


class Nodes:
    """The nodes, each asked for once."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._inputs = cache(self._asked)

    def fit(self, graph: Record, names: Mapping[str, str]) -> None:
        """Name files in a graph as ComfyUI does; raises RenderError where it lacks a node or a file, or a value is
        outside what a node takes. `names` are other names of files.
        """
        for node in graph.values():
            assert isinstance(node, Record)
            kind, inputs = node.text("class_type"), node.record("inputs")
            known = self._inputs(kind)
            for name, value in inputs.items():
                if not is_list(value) and name in known:
                    inputs[name] = self._fitting(kind, name, value, known[name], names)

    def _asked(self, kind: str) -> Mapping[str, tuple[object, Record]]:
        """The inputs of a kind of node: what each is, and its limits; raises RenderError where there is none."""
        described = self._caller.record(f"/object_info/{quote(kind)}").record(kind)
        if not described:
            raise RenderError(f"`{self._caller.address.url}` has no node `{kind}`", "use a newer ComfyUI")
        known: dict[str, tuple[object, Record]] = {}
        for group in ("required", "optional"):
            for name, said in described.record("input").record(group).items():
                if is_list(said) and said:
                    limits = said[1] if len(said) > 1 and isinstance(said[1], Record) else Record()
                    known[name] = said[0], limits
        return known

    def _fitting(
        self, kind: str, name: str, value: object, said: tuple[object, Record], names: Mapping[str, str]
    ) -> object:
        """The value of an input as the node takes it."""
        what, limits = said
        choices = what if is_list(what) else limits.items_of("options") if what == "COMBO" else None
        url = self._caller.address.url
        if choices is not None and isinstance(value, str) and not limits.get("image_upload"):
            known = [each for each in choices if isinstance(each, str)]
            if value in known:
                return value
            own = found((value, names.get(value, "")), known) if _FILE in name else ""
            if not own:
                message, help = absent(_WORDS.get(name, f"`{name}` of `{kind}`"), value, known)
                raise RenderError(f"`{url}` {message}", help)
            return own
        low, high = limits.get("min"), limits.get("max")
        if what in ("INT", "FLOAT") and isinstance(value, int | float):
            too_small = isinstance(low, int | float) and value < low
            if too_small or (isinstance(high, int | float) and value > high):
                raise RenderError(f"`{url}` takes {low} to {high} as `{name}` of `{kind}`, found {value}")
        return value
