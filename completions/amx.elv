
use builtin;
use str;

set edit:completion:arg-completer[amx] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'amx'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'amx'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand chat 'Ask a model: one answer when a prompt or piped text is given'
            cand add-llm-profile 'Set up a profile: provider, model, and a key that goes to the keyring'
            cand profiles 'List, inspect, choose, rename, test and remove profiles'
            cand login 'Log in to OpenRouter with the browser; the key goes to the keyring'
            cand config 'Look at the configuration, explain it, check it, restore an earlier one'
            cand completions 'Print the completion script for a shell'
            cand man 'Print the manual page'
        }
        &'amx;chat'= {
            cand -p 'Profile to use'
            cand --profile 'Profile to use'
            cand -m 'Model to ask, such as anthropic/claude-sonnet-4'
            cand --model 'Model to ask, such as anthropic/claude-sonnet-4'
            cand -s 'Instructions for the model'
            cand --system 'Instructions for the model'
            cand -t 'Randomness, 0 to 2'
            cand --temperature 'Randomness, 0 to 2'
            cand --top-p 'Nucleus sampling, 0 to 1'
            cand --max-tokens 'Most tokens to produce, thinking included'
            cand --reasoning-effort 'How much to think: none, minimal, low, medium, high, xhigh, max'
            cand -f 'Attach a file: text, image, PDF or sound; or an https:// address. Repeatable'
            cand --file 'Attach a file: text, image, PDF or sound; or an https:// address. Repeatable'
            cand -o 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable'
            cand --option 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable'
            cand --max-cost 'Refuse before sending when the answer could cost more, in USD'
            cand --timeout 'Longest time for the whole answer, such as 90s or 2m'
            cand --stdin-timeout 'Longest silence of a pipe on stdin'
            cand --show-reasoning 'Show all of the model''s thinking, on stderr'
            cand --hide-reasoning 'Show nothing of the model''s thinking'
            cand --no-stream 'Wait for the whole answer instead of streaming it'
            cand --raw 'Show Markdown as it is written, also on a terminal'
            cand --json 'One JSON object on stdout'
            cand --jsonl 'One JSON object a line for each event'
            cand --dry-run 'Print the exact request body and send nothing'
            cand --strict 'Treat an answer cut at max_tokens as a failure (exit 10)'
            cand --no-save 'Store nothing of this conversation'
            cand --no-stdin 'Never read stdin'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;add-llm-profile'= {
            cand --provider 'openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local or demo'
            cand --model 'Model id, such as anthropic/claude-sonnet-4'
            cand --base-url 'Base URL, for provider local or a proxy'
            cand --api-key-ref 'Where the key is, instead of the keyring: ${NAME}, cmd:PROGRAM, file:/PATH'
            cand --temperature 'Randomness, 0 to 2'
            cand --max-tokens 'Most tokens to produce'
            cand --alternatives 'Number of alternatives, 1 to 5'
            cand --no-input 'Ask nothing: take everything from flags'
            cand --api-key-stdin 'Read the key from stdin and store it in the keyring'
            cand --no-check 'Do not try the key at the provider'
            cand --activate 'Make it the active profile'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the profiles; the active one is marked'
            cand show 'Show one profile with the source of every value'
            cand use 'Make a profile the active one'
            cand remove 'Remove a profile and its key in the keyring'
            cand rename 'Rename a profile; its key in the keyring moves along'
            cand test 'Send the cheapest possible request and print how long it took'
        }
        &'amx;profiles;list'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles;show'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles;use'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles;remove'= {
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles;rename'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;profiles;test'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;login'= {
            cand -p 'Profile that gets the key'
            cand --profile 'Profile that gets the key'
            cand --headless 'Print the address, and take the code that the page shows'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand path 'Print the path of config.yml'
            cand show 'Print the configuration, without keys'
            cand explain 'Print a value, where it came from and what it hides; all of them without KEY'
            cand validate 'Check the file; an unknown key is an error here'
            cand edit 'Open config.yml in $VISUAL or $EDITOR, and check it afterwards'
            cand restore 'Put an earlier version back; 1 is the newest'
        }
        &'amx;config;path'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config;show'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config;explain'= {
            cand -p 'Profile to explain'
            cand --profile 'Profile to explain'
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config;validate'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config;edit'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;config;restore'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;man'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
