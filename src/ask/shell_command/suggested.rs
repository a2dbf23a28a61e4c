//! A command as the model suggests it, with its explanation and risk.

use serde_json::{Value, json};

use super::danger::{dangers, is_read_only};

/// What a model says a command may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Risk {
    /// It reads, or creates something new in this folder.
    Low,
    /// It changes or overwrites something, or writes outside this folder.
    Medium,
    /// It deletes, cannot be undone, or needs the permissions of an administrator.
    High,
}

impl Risk {
    /// The words of the schema, and those that models use for them.
    const WORDS: &[(&str, Self)] = &[
        ("low", Self::Low),
        ("none", Self::Low),
        ("safe", Self::Low),
        ("medium", Self::Medium),
        ("moderate", Self::Medium),
        ("caution", Self::Medium),
        ("high", Self::High),
        ("dangerous", Self::High),
        ("destructive", Self::High),
    ];

    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let word = text.split(|c: char| !c.is_ascii_alphabetic()).next()?;
        let row = Self::WORDS.iter().find(|(known, _)| *known == word);
        row.map(|(_, risk)| *risk)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A command, in the words of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellCommand {
    /// One or more lines, without a line end after the last one.
    pub text: String,
    /// One line; may be empty.
    pub explanation: String,
    pub risk: Option<Risk>,
}

impl ShellCommand {
    /// Why a person should look twice before it runs: what the command does by its words, else what
    /// the model says. Empty when nothing speaks against running it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let found = dangers(&self.text);
        if !found.is_empty() {
            let warning = |what: &String| format!("the command {what}");
            return found.iter().map(warning).collect();
        }
        self.risk
            .filter(|risk| *risk > Risk::Low)
            .map(|risk| format!("the model rates the risk as {}", risk.word()))
            .into_iter()
            .collect()
    }

    /// Whether Enter may run it. It is a default and no security boundary: a command can hide what
    /// it does.
    pub(crate) fn runs_by_default(&self) -> bool {
        let is_known = self.risk == Some(Risk::Low) || is_read_only(&self.text);
        is_known && self.warnings().is_empty()
    }

    /// The fields of `--json`.
    pub(crate) fn to_json(&self, shell: &str) -> Value {
        json!({
            "command": self.text,
            "explanation": self.explanation,
            "risk": self.risk.map(Risk::word),
            "warnings": self.warnings(),
            "shell": shell,
        })
    }

    /// The answer as Markdown, as it is saved.
    pub(crate) fn to_markdown(&self, language: &str) -> String {
        let longest = self
            .text
            .split(|c| c != '`')
            .map(str::len)
            .max()
            .unwrap_or_default();
        let fence = "`".repeat(longest.saturating_add(1).max(3));
        let block = format!("{fence}{language}\n{}\n{fence}", self.text);
        if self.explanation.is_empty() {
            block
        } else {
            format!("{block}\n\n{}", self.explanation)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str, risk: Option<Risk>) -> ShellCommand {
        ShellCommand {
            text: text.to_owned(),
            explanation: "Lists files.".to_owned(),
            risk,
        }
    }

    #[test]
    fn the_risk_of_the_model_counts_when_the_words_are_harmless() {
        for (text, risk, warnings, runs) in [
            ("make all", Some(Risk::Low), vec![], true),
            ("ls -la", None, vec![], true),
            ("make all", None, vec![], false),
            (
                "make all",
                Some(Risk::Medium),
                vec!["the model rates the risk as medium"],
                false,
            ),
            (
                "rm -r build",
                Some(Risk::Low),
                vec!["the command deletes (rm)"],
                false,
            ),
        ] {
            let command = command(text, risk);
            assert_eq!(command.warnings(), warnings, "{text}");
            assert_eq!(command.runs_by_default(), runs, "{text}");
        }
    }

    #[test]
    fn risks_are_read_leniently() {
        assert_eq!(Risk::read(" HIGH - deletes"), Some(Risk::High));
        assert_eq!(Risk::read("safe."), Some(Risk::Low));
        assert_eq!(Risk::read("unclear"), None);
    }

    #[test]
    fn the_saved_answer_is_a_code_block() {
        let saved = command("ls", None).to_markdown("bash");
        assert_eq!(saved, "```bash\nls\n```\n\nLists files.");
        let saved = command("echo '```'", None).to_markdown("zsh");
        assert!(saved.starts_with("````zsh\n"), "{saved}");
    }
}
