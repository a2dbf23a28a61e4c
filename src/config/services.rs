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
}

impl Services {
    pub(super) fn resolve(overrides: &Overrides, profile: &Profile, label: &str) -> Self {
        let (web, cache) = (overrides.name_of("--web"), overrides.name_of("--cache"));
        Self {
            web: Setting::stack([flag(overrides.web, web), file(profile.web, label)]),
            cache: Setting::stack([flag(overrides.cache, cache), file(profile.cache, label)]),
        }
    }

    /// Whether the model may search the web.
    pub fn searches(&self) -> bool {
        self.web.as_ref().is_some_and(|web| web.value)
    }
}
