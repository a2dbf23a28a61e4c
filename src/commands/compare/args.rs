//! The options of `amx compare`, and the targets that they name.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::commands::arguments::ask::AskArgs;
use crate::commands::arguments::groups;
use crate::commands::arguments::settings::model;
use crate::commands::arguments::tools::RefusedToolArgs;

const EXAMPLES: &str = "\
Examples:
  amx compare \"Explain monads\" -m openai/gpt-5-mini -m anthropic/claude-sonnet-5
  amx compare -p work -p local \"hi\"                   each profile's own model
  amx compare -p work -m a/one -m a/two -p local \"hi\"
  git diff | amx compare --json -m a/b -m c/d \"review\" | jq '.[].cost_usd'
  amx compare -p demo -m demo/scripted -m demo/thinking \"hi\"";

/// Send the same prompt to several models in parallel
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    /// The question; '-' reads stdin, piped text is appended
    #[arg(help_heading = groups::QUESTION)]
    pub prompt: Vec<String>,

    #[command(flatten)]
    pub targets: Targets,

    #[command(flatten)]
    pub ask: AskArgs,

    #[command(flatten)]
    pub refused: RefusedToolArgs,

    /// Print a JSON array with one object per answer, in the order given
    #[arg(long, help_heading = groups::OUTPUT)]
    pub json: bool,
}

/// The targets, in the order of the command line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Targets(pub Vec<CompareTarget>);

/// A profile and a model to ask.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct CompareTarget {
    /// `None` for the active profile, where none was named before.
    pub profile: Option<String>,
    /// `None` for the profile's own model.
    pub model: Option<String>,
}

/// An option of the command line.
enum Named {
    Profile(String),
    Model(String),
}

impl Targets {
    /// A profile means its own model, unless models follow it: then it means those.
    fn of(named: impl IntoIterator<Item = Named>) -> Self {
        let mut targets: Vec<CompareTarget> = Vec::new();
        let mut profile = None;
        let mut is_pending = false;
        for named in named {
            match named {
                Named::Profile(name) => {
                    targets.push(CompareTarget {
                        profile: Some(name.clone()),
                        model: None,
                    });
                    (profile, is_pending) = (Some(name), true);
                }
                Named::Model(model) => {
                    if std::mem::take(&mut is_pending) {
                        targets.pop();
                    }
                    targets.push(CompareTarget {
                        profile: profile.clone(),
                        model: Some(model),
                    });
                }
            }
        }
        Self(targets)
    }
}

impl Args for Targets {
    fn augment_args(command: Command) -> Command {
        let model = Arg::new("model")
            .short('m')
            .long("model")
            .value_name("ID")
            .help_heading(groups::MODEL)
            .value_parser(model)
            .action(ArgAction::Append);
        let profile = Arg::new("profile")
            .short('p')
            .long("profile")
            .value_name("NAME")
            .help_heading(groups::MODEL)
            .action(ArgAction::Append);
        command
            .arg(model.help("Model, of the profile named before it or the active one (repeatable)"))
            .arg(
                profile
                    .help("Profile, with its own model or the models named after it (repeatable)"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Targets {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |id: &str| -> Vec<(usize, String)> {
            let values = matches
                .get_many::<String>(id)
                .into_iter()
                .flatten()
                .cloned();
            matches
                .indices_of(id)
                .into_iter()
                .flatten()
                .zip(values)
                .collect()
        };
        let models = given("model")
            .into_iter()
            .map(|(at, model)| (at, Named::Model(model)));
        let profiles = given("profile")
            .into_iter()
            .map(|(at, name)| (at, Named::Profile(name)));
        let mut named: Vec<(usize, Named)> = models.chain(profiles).collect();
        named.sort_by_key(|(at, _)| *at);
        Ok(Self::of(named.into_iter().map(|(_, named)| named)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(words: &str) -> Vec<String> {
        let command = CompareArgs::augment_args(Command::new("compare").no_binary_name(true));
        let matches = command
            .try_get_matches_from(words.split_whitespace())
            .unwrap();
        let targets = Targets::from_arg_matches(&matches).unwrap();
        targets
            .0
            .into_iter()
            .map(|target| {
                format!(
                    "{}/{}",
                    target.profile.unwrap_or_default(),
                    target.model.unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn the_order_of_the_command_line_decides() {
        assert_eq!(targets("-m a -m b why"), ["/a", "/b"]);
        assert_eq!(targets("-p x -p y"), ["x/", "y/"]);
        assert_eq!(targets("-m a -p x -m a"), ["/a", "x/a"]);
        assert_eq!(
            targets("why -p x -m a -m b -p y --model c -p z"),
            ["x/a", "x/b", "y/c", "z/"]
        );
        assert_eq!(targets("-m a -m a"), ["/a", "/a"]);
        assert_eq!(targets("why"), Vec::<String>::new());
    }
}
