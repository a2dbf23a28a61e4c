//! The options of `amx chat`.

use clap::Args;

use super::alternatives_args::AlternativesArgs;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::arguments::settings::model;
use crate::config::Overrides;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, ReasoningDisplay};

const EXAMPLES: &str = "\
Examples:
  amx chat \"Why is the sky blue?\"
  git diff | amx chat \"write the commit message\" > msg
  amx chat -p demo \"hello\"                       no key, no network
  amx chat -m openai/gpt-5-mini --json \"hi\" | jq -r .content
  amx chat --schema 'name, age int' -f cv.pdf \"who is this?\"
  amx chat --alternatives 3 \"name it\"            three answers, the surest first
  amx chat -o provider.order=Together,DeepInfra --dry-run \"hi\"";

/// Ask a model
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct ChatArgs {
    /// The question; '-' stands for stdin. Piped text is put below it
    pub prompt: Vec<String>,

    /// Profile to use
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Model to ask: ID, ID,ID (the others if it fails), PROVIDER:ID or PROFILE:ID,
    /// ID?temperature=0.7
    #[arg(short, long, value_name = "ID", value_parser = model)]
    pub model: Option<String>,

    #[command(flatten)]
    pub ask: AskArgs,

    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,

    /// One JSON object a line for each event
    #[arg(long, conflicts_with = "json")]
    pub jsonl: bool,

    /// Print the exact request body and send nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Go on with the last conversation
    #[arg(short = 'c', long = "continue")]
    pub continues: bool,

    /// Go on with a conversation, by name or number; a new name begins one
    #[arg(long, value_name = "NAME", conflicts_with = "continues")]
    pub session: Option<String>,

    /// Store nothing of this conversation
    #[arg(long)]
    pub no_save: bool,

    #[command(flatten)]
    pub several: AlternativesArgs,
}

impl ChatArgs {
    /// How the answer is to be shown.
    pub fn form(&self, show_reasoning: Option<bool>) -> AnswerForm {
        if self.json {
            return AnswerForm::Json;
        }
        if self.jsonl {
            return AnswerForm::JsonLines;
        }
        AnswerForm::Text {
            raw: self.ask.raw,
            reasoning: ReasoningDisplay::of(show_reasoning),
        }
    }

    /// What the flags decide.
    pub fn overrides(&self) -> Result<Overrides, CommandError> {
        self.ask
            .settings
            .overrides(self.profile.clone(), self.model.clone())
    }
}
