//! The list of sessions as a table that fits the width.

use std::time::SystemTime;

use crate::chat::cost::Spent;
use crate::present::money::spent_words;
use crate::present::table::{Cell, Column, Table};
use crate::store::SessionSummary;

const COLUMNS: [Column; 6] = [
    Column::right("ID"),
    Column::left("SESSION").shrinks_to(12),
    Column::right("TURNS").omitted(2),
    Column::left("MODEL").most(28).omitted(1),
    Column::point("COST").omitted(3),
    Column::left("LAST USED"),
];

/// The table; `time` writes when a session was last used.
pub(super) fn table(sessions: &[SessionSummary], time: impl Fn(SystemTime) -> String) -> Table<6> {
    let mut table = Table::new(COLUMNS);
    for session in sessions {
        table.row([
            Cell::from(session.id.to_string()),
            session.display_name().into(),
            session.turns.to_string().into(),
            session.model.as_deref().unwrap_or("-").into(),
            cost(session.cost).into(),
            time(session.updated).into(),
        ]);
    }
    table
}

/// The cost of a session; `-` before its first answer.
pub(super) fn cost(spent: Spent) -> String {
    match spent.usd {
        Some(_) => spent_words(spent),
        None if spent.has_unknown => "unknown".to_owned(),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SessionId;
    use std::time::UNIX_EPOCH;
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
        let table = table(&sessions, |_| "Nov 21 14:02".to_owned());
        for width in [40, 50, 60, 80, 100, 200] {
            let lines = table.lines(width);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(
                (lines[0].contains("MODEL"), lines[0].contains("TURNS")),
                (width >= 80, width >= 50),
                "{width}: {lines:#?}"
            );
            assert!(
                lines[1].contains("~$0.01+  Nov 21 14:02")
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
            "unknown"
        );
        assert_eq!(cost(Spent::default()), "-");
        assert_eq!(
            cost(Spent {
                usd: Some(0.0),
                ..Spent::default()
            }),
            "$0"
        );
    }
}
