//! The groups of options in help and in manual pages: their headings, most used first.

pub const QUESTION: &str = "Question";
pub const MODEL: &str = "Model";
pub const ANSWER: &str = "Answer";
pub const CONVERSATION: &str = "Conversation";
pub const LIMITS: &str = "Limits";
pub const OUTPUT: &str = "Output";
pub const SAMPLING: &str = "Sampling";
pub const REASONING: &str = "Reasoning";
pub const ROUTING: &str = "Routing";
pub const TOOLS: &str = "Tools";
pub const CACHING: &str = "Caching";
pub const TRACKING: &str = "Tracking";

/// The order of the page. Options without a heading come last, as "Options".
pub const ORDER: &[&str] = &[
    QUESTION,
    MODEL,
    ANSWER,
    CONVERSATION,
    LIMITS,
    OUTPUT,
    SAMPLING,
    REASONING,
    ROUTING,
    TOOLS,
    CACHING,
    TRACKING,
];

/// First parts of the names of request options, each with its group; the first that fits counts.
const REQUEST: &[(&str, &str)] = &[
    ("provider", ROUTING),
    ("private", ROUTING),
    ("models", ROUTING),
    ("preset", ROUTING),
    ("route", ROUTING),
    ("service_tier", ROUTING),
    ("plugins", ROUTING),
    ("transforms", ROUTING),
    ("reasoning", REASONING),
    ("tool", TOOLS),
    ("parallel_tool_calls", TOOLS),
    ("web_search_options", TOOLS),
    ("cache_control", CACHING),
    ("prompt_cache", CACHING),
    ("session_id", TRACKING),
    ("user", TRACKING),
    ("metadata", TRACKING),
    ("trace", TRACKING),
    ("debug", TRACKING),
    ("stop", ANSWER),
    ("verbosity", ANSWER),
    ("response_format", ANSWER),
    ("modalities", ANSWER),
    ("image_config", ANSWER),
    ("audio", ANSWER),
    ("prediction", ANSWER),
];

/// The group of a request option, by its name in the body of the request.
pub fn of_request_option(name: &str) -> &'static str {
    REQUEST
        .iter()
        .find(|(start, _)| name.starts_with(start))
        .map_or(SAMPLING, |(_, group)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_options_have_the_group_of_their_name() {
        assert_eq!(of_request_option("top_k"), SAMPLING);
        assert_eq!(of_request_option("provider.sort"), ROUTING);
        assert_eq!(of_request_option("tool_choice"), TOOLS);
        assert_eq!(of_request_option("reasoning.summary"), REASONING);
    }
}
