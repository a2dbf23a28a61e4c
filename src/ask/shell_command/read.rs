//! Reads a command from an answer: the value of the schema, or the first fenced block of a text.

use serde_json::Value;

use super::suggested::{Risk, ShellCommand};

/// Words before the explanation and the risk of an answer in text form.
const RISK: &str = "risk:";
const EXPLANATION: &str = "explanation:";

/// The command of a value that has the fields of the schema. `None` when there is no `command`; an
/// empty one says that no command can do it.
pub(crate) fn from_value(value: &Value) -> Option<ShellCommand> {
    let text = value.get("command")?.as_str()?;
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Some(ShellCommand {
        text: without_fence(text),
        explanation: on_one_line(field("explanation")),
        risk: Risk::read(field("risk")),
    })
}

/// The command of a text: of the JSON object that it is, else of its first fenced block, else the
/// only line that it has. `None` for prose.
pub(crate) fn from_text(text: &str) -> Option<ShellCommand> {
    let text = text.trim();
    let object = serde_json::from_str::<Value>(text).ok();
    if let Some(found) = object.as_ref().and_then(from_value) {
        return Some(found);
    }
    let Some((command, rest)) = first_block(text) else {
        let is_command = !text.is_empty() && !text.contains('\n') && text.len() < 400;
        // A sentence is no command.
        let is_prose = text.ends_with(['.', '!', '?', ':']);
        return (is_command && !is_prose).then(|| ShellCommand {
            text: text.trim_matches('`').trim().to_owned(),
            explanation: String::new(),
            risk: None,
        });
    };
    if let Some(found) = serde_json::from_str(&command)
        .ok()
        .as_ref()
        .and_then(from_value)
    {
        return Some(found);
    }
    let mut explanation: Vec<&str> = Vec::new();
    let mut risk = None;
    for line in rest.lines().map(plain) {
        match strip_word(line, RISK) {
            Some(word) => risk = Risk::read(word).or(risk),
            None => explanation.push(strip_word(line, EXPLANATION).unwrap_or(line)),
        }
    }
    Some(ShellCommand {
        text: command,
        explanation: on_one_line(&explanation.join(" ")),
        risk,
    })
}

/// The content of the first fenced block, and the text around it.
fn first_block(text: &str) -> Option<(String, String)> {
    let mut lines = text.lines();
    let mut rest = String::new();
    let fence = loop {
        let line = lines.next()?;
        match fence_of(line) {
            Some(fence) => break fence,
            None => rest.push_str(&format!("{line}\n")),
        }
    };
    let mut command = Vec::new();
    for line in lines.by_ref() {
        let closes = fence_of(line).is_some_and(|closing| {
            closing.starts_with(&fence) && line.trim().chars().all(|c| fence.starts_with(c))
        });
        if closes {
            break;
        }
        command.push(line);
    }
    lines.for_each(|line| rest.push_str(&format!("{line}\n")));
    Some((without_prompt(&command.join("\n")), rest))
}

/// The fence that starts a line: at least three of one mark.
fn fence_of(line: &str) -> Option<String> {
    let line = line.trim_start();
    ['`', '~'].into_iter().find_map(|mark| {
        let fence: String = line.chars().take_while(|c| *c == mark).collect();
        (fence.len() >= 3).then_some(fence)
    })
}

/// A command that a model put into a block of its own.
fn without_fence(text: &str) -> String {
    match first_block(text) {
        Some((command, rest)) if rest.trim().is_empty() => command,
        _ => without_prompt(text),
    }
}

/// Without the `$ ` of a transcript, which is no part of a command.
fn without_prompt(text: &str) -> String {
    let text = text.trim_matches(['\n', '\r']).trim_end();
    let is_one_line = !text.contains('\n');
    match text.trim_start().strip_prefix("$ ") {
        Some(command) if is_one_line => command.trim_start().to_owned(),
        _ => text.to_owned(),
    }
}

/// A line without the marks of emphasis and lists around it.
fn plain(line: &str) -> &str {
    line.trim().trim_matches(['*', '_', '-', ' '])
}

fn strip_word<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let start = line.get(..word.len())?;
    start
        .eq_ignore_ascii_case(word)
        .then(|| line[word.len()..].trim_start_matches(['*', '_', ' ']))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> (String, String, Option<Risk>) {
        let found = from_text(text).unwrap();
        (found.text, found.explanation, found.risk)
    }

    #[test]
    fn the_fields_of_the_schema_are_read() {
        let found = from_value(&json!({
            "command": "```sh\nls -la\n```", "explanation": "Lists\nfiles.", "risk": "LOW",
        }));
        let found = found.unwrap();
        assert_eq!(found.text, "ls -la");
        assert_eq!(
            (found.explanation.as_str(), found.risk),
            ("Lists files.", Some(Risk::Low))
        );
        assert_eq!(from_value(&json!({"explanation": "x"})), None);
        let none = from_value(&json!({"command": "", "explanation": "No."})).unwrap();
        assert_eq!((none.text.as_str(), none.explanation.as_str()), ("", "No."));
    }

    #[test]
    fn the_first_fenced_block_is_the_command() {
        assert_eq!(
            read("Here:\n```bash\nfind . -size +1G\n```\nFinds them.\n**Risk:** low"),
            (
                "find . -size +1G".to_owned(),
                "Here: Finds them.".to_owned(),
                Some(Risk::Low)
            )
        );
        assert_eq!(
            read("```\n$ ls\n```\nExplanation: lists\n```\nother\n```"),
            ("ls".to_owned(), "lists ``` other ```".to_owned(), None)
        );
        assert_eq!(read("~~~~sh\na\n~~~\nb\n~~~~").0, "a\n~~~\nb");
        assert_eq!(read("```sh\ncut off").0, "cut off");
        assert_eq!(read("```json\n{\"command\": \"pwd\"}\n```").0, "pwd");
        assert_eq!(
            read("{\"command\": \"pwd\", \"risk\": \"high\"}").2,
            Some(Risk::High)
        );
    }

    #[test]
    fn a_line_is_a_command_and_prose_is_not() {
        assert_eq!(read("`ls -la`").0, "ls -la");
        assert_eq!(from_text("I cannot do that."), None);
        assert_eq!(from_text("one\ntwo"), None);
        assert_eq!(from_text(" "), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(?s).{0,80}") {
            let _ = from_text(&text);
        }
    }
}
