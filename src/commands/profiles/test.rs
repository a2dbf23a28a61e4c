//! `amx profiles test`: one request to the model of a profile, and how long it took.

use serde_json::json;

use super::args::NamedArgs;
use crate::ask::trial::{self, Trial};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::time::{millis, seconds};

pub(super) fn run(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let Trial {
        profile,
        model,
        answer,
        total,
        ledger_error,
    } = trial::ask(args.name, &config, &context.equipment)?;
    if args.json {
        let first_token = answer.first_token.map(millis);
        let value = json!({
            "profile": profile,
            "ok": true,
            "model": model,
            "first_token_ms": first_token,
            "total_ms": millis(total),
            "cost_usd": answer.cost.usd,
        });
        context.output.json(&value)?;
    } else {
        context.output.sentence(&format!(
            "✓ {profile}: {model} responded in {}",
            seconds(total)
        ))?;
    }
    ledger_error.map_or(Ok(()), Err)
}
