//! Writes an output from the lines of a journal: JSON lines, CSV, or the form of OpenAI's batch
//! API.

use std::collections::HashSet;
use std::io::{Error, Write};

use serde_json::{Value, json};

use super::line::{LineError, OutputLine};
use super::options::OutputForm;
use super::status::RowStatus;
use crate::wire::control_characters::inert_json;

/// The columns that each table has.
const OWN_COLUMNS: [&str; 4] = ["id", "status", "cost_usd", "error"];

/// That of an answer of text.
const CONTENT: &str = "content";

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
    /// The names of the columns, each once: where the output has a column of that name, a member
    /// of the answer or a column of the input is named with where a line of JSON has it.
    fn header(&self) -> Vec<String> {
        let [id, status, cost, error] = OWN_COLUMNS.map(str::to_owned);
        let mut taken: HashSet<String> = OWN_COLUMNS.map(str::to_owned).into();
        let texts = if self.members.is_empty() {
            taken.insert(CONTENT.to_owned());
            vec![CONTENT.to_owned()]
        } else {
            free_names("structured", self.members.iter(), &mut taken)
        };
        let kept = free_names("input", self.kept_beside_id(), &mut taken);
        std::iter::once(id)
            .chain(kept)
            .chain([status])
            .chain(texts)
            .chain([cost, error])
            .collect()
    }

    /// The kept columns without that of the ID.
    fn kept_beside_id(&self) -> impl Iterator<Item = &String> {
        self.kept.iter().filter(|name| *name != OWN_COLUMNS[0])
    }

    fn record(&self, line: &OutputLine) -> Vec<String> {
        let input = |name: &String| {
            let value = line.input.as_ref().and_then(|input| input.get(name));
            value.map(cell).unwrap_or_default()
        };
        let kept = self.kept_beside_id();
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
        let error = line.error.as_ref().map(LineError::words);
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

/// Names that are not taken, each of which is taken then: those of `place` are called so.
fn free_names<'a>(
    place: &str,
    names: impl Iterator<Item = &'a String>,
    taken: &mut HashSet<String>,
) -> Vec<String> {
    let free = |name: &String| {
        let mut free = name.clone();
        while !taken.insert(free.clone()) {
            free = format!("{place}.{free}");
        }
        free
    };
    names.map(free).collect()
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
        let body = json!({"error": {"message": error.words(), "code": error.kind}});
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
        // A text there, whatever it is in the input.
        "custom_id": cell(&line.id),
        "response": response,
        "error": error.map(|error| json!({"code": error.kind, "message": error.words()})),
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
    fn a_table_has_each_name_once_and_the_words_of_the_provider() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let header = |kept: &[&str], members: &[&str]| {
            let (kept, members) = (names(kept), names(members));
            TableColumns { kept, members }.header().join(",")
        };
        let kept = [
            "id",
            "status",
            "content",
            "error",
            "cost_usd",
            "input.status",
            "n",
        ];
        assert_eq!(
            header(&kept, &[]),
            "id,input.status,input.content,input.error,input.cost_usd,input.input.status,n,\
            status,content,cost_usd,error"
        );
        assert_eq!(
            header(&["content", "label"], &["status", "id", "label"]),
            "id,content,input.label,status,structured.status,structured.id,label,cost_usd,error"
        );
        let refused = OutputLine {
            status: "error".to_owned(),
            error: Some(refusal(Some(400))),
            ..OutputLine::default()
        };
        let record = TableColumns::default().record(&refused);
        assert_eq!(record.last().unwrap(), "No.: The field 'x' is unknown.");
    }

    fn refusal(status: Option<u16>) -> LineError {
        LineError {
            kind: "refused".to_owned(),
            message: "No.".to_owned(),
            caused_by: Some("The field 'x' is unknown.".to_owned()),
            status,
            ..LineError::default()
        }
    }

    #[test]
    fn failed_rows_in_the_form_of_openai() {
        let failed = |status| OutputLine {
            status: "error".to_owned(),
            error: Some(refusal(status)),
            id: Value::from(7),
            ..line()
        };
        let value = openai(&failed(Some(400)));
        assert_eq!(value["response"]["status_code"], 400);
        assert_eq!(value["custom_id"], "7");
        let words = "No.: The field 'x' is unknown.";
        assert_eq!(value["response"]["body"]["error"]["message"], words);
        assert_eq!(value["error"], Value::Null);
        let value = openai(&failed(None));
        assert_eq!(value["response"], Value::Null);
        assert_eq!(value["error"]["code"], "refused");
        assert_eq!(value["error"]["message"], words);
    }
}
