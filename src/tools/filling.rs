//! Fills the arguments of a call into a command. Pure: what comes out is executed as it is.
//!
//! A value becomes part of one element and never a second one. No shell reads it, unless the tool
//! is a line for a shell: then values are variables, and never in the line.

use serde_json::{Map, Value};

use crate::config::command_pieces::{Piece, pieces};
use crate::config::command_tool::{CommandTool, shell_variable};

/// The shell of tools with `shell: true`, and its flag before a line.
pub(super) const SHELL: [&str; 2] = ["sh", "-c"];

/// What is executed for some arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilledCommand {
    /// Program and arguments.
    pub words: Vec<String>,
    /// The values for the line of a shell.
    pub variables: Vec<(String, String)>,
    /// The arguments as one line of JSON.
    pub stdin: Option<String>,
}

/// Fills the arguments of a call, which match the schema of the tool.
///
/// # Errors
/// Why it is not run, for the model.
pub(crate) fn fill(
    tool: &CommandTool,
    arguments: &Map<String, Value>,
) -> Result<FilledCommand, String> {
    let stdin = tool
        .reads_json
        .then(|| format!("{}\n", Value::Object(arguments.clone())));
    if tool.is_shell {
        let line = tool.command.iter().cloned();
        return Ok(FilledCommand {
            words: SHELL.into_iter().map(str::to_owned).chain(line).collect(),
            variables: variables(tool, arguments)?,
            stdin,
        });
    }
    let mut words: Vec<String> = Vec::with_capacity(tool.command.len());
    for element in &tool.command {
        let may_be_option = words.iter().skip(1).any(|word| word == "--");
        if let Some(word) = word(element, arguments, may_be_option)? {
            words.push(word);
        }
    }
    Ok(FilledCommand {
        words,
        variables: Vec::new(),
        stdin,
    })
}

/// One element with its values; `None` when it is nothing but a value that is absent.
fn word(
    element: &str,
    arguments: &Map<String, Value>,
    may_start_with_hyphen: bool,
) -> Result<Option<String>, String> {
    let pieces = pieces(element)?;
    if let [Piece::Value(name)] = pieces.as_slice()
        && value_of(arguments, name).is_none()
    {
        return Ok(None);
    }
    let mut word = String::new();
    for piece in &pieces {
        match piece {
            Piece::Text(text) => word.push_str(text),
            Piece::Value(name) => {
                let value = value_of(arguments, name).map(|value| text_of(name, value));
                word.push_str(&value.transpose()?.unwrap_or_default());
            }
        }
    }
    if let Some(Piece::Value(name)) = pieces.first()
        && word.starts_with('-')
        && !may_start_with_hyphen
    {
        return Err(format!(
            "not run: '{name}' starts with '-', which the program would read as an option"
        ));
    }
    Ok(Some(word))
}

/// A value that is there. `null` is how models say that one is not.
fn value_of<'a>(arguments: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    arguments.get(name).filter(|value| !value.is_null())
}

/// Text as it is, anything else as JSON.
fn text_of(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.contains('\0') => Err(format!(
            "not run: '{name}' has a NUL character, which no argument can have"
        )),
        Value::String(text) => Ok(text.clone()),
        value => Ok(value.to_string()),
    }
}

/// A variable for each parameter that has a value.
fn variables(
    tool: &CommandTool,
    arguments: &Map<String, Value>,
) -> Result<Vec<(String, String)>, String> {
    tool.parameter_names()
        .filter_map(|name| Some((name, value_of(arguments, name)?)))
        .map(|(name, value)| Ok((shell_variable(name), text_of(name, value)?)))
        .collect()
}

impl FilledCommand {
    /// As a line for a shell that would run the same; what goes to stdin is on a line of its own.
    pub(crate) fn shown(&self) -> String {
        let quoted =
            |text: &String| shlex::try_quote(text).map_or_else(|_| text.clone(), Into::into);
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={}", quoted(value)));
        let words = self.words.iter().map(&quoted);
        let mut shown = variables.chain(words).collect::<Vec<String>>().join(" ");
        if let Some(stdin) = &self.stdin {
            shown.push_str("\nstdin: ");
            shown.push_str(stdin.trim_end());
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn tool(command: &[&str], parameters: &Value) -> CommandTool {
        let command = command.iter().map(ToString::to_string).collect();
        CommandTool::new("t", command, parameters.clone())
    }

    fn filled(command: &[&str], arguments: &Value) -> Result<Vec<String>, String> {
        let properties: Map<String, Value> = ["a", "b", "list"]
            .into_iter()
            .map(|name| (name.to_owned(), json!({})))
            .collect();
        let tool = tool(
            command,
            &json!({"type": "object", "properties": properties}),
        );
        fill(&tool, arguments.as_object().unwrap()).map(|filled| filled.words)
    }

    #[test]
    fn values_are_parts_of_one_element() {
        for (command, arguments, expected) in [
            (
                &["p", "{a}"][..],
                json!({"a": "x y; rm $(z)\n"}),
                &["p", "x y; rm $(z)\n"][..],
            ),
            (
                &["p", "u/{a}?{b}"],
                json!({"a": "o", "b": 5}),
                &["p", "u/o?5"],
            ),
            (&["p", "{a}", "z"], json!({}), &["p", "z"]),
            (&["p", "{a}", "z"], json!({"a": null}), &["p", "z"]),
            (&["p", "-n{a}"], json!({}), &["p", "-n"]),
            (&["p", "{a}{b}"], json!({}), &["p", ""]),
            (&["p", "{a}"], json!({"a": ""}), &["p", ""]),
            (&["p", "{a}"], json!({"a": true}), &["p", "true"]),
            (
                &["p", "{list}"],
                json!({"list": ["x", {"y": 1.5}]}),
                &["p", r#"["x",{"y":1.5}]"#],
            ),
            (&["p", "{{{a}"], json!({"a": "{b}"}), &["p", "{{b}"]),
        ] {
            assert_eq!(
                filled(command, &arguments).unwrap(),
                expected,
                "{command:?}"
            );
        }
    }

    #[test]
    fn a_value_is_no_option_and_has_no_nul() {
        for (command, arguments, refused) in [
            (&["p", "{a}"][..], json!({"a": "-rf"}), true),
            (&["p", "{a}x"], json!({"a": "--"}), true),
            (&["p", "{a}{b}"], json!({"b": "-x"}), true),
            (&["p", "{a}"], json!({"a": -5}), true),
            (&["p", "--", "{a}"], json!({"a": "-rf"}), false),
            (&["p", "n={a}"], json!({"a": "-rf"}), false),
            (&["p", "{a}", "{b}"], json!({"a": "--", "b": "-x"}), true),
            (&["p", "--", "{a}"], json!({"a": "x\0y"}), true),
            (&["p", "{list}"], json!({"list": ["\0"]}), false),
        ] {
            assert_eq!(
                filled(command, &arguments).is_err(),
                refused,
                "{command:?} {arguments}"
            );
        }
        // An option by the user's own hand is none of the model's.
        assert!(filled(&["--", "{a}"], &json!({"a": "-rf"})).is_err());
    }

    #[test]
    fn values_for_a_shell_are_variables() {
        let mut line = tool(
            &["echo \"$AMX_ARG_a_b\""],
            &json!({"type": "object", "properties": {"a-b": {}, "c": {}}}),
        );
        line.is_shell = true;
        line.reads_json = true;
        let arguments = json!({"a-b": "$(id)'"});
        let filled = fill(&line, arguments.as_object().unwrap()).unwrap();
        assert_eq!(filled.words, ["sh", "-c", "echo \"$AMX_ARG_a_b\""]);
        assert_eq!(
            filled.variables,
            [("AMX_ARG_a_b".to_owned(), "$(id)'".to_owned())]
        );
        let shown = filled.shown();
        let (line, stdin) = shown.split_once("\nstdin: ").unwrap();
        assert_eq!(stdin, r#"{"a-b":"$(id)'"}"#);
        assert_eq!(
            shlex::split(line).unwrap(),
            ["AMX_ARG_a_b=$(id)'", "sh", "-c", "echo \"$AMX_ARG_a_b\""]
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_a_shell_would_run(a in "[^\0]{0,20}", b in "[ -~]{0,20}") {
            let words = filled(&["p", "--", "{a}", "x={b}"], &json!({"a": a, "b": b})).unwrap();
            prop_assert_eq!(words.len(), 4);
            let shown = FilledCommand { words: words.clone(), variables: Vec::new(), stdin: None };
            prop_assert_eq!(shlex::split(&shown.shown()).unwrap(), words);
        }
    }
}
