//! The list of models as a table that fits the width.

use unicode_width::UnicodeWidthStr;

use crate::catalog::{Capability, Model};
use crate::present::figures;
use crate::store::shortened;

/// Least columns for the id.
const LEAST_ID: usize = 16;

/// Columns between the columns.
const GAPS: usize = 8;

/// What a model can do: the letter and the word for it.
const FLAGS: [(char, &str); 5] = [
    ('R', "reasoning"),
    ('T', "tools"),
    ('V', "vision"),
    ('L', "logprobs"),
    ('F', "free"),
];

/// The table, its head first.
pub struct Table {
    pub lines: Vec<String>,
    /// What the letters mean, when there was room for letters only.
    pub legend: Option<String>,
}

/// The lines for so many columns.
pub fn table(models: &[&Model], width: usize) -> Table {
    let wordy = rows(models, false);
    let widest = widths(&wordy).iter().sum::<usize>() + GAPS;
    if widest <= width {
        return Table {
            lines: lines(&wordy, width),
            legend: None,
        };
    }
    let legend = FLAGS
        .map(|(letter, word)| format!("{letter} {word}"))
        .join(", ");
    Table {
        lines: lines(&rows(models, true), width),
        legend: Some(legend),
    }
}

fn rows(models: &[&Model], is_short: bool) -> Vec<[String; 5]> {
    let head = ["MODEL", "CONTEXT", "$/M IN", "$/M OUT", "CAN"].map(str::to_owned);
    std::iter::once(head)
        .chain(models.iter().map(|model| row(model, is_short)))
        .collect()
}

fn row(model: &Model, is_short: bool) -> [String; 5] {
    let can = |capability| model.can(capability) == Some(true);
    let has = [
        can(Capability::Reasoning),
        can(Capability::Tools),
        can(Capability::Images),
        can(Capability::Logprobs),
        model.is_free(),
    ];
    let flags = if is_short {
        FLAGS
            .iter()
            .zip(has)
            .map(|((letter, _), has)| if has { *letter } else { '·' })
            .collect()
    } else {
        FLAGS
            .iter()
            .zip(has)
            .filter(|(_, has)| *has)
            .map(|((_, word), _)| *word)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (input, output) = figures::price(&model.price);
    [
        model.id.clone(),
        model.context.map_or("-".to_owned(), figures::tokens),
        input,
        output,
        flags,
    ]
}

fn widths(rows: &[[String; 5]]) -> [usize; 5] {
    [0, 1, 2, 3, 4].map(|column| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    })
}

fn lines(rows: &[[String; 5]], width: usize) -> Vec<String> {
    let mut widths = widths(rows);
    let others: usize = widths[1..].iter().sum::<usize>() + GAPS;
    widths[0] = widths[0].min(width.saturating_sub(others).max(LEAST_ID));
    rows.iter().map(|row| line(row, &widths)).collect()
}

/// Numbers stand at the right.
fn line(row: &[String; 5], widths: &[usize; 5]) -> String {
    let cell = |column: usize| {
        let text = if column == 0 {
            shortened(&row[0], widths[0])
        } else {
            row[column].clone()
        };
        let blanks = " ".repeat(widths[column].saturating_sub(text.width()));
        if matches!(column, 1..=3) {
            format!("{blanks}{text}")
        } else {
            format!("{text}{blanks}")
        }
    };
    [0, 1, 2, 3, 4].map(cell).join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::WordList;
    use serde_json::json;

    fn models() -> Vec<Model> {
        let price =
            crate::catalog::Price::decode(&json!({"prompt": "0.000003", "completion": "0.000015"}));
        let able = Model {
            parameters: WordList::of(["tools", "reasoning", "logprobs"]),
            input: WordList::of(["text", "image"]),
            ..Model::default()
        };
        vec![
            Model {
                id: "anthropic/claude-sonnet-4-with-a-long-name".to_owned(),
                context: Some(1_000_000),
                price,
                ..able
            },
            Model {
                id: "a/b:free".to_owned(),
                ..Model::default()
            },
        ]
    }

    #[test]
    fn every_width_is_kept_and_words_give_way_to_letters() {
        let models = models();
        let references: Vec<&Model> = models.iter().collect();
        for width in [50, 60, 80, 120, 200] {
            let table = table(&references, width);
            assert!(
                table.lines.iter().all(|line| line.width() <= width),
                "{width}: {:#?}",
                table.lines
            );
            assert_eq!(
                table.legend.is_none(),
                width >= 120,
                "{width}: {:#?}",
                table.lines
            );
        }
        let narrow = table(&references, 60);
        assert!(
            narrow.lines[1].ends_with("1M       3       15  RTVL·")
                && narrow.lines[1].contains('…'),
            "{:#?}",
            narrow.lines
        );
        let wide = table(&references, 200);
        assert!(
            wide.lines[1].ends_with("reasoning tools vision logprobs")
                && wide.lines[2].ends_with("-       -        -  free"),
            "{:#?}",
            wide.lines
        );
    }
}
