# pdutui: completion for fish.
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
