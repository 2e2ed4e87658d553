"""What an input of a node holds in the end: the words and numbers that other nodes make and hand on."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from promptlang.importers.comfyui.graph import Graph, Link, Node, Value, plain
from promptlang.importers.json_text import parsed
from promptlang.models.evidence.records import Record
from promptlang.values import dataclass, field

MOST = 1_000  # nodes on the way to a sampler
_DEEPEST = 100  # nodes behind each other that make one value
_LONGEST_WORDS = 1_000_000
_TEXTS = ("text", "string", "value", "prompt", "positive", "wildcard_text", "populated_text", "text_g", "string_a")
_NUMBERS = ("value", "number", "int", "float", "seed", "a")

PASSING: Mapping[str, str] = MappingProxyType(
    {
        "ComfyNumberConvert": "value",
        "PreviewAny": "source",
        "PrimitiveBoolean": "value",
        "PrimitiveFloat": "value",
        "PrimitiveInt": "value",
        "PrimitiveString": "value",
        "PrimitiveStringMultiline": "value",
        "RegexReplace": "string",
        "Reroute": "",
        "StringTrim": "string",
        "TextGenerate": "prompt",
    }
)
"""Nodes whose output is, or is made of, one of their inputs."""

REWRITING = frozenset({"RegexReplace", "TextGenerate"})
"""Those among them that make something else of it while the graph runs."""

_RATIO = re.compile(r"(\d{1,9}):(\d{1,9})")
Arithmetic = Callable[[float, float], float]
_OPERATORS: Mapping[type, Arithmetic] = MappingProxyType(
    {
        ast.Add: lambda one, other: one + other,
        ast.Sub: lambda one, other: one - other,
        ast.Mult: lambda one, other: one * other,
        ast.Div: lambda one, other: one / other,
        ast.FloorDiv: lambda one, other: one // other,
        ast.Mod: lambda one, other: one % other,
        ast.BitAnd: lambda one, other: int(one) & int(other),
    }
)
_FUNCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = MappingProxyType(
    {
        "max": max,
        "min": min,
        "abs": lambda numbers: abs(numbers[0]),
        "round": lambda numbers: round(numbers[0]),
        "int": lambda numbers: int(numbers[0]),
        "floor": lambda numbers: math.floor(numbers[0]),
        "ceil": lambda numbers: math.ceil(numbers[0]),
    }
)


@dataclass(slots=True)
class Values:
    """The values of a graph, and remarks about those that are not certain."""

    graph: Graph
    remarks: list[str] = field(default_factory=list[str])

    def of(self, node: Node, name: str, depth: int = 0) -> Value:
        """What an input holds; None where that is not known."""
        given = node.inputs.get(name)
        return self.at(given, depth) if isinstance(given, Link) else given

    def at(self, link: Link, depth: int = 0) -> Value:
        """What an output gives."""
        node = self.graph.get(link.node)
        if node is None:
            self.remarks.append(f"node {link.node} is missing, which other nodes ask for")
            return None
        if depth > _DEEPEST:
            self.remarks.append(f"what {node.named} gives comes through more than {_DEEPEST} nodes, or in a circle")
            return None
        return self._made(node, link.slot, depth + 1)

    def passed(self, link: Link, what: str, seen: set[str]) -> Node | None:
        """The node that a link comes from, on the way to `what`; None, with a remark, where the way breaks off or turns
        in a circle.
        """
        node = self.graph.get(link.node)
        if node is None:
            self.remarks.append(f"node {link.node} is missing, which gives the {what}")
        elif len(seen) >= MOST:
            self.remarks.append(f"only the last {MOST:,} nodes before {node.named} are followed to the {what}")
        elif node.number in seen:
            self.remarks.append(f"the graph runs in a circle at {node.named}")
        else:
            seen.add(node.number)
            return node
        return None

    def switched(self, node: Node, depth: int = 0) -> str:
        """The input that a switch lets through; empty where a node is none."""
        if node.kind != "ComfySwitchNode":
            return ""
        return "on_true" if self.of(node, "switch", depth) else "on_false"

    def _made(self, node: Node, slot: int, depth: int) -> Value:
        match node.kind:
            case kind if kind in PASSING:
                if kind in REWRITING:
                    self.remarks.append(f"{node.named} rewrites the prompt while it runs: what it is given is taken")
                name = PASSING[kind] or next((each for each, _ in node.links), "")
                return self.of(node, name, depth)
            case "ComfySwitchNode":
                return self.of(node, self.switched(node, depth), depth)
            case "CustomCombo":
                return self.of(node, "index" if slot else "choice", depth)
            case "StringConcatenate":
                words = [self.of(node, each, depth) for each in ("string_a", "string_b")]
                between = self.of(node, "delimiter", depth)
                return _whole(str(between or "").join(str(each) for each in words if each is not None))
            case "StringReplace":
                text, find, replace = (self.of(node, each, depth) for each in ("string", "find", "replace"))
                return _whole(str(text or "").replace(str(find), str(replace or "")) if find else text)
            case "JsonExtractString":
                return self._extracted(node, depth)
            case "ComfyMathExpression":
                return self._calculated(node, depth)
            case "ResolutionSelector":
                return _side(
                    self.of(node, "aspect_ratio", depth), self.of(node, "megapixels"), self.of(node, "multiple"), slot
                )
            case _:
                return self._guessed(node, depth)

    def _guessed(self, node: Node, depth: int) -> Value:
        """What a node that is not known most likely gives: the only input that has such a name."""
        for name in (*_TEXTS, *_NUMBERS):
            value = self.of(node, name, depth) if name in node.inputs else None
            if value is not None:
                self.remarks.append(f"{node.named} is not known here, and its `{name}` is taken for what it gives")
                return value
        words = [each for each in node.loose if isinstance(each, str)]
        if words:
            self.remarks.append(f"{node.named} is not known here, and its longest text is taken for what it gives")
            return max(words, key=len)
        self.remarks.append(f"what {node.named} gives is not known here")
        return None

    def _extracted(self, node: Node, depth: int) -> Value:
        """A value of a JSON text; what no JSON is, as before a language model has answered, stays as it is."""
        text, key = (self.of(node, each, depth) for each in ("json_string", "key"))
        record = parsed(text) if isinstance(text, str) else None
        if isinstance(record, Record):
            found = record.get(str(key))
            return json.dumps(found) if isinstance(found, Record) else plain(found)
        self.remarks.append(
            f"{node.named} takes a part of a text that is not known before the graph runs: all is taken"
        )
        return text

    def _calculated(self, node: Node, depth: int) -> Value:
        names = {
            name.rpartition(".")[2]: value
            for name, each in node.links
            if isinstance(value := self.at(each, depth), int | float)
        }
        expression = self.of(node, "expression", depth)
        try:
            return calculated(str(expression), names)
        except (SyntaxError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError):
            self.remarks.append(f"what {node.named} works out is not known here")
            return None


def calculated(expression: str, names: Mapping[str, float]) -> float:
    """The number that an expression of numbers, names and a few functions is; raises ValueError for any other."""
    if len(expression) > 1_000:
        raise ValueError("too long")
    return _number(ast.parse(expression.strip(), mode="eval").body, names)


def _number(tree: ast.expr, names: Mapping[str, float]) -> float:
    match tree:
        case ast.Constant(int() | float() as value):
            return value
        case ast.Name(name) if name in names:
            return names[name]
        case ast.UnaryOp(ast.USub(), inner):
            return -_number(inner, names)
        case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_number(left, names), _number(right, names))
        case ast.Call(ast.Name(name), arguments, []) if name in _FUNCTIONS:
            return _FUNCTIONS[name]([_number(each, names) for each in arguments])
        case _:
            raise ValueError("no such sign")


def _whole(text: Value) -> Value:
    return text[:_LONGEST_WORDS] if isinstance(text, str) else text


def _side(ratio: Value, megapixels: Value, multiple: Value, slot: int) -> Value:
    """A side of the rectangle of so many pixels."""
    found = _RATIO.match(str(ratio))
    if not found or not isinstance(megapixels, int | float) or not 0 < megapixels < 1000:
        return None
    across, down = int(found[1]), int(found[2])
    step = int(multiple) if isinstance(multiple, int | float) and 1 <= multiple < math.inf else 8
    if not across or not down:
        return None
    scale = math.sqrt(megapixels * 1024**2 / (across * down))
    return round((down if slot else across) * scale / step) * step
