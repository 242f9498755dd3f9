"""`pdutui completion`: what a shell needs to complete its command line."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")
ASKED = "_PDUTUI_COMPLETE"
"""Set by the scripts: the name of the shell that asks what may stand there. The arguments are then
the words before the cursor, the last one being completed; of bash the line and bash's own word."""

# A reply is a line `kind TAB value TAB text`, kind one of `word`, `file`, `dir`.

_BASH = r"""# pdutui: completion for bash. In ~/.bashrc: eval "$(pdutui completion bash)"
_pdutui() {
    local IFS=$'\t\n' kind value text
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while read -r kind value text; do
        case $kind in
            word)
                # Inside quotes readline quotes by itself.
                case $current in
                    [\"\']*) COMPREPLY+=("$value") ;;
                    *) COMPREPLY+=("$(printf '%q' "$value")") ;;
                esac ;;
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
        esac
    done < <(
        _PDUTUI_COMPLETE=bash "${1/#\~/$HOME}" "${COMP_LINE:0:COMP_POINT}" "$current" 2>/dev/null
    )
}
complete -o nosort -F _pdutui pdutui 2>/dev/null || complete -F _pdutui pdutui
"""

_ZSH = r"""#compdef pdutui
# pdutui: completion for zsh. In ~/.zshrc, after compinit: eval "$(pdutui completion zsh)"
_pdutui() {
    local kind value text
    local -a plain told
    while IFS=$'\t' read -r kind value text; do
        case $kind in
            word)
                if [[ -n $text ]]; then
                    told+=("${value//:/\\:}:$text")
                else
                    plain+=("$value")
                fi ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done < <(_PDUTUI_COMPLETE=zsh "${words[1]/#\~/$HOME}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( $#told )) && _describe -V 'pdutui' told
    (( $#plain )) && compadd -V pdutui -a plain
    return 0
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _pdutui "$@"
else
    compdef _pdutui pdutui
fi
"""

_FISH = r"""# pdutui: completion for fish.
# In ~/.config/fish/config.fish: pdutui completion fish | source
function __pdutui_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' -- $HOME $words[1])
    set -e words[1]
    set -l current (commandline -ct)
    set -l replies (_PDUTUI_COMPLETE=fish $program $words "$current" 2>/dev/null)
    for reply in $replies
        set -l parts (string split -m 2 \t -- $reply)
        switch $parts[1]
            case word
                printf '%s\t%s\n' $parts[2] "$parts[3]"
            case file
                __fish_complete_path "$current"
            case dir
                __fish_complete_directories "$current"
        end
    end
end
complete -c pdutui -f -k -a '(__pdutui_complete)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def script(shell: str) -> str:
    """The script for one of `SHELLS`."""
    return _SCRIPTS[shell]


@click.command()
@click.argument("shell", metavar="{bash|zsh|fish}", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete pdutui's commands, options and names.

    \b
    bash:  eval "$(pdutui completion bash)"       in ~/.bashrc
    zsh:   eval "$(pdutui completion zsh)"        in ~/.zshrc, after compinit
    fish:  pdutui completion fish | source        in ~/.config/fish/config.fish

    What is completed comes from the configuration and the state directory: PDUs, outlets, groups,
    sequences, plans, alarms, feeds, themes, profiles. No device is asked. A name that has to be
    typed to confirm something is not completed.
    """  # noqa: D301
    click.echo(script(shell), nl=False)
