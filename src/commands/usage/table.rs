//! Spending as a table that fits the width, with a bar for each row on a terminal.

use std::iter::{once, repeat};

use unicode_width::UnicodeWidthStr;

use super::args::By;
use super::caps::DayCap;
use super::json;
use crate::present::count::{plural, thousands};
use crate::present::money::{spent_words, usd};
use crate::present::page::{Line, Role};
use crate::present::table::{Cell, Column, Table};
use crate::store::LedgerTotal;

/// Columns between the table and a bar.
const GAP: usize = 2;

/// Columns of a bar, at least and at most.
const BAR: std::ops::RangeInclusive<usize> = 4..=30;

/// Eighths of a column, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The lines of the table: its header, the rows, their sum. `caps` add two columns; the last
/// argument is the width, and whether there are bars.
pub(super) fn lines(
    by: By,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    caps: &[DayCap],
    (width, has_bars): (usize, bool),
) -> Vec<Line> {
    let columns = [
        Column::left(by.head()).shrinks_to(10),
        Column::right("REQUESTS").omitted(3),
        Column::right("IN").omitted(1),
        Column::right("OUT").omitted(2),
        Column::point("COST"),
    ];
    let rows = totals.iter().chain([sum]);
    let lines = if caps.is_empty() {
        let mut table = Table::new(columns);
        rows.for_each(|total| table.row(cells(total)));
        table.page_lines(width)
    } else {
        let [key, requests, input, output, cost] = columns;
        let today = Column::right("TODAY").omitted(4);
        let left = Column::point("LEFT");
        let mut table = Table::new([key, requests, input, output, cost, today, left]);
        rows.for_each(|total| table.row(capped_cells(total, caps)));
        table.page_lines(width)
    };
    let widths = lines.iter().map(|line| line.text().width());
    let table_width = widths.max().unwrap_or(0);
    let room = width.saturating_sub(table_width + GAP);
    if !has_bars || room < *BAR.start() {
        return lines;
    }
    let most = totals.iter().map(|total| total.usd).fold(0.0, f64::max);
    let bars = totals
        .iter()
        .map(|total| bar(total.usd, most, room.min(*BAR.end())));
    // The header has no bar, and neither has the sum.
    let bars = once(String::new()).chain(bars);
    let bars = bars.chain(repeat(String::new()));
    lines
        .into_iter()
        .zip(bars)
        .map(|(line, bar)| {
            if bar.is_empty() {
                return line;
            }
            let blanks = " ".repeat(table_width + GAP - line.text().width());
            line.and(blanks).with(Role::Dim, bar)
        })
        .collect()
}

fn cells(total: &LedgerTotal) -> [Cell; 5] {
    let (key, role) = if total.key.is_empty() {
        ("total", Role::Strong)
    } else {
        (total.key.as_str(), Role::Plain)
    };
    let cells = [
        key.to_owned(),
        thousands(total.requests),
        tokens(total.tokens(|usage| usage.prompt_tokens)),
        tokens(total.tokens(|usage| usage.completion_tokens)),
        if json::cost(total).is_some() {
            spent_words(total.spent())
        } else {
            "unknown".to_owned()
        },
    ];
    cells.map(|text| Cell::of(role, text))
}

/// The same with what was spent today of the daily cap, and what is left of it.
fn capped_cells(total: &LedgerTotal, caps: &[DayCap]) -> [Cell; 7] {
    let [key, requests, input, output, cost] = cells(total);
    let cap = caps.iter().find(|cap| cap.profile == total.key);
    let (today, left) = cap.map_or_else(
        || (String::new(), String::new()),
        |cap| (cap.words(), usd(cap.left())),
    );
    [
        key,
        requests,
        input,
        output,
        cost,
        today.into(),
        left.into(),
    ]
}

fn tokens(count: Option<u64>) -> String {
    count.map_or_else(|| "-".to_owned(), thousands)
}

/// A bar in proportion to the most expensive row; any cost above zero shows.
fn bar(usd: f64, most: f64, width: usize) -> String {
    if usd <= 0.0 || most <= 0.0 || width == 0 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 1 and a few hundred eighths"
    )]
    let eighths = ((usd / most * (width * 8) as f64).round() as usize).clamp(1, width * 8);
    let rest = (eighths % 8)
        .checked_sub(1)
        .and_then(|rest| EIGHTHS.get(rest));
    std::iter::repeat_n('█', eighths / 8)
        .chain(rest.copied())
        .collect()
}

/// Notes on what the sum includes.
pub(super) fn notes(sum: &LedgerTotal) -> Vec<String> {
    let mut notes = Vec::new();
    if sum.unsettled > 0 {
        let requests = plural(sum.unsettled, "request");
        notes.push(format!(
            "outcome unknown for {requests}: in progress, or amx was killed after sending"
        ));
    }
    if sum.unknown > 0 {
        notes.push(format!(
            "the cost of {} is unknown and not in the sum",
            plural(sum.unknown, "request")
        ));
    }
    if sum.estimates > 0 {
        notes.push(
            "~ marks an estimate from tokens and prices: the provider reported no cost".to_owned(),
        );
    }
    if sum.refused > 0 {
        notes.push(format!(
            "{} rejected by the provider, at no cost",
            plural(sum.refused, "request")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::usage::Usage;

    fn total(key: &str, usd: f64) -> LedgerTotal {
        let usage = Usage {
            prompt_tokens: Some(123_456),
            completion_tokens: Some(7_890),
            ..Usage::default()
        };
        LedgerTotal {
            key: key.to_owned(),
            requests: 12,
            usage,
            usd,
            ..LedgerTotal::default()
        }
    }

    #[test]
    fn the_table_fits_every_width_and_omits_the_tokens_first() {
        let totals = [
            total("anthropic/claude-sonnet-4.5:thinking", 1.25),
            total("漢字/モデル", 0.000_4),
        ];
        let sum = totals
            .iter()
            .fold(LedgerTotal::default(), |sum, more| sum.plus(more));
        let texts = |width, has_bars| -> Vec<String> {
            let lines = lines(By::Model, &totals, &sum, &[], (width, has_bars));
            lines.iter().map(Line::text).collect()
        };
        for width in [30, 40, 60, 80, 120] {
            let lines = texts(width, true);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(lines[0].contains("IN"), width > 40, "{width}: {lines:#?}");
            assert!(
                lines[1].contains("$1.25") && lines[3].starts_with("total"),
                "{width}: {lines:#?}"
            );
        }
        let wide = texts(120, true);
        assert!(
            wide[1].contains("████") && wide[2].ends_with('▏') && !wide[3].contains('█'),
            "{wide:#?}"
        );
        assert!(texts(120, false).iter().all(|line| !line.contains('█')));
    }

    #[test]
    fn caps_fit_a_narrow_terminal() {
        let used = crate::store::DayUse::default();
        let cap = DayCap {
            profile: "work".to_owned(),
            cap: 0.25,
            used,
        };
        let totals = [total("work", 1.25)];
        let lines = lines(By::Profile, &totals, &totals[0], &[cap], (40, true));
        let texts: Vec<String> = lines.iter().map(Line::text).collect();
        assert!(texts.iter().all(|line| line.width() <= 40), "{texts:#?}");
        assert!(
            texts[0].contains("COST") && texts[0].ends_with("LEFT"),
            "{texts:#?}"
        );
    }

    #[test]
    fn an_unknown_cost_is_reported_and_never_zero() {
        let unknown = LedgerTotal {
            requests: 1,
            unknown: 1,
            ..LedgerTotal::default()
        };
        let texts = |total: &LedgerTotal| cells(total).map(|cell| cell.text().to_owned());
        assert_eq!(texts(&unknown)[2..], ["-", "-", "unknown"]);
        let mixed = LedgerTotal {
            estimates: 1,
            refused: 1,
            unknown: 1,
            ..total("p", 0.5)
        };
        assert_eq!(texts(&mixed)[4], "~$0.50+");
        assert_eq!(notes(&mixed).len(), 3);
        assert!(notes(&total("p", 0.5)).is_empty());
    }
}
