"""Python that draws with diffusers or asks a service, as pages and model cards show it; it is read, never run.

`pipe("a cow", num_inference_steps=20, generator=torch.manual_seed(1)).images[0]`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence

from promptlang.importers.imported import SIDES, Entry, Imported, sized
from promptlang.tables.dialects import A1111, COMPEL
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import diffusers_base
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.family import Family, Guides
from promptlang.tables.models.folders import FOLDERS
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import CLIP_SKIP, ELSEWHERE, GUIDANCE, NEGATIVE, OPTIONS, SEED, TRUE_CFG

LONGEST = 20_000
"""Letters that are read."""

_MARK = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.|```\w*|~~~\w*)[ \t]?")  # of an interpreter, or around a block of code
_OPENS = frozenset({"from_pretrained", "from_single_file"})
_PROMPTS = frozenset({"prompt", "prompt_embeds"})
_SEEDS = frozenset({"manual_seed", "PRNGKey"})

_Step = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.Call
_STEPS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.Call)


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
    steps = sorted((node for node in ast.walk(tree) if isinstance(node, _STEPS)), key=_end)  # a walk goes by levels
    below = dict[str, ast.expr]()  # for what is called above the values it is called with
    for node in steps:
        below |= _assigned(node, below)
    above, model, row = dict[str, ast.expr](), "", UNKNOWN
    values = ChainMap(above, below)
    for node in steps:
        if not isinstance(node, ast.Call):
            above |= _assigned(node, values)
        elif _called(node) in _OPENS and node.args and (name := _text(node.args[0], values)):
            model = name.rstrip("/").rpartition("/")[2]
            row = _family(node, model)
        elif "pipe" in _called(node).lower() or any(each.arg in _PROMPTS for each in node.keywords):
            yield from _drawn(node, values, model, row if "pipe" in _called(node).lower() else None)


def _assigned(node: _Step, values: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """The names that get a value there, and the values, which are words and numbers where they are known."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [(target, value) for target in targets]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            pairs = [(target, value)]
        case ast.For(target=target, iter=ast.expr() as value):  # which stands for each, as a list of prompts does
            pairs = [(target, value)] if isinstance(_meant(value, values), ast.List | ast.Tuple) else []
        case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
            pairs = [(target, ast.BinOp(values.get(name, ast.Name(name)), op, value))]
        case _:
            return {}
    found: dict[str, ast.expr] = {}
    for target, value in pairs:
        match target, value:
            case ast.Name(id=name), _:
                found[name] = _meant(value, values)
            case ast.Tuple(elts=names), ast.Call():  # Compel gives two embeddings for one prompt
                found |= {name.id: value for name in names if isinstance(name, ast.Name)}
            case ast.Tuple(elts=names), ast.Tuple(elts=given) if len(names) == len(given):
                each = zip(names, given, strict=True)
                found |= {name.id: _meant(one, values) for name, one in each if isinstance(name, ast.Name)}
            case _:
                pass
    return found


def _meant(node: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """What a name stands for, and words that are put together, as far as both are known."""
    if isinstance(node, ast.Name):
        return values.get(node.id, node)
    text = _known(node, values)
    return node if text is None else ast.Constant(text)


def _end(node: _Step) -> tuple[int, int, bool]:
    """Where a step ends: what is called and those within it end before, and a name gets what is called then."""
    last = node.iter if isinstance(node, ast.For) else node
    return last.end_lineno or 0, last.end_col_offset or 0, not isinstance(node, ast.Call)


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _family(opened: ast.Call, model: str) -> Family:
    """The family that a pipeline of diffusers draws, as far as its class or the model's name tells."""
    made = opened.func.value if isinstance(opened.func, ast.Attribute) else opened.func
    name = made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""
    classes = {folder.pipeline.removesuffix("Pipeline"): key for key, folder in FOLDERS.items()}
    known = max(filter(name.startswith, classes), key=len, default="")
    return family(classes[known]) if known else family("sdxl") if "xl" in model.lower() else UNKNOWN


def _counted(option: Option, said: str, row: Family) -> tuple[Option, str]:
    """A number of diffusers as this language counts it; empty where it says nothing."""
    if option is CLIP_SKIP:  # which counts what is left out
        return option, str(int(said) + diffusers_base(row)) if said.isdecimal() and int(said) else ""
    if option is TRUE_CFG and guides(row) is Guides.CLASSIFIER_FREE and row is not UNKNOWN:
        option = GUIDANCE  # which such a pipeline calls so
    is_number = re.fullmatch(r"\d+(?:\.\d+)?", said) is not None
    if option is GUIDANCE and is_number and guides(row) is Guides.CLASSIFIER_FREE:  # off below 1, as for Turbo
        said = f"{max(float(said) + row.below, 1.0):g}"
    return option, said


def _drawn(call: ast.Call, values: Mapping[str, ast.expr], model: str, family: Family | None) -> Iterator[Imported]:
    """The pictures of one call, of which a list of prompts makes several; `family` is that of a pipeline."""
    given = {each.arg: each.value for each in call.keywords if each.arg}
    prompt = given.pop("prompt", call.args[0] if call.args else None)
    weighed = None if prompt else _weighed(given.get("prompt_embeds"), values)
    if weighed:
        prompt = weighed
        given["negative_prompt"] = _weighed(given.get("negative_prompt_embeds"), values) or ast.Constant(None)
        given = {name: value for name, value in given.items() if "embeds" not in name}
    prompt = prompt and _meant(prompt, values)
    several = prompt.elts if isinstance(prompt, ast.List | ast.Tuple) else [prompt] if prompt else []
    words = [_words(each, values).strip() for each in several]
    negative = _words(given.pop("negative_prompt", None), values).strip()
    model = _text(given.pop("model", None), values) or model
    size = sized({side: _number(given.get(side), values) for side in SIDES})
    options = {**size}
    rest: list[Entry] = []
    for name, value in given.items():
        seed = _seed(_meant(value, values), values) if name == "generator" else ""
        row = OPTIONS.get(name) or ELSEWHERE.get(name)
        said = _number(value, values) or _text(value, values)
        if seed:
            options[SEED.name] = Entry(name, seed)
        elif row and row is not NEGATIVE and said and name not in SIDES:
            row, said = _counted(row, said, family) if family else (row, said)
            if said:
                options[row.name] = Entry(name, said)
        elif not (name in SIDES and size):
            rest.append(Entry(name, _number(value, values) or ast.unparse(value)))
    for each in filter(None, words):
        yield Imported(
            positive=each,
            negative=negative,
            dialect=COMPEL.name if weighed else A1111.name,
            plain=not weighed,
            model=model,
            options=tuple(options.items()),
            rest=tuple(rest),
        )


def _weighed(node: ast.expr | None, values: Mapping[str, ast.expr]) -> ast.expr | None:
    """The prompt that Compel made embeddings of, as diffusers shows it; None where something else did."""
    made = node and _meant(node, values)
    if not isinstance(made, ast.Call) or not made.args or "compel" not in ast.unparse(made.func).lower():
        return None
    return _meant(made.args[0], values)


def _text(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The text that an expression plainly is; empty for any other."""
    if isinstance(node, ast.Name):
        node = values.get(node.id)
    return node.value.strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _known(node: ast.expr, values: Mapping[str, ast.expr]) -> str | None:
    """The words that an expression is, put together of others; None where one of them is unknown."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in values and isinstance(values[name], ast.Constant):
            return _known(values[name], values)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return _number(value, values) or _known(value, values)
        case ast.JoinedStr(values=pieces):
            return _whole([_known(each, values) for each in pieces])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _whole([_known(left, values), _known(right, values)])
        case _:
            return None


def _whole(parts: Sequence[str | None]) -> str | None:
    known = [each for each in parts if each is not None]
    is_whole = len(known) == len(parts) and sum(map(len, known)) <= LONGEST  # the same name may stand there a lot
    return "".join(known) if is_whole else None


def _words(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The words of a prompt; what nobody knows before the program runs stands in braces, for the writer to fill."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ""
    if (text := _known(node, values)) is not None:
        return text
    match node:
        case ast.JoinedStr(values=pieces):
            return "".join(_words(each, values) for each in pieces)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left, values) + _words(right, values)
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value)}}}"
        case _:
            return f"{{{ast.unparse(node)}}}"


def _number(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The number that an expression plainly is, as it is written; empty for any other."""
    node = node and _meant(node, values)
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value is not True
    return ast.unparse(node) if node is not None and is_number else ""


def _seed(node: ast.expr, values: Mapping[str, ast.expr]) -> str:
    """The number that a generator begins with."""
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call) and _called(each) in _SEEDS and each.args)
    return next((number for each in calls if (number := _number(each.args[0], values))), "")
