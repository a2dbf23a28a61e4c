//! The list of models as a table that fits the width.

use crate::catalog::{Capability, Model};
use crate::present::table::{Column, Table};
use crate::present::{count, money};

const COLUMNS: [Column; 5] = [
    Column::left("MODEL").shrinks_to(14),
    Column::right("CONTEXT"),
    Column::point("$/M IN"),
    Column::point("$/M OUT"),
    Column::left("FEATURES"),
];

/// A feature of a model: its letter and its word.
const FEATURES: [(char, &str); 5] = [
    ('R', "reasoning"),
    ('T', "tools"),
    ('V', "vision"),
    ('L', "logprobs"),
    ('F', "free"),
];

/// The lines of the table, its header first.
pub(super) struct ModelTable {
    pub lines: Vec<String>,
    /// The meaning of the initials, when the words did not fit.
    pub legend: Option<String>,
}

/// The table in at most `width` columns; features are words where they fit, else initials.
pub(super) fn table(models: &[&Model], width: usize) -> ModelTable {
    let with_words = filled(models, feature_words);
    if with_words.natural_width() <= width {
        return ModelTable {
            lines: with_words.lines(width),
            legend: None,
        };
    }
    let legend = FEATURES
        .map(|(letter, word)| format!("{letter} {word}"))
        .join(", ");
    ModelTable {
        lines: filled(models, feature_letters).lines(width),
        legend: Some(legend),
    }
}

fn filled(models: &[&Model], features: fn([bool; 5]) -> String) -> Table<5> {
    let mut table = Table::new(COLUMNS);
    for model in models {
        let (input, output) = money::price(&model.price);
        table.row([
            model.id.clone(),
            model.context.map_or("-".to_owned(), count::tokens),
            input,
            output,
            features(supported(model)),
        ]);
    }
    table
}

/// Which of [`FEATURES`] the model has.
fn supported(model: &Model) -> [bool; 5] {
    let can = |capability| model.can(capability) == Some(true);
    [
        can(Capability::Reasoning),
        can(Capability::Tools),
        can(Capability::Images),
        can(Capability::Logprobs),
        model.is_free(),
    ]
}

fn feature_words(supported: [bool; 5]) -> String {
    let words = FEATURES.iter().zip(supported).filter(|(_, has)| *has);
    words
        .map(|((_, word), _)| *word)
        .collect::<Vec<_>>()
        .join(" ")
}

fn feature_letters(supported: [bool; 5]) -> String {
    FEATURES
        .iter()
        .zip(supported)
        .map(|((letter, _), has)| if has { *letter } else { '·' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::WordList;
    use serde_json::json;
    use unicode_width::UnicodeWidthStr;

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
    fn the_table_fits_every_width_with_letters_for_words() {
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
