//! The groups of options in help and in manual pages: their headings, most used first.

pub(crate) const QUESTION: &str = "Question";
pub(crate) const MODEL: &str = "Model";
pub(crate) const ANSWER: &str = "Answer";
pub(crate) const CONVERSATION: &str = "Conversation";
pub(crate) const LIMITS: &str = "Limits";
pub(crate) const OUTPUT: &str = "Output";
pub(crate) const SAMPLING: &str = "Sampling";
pub(crate) const REASONING: &str = "Reasoning";
pub(crate) const ROUTING: &str = "Routing";
pub(crate) const TOOLS: &str = "Tools";
pub(crate) const CACHING: &str = "Caching";
pub(crate) const TRACKING: &str = "Tracking";

/// The order of the page. Options without a heading come last, as "Options".
pub(crate) const ORDER: &[&str] = &[
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
    ("speed", ROUTING),
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
pub(crate) fn of_request_option(name: &str) -> &'static str {
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
