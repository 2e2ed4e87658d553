"""Where each statement of the source page is answered: by rules, by hover texts, in the plan, or not at all and why."""

from __future__ import annotations

from promptlang.values import dataclass

REQUIREMENTS = 49


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One requirement; `hover` names options (or `concept`) whose documentation says it, `plan` what the plan does."""

    requirement: str
    rules: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()
    plan: str = ""
    no_action: str = ""


def _row(number: int, *rules: str, hover: tuple[str, ...] = (), plan: str = "", no_action: str = "") -> Covered:
    return Covered(requirement=f"SR-{number:02}", rules=rules, hover=hover, plan=plan, no_action=no_action)


COVERAGE = (
    _row(1, "clipskip/needs-new-parser", plan="clip skip is dropped without `/parser:new` in the beta edition"),
    _row(2, "clipskip/needs-new-parser", hover=("edition",), plan="the edition stands in the plan"),
    _row(3, "parser/unknown-value", "weight/needs-new-parser", hover=("parser",), plan="selects the weighting"),
    _row(4, "clipskip/needs-new-parser", hover=("clipskip",)),
    _row(5, "text/clip-skip-in-prose"),
    _row(6, "clipskip/not-a-number", hover=("clipskip",)),
    _row(7, "clipskip/fraction-ignored", plan="the integer after flooring"),
    _row(8, "sweep/duplicate-points", plan="equal points are one plan"),
    _row(9, "clipskip/out-of-range", plan="no plan outside the range"),
    _row(10, "clipskip/extreme"),
    _row(11, "clipskip/no-op", hover=("clipskip",)),
    _row(12, "clipskip/high"),
    _row(13, hover=("clipskip",)),
    _row(14, hover=("clipskip",), plan="skipped layers are not computed; nothing is claimed about speed"),
    _row(15, "clipskip/beyond-encoder", hover=("clipskip",), plan="the layer follows from the encoder's layer count"),
    _row(16, hover=("clipskip",)),
    _row(17, "clipskip/suggest-2"),
    _row(18, "clipskip/suggest-2"),
    _row(19, hover=("clipskip",)),
    _row(20, "clipskip/detail-lost", hover=("clipskip",)),
    _row(21, "clipskip/suggest-2", hover=("clipskip",)),
    _row(22, "clipskip/suggest-2"),
    _row(23, "config/global-clipskip", plan="an inherited value is marked with its origin"),
    _row(24, "clipskip/with-lora"),
    _row(25, "clipskip/with-inversion"),
    _row(26, "clipskip/with-lora", "clipskip/with-inversion"),
    _row(27, "clipskip/no-effect", plan="dropped on Stable Diffusion 2.x"),
    _row(28, "clipskip/no-effect", "clipskip/starts-at-two", "clipskip/family-unknown"),
    _row(29, "concept/unknown", "clipskip/family-unknown", hover=("concept",)),
    _row(30, "concept/family-mismatch", hover=("concept",), plan="realistic-vision-2 is Stable Diffusion 1.x"),
    _row(31, "compare/unlocked"),
    _row(32, "compare/unlocked", plan="`/compare` without the four fixed values makes no plan"),
    _row(33, "compare/unlocked"),
    _row(34, "compare/nothing-swept", plan="sweeps give one plan a point, labelled with its axes"),
    _row(35, hover=("clipskip",)),
    _row(36, no_action="background on the size of the text space; nothing follows from it for a prompt"),
    _row(37, hover=("clipskip",), plan="no message promises an effect"),
    _row(38, "clipskip/high", hover=("clipskip", "guidance"), plan="two separate fields"),
    _row(39, hover=("guidance",), plan="guidance scales the conditional direction"),
    _row(40, "guidance/zero", plan="legal value"),
    _row(41, "guidance/zero"),
    _row(42, "guidance/extreme"),
    _row(43, "guidance/high", hover=("guidance",)),
    _row(44, no_action="which words carry more value cannot be told from a prompt"),
    _row(45, "steps/over-limit", plan="the number is kept; backends decide"),
    _row(46, "guidance/extreme"),
    _row(47, hover=("clipskip", "guidance"), plan="rules and options name their source"),
    _row(48, no_action="the credit to the contributor stands in docs/provenance.md"),
    _row(49, no_action="the two passages repeat each other, so they count as one source"),
)
