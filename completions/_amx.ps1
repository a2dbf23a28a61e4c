
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
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Ask each row of a file once, and resume a stopped job')
            [CompletionResult]::new('embed', 'embed', [CompletionResultType]::ParameterValue, 'Turn texts into vectors')
            [CompletionResult]::new('rerank', 'rerank', [CompletionResultType]::ParameterValue, 'Sort documents by their relevance to a query')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'Make images from a prompt, and save them')
            [CompletionResult]::new('add-llm-profile', 'add-llm-profile', [CompletionResultType]::ParameterValue, 'Set up a profile: provider, model and key')
            [CompletionResult]::new('profiles', 'profiles', [CompletionResultType]::ParameterValue, 'List, show, select, rename, test and remove profiles')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List and search models, their features and prices')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'List, add, import and remove MCP servers and their tools')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to OpenRouter with the browser')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the key of a profile from the keyring')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose problems and suggest fixes')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'List, show, search, export, rename and delete saved conversations')
            [CompletionResult]::new('templates', 'templates', [CompletionResultType]::ParameterValue, 'List, show, create and edit prompt templates')
            [CompletionResult]::new('tools', 'tools', [CompletionResultType]::ParameterValue, 'List and run tools, and show approvals and the log of calls')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Show spending by day, model or profile, and the remaining credit')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Manage the log destinations of an OpenRouter account')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the profiles to programs that speak the API of OpenAI or Anthropic')
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
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Accept a cached answer to the same question (OpenRouter)')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use a template, by name or path')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a template variable (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Continue or start a conversation by name')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Resume a saved conversation, or pick one')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'Let the model call these tools, or ''all''')
            [CompletionResult]::new('--max-steps', '--max-steps', [CompletionResultType]::ParameterName, 'How often the model may be asked again after tool results, 1 to 200')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Run these tools without asking, this time only')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'Folder that the built-in file tools may read (repeatable)')
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
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Fast: the same as the tier priority [fast, standard]')
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
            [CompletionResult]::new('--web', '--web', [CompletionResultType]::ParameterName, 'Let the model search the web and read pages')
            [CompletionResult]::new('--no-web', '--no-web', [CompletionResultType]::ParameterName, 'No web search, whatever the profile says')
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
            [CompletionResult]::new('--no-tools', '--no-tools', [CompletionResultType]::ParameterName, 'Let the model call no tools, not even those of the profile')
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
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Accept a cached answer to the same question (OpenRouter)')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use a template, by name or path')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a template variable (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the answer, such as 90s or 2m')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'tool')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'allow')
            [CompletionResult]::new('--max-steps', '--max-steps', [CompletionResultType]::ParameterName, 'max-steps')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'root')
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
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Fast: the same as the tier priority [fast, standard]')
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
            [CompletionResult]::new('--web', '--web', [CompletionResultType]::ParameterName, 'Let the model search the web and read pages')
            [CompletionResult]::new('--no-web', '--no-web', [CompletionResultType]::ParameterName, 'No web search, whatever the profile says')
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
        'amx;batch' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model ID, or several: ID,ID (fallbacks)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID, or several: ID,ID (fallbacks)')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--temperature', '--temperature', [CompletionResultType]::ParameterName, 'Sampling temperature [0 to 2]')
            [CompletionResult]::new('--top-p', '--top-p', [CompletionResultType]::ParameterName, 'Nucleus sampling: only the most likely tokens whose probabilities add up to this [0 to 1]')
            [CompletionResult]::new('--reasoning-effort', '--reasoning-effort', [CompletionResultType]::ParameterName, '[none, minimal, low, medium, high, xhigh, max]')
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Answer with JSON: a file, name or ''name, age int''')
            [CompletionResult]::new('--schema-many', '--schema-many', [CompletionResultType]::ParameterName, 'Answer with a JSON list of values that match the schema')
            [CompletionResult]::new('--max-tokens', '--max-tokens', [CompletionResultType]::ParameterName, 'Maximum output tokens, reasoning included')
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Accept a cached answer to the same question (OpenRouter)')
            [CompletionResult]::new('--pdf-engine', '--pdf-engine', [CompletionResultType]::ParameterName, 'PDF parser [free (text only), native (the model), ocr (billed per page)]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use a template, by name or path')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the answer, such as 90s or 2m')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Set a variable for rows without such a column (repeatable)')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Stop before all runs together could cost more')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file to every row')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file to every row')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--tool', '--tool', [CompletionResultType]::ParameterName, 'tool')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'allow')
            [CompletionResult]::new('--max-steps', '--max-steps', [CompletionResultType]::ParameterName, 'max-steps')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'root')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Input format [jsonl, csv, tsv, lines, openai]')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Column with the ID of a row; else custom_id, id, or its number')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Copy these columns into the output, or ''all''')
            [CompletionResult]::new('--from-row', '--from-row', [CompletionResultType]::ParameterName, 'Use these columns of a row as settings [model, schema, system]')
            [CompletionResult]::new('--file-column', '--file-column', [CompletionResultType]::ParameterName, 'Column with a file to attach, below the folder of the input')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Ask the first rows only')
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'Ask so many rows, the same ones each time')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output and journal: a line of JSON for each row')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output and journal: a line of JSON for each row')
            [CompletionResult]::new('--shard', '--shard', [CompletionResultType]::ParameterName, 'Ask one of N parts of the rows, I from 0; ''auto'' reads the scheduler''s variables')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Form of the output [jsonl, csv, openai]')
            [CompletionResult]::new('--errors', '--errors', [CompletionResultType]::ParameterName, 'Write failed rows to this file instead')
            [CompletionResult]::new('--order', '--order', [CompletionResultType]::ParameterName, 'Order of the lines [done, input]')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Most requests at once, 1 to 1024 (16)')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Most requests a minute, such as 300/min')
            [CompletionResult]::new('--tokens', '--tokens', [CompletionResultType]::ParameterName, 'Most tokens of prompts a minute, such as 200000/min')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Ask so many rows in one request, 1 to 1000 (1)')
            [CompletionResult]::new('--max-cost-row', '--max-cost-row', [CompletionResultType]::ParameterName, 'Do not send a row if its answer could cost more')
            [CompletionResult]::new('--max-errors', '--max-errors', [CompletionResultType]::ParameterName, 'Stop after so many failed rows, such as 50 or 5%')
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
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Fast: the same as the tier priority [fast, standard]')
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
            [CompletionResult]::new('--web', '--web', [CompletionResultType]::ParameterName, 'Let the model search the web and read pages')
            [CompletionResult]::new('--no-web', '--no-web', [CompletionResultType]::ParameterName, 'No web search, whatever the profile says')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer only when it is complete')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send even if the catalogue says the model does not support it')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail if a parameter is not supported or two rows have one ID')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the Markdown source, also on a terminal')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Never read stdin')
            [CompletionResult]::new('--show-reasoning', '--show-reasoning', [CompletionResultType]::ParameterName, 'Print the model''s reasoning to stderr')
            [CompletionResult]::new('--hide-reasoning', '--hide-reasoning', [CompletionResultType]::ParameterName, 'Print no reasoning')
            [CompletionResult]::new('--skip-bad', '--skip-bad', [CompletionResultType]::ParameterName, 'Write rows that cannot be asked as skipped')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Estimate tokens and cost, and send nothing')
            [CompletionResult]::new('--discount', '--discount', [CompletionResultType]::ParameterName, 'Use the provider''s batches at about half the price')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'With --discount, end when the batches are submitted')
            [CompletionResult]::new('--retry-failed', '--retry-failed', [CompletionResultType]::ParameterName, 'Ask failed rows once more')
            [CompletionResult]::new('--restart', '--restart', [CompletionResultType]::ParameterName, 'Start over; the old output is renamed to FILE.1')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Put the outputs of all shards together, in the order of the input')
            break
        }
        'amx;batch;merge' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;embed' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Read a file as one text (repeatable)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read a file as one text (repeatable)')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Read each line of a file as a text (repeatable)')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Lines are JSON objects; read this field of them')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--dimensions', '--dimensions', [CompletionResultType]::ParameterName, 'Length of the vectors, where the model supports it')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as input_type=query')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the requests could cost more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each request, such as 90s or 2m')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the vectors to a new file; FILE.npy is a NumPy array')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the vectors to a new file; FILE.npy is a NumPy array')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Form of the output; without it by the name of the file')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Most requests at once, 1 to 64')
            [CompletionResult]::new('--batch-size', '--batch-size', [CompletionResultType]::ParameterName, 'Most texts in one request; without it by the provider')
            [CompletionResult]::new('--skip-empty', '--skip-empty', [CompletionResultType]::ParameterName, 'Omit empty texts, which are an error otherwise')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Omit notes and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Omit notes and progress')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the body of the first request, and send nothing')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the file of --output when all vectors have arrived')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object with all vectors, tokens and cost')
            [CompletionResult]::new('--with-input', '--with-input', [CompletionResultType]::ParameterName, 'Print each text with its vector')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;rerank' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Read a file as one text (repeatable)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read a file as one text (repeatable)')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Read each line of a file as a text (repeatable)')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Lines are JSON objects; read this field of them')
            [CompletionResult]::new('--stdin-timeout', '--stdin-timeout', [CompletionResultType]::ParameterName, 'How long to wait for data on stdin')
            [CompletionResult]::new('--top', '--top', [CompletionResultType]::ParameterName, 'Print the most relevant documents only')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as input_type=query')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the requests could cost more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each request, such as 90s or 2m')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('--skip-empty', '--skip-empty', [CompletionResultType]::ParameterName, 'Omit empty texts, which are an error otherwise')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Omit notes and progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Omit notes and progress')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the body of the first request, and send nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object with all scores, tokens and cost')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;image' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Start from an image: a file, URL, ''-'' (stdin) or ''clipboard:'' (repeatable)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Start from an image: a file, URL, ''-'' (stdin) or ''clipboard:'' (repeatable)')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to use')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of images, 1 to 10')
            [CompletionResult]::new('--number', '--number', [CompletionResultType]::ParameterName, 'Number of images, 1 to 10')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Size of an image, such as 1024x1024, 2K or 16:9')
            [CompletionResult]::new('--quality', '--quality', [CompletionResultType]::ParameterName, 'Quality of an image, such as low, medium or high')
            [CompletionResult]::new('--option', '--option', [CompletionResultType]::ParameterName, 'Set a request field, such as provider.sort=price')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Do not send if the images could cost more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for the images, such as 90s or 2m')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File of the first image; the others are numbered beside it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File of the first image; the others are numbered beside it')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Record every exchange with the provider in a new file, without keys')
            [CompletionResult]::new('--replay', '--replay', [CompletionResultType]::ParameterName, 'Answer from a recording: no network, no key, no cost')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask whether to pay the price of the images')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask whether to pay the price of the images')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send even if no list says that the model makes images')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace the file of --output')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Omit notes, the status line and the spinner')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Omit notes, the status line and the spinner')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request body and send nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;add-llm-profile' {
            [CompletionResult]::new('--provider', '--provider', [CompletionResultType]::ParameterName, '[openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local, demo]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model ID, such as anthropic/claude-sonnet-5')
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
        'amx;mcp' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the servers of config.yml')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a server: a command that starts it, or a URL')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import the servers of Claude Code, Claude Desktop, Cursor, VS Code, Zed, gemini-cli or Codex')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Start a server, or all of them, and list the tools')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a server and its secrets in the keyring')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to a server with the browser (OAuth)')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the token of a server from the keyring, and revoke it')
            break
        }
        'amx;mcp;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;add' {
            [CompletionResult]::new('--url', '--url', [CompletionResultType]::ParameterName, 'The URL, as codex has it')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'How the server is reached, as Claude Code and gemini-cli have it; the target says it, too')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'How the server is reached, as Claude Code and gemini-cli have it; the target says it, too')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Whose server it is, as Claude Code and gemini-cli have it')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Whose server it is, as Claude Code and gemini-cli have it')
            [CompletionResult]::new('--bearer-token-env-var', '--bearer-token-env-var', [CompletionResultType]::ParameterName, 'Variable with the token of the URL, as codex has it')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Variable of the command: NAME=VALUE, or NAME to be prompted for the value')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Variable of the command: NAME=VALUE, or NAME to be prompted for the value')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Header for the URL: ''NAME: VALUE'', or NAME to be prompted for the value')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Header for the URL: ''NAME: VALUE'', or NAME to be prompted for the value')
            [CompletionResult]::new('--cwd', '--cwd', [CompletionResultType]::ParameterName, 'Folder in which the command runs')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Longest call (60s)')
            [CompletionResult]::new('--start-timeout', '--start-timeout', [CompletionResultType]::ParameterName, 'Longest start (30s)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Replace a server of this name without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Replace a server of this name without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;import' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Program that the file is of')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Import everything without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Import everything without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;test' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;remove' {
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;login' {
            [CompletionResult]::new('--headless', '--headless', [CompletionResultType]::ParameterName, 'Print the URL and prompt for the one that the browser ends at')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;mcp;logout' {
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
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The same as NAME')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The same as NAME')
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
        'amx;tools' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the tools that a profile or --tool can name')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the declaration of a tool as it is sent to the model')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a tool by hand; asks first, as when a model calls it')
            [CompletionResult]::new('approvals', 'approvals', [CompletionResultType]::ParameterValue, 'List the tools that run without asking')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete a stored approval: the tool is asked about again')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show every tool call, the newest last')
            break
        }
        'amx;tools;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;tools;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile whose model the declaration is for')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile whose model the declaration is for')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model that the declaration is for')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model that the declaration is for')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;tools;run' {
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Run these tools without asking, this time only')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'Folder that the built-in file tools may read (repeatable)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;tools;approvals' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;tools;forget' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;tools;log' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show at most N, the last ones')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most N, the last ones')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
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
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export the ledger: one row for each request')
            break
        }
        'amx;usage;export' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Start: 7d or 2w (calendar days, today included), 12h, 2026-11-01 or all')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write, readable only by you; stdout if omitted')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write, readable only by you; stdout if omitted')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Write comma-separated values with every column')
            [CompletionResult]::new('--otlp', '--otlp', [CompletionResultType]::ParameterName, 'Send spans and token counts to the collector of the telemetry settings')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an existing file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logs' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the destinations of the account')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a destination: its settings and its fields, without secrets')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a destination')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a destination; what is not given stays as it is')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a destination')
            [CompletionResult]::new('kinds', 'kinds', [CompletionResultType]::ParameterValue, 'List the kinds of destinations and their fields')
            [CompletionResult]::new('key', 'key', [CompletionResultType]::ParameterValue, 'Store the management key of the account in the keyring, or remove it')
            break
        }
        'amx;logs;list' {
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Workspace, by its ID; the default workspace of the key if omitted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logs;show' {
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Workspace, by its ID; the default workspace of the key if omitted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logs;add' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name that lists show')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Field: FIELD=VALUE, FIELD=@FILE, FIELD=@- (stdin), or FIELD to be prompted')
            [CompletionResult]::new('--sampling-rate', '--sampling-rate', [CompletionResultType]::ParameterName, 'Share of requests that are sent, from 0.0001 to 1')
            [CompletionResult]::new('--privacy-mode', '--privacy-mode', [CompletionResultType]::ParameterName, 'Send no prompts and answers, only their metadata')
            [CompletionResult]::new('--enabled', '--enabled', [CompletionResultType]::ParameterName, 'Send logs to it')
            [CompletionResult]::new('--api-key-hash', '--api-key-hash', [CompletionResultType]::ParameterName, 'Only requests of this API key, by its hash (repeatable)')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Workspace, by its ID; the default workspace of the key if omitted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;logs;set' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name that lists show')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Field: FIELD=VALUE, FIELD=@FILE, FIELD=@- (stdin), or FIELD to be prompted')
            [CompletionResult]::new('--sampling-rate', '--sampling-rate', [CompletionResultType]::ParameterName, 'Share of requests that are sent, from 0.0001 to 1')
            [CompletionResult]::new('--privacy-mode', '--privacy-mode', [CompletionResultType]::ParameterName, 'Send no prompts and answers, only their metadata')
            [CompletionResult]::new('--enabled', '--enabled', [CompletionResultType]::ParameterName, 'Send logs to it')
            [CompletionResult]::new('--api-key-hash', '--api-key-hash', [CompletionResultType]::ParameterName, 'Only requests of this API key, by its hash (repeatable)')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Workspace, by its ID; the default workspace of the key if omitted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--all-api-keys', '--all-api-keys', [CompletionResultType]::ParameterName, 'Requests of all API keys')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'amx;logs;remove' {
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Workspace, by its ID; the default workspace of the key if omitted')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logs;kinds' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;logs;key' {
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read the key from stdin')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove the key from the keyring')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;serve' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen: IP:PORT or unix:PATH; port 0 is any [default: the socket of systemd, or 127.0.0.1:4180]')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Profile for models that name none')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile for models that name none')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model for requests that name none')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model for requests that name none')
            [CompletionResult]::new('--force-model', '--force-model', [CompletionResultType]::ParameterName, 'Model for all requests')
            [CompletionResult]::new('--models-shown', '--models-shown', [CompletionResultType]::ParameterName, 'What /v1/models lists next to the profiles [default: aliases]')
            [CompletionResult]::new('--keep-alive', '--keep-alive', [CompletionResultType]::ParameterName, 'Silence after which a stream gets a comment or ping [default: 8s]')
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'Silence of the provider that ends a request [default: 180s]')
            [CompletionResult]::new('--max-cost', '--max-cost', [CompletionResultType]::ParameterName, 'Maximum cost of one request, in USD')
            [CompletionResult]::new('--per-day', '--per-day', [CompletionResultType]::ParameterName, 'Maximum cost of all clients together per day, in USD')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Largest body of a request [default: 32MiB]')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Maximum number of open connections [default: 1024]')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Time for requests in progress when the server ends [default: 10s]')
            [CompletionResult]::new('--allow-origin', '--allow-origin', [CompletionResultType]::ParameterName, 'Origin of web pages that may send requests (repeatable)')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Name of this server in Host, for a proxy before it (repeatable)')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'Identity that the provider receives: User-Agent, HTTP-Referer, X-Title [default: override]')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Share the limits of keys between servers, in Redis or Valkey')
            [CompletionResult]::new('--state-rate', '--state-rate', [CompletionResultType]::ParameterName, 'While it does not answer: pass requests under a limit on rate, or refuse them [default: open]')
            [CompletionResult]::new('--state-money', '--state-money', [CompletionResultType]::ParameterName, 'The same for requests under a limit on money [default: closed]')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Log a line for each request on stderr [default form: text]')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Answer GET /metrics, for Prometheus')
            [CompletionResult]::new('--echo-model', '--echo-model', [CompletionResultType]::ParameterName, 'Name the model in answers as the client did')
            [CompletionResult]::new('--loop-guard', '--loop-guard', [CompletionResultType]::ParameterName, 'End answers that repeat themselves, and refuse repeated calls of tools')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Add, list and remove the keys of clients')
            break
        }
        'amx;serve;keys' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Create a key and print it, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of clients')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a key; running servers stop accepting it')
            break
        }
        'amx;serve;keys;add' {
            [CompletionResult]::new('--per-day', '--per-day', [CompletionResultType]::ParameterName, 'Maximum cost per day, in USD')
            [CompletionResult]::new('--rpm', '--rpm', [CompletionResultType]::ParameterName, 'Maximum requests per minute')
            [CompletionResult]::new('--concurrent', '--concurrent', [CompletionResultType]::ParameterName, 'Maximum requests at the same time')
            [CompletionResult]::new('--models', '--models', [CompletionResultType]::ParameterName, 'Models that the key may use, with * for any text')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the key expires: 30d, 12h')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;serve;keys;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'amx;serve;keys;remove' {
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
            [CompletionResult]::new('--cache', '--cache', [CompletionResultType]::ParameterName, 'Accept a cached answer to the same question (OpenRouter)')
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
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'Fast: the same as the tier priority [fast, standard]')
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
            [CompletionResult]::new('--web', '--web', [CompletionResultType]::ParameterName, 'Let the model search the web and read pages')
            [CompletionResult]::new('--no-web', '--no-web', [CompletionResultType]::ParameterName, 'No web search, whatever the profile says')
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
