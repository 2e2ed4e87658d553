"""Rules about two things together: one file each, named after the rule. The order is that of reading a statement."""

from promptlang.lints import (
    clip_skip_in_prose,
    clipskip_detail_lost,
    clipskip_family,
    clipskip_needs_new_parser,
    clipskip_suggested,
    clipskip_with_networks,
    compare_unlocked,
    concepts,
    option_family,
    remix_image,
    sizes,
    steps_over_limit,
    sweeps,
    variants_off,
    weights,
)

LINTS = (
    clipskip_needs_new_parser.check,
    clipskip_family.check,
    clipskip_with_networks.check,
    clipskip_detail_lost.check,
    clipskip_suggested.check,
    clip_skip_in_prose.check,
    compare_unlocked.check,
    sweeps.check,
    concepts.check,
    weights.check,
    sizes.check,
    steps_over_limit.check,
    option_family.check,
    remix_image.check,
    variants_off.check,
)

LINT_RULES = (
    clipskip_needs_new_parser.RULE,
    *clipskip_family.RULES,
    *clipskip_with_networks.RULES,
    clipskip_detail_lost.RULE,
    clipskip_suggested.RULE,
    clip_skip_in_prose.RULE,
    *compare_unlocked.RULES,
    *sweeps.RULES,
    *concepts.RULES,
    *sizes.RULES,
    steps_over_limit.RULE,
    option_family.RULE,
    remix_image.RULE,
    variants_off.RULE,
)
