"""What `promptlang render` will refuse, said before: models, networks and samplers that nothing here draws with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding
from promptlang.filling.whose import arithmetic_of, samplers_of
from promptlang.lints.places import command_span, option_span
from promptlang.meaning.networks import DRAWN_NETWORKS, added, model_of, network, refiner_of
from promptlang.meaning.settings import Setting, Settings
from promptlang.meaning.view import ADDED, Called, View
from promptlang.plans.blending import encoder_beside
from promptlang.plans.plan import Model
from promptlang.source import Span
from promptlang.tables.arithmetics import DEFAULT, package_of
from promptlang.tables.models.concepts import DEMO as DEMO_MODEL
from promptlang.tables.models.families import takes_network
from promptlang.tables.models.known import AMBIGUOUS
from promptlang.tables.options.kinds import Value
from promptlang.tables.options.table import BLEND_ADAPTER, BLEND_ENCODER, FILES, SAMPLER, SCHEDULE
from promptlang.tables.samplers import Sampler, sampler
from promptlang.tables.schedules import SCHEDULES, Schedule

if TYPE_CHECKING:
    from promptlang.refusals.refusal import Refusal

UNUSABLE = Rule(
    name="concept/unusable",
    severity=Severity.WARNING,
    summary="the model file lacks parts, or is not what it is called",
    why="No other model takes its place, so the statement is not rendered.",
    example="/render a cow <a-denoiser-alone>",
    source="the file itself",
)
NOT_RENDERED = Rule(
    name="concept/not-rendered",
    severity=Severity.INFORMATION,
    summary="the file is sound, and `promptlang render` does not draw with its like",
    why="The plan can be made and exported; rendering the statement here is refused.",
    example="/render a cow <a-file-of-sdxl>",
    source=OURS,
)
NO_FILE = Rule(
    name="concept/no-file",
    severity=Severity.INFORMATION,
    summary="the name is known, and its file is not on this computer",
    why="The plan can be made and exported; rendering the statement here is refused until the project names the file.",
    example="/render a cow <sd15>",
    source=OURS,
)
BAD_FILE = Rule(
    name="option/unusable-file",
    severity=Severity.WARNING,
    summary="the file that an option names is not there, or is none of its kind",
    why="Nothing else takes its place, so the statement is not rendered.",
    example="/render /vae:not-there.safetensors a cow",
    source="the file itself",
)
NO_PACKAGE = Rule(
    name="sampler/package-missing",
    severity=Severity.INFORMATION,
    summary="the sampler or the schedule needs a package that is not installed here",
    why="Rendering the statement on this computer is refused until it is there.",
    example="/render /sampler:dpm_sde a cow",
    source="code of the samplers",
)
NOT_WITH_MODEL = Rule(
    name="sampler/not-drawn",
    severity=Severity.WARNING,
    summary="the sampler or the schedule is not drawn with this model",
    why="Flow-matching models are drawn with Euler's method along straight paths, which most samplers are not made "
    "for. Some samplers know no noise that ends at zero signal, with which other models were trained. Rendering the "
    "statement here is refused.",
    example="/render /sampler:dpm2m a cow <flux>",
    source="code of the diffusers pipelines",
)
RULES = (UNUSABLE, NOT_RENDERED, NO_FILE, BAD_FILE, NO_PACKAGE, NOT_WITH_MODEL)

_SAID = frozenset({"unreadable", AMBIGUOUS})
_FILES = dict.fromkeys(row.name for row in FILES).keys()  # in the order of the table
_SAMPLED = frozenset({SAMPLER.name, SCHEDULE.name})


def check(seen: View) -> Iterator[Diagnostic]:
    """Silent where another rule says already that a name is unknown or its file broken."""
    known, call = seen.checkpoint, seen.checkpoint_call
    is_sure = known is DEMO_MODEL or known is None
    if not is_sure and known and (known.kind not in _SAID or call is None):
        yield from _of_model(seen)
    if refiner := refiner_of(seen):
        yield from _of_refiner(seen, refiner)
    yield from _of_networks(seen)
    if not _FILES.isdisjoint(seen.settings):
        yield from _of_files(seen)
    if not _SAMPLED.isdisjoint(seen.settings):
        yield from _of_sampler(seen)
    if seen.family.rendered and seen.family.prediction == "flow":
        yield from _of_flow(seen)
    if seen.family.rendered and known and known.path:
        yield from _of_noise(seen)


def _of_model(seen: View) -> Iterator[Diagnostic]:
    from promptlang.refusals.models import model_refusal  # a check without model files never needs it

    refusal = model_refusal(model_of(seen))
    if refusal is None:
        return
    call = seen.checkpoint_call
    yield _finding(refusal, call.node.span if call else command_span(seen))


def _of_refiner(seen: View, refiner: Model) -> Iterator[Diagnostic]:
    from promptlang.refusals.models import refiner_refusal

    if refusal := refiner_refusal(model_of(seen), refiner):
        call = seen.refiner_call or seen.checkpoint_call
        yield _finding(refusal, call.node.span if call else command_span(seen))


def _of_networks(seen: View) -> Iterator[Diagnostic]:
    """Those that are of no use, and those that do not fit the model.

    Who names no model may mean to draw elsewhere: that the first one does not fit the demo is said, as information.
    """
    is_named, said = seen.checkpoint is not DEMO_MODEL or seen.checkpoint_call is not None, False
    for called in added(seen):
        if called.kind in _SAID or not (called.known or called.kind in ADDED - DRAWN_NETWORKS):
            continue
        from promptlang.refusals.models import network_refusal

        made = network(seen, called)
        if refusal := network_refusal(made):
            yield _finding(refusal, called.node.span)
        elif _is_judged(seen, called) and (is_named or not said):
            from promptlang.refusals.named_files import fit_refusal

            if refusal := fit_refusal(made, model_of(seen)):
                said = True
                rule = UNUSABLE if is_named else NOT_RENDERED
                yield finding(rule, refusal.message, called.node.span, help=refusal.help)


def _is_judged(seen: View, called: Called) -> bool:
    """Whether the network has a file and the statement a model of its family."""
    known = called.known
    return known is not None and known.path is not None and takes_network(seen.family, known.family)


def _finding(refusal: Refusal, span: Span) -> Diagnostic:
    rule = NOT_RENDERED if refusal.is_limit else NO_FILE if refusal.is_absent else UNUSABLE
    return finding(rule, refusal.message, span, help=refusal.help)


def _of_files(seen: View) -> Iterator[Diagnostic]:
    """A VAE, a ControlNet, an adapter or a picture that is not there, or is none."""
    for name in _FILES:
        setting = seen.settings.get(name)
        if setting is None or (setting.row.beside and setting.row.beside not in seen.settings):
            continue
        for value in setting.points.values or ():
            if refusal := _of_file(seen, setting, value):
                yield finding(BAD_FILE, refusal.message, option_span(seen, setting), help=refusal.help)


def _of_file(seen: View, setting: Setting, value: Value) -> Refusal | None:
    """Why one of the files cannot be drawn with; an encoder lies beside its adapter where nothing else is said."""
    from promptlang.refusals.named_files import file_refusal

    name, file = setting.row.name, str(seen.file_of(setting.row, value))
    refusal = file_refusal(name, file, seen.project.root, seen.family)
    if refusal is None and name == BLEND_ADAPTER.name and BLEND_ENCODER.name not in seen.settings:
        return file_refusal(BLEND_ENCODER.name, encoder_beside(file), seen.project.root, seen.family)
    return refusal


def _of_flow(seen: View) -> Iterator[Diagnostic]:
    """The first sampler or schedule that the pipeline of a flow-matching model does not take."""
    from promptlang.refusals.sampling import flow_refusal

    spacings = [str(each) for each in seen.values(SCHEDULE.name)] or [None]
    whose = arithmetic_of(seen)
    for row, spacing in product(samplers_of(seen), spacings):
        if refusal := flow_refusal(seen.family, row, spacing, whose, variant=seen.variant):
            of_sampler = flow_refusal(seen.family, row, None, whose, variant=seen.variant)
            at_fault = seen.settings.get(SAMPLER.name if of_sampler else SCHEDULE.name)
            span = option_span(seen, at_fault) if at_fault else command_span(seen)
            yield finding(NOT_WITH_MODEL, refusal.message, span, help=refusal.help)
            return


def _of_noise(seen: View) -> Iterator[Diagnostic]:
    """The first sampler that does not know the noise of the model, whose file tells of it."""
    if arithmetic_of(seen) != DEFAULT:
        return
    from promptlang.refusals.sampling import noise_refusal

    model = model_of(seen)
    for row in samplers_of(seen):
        if refusal := noise_refusal(model, row):
            setting = seen.settings.get(SAMPLER.name)
            span = option_span(seen, setting) if setting else command_span(seen)
            yield finding(NOT_WITH_MODEL, refusal.message, span, help=refusal.help)
            return


def _of_sampler(seen: View) -> Iterator[Diagnostic]:
    """The first sampler or schedule that is not there; nothing is looked for where none needs a package."""
    for setting, row, package in _in_packages(seen.settings, arithmetic_of(seen)):
        from promptlang.refusals.refusal import RENDERER, package_refusal

        if package_refusal(RENDERER, "") is not None:
            return  # nothing at all is rendered on this computer
        if refusal := package_refusal(package, f"the {setting.row.name} `{row.name}`"):
            yield finding(NO_PACKAGE, refusal.message, option_span(seen, setting), help=refusal.help)
            return


@lru_cache(maxsize=256)
def _in_packages(settings: Settings, arithmetic: str) -> tuple[tuple[Setting, Sampler | Schedule, str], ...]:
    """The samplers and schedules of the settings that packages hold, with the package."""
    chosen = [settings[name] for name in (SAMPLER.name, SCHEDULE.name) if name in settings]
    values = ((each, str(value)) for each in chosen for value in each.points.values or ())
    rows = ((each, sampler(value) if each.row.name == SAMPLER.name else SCHEDULES.get(value)) for each, value in values)
    return tuple((each, row, package) for each, row in rows if row and (package := package_of(row, arithmetic)))
