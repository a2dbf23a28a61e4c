//! The options of a question that `chat` and `compare` share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::groups;
use super::recording::RecordingArgs;
use super::settings::SettingArgs;
use super::template::TemplateArgs;
use crate::ask::question::Checks;
use crate::ask::run::RunOptions;
use crate::chat::keep::Keep;
use crate::present::duration;

/// How a question is asked.
#[derive(Debug, Default, Args)]
pub(crate) struct AskArgs {
    /// Attach a file, folder, glob, URL or '-' (stdin)
    ///
    /// also 'clipboard:' (repeatable)
    #[arg(short, long = "file", value_name = "PATH", help_heading = groups::QUESTION)]
    pub files: Vec<PathBuf>,

    #[command(flatten)]
    pub settings: SettingArgs,

    #[command(flatten)]
    pub template: TemplateArgs,

    /// Print the answer only when it is complete
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub no_stream: bool,

    /// Print the Markdown source, also on a terminal
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub raw: bool,

    /// Send even if the catalogue says the model does not support it
    #[arg(long, help_heading = groups::LIMITS, hide_short_help = true)]
    pub force: bool,

    /// Time limit for the answer, such as 90s or 2m
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration::parse,
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub timeout: Option<Duration>,

    /// Fail if a parameter is not supported or the answer reaches max_tokens (exit 10)
    #[arg(long, help_heading = groups::LIMITS, hide_short_help = true)]
    pub strict: bool,

    /// Never read stdin
    #[arg(long, help_heading = groups::QUESTION, hide_short_help = true)]
    pub no_stdin: bool,

    /// How long to wait for data on stdin
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration::parse,
        default_value = "30s",
        help_heading = groups::QUESTION,
        hide_short_help = true
    )]
    pub stdin_timeout: Option<Duration>,

    #[command(flatten)]
    pub recording: RecordingArgs,
}

impl AskArgs {
    /// How strict the checks are.
    pub(crate) fn checks(&self) -> Checks {
        Checks {
            strict: self.strict,
            force: self.force,
            ..Checks::default()
        }
    }

    /// How several answers to one question are requested: all are kept, and none is repaired.
    pub(crate) fn options_of_several(&self, is_text: bool, is_terminal: bool) -> RunOptions {
        RunOptions {
            keep: Keep::Everything,
            limit: self.timeout,
            strict: self.strict,
            is_text,
            indents: is_text && is_terminal,
            repairs: false,
            ..RunOptions::default()
        }
    }
}
