
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
            cand templates 'List, show, write and edit templates: questions with variables and settings'
            cand usage 'Show what was spent, by day, model or profile, and what the account may still spend'
            cand config 'Look at the configuration, explain it, check it, restore an earlier one'
            cand completions 'Print the completion script for a shell'
            cand man 'Print the manual page'
        }
        &'amx;chat'= {
            cand -p 'Profile to use'
            cand --profile 'Profile to use'
            cand -m 'Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID, ID?temperature=0.7'
            cand --model 'Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID, ID?temperature=0.7'
            cand -s 'Instructions for the model'
            cand --system 'Instructions for the model'
            cand -t 'Randomness, 0 to 2'
            cand --temperature 'Randomness, 0 to 2'
            cand --top-p 'Nucleus sampling, 0 to 1'
            cand --max-tokens 'Most tokens to produce, thinking included'
            cand --reasoning-effort 'How much to think: none, minimal, low, medium, high, xhigh, max'
            cand -f 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable'
            cand --file 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable'
            cand --pdf-engine 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)'
            cand -o 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable'
            cand --option 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable'
            cand --private 'Only providers that neither keep nor train on what is sent: data_collection: deny and zdr: true (true or false)'
            cand --top-k 'Only so many of the likeliest tokens; 0 for all (a whole number, 0 or more)'
            cand --min-p 'Only tokens with this share of the likeliest one''s probability (a number from 0 to 1)'
            cand --top-a 'Only tokens above this share of the likeliest one''s squared probability (a number from 0 to 1)'
            cand --repetition-penalty 'Against repeating the prompt (a number above 0, at most 2)'
            cand --frequency-penalty 'Against tokens, the more often they came (a number from -2 to 2)'
            cand --presence-penalty 'Against tokens that came at all (a number from -2 to 2)'
            cand --seed 'The same seed, the same answer, where a provider can (a whole number)'
            cand --stop 'Texts that end the answer (a list of at most 4 texts; or text). Repeatable'
            cand --logit-bias 'Tokens by number, made likelier or less likely (a JSON object, each value a number from -100 to 100)'
            cand --logprobs 'The probability of each token (true or false)'
            cand --top-logprobs 'And of so many others in its place; turns logprobs on (a whole number from 0 to 20)'
            cand --verbosity 'How long the answer is (a word such as low, medium, high, xhigh, max)'
            cand --models 'Models to fall back to, in order; in the place of the profile''s fallback_models (a list of texts). Repeatable'
            cand --preset 'A preset of the account (text)'
            cand --provider-order 'Providers to try first, in order (a list of texts). Repeatable'
            cand --provider-only 'No providers but these (a list of texts). Repeatable'
            cand --provider-ignore 'Providers to leave out (a list of texts). Repeatable'
            cand --provider-allow-fallbacks 'Whether providers outside order may step in (true or false)'
            cand --provider-require-parameters 'Only providers that take every parameter of the request (true or false)'
            cand --provider-data-collection 'Whether providers may keep what is sent (one of allow, deny)'
            cand --provider-zdr 'Only endpoints that retain nothing (true or false)'
            cand --provider-enforce-distillable-text 'Only models whose answers may train others (true or false)'
            cand --provider-quantizations 'Only weights of these precisions (a list of words such as int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown). Repeatable'
            cand --provider-sort 'Which provider first (a word such as price, throughput, latency, exacto; or a JSON object with by at least, of by (a word such as price, throughput, latency, exacto), partition (a word such as model, none))'
            cand --provider-preferred-min-throughput 'Tokens per second that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))'
            cand --provider-preferred-max-latency 'Seconds to the first token that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))'
            cand --provider-max-price 'Most to pay, USD per million tokens (a JSON object with some of prompt (a number, 0 or more), completion (a number, 0 or more), image (a number, 0 or more), audio (a number, 0 or more), request (a number, 0 or more))'
            cand --provider-options 'Options of single providers, by slug (a JSON object)'
            cand --plugins 'Plugins, each with its id (a list of items, each a JSON object with id at least, of id (text), enabled (true or false)). Repeatable'
            cand --transforms 'Middle-out shortens a prompt that is too long; sent as the plugin context-compression as well (a list of words such as middle-out). Repeatable'
            cand --route 'Retired by OpenRouter: taken, and not sent (a word such as fallback, sort)'
            cand --service-tier 'Faster and dearer, or slower and cheaper (a word such as auto, default, fast, flex, priority, scale, ultrafast)'
            cand --reasoning-enabled 'Thinking on or off, without an effort (true or false)'
            cand --reasoning-exclude 'Think, and keep the thoughts back (true or false)'
            cand --reasoning-summary 'How thoughts are summarised (a word such as auto, concise, detailed)'
            cand --reasoning-context 'Whose thoughts the model sees again (a word such as auto, all_turns, current_turn)'
            cand --reasoning-mode 'GPT-5.6 and later: how it thinks (a word such as standard, pro)'
            cand --response-format 'The form of the answer (a JSON object with type at least, of type (a word such as text, json_object, json_schema, grammar, python))'
            cand --tools 'Tools that the model may call (a list of items, each a JSON object with type). Repeatable'
            cand --tool-choice 'Whether a tool is called, or which (one of none, auto, required; or a JSON object with type)'
            cand --parallel-tool-calls 'Whether several tools may be called at once (true or false)'
            cand --modalities 'What the answer may consist of (a list of words such as text, image, audio). Repeatable'
            cand --image-config 'The form of pictures in the answer (a JSON object)'
            cand --audio 'The voice of the answer (a JSON object with voice and format)'
            cand --prediction 'Most of the answer, where it is known already (a JSON object with type and content)'
            cand --web-search-options 'How the model searches (a JSON object, each value text)'
            cand --cache-control 'Cache the prompt (a JSON object with type at least, of type (a word such as ephemeral), ttl (a word such as 5m, 1h))'
            cand --prompt-cache-key 'Prompts with the same key share a cache (text)'
            cand --prompt-cache-options 'GPT-5.6 and later: how prompts are cached (a JSON object with some of mode (a word such as explicit), ttl (a word such as 30m, 12h))'
            cand --session-id 'Requests of one session go to one provider, for its cache (text of at most 256 characters)'
            cand --user 'A stable name of the end user (text)'
            cand --metadata 'Labels of the request (a JSON object of at most 16 pairs, keys of at most 64 characters, each value text of at most 512 characters)'
            cand --trace 'Names for tracing (a JSON object)'
            cand --debug 'What OpenRouter makes of the request, told in the stream (a JSON object with some of echo_upstream_body (true or false))'
            cand --max-cost 'Refuse before sending when the answer could cost more, in USD'
            cand --timeout 'Longest time for the whole answer, such as 90s or 2m'
            cand --session 'Go on with a conversation, by name or number; a new name begins one'
            cand --stdin-timeout 'Longest silence of a pipe on stdin'
            cand --template 'Put the question into a template, by name or by the path of a file'
            cand --var 'Fill a variable of the template. Repeatable'
            cand --record 'Write every exchange with the provider to a new file, without keys'
            cand --replay 'Answer from a recording: no network, no key, no cost'
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
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
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
        &'amx;templates'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the templates, with what they are for'
            cand show 'Print the settings, the variables and the text of a template'
            cand edit 'Open a template in $VISUAL or $EDITOR, and check it afterwards'
            cand new 'Write a new template in $VISUAL or $EDITOR, or from stdin'
            cand path 'Print the folder of templates, or the path of one'
        }
        &'amx;templates;list'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;templates;show'= {
            cand --json 'JSON on stdout'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;templates;edit'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;templates;new'= {
            cand --no-edit 'Open no editor: write what stdin brings, else a template to begin with'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'amx;templates;path'= {
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
            cand --private 'Only providers that neither keep nor train on what is sent: data_collection: deny and zdr: true (true or false)'
            cand --top-k 'Only so many of the likeliest tokens; 0 for all (a whole number, 0 or more)'
            cand --min-p 'Only tokens with this share of the likeliest one''s probability (a number from 0 to 1)'
            cand --top-a 'Only tokens above this share of the likeliest one''s squared probability (a number from 0 to 1)'
            cand --repetition-penalty 'Against repeating the prompt (a number above 0, at most 2)'
            cand --frequency-penalty 'Against tokens, the more often they came (a number from -2 to 2)'
            cand --presence-penalty 'Against tokens that came at all (a number from -2 to 2)'
            cand --seed 'The same seed, the same answer, where a provider can (a whole number)'
            cand --stop 'Texts that end the answer (a list of at most 4 texts; or text). Repeatable'
            cand --logit-bias 'Tokens by number, made likelier or less likely (a JSON object, each value a number from -100 to 100)'
            cand --logprobs 'The probability of each token (true or false)'
            cand --top-logprobs 'And of so many others in its place; turns logprobs on (a whole number from 0 to 20)'
            cand --verbosity 'How long the answer is (a word such as low, medium, high, xhigh, max)'
            cand --models 'Models to fall back to, in order; in the place of the profile''s fallback_models (a list of texts). Repeatable'
            cand --preset 'A preset of the account (text)'
            cand --provider-order 'Providers to try first, in order (a list of texts). Repeatable'
            cand --provider-only 'No providers but these (a list of texts). Repeatable'
            cand --provider-ignore 'Providers to leave out (a list of texts). Repeatable'
            cand --provider-allow-fallbacks 'Whether providers outside order may step in (true or false)'
            cand --provider-require-parameters 'Only providers that take every parameter of the request (true or false)'
            cand --provider-data-collection 'Whether providers may keep what is sent (one of allow, deny)'
            cand --provider-zdr 'Only endpoints that retain nothing (true or false)'
            cand --provider-enforce-distillable-text 'Only models whose answers may train others (true or false)'
            cand --provider-quantizations 'Only weights of these precisions (a list of words such as int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown). Repeatable'
            cand --provider-sort 'Which provider first (a word such as price, throughput, latency, exacto; or a JSON object with by at least, of by (a word such as price, throughput, latency, exacto), partition (a word such as model, none))'
            cand --provider-preferred-min-throughput 'Tokens per second that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))'
            cand --provider-preferred-max-latency 'Seconds to the first token that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))'
            cand --provider-max-price 'Most to pay, USD per million tokens (a JSON object with some of prompt (a number, 0 or more), completion (a number, 0 or more), image (a number, 0 or more), audio (a number, 0 or more), request (a number, 0 or more))'
            cand --provider-options 'Options of single providers, by slug (a JSON object)'
            cand --plugins 'Plugins, each with its id (a list of items, each a JSON object with id at least, of id (text), enabled (true or false)). Repeatable'
            cand --transforms 'Middle-out shortens a prompt that is too long; sent as the plugin context-compression as well (a list of words such as middle-out). Repeatable'
            cand --route 'Retired by OpenRouter: taken, and not sent (a word such as fallback, sort)'
            cand --service-tier 'Faster and dearer, or slower and cheaper (a word such as auto, default, fast, flex, priority, scale, ultrafast)'
            cand --reasoning-enabled 'Thinking on or off, without an effort (true or false)'
            cand --reasoning-exclude 'Think, and keep the thoughts back (true or false)'
            cand --reasoning-summary 'How thoughts are summarised (a word such as auto, concise, detailed)'
            cand --reasoning-context 'Whose thoughts the model sees again (a word such as auto, all_turns, current_turn)'
            cand --reasoning-mode 'GPT-5.6 and later: how it thinks (a word such as standard, pro)'
            cand --response-format 'The form of the answer (a JSON object with type at least, of type (a word such as text, json_object, json_schema, grammar, python))'
            cand --tools 'Tools that the model may call (a list of items, each a JSON object with type). Repeatable'
            cand --tool-choice 'Whether a tool is called, or which (one of none, auto, required; or a JSON object with type)'
            cand --parallel-tool-calls 'Whether several tools may be called at once (true or false)'
            cand --modalities 'What the answer may consist of (a list of words such as text, image, audio). Repeatable'
            cand --image-config 'The form of pictures in the answer (a JSON object)'
            cand --audio 'The voice of the answer (a JSON object with voice and format)'
            cand --prediction 'Most of the answer, where it is known already (a JSON object with type and content)'
            cand --web-search-options 'How the model searches (a JSON object, each value text)'
            cand --cache-control 'Cache the prompt (a JSON object with type at least, of type (a word such as ephemeral), ttl (a word such as 5m, 1h))'
            cand --prompt-cache-key 'Prompts with the same key share a cache (text)'
            cand --prompt-cache-options 'GPT-5.6 and later: how prompts are cached (a JSON object with some of mode (a word such as explicit), ttl (a word such as 30m, 12h))'
            cand --session-id 'Requests of one session go to one provider, for its cache (text of at most 256 characters)'
            cand --user 'A stable name of the end user (text)'
            cand --metadata 'Labels of the request (a JSON object of at most 16 pairs, keys of at most 64 characters, each value text of at most 512 characters)'
            cand --trace 'Names for tracing (a JSON object)'
            cand --debug 'What OpenRouter makes of the request, told in the stream (a JSON object with some of echo_upstream_body (true or false))'
            cand --template 'As if `chat` were given this template'
            cand --json 'JSON on stdout'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
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
