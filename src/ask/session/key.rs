//! The key by which a provider groups the requests of a conversation.

use super::current::Session;
use crate::config::Settings;

impl Session {
    /// What a provider groups the requests of this conversation by, the same in all of its runs:
    /// random, because numbers of sessions are not unique in an account. `None` where the profile
    /// does not want that, or the system has no random numbers.
    pub(crate) fn key(&self, settings: &Settings) -> Option<&str> {
        if !settings.services.names_session() {
            return None;
        }
        if self.key.get().is_none() {
            let mut bits = [0; 16];
            getrandom::fill(&mut bits).ok()?;
            // Only this thread sets it.
            let _ = self.key.set(format!("{:032x}", u128::from_be_bytes(bits)));
        }
        self.key.get().map(String::as_str)
    }
}
