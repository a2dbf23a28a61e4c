//! The options for what a provider does beside the model: web search and the response cache.

use clap::Args;

use super::groups;
use crate::config::Overrides;
use crate::config::response_cache::CacheChoice;

/// Services of the provider.
#[derive(Debug, Default, Clone, Args)]
pub(crate) struct ServiceArgs {
    /// Let the model search the web and read pages
    ///
    /// at OpenRouter, and with OpenAI's search models
    #[arg(long, overrides_with = "no_web", help_heading = groups::ANSWER)]
    pub web: bool,

    /// No web search, whatever the profile says
    #[arg(long, help_heading = groups::TOOLS, hide_short_help = true)]
    pub no_web: bool,

    /// Accept a cached answer to the same question (OpenRouter)
    ///
    /// on, off, refresh, or how long to cache it: 300s, 5m, 24h
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "on",
        help_heading = groups::CACHING,
        hide_short_help = true
    )]
    pub cache: Option<CacheChoice>,
}

impl ServiceArgs {
    /// Adds these options to the other overrides.
    pub(crate) fn apply(&self, overrides: Overrides) -> Overrides {
        let web = match (self.web, self.no_web) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        Overrides {
            web,
            cache: self.cache,
            ..overrides
        }
    }
}
