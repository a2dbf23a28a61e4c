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
complete -c amx -n "__fish_amx_needs_command" -f -a "compare" -d 'Ask several models or profiles the same at once, and see the answers beside each other'
complete -c amx -n "__fish_amx_needs_command" -f -a "add-llm-profile" -d 'Set up a profile: provider, model, and a key that goes to the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "profiles" -d 'List, inspect, choose, rename, test and remove profiles'
complete -c amx -n "__fish_amx_needs_command" -f -a "models" -d 'List and search the models of a provider, with what they can do and cost'
complete -c amx -n "__fish_amx_needs_command" -f -a "login" -d 'Log in to OpenRouter with the browser; the key goes to the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "logout" -d 'Take the key of a profile out of the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "doctor" -d 'Find what is wrong, and what to type about it'
complete -c amx -n "__fish_amx_needs_command" -f -a "sessions" -d 'List, read, search, export, rename and delete what was kept of conversations'
complete -c amx -n "__fish_amx_needs_command" -f -a "templates" -d 'List, show, write and edit templates: questions with variables and settings'
complete -c amx -n "__fish_amx_needs_command" -f -a "usage" -d 'Show what was spent, by day, model or profile, and what the account may still spend'
complete -c amx -n "__fish_amx_needs_command" -f -a "config" -d 'Look at the configuration, explain it, check it, restore an earlier one'
complete -c amx -n "__fish_amx_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c amx -n "__fish_amx_needs_command" -f -a "man" -d 'Print the manual page'
complete -c amx -n "__fish_amx_using_subcommand chat" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s m -l model -d 'Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID, ID?temperature=0.7' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s s -l system -d 'Instructions for the model' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s t -l temperature -d 'Randomness, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-p -d 'Nucleus sampling, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-tokens -d 'Most tokens to produce, thinking included' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-effort -d 'How much to think: none, minimal, low, medium, high, xhigh, max' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s o -l option -d 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-cost -d 'Refuse before sending when the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s f -l file -d 'Attach a file, a folder, a quoted pattern such as \'src/**/*.rs\', an https:// address, \'-\' for stdin or \'clipboard:\'. Repeatable' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l timeout -d 'Longest time for the whole answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stdin-timeout -d 'Longest silence of a pipe on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l template -d 'Put the question into a template, by name or by the path of a file' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l var -d 'Fill a variable of the template. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l record -d 'Write every exchange with the provider to a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l session -d 'Go on with a conversation, by name or number; a new name begins one' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l alternatives -d 'Answer several times at once, 1 to 5, the surest first; without a number the profile\'s n_alternatives' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l private -d 'Only providers that neither keep nor train on what is sent: data_collection: deny and zdr: true (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-k -d 'Only so many of the likeliest tokens; 0 for all (a whole number, 0 or more)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l min-p -d 'Only tokens with this share of the likeliest one\'s probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-a -d 'Only tokens above this share of the likeliest one\'s squared probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l repetition-penalty -d 'Against repeating the prompt (a number above 0, at most 2)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l frequency-penalty -d 'Against tokens, the more often they came (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l presence-penalty -d 'Against tokens that came at all (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l seed -d 'The same seed, the same answer, where a provider can (a whole number)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stop -d 'Texts that end the answer (a list of at most 4 texts; or text). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logit-bias -d 'Tokens by number, made likelier or less likely (a JSON object, each value a number from -100 to 100)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logprobs -d 'The probability of each token (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-logprobs -d 'And of so many others in its place; turns logprobs on (a whole number from 0 to 20)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l verbosity -d 'How long the answer is (a word such as low, medium, high, xhigh, max)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l models -d 'Models to fall back to, in order; in the place of the profile\'s fallback_models (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l preset -d 'A preset of the account (text)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-order -d 'Providers to try first, in order (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-only -d 'No providers but these (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-ignore -d 'Providers to leave out (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-allow-fallbacks -d 'Whether providers outside order may step in (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-require-parameters -d 'Only providers that take every parameter of the request (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-data-collection -d 'Whether providers may keep what is sent (one of allow, deny)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-zdr -d 'Only endpoints that retain nothing (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-enforce-distillable-text -d 'Only models whose answers may train others (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-quantizations -d 'Only weights of these precisions (a list of words such as int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-sort -d 'Which provider first (a word such as price, throughput, latency, exacto; or a JSON object with by at least, of by (a word such as price, throughput, latency, exacto), partition (a word such as model, none))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-min-throughput -d 'Tokens per second that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-max-latency -d 'Seconds to the first token that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-max-price -d 'Most to pay, USD per million tokens (a JSON object with some of prompt (a number, 0 or more), completion (a number, 0 or more), image (a number, 0 or more), audio (a number, 0 or more), request (a number, 0 or more))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-options -d 'Options of single providers, by slug (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l plugins -d 'Plugins, each with its id (a list of items, each a JSON object with id at least, of id (text), enabled (true or false)). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l transforms -d 'Middle-out shortens a prompt that is too long; sent as the plugin context-compression as well (a list of words such as middle-out). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l route -d 'Retired by OpenRouter: taken, and not sent (a word such as fallback, sort)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l service-tier -d 'Faster and dearer, or slower and cheaper (a word such as auto, default, fast, flex, priority, scale, ultrafast)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-enabled -d 'Thinking on or off, without an effort (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-exclude -d 'Think, and keep the thoughts back (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-summary -d 'How thoughts are summarised (a word such as auto, concise, detailed)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-context -d 'Whose thoughts the model sees again (a word such as auto, all_turns, current_turn)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-mode -d 'GPT-5.6 and later: how it thinks (a word such as standard, pro)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l response-format -d 'The form of the answer (a JSON object with type at least, of type (a word such as text, json_object, json_schema, grammar, python))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tools -d 'Tools that the model may call (a list of items, each a JSON object with type). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tool-choice -d 'Whether a tool is called, or which (one of none, auto, required; or a JSON object with type)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l parallel-tool-calls -d 'Whether several tools may be called at once (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l modalities -d 'What the answer may consist of (a list of words such as text, image, audio). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l image-config -d 'The form of pictures in the answer (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l audio -d 'The voice of the answer (a JSON object with voice and format)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prediction -d 'Most of the answer, where it is known already (a JSON object with type and content)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l web-search-options -d 'How the model searches (a JSON object, each value text)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l cache-control -d 'Cache the prompt (a JSON object with type at least, of type (a word such as ephemeral), ttl (a word such as 5m, 1h))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-key -d 'Prompts with the same key share a cache (text)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-options -d 'GPT-5.6 and later: how prompts are cached (a JSON object with some of mode (a word such as explicit), ttl (a word such as 30m, 12h))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l session-id -d 'Requests of one session go to one provider, for its cache (text of at most 256 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l user -d 'A stable name of the end user (text)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l metadata -d 'Labels of the request (a JSON object of at most 16 pairs, keys of at most 64 characters, each value text of at most 512 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l trace -d 'Names for tracing (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l debug -d 'What OpenRouter makes of the request, told in the stream (a JSON object with some of echo_upstream_body (true or false))' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l show-reasoning -d 'Show all of the model\'s thinking, on stderr'
complete -c amx -n "__fish_amx_using_subcommand chat" -l hide-reasoning -d 'Show nothing of the model\'s thinking'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stream -d 'Wait for the whole answer instead of streaming it'
complete -c amx -n "__fish_amx_using_subcommand chat" -l raw -d 'Show Markdown as it is written, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand chat" -l force -d 'Send also what the list of models says that the model cannot do'
complete -c amx -n "__fish_amx_using_subcommand chat" -l strict -d 'Fail where a parameter has to be left out, or the answer is cut at max_tokens (exit 10)'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand chat" -l json -d 'One JSON object on stdout'
complete -c amx -n "__fish_amx_using_subcommand chat" -l jsonl -d 'One JSON object a line for each event'
complete -c amx -n "__fish_amx_using_subcommand chat" -l dry-run -d 'Print the exact request body and send nothing'
complete -c amx -n "__fish_amx_using_subcommand chat" -s c -l continue -d 'Go on with the last conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-save -d 'Store nothing of this conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand compare" -s m -l model -d 'A model to ask, with the profile named before it, else the active one. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s p -l profile -d 'A profile to ask for its own model, or for the models named after it. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s s -l system -d 'Instructions for the model' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s t -l temperature -d 'Randomness, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-p -d 'Nucleus sampling, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-tokens -d 'Most tokens to produce, thinking included' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-effort -d 'How much to think: none, minimal, low, medium, high, xhigh, max' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s o -l option -d 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-cost -d 'Refuse before sending when the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s f -l file -d 'Attach a file, a folder, a quoted pattern such as \'src/**/*.rs\', an https:// address, \'-\' for stdin or \'clipboard:\'. Repeatable' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l timeout -d 'Longest time for the whole answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stdin-timeout -d 'Longest silence of a pipe on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l template -d 'Put the question into a template, by name or by the path of a file' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l var -d 'Fill a variable of the template. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l record -d 'Write every exchange with the provider to a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l private -d 'Only providers that neither keep nor train on what is sent: data_collection: deny and zdr: true (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-k -d 'Only so many of the likeliest tokens; 0 for all (a whole number, 0 or more)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l min-p -d 'Only tokens with this share of the likeliest one\'s probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-a -d 'Only tokens above this share of the likeliest one\'s squared probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l repetition-penalty -d 'Against repeating the prompt (a number above 0, at most 2)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l frequency-penalty -d 'Against tokens, the more often they came (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l presence-penalty -d 'Against tokens that came at all (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l seed -d 'The same seed, the same answer, where a provider can (a whole number)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stop -d 'Texts that end the answer (a list of at most 4 texts; or text). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logit-bias -d 'Tokens by number, made likelier or less likely (a JSON object, each value a number from -100 to 100)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logprobs -d 'The probability of each token (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-logprobs -d 'And of so many others in its place; turns logprobs on (a whole number from 0 to 20)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l verbosity -d 'How long the answer is (a word such as low, medium, high, xhigh, max)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l models -d 'Models to fall back to, in order; in the place of the profile\'s fallback_models (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l preset -d 'A preset of the account (text)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-order -d 'Providers to try first, in order (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-only -d 'No providers but these (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-ignore -d 'Providers to leave out (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-allow-fallbacks -d 'Whether providers outside order may step in (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-require-parameters -d 'Only providers that take every parameter of the request (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-data-collection -d 'Whether providers may keep what is sent (one of allow, deny)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-zdr -d 'Only endpoints that retain nothing (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-enforce-distillable-text -d 'Only models whose answers may train others (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-quantizations -d 'Only weights of these precisions (a list of words such as int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-sort -d 'Which provider first (a word such as price, throughput, latency, exacto; or a JSON object with by at least, of by (a word such as price, throughput, latency, exacto), partition (a word such as model, none))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-min-throughput -d 'Tokens per second that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-max-latency -d 'Seconds to the first token that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-max-price -d 'Most to pay, USD per million tokens (a JSON object with some of prompt (a number, 0 or more), completion (a number, 0 or more), image (a number, 0 or more), audio (a number, 0 or more), request (a number, 0 or more))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-options -d 'Options of single providers, by slug (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l plugins -d 'Plugins, each with its id (a list of items, each a JSON object with id at least, of id (text), enabled (true or false)). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l transforms -d 'Middle-out shortens a prompt that is too long; sent as the plugin context-compression as well (a list of words such as middle-out). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l route -d 'Retired by OpenRouter: taken, and not sent (a word such as fallback, sort)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l service-tier -d 'Faster and dearer, or slower and cheaper (a word such as auto, default, fast, flex, priority, scale, ultrafast)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-enabled -d 'Thinking on or off, without an effort (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-exclude -d 'Think, and keep the thoughts back (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-summary -d 'How thoughts are summarised (a word such as auto, concise, detailed)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-context -d 'Whose thoughts the model sees again (a word such as auto, all_turns, current_turn)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-mode -d 'GPT-5.6 and later: how it thinks (a word such as standard, pro)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l response-format -d 'The form of the answer (a JSON object with type at least, of type (a word such as text, json_object, json_schema, grammar, python))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tools -d 'Tools that the model may call (a list of items, each a JSON object with type). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tool-choice -d 'Whether a tool is called, or which (one of none, auto, required; or a JSON object with type)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l parallel-tool-calls -d 'Whether several tools may be called at once (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l modalities -d 'What the answer may consist of (a list of words such as text, image, audio). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l image-config -d 'The form of pictures in the answer (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l audio -d 'The voice of the answer (a JSON object with voice and format)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prediction -d 'Most of the answer, where it is known already (a JSON object with type and content)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l web-search-options -d 'How the model searches (a JSON object, each value text)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l cache-control -d 'Cache the prompt (a JSON object with type at least, of type (a word such as ephemeral), ttl (a word such as 5m, 1h))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-key -d 'Prompts with the same key share a cache (text)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-options -d 'GPT-5.6 and later: how prompts are cached (a JSON object with some of mode (a word such as explicit), ttl (a word such as 30m, 12h))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l session-id -d 'Requests of one session go to one provider, for its cache (text of at most 256 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l user -d 'A stable name of the end user (text)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l metadata -d 'Labels of the request (a JSON object of at most 16 pairs, keys of at most 64 characters, each value text of at most 512 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l trace -d 'Names for tracing (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l debug -d 'What OpenRouter makes of the request, told in the stream (a JSON object with some of echo_upstream_body (true or false))' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l show-reasoning -d 'Show all of the model\'s thinking, on stderr'
complete -c amx -n "__fish_amx_using_subcommand compare" -l hide-reasoning -d 'Show nothing of the model\'s thinking'
complete -c amx -n "__fish_amx_using_subcommand compare" -l no-stream -d 'Wait for the whole answer instead of streaming it'
complete -c amx -n "__fish_amx_using_subcommand compare" -l raw -d 'Show Markdown as it is written, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand compare" -l force -d 'Send also what the list of models says that the model cannot do'
complete -c amx -n "__fish_amx_using_subcommand compare" -l strict -d 'Fail where a parameter has to be left out, or the answer is cut at max_tokens (exit 10)'
complete -c amx -n "__fish_amx_using_subcommand compare" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand compare" -l json -d 'A JSON array with an object for each answer, in the order given'
complete -c amx -n "__fish_amx_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "list" -d 'List the templates, with what they are for'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "show" -d 'Print the settings, the variables and the text of a template'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "edit" -d 'Open a template in $VISUAL or $EDITOR, and check it afterwards'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "new" -d 'Write a new template in $VISUAL or $EDITOR, or from stdin'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "path" -d 'Print the folder of templates, or the path of one'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from list" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from show" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from new" -l no-edit -d 'Open no editor: write what stdin brings, else a template to begin with'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
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
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s s -l system -d 'Instructions for the model' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s t -l temperature -d 'Randomness, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-p -d 'Nucleus sampling, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-tokens -d 'Most tokens to produce, thinking included' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-effort -d 'How much to think: none, minimal, low, medium, high, xhigh, max' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s o -l option -d 'Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-cost -d 'Refuse before sending when the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l template -d 'As if `chat` were given this template' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l private -d 'Only providers that neither keep nor train on what is sent: data_collection: deny and zdr: true (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-k -d 'Only so many of the likeliest tokens; 0 for all (a whole number, 0 or more)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l min-p -d 'Only tokens with this share of the likeliest one\'s probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-a -d 'Only tokens above this share of the likeliest one\'s squared probability (a number from 0 to 1)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l repetition-penalty -d 'Against repeating the prompt (a number above 0, at most 2)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l frequency-penalty -d 'Against tokens, the more often they came (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l presence-penalty -d 'Against tokens that came at all (a number from -2 to 2)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l seed -d 'The same seed, the same answer, where a provider can (a whole number)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l stop -d 'Texts that end the answer (a list of at most 4 texts; or text). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logit-bias -d 'Tokens by number, made likelier or less likely (a JSON object, each value a number from -100 to 100)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logprobs -d 'The probability of each token (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-logprobs -d 'And of so many others in its place; turns logprobs on (a whole number from 0 to 20)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l verbosity -d 'How long the answer is (a word such as low, medium, high, xhigh, max)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l models -d 'Models to fall back to, in order; in the place of the profile\'s fallback_models (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l preset -d 'A preset of the account (text)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-order -d 'Providers to try first, in order (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-only -d 'No providers but these (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-ignore -d 'Providers to leave out (a list of texts). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-allow-fallbacks -d 'Whether providers outside order may step in (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-require-parameters -d 'Only providers that take every parameter of the request (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-data-collection -d 'Whether providers may keep what is sent (one of allow, deny)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-zdr -d 'Only endpoints that retain nothing (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-enforce-distillable-text -d 'Only models whose answers may train others (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-quantizations -d 'Only weights of these precisions (a list of words such as int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-sort -d 'Which provider first (a word such as price, throughput, latency, exacto; or a JSON object with by at least, of by (a word such as price, throughput, latency, exacto), partition (a word such as model, none))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-min-throughput -d 'Tokens per second that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-max-latency -d 'Seconds to the first token that are wished for (a number above 0; or a JSON object with some of p50 (a number above 0), p75 (a number above 0), p90 (a number above 0), p99 (a number above 0))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-max-price -d 'Most to pay, USD per million tokens (a JSON object with some of prompt (a number, 0 or more), completion (a number, 0 or more), image (a number, 0 or more), audio (a number, 0 or more), request (a number, 0 or more))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-options -d 'Options of single providers, by slug (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l plugins -d 'Plugins, each with its id (a list of items, each a JSON object with id at least, of id (text), enabled (true or false)). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l transforms -d 'Middle-out shortens a prompt that is too long; sent as the plugin context-compression as well (a list of words such as middle-out). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l route -d 'Retired by OpenRouter: taken, and not sent (a word such as fallback, sort)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l service-tier -d 'Faster and dearer, or slower and cheaper (a word such as auto, default, fast, flex, priority, scale, ultrafast)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-enabled -d 'Thinking on or off, without an effort (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-exclude -d 'Think, and keep the thoughts back (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-summary -d 'How thoughts are summarised (a word such as auto, concise, detailed)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-context -d 'Whose thoughts the model sees again (a word such as auto, all_turns, current_turn)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-mode -d 'GPT-5.6 and later: how it thinks (a word such as standard, pro)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l response-format -d 'The form of the answer (a JSON object with type at least, of type (a word such as text, json_object, json_schema, grammar, python))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tools -d 'Tools that the model may call (a list of items, each a JSON object with type). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tool-choice -d 'Whether a tool is called, or which (one of none, auto, required; or a JSON object with type)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l parallel-tool-calls -d 'Whether several tools may be called at once (true or false)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l modalities -d 'What the answer may consist of (a list of words such as text, image, audio). Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l image-config -d 'The form of pictures in the answer (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l audio -d 'The voice of the answer (a JSON object with voice and format)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prediction -d 'Most of the answer, where it is known already (a JSON object with type and content)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l web-search-options -d 'How the model searches (a JSON object, each value text)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l cache-control -d 'Cache the prompt (a JSON object with type at least, of type (a word such as ephemeral), ttl (a word such as 5m, 1h))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-key -d 'Prompts with the same key share a cache (text)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-options -d 'GPT-5.6 and later: how prompts are cached (a JSON object with some of mode (a word such as explicit), ttl (a word such as 30m, 12h))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l session-id -d 'Requests of one session go to one provider, for its cache (text of at most 256 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l user -d 'A stable name of the end user (text)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l metadata -d 'Labels of the request (a JSON object of at most 16 pairs, keys of at most 64 characters, each value text of at most 512 characters)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l trace -d 'Names for tracing (a JSON object)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l debug -d 'What OpenRouter makes of the request, told in the stream (a JSON object with some of echo_upstream_body (true or false))' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l show-reasoning -d 'Show all of the model\'s thinking, on stderr'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l hide-reasoning -d 'Show nothing of the model\'s thinking'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand completions" -l static -d 'A script that knows commands and options by itself and no names'
complete -c amx -n "__fish_amx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand man" -s h -l help -d 'Print help'
