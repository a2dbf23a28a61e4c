//! Attachments by URL, which the provider fetches: the extension of the path says what they are.

use std::path::Path;

use url::Url;

use super::attached::Attachment;
use super::fault::AttachmentFault;
use super::text::shown_name;
use crate::chat::message::ContentPart;
use crate::platform::commands::DOWNLOAD;
use crate::platform::system::System;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::wire::server_url::is_loopback;
use crate::wire::shared_text::SharedText;

/// What a URL points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaKind {
    Image,
    Pdf,
    Video,
    /// Providers accept it as a file only.
    Audio,
}

/// Extensions of a path, in lower case.
const EXTENSIONS: &[(&str, MediaKind)] = &[
    ("png", MediaKind::Image),
    ("jpg", MediaKind::Image),
    ("jpeg", MediaKind::Image),
    ("webp", MediaKind::Image),
    ("gif", MediaKind::Image),
    ("pdf", MediaKind::Pdf),
    ("mp4", MediaKind::Video),
    ("webm", MediaKind::Video),
    ("mov", MediaKind::Video),
    ("wav", MediaKind::Audio),
    ("mp3", MediaKind::Audio),
    ("flac", MediaKind::Audio),
    ("ogg", MediaKind::Audio),
    ("m4a", MediaKind::Audio),
    ("aac", MediaKind::Audio),
    ("aiff", MediaKind::Audio),
];

const YOUTUBE: &[&str] = &[
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "youtu.be",
];

/// Whether a word has the form of a URL: a scheme and `://`.
pub(super) fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Turns a URL into an attachment; nothing is fetched.
pub(super) fn read(text: &str) -> Result<Attachment, AttachmentFault> {
    let shown = shown_name(&without_secrets(text));
    let mut url = fetchable(text, &shown)?;
    // Servers never receive the fragment.
    url.set_fragment(None);
    let file = url
        .path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default()
        .to_owned();
    let kind = media_kind(&url, &file);
    let (name, url) = (shown_name(&file), SharedText::from(url.as_str()));
    let part = match kind {
        Some(MediaKind::Image) => ContentPart::Image { url },
        Some(MediaKind::Pdf) => ContentPart::File { name, url },
        Some(MediaKind::Video) => ContentPart::Video { url },
        Some(MediaKind::Audio) => {
            let file = quoted(Path::new(&file));
            return Err(
                refused(&shown, "is audio, which providers accept only as a file")
                    .hint(download(text, &file))
                    .hint(format!("amx chat -f {file} …")),
            );
        }
        None => {
            return Err(refused(
                &shown,
                "does not have the file extension of an image, a PDF or a video",
            )
            .hint(download(text, "FILE"))
            .hint("amx chat -f FILE …"));
        }
    };
    Ok(Attachment {
        name: shown,
        part,
        bytes: 0,
        origin: None,
    })
}

/// The URL, when a provider may and can fetch it.
fn fetchable(text: &str, shown: &str) -> Result<Url, AttachmentFault> {
    let Ok(url) = Url::parse(text) else {
        return Err(refused(shown, "is not a valid URL")
            .hint("amx chat -f https://example.org/image.png …"));
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(refused(shown, "uses plain http, which is not encrypted")
                .hint(format!("amx chat -f https://{} …", without_scheme(shown))));
        }
        "file" => {
            return Err(refused(shown, "is a file URL; attach the path instead")
                .hint(format!("amx chat -f {} …", quoted(Path::new(url.path())))));
        }
        scheme => {
            let why = format!("uses {scheme}://; providers fetch only https:// URLs");
            return Err(refused(shown, &why).hint("download it, and attach the file"));
        }
    }
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        let why = "contains a user name or password, which would be sent to the provider";
        Err(refused(shown, why).hint("download it, and attach the file"))
    }
}

fn refused(shown: &str, why: &str) -> AttachmentFault {
    AttachmentFault::new(
        shown,
        CommandError::new(ErrorKind::Input, format!("{shown} {why}")),
    )
}

/// A command that downloads the URL, without its query and credentials.
fn download(text: &str, to: &str) -> String {
    let url = without_secrets(text);
    DOWNLOAD.with([to, &System::CURRENT.quoted(&url)])
}

fn media_kind(url: &Url, file: &str) -> Option<MediaKind> {
    if url.host_str().is_some_and(|host| YOUTUBE.contains(&host)) && url.path().len() > 1 {
        return Some(MediaKind::Video);
    }
    let (_, extension) = file.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == extension)
        .map(|(_, kind)| *kind)
}

/// Without what may be a password (before an `@`) or a signature (after a `?`).
fn without_secrets(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or(text);
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!(
        "{scheme}://{}{path}",
        host.rsplit('@').next().unwrap_or(host)
    )
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_the_kind_and_the_query_is_kept() {
        let part = |text: &str| read(text).unwrap().part;
        let shared = |text: &str| SharedText::from(text);
        assert_eq!(
            part("https://x.example/a.PNG?sig=a%2Fb&w=1#top"),
            ContentPart::Image {
                url: shared("https://x.example/a.PNG?sig=a%2Fb&w=1")
            }
        );
        assert_eq!(
            part("https://x.example/d/plan.pdf"),
            ContentPart::File {
                name: "plan.pdf".to_owned(),
                url: shared("https://x.example/d/plan.pdf")
            }
        );
        assert_eq!(
            part("https://x.example/a.webm"),
            ContentPart::Video {
                url: shared("https://x.example/a.webm")
            }
        );
        assert_eq!(
            part("https://youtu.be/abc?t=3"),
            ContentPart::Video {
                url: shared("https://youtu.be/abc?t=3")
            }
        );
        assert!(matches!(
            part("https://www.youtube.com/watch?v=abc"),
            ContentPart::Video { .. }
        ));
        assert!(matches!(
            part("http://127.0.0.1:8000/a.jpg"),
            ContentPart::Image { .. }
        ));
    }

    #[test]
    fn urls_that_cannot_be_fetched_are_refused_without_showing_secrets() {
        for (bad, why) in [
            ("http://x.example/a.png", "plain http"),
            (
                "https://user:hunter2@x.example/a.png",
                "a user name or password",
            ),
            ("https://x.example/a.mp3", "only as a file"),
            (
                "https://x.example/page?file=a.png&hunter2",
                "file extension",
            ),
            ("https://x.example/", "file extension"),
            ("https://www.youtube.com/", "file extension"),
            ("ftp://x.example/a.png", "only https://"),
            ("file:///tmp/a.png", "file URL"),
            ("https://", "not a valid URL"),
        ] {
            let fault = read(bad).unwrap_err();
            let shown = format!("{} {:?}", fault.error.message, fault.error.hints);
            assert!(
                fault.error.kind == ErrorKind::Input
                    && shown.contains(why)
                    && !shown.contains("hunter2"),
                "{shown}"
            );
            assert!(!fault.error.hints.is_empty(), "{shown}");
        }
        assert!(
            is_url("https://x")
                && is_url("git+ssh://x")
                && !is_url("C:/x")
                && !is_url("a b://x")
                && !is_url("://")
        );
    }
}
