"""What the client said about itself when the session began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.boundary import Encoding
from promptlang_lsp.protocol.wire import part
from promptlang_lsp.protocol.words import Json, Params


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The client's abilities, as far as an answer depends on them."""

    encoding: Encoding = "utf-16"
    process: int | None = None
    folders: tuple[Path, ...] = ()
    pulls: bool = False
    refreshes: frozenset[str] = frozenset()
    watches: bool = False
    configures: bool = False  # answers `workspace/configuration`
    announces: bool = False  # sends `workspace/didChangeConfiguration` when registered
    progress: bool = False
    edits_documents: bool = False
    renames_files: bool = False  # an edit of the server may rename a file
    creates_files: bool = False
    shows_documents: bool = False
    snippets: bool = False
    replaces: bool = False  # completion may insert or replace
    item_defaults: frozenset[str] = frozenset()
    markdown: bool = True
    resolves_edits: bool = False  # asks for the edit of a code action when it is chosen
    resolves_tooltips: bool = False  # asks for the tooltip of an inlay hint when it is looked at
    links: bool = False  # locations may carry the origin
    folds_lines: bool = False


_RESOLVED = ("codeAction", "inlayHint")


def client(params: Params) -> Client:
    """The client that sent these `initialize` parameters; what it does not mention it cannot do."""
    abilities = part(params, "capabilities")

    def can(*path: str) -> bool:
        return part(abilities, *path) is True

    process = part(params, "processId")
    offered = part(abilities, "general", "positionEncodings")
    refreshing = ("semanticTokens", "inlayHint", "codeLens", "diagnostics")
    defaults = _texts(part(abilities, "textDocument", "completion", "completionList", "itemDefaults"))
    formats = _texts(part(abilities, "textDocument", "hover", "contentFormat"))
    item = ("textDocument", "completion", "completionItem")
    later = {name: _texts(part(abilities, "textDocument", name, "resolveSupport", "properties")) for name in _RESOLVED}
    operations = _texts(part(abilities, "workspace", "workspaceEdit", "resourceOperations"))
    return Client(
        encoding=boundary.chosen_encoding(offered if isinstance(offered, list) else ()),
        process=process if isinstance(process, int) and not isinstance(process, bool) else None,
        folders=_folders(params),
        pulls=isinstance(part(abilities, "textDocument", "diagnostic"), dict),
        refreshes=frozenset(name for name in refreshing if can("workspace", name, "refreshSupport")),
        watches=can("workspace", "didChangeWatchedFiles", "dynamicRegistration"),
        configures=can("workspace", "configuration"),
        announces=can("workspace", "didChangeConfiguration", "dynamicRegistration"),
        progress=can("window", "workDoneProgress"),
        edits_documents=can("workspace", "workspaceEdit", "documentChanges"),
        renames_files="rename" in operations,  # which nothing but document changes can say: Neovim names only these
        creates_files="create" in operations,
        shows_documents=can("window", "showDocument", "support"),
        snippets=can(*item, "snippetSupport"),
        replaces=can(*item, "insertReplaceSupport"),
        item_defaults=frozenset(defaults),
        markdown=not formats or "markdown" in formats,
        resolves_edits="edit" in later["codeAction"] and can("textDocument", "codeAction", "dataSupport"),
        resolves_tooltips="tooltip" in later["inlayHint"],
        links=can("textDocument", "definition", "linkSupport"),
        folds_lines=can("textDocument", "foldingRange", "lineFoldingOnly"),
    )


def _texts(value: Json) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _folders(params: Params) -> tuple[Path, ...]:
    named = part(params, "workspaceFolders")
    if isinstance(named, list) and named:
        uris = [part(folder, "uri") for folder in named]
    elif isinstance(root := part(params, "rootUri"), str):
        uris = [root]
    else:
        root_path = part(params, "rootPath")
        return (Path(root_path),) if isinstance(root_path, str) and root_path else ()
    paths = (boundary.path_of(uri) for uri in uris if isinstance(uri, str))
    return tuple(path for path in paths if path is not None)
