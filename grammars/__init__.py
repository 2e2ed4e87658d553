"""The grammars of the language as package data; load one with `Lark.open_from_package("promptlang.grammars", …)`."""
