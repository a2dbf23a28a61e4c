//! HTML tags and URLs in angle brackets: where they end, and which have a form of their own.

/// Longest tag or URL in angle brackets that is looked at, in bytes.
const LONGEST: usize = 1024;

/// Where a text in angle brackets ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// After so many bytes.
    At(usize),
    /// It is no tag and no URL.
    Absent,
    /// More is needed.
    Unknown,
}

/// What a text in angle brackets is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag<'a> {
    Url(&'a str),
    Mail(&'a str),
    /// `<br>`.
    Break,
    /// Its text is lowered, raised, a key, or the title of what may be folded.
    Around(Around),
    /// `<details>` and its end, which a terminal does not fold.
    Details,
    /// Shown as it is written.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Sub,
    Sup,
    Kbd,
    Summary,
}

impl Around {
    /// The end tag, in lower case.
    pub(super) fn end(self) -> &'static str {
        match self {
            Self::Sub => "</sub>",
            Self::Sup => "</sup>",
            Self::Kbd => "</kbd>",
            Self::Summary => "</summary>",
        }
    }
}

/// Where the tag or URL ends that starts with the `<` of `rest`, on the same line.
pub(super) fn end(rest: &str) -> End {
    let window = &rest[..rest.floor_char_boundary(LONGEST)];
    let window = window.split('\n').next().unwrap_or_default();
    let ends = [comment(window), url(window), html(window)];
    if let Some(end) = ends.iter().find(|end| matches!(end, End::At(_))) {
        return *end;
    }
    if ends.contains(&End::Unknown) && window.len() == rest.len() {
        End::Unknown
    } else {
        End::Absent
    }
}

/// What a whole text in angle brackets is.
pub(super) fn kind(tag: &str) -> Tag<'_> {
    let inner = &tag[1..tag.len() - 1];
    let name = inner.trim_start_matches('/');
    let name = &name[..name.bytes().take_while(u8::is_ascii_alphanumeric).count()];
    let is_end = inner.starts_with('/');
    let has_rest = inner[name.len() + usize::from(is_end)..].starts_with([':', '@', '.', '+']);
    if has_rest && url(tag) == End::At(tag.len()) {
        return if scheme(inner).is_some() {
            Tag::Url(inner)
        } else {
            Tag::Mail(inner)
        };
    }
    match (name.to_ascii_lowercase().as_str(), is_end) {
        ("br", false) => Tag::Break,
        ("details", _) => Tag::Details,
        ("sub", false) => Tag::Around(Around::Sub),
        ("sup", false) => Tag::Around(Around::Sup),
        ("kbd", false) => Tag::Around(Around::Kbd),
        ("summary", false) => Tag::Around(Around::Summary),
        _ if url(tag) == End::At(tag.len()) => Tag::Mail(inner),
        _ => Tag::Other,
    }
}

fn comment(text: &str) -> End {
    const START: &str = "<!--";
    if !text.starts_with(START) {
        return if START.starts_with(text) {
            End::Unknown
        } else {
            End::Absent
        };
    }
    text[START.len()..]
        .find("-->")
        .map_or(End::Unknown, |at| End::At(START.len() + at + 3))
}

/// The scheme of a URL, with its colon.
fn scheme(inner: &str) -> Option<usize> {
    let length = inner
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
        .count();
    let is_scheme = inner.starts_with(|c: char| c.is_ascii_alphabetic())
        && (2..=32).contains(&length)
        && inner[length..].starts_with(':');
    is_scheme.then_some(length + 1)
}

/// `<https://…>` or `<name@host>`.
fn url(text: &str) -> End {
    let inner = &text[1..];
    match inner.find(['>', '<', ' ', '\t']) {
        None => End::Unknown,
        Some(at) if inner[at..].starts_with('>') && is_url(&inner[..at]) => End::At(at + 2),
        Some(_) => End::Absent,
    }
}

fn is_url(inner: &str) -> bool {
    let is_mail = || {
        inner.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        })
    };
    scheme(inner).is_some() || is_mail()
}

/// An opening or closing tag by the grammar of HTML, on one line.
fn html(text: &str) -> End {
    let bytes = text.as_bytes();
    let mut at = 1 + usize::from(bytes.get(1) == Some(&b'/'));
    match bytes.get(at) {
        None => return End::Unknown,
        Some(first) if first.is_ascii_alphabetic() => {}
        Some(_) => return End::Absent,
    }
    while bytes
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    {
        at += 1;
    }
    loop {
        let blanks = blanks(bytes, at);
        at += blanks;
        match bytes.get(at) {
            None => return End::Unknown,
            Some(b'>') => return End::At(at + 1),
            Some(b'/') => {
                return match bytes.get(at + 1) {
                    None => End::Unknown,
                    Some(b'>') => End::At(at + 2),
                    Some(_) => End::Absent,
                };
            }
            Some(byte) if blanks > 0 && is_name_start(*byte) => match attribute(bytes, at) {
                Some(end) => at = end,
                None => return End::Unknown,
            },
            Some(_) => return End::Absent,
        }
    }
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':')
}

/// The end of the attribute at `at`, its value included; `None` when a quoted value is open.
fn attribute(bytes: &[u8], mut at: usize) -> Option<usize> {
    let is_name =
        |byte: &u8| is_name_start(*byte) || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    while bytes.get(at).is_some_and(is_name) {
        at += 1;
    }
    let equals = at + blanks(bytes, at);
    if bytes.get(equals) != Some(&b'=') {
        return Some(at);
    }
    let value = equals + 1 + blanks(bytes, equals + 1);
    match bytes.get(value) {
        Some(quote @ (b'"' | b'\'')) => {
            let length = bytes[value + 1..].iter().position(|byte| byte == quote)?;
            Some(value + 1 + length + 1)
        }
        _ => Some(
            value
                + bytes[value..]
                    .iter()
                    .take_while(|byte| !matches!(byte, b' ' | b'\t' | b'>' | b'<' | b'"' | b'\''))
                    .count(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_urls_end_at_their_bracket() {
        for (text, expected) in [
            ("<br> x", End::At(4)),
            ("<br/>", End::At(5)),
            ("<a href=\"x>y\" b='c' d=e f>", End::At(26)),
            ("</b >", End::At(5)),
            ("<https://x.example/?q=**>.", End::At(25)),
            ("<me@x.example>", End::At(14)),
            ("<!-- a > b -->", End::At(14)),
            ("< b", End::Absent),
            ("<3 and <4", End::Absent),
            ("<a, b>", End::Absent),
            ("<x<y>", End::Absent),
            ("<", End::Unknown),
            ("<br", End::Unknown),
            ("<a href=\"x", End::Unknown),
            ("<https://x", End::Unknown),
        ] {
            assert_eq!(end(text), expected, "{text}");
        }
        assert_eq!(end(&format!("<a {}", "b ".repeat(LONGEST))), End::Absent);
    }

    #[test]
    fn known_tags_have_a_form_and_others_have_none() {
        for (text, expected) in [
            ("<BR />", Tag::Break),
            ("<sub>", Tag::Around(Around::Sub)),
            ("</sub>", Tag::Other),
            ("<details open>", Tag::Details),
            ("</details>", Tag::Details),
            ("<b>", Tag::Other),
            ("<!-- x -->", Tag::Other),
            ("<https://x.example>", Tag::Url("https://x.example")),
            ("<me@x.example>", Tag::Mail("me@x.example")),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
