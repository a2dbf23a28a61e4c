# Completion of amx for elvish: the words up to the cursor go to the program.
set edit:completion:arg-completer[amx] = {|@words|
    use str
    env AMX_COMPLETE=elvish amx words $@words 2>/dev/null | from-lines | each {|line|
        var kind value about = (str:split &max=3 "\t" $line)
        if (eq $kind files) {
            var word = (str:trim-prefix $words[-1] $value)
            edit:complete-filename $word | each {|file|
                if (eq $value '') {
                    put $file
                } else {
                    edit:complex-candidate $value''$file[stem] &code-suffix=$file[code-suffix]
                }
            }
        } else {
            var suffix = ' '
            if (eq $kind open) {
                set suffix = ''
            }
            var shown = $value
            if (not-eq $about '') {
                set shown = $value' ('$about')'
            }
            edit:complex-candidate $value &code-suffix=$suffix &display=$shown
        }
    }
}
