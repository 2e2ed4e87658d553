"""The rule about what was pasted, and what becomes of its fixes at the end of a file."""

from __future__ import annotations

from promptlang.diagnostics import Diagnostic, Rule, Severity
from promptlang.values import replace

RULE = Rule(
    name="text/pasted-parameters",
    severity=Severity.WARNING,
    summary="the parameters of a picture of another program are read as its prompt",
    why="stable-diffusion-webui, Civitai and others give a prompt, a line `Negative prompt: …` and a line "
    "`Steps: 20, Sampler: …` in one piece. As it stands all of it is the prompt: the negative prompt asks for what it "
    "should keep away, and the settings are words. So it is with lines for webui's script “Prompts from file”, for the "
    "trainers of sd-scripts, for Midjourney and for bots, with commands of a shell, with Python that draws, and with "
    "prompts in YAML or in the rows of a table. A line that begins with a command that is none here, such as "
    "`/imagine`, is an error, and nothing is drawn by it. The fix names another model by `/set`, and by a second one "
    "behind the statement that which the statements below had; it keeps what this language has no word for as a "
    "comment.",
    example="a cow\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512",
    source="infotext of stable-diffusion-webui",
)
RULES = (RULE,)


def at_the_end(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings on the last statement of a file: below it nothing needs the model that held before."""
    return tuple(
        replace(each, fixes=tuple(replace(fix, edits=fix.edits[:1]) for fix in each.fixes))
        if each.rule is RULE
        else each
        for each in found
    )
