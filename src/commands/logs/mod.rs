//! `amx logs`: the destinations to which an OpenRouter account sends its logs (Broadcast).

mod add;
mod args;
mod connect;
mod failure;
mod key;
mod kinds;
mod known;
mod list;
mod named;
mod remove;
mod set;
mod values;

use args::{AddArgs, KeyArgs, KindsArgs, ListArgs, RemoveArgs, SetArgs, ShowArgs};
use clap::Subcommand;

use crate::ports::context::Context;
use crate::ports::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// List the destinations of the account
    #[command(after_help = "Example:\n  amx logs list --json")]
    List(ListArgs),
    /// Show a destination: its settings and its fields, without secrets
    #[command(after_help = "Example:\n  amx logs show production")]
    Show(ShowArgs),
    /// Add a destination
    #[command(after_help = args::ADD_EXAMPLES)]
    Add(AddArgs),
    /// Change a destination; what is not given stays as it is
    #[command(after_help = args::SET_EXAMPLES)]
    Set(SetArgs),
    /// Remove a destination
    #[command(after_help = "Example:\n  amx logs remove production --yes")]
    Remove(RemoveArgs),
    /// List the kinds of destinations and their fields
    #[command(after_help = "Example:\n  amx logs kinds langfuse")]
    Kinds(KindsArgs),
    /// Store the management key of the account in the keyring, or remove it
    #[command(after_help = args::KEY_EXAMPLES)]
    Key(KeyArgs),
}

pub(crate) fn run(command: LogsCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        LogsCommand::List(args) => list::run(&args, context),
        LogsCommand::Show(args) => list::show(&args, context),
        LogsCommand::Add(args) => add::run(&args, context),
        LogsCommand::Set(args) => set::run(&args, context),
        LogsCommand::Remove(args) => remove::run(&args, context),
        LogsCommand::Kinds(args) => kinds::run(&args, context),
        LogsCommand::Key(args) => key::run(&args, context),
    }
}
