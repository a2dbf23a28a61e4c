//! How a row becomes a question: a prompt or a template with `{{column}}`, or the columns `prompt`
//! and `messages`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::columns;
use crate::ask::row_request::RowContent;
use crate::ask::template::ChosenTemplate;
use crate::attachments::row_file;
use crate::chat::endpoint::Endpoint;
use crate::chat::message::{ContentPart, Message, Role};
use crate::config::template::{INPUT, Pattern};
use crate::ports::error::CommandError;

/// The column with a whole question.
const PROMPT: &str = "prompt";

/// The column with the messages of a conversation, in OpenAI's form.
const MESSAGES: &str = "messages";

/// The member of OpenAI's batch lines with the request.
pub(crate) const BODY: &str = "body";

/// The member with the path of the request, and the path of embeddings.
const URL: &str = "url";
pub(crate) const EMBEDDINGS: &str = "/v1/embeddings";

/// The variable for the whole row as JSON.
const ROW: &str = "row";

/// How the rows are asked.
pub(crate) struct QuestionForm {
    /// The prompt of the command line.
    pub prompt: Option<Pattern>,
    pub template: Option<ChosenTemplate>,
    /// What was set for all rows.
    pub variables: BTreeMap<String, String>,
    /// What is attached to every row.
    pub attached: Vec<ContentPart>,
    /// The column with the name of a file to attach.
    pub file_column: Option<String>,
    /// The rows are requests of OpenAI's batch API.
    pub is_openai: bool,
}

/// The question of one row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowQuestion {
    pub content: RowContent,
    /// The system prompt of a template, with the values of the row.
    pub system: Option<String>,
    /// A file to attach.
    pub file: Option<PathBuf>,
}

/// Reads the prompt of the command line.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage) for a `{{` without a column after it.
pub(crate) fn prompt(words: &str) -> Result<Pattern, CommandError> {
    Pattern::of_columns(words).map_err(|fault| {
        let column = words[..fault.at].chars().count() + 1;
        CommandError::usage(format!(
            "the prompt has '{{{{' without a column and '}}}}' after it (character {column})"
        ))
        .hint("amx batch rows.csv \"Classify: {{text}}\" -o out.jsonl")
        .hint("write \\{{ for a literal '{{'")
    })
}

impl RowQuestion {
    /// Its text as an item of a group; `None` for a question that is more than one text.
    pub(crate) fn item(&self) -> Option<String> {
        let (RowContent::Messages(messages), None) = (&self.content, &self.file) else {
            return None;
        };
        let [
            Message {
                role: Role::User,
                content,
                ..
            },
        ] = messages.as_slice()
        else {
            return None;
        };
        match content.as_slice() {
            [ContentPart::Text(text)] => Some(text.to_string()),
            _ => None,
        }
    }
}

impl QuestionForm {
    /// The question of a row of a file in `folder`.
    ///
    /// # Errors
    /// What is missing.
    pub(crate) fn question(
        &self,
        row: &Map<String, Value>,
        folder: &Path,
    ) -> Result<RowQuestion, String> {
        if self.is_openai {
            let body = row.get(BODY).and_then(Value::as_object).cloned();
            let body = body.ok_or("body is not an object")?;
            let is_for_vectors = row.get(URL).is_some_and(|url| url == EMBEDDINGS);
            let content = if is_for_vectors {
                RowContent::Texts(Endpoint::Embeddings, body)
            } else {
                RowContent::Body(body)
            };
            return Ok(RowQuestion {
                content,
                system: None,
                file: None,
            });
        }
        let mut missing = BTreeSet::new();
        let prompt = self
            .prompt
            .as_ref()
            .map(|prompt| self.fill(prompt, row, &mut missing));
        let asks = self.template.as_ref().filter(|template| template.asks());
        let system = self.template.as_ref();
        let system = system.and_then(|template| self.system(template, row, &mut missing));
        let text = match asks {
            Some(template) => Some(self.of_template(template, prompt, row, &mut missing)),
            None => prompt.or_else(|| value(row, PROMPT)),
        };
        let content = match text {
            Some(text) => self.parts(text),
            None if row.contains_key(MESSAGES) => RowContent::Messages(messages(&row[MESSAGES])?),
            None => return Err(nothing_to_ask(row)),
        };
        if missing.is_empty() {
            return Ok(RowQuestion {
                content,
                system,
                file: self.file(row, folder)?,
            });
        }
        Err(no_value(&missing, row))
    }

    /// The file that the row names; an empty name is none.
    fn file(&self, row: &Map<String, Value>, folder: &Path) -> Result<Option<PathBuf>, String> {
        let Some(column) = &self.file_column else {
            return Ok(None);
        };
        let name = value(row, column).ok_or_else(|| no_value_of("--file-column", column, row))?;
        if name.is_empty() {
            return Ok(None);
        }
        row_file::path_below(folder, &name).map(Some)
    }

    /// Text first: some providers process the parts in order.
    fn parts(&self, text: String) -> RowContent {
        let text = ContentPart::Text(text.into());
        let parts = std::iter::once(text).chain(self.attached.iter().cloned());
        RowContent::Messages(vec![Message {
            content: parts.collect(),
            ..Message::text(Role::User, "")
        }])
    }

    fn fill(
        &self,
        pattern: &Pattern,
        row: &Map<String, Value>,
        missing: &mut BTreeSet<String>,
    ) -> String {
        let names = pattern.variables().map(|(name, _)| name);
        let values = self.values(names, row, missing);
        pattern.fill(&values)
    }

    /// The values of these variables: a column, else what was set, else a default.
    fn values<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        row: &Map<String, Value>,
        missing: &mut BTreeSet<String>,
    ) -> BTreeMap<String, String> {
        let defaults = self.template.as_ref().map(ChosenTemplate::values);
        let mut values = BTreeMap::new();
        for name in names {
            let found = value(row, name)
                .or_else(|| self.variables.get(name).cloned())
                .or_else(|| defaults?.get(name).cloned())
                .or_else(|| (name == ROW).then(|| serde_json::to_string(row).unwrap_or_default()));
            match found {
                Some(text) => {
                    values.insert(name.to_owned(), text);
                }
                None => {
                    missing.insert(name.to_owned());
                }
            }
        }
        values
    }

    fn of_template(
        &self,
        chosen: &ChosenTemplate,
        prompt: Option<String>,
        row: &Map<String, Value>,
        missing: &mut BTreeSet<String>,
    ) -> String {
        let template = &chosen.template;
        let takes_input = template.variable(INPUT).is_some();
        let names = template.variables().iter().map(|known| known.name.as_str());
        let is_given = |name: &&str| *name != INPUT || prompt.is_none();
        let mut values = self.values(names.filter(is_given), row, missing);
        match prompt {
            Some(prompt) if takes_input => {
                values.insert(INPUT.to_owned(), prompt);
                template.question(&values)
            }
            Some(prompt) => format!("{}\n\n{prompt}", template.question(&values)),
            None => template.question(&values),
        }
    }

    /// The system prompt of the template, where it differs from row to row.
    fn system(
        &self,
        chosen: &ChosenTemplate,
        row: &Map<String, Value>,
        missing: &mut BTreeSet<String>,
    ) -> Option<String> {
        let names = chosen.template.system_variables();
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return None;
        }
        let values = self.values(names.into_iter(), row, missing);
        chosen.template.system(&values)
    }
}

/// The text of a column; `None` for one that is absent or null.
pub(crate) fn value(row: &Map<String, Value>, column: &str) -> Option<String> {
    match row.get(column)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Why a row cannot be used without the column that an option names.
pub(crate) fn no_value_of(option: &str, column: &str, row: &Map<String, Value>) -> String {
    let columns = columns::instead_of(&[column], row);
    let columns = columns.map_or_else(String::new, |columns| format!(" ({columns})"));
    format!("no value for {option} {}{columns}", column.escape_debug())
}

fn no_value(missing: &BTreeSet<String>, row: &Map<String, Value>) -> String {
    let names: Vec<&str> = missing.iter().map(String::as_str).collect();
    let shown: Vec<String> = names.iter().map(|name| format!("{{{{{name}}}}}")).collect();
    let columns = columns::instead_of(&names, row);
    let columns = columns.map_or_else(String::new, |columns| format!(" ({columns})"));
    format!("no value for {}{columns}", shown.join(", ").escape_debug())
}

fn nothing_to_ask(row: &Map<String, Value>) -> String {
    let columns = columns::instead_of(&[], row).unwrap_or_default();
    format!(
        "it has no column 'prompt' or 'messages', and no prompt with {{{{column}}}} is given \
        ({columns})"
    )
}

/// The messages of a conversation in OpenAI's form.
fn messages(value: &Value) -> Result<Vec<Message>, String> {
    let decoded;
    let list = match value {
        Value::String(text) => {
            decoded = serde_json::from_str::<Value>(text)
                .map_err(|_| "column 'messages' is not a JSON list".to_owned())?;
            &decoded
        }
        other => other,
    };
    let list = list
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or("column 'messages' is not a list of messages")?;
    list.iter().enumerate().map(message).collect()
}

fn message((index, value): (usize, &Value)) -> Result<Message, String> {
    let fault = |what: &str| format!("message {} {what}", index + 1);
    let role = match value["role"].as_str() {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return Err(fault("has no role of system, user or assistant")),
    };
    let content = match &value["content"] {
        Value::String(text) => vec![ContentPart::Text(text.as_str().into())],
        Value::Array(parts) => {
            let parts = parts.iter().map(part).collect::<Option<Vec<_>>>();
            parts.ok_or_else(|| fault("has a part that is neither text nor image_url"))?
        }
        _ => return Err(fault("has no content")),
    };
    Ok(Message {
        content,
        ..Message::text(role, "")
    })
}

fn part(value: &Value) -> Option<ContentPart> {
    match value["type"].as_str()? {
        "text" => Some(ContentPart::Text(value["text"].as_str()?.into())),
        "image_url" => Some(ContentPart::Image {
            url: value["image_url"]["url"].as_str()?.into(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(words: Option<&str>) -> QuestionForm {
        QuestionForm {
            prompt: words.map(|words| prompt(words).unwrap()),
            template: None,
            variables: BTreeMap::from([("lang".to_owned(), "French".to_owned())]),
            attached: Vec::new(),
            file_column: None,
            is_openai: false,
        }
    }

    fn text(form: &QuestionForm, row: Value) -> Result<String, String> {
        let question = form.question(row.as_object().unwrap(), Path::new(""))?;
        match question.content {
            RowContent::Messages(messages) => match &messages[..] {
                [one] => match &one.content[..] {
                    [ContentPart::Text(text)] => Ok(text.to_string()),
                    other => panic!("{other:?}"),
                },
                more => Ok(format!("{} messages", more.len())),
            },
            RowContent::Body(body) | RowContent::Texts(_, body) => {
                Ok(format!("{} fields", body.len()))
            }
        }
    }

    #[test]
    fn columns_fill_the_prompt_before_variables() {
        let form = form(Some("To {{lang}}: {{My Title}} {{n}} {{tags}} {{row}}"));
        let row = json!({"My Title": "a{{n}}", "n": 1.5, "tags": ["x"]});
        let expected = r#"To French: a{{n}} 1.5 ["x"] {"My Title":"a{{n}}","n":1.5,"tags":["x"]}"#;
        assert_eq!(text(&form, row).unwrap(), expected);
        let row = json!({"My Title": "a", "n": 1, "tags": null, "lang": "Dutch"});
        assert_eq!(text(&form, row).unwrap_err(), "no value for {{tags}}");
        let row = json!({"n": 1, "My Titel": "a", "tags": 2});
        let why = text(&form, row).unwrap_err();
        assert_eq!(
            why,
            "no value for {{My Title}} (columns: My Titel, n, tags)"
        );
    }

    #[test]
    fn without_a_prompt_the_columns_prompt_and_messages_count() {
        let form = form(None);
        assert_eq!(text(&form, json!({"prompt": "hi"})).unwrap(), "hi");
        let list = json!([{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]);
        let row = json!({"messages": list});
        assert_eq!(text(&form, row).unwrap(), "2 messages");
        let row = json!({"messages": list.to_string()});
        assert_eq!(text(&form, row).unwrap(), "2 messages");
        for row in [
            json!({"text": "x"}),
            json!({"messages": []}),
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            json!({"messages": [{"role": "user"}]}),
        ] {
            assert!(text(&form, row.clone()).is_err(), "{row}");
        }
    }
}
