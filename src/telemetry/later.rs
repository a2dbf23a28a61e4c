//! What waits for the next run, in a file that only its owner may read: one part of a body a line.
//! `resend` says when a line leaves it. A line starts with its signal and a tag of its destination:
//! what was meant for one collector is never sent to another, which the next run may have.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use url::Url;

use super::dropped::{DroppedFile, DroppedSpans};
use super::encoder::{self, Signal};
use super::names;
use super::settings::ExportSettings;
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
    /// The tag of the present destination of each signal.
    tags: [(Signal, String); 2],
    /// Texts may be sent.
    pub has_texts: bool,
}

/// Attributes that have texts of questions, answers and calls.
const TEXTS: &[&str] = &[
    names::INPUT_MESSAGES,
    names::OUTPUT_MESSAGES,
    names::SYSTEM_INSTRUCTIONS,
    names::TOOL_ARGUMENTS,
    names::TOOL_RESULT,
];

impl LaterFile {
    pub(super) fn at(home: &Home) -> Self {
        Self {
            path: home.telemetry_file(),
            lock: home.telemetry_lock(),
            dropped: DroppedFile(home.telemetry_dropped()),
            tags: [Signal::Traces, Signal::Metrics].map(|signal| (signal, String::new())),
            has_texts: true,
        }
    }

    /// The file with the lines for the destination of these settings.
    pub(super) fn of(home: &Home, settings: &ExportSettings) -> Self {
        let tag = |url: Option<&Url>| url.map_or_else(String::new, |url| settings.tag(url));
        Self {
            tags: [
                (Signal::Traces, tag(Some(&settings.traces))),
                (Signal::Metrics, tag(settings.metrics.as_ref())),
            ],
            has_texts: settings.content,
            ..Self::at(home)
        }
    }

    fn tag(&self, signal: Signal) -> &str {
        let mut tags = self.tags.iter();
        tags.find(|(of, _)| *of == signal)
            .map_or("", |(_, tag)| tag)
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

    /// Whether something is to be sent to the present destination.
    pub(super) fn is_waiting(&self) -> bool {
        let has_lines =
            std::fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.len() > 0);
        has_lines && {
            let text = self.text();
            let mut lines = text.lines().filter_map(line);
            lines.any(|line| self.is_own(&line, line.signal))
        }
    }

    /// Adds parts of bodies. What cannot be written is lost, which is worth no word to the user.
    pub(super) fn append(&self, parts: &[(Signal, String)]) {
        let mut lines = String::new();
        for (signal, part) in parts {
            let mark = MARKS.iter().find(|(_, of)| of == signal);
            lines.extend(mark.map(|(mark, _)| *mark));
            lines.push_str(self.tag(*signal));
            lines.push(' ');
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

    /// The parts of a signal that wait for the present destination.
    pub(super) fn parts(&self, signal: Signal) -> Vec<String> {
        let Ok(_lock) = FileLock::wait(&self.lock, LOCK_WAIT) else {
            return Vec::new();
        };
        let text = self.text();
        let lines = text.lines().filter_map(line);
        let own = lines.filter(|line| self.is_own(line, signal));
        own.map(|line| line.part.to_owned()).collect()
    }

    fn is_own(&self, line: &Line<'_>, signal: Signal) -> bool {
        line.signal == signal && line.tag == self.tag(signal)
    }

    /// Removes the texts of questions, answers and calls from all lines, where they may not be sent
    /// any more.
    ///
    /// # Errors
    /// The file cannot be written: nothing of it should be sent.
    pub(super) fn drop_texts(&self) -> io::Result<()> {
        if self.has_texts {
            return Ok(());
        }
        let _lock = FileLock::wait(&self.lock, LOCK_WAIT).map_err(io::Error::other)?;
        let text = self.text();
        let has_texts = |text: &str| TEXTS.iter().any(|name| text.contains(name));
        if !has_texts(&text) {
            return Ok(());
        }
        let mut without = String::with_capacity(text.len());
        for line in text.lines() {
            let start = line.find(' ').map_or(line.len(), |at| at + 1);
            let part = serde_json::from_str(&line[start..]);
            match part {
                Ok(mut part) if has_texts(line) => {
                    remove_texts(&mut part);
                    without.push_str(&line[..start]);
                    without.push_str(&part.to_string());
                }
                _ => without.push_str(line),
            }
            without.push('\n');
        }
        self.replace(&without)
    }

    /// Takes the parts of a signal out of the file, so that no other program has them. None where
    /// the file cannot be written.
    pub(super) fn take(&self, signal: Signal) -> Vec<String> {
        let parts = self.without(|line| self.is_own(line, signal));
        parts.unwrap_or_else(|error| {
            tracing::debug!(%error, "waiting telemetry could not be taken");
            Vec::new()
        })
    }

    /// Removes parts that need not be sent any more.
    pub(super) fn remove(&self, signal: Signal, parts: &[String]) {
        let is_sent =
            |line: &Line<'_>| self.is_own(line, signal) && parts.iter().any(|one| one == line.part);
        let removed = self.without(is_sent);
        if let Err(error) = removed {
            tracing::debug!(%error, "sent telemetry could not be removed");
        }
    }

    /// Removes the parts that `is_removed` names, and returns them. A damaged line goes with them.
    fn without(&self, is_removed: impl Fn(&Line<'_>) -> bool) -> io::Result<Vec<String>> {
        let _lock = FileLock::wait(&self.lock, LOCK_WAIT).map_err(io::Error::other)?;
        let text = self.text();
        let (mut removed, mut left) = (Vec::new(), String::with_capacity(text.len()));
        for written in text.lines() {
            match line(written) {
                Some(line) if is_removed(&line) => removed.push(line.part.to_owned()),
                Some(_) => {
                    left.push_str(written);
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

/// A line of the file.
struct Line<'a> {
    signal: Signal,
    tag: &'a str,
    part: &'a str,
}

/// `None` for a line that another program cut.
fn line(text: &str) -> Option<Line<'_>> {
    let mark = text.chars().next()?;
    let (_, signal) = MARKS.iter().find(|(of, _)| *of == mark)?;
    let (tag, part) = text.get(1..)?.split_once(' ')?;
    serde_json::from_str::<serde::de::IgnoredAny>(part).ok()?;
    Some(Line {
        signal: *signal,
        tag,
        part,
    })
}

fn remove_texts(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(attributes)) = members.get_mut("attributes") {
                let is_text = |attribute: &Value| {
                    let name = attribute["key"].as_str();
                    name.is_some_and(|name| TEXTS.contains(&name))
                };
                attributes.retain(|attribute| !is_text(attribute));
            }
            members.values_mut().for_each(remove_texts);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_texts),
        _ => {}
    }
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
        std::fs::write(&later.path, "t \"a\"\nt {\"resour\nt\"b\"\nx 1\n\n").unwrap();
        assert_eq!(later.parts(Signal::Traces), ["\"a\""]);
    }

    #[test]
    fn what_waits_for_another_destination_stays() {
        let folder = tempfile::tempdir().unwrap();
        let of = |tag: &str| LaterFile {
            tags: [Signal::Traces, Signal::Metrics].map(|signal| (signal, tag.to_owned())),
            ..LaterFile::at(&Home::at(folder.path()))
        };
        let (one, other) = (of("1"), of("2"));
        one.append(&traces("a"));
        one.append(&[(Signal::Metrics, "1".to_owned())]);
        assert!(one.is_waiting() && !other.is_waiting());
        assert!(other.parts(Signal::Traces).is_empty());
        assert!(other.take(Signal::Metrics).is_empty());
        other.remove(Signal::Traces, &["\"a\"".to_owned()]);
        assert_eq!(one.parts(Signal::Traces), ["\"a\""]);
        assert_eq!(one.take(Signal::Metrics), ["1"]);
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
