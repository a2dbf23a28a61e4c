# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_amx_global_optspecs
    string join \n h/help V/version
end

function __fish_amx_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_amx_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_amx_using_subcommand
    set -l cmd (__fish_amx_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c amx -n "__fish_amx_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_needs_command" -s V -l version -d 'Print version'
complete -c amx -n "__fish_amx_needs_command" -f -a "chat" -d 'Ask a model: one answer when a prompt or piped text is given'
complete -c amx -n "__fish_amx_needs_command" -f -a "add-llm-profile" -d 'Set up a profile: provider, model, and a key that goes to the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "profiles" -d 'List, inspect, choose, rename, test and remove profiles'
complete -c amx -n "__fish_amx_needs_command" -f -a "models" -d 'List and search the models of a provider, with what they can do and cost'
complete -c amx -n "__fish_amx_needs_command" -f -a "login" -d 'Log in to OpenRouter with the browser; the key goes to the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "logout" -d 'Take the key of a profile out of the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "doctor" -d 'Find what is wrong, and what to type about it'
complete -c amx -n "__fish_amx_needs_command" -f -a "sessions" -d 'List, read, search, export, rename and delete what was kept of conversations'
complete -c amx -n "__fish_amx_needs_command" -f -a "usage" -d 'Show what was spent, by day, model or profile, and what the account may still spend'
complete -c amx -n "__fish_amx_needs_command" -f -a "config" -d 'Look at the configuration, explain it, check it, restore an earlier one'
complete -c amx -n "__fish_amx_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c amx -n "__fish_amx_needs_command" -f -a "man" -d 'Print the manual page'
complete -c amx -n "__fish_amx_using_subcommand chat" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s m -l model -d 'Model to ask, such as anthropic/claude-sonnet-4' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s s -l system -d 'Instructions for the model' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s t -l temperature -d 'Randomness, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-p -d 'Nucleus sampling, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-tokens -d 'Most tokens to produce, thinking included' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-effort -d 'How much to think: none, minimal, low, medium, high, xhigh, max' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s f -l file -d 'Attach a file: text, image, PDF or sound; or an https:// address. Repeatable' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -s o -l option -d 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-cost -d 'Refuse before sending when the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l timeout -d 'Longest time for the whole answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l session -d 'Go on with a conversation, by name or number; a new name begins one' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stdin-timeout -d 'Longest silence of a pipe on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l show-reasoning -d 'Show all of the model\'s thinking, on stderr'
complete -c amx -n "__fish_amx_using_subcommand chat" -l hide-reasoning -d 'Show nothing of the model\'s thinking'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stream -d 'Wait for the whole answer instead of streaming it'
complete -c amx -n "__fish_amx_using_subcommand chat" -l raw -d 'Show Markdown as it is written, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand chat" -l json -d 'One JSON object on stdout'
complete -c amx -n "__fish_amx_using_subcommand chat" -l jsonl -d 'One JSON object a line for each event'
complete -c amx -n "__fish_amx_using_subcommand chat" -l dry-run -d 'Print the exact request body and send nothing'
complete -c amx -n "__fish_amx_using_subcommand chat" -l force -d 'Send also what the list of models says that the model cannot do'
complete -c amx -n "__fish_amx_using_subcommand chat" -l strict -d 'Treat an answer cut at max_tokens as a failure (exit 10)'
complete -c amx -n "__fish_amx_using_subcommand chat" -s c -l continue -d 'Go on with the last conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-save -d 'Store nothing of this conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand chat" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l provider -d 'openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local or demo' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l model -d 'Model id, such as anthropic/claude-sonnet-4' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l base-url -d 'Base URL, for provider local or a proxy' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l api-key-ref -d 'Where the key is, instead of the keyring: ${NAME}, cmd:PROGRAM, file:/PATH' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l temperature -d 'Randomness, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l max-tokens -d 'Most tokens to produce' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l alternatives -d 'Number of alternatives, 1 to 5' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l no-input -d 'Ask nothing: take everything from flags'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l api-key-stdin -d 'Read the key from stdin and store it in the keyring'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l no-check -d 'Do not try the key at the provider'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l activate -d 'Make it the active profile'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "list" -d 'List the profiles; the active one is marked'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "show" -d 'Show one profile with the source of every value'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "use" -d 'Make a profile the active one'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "remove" -d 'Remove a profile and its key in the keyring'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "rename" -d 'Rename a profile; its key in the keyring moves along'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "test" -d 'Send the cheapest possible request and print how long it took'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from list" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from show" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from test" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s p -l profile -d 'Profile whose provider is asked' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l max-price -d 'Most USD per million tokens, in as well as out' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l min-context -d 'Least tokens of context, such as 200000, 200k or 1M' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l author -d 'Only models of this author, such as anthropic' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l sort -d 'Order of the list' -r -f -a "price\t'The cheapest first'
context\t'The largest first'
newest\t'The newest first'
name\t'By id'"
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s n -l limit -d 'Only the first N' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l reasoning -d 'Only models that think'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l tools -d 'Only models that call tools'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l vision -d 'Only models that see images'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l logprobs -d 'Only models that give log probabilities'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l free -d 'Only models that are free of charge (:free)'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "show" -d 'Print what is known of a model, and who serves it'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "sync" -d 'Fetch the list anew, and say what changed'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "pick" -d 'Choose a model by a few letters; its id goes to stdout'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile whose provider is asked' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -s p -l profile -d 'Profile whose provider is asked' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from pick" -s p -l profile -d 'Profile whose provider is asked' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from pick" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand login" -s p -l profile -d 'Profile that gets the key' -r
complete -c amx -n "__fish_amx_using_subcommand login" -l headless -d 'Print the address, and take the code that the page shows'
complete -c amx -n "__fish_amx_using_subcommand login" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logout" -s p -l profile -d 'Profile whose key is removed' -r
complete -c amx -n "__fish_amx_using_subcommand logout" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand doctor" -s p -l profile -d 'Only this profile' -r
complete -c amx -n "__fish_amx_using_subcommand doctor" -l offline -d 'Ask no server, and run no program that gives a key'
complete -c amx -n "__fish_amx_using_subcommand doctor" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "list" -d 'List the sessions, the last used first'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "show" -d 'Print a session as text'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "search" -d 'Find sessions by words in questions, answers, names and titles'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "export" -d 'Write a session as Markdown or JSON'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "rename" -d 'Give a session a name'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "delete" -d 'Delete sessions for good, with all their branches'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -s n -l limit -d 'Only the newest N' -r
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from show" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -s n -l limit -d 'Only the newest N' -r
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s f -l format -d 'What to write' -r -f -a "markdown\t''
json\t''"
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s o -l output -d 'File to write, readable by you only; stdout when left out' -r -F
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -l all-branches -d 'Every branch, not only the current one'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -l force -d 'Replace the file when there is one'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand usage" -l since -d 'From when on: 7d and 2w are calendar days, today included; 12h; 2026-11-01; all' -r
complete -c amx -n "__fish_amx_using_subcommand usage" -l by -d 'What to add up' -r -f -a "day\t''
model\t''
profile\t''"
complete -c amx -n "__fish_amx_using_subcommand usage" -s p -l profile -d 'Profile whose account is asked' -r
complete -c amx -n "__fish_amx_using_subcommand usage" -l live -d 'Ask the provider what the account may still spend'
complete -c amx -n "__fish_amx_using_subcommand usage" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand usage" -l csv -d 'Comma-separated values on stdout, for a spreadsheet'
complete -c amx -n "__fish_amx_using_subcommand usage" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "path" -d 'Print the path of config.yml'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "show" -d 'Print the configuration, without keys'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "explain" -d 'Print a value, where it came from and what it hides; all of them without KEY'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "validate" -d 'Check the file; an unknown key is an error here'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "edit" -d 'Open config.yml in $VISUAL or $EDITOR, and check it afterwards'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "restore" -d 'Put an earlier version back; 1 is the newest'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s p -l profile -d 'Profile to explain' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s m -l model -d 'As if `chat` were given this model' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s s -l system -d 'As if `chat` were given these instructions' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s t -l temperature -d 'As if `chat` were given this temperature' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-p -d 'As if `chat` were given this top_p' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-tokens -d 'As if `chat` were given this budget' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-effort -d 'As if `chat` were given this effort' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s o -l option -d 'As if `chat` were given this field of the body. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand completions" -l static -d 'A script that knows commands and options by itself and no names'
complete -c amx -n "__fish_amx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand man" -s h -l help -d 'Print help'
