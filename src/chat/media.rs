//! Parts of an answer that are not text: images, audio and others.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest URL that is kept, in characters: signed ones are long, and of no use without their end.
const LONGEST_URL: usize = 8192;

/// Longest URL in a sentence, in characters.
const LONGEST_IN_WORDS: usize = 200;

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

    /// One of them: `image`, `audio`.
    pub(crate) fn noun(&self) -> &str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Other(word) => word,
        }
    }

    /// Whether its data is saved in a file.
    pub(crate) fn is_saved(&self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::Video)
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
    /// The data in base64. Audio arrives in pieces, which may be padded each.
    pub data: Option<String>,
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
                data: None,
            };
        };
        let mime = head.split(';').next().unwrap_or_default();
        let mime = Some(mime.to_owned()).filter(|mime| !mime.is_empty());
        if head.ends_with(";base64") {
            Self::holding(kind, data, mime)
        } else {
            Self::holding(kind, &STANDARD.encode(percent_decoded(data)), mime)
        }
    }

    /// A part that holds base64 data.
    pub fn holding(kind: MediaKind, base64: &str, mime: Option<String>) -> Self {
        Self {
            kind,
            mime,
            bytes: Some(decoded_length(base64)),
            url: None,
            data: Some(base64.to_owned()),
        }
    }

    /// The bytes of the data; `None` without data, and when it is no base64.
    pub(crate) fn decoded(&self) -> Option<Vec<u8>> {
        decoded(self.data.as_ref()?)
    }
}

/// The bytes of base64 in either alphabet. Padding ends a piece, after which another one may start.
fn decoded(base64: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(base64.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for c in base64.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ if c.is_ascii_whitespace() => continue,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    Some(bytes)
}

/// The bytes of a data URL that is not in base64.
fn percent_decoded(text: &str) -> Vec<u8> {
    let hex = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%').and_then(hex);
        bytes.push(escaped.unwrap_or(first));
        rest = after
            .get(if escaped.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    bytes
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
    let url = parts.iter().find_map(|part| part.url.as_ref());
    let url = url.map(|url| url.chars().take(LONGEST_IN_WORDS).collect());
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
    fn data_is_decoded_in_pieces_and_from_either_form_of_url() {
        assert_eq!(decoded("aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        // Two pieces that are padded each, and two halves of one.
        assert_eq!(decoded("aGU=bGxv").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decoded("aGVs\nbG8").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decoded("-_8").as_deref(), Some(&[0xfb, 0xff][..]));
        assert_eq!(decoded("<b>"), None);
        let svg = MediaPart::at(MediaKind::Image, "data:image/svg+xml,%3Csvg/>%2");
        assert_eq!(svg.decoded().as_deref(), Some(&b"<svg/>%2"[..]));
        assert_eq!(
            MediaPart::at(MediaKind::Image, "https://x.example").decoded(),
            None
        );
    }

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
