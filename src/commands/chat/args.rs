//! The options of `amx chat`.

use clap::Args;

use super::alternatives_args::AlternativesArgs;
use super::execute_args::ExecuteArgs;
use super::output_args::OutputArgs;
use crate::ask::question::Checks;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::arguments::groups;
use crate::commands::arguments::model::ModelArgs;
use crate::commands::arguments::tools::ToolArgs;
use crate::config::Overrides;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, ReasoningDisplay};

const EXAMPLES: &str = "\
Examples:
  amx \"Why is the sky blue?\"          the word chat may be omitted
  git diff | amx \"write a commit message\" --output msg
  amx chat -x \"a script that …\" > run.sh
  amx chat -p demo -i \"hello\"         no key, no network";

/// Ask a model
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ChatArgs {
    /// The question; '-' reads stdin. With no prompt on a terminal, starts a conversation
    ///
    /// piped text is appended
    #[arg(help_heading = groups::QUESTION)]
    pub prompt: Vec<String>,

    #[command(flatten)]
    pub model: ModelArgs,

    #[command(flatten)]
    pub ask: AskArgs,

    /// Print one JSON object
    #[arg(long, help_heading = groups::OUTPUT)]
    pub json: bool,

    /// Print one JSON object per event
    #[arg(
        long,
        conflicts_with = "json",
        help_heading = groups::OUTPUT,
        hide_short_help = true
    )]
    pub jsonl: bool,

    /// Print the request body and send nothing
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub dry_run: bool,

    /// Continue the last conversation
    #[arg(short = 'c', long = "continue", help_heading = groups::CONVERSATION)]
    pub continues: bool,

    /// Continue or start a conversation by name
    ///
    /// or continue one by number
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "continues",
        help_heading = groups::CONVERSATION,
        hide_short_help = true
    )]
    pub session: Option<String>,

    /// Resume a saved conversation, or pick one
    ///
    /// by name or number; from a list without one
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with_all = ["continues", "session"],
        help_heading = groups::CONVERSATION
    )]
    pub resume: Option<String>,

    /// Do not save this conversation
    #[arg(long, help_heading = groups::CONVERSATION, hide_short_help = true)]
    pub no_save: bool,

    /// Continue as a conversation after the first answer
    #[arg(
        short,
        long,
        conflicts_with_all = [
            "json", "jsonl", "dry_run", "alternatives", "execute", "output", "copy", "extract"
        ],
        help_heading = groups::CONVERSATION
    )]
    pub interactive: bool,

    #[command(flatten)]
    pub tools: ToolArgs,

    #[command(flatten)]
    pub several: AlternativesArgs,

    #[command(flatten)]
    pub execute: ExecuteArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

impl ChatArgs {
    /// How the answer is printed.
    pub(crate) fn form(&self, show_reasoning: Option<bool>) -> AnswerForm {
        if self.json {
            return AnswerForm::Json;
        }
        if self.jsonl {
            return AnswerForm::JsonLines;
        }
        let reasoning = match ReasoningDisplay::of(show_reasoning) {
            ReasoningDisplay::Folded if self.output.quiet => ReasoningDisplay::Hidden,
            reasoning => reasoning,
        };
        AnswerForm::Text {
            raw: self.ask.raw,
            reasoning,
        }
    }

    /// How strict the checks are.
    pub(crate) fn checks(&self) -> Checks {
        Checks {
            is_dry_run: self.dry_run,
            ..self.ask.checks()
        }
    }

    /// The overrides of the flags.
    pub(crate) fn overrides(&self) -> Result<Overrides, CommandError> {
        let overrides = self
            .ask
            .settings
            .overrides(self.model.profile.clone(), self.model.model.clone())?;
        Ok(Overrides {
            tools: self.tools.names(),
            max_steps: self.tools.max_steps,
            ..overrides
        })
    }
}
