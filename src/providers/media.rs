//! Reads the parts of a message that are not text: images, audio and others.

use serde_json::Value;

use crate::chat::delta::Delta;
use crate::chat::media::{MediaKind, MediaPart};

/// Types of parts that are read as text, reasoning or tool calls, or that only point into the
/// text.
const OTHERWISE_READ: &[&str] = &[
    "text",
    "output_text",
    "refusal",
    "thinking",
    "reasoning",
    "reasoning_content",
    "redacted_thinking",
    "reference",
    "tool_call",
];

/// Ends of the types of parts with the calls of a provider's own tools, and their results, such as
/// `server_tool_use`.
const OF_TOOLS: &[&str] = &["tool_use", "tool_result"];

/// Where a part has its data or its URL, as JSON pointers.
const SOURCES: &[&str] = &[
    "/image_url/url",
    "/image_url",
    "/video_url/url",
    "/video_url",
    "/audio_url/url",
    "/input_audio/data",
    "/audio/data",
    "/file/file_data",
    "/document_url",
    "/image/url",
    "/url",
    "/b64_json",
    "/data",
];

/// Adds the parts in the content, in `images` (OpenRouter) and in `audio` (OpenAI).
pub(super) fn read(message: &Value, delta: &mut Delta) {
    for field in ["content", "images", "videos"] {
        for part in message[field].as_array().into_iter().flatten() {
            let word = part["type"].as_str().unwrap_or(match field {
                "images" => "image",
                "videos" => "video",
                _ => "text",
            });
            let is_of_tool = OF_TOOLS.iter().any(|end| word.ends_with(end));
            if !is_of_tool && !OTHERWISE_READ.contains(&word) {
                delta.media.push(part_of(MediaKind::of(word), part));
            }
        }
    }
    let audio = &message["audio"];
    // What was said stands in for a text.
    if let Some(transcript) = audio["transcript"].as_str() {
        delta.text.push_str(transcript);
    }
    if let Some(data) = audio["data"].as_str().filter(|data| !data.is_empty()) {
        let form = audio["format"].as_str().map(str::to_owned);
        delta
            .media
            .push(MediaPart::holding(MediaKind::Audio, data, form));
    }
}

fn part_of(kind: MediaKind, part: &Value) -> MediaPart {
    let mut sources = SOURCES
        .iter()
        .filter_map(|place| part.pointer(place)?.as_str());
    let source = sources.next().unwrap_or_default();
    let is_url = source.is_empty() || source.starts_with("data:") || source.contains("://");
    if is_url {
        MediaPart::at(kind, source)
    } else {
        MediaPart::holding(kind, source, None)
    }
}
