//! What a file is, told by its bytes and never by its name: a table, from which the documentation
//! comes too.

use memchr::memmem;

use Mark::{At, Within};
use Treatment::{Audio, Image, Pdf, Refused, Video};

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Sent as an image of that media type.
    Image(&'static str),
    Pdf,
    /// Sent as sound of that format.
    Audio(&'static str),
    /// Sent as a film of that media type.
    Video(&'static str),
    /// Not taken by providers; commands that make something of it that is, with `FILE` for its
    /// path.
    Refused(&'static [&'static str]),
}

/// Something that stands in a file of a kind.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    /// These bytes at that offset.
    At(usize, &'static [u8]),
    /// These bytes anywhere before that offset.
    Within(usize, &'static [u8]),
}

impl Mark {
    fn is_in(self, bytes: &[u8]) -> bool {
        match self {
            At(offset, mark) => bytes
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(mark)),
            Within(end, mark) => memmem::find(&bytes[..end.min(bytes.len())], mark).is_some(),
        }
    }
}

/// One kind of file.
pub struct FileKind {
    /// As it is called in a sentence: `a PNG picture`.
    pub name: &'static str,
    pub treatment: Treatment,
    /// Any of these tells it; of each, all marks must be there.
    marks: &'static [&'static [Mark]],
}

const fn kind(
    name: &'static str,
    treatment: Treatment,
    marks: &'static [&'static [Mark]],
) -> FileKind {
    FileKind {
        name,
        treatment,
        marks,
    }
}

const TO_PNG: Treatment = Refused(&["magick FILE FILE.png"]);
const TO_MP3: Treatment = Refused(&["ffmpeg -i FILE FILE.mp3"]);
const TO_MP4: Treatment = Refused(&["ffmpeg -i FILE FILE.mp4"]);
const TO_PDF: Treatment = Refused(&["soffice --headless --convert-to pdf FILE"]);
const M4A: Treatment = Audio("m4a");

/// Every kind that is told apart; the first that fits counts. Text is what is left, when it is
/// text.
pub const KINDS: &[FileKind] = &[
    kind("a PNG picture", Image("image/png"), &[&[At(0, b"\x89PNG")]]),
    kind(
        "a JPEG picture",
        Image("image/jpeg"),
        &[&[At(0, b"\xff\xd8\xff")]],
    ),
    kind(
        "a WebP picture",
        Image("image/webp"),
        &[&[At(0, b"RIFF"), At(8, b"WEBP")]],
    ),
    kind(
        "a GIF picture",
        Image("image/gif"),
        &[&[At(0, b"GIF87a")], &[At(0, b"GIF89a")]],
    ),
    kind("a PDF document", Pdf, &[&[At(0, b"%PDF-")]]),
    kind(
        "a WAV recording",
        Audio("wav"),
        &[&[At(0, b"RIFF"), At(8, b"WAVE")]],
    ),
    kind(
        "an MP3 recording",
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
        "an AAC recording",
        Audio("aac"),
        &[&[At(0, b"\xff\xf1")], &[At(0, b"\xff\xf9")]],
    ),
    kind(
        "a FLAC recording",
        Audio("flac"),
        &[&[At(0, b"fLaC\0")], &[At(0, b"fLaC\x80")]],
    ),
    kind("an Ogg recording", Audio("ogg"), &[&[At(0, b"OggS\0")]]),
    kind(
        "an M4A recording",
        M4A,
        &[&[At(4, b"ftypM4A")], &[At(4, b"ftypM4B")]],
    ),
    kind(
        "an AIFF recording",
        Audio("aiff"),
        &[
            &[At(0, b"FORM"), At(8, b"AIFF")],
            &[At(0, b"FORM"), At(8, b"AIFC")],
        ],
    ),
    kind(
        "an MP4 film",
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
        "a WebM film",
        Video("video/webm"),
        &[&[At(0, b"\x1a\x45\xdf\xa3"), Within(64, b"webm")]],
    ),
    kind(
        "a QuickTime film",
        Video("video/quicktime"),
        &[
            &[At(4, b"ftypqt  ")],
            &[At(0, b"\0"), At(4, b"moov")],
            &[At(0, b"\0"), At(4, b"mdat")],
            &[At(0, b"\0"), At(4, b"wide")],
        ],
    ),
    kind(
        "a HEIC picture",
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
        "an AVIF picture",
        TO_PNG,
        &[&[At(4, b"ftypavif")], &[At(4, b"ftypavis")]],
    ),
    kind(
        "a TIFF picture",
        TO_PNG,
        &[
            &[At(0, b"II*\0")],
            &[At(0, b"MM\0*")],
            &[At(0, b"II+\0")],
            &[At(0, b"MM\0+")],
        ],
    ),
    kind(
        "a BMP picture",
        TO_PNG,
        &[&[At(0, b"BM"), At(6, b"\0\0\0\0")]],
    ),
    kind("an icon", TO_PNG, &[&[At(0, b"\0\0\x01\0")]]),
    kind(
        "a JPEG XL picture",
        TO_PNG,
        &[&[At(0, b"\xff\x0a")], &[At(0, b"\0\0\0\x0cJXL ")]],
    ),
    kind("a Photoshop picture", TO_PNG, &[&[At(0, b"8BPS")]]),
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
    kind("a Matroska film", TO_MP4, &[&[At(0, b"\x1a\x45\xdf\xa3")]]),
    kind("an AVI film", TO_MP4, &[&[At(0, b"RIFF"), At(8, b"AVI ")]]),
    kind("a 3GP film", TO_MP4, &[&[At(4, b"ftyp3g")]]),
    kind(
        "an MPEG film",
        TO_MP4,
        &[&[At(0, b"\0\0\x01\xba")], &[At(0, b"\0\0\x01\xb3")]],
    ),
    kind("a Flash film", TO_MP4, &[&[At(0, b"FLV\x01")]]),
    kind(
        "a Windows Media file",
        TO_MP4,
        &[&[At(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")]],
    ),
    kind("an AMR recording", TO_MP3, &[&[At(0, b"#!AMR")]]),
    kind("a CAF recording", TO_MP3, &[&[At(0, b"caff\0")]]),
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
        Refused(&["unpack it first, and attach what is in it"]),
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

/// The kind of a file; `None` for text and for what nobody knows. The beginning of a file is
/// enough, but for telling one archive or film from another.
pub fn kind_of(bytes: &[u8]) -> Option<&'static FileKind> {
    KINDS.iter().find(|kind| {
        kind.marks
            .iter()
            .any(|marks| marks.iter().all(|mark| mark.is_in(bytes)))
    })
}

/// The treatment of a file whose first 8 KiB decide it; `None` where all of it has to be read.
pub fn treatment_of_head(head: &[u8]) -> Option<Treatment> {
    match kind_of(head)?.treatment {
        // The entries of an archive, and the tracks of a video, may be anywhere.
        Refused(_) | Video("video/mp4") => None,
        treatment => Some(treatment),
    }
}

/// What becomes of a file of that kind, all of which is here: a film without pictures is a
/// recording.
pub fn treatment_of(kind: &FileKind, bytes: &[u8]) -> Treatment {
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

    /// Each kind with the beginning of such a file.
    const SAMPLES: &[(&str, &[u8])] = &[
        ("a PNG picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a JPEG picture", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("a WebP picture", b"RIFF\x24\0\0\0WEBPVP8 "),
        ("a GIF picture", b"GIF89a\x01\0\x01\0"),
        ("a PDF document", b"%PDF-1.7\n%\xe2\xe3"),
        ("a WAV recording", b"RIFF\x24\0\0\0WAVEfmt "),
        ("an MP3 recording", b"ID3\x04\0\0"),
        ("an MP3 recording", b"\xff\xfb\x90\x64"),
        ("an AAC recording", b"\xff\xf1\x50\x80"),
        ("a FLAC recording", b"fLaC\0\0\0\x22"),
        ("an Ogg recording", b"OggS\0\x02"),
        ("an M4A recording", b"\0\0\0\x1cftypM4A \0\0\0\0"),
        ("an AIFF recording", b"FORM\0\0\0\x2eAIFFCOMM"),
        ("an MP4 film", b"\0\0\0\x20ftypisom\0\0\x02\0"),
        ("an MP4 film", b"\0\0\0\x18ftypmp42\0\0\0\0"),
        ("a WebM film", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"),
        ("a QuickTime film", b"\0\0\0\x14ftypqt  \0\0\0\0"),
        ("a HEIC picture", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("an AVIF picture", b"\0\0\0\x1cftypavif\0\0\0\0"),
        ("a TIFF picture", b"II*\0\x08\0\0\0"),
        ("a BMP picture", b"BM\x46\0\0\0\0\0\0\0\x36"),
        ("an icon", b"\0\0\x01\0\x01\0\x10\x10"),
        ("a JPEG XL picture", b"\xff\x0a\xfa\x1f"),
        ("a Photoshop picture", b"8BPS\0\x01"),
        ("an SVG drawing", b"<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns=\"x\">"),
        ("a Matroska film", b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska"),
        ("an AVI film", b"RIFF\x24\0\0\0AVI LIST"),
        ("a 3GP film", b"\0\0\0\x18ftyp3gp5"),
        ("an MPEG film", b"\0\0\x01\xba\x44"),
        ("a Flash film", b"FLV\x01\x05"),
        ("a Windows Media file", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6"),
        ("an AMR recording", b"#!AMR\n"),
        ("a CAF recording", b"caff\0\x01"),
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
    fn every_kind_is_told_by_its_bytes() {
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
    fn text_that_begins_like_a_file_is_text() {
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
    fn a_film_without_pictures_is_a_recording() {
        let film = |tracks: &[&[u8]]| {
            let mut bytes = b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec();
            for track in tracks {
                bytes.extend_from_slice(b"\0\0\0\x21hdlr\0\0\0\0\0\0\0\0");
                bytes.extend_from_slice(track);
            }
            treatment_of(kind_of(&bytes).unwrap(), &bytes)
        };
        assert_eq!(film(&[b"soun"]), M4A);
        assert_eq!(
            [film(&[b"vide", b"soun"]), film(&[])],
            [Video("video/mp4"); 2]
        );
    }
}
