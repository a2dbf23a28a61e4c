//! The names of spans, metrics and attributes.
//!
//! Those of generative AI are from open-telemetry/semantic-conventions-genai at commit 024a4f94 (on
//! top of version 1.44 of the general conventions), where they have the status "Development": no
//! release has them yet. The metrics have their names of before that commit, which backends
//! support. A new attribute is one constant here.

pub(crate) const OPERATION: &str = "gen_ai.operation.name";
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
pub(crate) const CONVERSATION: &str = "gen_ai.conversation.id";
pub(crate) const OUTPUT_TYPE: &str = "gen_ai.output.type";
pub(crate) const PROMPT_NAME: &str = "gen_ai.prompt.name";

pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(crate) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub(crate) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub(crate) const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
pub(crate) const REQUEST_SEED: &str = "gen_ai.request.seed";
pub(crate) const REQUEST_STREAM: &str = "gen_ai.request.stream";
pub(crate) const REQUEST_CHOICES: &str = "gen_ai.request.choice.count";
pub(crate) const REQUEST_REASONING: &str = "gen_ai.request.reasoning.level";

pub(crate) const REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";
pub(crate) const EMBEDDINGS_DIMENSIONS: &str = "gen_ai.embeddings.dimension.count";

pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(crate) const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
pub(crate) const RESPONSE_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";

pub(crate) const USAGE_INPUT: &str = "gen_ai.usage.input_tokens";
pub(crate) const USAGE_OUTPUT: &str = "gen_ai.usage.output_tokens";
pub(crate) const USAGE_CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
pub(crate) const USAGE_REASONING: &str = "gen_ai.usage.reasoning.output_tokens";
/// Not in the conventions; the name that backends read. In USD.
pub(crate) const USAGE_COST: &str = "gen_ai.usage.cost";

pub(crate) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(crate) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
pub(crate) const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";

pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
pub(crate) const TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
pub(crate) const TOOL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
pub(crate) const TOOL_RESULT: &str = "gen_ai.tool.call.result";

pub(crate) const MCP_METHOD: &str = "mcp.method.name";
pub(crate) const MCP_REVISION: &str = "mcp.protocol.version";
pub(crate) const TRANSPORT: &str = "network.transport";

pub(crate) const SERVER_ADDRESS: &str = "server.address";
pub(crate) const SERVER_PORT: &str = "server.port";
pub(crate) const ERROR_TYPE: &str = "error.type";
pub(crate) const SERVICE_NAME: &str = "service.name";
pub(crate) const SERVICE_VERSION: &str = "service.version";

pub(crate) const PROFILE: &str = "amx.profile";
/// Requests that were sent for a span.
pub(crate) const ATTEMPTS: &str = "amx.attempts";
pub(crate) const COST_SOURCE: &str = "amx.cost_source";
/// Rows of a job that have their answer, and that failed.
pub(crate) const ROWS_OK: &str = "amx.batch.rows_ok";
pub(crate) const ROWS_FAILED: &str = "amx.batch.rows_failed";
/// The ID of a discounted batch at its provider.
pub(crate) const BATCH_ID: &str = "amx.batch.id";
/// The name of the key of a client of `amx serve`.
pub(crate) const CLIENT: &str = "amx.client";
pub(crate) const HTTP_ROUTE: &str = "http.route";
pub(crate) const HTTP_STATUS: &str = "http.response.status_code";
pub(crate) const TOOL_DECISION: &str = "amx.tool.decision";

pub(crate) const LANGFUSE_TYPE: &str = "langfuse.observation.type";
pub(crate) const LANGFUSE_TRACE_NAME: &str = "langfuse.trace.name";
/// JSON text: `{"total":0.0003}`, in USD.
pub(crate) const LANGFUSE_COST: &str = "langfuse.observation.cost_details";
pub(crate) const SESSION_ID: &str = "session.id";
pub(crate) const USER_ID: &str = "user.id";

/// Renamed to `gen_ai.client.inference.duration` after the commit above.
pub(crate) const DURATION: &str = "gen_ai.client.operation.duration";
/// Split by kind of token after the commit above.
pub(crate) const TOKENS: &str = "gen_ai.client.token.usage";
pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";

/// Our providers under the names of the conventions; any other has its own name.
const PROVIDERS: &[(&str, &str)] = &[("gemini", "gcp.gemini"), ("kimi", "moonshot_ai")];

/// The name of one of our providers.
pub(crate) fn provider(name: &str) -> &str {
    PROVIDERS
        .iter()
        .find(|(own, _)| *own == name)
        .map_or(name, |(_, known)| known)
}
