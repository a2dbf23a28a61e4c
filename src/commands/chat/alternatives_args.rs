//! The option of `amx chat` that asks for several answers.

use clap::Args;

/// How many answers are asked for.
#[derive(Debug, Default, Args)]
pub struct AlternativesArgs {
    /// Answer several times at once, 1 to 5, the surest first; without a number the profile's
    /// n_alternatives
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, require_equals = true, value_parser = clap::value_parser!(u8).range(1..=5))]
    #[expect(
        clippy::option_option,
        reason = "the flag may be absent, alone, or with a number"
    )]
    pub alternatives: Option<Option<u8>>,
}
