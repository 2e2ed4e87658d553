"""A statement as the checks and the plan see it: settings with their origin, concepts with their family, both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from promptlang.meaning.contexts import Context
from promptlang.meaning.project import Project
from promptlang.meaning.settings import Setting, Settings, read_points
from promptlang.plans.plan import Run, called_word
from promptlang.source import Passage, Span
from promptlang.statements.expanding import expanded
from promptlang.statements.parsing import read_prompt
from promptlang.syntax.nodes import Concept, OptionUse, Parts, Statement, walk
from promptlang.syntax.weighing import Sides, sides
from promptlang.tables.dialects import CALLED_KINDS, dialect_row
from promptlang.tables.editions import Edition, edition
from promptlang.tables.models import families
from promptlang.tables.models.family import Family
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.kinds import Name, Value, along
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS
from promptlang.values import dataclass, replace
from promptlang.variants.choices import Choice, choices, first_chosen

Origin = Literal["statement", "set", "project", "language"]

ADDED = frozenset({"lora", "inversion", "hypernet", "vae"})
"""Kinds of concept that come on top of a checkpoint."""
FINISHING = frozenset(row.refiner for row in families.FAMILIES if row.refiner)
"""The families of models that finish pictures which others began."""


_PREFIXED = {"embedding": "inversion", "lyco": "lora"}  # kinds that other programs call by names of their own


@dataclass(frozen=True, slots=True)
class Called:
    """A concept that the statement calls: what is known of it, its full weight, whether it stands in `[ ]`, and the
    weight of the groups around it."""

    node: Concept
    known: KnownConcept | None
    weight: float
    negative: bool
    around: float = 1.0

    @property
    def kind(self) -> str:
        """The kind that the file, or else the written prefix, gives it."""
        return self.known.kind if self.known else _PREFIXED.get(self.node.kind, self.node.kind) or "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One statement against its context.

    Views are made here alone, and kept for a while: so they are compared by identity, and key caches cheaply.
    """

    statement: Statement
    context: Context
    positive: Passage
    negative: Passage
    settings: Settings
    parts: Parts
    negative_parts: Parts
    kinds: frozenset[type]  # of nodes that stand in either text: most rules are about some that few prompts have
    sides: Sides
    called: tuple[Called, ...]
    beside: tuple[Called, ...]  # networks that `/set` above calls, at the place of the command
    checkpoint: KnownConcept | None
    checkpoint_call: Called | None
    refiner_call: Called | None
    family: Family
    edition: Edition
    written: Passage  # the positive text before one of several concepts, strengths or words stands in it
    choices: tuple[Choice, ...]  # the concepts and strengths to compare of which this has the first
    point: tuple[tuple[str, str], ...]  # which of the texts of the statement this one is

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def project(self) -> Project:
        """The project the statement is read in."""
        return self.context.project

    @property
    def variant(self) -> str:
        """Which published model of its family draws, as far as it is known."""
        return self.checkpoint.variant if self.checkpoint else ""

    @property
    def model_origin(self) -> Origin:
        """Who names the model; where nobody does, the language has one."""
        if self.checkpoint_call is not None:
            return "statement"
        return "set" if self.context.concept else "project" if self.project.file is not None else "language"

    @property
    def model_name(self) -> str:
        """The name of the model that draws, also where nothing else is known of it."""
        if self.checkpoint is not None:
            return self.checkpoint.name
        return self.checkpoint_call.node.name if self.checkpoint_call else self.context.concept or self.project.concept

    def use(self, name: str) -> OptionUse | None:
        """The use that counts of an option in this statement, by whichever of its names it is written."""
        return self.statement.option(name)

    def values(self, name: str) -> Sequence[Value]:
        """The values of an option, several where it is swept; none where nobody gives one that can be read."""
        setting = self.settings.get(name)
        return (setting.points.values if setting else None) or ()

    def numbers(self, name: str, otherwise: float) -> tuple[float, ...]:
        """The values of an option that is a number, or what holds without it."""
        return tuple(each for each in self.values(name) if isinstance(each, int | float)) or (otherwise,)

    def file_of(self, row: Option, value: Value | None) -> Value | None:
        """The file of a concept, where the value is the name of one of the kind that the option takes."""
        if not isinstance(row.kind, Name) or not isinstance(value, str):
            return value
        known = self.project.known(value)
        return str(known.path) if known and known.path and known.kind == row.kind.concept else value

    def given(self, name: str) -> Setting | None:
        """The setting if the file or the project gives it, rather than a concept or family."""
        setting = self.settings.get(name)
        return setting if setting and setting.origin in ("statement", "recipe", "set", "project") else None


@lru_cache(maxsize=16)
def view(
    statement: Statement,
    context: Context,
    text: Passage | None = None,
    point: tuple[tuple[str, str], ...] = (),
) -> View:
    """The statement with all that its text, the context and the tables say about it.

    `text` stands in for the positive text where there are several, and `point` says which of them it is; without, the
    first of each concept and strength to compare counts. The last ones are kept: checking and lowering, one after the
    other, look at the same.
    """
    full = expanded(statement, context.recipes)
    parser = statement.prompt.dialect
    compared = choices(full.positive) if text is None and dialect_row(parser).compares else ()
    positive = first_chosen(full.positive, compared) if text is None else text
    prompt = statement.prompt if positive is statement.positive else read_prompt(positive, parser)
    section = read_prompt(full.negative, parser, is_negative=True) if full.negative.text else None
    row = dialect_row(parser)
    parts, negative_parts = prompt.parts, section.parts if section else ()
    if row.bare_embeddings:
        from promptlang.meaning.embeddings import with_embeddings  # few dialects look for names among words

        parts = with_embeddings(parts, context.project)
        negative_parts = with_embeddings(negative_parts, context.project)
    own, below = sides(parts, joins=row.joins), sides(negative_parts, depth=1, joins=row.joins)
    called = _called(own, below, context, cased=row.cased)
    if inversions := {
        each.node.name: called_word(each.known.name) for each in called if each.known and each.kind == "inversion"
    }:
        own = sides(parts, inversions=inversions, joins=row.joins)
        below = sides(negative_parts, inversions=inversions, depth=1, joins=row.joins)
    both = Sides(own.positive, _one_side(own, below), (*own.concepts, *below.concepts)) if negative_parts else own
    checkpoint, call, refiner = _models(called, context)
    family = families.family(checkpoint.family if checkpoint else "unknown")
    return View(
        statement=statement,
        context=context,
        positive=positive,
        negative=full.negative,
        settings=_settings(
            statement.command_name, statement.options, full.options, context, checkpoint.options if checkpoint else ()
        ),
        parts=parts,
        negative_parts=negative_parts,
        kinds=frozenset(map(type, walk((*parts, *negative_parts)))),
        sides=both,
        called=called,
        beside=_beside(statement, called, context) if context.networks else (),
        checkpoint=checkpoint,
        checkpoint_call=call,
        refiner_call=refiner,
        family=family,
        edition=edition(context.edition),
        written=full.positive,
        choices=compared,
        point=point,
    )


def _one_side(own: Sides, below: Sides) -> tuple[Run, ...]:
    """The negatives in square brackets, then the text after `/negative`."""
    if own.negative and below.negative:
        return (*own.negative, Run(", ", 1.0), *below.negative)
    return own.negative or below.negative


def _called(own: Sides, below: Sides, context: Context, *, cased: bool) -> tuple[Called, ...]:
    found = (*own.concepts, *below.concepts)
    known = context.project.known_exactly if cased else context.project.known
    return tuple(
        Called(
            each.node,
            known(each.node.name, CALLED_KINDS.get(each.node.kind, "")),
            each.weight,
            each.negative,
            each.around,
        )
        for each in found
    )


def _beside(statement: Statement, called: tuple[Called, ...], context: Context) -> tuple[Called, ...]:
    """The networks of `/set` above, less those that the statement calls at a strength of its own."""
    own = {each.node.name.lower() for each in called}
    place = statement.command.span if statement.command else Span(0, 0)
    return tuple(
        Called(
            replace(node, span=place, name_span=place),
            context.project.known(node.name, CALLED_KINDS.get(node.kind, "")),
            1.0 if node.weight is None else node.weight,
            False,
        )
        for node in context.networks
        if node.name.lower() not in own
    )


def _models(called: tuple[Called, ...], context: Context) -> tuple[KnownConcept | None, Called | None, Called | None]:
    """The model that draws, its call, and the call of the one that finishes: the last that is made for the former."""
    for each in reversed(called):
        if each.known and each.known.family in FINISHING:
            checkpoint, call = _checkpoint(tuple(other for other in called if other is not each), context)
            if checkpoint and families.family(checkpoint.family).refiner == each.known.family:
                return checkpoint, call, each
    return (*_checkpoint(called, context), None)


def _checkpoint(called: tuple[Called, ...], context: Context) -> tuple[KnownConcept | None, Called | None]:
    """The model that draws: the last checkpoint called, else one called by `/set`, else the project's.

    What is called without a weight and is no network is a checkpoint with missing parts, or one whose file cannot be
    read: it is the model all the same, since no other may take its place.
    """
    for each in reversed(called):
        if each.kind == "checkpoint":
            return each.known, each
    for each in reversed(called):
        if each.known and each.kind not in ADDED and each.node.weight is None and not each.negative:
            return each.known, each
    above = context.project.known(context.concept) if context.concept else None
    if above and above.kind not in ADDED:
        return above, None
    unknown = next((each for each in reversed(called) if each.known is None and not each.node.kind), None)
    if unknown is not None and not unknown.negative and unknown.node.weight is None:
        return None, unknown  # nothing is known of it, so nothing is assumed of its family
    if context.concept and above is None:
        return None, None  # named by `/set`, and no other model takes its place
    return context.project.known(context.project.concept), None


@lru_cache(maxsize=256)
def _settings(
    command: str,
    written: tuple[OptionUse, ...],
    of_recipes: tuple[OptionUse, ...],
    context: Context,
    recommended: tuple[tuple[str, str], ...],
) -> Settings:
    """What holds under a command: in a file many statements begin with the same options."""
    settings = dict(_inherited(context, recommended))
    for use in of_recipes:
        _set(settings, "recipe", use.name, use.value)
    for use in written:
        _set(settings, "statement", use.name, use.value, use)
    return Settings((name, each) for name, each in settings.items() if each.row.counts_under(command))


@lru_cache(maxsize=1024)
def _inherited(context: Context, recommended: tuple[tuple[str, str], ...]) -> Mapping[str, Setting]:
    """What concept, project and `/set` give: the same for most statements of a file."""
    settings: dict[str, Setting] = {}
    for name, value in recommended:
        _set(settings, "concept", name, value)
    for given in context.project.options:
        _set(settings, "project", given.name, given.value)
    for given in context.defaults:
        _set(settings, "set", given.name, given.value)
    return settings


def _set(settings: dict[str, Setting], origin: str, name: str, value: str | None, use: OptionUse | None = None) -> None:
    """What one option gives: a value of its own, and with some words those of others."""
    row = OPTIONS.get(name)
    if row is None or row.decides == "side":
        return
    for other in [each for each, setting in settings.items() if setting.along == row.name]:
        del settings[other]  # it came with the value that no longer holds
    before = settings.get(row.name) if use else None
    otherwise = (before.otherwise if before.use else before) if before else None
    settings[row.name] = Setting(row, read_points(row.name, value), origin, value, use, otherwise=otherwise)
    for other, given in along(row.kind, value):
        if row.is_flag or other not in settings or settings[other].origin != origin:
            settings[other] = Setting(OPTIONS[other], read_points(other, given), origin, given, along=row.name)
