//! `amx templates show`: settings, variables and text of one template.

use serde_json::{Value, json};

use super::args::ShowArgs;
use super::list::summary;
use crate::config::template::{INPUT, STDIN, Template, folder};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::{Line, Page, Role};

/// Columns of a term.
const TERM_WIDTH: usize = 18;

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
    let mut page: Page = lines(&template).into_iter().collect();
    if template.asks() {
        page.gap();
        page.lines(template.body.lines().map(Line::verbatim));
    }
    Ok(context.output.page(&page)?)
}

/// Path, settings and variables.
fn lines(template: &Template) -> Vec<Line> {
    let mut lines = vec![
        Line::of(Role::Strong, template.name.as_str())
            .with(Role::Dim, format!("   {}", template.path.display()))
            .hanging(2),
    ];
    let settings = settings_of(template);
    for (key, value) in settings.iter().filter(|(_, value)| !value.is_null()) {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let mut term = *key;
        for line in shown.trim_end().lines() {
            lines.push(term_line(term, line));
            term = "";
        }
    }
    for variable in template.variables() {
        let source = match (variable.name.as_str(), &variable.default) {
            (_, Some(default)) => format!("= {default}"),
            (INPUT, None) => "the prompt".to_owned(),
            (STDIN, None) => "piped text".to_owned(),
            (_, None) => "required".to_owned(),
        };
        lines.push(term_line(&format!("{{{{{}}}}}", variable.name), &source));
    }
    lines
}

/// A term, and a line of its value.
fn term_line(term: &str, value: &str) -> Line {
    Line::of(Role::Strong, format!("{term:<TERM_WIDTH$} "))
        .and(value)
        .hanging(TERM_WIDTH + 1)
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
