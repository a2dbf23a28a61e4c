//! Where vectors go: lines of JSON, one JSON object, a NumPy file, or a short view on a terminal.

use std::fs::File;

use serde::Serialize;
use serde_json::json;

use super::args::{EmbedArgs, VectorForm};
use super::npy::NpyWriter;
use crate::ask::texts::PlacedText;
use crate::ask::texts::embed::{EmbedEnd, VectorSink};
use crate::commands::output_file;
use crate::config::options::Remark;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::{plural, thousands};
use crate::present::page::Page;
use crate::present::table::{Cell, Column, Table};
use crate::present::text::one_line;

/// Values of a vector that a terminal shows.
const SHOWN: usize = 4;

const COLUMNS: [Column; 4] = [
    Column::right("INDEX"),
    Column::right("LENGTH").omitted(1),
    Column::left("TEXT").shrinks_to(12),
    Column::left("VECTOR").omitted(2),
];

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Terminal,
    Ndjson,
    Json,
    Npy,
}

/// The form that the arguments ask for.
///
/// # Errors
/// [`Usage`](crate::ports::ErrorKind::Usage) for an array without a file.
pub(super) fn form(args: &EmbedArgs, is_terminal: bool) -> Result<Form, CommandError> {
    let file = output_file::named(args.output.as_deref());
    let is_npy = |path: &std::path::Path| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
    };
    let by_name = file.is_some_and(is_npy).then_some(VectorForm::Npy);
    match args.format.or(by_name.filter(|_| !args.json)) {
        Some(VectorForm::Npy) if file.is_none() => {
            Err(CommandError::usage("--format npy needs a file").hint("-o FILE.npy"))
        }
        Some(VectorForm::Npy) => Ok(Form::Npy),
        Some(VectorForm::Ndjson) => Ok(Form::Ndjson),
        None if args.json => Ok(Form::Json),
        None if is_terminal && file.is_none() => Ok(Form::Terminal),
        None => Ok(Form::Ndjson),
    }
}

/// Writes vectors.
pub(super) struct VectorOutput<'a, 'c> {
    form: Form,
    with_input: bool,
    texts: &'a [PlacedText],
    /// The file of an array.
    file: Option<File>,
    array: Option<NpyWriter>,
    /// The lines of a whole object.
    lines: Vec<String>,
    /// What a terminal shows.
    table: Table<4>,
    context: &'a mut Context<'c>,
}

/// A vector as a line of JSON.
#[derive(Serialize)]
struct VectorLine<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    embedding: &'a [f32],
}

impl<'a, 'c> VectorOutput<'a, 'c> {
    pub(super) fn new(
        form: Form,
        with_input: bool,
        texts: &'a [PlacedText],
        file: Option<File>,
        context: &'a mut Context<'c>,
    ) -> Self {
        Self {
            form,
            with_input,
            texts,
            file,
            array: None,
            lines: Vec::new(),
            table: Table::new(COLUMNS),
            context,
        }
    }

    /// Completes the output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn end(mut self, end: &EmbedEnd) -> Result<(), CommandError> {
        match self.form {
            Form::Npy => self
                .array
                .take()
                .map_or(Ok(()), |array| array.finish(self.texts.len())),
            // Without a vector the error alone is shown.
            Form::Json if end.embedded == 0 && end.error.is_some() => Ok(()),
            Form::Json => self.object(end),
            Form::Ndjson => Ok(()),
            Form::Terminal => {
                let lines = self.table.page_lines(self.context.table_width());
                let page: Page = lines.into_iter().collect();
                Ok(self.context.output.page(&page)?)
            }
        }
    }

    /// One object with everything. Each vector is text already.
    fn object(&mut self, end: &EmbedEnd) -> Result<(), CommandError> {
        let usage = end.usage.map(|usage| {
            json!({"prompt_tokens": usage.prompt_tokens, "total_tokens": usage.total_tokens})
        });
        let mut object = json!({
            "model": end.model,
            "dimensions": end.dimensions,
            "usage": usage,
            "cost_usd": end.spent.usd,
            "data": null,
        })
        .to_string();
        // `data` is the last member.
        object.truncate(object.len() - "null}".len());
        object.push('[');
        object.push_str(&self.lines.join(","));
        object.push_str("]}");
        Ok(self.context.output.line(&object)?)
    }

    fn json(&self, index: usize, values: &[f32]) -> String {
        let text = self.texts.get(index).map(|text| text.text.as_str());
        let line = VectorLine {
            index,
            input: text.filter(|_| self.with_input),
            embedding: values,
        };
        // Texts and finite numbers: this cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// A row of the view on a terminal.
    fn show(&mut self, index: usize, values: &[f32]) {
        let text = self.texts.get(index).map_or("", |text| text.text.as_str());
        let shown: Vec<String> = values
            .iter()
            .take(SHOWN)
            .map(|value| format!("{value:.4}"))
            .collect();
        let more = if values.len() > SHOWN { " …" } else { "" };
        self.table.row([
            Cell::from(index.to_string()),
            thousands(values.len() as u64).into(),
            one_line(text).into(),
            format!("{}{more}", shown.join(" ")).into(),
        ]);
    }
}

impl VectorSink for VectorOutput<'_, '_> {
    fn vector(&mut self, index: usize, values: &[f32]) -> Result<(), CommandError> {
        match self.form {
            Form::Terminal => {
                self.show(index, values);
                Ok(())
            }
            Form::Ndjson => {
                let line = self.json(index, values);
                Ok(self.context.output.line(&line)?)
            }
            Form::Json => {
                self.lines.push(self.json(index, values));
                Ok(())
            }
            Form::Npy => {
                if let Some(file) = self.file.take() {
                    self.array = Some(NpyWriter::new(file, self.texts.len(), values.len())?);
                }
                self.array
                    .as_mut()
                    .map_or(Ok(()), |array| array.row(index, values))
            }
        }
    }

    fn progress(&mut self, ended: usize) {
        let all = self.texts.len();
        if ended < all && self.context.input.can_ask() {
            let line = format!(
                "{} of {}",
                thousands(ended as u64),
                plural(all as u64, "text")
            );
            self.context.output.progress(&|| vec![line.clone()]);
        }
    }

    fn remark(&mut self, remark: &Remark) {
        self.context.remark([remark]);
    }
}
