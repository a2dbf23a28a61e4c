//! Changes the events of a stream where a flag or a provider needs it; all others pass as bytes.

use bytes::Bytes;
use memchr::memmem;
use serde_json::Value;

use super::event_split::{EventSplitter, Piece};
use super::options::GatewayOptions;
use super::stream_scan::data_of;

/// Holds back incomplete events, drops the usage event that the client did not ask for, and names
/// the model as the client did. An event that is too long passes as it is.
#[derive(Debug)]
pub(super) struct EventFilter {
    strips_usage: bool,
    model: Option<String>,
    events: EventSplitter,
    /// The last event was dropped.
    has_dropped: bool,
}

impl EventFilter {
    /// `None` when no event needs a change.
    pub(super) fn new(strips_usage: bool, model: Option<String>) -> Option<Self> {
        (strips_usage || model.is_some()).then(|| Self {
            strips_usage,
            model,
            events: EventSplitter::default(),
            has_dropped: false,
        })
    }

    /// The events that are complete, changed.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Bytes {
        let (strips_usage, model) = (self.strips_usage, self.model.as_deref());
        let has_dropped = &mut self.has_dropped;
        let mut out = Vec::with_capacity(bytes.len());
        self.events.push(bytes, |piece| match piece {
            Piece::Event(event) => {
                *has_dropped = strips_usage && is_usage_alone(event);
                match model {
                    _ if *has_dropped => {}
                    Some(model) => out.extend(renamed(event.to_vec(), model)),
                    None => out.extend_from_slice(event),
                }
            }
            // The end of the event that was dropped.
            Piece::Part(b"\n") if *has_dropped => {}
            Piece::Part(part) => {
                *has_dropped = false;
                out.extend_from_slice(part);
            }
        });
        out.into()
    }

    /// What is left of an incomplete event.
    pub(super) fn finish(&mut self) -> Bytes {
        self.events.take_rest().into()
    }
}

/// The model name that an answer gets, with `--echo-model`: the one that the client asked for,
/// where it named one.
pub(super) fn echoed(options: &GatewayOptions, asked: &str) -> Option<String> {
    (options.echoes_model && !asked.is_empty()).then(|| asked.to_owned())
}

/// An event, or a whole answer, with a model name in place of its own.
pub(super) fn renamed(mut json: Vec<u8>, model: &str) -> Vec<u8> {
    if let Some(range) = model_of(&json) {
        json.splice(range, Value::from(model).to_string().into_bytes());
    }
    json
}

/// Where the first model name is, with its quotation marks. Inside a text its own would be escaped.
fn model_of(json: &[u8]) -> Option<std::ops::Range<usize>> {
    const NAME: &[u8] = b"\"model\"";
    memmem::find_iter(json, NAME).find_map(|at| {
        let rest = &json[at + NAME.len()..];
        let colon = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = rest[colon..].strip_prefix(b":")?;
        let space = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = rest[space..].strip_prefix(b"\"")?;
        let end = rest.iter().position(|byte| *byte == b'"')?;
        let start = json.len() - rest.len() - 1;
        Some(start..start + end + 2)
    })
}

/// Whether an event has usage and no choices.
fn is_usage_alone(event: &[u8]) -> bool {
    if memmem::find(event, b"\"usage\"").is_none() {
        return false;
    }
    let data = data_of(event).and_then(|data| serde_json::from_slice::<Value>(&data).ok());
    data.is_some_and(|data| {
        let choices = data["choices"].as_array();
        data["usage"].is_object() && choices.is_none_or(Vec::is_empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "data: {\"model\": \"a/b\",\"choices\":[{\"delta\":{\"content\":\
        \"\\\"model\\\":\\\"x\\\"\"}}],\"usage\":null}\n\ndata: {\"model\":\"a/b\",\"choices\":[],\
        \"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";

    fn filtered(stream: &str, strips_usage: bool, model: Option<&str>, size: usize) -> String {
        let mut filter = EventFilter::new(strips_usage, model.map(str::to_owned)).unwrap();
        let mut out = Vec::new();
        for part in stream.as_bytes().chunks(size) {
            out.extend_from_slice(&filter.push(part));
        }
        out.extend_from_slice(&filter.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn events_are_changed_however_they_arrive() {
        for end in ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n"] {
            let stream = STREAM.replace("\n\n", end);
            let events: Vec<&str> = stream.split_inclusive(end).collect();
            for size in 1..stream.len() {
                let stripped = [events[0], events[2]].concat();
                assert_eq!(filtered(&stream, true, None, size), stripped, "{end:?}");
                let renamed = stream.replace("\"a/b\"", "\"fast\"");
                assert_eq!(filtered(&stream, false, Some("fast"), size), renamed);
            }
        }
        assert!(EventFilter::new(false, None).is_none());
    }
}
