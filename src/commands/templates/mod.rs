//! `amx templates`: list, show, create and edit prompt templates.

mod args;
mod create;
mod edit;
mod list;
mod show;

use clap::Subcommand;

use super::arguments::JsonArgs;
use crate::config::template::folder;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use args::{NameArgs, NewArgs, PathArgs, ShowArgs};

const NEW_EXAMPLES: &str = "Examples:
  amx templates new review
  echo 'Translate to {{to}}: {{input}}' | amx templates new translate";

#[derive(Debug, Subcommand)]
pub(crate) enum TemplatesCommand {
    /// List templates and their descriptions
    #[command(after_help = "Example:\n  amx templates list --json")]
    List(JsonArgs),
    /// Print the settings, variables and text of a template
    #[command(after_help = "Example:\n  amx templates show review")]
    Show(ShowArgs),
    /// Edit a template in $VISUAL or $EDITOR and validate it
    #[command(after_help = "Example:\n  EDITOR=nano amx templates edit review")]
    Edit(NameArgs),
    /// Create a template in $VISUAL or $EDITOR, or from stdin
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Print the templates folder, or the path of a template
    #[command(after_help = "Example:\n  ls \"$(amx templates path)\"")]
    Path(PathArgs),
}

pub(crate) fn run(
    command: TemplatesCommand,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match command {
        TemplatesCommand::List(args) => list::run(args.json, context),
        TemplatesCommand::Show(args) => show::run(&args, context),
        TemplatesCommand::Edit(args) => edit::run(&args.name, context),
        TemplatesCommand::New(args) => create::run(&args, context),
        TemplatesCommand::Path(args) => path(args.name.as_deref(), context),
    }
}

fn path(name: Option<&str>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let home = context.home()?;
    let path = match name {
        Some(name) => folder::path_of(&home, name)?,
        None => folder::directory(&home),
    };
    Ok(context.output.line(&path.display().to_string())?)
}
