"""What names and expressions of a program stand for, as far as they are plain words and numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

LONGEST = 20_000
"""Letters of a program, and of words that it puts together, that are read."""

Step = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.Call
STEPS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.Call)
"""What gives names their values, and what is called."""
Values = Mapping[str, ast.expr]
"""The values that names have at a place."""

_SEEDS = frozenset({"manual_seed", "PRNGKey"})


def assigned(node: Step, values: Values) -> dict[str, ast.expr]:
    """The names that get a value there, and the values, which are words and numbers where they are known."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [(target, value) for target in targets]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            pairs = [(target, value)]
        case ast.For(target=target, iter=ast.expr() as value):  # which stands for each, as a list of prompts does
            pairs = [(target, value)] if isinstance(meant(value, values), ast.List | ast.Tuple) else []
        case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
            pairs = [(target, ast.BinOp(values.get(name, ast.Name(name)), op, value))]
        case _:
            return {}
    found: dict[str, ast.expr] = {}
    for target, value in pairs:
        match target, value:
            case ast.Name(id=name), _:
                found[name] = meant(value, values)
            case ast.Tuple(elts=names), ast.Call():  # Compel gives two embeddings for one prompt
                found |= {name.id: value for name in names if isinstance(name, ast.Name)}
            case ast.Tuple(elts=names), ast.Tuple(elts=given) if len(names) == len(given):
                each = zip(names, given, strict=True)
                found |= {name.id: meant(one, values) for name, one in each if isinstance(name, ast.Name)}
            case _:
                pass
    return found


def meant(node: ast.expr, values: Values) -> ast.expr:
    """What a name stands for, and words that are put together, as far as both are known."""
    if isinstance(node, ast.Name):
        return values.get(node.id, node)
    text = _known(node, values)
    return node if text is None else ast.Constant(text)


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return last_name(call.func)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; empty of what is no name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def arguments(call: ast.Call, values: Values) -> dict[str, ast.expr]:
    """What a call is given by name, alone or in a record: `**inputs`, or `json={"prompt": "a cow"}`."""
    given: dict[str, ast.expr] = {}
    for each in call.keywords:
        entries = _entries(meant(each.value, values))
        if each.arg is None or "prompt" in entries:
            given |= entries
        else:
            given[each.arg] = each.value
    return given


def _entries(node: ast.expr) -> dict[str, ast.expr]:
    """The entries of a record by their names."""
    match node:
        case ast.Dict(keys=keys, values=found):
            pairs = zip(keys, found, strict=True)
            return {
                key.value: one for key, one in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
            return {each.arg: each.value for each in keywords if each.arg}
        case _:
            return {}


def text(node: ast.expr | None, values: Values) -> str:
    """The text that an expression plainly is; empty for any other."""
    node = node and meant(node, values)
    return node.value.strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def number(node: ast.expr | None, values: Values) -> str:
    """The number that an expression plainly is, as it is written; empty for any other, also for `True`."""
    match node and meant(node, values):
        case ast.Constant(value=bool()):
            return ""
        case ast.Constant(value=int() | float()) as plain:
            return ast.unparse(plain)
        case _:
            return ""


def words(node: ast.expr | None, values: Values) -> str:
    """The words of a prompt; what nobody knows before the program runs stands in braces, for the writer to fill."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ""
    if (known := _known(node, values)) is not None:
        return known
    match node:
        case ast.JoinedStr(values=pieces):
            return "".join(words(each, values) for each in pieces)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return words(left, values) + words(right, values)
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value)}}}"
        case _:
            return f"{{{ast.unparse(node)}}}"


def seed(node: ast.expr, values: Values) -> str:
    """The number that a generator begins with."""
    calls = (each for each in ast.walk(node) if isinstance(each, ast.Call) and called(each) in _SEEDS and each.args)
    return next((found for each in calls if (found := number(each.args[0], values))), "")


def _known(node: ast.expr, values: Values) -> str | None:
    """The words that an expression is, put together of others; None where one of them is unknown."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in values and isinstance(values[name], ast.Constant):
            return _known(values[name], values)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return number(value, values) or _known(value, values)
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
