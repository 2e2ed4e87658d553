"""Every lint, in the order of reading a statement. A lint is a module with `check`, and `RULES` for what it fires."""

from promptlang.lints import (
    clip_skip_in_prose,
    clipskip_detail_lost,
    clipskip_family,
    clipskip_needs_new_parser,
    clipskip_suggested,
    clipskip_with_networks,
    compare_unlocked,
    concepts,
    not_drawn,
    not_finite,
    option_family,
    option_not_read,
    other_dialect,
    remix_image,
    schedules,
    sizes,
    steps_over_limit,
    sweeps,
    variants_off,
    variants_read,
    weights,
    weights_as_text,
)

_MODULES = (
    clipskip_needs_new_parser,
    clipskip_family,
    clipskip_with_networks,
    clipskip_detail_lost,
    clipskip_suggested,
    clip_skip_in_prose,
    compare_unlocked,
    sweeps,
    concepts,
    not_drawn,
    not_finite,
    weights,
    weights_as_text,
    sizes,
    schedules,
    steps_over_limit,
    option_family,
    option_not_read,
    remix_image,
    variants_off,
    variants_read,
    other_dialect,
)

LINTS = tuple(module.check for module in _MODULES)
RULES = tuple(rule for module in _MODULES for rule in module.RULES)
