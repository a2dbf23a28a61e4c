//! `profiles test`: one tiny request, to see that key, address and model work together.

use std::time::{Duration, Instant};

use super::failure;
use super::gathering::gather;
use super::plan::{self, Question};
use super::preflight::budget;
use crate::chat::answer::Answer;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::target::AskOptions;
use crate::config::profile::ReasoningMode;
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Least that every provider accepts.
const MAX_TOKENS: u32 = 16;

/// Longest time for the trial.
const LIMIT: Duration = Duration::from_secs(60);

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
/// error of kind [`ErrorKind::No`].
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
        parts: vec![ContentPart::Text("Reply with: ok".into())],
        past: &[],
        stream: true,
        schema: None,
    };
    let mut planned = plan::targets(settings.clone(), &overrides, &question, &config, context)?;
    // A trial is of the real server, also in a conversation that is recorded or replayed.
    planned
        .iter_mut()
        .for_each(|planned| planned.target.client.tape = None);
    planned
        .iter()
        .try_for_each(|planned| budget::check(&planned.settings, &planned.target))?;
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
            explained.kind = ErrorKind::No;
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
