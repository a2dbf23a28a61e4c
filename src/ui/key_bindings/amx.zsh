# amx: Alt-E replaces the line by a command that does what the line asks for.
# In ~/.zshrc: eval "$(amx shell-init zsh)"

_amx_suggest() {
    emulate -L zsh
    local request=$BUFFER suggestion
    [[ -n ${request//[[:space:]]/} ]] || return 0
    # Progress and errors are on stderr, below the line; the prompt is drawn again after them.
    zle -I
    suggestion=$(command amx chat -e --shell zsh --no-stdin -- "$request" </dev/null) || return 0
    [[ -n $suggestion ]] || return 0
    BUFFER=$suggestion
    CURSOR=$#BUFFER
}

if [[ -o interactive ]]; then
    zle -N _amx_suggest
    bindkey -M emacs '\ee' _amx_suggest
    bindkey -M viins '\ee' _amx_suggest
fi
