//! What happens: one file per command, and the ports through which a command tells and asks.

pub mod add_llm_profile;
pub mod chat;
pub mod config;
pub mod context;
pub mod error;
pub mod failure;
pub mod generate;
pub mod input;
pub mod interrupt;
pub mod login;
pub mod output;
pub mod profiles;
pub mod server;

pub use context::Context;
pub use error::{CommandError, Kind};

use clap::Subcommand;

/// Every command, in the order of `amx --help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a model: one answer when a prompt or piped text is given
    Chat(Box<chat::ChatArgs>),
    /// Set up a profile: provider, model, and a key that goes to the keyring
    AddLlmProfile(add_llm_profile::AddLlmProfileArgs),
    /// List, inspect, choose, rename, test and remove profiles
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// Log in to OpenRouter with the browser; the key goes to the keyring
    Login(login::LoginArgs),
    /// Look at the configuration, explain it, check it, restore an earlier one
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print the completion script for a shell
    Completions(generate::CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Runs one command.
pub fn run(command: Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        Command::Chat(args) => chat::run(&args, context),
        Command::AddLlmProfile(args) => add_llm_profile::run(args, context),
        Command::Profiles(command) => profiles::run(command, context),
        Command::Login(args) => login::run(&args, context),
        Command::Config(command) => config::run(command, context),
        Command::Completions(args) => context.output.generate(generate::Generated::Completions(args.shell)),
        Command::Man => context.output.generate(generate::Generated::Manual),
    }
}
