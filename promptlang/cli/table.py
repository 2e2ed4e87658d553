"""The commands by name: ours with the module that is loaded for each, and those that other packages bring."""

from __future__ import annotations

COMMANDS = {
    "check": "promptlang.cli.commands.check",
    "fmt": "promptlang.cli.commands.fmt",
    "compile": "promptlang.cli.commands.compile",
    "import": "promptlang.cli.pictures.import_",
    "export": "promptlang.cli.commands.export",
    "show": "promptlang.cli.pictures.show",
    "gallery": "promptlang.cli.pictures.gallery",
    "explain": "promptlang.cli.commands.explain",
    "convert": "promptlang.cli.commands.convert",
    "rule": "promptlang.cli.commands.rule",
    "inspect": "promptlang.cli.commands.inspect",
    "init": "promptlang.cli.commands.init",
    "words": "promptlang.cli.commands.words",
    "config": "promptlang.cli.commands.config",
    "doctor": "promptlang.cli.commands.doctor",
    "completions": "promptlang.cli.shell.completions",
}

MEANT = {
    "analyze": "check",
    "api": "serve",
    "browse": "gallery",
    "compare": "render",
    "create": "init",
    "diagnose": "doctor",
    "diff": "show --diff",
    "draw": "render",
    "edit": "play",
    "fix": "check --fix",
    "format": "fmt",
    "generate": "render",
    "help": "--help",
    "info": "inspect",
    "gui": "play",
    "lint": "check",
    "new": "init",
    "plan": "compile",
    "rules": "rule",
    "run": "render",
    "server": "lsp",
    "settings": "config",
    "translate": "convert",
    "ui": "play",
    "validate": "check",
    "version": "--version",
    "view": "show",
    "watch": "check --watch",
    "web": "play",
}
"""Words of other programs, and the command that they mean here."""

# Commands of the other packages, which they register in the entry-point group `promptlang.commands`:
# what each is for, and the extra that installs it.
EXTRAS = {
    "render": ("Draw pictures from prompts.", "runtime"),
    "lsp": ("Serve editors over the language server protocol.", "lsp"),
    "play": ("Try prompts in a browser.", "all"),
    "mcp": ("Offer the commands as tools over the Model Context Protocol.", "mcp"),
    "serve": ("Draw for other programs, over HTTP.", "serve"),
}
