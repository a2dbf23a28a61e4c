//! `amx logs list` and `amx logs show`.

use serde_json::Value;

use super::args::{ListArgs, ShowArgs};
use super::connect::Connection;
use super::{known, named};
use crate::account::destinations::destination::Destination;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::{Page, Role, definition};
use crate::present::table::{Cell, Column, Table};
use crate::present::text::one_line;

const COLUMNS: [Column; 6] = [
    Column::left("NAME").shrinks_to(8),
    Column::left("KIND"),
    Column::left("STATE"),
    Column::right("SAMPLING").omitted(2),
    Column::left("CONTENT").omitted(1),
    Column::left("ID"),
];

/// Columns of a term of `show`.
const TERM_WIDTH: usize = 16;

pub(super) fn run(args: &ListArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let connection = Connection::open(context)?;
    let workspace = args.scope.workspace.as_deref();
    let all = connection.run(context, async |client| client.list(workspace).await)?;
    known::remember(&all, context);
    if args.json {
        let rows: Value = all.iter().map(Destination::to_json).collect();
        return Ok(context.output.json(&rows)?);
    }
    if all.is_empty() {
        context
            .output
            .note("the account has no log destination: amx logs add KIND, amx logs kinds");
        return Ok(());
    }
    let mut table = Table::new(COLUMNS).or_records(0);
    for one in &all {
        table.row([
            Cell::of(Role::Strong, one_line(&one.name)),
            one_line(&one.kind).into(),
            state(one).into(),
            share(one).into(),
            content(one).into(),
            one_line(&one.id).into(),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

pub(super) fn show(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let connection = Connection::open(context)?;
    let workspace = args.scope.workspace.as_deref();
    let found = named::find(&args.destination, workspace, &connection, context)?;
    if args.json {
        return Ok(context.output.json(&found.to_json())?);
    }
    Ok(context.output.page(&page(&found))?)
}

fn page(one: &Destination) -> Page {
    let mut page = Page::default();
    let mut line = |term: &str, value: &str| {
        page.line(definition(term, TERM_WIDTH, one_line(value)));
    };
    line("name", &one.name);
    line("kind", &one.kind);
    line("id", &one.id);
    line("state", state(one));
    line("content", content(one));
    line("sampling rate", &share(one));
    let keys = one.api_key_hashes.as_ref();
    line(
        "API keys",
        &keys.map_or("all".to_owned(), |hashes| hashes.join(", ")),
    );
    if one.has_filter {
        line(
            "filter rules",
            "set at https://openrouter.ai/settings/observability",
        );
    }
    for (term, value) in [
        ("workspace", &one.workspace_id),
        ("created", &one.created_at),
        ("updated", &one.updated_at),
    ] {
        if let Some(value) = value {
            line(term, value);
        }
    }
    for (name, value) in &one.config {
        match value {
            Value::Object(map) => {
                for (inner, value) in map {
                    line(&one_line(&format!("{name}.{inner}")), &words(value));
                }
            }
            _ => line(&one_line(name), &words(value)),
        }
    }
    page
}

fn words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn state(one: &Destination) -> &'static str {
    if one.is_enabled {
        "enabled"
    } else {
        "disabled"
    }
}

fn content(one: &Destination) -> &'static str {
    if one.privacy_mode {
        "metadata only"
    } else {
        "prompts, answers"
    }
}

/// The share of requests, as a percentage.
fn share(one: &Destination) -> String {
    let percent = format!("{:.2}", one.sampling_rate * 100.0);
    format!("{}%", percent.trim_end_matches('0').trim_end_matches('.'))
}
