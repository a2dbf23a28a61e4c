//! `amx templates list`: name, variables and description of each template.

use serde_json::{Value, json};

use crate::config::ConfigError;
use crate::config::template::{Template, Variable, folder};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};

const COLUMNS: [Column; 3] = [
    Column::left("NAME"),
    Column::left("VARIABLES").wraps_at(16),
    Column::left("DESCRIPTION").wraps_at(24),
];

pub(super) fn run(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    // Without a home there are none.
    let home = context.home().ok();
    let found: Vec<(String, Result<Template, ConfigError>)> = home
        .iter()
        .flat_map(|home| {
            folder::names(home)
                .into_iter()
                .map(move |name| (home, name))
        })
        .map(|(home, name)| (name.clone(), folder::load(home, &name)))
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
            .note("no templates yet: amx templates new NAME");
        return Ok(());
    }
    let mut table = Table::new(COLUMNS).or_records(1);
    for (name, template) in &found {
        let (variables, description, role) = match template {
            Ok(template) => (
                variables_words(template.variables()),
                template.settings.description.clone().unwrap_or_default(),
                Role::Plain,
            ),
            Err(error) => (String::new(), format!("✗ {error}"), Role::Failure),
        };
        table.row([
            Cell::of(Role::Strong, name),
            variables.into(),
            Cell::of(role, description.replace('\n', " ")),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

/// `lang=rust focus`: a short default is shown.
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

/// A template without its text, in JSON.
pub(super) fn summary(template: &Template) -> Value {
    let settings = &template.settings;
    let variable = |known: &Variable| {
        json!({
            "name": known.name,
            "default": known.default,
            "needed": known.default.is_none(),
            "line": known.line,
        })
    };
    json!({
        "name": template.name,
        "path": template.path.display().to_string(),
        "description": settings.description,
        "profile": settings.profile,
        "model": settings.model,
        "variables": template.variables().iter().map(variable).collect::<Vec<_>>(),
    })
}
