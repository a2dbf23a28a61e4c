
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
            cand models 'List and search the models of a provider, with what they can do and cost'
            cand login 'Log in to OpenRouter with the browser; the key goes to the keyring'
            cand logout 'Take the key of a profile out of the keyring'
            cand doctor 'Find what is wrong, and what to type about it'
            cand sessions 'List, read, search, export, rename and delete what was kept of conversations'
            cand usage 'Show what was spent, by day, model or profile, and what the account may still spend'
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
            cand --session 'Go on with a conversation, by name or number; a new name begins one'
            cand --stdin-timeout 'Longest silence of a pipe on stdin'
            cand --show-reasoning 'Show all of the model''s thinking, on stderr'
            cand --hide-reasoning 'Show nothing of the model''s thinking'
            cand --no-stream 'Wait for the whole answer instead of streaming it'
            cand --raw 'Show Markdown as it is written, also on a terminal'
            cand --json 'One JSON object on stdout'
            cand --jsonl 'One JSON object a line for each event'
            cand --dry-run 'Print the exact request body and send nothing'
            cand --force 'Send also what the list of models says that the model cannot do'
            cand --strict 'Treat an answer cut at max_tokens as a failure (exit 10)'
            cand -c 'Go on with the last conversation'
            cand --continue 'Go on with the last conversation'
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
        &'amx;models'= {
            cand -p 'Profile whose provider is asked'
            cand --profile 'Profile whose provider is asked'
            cand --max-price 'Most USD per million tokens, in as well as out'
            cand --min-context 'Least tokens of context, such as 200000, 200k or 1M'
            cand --author 'Only models of this author, such as anthropic'
            cand --sort 'Order of the list'
            cand -n 'Only the first N'
            cand --limit 'Only the first N'
            cand --reasoning 'Only models that think'
            cand --tools 'Only models that call tools'
            cand --vision 'Only models that see images'
            cand --logprobs 'Only models that give log probabilities'
            cand --free 'Only models that are free of charge (:free)'
            cand --json 'JSON on stdout'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Print what is known of a model, and who serves it'
            cand sync 'Fetch the list anew, and say what changed'
            cand pick 'Choose a model by a few letters; its id goes to stdout'
        }
        &'amx;models;show'= {
            cand -p 'Profile whose provider is asked'
            cand --profile 'Profile whose provider is asked'
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;models;sync'= {
            cand -p 'Profile whose provider is asked'
            cand --profile 'Profile whose provider is asked'
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;models;pick'= {
            cand -p 'Profile whose provider is asked'
            cand --profile 'Profile whose provider is asked'
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
        &'amx;logout'= {
            cand -p 'Profile whose key is removed'
            cand --profile 'Profile whose key is removed'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;doctor'= {
            cand -p 'Only this profile'
            cand --profile 'Only this profile'
            cand --offline 'Ask no server, and run no program that gives a key'
            cand --json 'JSON on stdout'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'amx;sessions'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the sessions, the last used first'
            cand show 'Print a session as text'
            cand search 'Find sessions by words in questions, answers, names and titles'
            cand export 'Write a session as Markdown or JSON'
            cand rename 'Give a session a name'
            cand delete 'Delete sessions for good, with all their branches'
        }
        &'amx;sessions;list'= {
            cand -n 'Only the newest N'
            cand --limit 'Only the newest N'
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;sessions;show'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;sessions;search'= {
            cand -n 'Only the newest N'
            cand --limit 'Only the newest N'
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;sessions;export'= {
            cand -f 'What to write'
            cand --format 'What to write'
            cand -o 'File to write, readable by you only; stdout when left out'
            cand --output 'File to write, readable by you only; stdout when left out'
            cand --all-branches 'Every branch, not only the current one'
            cand --force 'Replace the file when there is one'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;sessions;rename'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;sessions;delete'= {
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;usage'= {
            cand --since 'From when on: 7d and 2w are calendar days, today included; 12h; 2026-11-01; all'
            cand --by 'What to add up'
            cand -p 'Profile whose account is asked'
            cand --profile 'Profile whose account is asked'
            cand --live 'Ask the provider what the account may still spend'
            cand --json 'JSON on stdout'
            cand --csv 'Comma-separated values on stdout, for a spreadsheet'
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
            cand -m 'As if `chat` were given this model'
            cand --model 'As if `chat` were given this model'
            cand -s 'As if `chat` were given these instructions'
            cand --system 'As if `chat` were given these instructions'
            cand -t 'As if `chat` were given this temperature'
            cand --temperature 'As if `chat` were given this temperature'
            cand --top-p 'As if `chat` were given this top_p'
            cand --max-tokens 'As if `chat` were given this budget'
            cand --reasoning-effort 'As if `chat` were given this effort'
            cand -o 'As if `chat` were given this field of the body. Repeatable'
            cand --option 'As if `chat` were given this field of the body. Repeatable'
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
            cand --static 'A script that knows commands and options by itself and no names'
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
