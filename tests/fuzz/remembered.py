"""What holds for files that earlier runs left: own words, journals of pictures, baselines of findings."""

from __future__ import annotations

from collections import Counter

from promptlang.checks.review import review
from promptlang.cli.findings.baseline import Baseline, read_baseline
from promptlang.source import Source
from promptlang_runtime.output import journal
from promptlang_runtime.output.journal import Journal
from tests.fuzz.broken import hold
from tests.fuzz.files import as_bytes, place
from tests.fuzz.grammar import ODD_IN_JSON, Grammar

_TEXT = "/render /clipskip:1.9 a cow\n"


# --- own words --------------------------------------------------------------------------------------------------------


def own_use(text: str) -> Counter[str]:
    """The text as the file that counts own words, before and after a text with an option more is saved."""
    from promptlang.meaning.project import Project
    from promptlang_lsp.protocol.client import Client
    from promptlang_lsp.protocol.configuration import Configuration
    from promptlang_lsp.session.own_use import OwnUse
    from promptlang_lsp.texts.page import Page
    from promptlang_lsp.texts.snapshot import opened

    file = place("own-use.json")
    file.write_bytes(as_bytes(text))
    use = OwnUse(file)
    before = Counter(use.counts)
    first, second = (opened("file:///a", 1, each, Client().encoding) for each in (_TEXT, f"{_TEXT}/render /steps:2 a"))
    use.opened(first)
    use.saved(Page(second, Project(), Configuration(), Client(), ()))
    hold("a save is counted for the session", seen=use.counts, is_true="/steps" in use.counts)
    hold("a count is written", seen=use.counts, is_true=OwnUse(file).counts == use.counts)
    return before


def are_counts(read: Counter[str]) -> None:
    """Words have been written some number of times."""
    hold("words are counted", seen=read, is_true=all(number > 0 for number in read.values()))


# --- journals ---------------------------------------------------------------------------------------------------------


def noted(text: str) -> Journal:
    """The text as the journal of a folder, which is opened to draw there and gets a note more."""
    folder = place("pictures")
    folder.mkdir(exist_ok=True)
    file = folder / journal.NAME
    file.write_bytes(as_bytes(text))
    picture = folder / "a.png"
    picture.touch()
    with journal.opened(folder, alone=lambda: None) as found:
        if found.fault:
            found.make_anew(tuple(found.notes.values()))
        found.note(picture, picture="plan", seed=3)
    return found


def is_noted(read: Journal) -> None:
    """A fault is a clause, notes are whole, and what is noted is read by the next run."""
    hold("a fault is mended", seen=read.fault, is_true=not read.fault)
    again = journal.read(place("pictures"))
    hold("a journal that was written has no fault", seen=again.fault, is_true=not again.fault)
    hold("notes are read again", seen=again.notes, is_true=again.notes == read.notes and "a.png" in again.notes)


# --- baselines --------------------------------------------------------------------------------------------------------


def baseline(text: str) -> Baseline:
    """The text as a baseline; raises UsageError."""
    path = place("baseline.json")
    path.write_bytes(as_bytes(text))
    return read_baseline(str(path), written=False)


def is_a_baseline(read: Baseline) -> None:
    """It keeps quiet about no more than it knows, names what is gone in a line, and takes in what is found."""
    path = read.path
    source, found = Source(_TEXT, str(place("a.prompt"))), review(_TEXT)
    new = read.unknown(source, found)
    hold("findings are known by a baseline or new", seen=new, is_true=len(new) <= len(found))
    said = read.gone(lambda _: True)
    hold("what is gone is told in a line", seen=said, is_true=len(said.splitlines()) <= 1)
    read.write(lambda _: True)
    again = read_baseline(str(path), written=False)
    hold("what is written is read again", seen=again.known, is_true=again.known >= read.met)
    left = again.unknown(source, found)
    hold("what was new stays new", seen=left, is_true=left == new)


# --- the languages ----------------------------------------------------------------------------------------------------

_VALUES = (
    *("1", "0", "-1", "2", "1.5", "1e400", "NaN", "null", "true", "[]", "{}", '"x"', '"‹odd›"', "[‹value›]", "9" * 30),
    *("9" * 5_000, '{"‹odd›": ‹value›}', '""', "1" + "0" * 9),
)
OWN_USE = Grammar(
    {
        "file": (
            '{"format": "promptlang-own-use-1", "words": {‹entries›}}',
            '{"format": ‹value›, "words": ‹value›}',
            "‹value›",
        ),
        "entries": ("‹entry›", "‹entry›, ‹entry›", ""),
        "entry": ('"/steps": ‹value›', '"‹odd›": ‹value›', '"blue_sky": ‹value›', '"‹odd›": 2'),
        "value": _VALUES,
        "odd": ODD_IN_JSON,
    }
)
JOURNALS = Grammar(
    {
        "file": ('["promptlang journal", 1]\n‹lines›', '["promptlang journal", ‹value›]\n‹lines›', "‹lines›", "‹odd›"),
        "lines": ("‹line›\n", "‹line›\n‹lines›", "‹line›", ""),
        "line": (
            *('["a.png", ‹value›, ‹value›, "plan", ‹value›, ""]', '["‹odd›", 1, 2, "‹odd›", null, ‹value›]', "‹value›"),
            *('["a.png", 0, 1, "", 3, "sheet"]', "‹odd›"),
        ),
        "value": _VALUES,
        "odd": ODD_IN_JSON,
    }
)
BASELINES = Grammar(
    {
        "file": (
            '{"format": "promptlang baseline 1", "files": {‹entries›}}',
            '{"format": "promptlang baseline 1", "files": ‹value›}',
            "‹value›",
        ),
        "entries": ("‹entry›", "‹entry›, ‹entry›", ""),
        "entry": ('"‹name›": [‹known›]', '"‹name›": [‹known›, ‹known›]', '"‹name›": ‹value›'),
        "known": (
            '{"rule": "clipskip/fraction-ignored", "line": "/render /clipskip:1.9 a cow", "count": ‹value›}',
            *(
                '{"rule": ‹value›, "line": ‹value›, "count": ‹value›}',
                '{"rule": "x", "line": "x", "count": 1}',
                "‹value›",
            ),
        ),
        "name": ("a.prompt", "a.prompt", "b.prompt", "../x", "‹odd›"),
        "value": _VALUES,
        "odd": ODD_IN_JSON,
    }
)
