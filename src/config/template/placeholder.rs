//! `{{name}}` in a text: parsed with its offset, and replaced once. Pure.

use std::collections::BTreeMap;

/// Longest name of a variable, in bytes.
const LONGEST_NAME: usize = 64;

/// A text with variables, parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable {
        name: String,
        /// The offset of its `{{`, in bytes.
        at: usize,
    },
}

/// A `{{` without a name and `}}` after it, and its offset in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub at: usize,
}

/// Letters, digits, `_` and `-`, starting with a letter or `_`.
pub(super) fn is_variable_name(text: &str) -> bool {
    let first_is_fine = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first_is_fine
        && text.len() <= LONGEST_NAME
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

impl Pattern {
    /// Parses a text. A backslash before `{{` makes it literal; two make a literal backslash before
    /// a variable.
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        Self::parse_names(text, is_variable_name)
    }

    /// The same for the columns of a table: their names have neither braces nor line breaks.
    pub(crate) fn of_columns(text: &str) -> Result<Self, Malformed> {
        Self::parse_names(text, |name| !name.is_empty() && !name.contains(['{', '\n']))
    }

    fn parse_names(text: &str, is_name: fn(&str) -> bool) -> Result<Self, Malformed> {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(found) = rest.find("{{") {
            let at = text.len() - rest.len() + found;
            let before = rest[..found].trim_end_matches('\\');
            let backslashes = found - before.len();
            plain.push_str(before);
            plain.push_str(&"\\".repeat(backslashes / 2));
            rest = &rest[found + 2..];
            if backslashes % 2 == 1 {
                plain.push_str("{{");
                continue;
            }
            let (name, after) = rest
                .split_once("}}")
                .filter(|(name, _)| is_name(name.trim()))
                .ok_or(Malformed { at })?;
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Variable {
                name: name.trim().to_owned(),
                at,
            });
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self { pieces })
    }

    /// Each use of a variable, with its offset in bytes.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, usize)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { name, at } => Some((name.as_str(), *at)),
            Piece::Text(_) => None,
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.variables().any(|(other, _)| other == name)
    }

    /// The text with these values. A value is data: nothing in it is replaced. A variable without a
    /// value is left unchanged.
    pub(crate) fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable { name, .. } => values
                .get(name)
                .cloned()
                .unwrap_or_else(|| format!("{{{{{name}}}}}")),
        };
        self.pieces.iter().map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(text: &str) -> Result<String, usize> {
        let values = BTreeMap::from(
            [("a", "1"), ("b", "{{a}}"), ("long-name_2", "x")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        Pattern::parse(text)
            .map(|pattern| pattern.fill(&values))
            .map_err(|malformed| malformed.at)
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(
            filled("a {{a}}, {{ a }}{{long-name_2}}."),
            Ok("a 1, 1x.".to_owned())
        );
        assert_eq!(filled("{{b}} {{none}}"), Ok("{{a}} {{none}}".to_owned()));
    }

    #[test]
    fn a_backslash_makes_braces_literal() {
        assert_eq!(
            filled(r"\{{a}} \\{{a}} \\\{{a}} \a {a} }}"),
            Ok(r"{{a}} \1 \{{a}} \a {a} }}".to_owned())
        );
    }

    #[test]
    fn braces_without_a_name_are_malformed() {
        for (text, at) in [
            ("x {{", 2),
            ("{{}}", 0),
            ("é{{#if}}", 2),
            ("{{a b}}", 0),
            ("{{{a}}}", 0),
            ("{{1}}", 0),
            ("\\{{ {{", 4),
        ] {
            assert_eq!(filled(text), Err(at), "{text}");
        }
        assert!(filled(&format!("{{{{{}}}}}", "x".repeat(65))).is_err());
    }

    proptest! {
        #[test]
        fn plain_text_is_unchanged(text in "[a-z{ é\\\\\n]{0,20}") {
            prop_assume!(!text.contains("{{"));
            prop_assert_eq!(filled(&text), Ok(text));
        }

        #[test]
        fn values_are_inserted_unchanged(value in "\\PC{0,20}", before in "[a-z]{0,4}") {
            let pattern = Pattern::parse(&format!("{before}{{{{v}}}}!")).unwrap();
            let values = BTreeMap::from([("v".to_owned(), value.clone())]);
            prop_assert_eq!(pattern.fill(&values), format!("{before}{value}!"));
        }
    }
}
