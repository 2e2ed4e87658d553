"""Rules about files, commands, options and recipes as such."""

from promptlang.diagnostics import OURS, Rule, Severity

DOTPROMPT = Rule(
    name="file/dotprompt",
    severity=Severity.INFORMATION,
    summary="the file belongs to another program",
    why="A `.prompt` file that opens with a `---` line is a prompt for a language model with settings on top.",
    example="---\nmodel: some-model\n---\nhello",
    source=OURS,
)
LOOK_ALIKE = Rule(
    name="text/look-alike",
    severity=Severity.INFORMATION,
    summary="a typographic character stands where a plain one is meant",
    why="Web pages print `×` for `x`, full-width colons, curly quotes and long minus signs. They are read as meant; "
    "other programs may not be so kind.",
    example="/render /size:768×768 a cow",
    source="pages of the hosted service",
)
INVISIBLE = Rule(
    name="text/invisible",
    severity=Severity.WARNING,
    summary="a character that nobody sees stands in the text",
    why="Control characters and spaces without width come along when text is copied. The text encoder reads most of "
    "them as words of their own.",
    example="/render a red\u200b cow",
    source=OURS,
)
HOSTED = Rule(
    name="command/hosted",
    severity=Severity.WARNING,
    summary="the command belongs to the hosted service and draws nothing here",
    why="It is known by name only, so that its text is not mistaken for a prompt.",
    example="/showprompt",
    source="pages of the hosted service",
)
INSIDE_LINE = Rule(
    name="command/inside-line",
    severity=Severity.ERROR,
    summary="a command stands in the middle of a line",
    why="A statement starts at a command at the start of a line; anywhere else the command starts nothing.",
    example="/render a cow /render a dog",
    source=OURS,
)
UNKNOWN_OPTION = Rule(
    name="option/unknown",
    severity=Severity.ERROR,
    summary="no option has this name",
    why="The hosted service rejects unknown options too. Words with a slash inside, such as `and/or`, are text.",
    example="/render /clipskp:2 a cow",
    source="answers of the hosted service",
)
REPEATED_OPTION = Rule(
    name="option/repeated",
    severity=Severity.WARNING,
    summary="an option is given more than once",
    why="The last one wins; the others have no effect. Of several `/negative` the first counts: all that follows is "
    "the negative prompt.",
    example="/render /steps:20 /steps:30 a cow",
    source=OURS,
    tags=("unnecessary",),
)
WRONG_COMMAND = Rule(
    name="option/wrong-command",
    severity=Severity.WARNING,
    summary="the command does not take this option",
    why="The option is left out of the plan.",
    example="/render /strength:0.5 a cow",
    source=OURS,
)
UNNAMED_RECIPE = Rule(
    name="recipe/unnamed",
    severity=Severity.ERROR,
    summary="a recipe has no name",
    why="`#name` in a prompt uses a recipe, so a recipe needs one.",
    example="/recipe /steps:30 $prompt",
    source=OURS,
)
UNKNOWN_RECIPE = Rule(
    name="recipe/unknown",
    severity=Severity.ERROR,
    summary="no recipe has this name",
    why="`#name` at the start of a word calls a recipe of this file.",
    example="/render a cow #quick",
    source="pages of the hosted service",
)
REPEATED_RECIPE = Rule(
    name="recipe/repeated",
    severity=Severity.WARNING,
    summary="two recipes have the same name",
    why="The last one in the file counts.",
    example="/recipe #a /steps:20\n/recipe #a /steps:30\n/render a cow #a",
    source=OURS,
)
RECIPE_CYCLE = Rule(
    name="recipe/cycle",
    severity=Severity.ERROR,
    summary="a recipe uses itself",
    why="Its text would never end.",
    example="/recipe #a #a\n/render #a",
    source=OURS,
)
SET_HAS_TEXT = Rule(
    name="set/has-text",
    severity=Severity.WARNING,
    summary="`/set` is given prompt text",
    why="`/set` takes options and a concept for the statements below it; other text is not drawn.",
    example="/set /steps:30 a cow\n/render a dog",
    source=OURS,
)
EMPTY = Rule(
    name="prompt/empty",
    severity=Severity.INFORMATION,
    summary="nothing is asked for",
    why="Without words the model draws whatever it finds in the noise.",
    example="/render /steps:20",
    source=OURS,
)

RULES = (
    DOTPROMPT,
    LOOK_ALIKE,
    INVISIBLE,
    HOSTED,
    INSIDE_LINE,
    UNKNOWN_OPTION,
    REPEATED_OPTION,
    WRONG_COMMAND,
    UNNAMED_RECIPE,
    UNKNOWN_RECIPE,
    REPEATED_RECIPE,
    RECIPE_CYCLE,
    SET_HAS_TEXT,
    EMPTY,
)
