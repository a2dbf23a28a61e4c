//! Puts the fragments of `reasoning_details` together as they must be sent back to the model.

use serde_json::Value;

/// How many entries back a repeat is searched for: repeats follow closely, and a search through
/// everything would let a hostile stream take quadratic time.
const REPEATS_WITHIN: usize = 64;

/// Collects the details of one turn. Text fragments that follow each other become one entry;
/// everything else is kept as it came.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct ReasoningDetails {
    entries: Vec<Value>,
    seen: bool,
}

impl ReasoningDetails {
    /// Adds the fragments of one chunk.
    pub(crate) fn extend(&mut self, fragments: Vec<Value>) {
        self.seen = true;
        for fragment in fragments {
            let is_repeated = !is_text(&fragment)
                && self
                    .entries
                    .iter()
                    .rev()
                    .take(REPEATS_WITHIN)
                    .any(|entry| *entry == fragment);
            match self.entries.last_mut() {
                Some(last) if continues(last, &fragment) => merge(last, fragment),
                _ if is_repeated => {}
                _ => self.entries.push(fragment),
            }
        }
    }

    /// What to send back; `None` when the model sent no details at all. An empty list is sent back
    /// too: some models refuse a turn without it.
    pub(crate) fn finish(self) -> Option<Vec<Value>> {
        self.seen.then_some(self.entries)
    }
}

fn is_text(entry: &Value) -> bool {
    entry["type"] == "reasoning.text"
}

/// Whether a text fragment continues the entry before it: the same block, not closed by a signature
/// yet.
fn continues(last: &Value, fragment: &Value) -> bool {
    let same_block = last["index"].is_null()
        || fragment["index"].is_null()
        || last["index"] == fragment["index"];
    let same_id = last["id"].is_null() || fragment["id"].is_null() || last["id"] == fragment["id"];
    let has_text = fragment["text"]
        .as_str()
        .is_some_and(|text| !text.is_empty());
    is_text(last)
        && is_text(fragment)
        && same_block
        && same_id
        && (last["signature"].is_null() || !has_text)
}

fn merge(last: &mut Value, fragment: Value) {
    let (Value::Object(last), Value::Object(fragment)) = (last, fragment) else {
        return;
    };
    for (key, value) in fragment {
        if key == "text" {
            let more = value.as_str().unwrap_or_default();
            if let Some(Value::String(text)) = last.get_mut("text") {
                text.push_str(more);
                continue;
            }
        }
        if last.get(&key).is_none_or(Value::is_null) {
            last.insert(key, value);
        }
    }
}

/// What may be sent back to the family: Anthropic and Google refuse reasoning without its
/// signature.
pub(crate) fn replayable(details: &[Value]) -> Vec<Value> {
    let needs_signature = |entry: &Value| {
        let format = entry["format"].as_str().unwrap_or_default();
        format.starts_with("anthropic") || format.starts_with("google")
    };
    details
        .iter()
        .filter(|entry| !(is_text(entry) && needs_signature(entry) && entry["signature"].is_null()))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assemble(chunks: Vec<Vec<Value>>) -> Option<Vec<Value>> {
        let mut details = ReasoningDetails::default();
        for chunk in chunks {
            details.extend(chunk);
        }
        details.finish()
    }

    #[test]
    fn text_fragments_become_one_entry_with_the_late_signature() {
        let format = "anthropic-claude-v1";
        let assembled = assemble(vec![
            vec![
                json!({"type": "reasoning.text", "text": "Let me ", "format": format, "index": 0}),
            ],
            vec![json!({"type": "reasoning.text", "text": "think.", "format": format, "index": 0})],
            vec![json!({
                "type": "reasoning.text", "signature": "c2ln", "format": format, "index": 0,
            })],
            vec![json!({"type": "reasoning.text", "text": "Again.", "format": format, "index": 1})],
            vec![json!({"type": "reasoning.encrypted", "data": "AAAA", "id": "r1"})],
        ]);
        assert_eq!(
            assembled.unwrap(),
            [
                json!({
                    "type": "reasoning.text", "text": "Let me think.", "format": format, "index": 0,
                    "signature": "c2ln",
                }),
                json!({"type": "reasoning.text", "text": "Again.", "format": format, "index": 1}),
                json!({"type": "reasoning.encrypted", "data": "AAAA", "id": "r1"}),
            ]
        );
    }

    #[test]
    fn unknown_types_and_empty_lists_are_kept() {
        assert_eq!(assemble(vec![]), None);
        assert_eq!(assemble(vec![vec![]]), Some(vec![]));
        let unknown = json!({"type": "reasoning.future", "x": [1, 2.50, {"y": null}]});
        assert_eq!(
            assemble(vec![vec![unknown.clone()], vec![unknown.clone()]]),
            Some(vec![unknown])
        );
    }

    #[test]
    fn reasoning_without_a_required_signature_is_not_sent_back() {
        let signed = json!({
            "type": "reasoning.text", "text": "a", "format": "anthropic-claude-v1",
            "signature": "s",
        });
        let unsigned = json!({"type": "reasoning.text", "text": "b", "format": "google-gemini-v1"});
        let other = json!({"type": "reasoning.text", "text": "c", "format": null});
        assert_eq!(
            replayable(&[signed.clone(), unsigned, other.clone()]),
            [signed, other]
        );
    }
}
