# pdutui: completion for bash. In ~/.bashrc: eval "$(pdutui completion bash)"
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
