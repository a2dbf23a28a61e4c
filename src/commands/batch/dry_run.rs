//! `--dry-run`: what a job would ask and cost.

use super::show::Screen;
use crate::batch::estimate::{JobEstimate, estimate};
use crate::batch::job::Job;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::{plural, thousands};
use crate::present::money::{usd, usd_up};

/// Prints the first body, and the estimate beside it.
///
/// # Errors
/// When rows cannot be asked.
pub(super) fn run(job: Job, context: &mut Context<'_>) -> Result<(), CommandError> {
    let estimate = estimate(job, &mut Screen::new(context))?;
    if let Some(first) = &estimate.first {
        context.output.body(first)?;
    }
    context.output.note(&words(&estimate));
    estimate.error.map_or(Ok(()), Err)
}

/// `2,000 rows to ask, about 41,000 tokens of prompts, $0.02 to $3.10; nothing was sent`.
fn words(estimate: &JobEstimate) -> String {
    let mut words = format!("{} to ask", plural(estimate.pending, "row"));
    if estimate.pending < estimate.rows {
        words.push_str(&format!(" of {}", thousands(estimate.rows)));
    }
    let tokens = thousands(estimate.prompt_tokens);
    words.push_str(&format!(", about {tokens} tokens of prompts"));
    words.push_str(&match estimate.cost {
        Some((least, most)) => format!(", {} to {}", usd(least), usd_up(most)),
        None => ", at an unknown price".to_owned(),
    });
    words.push_str("; nothing was sent");
    words
}
