"""The scripts by shell: each hands the words of the line to `promptlang completions SHELL -- …` and shows the answer.

Where nothing is offered, the shell offers files, as it does for other programs.
"""

from __future__ import annotations

from promptlang.values import dataclass

BASH = r"""# Completions of promptlang for bash.
_promptlang() {
    local line=${COMP_LINE:0:COMP_POINT} reply
    local typed=${line##*[[:blank:]]}
    [[ $2 == *[[:blank:]]* ]] && typed=$2  # a quoted text, without the quote
    local -a words
    read -ra words <<< "${line%"$typed"}"
    local cut=$((${#typed} - ${#2}))  # bash divides words at colons and replaces the last piece only
    COMPREPLY=()
    while IFS= read -r reply; do
        [[ $reply == *[:=/] ]] && compopt -o nospace
        COMPREPLY+=("${reply:cut}")
    done < <(promptlang completions bash -- "${words[@]:1}" "$typed" 2>/dev/null)
}
complete -o bashdefault -o default -F _promptlang promptlang
"""

ZSH = r"""#compdef promptlang
# Completions of promptlang for zsh.
_promptlang() {
    local line word
    local -a words_shown ends ends_shown shown typed
    typed=("${(@Q)words[2,CURRENT-1]}" "${${(Q)words[CURRENT]}#[\"\']}")
    for line in "${(@f)$(promptlang completions zsh -- "$typed[@]" 2>/dev/null)}"; do
        [[ -n $line ]] || continue
        word=${line%%$'\t'*}
        if [[ $word == *[:=/] ]]; then
            ends+=("$word") ends_shown+=("$word  ${line#*$'\t'}")
        else
            shown+=("$word") words_shown+=("$word  ${line#*$'\t'}")
        fi
    done
    (( $#shown + $#ends )) || { _files; return }
    (( $#ends )) && compadd -l -S '' -d ends_shown -a ends
    (( $#shown )) && compadd -l -d words_shown -a shown
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _promptlang "$@"
else
    compdef _promptlang promptlang
fi
"""

FISH = r"""# Completions of promptlang for fish.
function __promptlang_offers
    set -l words (commandline -opc)
    set -l typed (string replace -r '^["\']' '' -- (commandline -ct))
    set -l offers (promptlang completions fish -- $words[2..] "$typed" 2>/dev/null)
    if test (count $offers) -gt 0
        printf '%s\n' $offers
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c promptlang -f -k -a '(__promptlang_offers)'
"""

POWERSHELL = r"""# Completions of promptlang for PowerShell.
Register-ArgumentCompleter -Native -CommandName promptlang -ScriptBlock {
    param($typed, $line, $place)
    $words = @($line.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $place } |
        ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.ToString() } })
    $typed = $typed.Trim("'", '"')
    if (-not $typed) { $typed = '""' }  # an empty word would not be handed over before PowerShell 7.3
    promptlang completions powershell -- @words $typed 2>$null | ForEach-Object {
        $word, $docs = $_ -split "`t", 2
        if (-not $docs) { $docs = $word }
        $text = $word
        if ($word -match '[^\w:=./\\+*-]') {  # blanks and `<` end a word without quotes
            $text = "'" + $word.Replace("'", "''")
            if ($word -notmatch '[:=/]$') { $text += "'" }
        }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $docs)
    }
}
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """A script, where people put it, and whether the shell shows a few words beside each offer."""

    script: str
    install: str
    describes: bool = True


SHELLS = {
    "bash": Shell(BASH, '`eval "$(promptlang completions bash)"` in `~/.bashrc`', describes=False),
    "zsh": Shell(ZSH, '`eval "$(promptlang completions zsh)"` in `~/.zshrc`, below `compinit`'),
    "fish": Shell(FISH, "`promptlang completions fish | source` in `~/.config/fish/config.fish`"),
    "powershell": Shell(
        POWERSHELL,
        "`promptlang completions powershell | Out-String | Invoke-Expression` in `$PROFILE`; "
        "written by PowerShell's documentation, not tried in a running one",
    ),
}


def script(shell: str) -> str:
    """The script of one of SHELLS."""
    return SHELLS[shell].script
