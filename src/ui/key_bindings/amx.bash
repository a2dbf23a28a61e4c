# amx: Alt-E replaces the line by a command that does what the line asks for.
# In ~/.bashrc: eval "$(amx shell-init bash)"

_amx_suggest() {
    local request=$READLINE_LINE suggestion
    [[ -n ${request//[[:space:]]/} ]] || return 0
    # Progress and errors are on stderr, below the line.
    suggestion=$(command amx chat -e --shell bash --no-stdin -- "$request" </dev/null) || return 0
    [[ -n $suggestion ]] || return 0
    READLINE_LINE=$suggestion
    READLINE_POINT=${#READLINE_LINE}
}

if [[ $- == *i* ]]; then
    bind -m emacs-standard -x '"\ee": _amx_suggest'
    bind -m vi-insert -x '"\ee": _amx_suggest'
fi
