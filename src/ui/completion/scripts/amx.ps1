# Completion of amx for PowerShell: the words up to the cursor go to the program. Nothing of the line
# is evaluated.
Register-ArgumentCompleter -Native -CommandName amx -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    $current = $wordToComplete
    if ($current.Length -gt 0 -and $current[0] -in [char]"'", [char]'"') {
        $current = $current.Trim($current[0])
    }

    $previous = $env:AMX_COMPLETE
    $env:AMX_COMPLETE = 'powershell'
    try {
        # An empty argument gets lost on its way to a program before PowerShell 7.3, so the end is marked.
        $lines = @(& (Get-Command -CommandType Application -Name amx | Select-Object -First 1) words @words "$current." 2>$null)
    } finally {
        $env:AMX_COMPLETE = $previous
    }

    foreach ($line in $lines) {
        $kind, $value, $about = $line.Split("`t", 3)
        # Without candidates PowerShell completes files by itself.
        if ($kind -eq 'files') { continue }
        if (-not $about) { $about = $value }
        $text = $value
        if ($text -match '[\s''"`$(){};,|&<>@#]') {
            $text = "'" + $text.Replace("'", "''") + "'"
        }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
}
