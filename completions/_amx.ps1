
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
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Ask a question, or start a conversation when no prompt is given')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'Send a prompt to several models in parallel and compare the answers')
            [CompletionResult]::new('add-llm-profile', 'add-llm-profile', [CompletionResultType]::ParameterValue, 'Set up a profile: provider, model and key')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List, show, select, rename, test and remove profiles')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List and search models, their features and prices')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to OpenRouter with the browser')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the key of a profile from the keyring')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose problems and suggest fixes')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List, show, search, export, rename and delete saved conversations')
            [CompletionResult]::new('templates', 'templates', [CompletionResultType]::ParameterValue, 'List, show, create and edit prompt templates')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show spending by day, model or profile, and the remaining credit')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, explain, validate, edit or restore the configuration')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('shell-init', 'shell-init', [CompletionResultType]::ParameterValue, 'Print a key binding: Alt-E replaces the line by a suggested command')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, or write all of them')
            break
        }
        'amx;chat' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model ID, or several: ID,ID (fallbacks)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID, or several: ID,ID (fallbacks)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file, folder, glob, URL or ''-'' (stdin)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file, folder, glob, URL or ''-'' (stdin)')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, '[none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON: a file, name or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'Answer with a JSON list of values that match the schema')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the answer could cost more')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use a template, by name or path')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a template variable (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Continue or start a conversation by name')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Resume a saved conversation, or pick one')
            [CompletionResult]::new('--alternatives', '--alternatives', [CompletionResultType]::ParameterName, 'Several answers, most confident first')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'Shell of the command, by name or path (default: $SHELL)')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'Print only the code blocks, or block N')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print only the code blocks, or block N')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the answer to a new file')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all)')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token [0 to 1]')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s [0 to 1]')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt [0 to 2]')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared [-2 to 2]')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared [-2 to 2]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on [0 to 20]')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Print the model''s reasoning to stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Print no reasoning')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer only when it is complete')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the Markdown source, also on a terminal')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send even if the catalogue says the model does not support it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a parameter is not supported or the answer reaches max_tokens (exit 10)')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Print one JSON object per event')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request body and send nothing')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the last conversation')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the last conversation')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Do not save this conversation')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Continue as a conversation after the first answer')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Continue as a conversation after the first answer')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Answer with one shell command')
            [CompletionResult]::new('--execute', '--execute', [CompletionResultType]::ParameterName, 'Answer with one shell command')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the file of --output when the answer is complete')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Copy the answer to the clipboard')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Omit notes, the status line and the spinner')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Omit notes, the status line and the spinner')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Print tokens and cost on stderr, also in a pipe')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;compare' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model, of the profile named before it or the active one (repeatable)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model, of the profile named before it or the active one (repeatable)')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile, with its own model or the models named after it (repeatable)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile, with its own model or the models named after it (repeatable)')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file, folder, glob, URL or ''-'' (stdin)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file, folder, glob, URL or ''-'' (stdin)')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, '[none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON: a file, name or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'Answer with a JSON list of values that match the schema')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the answer could cost more')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use a template, by name or path')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a template variable (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all)')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token [0 to 1]')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s [0 to 1]')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt [0 to 2]')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared [-2 to 2]')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared [-2 to 2]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on [0 to 20]')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Print the model''s reasoning to stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Print no reasoning')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer only when it is complete')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the Markdown source, also on a terminal')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send even if the catalogue says the model does not support it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a parameter is not supported or the answer reaches max_tokens (exit 10)')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print a JSON array with one object per answer, in the order given')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;add-llm-profile' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, '[openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local, demo]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID, such as anthropic/claude-sonnet-4')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Base URL, for a local server or a proxy')
            [CompletionResult]::new('--api-key-ref', '--api-key-ref', [CompletionResultType]::ParameterName, 'Source of the key instead of the keyring: ${NAME}, cmd:PROGRAM or file:/PATH')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature, 0 to 2')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens')
            [CompletionResult]::new('--alternatives', '--alternatives', [CompletionResultType]::ParameterName, 'Number of answers with --alternatives, 1 to 5')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt: take everything from flags')
            [CompletionResult]::new('--api-key-stdin', '--api-key-stdin', [CompletionResultType]::ParameterName, 'Read the key from stdin and store it in the keyring')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Do not check the key with the provider')
            [CompletionResult]::new('--activate', '--activate', [CompletionResultType]::ParameterName, 'Make it the active profile')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;profiles' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List profiles and mark the active one')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a profile and the source of every value')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make a profile active')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a profile and its key from the keyring')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a profile, with its key in the keyring')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send a one-word request and print how long it took')
            break
        }
        'amx;profiles;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;profiles;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
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
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
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
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--max-price', '--max-price', [CompletionResultType]::ParameterName, 'Maximum price per million tokens, input and output')
            [CompletionResult]::new('--min-context', '--min-context', [CompletionResultType]::ParameterName, 'Minimum context window, such as 200000, 200k or 1M')
            [CompletionResult]::new('--author', '--author', [CompletionResultType]::ParameterName, 'Only models by this author, such as anthropic')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort order')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show at most N models')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most N models')
            [CompletionResult]::new('--reasoning', '--reasoning', [CompletionResultType]::ParameterName, 'Only models with reasoning')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Only models with tool calling')
            [CompletionResult]::new('--vision', '--vision', [CompletionResultType]::ParameterName, 'Only models with image input')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Only models with log probabilities')
            [CompletionResult]::new('--free', '--free', [CompletionResultType]::ParameterName, 'Only free models (:free)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the details of a model and the providers that serve it')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Refresh the cached catalogue and print what changed')
            [CompletionResult]::new('pick', 'pick', [CompletionResultType]::ParameterValue, 'Pick a model interactively and print its ID')
            break
        }
        'amx;models;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models;sync' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;models;pick' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose provider is used')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;login' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to log in')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to log in')
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Print the URL and prompt for the code that the page shows')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logout' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to log out')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to log out')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;doctor' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Check only this profile')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Check only this profile')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Contact no server and run no key command')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show every check, not only what is not ok')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show every check, not only what is not ok')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;sessions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions, last used first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a session, rendered on a terminal, as Markdown in a pipe')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search questions, answers, names and titles')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export a session as Markdown or JSON')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a session')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete sessions and all their branches permanently')
            break
        }
        'amx;sessions;list' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show at most N, newest first')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most N, newest first')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;show' {
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Name or number of a branch, instead of the current one')
            [CompletionResult]::new('--branch', '--branch', [CompletionResultType]::ParameterName, 'Name or number of a branch, instead of the current one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;search' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show at most N, newest first')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most N, newest first')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;sessions;export' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Format of the export')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the export')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, readable only by you; stdout if omitted')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, readable only by you; stdout if omitted')
            [CompletionResult]::new('--all-branches', '--all-branches', [CompletionResultType]::ParameterName, 'Include every branch, not only the current one')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an existing file')
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
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List templates and their descriptions')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the settings, variables and text of a template')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a template in $VISUAL or $EDITOR and validate it')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Create a template in $VISUAL or $EDITOR, or from stdin')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the templates folder, or the path of a template')
            break
        }
        'amx;templates;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;templates;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
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
            [CompletionResult]::new('--no-edit', '--no-edit', [CompletionResultType]::ParameterName, 'Do not open an editor: write stdin, or a starter template')
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
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Grouping of the rows')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile of the account')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile of the account')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Fetch the remaining credit from the provider')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Print comma-separated values')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of config.yml')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration, without keys')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Print settings, their sources and what they override')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Validate config.yml; unknown settings are errors here')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit config.yml in $VISUAL or $EDITOR and validate it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Restore an earlier version of config.yml')
            break
        }
        'amx;config;path' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;config;explain' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to explain')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to explain')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Explain as if `chat` had this model')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Explain as if `chat` had this model')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, '[none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON: a file, name or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'Answer with a JSON list of values that match the schema')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the answer could cost more')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Explain as if `chat` had this template')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Use only providers that neither store prompts nor train on them: data_collection: deny and zdr: true')
            [CompletionResult]::new('--top-k', '--top-k', [CompletionResultType]::ParameterName, 'Sample from this many of the most likely tokens (0 for all)')
            [CompletionResult]::new('--min-p', '--min-p', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the most likely token [0 to 1]')
            [CompletionResult]::new('--top-a', '--top-a', [CompletionResultType]::ParameterName, 'Minimum probability, relative to the square of the most likely token''s [0 to 1]')
            [CompletionResult]::new('--repetition-penalty', '--repetition-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens of the prompt [0 to 2]')
            [CompletionResult]::new('--frequency-penalty', '--frequency-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens by how often they have appeared [-2 to 2]')
            [CompletionResult]::new('--presence-penalty', '--presence-penalty', [CompletionResultType]::ParameterName, 'Penalise tokens that have appeared [-2 to 2]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for reproducible sampling, where the provider supports it')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop sequences')
            [CompletionResult]::new('--logit-bias', '--logit-bias', [CompletionResultType]::ParameterName, 'Bias token IDs, -100 to 100, e.g. ''{"50256":-100}''')
            [CompletionResult]::new('--logprobs', '--logprobs', [CompletionResultType]::ParameterName, 'Return the log probability of each token')
            [CompletionResult]::new('--top-logprobs', '--top-logprobs', [CompletionResultType]::ParameterName, 'Return this many alternatives to each token; turns logprobs on [0 to 20]')
            [CompletionResult]::new('--verbosity', '--verbosity', [CompletionResultType]::ParameterName, 'Length of the answer [low, medium, high, xhigh, max]')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Fallback models, in order; overrides the profile''s fallback_models')
            [CompletionResult]::new('--preset', '--preset', [CompletionResultType]::ParameterName, 'Preset of the account')
            [CompletionResult]::new('--provider-order', '--provider-order', [CompletionResultType]::ParameterName, 'Providers to try first, in order')
            [CompletionResult]::new('--provider-only', '--provider-only', [CompletionResultType]::ParameterName, 'Use only these providers')
            [CompletionResult]::new('--provider-ignore', '--provider-ignore', [CompletionResultType]::ParameterName, 'Providers to skip')
            [CompletionResult]::new('--provider-allow-fallbacks', '--provider-allow-fallbacks', [CompletionResultType]::ParameterName, 'Allow other providers when the preferred ones are unavailable')
            [CompletionResult]::new('--provider-require-parameters', '--provider-require-parameters', [CompletionResultType]::ParameterName, 'Use only providers that support every parameter of the request')
            [CompletionResult]::new('--provider-data-collection', '--provider-data-collection', [CompletionResultType]::ParameterName, 'Whether providers may store the data [allow, deny]')
            [CompletionResult]::new('--provider-zdr', '--provider-zdr', [CompletionResultType]::ParameterName, 'Use only endpoints with zero data retention')
            [CompletionResult]::new('--provider-enforce-distillable-text', '--provider-enforce-distillable-text', [CompletionResultType]::ParameterName, 'Use only models that allow distillation of their text')
            [CompletionResult]::new('--provider-quantizations', '--provider-quantizations', [CompletionResultType]::ParameterName, 'Use only these quantization levels [int4, int8, fp4, mxfp4, nvfp4, fp6, fp8, mxfp8, fp16, bf16, fp32, unknown]')
            [CompletionResult]::new('--provider-sort', '--provider-sort', [CompletionResultType]::ParameterName, 'Sort the providers [price, throughput, latency, exacto]')
            [CompletionResult]::new('--provider-preferred-min-throughput', '--provider-preferred-min-throughput', [CompletionResultType]::ParameterName, 'Preferred minimum throughput, tokens per second')
            [CompletionResult]::new('--provider-preferred-max-latency', '--provider-preferred-max-latency', [CompletionResultType]::ParameterName, 'Preferred maximum latency, seconds to the first token')
            [CompletionResult]::new('--provider-max-price', '--provider-max-price', [CompletionResultType]::ParameterName, 'Maximum price, USD per million tokens, e.g. ''{"prompt":1,"completion":2.5}''')
            [CompletionResult]::new('--provider-options', '--provider-options', [CompletionResultType]::ParameterName, 'Provider-specific options, by provider slug, e.g. ''{"azure":{"region":"eu"}}''')
            [CompletionResult]::new('--plugins', '--plugins', [CompletionResultType]::ParameterName, 'Plugins, each with its id')
            [CompletionResult]::new('--transforms', '--transforms', [CompletionResultType]::ParameterName, 'Compress a prompt that is too long; also sent as the plugin context-compression [middle-out]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Retired by OpenRouter: accepted, and not sent [fallback, sort]')
            [CompletionResult]::new('--service-tier', '--service-tier', [CompletionResultType]::ParameterName, 'Processing tier: faster and more expensive, or slower and cheaper [auto, default, fast, flex, priority, scale, ultrafast]')
            [CompletionResult]::new('--reasoning-enabled', '--reasoning-enabled', [CompletionResultType]::ParameterName, 'Turn reasoning on or off, without an effort')
            [CompletionResult]::new('--reasoning-exclude', '--reasoning-exclude', [CompletionResultType]::ParameterName, 'Omit the reasoning from the response')
            [CompletionResult]::new('--reasoning-summary', '--reasoning-summary', [CompletionResultType]::ParameterName, 'Detail of the reasoning summary [auto, concise, detailed]')
            [CompletionResult]::new('--reasoning-context', '--reasoning-context', [CompletionResultType]::ParameterName, 'Turns whose reasoning is sent back to the model [auto, all_turns, current_turn]')
            [CompletionResult]::new('--reasoning-mode', '--reasoning-mode', [CompletionResultType]::ParameterName, 'Reasoning mode, GPT-5.6 and later [standard, pro]')
            [CompletionResult]::new('--response-format', '--response-format', [CompletionResultType]::ParameterName, 'Format of the answer, e.g. ''{"type":"json_object"}''')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Tools that the model may call')
            [CompletionResult]::new('--tool-choice', '--tool-choice', [CompletionResultType]::ParameterName, 'Whether the model calls a tool, or which [none, auto, required]')
            [CompletionResult]::new('--parallel-tool-calls', '--parallel-tool-calls', [CompletionResultType]::ParameterName, 'Allow several tool calls at once')
            [CompletionResult]::new('--modalities', '--modalities', [CompletionResultType]::ParameterName, 'Output modalities [text, image, audio]')
            [CompletionResult]::new('--image-config', '--image-config', [CompletionResultType]::ParameterName, 'Options of generated images, e.g. ''{"aspect_ratio":"16:9"}''')
            [CompletionResult]::new('--audio', '--audio', [CompletionResultType]::ParameterName, 'Voice and format of spoken answers, e.g. ''{"voice":"alloy","format":"pcm16"}''')
            [CompletionResult]::new('--prediction', '--prediction', [CompletionResultType]::ParameterName, 'Predicted output, to speed up the answer, e.g. ''{"type":"content","content":"fn main() {}"}''')
            [CompletionResult]::new('--web-search-options', '--web-search-options', [CompletionResultType]::ParameterName, 'Options of the web search, e.g. ''{"search_context_size":"low"}''')
            [CompletionResult]::new('--cache-control', '--cache-control', [CompletionResultType]::ParameterName, 'Cache the prompt, e.g. ''{"type":"ephemeral","ttl":"1h"}''')
            [CompletionResult]::new('--prompt-cache-key', '--prompt-cache-key', [CompletionResultType]::ParameterName, 'Prompts with the same key share a cache')
            [CompletionResult]::new('--prompt-cache-options', '--prompt-cache-options', [CompletionResultType]::ParameterName, 'Prompt caching, GPT-5.6 and later, e.g. ''{"mode":"explicit","ttl":"30m"}''')
            [CompletionResult]::new('--session-id', '--session-id', [CompletionResultType]::ParameterName, 'Route all requests of a session to one provider, for its cache')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Stable ID of the end user')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Labels of the request, e.g. ''{"team":"a"}''')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Names for tracing, e.g. ''{"trace_id":"t-1","span_name":"review"}''')
            [CompletionResult]::new('--debug', '--debug', [CompletionResultType]::ParameterName, 'Return debugging information in the stream, e.g. ''{"echo_upstream_body":true}''')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Print the model''s reasoning to stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Print no reasoning')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
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
            [CompletionResult]::new('--static', '--static', [CompletionResultType]::ParameterName, 'Print a script that does not call amx: no models, profiles or sessions')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;shell-init' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;man' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write every page to a folder')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
