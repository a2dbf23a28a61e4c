//! What was spent as a table that fits the width, with a bar for each row on a terminal.

use unicode_width::UnicodeWidthStr;

use super::args::By;
use super::json;
use crate::ports::answer_report::spent_words;
use crate::store::{LedgerTotal, shortened};

/// Least columns for the first one; below, the tokens are left out.
const LEAST_KEY: usize = 10;

/// Columns of a bar, at least and at most.
const BAR: std::ops::RangeInclusive<usize> = 4..=30;

/// Eighths of a column, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The lines of the table: its head, the rows, their sum.
pub fn lines(
    by: By,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    width: usize,
    has_bars: bool,
) -> Vec<String> {
    let mut rows = vec![[
        by.name().to_uppercase(),
        "REQUESTS".to_owned(),
        "IN".to_owned(),
        "OUT".to_owned(),
        "COST".to_owned(),
    ]];
    rows.extend(totals.iter().chain([sum]).map(cells));
    let widest = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let mut widths = [0, 1, 2, 3, 4].map(widest);
    let others = |widths: &[usize; 5]| {
        widths[1..]
            .iter()
            .filter(|width| **width > 0)
            .map(|width| width + 2)
            .sum::<usize>()
    };
    if others(&widths) + LEAST_KEY.min(widths[0]) > width {
        (widths[2], widths[3]) = (0, 0);
    }
    widths[0] = widths[0].min(width.saturating_sub(others(&widths)).max(1));
    let room = width.saturating_sub(widths[0] + others(&widths) + 2);
    let bar_width = if has_bars && room >= *BAR.start() {
        room.min(*BAR.end())
    } else {
        0
    };
    let dearest = totals.iter().map(|total| total.usd).fold(0.0, f64::max);
    let bar_of = |row: usize| {
        row.checked_sub(1)
            .and_then(|row| totals.get(row))
            .map_or(String::new(), |total| bar(total.usd, dearest, bar_width))
    };
    rows.iter()
        .enumerate()
        .map(|(number, row)| {
            format!("{}  {}", line(row, &widths), bar_of(number))
                .trim_end()
                .to_owned()
        })
        .collect()
}

fn cells(total: &LedgerTotal) -> [String; 5] {
    let key = if total.key.is_empty() {
        "total"
    } else {
        &total.key
    };
    [
        shortened(key, usize::MAX),
        total.requests.to_string(),
        tokens(total.tokens(|usage| usage.prompt_tokens)),
        tokens(total.tokens(|usage| usage.completion_tokens)),
        if json::cost(total).is_some() {
            spent_words(total.spent()).replace(" and more", "+")
        } else {
            "unknown".to_owned()
        },
    ]
}

fn tokens(count: Option<u64>) -> String {
    count.map_or("-".to_owned(), |count| count.to_string())
}

/// Numbers stand at the right.
fn line(row: &[String; 5], widths: &[usize; 5]) -> String {
    let cell = |column: usize| {
        let text = shortened(&row[column], widths[column]);
        let blanks = " ".repeat(widths[column].saturating_sub(text.width()));
        if column == 0 {
            format!("{text}{blanks}")
        } else {
            format!("{blanks}{text}")
        }
    };
    (0..row.len())
        .filter(|column| widths[*column] > 0)
        .map(cell)
        .collect::<Vec<_>>()
        .join("  ")
}

/// As long as the cost is of the dearest row's; what cost anything shows.
fn bar(usd: f64, dearest: f64, width: usize) -> String {
    if usd <= 0.0 || dearest <= 0.0 || width == 0 {
        return String::new();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 1 and a few hundred eighths"
    )]
    let eighths = ((usd / dearest * (width * 8) as f64).round() as usize).clamp(1, width * 8);
    let rest = (eighths % 8)
        .checked_sub(1)
        .and_then(|rest| EIGHTHS.get(rest));
    std::iter::repeat_n('█', eighths / 8)
        .chain(rest.copied())
        .collect()
}

/// What the sum does not say by itself.
pub fn notes(sum: &LedgerTotal) -> Vec<String> {
    let count = |number: u64, one: &str, many: &str| {
        format!("{number} {}", if number == 1 { one } else { many })
    };
    let mut notes = Vec::new();
    if sum.unknown > 0 {
        notes.push(format!(
            "the cost of {} is unknown, and not in the sum",
            count(sum.unknown, "request", "requests")
        ));
    }
    if sum.estimates > 0 {
        notes.push(
            "~ marks what was estimated from tokens and prices, because the provider sent no bill"
                .to_owned(),
        );
    }
    if sum.refused > 0 {
        notes.push(format!(
            "{} refused by the provider, which costs nothing",
            count(sum.refused, "request was", "requests were")
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
    fn every_width_is_kept_and_the_tokens_go_first() {
        let totals = [
            total("anthropic/claude-sonnet-4.5:thinking", 1.25),
            total("漢字/モデル", 0.000_4),
        ];
        let sum = totals
            .iter()
            .fold(LedgerTotal::default(), |sum, more| sum.plus(more));
        for width in [30, 40, 60, 80, 120] {
            let lines = lines(By::Model, &totals, &sum, width, true);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(lines[0].contains("IN"), width > 40, "{width}: {lines:#?}");
            assert!(
                lines[1].contains("$1.2500") && lines[3].starts_with("total"),
                "{width}: {lines:#?}"
            );
        }
        let wide = lines(By::Model, &totals, &sum, 120, true);
        assert!(
            wide[1].contains("████") && wide[2].ends_with('▏') && !wide[3].contains('█'),
            "{wide:#?}"
        );
        assert!(
            lines(By::Model, &totals, &sum, 120, false)
                .iter()
                .all(|line| !line.contains('█'))
        );
    }

    #[test]
    fn what_is_not_known_is_said_and_never_nothing() {
        let unknown = LedgerTotal {
            requests: 1,
            unknown: 1,
            ..LedgerTotal::default()
        };
        assert_eq!(cells(&unknown)[2..], ["-", "-", "unknown"]);
        let mixed = LedgerTotal {
            estimates: 1,
            refused: 1,
            unknown: 1,
            ..total("p", 0.5)
        };
        assert_eq!(cells(&mixed)[4], "~$0.5000+");
        assert_eq!(notes(&mixed).len(), 3);
        assert!(notes(&total("p", 0.5)).is_empty());
    }
}
