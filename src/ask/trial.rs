//! The cheapest request there is, to see that key, URL and model work together.

use std::time::{Duration, Instant};

use super::prepare::prepare;
use super::question::{Checks, Question, Resolved};
use super::run::{RunOptions, run};
use super::sink::Silent;
use crate::chat::answer::Answer;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::reasoning::ReasoningMode;
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// The smallest limit that every provider accepts.
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

/// Asks the model of a profile, of the active one without a name.
///
/// # Errors
/// [`ErrorKind::No`] when it does not answer.
pub fn ask(
    profile: Option<String>,
    config: &ConfigFile,
    equipment: &Equipment,
) -> Result<Trial, CommandError> {
    let mut overrides = Overrides {
        profile,
        ..Overrides::default()
    };
    overrides.generation.max_tokens = Some(MAX_TOKENS);
    let mut settings = Settings::resolve(&overrides, &equipment.environment, config)?;
    // No floor and no reasoning: the cheapest request there is.
    settings.reasoning.value = ReasoningMode::Off;
    settings.system = None;
    settings.fallback_profiles.clear();
    let resolved = Resolved {
        settings: &settings,
        overrides: &overrides,
        config,
    };
    let question = Question {
        parts: vec![ContentPart::Text("Reply with: ok".into())],
        stream: true,
        ..Question::default()
    };
    // A trial is of the real server, also in a conversation that is recorded or replayed.
    let equipment = Equipment {
        tape: None,
        ..equipment.clone()
    };
    // What the catalogue says is what the trial finds out.
    let checks = Checks {
        force: true,
        ..Checks::default()
    };
    let prepared = prepare(&resolved, question, checks, &equipment)?;
    let started = Instant::now();
    let options = RunOptions {
        keep: Keep::Nothing,
        limit: Some(LIMIT),
        ..RunOptions::default()
    };
    let outcome = run(prepared, options, &equipment, &mut Silent)?;
    let total = started.elapsed();
    let mut answer = outcome.answer;
    match outcome.error {
        Some(error) if error.is_signal() => return Err(error),
        // It answered: that it had no room for a visible word is not the point here.
        Some(error) if !outcome.is_empty => {
            // The command worked; the answer is no.
            return Err(CommandError {
                kind: ErrorKind::No,
                ..error
            });
        }
        _ => {}
    }
    let model = answer.model.take().unwrap_or(settings.model.value);
    Ok(Trial {
        profile: settings.profile.value,
        model,
        answer,
        total,
        unbooked: outcome.unbooked,
    })
}
