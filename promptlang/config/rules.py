"""Rules about project files."""

from __future__ import annotations

from promptlang.diagnostics import OURS, Rule, Severity

PROJECT_FILE = "promptlang.toml"

UNREADABLE = Rule(
    name="config/unreadable",
    severity=Severity.ERROR,
    summary="a project file cannot be read",
    why="Without it nobody knows which models, defaults and rules the project wants. The other files still count.",
    example='extend = "no-such-file.toml"',
    source=OURS,
)
BAD_TOML = Rule(
    name="config/bad-toml",
    severity=Severity.ERROR,
    summary="a project file is not valid TOML",
    why="Nothing in the file counts until it can be read, so every prompt is checked with the defaults.",
    example="[rules",
    source="TOML 1.0",
)
CYCLE = Rule(
    name="config/cycle",
    severity=Severity.ERROR,
    summary="project files extend each other in a circle",
    why="A file that extends itself, directly or through others, has no first file to start from. It is cut here.",
    example='extend = "promptlang.toml"',
    source=OURS,
)
LONG_CHAIN = Rule(
    name="config/long-chain",
    severity=Severity.ERROR,
    summary="too many project files extend one another",
    why="Twenty files, one after the other, are more than anybody keeps in mind. The chain is cut there.",
    example='extend = "the-twenty-first.toml"',
    source=OURS,
)
WRONG_OUTSIDE = Rule(
    name="config/wrong-outside",
    severity=Severity.WARNING,
    summary="something is wrong in a project file that lies outside the project",
    why="A project file may extend any file, and may be a link to one. What stands in a file of somebody else is not "
    "printed; a check of that file says what is wrong in it.",
    example='extend = "/etc/passwd"',
    source=OURS,
)
UNKNOWN_KEY = Rule(
    name="config/unknown-key",
    severity=Severity.WARNING,
    summary="a key of a project file has no meaning",
    why="It is usually a misspelt key, and the setting that was meant keeps its default without a word.",
    example='conzept = "demo"',
    source=OURS,
)
BAD_VALUE = Rule(
    name="config/bad-value",
    severity=Severity.ERROR,
    summary="a value of a project file has the wrong type or is outside its range",
    why="The value is left out and the default stays. Where the folder for pictures is a file, or a link that "
    "leads out of the project, nothing is drawn unless `render --out` names a folder.",
    example='edition = "latest"',
    source=OURS,
)
UNKNOWN_RULE = Rule(
    name="config/unknown-rule",
    severity=Severity.WARNING,
    summary="a project file names a rule that does not exist",
    why="The severity or the ignore has no effect, and the rule that was meant stays as it is.",
    example='[rules]\n"clipskip/hihg" = "off"',
    source=OURS,
)
MISSING_PATH = Rule(
    name="config/missing-path",
    severity=Severity.WARNING,
    summary="a project file names what is not there, or what nothing is read from",
    why="Models and word lists in it are unknown until it exists. Nothing is read from pipes and devices, from folders "
    "where files are named, or from files where folders are.",
    example='[concepts]\nfolders = ["no-such-folder"]',
    source=OURS,
)
WRONG_PART = Rule(
    name="config/wrong-part",
    severity=Severity.WARNING,
    summary="a text encoder or VAE of a model is a file that does not belong to it",
    why=(
        "The header of a file says what it is. A denoiser draws nothing with a part of another kind, or with an "
        "encoder or VAE of another family."
    ),
    example='[concepts.cow]\nfamily = "sd1"\nvae = "promptlang.toml"',
    source=OURS,
)
UNKNOWN_CONCEPT = Rule(
    name="config/unknown-concept",
    severity=Severity.WARNING,
    summary="the model that draws where a prompt names none is not known",
    why="Every prompt without a model of its own is then read for a family that nobody knows, and cannot be rendered.",
    example='concept = "no-such-model"',
    source=OURS,
)
NO_EFFECT = Rule(
    name="config/no-effect",
    severity=Severity.WARNING,
    summary="a project file gives an option or a value that nothing here draws by",
    why="It is said once in the file that gives it, and not again in every prompt that it holds for.",
    example="[options]\nlpw = true",
    source=OURS,
)
GLOBAL_CLIPSKIP = Rule(
    name="config/global-clipskip",
    severity=Severity.INFORMATION,
    summary="a project file sets clip skip for every prompt",
    why=(
        "Clip skip is a choice for one model and one prompt. As a blanket default it also reaches prompts with LoRAs "
        "and textual inversions, where results are unpredictable, and families where it does nothing."
    ),
    example="[options]\nclipskip = 2",
    source="seed page, L51",
    covers=("SR-23",),
)

RULES: tuple[Rule, ...] = (
    UNREADABLE,
    BAD_TOML,
    CYCLE,
    LONG_CHAIN,
    WRONG_OUTSIDE,
    UNKNOWN_KEY,
    BAD_VALUE,
    UNKNOWN_RULE,
    MISSING_PATH,
    WRONG_PART,
    UNKNOWN_CONCEPT,
    GLOBAL_CLIPSKIP,
    NO_EFFECT,
)
