//! What waits for the next run, in a file that only its owner may read: one part of a body a line.
//!
//! A line stays until the collector has taken it. Two programs may send the same line, which has
//! the same IDs.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::encoder::Signal;
use crate::config::Home;
use crate::wire::files::{self, Existing};
use crate::wire::lock::FileLock;

/// Largest file, in bytes; the oldest lines make room.
const LARGEST_FILE: usize = 1024 * 1024;

/// Longest wait for another program that changes the file.
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// The name of the file while it is written.
const TEMPORARY_PREFIX: &str = ".telemetry.";

/// The first character of a line is its signal.
const MARKS: &[(char, Signal)] = &[('t', Signal::Traces), ('m', Signal::Metrics)];

pub(super) struct LaterFile {
    path: PathBuf,
    lock: PathBuf,
}

/// What was read of the file.
pub(super) struct Waiting<'a> {
    file: &'a LaterFile,
    parts: Vec<(Signal, String)>,
}

impl LaterFile {
    pub(super) fn at(home: &Home) -> Self {
        Self {
            path: home.telemetry_file(),
            lock: home.telemetry_lock(),
        }
    }

    /// Whether something is to be sent.
    pub(super) fn is_waiting(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Adds parts. What cannot be written is lost, which is worth no word to the user.
    pub(super) fn append(&self, parts: &[(Signal, String)]) {
        let mut lines = String::new();
        for (signal, part) in parts {
            let mark = MARKS.iter().find(|(_, of)| of == signal);
            lines.extend(mark.map(|(mark, _)| *mark));
            lines.push_str(part);
            lines.push('\n');
        }
        if lines.is_empty() || lines.len() > LARGEST_FILE {
            return;
        }
        if let Err(error) = self.write(&lines) {
            tracing::debug!(%error, "telemetry could not be kept");
        }
    }

    fn write(&self, lines: &str) -> io::Result<()> {
        let _lock = FileLock::wait(&self.lock, LOCK_WAIT).map_err(io::Error::other)?;
        if files::is_symlink(&self.path) {
            return Err(io::Error::other("it is a symbolic link"));
        }
        let length = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        let room = LARGEST_FILE - lines.len();
        if usize::try_from(length).is_ok_and(|length| length <= room) {
            let mut file = files::private_options();
            let mut file = file.append(true).create(true).open(&self.path)?;
            return file.write_all(lines.as_bytes());
        }
        // The newest of the old lines, as far as there is room for them.
        let old = self.text();
        let mut kept = old.as_str();
        while kept.len() > room {
            kept = kept.split_once('\n').map_or("", |(_, rest)| rest);
        }
        self.replace(&format!("{kept}{lines}"))
    }

    /// The content; empty when it cannot be read, so that it is replaced.
    fn text(&self) -> String {
        let largest = 2 * LARGEST_FILE as u64;
        files::read_text(&self.path, largest).unwrap_or_default()
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let prefix = TEMPORARY_PREFIX;
        files::replace_private(&self.path, text.as_bytes(), prefix, Existing::Replace)
    }

    /// What waits; `None` when nothing does.
    pub(super) fn read(&self) -> Option<Waiting<'_>> {
        let _lock = FileLock::wait(&self.lock, LOCK_WAIT).ok()?;
        let text = self.text();
        let parts: Vec<_> = text.lines().filter_map(part).collect();
        (!parts.is_empty()).then_some(Waiting { file: self, parts })
    }
}

/// The part of a line; `None` for a line that another program cut.
fn part(line: &str) -> Option<(Signal, String)> {
    let mark = line.chars().next()?;
    let (_, signal) = MARKS.iter().find(|(of, _)| *of == mark)?;
    let part = line.get(1..)?;
    serde_json::from_str::<serde::de::IgnoredAny>(part).ok()?;
    Some((*signal, part.to_owned()))
}

impl Waiting<'_> {
    pub(super) fn parts(&self) -> &[(Signal, String)] {
        &self.parts
    }

    /// Removes from the file what was read of it.
    pub(super) fn remove(&self) {
        let Ok(_lock) = FileLock::wait(&self.file.lock, LOCK_WAIT) else {
            return;
        };
        let text = self.file.text();
        let is_left = |line: &&str| part(line).is_some_and(|line| !self.parts.contains(&line));
        let left: Vec<&str> = text.lines().filter(is_left).collect();
        let removed = if left.is_empty() {
            std::fs::remove_file(&self.file.path)
        } else {
            self.file.replace(&(left.join("\n") + "\n"))
        };
        if let Err(error) = removed {
            tracing::debug!(%error, "sent telemetry could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(text: &str) -> Vec<(Signal, String)> {
        vec![(Signal::Traces, format!("\"{text}\""))]
    }

    #[test]
    fn what_was_taken_is_removed_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        assert!(!later.is_waiting() && later.read().is_none());
        later.append(&traces("a"));
        later.append(&[(Signal::Metrics, "1".to_owned())]);
        let waiting = later.read().unwrap();
        assert_eq!(waiting.parts().len(), 2);
        later.append(&traces("b"));
        waiting.remove();
        let left = later.read().unwrap();
        assert_eq!(left.parts(), traces("b"));
        left.remove();
        assert!(!later.is_waiting() && later.read().is_none());
    }

    #[test]
    fn the_oldest_lines_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        let text = "x".repeat(LARGEST_FILE / 4);
        for number in 0..5 {
            later.append(&traces(&format!("{number}{text}")));
        }
        let length = std::fs::metadata(&later.path).unwrap().len();
        assert!(usize::try_from(length).unwrap() <= LARGEST_FILE);
        let waiting = later.read().unwrap();
        let first = |part: &(Signal, String)| part.1.chars().nth(1);
        let numbers: Vec<_> = waiting.parts().iter().filter_map(first).collect();
        assert_eq!(numbers, ['2', '3', '4']);
        later.append(&traces(&"x".repeat(LARGEST_FILE)));
        assert_eq!(
            later.read().unwrap().parts().len(),
            3,
            "it is larger than the file"
        );
    }

    #[test]
    fn a_line_that_was_cut_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        std::fs::write(&later.path, "t\"a\"\nt{\"resour\nx1\n\n").unwrap();
        assert_eq!(later.read().unwrap().parts(), traces("a"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_never_behind_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        later.append(&traces("a"));
        let mode = std::fs::metadata(&later.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(&later.path).unwrap();
        let elsewhere = folder.path().join("elsewhere");
        symlink(&elsewhere, &later.path).unwrap();
        later.append(&traces("a"));
        assert!(!elsewhere.exists());
    }
}
