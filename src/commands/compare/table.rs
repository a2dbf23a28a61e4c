//! The answers side by side: latency, tokens and cost of each.

use crate::ask::finished_answer::FinishedAnswer;
use crate::chat::answer::Answer;
use crate::present::count::thousands;
use crate::present::money::cost_words;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};
use crate::present::time::seconds;

const COLUMNS: [Column; 8] = [
    Column::left("MODEL").shrinks_to(12),
    Column::right("FIRST").omitted(2),
    Column::right("TOTAL"),
    Column::right("IN").omitted(1),
    Column::right("OUT"),
    Column::right("TOK/S").omitted(3),
    Column::point("COST"),
    Column::left("FINISH").most(16).omitted(4),
];

/// The table, a row for each answer.
pub(super) fn table(ended: &[FinishedAnswer]) -> Table<8> {
    let mut table = Table::new(COLUMNS);
    for answer in ended {
        table.row(cells(answer));
    }
    table
}

fn cells(ended: &FinishedAnswer) -> [Cell; 8] {
    let answer = &ended.outcome.answer;
    let unknown = || "-".to_owned();
    let has_started = answer.first_token.is_some();
    [
        Cell::from(ended.label.as_str()),
        answer.first_token.map_or_else(unknown, seconds).into(),
        if has_started {
            seconds(answer.total)
        } else {
            unknown()
        }
        .into(),
        answer
            .usage
            .and_then(|usage| usage.prompt_tokens)
            .map_or_else(unknown, thousands)
            .into(),
        answer
            .usage
            .and_then(|usage| usage.completion_tokens)
            .map_or_else(unknown, thousands)
            .into(),
        speed(answer)
            .map_or_else(unknown, |speed| format!("{speed:.0}"))
            .into(),
        match answer.cost.usd {
            None if has_started => "unknown".to_owned(),
            None => unknown(),
            Some(_) => cost_words(answer.cost),
        }
        .into(),
        Cell::of(
            if ended.is_complete() {
                Role::Plain
            } else {
                Role::Failure
            },
            finish(ended),
        ),
    ]
}

/// Output tokens per second since the first one; since the request when all came at once.
pub(super) fn speed(answer: &Answer) -> Option<f64> {
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

fn finish(ended: &FinishedAnswer) -> String {
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
            .map_or_else(|| "-".to_owned(), |reason| reason.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::ask::outcome::Outcome;
    use crate::chat::cost::{Cost, CostSource};
    use crate::chat::finish_reason::FinishReason;
    use crate::chat::turn::TurnState;
    use crate::chat::usage::Usage;
    use crate::ports::error::CommandError;
    use crate::ports::error::ErrorKind;

    fn ended(label: &str, error: Option<CommandError>) -> FinishedAnswer {
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
        FinishedAnswer {
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
        let answers = [
            ended("1. a/model", None),
            ended("2. b/other", Some(refused)),
        ];
        let lines = table(&answers).lines(100);
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
    fn a_narrow_table_omits_columns() {
        let answers = [ended("1. a/model-with-a-very-long-name", None)];
        let lines = table(&answers).lines(36);
        assert!(lines.iter().all(|line| line.width() <= 36), "{lines:#?}");
        assert!(
            lines[0].contains("TOTAL") && lines[0].contains("COST") && !lines[0].contains("FIRST"),
            "{lines:#?}"
        );
    }
}
