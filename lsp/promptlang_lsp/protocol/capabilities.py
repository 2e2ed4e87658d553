"""What the server offers, as the answer to `initialize` says it."""

from __future__ import annotations

from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.legend import COMMANDS, KINDS, LEGEND
from promptlang_lsp.protocol.words import Json

MOVED: Json = {"glob": "**/*.{txt,safetensors,ckpt,pt,bin,gguf,png,jpg,jpeg,webp,csv,prompt}", "matches": "file"}
TRIGGERS = ["/", ":", "<", "#", "_", "(", ",", " ", '"', ".", "|"]


def capabilities(client: Client) -> dict[str, Json]:
    """The offers to this client; the position encoding is the first of its list that is known here."""
    return {
        "positionEncoding": client.encoding,
        "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
        "completionProvider": {
            "triggerCharacters": TRIGGERS,
            "resolveProvider": True,
            "completionItem": {"labelDetailsSupport": True},
        },
        "hoverProvider": True,
        "signatureHelpProvider": {"triggerCharacters": [":", ","], "retriggerCharacters": [","]},
        "definitionProvider": True,
        "declarationProvider": True,
        "referencesProvider": True,
        "documentHighlightProvider": True,
        "documentSymbolProvider": {"label": "promptlang"},
        "workspaceSymbolProvider": True,
        "codeActionProvider": {"codeActionKinds": list(KINDS), "resolveProvider": client.resolves_edits},
        "codeLensProvider": {"resolveProvider": False},
        "documentLinkProvider": {"resolveProvider": False},
        "documentFormattingProvider": True,
        "documentRangeFormattingProvider": {"rangesSupport": True},
        "documentOnTypeFormattingProvider": {"firstTriggerCharacter": "\n"},
        "renameProvider": {"prepareProvider": True},
        "foldingRangeProvider": True,
        "selectionRangeProvider": True,
        "linkedEditingRangeProvider": True,
        "inlayHintProvider": {"resolveProvider": client.resolves_tooltips},
        "semanticTokensProvider": {"legend": LEGEND, "range": True, "full": {"delta": True}},
        "diagnosticProvider": {
            "identifier": "promptlang",
            "interFileDependencies": True,
            "workspaceDiagnostics": True,
        },
        "executeCommandProvider": {"commands": list(COMMANDS)},
        "callHierarchyProvider": True,
        "inlineCompletionProvider": True,
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": {"willRename": {"filters": [{"scheme": "file", "pattern": MOVED}]}},
        },
    }
