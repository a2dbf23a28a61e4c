# amx: Alt-E replaces the line by a command that does what the line asks for.
# In ~/.config/fish/config.fish: amx shell-init fish | source

function _amx_suggest
    set -l request (commandline | string collect)
    if string match -qr '\S' -- "$request"
        # Progress and errors are on stderr, below the line.
        echo >&2
        set -l lines (command amx chat -e --shell fish --no-stdin -- "$request" </dev/null)
        if test $status -eq 0; and test (count $lines) -gt 0
            commandline --replace -- (string join \n -- $lines | string collect)
            commandline --function end-of-buffer
        end
        commandline --function repaint
    end
end

if status is-interactive
    bind \ee _amx_suggest
    bind -M insert \ee _amx_suggest
end
