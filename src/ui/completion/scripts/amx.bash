# Completion of amx for bash. The program splits the line by itself, because COMP_WORDS has words cut
# at the characters of COMP_WORDBREAKS, such as the colon of qwen3:8b.
_clap_complete_amx() {
    local line=${COMP_LINE-} item flags= word= index separator=
    line=${line:0:${COMP_POINT:-${#line}}}
    if [[ -z $line ]]; then
        for ((index = 0; index <= COMP_CWORD; index++)); do
            item=${COMP_WORDS[index]-}
            [[ $item == [=:]* ]] && separator=
            line+=$separator$item
            separator=' '
            [[ $item == [=:]* ]] && separator=
        done
    fi
    COMPREPLY=()
    local is_first=1
    while IFS= read -r item; do
        if [[ -n $is_first ]]; then
            is_first=
            flags=${item%%$'\t'*}
            word=${item#*$'\t'}
        elif [[ -n $item ]]; then
            COMPREPLY+=("$item")
        fi
    done <<< "$(AMX_COMPLETE=bash command amx line "$line" "${COMP_WORDBREAKS-}" "${COMP_TYPE-9}" 2> /dev/null)"
    if [[ $flags == *nospace* ]]; then
        compopt -o nospace 2> /dev/null
    fi
    if [[ $flags == *files* ]]; then
        if ((${#COMPREPLY[@]} == 0)); then
            compopt -o bashdefault -o default 2> /dev/null
        else
            compopt -o filenames 2> /dev/null
            while IFS= read -r item; do
                [[ -n $item ]] && COMPREPLY+=("$item")
            done <<< "$(compgen -f -- "$word")"
        fi
    fi
    return 0
}
if [[ ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 || ${BASH_VERSINFO[0]} -gt 4 ]]; then
    complete -o nosort -F _clap_complete_amx amx
elif [[ ${BASH_VERSINFO[0]} -eq 4 ]]; then
    complete -F _clap_complete_amx amx
else
    complete -o default -F _clap_complete_amx amx
fi
