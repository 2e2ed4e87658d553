"""`promptlang completions`: the script that teaches a shell to complete our commands, and what the script asks for."""

from __future__ import annotations

from promptlang.cli.arguments import CLEAN, Argument, Command, Given
from promptlang.cli.shell.scripts import SHELLS, script
from promptlang.files import visible

COMMAND = Command(
    name="completions",
    summary="Print the script that completes commands in a shell.",
    arguments=(
        Argument(names=("shell",), value="SHELL", choices=tuple(SHELLS), help="The shell.", needed=True),
        Argument(
            names=("words",),
            value="WORD",
            help="Print what may stand for the last of these words instead, as the script asks for it.",
            many=True,
        ),
    ),
    details=(
        "Commands, options, their values, rules, and in a prompt the options, samplers and concepts of the project "
        "around the current folder. The script asks promptlang itself, so it stays right after an update.",
        *(f"{shell}: {how.install}" for shell, how in SHELLS.items()),
    ),
    examples=('eval "$(promptlang completions bash)"',),
)


def run(arguments: Given) -> int:
    """Print the script, or the offers for the words that are typed."""
    shell, words = arguments.text("shell") or "", arguments.texts("words")
    if not words:
        print(script(shell), end="")
        return CLEAN
    from promptlang.cli.shell.offers import offers

    if words[-1] == '""':  # which the script for PowerShell writes for nothing
        words = (*words[:-1], "")
    for offer in offers(words):
        if offer.word.isprintable():  # the names of files may hold line breaks
            print(f"{offer.word}\t{visible(offer.docs)}" if SHELLS[shell].describes else offer.word)
    return CLEAN
