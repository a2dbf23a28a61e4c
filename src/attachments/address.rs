//! Attachments by address, which the provider fetches: what they are is told by the end of the
//! path.

use std::path::Path;

use url::Url;

use super::attached::Attached;
use super::fault::AttachmentFault;
use super::text::shown_name;
use crate::chat::is_loopback;
use crate::chat::message::ContentPart;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    Image,
    Pdf,
    Video,
    /// Providers take it as a file only.
    Sound,
}

/// Endings of a path, in small letters.
const ENDINGS: &[(&str, Leads)] = &[
    ("png", Leads::Image),
    ("jpg", Leads::Image),
    ("jpeg", Leads::Image),
    ("webp", Leads::Image),
    ("gif", Leads::Image),
    ("pdf", Leads::Pdf),
    ("mp4", Leads::Video),
    ("webm", Leads::Video),
    ("mov", Leads::Video),
    ("wav", Leads::Sound),
    ("mp3", Leads::Sound),
    ("flac", Leads::Sound),
    ("ogg", Leads::Sound),
    ("m4a", Leads::Sound),
    ("aac", Leads::Sound),
    ("aiff", Leads::Sound),
];

const YOUTUBE: &[&str] = &[
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "youtu.be",
];

/// Whether a word is meant as an address: a scheme and `://`.
pub fn is_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Reads an address; nothing is fetched.
pub fn read(text: &str) -> Result<Attached, AttachmentFault> {
    // What stands before an `@` may be a password, and what follows a `?` a signature.
    let shown = shown_name(&without_secrets(text));
    let refused = |why: &str| {
        AttachmentFault::new(
            shown.clone(),
            CommandError::new(ErrorKind::Input, format!("{shown} {why}")),
        )
    };
    let Ok(mut url) = Url::parse(text) else {
        return Err(
            refused("is not an address").hint("amx chat -f https://example.org/picture.png …")
        );
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(
                refused("is plain http, which anybody between can read and change")
                    .hint(format!("amx chat -f https://{} …", rest(&shown))),
            );
        }
        "file" => {
            return Err(refused("is a path written as an address")
                .hint(format!("amx chat -f {} …", quoted(Path::new(url.path())))));
        }
        scheme => {
            return Err(refused(&format!(
                "begins with {scheme}://, and providers fetch https:// only"
            ))
            .hint("download it, and attach the file"));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            refused("holds a user or a password, which the provider would get")
                .hint("download it, and attach the file"),
        );
    }
    // A place inside the document: servers never see it.
    url.set_fragment(None);
    let file = url
        .path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default()
        .to_owned();
    let (name, url_text) = (shown_name(&file), url.as_str().into());
    let download = |to: &str| {
        format!(
            "curl -L -o {to} {}",
            quoted(Path::new(&without_secrets(text)))
        )
    };
    let part = match leads_to(&url, &file) {
        Some(Leads::Image) => ContentPart::Image { url: url_text },
        Some(Leads::Pdf) => ContentPart::File {
            name,
            url: url_text,
        },
        Some(Leads::Video) => ContentPart::Video { url: url_text },
        Some(Leads::Sound) => {
            let file = quoted(Path::new(&file));
            return Err(refused("is sound, which providers take as a file only")
                .hint(download(&file))
                .hint(format!("amx chat -f {file} …")));
        }
        None => {
            return Err(refused("does not end like a picture, a PDF or a film")
                .hint(download("FILE"))
                .hint("amx chat -f FILE …"));
        }
    };
    Ok(Attached {
        name: shown,
        part,
        bytes: 0,
        origin: None,
    })
}

fn leads_to(url: &Url, file: &str) -> Option<Leads> {
    if url.host_str().is_some_and(|host| YOUTUBE.contains(&host)) && url.path().len() > 1 {
        return Some(Leads::Video);
    }
    let (_, ending) = file.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    ENDINGS
        .iter()
        .find(|(known, _)| *known == ending)
        .map(|(_, leads)| *leads)
}

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

fn rest(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::message::SharedText;

    #[test]
    fn the_kind_is_told_by_the_path_and_the_query_is_kept() {
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
    fn what_must_not_or_cannot_be_fetched_is_refused_without_repeating_secrets() {
        for (bad, why) in [
            ("http://x.example/a.png", "plain http"),
            (
                "https://user:hunter2@x.example/a.png",
                "a user or a password",
            ),
            ("https://x.example/a.mp3", "as a file only"),
            (
                "https://x.example/page?file=a.png&hunter2",
                "does not end like",
            ),
            ("https://x.example/", "does not end like"),
            ("https://www.youtube.com/", "does not end like"),
            ("ftp://x.example/a.png", "https:// only"),
            ("file:///tmp/a.png", "written as an address"),
            ("https://", "not an address"),
        ] {
            let fault = read(bad).unwrap_err();
            let told = format!("{} {:?}", fault.error.message, fault.error.hints);
            assert!(
                fault.error.kind == ErrorKind::Input
                    && told.contains(why)
                    && !told.contains("hunter2"),
                "{told}"
            );
            assert!(!fault.error.hints.is_empty(), "{told}");
        }
        assert!(
            is_address("https://x")
                && is_address("git+ssh://x")
                && !is_address("C:/x")
                && !is_address("a b://x")
                && !is_address("://")
        );
    }
}
