//! What a session is called: a title from its first question, and a name that a person gives.

use unicode_width::UnicodeWidthChar;

use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::secrets::reference::looks_like_a_key;

/// Longest title, in columns.
const WIDEST: usize = 60;

/// Longest name, in characters.
const LONGEST_NAME: usize = 64;

/// The first line of the question that says something, cut to [`WIDEST`] columns.
pub fn title_of(turn: &Turn) -> String {
    let text = turn.question_text();
    let title = shortened(&text, WIDEST);
    if !title.is_empty() {
        return title;
    }
    let attached = turn.question.iter().find_map(|part| match part {
        ContentPart::File { name, .. } => Some(shortened(name, WIDEST)),
        ContentPart::Image { .. } => Some("an image".to_owned()),
        ContentPart::Audio { .. } => Some("a recording".to_owned()),
        ContentPart::Video { .. } => Some("a film".to_owned()),
        ContentPart::Text(_) => None,
    });
    attached
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| "untitled".to_owned())
}

/// The first line of a text that says something, without control characters, in so many columns at
/// most.
pub fn shortened(text: &str, widest: usize) -> String {
    let lines = text.lines().map(|line| {
        line.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
    });
    let line = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let width = |c: char| c.width().unwrap_or(0);
    if line.chars().map(width).sum::<usize>() <= widest {
        return line;
    }
    let mut columns = 0;
    let kept: String = line
        .chars()
        .take_while(|c| (columns += width(*c), columns < widest).1)
        .collect();
    format!("{}…", kept.trim_end())
}

/// Whether a session may be called so; the error says what it must be.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST_NAME {
        return Err("name has 1 to 64 characters");
    }
    if name.chars().any(char::is_control) {
        return Err("name has no control characters");
    }
    if looks_like_a_key(name) {
        return Err("name is a key, which is shown nowhere");
    }
    if name.trim() != name {
        return Err("name neither begins nor ends with a space");
    }
    if name.starts_with('-') {
        return Err("name does not begin with '-', which begins an option");
    }
    // A number is an id.
    if name.chars().all(|c| c.is_ascii_digit()) {
        return Err("name is not a number, which would be an id");
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
    fn a_title_is_the_first_line_that_says_something() {
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
    fn a_question_without_text_is_called_after_what_is_attached() {
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
    fn names_that_would_be_taken_for_something_else_are_refused() {
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
