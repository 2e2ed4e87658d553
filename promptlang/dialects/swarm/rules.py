"""The rules of the SwarmUI dialect, one row each."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

_SOURCE = "SwarmUI, `T2IPromptHandling` and `SwarmTextHandling` at 062407c7"

WORKFLOW = Rule(
    name="swarm/workflow",
    severity=Severity.WARNING,
    summary="a tag asks for a step of SwarmUI's own workflow",
    why="SwarmUI segments, refines, crops and animates by tags in the prompt, and gives each step the words behind "
    "its tag. Nothing here draws them: the tag and those words are left out.",
    example="/render /parser:swarm a cow <segment:face> a calm face",
    source=_SOURCE,
)
ASKED = Rule(
    name="swarm/left-out",
    severity=Severity.WARNING,
    summary="a tag stands for something that SwarmUI alone knows",
    why="Presets, parameters and trigger phrases of SwarmUI are no part of the prompt, nor are wildcards without "
    "`/variants`. The tag is left out.",
    example="/render /parser:swarm a cow <preset:oils>",
    source=_SOURCE,
)
LOTS = Rule(
    name="swarm/draws-lots",
    severity=Severity.WARNING,
    summary="lots are drawn in SwarmUI, here the first choice",
    why="`<random:…>` and ranges of numbers take another value for each picture. `/variants:random` does so here, and "
    "`/variants:all` draws every choice of a `<random:…>`.",
    example="/render /parser:swarm a <random:red|blue> cow",
    source=_SOURCE,
)
IGNORED = Rule(
    name="swarm/ignored",
    severity=Severity.WARNING,
    summary="a tag that SwarmUI cannot read stays words",
    why="A tag with a number that is none, with too many or too few values, or with a name that nothing set goes to "
    "the text encoder as it is written, or is left out.",
    example="/render /parser:swarm a <fromto[soon]:cow, horse>",
    source=_SOURCE,
)
UNKNOWN = Rule(
    name="swarm/unknown-tag",
    severity=Severity.INFORMATION,
    summary="a tag of a name that SwarmUI does not know stays words",
    why="Extensions of SwarmUI add tags of their own; here they are words, signs and all.",
    example="/render /parser:swarm a <hat:red> cow",
    source=_SOURCE,
)
BRACKETS = Rule(
    name="swarm/brackets",
    severity=Severity.WARNING,
    summary="square brackets change words at a step, or vanish",
    why="What reaches the text encoder is `[from:to:when]` and `[a|b]`, which the tags write. Other square brackets "
    "lose their signs, a step that is no number stops the drawing, and one that never closes leaves the rest as it is.",
    example="/render /parser:swarm a [red] cow",
    source=_SOURCE,
)

RULES = (WORKFLOW, ASKED, LOTS, IGNORED, UNKNOWN, BRACKETS)
