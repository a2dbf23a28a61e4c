//! Titles of sessions, derived from the first question, and the rules for their names.

use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::present::text::shortened;
use crate::secrets::reference::looks_like_a_key;
use crate::wire::redact::stored;

/// Longest title, in columns.
const WIDEST: usize = 60;

/// Bytes of a question that its title is made of.
const MOST_READ: usize = 4096;

/// Longest name, in characters.
const LONGEST_NAME: usize = 64;

/// The first line of the question with text, shortened to [`WIDEST`] columns.
pub(super) fn title_of(turn: &Turn) -> String {
    let text = turn.question_text();
    let text = text.trim_start();
    let start = &text[..text.floor_char_boundary(MOST_READ)];
    let title = shortened(&stored(start), WIDEST);
    if !title.is_empty() {
        return title;
    }
    let attached = turn.question.iter().find_map(|part| match part {
        ContentPart::File { name, .. } => Some(shortened(name, WIDEST)),
        ContentPart::Image { .. } => Some("an image".to_owned()),
        ContentPart::Audio { .. } => Some("an audio file".to_owned()),
        ContentPart::Video { .. } => Some("a video".to_owned()),
        ContentPart::Text(_) => None,
    });
    attached
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| "untitled".to_owned())
}

/// Checks the name of a session. The error completes "invalid session name: a …".
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME {
        return Err("name must have 1 to 64 characters");
    }
    if name.chars().any(char::is_control) {
        return Err("name must not contain control characters");
    }
    if looks_like_a_key(name) {
        return Err("name must not contain an API key");
    }
    if name.trim() != name {
        return Err("name must not start or end with a space");
    }
    if name.starts_with('-') {
        return Err("name must not start with '-'");
    }
    // A number is an ID.
    if name.chars().all(|c| c.is_ascii_digit()) {
        return Err("name must not be a number, which is an ID");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn title(text: &str) -> String {
        title_of(&Turn::new(
            vec![ContentPart::Text(text.into())],
            None,
            "p",
            "demo",
            "m",
        ))
    }

    #[test]
    fn a_title_is_the_first_line_with_text() {
        assert_eq!(
            title("\n  \r\n  How\tis \u{1b}[31mit?\nmore"),
            "How is [31mit?"
        );
        assert_eq!(title(&"x".repeat(60)), "x".repeat(60));
        assert_eq!(title(&"x".repeat(61)), format!("{}…", "x".repeat(59)));
        let wide = title(&"漢字".repeat(40));
        assert!(wide.width() <= 60 && wide.ends_with('…'), "{wide}");
    }

    #[test]
    fn a_question_without_text_is_titled_after_its_attachment() {
        let of = |part| title_of(&Turn::new(vec![part], None, "p", "demo", "m"));
        assert_eq!(
            of(ContentPart::File {
                name: "plan.pdf".to_owned(),
                url: "".into()
            }),
            "plan.pdf"
        );
        assert_eq!(of(ContentPart::Image { url: "".into() }), "an image");
        assert_eq!(of(ContentPart::Text(" \n".into())), "untitled");
    }

    #[test]
    fn ambiguous_names_are_refused() {
        for good in ["a", "plan B", "2nd", "日本", &"x".repeat(64)] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "12",
            "-x",
            "a\nb",
            "a\u{7f}",
            " a",
            "a ",
            &"x".repeat(65),
        ] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
