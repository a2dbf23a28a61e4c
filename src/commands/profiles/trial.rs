//! `profiles test`: one tiny request, to see that key, address and model work together.

use std::time::{Duration, Instant};

use serde_json::json;

use super::args::NamedArgs;
use crate::chat::answer::Answer;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::keep::Keep;
use crate::chat::leg::AskOptions;
use crate::chat::message::ContentPart;
use crate::commands::chat::budget;
use crate::commands::chat::gathering::gather;
use crate::commands::chat::plan::{self, Question};
use crate::commands::chat::report::millis;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::failure;
use crate::config::profile::ReasoningMode;
use crate::config::{Overrides, Settings};

/// Least that every provider accepts.
const MAX_TOKENS: u32 = 16;

/// Longest time for the trial.
const LIMIT: Duration = Duration::from_secs(60);

pub fn run(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Trial {
        profile,
        model,
        answer,
        total,
        unbooked,
    } = ask(args.name, context)?;
    if args.json {
        let first_token = answer.first_token.map(millis);
        let value = json!({"profile": profile, "ok": true, "model": model, "first_token_ms": first_token, "total_ms": millis(total), "cost_usd": answer.cost.usd});
        context.output.json(&value)?;
    } else {
        context.output.line(&format!(
            "✓ {profile}: {model} answered in {} ms",
            millis(total)
        ))?;
    }
    unbooked.map_or(Ok(()), Err)
}

/// An answer to the cheapest possible request.
pub struct Trial {
    pub profile: String,
    /// The model that answered.
    pub model: String,
    pub answer: Answer,
    pub total: Duration,
    /// Why the request is not in the ledger, if it is not.
    pub unbooked: Option<CommandError>,
}

/// Asks the model of a profile, of the one in force without a name. That it does not answer is an
/// error of kind [`Kind::No`].
pub fn ask(profile: Option<String>, context: &mut Context<'_>) -> Result<Trial, CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile,
        max_tokens: Some(MAX_TOKENS),
        ..Overrides::default()
    };
    let mut settings = Settings::resolve(&overrides, &context.environment, &config)?;
    // No floor and no thinking: the cheapest request there is.
    settings.reasoning.value = ReasoningMode::Off;
    settings.system = None;
    settings.fallback_profiles.clear();
    let question = Question {
        parts: vec![ContentPart::Text("Reply with: ok".to_owned())],
        past: &[],
        stream: true,
        schema: None,
    };
    let mut planned = plan::legs(settings.clone(), &overrides, &question, &config, context)?;
    // A trial is of the real server, also in a conversation that is recorded or replayed.
    planned
        .iter_mut()
        .for_each(|planned| planned.leg.client.tape = None);
    planned
        .iter()
        .try_for_each(|planned| budget::check(&planned.settings, &planned.leg))?;
    let began = Instant::now();
    let options = AskOptions {
        silence: settings.silence.value,
        limit: Some(LIMIT),
        used: Duration::ZERO,
        keep: Keep::Nothing,
    };
    let gathered = gather(planned, options, context)?;
    let answer = match gathered.answer {
        Ok(answer) => answer,
        // It answered: that it had no room for a visible word is not the point here.
        Err(ChatFailure {
            error: ChatError::Empty { .. },
            partial,
        }) => *partial,
        Err(failure) => {
            let mut explained = failure::explain(failure.error, &settings);
            // The command worked; the answer is no.
            explained.kind = Kind::No;
            return Err(explained);
        }
    };
    let total = began.elapsed();
    let model = answer
        .model
        .as_deref()
        .unwrap_or(&settings.model.value)
        .to_owned();
    Ok(Trial {
        profile: settings.profile.value,
        model,
        answer,
        total,
        unbooked: gathered.unbooked,
    })
}
