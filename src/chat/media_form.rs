//! What the bytes of an image, audio clip or video are, and which extension a file of them has.

use super::media::MediaKind;

/// Bytes in which an SVG document must have its first element.
const SVG_HEAD: usize = 1024;

/// A form of media.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MediaForm {
    pub kind: MediaKind,
    pub mime: &'static str,
    pub extension: &'static str,
    /// Bytes at offsets; all of one of the groups must match.
    signatures: &'static [&'static [(usize, &'static [u8])]],
}

const fn form(
    kind: MediaKind,
    mime: &'static str,
    extension: &'static str,
    signatures: &'static [&'static [(usize, &'static [u8])]],
) -> MediaForm {
    MediaForm {
        kind,
        mime,
        extension,
        signatures,
    }
}

use MediaKind::{Audio, Image, Video};

/// The forms that are saved; the first match of the kind counts.
const FORMS: &[MediaForm] = &[
    form(Image, "image/png", "png", &[&[(0, b"\x89PNG\r\n\x1a\n")]]),
    form(Image, "image/jpeg", "jpg", &[&[(0, b"\xff\xd8\xff")]]),
    form(
        Image,
        "image/webp",
        "webp",
        &[&[(0, b"RIFF"), (8, b"WEBP")]],
    ),
    form(
        Image,
        "image/gif",
        "gif",
        &[&[(0, b"GIF87a")], &[(0, b"GIF89a")]],
    ),
    form(
        Image,
        "image/avif",
        "avif",
        &[&[(4, b"ftypavif")], &[(4, b"ftypavis")]],
    ),
    form(
        Image,
        "image/bmp",
        "bmp",
        &[&[(0, b"BM"), (6, b"\0\0\0\0")]],
    ),
    form(
        Image,
        "image/tiff",
        "tiff",
        &[&[(0, b"II*\0")], &[(0, b"MM\0*")]],
    ),
    form(Audio, "audio/wav", "wav", &[&[(0, b"RIFF"), (8, b"WAVE")]]),
    form(Audio, "audio/flac", "flac", &[&[(0, b"fLaC")]]),
    form(Audio, "audio/ogg", "ogg", &[&[(0, b"OggS")]]),
    form(
        Audio,
        "audio/mpeg",
        "mp3",
        &[
            &[(0, b"ID3")],
            &[(0, b"\xff\xfb")],
            &[(0, b"\xff\xfa")],
            &[(0, b"\xff\xf3")],
            &[(0, b"\xff\xf2")],
        ],
    ),
    form(
        Audio,
        "audio/aac",
        "aac",
        &[&[(0, b"\xff\xf1")], &[(0, b"\xff\xf9")]],
    ),
    form(Audio, "audio/mp4", "m4a", &[&[(4, b"ftyp")]]),
    form(Video, "video/webm", "webm", &[&[(0, b"\x1a\x45\xdf\xa3")]]),
    form(Video, "video/quicktime", "mov", &[&[(4, b"ftypqt  ")]]),
    form(Video, "video/mp4", "mp4", &[&[(4, b"ftyp")]]),
];

/// Text, and so without a signature.
static SVG: MediaForm = form(Image, "image/svg+xml", "svg", &[]);

/// Samples without a header, which is what `pcm16` means.
static PCM: MediaForm = form(Audio, "audio/pcm", "pcm", &[]);

/// The form of these bytes; `None` when they are nothing of the kind. Audio that is not recognised
/// are samples without a header.
pub(crate) fn of(kind: &MediaKind, bytes: &[u8]) -> Option<&'static MediaForm> {
    let has = |(offset, signature): &(usize, &[u8])| {
        let rest = bytes.get(*offset..);
        rest.is_some_and(|rest| rest.starts_with(signature))
    };
    let known = FORMS.iter().find(|form| {
        let mut groups = form.signatures.iter();
        form.kind == *kind && groups.any(|group| group.iter().all(has))
    });
    known.or(match kind {
        Image if is_svg(bytes) => Some(&SVG),
        Audio if !bytes.is_empty() => Some(&PCM),
        _ => None,
    })
}

/// Whether a file name ends as one of these forms does.
pub(crate) fn is_extension(extension: &str) -> bool {
    let extension = extension.to_ascii_lowercase();
    let known = FORMS.iter().chain([&SVG, &PCM]);
    matches!(extension.as_str(), "jpeg" | "tif" | "opus")
        || known.into_iter().any(|form| form.extension == extension)
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SVG_HEAD)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<svg")
        || ((head.starts_with("<?xml") || head.starts_with("<!")) && head.contains("<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(kind: &MediaKind, bytes: &[u8]) -> Option<&'static str> {
        of(kind, bytes).map(|form| form.extension)
    }

    #[test]
    fn the_bytes_decide_the_extension() {
        let rows: &[(MediaKind, &[u8], Option<&str>)] = &[
            (Image, b"\x89PNG\r\n\x1a\n...", Some("png")),
            (Image, b"\xff\xd8\xff\xe0", Some("jpg")),
            (Image, b"RIFF....WEBP", Some("webp")),
            (Image, b"<?xml version='1.0'?><svg/>", Some("svg")),
            (Image, b"<html><body>", None),
            (Image, b"\x7fELF", None),
            (Image, b"", None),
            (Audio, b"RIFF....WAVEfmt ", Some("wav")),
            (Audio, b"\x01\x02\x03", Some("pcm")),
            (Audio, b"", None),
            (Video, b"....ftypisom", Some("mp4")),
            (Video, b"\x89PNG\r\n\x1a\n", None),
        ];
        for (kind, bytes, expected) in rows {
            assert_eq!(extension(kind, bytes), *expected, "{bytes:?}");
        }
        assert!(is_extension("PNG") && is_extension("jpeg") && !is_extension("md"));
    }
}
