//! `amx login`: logs in to OpenRouter with the browser; the key goes to the keyring.

use clap::Args;

use super::setup;
use crate::ports::context::Context;
use crate::ports::error::CommandError;

const EXAMPLES: &str = "\
Examples:
  amx login
  amx login --headless       over ssh: open the URL elsewhere, paste the code";

/// Log in to OpenRouter with the browser
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LoginArgs {
    /// Profile to log in
    #[arg(short, long, value_name = "NAME", default_value = "openrouter")]
    pub profile: String,

    /// Print the URL and prompt for the code that the page shows
    #[arg(long)]
    pub headless: bool,
}

pub(crate) fn run(args: &LoginArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    setup::log_in(&args.profile, args.headless, context)
}
