//! Where links lead: what is shown of their target, and the URL that a terminal may open.

use std::sync::Arc;

use url::Url;

use super::entity;
use crate::ui::capabilities::LinkForm;

/// Schemes of URLs that a terminal may open.
const SCHEMES: &[&str] = &["http", "https", "mailto"];

/// Longest URL that a terminal is given, in bytes: VTE ignores a longer one.
const LONGEST: usize = 2000;

/// The target of a link, taken apart.
#[derive(Debug)]
pub(super) struct Target {
    /// The destination, decoded.
    pub destination: String,
    /// The title as it is written, with its quotation marks; empty for none.
    pub title: String,
    url: Option<Url>,
}

impl Target {
    /// From a URL or mail address that is written as it is.
    pub(super) fn of_url(written: &str) -> Self {
        let address = if written.contains(':') {
            written.to_owned()
        } else {
            format!("mailto:{written}")
        };
        Self {
            url: url_of(&address),
            destination: written.to_owned(),
            title: String::new(),
        }
    }

    /// From what stands in the parentheses of a link.
    pub(super) fn parse(written: &str) -> Self {
        let (destination, title) = match written.strip_prefix('<') {
            Some(inner) => inner.split_once('>').unwrap_or((inner, "")),
            None => written
                .split_once(char::is_whitespace)
                .unwrap_or((written, "")),
        };
        let destination = entity::decode(&unescaped(destination));
        Self {
            url: url_of(&destination),
            destination,
            title: title.trim().to_owned(),
        }
    }

    /// The URL for the terminal: printable ASCII only.
    pub(super) fn link(&self) -> Option<Arc<str>> {
        let url = self.url.as_ref()?.as_str();
        url.bytes()
            .all(|byte| byte.is_ascii_graphic())
            .then(|| url.into())
    }

    /// Whether a text is the target itself, so that nothing need stand after it.
    pub(super) fn is(&self, text: &str) -> bool {
        let text = text.trim();
        text == self.destination || self.destination.strip_prefix("mailto:") == Some(text)
    }

    /// What stands after the text of a link: where it leads. A text that looks like the URL of
    /// another host has the whole target after it.
    pub(super) fn words(&self, text: &str, form: LinkForm) -> String {
        let written = || {
            format!("{} {}", self.destination, self.title)
                .trim_end()
                .to_owned()
        };
        let Some(url) = self.url.as_ref().filter(|_| form == LinkForm::Linked) else {
            return written();
        };
        match url.host_str() {
            None => self.destination.trim_start_matches("mailto:").to_owned(),
            Some(host) if is_of_another_host(text, host) || !url.username().is_empty() => written(),
            Some(host) => host.to_owned(),
        }
    }
}

fn url_of(address: &str) -> Option<Url> {
    Url::parse(address)
        .ok()
        .filter(|url| SCHEMES.contains(&url.scheme()) && url.as_str().len() <= LONGEST)
}

/// A text without the backslashes before its punctuation.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_escape = c == '\\' && chars.peek().is_some_and(char::is_ascii_punctuation);
        out.push(if is_escape {
            chars.next().unwrap_or(c)
        } else {
            c
        });
    }
    out
}

/// Whether a word of the text looks like a host or a URL, and is none of that host.
fn is_of_another_host(text: &str, host: &str) -> bool {
    text.split_whitespace().any(|word| {
        let address = word.split_once("://").map_or(word, |(_, rest)| rest);
        let named = address
            .split(['/', ':', '?', '#'])
            .next()
            .unwrap_or_default()
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        let is_host = named.rsplit_once('.').is_some_and(|(_, last)| {
            last.chars().count() >= 2 && last.chars().all(char::is_alphabetic)
        });
        (is_host || word.contains("://")) && !is_same_host(&named, host)
    })
}

fn is_same_host(named: &str, host: &str) -> bool {
    let bare = |name: &str| name.trim_start_matches("www.").to_owned();
    bare(named) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_host_is_shown_and_a_text_that_hides_it_gets_the_whole_target() {
        for (text, target, shown) in [
            ("the docs", "https://docs.example/a/b?c=d", "docs.example"),
            ("docs.example", "https://docs.example/a", "docs.example"),
            (
                "https://bank.example",
                "https://evil.example/x",
                "https://evil.example/x",
            ),
            (
                "bank.example",
                "https://evil.example/x",
                "https://evil.example/x",
            ),
            (
                "login",
                "https://bank.example@evil.example/",
                "https://bank.example@evil.example/",
            ),
            ("a", "https://b\u{fc}cher.example/", "xn--bcher-kva.example"),
            ("mail", "mailto:me@x.example", "me@x.example"),
            ("file", "docs/a.md \"The title\"", "docs/a.md \"The title\""),
            ("a", "javascript:alert(1)", "javascript:alert(1)"),
        ] {
            assert_eq!(
                Target::parse(target).words(text, LinkForm::Linked),
                shown,
                "{target}"
            );
        }
        let target = Target::parse("https://x.example/a?b=1&amp;c=\\_ 'title'");
        assert_eq!(
            target.words("text", LinkForm::Written),
            "https://x.example/a?b=1&c=_ 'title'"
        );
    }

    #[test]
    fn only_web_and_mail_become_links() {
        for (target, link) in [
            ("https://x.example", Some("https://x.example/")),
            ("mailto:me@x.example", Some("mailto:me@x.example")),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("data:text/html,x", None),
            ("a/b.md", None),
        ] {
            assert_eq!(Target::parse(target).link().as_deref(), link, "{target}");
        }
        assert_eq!(
            Target::parse(&format!("https://x/{}", "a".repeat(LONGEST))).link(),
            None
        );
    }

    proptest! {
        #[test]
        fn no_link_holds_a_control_character(
            target in "(https?:|mailto:)?\\PC{0,40}[\u{1b}\u{7}\n;]?\\PC{0,9}",
        ) {
            let link = Target::parse(&target).link().unwrap_or_default();
            prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
