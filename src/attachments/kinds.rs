//! The kinds of files, recognised by their bytes and never by their name: a table, which is also
//! the source of the documentation.

use memchr::memmem;

use Signature::{At, Within};
use Treatment::{Audio, Image, Pdf, Refused, Video};

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Sent as an image of that media type.
    Image(&'static str),
    Pdf,
    /// Sent as audio of that format.
    Audio(&'static str),
    /// Sent as a video of that media type.
    Video(&'static str),
    /// Not accepted by providers; commands that convert it, with `FILE` for its path.
    Refused(&'static [&'static str]),
}

/// Bytes by which a kind is recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signature {
    /// These bytes at that offset.
    At(usize, &'static [u8]),
    /// These bytes anywhere before that offset.
    Within(usize, &'static [u8]),
}

impl Signature {
    fn is_in(self, bytes: &[u8]) -> bool {
        match self {
            At(offset, signature) => bytes
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(signature)),
            Within(end, signature) => {
                memmem::find(&bytes[..end.min(bytes.len())], signature).is_some()
            }
        }
    }
}

/// One kind of file.
pub struct FileKind {
    /// Its name in a sentence: `a PNG image`.
    pub name: &'static str,
    pub treatment: Treatment,
    /// One of these must match, with all of its signatures.
    signatures: &'static [&'static [Signature]],
}

const fn kind(
    name: &'static str,
    treatment: Treatment,
    signatures: &'static [&'static [Signature]],
) -> FileKind {
    FileKind {
        name,
        treatment,
        signatures,
    }
}

const TO_PNG: Treatment = Refused(&["magick FILE FILE.png"]);
const TO_MP3: Treatment = Refused(&["ffmpeg -i FILE FILE.mp3"]);
const TO_MP4: Treatment = Refused(&["ffmpeg -i FILE FILE.mp4"]);
const TO_PDF: Treatment = Refused(&["soffice --headless --convert-to pdf FILE"]);
const M4A: Treatment = Audio("m4a");

/// Every kind that is recognised; the first match counts. What matches none is text, when it can
/// be decoded as text.
pub const KINDS: &[FileKind] = &[
    kind("a PNG image", Image("image/png"), &[&[At(0, b"\x89PNG")]]),
    kind(
        "a JPEG image",
        Image("image/jpeg"),
        &[&[At(0, b"\xff\xd8\xff")]],
    ),
    kind(
        "a WebP image",
        Image("image/webp"),
        &[&[At(0, b"RIFF"), At(8, b"WEBP")]],
    ),
    kind(
        "a GIF image",
        Image("image/gif"),
        &[&[At(0, b"GIF87a")], &[At(0, b"GIF89a")]],
    ),
    kind("a PDF document", Pdf, &[&[At(0, b"%PDF-")]]),
    kind(
        "a WAV audio file",
        Audio("wav"),
        &[&[At(0, b"RIFF"), At(8, b"WAVE")]],
    ),
    kind(
        "an MP3 audio file",
        Audio("mp3"),
        &[
            &[At(0, b"ID3\x02")],
            &[At(0, b"ID3\x03")],
            &[At(0, b"ID3\x04")],
            &[At(0, b"\xff\xfb")],
            &[At(0, b"\xff\xfa")],
            &[At(0, b"\xff\xf3")],
            &[At(0, b"\xff\xf2")],
            &[At(0, b"\xff\xe3")],
        ],
    ),
    kind(
        "an AAC audio file",
        Audio("aac"),
        &[&[At(0, b"\xff\xf1")], &[At(0, b"\xff\xf9")]],
    ),
    kind(
        "a FLAC audio file",
        Audio("flac"),
        &[&[At(0, b"fLaC\0")], &[At(0, b"fLaC\x80")]],
    ),
    kind("an Ogg audio file", Audio("ogg"), &[&[At(0, b"OggS\0")]]),
    kind(
        "an M4A audio file",
        M4A,
        &[&[At(4, b"ftypM4A")], &[At(4, b"ftypM4B")]],
    ),
    kind(
        "an AIFF audio file",
        Audio("aiff"),
        &[
            &[At(0, b"FORM"), At(8, b"AIFF")],
            &[At(0, b"FORM"), At(8, b"AIFC")],
        ],
    ),
    kind(
        "an MP4 video",
        Video("video/mp4"),
        &[
            &[At(4, b"ftypiso")],
            &[At(4, b"ftypmp4")],
            &[At(4, b"ftypavc1")],
            &[At(4, b"ftypdash")],
            &[At(4, b"ftypM4V")],
            &[At(4, b"ftypMSNV")],
        ],
    ),
    kind(
        "a WebM video",
        Video("video/webm"),
        &[&[At(0, b"\x1a\x45\xdf\xa3"), Within(64, b"webm")]],
    ),
    kind(
        "a QuickTime video",
        Video("video/quicktime"),
        &[
            &[At(4, b"ftypqt  ")],
            &[At(0, b"\0"), At(4, b"moov")],
            &[At(0, b"\0"), At(4, b"mdat")],
            &[At(0, b"\0"), At(4, b"wide")],
        ],
    ),
    kind(
        "a HEIC image",
        Refused(&[
            "magick FILE FILE.png",
            "sips -s format png FILE --out FILE.png   (macOS)",
        ]),
        &[
            &[At(4, b"ftyphei")],
            &[At(4, b"ftyphev")],
            &[At(4, b"ftypmif1")],
            &[At(4, b"ftypmsf1")],
        ],
    ),
    kind(
        "an AVIF image",
        TO_PNG,
        &[&[At(4, b"ftypavif")], &[At(4, b"ftypavis")]],
    ),
    kind(
        "a TIFF image",
        TO_PNG,
        &[
            &[At(0, b"II*\0")],
            &[At(0, b"MM\0*")],
            &[At(0, b"II+\0")],
            &[At(0, b"MM\0+")],
        ],
    ),
    kind(
        "a BMP image",
        TO_PNG,
        &[&[At(0, b"BM"), At(6, b"\0\0\0\0")]],
    ),
    kind("an icon", TO_PNG, &[&[At(0, b"\0\0\x01\0")]]),
    kind(
        "a JPEG XL image",
        TO_PNG,
        &[&[At(0, b"\xff\x0a")], &[At(0, b"\0\0\0\x0cJXL ")]],
    ),
    kind("a Photoshop image", TO_PNG, &[&[At(0, b"8BPS")]]),
    kind(
        "an SVG drawing",
        Refused(&[
            "rsvg-convert FILE -o FILE.png",
            "amx chat \"…\" < FILE   (sends its source as text)",
        ]),
        &[
            &[At(0, b"<svg")],
            &[At(0, b"<?xml"), Within(1024, b"<svg")],
            &[At(0, b"<!DOCTYPE svg")],
            &[At(0, b"\xef\xbb\xbf<svg")],
        ],
    ),
    kind("a Matroska video", TO_MP4, &[&[At(0, b"\x1a\x45\xdf\xa3")]]),
    kind("an AVI video", TO_MP4, &[&[At(0, b"RIFF"), At(8, b"AVI ")]]),
    kind("a 3GP video", TO_MP4, &[&[At(4, b"ftyp3g")]]),
    kind(
        "an MPEG video",
        TO_MP4,
        &[&[At(0, b"\0\0\x01\xba")], &[At(0, b"\0\0\x01\xb3")]],
    ),
    kind("a Flash video", TO_MP4, &[&[At(0, b"FLV\x01")]]),
    kind(
        "a Windows Media file",
        TO_MP4,
        &[&[At(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")]],
    ),
    kind("an AMR audio file", TO_MP3, &[&[At(0, b"#!AMR")]]),
    kind("a CAF audio file", TO_MP3, &[&[At(0, b"caff\0")]]),
    kind(
        "a MIDI file",
        Refused(&["timidity FILE -Ow -o FILE.wav"]),
        &[&[At(0, b"MThd")]],
    ),
    kind(
        "an Office document",
        TO_PDF,
        &[
            &[
                At(0, b"PK\x03\x04"),
                Within(usize::MAX, b"word/document.xml"),
            ],
            &[At(0, b"PK\x03\x04"), Within(usize::MAX, b"xl/workbook.xml")],
            &[
                At(0, b"PK\x03\x04"),
                Within(usize::MAX, b"ppt/presentation.xml"),
            ],
            &[At(0, b"PK\x03\x04"), At(30, b"[Content_Types].xml")],
            &[At(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")],
        ],
    ),
    kind(
        "an OpenDocument file",
        TO_PDF,
        &[&[
            At(0, b"PK\x03\x04"),
            At(30, b"mimetypeapplication/vnd.oasis.opendocument"),
        ]],
    ),
    kind("an RTF document", TO_PDF, &[&[At(0, b"{\\rtf")]]),
    kind(
        "an e-book",
        Refused(&["pandoc FILE -t markdown -o FILE.md"]),
        &[&[
            At(0, b"PK\x03\x04"),
            At(30, b"mimetypeapplication/epub+zip"),
        ]],
    ),
    kind(
        "a zip archive",
        Refused(&["unzip FILE -d FOLDER", "amx chat -f FOLDER …"]),
        &[&[At(0, b"PK\x03\x04")], &[At(0, b"PK\x05\x06")]],
    ),
    kind(
        "a tar archive",
        Refused(&["tar -xf FILE -C FOLDER", "amx chat -f FOLDER …"]),
        &[&[At(257, b"ustar")]],
    ),
    kind(
        "a compressed file",
        Refused(&["unpack it, and attach the files inside"]),
        &[
            &[At(0, b"\x1f\x8b")],
            &[At(0, b"BZh"), At(4, b"1AY&SY")],
            &[At(0, b"\xfd7zXZ")],
            &[At(0, b"\x28\xb5\x2f\xfd")],
            &[At(0, b"7z\xbc\xaf\x27\x1c")],
            &[At(0, b"Rar!\x1a\x07")],
        ],
    ),
];

/// The kind of a file; `None` for text and for unknown kinds. The head of a file is enough, except
/// to distinguish some archives and videos.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<&'static FileKind> {
    KINDS.iter().find(|kind| {
        kind.signatures
            .iter()
            .any(|all| all.iter().all(|signature| signature.is_in(bytes)))
    })
}

/// The treatment of a file whose first 8 KiB decide it; `None` where all of it has to be read.
pub(crate) fn treatment_of_head(head: &[u8]) -> Option<Treatment> {
    match kind_of(head)?.treatment {
        // The entries of an archive, and the tracks of a video, may be anywhere.
        Refused(_) | Video("video/mp4") => None,
        treatment => Some(treatment),
    }
}

/// How a file of that kind is sent, by all of its bytes: an MP4 file without a video track is
/// audio.
pub(crate) fn treatment_of(kind: &FileKind, bytes: &[u8]) -> Treatment {
    let has = |track: &[u8]| {
        memmem::find_iter(bytes, b"hdlr").any(|at| {
            bytes
                .get(at + 12..)
                .is_some_and(|rest| rest.starts_with(track))
        })
    };
    match kind.treatment {
        Video("video/mp4") if has(b"soun") && !has(b"vide") => M4A,
        treatment => treatment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind with the head of such a file.
    const SAMPLES: &[(&str, &[u8])] = &[
        ("a PNG image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a JPEG image", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("a WebP image", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("a GIF image", b"GIF89a\x01\0\x01\0"),
        ("a PDF document", b"%PDF-1.7\n%\xe2\xe3"),
        ("a WAV audio file", b"RIFF\x24\0\0\0WAVEfmt "),
        ("an MP3 audio file", b"ID3\x04\0\0"),
        ("an MP3 audio file", b"\xff\xfb\x90\x64"),
        ("an AAC audio file", b"\xff\xf1\x50\x80"),
        ("a FLAC audio file", b"fLaC\0\0\0\x22"),
        ("an Ogg audio file", b"OggS\0\x02"),
        ("an M4A audio file", b"\0\0\0\x1cftypM4A \0\0\0\0"),
        ("an AIFF audio file", b"FORM\0\0\0\x2eAIFFCOMM"),
        ("an MP4 video", b"\0\0\0\x20ftypisom\0\0\x02\0"),
        ("an MP4 video", b"\0\0\0\x18ftypmp42\0\0\0\0"),
        ("a WebM video", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"),
        ("a QuickTime video", b"\0\0\0\x14ftypqt  \0\0\0\0"),
        ("a HEIC image", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("an AVIF image", b"\0\0\0\x1cftypavif\0\0\0\0"),
        ("a TIFF image", b"II*\0\x08\0\0\0"),
        ("a BMP image", b"BM\x46\0\0\0\0\0\0\0\x36"),
        ("an icon", b"\0\0\x01\0\x01\0\x10\x10"),
        ("a JPEG XL image", b"\xff\x0a\xfa\x1f"),
        ("a Photoshop image", b"8BPS\0\x01"),
        ("an SVG drawing", b"<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns=\"x\">"),
        ("a Matroska video", b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska"),
        ("an AVI video", b"RIFF\x24\0\0\0AVI LIST"),
        ("a 3GP video", b"\0\0\0\x18ftyp3gp5"),
        ("an MPEG video", b"\0\0\x01\xba\x44"),
        ("a Flash video", b"FLV\x01\x05"),
        ("a Windows Media file", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6"),
        ("an AMR audio file", b"#!AMR\n"),
        ("a CAF audio file", b"caff\0\x01"),
        ("a MIDI file", b"MThd\0\0\0\x06"),
        ("an Office document", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\x08\x02[Content_Types].xml"),
        ("an Office document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
        ("an OpenDocument file", b"PK\x03\x04\x14\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"),
        ("an RTF document", b"{\\rtf1\\ansi"),
        ("an e-book", b"PK\x03\x04\x14\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mimetypeapplication/epub+zip"),
        ("a zip archive", b"PK\x03\x04\x14\0\0\0\x08\0password/x"),
        ("a zip archive", b"PK\x03\x04\x14\0\0\0\x08\0readme.txt"),
        ("a compressed file", b"\x1f\x8b\x08\0"),
    ];

    #[test]
    fn every_kind_is_recognised_by_its_bytes() {
        for (name, bytes) in SAMPLES {
            assert_eq!(
                kind_of(bytes).map(|kind| kind.name),
                Some(*name),
                "{bytes:?}"
            );
        }
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(kind_of(&tar).map(|kind| kind.name), Some("a tar archive"));
        let without_sample = KINDS
            .iter()
            .map(|kind| kind.name)
            .filter(|name| SAMPLES.iter().all(|(sampled, _)| sampled != name));
        assert_eq!(without_sample.collect::<Vec<_>>(), ["a tar archive"]);
    }

    #[test]
    fn text_that_starts_like_a_signature_is_text() {
        for text in [
            "BMW and others",
            "ID3 tags",
            "The moovie",
            "the wide road",
            "fLaC",
            "BZh9 is the start",
            "OggS",
            "MThought",
            "GIF is a format",
            "RIFFs of rock",
            "<html><svg>",
            "PDF: %PDF-1.7",
            "",
            "BZ",
            "P",
            "\u{feff}hello",
            "<?xml version=\"1.0\"?><p/>",
        ] {
            assert!(kind_of(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn an_mp4_without_a_video_track_is_audio() {
        let mp4 = |tracks: &[&[u8]]| {
            let mut bytes = b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec();
            for track in tracks {
                bytes.extend_from_slice(b"\0\0\0\x21hdlr\0\0\0\0\0\0\0\0");
                bytes.extend_from_slice(track);
            }
            treatment_of(kind_of(&bytes).unwrap(), &bytes)
        };
        assert_eq!(mp4(&[b"soun"]), M4A);
        assert_eq!(
            [mp4(&[b"vide", b"soun"]), mp4(&[])],
            [Video("video/mp4"); 2]
        );
    }
}
