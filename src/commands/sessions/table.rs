//! The list of sessions as a table that fits the width.

use std::time::SystemTime;

use crate::chat::cost::Spent;
use crate::present::money::spent_words;
use crate::present::table::{Column, Table};
use crate::present::time::age;
use crate::store::SessionSummary;

const COLUMNS: [Column; 6] = [
    Column::right("ID"),
    Column::left("SESSION").shrinks_to(20),
    Column::right("TURNS"),
    Column::left("MODEL").most(28).omitted(1),
    Column::point("COST"),
    Column::left("AGE"),
];

/// The lines of the table, its header first.
pub(super) fn lines(sessions: &[SessionSummary], now: SystemTime, width: usize) -> Vec<String> {
    let mut table = Table::new(COLUMNS);
    for session in sessions {
        table.row([
            session.id.to_string(),
            session.display_name().to_owned(),
            session.turns.to_string(),
            session.model.as_deref().unwrap_or("-").to_owned(),
            cost(session.cost),
            age(session.updated, now),
        ]);
    }
    table.lines(width)
}

/// The cost of a session; `-` when no part of it is known.
pub(super) fn cost(spent: Spent) -> String {
    match spent.usd {
        Some(_) => spent_words(spent),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SessionId;
    use std::time::{Duration, UNIX_EPOCH};
    use unicode_width::UnicodeWidthStr;

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
    fn the_table_fits_every_width_and_omits_the_model_first() {
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
                lines[1].contains("~$0.01+  2 h") && lines[2].trim_start().starts_with("12  short"),
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
