//! Reads YAML, which may be hostile, in a time that grows with its length only.

use serde::de::{DeserializeOwned, Error};

/// Levels of brackets. The parser takes no more than 128, but says so only after it has read
/// everything, and each bracket takes it the longer the more are open. Brackets in a text count as
/// well, hence the distance.
const DEEPEST: usize = 2_000;

/// Reads a text as one value.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_yaml::Error> {
    if is_too_deep(text) {
        return Err(Error::custom(format!(
            "recursion limit exceeded: more than {DEEPEST} brackets are open at once"
        )));
    }
    serde_yaml::from_str(text)
}

fn is_too_deep(text: &str) -> bool {
    let mut open = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > DEEPEST
    })
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::*;

    #[test]
    fn only_what_is_open_at_once_is_too_deep() {
        let (open, close) = ("[{".repeat(DEEPEST / 2), "}]".repeat(DEEPEST / 2));
        assert!(!is_too_deep(&format!("{open}{close}").repeat(3)));
        assert!(is_too_deep(&format!("{open}[")));
        assert!(
            parse::<Value>(&format!("{open}["))
                .unwrap_err()
                .to_string()
                .starts_with("recursion limit exceeded")
        );
        assert_eq!(
            parse::<Value>(&format!("a: '{}'", "[".repeat(DEEPEST))).unwrap()["a"]
                .as_str()
                .map(str::len),
            Some(DEEPEST)
        );
    }
}
