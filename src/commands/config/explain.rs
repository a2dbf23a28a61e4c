//! `amx config explain`: the value of a setting, its source, and what it overrides.

use serde_json::{Value, json};

use super::args::ExplainArgs;
use crate::ask::explain;
use crate::ask::question::Resolved;
use crate::ask::template::ChosenTemplate;
use crate::config::telemetry::SECTION;
use crate::config::{Explained, Overrides, Settings, options, profile};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::page::{Line, Page, Role};
use crate::telemetry::explained;

const CAPS: [&str; 3] = ["max_cost", "max_cost.per_request", "max_cost.per_day"];

pub(super) fn run(args: &ExplainArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
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
    lines.extend(explained::explain(&config, &context.equipment.environment)?);
    let is_listed = |key: &str| lines.iter().any(|line| is_named(line, key));
    if let Some(key) = args
        .key
        .as_deref()
        .filter(|key| key.contains('.') && !is_listed(key))
    {
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
        return Err(unknown_or_unset(key, &lines));
    }
    if args.json {
        let value: Vec<Value> = chosen.iter().map(|line| explained_json(line)).collect();
        // A setting is an object; a group and all settings are lists.
        let is_one = value.len() == 1 && args.key.is_some();
        let value = match value.into_iter().next() {
            Some(value) if is_one => value,
            _ => chosen.iter().map(|line| explained_json(line)).collect(),
        };
        return Ok(context.output.json(&value)?);
    }
    let page: Page = chosen.into_iter().flat_map(page_lines).collect();
    Ok(context.output.page(&page)?)
}

/// A setting: its value, its source, what it overrides.
fn page_lines(explained: &Explained) -> Vec<Line> {
    let value = Line::of(Role::Strong, explained.key.as_str())
        .and(" = ")
        .and(explained.value.as_str());
    let source = Line::of(Role::Dim, format!("  from {}", explained.source));
    let overridden = explained.overridden.iter().map(|(value, source)| {
        Line::of(Role::Dim, format!("  overrides {value} ({source})")).hanging(4)
    });
    [value.hanging(2), source.hanging(4)]
        .into_iter()
        .chain(overridden)
        .collect()
}

/// A field of the body may be named without `body.`; a group such as `max_cost` stands for all its
/// settings, and `openrouter` for the fields of the body.
fn is_named(line: &Explained, key: &str) -> bool {
    let field = line.key.strip_prefix("body.");
    let is_in_group = |name: &str| {
        name.strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    line.key == key
        || field == Some(key)
        || is_in_group(&line.key)
        || field.is_some_and(|field| key == "openrouter" || is_in_group(field))
}

/// What the flags of `chat` would override.
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

/// Fewest characters of a mistyped setting: a shorter word is near too many of them.
const SHORTEST_TYPO: usize = 5;

fn unknown_or_unset(key: &str, lines: &[Explained]) -> CommandError {
    if CAPS.contains(&key) {
        return CommandError::new(ErrorKind::No, format!("{key} is not set; no cap applies"))
            .hint("max_cost: {per_request: 0.10, per_day: 2}   (in a profile of config.yml)");
    }
    if key == SECTION || key.starts_with("telemetry.") {
        let error = CommandError::new(ErrorKind::No, format!("{key} is not set"));
        return error.hint("telemetry: {otlp: {endpoint: URL}}   (in config.yml)");
    }
    if key == "price" {
        return CommandError::new(
            ErrorKind::No,
            "price is not set; the catalogue's price applies",
        )
        .hint("amx models show MODEL");
    }
    let is_setting = profile::KEYS.contains(&key) || key.starts_with("body.");
    if is_setting || options::table::is_known(key) {
        return CommandError::new(
            ErrorKind::No,
            format!("{key} is not set; the model's default applies"),
        )
        .hint("amx config explain");
    }
    let nearest = crate::catalog::nearest::closest(key, lines.iter().map(|line| line.key.as_str()))
        .or_else(|| options::table::near(key).filter(|_| key.len() >= SHORTEST_TYPO));
    let error = CommandError::usage(format!("unknown setting '{}'", key.escape_debug()));
    match nearest {
        Some(nearest) => error.hint(format!("amx config explain {nearest}")),
        None => error.hint("amx config explain"),
    }
}
