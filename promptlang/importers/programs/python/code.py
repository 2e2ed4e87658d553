"""Calls for pictures in a program, in the order in which it makes them.

`pipe("a cow", num_inference_steps=20, generator=torch.manual_seed(1)).images[0]`.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import ChainMap
from collections.abc import Iterator, Mapping

from promptlang.importers.imported import SIDES, Entry, Imported, sized
from promptlang.importers.json_text import parsed
from promptlang.importers.programs import webui_json
from promptlang.importers.programs.python.pipelines import Pipeline, after, counted
from promptlang.importers.programs.python.values import (
    LONGEST,
    STEPS,
    Step,
    Values,
    arguments,
    assigned,
    called,
    meant,
    number,
    seed,
    text,
    words,
)
from promptlang.models.evidence.records import Record
from promptlang.tables.dialects import A1111, COMPEL
from promptlang.tables.options.reading import read
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ELSEWHERE, IMAGES, NEGATIVE, OPTIONS, SEED

_MARK = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.|```\w*|~~~\w*)[ \t]?")  # of an interpreter, or around a block of code
_PROMPTS = frozenset({"prompt", "prompt_embeds"})
_MAKING = frozenset({"device", "device_map", "dtype", "model", "torch_dtype"})  # are given to what makes a pipeline
_INFERENCE = "text_to_image"  # of a client of Hugging Face
_WEBUI = "sdapi/"  # in the address of stable-diffusion-webui's API, which reads weights


def imported(program: str) -> tuple[Imported, ...]:
    """What each call draws, in order; nothing where the text is no Python, or nothing in it calls for a picture."""
    if len(program) > LONGEST:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of backslashes before other letters than Python knows
        try:
            tree = ast.parse(_MARK.sub("", program).strip())
            return tuple(_pictures(tree)) or tuple(_requests(tree))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # as where it nests deeper than Python reads
            return ()


def _requests(tree: ast.Module) -> Iterator[Imported]:
    """What is to be sent to webui's API, `payload = {"prompt": "a cow", "cfg_scale": 7}`, in a program or alone."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict) or "prompt" not in [text(key, {}) for key in node.keys]:
            continue
        try:
            record = parsed(json.dumps(ast.literal_eval(node)))
        except (ValueError, TypeError, RecursionError):  # a value that something works out
            continue
        if isinstance(record, Record) and (found := webui_json.reading(record)):
            yield from found.found


def _pictures(tree: ast.Module) -> Iterator[Imported]:
    steps = sorted((node for node in ast.walk(tree) if isinstance(node, STEPS)), key=_end)  # a walk goes by levels
    below = dict[str, ast.expr]()  # for what is called above the values it is called with
    for node in steps:
        below |= assigned(node, below)
    above, pipeline = dict[str, ast.expr](), Pipeline()
    values = ChainMap(above, below)
    for node in steps:
        if not isinstance(node, ast.Call):
            above |= assigned(node, values)
            continue
        pipeline = after(node, pipeline, values)
        given = arguments(node, values)
        is_pipeline = "pipe" in called(node).lower() and _MAKING.isdisjoint(given)
        if is_pipeline or called(node) == _INFERENCE or not _PROMPTS.isdisjoint(given):
            yield from _drawn(node, given, values, pipeline, counts_so=is_pipeline)


def _end(node: Step) -> tuple[int, int, bool]:
    """Where a step ends: what is called and those within it end before, and a name gets what is called then."""
    last = node.iter if isinstance(node, ast.For) else node
    return last.end_lineno or 0, last.end_col_offset or 0, not isinstance(node, ast.Call)


def _drawn(
    call: ast.Call, given: dict[str, ast.expr], values: Values, pipeline: Pipeline, *, counts_so: bool
) -> Iterator[Imported]:
    """The pictures of one call, of which a list of prompts makes several; `counts_so`: as diffusers counts numbers."""
    is_named = "prompt" in given or "prompt_embeds" in given
    prompt = given.pop("prompt", call.args[0] if call.args else None)
    weighed = None if prompt else _weighed(given.get("prompt_embeds"), values)
    if weighed:
        prompt = weighed
        given["negative_prompt"] = _weighed(given.get("negative_prompt_embeds"), values) or ast.Constant(None)
        given = {name: value for name, value in given.items() if "embeds" not in name}
    is_webui = _WEBUI in ast.unparse(call.func) or any(_WEBUI in words(each, values) for each in _addresses(call))
    if is_webui:
        given.pop("url", None)
    positives, times = _several(prompt, values)
    negatives, _ = _several(given.pop("negative_prompt", None), values)
    model = text(given.pop("model", None), values) or pipeline.model
    made = pipeline if counts_so else Pipeline()
    options, rest = _settings(given, values, made if counts_so else None)
    unnamed = call.args[0 if is_named and not is_webui else 1 :]
    rest += [Entry("", text(each, values) or ast.unparse(each)) for each in unnamed if isinstance(each, ast.Constant)]
    if times and (count := number(times, values)):
        options[IMAGES.name] = Entry("prompt", count)
    elif times:
        rest.append(Entry("prompt", f"* {ast.unparse(times)}"))
    for at, each in enumerate(positives):
        if each:
            yield Imported(
                positive=each,
                negative=negatives[at] if len(negatives) == len(positives) else ", ".join(negatives),
                dialect=COMPEL.name if weighed else A1111.name,
                plain=not weighed and not is_webui,
                model=model,
                networks=made.networks,
                options=(*made.options, *options.items()),
                rest=(*made.rest, *rest),
            )


def _several(node: ast.expr | None, values: Values) -> tuple[list[str], ast.expr | None]:
    """The words of each prompt of a list, or of the only one, and how often a list is said again: `["a cow"] * 4`."""
    node = node and meant(node, values)
    times: ast.expr | None = None
    match node:
        case ast.BinOp(left=ast.List() as same, op=ast.Mult(), right=right):
            node, times = same, right
        case _:
            pass
    several = node.elts if isinstance(node, ast.List | ast.Tuple) else [node] if node else []
    return [words(each, values).strip() for each in several], times


def _settings(
    given: Mapping[str, ast.expr], values: Values, pipeline: Pipeline | None
) -> tuple[dict[str, Entry], list[Entry]]:
    """The options that a call is given and what no option says, with the numbers of a pipeline counted as here."""
    size = sized({side: number(given.get(side), values) for side in SIDES})
    options, rest = {**size}, list[Entry]()
    for name, value in given.items():
        begins = seed(meant(value, values), values) if name == "generator" else ""
        said = number(value, values) or text(value, values)
        row = _option(name, said)
        if begins:
            options[SEED.name] = Entry(name, begins)
        elif row and row is not NEGATIVE and said and name not in SIDES:
            row, said = counted(row, said, pipeline.family) if pipeline else (row, said)
            if said:
                options[row.name] = Entry(name, said)
        elif not (name in SIDES and size):
            rest.append(Entry(name, number(value, values) or ast.unparse(value)))
    return options, rest


def _option(name: str, said: str) -> Option | None:
    """The option that says the same; diffusers and services call a sampler their scheduler."""
    row = OPTIONS.get(name) or ELSEWHERE.get(name)
    other = OPTIONS.get(row.mistaken_for) if row else None
    if row and other and read(row.kind, row.name, said).value is None and read(other.kind, other.name, said).value:
        return other
    return row


def _addresses(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args[:1]
    yield from (each.value for each in call.keywords if each.arg == "url")


def _weighed(node: ast.expr | None, values: Values) -> ast.expr | None:
    """The prompt that Compel made embeddings of, as diffusers shows it; None where something else did."""
    made = node and meant(node, values)
    if not isinstance(made, ast.Call) or not made.args or "compel" not in ast.unparse(made.func).lower():
        return None
    return meant(made.args[0], values)
