//! `amx templates`: list, show, write and edit the files that questions are put into.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::arguments::JsonArgs;
use super::editor;
use crate::ask::template::ChosenTemplate;
use crate::config::ConfigError;
use crate::config::template::{INPUT, STDIN, Template, Variable, folder};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::StdinKind;

/// Longest silence of a pipe that brings a new template.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What a new template begins as.
const SKELETON: &str = "\
---
# Everything here may be left out. amx templates list shows the description.
description:
# profile: work
# model: anthropic/claude-sonnet-4
# system: You review {{lang}} code.
# temperature: 0.2
# max_tokens: 4096
# reasoning_effort: low
# files: [style.md]
# options: {provider: {sort: price}}
# vars: {lang: rust}
---
{{input}}
";

#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// List the templates, with what they are for
    #[command(after_help = "Example:\n  amx templates list --json")]
    List(JsonArgs),
    /// Print the settings, the variables and the text of a template
    #[command(after_help = "Example:\n  amx templates show review")]
    Show(ShowArgs),
    /// Open a template in $VISUAL or $EDITOR, and check it afterwards
    #[command(after_help = "Example:\n  EDITOR=nano amx templates edit review")]
    Edit(NameArgs),
    /// Write a new template in $VISUAL or $EDITOR, or from stdin
    #[command(
        after_help = "Examples:\n  amx templates new review\n  echo 'Translate to {{language}}: {{input}}' | amx templates new translate"
    )]
    New(NewArgs),
    /// Print the folder of templates, or the path of one
    #[command(after_help = "Example:\n  ls \"$(amx templates path)\"")]
    Path(PathArgs),
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Name of a template, or the path of a file
    pub name: String,
    /// JSON on stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NameArgs {
    /// Name of the template
    pub name: String,
}

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Name of the template
    pub name: String,
    /// Open no editor: write what stdin brings, else a template to begin with
    #[arg(long)]
    pub no_edit: bool,
}

#[derive(Debug, Args)]
pub struct PathArgs {
    /// Name of a template
    pub name: Option<String>,
}

pub fn run(command: TemplatesCommand, context: &mut Context<'_>) -> Result<(), CommandError> {
    match command {
        TemplatesCommand::List(args) => list(args.json, context),
        TemplatesCommand::Show(args) => show(&args, context),
        TemplatesCommand::Edit(args) => edit(&args.name, context),
        TemplatesCommand::New(args) => create(&args, context),
        TemplatesCommand::Path(args) => path(args.name.as_deref(), context),
    }
}

fn list(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let home = context.home()?;
    let found: Vec<(String, Result<Template, ConfigError>)> = folder::names(&home)
        .into_iter()
        .map(|name| (name.clone(), folder::load(&home, &name)))
        .collect();
    if as_json {
        let row = |(name, template): &(String, Result<Template, ConfigError>)| match template {
            Ok(template) => summary(template),
            Err(error) => json!({"name": name, "error": error.to_string()}),
        };
        return Ok(context.output.json(&found.iter().map(row).collect())?);
    }
    if found.is_empty() {
        context
            .output
            .note("there is no template yet: amx templates new NAME");
        return Ok(());
    }
    let about = |template: &Result<Template, ConfigError>| match template {
        Ok(template) => [
            variables_words(template.variables()),
            template.settings.description.clone().unwrap_or_default(),
        ],
        Err(error) => [String::new(), format!("✗ {error}")],
    };
    let rows: Vec<(&str, [String; 2])> = found
        .iter()
        .map(|(name, template)| (name.as_str(), about(template)))
        .collect();
    let name_width = rows
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0)
        .max(4);
    let variables_width = rows
        .iter()
        .map(|(_, [variables, _])| variables.len())
        .max()
        .unwrap_or(0)
        .max(9);
    context.output.line(&format!(
        "{:name_width$}  {:variables_width$}  DESCRIPTION",
        "NAME", "VARIABLES"
    ))?;
    for (name, [variables, description]) in rows {
        context.output.line(
            format!(
                "{name:name_width$}  {variables:variables_width$}  {}",
                description.replace('\n', " ")
            )
            .trim_end(),
        )?;
    }
    Ok(())
}

/// `lang=rust focus`: those with a default show it.
fn variables_words(variables: &[Variable]) -> String {
    let word = |variable: &Variable| match &variable.default {
        Some(default)
            if default.len() <= 12
                && !default.contains(char::is_whitespace)
                && !default.is_empty() =>
        {
            format!("{}={default}", variable.name)
        }
        Some(_) => format!("{}=…", variable.name),
        None => variable.name.clone(),
    };
    variables.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn summary(template: &Template) -> Value {
    let settings = &template.settings;
    let variable = |known: &Variable| json!({"name": known.name, "default": known.default, "needed": known.default.is_none(), "line": known.line});
    json!({
        "name": template.name,
        "path": template.path.display().to_string(),
        "description": settings.description,
        "profile": settings.profile,
        "model": settings.model,
        "variables": template.variables().iter().map(variable).collect::<Vec<_>>(),
    })
}

fn show(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = folder::load(&context.home()?, &args.name)?;
    if args.json {
        let mut value = summary(&template);
        for (key, setting) in settings_of(&template) {
            value[key] = setting;
        }
        value["body"] = json!(template.body);
        return Ok(context.output.json(&value)?);
    }
    context
        .output
        .line(&format!("{}   {}", template.name, template.path.display()))?;
    for (key, value) in settings_of(&template)
        .into_iter()
        .filter(|(_, value)| !value.is_null())
    {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        context.output.line(&format!(
            "{key:<18} {}",
            shown.trim_end().replace('\n', "\n                   ")
        ))?;
    }
    for variable in template.variables() {
        let how = match (variable.name.as_str(), &variable.default) {
            (_, Some(default)) => format!("= {default}"),
            (INPUT, None) => "the prompt".to_owned(),
            (STDIN, None) => "piped text".to_owned(),
            (_, None) => "needed".to_owned(),
        };
        context.output.line(&format!(
            "{:<18} {how}",
            format!("{{{{{}}}}}", variable.name)
        ))?;
    }
    if template.asks() {
        context.output.line("")?;
        context.output.line(&template.body)?;
    }
    Ok(())
}

/// The front matter without its variables, in the order of the documentation.
fn settings_of(template: &Template) -> Vec<(&'static str, Value)> {
    let settings = &template.settings;
    let options: serde_json::Map<String, Value> = settings.options.iter().cloned().collect();
    vec![
        ("description", json!(settings.description)),
        ("profile", json!(settings.profile)),
        ("model", json!(settings.model)),
        ("system", json!(settings.system)),
        ("temperature", json!(settings.generation.temperature)),
        ("top_p", json!(settings.generation.top_p)),
        ("max_tokens", json!(settings.generation.max_tokens)),
        ("reasoning_effort", json!(settings.generation.effort)),
        ("schema", json!(settings.schema)),
        (
            "files",
            json!(Some(&settings.files).filter(|files| !files.is_empty())),
        ),
        (
            "options",
            json!(Some(options).filter(|options| !options.is_empty())),
        ),
    ]
}

fn edit(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal(
        "templates edit",
        &format!("edit the file that `amx templates path {name}` names"),
    )?;
    let path = folder::existing(&context.home()?, name)?;
    editor::open(&path, context)?;
    validate(name, context)
}

/// Says that a template can be used, or what is wrong with it.
fn validate(name: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let chosen = ChosenTemplate::find(name, &context.equipment)?;
    chosen.layer()?;
    let count = chosen.template.variables().len();
    let words = format!(
        "✓ {} is valid ({count} variable{})",
        chosen.template.path.display(),
        if count == 1 { "" } else { "s" }
    );
    Ok(context.output.line(&words)?)
}

fn create(args: &NewArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (home, name) = (context.home()?, args.name.as_str());
    let path = folder::path_of(&home, name).map_err(|error| {
        CommandError::usage(CommandError::from(error).message).hint("amx templates new review")
    })?;
    if path.symlink_metadata().is_ok() {
        return Err(
            CommandError::usage(format!("there is a template '{name}' already"))
                .hint(format!("amx templates edit {name}")),
        );
    }
    let is_piped = context.input.stdin_kind() == StdinKind::Piped;
    if is_piped || args.no_edit {
        let text = if is_piped {
            piped(context)?
        } else {
            SKELETON.to_owned()
        };
        // What cannot be used is not written.
        Template::parse(name, &path, &text).map_err(|error| {
            CommandError {
                kind: ErrorKind::Input,
                hints: Vec::new(),
                ..CommandError::from(error)
            }
            .hint("correct the text, then run the command again")
        })?;
        folder::create(&home, name, &text)?;
        return validate(name, context);
    }
    context.require_terminal(
        "templates new",
        &format!("echo 'Explain {{{{input}}}}' | amx templates new {name}"),
    )?;
    let path = folder::create(&home, name, SKELETON)?;
    let edited = editor::open(&path, context);
    let is_untouched = std::fs::read_to_string(&path).is_ok_and(|text| text == SKELETON);
    if is_untouched {
        // Nobody wrote anything into it.
        let _ = std::fs::remove_file(&path);
    }
    edited?;
    if is_untouched {
        return Err(
            CommandError::new(ErrorKind::No, "nothing was changed, and nothing is kept")
                .hint(format!("amx templates new {name} --no-edit")),
        );
    }
    validate(name, context)
}

fn piped(context: &mut Context<'_>) -> Result<String, CommandError> {
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(PATIENCE, &mut || {
        output.say("note: waiting for stdin: it is open and silent");
    })?;
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0') && !text.trim().is_empty());
    text.ok_or_else(|| {
        CommandError::new(ErrorKind::Input, "stdin brought no text")
            .hint("echo 'Explain {{input}}' | amx templates new NAME")
    })
}

fn path(name: Option<&str>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let home = context.home()?;
    let path = match name {
        Some(name) => folder::path_of(&home, name)?,
        None => folder::directory(&home),
    };
    Ok(context.output.line(&path.display().to_string())?)
}
