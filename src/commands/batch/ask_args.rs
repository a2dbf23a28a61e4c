//! The options of a question, as `amx batch` has them: `-o` is the output there.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::commands::arguments::ask::AskArgs;
use crate::commands::arguments::groups;

/// Options that decide how an answer is shown, which `amx batch` does not do.
const HIDDEN: &[&str] = &[
    "raw",
    "no_stdin",
    "stdin_timeout",
    "show_reasoning",
    "hide_reasoning",
];

/// [`AskArgs`] with `--option` in its long form only.
#[derive(Debug, Default)]
pub(crate) struct BatchAskArgs(pub AskArgs);

impl Args for BatchAskArgs {
    fn augment_args(command: Command) -> Command {
        let command = AskArgs::augment_args(command)
            .mut_arg("options", |arg| arg.short(None).help(OPTION))
            .mut_arg("vars", |_| variables())
            .mut_arg("max_cost", |arg| arg.help(MAX_COST))
            .mut_arg("files", |arg| arg.help("Attach a file to every row"))
            .mut_arg("strict", |arg| arg.help(STRICT));
        HIDDEN.iter().fold(command, |command, name| {
            command.mut_arg(name, |arg| arg.hide(true))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `--var`, which needs no template here.
fn variables() -> Arg {
    Arg::new("vars")
        .long("var")
        .value_name("NAME=VALUE")
        .help("Set a variable for rows without such a column (repeatable)")
        .help_heading(groups::QUESTION)
        .action(ArgAction::Append)
}

const OPTION: &str = "Set a request field, such as provider.sort=price";
const MAX_COST: &str = "Stop before all runs together could cost more";
const STRICT: &str = "Fail if a parameter is not supported or two rows have one ID";

impl FromArgMatches for BatchAskArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        AskArgs::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}
