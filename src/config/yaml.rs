//! Parses YAML, which may be hostile, in linear time.

use serde::de::{DeserializeOwned, Error};
use serde_path_to_error::Track;
use serde_yaml::Deserializer;

use super::places::YamlError;

/// Most open brackets. The parser accepts 128, but reports more only after it has read everything,
/// in a time that grows with the square of the depth. Brackets inside texts count here too, hence
/// the larger number.
const DEEPEST: usize = 2_000;

/// Parses a text.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_yaml::Error> {
    check_depth(text)?;
    serde_yaml::from_str(text)
}

/// Parses a text. The error has the path of the setting it is about.
pub(crate) fn parse_typed<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    check_depth(text).map_err(|error| YamlError::new(Track::new().path(), error))?;
    serde_path_to_error::deserialize(Deserializer::from_str(text))
}

fn check_depth(text: &str) -> Result<(), serde_yaml::Error> {
    if is_too_deep(text) {
        return Err(Error::custom(format!(
            "recursion limit exceeded: more than {DEEPEST} open brackets"
        )));
    }
    Ok(())
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
