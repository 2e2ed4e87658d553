"""The rules of variants, one row each."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

STRAY = Rule(
    name="variants/stray-mark",
    severity=Severity.WARNING,
    summary="a `{`, `$`, `%` or `__` that begins nothing is plain text",
    why="dynamicprompts gives up on the whole prompt at such a character. Here it is text, and the rest is expanded.",
    example="/render /variants:all a hat for $5 in {red|blue}",
    source="dynamicprompts 0.31, `parse`",
)
MISSING = Rule(
    name="variants/missing-wildcard",
    severity=Severity.WARNING,
    summary="no wildcard file has this name, or the file is empty",
    why="dynamicprompts puts the name itself into the prompt, again and again. Here it stands once, as text.",
    example="/render /variants:all a __colour__ hat",
    source="dynamicprompts 0.31, `get_wildcard_not_found_fallback`",
)
CIRCLE = Rule(
    name="variants/circle",
    severity=Severity.WARNING,
    summary="a wildcard leads back to itself",
    why="An entry that calls its own wildcard, or one that leads back to it, has no end; dynamicprompts stops with an "
    "error. Here the name stands as text where it comes again.",
    example="/render /variants:all NEEDS a wildcard file that calls itself",
    source="dynamicprompts 0.31, which raises `RecursionError`",
)
ENDLESS = Rule(
    name="variants/endless",
    severity=Severity.ERROR,
    summary="the variants lead to one another so often that their texts cannot be made",
    why="Ten wildcards that each call the next one twice make a text of a thousand pieces, thirty of a billion. Length "
    "and number are counted before anything is made.",
    example="/render /variants:all NEEDS wildcard files that call one another again and again",
    source="decision of this language",
)
LEFT_OUT = Rule(
    name="variants/entry-left-out",
    severity=Severity.WARNING,
    summary="a wildcard file has entries that are no text",
    why="YAML reads `{a|b}`, `12` and `yes` as a table, a number and a truth value, not as words for a prompt; "
    "dynamicprompts leaves them out without a word.",
    example="/render /variants:all NEEDS a wildcard file with an entry that is no text",
    source="dynamicprompts 0.31, `_parse_structured_file_list`",
)
LIGHT = Rule(
    name="variants/entry-never-drawn",
    severity=Severity.WARNING,
    summary="an entry of a wildcard weighs less than 1, and `/variants:all` draws none of those",
    why="Where every entry is drawn, a weight says how often, and `0.5::red` is cut to no time at all. By lot, under "
    "`/variants:random`, it comes half as often as others.",
    example="/render /variants:all NEEDS a wildcard file with the entry `0.5::red`",
    source="dynamicprompts 0.31, `iterate_string_values_weighted`",
)
UNDEFINED = Rule(
    name="variants/undefined-variable",
    severity=Severity.WARNING,
    summary="a variable is used that nothing defines",
    why="dynamicprompts raises. Here the name stands as text.",
    example="/render /variants:all a ${animal} in a hat",
    source="dynamicprompts 0.31, `Sampler._get_variable`",
)
ALONE = Rule(
    name="variants/definition-alone",
    severity=Severity.WARNING,
    summary="a definition is all there is",
    why="dynamicprompts raises on a prompt that only defines a variable. Here it makes an empty prompt.",
    example="/render /variants:all ${animal=cat}",
    source="dynamicprompts 0.31, `Sampler.generator_from_command`",
)
NOTHING = Rule(
    name="variants/nothing-to-choose",
    severity=Severity.WARNING,
    summary="there are fewer different options than have to be picked, so no prompt is left",
    why="A pick takes different values only: `{2$$a|a}` has no answer, and the prompt around it has none either.",
    example="/render /variants:all a {2$$red|red} hat",
    source="dynamicprompts 0.31, `CombinatorialSampler`",
)
ONE = Rule(
    name="variants/one-option",
    severity=Severity.HINT,
    summary="braces hold one option, with commas in it",
    why="Midjourney parts the options of `{red, blue}` at commas; dynamicprompts, and so `/variants`, at bars alone. "
    "With commas there is nothing to choose: `red, blue` is drawn as it stands.",
    example="/render /variants:all a {red, blue} cow",
    source="dynamicprompts 0.31, `variant_prompt`",
)
NO_PLAN = Rule(
    name="variants/no-plan",
    severity=Severity.ERROR,
    summary="a text that the variants make cannot be drawn",
    why="Pieces that are fine alone can make a number that is too large. It shows when the texts are made, so "
    "`compile` and `render` say it, and none of the statement's texts is drawn.",
    example="/render /parser:a1111 /variants:all a cow <lora:fur:1e{1|999}>",
    source="decision of this language",
)

RULES = (STRAY, MISSING, CIRCLE, ENDLESS, LEFT_OUT, LIGHT, UNDEFINED, ALONE, NOTHING, ONE, NO_PLAN)
