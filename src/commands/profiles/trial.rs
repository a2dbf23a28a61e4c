//! `profiles test`: one tiny request, to see that key, address and model work together.

use std::time::{Duration, Instant};

use serde_json::json;

use super::args::NamedArgs;
use crate::chat::answer::Answer;
use crate::chat::attempts;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::leg::{AskOptions, Leg};
use crate::chat::message::ContentPart;
use crate::commands::chat::plan::{self, Question};
use crate::commands::chat::report::millis;
use crate::commands::context::{Context, block_on};
use crate::commands::error::{CommandError, Kind};
use crate::commands::failure;
use crate::config::profile::ReasoningMode;
use crate::config::{Overrides, Settings};

/// Least that every provider accepts.
const MAX_TOKENS: u32 = 16;

/// Longest time for the trial.
const LIMIT: Duration = Duration::from_secs(60);

pub fn run(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let overrides = Overrides { profile: args.name, max_tokens: Some(MAX_TOKENS), ..Overrides::default() };
    let mut settings = Settings::resolve(&overrides, &context.environment, &config)?;
    // No floor and no thinking: the cheapest request there is.
    settings.reasoning.value = ReasoningMode::Off;
    settings.system = None;
    settings.fallback_profiles.clear();
    let question = Question { parts: vec![ContentPart::Text("Reply with: ok".to_owned())], stream: true };
    let name = settings.profile.value.clone();
    let planned = plan::legs(settings.clone(), &overrides, &question, &config, context)?;
    let began = Instant::now();
    let legs = planned.into_iter().map(|planned| planned.leg).collect();
    let answer = block_on(ask(legs, settings.silence.value))?.map_err(|error| {
        let mut explained = failure::explain(error, &settings);
        // The command worked; the answer is no.
        explained.kind = Kind::No;
        explained
    })?;
    let total = began.elapsed();
    let model = answer.model.as_deref().unwrap_or(&settings.model.value).to_owned();
    if args.json {
        let first_token = answer.first_token.map(millis);
        let value = json!({"profile": name, "ok": true, "model": model, "first_token_ms": first_token, "total_ms": millis(total), "cost_usd": answer.cost.usd});
        return Ok(context.output.json(&value)?);
    }
    Ok(context.output.line(&format!("✓ {name}: {model} answered in {} ms", millis(total)))?)
}

async fn ask(mut legs: Vec<Leg>, silence: Duration) -> Result<Answer, ChatError> {
    if let Err(source) = crate::demo::start_for(&mut legs).await {
        return Err(ChatError::Unreadable { endpoint: "demo".to_owned(), why: source.to_string() });
    }
    let mut stream = attempts::start(legs, AskOptions { silence, limit: Some(LIMIT), keep_text: false });
    loop {
        match stream.next().await {
            Ok(Some(ChatEvent::End(answer))) => return Ok(*answer),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Answer::default()),
            // It answered: that it had no room for a visible word is not the point here.
            Err(ChatFailure { error: ChatError::Empty { .. }, partial }) => return Ok(*partial),
            Err(failure) => return Err(failure.error),
        }
    }
}
