//! Writes an output from the lines of a journal: JSON lines, CSV, or the form of OpenAI's batch
//! API.

use std::io::{Error, Write};

use serde_json::{Value, json};

use super::line::OutputLine;
use super::options::OutputForm;
use super::status::RowStatus;
use crate::wire::control_characters::inert_json;

/// The columns of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TableColumns {
    /// Those of the input.
    pub kept: Vec<String>,
    /// The members of a flat schema; empty for answers of text.
    pub members: Vec<String>,
}

/// Writes lines to a file or to memory.
pub(crate) enum Renderer<W: Write> {
    JsonLines(W),
    OpenAi(W),
    Csv {
        writer: Box<csv::Writer<W>>,
        columns: TableColumns,
        has_header: bool,
    },
}

impl<W: Write> Renderer<W> {
    pub(crate) fn new(form: OutputForm, columns: TableColumns, out: W) -> Self {
        match form {
            OutputForm::JsonLines => Self::JsonLines(out),
            OutputForm::OpenAi => Self::OpenAi(out),
            OutputForm::Csv => Self::Csv {
                writer: Box::new(csv::Writer::from_writer(out)),
                columns,
                has_header: false,
            },
        }
    }

    /// Writes a table without a header.
    pub(crate) fn omit_header(&mut self) {
        if let Self::Csv { has_header, .. } = self {
            *has_header = true;
        }
    }

    /// Writes a line; `text` is how the journal has it.
    pub(crate) fn write(&mut self, line: &OutputLine, text: &str) -> Result<(), Error> {
        match self {
            Self::JsonLines(out) => {
                out.write_all(text.trim_end().as_bytes())?;
                out.write_all(b"\n")
            }
            Self::OpenAi(out) => {
                let text = openai(line).to_string();
                writeln!(out, "{}", inert_json(text))
            }
            Self::Csv {
                writer,
                columns,
                has_header,
            } => {
                if !std::mem::replace(has_header, true) {
                    writer.write_record(columns.header()).map_err(of_csv)?;
                }
                writer.write_record(columns.record(line)).map_err(of_csv)
            }
        }
    }

    /// Ends the output. A table without rows has its header.
    pub(crate) fn finish(self) -> Result<W, Error> {
        match self {
            Self::JsonLines(mut out) | Self::OpenAi(mut out) => {
                out.flush()?;
                Ok(out)
            }
            Self::Csv {
                mut writer,
                columns,
                has_header,
            } => {
                if !has_header {
                    writer.write_record(columns.header()).map_err(of_csv)?;
                }
                writer
                    .into_inner()
                    .map_err(|error| Error::other(error.to_string()))
            }
        }
    }
}

fn of_csv(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => Error::other(format!("{other:?}")),
    }
}

impl TableColumns {
    fn header(&self) -> Vec<&str> {
        let texts = if self.members.is_empty() {
            vec!["content"]
        } else {
            self.members.iter().map(String::as_str).collect()
        };
        let kept = self.kept.iter().map(String::as_str);
        std::iter::once("id")
            .chain(kept.filter(|name| *name != "id"))
            .chain(["status"])
            .chain(texts)
            .chain(["cost_usd", "error"])
            .collect()
    }

    fn record(&self, line: &OutputLine) -> Vec<String> {
        let input = |name: &String| {
            let value = line.input.as_ref().and_then(|input| input.get(name));
            value.map(cell).unwrap_or_default()
        };
        let kept = self.kept.iter().filter(|name| *name != "id");
        let texts = if self.members.is_empty() {
            let structured = line.structured.as_ref().map(Value::to_string);
            vec![structured.or(line.content.clone()).unwrap_or_default()]
        } else {
            let value = line.structured.as_ref();
            let member = |name: &String| value.map(|value| cell(&value[name.as_str()]));
            self.members
                .iter()
                .map(|name| member(name).unwrap_or_default())
                .collect()
        };
        let error = line.error.as_ref().map(|error| error.message.clone());
        std::iter::once(cell(&line.id))
            .chain(kept.map(input))
            .chain([line.status.clone()])
            .chain(texts)
            .chain([
                line.cost_usd.map(|usd| usd.to_string()).unwrap_or_default(),
                error.unwrap_or_default(),
            ])
            .collect()
    }
}

/// A value as a field of a table.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line in the form of OpenAI's batch API.
fn openai(line: &OutputLine) -> Value {
    let refused = || {
        let error = line.error.as_ref()?;
        let body = json!({"error": {"message": error.message, "code": error.kind}});
        let status = error.status?;
        Some(json!({"status_code": status, "request_id": null, "body": body}))
    };
    let response = line.response.clone().or_else(refused);
    let is_failure = RowStatus::read(&line.status).is_none_or(RowStatus::is_failure);
    let error = line
        .error
        .as_ref()
        .filter(|_| is_failure && response.is_none());
    json!({
        "id": format!("batch_req_{}", line.key),
        "custom_id": line.id,
        "response": response,
        "error": error.map(|error| json!({"code": error.kind, "message": error.message})),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn line() -> OutputLine {
        OutputLine {
            id: Value::from("r1"),
            key: "k".to_owned(),
            status: "ok".to_owned(),
            content: Some("a \"b\", c\nd".to_owned()),
            cost_usd: Some(0.5),
            input: Some(Map::from_iter([("n".to_owned(), json!(1))])),
            ..OutputLine::default()
        }
    }

    fn rendered(form: OutputForm, columns: TableColumns, line: &OutputLine) -> String {
        let mut renderer = Renderer::new(form, columns, Vec::new());
        renderer.write(line, "{}").unwrap();
        String::from_utf8(renderer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_table_has_the_kept_columns_and_the_members_of_a_flat_schema() {
        let columns = TableColumns {
            kept: vec!["n".to_owned()],
            members: Vec::new(),
        };
        let text = "id,n,status,content,cost_usd,error\nr1,1,ok,\"a \"\"b\"\", c\nd\",0.5,\n";
        assert_eq!(rendered(OutputForm::Csv, columns.clone(), &line()), text);
        let columns = TableColumns {
            members: vec!["label".to_owned(), "score".to_owned()],
            ..columns
        };
        let structured = OutputLine {
            structured: Some(json!({"label": "x", "score": 2})),
            ..line()
        };
        let text = "id,n,status,label,score,cost_usd,error\nr1,1,ok,x,2,0.5,\n";
        assert_eq!(rendered(OutputForm::Csv, columns, &structured), text);
    }

    #[test]
    fn failed_rows_in_the_form_of_openai() {
        let failed = |status| OutputLine {
            status: "error".to_owned(),
            error: Some(super::super::line::LineError {
                kind: "refused".to_owned(),
                message: "No.".to_owned(),
                status,
                ..Default::default()
            }),
            ..line()
        };
        let value = openai(&failed(Some(400)));
        assert_eq!(value["response"]["status_code"], 400);
        assert_eq!(value["error"], Value::Null);
        let value = openai(&failed(None));
        assert_eq!(value["response"], Value::Null);
        assert_eq!(value["error"]["code"], "refused");
    }
}
