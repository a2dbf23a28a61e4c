//! `-o KEY=VALUE`: any field of the request body by its own name.

use serde_json::{Map, Value};

use crate::commands::error::CommandError;
use crate::config::Overrides;

/// Fields whose value is a list, so that a comma separates.
const LISTS: &[&str] = &["models", "stop", "transforms", "modalities", "provider.order", "provider.only", "provider.ignore", "provider.quantizations"];

/// Fields that a flag decides.
const DECIDED: &[(&str, &str)] = &[("model", "--model"), ("messages", "a prompt, --system and --file"), ("stream", "--no-stream"), ("prompt", "a prompt")];

/// Adds the options to the overrides. Those that amx has a setting for become that setting, so that
/// floors and ranges hold for them too.
pub fn apply(options: &[String], mut overrides: Overrides) -> Result<Overrides, CommandError> {
    for option in options {
        let Some((key, text)) = option.split_once('=') else {
            return Err(
                CommandError::usage(format!("-o '{}' does not have the form KEY=VALUE", option.escape_debug())).hint("amx chat -o provider.sort=price …")
            );
        };
        let path: Vec<&str> = key.split('.').collect();
        if path.iter().any(|part| part.is_empty() || part.chars().any(|c| c.is_whitespace() || c.is_control())) {
            return Err(CommandError::usage(format!("-o '{}' is not the name of a field", key.escape_debug())).hint("amx chat -o provider.sort=price …"));
        }
        if let Some((_, flag)) = DECIDED.iter().find(|(field, _)| *field == path[0]) {
            return Err(CommandError::usage(format!("-o {} cannot be used: {flag} decides it", path[0])).hint("amx chat --help"));
        }
        set(&mut overrides, key, &path, read_value(key, text))?;
    }
    check_reasoning(&mut overrides)?;
    Ok(overrides)
}

/// JSON when it parses as JSON, a list where the field is one, else text.
fn read_value(key: &str, text: &str) -> Value {
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && (!LISTS.contains(&key) || value.is_array() || value.is_string())
    {
        return value;
    }
    if LISTS.contains(&key) {
        return text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    }
    Value::from(text)
}

fn set(overrides: &mut Overrides, key: &str, path: &[&str], value: Value) -> Result<(), CommandError> {
    match key {
        "temperature" => overrides.temperature = Some(number(key, &value, 2.0)?),
        "top_p" => overrides.top_p = Some(number(key, &value, 1.0)?),
        "max_tokens" | "max_completion_tokens" => {
            let tokens = value.as_u64().and_then(|tokens| u32::try_from(tokens).ok()).filter(|tokens| *tokens > 0);
            overrides.max_tokens = Some(tokens.ok_or_else(|| wrong(key, "must be a whole number above 0"))?);
        }
        "reasoning_effort" | "reasoning.effort" => overrides.effort = Some(effort(key, &value)?),
        _ => insert(&mut overrides.body, path, value).map_err(|()| wrong(key, "lies inside a field that is already set to a plain value"))?,
    }
    Ok(())
}

fn insert(body: &mut Map<String, Value>, path: &[&str], value: Value) -> Result<(), ()> {
    let [field, rest @ ..] = path else { return Ok(()) };
    if rest.is_empty() {
        body.insert((*field).to_owned(), value);
        return Ok(());
    }
    let inner = body.entry((*field).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    insert(inner.as_object_mut().ok_or(())?, rest, value)
}

/// `reasoning` may be given whole; its effort is a setting, its budget is never sent.
fn check_reasoning(overrides: &mut Overrides) -> Result<(), CommandError> {
    let Some(reasoning) = overrides.body.get_mut("reasoning") else { return Ok(()) };
    let Some(fields) = reasoning.as_object_mut() else {
        return Err(wrong("reasoning", "must be a JSON object"));
    };
    if fields.contains_key("max_tokens") {
        let error = CommandError::usage("-o reasoning.max_tokens cannot be used: it is never sent, because providers refuse it beside an effort");
        return Err(error.hint("amx chat --reasoning-effort low …"));
    }
    if let Some(value) = fields.shift_remove("effort") {
        overrides.effort = Some(effort("reasoning.effort", &value)?);
    }
    if overrides.body.get("reasoning").and_then(Value::as_object).is_some_and(Map::is_empty) {
        overrides.body.shift_remove("reasoning");
    }
    Ok(())
}

fn effort(key: &str, value: &Value) -> Result<crate::chat::reasoning::Effort, CommandError> {
    let effort = value.as_str().map(str::parse);
    match effort {
        Some(Ok(effort)) => Ok(effort),
        _ => Err(wrong(key, "must be one of none, minimal, low, medium, high, xhigh, max")),
    }
}

fn number(key: &str, value: &Value, most: f64) -> Result<f64, CommandError> {
    let number = value.as_f64().filter(|number| (0.0..=most).contains(number));
    number.ok_or_else(|| wrong(key, &format!("must be a number between 0 and {most}")))
}

fn wrong(key: &str, why: &str) -> CommandError {
    CommandError::usage(format!("-o {key} {why}")).hint("amx chat --help")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::reasoning::Effort;
    use serde_json::json;

    fn applied(options: &[&str]) -> Result<Overrides, CommandError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        apply(&options, Overrides::default())
    }

    fn body(options: &[&str]) -> Value {
        Value::Object(applied(options).unwrap().body)
    }

    #[test]
    fn values_are_json_lists_or_text() {
        assert_eq!(
            body(&["seed=7", "user=me", "provider.order=Together, DeepInfra", "provider.zdr=true", "stop=[\"a,b\"]", "metadata={\"a\":1}"]),
            json!({"seed": 7, "user": "me", "provider": {"order": ["Together", "DeepInfra"], "zdr": true}, "stop": ["a,b"], "metadata": {"a": 1}})
        );
        assert_eq!(
            body(&["stop=7", "models=a/b", "user=", "modalities=\"text\""]),
            json!({"stop": ["7"], "models": ["a/b"], "user": "", "modalities": "text"})
        );
    }

    #[test]
    fn settings_stay_settings() {
        let overrides = applied(&["temperature=1", "max_completion_tokens=9", "reasoning={\"effort\":\"high\",\"exclude\":true}"]).unwrap();
        assert_eq!((overrides.temperature, overrides.max_tokens, overrides.effort), (Some(1.0), Some(9), Some(Effort::High)));
        assert_eq!(Value::Object(overrides.body), json!({"reasoning": {"exclude": true}}));
        assert_eq!(applied(&["reasoning.effort=minimal"]).unwrap().effort, Some(Effort::Minimal));
    }

    #[test]
    fn what_cannot_be_set_is_refused() {
        for option in [
            "novalue",
            "=x",
            "a..b=1",
            "model=a/b",
            "messages=[]",
            "stream=false",
            "temperature=3",
            "temperature=null",
            "max_tokens=0",
            "max_tokens=1.5",
            "reasoning.max_tokens=5",
            "reasoning={\"max_tokens\":5}",
            "reasoning=high",
            "reasoning_effort=extreme",
        ] {
            assert!(applied(&[option]).is_err(), "{option}");
        }
        assert!(applied(&["seed=1", "seed.x=2"]).is_err());
    }
}
