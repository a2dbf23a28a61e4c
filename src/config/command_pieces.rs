//! The elements of a tool's command: text, and `{name}` where the value of a parameter goes.

/// A part of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// The value of this parameter.
    Value(String),
}

/// The parts of one element. `{{` is a brace.
///
/// # Errors
/// What is wrong, in words that follow the name of the setting.
pub(crate) fn pieces(element: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = element;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('{') {
            text.push('{');
            rest = after;
            continue;
        }
        let inside = after.split_once('}').filter(|(name, _)| is_name(name));
        let Some((name, after)) = inside else {
            return Err(format!(
                "has a '{{' without a name and '}}' after it: '{}'; write {{{{ for a brace",
                element.chars().take(60).collect::<String>().escape_debug()
            ));
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(Piece::Value(name.to_owned()));
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_values_and_two_braces_are_one() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let value = |name: &str| Piece::Value(name.to_owned());
        for (element, expected) in [
            ("", vec![text("")]),
            ("plain}", vec![text("plain}")]),
            ("{town}", vec![value("town")]),
            (
                "https://wttr.in/{town}?format={n}",
                vec![
                    text("https://wttr.in/"),
                    value("town"),
                    text("?format="),
                    value("n"),
                ],
            ),
            ("{{town}", vec![text("{town}")]),
            (
                "{{\"a\": {a}}",
                vec![text("{\"a\": "), value("a"), text("}")],
            ),
            ("{a}{b-c}", vec![value("a"), value("b-c")]),
        ] {
            assert_eq!(pieces(element).unwrap(), expected, "{element}");
        }
        for element in ["{", "{}", "{a", "{a b}", "x{\"a\": 1}", "{a,b}"] {
            assert!(
                pieces(element)
                    .unwrap_err()
                    .contains("write {{ for a brace"),
                "{element}"
            );
        }
    }
}
