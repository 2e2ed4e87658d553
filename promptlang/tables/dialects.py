"""THE dialect table: every dialect of prompt text is one row, which says what it is called, can say and looks like.

What reads and writes a dialect is loaded when it is first used, so that a check loads no parser that it does not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass

NETWORK_PREFIXES: Mapping[str, str] = MappingProxyType({"lora": "lora", "lyco": "lora", "hypernet": "hypernet"})
"""Before a colon in angle brackets: what webui and its bundled extensions load, and `/parser:new` reads as well, and
the kind of model that each calls.
"""

CALLED_KINDS: Mapping[str, str] = MappingProxyType({**NETWORK_PREFIXES, "embedding": "inversion"})
"""The kind of model that a call of such a kind means."""

ADDRESS = "urn:air:"
"""What a name of Civitai's for a file begins with, whose colons no call has room for."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that people hardly write in prose and that gives a dialect away, and the words for it."""

    pattern: str
    says: str
    doubt: int = 0  # of all clues in a text the one with the least doubt decides
    in_prose: bool = False  # whether small letters must follow: a shouted prompt is no clue


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectRow:
    """One row: the name and what reads it, what the dialect can say, and how that is written.

    Spellings have places to fill: `{words}`, `{weight}` and `{name}`.
    """

    name: str
    title: str  # how messages call it
    reader: str  # `module:NAME` of the `Dialect` that reads and writes it
    rules: str  # the module of its rules
    docs: str = ""  # of `/parser:name`; empty: the dialect is only what holds without `/parser`
    aliases: tuple[str, ...] = ()
    successor: str = ""  # the dialect that reads what this one leaves out
    clues: tuple[Clue, ...] = ()

    numbers: bool = True  # whether a weight may be a number
    absolute: bool = False  # whether an inner number replaces the outer one, rather than multiplying it
    below_zero: bool = True
    takes_away: bool = False  # whether a weight below 0 asks its owner's models for the absence of its words
    breaks: bool = False
    steps: bool = False  # schedules and alternation
    conjunctions: bool = False
    concatenates: bool = False  # whether a conjunction is one conditioning, prompt behind prompt
    negatives: bool = False  # inside the positive text
    comments: bool = False  # whether a `#` among the words begins one, so that `\#` has to reach the dialect
    single_spaces: bool = False
    own: bool = False  # whether prompt files alone hold it, where a word may be an option or a recipe
    joins: bool = True  # whether neighbours of equal weight are one text before they are read into tokens
    cased: bool = False  # whether the case of letters tells names of models apart
    bare_embeddings: bool = False  # whether a known embedding is called by its name among the words
    signed_words: bool = True  # whether `word++` is plain words
    arithmetic: str = "diffusers"  # in which its owner draws
    extra_remix_step: bool = False  # whether over an image a step more is drawn than the strength's share of them

    group: str = "({words}:{weight})"  # or `({words})` where no number counts
    whole_words: bool = False  # whether a weight is of whole words only
    compares: bool = False  # whether several names, or strengths, of a concept are read as some to compare
    network: str = "<{name}>"  # a LoRA; empty where a prompt calls none
    strength: str = ":{weight}"  # what stands before the last character of such a call
    strengths: str = ""  # the same of one strength on the denoiser and another on the text; empty where it has but one
    embedding: str = "<{name}>"
    model: str = "<{name}>"  # a checkpoint; empty where a prompt calls none
    keywords: tuple[str, ...] = ()  # that end a chunk or join prompts
    aloud: tuple[tuple[str, str], ...] = ()  # escapes and what they stand for, where an encoder that weighs no word
    # is handed the text with all its signs; empty where it is handed the words alone

    @property
    def is_written(self) -> bool:
        """Whether `/parser:name` calls it."""
        return bool(self.docs)

    @property
    def calls_embeddings(self) -> bool:
        """Whether an embedding needs more than its bare name."""
        return self.embedding != "{name}"


_SIGNS_END = r"(?=[\s,.;:!?)\]]|$)"

NEW = DialectRow(
    name="new",
    title="`/parser:new`",
    reader="promptlang.dialects.words.dialect:NEW",
    rules="promptlang.dialects.words.rules",
    docs="weights, negatives in square brackets, concepts and clip skip",
    negatives=True,
    own=True,
    compares=True,
)

OLD = DialectRow(
    name="old",
    title="the old parser",
    reader="promptlang.dialects.words.dialect:OLD",
    rules="promptlang.dialects.words.rules",
    successor=NEW.name,
    numbers=False,
    negatives=True,
    own=True,
    compares=True,
    group="({words})",
)

A1111 = DialectRow(
    name="a1111",
    title="A1111",
    reader="promptlang.dialects.a1111.dialect:DIALECT",
    rules="promptlang.dialects.a1111.rules",
    docs="exactly as stable-diffusion-webui reads it",
    aliases=("webui", "automatic1111"),
    comments=True,
    clues=(
        Clue(rf"<(?:{'|'.join(NETWORK_PREFIXES)}):[^<>:]+(?::[^<>]*)?>", "calls a network as A1111 does", doubt=1),
        Clue(
            r"\[(?=[^\[\]]*[^\W\d])(?:[^\[\]:|<>]*:)?[^\[\]:|<>]*:\s*(?:\d+|\d*\.\d+)\s*\]",
            "changes words at a step as A1111 does",
            doubt=1,
        ),
        Clue(r"(?<![\w-])BREAK(?![\w-])(?!\s+[A-Z]{3})", "ends a chunk as A1111 does", doubt=1, in_prose=True),
        Clue(r"(?<=[a-z0-9,.)\]>])\s+AND\s+(?=[a-z0-9(\[<])", "joins prompts as A1111 does", doubt=1),
    ),
    breaks=True,
    steps=True,
    conjunctions=True,
    network="<lora:{name}>",
    strengths=":{text}:{weight}",
    embedding="{name}",
    bare_embeddings=True,
    model="",
    arithmetic="webui",
    extra_remix_step=True,
    keywords=("BREAK", "AND"),
)

COMFY = DialectRow(
    name="comfy",
    aloud=(("\\(", "("), ("\\)", ")")),
    title="ComfyUI",
    reader="promptlang.dialects.comfy.dialect:DIALECT",
    rules="promptlang.dialects.comfy.rules",
    docs="exactly as ComfyUI reads it",
    aliases=("comfyui",),
    clues=(Clue(r"(?:^|(?<=[\s,(]))embedding:[\w.\-]+", "calls an embedding as ComfyUI does", doubt=2),),
    absolute=True,
    joins=False,
    cased=True,
    arithmetic="comfy",
    network="",
    embedding="embedding:{name}",
    model="",
)

COMPEL = DialectRow(
    name="compel",
    title="Compel",
    reader="promptlang.dialects.compel.dialect:DIALECT",
    rules="promptlang.dialects.compel.rules",
    docs="exactly as Compel and InvokeAI read it",
    aliases=("invokeai",),
    clues=(
        Clue(r'["\w)]\s*\)\s*\.(?:blend|and|add)\s*\(', "joins prompts as Compel does"),
        Clue(r"[\w)\"]\.swap\([^()]*\)", "swaps words as Compel does"),
        Clue(r"\([^()]*\)(?:\d\.\d+|\+{1,5}|-{1,5}(?!\w))" + _SIGNS_END, "weighs words as Compel does", doubt=3),
        Clue(
            r"(?<![\w+])(?!(?:[Cc]|[Gg]|DPM|[Nn]otepad|[Ll]ibstdc)\+)[A-Za-z]{2,}\+{2,5}" + _SIGNS_END,
            "weighs a word as Compel does",
            doubt=3,
        ),
    ),
    below_zero=False,
    conjunctions=True,
    concatenates=True,
    single_spaces=True,
    signed_words=False,
    group="({words}){weight}",
    whole_words=True,
    network="withLora({name})",
    strength=", {weight}",
    embedding="{name}",
    model="",
    keywords=(".and", ".blend"),
)

NOVELAI = DialectRow(
    name="novelai",
    title="NovelAI",
    reader="promptlang.dialects.novelai.dialect:DIALECT",
    rules="promptlang.dialects.novelai.rules",
    docs="as NovelAI documents it: `{words}`, `[words]` and `1.5::words::`",
    clues=(
        Clue(r"(?<![\w.\-])-?\d+(?:\.\d+)?::[^:{}|]+::", "weighs words as NovelAI does"),
        Clue(r"(?<!\{)\{{3,}+[^{}|$]++\}{3,}", "strengthens words as NovelAI does", doubt=2),
        Clue(r"\[artist:[^\[\]|:]+\]|\{artist:[^{}|:]+\}", "names an artist as NovelAI does", doubt=2),
    ),
    takes_away=True,
    group="{weight}::{words}::",
    network="",
    embedding="{name}",
    model="",
)

SWARM = DialectRow(
    name="swarm",
    title="SwarmUI",
    reader="promptlang.dialects.swarm.dialect:DIALECT",
    rules="promptlang.dialects.swarm.rules",
    docs="as SwarmUI fills its tags and ComfyUI reads the rest",
    aliases=("swarmui",),
    clues=(
        Clue(
            r"<(?:random|alternate|alt|fromto|repeat|wildcard|wc|setvar|var|setmacro|macro|segment|object|region|embed|"
            r"trigger|preset)(?:\[[^\[\]<>]*\])?(?::[^\r\n>]*)?>",
            "is a tag of SwarmUI",
        ),
    ),
    absolute=True,
    joins=False,
    breaks=True,
    steps=True,
    network="<lora:{name}>",
    strengths=":{weight}:{text}",
    embedding="<embed:{name}>",
    model="",
)

DIALECTS: Mapping[str, DialectRow] = MappingProxyType(
    {row.name: row for row in (OLD, NEW, A1111, COMFY, COMPEL, NOVELAI, SWARM)}
)
DEFAULT = OLD.name
"""The dialect of a statement for which nothing names one."""


def dialect_row(name: str) -> DialectRow:
    """The row of a dialect; an unknown name means the default one."""
    return DIALECTS.get(name, OLD)


def fuller(name: str) -> str:
    """The dialect that reads all that the named one does, and what it leaves out."""
    return dialect_row(name).successor or name
