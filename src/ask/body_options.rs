//! Options of a request by their names in the body, however they are given: `-o`, a flag of their
//! own, `/set`.

use serde_json::{Map, Value, json};

use crate::chat::reasoning::Effort;
use crate::config::Overrides;
use crate::config::options::{self, OPTIONS, RequestOption, check, path, table};
use crate::ports::error::CommandError;

/// The spelling of the general flag.
const OPTION: &str = "-o";

/// How a restored option is said to have been chosen.
pub const REMEMBERED: &str = "chosen in this conversation";

/// Fields that a flag decides.
const DECIDED: &[(&str, &str)] = &[
    ("model", "--model"),
    ("messages", "a prompt, --system and --file"),
    ("stream", "--no-stream"),
    ("prompt", "a prompt"),
];

/// Adds the options to the overrides: those that have a flag of their own, then those of `-o`.
/// Those that amx has a setting for become that setting, so that floors and ranges hold for them
/// too.
///
/// # Errors
/// When a value cannot be sent, or one option is given twice with different values.
pub fn apply<'a>(
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

/// Adds one option; what another spelling of it said already must be the same.
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

/// An object that is given after some of its fields adds to them.
fn keep_rest(overrides: &mut Overrides, before: &Overrides, name: &str) {
    let name = table::find(name).map_or(name, |option| option.name);
    let Some(Value::Object(mut whole)) = path::get(&before.body, name).cloned() else {
        return;
    };
    match path::get(&overrides.body, name) {
        Some(Value::Object(fields)) => options::overlay(&mut whole, fields),
        Some(_) => return,
        // All that was given became a setting.
        None => {}
    }
    // It was there before, so it can be there.
    let _ = path::insert(&mut overrides.body, name, Value::Object(whole));
}

/// Whether a value still says what an earlier one said; an object may say more.
fn holds(value: &Value, earlier: &Value) -> bool {
    match (value, earlier) {
        (Value::Object(fields), Value::Object(before)) => before
            .iter()
            .all(|(name, before)| fields.get(name).is_some_and(|field| holds(field, before))),
        _ => value == earlier,
    }
}

/// How an option is called in messages.
fn label(spelling: &str, name: &str) -> String {
    if spelling.starts_with("--") {
        spelling.to_owned()
    } else {
        format!("{spelling} {name}")
    }
}

/// Sets one option from its text; `spelling` says how it was given.
///
/// # Errors
/// When there can be no such field, or the value cannot be sent.
pub fn choose(
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
        return Err(CommandError::usage(format!(
            "{spelling} {first} cannot be used: {flag} decides it"
        ))
        .hint("amx chat --help"));
    }
    let Some(option) = table::find(name) else {
        // Fields that the table does not have pass as they are: OpenRouter adds some without
        // notice.
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        return insert(overrides, name, value, spelling, &label);
    };
    if text == "null" && option.is_setting() {
        let what = format!(
            "must be {}: null cannot take back a setting that amx has a key of its own for",
            option.kind.description()
        );
        return Err(wrong(&label, &what));
    }
    if text == "null" {
        return insert(overrides, option.name, Value::Null, spelling, &label);
    }
    let value = option
        .kind
        .read(text)
        .filter(|value| option.kind.fits(value));
    let value =
        value.ok_or_else(|| wrong(&label, &format!("must be {}", option.kind.description())))?;
    if option.is_setting() {
        set(overrides, option, Some(&value));
        return Ok(());
    }
    insert(overrides, option.name, value, spelling, &label)
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
            "lies inside a field that is already set to a plain value",
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

/// Takes an option back, so that what is below it holds again. Says whether it was set.
pub fn take_back(overrides: &mut Overrides, name: &str) -> bool {
    match table::find(name) {
        Some(option) if option.is_setting() => {
            let was_set = value_of(overrides, option).is_some();
            set(overrides, option, None);
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

/// The options beyond the settings, by their dotted names, for when the conversation is gone on
/// with.
pub fn to_remember(overrides: &Overrides) -> Value {
    let chosen = overrides
        .spellings
        .keys()
        .filter_map(|name| Some((name.clone(), path::get(&overrides.body, name)?.clone())));
    Value::Object(chosen.collect())
}

/// Takes over what was remembered, field by field, as far as flags and a template that is named now
/// say nothing else and it can still be sent.
pub fn restore(overrides: &mut Overrides, remembered: &Value) {
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

/// What was chosen for the whole run by flags, and not for one conversation.
pub fn of_flags(overrides: &Overrides) -> Overrides {
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

/// What flags or slash commands say of an option.
fn value_of(overrides: &Overrides, option: &RequestOption) -> Option<Value> {
    match option.name {
        "temperature" => overrides.temperature.map(Value::from),
        "top_p" => overrides.top_p.map(Value::from),
        "max_tokens" => overrides.max_tokens.map(Value::from),
        "reasoning_effort" => overrides.effort.map(|effort| json!(effort)),
        name => path::get(&overrides.body, name).cloned(),
    }
}

/// Sets one of the options that amx has a setting for; the value fits its kind.
fn set(overrides: &mut Overrides, option: &RequestOption, value: Option<&Value>) {
    let number = value.and_then(Value::as_f64);
    match option.name {
        "temperature" => overrides.temperature = number,
        "top_p" => overrides.top_p = number,
        "max_tokens" => {
            overrides.max_tokens = value
                .and_then(Value::as_u64)
                .and_then(|tokens| u32::try_from(tokens).ok());
        }
        _ => {
            overrides.effort = value
                .and_then(Value::as_str)
                .and_then(|effort| effort.parse().ok());
        }
    }
}

/// `reasoning` may be given whole; its effort is a setting, its budget is never sent.
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
            "{label} cannot be used: it is never sent, because providers refuse it beside an effort"
        ));
        return Err(error.hint("amx chat --reasoning-effort low …"));
    }
    if let Some(value) = fields.shift_remove("effort") {
        let effort: Option<Effort> = value.as_str().and_then(|effort| effort.parse().ok());
        overrides.effort = Some(effort.ok_or_else(|| {
            wrong(
                label,
                "must have an effort of none, minimal, low, medium, high, xhigh, max",
            )
        })?);
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
    use super::*;

    fn applied(options: &[&str]) -> Result<Overrides, CommandError> {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        apply(&options, std::iter::empty(), Overrides::default())
    }

    fn body(options: &[&str]) -> Value {
        Value::Object(applied(options).unwrap().body)
    }

    #[test]
    fn values_are_what_the_table_says() {
        assert_eq!(
            body(&[
                "seed=7",
                "user=me",
                "provider.order=ParallelOutcome, DeepInfra",
                "provider.zdr=true",
                "stop=[\"a,b\"]",
                "metadata={\"a\":\"1\"}"
            ]),
            json!({"seed": 7, "user": "me", "provider": {"order": ["ParallelOutcome", "DeepInfra"], "zdr": true}, "stop": ["a,b"], "metadata": {"a": "1"}})
        );
        assert_eq!(
            body(&[
                "stop=7",
                "models=a/b",
                "user=7",
                "modalities=\"text\"",
                "top_k=null"
            ]),
            json!({"stop": ["7"], "models": ["a/b"], "user": "7", "modalities": ["text"], "top_k": null})
        );
    }

    #[test]
    fn fields_that_the_table_does_not_have_pass_as_they_are() {
        assert_eq!(
            body(&["new_field=7", "other.inner=a,b", "third={\"a\":[1]}"]),
            json!({"new_field": 7, "other": {"inner": "a,b"}, "third": {"a": [1]}})
        );
    }

    #[test]
    fn settings_stay_settings() {
        let overrides = applied(&[
            "temperature=1",
            "max_completion_tokens=9",
            "reasoning={\"effort\":\"high\",\"exclude\":true}",
        ])
        .unwrap();
        assert_eq!(
            (
                overrides.temperature,
                overrides.max_tokens,
                overrides.effort
            ),
            (Some(1.0), Some(9), Some(Effort::High))
        );
        assert_eq!(
            Value::Object(overrides.body),
            json!({"reasoning": {"exclude": true}})
        );
        assert_eq!(
            applied(&["reasoning.effort=minimal"]).unwrap().effort,
            Some(Effort::Minimal)
        );
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
            "provider={\"srot\":\"price\"}",
            "provider.data_collection=denny",
            "user=",
        ] {
            assert!(applied(&[option]).is_err(), "{option}");
        }
        assert!(applied(&["seed=1", "seed.x=2"]).is_err());
    }

    #[test]
    fn one_option_spelt_twice_must_agree() {
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
            temperature: Some(1.0),
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
    fn what_is_taken_back_leaves_nothing() {
        let mut overrides =
            applied(&["provider.sort=price", "provider.zdr=true", "top_p=0.5"]).unwrap();
        assert!(
            take_back(&mut overrides, "provider.sort")
                && take_back(&mut overrides, "top_p")
                && !take_back(&mut overrides, "seed")
        );
        assert_eq!(
            (Value::Object(overrides.body.clone()), overrides.top_p),
            (json!({"provider": {"zdr": true}}), None)
        );
        assert!(take_back(&mut overrides, "provider") && overrides.spellings.is_empty());
    }
}
