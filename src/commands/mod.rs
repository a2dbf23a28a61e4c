//! The verbs of the command line, one module each, and what several of them share.

pub(crate) mod add_llm_profile;
mod alternatives_list;
mod answer_screen;
mod approval;
pub(crate) mod arguments;
pub(crate) mod batch;
mod browser;
pub(crate) mod candidates;
pub(crate) mod chat;
mod chat_setup;
pub(crate) mod compare;
pub(crate) mod config;
pub(crate) mod conversation;
pub(crate) mod doctor;
mod editor;
pub(crate) mod embed;
pub(crate) mod generate;
pub(crate) mod image;
mod key_origin;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod logs;
pub(crate) mod mcp;
mod model_picker;
mod model_table;
pub(crate) mod models;
mod output_file;
pub(crate) mod profiles;
mod question;
mod recording;
pub(crate) mod rerank;
pub(crate) mod serve;
mod session_picker;
mod session_store;
pub(crate) mod sessions;
mod setup;
pub(crate) mod templates;
mod text_inputs;
mod texts_setup;
pub(crate) mod tools;
pub(crate) mod usage;
mod user_shell;

use crate::ports::{CommandError, Context};
use clap::Subcommand;

/// Every command, in the order of `amx --help`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a question, or start a conversation when no prompt is given
    Chat(Box<chat::ChatArgs>),
    /// Send a prompt to several models in parallel and compare the answers
    Compare(Box<compare::CompareArgs>),
    /// Ask each row of a file once, and resume a stopped job
    Batch(Box<batch::BatchArgs>),
    /// Turn texts into vectors
    Embed(Box<embed::EmbedArgs>),
    /// Sort documents by their relevance to a query
    Rerank(Box<rerank::RerankArgs>),
    /// Make images from a prompt, and save them
    Image(Box<image::ImageArgs>),
    /// Set up a profile: provider, model and key
    AddLlmProfile(add_llm_profile::AddLlmProfileArgs),
    /// List, show, select, rename, test and remove profiles
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// List and search models, their features and prices
    Models(Box<models::ModelsArgs>),
    /// List, add, import and remove MCP servers and their tools
    #[command(subcommand)]
    Mcp(mcp::McpCommand),
    /// Log in to OpenRouter with the browser
    Login(login::LoginArgs),
    /// Remove the key of a profile from the keyring
    Logout(logout::LogoutArgs),
    /// Diagnose problems and suggest fixes
    Doctor(doctor::DoctorArgs),
    /// List, show, search, export, rename and delete saved conversations
    #[command(subcommand)]
    Sessions(sessions::SessionsCommand),
    /// List, show, create and edit prompt templates
    #[command(subcommand)]
    Templates(templates::TemplatesCommand),
    /// List and run tools, and show approvals and the log of calls
    #[command(subcommand)]
    Tools(tools::ToolsCommand),
    /// Show spending by day, model or profile, and the remaining credit
    Usage(usage::UsageArgs),
    /// Manage the log destinations of an OpenRouter account
    #[command(subcommand)]
    Logs(logs::LogsCommand),
    /// Serve the profiles to programs that speak the API of OpenAI or Anthropic
    Serve(Box<serve::args::ServeArgs>),
    /// Show, explain, validate, edit or restore the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print the completion script for a shell
    Completions(generate::CompletionsArgs),
    /// Print a key binding: Alt-E replaces the line by a suggested command
    ShellInit(generate::ShellInitArgs),
    /// Print a manual page, or write all of them
    Man(generate::ManArgs),
}

impl Command {
    /// The profile of `--profile`, of commands that ask or describe one.
    fn profile(&self) -> Option<String> {
        let named = match self {
            Self::Chat(args) => &args.model.profile,
            Self::Batch(args) => &args.model.profile,
            Self::Embed(args) => &args.ask.profile,
            Self::Rerank(args) => &args.ask.profile,
            Self::Image(args) => &args.profile,
            Self::Models(args) => &args.list.profile,
            _ => &None,
        };
        named.clone()
    }
}

/// Runs one command. The hints of its error name the profile of `--profile`, unless that is the
/// active one.
///
/// # Errors
/// Why it failed.
pub(crate) fn run(command: Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    let profile = command.profile();
    let outcome = dispatch(command, context);
    let mut is_active = |name: &String| {
        let config = context.config();
        config.is_ok_and(|config| config.active.as_ref() == Some(name))
    };
    match (outcome, profile) {
        (Err(error), Some(name)) if !error.is_quiet() && !is_active(&name) => {
            Err(about_profile(error, &name))
        }
        (outcome, _) => outcome,
    }
}

/// The command of hints that shows where a setting comes from.
const EXPLAIN: &str = "amx config explain";

/// The error with the profile in its hints: without it they show the settings of the active one.
fn about_profile(error: CommandError, profile: &str) -> CommandError {
    let mut error = error.with_default_hint();
    for hint in &mut error.hints {
        if let Some(at) = hint.find(EXPLAIN).filter(|_| !hint.contains(" -p ")) {
            let end = at + EXPLAIN.len();
            let setting = hint[end..].strip_prefix(' ').map_or(0, |rest| {
                let is_other = |c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c));
                rest.find(is_other).unwrap_or(rest.len())
            });
            let end = end + setting + usize::from(setting > 0);
            hint.insert_str(end, &format!(" -p {profile}"));
        }
    }
    error
}

fn dispatch(command: Command, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        Command::Chat(args) => chat::run(&args, context),
        Command::Compare(args) => compare::run(&args, context),
        Command::Batch(args) => batch::run(&args, context),
        Command::Embed(args) => embed::run(&args, context),
        Command::Rerank(args) => rerank::run(&args, context),
        Command::Image(args) => image::run(&args, context),
        Command::AddLlmProfile(args) => add_llm_profile::run(args, context),
        Command::Profiles(command) => profiles::run(command, context),
        Command::Models(args) => models::run(&args, context),
        Command::Mcp(command) => mcp::run(command, context),
        Command::Login(args) => login::run(&args, context),
        Command::Logout(args) => logout::run(&args, context),
        Command::Doctor(args) => doctor::run(&args, context),
        Command::Sessions(command) => sessions::run(command, context),
        Command::Templates(command) => templates::run(command, context),
        Command::Tools(command) => tools::run(command, context),
        Command::Usage(args) => usage::run(args, context),
        Command::Logs(command) => logs::run(command, context),
        Command::Serve(args) => serve::run(&args, context),
        Command::Config(command) => config::run(command, context),
        Command::Completions(args) => context.output.generate(args.wanted()),
        Command::ShellInit(args) => context.output.generate(args.wanted()),
        Command::Man(args) => context.output.generate(args.wanted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_explain_the_profile_that_was_asked() {
        for (hint, expected) in [
            (
                "amx config explain base_url",
                "amx config explain base_url -p w",
            ),
            ("amx config explain", "amx config explain -p w"),
            (
                "amx config explain api_key   (shows where the key comes from)",
                "amx config explain api_key -p w   (shows where the key comes from)",
            ),
            (
                "check base_url (amx config explain base_url)",
                "check base_url (amx config explain base_url -p w)",
            ),
            (
                "amx config explain model -m MODEL",
                "amx config explain model -p w -m MODEL",
            ),
            (
                "amx config explain api_key -p x",
                "amx config explain api_key -p x",
            ),
            ("amx doctor", "amx doctor"),
        ] {
            let error = about_profile(CommandError::usage("x").hint(hint), "w");
            assert_eq!(error.hints, [expected]);
        }
    }
}
