//! The options of `amx chat` for one command of the shell.

use clap::Args;

use crate::commands::arguments::groups;

#[derive(Debug, Default, Args)]
pub(crate) struct ExecuteArgs {
    /// Answer with one shell command
    ///
    /// on a terminal, choose whether it runs; elsewhere the command is printed, and never run
    #[arg(
        short,
        long,
        conflicts_with_all = ["schema", "schema_many", "alternatives", "extract", "copy"],
        help_heading = groups::ANSWER
    )]
    pub execute: bool,

    /// Shell of the command, by name or path (default: $SHELL)
    #[arg(
        long,
        value_name = "SHELL",
        requires = "execute",
        help_heading = groups::ANSWER,
        hide_short_help = true
    )]
    pub shell: Option<String>,
}
