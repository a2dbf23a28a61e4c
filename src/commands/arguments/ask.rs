//! The options that say how a question is asked, whoever answers it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::duration;
use super::recording::RecordingArgs;
use super::settings::SettingArgs;
use super::template::TemplateArgs;
use crate::ask::question::Checks;

/// How a question is asked.
#[derive(Debug, Default, Args)]
pub struct AskArgs {
    #[command(flatten)]
    pub settings: SettingArgs,

    /// Attach a file, a folder, a quoted pattern such as 'src/**/*.rs', an https:// address, '-'
    /// for stdin or 'clipboard:'. Repeatable
    #[arg(short, long = "file", value_name = "PATH")]
    pub files: Vec<PathBuf>,

    /// Wait for the whole answer instead of streaming it
    #[arg(long)]
    pub no_stream: bool,

    /// Show Markdown as it is written, also on a terminal
    #[arg(long)]
    pub raw: bool,

    /// Send also what the list of models says that the model cannot do
    #[arg(long)]
    pub force: bool,

    /// Longest time for the whole answer, such as 90s or 2m
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,

    /// Fail where a parameter has to be left out, or the answer is cut at max_tokens (exit 10)
    #[arg(long)]
    pub strict: bool,

    /// Never read stdin
    #[arg(long)]
    pub no_stdin: bool,

    /// Longest silence of a pipe on stdin
    #[arg(long, value_name = "TIME", value_parser = duration::parse, default_value = "30s")]
    pub stdin_timeout: Option<Duration>,

    #[command(flatten)]
    pub template: TemplateArgs,

    #[command(flatten)]
    pub recording: RecordingArgs,
}

impl AskArgs {
    /// How strict the checks are.
    pub fn checks(&self) -> Checks {
        Checks {
            strict: self.strict,
            force: self.force,
            ..Checks::default()
        }
    }
}
