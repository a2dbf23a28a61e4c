//! Changes the events of a stream where a flag or a provider needs it; all others pass as bytes.

use bytes::Bytes;
use memchr::memmem;
use serde_json::Value;

use super::stream_scan::data_of;

/// Holds back incomplete events, drops the usage event that the client did not ask for, and names
/// the model as the client did.
#[derive(Debug)]
pub(super) struct EventFilter {
    strips_usage: bool,
    model: Option<String>,
    pending: Vec<u8>,
}

impl EventFilter {
    /// `None` when no event needs a change.
    pub(super) fn new(strips_usage: bool, model: Option<String>) -> Option<Self> {
        (strips_usage || model.is_some()).then(|| Self {
            strips_usage,
            model,
            pending: Vec::new(),
        })
    }

    /// The events that are complete, changed.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Bytes {
        self.pending.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(self.pending.len());
        while let Some(end) = end_of_first(&self.pending) {
            let rest = self.pending.split_off(end);
            let event = std::mem::replace(&mut self.pending, rest);
            if !(self.strips_usage && is_usage_alone(&event)) {
                out.extend_from_slice(&self.renamed(event));
            }
        }
        out.into()
    }

    /// What is left of an incomplete event.
    pub(super) fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.pending).into()
    }

    /// The event with the model that the client asked for.
    fn renamed(&self, mut event: Vec<u8>) -> Vec<u8> {
        if let Some(model) = &self.model
            && let Some(range) = model_of(&event)
        {
            let name = Value::from(model.as_str()).to_string();
            event.splice(range, name.into_bytes());
        }
        event
    }
}

/// A whole answer with the model that the client asked for.
pub(super) fn with_model(body: Vec<u8>, model: &str) -> Vec<u8> {
    let filter = EventFilter {
        strips_usage: false,
        model: Some(model.to_owned()),
        pending: Vec::new(),
    };
    filter.renamed(body)
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

fn end_of_first(bytes: &[u8]) -> Option<usize> {
    let plain = memmem::find(bytes, b"\n\n").map(|at| at + 2);
    let with_returns = memmem::find(bytes, b"\n\r\n").map(|at| at + 3);
    plain.into_iter().chain(with_returns).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "data: {\"model\": \"a/b\",\"choices\":[{\"delta\":{\"content\":\
        \"\\\"model\\\":\\\"x\\\"\"}}],\"usage\":null}\n\ndata: {\"model\":\"a/b\",\"choices\":[],\
        \"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";

    fn filtered(strips_usage: bool, model: Option<&str>, size: usize) -> String {
        let mut filter = EventFilter::new(strips_usage, model.map(str::to_owned)).unwrap();
        let mut out = Vec::new();
        for part in STREAM.as_bytes().chunks(size) {
            out.extend_from_slice(&filter.push(part));
        }
        out.extend_from_slice(&filter.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn events_are_changed_however_they_arrive() {
        let events: Vec<&str> = STREAM.split_inclusive("\n\n").collect();
        for size in 1..STREAM.len() {
            assert_eq!(filtered(true, None, size), [events[0], events[2]].concat());
            let renamed = STREAM.replace("\"a/b\"", "\"fast\"");
            assert_eq!(filtered(false, Some("fast"), size), renamed);
        }
        assert!(EventFilter::new(false, None).is_none());
    }
}
