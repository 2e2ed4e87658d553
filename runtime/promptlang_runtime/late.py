"""Imports that wait until something of the module is asked for, where a library imports at its start what few ask for.

Python's own `importlib.util.LazyLoader` loads as soon as a second statement imports the same module, and before 3.12
lets threads see what is half loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType

SELDOM: Mapping[str, str] = {
    "requests": "diffusers fetches with it what an address is given for",
    "scipy.integrate": "a scheduler of diffusers that samples with `lms`",
    "scipy.stats": "most schedulers of diffusers import it, for sigmas of the `beta` schedule",
}
"""Modules that need not be there before they are asked for something, by what they are asked for."""

_STATED = frozenset({"__class__", "__file__", "__loader__", "__name__", "__package__", "__spec__"})
"""What is known of a module that is not loaded: imports and `inspect` ask it of every module there is."""


@contextmanager
def late(names: Mapping[str, str] = SELDOM) -> Generator[None]:
    """What imports one of the modules meanwhile gets it unloaded, and it loads when it is first asked for something.

    A module that is there already stays as it is. What fails while it loads is raised where it was asked.
    """
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@dataclass(frozen=True, slots=True)
class _Finder(MetaPathFinder):
    names: Mapping[str, str]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname in self.names else None
        if found and found.loader:
            found.loader = _Late(found.loader)
        return found


@dataclass(slots=True)
class _Late(Loader):
    """Gives a module its true loader, which runs once, whoever asks first."""

    loader: Loader
    lock: RLock = field(default_factory=RLock)
    runs: bool = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__
        module.__loader__ = module.__spec__.loader = self.loader
        module.__spec__.loader_state = self
        module.__class__ = _Unloaded

    def load(self, module: ModuleType) -> None:
        with self.lock:
            # What the module imports may ask it for what is there so far, as in any circle of imports.
            if self.runs or type(module) is not _Unloaded:
                return
            self.runs = True
            try:
                self.loader.exec_module(module)
                ModuleType.__setattr__(module, "__class__", ModuleType)
            finally:
                self.runs = False


class _Unloaded(ModuleType):
    """A module that loads where an attribute is asked for or set."""

    def __getattribute__(self, name: str) -> object:
        if name not in _STATED:
            _load(self)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        _load(self)
        ModuleType.__setattr__(self, name, value)


def _load(module: ModuleType) -> None:
    assert module.__spec__
    module.__spec__.loader_state.load(module)
