//! The members of the outermost object of an answer. What is inside them is skipped and not
//! checked: an answer may be long, and only a few short members are of interest.

use std::borrow::Cow;

/// A name, and its value as JSON text.
type Member<'a> = (Cow<'a, str>, &'a [u8]);

/// The members of an object in order, up to a place that is not JSON.
pub(super) struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        let text = text.trim_ascii_start();
        Self {
            rest: text.strip_prefix(b"{").unwrap_or_default(),
        }
    }

    /// The values of some members, each the first of its name.
    pub(super) fn values<const N: usize>(self, names: [&str; N]) -> [Option<&'a [u8]>; N] {
        let mut values = [None; N];
        for (name, value) in self {
            let mut wanted = names.iter().zip(&mut values);
            if let Some((_, found)) = wanted.find(|(wanted, _)| **wanted == name) {
                found.get_or_insert(value);
            }
        }
        values
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let rest = self.rest.trim_ascii_start();
        let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        let (name, rest) = rest.split_at(string_end(rest)?);
        let rest = rest.trim_ascii_start().strip_prefix(b":")?;
        let rest = rest.trim_ascii_start();
        let (value, rest) = rest.split_at(value_end(rest)?);
        self.rest = rest;
        Some((name_of(name)?, value))
    }
}

/// A name without its quotes and escapes.
fn name_of(text: &[u8]) -> Option<Cow<'_, str>> {
    if text.contains(&b'\\') {
        return serde_json::from_slice(text).ok().map(Cow::Owned);
    }
    let name = str::from_utf8(&text[1..text.len() - 1]).ok()?;
    Some(Cow::Borrowed(name))
}

/// Where the string ends that a text starts with.
fn string_end(text: &[u8]) -> Option<usize> {
    text.strip_prefix(b"\"")?;
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where the value ends that a text starts with.
fn value_end(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string_end(text),
        b'{' | b'[' => container_end(text),
        _ => {
            let is_after = |byte: &u8| matches!(byte, b',' | b'}') || byte.is_ascii_whitespace();
            text.iter().position(is_after).filter(|length| *length > 0)
        }
    }
}

/// Where the object or array ends that a text starts with.
fn container_end(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match text.get(at)? {
            b'"' => {
                at += string_end(&text[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    fn found(text: &str) -> Map<String, Value> {
        let value = |value: &[u8]| serde_json::from_slice(value).unwrap();
        Members::of(text.as_bytes())
            .map(|(name, text)| (name.into_owned(), value(text)))
            .collect()
    }

    #[test]
    fn members_are_found_behind_whatever_comes_before() {
        let text = r#" {"choices" : [{"a":"\"]}\\"},["usage",1]],
            "text":"\\\"usage\":1", "n":-1.5e3 ,"t":true,"\u0075sage":{"cost":0.5,"b":[]}} "#;
        let values = Members::of(text.as_bytes()).values(["usage", "n", "none", "t"]);
        assert_eq!(values[0], Some(&br#"{"cost":0.5,"b":[]}"#[..]));
        assert_eq!(values[1..], [Some(&b"-1.5e3"[..]), None, Some(b"true")]);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in [
            "",
            "[1]",
            "{",
            "{}",
            "null",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":\"b",
            "{\"a\":{",
        ] {
            assert_eq!(found(text), Map::new(), "{text}");
        }
        assert_eq!(found("{\"a\":1,\"b\":[").len(), 1);
    }

    proptest! {
        #[test]
        fn any_object_has_the_members_that_a_parser_finds(
            names in proptest::collection::vec("\\PC{0,6}", 0..5),
            texts in proptest::collection::vec("(?s).{0,12}", 5),
            is_pretty: bool,
        ) {
            let mut object = Map::new();
            for (name, text) in names.iter().zip(&texts) {
                let value = match text.len() % 4 {
                    0 => Value::from(text.as_str()),
                    1 => serde_json::json!({name: [text, {}, []]}),
                    2 => serde_json::json!([text, {"x": text}, 1.5]),
                    _ => Value::from(text.len()),
                };
                object.insert(name.clone(), value);
            }
            let text = if is_pretty {
                serde_json::to_string_pretty(&object)
            } else {
                serde_json::to_string(&object)
            };
            prop_assert_eq!(found(&text.unwrap()), object);
        }

        #[test]
        fn no_text_panics(text in "[{}\\[\\],:\"\\\\a1 ]{0,24}") {
            Members::of(text.as_bytes()).for_each(drop);
        }
    }
}
