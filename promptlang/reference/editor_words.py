"""Writes the keyword files of the editors from the tables.

These colour a file before the server has spoken, and in editors without one; what needs more than words (weights,
negatives, unknown names) is the server's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from promptlang.tables.commands import COMMANDS
from promptlang.tables.dialects import NETWORK_PREFIXES
from promptlang.tables.options.kinds import Choice, Integer
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ROWS
from promptlang.writing import write_text

NOTICE = "Written by `make docs` from the tables; change those."

Rule = dict[str, object]

# What ends a name, and what stands before an option: as `grammars/document.lark` has it.
_BEFORE = r"(?<!\S)"
_AFTER = r"(?=\s|$)"
_NETWORKS = "|".join(NETWORK_PREFIXES)
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)"


def files() -> Mapping[str, str]:
    """The generated files by their path in the repository."""
    return {
        "editors/vscode/syntaxes/promptlang.tmLanguage.json": textmate(),
        "editors/neovim/syntax/promptlang.vim": vim(),
        "editors/emacs/promptlang-words.el": emacs(),
    }


def write(root: Path) -> None:
    """Write every file."""
    for name, text in files().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)


# --- words ------------------------------------------------------------------------------------------------------------


def commands(*, hosted: bool) -> tuple[str, ...]:
    """The names of the commands that this language runs, or of those that only the hosted service does."""
    return tuple(sorted(name for name, row in COMMANDS.items() if row.hosted == hosted))


def options(*, flags: bool) -> tuple[str, ...]:
    """The names of the options that stand alone, or of those with a value; aliases included."""
    return tuple(sorted(name for row in ROWS if row.is_flag == flags for name in (row.name, *row.aliases)))


def values(row: Option) -> tuple[str, ...]:
    """The words that an option takes; a name with blanks is left out, since it stands in quotes."""
    match row.kind:
        case Choice(items=items):
            names = {name.lower() for item in items for name in (item.name, *item.aliases)}
        case Integer(words=words):
            names = {word.name for word in words}
        case _:
            names = set[str]()
    return tuple(sorted(name for name in names if " " not in name))


def _any(words: Iterable[str]) -> str:
    """A pattern for one of the words; longer ones first, so that none hides behind its own beginning."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _points(words: Sequence[str]) -> str:
    """A pattern for the words as one value or as the points of a sweep."""
    return rf"(?:{_any(words)})(?:\|(?:{_any(words)}))*"


# --- TextMate ---------------------------------------------------------------------------------------------------------


def textmate() -> str:
    """The grammar of VS Code, and of everything else that reads TextMate grammars."""
    grammar = {
        "information_for_contributors": [NOTICE],
        "name": "promptlang",
        "scopeName": "source.promptlang",
        "fileTypes": ["prompt"],
        "patterns": [{"include": f"#{part}"} for part in ("comment", "command", "option", "text")],
        "repository": {
            "comment": _rule(
                "comment.line.number-sign", r"^[ \t\x{FEFF}]*(#)(?=[ \t]|$).*$", "punctuation.definition.comment"
            ),
            "command": _patterns(_commands()),
            "option": _patterns(_options()),
            "text": _patterns(_text()),
        },
    }
    return json.dumps(grammar, indent=2) + "\n"


def _commands() -> Sequence[Rule]:
    ours, hosted = _any(commands(hosted=False)), _any(commands(hosted=True))
    head = r"^[ \t\x{FEFF}]*"
    label = rf"(?i){head}((/)recipe)[ \t]+((#)[A-Za-z][\w-]*)"
    slash = "punctuation.definition.command"
    return (
        _rule("", label, "keyword.control", slash, "entity.name.function", "punctuation.definition.recipe"),
        _rule("", rf"(?i){head}((/)(?:{ours})){_AFTER}", "keyword.control", slash),
        _rule("", rf"(?i){head}((/)(?:{hosted})){_AFTER}", "keyword.control.hosted", slash),
    )


def _options() -> Sequence[Rule]:
    """Rules from the most to the least specific; the first that fits at a place wins."""
    slash, colon = "punctuation.definition.option", "punctuation.separator.value"
    name = "variable.parameter.option"
    points = rf"{_NUMBER}(?:(?:\.\.|[|,xX×]){_NUMBER})*"
    with_value = rf"(?i){_BEFORE}((/)(?:{_any(options(flags=False))}))([:：])"
    fixed = tuple(
        _rule(
            "",
            rf"(?i){_BEFORE}((/)(?:{_any((row.name, *row.aliases))}))([:：])({_points(values(row))}){_AFTER}",
            name,
            slash,
            colon,
            "constant.language",
        )
        for row in ROWS
        if values(row)
    )
    return (
        _rule("", rf"(?i){_BEFORE}((/)negative){_AFTER}", "keyword.other.section", slash),
        *fixed,
        _rule("", rf"{with_value}({points}){_AFTER}", name, slash, colon, "constant.numeric"),
        _rule("", rf'{with_value}("[^"]*"|\S*)', name, slash, colon, "string.unquoted"),
        _rule("", rf"(?i){_BEFORE}((/)(?:{_any(options(flags=True))})){_AFTER}", name, slash),
        _rule("", rf'{_BEFORE}((/)[A-Za-z][\w-]*)(?:([:：])("[^"]*"|\S*)|{_AFTER})',
              "variable.other.unknown-option", slash, colon, "string.unquoted"),
    )  # fmt: skip


def _text() -> Sequence[Rule]:
    number, network, concept = "constant.numeric.weight", "storage.type.network", "entity.name.type.concept"
    return (
        _rule("constant.character.escape", r"\\[\\/#()\[\]<>{}:|\"+-]"),
        _rule("entity.name.function.recipe", rf"{_BEFORE}(#)[A-Za-z][\w-]*", "punctuation.definition.recipe"),
        _rule("variable.language.prompt", r"\$prompt\b"),
        _rule("meta.concept", rf"(<)((?:{_NETWORKS}):)?([^<>:\s/][^<>:]*)(?:(:)\s*({_NUMBER})[^<>]*)?(>)",
              "punctuation.definition.concept.begin", network, concept,
              "punctuation.separator.weight", number, "punctuation.definition.concept.end"),
        _rule("", rf"(:)\s*({_NUMBER})\s*(?=[)\]])", "punctuation.separator.weight", number),
        _rule("", rf"(?<=\))({_NUMBER})(?![\w.])", number),
        _rule("keyword.operator.weight", r"(?<=[\w)\"])(?:\++|-+)(?=[\s,.)\]]|$)"),
        _rule("support.function.compel", r"(?<=[)\w])\.(?:blend|swap|and|attend)(?=\()"),
        _rule("keyword.operator.word", r"\b(?:AND|BREAK)\b"),
        _rule("", r"\b(embedding)(:)([\w./-]+)", network, "punctuation.separator.name", concept),
        _rule("variable.other.wildcard", r"__[\w./*-]+?__"),
        _rule("keyword.operator.variant", r"\d+(?:-\d+)?\$\$|\d+(?:\.\d+)?::|\|"),
        _rule("punctuation.section.parens", r"[()]"),
        _rule("punctuation.section.brackets", r"[\[\]]"),
        _rule("punctuation.section.braces", r"[{}]"),
    )  # fmt: skip


def _patterns(rules: Sequence[Rule]) -> Rule:
    return {"patterns": list(rules)}


def _rule(name: str, pattern: str, *groups: str) -> Rule:
    """One TextMate rule: the scope of the whole match (none where empty) and of each group."""
    rule: Rule = {"name": f"{name}.promptlang"} if name else {}
    rule["match"] = pattern
    if groups:
        rule["captures"] = {str(at): {"name": f"{group}.promptlang"} for at, group in enumerate(groups, 1)}
    return rule


# --- Vim and Emacs ----------------------------------------------------------------------------------------------------


def vim() -> str:
    """A syntax file for Vim and Neovim."""
    ours, hosted = "|".join(commands(hosted=False)), "|".join(commands(hosted=True))
    named, flags = "|".join(options(flags=False)), "|".join(options(flags=True))
    before = r"%(^|\s)@1<="
    rules = (
        ("Comment", r"^\s*#%(\s.*)?$"),
        ("Unknown", rf"{before}/\a[[:alnum:]_-]*%(:|\s|$)@="),
        ("Option", rf"\c{before}/%({named}):@="),
        ("Option", rf"\c{before}/%({flags})%(\s|$)@="),
        ("Value", r"%(/[[:alnum:]_-]+:)@<=\S+"),
        ("Number", r"%(/[[:alnum:]_-]+:)@<=[0-9.][0-9.,|xX-]*%(\s|$)@="),
        ("Command", rf"\c^\s*/%({ours})%(\s|$)@="),
        ("Hosted", rf"\c^\s*/%({hosted})%(\s|$)@="),
        ("Recipe", rf"{before}#\a[[:alnum:]_-]*"),
        ("Concept", r"\<[^<>:[:space:]/][^<>]*\>"),
        ("Weight", r":\s*[-+]?[0-9.]+\s*[)\]>]@="),
        ("Word", r"<%(AND|BREAK)>|\$prompt>"),
        ("Wildcard", r"__[[:alnum:]_./*-]{-1,}__"),
        ("Escape", r"\\[\\/#()\[\]<>{}:|+-]"),
    )
    links = {
        "Comment": "Comment", "Unknown": "Identifier", "Option": "Identifier", "Value": "String", "Number": "Number",
        "Command": "Statement", "Hosted": "Ignore", "Recipe": "Function", "Concept": "Type", "Weight": "Number",
        "Word": "Keyword", "Wildcard": "Macro", "Escape": "SpecialChar",
    }  # fmt: skip
    matches = [f"syntax match promptlang{group} '\\v{pattern}'" for group, pattern in rules]
    colours = [f"highlight default link promptlang{group} {target}" for group, target in links.items()]
    guard = "if exists('b:current_syntax')\n  finish\nendif"
    return "\n".join((f'" {NOTICE}', guard, "", *matches, "", *colours, "", "let b:current_syntax = 'promptlang'", ""))


def emacs() -> str:
    """The words of the Emacs mode."""
    rows = (
        ("commands", "Commands of this language.", commands(hosted=False)),
        ("hosted-commands", "Commands of the hosted service, which make no picture here.", commands(hosted=True)),
        ("options", "Options with a value.", options(flags=False)),
        ("flags", "Options without a value.", options(flags=True)),
    )
    lists = "\n".join(
        f"(defconst promptlang-{name}\n  '({' '.join(json.dumps(word) for word in words)})\n  {json.dumps(docs)})\n"
        for name, docs, words in rows
    )
    head = f";;; promptlang-words.el --- Words of promptlang  -*- lexical-binding: t; -*-\n\n;; {NOTICE}\n\n;;; Code:"
    foot = "(provide 'promptlang-words)\n\n;;; promptlang-words.el ends here"
    return f"{head}\n\n{lists}\n{foot}\n"
