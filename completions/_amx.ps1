
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'amx' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'amx'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'amx' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Ask a model: one answer when a prompt or piped text is given')
            [CompletionResult]::new('add-llm-profile', 'add-llm-profile', [CompletionResultType]::ParameterValue, 'Set up a profile: provider, model, and a key that goes to the keyring')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List, inspect, choose, rename, test and remove profiles')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List and search the models of a provider, with what they can do and cost')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to OpenRouter with the browser; the key goes to the keyring')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Take the key of a profile out of the keyring')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find what is wrong, and what to type about it')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List, read, search, export, rename and delete what was kept of conversations')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show what was spent, by day, model or profile, and what the account may still spend')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the configuration, explain it, check it, restore an earlier one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            break
        }
        'amx;chat' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model to ask, such as anthropic/claude-sonnet-4')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model to ask, such as anthropic/claude-sonnet-4')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Instructions for the model')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Instructions for the model')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Randomness, 0 to 2')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Randomness, 0 to 2')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling, 0 to 1')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Most tokens to produce, thinking included')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'How much to think: none, minimal, low, medium, high, xhigh, max')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file: text, image, PDF or sound; or an https:// address. Repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file: text, image, PDF or sound; or an https:// address. Repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse before sending when the answer could cost more, in USD')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for the whole answer, such as 90s or 2m')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Go on with a conversation, by name or number; a new name begins one')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'Longest silence of a pipe on stdin')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Show all of the model''s thinking, on stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Show nothing of the model''s thinking')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Wait for the whole answer instead of streaming it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Show Markdown as it is written, also on a terminal')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object on stdout')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'One JSON object a line for each event')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the exact request body and send nothing')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send also what the list of models says that the model cannot do')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat an answer cut at max_tokens as a failure (exit 10)')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Go on with the last conversation')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Go on with the last conversation')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Store nothing of this conversation')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;add-llm-profile' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, 'openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local or demo')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model id, such as anthropic/claude-sonnet-4')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Base URL, for provider local or a proxy')
            [CompletionResult]::new('--api-key-ref', '--api-key-ref', [CompletionResultType]::ParameterName, 'Where the key is, instead of the keyring: ${NAME}, cmd:PROGRAM, file:/PATH')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Randomness, 0 to 2')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Most tokens to produce')
            [CompletionResult]::new('--alternatives', '--alternatives', [CompletionResultType]::ParameterName, 'Number of alternatives, 1 to 5')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing: take everything from flags')
            [CompletionResult]::new('--api-key-stdin', '--api-key-stdin', [CompletionResultType]::ParameterName, 'Read the key from stdin and store it in the keyring')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Do not try the key at the provider')
            [CompletionResult]::new('--activate', '--activate', [CompletionResultType]::ParameterName, 'Make it the active profile')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles; the active one is marked')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one profile with the source of every value')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make a profile the active one')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a profile and its key in the keyring')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a profile; its key in the keyring moves along')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send the cheapest possible request and print how long it took')
            break
        }
        'amx;profiles;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;use' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;remove' {
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;rename' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;test' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--max-price', '--max-price', [CompletionResultType]::ParameterName, 'Most USD per million tokens, in as well as out')
            [CompletionResult]::new('--min-context', '--min-context', [CompletionResultType]::ParameterName, 'Least tokens of context, such as 200000, 200k or 1M')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Only models of this author, such as anthropic')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order of the list')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the first N')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the first N')
            [CompletionResult]::new('--reasoning', '--reasoning', [CompletionResultType]::ParameterName, 'Only models that think')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Only models that call tools')
            [CompletionResult]::new('--vision', '--vision', [CompletionResultType]::ParameterName, 'Only models that see images')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Only models that give log probabilities')
            [CompletionResult]::new('--free', '--free', [CompletionResultType]::ParameterName, 'Only models that are free of charge (:free)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print what is known of a model, and who serves it')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Fetch the list anew, and say what changed')
            [CompletionResult]::new('pick', 'pick', [CompletionResultType]::ParameterValue, 'Choose a model by a few letters; its id goes to stdout')
            break
        }
        'amx;models;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models;sync' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models;pick' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is asked')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;login' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile that gets the key')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile that gets the key')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Print the address, and take the code that the page shows')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logout' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose key is removed')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose key is removed')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;doctor' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Only this profile')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Only this profile')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server, and run no program that gives a key')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;sessions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the sessions, the last used first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a session as text')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Find sessions by words in questions, answers, names and titles')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write a session as Markdown or JSON')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a session a name')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete sessions for good, with all their branches')
            break
        }
        'amx;sessions;list' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;search' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the newest N')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;export' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'What to write')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What to write')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, readable by you only; stdout when left out')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, readable by you only; stdout when left out')
            [CompletionResult]::new('--all-branches', '--all-branches', [CompletionResultType]::ParameterName, 'Every branch, not only the current one')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file when there is one')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;rename' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;delete' {
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;usage' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From when on: 7d and 2w are calendar days, today included; 12h; 2026-11-01; all')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What to add up')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose account is asked')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose account is asked')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Ask the provider what the account may still spend')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Comma-separated values on stdout, for a spreadsheet')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of config.yml')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration, without keys')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Print a value, where it came from and what it hides; all of them without KEY')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check the file; an unknown key is an error here')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open config.yml in $VISUAL or $EDITOR, and check it afterwards')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Put an earlier version back; 1 is the newest')
            break
        }
        'amx;config;path' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;explain' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to explain')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to explain')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'As if `chat` were given this model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'As if `chat` were given this model')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'As if `chat` were given these instructions')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'As if `chat` were given these instructions')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'As if `chat` were given this temperature')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'As if `chat` were given this temperature')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'As if `chat` were given this top_p')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'As if `chat` were given this budget')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'As if `chat` were given this effort')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'As if `chat` were given this field of the body. Repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'As if `chat` were given this field of the body. Repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;validate' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;edit' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;restore' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;completions' {
            [CompletionResult]::new('--static', '--static', [CompletionResultType]::ParameterName, 'A script that knows commands and options by itself and no names')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
