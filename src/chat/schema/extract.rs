//! Finds the one JSON value in an answer, with or without text and code fences around it.

use serde_json::{Deserializer, Value};

/// Longest answer that is searched for a value, in bytes; a longer one must be the value itself.
const LONGEST_SEARCHED: usize = 1024 * 1024;

/// The value of an answer: the whole text, or the one object or list in it. Several are ambiguous.
/// The error is a short reason.
pub(super) fn value_in(text: &str) -> Result<Value, String> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let not_json = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => format!("it is not JSON: {error}"),
    };
    if text.len() > LONGEST_SEARCHED {
        return Err(not_json);
    }
    let mut found = None;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[']) {
        rest = &rest[at..];
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if found.is_none() => {
                found = Some(value);
                rest = &rest[values.byte_offset()..];
            }
            Some(Ok(_)) => return Err("it has more than one JSON value".to_owned()),
            // A part of a broken value is not the value.
            _ if is_meant_as_json(&rest[1..]) => return Err(not_json),
            _ => rest = &rest[1..],
        }
    }
    found.ok_or(not_json)
}

/// Whether an opening bracket starts data, and not prose.
fn is_meant_as_json(inside: &str) -> bool {
    inside
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || "\"{}[]-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn text_and_fences_around_the_one_value_are_skipped() {
        for text in [
            r#"{"a": 1}"#,
            " \n{\"a\":1}\n\n",
            "\u{feff}{\"a\":1}",
            "```json\n{\"a\": 1}\n```",
            "```\n{\"a\": 1}\n```\n",
            "Here you are:\n\n~~~json\n{\n  \"a\": 1\n}\n~~~\nI hope {this} helps.",
            "The answer is {\"a\":1}.",
        ] {
            assert_eq!(value_in(text), Ok(json!({"a": 1})), "{text}");
        }
        assert_eq!(value_in("12"), Ok(json!(12)));
        assert_eq!(value_in("[{\"a\":1}]"), Ok(json!([{"a": 1}])));
    }

    #[test]
    fn no_value_and_several_values_are_errors() {
        for text in [
            "",
            "no",
            "{\"a\":1",
            "{\"a\":1} {\"a\":2}",
            "Either {\"a\":1} or ```{\"a\":2}```",
            "{\"a\":1,}",
            "{\"a\":{\"b\":1}",
            "{\"a\":{\"b\":1},}",
            "[{\"a\":1},",
        ] {
            assert!(value_in(text).is_err(), "{text}");
        }
        assert!(
            value_in("{\"a\":1} and {\"b\":2}")
                .unwrap_err()
                .contains("more than one")
        );
        assert!(value_in(&format!("{}{}", "[".repeat(200_000), "]".repeat(200_000))).is_err());
    }

    proptest! {
        #[test]
        fn a_value_among_words_is_found(words in "[a-z .\n`]{0,30}", more in "[a-z .\n`]{0,30}", name in "\\PC{0,10}", number in any::<i64>()) {
            let value = json!({name: [number, "{\"x\":1}"]});
            prop_assert_eq!(value_in(&format!("{words}{value}{more}")), Ok(value));
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}\",:a1é ]{0,60}") {
            drop(value_in(&text));
        }
    }
}
