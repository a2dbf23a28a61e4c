//! What the user decides about a job.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pace::PaceLimits;
use super::shard::Shard;

/// In which order the lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LineOrder {
    /// As the rows end.
    #[default]
    Done,
    /// That of the input.
    Input,
}

/// How the output is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum OutputForm {
    /// An object a line.
    #[default]
    JsonLines,
    Csv,
    /// The lines of OpenAI's batch API.
    OpenAi,
}

/// Names, as `--as` has them.
pub(crate) const FORMS: &[(&str, OutputForm)] = &[
    ("jsonl", OutputForm::JsonLines),
    ("csv", OutputForm::Csv),
    ("openai", OutputForm::OpenAi),
];

impl OutputForm {
    pub(crate) fn name(self) -> &'static str {
        FORMS
            .iter()
            .find(|(_, form)| *form == self)
            .map_or("", |(name, _)| name)
    }

    pub(crate) fn read(name: &str) -> Option<Self> {
        FORMS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, form)| *form)
    }
}

/// The columns that are copied into the output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum KeptColumns {
    #[default]
    None,
    All,
    Named(Vec<String>),
}

/// When to stop for failures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum MaxErrors {
    Rows(u64),
    /// Part of the rows that have ended, 0 to 1.
    Part(f64),
}

/// The settings that a row may bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FromRow {
    pub model: bool,
    pub system: bool,
    pub schema: bool,
}

/// How rows are asked in discounted batches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Discount {
    /// The job ends when the batches are submitted.
    pub detaches: bool,
    /// The pause between two looks, instead of growing ones.
    pub poll: Option<Duration>,
}

/// What the user decides about a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobOptions {
    /// The output, with its shard in the name; `None` for stdout.
    pub output: Option<PathBuf>,
    pub form: OutputForm,
    /// The file of the rows that failed, where they are written apart.
    pub errors: Option<PathBuf>,
    /// The column of the IDs.
    pub id: Option<String>,
    pub kept: KeptColumns,
    pub from_row: FromRow,
    /// The models of OpenAI's batch lines are asked, as the command line names none.
    pub uses_line_models: bool,
    pub order: LineOrder,
    pub limits: PaceLimits,
    /// USD for the whole job.
    pub max_cost: Option<f64>,
    /// USD for each request, where it is set apart.
    pub max_cost_row: Option<f64>,
    /// The first rows only.
    pub limit: Option<u64>,
    /// So many rows, by a fixed choice.
    pub sample: Option<u64>,
    pub shard: Option<Shard>,
    /// Rows of one request; 0 and 1 are one.
    pub group: usize,
    pub retries_failed: bool,
    pub restarts: bool,
    pub max_errors: Option<MaxErrors>,
    pub skips_bad: bool,
    /// `None` for rows that are asked one by one.
    pub discount: Option<Discount>,
    /// Equal IDs are an error.
    pub strict: bool,
}

impl JobOptions {
    /// The journal that this run writes: the output itself, or a file beside one that is written
    /// from it.
    pub(crate) fn journal(&self) -> Option<PathBuf> {
        let output = self.output.as_ref()?;
        if !self.is_rendered() {
            return Some(output.clone());
        }
        Some(journal_of(output))
    }

    /// Whether the output is written from a journal beside it, as it is from then on when one run
    /// wrote failed rows apart.
    pub(crate) fn is_rendered(&self) -> bool {
        let is_beside = |output: &PathBuf| journal_place(output, self.form) != *output;
        self.errors.is_some() || self.output.as_ref().is_some_and(is_beside)
    }
}

/// The journal beside an output that is written from it.
pub(crate) fn journal_of(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

/// Where the journal of earlier runs is: beside the output where there is one, whatever the
/// options of this run.
pub(crate) fn journal_place(output: &Path, form: OutputForm) -> PathBuf {
    let beside = journal_of(output);
    if form == OutputForm::JsonLines && !beside.exists() {
        return output.to_owned();
    }
    beside
}
