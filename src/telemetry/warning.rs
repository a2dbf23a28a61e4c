//! The warning that telemetry was not sent: one a day, however many answers there are.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::wire::files::{self, Existing};

/// Most that is read of the file, in bytes.
const LARGEST_FILE: u64 = 64;

/// Whether the warning is due on this day; from then on it is not. Where the day cannot be kept, it
/// always is.
pub(super) fn is_due(path: Option<&Path>, now: SystemTime) -> bool {
    let Some(path) = path else {
        return true;
    };
    let today = day(now).to_string();
    let warned = files::read_text(path, LARGEST_FILE).unwrap_or_default();
    if warned.trim() == today {
        return false;
    }
    if !files::is_symlink(path) {
        let kept = files::replace_private(path, today.as_bytes(), ".telemetry.", Existing::Replace);
        if let Err(error) = kept {
            tracing::debug!(%error, "the day of the warning could not be kept");
        }
    }
    true
}

/// Days since 1970, in UTC.
fn day(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / (24 * 3600))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn there_is_one_warning_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.warned");
        let now = UNIX_EPOCH + Duration::from_secs(20_000 * 24 * 3600);
        assert!(is_due(Some(&path), now));
        assert!(!is_due(Some(&path), now + Duration::from_secs(23 * 3600)));
        assert!(is_due(Some(&path), now + Duration::from_secs(24 * 3600)));
        assert!(is_due(None, now) && is_due(None, now));
        assert!(is_due(Some(&folder.path().join("no/such")), now));
    }
}
