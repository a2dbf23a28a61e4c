//! Checks the fields of a body against the table: values that cannot be sent, unlisted words,
//! typos.

use serde_json::{Map, Value};

use super::path;
use super::row::RequestOption;
use super::table::{self, ALIASES, OPTIONS};
use crate::catalog::nearest::closest;

/// The object whose fields all are in the table.
const ROUTING: &str = "provider";

/// A field that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The dotted name of the field.
    pub name: String,
    /// Goes after the name: `must be a whole number`.
    pub what: String,
}

/// The first field of the body that cannot be sent. A text for which `is_open` is true is not
/// checked: it is expanded later.
pub(crate) fn misfit(body: &Map<String, Value>, is_open: fn(&str) -> bool) -> Option<Misfit> {
    let aliases = ALIASES
        .iter()
        .filter_map(|(alias, _)| Some((*alias, table::find(alias)?)));
    let mut names = OPTIONS
        .iter()
        .map(|option| (option.name, option))
        .chain(aliases);
    let of_table = names.find_map(|(name, option)| {
        let value = path::get(body, name)
            .filter(|value| !value.is_null() && !has_open_text(value, is_open))?;
        (!option.kind.fits(value)).then(|| Misfit {
            name: name.to_owned(),
            what: option.must_be(),
        })
    });
    of_table
        .or_else(|| unknown_routing(body))
        .or_else(|| contradiction(body))
}

fn has_open_text(value: &Value, is_open: fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_open(text),
        Value::Array(items) => items.iter().any(|item| has_open_text(item, is_open)),
        Value::Object(fields) => fields.values().any(|field| has_open_text(field, is_open)),
        _ => false,
    }
}

fn unknown_routing(body: &Map<String, Value>) -> Option<Misfit> {
    let routing = body.get(ROUTING).filter(|routing| !routing.is_null())?;
    let Some(routing) = routing.as_object() else {
        return Some(Misfit {
            name: ROUTING.to_owned(),
            what: "must be a JSON object".to_owned(),
        });
    };
    let field = routing
        .keys()
        .find(|field| table::find(&format!("{ROUTING}.{field}")).is_none())?;
    let known = OPTIONS
        .iter()
        .filter_map(|option| option.name.strip_prefix("provider."));
    let meant = closest(field, known).map_or_else(String::new, |known| {
        format!("; did you mean '{ROUTING}.{known}'?")
    });
    let name = format!("{ROUTING}.{field}");
    Some(Misfit {
        what: format!("is not a field of OpenRouter{meant}"),
        name,
    })
}

fn contradiction(body: &Map<String, Value>) -> Option<Misfit> {
    let is_off = body.get("logprobs") == Some(&Value::Bool(false));
    let is_wanted = body
        .get("top_logprobs")
        .is_some_and(|count| !count.is_null());
    (is_off && is_wanted).then(|| Misfit {
        name: "top_logprobs".to_owned(),
        what: "needs logprobs, which is set to false".to_owned(),
    })
}

/// Warnings about words that the table does not list, and the API may still accept.
pub(crate) fn doubts(body: &Map<String, Value>) -> Vec<String> {
    let doubt = |option: &RequestOption| {
        let (word, known) = option.kind.doubt(path::get(body, option.name)?)?;
        Some(format!(
            "'{}' is not a listed value of {} ({}); it is sent unchanged",
            word.escape_debug(),
            option.name,
            known.join(", ")
        ))
    };
    OPTIONS.iter().filter_map(doubt).collect()
}

/// Fields whose names are probably typos, each with the option that was meant.
pub(crate) fn typos(body: &Map<String, Value>) -> impl Iterator<Item = (&str, &'static str)> {
    body.keys()
        .filter_map(|field| Some((field.as_str(), table::near(field)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(body: Value) -> Option<String> {
        let misfit = misfit(body.as_object().unwrap(), |text| text.contains("${"))?;
        Some(format!("{} {}", misfit.name, misfit.what))
    }

    #[test]
    fn a_field_that_cannot_be_sent_is_named() {
        assert_eq!(
            found(
                json!({"seed": 1, "provider": {"sort": "price", "order": ["a"]}, "new_field": {}, "stop": "END"})
            ),
            None
        );
        assert_eq!(
            found(json!({"top_k": 1.5})).unwrap(),
            "top_k must be a whole number, 0 or more"
        );
        assert_eq!(
            found(json!({"provider": {"srot": "price"}})).unwrap(),
            "provider.srot is not a field of OpenRouter; did you mean 'provider.sort'?"
        );
        assert_eq!(
            found(json!({"provider": "price"})).unwrap(),
            "provider must be a JSON object"
        );
        assert_eq!(
            found(json!({"logprobs": false, "top_logprobs": 3})).unwrap(),
            "top_logprobs needs logprobs, which is set to false"
        );
        assert_eq!(
            found(json!({"logprobs": null, "top_logprobs": 3, "top_k": null})),
            None
        );
    }

    #[test]
    fn a_text_that_is_expanded_later_is_not_checked() {
        assert_eq!(
            found(json!({"provider": {"data_collection": "${POLICY}", "only": ["${ONE}"]}})),
            None
        );
        assert!(found(json!({"provider": {"data_collection": "denny"}})).is_some());
    }

    #[test]
    fn unlisted_words_and_typos_are_found() {
        let body = json!({"service_tier": "warp", "provider": {"quantizations": ["fp8", "fp2"]}, "tpo_k": 4, "n": 2});
        let body = body.as_object().unwrap();
        let doubts = doubts(body);
        assert!(
            doubts.len() == 2 && doubts[0].contains("'fp2'") && doubts[1].contains("'warp'"),
            "{doubts:?}"
        );
        assert_eq!(typos(body).collect::<Vec<_>>(), [("tpo_k", "top_k")]);
    }
}
