
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
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Ask several models or profiles the same at once, and see the answers beside each other')
            [CompletionResult]::new('add-llm-profile', 'add-llm-profile', [CompletionResultType]::ParameterValue, 'Set up a profile: provider, model, and a key that goes to the keyring')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List, inspect, choose, rename, test and remove profiles')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List and search the models of a provider, with what they can do and cost')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to OpenRouter with the browser; the key goes to the keyring')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Take the key of a profile out of the keyring')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find what is wrong, and what to type about it')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List, read, search, export, rename and delete what was kept of conversations')
            [CompletionResult]::new('templates', 'templates', [CompletionResultType]::ParameterValue, 'List, show, write and edit templates: questions with variables and settings')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show what was spent, by day, model or profile, and what the account may still spend')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Look at the configuration, explain it, check it, restore an earlier one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            break
        }
        'amx;chat' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID, ID?temperature=0.7')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID, ID?temperature=0.7')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included, 1 or more')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'The same, and the answer is a list of such values')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to send if the answer could cost more, in USD')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for the whole answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'Longest silence of a pipe on stdin')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Put the question into a template, by name or by the path of a file')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill a variable of the template. Repeatable')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write every exchange with the provider to a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Go on with a conversation, by name or number; a new name begins one')
            [CompletionResult]::new('--alternatives', '--alternatives', [CompletionResultType]::ParameterName, 'Answer several times at once, 1 to 5, the surest first; without a number the profile''s n_alternatives')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all), 0 or more')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token, 0 to 1')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s, 0 to 1')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt, above 0, at most 2')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared, -2 to 2')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared, -2 to 2')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences. Repeatable')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on, 0 to 20')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models. Repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order. Repeatable')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers. Repeatable')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip. Repeatable')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second, above 0')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token, above 0')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id. Repeatable')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call. Repeatable')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]. Repeatable')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache, at most 256 characters')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Show the model''s reasoning, on stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Hide the model''s reasoning')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Wait for the whole answer instead of streaming it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Show Markdown as it is written, also on a terminal')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send also what the list of models says that the model cannot do')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail where a parameter has to be left out, or the answer is cut at max_tokens (exit 10)')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object on stdout')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'One JSON object a line for each event')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the exact request body and send nothing')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Go on with the last conversation')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Go on with the last conversation')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Store nothing of this conversation')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;compare' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'A model to ask, with the profile named before it, else the active one. Repeatable')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'A model to ask, with the profile named before it, else the active one. Repeatable')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'A profile to ask for its own model, or for the models named after it. Repeatable')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'A profile to ask for its own model, or for the models named after it. Repeatable')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included, 1 or more')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'The same, and the answer is a list of such values')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to send if the answer could cost more, in USD')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file, a folder, a quoted pattern such as ''src/**/*.rs'', an https:// address, ''-'' for stdin or ''clipboard:''. Repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest time for the whole answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'Longest silence of a pipe on stdin')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Put the question into a template, by name or by the path of a file')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Fill a variable of the template. Repeatable')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write every exchange with the provider to a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all), 0 or more')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token, 0 to 1')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s, 0 to 1')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt, above 0, at most 2')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared, -2 to 2')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared, -2 to 2')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences. Repeatable')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on, 0 to 20')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models. Repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order. Repeatable')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers. Repeatable')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip. Repeatable')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second, above 0')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token, above 0')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id. Repeatable')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call. Repeatable')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]. Repeatable')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache, at most 256 characters')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Show the model''s reasoning, on stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Hide the model''s reasoning')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Wait for the whole answer instead of streaming it')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Show Markdown as it is written, also on a terminal')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send also what the list of models says that the model cannot do')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail where a parameter has to be left out, or the answer is cut at max_tokens (exit 10)')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'A JSON array with an object for each answer, in the order given')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
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
        'amx;templates' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the templates, with what they are for')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the settings, the variables and the text of a template')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open a template in $VISUAL or $EDITOR, and check it afterwards')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write a new template in $VISUAL or $EDITOR, or from stdin')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the folder of templates, or the path of one')
            break
        }
        'amx;templates;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates;edit' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates;new' {
            [CompletionResult]::new('--no-edit', '--no-edit', [CompletionResultType]::ParameterName, 'Open no editor: write what stdin brings, else a template to begin with')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates;path' {
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
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this, 0 to 1')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included, 1 or more')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, 'Reasoning effort [none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a field of the request body, e.g. provider.sort=price. Repeatable')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON that keeps to a schema: a file, a saved name, JSON, or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'The same, and the answer is a list of such values')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Refuse to send if the answer could cost more, in USD')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'As if `chat` were given this template')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all), 0 or more')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token, 0 to 1')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s, 0 to 1')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt, above 0, at most 2')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared, -2 to 2')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared, -2 to 2')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences. Repeatable')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on, 0 to 20')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models. Repeatable')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order. Repeatable')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers. Repeatable')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip. Repeatable')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]. Repeatable')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second, above 0')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token, above 0')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id. Repeatable')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]. Repeatable')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call. Repeatable')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]. Repeatable')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache, at most 256 characters')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Show the model''s reasoning, on stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Hide the model''s reasoning')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'JSON on stdout')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
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
