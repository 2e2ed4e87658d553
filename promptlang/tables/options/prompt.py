"""Options that decide how a statement is read, before anything fills the plan."""

from __future__ import annotations

from promptlang.diagnostics import CLIP_SKIP_PAGE, OURS, WEIGHTS_PAGE
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.editions import DEFAULT as DEFAULT_EDITION
from promptlang.tables.editions import ROWS as EDITION_ROWS
from promptlang.tables.options.fills import Spoken
from promptlang.tables.options.kinds import Choice, Flag, Item, Words
from promptlang.tables.options.row import Option

PARSER = Option(
    name="parser",
    kind=Choice(tuple(Item(row.name, row.docs, row.aliases) for row in DIALECTS.values() if row.is_written)),
    elsewhere=("dialect", "syntax"),
    fills=Spoken(
        decides="dialect", fields=("dialect", "weighting", "positive"), how="it names the dialect that reads the text"
    ),
    docs="The dialect of the prompt text. Without it the old parser reads the prompt and ignores numeric weights.",
    source=f"{CLIP_SKIP_PAGE}; {WEIGHTS_PAGE}",
    default="the old parser",
    covers=("SR-02", "SR-03"),
)

VARIANTS = Option(
    name="variants",
    kind=Choice((Item("all", "every combination"), Item("random", "one at random, by the seed"))),
    fills=Spoken(
        decides="variants", fields=("positive",), how="it makes several texts of the prompt, each with plans of its own"
    ),
    elsewhere=("dynamic_prompts", "wildcards"),
    docs="Turn on `{a|b}` and `__wildcard__`.",
    source=OURS,
    default="off: they are plain text",
)

SWAP = Option(
    name="swap",
    title="words",
    kind=Words(),
    elsewhere=("sr", "prompt_sr", "search_replace"),
    fills=Spoken(
        decides="swap", fields=("positive",), how="it makes several texts of the prompt, each with plans of its own"
    ),
    docs='Words of the prompt, and what takes their place: `/swap:cow|horse|"red fox"` draws the prompt as it is, and '
    "then with each of the others.",
    source="“Prompt S/R” in the X/Y/Z plot of stable-diffusion-webui, which counts the negative prompt in",
    sweeps=True,
)

EDITION = Option(
    name="edition",
    kind=Choice(tuple(Item(row.name, row.docs) for row in EDITION_ROWS)),
    fills=Spoken(decides="edition", fields=("edition",), how="it decides what the statements below it mean"),
    docs="Which attested state of the language the file is written in.",
    source=OURS,
    default=DEFAULT_EDITION,
    commands=frozenset({"set"}),
    covers=("SR-02",),
)

NEGATIVE = Option(
    name="negative",
    kind=Flag(),
    elsewhere=(
        *("negative_prompt", "neg_prompt", "negative_text", "negatives", "neg", "uc", "no", "exclude", "without"),
        *("undesired", "undesired_content", "unwanted", "uncond", "avoid"),
    ),
    fills=Spoken(decides="side", fields=("negative",), how="it divides the text of the statement"),
    docs="From here on the statement's text is the negative prompt, in every dialect.",
    source=OURS,
)
