//! Options of a request by their names in the body, as flags, `-o` and `/set` set them.

use serde_json::{Map, Value};

use crate::chat::request::LIMIT_FIELDS;
use crate::config::Overrides;
use crate::config::options::{self, OPTIONS, RequestOption, check, path, table};
use crate::ports::error::CommandError;

/// The general flag.
const OPTION: &str = "-o";

/// The source of a restored option.
pub(crate) const REMEMBERED: &str = "set in this conversation";

/// The effort as a field of the body.
const EFFORT: &str = "reasoning.effort";

/// Fields that are set by other means, each with those.
const DECIDED: &[(&str, &str)] = &[
    ("model", "--model"),
    ("messages", "a prompt, --system and --file"),
    ("stream", "--no-stream"),
    ("prompt", "a prompt"),
];

/// Adds the options to the overrides: those with a flag of their own, then those of `-o`. The
/// typed settings among them become settings.
///
/// # Errors
/// A value cannot be sent, or an option is given twice with different values.
pub(crate) fn apply<'a>(
    options: &[String],
    flags: impl Iterator<Item = (&'static RequestOption, &'a str)>,
    mut overrides: Overrides,
) -> Result<Overrides, CommandError> {
    let settings = OPTIONS
        .iter()
        .filter(|option| option.is_setting() && value_of(&overrides, option).is_some());
    let mut labels: Vec<(String, String)> = settings
        .map(|option| (option.name.to_owned(), option.flag()))
        .collect();
    for (option, text) in flags {
        add(
            &mut overrides,
            &mut labels,
            option.name,
            text,
            &option.flag(),
        )?;
    }
    for option in options {
        let Some((name, text)) = option.split_once('=') else {
            return Err(CommandError::usage(format!(
                "-o '{}' does not have the form KEY=VALUE",
                option.escape_debug()
            ))
            .hint("amx chat -o provider.sort=price …"));
        };
        add(&mut overrides, &mut labels, name, text, OPTION)?;
    }
    Ok(overrides)
}

/// Adds one option; another spelling of it must have given the same value.
fn add(
    overrides: &mut Overrides,
    labels: &mut Vec<(String, String)>,
    name: &str,
    text: &str,
    spelling: &str,
) -> Result<(), CommandError> {
    let before = overrides.clone();
    choose(overrides, name, text, spelling)?;
    keep_rest(overrides, &before, name);
    let label = label(spelling, name);
    for option in OPTIONS {
        let Some(earlier) = value_of(&before, option) else {
            continue;
        };
        let is_same = value_of(overrides, option).is_some_and(|value| holds(&value, &earlier));
        let other = labels
            .iter()
            .find(|(other, how)| path::overlap(other, option.name) && *how != label);
        if let (false, Some((_, other))) = (is_same, other) {
            let message = format!(
                "{} is given twice with different values: {other} and {label}",
                option.name
            );
            return Err(CommandError::usage(message).hint("give it once"));
        }
    }
    let name = table::find(name).map_or(name, |option| option.name);
    labels.push((name.to_owned(), label));
    Ok(())
}

/// An object that is given after some of its fields is merged with them.
fn keep_rest(overrides: &mut Overrides, before: &Overrides, name: &str) {
    let name = table::find(name).map_or(name, |option| option.name);
    let Some(Value::Object(mut whole)) = path::get(&before.body, name).cloned() else {
        return;
    };
    match path::get(&overrides.body, name) {
        Some(Value::Object(fields)) => options::overlay(&mut whole, fields),
        Some(_) => return,
        // All its fields became settings.
        None => {}
    }
    // It was there before, so it can be inserted.
    let _ = path::insert(&mut overrides.body, name, Value::Object(whole));
}

/// Whether a value has the earlier one in it: an object may have more fields.
fn holds(value: &Value, earlier: &Value) -> bool {
    match (value, earlier) {
        (Value::Object(fields), Value::Object(before)) => before
            .iter()
            .all(|(name, before)| fields.get(name).is_some_and(|field| holds(field, before))),
        _ => value == earlier,
    }
}

/// The option in messages: `--top-k`, `-o top_k`, `/set top_k`.
fn label(spelling: &str, name: &str) -> String {
    if spelling.starts_with("--") {
        spelling.to_owned()
    } else {
        format!("{spelling} {name}")
    }
}

/// Sets one option from its text; `spelling` is the flag or command it was given by.
///
/// # Errors
/// There is no such field, or the value cannot be sent.
pub(crate) fn choose(
    overrides: &mut Overrides,
    name: &str,
    text: &str,
    spelling: &str,
) -> Result<(), CommandError> {
    let label = label(spelling, &name.escape_debug().to_string());
    if name
        .split('.')
        .any(|part| part.is_empty() || part.chars().any(|c| c.is_whitespace() || c.is_control()))
    {
        return Err(CommandError::usage(format!(
            "{spelling} '{}' is not the name of a field",
            name.escape_debug()
        ))
        .hint("amx chat -o provider.sort=price …"));
    }
    let first = name.split('.').next().unwrap_or_default();
    if let Some((_, flag)) = DECIDED.iter().find(|(field, _)| *field == first) {
        return Err(
            CommandError::usage(format!("{spelling} {first} cannot be used; use {flag}"))
                .hint("amx chat --help"),
        );
    }
    let Some(option) = table::find(name) else {
        // Fields that are not in the table are sent unchanged: OpenRouter adds some without notice.
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        return insert(overrides, name, value, spelling, &label);
    };
    if text == "null" {
        overrides.generation.set(option.name, None);
        return insert(overrides, option.name, Value::Null, spelling, &label);
    }
    let value = option.read(text).map_err(|what| wrong(&label, &what))?;
    if option.is_setting() {
        unset_null(overrides, option);
        if option.name == LIMIT_FIELDS[0] {
            let alias = LIMIT_FIELDS.into_iter().find(|field| *field == name);
            overrides.limit_field = alias.filter(|field| *field != option.name);
        }
        overrides.generation.set(option.name, Some(&value));
        return Ok(());
    }
    insert(overrides, option.name, value, spelling, &label)
}

/// Removes the `null` of a typed setting, before it is set again.
fn unset_null(overrides: &mut Overrides, option: &RequestOption) {
    overrides.body.shift_remove(option.name);
    overrides.spellings.remove(option.name);
}

fn insert(
    overrides: &mut Overrides,
    name: &str,
    value: Value,
    spelling: &str,
    label: &str,
) -> Result<(), CommandError> {
    if !path::insert(&mut overrides.body, name, value) {
        return Err(wrong(
            label,
            "is inside a field that is already set to a plain value",
        ));
    }
    check_reasoning(overrides, label)?;
    if let Some(misfit) = check::misfit(&overrides.body, |_| false) {
        let label = if path::overlap(name, &misfit.name) {
            self::label(spelling, &misfit.name)
        } else {
            misfit.name
        };
        return Err(wrong(&label, &misfit.what));
    }
    overrides
        .spellings
        .insert(name.to_owned(), spelling.to_owned());
    Ok(())
}

/// Unsets an option, so that the layers below decide it. Returns whether it was set.
pub(crate) fn take_back(overrides: &mut Overrides, name: &str) -> bool {
    match table::find(name) {
        Some(option) if option.is_setting() => {
            let was_set = value_of(overrides, option).is_some();
            unset_null(overrides, option);
            overrides.generation.set(option.name, None);
            was_set
        }
        _ => {
            let was_set = path::remove(&mut overrides.body, name).is_some();
            let held = &overrides.body;
            overrides
                .spellings
                .retain(|other, _| path::get(held, other).is_some());
            was_set
        }
    }
}

/// The options beyond the typed settings, by their dotted names, to be stored with the
/// conversation.
pub(crate) fn to_remember(overrides: &Overrides) -> Value {
    let chosen = overrides
        .spellings
        .keys()
        .filter_map(|name| Some((name.clone(), path::get(&overrides.body, name)?.clone())));
    Value::Object(chosen.collect())
}

/// Restores stored options, field by field, unless flags or a template set them now or they cannot
/// be sent any more.
pub(crate) fn restore(overrides: &mut Overrides, remembered: &Value) {
    let mut below = Map::new();
    for (name, value) in remembered.as_object().into_iter().flatten() {
        let mut with = below.clone();
        if path::insert(&mut with, name, value.clone()) && check::misfit(&with, |_| false).is_none()
        {
            below = with;
        }
    }
    if let Some(template) = &overrides.template {
        options::give_way(&mut below, &template.body);
    }
    let mut body = below.clone();
    options::overlay(&mut body, &overrides.body);
    if check::misfit(&body, |_| false).is_some() {
        return;
    }
    for name in remembered
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        let is_kept = path::get(&below, name).is_some()
            && path::get(&overrides.body, name).is_none_or(Value::is_object);
        if is_kept && path::get(&body, name).is_some() {
            overrides
                .spellings
                .entry(name.clone())
                .or_insert_with(|| REMEMBERED.to_owned());
        }
    }
    overrides.body = body;
}

/// The options that were set by flags, for the whole run and not for one conversation.
pub(crate) fn of_flags(overrides: &Overrides) -> Overrides {
    let mut kept = Overrides {
        body: overrides.body.clone(),
        spellings: overrides.spellings.clone(),
        ..Overrides::default()
    };
    for (name, _) in overrides
        .spellings
        .iter()
        .filter(|(_, how)| !how.starts_with('-'))
    {
        take_back(&mut kept, name);
    }
    kept
}

/// The value of an option in flags or slash commands.
fn value_of(overrides: &Overrides, option: &RequestOption) -> Option<Value> {
    let of_setting = overrides.generation.get(option.name);
    of_setting.or_else(|| path::get(&overrides.body, option.name).cloned())
}

/// Takes the effort, which is a typed setting, out of a whole `reasoning`; refuses its budget.
fn check_reasoning(overrides: &mut Overrides, label: &str) -> Result<(), CommandError> {
    let Some(reasoning) = overrides.body.get_mut("reasoning") else {
        return Ok(());
    };
    if reasoning.is_null() {
        return Ok(());
    }
    let Some(fields) = reasoning.as_object_mut() else {
        return Err(wrong(label, "must be a JSON object"));
    };
    if fields.contains_key("max_tokens") {
        let label = if label.ends_with("max_tokens") {
            label.to_owned()
        } else {
            format!("{label}.max_tokens")
        };
        let error = CommandError::usage(format!(
            "{label} is never sent: providers reject it beside an effort"
        ));
        return Err(error.hint("amx chat --reasoning-effort low …"));
    }
    if let Some(value) = fields.shift_remove("effort") {
        let option = table::find(EFFORT).filter(|option| !option.kind.fits(&value));
        if let Some(option) = option {
            return Err(wrong(&format!("{label}.effort"), &option.must_be()));
        }
        overrides.generation.set(EFFORT, Some(&value));
    }
    if overrides
        .body
        .get("reasoning")
        .and_then(Value::as_object)
        .is_some_and(Map::is_empty)
    {
        overrides.body.shift_remove("reasoning");
    }
    Ok(())
}

fn wrong(label: &str, why: &str) -> CommandError {
    CommandError::usage(format!("{label} {why}")).hint("amx chat --help")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chat::reasoning::Effort;
    use crate::config::GenerationSettings;

    fn applied(options: &[&str]) -> Result<Overrides, CommandError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        apply(&options, std::iter::empty(), Overrides::default())
    }

    fn body(options: &[&str]) -> Value {
        Value::Object(applied(options).unwrap().body)
    }

    #[test]
    fn values_are_read_by_the_table() {
        assert_eq!(
            body(&[
                "seed=7",
                "user=me",
                "provider.order=Together, DeepInfra",
                "provider.zdr=true",
                "stop=[\"a,b\"]",
                "metadata={\"a\":\"1\"}"
            ]),
            json!({
                "seed": 7,
                "user": "me",
                "provider": {"order": ["Together", "DeepInfra"], "zdr": true},
                "stop": ["a,b"],
                "metadata": {"a": "1"},
            })
        );
        assert_eq!(
            body(&[
                "stop=7",
                "models=a/b",
                "user=7",
                "modalities=\"text\"",
                "top_k=null"
            ]),
            json!({
                "stop": ["7"],
                "models": ["a/b"],
                "user": "7",
                "modalities": ["text"],
                "top_k": null,
            })
        );
    }

    #[test]
    fn fields_that_are_not_in_the_table_are_sent_unchanged() {
        assert_eq!(
            body(&["new_field=7", "other.inner=a,b", "third={\"a\":[1]}"]),
            json!({"new_field": 7, "other": {"inner": "a,b"}, "third": {"a": [1]}})
        );
    }

    #[test]
    fn typed_settings_become_settings() {
        let overrides = applied(&[
            "temperature=1",
            "max_completion_tokens=9",
            "reasoning={\"effort\":\"high\",\"exclude\":true}",
        ])
        .unwrap();
        assert_eq!(
            (
                overrides.generation.temperature,
                overrides.generation.max_tokens,
                overrides.generation.effort
            ),
            (Some(1.0), Some(9), Some(Effort::High))
        );
        assert_eq!(
            Value::Object(overrides.body),
            json!({"reasoning": {"exclude": true}})
        );
        assert_eq!(
            applied(&["reasoning.effort= MINIMAL "])
                .unwrap()
                .generation
                .effort,
            Some(Effort::Minimal)
        );
    }

    #[test]
    fn bad_names_and_values_are_refused() {
        for option in [
            "novalue",
            "=x",
            "a..b=1",
            "model=a/b",
            "messages=[]",
            "stream=false",
            "temperature=3",
            "max_tokens=0",
            "max_tokens=1.5",
            "reasoning.max_tokens=5",
            "reasoning={\"max_tokens\":5}",
            "reasoning=high",
            "reasoning_effort=extreme",
            "provider={\"srot\":\"price\"}",
            "provider.data_collection=denny",
            "user=",
        ] {
            assert!(applied(&[option]).is_err(), "{option}");
        }
        assert!(applied(&["seed=1", "seed.x=2"]).is_err());
    }

    #[test]
    fn null_removes_a_typed_setting_until_it_is_set_again() {
        let mut overrides = applied(&["max_tokens=null", "reasoning.effort=null"]).unwrap();
        assert_eq!(
            Value::Object(overrides.body.clone()),
            json!({"max_tokens": null, "reasoning_effort": null})
        );
        choose(&mut overrides, "max_completion_tokens", "9", "-o").unwrap();
        assert!(take_back(&mut overrides, "reasoning_effort"));
        assert_eq!(
            (overrides.body.len(), overrides.spellings.len()),
            (0, 0),
            "nothing is left of null"
        );
        assert_eq!(overrides.generation.max_tokens, Some(9));
        assert_eq!(overrides.limit_field, Some("max_completion_tokens"));
        choose(&mut overrides, "max_tokens", "8", "/set").unwrap();
        assert_eq!(overrides.limit_field, None);
    }

    #[test]
    fn two_spellings_of_an_option_must_agree() {
        let twice =
            |first: &str, second: &str| applied(&[first, second]).err().map(|error| error.message);
        assert_eq!(twice("max_tokens=5", "max_completion_tokens=5"), None);
        assert_eq!(
            twice("max_tokens=5", "max_completion_tokens=6").as_deref(),
            Some(
                "max_tokens is given twice with different values: -o max_tokens and -o \
                max_completion_tokens"
            )
        );
        assert_eq!(
            twice("provider.sort=price", "provider={\"sort\":\"latency\"}").as_deref(),
            Some(
                "provider.sort is given twice with different values: -o provider.sort and -o \
                provider"
            )
        );
        assert_eq!(
            twice("seed=1", "seed=2"),
            None,
            "the last of the same holds"
        );
        assert_eq!(
            twice("provider={\"zdr\":true}", "provider.sort=price"),
            None
        );
        assert_eq!(
            twice(
                "provider.max_price={\"prompt\":1}",
                "provider.max_price.completion=2"
            ),
            None
        );
        assert!(
            twice(
                "provider.max_price={\"prompt\":1}",
                "provider.max_price.prompt=2"
            )
            .is_some()
        );
        let flag = Overrides {
            generation: GenerationSettings {
                temperature: Some(1.0),
                ..GenerationSettings::default()
            },
            ..Overrides::default()
        };
        let clash = apply(
            &["temperature=0.5".to_owned()],
            std::iter::empty(),
            flag.clone(),
        )
        .unwrap_err();
        assert_eq!(
            clash.message,
            "temperature is given twice with different values: --temperature and -o temperature"
        );
        assert!(apply(&["temperature=1".to_owned()], std::iter::empty(), flag).is_ok());
    }

    #[test]
    fn an_unset_option_leaves_nothing() {
        let mut overrides =
            applied(&["provider.sort=price", "provider.zdr=true", "top_p=0.5"]).unwrap();
        assert!(
            take_back(&mut overrides, "provider.sort")
                && take_back(&mut overrides, "top_p")
                && !take_back(&mut overrides, "seed")
        );
        assert_eq!(
            (
                Value::Object(overrides.body.clone()),
                overrides.generation.top_p
            ),
            (json!({"provider": {"zdr": true}}), None)
        );
        assert!(take_back(&mut overrides, "provider") && overrides.spellings.is_empty());
    }
}
