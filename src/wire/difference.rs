//! The first difference between two JSON values: a path and an excerpt of both. Pure.

use serde_json::Value;

use super::key_forms::REPLACEMENT;

/// Longest excerpt of a value, in characters.
const SHOWN: usize = 60;

/// The first place where a request differs from the recorded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `$.messages[0].content`.
    pub path: String,
    /// An excerpt of the recorded JSON there; `None` when there was none.
    pub recorded: Option<String>,
    /// An excerpt of the JSON of the request; `None` when it has none.
    pub now: Option<String>,
}

/// Compares a request with the recorded one, the keys of an object in any order. A secret that was
/// redacted in the recording matches any text.
pub(crate) fn first(recorded: &Value, now: &Value) -> Option<Difference> {
    compare(recorded, now, "$".to_owned())
}

fn compare(recorded: &Value, now: &Value, path: String) -> Option<Difference> {
    match (recorded, now) {
        (Value::Object(before), Value::Object(after)) => {
            let changed = before.iter().find_map(|(key, old)| match after.get(key) {
                Some(new) => compare(old, new, below(&path, key)),
                None => Some(Difference {
                    path: below(&path, key),
                    recorded: Some(shown(&old.to_string(), 0)),
                    now: None,
                }),
            });
            changed.or_else(|| {
                let (key, new) = after.iter().find(|(key, _)| !before.contains_key(*key))?;
                Some(Difference {
                    path: below(&path, key),
                    recorded: None,
                    now: Some(shown(&new.to_string(), 0)),
                })
            })
        }
        (Value::Array(before), Value::Array(after)) => {
            let changed = before
                .iter()
                .zip(after)
                .enumerate()
                .find_map(|(index, (old, new))| compare(old, new, format!("{path}[{index}]")));
            changed.or_else(|| {
                let index = before.len().min(after.len());
                let item =
                    |items: &[Value]| items.get(index).map(|item| shown(&item.to_string(), 0));
                let (recorded, now) = (item(before), item(after));
                (recorded.is_some() || now.is_some()).then(|| Difference {
                    path: format!("{path}[{index}]"),
                    recorded,
                    now,
                })
            })
        }
        (Value::String(before), Value::String(after)) if matches(before, after) => None,
        _ if recorded == now => None,
        _ => {
            let (before, after) = (recorded.to_string(), now.to_string());
            let common = before
                .chars()
                .zip(after.chars())
                .take_while(|(left, right)| left == right)
                .count();
            Some(Difference {
                path,
                recorded: Some(shown(&before, common)),
                now: Some(shown(&after, common)),
            })
        }
    }
}

fn below(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        format!("{path}.{key}")
    } else {
        format!("{path}[{}]", Value::from(key))
    }
}

/// Whether a text is the recorded one, apart from redacted secrets.
fn matches(recorded: &str, now: &str) -> bool {
    let mut parts = recorded.split(REPLACEMENT);
    let Some(mut rest) = parts.next().and_then(|first| now.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

/// An excerpt of a text around the character where it starts to differ.
fn shown(text: &str, differs_at: usize) -> String {
    let skipped = if differs_at > SHOWN / 2 {
        differs_at - SHOWN / 3
    } else {
        0
    };
    let piece: String = text.chars().skip(skipped).take(SHOWN).collect();
    let before = if skipped > 0 { "…" } else { "" };
    let behind = if text.chars().nth(skipped + SHOWN).is_some() {
        "…"
    } else {
        ""
    };
    format!("{before}{piece}{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn path(recorded: &Value, now: &Value) -> Option<String> {
        first(recorded, now).map(|difference| difference.path)
    }

    #[test]
    fn the_path_leads_to_what_differs() {
        let recorded = json!({
            "model": "a/b", "messages": [{"role": "user", "content": "hi"}], "provider": {"x-y": 1},
        });
        let with = |pointer: &str, value: Value| {
            let mut now = recorded.clone();
            *now.pointer_mut(pointer).unwrap() = value;
            path(&recorded, &now)
        };
        assert_eq!(
            with("/messages/0/content", json!("ho")).as_deref(),
            Some("$.messages[0].content")
        );
        assert_eq!(
            with("/messages/0", json!({"role": "user"})).as_deref(),
            Some("$.messages[0].content")
        );
        assert_eq!(
            with("/messages", json!([])).as_deref(),
            Some("$.messages[0]")
        );
        assert_eq!(
            with("/provider/x-y", json!(1.0)).as_deref(),
            Some("$.provider[\"x-y\"]")
        );
        assert_eq!(
            path(&json!({}), &json!({"top_p": 1})).as_deref(),
            Some("$.top_p")
        );
        assert_eq!(
            path(&json!({"a": 1, "b": 2}), &json!({"b": 2, "a": 1})),
            None
        );
    }

    #[test]
    fn a_long_value_is_shown_where_it_differs() {
        let long = "x".repeat(500);
        let found = first(
            &json!(format!("{long}a{long}")),
            &json!(format!("{long}b{long}")),
        )
        .unwrap();
        let (recorded, now) = (found.recorded.unwrap(), found.now.unwrap());
        assert!(
            recorded.contains("xa") && now.contains("xb") && recorded.chars().count() < 70,
            "{recorded}"
        );
    }

    #[test]
    fn a_redacted_secret_matches_any_text() {
        for (recorded, now, is_match) in [
            ("key [redacted]!", "key sk-1!", true),
            ("[redacted]", "", true),
            ("a[redacted]b[redacted]c", "a1b2c", true),
            ("a[redacted]b[redacted]c", "a1c2c", false),
            ("key [redacted]!", "no sk-1!", false),
            ("plain", "plain!", false),
        ] {
            assert_eq!(super::matches(recorded, now), is_match, "{recorded} {now}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_equal_to_itself_and_to_nothing_else(
            one in "[a-c]{0,6}",
            other in "[a-c]{0,6}",
        ) {
            prop_assert_eq!(first(&json!(one), &json!(other)).is_none(), one == other);
        }
    }
}
