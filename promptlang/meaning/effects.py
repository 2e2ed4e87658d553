"""What the family of a statement makes of what the statement asks for: what hover and `explain` say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from promptlang.meaning.view import View
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Branch,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Schedule,
    Weight,
    inner,
)
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import (
    CHANGING,
    CHANGING_BELOW,
    FEATURES,
    INVERSION,
    MIXED,
    NEGATIVE,
    REMIX,
    SEVERAL,
    Ability,
    Feature,
    ability,
    feature_row,
    guides,
)
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.models.family import Guides
from promptlang.tables.options.table import GUIDANCE, TRUE_CFG, VAE
from promptlang.values import dataclass, replace

_SIGNS: Mapping[type, str] = MappingProxyType(
    {
        Weight: "weights",
        Break: "break",
        Negative: NEGATIVE,
        Schedule: CHANGING,
        Alternation: CHANGING,
        Conjunction: SEVERAL,
        Branch: SEVERAL,
        Blend: MIXED,
    }
)
_KINDS: Mapping[str, str] = MappingProxyType({"lora": "network", "inversion": INVERSION, "vae": VAE.name})


@dataclass(frozen=True, slots=True)
class Effect:
    """A feature that a statement asks for, and what the family of its model makes of it there."""

    feature: Feature
    found: Ability

    @property
    def words(self) -> str:
        """`acts: …`, `does nothing: …`, or that nothing draws it yet."""
        if self.found.limit:
            return "would act, but is not drawn yet"
        return f"{'acts' if self.found.acts else 'does nothing'}: {self.found.why}"


def model_title(seen: View) -> str:
    """The family, and the variant where one is known."""
    return f"{seen.family.title} {seen.variant}".rstrip()


def effects(seen: View) -> Iterator[Effect]:
    """Every feature that the statement asks for, in the order of the table; nothing where the family is unknown."""
    asked = frozenset(_asked(seen))
    return (each for feature in FEATURES if feature.name in asked and (each := effect(seen, feature.name)))


def effect(seen: View, name: str) -> Effect | None:
    """What becomes of one feature in a statement; None where no row speaks of it, or the family is unknown."""
    feature = feature_row(name)
    if feature is None or seen.family is UNKNOWN:
        return None
    found = ability(name, seen.family, seen.variant)
    if found.acts and needs_parser(seen, name):
        found = replace(found, acts=False, limit="", why="this edition reads it with `/parser:new` only")
    return Effect(feature, _at_its_guidance(seen, found) if name == NEGATIVE else found)


def needs_parser(seen: View, name: str) -> bool:
    """Whether the edition leaves the option out, for the text is read by the old parser."""
    return name in seen.edition.needs_new_parser and bool(dialect_row(seen.statement.prompt.dialect).successor)


def sign_feature(seen: View, node: Part | Branch, *, is_below: bool) -> str:
    """The feature that a sign asks for in the prompt, or `is_below` in the negative one; empty where it is none."""
    match node:
        case Concept():
            return next((_KINDS.get(each.kind, "") for each in seen.called if each.node == node), "")
        case Weight(factor=1):
            return ""
        case Schedule() | Alternation() if is_below:
            return CHANGING_BELOW
        case Conjunction() | Branch() if dialect_row(seen.statement.prompt.dialect).concatenates:
            return MIXED
        case _:
            return _SIGNS.get(type(node), "")


def is_off(seen: View) -> bool:
    """Whether a negative prompt that could count does not, since guidance is off."""
    return 0 < highest_guidance(seen) <= 1


def has_second_pass(seen: View) -> bool:
    """Whether a pass is asked for in which the negative prompt counts, by a model whose guidance is an input."""
    kind = guides(seen.family, seen.variant)
    return kind is Guides.EMBEDDED and max(seen.numbers(TRUE_CFG.name, 1)) > 1


def _at_its_guidance(seen: View, found: Ability) -> Ability:
    """What a negative prompt does at the guidance of the statement."""
    if found.acts and is_off(seen):
        return replace(found, acts=False, limit="", why=f"guidance {highest_guidance(seen):g} is off")
    return ability(TRUE_CFG.name, seen.family, seen.variant) if has_second_pass(seen) else found


def highest_guidance(seen: View) -> float:
    """The largest guidance that the statement draws with."""
    return max(seen.numbers(GUIDANCE.name, seen.family.guidance))


def _asked(seen: View) -> Iterator[str]:
    yield from (name for name in seen.settings if seen.given(name))
    yield from (_KINDS.get(each.kind, "") for each in seen.called)
    if seen.statement.command_name == REMIX:
        yield REMIX
    if any(run.text.strip() for run in seen.sides.negative):
        yield NEGATIVE
    for parts, is_below in ((seen.parts, False), (seen.negative_parts, True)):
        yield from (sign_feature(seen, node, is_below=below) for node, below in _walked(parts, is_below=is_below))


def _walked(parts: Parts, *, is_below: bool) -> Iterator[tuple[Part | Branch, bool]]:
    """Every node of a prompt, and whether it stands in the negative one."""
    waiting: list[tuple[Part | Branch, bool]] = [(part, is_below) for part in reversed(parts)]
    while waiting:
        node, below = waiting.pop()
        yield node, below
        below = below or isinstance(node, Negative)
        waiting += [(each, below) for each in reversed(inner(node))]
