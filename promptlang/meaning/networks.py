"""The model that draws a statement, and the LoRAs, inversions and other networks it calls, with their strengths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from promptlang.dialects.dialect import dialect
from promptlang.looks import asked_once
from promptlang.meaning.view import ADDED, Called, View
from promptlang.plans.plan import Model, Network, Strength
from promptlang.tables.models.known import KnownConcept, unknown
from promptlang.tables.options.table import LEAVING

DRAWN_NETWORKS = frozenset({"lora", "inversion", "vae"})
"""The kinds of network that are drawn with."""


def model_of(seen: View) -> Model:
    """The model of a statement as its plan names it."""
    return _model(seen.checkpoint) if seen.checkpoint else _nobody(seen.model_name)


def refiner_of(seen: View) -> Model | None:
    """The model that finishes the statement's pictures, unless it is left out."""
    named = named_refiner(seen)
    return named if named and seen.settings.keys().isdisjoint(LEAVING) else None


def named_refiner(seen: View) -> Model | None:
    """The refiner called beside the model that draws, else the one that the model's entry names."""
    if seen.refiner_call and seen.refiner_call.known:
        return _model(seen.refiner_call.known)
    name = seen.checkpoint.refiner if seen.checkpoint else ""
    if not name:
        return None
    known = seen.project.known(name)
    return _model(known) if known else _nobody(name)


def _nobody(name: str) -> Model:
    return Model(name=name, family="unknown", unusable=unknown(name))


def _model(known: KnownConcept) -> Model:
    return _named(known, _quantized(known), _fault(known))


@asked_once
def _fault(known: KnownConcept) -> str:
    """Why nothing can be done with its file, whatever its entry says that it is."""
    if known.fault or known.path is None:
        return known.fault
    from promptlang.models.discover import concept  # as below: most texts are read without a file

    return concept(known.path).fault


@lru_cache(maxsize=64)
def _named(known: KnownConcept, quantization: str, fault: str) -> Model:
    return Model(
        name=known.name,
        family=known.family,
        path=str(known.path) if known.path else None,
        variant=known.variant,
        text_encoders=tuple(map(str, known.text_encoders)),
        vae=str(known.vae) if known.vae else None,
        quantization=quantization,
        unusable=fault,
    )


def _quantized(known: KnownConcept) -> str:
    files = [each for each in (known.path, *(part for _, part in known.parts)) if each]
    return _of_files(tuple(files)) if files else ""


@asked_once
def _of_files(files: tuple[Path, ...]) -> str:
    from promptlang.models.parts import quantized  # reading headers takes time, and most texts are read without a file

    return quantized(files)


def networks(seen: View, calls: int) -> tuple[Network, ...]:
    """Everything that comes on top of the checkpoint, in the order it is called, for so many calls of the denoiser."""
    return tuple(network(seen, each, _strengths(each, calls)) for each in added(seen))


@lru_cache(maxsize=16)
def added(seen: View) -> tuple[Called, ...]:
    """The calls that `networks` are made of; what a file is does not matter, so that none is left out silently."""
    if not seen.called and not seen.beside:
        return ()
    others = (
        each
        for each in (*seen.beside, *seen.called)
        if each is not seen.checkpoint_call and each is not seen.refiner_call and each.kind != "checkpoint"
    )
    return tuple(each for each in others if each.known or each.kind in (*ADDED, "unknown"))


def network(seen: View, called: Called, strengths: tuple[Strength, ...] = ()) -> Network:
    """One call as the plan holds it."""
    path = str(called.known.path) if called.known and called.known.path else None
    return Network(
        name=called.known.name if called.known else called.node.name,
        kind=called.kind,
        weight=_strength(seen, called),
        path=path,
        side="negative" if called.negative else "positive",
        text_weight=_text_weight(called),
        strengths=strengths,
        unusable=_fault(called.known) if called.known else unknown(called.node.name),
    )


def _strength(seen: View, called: Called) -> float:
    """How strong a network is; an owner with passes of its own cuts calls out before it reads brackets."""
    if dialect(seen.statement.prompt.dialect).condition is None or called.kind == "inversion":
        return called.weight
    return 1.0 if called.node.weight is None else called.node.weight


def _strengths(called: Called, calls: int) -> tuple[Strength, ...]:
    """The strength at every call at which it changes: on straight lines from one moment to the next."""
    if called.kind != "lora" or not called.node.moments:
        return ()
    moments = sorted(((_call(when, calls), weight) for when, weight in called.node.moments), key=lambda each: each[0])
    found: list[Strength] = []
    for call in range(calls):
        weight = called.around * _at(call, moments)
        if found and found[-1].weight == weight:
            found[-1] = Strength(call, weight)
        else:
            found.append(Strength(call, weight))
    return tuple(found)


def _call(when: str, calls: int) -> float:
    """The call that a moment is: a share of all of them where there is a point, else a step."""
    return float(when) * calls if "." in when else float(when)


def _at(call: int, moments: Sequence[tuple[float, float]]) -> float:
    """The strength at a call; the first one holds before, and the last one after."""
    passed = [each for each in moments if each[0] <= call]
    coming = [each for each in moments if each[0] > call]
    if not passed or not coming:
        return passed[-1][1] if passed else coming[0][1]
    (start, weight), (end, later) = passed[-1], coming[0]
    return weight + (later - weight) * (call - start) / (end - start)


def _text_weight(called: Called) -> float | None:
    """A second strength for the text encoder, named `te` or the first of two numbers; the other one is `weight`."""
    named = {name: value for name, mark, value in (each.partition("=") for each in called.node.arguments) if mark}
    plain = [each for each in called.node.arguments if "=" not in each]
    given = named.get("te", plain[0] if len(plain) > 1 or (plain and "unet" in named) else None)
    try:
        return None if given is None else float(given)
    except ValueError:
        return None
