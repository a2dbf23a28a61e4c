//! `amx templates show`: settings, variables and text of one template.

use serde_json::{Value, json};

use super::args::ShowArgs;
use super::list::summary;
use crate::config::template::{INPUT, STDIN, Template, folder};
use crate::ports::context::Context;
use crate::ports::error::CommandError;

pub(super) fn run(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let template = folder::load(&context.home()?, &args.name)?;
    if args.json {
        let mut value = summary(&template);
        for (key, setting) in settings_of(&template) {
            value[key] = setting;
        }
        value["body"] = json!(template.body);
        return Ok(context.output.json(&value)?);
    }
    for line in lines(&template) {
        context.output.line(&line)?;
    }
    if template.asks() {
        context.output.line("")?;
        context.output.line(&template.body)?;
    }
    Ok(())
}

/// Path, settings and variables.
fn lines(template: &Template) -> Vec<String> {
    let mut lines = vec![format!("{}   {}", template.name, template.path.display())];
    let settings = settings_of(template);
    for (key, value) in settings.iter().filter(|(_, value)| !value.is_null()) {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        lines.push(format!(
            "{key:<18} {}",
            shown.trim_end().replace('\n', "\n                   ")
        ));
    }
    for variable in template.variables() {
        let source = match (variable.name.as_str(), &variable.default) {
            (_, Some(default)) => format!("= {default}"),
            (INPUT, None) => "the prompt".to_owned(),
            (STDIN, None) => "piped text".to_owned(),
            (_, None) => "required".to_owned(),
        };
        let placeholder = format!("{{{{{}}}}}", variable.name);
        lines.push(format!("{placeholder:<18} {source}"));
    }
    lines
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
