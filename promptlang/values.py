"""`dataclass(frozen=True, slots=True)` as the standard library has it, made in a quarter of the time.

The standard one compiles six methods for every class, which was most of what a short run of the command line spent on
importing this package. Here `__init__` alone is compiled, and the rest is an `attrgetter` in shared functions. The
classes are dataclasses in every other way: `fields`, `replace`, `match` and `is_dataclass` take them as such.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, field
from operator import attrgetter, ge, gt, le, lt
from typing import Literal, TypeVar, dataclass_transform

__all__ = ["dataclass", "field"]

Class = TypeVar("Class", bound=type)
Values = Callable[[object], tuple[object, ...]]


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def dataclass(
    *, frozen: Literal[True], slots: Literal[True], kw_only: bool = False, order: bool = False
) -> Callable[[Class], Class]:
    """Make a frozen dataclass with slots; other kinds are left to the standard library."""
    collect = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)

    def made(kind: Class) -> Class:
        kind.__doc__ = kind.__doc__ or kind.__name__  # or the library writes one from the signature, which is slow
        fields = dataclasses.fields(collect(kind))  # pyright: ignore[reportUnknownArgumentType]
        names = tuple(each.name for each in fields)
        space = {name: value for name, value in vars(kind).items() if name not in {*names, "__dict__", "__weakref__"}}
        values = _values(names)
        methods = _methods(names, values) | (_ordering(values) if order else {})
        new = type(kind)(kind.__name__, kind.__bases__, {**methods, **space, "__slots__": names})
        new.__qualname__ = kind.__qualname__
        new.__init__ = _first_init(new, fields)
        return new  # pyright: ignore[reportReturnType]

    return made


def _values(names: tuple[str, ...]) -> Values:
    """All values of an instance as a tuple."""
    match names:
        case ():
            return lambda instance: ()
        case (name,):
            only = attrgetter(name)
            return lambda instance: (only(instance),)
        case _:
            return attrgetter(*names)


def _methods(names: tuple[str, ...], values: Values) -> dict[str, object]:
    """What the standard dataclass generates, but for `__init__`."""

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    def written(self: object) -> str:
        pairs = zip(names, values(self), strict=True)
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def state(self: object) -> tuple[object, ...]:
        return values(self)

    def restore(self: object, state: tuple[object, ...]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__eq__": equal,
        "__hash__": hashed,
        "__repr__": written,
        "__getstate__": state,
        "__setstate__": restore,
        "__setattr__": _refuse_value,
        "__delattr__": _refuse_removal,
    }


def _ordering(values: Values) -> dict[str, object]:
    """Comparison value by value, among instances of one class."""

    def compared(compare: Callable[[tuple[object, ...], tuple[object, ...]], bool]) -> object:
        def method(self: object, other: object) -> bool:
            return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return method

    return {
        "__lt__": compared(lt),
        "__le__": compared(le),
        "__gt__": compared(gt),
        "__ge__": compared(ge),
    }


def _refuse_value(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _first_init(kind: type, fields: tuple[dataclasses.Field[object], ...]) -> Callable[..., None]:
    """Compiles the real `__init__` when the first value is made: a short run makes values of half the classes."""

    def init(self: object, *positional: object, **named: object) -> None:
        compiled = _init(kind, fields)
        kind.__init__ = compiled  # pyright: ignore[reportAttributeAccessIssue]
        compiled(self, *positional, **named)

    return init


def _init(kind: type, fields: tuple[dataclasses.Field[object], ...]) -> Callable[..., None]:
    """The one compiled method: it sets the slots through their descriptors, past the refusal to assign."""
    scope: dict[str, object] = {"MISSING": MISSING}
    lines: list[str] = []
    positional: list[str] = ["self"]
    by_name: list[str] = []
    for each in fields:
        parameter, value = each.name, each.name
        if each.default is not MISSING:
            scope[f"default_{each.name}"] = each.default
            parameter = f"{each.name}=default_{each.name}"
        elif each.default_factory is not MISSING:
            scope[f"new_{each.name}"] = each.default_factory
            parameter = f"{each.name}=MISSING"
            value = f"new_{each.name}() if {each.name} is MISSING else {each.name}"
        (by_name if each.kw_only else positional).append(parameter)
        scope[f"set_{each.name}"] = getattr(kind, each.name).__set__
        lines.append(f"    set_{each.name}(self, {value})")
    if hasattr(kind, "__post_init__"):
        lines.append("    self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({parameters}):\n" + ("\n".join(lines) or "    pass"), scope)
    init = scope["__init__"]
    assert callable(init)
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init  # pyright: ignore[reportReturnType]
