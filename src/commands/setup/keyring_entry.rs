//! The keyring entry that belongs to a profile alone.

use crate::config::profile::Profile;
use crate::secrets::Reference;
use crate::secrets::reference::SERVICE;

/// Service and user of the profile's own entry. `None` when its key is elsewhere: an entry shared
/// with other profiles or programs must not be deleted.
pub(crate) fn own_entry(name: &str, profile: &Profile) -> Option<(String, String)> {
    match profile.api_key.as_deref().map(Reference::parse) {
        Some(Ok(Reference::Keyring { service, user }))
            if service == SERVICE && user == format!("{name}/api_key") =>
        {
            Some((service, user))
        }
        _ => None,
    }
}
