//! A flag for each row of the table of options: `--top-k 40` for `top_k`, `--provider-sort price`
//! for `provider.sort`.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::groups;
use crate::chat::reasoning::Effort;
use crate::config::options::{OPTIONS, RequestOption, ValueKind};

/// Options given by flags, as text.
#[derive(Debug, Default, Clone)]
pub(crate) struct OptionFlags {
    given: Vec<(&'static RequestOption, String)>,
}

impl OptionFlags {
    /// Each option with its value.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static RequestOption, &str)> {
        self.given
            .iter()
            .map(|(option, text)| (*option, text.as_str()))
    }
}

/// The options whose flags are generated here.
fn flagged() -> impl Iterator<Item = &'static RequestOption> {
    OPTIONS.iter().filter(|option| !option.is_setting())
}

fn argument(option: &'static RequestOption) -> Arg {
    let flag = option.flag();
    let argument = Arg::new(option.name)
        .long(flag.trim_start_matches('-').to_owned())
        .help(help(option))
        .help_heading(groups::of_request_option(option.name))
        .hide_short_help(true)
        .allow_hyphen_values(true);
    match option.kind {
        // On without a value. A value needs its `=`, or the prompt would be parsed as one.
        ValueKind::Bool => argument
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .allow_hyphen_values(false),
        kind if kind.is_list() => argument.value_name("LIST").action(ArgAction::Append),
        kind => argument.value_name(value_name(&kind)),
    }
}

/// The kind of value, in one word.
fn value_name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Number { .. } | ValueKind::Above { .. } | ValueKind::Integer { .. } => "NUMBER",
        ValueKind::Object { .. } | ValueKind::Pairs { .. } => "JSON",
        ValueKind::Choice(_) | ValueKind::OpenChoice(_) | ValueKind::Effort => "WORD",
        ValueKind::Either(kinds) => kinds.first().map_or("VALUE", value_name),
        ValueKind::Text { .. } | ValueKind::Bool | ValueKind::List { .. } => "TEXT",
    }
}

/// The meaning, with the words or the range of the value, or an example of JSON.
pub(crate) fn help(option: &RequestOption) -> String {
    let meaning = capitalised(&option.meaning.replace('`', ""));
    let values = values(&option.kind);
    if meaning.eq_ignore_ascii_case(&option.name.replace('_', " ")) {
        return format!("[{values}]");
    }
    if !values.is_empty() {
        return format!("{meaning} [{values}]");
    }
    if value_name(&option.kind) == "JSON" && !meaning.contains('{') {
        return format!("{meaning}, e.g. '{}'", option.typed_example());
    }
    meaning
}

/// `low, medium, high` or `-2 to 2`; empty where nothing short says it.
fn values(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Number { least, most } | ValueKind::Above { floor: least, most }
            if most.is_finite() =>
        {
            format!("{least} to {most}")
        }
        ValueKind::Integer { least, most } if *most < i64::from(u32::MAX) => {
            format!("{least} to {most}")
        }
        ValueKind::Choice(words) | ValueKind::OpenChoice(words) => words.join(", "),
        ValueKind::Effort => Effort::ALL.map(Effort::as_str).join(", "),
        ValueKind::List { item, .. } => values(item),
        ValueKind::Either(kinds) => kinds.first().map(values).unwrap_or_default(),
        _ => String::new(),
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

impl Args for OptionFlags {
    fn augment_args(command: Command) -> Command {
        // Sixty of them take time: they are made only for the command that is run.
        command.defer(|command| {
            flagged().fold(command, |command, option| command.arg(argument(option)))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for OptionFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for option in flagged() {
            let texts: Vec<&String> = matches
                .try_get_many::<String>(option.name)
                .ok()
                .flatten()
                .into_iter()
                .flatten()
                .collect();
            if texts.is_empty() {
                continue;
            }
            self.given.retain(|(other, _)| other.name != option.name);
            self.given.push((option, joined(option, &texts)));
        }
        Ok(())
    }
}

/// Joins the items of a list that was given by several flags.
fn joined(option: &RequestOption, texts: &[&String]) -> String {
    let [only] = texts else {
        let items = texts.iter().map(|text| {
            option
                .kind
                .read(text)
                .unwrap_or_else(|| serde_json::Value::from(text.as_str()))
        });
        let flat = items.flat_map(|value| {
            if let serde_json::Value::Array(items) = value {
                items
            } else {
                vec![value]
            }
        });
        return flat.collect::<serde_json::Value>().to_string();
    };
    (*only).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Vec<(String, String)> {
        let command =
            OptionFlags::augment_args(Command::new("chat").arg(Arg::new("prompt").num_args(0..)));
        let matches = command
            .try_get_matches_from(["chat"].iter().chain(arguments))
            .unwrap();
        OptionFlags::from_arg_matches(&matches)
            .unwrap()
            .given()
            .map(|(option, text)| (option.name.to_owned(), text.to_owned()))
            .collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn every_row_has_a_flag() {
        OptionFlags::augment_args(Command::new("chat")).debug_assert();
        assert_eq!(
            flagged().count() + OPTIONS.iter().filter(|option| option.is_setting()).count(),
            OPTIONS.len()
        );
    }

    #[test]
    fn kinds_of_values_are_short() {
        let shown = |name: &str| {
            let option = OPTIONS.iter().find(|option| option.name == name).unwrap();
            let argument = argument(option);
            let names = argument.get_value_names().unwrap_or_default().concat();
            format!("{names} {}", argument.get_help().unwrap())
        };
        for (name, kind, values) in [
            (
                "provider.sort",
                "WORD ",
                " [price, throughput, latency, exacto]",
            ),
            ("frequency_penalty", "NUMBER ", " [-2 to 2]"),
            ("stop", "LIST ", ""),
            ("metadata", "JSON ", "{\"team\":\"a\"}'"),
        ] {
            let shown = shown(name);
            assert!(
                shown.starts_with(kind) && shown.ends_with(values),
                "{shown}"
            );
        }
    }

    #[test]
    fn values_are_taken_as_text_and_lists_piece_by_piece() {
        assert_eq!(
            given(&["--top-k", "40", "--frequency-penalty", "-1.5"]),
            [pair("top_k", "40"), pair("frequency_penalty", "-1.5")]
        );
        assert_eq!(given(&["--stop", "END"]), [pair("stop", "END")]);
        assert_eq!(
            given(&["--stop", "END", "--stop", "a,b"]),
            [pair("stop", r#"["END","a","b"]"#)]
        );
        assert_eq!(
            given(&[
                "--plugins",
                r#"{"id":"web"}"#,
                "--plugins",
                r#"[{"id":"x"}]"#
            ]),
            [pair("plugins", r#"[{"id":"web"},{"id":"x"}]"#)]
        );
        assert_eq!(given(&["--private", "hello"]), [pair("private", "true")]);
        assert_eq!(
            given(&["--provider-allow-fallbacks=false", "hello"]),
            [pair("provider.allow_fallbacks", "false")]
        );
    }
}
