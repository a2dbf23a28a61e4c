//! A flag for each row of the table of options: `--top-k 40` for `top_k`, `--provider-sort price`
//! for `provider.sort`.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::config::options::{OPTIONS, RequestOption, ValueKind};

/// Their heading in the long help.
const HEADING: &str = "Request options";

/// Options set by their flags, as text.
#[derive(Debug, Default, Clone)]
pub struct OptionFlags {
    given: Vec<(&'static RequestOption, String)>,
}

impl OptionFlags {
    /// Each option with its text.
    pub fn given(&self) -> impl Iterator<Item = (&'static RequestOption, &str)> {
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
    let name = flag.trim_start_matches('-').to_owned();
    let argument = Arg::new(option.name)
        .long(name)
        .help(option.help())
        .help_heading(HEADING)
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
        ValueKind::Integer { .. } | ValueKind::Number { .. } | ValueKind::Above { .. } => {
            argument.value_name("NUMBER")
        }
        ValueKind::Object { .. } | ValueKind::Pairs { .. } => argument.value_name("JSON"),
        kind if kind.is_list() => argument.value_name("LIST").action(ArgAction::Append),
        _ => argument.value_name("VALUE"),
    }
}

impl Args for OptionFlags {
    fn augment_args(command: Command) -> Command {
        // Building so many takes time: it is done for the command that is run, not at every start.
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
    fn values_are_text_and_lists_are_joined() {
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
