//! The messages of serde in the words of a user: it names the types of Rust.

/// How serde calls what it found, and how a user does.
const FOUND: &[(&str, &str)] = &[
    ("sequence", "a list"),
    ("map", "a mapping"),
    ("unit value", "nothing"),
    ("null", "nothing"),
    ("boolean ", ""),
    ("integer ", "the number "),
    ("floating point ", "the number "),
    ("string ", "the text "),
];

/// How serde calls what it wants.
const EXPECTED: &[(&str, &str)] = &[
    ("a string", "text"),
    ("a sequence", "a list"),
    ("a map", "a mapping"),
    ("a boolean", "true or false"),
    ("f64", "a number"),
    ("u8", "a whole number"),
    ("u32", "a whole number"),
    ("u64", "a whole number"),
];

/// The message in plain words; as it is where it has no form that is known.
pub(super) fn plain(message: &str) -> String {
    typed(message)
        .or_else(|| listed(message))
        .or_else(|| missing(message))
        .unwrap_or_else(|| message.to_owned())
}

/// `invalid type: sequence, expected a string`
fn typed(message: &str) -> Option<String> {
    let (found, expected) = message
        .strip_prefix("invalid type: ")?
        .split_once(", expected ")?;
    let (name, plain) = FOUND.iter().find(|(name, _)| found.starts_with(name))?;
    let value = found.strip_prefix(name)?.replace('`', "");
    let wanted = match EXPECTED.iter().find(|(name, _)| *name == expected) {
        Some((_, plain)) => plain,
        None if expected.starts_with("struct ") => "a mapping",
        None => expected.strip_prefix("must be ").unwrap_or(expected),
    };
    Some(format!("must be {wanted}, not {plain}{value}"))
}

/// "unknown variant `maybe`, expected one of `auto`, `on`, `off`"
fn listed(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown variant `")?;
    let (found, expected) = rest.split_once("`, expected ")?;
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let (last, others) = names.split_last()?;
    let others = others.join(", ");
    let or = if others.is_empty() { "" } else { " or " };
    Some(format!("must be {others}{or}{last}, not '{found}'"))
}

/// "missing field `output`"
fn missing(message: &str) -> Option<String> {
    let field = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some(format!("must have '{field}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_rust_are_not_named() {
        for (message, plain_words) in [
            (
                "invalid type: sequence, expected a string",
                "must be text, not a list",
            ),
            (
                "invalid type: integer `1`, expected struct MaxCost",
                "must be a mapping, not the number 1",
            ),
            (
                "invalid type: string \"x\", expected a sequence",
                "must be a list, not the text \"x\"",
            ),
            (
                "invalid type: boolean `true`, expected f64",
                "must be a number, not true",
            ),
            (
                "invalid type: null, expected a mapping of settings",
                "must be a mapping of settings, not nothing",
            ),
            (
                "unknown variant `maybe`, expected one of `auto`, `on`, `off`",
                "must be auto, on or off, not 'maybe'",
            ),
            ("unknown variant `x`, expected `a`", "must be a, not 'x'"),
            ("missing field `output`", "must have 'output'"),
            (
                "duplicate entry with key \"a\"",
                "duplicate entry with key \"a\"",
            ),
        ] {
            assert_eq!(plain(message), plain_words);
        }
    }
}
