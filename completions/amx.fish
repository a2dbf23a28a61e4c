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
complete -c amx -n "__fish_amx_using_subcommand chat" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s t -l temperature -d 'Sampling temperature, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-tokens -d 'Maximum output tokens, reasoning included, 1 or more' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-effort -d 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s o -l option -d 'Set a field of the request body, e.g. provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-cost -d 'Refuse to send if the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s f -l file -d 'Attach a file, a folder, a quoted pattern such as \'src/**/*.rs\', an https:// address, \'-\' for stdin or \'clipboard:\'. Repeatable' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l timeout -d 'Longest time for the whole answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stdin-timeout -d 'Longest silence of a pipe on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l template -d 'Put the question into a template, by name or by the path of a file' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l var -d 'Fill a variable of the template. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l record -d 'Write every exchange with the provider to a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l session -d 'Go on with a conversation, by name or number; a new name begins one' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l alternatives -d 'Answer several times at once, 1 to 5, the surest first; without a number the profile\'s n_alternatives' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-k -d 'Sample from this many of the most likely tokens (0 for all), 0 or more' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l min-p -d 'Minimum probability, relative to the most likely token, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l repetition-penalty -d 'Penalise tokens of the prompt, above 0, at most 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l frequency-penalty -d 'Penalise tokens by how often they have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l presence-penalty -d 'Penalise tokens that have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stop -d 'Stop sequences. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logprobs -d 'Return the log probability of each token' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on, 0 to 20' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-order -d 'Providers to try first, in order. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-only -d 'Use only these providers. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-ignore -d 'Providers to skip. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-zdr -d 'Use only endpoints with zero data retention' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l plugins -d 'Plugins, each with its id. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-exclude -d 'Omit the reasoning from the response' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tools -d 'Tools that the model may call. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l parallel-tool-calls -d 'Allow several tool calls at once' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l modalities -d 'Output modalities [text, image, audio]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l session-id -d 'Route all requests of a session to one provider, for its cache, at most 256 characters' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l show-reasoning -d 'Show the model\'s reasoning, on stderr'
complete -c amx -n "__fish_amx_using_subcommand chat" -l hide-reasoning -d 'Hide the model\'s reasoning'
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
complete -c amx -n "__fish_amx_using_subcommand compare" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s t -l temperature -d 'Sampling temperature, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-tokens -d 'Maximum output tokens, reasoning included, 1 or more' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-effort -d 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s o -l option -d 'Set a field of the request body, e.g. provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-cost -d 'Refuse to send if the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s f -l file -d 'Attach a file, a folder, a quoted pattern such as \'src/**/*.rs\', an https:// address, \'-\' for stdin or \'clipboard:\'. Repeatable' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l timeout -d 'Longest time for the whole answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stdin-timeout -d 'Longest silence of a pipe on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l template -d 'Put the question into a template, by name or by the path of a file' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l var -d 'Fill a variable of the template. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l record -d 'Write every exchange with the provider to a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-k -d 'Sample from this many of the most likely tokens (0 for all), 0 or more' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l min-p -d 'Minimum probability, relative to the most likely token, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l repetition-penalty -d 'Penalise tokens of the prompt, above 0, at most 2' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l frequency-penalty -d 'Penalise tokens by how often they have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l presence-penalty -d 'Penalise tokens that have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stop -d 'Stop sequences. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logprobs -d 'Return the log probability of each token' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on, 0 to 20' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-order -d 'Providers to try first, in order. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-only -d 'Use only these providers. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-ignore -d 'Providers to skip. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-zdr -d 'Use only endpoints with zero data retention' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l plugins -d 'Plugins, each with its id. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-exclude -d 'Omit the reasoning from the response' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tools -d 'Tools that the model may call. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l parallel-tool-calls -d 'Allow several tool calls at once' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l modalities -d 'Output modalities [text, image, audio]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l session-id -d 'Route all requests of a session to one provider, for its cache, at most 256 characters' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l show-reasoning -d 'Show the model\'s reasoning, on stderr'
complete -c amx -n "__fish_amx_using_subcommand compare" -l hide-reasoning -d 'Hide the model\'s reasoning'
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
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s t -l temperature -d 'Sampling temperature, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-tokens -d 'Maximum output tokens, reasoning included, 1 or more' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-effort -d 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l pdf-engine -d 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s o -l option -d 'Set a field of the request body, e.g. provider.sort=price. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema -d 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema-many -d 'The same, and the answer is a list of such values' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-cost -d 'Refuse to send if the answer could cost more, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l template -d 'As if `chat` were given this template' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-k -d 'Sample from this many of the most likely tokens (0 for all), 0 or more' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l min-p -d 'Minimum probability, relative to the most likely token, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s, 0 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l repetition-penalty -d 'Penalise tokens of the prompt, above 0, at most 2' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l frequency-penalty -d 'Penalise tokens by how often they have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l presence-penalty -d 'Penalise tokens that have appeared, -2 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l stop -d 'Stop sequences. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logprobs -d 'Return the log probability of each token' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on, 0 to 20' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-order -d 'Providers to try first, in order. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-only -d 'Use only these providers. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-ignore -d 'Providers to skip. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-zdr -d 'Use only endpoints with zero data retention' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token, above 0' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l plugins -d 'Plugins, each with its id. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-exclude -d 'Omit the reasoning from the response' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tools -d 'Tools that the model may call. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l parallel-tool-calls -d 'Allow several tool calls at once' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l modalities -d 'Output modalities [text, image, audio]. Repeatable' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l session-id -d 'Route all requests of a session to one provider, for its cache, at most 256 characters' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l show-reasoning -d 'Show the model\'s reasoning, on stderr'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l hide-reasoning -d 'Hide the model\'s reasoning'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l json -d 'JSON on stdout'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand completions" -l static -d 'A script that knows commands and options by itself and no names'
complete -c amx -n "__fish_amx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand man" -s h -l help -d 'Print help'
