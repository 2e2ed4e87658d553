"""Findings that are known: `check --baseline` keeps quiet about them, and says which of them are gone.

A finding is known by its file, its rule and what its line says, so lines may move; a line that is written anew has new
findings.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple, cast

from promptlang.cli.arguments import UsageError
from promptlang.diagnostics import Diagnostic
from promptlang.files import read_text, reason, visible
from promptlang.models.evidence.records import is_whole
from promptlang.sentences import listed
from promptlang.source import Source
from promptlang.values import dataclass, field

_FORMAT = "promptlang baseline 1"
_HALF = re.compile("[\ud800-\udfff]")  # of a letter, which no file takes
_MOST = 10**9  # findings that are alike
_NAMED = 3  # findings that are gone, before the rest is counted


class Known(NamedTuple):
    """A finding as a baseline keeps it; the file as it is written from where the baseline lies."""

    file: str
    rule: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a baseline says, and what one run has met of it; one that is `written` takes in whatever is met."""

    path: Path
    known: Counter[Known]
    written: bool
    met: Counter[Known] = field(default_factory=Counter[Known])
    files: set[str] = field(default_factory=set[str])  # those that were checked

    def unknown(self, source: Source, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings of a text that are new."""
        file = self._file(source.name)
        self.files.add(file)
        new: list[Diagnostic] = []
        for each in diagnostics:
            line, _ = source.position(each.label.span.start)
            one = Known(file, each.rule.name, source.line(line).strip())
            if self.written or self.met[one] < self.known[one]:
                self.met[one] += 1
            else:
                new.append(each)
        return tuple(new)

    def gone(self, wants: Callable[[str], bool]) -> str:
        """Words about the findings that are no longer there, of the rules that were looked for; empty for none."""
        unmet = (self.known - self.met).items()
        left = Counter({one: count for one, count in unmet if wants(one.rule) and not self._is_elsewhere(one)})
        if not left:
            return ""
        named = [f"`{visible(one.rule)}` in `{visible(one.file)}`" for one in islice(left.elements(), _NAMED)]
        others = left.total() - len(named)
        words = listed([*named, f"{others:,} more"] if others else named)
        verb, them = ("finding is", "it") if left.total() == 1 else ("findings are", "them")
        return f"{left.total():,} known {verb} gone, {words}; `--write-baseline` takes {them} out"

    def write(self, wants: Callable[[str], bool]) -> None:
        """Write what was met; what was not looked for stays, unless its file is gone."""
        from promptlang.writing import write_text

        unseen = {one: count for one, count in self.known.items() if self._is_elsewhere(one) or not wants(one.rule)}
        files: dict[str, list[dict[str, str | int]]] = {}
        for one, count in sorted({**unseen, **self.met}.items()):
            files.setdefault(one.file, []).append({"rule": one.rule, "line": one.line, "count": count})
        data = {"format": _FORMAT, "files": files}
        text = json.dumps(data, indent=2, ensure_ascii=False)
        write_text(self.path, _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text) + "\n")

    def _is_elsewhere(self, one: Known) -> bool:
        """Whether a finding belongs to a file that was not checked, but is there."""
        return one.file not in self.files and (self.path.parent / one.file).is_file()

    def _file(self, name: str) -> str:
        try:
            return os.path.relpath(name, self.path.parent).replace(os.sep, "/")
        except ValueError:  # on another drive
            return os.path.abspath(name)


def read_baseline(name: str, *, written: bool) -> Baseline:
    """The baseline of that name, which need not be there where it is to be `written`; raises UsageError."""
    path = Path(name)
    if written and not os.path.lexists(path):
        return Baseline(path=path, known=Counter(), written=True)
    try:
        text = read_text(path).source.text
    except OSError as error:
        raise UsageError(f"cannot read `{name}`: {reason(error)}", "`--write-baseline` writes one") from error
    try:
        return Baseline(path=path, known=_known(json.loads(text)), written=written)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"`{name}` is no baseline", "write another name, or remove the file") from error


def _known(data: object) -> Counter[Known]:
    """The findings in a baseline's data; raises one of the errors above for anything else."""
    whole = cast(dict[str, object], data)
    if whole["format"] != _FORMAT:
        raise ValueError("another format")
    files = cast(dict[str, list[dict[str, object]]], whole["files"])
    return Counter(
        {
            Known(file, _text(each["rule"]), _text(each["line"])): _count(each["count"])
            for file, entries in files.items()
            for each in entries
        }
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _count(value: object) -> int:
    if not is_whole(value) or not 1 <= value <= _MOST:
        raise ValueError("no number of findings")
    return value
