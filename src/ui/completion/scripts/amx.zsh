#compdef amx
# Completion of amx for zsh: the words up to the cursor go to the program without their quotes.
_clap_dynamic_completer_amx() {
    local line kind value about files_after
    local -a typed whole open matching
    local has_files=
    typed=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    # A part of a name is enough, such as the model without its author.
    matching=(-M 'r:|=* l:|=*')
    for line in "${(@f)$(AMX_COMPLETE=zsh command amx words "${typed[@]}" 2> /dev/null)}"; do
        [[ -n $line ]] || continue
        kind=${line%%$'\t'*}
        line=${line#*$'\t'}
        value=${line%%$'\t'*}
        about=${line#*$'\t'}
        if [[ $kind == files ]]; then
            has_files=1
            files_after=$value
            continue
        fi
        value=${${value//\\/\\\\}//:/\\:}
        [[ -n $about ]] && value+=":$about"
        if [[ $kind == open ]]; then
            open+=("$value")
        else
            whole+=("$value")
        fi
    done
    local found=1
    if (( ${#whole} )); then
        _describe -V 'values' whole "${matching[@]}" && found=0
    fi
    if (( ${#open} )); then
        _describe -V 'values' open "${matching[@]}" -S '' && found=0
    fi
    if [[ -n $has_files ]]; then
        [[ -n $files_after ]] && compset -P "${(b)files_after}"
        _files && found=0
    fi
    return found
}

compdef _clap_dynamic_completer_amx amx
