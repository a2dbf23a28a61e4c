//! The syntax of models: `a/b`, `a/b,c/d`, `openrouter:a/b?temperature=0.7`. Who answers is decided
//! elsewhere.

use std::fmt;

use serde_json::{Map, Value};

use super::options::table;
use crate::secrets::reference::looks_like_a_key;
use crate::wire::control_characters::is_hidden_in_name;

/// Most models of one list, with aliases replaced.
pub(crate) const MOST_MODELS: usize = 16;

/// The options that may be model parameters, in the order of the documentation. The table of
/// options has their values.
pub(crate) const PARAMETERS: &[&str] = &[
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "reasoning_effort",
    "verbosity",
    "seed",
];

/// Model parameters by name.
pub(crate) type Values = Map<String, Value>;

/// One model of a list, with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// With the prefix that may stand before it, and before aliases are replaced.
    pub name: String,
    pub parameters: Values,
}

/// Shows an element in the syntax that is parsed.
impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            write!(
                formatter,
                "{}{name}={value}",
                if index == 0 { '?' } else { '&' }
            )?;
        }
        Ok(())
    }
}

/// Whether a text has the syntax of models; the error says why not.
pub(crate) fn check(text: &str) -> Result<(), String> {
    parse(text).map(|_| ())
}

/// Model IDs are case-sensitive and never rewritten; only what cannot be one is refused.
pub(crate) fn is_model_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && !text
            .chars()
            .any(|c| c.is_whitespace() || is_hidden_in_name(c))
        && !looks_like_a_key(text)
}

/// Whether one of the parts around `/` is empty. A path, as local servers use, starts with one.
fn has_empty_part(id: &str) -> bool {
    let body = match id.strip_prefix('/') {
        Some(path) if path.contains('/') => path,
        _ => id,
    };
    body.split('/').any(str::is_empty)
}

/// Parses one model or several, each with its parameters. There is at least one.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn parse(text: &str) -> Result<Vec<Element>, String> {
    let last = text.matches(',').count();
    let pieces = text.split(',').enumerate().map(|(index, piece)| {
        // Spaces are allowed around a comma only.
        let piece = if index > 0 {
            piece.trim_start_matches(' ')
        } else {
            piece
        };
        if index < last {
            piece.trim_end_matches(' ')
        } else {
            piece
        }
    });
    let elements = pieces.map(element).collect::<Result<Vec<_>, _>>()?;
    if elements.len() > MOST_MODELS {
        return Err(format!("a list has at most {MOST_MODELS} models"));
    }
    Ok(elements)
}

fn element(text: &str) -> Result<Element, String> {
    let (name, query) = text
        .split_once('?')
        .map_or((text, None), |(name, query)| (name, Some(query)));
    if !is_model_id(name) {
        return Err(
            "not a model ID: it is empty, or has white space or hidden characters".to_owned(),
        );
    }
    if has_empty_part(name) {
        return Err("not a model ID: nothing stands before or after a '/'".to_owned());
    }
    Ok(Element {
        name: name.to_owned(),
        parameters: query.map(parameters).transpose()?.unwrap_or_default(),
    })
}

fn parameters(query: &str) -> Result<Values, String> {
    let mut values = Values::new();
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(format!(
                "model parameter '{}' does not have the form NAME=VALUE",
                pair.escape_debug()
            ));
        };
        let (name, value) = (decoded(name)?, decoded(value)?);
        let option = table::find(&name)
            .filter(|_| PARAMETERS.contains(&name.as_str()))
            .ok_or_else(|| unknown(&name))?;
        let value = option
            .read(&value)
            .map_err(|what| format!("{name} {what}"))?;
        if values.insert(name.clone(), value).is_some() {
            return Err(format!("model parameter {name} is given twice"));
        }
    }
    Ok(values)
}

fn unknown(name: &str) -> String {
    format!(
        "'{}' is not a model parameter; use {}",
        name.escape_debug(),
        PARAMETERS.join(", ")
    )
}

/// Decodes `%XX`.
fn decoded(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "model parameter '{}' has a '%' without two hex digits of UTF-8 after it",
            text.escape_debug()
        )
    };
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after
            .get(..2)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .ok_or_else(wrong)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::reasoning::Effort;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Vec<(String, Value)> {
        parse(text)
            .unwrap()
            .into_iter()
            .map(|element| (element.name, Value::Object(element.parameters)))
            .collect()
    }

    #[test]
    fn lists_and_parameters_are_parsed() {
        assert_eq!(read("llama3.2:3b"), [("llama3.2:3b".to_owned(), json!({}))]);
        assert_eq!(
            read("a/b , c/d,e/f")
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>(),
            ["a/b", "c/d", "e/f"]
        );
        let all = "openrouter:a/b:free?temperature=0.7&top_p=1&top_k=40&max_tokens=9&reasoning_effort=High&verbosity=low&seed=-1";
        let values = json!({"temperature": 0.7, "top_p": 1, "top_k": 40, "max_tokens": 9, "reasoning_effort": "high", "verbosity": "low", "seed": -1});
        assert_eq!(read(all), [("openrouter:a/b:free".to_owned(), values)]);
        assert_eq!(
            read("a/b?%74op_p=0%2E5"),
            [("a/b".to_owned(), json!({"top_p": 0.5}))]
        );
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (text, says) in [
            ("", "not a model ID"),
            ("a/b,", "not a model ID"),
            (",a/b", "not a model ID"),
            ("a/b,,c/d", "not a model ID"),
            (" a/b", "not a model ID"),
            ("?temperature=1", "not a model ID"),
            ("a/b?", "NAME=VALUE"),
            ("a/b?temperature", "NAME=VALUE"),
            ("a/b?temperature=1&", "NAME=VALUE"),
            ("a/b?temp=1", "'temp' is not a model parameter"),
            ("a/b?Temperature=1", "'Temperature' is not"),
            (
                "a/b?temperature=2.1",
                "temperature must be a number from 0 to 2",
            ),
            ("a/b?temperature=NaN", "temperature"),
            ("a/b?top_p=", "top_p"),
            ("a/b?top_k=1.5", "top_k must be a whole number, 0 or more"),
            ("a/b?max_tokens=0", "max_tokens"),
            ("a/b?max_tokens=4294967296", "max_tokens"),
            ("a/b?reasoning_effort=huge", "one of none, minimal"),
            ("a/b?verbosity=", "verbosity must be a value such as low"),
            ("a/b?seed=x", "seed must be a whole number"),
            ("a/b?seed=1&seed=1", "model parameter seed is given twice"),
            ("a/b?seed=%3", "'%'"),
            ("a/b?seed=%zz", "'%'"),
            ("a/b?seed=%ff", "'%'"),
            ("a/b?seed=%é", "'%'"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(parse(&["a/b"; MOST_MODELS].join(",")).is_ok());
        assert!(parse(&["a/b"; MOST_MODELS + 1].join(",")).is_err());
    }

    fn values() -> impl Strategy<Value = Values> {
        let numbers = (
            proptest::option::of(0.0..=2.0),
            proptest::option::of(any::<u32>()),
            proptest::option::of(any::<i64>()),
        );
        let words = (
            proptest::option::of(proptest::sample::select(
                Effort::ALL.map(Effort::as_str).to_vec(),
            )),
            proptest::option::of(1..=u32::MAX),
        );
        (numbers, words).prop_map(
            |((temperature, top_k, seed), (effort, max_tokens)): ((Option<f64>, _, _), _)| {
                let fields = [
                    ("temperature", temperature.map(Value::from)),
                    ("top_k", top_k.map(Value::from)),
                    ("max_tokens", max_tokens.map(Value::from)),
                    ("reasoning_effort", effort.map(Value::from)),
                    ("seed", seed.map(Value::from)),
                ];
                fields
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect()
            },
        )
    }

    proptest! {
        #[test]
        fn the_shown_form_parses_to_the_same(
            names in proptest::collection::vec(
                "[a-z][a-z0-9.:@~_-]{0,20}(/[a-z0-9.:@~_-]{1,9}){0,2}",
                1..5,
            ),
            values in proptest::collection::vec(values(), 4),
        ) {
            let element = |(name, parameters)| Element { name, parameters };
            let elements: Vec<Element> = names.into_iter().zip(values).map(element).collect();
            let shown = elements.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            prop_assert_eq!(parse(&shown).unwrap(), elements);
        }

        #[test]
        fn any_text_is_parsed_without_loss(text in "\\PC*|[a/?&=%,:0-9]*") {
            if let Ok(elements) = parse(&text) {
                // Nothing of the name is lost or changed.
                let written = text.split(',').filter_map(|piece| piece.split('?').next());
                let written: Vec<&str> = written.map(|name| name.trim_matches(' ')).collect();
                let names: Vec<&str> = elements.iter().map(|it| it.name.as_str()).collect();
                prop_assert_eq!(names, written);
            }
        }
    }
}
