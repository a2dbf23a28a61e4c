//! What waits for the next run, in a file that only its owner may read: one part of a body a line.
//! `resend` says when a line leaves it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::dropped::{DroppedFile, DroppedSpans};
use super::encoder::{self, Signal};
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
    dropped: DroppedFile,
}

impl LaterFile {
    pub(super) fn at(home: &Home) -> Self {
        Self {
            path: home.telemetry_file(),
            lock: home.telemetry_lock(),
            dropped: DroppedFile(home.telemetry_dropped()),
        }
    }

    /// Counts spans that no collector will have.
    pub(super) fn drop_spans(&self, spans: usize) {
        self.dropped.add(spans, SystemTime::now());
    }

    /// The same for parts of bodies.
    pub(super) fn drop_parts(&self, signal: Signal, parts: &[String]) {
        if signal == Signal::Traces {
            self.drop_spans(parts.iter().map(|part| spans_of(part)).sum());
        }
    }

    /// Spans that wait to be sent.
    pub(super) fn waiting(&self) -> usize {
        spans_of(&self.text())
    }

    /// Spans that were dropped lately.
    pub(super) fn dropped(&self, now: SystemTime) -> Option<DroppedSpans> {
        self.dropped.read(now)
    }

    /// Whether something is to be sent.
    pub(super) fn is_waiting(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Adds parts of bodies. What cannot be written is lost, which is worth no word to the user.
    pub(super) fn append(&self, parts: &[(Signal, String)]) {
        let mut lines = String::new();
        for (signal, part) in parts {
            let mark = MARKS.iter().find(|(_, of)| of == signal);
            lines.extend(mark.map(|(mark, _)| *mark));
            lines.push_str(part);
            lines.push('\n');
        }
        if lines.is_empty() {
            return;
        }
        if lines.len() > LARGEST_FILE {
            self.drop_spans(spans_of(&lines));
        } else if let Err(error) = self.write(&lines) {
            tracing::debug!(%error, "telemetry could not be kept");
            self.drop_spans(spans_of(&lines));
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
        self.drop_spans(spans_of(&old[..old.len() - kept.len()]));
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

    /// The parts of a signal that wait.
    pub(super) fn parts(&self, signal: Signal) -> Vec<String> {
        match FileLock::wait(&self.lock, LOCK_WAIT) {
            Ok(_lock) => of_signal(&self.text(), signal),
            Err(_) => Vec::new(),
        }
    }

    /// Takes the parts of a signal out of the file, so that no other program has them. None where
    /// the file cannot be written.
    pub(super) fn take(&self, signal: Signal) -> Vec<String> {
        let parts = self.without(|of, _| of == signal);
        parts.unwrap_or_else(|error| {
            tracing::debug!(%error, "waiting telemetry could not be taken");
            Vec::new()
        })
    }

    /// Removes parts that need not be sent any more.
    pub(super) fn remove(&self, signal: Signal, parts: &[String]) {
        let removed = self.without(|of, part| of == signal && parts.iter().any(|one| one == part));
        if let Err(error) = removed {
            tracing::debug!(%error, "sent telemetry could not be removed");
        }
    }

    /// Removes the parts that `is_removed` names, and returns them. A damaged line goes with them.
    fn without(&self, is_removed: impl Fn(Signal, &str) -> bool) -> io::Result<Vec<String>> {
        let _lock = FileLock::wait(&self.lock, LOCK_WAIT).map_err(io::Error::other)?;
        let text = self.text();
        let (mut removed, mut left) = (Vec::new(), String::with_capacity(text.len()));
        for line in text.lines() {
            match part(line) {
                Some((signal, part)) if is_removed(signal, part) => removed.push(part.to_owned()),
                Some(_) => {
                    left.push_str(line);
                    left.push('\n');
                }
                None => {}
            }
        }
        if text.is_empty() || left.len() == text.len() {
            return Ok(removed);
        }
        if left.is_empty() {
            std::fs::remove_file(&self.path)?;
        } else {
            self.replace(&left)?;
        }
        Ok(removed)
    }
}

/// Spans in lines of the file, or in a part of a body. A text in a span has its quotes escaped.
fn spans_of(text: &str) -> usize {
    let traces = text.lines().filter(|line| !line.starts_with('m'));
    traces
        .map(|line| line.matches(encoder::START_OF_SPAN).count())
        .sum()
}

fn of_signal(text: &str, signal: Signal) -> Vec<String> {
    let parts = text.lines().filter_map(part);
    let of_signal = parts.filter(|(of, _)| *of == signal);
    of_signal.map(|(_, part)| part.to_owned()).collect()
}

/// The part of a line; `None` for a line that another program cut.
fn part(line: &str) -> Option<(Signal, &str)> {
    let mark = line.chars().next()?;
    let (_, signal) = MARKS.iter().find(|(of, _)| *of == mark)?;
    let part = line.get(1..)?;
    serde_json::from_str::<serde::de::IgnoredAny>(part).ok()?;
    Some((*signal, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(text: &str) -> Vec<(Signal, String)> {
        vec![(Signal::Traces, format!("\"{text}\""))]
    }

    #[test]
    fn what_is_removed_or_taken_is_gone_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        assert!(!later.is_waiting() && later.parts(Signal::Traces).is_empty());
        assert!(later.take(Signal::Metrics).is_empty());
        later.append(&traces("a"));
        later.append(&[(Signal::Metrics, "1".to_owned())]);
        let read = later.parts(Signal::Traces);
        assert_eq!(read, ["\"a\""]);
        later.append(&traces("b"));
        later.remove(Signal::Traces, &read);
        assert_eq!(later.parts(Signal::Traces), ["\"b\""]);
        assert_eq!(later.take(Signal::Metrics), ["1"]);
        assert!(
            later.take(Signal::Metrics).is_empty(),
            "nobody has it twice"
        );
        assert_eq!(later.parts(Signal::Traces), ["\"b\""]);
        later.remove(Signal::Traces, &later.parts(Signal::Traces));
        assert!(!later.is_waiting() && !later.path.exists());
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
        let waiting = later.parts(Signal::Traces);
        let first = |part: &String| part.chars().nth(1);
        let numbers: Vec<_> = waiting.iter().filter_map(first).collect();
        assert_eq!(numbers, ['2', '3', '4']);
        assert_eq!(later.dropped(SystemTime::now()), None, "texts are no spans");
        later.append(&traces(&"x".repeat(LARGEST_FILE)));
        assert_eq!(
            later.parts(Signal::Traces).len(),
            3,
            "it is larger than the file"
        );
    }

    #[test]
    fn spans_that_wait_and_that_were_dropped_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        let span = |text: &str| format!("{{\"startTimeUnixNano\":\"1\",\"text\":\"{text}\"}}");
        let two = format!("[{},{}]", span("\\\"startTimeUnixNano\\\":"), span("b"));
        later.append(&[(Signal::Traces, two.clone()), (Signal::Metrics, span("m"))]);
        later.append(&[(Signal::Traces, two.clone())]);
        assert_eq!(later.waiting(), 4);
        let long = format!("[{}]", span(&"x".repeat(LARGEST_FILE - 100)));
        later.append(&[(Signal::Traces, long)]);
        let dropped = || {
            later
                .dropped(SystemTime::now())
                .map(|dropped| dropped.spans)
        };
        assert_eq!((later.waiting(), dropped()), (1, Some(4)), "they made room");
        later.append(&[(Signal::Traces, span(&"x".repeat(LARGEST_FILE)))]);
        assert_eq!(dropped(), Some(5), "it is larger than the file");
        later.drop_parts(Signal::Traces, &[two, span("c")]);
        later.drop_parts(Signal::Metrics, &[span("m")]);
        assert_eq!(dropped(), Some(8));
    }

    #[test]
    fn a_line_that_was_cut_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let later = LaterFile::at(&Home::at(folder.path()));
        std::fs::write(&later.path, "t\"a\"\nt{\"resour\nx1\n\n").unwrap();
        assert_eq!(later.parts(Signal::Traces), ["\"a\""]);
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
