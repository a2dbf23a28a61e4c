//! `amx config`: show, explain, validate, edit and restore the configuration.

mod args;
mod explain;
mod json;
mod validate;

use args::{ExplainArgs, RestoreArgs};
use clap::Subcommand;

use super::arguments::JsonArgs;
use super::editor;
use crate::config::backups::Previous;
use crate::config::home::user_home;
use crate::config::{ConfigFile, edit};
use crate::platform::paths::shown_below;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Line;
use crate::secrets::Reference;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the path of config.yml
    #[command(after_help = "Example:\n  cat \"$(amx config path)\"")]
    Path,
    /// Print the configuration, without keys
    #[command(after_help = "Example:\n  amx config show --json")]
    Show(JsonArgs),
    /// Print settings, their sources and what they override
    #[command(after_help = "Example:\n  AMX_MODEL=openai/gpt-5 amx config explain model")]
    Explain(Box<ExplainArgs>),
    /// Validate config.yml; unknown settings are errors here
    #[command(after_help = "Example:\n  amx config validate")]
    Validate,
    /// Edit config.yml in $VISUAL or $EDITOR and validate it
    #[command(after_help = "Example:\n  EDITOR=nano amx config edit")]
    Edit,
    /// Restore an earlier version of config.yml
    #[command(after_help = "Example:\n  amx config restore 2")]
    Restore(RestoreArgs),
}

pub(crate) fn run(command: ConfigCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        ConfigCommand::Path => {
            let path = context.home()?.config_file();
            Ok(context.output.line(&path.display().to_string())?)
        }
        ConfigCommand::Show(args) => show(args.json, context),
        ConfigCommand::Explain(args) => explain::run(&args, context),
        ConfigCommand::Validate => validate::run(context),
        ConfigCommand::Edit => open_editor(context),
        ConfigCommand::Restore(args) => restore(usize::from(args.age), context),
    }
}

fn restore(age: usize, context: &mut Context<'_>) -> Result<(), CommandError> {
    let restored = edit::restore(&context.home()?, age)?;
    for setting in &restored.missing {
        context.output.warning(&format!(
            "{setting} has no value: its secret is not in the backup; set it with: amx config edit"
        ));
    }
    let previous = match restored.previous {
        Previous::None => String::new(),
        Previous::Backup => "; the previous version is now backup 1".to_owned(),
        Previous::Aside(path) => {
            let path = shown_below(user_home().as_deref(), &path);
            format!("; the previous version could not be read and is now {path}")
        }
    };
    Ok(context
        .output
        .sentence(&format!("✓ Restored backup {age}{previous}"))?)
}

fn show(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    hide_plain_keys(&config);
    if as_json {
        return Ok(context.output.json(&json::of(config.root()))?);
    }
    if !config.exists {
        validate::note_missing(&config, context);
    }
    Ok(context
        .output
        .page(&config.shown_text().lines().map(Line::verbatim).collect())?)
}

/// Registers keys in plain text as secrets, which the writer redacts.
fn hide_plain_keys(config: &ConfigFile) {
    for (name, value) in config
        .profiles
        .values()
        .filter_map(|profile| profile.headers.as_ref())
        .flatten()
    {
        crate::ask::connection::remember_secret(name, value);
    }
    for text in config
        .profiles
        .values()
        .filter_map(|profile| profile.api_key.as_deref())
    {
        if Reference::parse(text).is_ok_and(|reference| reference.is_plain()) {
            crate::wire::api_key::remember(text);
        }
    }
}

fn open_editor(context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal("config edit", "edit the file that `amx config path` names")?;
    let path = context.home()?.config_file();
    let home = context.home()?;
    edit::touch(&home)?;
    // A file that cannot be read is about to be corrected: it has no backup.
    let before = ConfigFile::load_for_edit(&home).ok();
    let edited = editor::open(&path, context);
    if let Some(before) = before {
        edit::back_up_changed(&home, &before)?;
    }
    edited?;
    validate::run(context)
}
