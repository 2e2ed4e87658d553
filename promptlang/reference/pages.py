"""Writes the reference pages under `docs/` from the tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import ModuleType

from promptlang.checks.rules import RULES
from promptlang.cli.arguments import HELP, Argument, Command
from promptlang.cli.extras import GROUP
from promptlang.cli.help import command, described
from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.config.keys import CONCEPT_PARTS, KEYS
from promptlang.diagnostics import Rule, Severity
from promptlang.reference.contents import LLMS, contents
from promptlang.reference.families_page import page as families_page
from promptlang.reference.interchange.conversion_page import conversion_page
from promptlang.reference.interchange.pages import export_page, import_page
from promptlang.tables.models.abilities import only_in
from promptlang.tables.options.fills import ending
from promptlang.tables.options.kinds import describe
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ROWS
from promptlang.writing import write_text

TREE = Path(__file__).parents[2] / "pyproject.toml"
NOTICE = "<!-- Written by `make docs` from the tables; change those. -->"
KEY_TABLE = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- end -->)", re.DOTALL)


def pages() -> Mapping[str, str]:
    """The generated pages by file name."""
    return {
        "options.md": options_page(),
        "rules.md": rules_page(),
        "cli.md": cli_page(),
        "families.md": families_page(NOTICE),
        "import.md": import_page(NOTICE),
        "export.md": export_page(NOTICE),
        "convert.md": conversion_page(NOTICE),
    }


def write(docs: Path) -> None:
    """Write every page, the table inside `configuration.md`, and the list of pages for programs that read."""
    for name, text in pages().items():
        write_text(docs / name, text)
    page = docs / "configuration.md"
    write_text(page, with_keys(page.read_text(encoding="utf-8")))
    write_text(docs / LLMS, contents(docs))


def with_keys(page: str) -> str:
    """The page on project files with its table of keys brought up to date."""
    rows = [
        (f"`{key.dotted}`", key.docs, f"`{key.default}`" if key.default != "none" else "none", f"`{key.example}`")
        for key in KEYS
    ]
    table = _table(("Key", "What it does", "Default", "Example"), rows)
    parts = ", ".join(f"`{part}`" for part in CONCEPT_PARTS)
    return KEY_TABLE.sub(lambda _: f"\n{table}\n\nParts of a concept: {parts}.\n\n", page)


# --- options ----------------------------------------------------------------------------------------------------------


def options_page() -> str:
    """Every option, in the order of the table."""
    index = [(f"[`/{row.name}`](#{row.name})", describe(row.kind), row.default or "–") for row in ROWS]
    sections = "\n".join(_option(row) for row in ROWS)
    return (
        f"# Options\n\n{NOTICE}\n\n"
        "`/name:value` or the flag `/name`, anywhere in a statement. Where a value comes from, strongest first: the "
        "statement, a recipe in it, `/set` above it, the project file, the concept's own recommendation, the family's "
        f"default.\n\n{_table(('Option', 'Value', 'Default'), index)}\n\n{sections}"
    )


def _option(row: Option) -> str:
    facts = [("Value", describe(row.kind)), ("Default", row.default)]
    facts += [("Also written", ", ".join(f"`/{alias}`" for alias in row.aliases))]
    facts += [("Families", ", ".join(sorted(each.name for each in only_in(row.name))))]
    facts += [("Commands", ", ".join(f"`/{name}`" for name in sorted(row.commands)) if row.commands else "")]
    facts += [("Sweeps", "yes" if row.sweeps else "")]
    facts += [("Fills", ending(row.fills)), ("Source", row.source)]
    listed = "\n".join(f"- {name}: {text}" for name, text in facts if text)
    bands = "\n".join(
        f"- [`{row.name}/{band.name}`](rules.md#{row.name}/{band.name}) ({band.severity.word}): {_prose(band.why)}"
        for band in row.bands
    )
    remarks = f"\nRemarks on legal values:\n\n{bands}\n" if bands else ""
    return f'<a id="{row.name}"></a>\n\n## `/{row.name}`\n\n{_prose(row.docs)}\n\n{listed}\n{remarks}'


# --- rules ------------------------------------------------------------------------------------------------------------


def rules_page() -> str:
    """Every rule, by subject."""
    rules = [RULES[name] for name in sorted(RULES)]
    subjects = [
        f"## {subject}\n\n" + "\n".join(map(_rule, group))
        for subject, group in groupby(rules, key=lambda rule: rule.name.partition("/")[0])
    ]
    index = [(f"[`{rule.name}`](#{rule.name})", rule.severity.word, rule.summary) for rule in rules]
    counts = ", ".join(f"{sum(rule.severity is severity for rule in rules)} {severity.word}" for severity in Severity)
    return (
        f"# Rules\n\n{NOTICE}\n\nWhat `promptlang check` finds. {len(rules)} rules: {counts}. "
        "The project file sets the severity of each (`[rules]`), and a comment silences one for a line: "
        "`# promptlang: ignore[clipskip/high]`.\n\n"
        f"{_table(('Rule', 'Severity', 'What was found'), index)}\n\n" + "\n".join(subjects)
    )


def _rule(rule: Rule) -> str:
    covers = f" Answers {', '.join(rule.covers)}." if rule.covers else ""
    off = " Off unless the project file switches it on." if not rule.enabled else ""
    example = f"```\n{rule.example}\n```\n\n" if rule.example else ""
    why = f"{_prose(rule.why)}\n\n" if rule.why else ""
    return (
        f'<a id="{rule.name}"></a>\n\n### {rule.name}\n\n*{rule.severity.word}*: {_prose(rule.summary)}.{off}\n\n'
        f"{why}{example}Source: {rule.source}.{covers}\n"
    )


# --- command line -----------------------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every command with what it takes."""
    index = [(f"[`{name}`](#{name})", command(name).summary) for name in COMMANDS]
    index += [(f"[`{name}`](#{name})", f"{summary} Extra `{extra}`.") for name, (summary, extra) in EXTRAS.items()]
    return (
        f"# Command line\n\n{NOTICE}\n\nEvery command with what it takes.\n\n"
        f"{_table(('Command', 'What it does'), index)}\n\n"
        "Exit codes of all commands: 0 where there is nothing worse than information, 1 for errors and warnings in the "
        "prompts, 2 where the command could not do its work, 130 after Ctrl-C. A text that is not UTF-8 is such an "
        "error; `fmt` and `convert`, which would write it anew, cannot do their work on it.\n\n"
        "Colour appears on a terminal only; `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are honoured.\n\n"
        + "\n".join((*(_command(command(name)) for name in COMMANDS), *map(_extra, EXTRAS)))
    )


def command_tables() -> Iterator[Command]:
    """The table of every command that has one, those of the other packages behind ours."""
    yield from map(command, COMMANDS)
    for name in EXTRAS:
        found = getattr(_module(name), "COMMAND", None)
        if isinstance(found, Command):
            yield found


def _module(extra: str) -> ModuleType:
    """Where a command of another package stands, as this tree says: what is installed may be older."""
    points = tomllib.loads(TREE.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    return import_module(points[extra].partition(":")[0])


def _extra(name: str) -> str:
    """A command of another package: its table, or the page that it prints where it has none."""
    module = _module(name)
    if hasattr(module, "COMMAND"):
        row: Command = module.COMMAND
        return _command(row)
    page: str = module.USAGE
    return f"## {name}\n\n{EXTRAS[name][0]}\n\n```\n{page}```\n"


def _command(row: Command) -> str:
    details = "".join(f"{paragraph}\n\n" for paragraph in row.details)
    examples = "\n".join(row.examples)
    return (
        f"## {row.name}\n\n{row.summary}\n\n```\n{row.usage}\n```\n\n"
        f"{_table(('Argument', ''), [_argument(each) for each in (*row.arguments, HELP)])}\n\n{details}"
        + (f"```\n{examples}\n```\n" if examples else "")
    )


def _argument(row: Argument) -> tuple[str, str]:
    return f"`{row.written}`", described(row)


def _prose(text: str) -> str:
    """Text in which only code spans may hold what Markdown would take for a tag."""
    pieces = text.split("`")
    return "`".join(piece if at % 2 else piece.replace("<", "&lt;") for at, piece in enumerate(pieces))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_prose(cell).replace('|', '&#124;') for cell in line)} |" for line in lines)
