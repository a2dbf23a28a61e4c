//! The option of `amx chat` for several answers.

use clap::Args;

use crate::commands::arguments::groups;

/// How many answers are requested.
#[derive(Debug, Default, Args)]
pub(crate) struct AlternativesArgs {
    /// Several answers, most confident first
    ///
    /// 1 to 5; n_alternatives of the profile if N is omitted
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u8).range(1..=5),
        help_heading = groups::ANSWER
    )]
    #[expect(
        clippy::option_option,
        reason = "the flag may be absent, alone, or with a number"
    )]
    pub alternatives: Option<Option<u8>>,
}
