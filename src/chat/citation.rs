//! Sources that an answer cites, such as the pages that a web search found.

use serde::Serialize;
use serde_json::Value;

/// Most sources that are kept.
const MOST_CITATIONS: usize = 256;

/// Longest title, and longest URL, in bytes.
const LONGEST_TITLE: usize = 400;
const LONGEST_URL: usize = 8192;

/// One source. A model cites a page at several places of its answer; the first of them is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Citation {
    pub url: String,
    pub title: Option<String>,
    /// The part of the text that it supports, in characters; many providers send 0 for both.
    pub start: Option<u64>,
    pub end: Option<u64>,
}

impl Citation {
    /// The source of an annotation of the type `url_citation`, with its fields in an object of
    /// their own (OpenAI's chat API, OpenRouter) or beside the type (OpenAI's Responses API).
    pub(crate) fn of(annotation: &Value) -> Option<Self> {
        if annotation["type"] != "url_citation" {
            return None;
        }
        let nested = &annotation["url_citation"];
        let fields = if nested.is_object() {
            nested
        } else {
            annotation
        };
        let url = fields["url"].as_str()?.trim();
        let title = fields["title"].as_str().map(str::trim).unwrap_or_default();
        let title = &title[..title.floor_char_boundary(LONGEST_TITLE.min(title.len()))];
        let is_url = !url.is_empty() && url.len() <= LONGEST_URL;
        is_url.then(|| Self {
            url: url.to_owned(),
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            start: fields["start_index"].as_u64(),
            end: fields["end_index"].as_u64(),
        })
    }
}

/// Adds a source that is not listed yet. A later mention may bring its title.
pub(crate) fn add(citation: Citation, citations: &mut Vec<Citation>) {
    let at = citations.iter().position(|known| known.url == citation.url);
    match at.and_then(|at| citations.get_mut(at)) {
        Some(known) => known.title = known.title.take().or(citation.title),
        None => citations.push(citation),
    }
    citations.truncate(MOST_CITATIONS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_source_is_read_in_both_forms_and_listed_once() {
        let annotations = [
            json!({"type": "url_citation", "url_citation": {
                "url": "https://a.example", "start_index": 3, "end_index": 9
            }}),
            json!({"type": "url_citation", "url": "https://b.example", "title": " B "}),
            json!({"type": "url_citation", "url_citation": {
                "url": "https://a.example", "title": "A"
            }}),
            json!({"type": "url_citation", "url_citation": {"url": ""}}),
            json!({"type": "file", "file": {"hash": "h"}}),
            json!("url_citation"),
        ];
        let mut citations = Vec::new();
        for citation in annotations.iter().filter_map(Citation::of) {
            add(citation, &mut citations);
        }
        let found = serde_json::to_value(&citations).unwrap();
        let first = json!({"url": "https://a.example", "title": "A", "start": 3, "end": 9});
        let second = json!({"url": "https://b.example", "title": "B", "start": null, "end": null});
        assert_eq!(found, json!([first, second]));
    }
}
