"""What the offers of the server name: types and modifiers of semantic tokens, kinds of code actions, commands."""

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
CONVERT = "refactor.rewrite.convert"
EXTRACT = "refactor.extract"
INLINE = "refactor.inline"
KINDS = (QUICK_FIX, FIX_ALL, REWRITE, CONVERT, EXTRACT, INLINE)

INCREASE_WEIGHT = "promptlang.increaseWeight"
DECREASE_WEIGHT = "promptlang.decreaseWeight"
MOVE_TAG_LEFT = "promptlang.moveTagLeft"
MOVE_TAG_RIGHT = "promptlang.moveTagRight"
TOGGLE_TAG = "promptlang.toggleTag"
FIX_ALL_NOW = "promptlang.fixAll"
RENDER = "promptlang.render"
RENDER_GRID = "promptlang.renderGrid"
SHOW_PLAN = "promptlang.showPlan"
COUNT_TOKENS = "promptlang.tokens"
SHOW_TEXT = "promptlang.text"
DEBUG = "promptlang.debugInformation"
COMMANDS = (
    INCREASE_WEIGHT, DECREASE_WEIGHT, MOVE_TAG_LEFT, MOVE_TAG_RIGHT, TOGGLE_TAG,
    FIX_ALL_NOW, RENDER, RENDER_GRID, SHOW_PLAN, COUNT_TOKENS, SHOW_TEXT, DEBUG,
)  # fmt: skip
