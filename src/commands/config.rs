//! `amx config`: where it is, what it says, why a value holds, whether it is valid, and an earlier
//! one back.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::arguments::JsonArgs;
use super::arguments::settings::{SettingArgs, model};
use super::editor;
use crate::ask::explain;
use crate::ask::question::Resolved;
use crate::ask::template::ChosenTemplate;
use crate::config::Explained;
use crate::config::{ConfigFile, Overrides, Settings, edit, options};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::Reference;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the path of config.yml
    #[command(after_help = "Example:\n  cat \"$(amx config path)\"")]
    Path,
    /// Print the configuration, without keys
    #[command(after_help = "Example:\n  amx config show --json")]
    Show(JsonArgs),
    /// Print a value, where it came from and what it hides; all of them without KEY
    #[command(after_help = "Example:\n  AMX_MODEL=openai/gpt-5 amx config explain model")]
    Explain(Box<ExplainArgs>),
    /// Check the file; an unknown key is an error here
    #[command(after_help = "Example:\n  amx config validate")]
    Validate,
    /// Open config.yml in $VISUAL or $EDITOR, and check it afterwards
    #[command(after_help = "Example:\n  EDITOR=nano amx config edit")]
    Edit,
    /// Put an earlier version back; 1 is the newest
    #[command(after_help = "Example:\n  amx config restore 2")]
    Restore(RestoreArgs),
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Name of a setting, such as model or base_url
    pub key: Option<String>,
    /// Profile to explain
    #[arg(short, long)]
    pub profile: Option<String>,
    /// As if `chat` were given this model
    #[arg(short, long, value_name = "ID", value_parser = model)]
    pub model: Option<String>,
    #[command(flatten)]
    pub settings: SettingArgs,
    /// As if `chat` were given this template
    #[arg(long, value_name = "NAME|FILE")]
    pub template: Option<String>,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Age of the backup
    #[arg(default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub age: u8,
}

pub fn run(command: ConfigCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        ConfigCommand::Path => {
            let path = context.home()?.config_file();
            Ok(context.output.line(&path.display().to_string())?)
        }
        ConfigCommand::Show(args) => show(args.json, context),
        ConfigCommand::Explain(args) => explain_settings(&args, context),
        ConfigCommand::Validate => validate(context),
        ConfigCommand::Edit => open_editor(context),
        ConfigCommand::Restore(args) => {
            edit::restore(&context.home()?, usize::from(args.age))?;
            Ok(context.output.line(&format!(
                "✓ Restored backup {}; what was there before is backup 1 now",
                args.age
            ))?)
        }
    }
}

fn show(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    hide_plain_keys(&config);
    if as_json {
        let value: Value = serde_json::to_value(config.root()).unwrap_or_default();
        return Ok(context.output.json(&value)?);
    }
    if !config.exists {
        context.output.note(&format!(
            "there is no {} yet: amx add-llm-profile",
            config.path.display()
        ));
    }
    for line in config.text.lines() {
        context.output.line(line)?;
    }
    Ok(())
}

/// The writer replaces what is known to be a secret.
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
            crate::secrets::remember(text);
        }
    }
}

fn explain_settings(args: &ExplainArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let mut overrides = overrides(args)?;
    if let Some(name) = &args.template {
        overrides.template = Some(ChosenTemplate::find(name, &context.equipment)?.layer()?);
    }
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let resolved = Resolved {
        settings: &settings,
        overrides: &overrides,
        config: &config,
    };
    let mut lines = explain::explain(&resolved, &context.equipment)?;
    if let Some(key) = args.key.as_deref().filter(|key| key.contains('.')) {
        let name = key.strip_prefix("body.").unwrap_or(key);
        lines.extend(explain::explain_option(
            name,
            &resolved,
            &context.equipment,
        )?);
    }
    let chosen: Vec<&Explained> = lines
        .iter()
        .filter(|line| args.key.as_deref().is_none_or(|key| is_named(line, key)))
        .collect();
    if let (Some(key), true) = (&args.key, chosen.is_empty()) {
        return Err(no_such_setting(key, &lines));
    }
    if args.json {
        let value: Vec<Value> = chosen.iter().map(|line| explained_json(line)).collect();
        let value = if args.key.is_some() {
            value.into_iter().next().unwrap_or_default()
        } else {
            Value::from(value)
        };
        return Ok(context.output.json(&value)?);
    }
    for line in chosen {
        context
            .output
            .line(&format!("{} = {}", line.key, line.value))?;
        context.output.line(&format!("  from {}", line.source))?;
        for (value, source) in &line.overridden {
            context
                .output
                .line(&format!("  hides {value} ({source})"))?;
        }
    }
    Ok(())
}

/// A field of the body goes by its own name, too.
fn is_named(line: &Explained, key: &str) -> bool {
    line.key == key || line.key.strip_prefix("body.") == Some(key)
}

/// What the flags of `chat` would decide.
fn overrides(args: &ExplainArgs) -> Result<Overrides, CommandError> {
    args.settings
        .overrides(args.profile.clone(), args.model.clone())
}

fn explained_json(line: &Explained) -> Value {
    let hides: Vec<Value> = line
        .overridden
        .iter()
        .map(|(value, source)| json!({"value": value, "source": source}))
        .collect();
    json!({"key": line.key, "value": line.value, "source": line.source, "hides": hides})
}

fn no_such_setting(key: &str, lines: &[Explained]) -> CommandError {
    // Settings that have no value at the moment are known all the same.
    const WITHOUT_VALUE: &[&str] = &[
        "temperature",
        "top_p",
        "system",
        "reasoning_effort",
        "show_reasoning",
        "max_cost.per_request",
        "fallback_models",
        "schema",
        "pdf_engine",
    ];
    if WITHOUT_VALUE.contains(&key) || key.starts_with("body.") || options::table::is_known(key) {
        return CommandError::new(
            ErrorKind::No,
            format!("{key} is not set anywhere; the model's own default applies"),
        )
        .hint("amx config explain");
    }
    let nearest = crate::catalog::nearest::closest(key, lines.iter().map(|line| line.key.as_str()))
        .or_else(|| options::table::near(key));
    let error = CommandError::usage(format!("there is no setting '{}'", key.escape_debug()));
    match nearest {
        Some(nearest) => error.hint(format!("amx config explain {nearest}")),
        None => error.hint("amx config explain"),
    }
}

fn validate(context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = ConfigFile::load(&context.home()?)?;
    if let Some(warning) = config.warnings.first() {
        return Err(CommandError::new(ErrorKind::Config, warning.clone()).hint("amx config edit"));
    }
    for name in config.profiles.keys() {
        let overrides = Overrides {
            profile: Some(name.clone()),
            ..Overrides::default()
        };
        Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    }
    let count = config.profiles.len();
    Ok(context.output.line(&format!(
        "✓ {} is valid ({count} profile{})",
        config.path.display(),
        if count == 1 { "" } else { "s" }
    ))?)
}

fn open_editor(context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal("config edit", "edit the file that `amx config path` names")?;
    let path = context.home()?.config_file();
    edit::touch(&context.home()?)?;
    editor::open(&path, context)?;
    validate(context)
}
