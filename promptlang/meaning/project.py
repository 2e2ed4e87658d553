"""What a file is read against: edition, known concepts, defaults and limits, as `promptlang.toml` gives them.

Plain values only; `promptlang.config` reads them from disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from promptlang.diagnostics import Severity
from promptlang.files import visible
from promptlang.looks import asked_once
from promptlang.sentences import few
from promptlang.tables.editions import DEFAULT as DEFAULT_EDITION
from promptlang.tables.models.concepts import BUILT_IN, DEMO
from promptlang.tables.models.known import AMBIGUOUS, MODELS, KnownConcept
from promptlang.values import dataclass, field, replace

if TYPE_CHECKING:
    from promptlang.models.names import Files
    from promptlang.statements.recipes import SharedRecipe, SharedRecipes

FEW = 3  # files of one name that one line names


@dataclass(frozen=True, slots=True)
class DefaultOption:
    """An option that the project file sets for every statement, and where it does so."""

    name: str
    value: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileIgnores:
    """Rules that stay silent in files whose path matches `pattern`."""

    pattern: str
    rules: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Project:
    """One project; compared by identity, so that work can be cached per project."""

    root: Path | None = None
    file: Path | None = None
    edition: str = DEFAULT_EDITION
    concept: str = DEMO.name
    concepts: tuple[KnownConcept, ...] = ()
    folders: tuple[Path, ...] = ()  # where model files lie; looked into only for names not found otherwise
    options: tuple[DefaultOption, ...] = ()
    severities: Mapping[str, Severity | None] = field(default_factory=dict[str, Severity | None])  # None: off
    ignores: tuple[FileIgnores, ...] = ()
    wildcards: tuple[Path, ...] = ()
    tags: tuple[Path, ...] = ()
    out: str = "out"
    image_limit: int = 1000
    step_limit: int | None = 100  # None: the backend decides
    force_clip_skip: bool = False
    allow_pickle: bool = False
    recipes: tuple[SharedRecipe, ...] = ()  # those that every file may call
    recipe_patterns: tuple[Path, ...] = ()  # where files with such recipes lie, `*` for any text
    whole: Project | None = field(default=None, repr=False)  # of which this is what one of its files sees

    @cached_property
    def shared(self) -> SharedRecipes:
        """The shared recipes, by name."""
        from promptlang.statements.recipes import by_their_names  # few projects share any

        return by_their_names(self.recipes)

    def seen_from(self, path: Path | None) -> Project:
        """The project as one of its files sees it: without the recipes that are its own; the same object each time."""
        if not self.recipes or path is None:
            return self
        path = path.absolute()
        if path not in self._seen:
            others = tuple(each for each in self.recipes if each.path != path)
            is_other = len(others) == len(self.recipes)
            self._seen[path] = self if is_other else replace(self, recipes=others, whole=self.whole or self)
        return self._seen[path]

    @cached_property
    def _seen(self) -> dict[Path, Project]:
        return {}

    @cached_property
    def by_name(self) -> Mapping[str, KnownConcept]:
        """Concepts by lower-case name; the project's own entries come before the built-in ones."""
        return {concept.name.lower(): concept for concept in (*reversed(BUILT_IN), *reversed(self.concepts))}

    @cached_property
    def files(self) -> Files:
        """The model files in the concept folders, by name; looked for once."""
        if self.whole:
            return self.whole.files
        from promptlang.models.discover import files  # a check without folders never needs it

        return files(self.folders, allow_pickle=self.allow_pickle)

    def out_folder(self, here: Path) -> Path:
        """Where pictures go, unless there is an `out_fault`; `here` stands in for its root."""
        return (self.root or here) / self.out

    def out_fault(self, here: Path) -> str:
        """In one clause why pictures go nowhere: a link leads out of the project, or what is there is a file."""
        folder = self.out_folder(here)
        if not folder.resolve().is_relative_to((self.root or here).resolve()):
            return f"the pictures' folder `{self.out}` is a link that leads out of the project"
        return f"the pictures' folder `{self.out}` is a file" if folder.exists() and not folder.is_dir() else ""

    def known(self, name: str, kind: str = "") -> KnownConcept | None:
        """The concept of that name, read case-insensitively: the project's entry, else a file in its folders, else a
        built-in one. Of several files of one name it is the only one of the `kind` that is called for, if there is one.
        Only the headers of the files that are asked for are read.
        """
        if not self.concepts and not self.folders:  # built-in ones alone, which have no files to look at
            return self.by_name.get(name.lower())
        return self._known(name, kind)

    @asked_once
    def _known(self, name: str, kind: str) -> KnownConcept | None:
        entry = self.by_name.get(name.lower())
        path, longer = entry.path if entry else None, None
        if path is None and self.folders:
            paths = self._files_of(name, kind or (entry.kind if entry else ""))
            if len(paths) > 1:
                return _ambiguous(name, paths)
            path = paths[0] if paths else None
            longer = self.files.longer.get(path) if path else None
        own = entry if entry in self.concepts else None
        if path is None:
            return _as_said(own) if own and own.variant else entry
        from promptlang.models.discover import completed, concept

        known = completed(replace(own, path=path)) if own else concept(path, longer)
        if not self.folders or known.kind not in MODELS:
            return known
        from promptlang.models.parts import with_parts_beside  # few models lie in parts

        return with_parts_beside(known, self.folders)

    def kind_of(self, name: str) -> str:
        """The kind of the concept of that name; empty where there is none."""
        known = self.known(name)
        return known.kind if known else ""

    def _files_of(self, name: str, kind: str) -> tuple[Path, ...]:
        """The files that a name may call: of several those of the kind that is called for, if there are any."""
        paths = self.files.named(name)
        if len(paths) < 2 or not kind:
            return paths
        from promptlang.models.discover import concept

        return tuple(each for each in paths if concept(each).kind == kind) or paths

    def known_exactly(self, name: str, kind: str = "") -> KnownConcept | None:
        """The concept of that name, read as programs do that tell `Zorb` from `zorb`; with folder and ending too."""
        folder, _, last = name.rpartition("/")
        found = self.known(name, kind) or self.known(last, kind) or self.known(last.rpartition(".")[0], kind)
        if found is None:
            return None
        from promptlang.models.names import is_called

        files = found.several or ((found.path,) if found.path else ())
        is_entry = not folder and last == found.name
        return found if is_entry or any(is_called(each, name) for each in files) else None


EMPTY_PROJECT = Project()
"""What a text is read against that belongs to no project."""


def _as_said(entry: KnownConcept) -> KnownConcept:
    """A concept without a file, as the variant that its entry names."""
    from promptlang.models.discover import completed  # few entries have no file

    return completed(entry)


def _ambiguous(name: str, paths: tuple[Path, ...]) -> KnownConcept:
    evidence = f"{len(paths)} files have this name"
    return KnownConcept(
        name=name, kind=AMBIGUOUS, family="unknown", evidence=evidence, variant=AMBIGUOUS, several=paths
    )


def several_files(known: KnownConcept, project: Project) -> str:
    """The files of one name, in one clause."""
    files = [f"`{place(path, project.root)}`" for path in known.several]
    return f"{len(files)} files are called `{known.name[:60]}`: {few(files, FEW)}"


def longer_names(known: KnownConcept, project: Project) -> tuple[str, ...]:
    """The names that call each of the files alone."""
    return tuple(project.files.name(path) for path in known.several)


def place(path: Path, root: Path | None) -> str:
    """Where a file lies in the project, or the whole path of one that lies elsewhere."""
    inside = path.relative_to(root) if root and path.is_relative_to(root) else path
    return visible(inside.as_posix())
