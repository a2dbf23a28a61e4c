//! The four settings that every provider supports, in every place that sets them: one range, one
//! wording of a bad value, and exit 2 on the command line, exit 3 in files and environment.

use serde_json::{Value, json};

use crate::support::outcome::Outcome;
use crate::support::sandbox::Sandbox;

/// A setting: its flag, values that are accepted with what `config explain` shows, values that are
/// out of range or of the wrong type, and what they must be.
struct Row {
    name: &'static str,
    flag: &'static str,
    good: &'static [(&'static str, &'static str)],
    bad: &'static [&'static str],
    must_be: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        name: "temperature",
        flag: "--temperature",
        good: &[("0", "0"), ("0.7", "0.7"), ("2", "2")],
        bad: &["-0.1", "2.5", "warm"],
        must_be: "must be a number from 0 to 2",
    },
    Row {
        name: "top_p",
        flag: "--top-p",
        good: &[("0", "0"), ("0.9", "0.9"), ("1", "1")],
        bad: &["-0.1", "1.5", "most"],
        must_be: "must be a number from 0 to 1",
    },
    Row {
        name: "max_tokens",
        flag: "--max-tokens",
        good: &[("1", "1"), ("512", "512"), ("65536", "65536")],
        bad: &["0", "-5", "1.5", "4294967296", "many"],
        must_be: "must be a whole number, 1 or more",
    },
    Row {
        name: "reasoning_effort",
        flag: "--reasoning-effort",
        good: &[("none", "none"), ("HIGH", "high"), (" Low ", "low")],
        bad: &["huge", "7", ""],
        must_be: "must be one of none, minimal, low, medium, high, xhigh, max",
    },
];

/// A place that sets one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Flag,
    Option,
    ModelFlag,
    ModelVariable,
    Variable,
    Profile,
    ProfileBody,
    ProfileModel,
    FrontMatter,
    FrontMatterOptions,
}

const PLACES: &[Place] = &[
    Place::Flag,
    Place::Option,
    Place::ModelFlag,
    Place::ModelVariable,
    Place::Variable,
    Place::Profile,
    Place::ProfileBody,
    Place::ProfileModel,
    Place::FrontMatter,
    Place::FrontMatterOptions,
];

impl Place {
    fn exit_code(self) -> i32 {
        match self {
            Self::Flag | Self::Option | Self::ModelFlag => 2,
            _ => 3,
        }
    }

    /// `config explain` of the setting, with the value in this place.
    fn explain(self, row: &Row, text: &str) -> Outcome {
        // In a file the value has the type that it looks like.
        let value = text.parse().ok().map_or(json!(text), Value::Number);
        let in_model = format!("a/b?{}={}", row.name, text.replace(' ', "%20"));
        let mut profile = json!({"model": "a/b"});
        let mut template = json!({});
        let mut arguments = vec![
            "config".to_owned(),
            "explain".to_owned(),
            row.name.to_owned(),
        ];
        let mut sandbox = Sandbox::new();
        match self {
            Self::Flag => arguments.push(format!("{}={text}", row.flag)),
            Self::Option => arguments.extend(["-o".to_owned(), format!("{}={text}", row.name)]),
            Self::ModelFlag => arguments.extend(["-m".to_owned(), in_model]),
            Self::ModelVariable => sandbox = sandbox.env("AMX_MODEL", in_model),
            Self::Variable => sandbox = sandbox.env("AMX_REASONING_EFFORT", text),
            Self::Profile => profile[row.name] = value,
            Self::ProfileBody => profile["openrouter"] = json!({row.name: value}),
            Self::ProfileModel => profile["model"] = json!(in_model),
            Self::FrontMatter => template[row.name] = value,
            Self::FrontMatterOptions => template["options"] = json!({row.name: value}),
        }
        if matches!(self, Self::FrontMatter | Self::FrontMatterOptions) {
            arguments.extend(["--template".to_owned(), "t".to_owned()]);
        }
        let sandbox = sandbox.config(json!({"llm_profiles": {"p": profile}}).to_string());
        std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
        sandbox
            .file(
                ".amx/templates/t.md",
                format!("---\n{template}\n---\nx\n").as_bytes(),
            )
            .run(arguments)
    }
}

/// The cases of the table. Only the effort has a variable, and an empty one is unset.
fn cases() -> impl Iterator<Item = (&'static Row, Place)> {
    ROWS.iter()
        .flat_map(|row| PLACES.iter().map(move |place| (row, *place)))
        .filter(|(row, place)| *place != Place::Variable || row.name == "reasoning_effort")
}

#[test]
fn a_good_value_is_accepted_in_every_place() {
    for (row, place) in cases() {
        for (text, shown) in row.good {
            let outcome = place.explain(row, text);
            outcome.assert_code(0);
            let line = format!("{} = {shown}\n", row.name);
            assert!(
                outcome.stdout().starts_with(&line),
                "{place:?} {text}: {outcome}"
            );
        }
    }
}

#[test]
fn a_bad_value_has_one_wording_and_the_exit_code_of_its_place() {
    for (row, place) in cases() {
        for text in row.bad {
            if text.is_empty() && place == Place::Variable {
                continue;
            }
            let outcome = place.explain(row, text);
            outcome.assert_failure(place.exit_code());
            outcome.assert_stdout("");
            assert!(
                outcome.stderr().contains(row.must_be),
                "{} {place:?} {text}: {outcome}",
                row.name
            );
        }
    }
}
