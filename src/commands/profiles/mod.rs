//! `amx profiles`: list, show, choose, rename, test and remove.

mod args;
mod list;
mod remove;
mod rename;
mod show;
mod test;

pub(crate) use show::page;

use args::{NameArgs, NamedArgs, RemoveArgs, RenameArgs};
use clap::Subcommand;

use super::arguments::JsonArgs;
use crate::config::edit::{self, Edit};
use crate::config::{ConfigFile, defaults};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// List profiles and mark the active one
    #[command(after_help = "Example:\n  amx profiles list --json")]
    List(JsonArgs),
    /// Show a profile and the source of every value
    #[command(after_help = "Example:\n  amx profiles show or-claude")]
    Show(NamedArgs),
    /// Make a profile active
    #[command(after_help = "Example:\n  amx profiles use or-claude")]
    Use(NameArgs),
    /// Remove a profile and its key from the keyring
    #[command(after_help = "Example:\n  amx profiles remove or-claude --yes")]
    Remove(RemoveArgs),
    /// Rename a profile, with its key in the keyring
    #[command(after_help = "Example:\n  amx profiles rename or-claude work")]
    Rename(RenameArgs),
    /// Send a one-word request and print how long it took
    #[command(after_help = "Example:\n  amx profiles test or-claude")]
    Test(NamedArgs),
}

pub(crate) fn run(command: ProfilesCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        ProfilesCommand::List(args) => list::run(args.json, context),
        ProfilesCommand::Show(args) => show::run(args, context),
        ProfilesCommand::Use(args) => activate(&args.name, context),
        ProfilesCommand::Remove(args) => remove::run(&args, context),
        ProfilesCommand::Rename(args) => rename::run(&args, context),
        ProfilesCommand::Test(args) => test::run(args, context),
    }
}

fn activate(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    edit::edit(&context.home()?, |config| {
        require(config, name)?;
        let is_active = config.active.as_deref() == Some(name);
        Ok::<_, CommandError>(if is_active {
            Vec::new()
        } else {
            vec![Edit::set(&["active_llm_profile"], name)]
        })
    })?;
    Ok(context
        .output
        .sentence(&format!("✓ Active profile: {name}"))?)
}

/// An error unless config.yml has the profile; the built-in demo always exists.
fn require(config: &ConfigFile, name: &str) -> Result<(), CommandError> {
    if config.profiles.contains_key(name) || name == defaults::DEMO_PROFILE {
        return Ok(());
    }
    Err(config.no_profile(name, "default").into())
}
