//! `amx config explain`: the value of a setting, its source, and what it overrides.

use serde_json::{Value, json};

use super::args::ExplainArgs;
use crate::ask::explain;
use crate::ask::question::Resolved;
use crate::ask::template::ChosenTemplate;
use crate::config::Explained;
use crate::config::{Overrides, Settings, options};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::page::{Line, Page, Role};

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
        return Err(unknown_or_unset(key, &lines));
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

/// A field of the body may be named without `body.`.
fn is_named(line: &Explained, key: &str) -> bool {
    line.key == key || line.key.strip_prefix("body.") == Some(key)
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

fn unknown_or_unset(key: &str, lines: &[Explained]) -> CommandError {
    // Settings that exist without having a value.
    const WITHOUT_VALUE: &[&str] = &[
        "temperature",
        "top_p",
        "system",
        "reasoning_effort",
        "show_reasoning",
        "max_cost.per_request",
        "max_cost.per_day",
        "fallback_models",
        "schema",
        "pdf_engine",
    ];
    if key.starts_with("max_cost.") && WITHOUT_VALUE.contains(&key) {
        return CommandError::new(ErrorKind::No, format!("{key} is not set; no cap applies"))
            .hint("amx config explain");
    }
    if WITHOUT_VALUE.contains(&key) || key.starts_with("body.") || options::table::is_known(key) {
        return CommandError::new(
            ErrorKind::No,
            format!("{key} is not set; the model's default applies"),
        )
        .hint("amx config explain");
    }
    let nearest = crate::catalog::nearest::closest(key, lines.iter().map(|line| line.key.as_str()))
        .or_else(|| options::table::near(key));
    let error = CommandError::usage(format!("unknown setting '{}'", key.escape_debug()));
    match nearest {
        Some(nearest) => error.hint(format!("amx config explain {nearest}")),
        None => error.hint("amx config explain"),
    }
}
