//! `amx mcp`: the servers of the Model Context Protocol, whose tools a model may call.

mod add;
mod args;
mod import;
mod list;
mod login;
mod named;
mod remove;
mod states;
mod target;
mod test;
mod token;
mod write;

pub(crate) use states::show_states;

use args::{AddArgs, ImportArgs, LoginArgs, LogoutArgs, RemoveArgs, TestArgs};
use clap::Subcommand;

use super::arguments::JsonArgs;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// List the servers of config.yml
    #[command(after_help = "Example:\n  amx mcp list --json")]
    List(JsonArgs),
    /// Add a server: a command that starts it, or a URL
    #[command(after_help = args::ADD_EXAMPLES)]
    Add(Box<AddArgs>),
    /// Import the servers of Claude Code, Claude Desktop, Cursor, VS Code, Zed, gemini-cli or Codex
    #[command(after_help = args::IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// Start a server, or all of them, and list the tools
    #[command(after_help = "Example:\n  amx mcp test github")]
    Test(TestArgs),
    /// Remove a server and its secrets in the keyring
    #[command(after_help = "Example:\n  amx mcp remove github --yes")]
    Remove(RemoveArgs),
    /// Log in to a server with the browser (OAuth)
    #[command(after_help = args::LOGIN_EXAMPLES)]
    Login(LoginArgs),
    /// Remove the token of a server from the keyring, and revoke it
    #[command(after_help = "Example:\n  amx mcp logout docs")]
    Logout(LogoutArgs),
}

pub(crate) fn run(command: McpCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        McpCommand::List(args) => list::run(args.json, context),
        McpCommand::Add(args) => add::run(*args, context),
        McpCommand::Import(args) => import::run(&args, context),
        McpCommand::Test(args) => test::run(&args, context),
        McpCommand::Remove(args) => remove::run(&args, context),
        McpCommand::Login(args) => login::log_in(&args, context),
        McpCommand::Logout(args) => login::log_out(&args, context),
    }
}
