"""Python that draws with diffusers or asks a service, as pages and model cards show it; it is read, never run.

`pipe("a cow", num_inference_steps=20, generator=torch.manual_seed(1)).images[0]`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

from promptlang.importers.imported import SIDES, Entry, Imported, sized
from promptlang.tables.options.table import ELSEWHERE, NEGATIVE, OPTIONS, SEED

LONGEST = 20_000
"""Letters that are read."""

_MARK = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.|```\w*|~~~\w*)[ \t]?")  # of an interpreter, or around a block of code
_OPENS = frozenset({"from_pretrained", "from_single_file"})
_SEEDS = frozenset({"manual_seed", "PRNGKey"})


def imported(text: str) -> tuple[Imported, ...]:
    """What each call draws, in order; nothing where the text is no Python, or nothing in it calls for a picture."""
    if len(text) > LONGEST:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of backslashes before other letters than Python knows
        try:
            return tuple(_pictures(ast.parse(_MARK.sub("", text).strip())))
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # as where it nests deeper than Python reads
            return ()


def _pictures(tree: ast.Module) -> Iterator[Imported]:
    values, model = dict[str, ast.expr](), ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = node.value
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for node in sorted(calls, key=_end):  # a walk goes level by level
        if _called(node) in _OPENS and node.args and (name := _text(node.args[0], values)):
            model = name.rstrip("/").rpartition("/")[2]
        elif "pipe" in _called(node).lower() or any(each.arg == "prompt" for each in node.keywords):
            yield from _drawn(node, values, model)


def _end(call: ast.Call) -> tuple[int, int]:
    """Where a call ends: that of what is called and those within it end before."""
    return call.end_lineno or 0, call.end_col_offset or 0


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _drawn(call: ast.Call, values: Mapping[str, ast.expr], model: str) -> Iterator[Imported]:
    """The pictures of one call, of which a list of prompts makes several."""
    given = {each.arg: each.value for each in call.keywords if each.arg}
    prompt = given.pop("prompt", call.args[0] if call.args else None)
    if isinstance(prompt, ast.Name):
        prompt = values.get(prompt.id, prompt)
    several = prompt.elts if isinstance(prompt, ast.List | ast.Tuple) else [prompt] if prompt else []
    words = [_words(each, values).strip() for each in several]
    negative = _words(given.pop("negative_prompt", None), values).strip()
    model = _text(given.pop("model", None), values) or model
    size = sized({side: _number(given.get(side)) for side in SIDES})
    options = {**size}
    rest: list[Entry] = []
    for name, value in given.items():
        seed = _seed(value) if name == "generator" else ""
        row = OPTIONS.get(name) or ELSEWHERE.get(name)
        said = _number(values.get(value.id, value) if isinstance(value, ast.Name) else value) or _text(value, values)
        if seed:
            options[SEED.name] = Entry(name, seed)
        elif row and row is not NEGATIVE and said and name not in SIDES:
            options[row.name] = Entry(name, said)
        elif not (name in SIDES and size):
            rest.append(Entry(name, ast.unparse(value)))
    for each in filter(None, words):
        yield Imported(
            positive=each,
            negative=negative,
            plain=True,
            model=model,
            options=tuple(options.items()),
            rest=tuple(rest),
        )


def _text(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The text that an expression plainly is; empty for any other."""
    if isinstance(node, ast.Name):
        node = values.get(node.id)
    return node.value.strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _words(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The words of a prompt; what nobody knows before the program runs stands in braces, for the writer to fill."""
    match node:
        case None | ast.Constant(value=None):
            return ""
        case ast.Constant(value=str(text)):
            return text
        case ast.Name() if text := _text(node, values):
            return text
        case ast.FormattedValue(value=value) if text := _text(value, values):
            return text
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value)}}}"
        case ast.JoinedStr(values=pieces):
            return "".join(_words(each, values) for each in pieces)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left, values) + _words(right, values)
        case _:
            return f"{{{ast.unparse(node)}}}"


def _number(node: ast.expr | None) -> str:
    """The number that an expression plainly is, as it is written; empty for any other."""
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value is not True
    return ast.unparse(node) if node is not None and is_number else ""


def _seed(node: ast.expr) -> str:
    """The number that a generator begins with."""
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call) and _called(each) in _SEEDS and each.args)
    return next((number for each in calls if (number := _number(each.args[0]))), "")
