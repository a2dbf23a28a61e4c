//! The request for a command: instructions, and the schema for models that support one.

use serde_json::json;

use crate::chat::schema::Schema;
use crate::platform::shell::CommandShell;

/// The name of the schema on the wire.
const NAME: &str = "shell_command";

/// What is asked of the model, for both forms of the answer.
const TASK: &str = "\
You write one command for the user's shell. It does what the user asks and nothing more, runs \
without further input, and uses programs that the system has by default where it can. Several \
steps become one command line, or a short script if it must be. Prefer the form that changes \
nothing where the request leaves a choice. If no command can do it, the command is empty and the \
explanation says why.";

/// What `explanation` and `risk` are.
const FIELDS: &str = "\
explanation: one sentence, in the language of the request. risk: \"low\" if the command only reads \
or creates new files in the current folder; \"medium\" if it changes or overwrites something, or \
writes outside the current folder; \"high\" if it deletes, cannot be undone, or needs the \
permissions of an administrator.";

/// How the answer looks without a schema.
const TEXT_FORM: &str = "\
Answer with the command in one fenced code block, then the explanation on one line, then a last \
line 'Risk: low', 'Risk: medium' or 'Risk: high'. Nothing else.";

/// The system prompt. `more` is a system prompt that the user chose for this question.
pub(crate) fn instructions(
    shell: &CommandShell,
    system: &str,
    has_schema: bool,
    more: Option<&str>,
) -> String {
    let form = if has_schema { "" } else { TEXT_FORM };
    let parts = [
        TASK.to_owned(),
        format!("Shell: {}. System: {system}.", shell.name),
        FIELDS.to_owned(),
        form.to_owned(),
        more.unwrap_or_default().to_owned(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// The schema of the answer; `None` cannot happen with a schema of our own.
pub(crate) fn schema() -> Option<Schema> {
    let schema = json!({
        "type": "object",
        "properties": {
            "command": {"type": "string"},
            "explanation": {"type": "string"},
            "risk": {"type": "string", "enum": ["low", "medium", "high"]},
        },
        "required": ["command", "explanation", "risk"],
        "additionalProperties": false,
    });
    Schema::new(NAME, schema, false).ok()
}

/// The question that explains a command.
pub(crate) fn explanation_question(command: &str, shell: &CommandShell) -> String {
    format!(
        "Explain this {} command part by part, briefly, and say what it changes:\n\n{command}",
        shell.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::system::System;

    #[test]
    fn the_model_is_asked_for_this_shell_and_system() {
        let shell = CommandShell::of_user(System::Linux, |_| Some("/bin/zsh".to_owned()));
        let text = instructions(&shell, "Debian 13", false, Some("Answer in German."));
        assert!(text.contains("Shell: zsh. System: Debian 13."), "{text}");
        assert!(text.contains("fenced code block") && text.ends_with("Answer in German."));
        assert!(!instructions(&shell, "Debian 13", true, None).contains("fenced"));
        assert_eq!(schema().unwrap().name(), NAME);
    }
}
