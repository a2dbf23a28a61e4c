//! The header `X-Provider` of a profile: provider routing as JSON, which OpenRouter accepts in the
//! body and not as a header.

use serde_json::{Map, Value};

use super::profile::Profile;
use crate::chat::request::lay_over;

/// The header that other tools use for the field `provider`.
const HEADER: &str = "x-provider";

/// The field of OpenRouter's body.
const FIELD: &str = "provider";

/// The name of the header as it is written, and its value.
pub(super) fn find(profile: &Profile) -> Option<(&str, &str)> {
    let header = profile
        .headers
        .iter()
        .flatten()
        .find(|(name, _)| name.eq_ignore_ascii_case(HEADER))?;
    Some((header.0, header.1))
}

/// Parses the value of the header. The error goes after its name.
pub(super) fn parse(value: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(value) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("must be a JSON object, such as '{\"order\": [\"Together\"]}'".to_owned()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}

/// Moves the header into the profile's `openrouter` map, whose `provider` overrides it.
pub(super) fn lift(mut profile: Profile) -> Result<Profile, String> {
    let Some((name, value)) = find(&profile) else {
        return Ok(profile);
    };
    let (name, fields) = (name.to_owned(), parse(value)?);
    let mut lifted = Map::from_iter([(FIELD.to_owned(), Value::Object(fields))]);
    let body = profile.openrouter.take().unwrap_or_default();
    body.iter()
        .for_each(|(field, value)| lay_over(&mut lifted, field, value));
    profile.openrouter = Some(lifted);
    if let Some(headers) = &mut profile.headers {
        headers.remove(&name);
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lifted(profile: Value) -> Value {
        let profile = lift(serde_json::from_value(profile).unwrap()).unwrap();
        json!({"headers": profile.headers, "openrouter": profile.openrouter})
    }

    #[test]
    fn the_field_overrides_the_header() {
        let profile = json!({
            "headers": {"X-PROVIDER": "{\"order\": [\"Together\"], \"allow_fallbacks\": false}", "X-Title": "T"},
            "openrouter": {"top_k": 1, "provider": {"order": ["DeepInfra"]}},
        });
        let body =
            json!({"provider": {"order": ["DeepInfra"], "allow_fallbacks": false}, "top_k": 1});
        assert_eq!(
            lifted(profile),
            json!({"headers": {"X-Title": "T"}, "openrouter": body})
        );
        assert_eq!(
            lifted(json!({"headers": {"X-Title": "T"}})),
            json!({"headers": {"X-Title": "T"}, "openrouter": null})
        );
    }

    #[test]
    fn a_value_that_is_not_an_object_is_refused() {
        for value in ["", "Together", "[\"Together\"]", "{\"order\": [}"] {
            assert!(parse(value).is_err(), "{value}");
        }
    }
}
