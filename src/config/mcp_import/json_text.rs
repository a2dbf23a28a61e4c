//! JSON as editors write their settings: with comments, and a comma after the last item.

use serde_json::Value;

/// Parses a text.
///
/// # Errors
/// What is wrong, with line and column.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(&plain(text)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("is not JSON (line {line}, column {column})")
    })
}

/// The text with blanks in place of comments and last commas, so that places stay the same.
fn plain(text: &str) -> String {
    let mut plain: Vec<char> = Vec::with_capacity(text.len());
    // Where a comma stands behind an item, after which nothing came but blanks.
    let mut comma = None;
    let mut last = '[';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('"', _) => {
                comma = None;
                plain.push(c);
                copy_string(&mut characters, &mut plain);
                last = c;
            }
            ('/', Some('/')) => {
                plain.push(' ');
                while let Some(c) = characters.next_if(|c| *c != '\n') {
                    plain.extend(std::iter::repeat_n(' ', c.len_utf8()));
                }
            }
            ('/', Some('*')) => skip_block(&mut characters, &mut plain),
            (',', _) => {
                comma = Some(plain.len()).filter(|_| !"[{,:".contains(last));
                plain.push(c);
                last = c;
            }
            (']' | '}', _) => {
                if let Some(at) = comma.take() {
                    plain[at] = ' ';
                }
                plain.push(c);
                last = c;
            }
            (c, _) => {
                if !c.is_whitespace() {
                    comma = None;
                    last = c;
                }
                plain.push(c);
            }
        }
    }
    plain.into_iter().collect()
}

fn copy_string(characters: &mut impl Iterator<Item = char>, plain: &mut Vec<char>) {
    while let Some(c) = characters.next() {
        plain.push(c);
        match c {
            '\\' => plain.extend(characters.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn skip_block(characters: &mut impl Iterator<Item = char>, plain: &mut Vec<char>) {
    plain.push(' ');
    let mut before = ' ';
    for (index, c) in characters.enumerate() {
        plain.push(if c == '\n' { '\n' } else { ' ' });
        // The star that opens it does not close it.
        if before == '*' && c == '/' && index > 1 {
            return;
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comments_and_last_commas_are_accepted() {
        let text = "// a\n{ /* , */ \"a\": [1, 2, /**/ ], \"u\": \"https://h//x,]\\\"\", // b\n}";
        assert_eq!(
            parse(text).unwrap(),
            json!({"a": [1, 2], "u": "https://h//x,]\""})
        );
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, place) in [
            ("{\n  \"a\": 1,, }", "(line 2, column 10)"),
            ("[,]", "(line 1, column 2)"),
            ("{/*", "(line 1, column 3)"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.ends_with(place), "{text}: {error}");
        }
    }
}
