//! `-f FILE`: text, images, documents and sound, told apart by content rather than by name.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::chat::message::ContentPart;
use crate::commands::error::{CommandError, Kind};
use crate::commands::files;

/// Largest file attached, in bytes.
const LARGEST_FILE: u64 = 20 * 1024 * 1024;

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Image(&'static str),
    Pdf,
    Audio(&'static str),
    Other,
}

/// Reads all files before anything is sent; one bad file is an error.
pub fn read(files: &[std::path::PathBuf]) -> Result<Vec<ContentPart>, CommandError> {
    files.iter().map(|file| read_one(file)).collect()
}

fn read_one(path: &Path) -> Result<ContentPart, CommandError> {
    if let Some(url) = path.to_str().filter(|text| text.starts_with("https://") || text.starts_with("http://")) {
        return Ok(by_address(url));
    }
    let bytes = files::read_bounded(path, LARGEST_FILE, "cannot be attached")?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let data_url = |kind: &str| format!("data:{kind};base64,{}", STANDARD.encode(&bytes));
    match content_of(&bytes) {
        Content::Image(kind) => Ok(ContentPart::Image { url: data_url(kind) }),
        Content::Pdf => Ok(ContentPart::File { name, url: data_url("application/pdf") }),
        Content::Audio(format) => Ok(ContentPart::Audio { base64: STANDARD.encode(&bytes), format }),
        Content::Other => text_part(path, &name, bytes),
    }
}

fn content_of(bytes: &[u8]) -> Content {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Content::Image("image/png"),
        [0xff, 0xd8, 0xff, ..] => Content::Image("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Content::Image("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Content::Image("image/webp"),
        [b'%', b'P', b'D', b'F', ..] => Content::Pdf,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Content::Audio("wav"),
        [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3 | 0xf2, ..] => Content::Audio("mp3"),
        [b'f', b'L', b'a', b'C', ..] => Content::Audio("flac"),
        [b'O', b'g', b'g', b'S', ..] => Content::Audio("ogg"),
        _ => Content::Other,
    }
}

fn text_part(path: &Path, name: &str, bytes: Vec<u8>) -> Result<ContentPart, CommandError> {
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let Some(text) = text else {
        let error = CommandError::new(Kind::Input, format!("{} is neither text nor an image, PDF or sound that can be attached", path.display()));
        return Err(error.hint(format!("file {}", files::quoted(path))));
    };
    let fence = fence_for(&text);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    Ok(ContentPart::Text(format!("{name}:\n{fence}\n{text}{end}{fence}")))
}

/// A fence longer than any in the text, so that the text cannot end it.
fn fence_for(text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().chars().take_while(|c| *c == '`').count()).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn by_address(url: &str) -> ContentPart {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    if name.to_ascii_lowercase().ends_with(".pdf") { ContentPart::File { name, url: url.to_owned() } } else { ContentPart::Image { url: url.to_owned() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_content() {
        let directory = tempfile::tempdir().unwrap();
        let part = |name: &str, bytes: &[u8]| {
            let path = directory.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            read_one(&path)
        };
        assert_eq!(part("a.txt", b"\x89PNG\r\n").unwrap(), ContentPart::Image { url: "data:image/png;base64,iVBORw0K".to_owned() });
        assert_eq!(part("x", b"%PDF-1").unwrap(), ContentPart::File { name: "x".to_owned(), url: "data:application/pdf;base64,JVBERi0x".to_owned() });
        assert_eq!(part("n.md", b"a ``` b\n````\nx").unwrap(), ContentPart::Text("n.md:\n`````\na ``` b\n````\nx\n`````".to_owned()));
        assert!(matches!(part("s", b"RIFF0000WAVEfmt").unwrap(), ContentPart::Audio { format: "wav", .. }));
        assert_eq!(part("b", b"\x7fELF\0\0").unwrap_err().kind, Kind::Input);
        assert_eq!(read_one(Path::new("/nonexistent/file")).unwrap_err().kind, Kind::Input);
        assert_eq!(read_one(directory.path()).unwrap_err().kind, Kind::Input);
    }
}
