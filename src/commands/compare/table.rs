//! The table of a comparison: time, tokens, speed and cost of each answer.

use unicode_width::UnicodeWidthStr;

use crate::ask::ended::Ended;
use crate::chat::answer::Answer;
use crate::ports::answer_report::cost_words;
use crate::store::shortened;

const HEAD: [&str; 8] = [
    "MODEL", "FIRST", "TOTAL", "IN", "OUT", "TOK/S", "COST", "FINISH",
];

/// Columns that are dropped, in this order, when the table is too wide.
const OPTIONAL: [usize; 4] = [3, 1, 5, 7];

/// Minimum width of the model column.
const MIN_MODEL: usize = 12;

/// The lines of the table, the header first, at most `width` columns wide.
pub fn lines(ended: &[Ended], width: usize) -> Vec<String> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(ended.iter().map(cells));
    let mut widths: [usize; 8] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    });
    let others = |widths: &[usize; 8]| {
        widths[1..]
            .iter()
            .filter(|width| **width > 0)
            .map(|width| width + 2)
            .sum::<usize>()
    };
    for column in OPTIONAL {
        if others(&widths) + widths[0].min(MIN_MODEL) > width {
            widths[column] = 0;
        }
    }
    widths[0] = widths[0].min(width.saturating_sub(others(&widths)).max(MIN_MODEL));
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn cells(ended: &Ended) -> [String; 8] {
    let answer = &ended.outcome.answer;
    let unknown = || "-".to_owned();
    let seconds = |duration: std::time::Duration| format!("{:.1} s", duration.as_secs_f64());
    let has_arrived = answer.first_token.is_some();
    [
        shortened(&ended.label, usize::MAX),
        answer.first_token.map_or_else(unknown, seconds),
        if has_arrived {
            seconds(answer.total)
        } else {
            unknown()
        },
        answer
            .usage
            .and_then(|usage| usage.prompt_tokens)
            .map_or_else(unknown, |tokens| tokens.to_string()),
        answer
            .usage
            .and_then(|usage| usage.completion_tokens)
            .map_or_else(unknown, |tokens| tokens.to_string()),
        speed(answer).map_or_else(unknown, |speed| format!("{speed:.0}")),
        if has_arrived || answer.cost.usd.is_some() {
            cost_words(answer.cost).replace("cost ", "")
        } else {
            unknown()
        },
        finish(ended),
    ]
}

/// Output tokens per second from the first token on; from the request on for an answer that was not
/// streamed.
pub fn speed(answer: &Answer) -> Option<f64> {
    let tokens = answer
        .usage
        .and_then(|usage| usage.completion_tokens)
        .filter(|tokens| *tokens > 0)?;
    let streamed = answer.total.saturating_sub(answer.first_token?);
    let time = if streamed.is_zero() {
        answer.total
    } else {
        streamed
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "token counts are far below 2^52"
    )]
    let tokens = tokens as f64;
    Some(tokens / time.as_secs_f64()).filter(|speed| speed.is_finite())
}

fn finish(ended: &Ended) -> String {
    match &ended.outcome.error {
        _ if ended.outcome.is_signalled() => "stopped".to_owned(),
        Some(error) => format!(
            "failed ({})",
            error
                .status
                .map_or_else(|| error.kind.name().to_owned(), |status| status.to_string())
        ),
        None => ended
            .outcome
            .answer
            .finish_reason
            .as_ref()
            .map_or("-".to_owned(), |reason| shortened(reason.as_str(), 16)),
    }
}

/// One line; numbers are right-aligned.
fn line(row: &[String; 8], widths: &[usize; 8]) -> String {
    let cell = |column: usize| {
        let text = shortened(&row[column], widths[column]);
        let blanks = " ".repeat(widths[column].saturating_sub(text.width()));
        if matches!(column, 0 | 7) {
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
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ask::outcome::Outcome;
    use crate::chat::cost::{Cost, CostSource};
    use crate::chat::finish_reason::FinishReason;
    use crate::chat::turn::TurnState;
    use crate::chat::usage::Usage;
    use crate::ports::error::CommandError;
    use crate::ports::error::ErrorKind;

    fn ended(label: &str, error: Option<CommandError>) -> Ended {
        let answer = Answer {
            usage: Some(Usage {
                prompt_tokens: Some(12),
                completion_tokens: Some(100),
                ..Usage::default()
            }),
            cost: Cost {
                usd: Some(0.0012),
                source: CostSource::Provider,
            },
            first_token: Some(Duration::from_millis(500)),
            total: Duration::from_millis(2500),
            finish_reason: Some(FinishReason::Stop),
            ..Answer::default()
        };
        let answer = if error.is_some() {
            Answer::default()
        } else {
            answer
        };
        Ended {
            number: 1,
            label: label.to_owned(),
            outcome: Outcome::new(answer, TurnState::Complete, error),
            is_replayed: false,
        }
    }

    #[test]
    fn columns_are_aligned() {
        let mut refused = CommandError::new(ErrorKind::Refused, "no");
        refused.status = Some(402);
        let lines = lines(
            &[
                ended("1. a/model", None),
                ended("2. b/other", Some(refused)),
            ],
            100,
        );
        assert_eq!(
            lines,
            [
                "MODEL       FIRST  TOTAL  IN  OUT  TOK/S     COST  FINISH",
                "1. a/model  0.5 s  2.5 s  12  100     50  $0.0012  stop",
                "2. b/other      -      -   -    -      -        -  failed (402)",
            ]
        );
    }

    #[test]
    fn a_narrow_table_drops_optional_columns() {
        let lines = lines(&[ended("1. a/model-with-a-very-long-name", None)], 36);
        assert!(lines.iter().all(|line| line.width() <= 36), "{lines:#?}");
        assert!(
            lines[0].contains("TOTAL") && lines[0].contains("COST") && !lines[0].contains("FIRST"),
            "{lines:#?}"
        );
    }
}
