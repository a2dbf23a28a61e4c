//! The list of models as a table that fits the width.

use crate::catalog::{Capability, Model};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::pick::PickTable;
use crate::present::table::{Column, Table};
use crate::present::{count, money};

const COLUMNS: [Column; 5] = columns(14);

/// The ID may be narrowed to `least` columns; the others are omitted before.
const fn columns(least: usize) -> [Column; 5] {
    [
        Column::left("MODEL").shrinks_to(least),
        Column::right("CONTEXT").omitted(4),
        Column::point("$/M IN").omitted(3),
        Column::point("$/M OUT").omitted(2),
        Column::left("FEATURES").omitted(1),
    ]
}

/// Of a list to pick from, in which the ID is what is searched.
const PICKED: [Column; 5] = columns(24);

/// A feature of a model: its letter and its word.
const FEATURES: [(char, &str); 5] = [
    ('R', "reasoning"),
    ('T', "tools"),
    ('V', "vision"),
    ('L', "logprobs"),
    ('F', "free"),
];

/// Models as rows, with their features as words and as initials.
pub(super) struct ModelTable {
    words: Table<5>,
    letters: Table<5>,
}

impl ModelTable {
    /// For a list to pick from.
    pub(super) fn to_pick(models: &[&Model]) -> Self {
        Self::with(PICKED, models)
    }

    fn of(models: &[&Model]) -> Self {
        Self::with(COLUMNS, models)
    }

    fn with(columns: [Column; 5], models: &[&Model]) -> Self {
        Self {
            words: filled(columns, models, feature_words),
            letters: filled(columns, models, feature_letters),
        }
    }

    /// Features are words where they fit.
    fn fitting(&self, width: usize) -> &Table<5> {
        if self.words.natural_width() <= width {
            &self.words
        } else {
            &self.letters
        }
    }

    /// The lines in at most `width` columns, the header first.
    fn lines(&self, width: usize) -> Vec<String> {
        self.fitting(width).lines(width)
    }

    /// The meaning of the initials, when the words do not fit.
    fn legend(&self, width: usize) -> Option<String> {
        (self.words.natural_width() > width).then(|| {
            FEATURES
                .map(|(letter, word)| format!("{letter} {word}"))
                .join(", ")
        })
    }
}

impl PickTable for ModelTable {
    fn cells(&self, width: usize) -> Vec<Vec<String>> {
        self.fitting(width).cells(width)
    }
}

/// Prints models as a table, on stdout.
///
/// # Errors
/// When stdout is closed.
pub(super) fn show(models: &[&Model], context: &mut Context<'_>) -> Result<(), CommandError> {
    // In a pipe an ID must stay whole: it is copied or parsed.
    let width = if context.output.is_terminal() {
        context.output.width()
    } else {
        usize::MAX
    };
    let table = ModelTable::of(models);
    // One write for all lines.
    context.output.line(&table.lines(width).join("\n"))?;
    if let Some(legend) = table.legend(width) {
        context.output.aside(&legend);
    }
    Ok(())
}

fn filled(columns: [Column; 5], models: &[&Model], features: fn([bool; 5]) -> String) -> Table<5> {
    let mut table = Table::new(columns);
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

/// The features of a model in words.
pub(super) fn features(model: &Model) -> String {
    feature_words(supported(model)).replace(' ', ", ")
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
        let table = ModelTable::of(&references);
        for width in [50, 60, 80, 120, 200] {
            let lines = table.lines(width);
            assert!(
                lines.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            assert_eq!(
                table.legend(width).is_none(),
                width >= 120,
                "{width}: {lines:#?}"
            );
        }
        let narrow = table.lines(60);
        assert!(
            narrow[1].ends_with("1M       3       15  RTVL·") && narrow[1].contains('…'),
            "{:#?}",
            narrow
        );
        let wide = table.lines(200);
        assert!(
            wide[1].ends_with("reasoning tools vision logprobs")
                && wide[2].ends_with("-       -        -  free"),
            "{:#?}",
            wide
        );
    }
}
