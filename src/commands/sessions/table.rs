//! The list of sessions as a table that fits the width.

use std::time::SystemTime;

use unicode_width::UnicodeWidthStr;

use crate::chat::cost::Spent;
use crate::ports::answer_report::amount;
use crate::present::time::age;
use crate::store::{SessionSummary, shortened};

/// Least columns for the title; below, the model is left out.
const LEAST_TITLE: usize = 20;

/// Most columns for the model.
const WIDEST_MODEL: usize = 28;

const HEADS: [&str; 6] = ["ID", "SESSION", "TURNS", "MODEL", "COST", "AGE"];

/// The lines of the table, its head first.
pub fn lines(sessions: &[SessionSummary], now: SystemTime, width: usize) -> Vec<String> {
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(sessions.iter().map(|session| row(session, now)));
    let widest = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let mut widths = [0, 1, 2, 3, 4, 5].map(widest);
    let others = |widths: &[usize; 6]| {
        widths.iter().sum::<usize>() - widths[1]
            + 2 * widths.iter().filter(|width| **width > 0).count()
            - 2
    };
    if others(&widths) + LEAST_TITLE.min(widths[1]) > width {
        widths[3] = 0;
    }
    widths[1] = widths[1].min(width.saturating_sub(others(&widths)).max(HEADS[1].len()));
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn row(session: &SessionSummary, now: SystemTime) -> [String; 6] {
    let model = shortened(session.model.as_deref().unwrap_or("-"), WIDEST_MODEL);
    let called = shortened(session.display_name(), usize::MAX);
    [
        session.id.to_string(),
        called,
        session.turns.to_string(),
        model,
        cost(session.cost),
        age(session.updated, now),
    ]
}

/// Numbers stand at the right.
fn line(row: &[String; 6], widths: &[usize; 6]) -> String {
    let cell = |column: usize| {
        let text = shortened(&row[column], widths[column]);
        let blanks = " ".repeat(widths[column].saturating_sub(text.width()));
        if matches!(column, 0 | 2 | 4) {
            format!("{blanks}{text}")
        } else {
            format!("{text}{blanks}")
        }
    };
    let cells: Vec<String> = (0..row.len())
        .filter(|column| widths[*column] > 0)
        .map(cell)
        .collect();
    cells.join("  ").trim_end().to_owned()
}

/// `$0.0123`; `~` before an estimate, `+` behind a sum that leaves something out.
pub fn cost(total: Spent) -> String {
    let Some(usd) = total.usd else {
        return "-".to_owned();
    };
    format!(
        "{}${}{}",
        if total.has_estimates { "~" } else { "" },
        amount(usd),
        if total.has_unknown { "+" } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SessionId;
    use std::time::{Duration, UNIX_EPOCH};

    fn session(id: i64, title: &str, cost: Spent) -> SessionSummary {
        let model = Some("anthropic/claude-sonnet-4.5".to_owned());
        SessionSummary {
            id: SessionId(id),
            name: None,
            title: title.to_owned(),
            turns: 3,
            model,
            cost,
            created: UNIX_EPOCH,
            updated: UNIX_EPOCH,
        }
    }

    #[test]
    fn every_width_is_kept_and_the_model_goes_first() {
        let billed = Spent {
            usd: Some(0.0123),
            has_estimates: true,
            has_unknown: true,
        };
        let sessions = [
            session(7, &"漢字 and words ".repeat(6), billed),
            session(12, "short", Spent::default()),
        ];
        let now = UNIX_EPOCH + Duration::from_secs(7200);
        for width in [50, 60, 80, 100, 200] {
            let lines = lines(&sessions, now, width);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(
                lines[0].contains("MODEL"),
                width >= 80,
                "{width}: {lines:#?}"
            );
            assert!(
                lines[1].contains("~$0.0123+  2 h")
                    && lines[2].trim_start().starts_with("12  short"),
                "{width}: {lines:#?}"
            );
        }
    }

    #[test]
    fn an_unknown_cost_is_not_zero() {
        assert_eq!(
            cost(Spent {
                has_unknown: true,
                ..Spent::default()
            }),
            "-"
        );
        assert_eq!(
            cost(Spent {
                usd: Some(0.0),
                ..Spent::default()
            }),
            "$0"
        );
    }
}
