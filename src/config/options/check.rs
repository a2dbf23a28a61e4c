//! Holds the fields of a body against the table: what cannot be sent, and what is probably not
//! meant.

use serde_json::{Map, Value};

use super::path;
use super::table::{self, OPTIONS};

/// Begins the names of the fields below `provider`, whose names are closed.
const ROUTING: &str = "provider";

/// Something that must not be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The dotted name of the field.
    pub name: String,
    /// Goes after the name, such as `must be a whole number`.
    pub what: String,
}

/// The first thing in the body that must not be sent. A text for which `is_open` holds is not
/// looked at: it is filled in later.
pub fn misfit(body: &Map<String, Value>, is_open: fn(&str) -> bool) -> Option<Misfit> {
    let of_table = OPTIONS.iter().find_map(|option| {
        let value = path::get(body, option.name)
            .filter(|value| !value.is_null() && !has_open_text(value, is_open))?;
        (!option.kind.fits(value)).then(|| Misfit {
            name: option.name.to_owned(),
            what: format!("must be {}", option.kind.description()),
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
    let nearest = known
        .map(|known| (strsim::jaro_winkler(field, known), known))
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let meant = nearest
        .filter(|(likeness, _)| *likeness > 0.8)
        .map_or_else(String::new, |(_, known)| {
            format!("; did you mean '{ROUTING}.{known}'?")
        });
    let name = format!("{ROUTING}.{field}");
    Some(Misfit {
        what: format!("is no field that OpenRouter knows{meant}"),
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
        what: "needs logprobs, which is false beside it".to_owned(),
    })
}

/// Words that the table does not know where the API may take more of them than it says.
pub fn doubts(body: &Map<String, Value>) -> Vec<String> {
    let doubt = |option: &table::RequestOption| {
        let (word, known) = option.kind.doubt(path::get(body, option.name)?)?;
        Some(format!(
            "'{}' is not among the values known for {} ({}); it is sent as it is",
            word.escape_debug(),
            option.name,
            known.join(", ")
        ))
    };
    OPTIONS.iter().filter_map(doubt).collect()
}

/// Fields that are called nearly as an option is, each with that option.
pub fn typos(body: &Map<String, Value>) -> impl Iterator<Item = (&str, &'static str)> {
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
    fn what_must_not_be_sent_is_named() {
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
            "provider.srot is no field that OpenRouter knows; did you mean 'provider.sort'?"
        );
        assert_eq!(
            found(json!({"provider": "price"})).unwrap(),
            "provider must be a JSON object"
        );
        assert_eq!(
            found(json!({"logprobs": false, "top_logprobs": 3})).unwrap(),
            "top_logprobs needs logprobs, which is false beside it"
        );
        assert_eq!(
            found(json!({"logprobs": null, "top_logprobs": 3, "top_k": null})),
            None
        );
    }

    #[test]
    fn a_text_that_is_filled_in_later_is_left_alone() {
        assert_eq!(
            found(json!({"provider": {"data_collection": "${POLICY}", "only": ["${ONE}"]}})),
            None
        );
        assert!(found(json!({"provider": {"data_collection": "denny"}})).is_some());
    }

    #[test]
    fn new_words_and_typing_mistakes_are_doubted() {
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
