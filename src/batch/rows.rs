//! The rows of a job with their questions, IDs and keys: what both the check before the job and the
//! job itself go through.

use std::path::Path;

use serde_json::{Map, Value};

use super::input::{Input, Rows};
use super::options::{JobOptions, KeptColumns};
use super::planner::RowSettings;
use super::question::{BODY, QuestionForm, RowQuestion, no_value_of, value};
use super::repeats::Repeats;
use super::row::{Place, Row, RowKey};
use super::selection::Selection;
use crate::ask::row_request::{RowContent, fallback_models};
use crate::ports::error::CommandError;

/// Columns that are the ID of a row where none is named.
const IDS: [&str; 2] = ["custom_id", "id"];

/// A row of the job.
#[derive(Debug)]
pub(crate) struct JobRow {
    pub number: u64,
    pub place: Place,
    pub id: Value,
    pub key: RowKey,
    /// What it asks, or why it cannot be asked.
    pub question: Result<(RowQuestion, RowSettings), String>,
    /// The columns that are copied into the output.
    pub kept: Option<Map<String, Value>>,
}

/// A row of the job, without its question.
pub(crate) struct FoundRow {
    row: Row,
    pub key: RowKey,
}

impl FoundRow {
    pub(crate) fn place(&self) -> &Place {
        &self.row.place
    }

    /// Its columns; `None` for a row that cannot be read.
    pub(crate) fn values(&self) -> Option<&Map<String, Value>> {
        self.row.values.as_ref().ok()
    }
}

/// Goes through the rows of a job.
pub(crate) struct JobRows<'a> {
    rows: Rows,
    repeats: Repeats,
    selection: Selection,
    configuration: [u8; 16],
    form: &'a QuestionForm,
    options: &'a JobOptions,
}

impl<'a> JobRows<'a> {
    pub(crate) fn new(
        input: &Input,
        selection: Selection,
        configuration: [u8; 16],
        form: &'a QuestionForm,
        options: &'a JobOptions,
    ) -> Self {
        Self {
            rows: input.rows(),
            repeats: Repeats::default(),
            selection,
            configuration,
            form,
            options,
        }
    }

    /// Reads an input for the second time, of which it is known what is repeated.
    pub(crate) fn again(self, repeats: Repeats) -> Self {
        Self { repeats, ..self }
    }

    /// What is repeated in the rows that were read.
    pub(crate) fn repeats(self) -> Repeats {
        self.repeats.known()
    }

    /// The next row of the job, unless `skips` its key; `None` at the end. The question of a row is
    /// made only when it is not skipped.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub(crate) fn next(
        &mut self,
        mut skips: impl FnMut(RowKey) -> bool,
    ) -> Result<Option<JobRow>, CommandError> {
        while let Some(found) = self.find()? {
            if !skips(found.key) {
                return Ok(Some(self.with_question(found)));
            }
        }
        Ok(None)
    }

    /// The next row of the job, without its question; `None` at the end.
    ///
    /// # Errors
    /// When the input cannot be read.
    pub(crate) fn find(&mut self) -> Result<Option<FoundRow>, CommandError> {
        while let Some(row) = self.rows.next()? {
            if self.selection.is_over(row.number) {
                return Ok(None);
            }
            let before = self.repeats.before(row.digest);
            if self.selection.has(row.number) {
                let key = RowKey::new(row.digest, &self.configuration, before);
                return Ok(Some(FoundRow { row, key }));
            }
        }
        Ok(None)
    }

    fn with_question(&self, found: FoundRow) -> JobRow {
        let FoundRow { row, key } = found;
        let (id, question, kept) = match row.values {
            Ok(values) => (
                self.id(&values, row.number),
                self.question(&values, &row.place.file),
                kept(&self.options.kept, values),
            ),
            Err(why) => (Value::from(row.number), Err(why), None),
        };
        JobRow {
            number: row.number,
            place: row.place,
            id,
            key,
            question,
            kept,
        }
    }

    /// The ID that a column gives a row.
    pub(crate) fn named_id<'b>(&self, found: &'b FoundRow) -> Option<&'b Value> {
        let values = found.row.values.as_ref().ok()?;
        self.id_column(values).filter(|id| is_id(id))
    }

    /// Why a row cannot be asked.
    pub(crate) fn fault(&self, found: &FoundRow) -> Option<String> {
        match &found.row.values {
            Ok(values) => self.question(values, &found.row.place.file).err(),
            Err(why) => Some(why.clone()),
        }
    }

    fn id_column<'b>(&self, values: &'b Map<String, Value>) -> Option<&'b Value> {
        match &self.options.id {
            Some(column) => values.get(column),
            None => IDS.iter().find_map(|column| values.get(*column)),
        }
    }

    fn id(&self, values: &Map<String, Value>, number: u64) -> Value {
        match self.id_column(values) {
            Some(id) if is_id(id) => id.clone(),
            _ => Value::from(number),
        }
    }

    fn question(
        &self,
        values: &Map<String, Value>,
        file: &Path,
    ) -> Result<(RowQuestion, RowSettings), String> {
        if let Some(column) = &self.options.id
            && value(values, column).is_none()
        {
            return Err(no_value_of("--id", column, values));
        }
        let from_row = self.options.from_row;
        // An empty cell of a table sets nothing.
        let own = |is_used: bool, column: &str| {
            let set = is_used.then(|| value(values, column)).flatten();
            set.filter(|set| !set.is_empty())
        };
        let question = self
            .form
            .question(values, file.parent().unwrap_or(Path::new("")))?;
        let settings = RowSettings {
            model: own(from_row.model, "model"),
            system: own(from_row.system, "system"),
            schema: own(from_row.schema, "schema"),
            fallback_models: match &question.content {
                RowContent::Body(body) => fallback_models(body),
                _ => None,
            },
        };
        if self.options.uses_line_models {
            let body = values.get(BODY);
            let model = body.and_then(|body| body["model"].as_str());
            let model = model.map(str::to_owned);
            return Ok((question, RowSettings { model, ..settings }));
        }
        Ok((question, settings))
    }
}

/// Whether a value can be an ID.
fn is_id(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn kept(kept: &KeptColumns, values: Map<String, Value>) -> Option<Map<String, Value>> {
    match kept {
        KeptColumns::None => None,
        KeptColumns::All => Some(values),
        KeptColumns::Named(names) => {
            let value = |name: &String| values.get(name).cloned().unwrap_or(Value::Null);
            Some(
                names
                    .iter()
                    .map(|name| (name.clone(), value(name)))
                    .collect(),
            )
        }
    }
}
