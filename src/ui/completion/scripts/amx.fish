# Completion of amx for fish: the words up to the cursor go to the program.
function __amx_complete
    set --local current (commandline --cut-at-cursor --current-token)
    set --local words (commandline --current-process --tokenize --cut-at-cursor)
    for line in (AMX_COMPLETE=fish command amx words $words "$current" 2>/dev/null)
        set --local parts (string split --max 2 \t -- $line)
        if test "$parts[1]" = files
            # With the quotes that are typed, as fish completes any other file.
            set --local rest (string sub --start (math 1 + (string length -- "$parts[2]")) -- "$current")
            for file in (complete --do-complete "'' $rest")
                printf '%s%s\n' $parts[2] $file
            end
        else if test -n "$parts[3]"
            printf '%s\t%s\n' $parts[2] $parts[3]
        else
            printf '%s\n' $parts[2]
        end
    end
end

complete --command amx --no-files --keep-order --arguments '(__amx_complete)'
