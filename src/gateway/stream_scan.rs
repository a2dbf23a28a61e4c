//! Reads a stream that passes through: whether it has an end, and what it reports of usage, cost
//! and errors. Events without one of a few words are not parsed.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::event_split::{EventSplitter, Piece};
use super::front::{Front, StreamIdentity};

/// What a stream has reported so far.
#[derive(Debug, Default)]
pub(super) struct StreamReport {
    pub identity: StreamIdentity,
    /// The members of all usage objects, the later ones over the earlier ones.
    pub usage: Map<String, Value>,
    /// The stream said that it is complete, or that it failed.
    pub has_end: bool,
    /// The error that the provider reported in the stream.
    pub error: Option<Value>,
    /// Events with data, other than the end.
    pub events: u64,
}

/// Reads the events of a stream as its bytes pass. What one that is too long reports is unknown.
#[derive(Debug)]
pub(super) struct StreamScan {
    front: Front,
    pub report: StreamReport,
    events: EventSplitter,
}

/// The members of an event that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    r#type: String,
    id: Option<String>,
    model: Option<String>,
    created: Option<f64>,
    usage: Option<Map<String, Value>>,
    error: Option<Value>,
    choices: Option<Vec<Choice>>,
    response: Option<Part>,
    message: Option<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    finish_reason: Option<Value>,
    usage: Option<Map<String, Value>>,
}

/// A response or a message inside an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    id: Option<String>,
    model: Option<String>,
    created_at: Option<f64>,
    usage: Option<Map<String, Value>>,
    error: Option<Value>,
}

/// Words of which an event that reports something has one, and whether `null` may follow, which
/// reports nothing.
type Words = [(Finder<'static>, bool)];

static CHAT: LazyLock<[(Finder<'static>, bool); 4]> = LazyLock::new(|| {
    [
        (Finder::new("\"usage\""), true),
        (Finder::new("\"error\""), true),
        (Finder::new("\"finish_reason\""), true),
        (Finder::new("[DONE]"), false),
    ]
});

static RESPONSES: LazyLock<[(Finder<'static>, bool); 4]> = LazyLock::new(|| {
    [
        (Finder::new("response.completed"), false),
        (Finder::new("response.failed"), false),
        (Finder::new("response.incomplete"), false),
        (Finder::new("\"error\""), true),
    ]
});

static MESSAGES: LazyLock<[(Finder<'static>, bool); 4]> = LazyLock::new(|| {
    [
        (Finder::new("message_start"), false),
        (Finder::new("message_delta"), false),
        (Finder::new("message_stop"), false),
        (Finder::new("\"error\""), true),
    ]
});

/// The events after which a stream is complete.
const ENDS: &[&str] = &[
    "response.completed",
    "response.failed",
    "response.incomplete",
    "message_stop",
    "error",
];

impl StreamScan {
    pub(super) fn new(front: Front) -> Self {
        Self {
            front,
            report: StreamReport::default(),
            events: EventSplitter::default(),
        }
    }

    /// Whether the stream is inside an event.
    pub(super) fn is_inside_event(&self) -> bool {
        self.events.is_inside_event()
    }

    /// Reads the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let words = words(self.front);
        let report = &mut self.report;
        self.events.push(bytes, |piece| {
            if let Piece::Event(event) = piece {
                report.read(event, words);
            }
        });
    }
}

/// The words of an API.
fn words(front: Front) -> &'static Words {
    match front {
        Front::Responses => &*RESPONSES,
        Front::Messages => &*MESSAGES,
        Front::Chat | Front::Embeddings => &*CHAT,
    }
}

impl StreamReport {
    fn read(&mut self, event: &[u8], words: &Words) {
        let Some(data) = data_of(event) else { return };
        self.events += 1;
        let is_first = self.identity.id.is_none() && self.events < 4;
        if !(is_first || has_word(&data, words)) {
            return;
        }
        if data.trim_ascii() == b"[DONE]" {
            self.events -= 1;
            self.has_end = true;
            return;
        }
        if let Ok(event) = serde_json::from_slice::<Event>(&data) {
            self.add(event);
        }
    }

    fn add(&mut self, event: Event) {
        let part = event.response.or(event.message).unwrap_or_default();
        let identity = &mut self.identity;
        identity.id = identity.id.take().or(part.id).or(event.id);
        identity.model = identity.model.take().or(part.model).or(event.model);
        let created = part.created_at.or(event.created);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds since 1970"
        )]
        let created = created.map(|seconds| seconds as u64);
        identity.created = identity.created.or(created);
        let choices = event.choices.unwrap_or_default();
        let has_finished = choices.iter().any(|choice| {
            let reason = choice.finish_reason.as_ref();
            reason.is_some_and(|reason| !reason.is_null() && *reason != "")
        });
        let of_choices = choices.into_iter().filter_map(|choice| choice.usage);
        for usage in of_choices.chain(part.usage).chain(event.usage) {
            self.usage.extend(usage);
        }
        let error = part.error.or(event.error).filter(|error| !error.is_null());
        self.has_end = self.has_end
            || has_finished
            || error.is_some()
            || ENDS.contains(&event.r#type.as_str());
        self.error = self.error.take().or(error);
    }
}

/// The lines of an event. Between a CR and its LF there is an empty one.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr2(b'\n', b'\r', text);
        rest = end.map(|end| &text[end + 1..]);
        Some(end.map_or(text, |end| &text[..end]))
    })
}

/// The data of an event; `None` for a comment.
pub(super) fn data_of(event: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
    let mut lines = lines(event).filter_map(|line| {
        let data = line.strip_prefix(b"data:")?;
        Some(data.strip_prefix(b" ").unwrap_or(data))
    });
    let first = lines.next()?;
    let mut all = std::borrow::Cow::Borrowed(first);
    for line in lines {
        let all = all.to_mut();
        all.push(b'\n');
        all.extend_from_slice(line);
    }
    Some(all)
}

/// Whether one of the words is there, with a value other than `null`.
fn has_word(data: &[u8], words: &Words) -> bool {
    words.iter().any(|(word, may_be_null)| {
        word.find_iter(data).any(|at| {
            let rest = &data[at + word.needle().len()..];
            let value = rest.iter().find(|byte| !b" \t:".contains(byte));
            !(*may_be_null && value == Some(&b'n'))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const CHAT_STREAM: &str = concat!(
        ": OPENROUTER PROCESSING\n\n",
        "data: {\"id\":\"c1\",\"created\":1,\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":",
        "{\"content\":\"say \\\"error\\\"\"},\"finish_reason\":null}],\"usage\": null}\n\n",
        "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":",
        "{\"prompt_tokens\":3,\"cost\":0.0001}}\r\n\r\n",
        "data: [DONE]\n\n",
    );

    const MESSAGES_STREAM: &str = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",",
        "\"model\":\"a/b\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":",
        "{\"output_tokens\":2}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );

    const RESPONSES_STREAM: &str = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",",
        "\"created_at\":1,\"model\":\"a/b\",\"error\":null,\"usage\":null}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",",
        "\"delta\":\"x\"}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":",
        "{\"id\":\"r1\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2,\"cost\":0.5}}}\n\n",
    );

    fn scanned(front: Front, parts: &[&[u8]]) -> StreamReport {
        let mut scan = StreamScan::new(front);
        parts.iter().for_each(|part| scan.push(part));
        scan.report
    }

    #[test]
    fn each_api_reports_its_end_and_usage() {
        for (front, text, usage) in [
            (
                Front::Chat,
                CHAT_STREAM,
                json!({"prompt_tokens": 3, "cost": 0.0001}),
            ),
            (
                Front::Messages,
                MESSAGES_STREAM,
                json!({"input_tokens": 3, "output_tokens": 2}),
            ),
            (
                Front::Responses,
                RESPONSES_STREAM,
                json!({"input_tokens": 3, "output_tokens": 2, "cost": 0.5}),
            ),
        ] {
            let report = scanned(front, &[text.as_bytes()]);
            assert_eq!(Value::Object(report.usage), usage);
            assert!(report.has_end && report.error.is_none(), "{front:?}");
            assert_eq!(report.identity.model.as_deref(), Some("a/b"));
        }
    }

    #[test]
    fn a_stream_without_its_end_is_not_complete() {
        for (front, text, end) in [
            (
                Front::Chat,
                CHAT_STREAM,
                "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\"fin",
            ),
            (Front::Messages, MESSAGES_STREAM, "event: message_stop"),
            (
                Front::Responses,
                RESPONSES_STREAM,
                "event: response.completed",
            ),
        ] {
            let at = text.find(end).unwrap();
            assert!(!scanned(front, &[&text.as_bytes()[..at]]).has_end);
            // Not before its last byte either.
            let cut = text.len() - if front == Front::Chat { 17 } else { 1 };
            assert!(
                !scanned(front, &[&text.as_bytes()[..cut]]).has_end,
                "{front:?}"
            );
        }
    }

    #[test]
    fn an_error_of_the_provider_is_an_end() {
        let text =
            b"data: {\"id\":\"x\",\"error\":{\"code\":502,\"message\":\"m\"},\"choices\":[]}\n\n";
        let report = scanned(Front::Chat, &[text]);
        assert!(report.has_end);
        assert_eq!(report.error, Some(json!({"code": 502, "message": "m"})));
    }

    #[test]
    fn what_follows_an_event_that_is_too_long_is_read() {
        let mut scan = StreamScan::new(Front::Chat);
        let long = vec![b'x'; 1024 * 1024];
        scan.push(b"data: {\"id\":\"c1\",\"model\":\"a/b\",\"content\":\"");
        for _ in 0..17 {
            scan.push(&long);
        }
        let end = "data: {\"choices\":[],\"usage\":{\"cost\":0.5}}\n\ndata: [DONE]\n\n";
        scan.push(format!("\"}}\n\n{end}").as_bytes());
        assert!(scan.report.has_end && !scan.is_inside_event());
        assert_eq!(scan.report.usage["cost"], json!(0.5));
    }

    #[test]
    fn every_form_of_line_end_is_read() {
        for end in ["\n", "\r\n", "\r"] {
            for (front, text) in [
                (Front::Chat, CHAT_STREAM),
                (Front::Messages, MESSAGES_STREAM),
                (Front::Responses, RESPONSES_STREAM),
            ] {
                let text = text.replace("\r\n", "\n").replace('\n', end);
                let report = scanned(front, &[text.as_bytes()]);
                assert!(
                    report.has_end && !report.usage.is_empty(),
                    "{front:?} {end:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_report(cuts in proptest::collection::vec(0_usize..600, 0..8)) {
            for (front, text) in [
                (Front::Chat, CHAT_STREAM),
                (Front::Messages, MESSAGES_STREAM),
                (Front::Responses, RESPONSES_STREAM),
            ] {
                let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(text.len())).collect();
                cuts.sort_unstable();
                let (mut parts, mut at) = (Vec::new(), 0);
                for cut in cuts {
                    parts.push(&text.as_bytes()[at..cut]);
                    at = cut;
                }
                parts.push(&text.as_bytes()[at..]);
                let report = scanned(front, &parts);
                let whole = scanned(front, &[text.as_bytes()]);
                prop_assert_eq!(report.usage, whole.usage);
                prop_assert_eq!(report.identity, whole.identity);
                prop_assert_eq!((report.has_end, report.events), (whole.has_end, whole.events));
            }
        }
    }
}
