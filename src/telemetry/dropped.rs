//! How many spans were dropped lately, in a file of a line: since when, when last, and how many.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::wire::files::{self, Existing};

/// Most that is read of the file, in bytes.
const LARGEST_FILE: u64 = 128;

/// Spans that were dropped so long ago are of no interest.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3600);

/// The file, which only its owner may read.
pub(super) struct DroppedFile(pub PathBuf);

/// Spans that were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DroppedSpans {
    pub since: SystemTime,
    pub last: SystemTime,
    pub spans: u64,
}

impl DroppedFile {
    /// Spans that were dropped within a week before `now`, or before others were.
    pub(super) fn read(&self, now: SystemTime) -> Option<DroppedSpans> {
        let text = files::read_text(&self.0, LARGEST_FILE).ok()?;
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        let at = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        let dropped = DroppedSpans {
            since: at(next()?)?,
            last: at(next()?)?,
            spans: next()?,
        };
        let age = now.duration_since(dropped.last).unwrap_or_default();
        (age < LATELY).then_some(dropped)
    }

    /// Counts spans.
    pub(super) fn add(&self, spans: usize, now: SystemTime) {
        if spans == 0 || files::is_symlink(&self.0) {
            return;
        }
        let known = self.read(now);
        let all = known.map_or(0, |known| known.spans) + spans as u64;
        let since = known.map_or(now, |known| known.since);
        let text = format!("{} {} {all}\n", seconds(since), seconds(now));
        let kept =
            files::replace_private(&self.0, text.as_bytes(), ".telemetry.", Existing::Replace);
        if let Err(error) = kept {
            tracing::debug!(%error, "the number of dropped spans could not be kept");
        }
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_a_week_are_counted_together() {
        let folder = tempfile::tempdir().unwrap();
        let file = DroppedFile(folder.path().join("telemetry.dropped"));
        let at = |hours: u64| UNIX_EPOCH + Duration::from_secs((480_000 + hours) * 3600);
        assert_eq!(file.read(at(0)), None);
        file.add(0, at(0));
        assert!(!file.0.exists(), "nothing was dropped");
        file.add(3, at(0));
        file.add(4, at(24 * 6));
        let expected = DroppedSpans {
            since: at(0),
            last: at(24 * 6),
            spans: 7,
        };
        assert_eq!(file.read(at(24 * 12)), Some(expected));
        assert_eq!(file.read(at(24 * 13)), None, "a week ago");
        file.add(1, at(24 * 13));
        let again = file.read(at(24 * 13)).unwrap();
        assert_eq!((again.spans, again.since), (1, at(24 * 13)));
        std::fs::write(&file.0, "x 1 2\n").unwrap();
        assert_eq!(file.read(at(0)), None);
    }
}
