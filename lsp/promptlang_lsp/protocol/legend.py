"""What the offers of the server name: the types and modifiers of tokens, and the kinds of code actions."""

from __future__ import annotations

# the protocol's own types first, so that every theme has a colour for them
TYPES = ("keyword", "property", "number", "string", "class", "function", "comment", "operator", "macro", "enumMember")
KEYWORD, PROPERTY, NUMBER, STRING, CLASS, FUNCTION, COMMENT, OPERATOR, MACRO, MEMBER = range(len(TYPES))
MODIFIERS = ("definition", "deprecated", "negative", "weaker", "stronger", "strongest", "unknown")
DEFINITION, DEPRECATED, NEGATIVE, WEAKER, STRONGER, STRONGEST, UNKNOWN = (1 << at for at in range(len(MODIFIERS)))
LEGEND = {"tokenTypes": list(TYPES), "tokenModifiers": list(MODIFIERS)}

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.promptlang"
REWRITE = "refactor.rewrite"
EXTRACT = "refactor.extract"
INLINE = "refactor.inline"
KINDS = (QUICK_FIX, FIX_ALL, REWRITE, EXTRACT, INLINE)
