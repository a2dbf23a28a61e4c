//! Reads one file, or the bytes of a pipe or the clipboard, as a part of the question.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::attached::{Attachment, size};
use super::fault::AttachmentFault;
use super::kinds::{self, Treatment};
use super::limits::LARGEST_FILE;
use super::neighbours::neighbours;
use super::text::{self, NotText, shown_name};
use super::url::is_url;
use super::walk::{self, FoundFile};
use crate::chat::message::ContentPart;
use crate::config::home::expanded;
use crate::platform::commands::{FILE_KIND, FIRST_PART, FROM_FILE, LIST_FILE, TO_UTF8};
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::present::count::about_tokens;
use crate::wire::files::{BoundedFile, ReadError};
use crate::wire::shared_text::SharedText;

/// Bytes that are read to recognise the kind of a file.
const HEAD: u64 = 8192;

/// Bytes that are encoded at once: a multiple of the three that make four characters of base64.
const ENCODED_AT_ONCE: u64 = 3 * 16 * 1024;

/// Where bytes come from.
struct Origin<'a> {
    /// As it can be typed.
    path: &'a Path,
    /// As it is shown, and sent to the model.
    name: &'a str,
    /// Identifies the file, so that it is not sent twice.
    file: Option<PathBuf>,
}

/// A file that the user named.
pub(super) fn named(path: &Path) -> Result<Attachment, AttachmentFault> {
    let name = shown_name(&walk::name_outside(path));
    let origin = Origin {
        path,
        name: &name,
        file: path.canonicalize().ok(),
    };
    origin.read(open(path)?)
}

/// A file, folder or URL in a few words, without reading more than the start of a file. `None` when
/// there is nothing to read.
pub(super) fn in_short(word: &Path) -> Option<String> {
    let text = word.to_str()?;
    if is_url(text) {
        return Some(shown_name(text.rsplit('/').next().unwrap_or(text)));
    }
    let name = shown_name(&walk::name_outside(word));
    if word == Path::new("clipboard:") {
        return Some("clipboard".to_owned());
    }
    let path = expanded(text);
    if path.is_dir() {
        return Some(format!("{name} · folder"));
    }
    let mut file = BoundedFile::open_any_size(&path, HEAD).ok()?;
    let length = file.length;
    let mut head = Vec::new();
    file.read_to_end(&mut head).ok()?;
    let size = size(length);
    Some(if kinds::kind_of(&head).is_some() {
        format!("{name} · {size}")
    } else {
        // The file as it is sent, in the form of a text.
        let sent = length + text::fenced(&name, "").len() as u64;
        format!("{name} · {size} · {}", about_tokens(sent.div_ceil(4)))
    })
}

/// A file that a folder or pattern found. `Ok(None)` when it turns out not to be text after its
/// first bytes.
pub(super) fn found(found: &FoundFile) -> Result<Option<Attachment>, AttachmentFault> {
    let origin = Origin {
        path: &found.path,
        name: &found.name,
        file: found.path.canonicalize().ok(),
    };
    Ok(origin.read(open(&found.path)?).ok())
}

/// Bytes from a pipe or the clipboard.
pub(super) fn of_bytes(name: &str, bytes: Vec<u8>) -> Result<Attachment, AttachmentFault> {
    check_size(name, bytes.len() as u64)?;
    let origin = Origin {
        path: Path::new(name),
        name,
        file: None,
    };
    origin.attach_bytes(bytes)
}

fn open(path: &Path) -> Result<BoundedFile, AttachmentFault> {
    let file = BoundedFile::open_any_size(path, LARGEST_FILE).map_err(|error| match error {
        ReadError::NotRegular => {
            io::Error::other("it is not a regular file; pipe it to stdin and attach that with -f -")
        }
        other => other.into(),
    });
    let file = file.map_err(|error| unreadable(path, error))?;
    check_size(&path.display().to_string(), file.length)?;
    Ok(file)
}

fn unreadable(path: &Path, error: io::Error) -> AttachmentFault {
    let near = if error.kind() == io::ErrorKind::NotFound {
        neighbours(path)
    } else {
        Vec::new()
    };
    let fault = AttachmentFault::unreadable(path, error);
    if near.is_empty() {
        fault.hint(LIST_FILE.with([&quoted(path)]))
    } else {
        fault.hint(format!("did you mean {}?", near.join(", ")))
    }
}

fn check_size(name: &str, bytes: u64) -> Result<(), AttachmentFault> {
    if bytes <= LARGEST_FILE {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::Input,
        format!(
            "{name} is {}, and at most {} can be attached",
            size(bytes),
            size(LARGEST_FILE)
        ),
    );
    Err(AttachmentFault::new(name, error).hint(format!(
        "attach a part of it, for example {}",
        FIRST_PART.with([])
    )))
}

/// Makes a part of a text in base64.
type IntoPart = Box<dyn FnOnce(SharedText) -> ContentPart>;

impl Origin<'_> {
    /// Base64 is made while the file is read: the bytes themselves are never all in memory.
    fn read(self, mut file: BoundedFile) -> Result<Attachment, AttachmentFault> {
        let failed = |error| unreadable(self.path, error);
        let mut bytes = Vec::new();
        let mut head = Read::by_ref(&mut file).take(HEAD);
        head.read_to_end(&mut bytes).map_err(failed)?;
        let media = kinds::treatment_of_head(&bytes).and_then(|treatment| self.media(treatment));
        if let Some(media) = media {
            let length = file.length;
            return self.attach_media(media, &mut bytes.chain(file), length);
        }
        bytes.reserve_exact(usize::try_from(file.length).unwrap_or(0));
        file.read_to_end(&mut bytes).map_err(failed)?;
        self.attach_bytes(bytes)
    }

    /// Bytes as a part of the question, by their kind.
    fn attach_bytes(self, bytes: Vec<u8>) -> Result<Attachment, AttachmentFault> {
        let called = self.path.display().to_string();
        let length = bytes.len() as u64;
        if bytes.is_empty() {
            let error = CommandError::new(ErrorKind::Input, format!("{called} is empty"));
            return Err(
                AttachmentFault::new(called, error).hint("attach a file with content, or omit it")
            );
        }
        let Some(kind) = kinds::kind_of(&bytes) else {
            let text = text::decode(bytes).map_err(|why| self.not_text(why))?;
            let part = ContentPart::Text(text::fenced(self.name, &text).into());
            return self.attached(part, length);
        };
        let treatment = kinds::treatment_of(kind, &bytes);
        match self.media(treatment) {
            Some(media) => self.attach_media(media, &mut bytes.as_slice(), length),
            None => Err(self.refused(kind.name, treatment)),
        }
    }

    fn attach_media(
        self,
        (mut text, into_part): (String, IntoPart),
        bytes: &mut dyn Read,
        length: u64,
    ) -> Result<Attachment, AttachmentFault> {
        let read =
            encode(bytes, length, &mut text).map_err(|error| unreadable(self.path, error))?;
        self.attached(into_part(text.into()), read)
    }

    fn attached(self, part: ContentPart, bytes: u64) -> Result<Attachment, AttachmentFault> {
        // A file may have grown while it was read.
        check_size(&self.path.display().to_string(), bytes)?;
        Ok(Attachment {
            name: self.name.to_owned(),
            part,
            bytes,
            origin: self.file,
        })
    }

    /// What precedes the base64 of a file, and a function that makes a part of both. `None` for an
    /// unsupported kind.
    fn media(&self, treatment: Treatment) -> Option<(String, IntoPart)> {
        let data_url = |media_type: &str| format!("data:{media_type};base64,");
        Some(match treatment {
            Treatment::Image(media_type) => (
                data_url(media_type),
                Box::new(|url| ContentPart::Image { url }),
            ),
            Treatment::Pdf => {
                let name = self.name.rsplit('/').next().unwrap_or(self.name).to_owned();
                let into_part = Box::new(|url| ContentPart::File { name, url });
                (data_url("application/pdf"), into_part)
            }
            Treatment::Audio(format) => (
                String::new(),
                Box::new(move |base64| ContentPart::Audio { base64, format }),
            ),
            Treatment::Video(media_type) => (
                data_url(media_type),
                Box::new(|url| ContentPart::Video { url }),
            ),
            Treatment::Refused(_) => return None,
        })
    }

    fn refused(&self, kind: &str, treatment: Treatment) -> AttachmentFault {
        let called = self.path.display().to_string();
        let error = CommandError::new(
            ErrorKind::Input,
            format!("{called} is {kind}, which models do not accept"),
        );
        let ways = match treatment {
            Treatment::Refused(ways) => ways,
            _ => &[],
        };
        ways.iter()
            .fold(AttachmentFault::new(called, error), |fault, way| {
                fault.hint(of_file(way, self.path))
            })
    }

    fn not_text(&self, why: NotText) -> AttachmentFault {
        let called = self.path.display().to_string();
        let typed = quoted(self.path);
        let fault = |what: String| {
            let error = CommandError::new(ErrorKind::Input, format!("{called} {what}"));
            AttachmentFault::new(called.clone(), error)
        };
        match why {
            NotText::Binary => fault(
                "is neither text nor an image, PDF, audio or video file of a supported kind"
                    .to_owned(),
            )
            .hint(FILE_KIND.with([&typed])),
            NotText::OtherEncoding { at } => {
                let converted = quoted(Path::new(&format!("{called}.utf8")));
                let words = format!(
                    "is text, but not in UTF-8 (byte {at}); it looks like Latin-1 or Windows-1252"
                );
                fault(words)
                    .hint(TO_UTF8.with([&typed, &converted]))
                    .hint(format!("amx chat -f {converted} …"))
            }
        }
    }
}

/// Appends the base64 of all bytes to a text. `length` is an estimate of their number; returns the
/// exact number.
fn encode(mut bytes: &mut dyn Read, length: u64, text: &mut String) -> io::Result<u64> {
    let characters = length.div_ceil(3).saturating_mul(4);
    text.reserve_exact(usize::try_from(characters).unwrap_or(0));
    let mut chunk = Vec::new();
    let mut read = 0;
    loop {
        chunk.clear();
        Read::by_ref(&mut bytes)
            .take(ENCODED_AT_ONCE)
            .read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(read);
        }
        read += chunk.len() as u64;
        STANDARD.encode_string(&chunk, text);
    }
}

/// A command of the table of kinds, with the path in place of `FILE`.
fn of_file(way: &str, path: &Path) -> String {
    if let Some((command, comment)) = way.split_once(" < FILE") {
        return FROM_FILE.with([command, &quoted(path)]) + comment;
    }
    let shown = paths::shown(path);
    let words = way.split(' ').map(|word| {
        if word.contains("FILE") {
            System::CURRENT.quoted(&word.replace("FILE", &shown))
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<Attachment, CommandError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        named(&path).map_err(|fault| fault.error)
    }

    #[test]
    fn files_are_recognised_by_their_content() {
        let part = |name: &str, bytes: &[u8]| read(name, bytes).unwrap().part;
        assert_eq!(
            part("a.txt", b"\x89PNG\r\n"),
            ContentPart::Image {
                url: "data:image/png;base64,iVBORw0K".into()
            }
        );
        assert_eq!(
            part("x", b"%PDF-1"),
            ContentPart::File {
                name: "x".to_owned(),
                url: "data:application/pdf;base64,JVBERi0x".into()
            }
        );
        assert_eq!(
            part("n.md", b"\xff\xfeh\0"),
            ContentPart::Text("n.md:\n```\nh\n```".into())
        );
        assert!(matches!(
            part("s", b"RIFF0000WAVEfmt"),
            ContentPart::Audio { format: "wav", .. }
        ));
        assert_eq!(
            part("v", b"\0\0\0\x14ftypqt  "),
            ContentPart::Video {
                url: "data:video/quicktime;base64,AAAAFGZ0eXBxdCAg".into()
            }
        );
    }

    #[test]
    fn an_unsupported_file_is_reported_with_a_hint() {
        for (name, bytes, what, hint) in [
            (
                "b",
                &b"\x7fELF\0\0"[..],
                "neither text",
                FILE_KIND.with([""]).split(' ').next().unwrap(),
            ),
            (
                "a b.heic",
                b"\0\0\0\x18ftypheic\0\0",
                "a HEIC image",
                "a b.heic.png'",
            ),
            ("old.txt", b"caf\xe9 ole", "Latin-1", "1252"),
            ("none.txt", b"", "is empty", "content"),
            (
                "r.docx",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0",
                "an Office document",
                "soffice",
            ),
        ] {
            let error = read(name, bytes).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Input);
            assert!(
                error.message.contains(what) && error.hints[0].contains(hint),
                "{} {:?}",
                error.message,
                error.hints
            );
        }
        assert_eq!(
            named(Path::new("/nonexistent/file"))
                .unwrap_err()
                .error
                .kind,
            ErrorKind::Input
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        std::fs::File::create(&path)
            .unwrap()
            .set_len(LARGEST_FILE + 1)
            .unwrap();
        let error = named(&path).unwrap_err().error;
        assert!(error.message.contains("20.1 MiB"), "{}", error.message);
    }

    #[test]
    fn base64_of_chunks_is_that_of_the_whole() {
        let at_once = usize::try_from(ENCODED_AT_ONCE).unwrap();
        for length in [1, 8191, 8192, 8193, at_once, at_once + 1, 3 * at_once + 2] {
            let bytes: Vec<u8> = b"%PDF-".iter().copied().cycle().take(length).collect();
            let mut text = String::new();
            assert_eq!(
                encode(&mut bytes.as_slice(), 0, &mut text).unwrap(),
                length as u64
            );
            assert_eq!(text, STANDARD.encode(&bytes), "{length}");
        }
        let bytes = [b"%PDF-1.7\n".as_slice(), &vec![7; 20_000]].concat();
        let attached = read("long.pdf", &bytes).unwrap();
        assert_eq!(attached.bytes, bytes.len() as u64);
        let url = format!("data:application/pdf;base64,{}", STANDARD.encode(&bytes));
        let expected = ContentPart::File {
            name: "long.pdf".to_owned(),
            url: url.into(),
        };
        assert_eq!(attached.part, expected);
    }
}
