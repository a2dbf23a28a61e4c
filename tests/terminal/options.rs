//! `/set` for every row of the table of options, in one conversation: each value reaches the wire,
//! is taken back, and is remembered.

use amx::tables::{OPTIONS, RequestOption, ValueKind};
use serde_json::Value;

use crate::dialogue::hold_text;

/// `private` is looked at alone, because what is said of `provider` wins over it; `route` is never
/// sent.
fn looked_at() -> impl Iterator<Item = &'static RequestOption> {
    OPTIONS
        .iter()
        .filter(|option| !["private", "route"].contains(&option.name))
}

/// The lines that set every row, each with what must be said of it.
fn set_all() -> String {
    let line = |option: &RequestOption| {
        let shown = match serde_json::from_str(option.example).unwrap() {
            Value::String(text) if option.is_setting() => text,
            Value::Array(items) if option.name == "models" => items
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            value => value.to_string(),
        };
        format!(
            "> /set {} {}\n? {}: {shown} (",
            option.name,
            option.typed_example(),
            option.name
        )
    };
    looked_at().map(|option| line(option) + "\n").collect()
}

/// What a request with every row has in it.
fn all_sent() -> String {
    let line = |option: &RequestOption| {
        let name = if option.name == "reasoning_effort" {
            "reasoning.effort"
        } else {
            option.name
        };
        let value: Value = serde_json::from_str(option.example).unwrap();
        // What follows from others comes on top.
        let value = match name {
            "plugins" => {
                r#"[{"id":"response-healing"},{"id":"context-compression","engine":"middle-out"}]"#
                    .to_owned()
            }
            // On a reasoning route the floor holds.
            "max_tokens" => "32768".to_owned(),
            _ => value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        };
        format!("  .{name} {value}\n")
    };
    looked_at().map(line).collect()
}

#[test]
fn every_row_is_set_saved_and_removed() {
    let taken_back: String = looked_at()
        .map(|option| format!("> /set {} off\n? {}: \n", option.name, option.name))
        .collect();
    let absent: String = looked_at()
        .filter(|option| {
            !["max_tokens", "provider.data_collection", "provider.zdr"].contains(&option.name)
        })
        .map(|option| {
            format!(
                "  .{} absent\n",
                if option.name == "reasoning_effort" {
                    "reasoning.effort"
                } else {
                    option.name
                }
            )
        })
        .collect();
    let sent = all_sent();
    let dialogue = format!(
        "terminal 200x50\n$ amx chat --session all\n{set_all}> One.\n< 1\n\
         sent\n  user: One.\n{sent}\
         > /exit\nexit 0\n\
         $ amx chat --session all\n? One.\n> Two.\n< 2\n\
         sent\n  user: One.\n  assistant: 1\n  user: Two.\n{sent}\
         {taken_back}> /set private on\n? private: true (/set)\n> Three.\n< 3\n\
         sent\n  user: One.\n  assistant: 1\n  user: Two.\n  assistant: 2\n  user: Three.\n\
         {absent}  .provider.data_collection deny\n  .provider.zdr true\n  .max_tokens 4096\n\
         > /exit\nexit 0\n",
        set_all = set_all(),
    );
    hold_text("every row", &dialogue);
}

#[test]
fn a_bad_value_stays_at_the_prompt() {
    let bad = |kind: &ValueKind| match kind {
        ValueKind::Bool | ValueKind::Choice(_) => Some("nonsense"),
        ValueKind::Number { .. } | ValueKind::Above { .. } | ValueKind::Integer { .. } => {
            Some("-1e9")
        }
        ValueKind::Object { .. } | ValueKind::Pairs { .. } => Some("[7]"),
        _ => None,
    };
    let refused = OPTIONS
        .iter()
        .filter_map(|option| Some((option, bad(&option.kind)?)));
    let lines: String = refused
        .map(|(option, text)| {
            format!(
                "> /set {} {text}\n? /set {} must be {}\n",
                option.name,
                option.name,
                option.kind.description()
            )
        })
        .collect();
    hold_text(
        "bad values",
        &format!(
            "terminal 200x50\n$ amx chat\n{lines}> One.\n< 1\nsent\n  user: One.\n\
             \x20 .seed absent\n  .provider absent\n  .temperature absent\n> /exit\nexit 0\n"
        ),
    );
}
