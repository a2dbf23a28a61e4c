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

complete -c amx -n "__fish_amx_needs_command" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_needs_command" -s V -l version -d 'Print version'
complete -c amx -n "__fish_amx_needs_command" -f -a "chat" -d 'Ask a question, or start a conversation when no prompt is given'
complete -c amx -n "__fish_amx_needs_command" -f -a "compare" -d 'Send a prompt to several models in parallel and compare the answers'
complete -c amx -n "__fish_amx_needs_command" -f -a "batch" -d 'Ask each row of a file once, and resume a stopped job'
complete -c amx -n "__fish_amx_needs_command" -f -a "embed" -d 'Turn texts into vectors'
complete -c amx -n "__fish_amx_needs_command" -f -a "rerank" -d 'Sort documents by their relevance to a query'
complete -c amx -n "__fish_amx_needs_command" -f -a "image" -d 'Make images from a prompt, and save them'
complete -c amx -n "__fish_amx_needs_command" -f -a "add-llm-profile" -d 'Set up a profile: provider, model and key'
complete -c amx -n "__fish_amx_needs_command" -f -a "profiles" -d 'List, show, select, rename, test and remove profiles'
complete -c amx -n "__fish_amx_needs_command" -f -a "models" -d 'List and search models, their features and prices'
complete -c amx -n "__fish_amx_needs_command" -f -a "mcp" -d 'List, add, import and remove MCP servers and their tools'
complete -c amx -n "__fish_amx_needs_command" -f -a "login" -d 'Log in to OpenRouter with the browser'
complete -c amx -n "__fish_amx_needs_command" -f -a "logout" -d 'Remove the key of a profile from the keyring'
complete -c amx -n "__fish_amx_needs_command" -f -a "doctor" -d 'Diagnose problems and suggest fixes'
complete -c amx -n "__fish_amx_needs_command" -f -a "sessions" -d 'List, show, search, export, rename and delete saved conversations'
complete -c amx -n "__fish_amx_needs_command" -f -a "templates" -d 'List, show, create and edit prompt templates'
complete -c amx -n "__fish_amx_needs_command" -f -a "tools" -d 'List and run tools, and show approvals and the log of calls'
complete -c amx -n "__fish_amx_needs_command" -f -a "usage" -d 'Show spending by day, model or profile, and the remaining credit'
complete -c amx -n "__fish_amx_needs_command" -f -a "logs" -d 'Manage the log destinations of an OpenRouter account'
complete -c amx -n "__fish_amx_needs_command" -f -a "serve" -d 'Serve the profiles to programs that speak the API of OpenAI or Anthropic'
complete -c amx -n "__fish_amx_needs_command" -f -a "config" -d 'Show, explain, validate, edit or restore the configuration'
complete -c amx -n "__fish_amx_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c amx -n "__fish_amx_needs_command" -f -a "shell-init" -d 'Print a key binding: Alt-E replaces the line by a suggested command'
complete -c amx -n "__fish_amx_needs_command" -f -a "man" -d 'Print a manual page, or write all of them'
complete -c amx -n "__fish_amx_using_subcommand chat" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s m -l model -d 'Model ID, or several: ID,ID (fallbacks)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s f -l file -d 'Attach a file, folder, glob, URL or \'-\' (stdin)' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s t -l temperature -d 'Sampling temperature [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-effort -d '[none, minimal, low, medium, high, xhigh, max]' -r -f -a "none\t''
minimal\t''
low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -s o -l option -d 'Set a request field, such as provider.sort=price' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema -d 'Answer with JSON: a file, name or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l schema-many -d 'Answer with a JSON list of values that match the schema' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-tokens -d 'Maximum output tokens, reasoning included' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-cost -d 'Do not send if the answer could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l cache -d 'Accept a cached answer to the same question (OpenRouter)' -r -f -a "on\t''
off\t''
refresh\t''
5m\t''
1h\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l pdf-engine -d 'PDF parser [free (text only), native (the model), ocr (billed per page)]' -r -f -a "free\t''
native\t''
ocr\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l template -d 'Use a template, by name or path' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l var -d 'Set a template variable (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l timeout -d 'Time limit for the answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stdin-timeout -d 'How long to wait for data on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l session -d 'Continue or start a conversation by name' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l resume -d 'Resume a saved conversation, or pick one' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tool -d 'Let the model call these tools, or \'all\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l max-steps -d 'How often the model may be asked again after tool results, 1 to 200' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l allow -d 'Run these tools without asking, this time only' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l root -d 'Folder that the built-in file tools may read (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l alternatives -d 'Several answers, most confident first' -r -f -a "1\t''
2\t''
3\t''
4\t''
5\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l shell -d 'Shell of the command, by name or path (default: $SHELL)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -s x -l extract -d 'Print only the code blocks, or block N' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l output -d 'Write the answer to a new file' -r -F
complete -c amx -n "__fish_amx_using_subcommand chat" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-k -d 'Sample from this many of the most likely tokens (0 for all)' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l min-p -d 'Minimum probability, relative to the most likely token [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l repetition-penalty -d 'Penalise tokens of the prompt [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l frequency-penalty -d 'Penalise tokens by how often they have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l presence-penalty -d 'Penalise tokens that have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l stop -d 'Stop sequences' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l logprobs -d 'Return the log probability of each token' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on [0 to 20]' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r -f -a "low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-order -d 'Providers to try first, in order' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-only -d 'Use only these providers' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-ignore -d 'Providers to skip' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r -f -a "allow\t''
deny\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-zdr -d 'Use only endpoints with zero data retention' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]' -r -f -a "int4\t''
int8\t''
fp4\t''
mxfp4\t''
nvfp4\t''
fp6\t''
fp8\t''
mxfp8\t''
fp16\t''
bf16\t''
fp32\t''
unknown\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r -f -a "price\t''
throughput\t''
latency\t''
exacto\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l plugins -d 'Plugins, each with its id' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]' -r -f -a "middle-out\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r -f -a "fallback\t''
sort\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r -f -a "auto\t''
default\t''
fast\t''
flex\t''
priority\t''
scale\t''
ultrafast\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l speed -d 'Fast: the same as the tier priority [fast, standard]' -r -f -a "fast\t''
standard\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-exclude -d 'Omit the reasoning from the response' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r -f -a "auto\t''
concise\t''
detailed\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r -f -a "auto\t''
all_turns\t''
current_turn\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r -f -a "standard\t''
pro\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tools -d 'Tools that the model may call' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r -f -a "none\t''
auto\t''
required\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l parallel-tool-calls -d 'Allow several tool calls at once' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l modalities -d 'Output modalities [text, image, audio]' -r -f -a "text\t''
image\t''
audio\t''"
complete -c amx -n "__fish_amx_using_subcommand chat" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l session-id -d 'Route all requests of a session to one provider, for its cache' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand chat" -l show-reasoning -d 'Print the model\'s reasoning to stderr'
complete -c amx -n "__fish_amx_using_subcommand chat" -l hide-reasoning -d 'Print no reasoning'
complete -c amx -n "__fish_amx_using_subcommand chat" -l web -d 'Let the model search the web and read pages'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-web -d 'No web search, whatever the profile says'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stream -d 'Print the answer only when it is complete'
complete -c amx -n "__fish_amx_using_subcommand chat" -l raw -d 'Print the Markdown source, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand chat" -l force -d 'Send even if the catalogue says the model does not support it'
complete -c amx -n "__fish_amx_using_subcommand chat" -l strict -d 'Fail if a parameter is not supported or the answer reaches max_tokens (exit 10)'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand chat" -l json -d 'Print one JSON object'
complete -c amx -n "__fish_amx_using_subcommand chat" -l jsonl -d 'Print one JSON object per event'
complete -c amx -n "__fish_amx_using_subcommand chat" -l dry-run -d 'Print the request body and send nothing'
complete -c amx -n "__fish_amx_using_subcommand chat" -s c -l continue -d 'Continue the last conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-save -d 'Do not save this conversation'
complete -c amx -n "__fish_amx_using_subcommand chat" -s i -l interactive -d 'Continue as a conversation after the first answer'
complete -c amx -n "__fish_amx_using_subcommand chat" -l no-tools -d 'Let the model call no tools, not even those of the profile'
complete -c amx -n "__fish_amx_using_subcommand chat" -s e -l execute -d 'Answer with one shell command'
complete -c amx -n "__fish_amx_using_subcommand chat" -l overwrite -d 'Replace the file of --output when the answer is complete'
complete -c amx -n "__fish_amx_using_subcommand chat" -l copy -d 'Copy the answer to the clipboard'
complete -c amx -n "__fish_amx_using_subcommand chat" -s q -l quiet -d 'Omit notes, the status line and the spinner'
complete -c amx -n "__fish_amx_using_subcommand chat" -l usage -d 'Print tokens and cost on stderr, also in a pipe'
complete -c amx -n "__fish_amx_using_subcommand chat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand compare" -s m -l model -d 'Model, of the profile named before it or the active one (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s p -l profile -d 'Profile, with its own model or the models named after it (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s f -l file -d 'Attach a file, folder, glob, URL or \'-\' (stdin)' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -s t -l temperature -d 'Sampling temperature [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-effort -d '[none, minimal, low, medium, high, xhigh, max]' -r -f -a "none\t''
minimal\t''
low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -s o -l option -d 'Set a request field, such as provider.sort=price' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema -d 'Answer with JSON: a file, name or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l schema-many -d 'Answer with a JSON list of values that match the schema' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-tokens -d 'Maximum output tokens, reasoning included' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-cost -d 'Do not send if the answer could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l cache -d 'Accept a cached answer to the same question (OpenRouter)' -r -f -a "on\t''
off\t''
refresh\t''
5m\t''
1h\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l pdf-engine -d 'PDF parser [free (text only), native (the model), ocr (billed per page)]' -r -f -a "free\t''
native\t''
ocr\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l template -d 'Use a template, by name or path' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l var -d 'Set a template variable (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l timeout -d 'Time limit for the answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stdin-timeout -d 'How long to wait for data on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand compare" -l tool -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l allow -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l max-steps -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l root -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-k -d 'Sample from this many of the most likely tokens (0 for all)' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l min-p -d 'Minimum probability, relative to the most likely token [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l repetition-penalty -d 'Penalise tokens of the prompt [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l frequency-penalty -d 'Penalise tokens by how often they have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l presence-penalty -d 'Penalise tokens that have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l stop -d 'Stop sequences' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l logprobs -d 'Return the log probability of each token' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on [0 to 20]' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r -f -a "low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-order -d 'Providers to try first, in order' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-only -d 'Use only these providers' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-ignore -d 'Providers to skip' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r -f -a "allow\t''
deny\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-zdr -d 'Use only endpoints with zero data retention' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]' -r -f -a "int4\t''
int8\t''
fp4\t''
mxfp4\t''
nvfp4\t''
fp6\t''
fp8\t''
mxfp8\t''
fp16\t''
bf16\t''
fp32\t''
unknown\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r -f -a "price\t''
throughput\t''
latency\t''
exacto\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l plugins -d 'Plugins, each with its id' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]' -r -f -a "middle-out\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r -f -a "fallback\t''
sort\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r -f -a "auto\t''
default\t''
fast\t''
flex\t''
priority\t''
scale\t''
ultrafast\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l speed -d 'Fast: the same as the tier priority [fast, standard]' -r -f -a "fast\t''
standard\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-exclude -d 'Omit the reasoning from the response' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r -f -a "auto\t''
concise\t''
detailed\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r -f -a "auto\t''
all_turns\t''
current_turn\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r -f -a "standard\t''
pro\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tools -d 'Tools that the model may call' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r -f -a "none\t''
auto\t''
required\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l parallel-tool-calls -d 'Allow several tool calls at once' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l modalities -d 'Output modalities [text, image, audio]' -r -f -a "text\t''
image\t''
audio\t''"
complete -c amx -n "__fish_amx_using_subcommand compare" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l session-id -d 'Route all requests of a session to one provider, for its cache' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand compare" -l show-reasoning -d 'Print the model\'s reasoning to stderr'
complete -c amx -n "__fish_amx_using_subcommand compare" -l hide-reasoning -d 'Print no reasoning'
complete -c amx -n "__fish_amx_using_subcommand compare" -l web -d 'Let the model search the web and read pages'
complete -c amx -n "__fish_amx_using_subcommand compare" -l no-web -d 'No web search, whatever the profile says'
complete -c amx -n "__fish_amx_using_subcommand compare" -l no-stream -d 'Print the answer only when it is complete'
complete -c amx -n "__fish_amx_using_subcommand compare" -l raw -d 'Print the Markdown source, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand compare" -l force -d 'Send even if the catalogue says the model does not support it'
complete -c amx -n "__fish_amx_using_subcommand compare" -l strict -d 'Fail if a parameter is not supported or the answer reaches max_tokens (exit 10)'
complete -c amx -n "__fish_amx_using_subcommand compare" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand compare" -l json -d 'Print a JSON array with one object per answer, in the order given'
complete -c amx -n "__fish_amx_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s m -l model -d 'Model ID, or several: ID,ID (fallbacks)' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s t -l temperature -d 'Sampling temperature [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-effort -d '[none, minimal, low, medium, high, xhigh, max]' -r -f -a "none\t''
minimal\t''
low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l schema -d 'Answer with JSON: a file, name or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l schema-many -d 'Answer with a JSON list of values that match the schema' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l max-tokens -d 'Maximum output tokens, reasoning included' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l cache -d 'Accept a cached answer to the same question (OpenRouter)' -r -f -a "on\t''
off\t''
refresh\t''
5m\t''
1h\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l pdf-engine -d 'PDF parser [free (text only), native (the model), ocr (billed per page)]' -r -f -a "free\t''
native\t''
ocr\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l template -d 'Use a template, by name or path' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l timeout -d 'Time limit for the answer, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l option -d 'Set a request field, such as provider.sort=price' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l var -d 'Set a variable for rows without such a column (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l max-cost -d 'Stop before all runs together could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s f -l file -d 'Attach a file to every row' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l stdin-timeout -d 'How long to wait for data on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l tool -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l allow -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l max-steps -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l root -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l from -d 'Input format [jsonl, csv, tsv, lines, openai]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l id -d 'Column with the ID of a row; else custom_id, id, or its number' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l keep -d 'Copy these columns into the output, or \'all\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l from-row -d 'Use these columns of a row as settings [model, schema, system]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l file-column -d 'Column with a file to attach, below the folder of the input' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l limit -d 'Ask the first rows only' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l sample -d 'Ask so many rows, the same ones each time' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s o -l output -d 'Output and journal: a line of JSON for each row' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l shard -d 'Ask one of N parts of the rows, I from 0; \'auto\' reads the scheduler\'s variables' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l as -d 'Form of the output [jsonl, csv, openai]' -r -f -a "jsonl\t''
csv\t''
openai\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l errors -d 'Write failed rows to this file instead' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l order -d 'Order of the lines [done, input]' -r -f -a "done\t''
input\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l concurrency -d 'Most requests at once, 1 to 1024 (16)' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l rate -d 'Most requests a minute, such as 300/min' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l tokens -d 'Most tokens of prompts a minute, such as 200000/min' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l group -d 'Ask so many rows in one request, 1 to 1000 (1)' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l max-cost-row -d 'Do not send a row if its answer could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l max-errors -d 'Stop after so many failed rows, such as 50 or 5%' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l top-k -d 'Sample from this many of the most likely tokens (0 for all)' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l min-p -d 'Minimum probability, relative to the most likely token [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l repetition-penalty -d 'Penalise tokens of the prompt [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l frequency-penalty -d 'Penalise tokens by how often they have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l presence-penalty -d 'Penalise tokens that have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l stop -d 'Stop sequences' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l logprobs -d 'Return the log probability of each token' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on [0 to 20]' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r -f -a "low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-order -d 'Providers to try first, in order' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-only -d 'Use only these providers' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-ignore -d 'Providers to skip' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r -f -a "allow\t''
deny\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-zdr -d 'Use only endpoints with zero data retention' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]' -r -f -a "int4\t''
int8\t''
fp4\t''
mxfp4\t''
nvfp4\t''
fp6\t''
fp8\t''
mxfp8\t''
fp16\t''
bf16\t''
fp32\t''
unknown\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r -f -a "price\t''
throughput\t''
latency\t''
exacto\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l plugins -d 'Plugins, each with its id' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]' -r -f -a "middle-out\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r -f -a "fallback\t''
sort\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r -f -a "auto\t''
default\t''
fast\t''
flex\t''
priority\t''
scale\t''
ultrafast\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l speed -d 'Fast: the same as the tier priority [fast, standard]' -r -f -a "fast\t''
standard\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-exclude -d 'Omit the reasoning from the response' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r -f -a "auto\t''
concise\t''
detailed\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r -f -a "auto\t''
all_turns\t''
current_turn\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r -f -a "standard\t''
pro\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l tools -d 'Tools that the model may call' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r -f -a "none\t''
auto\t''
required\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l parallel-tool-calls -d 'Allow several tool calls at once' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l modalities -d 'Output modalities [text, image, audio]' -r -f -a "text\t''
image\t''
audio\t''"
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l session-id -d 'Route all requests of a session to one provider, for its cache' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l web -d 'Let the model search the web and read pages'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l no-web -d 'No web search, whatever the profile says'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l no-stream -d 'Print the answer only when it is complete'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l force -d 'Send even if the catalogue says the model does not support it'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l strict -d 'Fail if a parameter is not supported or two rows have one ID'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l raw -d 'Print the Markdown source, also on a terminal'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l no-stdin -d 'Never read stdin'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l show-reasoning -d 'Print the model\'s reasoning to stderr'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l hide-reasoning -d 'Print no reasoning'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l skip-bad -d 'Write rows that cannot be asked as skipped'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l dry-run -d 'Estimate tokens and cost, and send nothing'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l discount -d 'Use the provider\'s batches at about half the price'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l detach -d 'With --discount, end when the batches are submitted'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l retry-failed -d 'Ask failed rows once more'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -l restart -d 'Start over; the old output is renamed to FILE.1'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand batch; and not __fish_seen_subcommand_from merge" -a "merge" -d 'Put the outputs of all shards together, in the order of the input'
complete -c amx -n "__fish_amx_using_subcommand batch; and __fish_seen_subcommand_from merge" -s o -l output -d 'File to write' -r -F
complete -c amx -n "__fish_amx_using_subcommand batch; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand embed" -s f -l file -d 'Read a file as one text (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand embed" -l lines -d 'Read each line of a file as a text (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand embed" -l field -d 'Lines are JSON objects; read this field of them' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l stdin-timeout -d 'How long to wait for data on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l dimensions -d 'Length of the vectors, where the model supports it' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -s m -l model -d 'Model ID' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l option -d 'Set a request field, such as input_type=query' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l max-cost -d 'Do not send if the requests could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l timeout -d 'Time limit for each request, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand embed" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand embed" -s o -l output -d 'Write the vectors to a new file; FILE.npy is a NumPy array' -r -F
complete -c amx -n "__fish_amx_using_subcommand embed" -l format -d 'Form of the output; without it by the name of the file' -r -f -a "ndjson\t'A JSON object on each line'
npy\t'A NumPy array of 32-bit floats'"
complete -c amx -n "__fish_amx_using_subcommand embed" -l concurrency -d 'Most requests at once, 1 to 64' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l batch-size -d 'Most texts in one request; without it by the provider' -r
complete -c amx -n "__fish_amx_using_subcommand embed" -l skip-empty -d 'Omit empty texts, which are an error otherwise'
complete -c amx -n "__fish_amx_using_subcommand embed" -s q -l quiet -d 'Omit notes and progress'
complete -c amx -n "__fish_amx_using_subcommand embed" -l dry-run -d 'Print the body of the first request, and send nothing'
complete -c amx -n "__fish_amx_using_subcommand embed" -l overwrite -d 'Replace the file of --output when all vectors have arrived'
complete -c amx -n "__fish_amx_using_subcommand embed" -l json -d 'Print one JSON object with all vectors, tokens and cost'
complete -c amx -n "__fish_amx_using_subcommand embed" -l with-input -d 'Print each text with its vector'
complete -c amx -n "__fish_amx_using_subcommand embed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand rerank" -s f -l file -d 'Read a file as one text (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand rerank" -l lines -d 'Read each line of a file as a text (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand rerank" -l field -d 'Lines are JSON objects; read this field of them' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l stdin-timeout -d 'How long to wait for data on stdin' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l top -d 'Print the most relevant documents only' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -s m -l model -d 'Model ID' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l option -d 'Set a request field, such as input_type=query' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l max-cost -d 'Do not send if the requests could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l timeout -d 'Time limit for each request, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand rerank" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand rerank" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand rerank" -l skip-empty -d 'Omit empty texts, which are an error otherwise'
complete -c amx -n "__fish_amx_using_subcommand rerank" -s q -l quiet -d 'Omit notes and progress'
complete -c amx -n "__fish_amx_using_subcommand rerank" -l dry-run -d 'Print the body of the first request, and send nothing'
complete -c amx -n "__fish_amx_using_subcommand rerank" -l json -d 'Print one JSON object with all scores, tokens and cost'
complete -c amx -n "__fish_amx_using_subcommand rerank" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand image" -s f -l file -d 'Start from an image: a file, URL, \'-\' (stdin) or \'clipboard:\' (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand image" -s p -l profile -d 'Profile to use' -r
complete -c amx -n "__fish_amx_using_subcommand image" -s m -l model -d 'Model ID' -r
complete -c amx -n "__fish_amx_using_subcommand image" -s n -l number -d 'Number of images, 1 to 10' -r
complete -c amx -n "__fish_amx_using_subcommand image" -l size -d 'Size of an image, such as 1024x1024, 2K or 16:9' -r
complete -c amx -n "__fish_amx_using_subcommand image" -l quality -d 'Quality of an image, such as low, medium or high' -r
complete -c amx -n "__fish_amx_using_subcommand image" -l option -d 'Set a request field, such as provider.sort=price' -r
complete -c amx -n "__fish_amx_using_subcommand image" -l max-cost -d 'Do not send if the images could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand image" -l timeout -d 'Time limit for the images, such as 90s or 2m' -r
complete -c amx -n "__fish_amx_using_subcommand image" -s o -l output -d 'File of the first image; the others are numbered beside it' -r -F
complete -c amx -n "__fish_amx_using_subcommand image" -l record -d 'Record every exchange with the provider in a new file, without keys' -r -F
complete -c amx -n "__fish_amx_using_subcommand image" -l replay -d 'Answer from a recording: no network, no key, no cost' -r -F
complete -c amx -n "__fish_amx_using_subcommand image" -s y -l yes -d 'Do not ask whether to pay the price of the images'
complete -c amx -n "__fish_amx_using_subcommand image" -l force -d 'Send even if no list says that the model makes images'
complete -c amx -n "__fish_amx_using_subcommand image" -l overwrite -d 'Replace the file of --output'
complete -c amx -n "__fish_amx_using_subcommand image" -l json -d 'Print one JSON object'
complete -c amx -n "__fish_amx_using_subcommand image" -s q -l quiet -d 'Omit notes, the status line and the spinner'
complete -c amx -n "__fish_amx_using_subcommand image" -l dry-run -d 'Print the request body and send nothing'
complete -c amx -n "__fish_amx_using_subcommand image" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l provider -d '[openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local, demo]' -r -f -a "openrouter\t''
openai\t''
anthropic\t''
gemini\t''
deepseek\t''
kimi\t''
ollama\t''
local\t''
demo\t''"
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l model -d 'Model ID, such as anthropic/claude-sonnet-5' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l base-url -d 'Base URL, for a local server or a proxy' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l api-key-ref -d 'Source of the key instead of the keyring: ${NAME}, cmd:PROGRAM or file:/PATH' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l temperature -d 'Sampling temperature, 0 to 2' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l max-tokens -d 'Maximum output tokens' -r
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l alternatives -d 'Number of answers with --alternatives, 1 to 5' -r -f -a "1\t''
2\t''
3\t''
4\t''
5\t''"
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l no-input -d 'Never prompt: take everything from flags'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l api-key-stdin -d 'Read the key from stdin and store it in the keyring'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l no-check -d 'Do not check the key with the provider'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -l activate -d 'Make it the active profile'
complete -c amx -n "__fish_amx_using_subcommand add-llm-profile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "list" -d 'List profiles and mark the active one'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "show" -d 'Show a profile and the source of every value'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "use" -d 'Make a profile active'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "remove" -d 'Remove a profile and its key from the keyring'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "rename" -d 'Rename a profile, with its key in the keyring'
complete -c amx -n "__fish_amx_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove rename test" -f -a "test" -d 'Send a one-word request and print how long it took'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask for confirmation'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from test" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand profiles; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s p -l profile -d 'Profile whose provider is used' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l max-price -d 'Maximum price per million tokens, input and output' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l min-context -d 'Minimum context window, such as 200000, 200k or 1M' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l author -d 'Only models by this author, such as anthropic' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l sort -d 'Sort order' -r -f -a "price\t'Cheapest first'
context\t'Largest first'
newest\t'Newest first'
name\t'By ID'"
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s n -l limit -d 'Show at most N models' -r
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l reasoning -d 'Only models with reasoning'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l tools -d 'Only models with tool calling'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l vision -d 'Only models with image input'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l logprobs -d 'Only models with log probabilities'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l free -d 'Only free models (:free)'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "show" -d 'Show the details of a model and the providers that serve it'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "sync" -d 'Refresh the cached catalogue and print what changed'
complete -c amx -n "__fish_amx_using_subcommand models; and not __fish_seen_subcommand_from show sync pick" -a "pick" -d 'Pick a model interactively and print its ID'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile whose provider is used' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -s p -l profile -d 'Profile whose provider is used' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from pick" -s p -l profile -d 'Profile whose provider is used' -r
complete -c amx -n "__fish_amx_using_subcommand models; and __fish_seen_subcommand_from pick" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "list" -d 'List the servers of config.yml'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "add" -d 'Add a server: a command that starts it, or a URL'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "import" -d 'Import the servers of Claude Code, Claude Desktop, Cursor, VS Code, Zed, gemini-cli or Codex'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "test" -d 'Start a server, or all of them, and list the tools'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "remove" -d 'Remove a server and its secrets in the keyring'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "login" -d 'Log in to a server with the browser (OAuth)'
complete -c amx -n "__fish_amx_using_subcommand mcp; and not __fish_seen_subcommand_from list add import test remove login logout" -f -a "logout" -d 'Remove the token of a server from the keyring, and revoke it'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -l url -d 'The URL, as codex has it' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s t -l transport -d 'How the server is reached, as Claude Code and gemini-cli have it; the target says it, too' -r -f -a "http\t''
streamable-http\t''
stdio\t''
sse\t''"
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s s -l scope -d 'Whose server it is, as Claude Code and gemini-cli have it' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -l bearer-token-env-var -d 'Variable with the token of the URL, as codex has it' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s e -l env -d 'Variable of the command: NAME=VALUE, or NAME to be prompted for the value' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s H -l header -d 'Header for the URL: \'NAME: VALUE\', or NAME to be prompted for the value' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -l cwd -d 'Folder in which the command runs' -r -F
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -l timeout -d 'Longest call (60s)' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -l start-timeout -d 'Longest start (30s)' -r
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s y -l yes -d 'Replace a server of this name without asking'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from import" -l from -d 'Program that the file is of' -r -f -a "claude-code\t''
claude-desktop\t''
cursor\t''
vscode\t''
zed\t''
gemini-cli\t''
codex\t''"
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from import" -s y -l yes -d 'Import everything without asking'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from test" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask for confirmation'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from login" -l headless -d 'Print the URL and prompt for the one that the browser ends at'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from login" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand mcp; and __fish_seen_subcommand_from logout" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand login" -s p -l profile -d 'Profile to log in' -r
complete -c amx -n "__fish_amx_using_subcommand login" -l headless -d 'Print the URL and prompt for the code that the page shows'
complete -c amx -n "__fish_amx_using_subcommand login" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logout" -s p -l profile -d 'The same as NAME' -r
complete -c amx -n "__fish_amx_using_subcommand logout" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand doctor" -s p -l profile -d 'Check only this profile' -r
complete -c amx -n "__fish_amx_using_subcommand doctor" -l offline -d 'Contact no server and run no key command'
complete -c amx -n "__fish_amx_using_subcommand doctor" -s v -l verbose -d 'Show every check, not only what is not ok'
complete -c amx -n "__fish_amx_using_subcommand doctor" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "list" -d 'List sessions, last used first'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "show" -d 'Print a session, rendered on a terminal, as Markdown in a pipe'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "search" -d 'Search questions, answers, names and titles'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "export" -d 'Export a session as Markdown or JSON'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "rename" -d 'Rename a session'
complete -c amx -n "__fish_amx_using_subcommand sessions; and not __fish_seen_subcommand_from list show search export rename delete" -f -a "delete" -d 'Delete sessions and all their branches permanently'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -s n -l limit -d 'Show at most N, newest first' -r
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from show" -s b -l branch -d 'Name or number of a branch, instead of the current one' -r
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -s n -l limit -d 'Show at most N, newest first' -r
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s f -l format -d 'Format of the export' -r -f -a "markdown\t''
json\t''"
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s o -l output -d 'File to write, readable only by you; stdout if omitted' -r -F
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -l all-branches -d 'Include every branch, not only the current one'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -l force -d 'Overwrite an existing file'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask for confirmation'
complete -c amx -n "__fish_amx_using_subcommand sessions; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "list" -d 'List templates and their descriptions'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "show" -d 'Print the settings, variables and text of a template'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "edit" -d 'Edit a template in $VISUAL or $EDITOR and validate it'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "new" -d 'Create a template in $VISUAL or $EDITOR, or from stdin'
complete -c amx -n "__fish_amx_using_subcommand templates; and not __fish_seen_subcommand_from list show edit new path" -f -a "path" -d 'Print the templates folder, or the path of a template'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from new" -l no-edit -d 'Do not open an editor: write stdin, or a starter template'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand templates; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "list" -d 'List the tools that a profile or --tool can name'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "show" -d 'Print the declaration of a tool as it is sent to the model'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "run" -d 'Run a tool by hand; asks first, as when a model calls it'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "approvals" -d 'List the tools that run without asking'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "forget" -d 'Delete a stored approval: the tool is asked about again'
complete -c amx -n "__fish_amx_using_subcommand tools; and not __fish_seen_subcommand_from list show run approvals forget log" -f -a "log" -d 'Show every tool call, the newest last'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile whose model the declaration is for' -r
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from show" -s m -l model -d 'Model that the declaration is for' -r
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from run" -l allow -d 'Run these tools without asking, this time only' -r
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from run" -l root -d 'Folder that the built-in file tools may read (repeatable)' -r -F
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from approvals" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from approvals" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from forget" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from log" -s n -l limit -d 'Show at most N, the last ones' -r
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from log" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand tools; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -l since -d 'Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all' -r -f -a "12h\t''
7d\t''
30d\t''
all\t''"
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -l by -d 'Grouping of the rows' -r -f -a "day\t''
model\t''
profile\t''
key\t''"
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -s p -l profile -d 'Profile of the account' -r
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -l live -d 'Fetch the remaining credit from the provider'
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -l csv -d 'Print comma-separated values'
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand usage; and not __fish_seen_subcommand_from export" -f -a "export" -d 'Export the ledger: one row for each request'
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -l since -d 'Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all' -r -f -a "12h\t''
7d\t''
30d\t''
all\t''"
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -s o -l output -d 'File to write, readable only by you; stdout if omitted' -r -F
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -l csv -d 'Write comma-separated values with every column'
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -l otlp -d 'Send spans and token counts to the collector of the telemetry settings'
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -l force -d 'Overwrite an existing file'
complete -c amx -n "__fish_amx_using_subcommand usage; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "list" -d 'List the destinations of the account'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "show" -d 'Show a destination: its settings and its fields, without secrets'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "add" -d 'Add a destination'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "set" -d 'Change a destination; what is not given stays as it is'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "remove" -d 'Remove a destination'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "kinds" -d 'List the kinds of destinations and their fields'
complete -c amx -n "__fish_amx_using_subcommand logs; and not __fish_seen_subcommand_from list show add set remove kinds key" -f -a "key" -d 'Store the management key of the account in the keyring, or remove it'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from list" -l workspace -d 'Workspace, by its ID; the default workspace of the key if omitted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from show" -l workspace -d 'Workspace, by its ID; the default workspace of the key if omitted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l name -d 'Name that lists show' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l set -d 'Field: FIELD=VALUE, FIELD=@FILE, FIELD=@- (stdin), or FIELD to be prompted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l sampling-rate -d 'Share of requests that are sent, from 0.0001 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l privacy-mode -d 'Send no prompts and answers, only their metadata' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l enabled -d 'Send logs to it' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l api-key-hash -d 'Only requests of this API key, by its hash (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l workspace -d 'Workspace, by its ID; the default workspace of the key if omitted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l name -d 'Name that lists show' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l set -d 'Field: FIELD=VALUE, FIELD=@FILE, FIELD=@- (stdin), or FIELD to be prompted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l sampling-rate -d 'Share of requests that are sent, from 0.0001 to 1' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l privacy-mode -d 'Send no prompts and answers, only their metadata' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l enabled -d 'Send logs to it' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l api-key-hash -d 'Only requests of this API key, by its hash (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l workspace -d 'Workspace, by its ID; the default workspace of the key if omitted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -l all-api-keys -d 'Requests of all API keys'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from remove" -l workspace -d 'Workspace, by its ID; the default workspace of the key if omitted' -r
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask for confirmation'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from kinds" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from kinds" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from key" -l stdin -d 'Read the key from stdin'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from key" -l remove -d 'Remove the key from the keyring'
complete -c amx -n "__fish_amx_using_subcommand logs; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l listen -d 'Where to listen: IP:PORT or unix:PATH; port 0 is any [default: the socket of systemd, or 127.0.0.1:4180]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -s p -l profile -d 'Profile for models that name none' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -s m -l model -d 'Model for requests that name none' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l force-model -d 'Model for all requests' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l models-shown -d 'What /v1/models lists next to the profiles [default: aliases]' -r -f -a "aliases\t''
all\t''"
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l keep-alive -d 'Silence after which a stream gets a comment or ping [default: 8s]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l idle -d 'Silence of the provider that ends a request [default: 180s]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l max-cost -d 'Maximum cost of one request, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l per-day -d 'Maximum cost of all clients together per day, in USD' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l max-body -d 'Largest body of a request [default: 32MiB]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l max-connections -d 'Maximum number of open connections [default: 1024]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l drain -d 'Time for requests in progress when the server ends [default: 10s]' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l allow-origin -d 'Origin of web pages that may send requests (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l allow-host -d 'Name of this server in Host, for a proxy before it (repeatable)' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l identity -d 'Identity that the provider receives: User-Agent, HTTP-Referer, X-Title [default: override]' -r -f -a "override\t''
default\t''
pass\t''"
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l state -d 'Share the limits of keys between servers, in Redis or Valkey' -r
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l state-rate -d 'While it does not answer: pass requests under a limit on rate, or refuse them [default: open]' -r -f -a "open\t'They pass'
closed\t'They are refused'"
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l state-money -d 'The same for requests under a limit on money [default: closed]' -r -f -a "open\t'They pass'
closed\t'They are refused'"
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l log -d 'Log a line for each request on stderr [default form: text]' -r -f -a "text\t''
json\t''"
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l metrics -d 'Answer GET /metrics, for Prometheus'
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l echo-model -d 'Name the model in answers as the client did'
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -l loop-guard -d 'End answers that repeat themselves, and refuse repeated calls of tools'
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand serve; and not __fish_seen_subcommand_from keys" -f -a "keys" -d 'Add, list and remove the keys of clients'
complete -c amx -n "__fish_amx_using_subcommand serve; and __fish_seen_subcommand_from keys" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand serve; and __fish_seen_subcommand_from keys" -f -a "add" -d 'Create a key and print it, once'
complete -c amx -n "__fish_amx_using_subcommand serve; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List the keys of clients'
complete -c amx -n "__fish_amx_using_subcommand serve; and __fish_seen_subcommand_from keys" -f -a "remove" -d 'Remove a key; running servers stop accepting it'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "path" -d 'Print the path of config.yml'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "show" -d 'Print the configuration, without keys'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "explain" -d 'Print settings, their sources and what they override'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "validate" -d 'Validate config.yml; unknown settings are errors here'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "edit" -d 'Edit config.yml in $VISUAL or $EDITOR and validate it'
complete -c amx -n "__fish_amx_using_subcommand config; and not __fish_seen_subcommand_from path show explain validate edit restore" -f -a "restore" -d 'Restore an earlier version of config.yml'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s p -l profile -d 'Profile to explain' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s m -l model -d 'Explain as if `chat` had this model' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s s -l system -d 'System prompt' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s t -l temperature -d 'Sampling temperature [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-p -d 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-effort -d '[none, minimal, low, medium, high, xhigh, max]' -r -f -a "none\t''
minimal\t''
low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s o -l option -d 'Set a request field, such as provider.sort=price' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema -d 'Answer with JSON: a file, name or \'name, age int\'' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l schema-many -d 'Answer with a JSON list of values that match the schema' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-tokens -d 'Maximum output tokens, reasoning included' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-cost -d 'Do not send if the answer could cost more' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l cache -d 'Accept a cached answer to the same question (OpenRouter)' -r -f -a "on\t''
off\t''
refresh\t''
5m\t''
1h\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l pdf-engine -d 'PDF parser [free (text only), native (the model), ocr (billed per page)]' -r -f -a "free\t''
native\t''
ocr\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l template -d 'Explain as if `chat` had this template' -r -F
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l private -d 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-k -d 'Sample from this many of the most likely tokens (0 for all)' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l min-p -d 'Minimum probability, relative to the most likely token [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-a -d 'Minimum probability, relative to the square of the most likely token\'s [0 to 1]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l repetition-penalty -d 'Penalise tokens of the prompt [0 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l frequency-penalty -d 'Penalise tokens by how often they have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l presence-penalty -d 'Penalise tokens that have appeared [-2 to 2]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l seed -d 'Seed for reproducible sampling, where the provider supports it' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l stop -d 'Stop sequences' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logit-bias -d 'Bias token IDs, -100 to 100, e.g. \'{"50256":-100}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l logprobs -d 'Return the log probability of each token' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l top-logprobs -d 'Return this many alternatives to each token; turns logprobs on [0 to 20]' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l verbosity -d 'Length of the answer [low, medium, high, xhigh, max]' -r -f -a "low\t''
medium\t''
high\t''
xhigh\t''
max\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l models -d 'Fallback models, in order; overrides the profile\'s fallback_models' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l preset -d 'Preset of the account' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-order -d 'Providers to try first, in order' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-only -d 'Use only these providers' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-ignore -d 'Providers to skip' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-allow-fallbacks -d 'Allow other providers when the preferred ones are unavailable' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-require-parameters -d 'Use only providers that support every parameter of the request' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-data-collection -d 'Whether providers may store the data [allow, deny]' -r -f -a "allow\t''
deny\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-zdr -d 'Use only endpoints with zero data retention' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-enforce-distillable-text -d 'Use only models that allow distillation of their text' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-quantizations -d 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]' -r -f -a "int4\t''
int8\t''
fp4\t''
mxfp4\t''
nvfp4\t''
fp6\t''
fp8\t''
mxfp8\t''
fp16\t''
bf16\t''
fp32\t''
unknown\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-sort -d 'Sort the providers [price, throughput, latency, exacto]' -r -f -a "price\t''
throughput\t''
latency\t''
exacto\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-min-throughput -d 'Preferred minimum throughput, tokens per second' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-preferred-max-latency -d 'Preferred maximum latency, seconds to the first token' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-max-price -d 'Maximum price, USD per million tokens, e.g. \'{"prompt":1,"completion":2.5}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l provider-options -d 'Provider-specific options, by provider slug, e.g. \'{"azure":{"region":"eu"}}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l plugins -d 'Plugins, each with its id' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l transforms -d 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]' -r -f -a "middle-out\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l route -d 'Retired by OpenRouter: accepted, and not sent [fallback, sort]' -r -f -a "fallback\t''
sort\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l service-tier -d 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]' -r -f -a "auto\t''
default\t''
fast\t''
flex\t''
priority\t''
scale\t''
ultrafast\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l speed -d 'Fast: the same as the tier priority [fast, standard]' -r -f -a "fast\t''
standard\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-enabled -d 'Turn reasoning on or off, without an effort' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-exclude -d 'Omit the reasoning from the response' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-summary -d 'Detail of the reasoning summary [auto, concise, detailed]' -r -f -a "auto\t''
concise\t''
detailed\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-context -d 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]' -r -f -a "auto\t''
all_turns\t''
current_turn\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l reasoning-mode -d 'Reasoning mode, GPT-5.6 and later [standard, pro]' -r -f -a "standard\t''
pro\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l response-format -d 'Format of the answer, e.g. \'{"type":"json_object"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tools -d 'Tools that the model may call' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l tool-choice -d 'Whether the model calls a tool, or which [none, auto, required]' -r -f -a "none\t''
auto\t''
required\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l parallel-tool-calls -d 'Allow several tool calls at once' -r -f -a "true\t''
false\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l modalities -d 'Output modalities [text, image, audio]' -r -f -a "text\t''
image\t''
audio\t''"
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l image-config -d 'Options of generated images, e.g. \'{"aspect_ratio":"16:9"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l audio -d 'Voice and format of spoken answers, e.g. \'{"voice":"alloy","format":"pcm16"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prediction -d 'Predicted output, to speed up the answer, e.g. \'{"type":"content","content":"fn main() {}"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l web-search-options -d 'Options of the web search, e.g. \'{"search_context_size":"low"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l cache-control -d 'Cache the prompt, e.g. \'{"type":"ephemeral","ttl":"1h"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-key -d 'Prompts with the same key share a cache' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l prompt-cache-options -d 'Prompt caching, GPT-5.6 and later, e.g. \'{"mode":"explicit","ttl":"30m"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l session-id -d 'Route all requests of a session to one provider, for its cache' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l user -d 'Stable ID of the end user' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l metadata -d 'Labels of the request, e.g. \'{"team":"a"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l trace -d 'Names for tracing, e.g. \'{"trace_id":"t-1","span_name":"review"}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l debug -d 'Return debugging information in the stream, e.g. \'{"echo_upstream_body":true}\'' -r
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l show-reasoning -d 'Print the model\'s reasoning to stderr'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l hide-reasoning -d 'Print no reasoning'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l web -d 'Let the model search the web and read pages'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-web -d 'No web search, whatever the profile says'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -l json -d 'Print JSON'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand config; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand completions" -l static -d 'Print a script that does not call amx: no models, profiles or sessions'
complete -c amx -n "__fish_amx_using_subcommand completions" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand shell-init" -s h -l help -d 'Print help'
complete -c amx -n "__fish_amx_using_subcommand man" -l all -d 'Write every page to a folder' -r -F
complete -c amx -n "__fish_amx_using_subcommand man" -s h -l help -d 'Print help'
