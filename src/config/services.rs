//! What a provider does beside the model: searching the web, and answering from its cache.

use super::layers::{Setting, file, flag};
use super::overrides::Overrides;
use super::profile::Profile;
use super::response_cache::CacheChoice;

/// The services of one request.
#[derive(Debug, Clone)]
pub struct Services {
    /// The model may search the web and read pages.
    pub web: Option<Setting<bool>>,
    pub cache: Option<Setting<CacheChoice>>,
    /// Requests name their conversation.
    pub enrich: Option<Setting<bool>>,
}

impl Services {
    pub(super) fn resolve(overrides: &Overrides, profile: &Profile, label: &str) -> Self {
        let (web, cache) = (overrides.name_of("--web"), overrides.name_of("--cache"));
        Self {
            web: Setting::stack([flag(overrides.web, web), file(profile.web, label)]),
            cache: Setting::stack([flag(overrides.cache, cache), file(profile.cache, label)]),
            enrich: Setting::stack([file(profile.enrich, label)]),
        }
    }

    /// Whether a request names its conversation. Not one that a cache may answer: the cache
    /// compares whole bodies.
    pub fn names_session(&self) -> bool {
        let cache = self.cache.as_ref().map(|cache| cache.value);
        let is_cached = cache.is_some_and(|cache| cache != CacheChoice::Off);
        !is_cached && self.enrich.as_ref().is_some_and(|enrich| enrich.value)
    }

    /// Whether the model may search the web.
    pub fn searches(&self) -> bool {
        self.web.as_ref().is_some_and(|web| web.value)
    }
}
