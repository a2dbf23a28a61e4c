//! What happens: one file per command, and the ports through which a command tells and asks.

pub mod add_llm_profile;
mod alternatives_list;
mod answer_screen;
mod arguments;
pub mod candidates;
pub mod chat;
mod chat_setup;
pub mod compare;
pub mod config;
pub mod conversation;
pub mod doctor;
mod editor;
pub mod generate;
mod key_origin;
pub mod login;
pub mod logout;
mod model_picker;
pub mod models;
pub mod profiles;
mod question;
mod recording;
pub mod sessions;
pub mod templates;
pub mod usage;

use crate::ports::generated::Generated;
use crate::ports::{CommandError, Context};
use clap::Subcommand;

/// Every command, in the order of `amx --help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a model: one answer when a prompt or piped text is given
    Chat(Box<chat::ChatArgs>),
    /// Ask several models or profiles the same at once, and see the answers beside each other
    Compare(Box<compare::CompareArgs>),
    /// Set up a profile: provider, model, and a key that goes to the keyring
    AddLlmProfile(add_llm_profile::AddLlmProfileArgs),
    /// List, inspect, choose, rename, test and remove profiles
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// List and search the models of a provider, with what they can do and cost
    Models(Box<models::ModelsArgs>),
    /// Log in to OpenRouter with the browser; the key goes to the keyring
    Login(login::LoginArgs),
    /// Take the key of a profile out of the keyring
    Logout(logout::LogoutArgs),
    /// Find what is wrong, and what to type about it
    Doctor(doctor::DoctorArgs),
    /// List, read, search, export, rename and delete what was kept of conversations
    #[command(subcommand)]
    Sessions(sessions::SessionsCommand),
    /// List, show, write and edit templates: questions with variables and settings
    #[command(subcommand)]
    Templates(templates::TemplatesCommand),
    /// Show what was spent, by day, model or profile, and what the account may still spend
    Usage(usage::UsageArgs),
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
        Command::Compare(args) => compare::run(&args, context),
        Command::AddLlmProfile(args) => add_llm_profile::run(args, context),
        Command::Profiles(command) => profiles::run(command, context),
        Command::Models(args) => models::run(&args, context),
        Command::Login(args) => login::run(&args, context),
        Command::Logout(args) => logout::run(&args, context),
        Command::Doctor(args) => doctor::run(&args, context),
        Command::Sessions(command) => sessions::run(command, context),
        Command::Templates(command) => templates::run(command, context),
        Command::Usage(args) => usage::run(args, context),
        Command::Config(command) => config::run(command, context),
        Command::Completions(args) => context.output.generate(args.wanted()),
        Command::Man => context.output.generate(Generated::Manual),
    }
}
