"""The table of targets: what is fed to the house, what must hold, and how much of the time it gets."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from promptlang.cli.arguments import UsageError
from promptlang.models.evidence.records import BadHeader
from promptlang.plans.json import PlanError
from promptlang.tables.dialects import DIALECTS
from tests.fuzz import (
    answers,
    files,
    folders,
    languages,
    mending,
    other_languages,
    others,
    programs,
    prompts,
    remembered,
    statements,
)
from tests.fuzz.grammar import Grammar
from tests.fuzz.mending_language import LONGEST, MENDED


def _text(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row.

    Inputs of at most `longest` letters are made by `grammar`, and `reads` turns one into what every property in
    `holds` is asked about. `allowed` are the exceptions by which `reads` may say that it is none. `needs` are the
    libraries without which there is no such target.
    """

    name: str
    grammar: Grammar
    reads: Callable[[str], object]
    holds: tuple[Callable[..., None], ...]
    allowed: tuple[type[Exception], ...] = ()
    longest: int = 60
    share: int = 4
    needs: tuple[str, ...] = ()


def _conversation(text: str) -> object:
    from tests.fuzz.messages import conversation

    return conversation(text)


def _is_answered(read: object) -> None:
    from tests.fuzz.messages import Conversation, is_answered

    assert isinstance(read, Conversation)
    is_answered(read)


_SERVING = ("starlette", "python_multipart", "PIL")


def _requests() -> Grammar:
    """The language of requests, which is made of the rows of the service where that is installed."""
    if not all(map(find_spec, _SERVING)):
        return Grammar({"file": ("",)})
    from tests.fuzz.services import REQUESTS

    return REQUESTS


def _exchange(text: str) -> object:
    from tests.fuzz.services import exchange

    return exchange(text)


def _is_as_published(read: object) -> None:
    from tests.fuzz.services import Exchange, is_answered

    assert isinstance(read, Exchange)
    is_answered(read)


def _dialect(name: str) -> tuple[Target, ...]:
    grammar, reads = languages.PROMPTS[name], partial(prompts.prompt, name)
    holds = (prompts.spans_nest, prompts.is_written_back, prompts.is_explained)
    return (
        Target(name=name, grammar=grammar, reads=reads, holds=holds, share=6),
        Target(name=f"{name}-convert", grammar=grammar, reads=reads, holds=(prompts.is_converted,), share=4),
    )


def _of_statements(name: str, *holds: Callable[[str], None], share: int) -> Target:
    return Target(name=name, grammar=languages.FILES, reads=_text, holds=holds, share=share)


ROWS = (
    _of_statements("document", statements.is_covered, share=6),
    _of_statements("check", statements.findings_fit, share=10),
    _of_statements("compile", statements.plans_are_valid, share=8),
    _of_statements("format", statements.formatted_once, share=8),
    _of_statements("fix", statements.fixed_safely, share=8),
    Target(
        name="mend",
        grammar=MENDED,
        reads=_text,
        holds=(mending.each_fix_mends, mending.all_fixes_settle, statements.formatted_once),
        longest=LONGEST,
        share=8,
    ),
    _of_statements("explain", statements.explained, share=4),
    *(target for name in DIALECTS for target in _dialect(name)),
    Target(
        name="variants",
        grammar=languages.TEMPLATES,
        reads=prompts.template,
        holds=(prompts.is_counted, prompts.is_drawn),
    ),
    Target(name="config", grammar=languages.PROJECTS, reads=files.project, holds=(files.is_configured,), longest=160),
    Target(name="yaml", grammar=languages.YAML, reads=files.wildcards(".yaml"), holds=(files.are_values,), longest=90),
    Target(name="json", grammar=languages.JSON, reads=files.wildcards(".json"), holds=(files.are_values,), longest=90),
    Target(name="txt", grammar=languages.LINES, reads=files.wildcards(".txt"), holds=(files.are_values,), share=1),
    Target(
        name="tags",
        grammar=languages.TAGS,
        reads=files.word_list,
        holds=(files.is_searched,),
        allowed=(csv.Error,),
        share=2,
        needs=("promptlang_lsp",),
    ),
    Target(
        name="safetensors",
        grammar=languages.HEADERS,
        reads=files.header,
        holds=(files.is_identified,),
        allowed=(BadHeader,),
        longest=240,
    ),
    Target(
        name="plan",
        grammar=languages.PLANS,
        reads=files.plan,
        holds=(files.is_checked,),
        allowed=(PlanError,),
        longest=160,
    ),
    Target(
        name="png",
        grammar=languages.PICTURES,
        reads=files.picture,
        holds=(files.says_its_making,),
        longest=160,
        share=2,
        needs=("PIL",),
    ),
    Target(
        name="photograph",
        grammar=other_languages.PHOTOGRAPHS,
        reads=others.photograph,
        holds=(files.says_its_making,),
        share=2,
        needs=("PIL",),
    ),
    Target(
        name="pasted",
        grammar=other_languages.PASTED,
        reads=others.text,
        holds=(others.becomes_statements, others.is_mended),
        longest=160,
        share=6,
    ),
    Target(
        name="import",
        grammar=programs.PROGRAMS,
        reads=programs.reading,
        holds=(programs.is_imported,),
        longest=600,
        share=6,
    ),
    Target(
        name="hidden",
        grammar=programs.HIDDEN,
        reads=programs.hidden,
        holds=(programs.is_imported,),
        longest=120,
        share=1,
        needs=("PIL",),
    ),
    Target(
        name="gguf",
        grammar=programs.GGUF,
        reads=programs.gguf,
        holds=(files.is_identified,),
        allowed=(BadHeader,),
        longest=160,
        share=2,
    ),
    Target(
        name="foreign",
        grammar=other_languages.FOREIGN,
        reads=others.text,
        holds=(others.is_told_apart,),
        longest=6_000,
        share=1,
    ),
    Target(
        name="beside",
        grammar=other_languages.BESIDE,
        reads=others.beside,
        holds=(others.is_said_in_a_line,),
        longest=160,
        share=2,
    ),
    Target(
        name="kept",
        grammar=other_languages.KEPT,
        reads=others.kept,
        holds=(others.is_kept,),
        allowed=(ValueError, RecursionError),
        longest=160,
        share=1,
    ),
    Target(
        name="own-use",
        grammar=remembered.OWN_USE,
        reads=remembered.own_use,
        holds=(remembered.are_counts,),
        longest=120,
        share=1,
        needs=("promptlang_lsp",),
    ),
    Target(
        name="journal",
        grammar=remembered.JOURNALS,
        reads=remembered.noted,
        holds=(remembered.is_noted,),
        longest=160,
        share=1,
    ),
    Target(
        name="baseline",
        grammar=remembered.BASELINES,
        reads=remembered.baseline,
        holds=(remembered.is_a_baseline,),
        allowed=(UsageError,),
        longest=240,
        share=2,
    ),
    Target(
        name="folder",
        grammar=folders.FOLDERS,
        reads=folders.folder,
        holds=(folders.is_told,),
        longest=240,
        share=3,
    ),
    Target(
        name="network",
        grammar=folders.NETWORKS,
        reads=folders.network,
        holds=(folders.is_described,),
        allowed=(BadHeader,),
        longest=240,
        share=2,
    ),
    Target(
        name="answers",
        grammar=answers.ANSWERS,
        reads=answers.drawing,
        holds=(answers.is_drawn,),
        longest=400,
        share=4,
        needs=("PIL",),
    ),
    Target(
        name="serve",
        grammar=_requests(),
        reads=_exchange,
        holds=(_is_as_published,),
        longest=400,
        share=6,
        needs=_SERVING,
    ),
    Target(
        name="silenced",
        grammar=languages.PROJECTS,
        reads=others.text,
        holds=(others.is_switched_off,),
        longest=160,
        share=2,
        needs=("promptlang_lsp",),
    ),
    Target(
        name="messages",
        grammar=languages.MESSAGES,
        reads=_conversation,
        holds=(_is_answered,),
        longest=600,
        share=4,
        needs=("pygls",),
    ),
)
TARGETS: Mapping[str, Target] = {row.name: row for row in ROWS}
