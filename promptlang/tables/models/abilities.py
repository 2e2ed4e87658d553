"""What a family makes of each feature of the language: one table, read by checks, plan, hover, renderer and docs.

A feature is named like the option that asks for it, or like the part of the text that does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from promptlang.tables.models.families import FAMILIES, UNKNOWN, family, variants
from promptlang.tables.models.family import DIFFUSERS, SERVICE, ClipSkip, Family, Flow, Guides
from promptlang.values import dataclass

NEGATIVE, REMIX, INVERSION = "negative", "remix", "inversion"
SEVERAL, MIXED = "several", "mixed"
"""Several prompts whose predictions are added up, and those whose states are mixed or stand behind one another."""
CHANGING, CHANGING_BELOW = "schedules", "schedules-below"
OWNERS = "code of ComfyUI and of the diffusers pipelines"


@dataclass(frozen=True, slots=True)
class Ability:
    """A cell of the table: whether asking for a feature changes the picture of a family, why, and who says so.

    `limit` is there where it does, but nothing here draws it yet: what is said instead.
    """

    acts: bool
    why: str
    source: str
    limit: str = ""


Judge = Callable[[Family, Guides], Ability]


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of the table: how it is called, and what each family makes of it. `guides` are those of the variant."""

    name: str
    title: str
    judge: Judge


def _acts(why: str, source: str = DIFFUSERS) -> Ability:
    return Ability(True, why, source)


def _limited(row: Family, why: str, limit: str, source: str = DIFFUSERS) -> Ability:
    """It acts, and is refused here where the family is drawn."""
    return Ability(True, why, source, f"{limit} {row.title} yet" if row.rendered else "")


def _nothing(why: str, source: str = DIFFUSERS) -> Ability:
    return Ability(False, why, source)


def _clip_skip(row: Family, guides: Guides) -> Ability:
    if row.clip_skip is ClipSkip.IGNORED_BY_RULE:
        return _nothing("uses OpenCLIP, so clip skip changes nothing", SERVICE)
    if row.clip_skip is ClipSkip.NOT_CLIP:
        return _nothing("reads the prompt with another encoder than CLIP, so clip skip is dropped", OWNERS)
    return _acts(row.clip_skip.value, SERVICE)


def _weights(row: Family, guides: Guides) -> Ability:
    if row.weighed:
        return _acts("CLIP or T5 reads the prompt word by word", OWNERS)
    return _nothing("a language model reads the prompt, for which no word counts more than another", OWNERS)


def _break(row: Family, guides: Guides) -> Ability:
    if row.skippable or row is UNKNOWN:
        return _acts("CLIP reads the prompt in chunks", OWNERS)
    return _nothing("the prompt is read as a whole, not in chunks", OWNERS)


def _guidance(row: Family, guides: Guides) -> Ability:
    if guides is Guides.BUILT_IN:
        return _nothing("guidance is distilled into the model, so no number is read", OWNERS)
    return _acts(guides.value, OWNERS)


def _negative(row: Family, guides: Guides) -> Ability:
    if guides is Guides.CLASSIFIER_FREE:
        return _acts(guides.value, OWNERS)
    if guides is Guides.EMBEDDED:
        return _nothing("guidance is an input of the model, so a negative prompt counts with `/true-cfg` only", OWNERS)
    if guides is Guides.EMBEDDED_ALONE:
        return _nothing("guidance is an input of the model, which draws in one pass for no negative prompt", OWNERS)
    return _nothing("guidance is distilled into the model, so no negative prompt is read", OWNERS)


def _true_cfg(row: Family, guides: Guides) -> Ability:
    if guides is Guides.EMBEDDED or row is UNKNOWN:
        return _acts("a second pass, in which the negative prompt counts")
    if guides is Guides.CLASSIFIER_FREE:
        return _nothing("`/guidance` is classifier-free guidance there already", OWNERS)
    return _nothing("the model draws in one pass, to which none is added", OWNERS)


def _unet(row: Family, guides: Guides) -> Ability:
    if row.is_unet or row is UNKNOWN:
        return _acts("it scales connections of the UNet", "FreeU's paper")
    return _nothing("it scales connections of a UNet, and there is none", "FreeU's paper")


def _rescale(row: Family, guides: Guides) -> Ability:
    if row.is_unet or row is UNKNOWN:
        return _acts("it brings guided noise back to the spread of the unguided one")
    return _nothing("it is for noise- and velocity-predicting UNets")


def _refiner(row: Family, guides: Guides) -> Ability:
    if row.refiner or row is UNKNOWN:
        return _acts("there is a refiner to leave out, where one is named", SERVICE)
    return _nothing("there is no refiner", SERVICE)


def _vass(row: Family, guides: Guides) -> Ability:
    return (_acts if row.vass or row is UNKNOWN else _nothing)("it is made for Stable Diffusion XL", SERVICE)


_BETWEEN = "every step asks the embeddings anew"


def _changing(row: Family, guides: Guides) -> Ability:
    if "positive" in row.changing:
        return _acts(_BETWEEN, OWNERS)
    return _limited(row, _BETWEEN, "a prompt that changes between steps cannot be drawn with models of", OWNERS)


def _changing_below(row: Family, guides: Guides) -> Ability:
    negative = _negative(row, guides)
    if not negative.acts and guides is not Guides.EMBEDDED:
        return negative
    if "negative" in row.changing:
        return _acts(_BETWEEN, OWNERS)
    limit = "a negative prompt that changes between steps cannot be drawn with models of"
    return _limited(row, _BETWEEN, limit, OWNERS)


def _unets(why: str, limit: str, others: Callable[[Family], bool] = lambda row: False) -> Judge:
    """What is drawn with every UNet, and of transformers with those that `others` tells."""

    def judge(row: Family, guides: Guides) -> Ability:
        is_drawn = row.is_unet or row is UNKNOWN or others(row)
        return _acts(why) if is_drawn else _limited(row, why, f"{limit} with models of")

    return judge


def _several(row: Family, guides: Guides) -> Ability:
    why = "the predictions of several prompts are added up"
    if row.is_unet or row is UNKNOWN or (row.rendered and guides is Guides.CLASSIFIER_FREE):
        return _acts(why)
    return _limited(row, why, "several prompts cannot be added up with models of")


_mixed = _unets("the states of several prompts are mixed", "several prompts cannot be mixed")
_remix = _unets(
    "it starts from the latents of a picture, with noise",
    "`/remix` cannot be drawn",
    lambda row: row.remixing is not None,
)
_mask = _unets(
    "what the mask leaves black is put back after every step, or shown to models made for inpainting",
    "`/mask` cannot be drawn",
    lambda row: row.inpaints,
)
_control = _unets(
    "a ControlNet adds to what the layers of the denoiser say", "`/control` cannot be drawn", lambda row: row.controlled
)


def _blend(row: Family, guides: Guides) -> Ability:
    why = "an image adapter adds what a picture shows to what layers read of the text"
    if row.adapted or row is UNKNOWN:
        return _acts(why)
    return _limited(row, why, "`/blend` cannot be drawn with models of")


_hires = _unets("what is drawn is enlarged and drawn over", "`/hires` cannot be drawn")
_vae = _unets("another decoder makes other pictures of the same latents", "another VAE cannot be drawn")


def _network(row: Family, guides: Guides) -> Ability:
    return _acts("a network changes layers that every family has", f"{DIFFUSERS}, and LyCORIS")


def _inversion(row: Family, guides: Guides) -> Ability:
    if row.is_unet and row.skippable:
        return _acts("further rows stand behind the text encoder's table of tokens")
    if row.skippable or row is UNKNOWN:
        why = "further rows stand behind the text encoder's table of tokens"
        return _limited(row, why, "a textual inversion cannot be drawn with models of")
    return _nothing("no CLIP that reads word by word takes further rows", OWNERS)


FEATURES: tuple[Feature, ...] = (
    Feature("clipskip", "`/clipskip`", _clip_skip),
    Feature("weights", "word weights", _weights),
    Feature("break", "`BREAK`", _break),
    Feature("guidance", "`/guidance`", _guidance),
    Feature(NEGATIVE, "negative prompt", _negative),
    Feature("true-cfg", "`/true-cfg`", _true_cfg),
    Feature("rescale", "`/rescale`", _rescale),
    Feature("freeu", "`/freeu`", _unet),
    Feature("nofix", "`/nofix`", _refiner),
    Feature("vass", "`/vass`", _vass),
    Feature(CHANGING, "`[a:b:0.5]`, `[a|b]`", _changing),
    Feature(CHANGING_BELOW, "the same in the negative prompt", _changing_below),
    Feature(SEVERAL, "`AND`", _several),
    Feature(MIXED, "blends, `.and()`", _mixed),
    Feature(REMIX, "`/remix`", _remix),
    Feature("mask", "`/mask`", _mask),
    Feature("control", "`/control`", _control),
    Feature("blend", "`/blend`", _blend),
    Feature("hires", "`/hires`", _hires),
    Feature("vae", "`/vae`", _vae),
    Feature("network", "LoRA, LoHa, LoKr, DoRA", _network),
    Feature(INVERSION, "textual inversion", _inversion),
)
_BY_NAME: Mapping[str, Feature] = MappingProxyType({each.name: each for each in FEATURES})
_EVERYWHERE = Ability(True, "every family takes it", DIFFUSERS)


def feature_row(name: str) -> Feature | None:
    """The row of that name; None where no row speaks of it."""
    return _BY_NAME.get(name)


def guides(row: Family, variant: str = "") -> Guides:
    """What `/guidance` is in the variant named, else in the family; the last variant that says so decides."""
    found = row.guides
    for each in variants(row, variant):
        found = each.guides or found
    return found


def flow_of(row: Family, variant: str = "") -> Flow | None:
    """How ComfyUI lays out the noise of the variant named, else of the family; None where it draws neither."""
    found = row.flow
    for each in variants(row, variant):
        found = each.flow or found
    return found


def ability(feature: str, row: Family, variant: str = "") -> Ability:
    """What the feature does in a family's variant; what no row of the table speaks of acts everywhere.

    Example: `ability("weights", family("qwen-image")).acts` is False.
    """
    return _judged(feature, row.name, variant) if feature in _BY_NAME else _EVERYWHERE


@lru_cache(maxsize=1024)
def _judged(feature: str, family_name: str, variant: str) -> Ability:
    row = family(family_name)
    return _BY_NAME[feature].judge(row, guides(row, variant))


@cache
def only_in(feature: str) -> tuple[Family, ...]:
    """The known families where the feature acts; empty where it acts in all of them."""
    known = tuple(row for row in FAMILIES if row is not UNKNOWN)
    acting = tuple(row for row in known if ability(feature, row).acts)
    return () if acting == known else acting
