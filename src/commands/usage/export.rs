//! `amx usage export`: every row of the ledger, for other programs.

use std::io::{BufWriter, Write};

use super::args::ExportArgs;
use super::csv_lines::quoted;
use super::otlp;
use super::pages::each_page;
use crate::commands::output_file::{self, OutputFile, cannot_write};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::present::time;
use crate::store::{LedgerRow, PeriodStart, Store};
use crate::wire::control_characters::is_active_in_text;

/// The columns in their order, which does not change: a new one is added at the end.
const HEAD: &str = "id,at,profile,provider,requested_model,model,served_by,generation_id,status,\
    may_have_cost,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,total_tokens,\
    cost_usd,cost_source,counted_usd,session,turn,reservation,client";

pub(super) fn run(args: &ExportArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.otlp {
        return otlp::run(args, context);
    }
    // Without a home nothing was recorded.
    let home = context.home().ok();
    let store = home.map_or(Ok(None), |home| Store::open_existing(&home))?;
    let Some(path) = output_file::named(args.output.as_deref()) else {
        context.output.line(HEAD)?;
        each_row(store.as_ref(), &args.since, |row| {
            Ok(context.output.line(&line(row))?)
        })?;
        return Ok(());
    };
    let (output, file) = OutputFile::export(path, args.force)?;
    let failed = |error| cannot_write(path, error);
    let mut writer = BufWriter::new(file);
    writeln!(writer, "{HEAD}").map_err(failed)?;
    let count = each_row(store.as_ref(), &args.since, |row| {
        writeln!(writer, "{}", line(row)).map_err(failed)
    })?;
    writer.flush().map_err(failed)?;
    output.close(true)?;
    let rows = plural(count, "request");
    let line = format!("✓ Exported {rows} to {}", path.display());
    Ok(context.output.sentence(&line)?)
}

/// Calls `visit` for each row, oldest first; returns their number.
fn each_row(
    store: Option<&Store>,
    since: &PeriodStart,
    mut visit: impl FnMut(&LedgerRow) -> Result<(), CommandError>,
) -> Result<u64, CommandError> {
    let mut count = 0;
    each_page(store, since, |rows| {
        count += rows.len() as u64;
        rows.iter().try_for_each(&mut visit)
    })?;
    Ok(count)
}

/// A row as comma-separated values; what is unknown is empty.
fn line(row: &LedgerRow) -> String {
    let text = |text: &str| quoted(&text.replace(is_active_in_text, "\u{fffd}"));
    let some = |value: &Option<String>| value.as_deref().map_or(String::new(), text);
    let tokens = |count: Option<u64>| count.map_or(String::new(), |count| count.to_string());
    let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    let usd = |usd: Option<f64>| usd.map_or(String::new(), |usd| usd.to_string());
    [
        row.id.to_string(),
        time::utc_millis(row.at),
        text(&row.profile),
        text(&row.provider),
        text(&row.requested_model),
        some(&row.model),
        some(&row.served_by),
        some(&row.generation_id),
        text(&row.status),
        u8::from(row.may_have_cost).to_string(),
        tokens(row.usage.prompt_tokens),
        tokens(row.usage.completion_tokens),
        tokens(row.usage.reasoning_tokens),
        tokens(row.usage.cached_tokens),
        tokens(row.usage.total_tokens),
        usd(row.cost_usd),
        text(&row.cost_source),
        usd(row.counted_usd),
        number(row.session),
        number(row.turn),
        number(row.reservation),
        some(&row.client),
    ]
    .join(",")
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::chat::usage::Usage;

    fn row() -> LedgerRow {
        LedgerRow {
            id: 7,
            at: SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_764_150_000_042),
            profile: "work".to_owned(),
            provider: "openrouter".to_owned(),
            requested_model: "a/b".to_owned(),
            model: None,
            served_by: None,
            generation_id: None,
            status: "ok".to_owned(),
            may_have_cost: true,
            usage: Usage::default(),
            cost_usd: Some(0.000_42),
            cost_source: "provider".to_owned(),
            counted_usd: None,
            session: Some(3),
            turn: None,
            reservation: None,
            client: None,
        }
    }

    #[test]
    fn a_line_has_a_field_for_each_column() {
        let text = line(&row());
        assert_eq!(
            text,
            "7,2025-11-26T09:40:00.042Z,work,openrouter,a/b,,,,ok,1,,,,,,0.00042,provider,,3,,,"
        );
        assert_eq!(text.split(',').count(), HEAD.split(',').count());
    }

    #[test]
    fn texts_are_neither_formulas_nor_lines_nor_control_sequences() {
        let hostile = LedgerRow {
            model: Some("=HYPERLINK(\"http://x\")".to_owned()),
            served_by: Some("a\nb, c\u{1b}[31m".to_owned()),
            client: Some("-1+1".to_owned()),
            ..row()
        };
        let text = line(&hostile);
        assert!(
            text.contains(",\"'=HYPERLINK(\"\"http://x\"\")\","),
            "{text}"
        );
        assert!(text.ends_with(",'-1+1"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
