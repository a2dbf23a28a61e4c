//! Parts of an answer that are not text: images, audio and others. They are reported, not shown.

use std::fmt::Write as _;

/// Longest URL that is reported, in characters.
const LONGEST_URL: usize = 200;

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaKind {
    Image,
    Audio,
    Video,
    File,
    /// By the provider's own word.
    Other(String),
}

/// The words for the types of parts, of OpenAI's chat and Responses API, OpenRouter and Mistral.
const KINDS: &[(MediaKind, &[&str])] = &[
    (
        MediaKind::Image,
        &["image_url", "image", "output_image", "input_image"],
    ),
    (
        MediaKind::Audio,
        &["audio", "output_audio", "input_audio", "audio_url"],
    ),
    (MediaKind::Video, &["video_url", "video", "output_video"]),
    (MediaKind::File, &["file", "document", "document_url"]),
];

impl MediaKind {
    /// The kind of a part of this type.
    pub fn of(word: &str) -> Self {
        KINDS
            .iter()
            .find(|(_, words)| words.contains(&word))
            .map_or_else(|| Self::Other(word.to_owned()), |(kind, _)| kind.clone())
    }

    fn words(&self, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        match self {
            Self::Image => format!("image{plural}"),
            Self::Audio => format!("audio clip{plural}"),
            Self::Video => format!("video{plural}"),
            Self::File => format!("file{plural}"),
            Self::Other(word) => format!("part{plural} of type '{}'", word.escape_debug()),
        }
    }
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaPart {
    pub kind: MediaKind,
    /// Such as `image/png`, where it is known.
    pub mime: Option<String>,
    /// Its size, where the part holds the data.
    pub bytes: Option<u64>,
    /// Where it can be fetched, when the part does not hold the data.
    pub url: Option<String>,
}

impl MediaPart {
    /// A part at a URL, which may hold the data.
    pub fn at(kind: MediaKind, url: &str) -> Self {
        let Some((head, data)) = url
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(','))
        else {
            return Self {
                kind,
                mime: None,
                bytes: None,
                url: Some(url.chars().take(LONGEST_URL).collect())
                    .filter(|url: &String| !url.is_empty()),
            };
        };
        let mime = head.split(';').next().unwrap_or_default();
        Self {
            kind,
            mime: Some(mime.to_owned()).filter(|mime| !mime.is_empty()),
            bytes: Some(decoded_length(data)),
            url: None,
        }
    }

    /// A part that holds base64 data.
    pub fn holding(kind: MediaKind, base64: &str, mime: Option<String>) -> Self {
        Self {
            kind,
            mime,
            bytes: Some(decoded_length(base64)),
            url: None,
        }
    }
}

/// Bytes behind base64 text.
pub(crate) fn decoded_length(base64: &str) -> u64 {
    let digits = base64.trim_end_matches('=').len() as u64;
    digits * 3 / 4
}

/// The parts in words: `2 images (image/png, 1.2 MB)`.
pub(crate) fn described(parts: &[MediaPart]) -> String {
    let mut kinds: Vec<&MediaKind> = Vec::new();
    for part in parts {
        if !kinds.contains(&&part.kind) {
            kinds.push(&part.kind);
        }
    }
    let each = kinds.into_iter().map(|kind| {
        let of_kind: Vec<&MediaPart> = parts.iter().filter(|part| part.kind == *kind).collect();
        let mut words = format!("{} {}", of_kind.len(), kind.words(of_kind.len()));
        let details = details(&of_kind);
        if !details.is_empty() {
            // A `String` takes any text.
            let _ = write!(words, " ({details})");
        }
        words
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The form and size of parts of one kind, and the first URL.
fn details(parts: &[&MediaPart]) -> String {
    let bytes: u64 = parts.iter().filter_map(|part| part.bytes).sum();
    let mime = parts.iter().find_map(|part| part.mime.clone());
    let url = parts.iter().find_map(|part| part.url.clone());
    let size = (bytes > 0).then(|| size(bytes));
    [mime, size, url]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// `1.2 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_with_what_is_known_of_them() {
        let png = format!("data:image/png;base64,{}", "A".repeat(2_000_000));
        let parts = [
            MediaPart::at(MediaKind::of("image_url"), &png),
            MediaPart::at(MediaKind::of("image"), "https://x.example/y.png"),
            MediaPart::holding(MediaKind::of("audio"), "AAAA", Some("wav".to_owned())),
            MediaPart::at(MediaKind::of("hologram"), ""),
        ];
        assert_eq!(
            described(&parts),
            "2 images (image/png, 1.5 MB, https://x.example/y.png), 1 audio clip (wav, 3 B), 1 part \
            of type 'hologram'"
        );
        assert_eq!(described(&parts[..1]), "1 image (image/png, 1.5 MB)");
    }
}
