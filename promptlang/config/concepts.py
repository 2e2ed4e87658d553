"""`[concepts.names]` and `[concepts.NAME]`: models that a project knows by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from promptlang.config.keys import CONCEPT_KINDS, CONCEPT_PARTS, KeyPath
from promptlang.config.options import option_text
from promptlang.config.rules import UNKNOWN_KEY
from promptlang.config.values import Reader, Toml, one_of, path_of, text, texts
from promptlang.source import Span
from promptlang.suggest import nearest
from promptlang.tables.models.known import KnownConcept


def concept(path: KeyPath, value: Toml, reader: Reader) -> KnownConcept | None:
    """`name = { path = …, family = …, … }`; a text alone is the path."""
    if isinstance(value, str):
        return _described(path, {}, _file(path, value, reader), reader)
    if not isinstance(value, dict):
        return reader.wrong(path, "a table or a path", value)
    for name in value:
        if name not in CONCEPT_PARTS:
            _unknown_part((*path, name), reader)
    return _described(path, value, _file((*path, "path"), value.get("path"), reader), reader)


def _described(path: KeyPath, parts: dict[str, Toml], file: Path | None, reader: Reader) -> KnownConcept:
    """The concept as the project file describes it."""
    from promptlang.tables.models.families import BY_NAME

    family = _name_of((*path, "family"), parts, BY_NAME, reader)
    kind = _name_of((*path, "kind"), parts, CONCEPT_KINDS, reader)
    if "kind" not in parts and family != "unknown" and file is None:
        kind = "checkpoint"  # no file could say more
    variant, refiner = parts.get("variant"), parts.get("refiner")
    layers = parts.get("layers")
    if layers is not None and (isinstance(layers, bool) or not isinstance(layers, int) or layers < 1):
        reader.wrong((*path, "layers"), "a whole number above 0", layers)
        layers = None
    line = reader.source.position(reader.span(path, of_key=True).start)[0]
    encoders = _files((*path, "text-encoder"), parts.get("text-encoder"), reader)
    known = KnownConcept(
        name=path[-1],
        kind=kind,
        family=family,
        evidence=f"{reader.source.name}, line {line}",
        path=file,
        variant=(text((*path, "variant"), variant, reader) or "") if variant is not None else "",
        layers=layers if isinstance(layers, int) else None,
        options=_recommended((*path, "options"), parts.get("options"), reader),
        triggers=_words((*path, "triggers"), parts.get("triggers"), reader),
        tags=_words((*path, "tags"), parts.get("tags"), reader),
        preview=_file((*path, "preview"), parts.get("preview"), reader),
        text_encoders=tuple(each for each, _ in encoders),
        vae=_file((*path, "vae"), parts.get("vae"), reader),
        refiner=(text((*path, "refiner"), refiner, reader) or "") if refiner is not None else "",
    )
    if known.parts:
        from promptlang.config.parts import misfits  # it reads headers, and few models are made of parts

        vae = [reader.span((*path, "vae"))] if known.vae else []
        misfits(known, [*(span for _, span in encoders), *vae], reader)
    return known


def _unknown_part(path: KeyPath, reader: Reader) -> None:
    close = nearest(path[-1].lower(), CONCEPT_PARTS)
    help = f"write `{close}`" if close else f"known here: {', '.join(f'`{each}`' for each in CONCEPT_PARTS)}"
    span = reader.span(path, of_key=True)
    reader.complain(UNKNOWN_KEY, f"a concept has no `{path[-1]}`", span, "unknown key", help=help, write=close or "")


def _name_of(path: KeyPath, parts: dict[str, Toml], names: Iterable[str], reader: Reader) -> str:
    """A part that is one of several names; `unknown` where it is absent or wrong."""
    value = parts.get(path[-1])
    return (one_of(path, value, names, reader) if value is not None else None) or "unknown"


def _file(path: KeyPath, value: Toml | None, reader: Reader) -> Path | None:
    """A path that the concept names."""
    written = text(path, value, reader) if value is not None else None
    return path_of(written, reader.span(path), reader) if written else None


def _files(path: KeyPath, value: Toml | None, reader: Reader) -> tuple[tuple[Path, Span], ...]:
    """Paths that the concept names, and where each stands."""
    written = texts(path, value, reader) if value is not None else ()
    return tuple((path_of(each, span, reader), span) for each, span in written)


def _words(path: KeyPath, value: Toml | None, reader: Reader) -> tuple[str, ...]:
    return tuple(word for word, _ in texts(path, value, reader)) if value is not None else ()


def _recommended(path: KeyPath, value: Toml | None, reader: Reader) -> tuple[tuple[str, str], ...]:
    """The options a concept does well with."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        reader.wrong(path, "a table", value)
        return ()
    found = (option_text((*path, name), part, reader) for name, part in value.items())
    return tuple((name, written or "") for name, written in (each for each in found if each))
