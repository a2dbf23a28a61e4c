//! The list of models as a table that fits the width.

use crate::catalog::{Capability, Model};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::pick::PickTable;
use crate::present::page::{Line, Page, Role};
use crate::present::table::{Column, Table};
use crate::present::{count, money};

const FEATURES_HEAD: &str = "FEATURES";

const COLUMNS: [Column; 5] = columns(14);

/// The ID may be narrowed to `least` columns; the others are omitted before.
const fn columns(least: usize) -> [Column; 5] {
    [
        Column::left("MODEL").shrinks_to(least),
        Column::right("CONTEXT").omitted(4),
        Column::point("$/M IN").omitted(3),
        Column::point("$/M OUT").omitted(2),
        Column::left(FEATURES_HEAD).omitted(1),
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

    /// The table in at most `width` columns, with the meaning of the initials.
    fn page(&self, width: usize) -> Page {
        let lines = self.fitting(width).page_lines(width);
        let has_initials = self.words.natural_width() > width
            && lines
                .first()
                .is_some_and(|head| head.text().contains(FEATURES_HEAD));
        let mut page: Page = lines.into_iter().collect();
        if has_initials {
            let legend = FEATURES
                .map(|(letter, word)| format!("{letter} {word}"))
                .join(", ");
            page.gap();
            page.line(Line::of(Role::Dim, legend));
        }
        page
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
    let page = ModelTable::of(models).page(context.table_width());
    Ok(context.output.page(&page)?)
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
    use crate::present::page::Block;
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

    fn lines(models: &[Model], width: usize) -> Vec<String> {
        let references: Vec<&Model> = models.iter().collect();
        let blocks = ModelTable::of(&references).page(width).blocks.into_iter();
        let text = |block: Block| match block {
            Block::Line(line) => line.text(),
            Block::Document(text) | Block::Question(text) => text,
        };
        blocks.map(text).collect()
    }

    #[test]
    fn the_table_fits_every_width_with_letters_for_words() {
        let models = models();
        for width in [32, 40, 50, 60, 80, 120, 200] {
            let lines = lines(&models, width);
            let rows = &lines[..3];
            assert!(
                rows.iter().all(|line| line.width() <= width),
                "{width}: {lines:#?}"
            );
            let has_legend = lines
                .last()
                .is_some_and(|line| line.starts_with("R reason"));
            let has_initials = width < 120 && lines[0].contains(FEATURES_HEAD);
            assert_eq!(has_legend, has_initials, "{width}: {lines:#?}");
        }
        let narrow = lines(&models, 60);
        assert!(
            narrow[1].ends_with("1M       3       15  RTVL·") && narrow[1].contains('…'),
            "{narrow:#?}"
        );
        let wide = lines(&models, 200);
        assert!(
            wide[1].ends_with("reasoning tools vision logprobs")
                && wide[2].ends_with("-       -        -  free"),
            "{wide:#?}"
        );
    }
}
