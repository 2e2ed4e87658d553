"""`dataclass` as the standard library has it, made in a tenth of the time and without what that library loads.

The standard one compiles up to six methods for every class and imports `inspect`, which was most of what a short run of
the command line spent. Here `__init__` alone is compiled, for classes that are made often, and the rest is an
`attrgetter` in shared functions. The classes are dataclasses in every other way: `fields`, `asdict`, `match` and
`is_dataclass` take them as such.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter, ge, gt, le, lt
from typing import TYPE_CHECKING, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    import dataclasses

__all__ = ["dataclass", "field", "replace"]

Class = TypeVar("Class", bound=type)
Value = TypeVar("Value")
Values = Callable[[object], tuple[object, ...]]

_NEEDED = object()
_OFTEN = 20
"""Compiling an `__init__` takes as long as setting the fields of so many values one by one."""


class Field:
    """A field of a class, and what it holds where nothing is said."""

    __slots__ = ("annotation", "by_name", "compared", "default", "factory", "name", "shown")

    def __init__(self, default: object, factory: Callable[[], object] | None, *, compared: bool, shown: bool) -> None:
        self.name, self.annotation, self.by_name = "", "", False
        self.default, self.factory = default, factory
        self.compared, self.shown = compared, shown

    @property
    def is_needed(self) -> bool:
        """Whether a value has to be given."""
        return self.default is _NEEDED and self.factory is None

    def otherwise(self) -> object:
        """What it holds where nothing is said."""
        return self.default if self.factory is None else self.factory()


@overload
def field(*, compare: bool = True, repr: bool = True) -> Value: ...  # pyright: ignore[reportInvalidTypeVarUse]
@overload
def field(*, default: Value, compare: bool = True, repr: bool = True) -> Value: ...
@overload
def field(*, default_factory: Callable[[], Value], compare: bool = True, repr: bool = True) -> Value: ...
def field(
    *,
    default: object = _NEEDED,
    default_factory: Callable[[], object] | None = None,
    compare: bool = True,
    repr: bool = True,
) -> object:
    """What a field holds where nothing is said, and whether it counts when values are compared and shown."""
    return Field(default, default_factory, compared=compare, shown=repr)


@dataclass_transform(field_specifiers=(field,))
def dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, order: bool = False, eq: bool = True
) -> Callable[[Class], Class]:
    """Make a dataclass of the annotations of a class and of the dataclasses that it is made from."""

    def made(kind: Class) -> Class:
        fields = _fields(kind, by_name=kw_only)
        methods = {
            **_methods(fields, frozen=frozen, slots=slots, order=order, eq=eq),
            **_as_standard(fields, frozen=frozen, order=order, eq=eq),
            "__fields__": fields,
            "__match_args__": tuple(each.name for each in fields if not each.by_name),
        }
        new = _with_slots(kind, fields, methods) if slots else _without_slots(kind, fields, methods)
        new.__init__ = _first_init(new, fields, _setting(frozen=frozen, slots=slots))
        return new

    return made


def replace(value: Value, /, **changes: object) -> Value:
    """The same value with some fields changed."""
    return value.__replace__(**changes)  # pyright: ignore


# --- the class --------------------------------------------------------------------------------------------------------


def _fields(kind: type, *, by_name: bool) -> tuple[Field, ...]:
    found: dict[str, Field] = {each.name: each for each in getattr(kind, "__fields__", ())}
    written = vars(kind)
    for name, annotation in kind.__annotations__.items():
        default = written.get(name, _NEEDED)
        own = default if isinstance(default, Field) else Field(default, None, compared=True, shown=True)
        own.name, own.annotation, own.by_name = name, annotation, by_name
        found[name] = own
    return tuple(found.values())


def _with_slots(kind: Class, fields: tuple[Field, ...], methods: dict[str, object]) -> Class:
    """Slots can only be had by making the class again."""
    inherited = {name for above in kind.__mro__[1:] for name in getattr(above, "__slots__", ())}
    names = tuple(each.name for each in fields)
    space = {name: value for name, value in vars(kind).items() if name not in {*names, "__dict__", "__weakref__"}}
    slots = tuple(name for name in names if name not in inherited)
    new = type(kind)(kind.__name__, kind.__bases__, {**methods, **space, "__slots__": slots})
    new.__qualname__ = kind.__qualname__
    return new  # pyright: ignore[reportReturnType]


def _without_slots(kind: Class, fields: tuple[Field, ...], methods: dict[str, object]) -> Class:
    written = vars(kind)
    for each in fields:
        if isinstance(written.get(each.name), Field):
            if each.default is _NEEDED:
                delattr(kind, each.name)
            else:
                setattr(kind, each.name, each.default)
    for name, method in methods.items():
        if name not in written or written[name] is None:
            setattr(kind, name, method)
    return kind


class _AsStandard:
    """What the standard library keeps with a class and its functions look for; made when one of them is called."""

    __slots__ = ("attribute", "twin")

    def __init__(self, attribute: str, twin: Callable[[], type]) -> None:
        self.attribute, self.twin = attribute, twin

    def __get__(self, instance: object, owner: type) -> object:
        return getattr(self.twin(), self.attribute)


def _standard_field(each: Field) -> dataclasses.Field[object]:
    from dataclasses import field as standard

    made: dataclasses.Field[object] = standard(kw_only=each.by_name, compare=each.compared, repr=each.shown)
    if each.factory is not None:
        made.default_factory = each.factory
    elif not each.is_needed:
        made.default = each.default
    return made


def _as_standard(fields: tuple[Field, ...], *, frozen: bool, order: bool, eq: bool) -> dict[str, object]:
    @cache
    def twin() -> type:
        from dataclasses import make_dataclass

        named = [(each.name, each.annotation, _standard_field(each)) for each in fields]
        return make_dataclass("Twin", named, frozen=frozen, order=order, eq=eq)

    return {name: _AsStandard(name, twin) for name in ("__dataclass_fields__", "__dataclass_params__")}


# --- its methods ------------------------------------------------------------------------------------------------------


def _values(names: tuple[str, ...]) -> Values:
    """Those values of an instance as a tuple."""
    match names:
        case ():
            return lambda instance: ()
        case (name,):
            only = attrgetter(name)
            return lambda instance: (only(instance),)
        case _:
            return attrgetter(*names)


def _methods(fields: tuple[Field, ...], *, frozen: bool, slots: bool, order: bool, eq: bool) -> dict[str, object]:
    """What the standard dataclass generates, but for `__init__`."""
    names = tuple(each.name for each in fields)
    shown = tuple(each.name for each in fields if each.shown)
    values = _values(names)
    methods: dict[str, object] = {"__repr__": _written(shown), "__replace__": _replaced(names, values)}
    if eq:
        compared = tuple(each.name for each in fields if each.compared)
        methods |= _equality(values if compared == names else _values(compared), is_fixed=frozen, is_ordered=order)
    if frozen:
        methods |= {"__setattr__": _refuse_value, "__delattr__": _refuse_removal}
    if frozen and slots:
        methods |= {"__getstate__": _state(values), "__setstate__": _restored(names)}
    return methods


def _written(names: tuple[str, ...]) -> Callable[[object], str]:
    def written(self: object) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return written


def _replaced(names: tuple[str, ...], values: Values) -> Callable[..., object]:
    def replaced(self: object, /, **changes: object) -> object:
        return self.__class__(**{**dict(zip(names, values(self), strict=True)), **changes})

    return replaced


def _state(values: Values) -> Values:
    def state(self: object) -> tuple[object, ...]:
        return values(self)

    return state


def _restored(names: tuple[str, ...]) -> Callable[[object, tuple[object, ...]], None]:
    def restore(self: object, state: tuple[object, ...]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return restore


def _equality(values: Values, *, is_fixed: bool, is_ordered: bool) -> dict[str, object]:
    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed if is_fixed else None, **(_ordering(values) if is_ordered else {})}


def _ordering(values: Values) -> dict[str, object]:
    """Comparison value by value, among instances of one class."""

    def compared(compare: Callable[[tuple[object, ...], tuple[object, ...]], bool]) -> object:
        def method(self: object, other: object) -> bool:
            return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return method

    return {"__lt__": compared(lt), "__le__": compared(le), "__gt__": compared(gt), "__ge__": compared(ge)}


def _refuse_value(self: object, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


# --- `__init__` -------------------------------------------------------------------------------------------------------


def _setting(*, frozen: bool, slots: bool) -> str:
    """The line that sets a field: past the refusal to assign, where there is one, and the shortest way."""
    match frozen, slots:
        case True, True:
            return "set_{name}(self, {value})"
        case True, False:
            return "put(self, '{name}', {value})"
        case _:
            return "self.{name} = {value}"


def _first_init(kind: type, fields: tuple[Field, ...], setting: str) -> Callable[..., None]:
    """Sets the fields one by one, until there are so many values that a compiled `__init__` pays."""
    names = {each.name for each in fields}
    needed = {each.name for each in fields if each.is_needed}
    positional = tuple(each.name for each in fields if not each.by_name)
    left = 0 if hasattr(kind, "__post_init__") else _OFTEN

    def init(self: object, *values: object, **named: object) -> None:
        nonlocal left
        left -= 1
        given = dict(zip(positional, values), **named) if values else named  # noqa: B905
        is_right = len(given) == len(values) + len(named) and needed <= given.keys() <= names
        if left < 0 or not is_right:
            compiled = _init(kind, fields, setting)
            kind.__init__ = compiled  # pyright: ignore[reportAttributeAccessIssue]
            compiled(self, *values, **named)  # which also says what is wrong with the arguments
            return
        for each in fields:
            object.__setattr__(self, each.name, given[each.name] if each.name in given else each.otherwise())

    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init


def _init(kind: type, fields: tuple[Field, ...], setting: str) -> Callable[..., None]:
    """The one compiled method."""
    scope: dict[str, object] = {"needed": _NEEDED, "put": object.__setattr__}
    lines: list[str] = []
    positional: list[str] = ["self"]
    by_name: list[str] = []
    for each in fields:
        parameter, value = each.name, each.name
        if each.factory is not None:
            scope[f"new_{each.name}"] = each.factory
            parameter = f"{each.name}=needed"
            value = f"new_{each.name}() if {each.name} is needed else {each.name}"
        elif not each.is_needed:
            scope[f"default_{each.name}"] = each.default
            parameter = f"{each.name}=default_{each.name}"
        (by_name if each.by_name else positional).append(parameter)
        scope[f"set_{each.name}"] = getattr(getattr(kind, each.name, None), "__set__", None)
        lines.append(f"    {setting.format(name=each.name, value=value)}")
    if hasattr(kind, "__post_init__"):
        lines.append("    self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({parameters}):\n" + ("\n".join(lines) or "    pass"), scope)
    init = scope["__init__"]
    assert callable(init)
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init  # pyright: ignore[reportReturnType]
