//! The texts of a YAML file that are written in another way than their value: with escapes, doubled
//! quotation marks, or on several lines.

use std::ops::Range;
use std::str::FromStr;

use yaml_edit::YamlFile;
use yaml_edit::visitor::{YamlAccept, YamlVisitor};

/// A file with every scalar replaced whose value has a secret that is not in the text as it is
/// written, so that looking for the secret does not find it. `secrets` are those of a value.
pub(super) fn without_disguised(
    text: &str,
    replacement: &str,
    secrets: impl Fn(&str) -> Vec<String>,
) -> String {
    let mut places = Places::default();
    if let Ok(file) = YamlFile::from_str(text) {
        file.accept(&mut places);
    }
    places.0.sort_by_key(|place| place.start);
    let mut shown = String::with_capacity(text.len());
    let mut copied = 0;
    for place in places.0 {
        let Some(written) = text.get(place.clone()).filter(|_| place.start >= copied) else {
            continue;
        };
        let is_disguised = |value: &String| {
            secrets(value)
                .iter()
                .any(|secret| !written.contains(secret))
        };
        if value_of(written).as_ref().is_some_and(is_disguised) {
            shown.push_str(&text[copied..place.start]);
            shown.push_str(replacement);
            copied = place.end;
            if written.ends_with('\n') {
                shown.push('\n');
            }
        }
    }
    shown.push_str(&text[copied..]);
    shown
}

/// The value of a scalar, which is a document of its own.
fn value_of(written: &str) -> Option<String> {
    serde_yaml::from_str(written).ok()
}

/// Where the scalars are that can be written in another way than their value.
#[derive(Default)]
struct Places(Vec<Range<usize>>);

impl YamlVisitor for Places {
    fn visit_scalar(&mut self, scalar: &yaml_edit::Scalar) {
        let range = scalar.byte_range();
        let is_plain =
            |text: &str| !text.starts_with(['"', '\'', '|', '>']) && !text.contains('\n');
        if !is_plain(&scalar.value()) {
            self.0.push(range.start as usize..range.end as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sk-abc-0123456789";

    fn shown(text: &str) -> String {
        without_disguised(text, "[redacted]", |value| {
            let has_secret = value.contains(SECRET);
            has_secret.then(|| SECRET.to_owned()).into_iter().collect()
        })
    }

    #[test]
    fn a_secret_in_any_spelling_is_replaced_and_the_rest_stays() {
        for written in [
            "\"sk-abc\\x2d0123456789\"",
            "\"sk-abc-\\\n    0123456789\"",
            "\"see sk-abc-\\u0030123456789\"",
            "!!str \"sk-abc\\x2d0123456789\"",
            "&key \"sk-abc\\x2d0123456789\"",
        ] {
            let text = format!("# a\nb:\n  - {{x: \"\\x41\", key: {written}}}\nc: 'it''s' # d\n");
            let shown = shown(&text);
            assert!(shown.contains("[redacted]}\nc: 'it''s' # d\n"), "{shown}");
            assert!(
                shown.contains("# a\nb:\n  - {x: \"\\x41\", key: "),
                "{shown}"
            );
        }
        let name = shown("a:\n  \"sk-abc\\x2d0123456789\": 1\n");
        assert_eq!(name, "a:\n  [redacted]: 1\n");
        let plain = format!("a: {SECRET}\nb: '{SECRET}'\nc: |\n  {SECRET}\n");
        assert_eq!(shown(&plain), plain);
    }

    #[test]
    fn doubled_quotation_marks_and_lines_are_seen_through() {
        let shown = |text: &str, secret: &'static str| {
            without_disguised(text, "[redacted]", |value| {
                value
                    .contains(secret)
                    .then(|| secret.to_owned())
                    .into_iter()
                    .collect()
            })
        };
        assert_eq!(
            shown("k: 's3cr3t''part'\nm: x\n", "s3cr3t'part"),
            "k: [redacted]\nm: x\n"
        );
        assert_eq!(
            shown("k: s3cr3t\n  part\nm: x\n", "s3cr3t part"),
            "k: [redacted]\nm: x\n"
        );
        assert_eq!(
            shown("k: >-\n  s3cr3t\n  part\nm: x\n", "s3cr3t part"),
            "k: [redacted]\nm: x\n"
        );
    }
}
