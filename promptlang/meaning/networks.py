"""The model that draws a statement, and the LoRAs, inversions and other networks it calls, with their strengths."""

from __future__ import annotations

from promptlang.dialects.dialect import dialect
from promptlang.meaning.view import ADDED, Called, View
from promptlang.plans.plan import Model, Network


def model_of(seen: View) -> Model:
    """The model of a statement as its plan names it."""
    known = seen.checkpoint
    if known is None:
        return Model(name=seen.model_name, family="unknown")
    return Model(
        name=known.name,
        family=known.family,
        path=str(known.path) if known.path else None,
        variant=known.variant,
        text_encoders=tuple(map(str, known.text_encoders)),
        vae=str(known.vae) if known.vae else None,
    )


def networks(seen: View) -> tuple[Network, ...]:
    """Everything that comes on top of the checkpoint, in the order it is called."""
    return tuple(network(seen, each) for each in added(seen))


def added(seen: View) -> tuple[Called, ...]:
    """The calls that `networks` are made of; what a file is does not matter, so that none is left out silently."""
    others = (each for each in seen.called if each is not seen.checkpoint_call and each.kind != "checkpoint")
    return tuple(each for each in others if each.known or each.kind in (*ADDED, "unknown"))


def network(seen: View, called: Called) -> Network:
    """One call as the plan holds it."""
    path = str(called.known.path) if called.known and called.known.path else None
    return Network(
        name=called.known.name if called.known else called.node.name,
        kind=called.kind,
        weight=_strength(seen, called),
        path=path,
        side="negative" if called.negative else "positive",
        text_weight=_text_weight(called),
    )


def _strength(seen: View, called: Called) -> float:
    """How strong a network is; an owner with passes of its own cuts calls out before it reads brackets."""
    if dialect(seen.statement.prompt.dialect).condition is None or called.kind == "inversion":
        return called.weight
    return 1.0 if called.node.weight is None else called.node.weight


def _text_weight(called: Called) -> float | None:
    """A second strength for the text encoder, named `te` or the first of two numbers; the other one is `weight`."""
    named = {name: value for name, mark, value in (each.partition("=") for each in called.node.arguments) if mark}
    plain = [each for each in called.node.arguments if "=" not in each]
    given = named.get("te", plain[0] if len(plain) > 1 or (plain and "unet" in named) else None)
    try:
        return None if given is None else float(given)
    except ValueError:
        return None
