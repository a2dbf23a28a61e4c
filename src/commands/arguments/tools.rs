//! Which tools a question may call, and which of them run without asking.

use std::path::PathBuf;

use clap::Args;

use super::groups;
use crate::ask::tools::ToolSession;
use crate::config::Environment;
use crate::ports::error::CommandError;
use crate::tools::gate::Gate;
use crate::tools::permissions::{Permissions, may_allow};

/// Most steps.
const MOST_STEPS: i64 = 200;

/// The tools of a question.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ToolArgs {
    /// Let the model call these tools, or 'all'
    ///
    /// names or patterns such as github__get_*; 'all' is those of the profile
    #[arg(
        long = "tool",
        id = "tool_names",
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = groups::ANSWER
    )]
    pub tools: Vec<String>,

    /// Let the model call no tools, not even those of the profile
    #[arg(
        long,
        conflicts_with = "tool_names",
        help_heading = groups::TOOLS,
        hide_short_help = true
    )]
    pub no_tools: bool,

    /// How often the model may be asked again after tool results, 1 to 200
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=MOST_STEPS),
        help_heading = groups::TOOLS,
        hide_short_help = true
    )]
    pub max_steps: Option<u32>,

    #[command(flatten)]
    pub rules: ToolRules,
}

/// What tools may do without a question.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ToolRules {
    /// Run these tools without asking, this time only
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = allowed,
        help_heading = groups::TOOLS,
        hide_short_help = true
    )]
    pub allow: Vec<String>,

    /// Folder that the built-in file tools may read (repeatable)
    #[arg(
        long = "root",
        value_name = "DIR",
        help_heading = groups::TOOLS,
        hide_short_help = true
    )]
    pub roots: Vec<PathBuf>,
}

impl ToolArgs {
    /// The names of `--tool`; empty for `--no-tools`; `None` without either.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        (self.no_tools || !self.tools.is_empty()).then(|| self.tools.clone())
    }
}

/// The same flags where no tool is called.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RefusedToolArgs {
    #[arg(long = "tool", id = "refused_tool", hide = true)]
    tool: Option<String>,
    #[arg(long = "allow", id = "refused_allow", hide = true)]
    allow: Option<String>,
    #[arg(long = "max-steps", id = "refused_steps", hide = true)]
    max_steps: Option<String>,
    #[arg(long = "root", id = "refused_root", hide = true)]
    root: Option<String>,
}

impl RefusedToolArgs {
    /// The error for a flag that is there.
    ///
    /// # Errors
    /// [`crate::ports::error::ErrorKind::Usage`].
    pub(crate) fn refuse(&self, what: &str) -> Result<(), CommandError> {
        let flags = [
            ("--tool", self.tool.is_some()),
            ("--allow", self.allow.is_some()),
            ("--max-steps", self.max_steps.is_some()),
            ("--root", self.root.is_some()),
        ];
        refuse(&flags, what)
    }
}

impl ToolArgs {
    /// The error for a flag that is there, where no tool is called.
    ///
    /// # Errors
    /// [`crate::ports::error::ErrorKind::Usage`].
    pub(crate) fn refuse(&self, what: &str) -> Result<(), CommandError> {
        let flags = [
            ("--tool", !self.tools.is_empty()),
            ("--allow", !self.rules.allow.is_empty()),
            ("--max-steps", self.max_steps.is_some()),
            ("--root", !self.rules.roots.is_empty()),
        ];
        refuse(&flags, what)
    }
}

fn refuse(flags: &[(&str, bool)], what: &str) -> Result<(), CommandError> {
    match flags.iter().find(|(_, is_set)| *is_set) {
        Some((flag, _)) => Err(CommandError::usage(format!(
            "{flag} has no effect here: {what} calls no tools"
        ))
        .hint("amx chat --tool NAME \"your question\"")),
        None => Ok(()),
    }
}

/// A name or pattern of `--allow`, which must not be one for everything.
fn allowed(text: &str) -> Result<String, String> {
    if may_allow(text) {
        return Ok(text.to_owned());
    }
    Err(
        "there is no yes to every tool: name them, or use a pattern such as github__get_*"
            .to_owned(),
    )
}

impl ToolRules {
    /// What the tools of this run have in common. Reads nothing and starts nothing.
    pub(crate) fn session(&self, environment: &Environment) -> ToolSession {
        let permissions = Permissions::new(self.allow.iter().cloned());
        let gate = Gate::new(environment.clone(), permissions);
        ToolSession::new(self.roots.clone(), gate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        tools: ToolArgs,
    }

    fn parsed(words: &[&str]) -> Result<ToolArgs, clap::Error> {
        let words = ["amx"].iter().chain(words);
        Line::try_parse_from(words).map(|line| line.tools)
    }

    #[test]
    fn names_come_in_lists_and_flags() {
        let args = parsed(&["--tool", "a,b", "--tool", "c", "--allow", "a,b*"]).unwrap();
        assert_eq!(args.names().unwrap(), ["a", "b", "c"]);
        assert_eq!(args.rules.allow, ["a", "b*"]);
        assert_eq!(parsed(&[]).unwrap().names(), None);
        assert_eq!(parsed(&["--no-tools"]).unwrap().names(), Some(Vec::new()));
    }

    #[test]
    fn there_is_no_yes_to_everything() {
        for everything in ["*", "**", "a,*"] {
            let error = parsed(&["--allow", everything]).err().unwrap();
            assert!(
                error.to_string().contains("no yes to every tool"),
                "{error}"
            );
        }
        for number in ["0", "201", "x"] {
            assert!(parsed(&["--max-steps", number]).is_err(), "{number}");
        }
        assert!(parsed(&["--tool", "a", "--no-tools"]).is_err());
    }

    #[test]
    fn where_no_tool_is_called_a_flag_is_refused() {
        let refused = parsed(&["--root", "."]).unwrap().refuse("compare");
        let error = refused.unwrap_err();
        assert_eq!(
            error.message,
            "--root has no effect here: compare calls no tools"
        );
        assert!(parsed(&["--no-tools"]).unwrap().refuse("compare").is_ok());
    }
}
