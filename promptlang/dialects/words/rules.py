"""Rules about brackets, weights and concept names in the prompt text."""

from promptlang.diagnostics import Rule, Severity

UNCLOSED = Rule(
    name="prompt/unclosed",
    severity=Severity.WARNING,
    summary="an opening bracket is never closed",
    why="Without its partner the bracket is plain text, so nothing is weighted, negated or called.",
    example="/render /parser:new a (red cow",
    source="decision of this language; the hosted service is lenient in the same place",
)
UNOPENED = Rule(
    name="prompt/unopened",
    severity=Severity.WARNING,
    summary="a closing bracket was never opened",
    why="Without its partner the bracket is plain text.",
    example="/render /parser:new a red) cow",
    source="decision of this language; the hosted service is lenient in the same place",
)
TOO_DEEP = Rule(
    name="prompt/too-deep",
    severity=Severity.WARNING,
    summary="brackets are nested more than 100 deep",
    why="Two or three levels are the practical ceiling; beyond 100 they are read as text.",
    example="/render /parser:new " + "(" * 101 + "cow" + ")" * 101,
    source="decision of this language",
)
BAD_WEIGHT = Rule(
    name="weight/not-a-number",
    severity=Severity.WARNING,
    summary="what stands where a weight belongs is not a plain number",
    why="A weight is digits with at most one point. Anything else stays in the prompt as text.",
    example="/render /parser:new a (cow:1.2.3)",
    source="decision of this language",
)
NEEDS_NEW_PARSER = Rule(
    name="weight/needs-new-parser",
    severity=Severity.WARNING,
    summary="a numeric word weight stands without `/parser:new`",
    why="The old parser ignores numbers: `(cow:1.3)` acts as `(cow)`.",
    example="/render a (cow:1.3)",
    source="help page on prompt weights",
    covers=("SR-03",),
)
SQUARE_WEIGHT = Rule(
    name="weight/in-square-brackets",
    severity=Severity.WARNING,
    summary="a number stands in square brackets without round ones",
    why="Square brackets mark the negative prompt and take no number; a weight belongs to round brackets inside them.",
    example="/render /parser:new a cow [blurry:1.3]",
    source="unofficial syntax catalogue",
)
BAD_CONCEPT = Rule(
    name="concept/not-a-weight",
    severity=Severity.WARNING,
    summary="the weight of a concept is not a number",
    why="What is not `<name>` or `<name:number>` stays in the prompt as text, so no model is called.",
    example="/render /parser:new a cow <some-lora:strong>",
    source="help page on prompt weights",
)
NETWORK_PREFIX = Rule(
    name="concept/network-prefix",
    severity=Severity.HINT,
    summary="a concept is called with the prefix of another program",
    why="A concept is called by its name alone; `lora:` in front is how stable-diffusion-webui writes it.",
    example="/render /parser:new a cow <lora:some-lora:0.7>",
    source="help page on prompt weights",
)

RULES = (
    UNCLOSED,
    UNOPENED,
    TOO_DEEP,
    BAD_WEIGHT,
    NEEDS_NEW_PARSER,
    SQUARE_WEIGHT,
    BAD_CONCEPT,
    NETWORK_PREFIX,
)
