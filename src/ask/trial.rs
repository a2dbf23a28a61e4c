//! A trial request: the cheapest request that shows whether key, URL and model work.

use std::time::{Duration, Instant};

use super::outcome::Outcome;
use super::prepare::prepare;
use super::question::{Checks, Question, Resolved};
use super::run::{RunOptions, run};
use super::sink::NullSink;
use crate::chat::answer::Answer;
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::chat::reasoning::ReasoningMode;
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// The smallest limit that every provider accepts.
const MAX_TOKENS: u32 = 16;

/// Time limit of the trial.
const LIMIT: Duration = Duration::from_secs(60);

/// The answer to a trial request.
pub(crate) struct Trial {
    pub profile: String,
    /// The model that answered.
    pub model: String,
    pub answer: Answer,
    pub total: Duration,
    /// Why the request could not be written to the ledger.
    pub ledger_error: Option<CommandError>,
}

/// Sends a trial request to the model of a profile, by default of the active one.
///
/// # Errors
/// [`ErrorKind::No`] when the model does not answer.
pub(crate) fn ask(
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
    // No floor and no reasoning, so that the request is cheap.
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
    // A trial needs the real server, even in a conversation that is recorded or replayed.
    let equipment = Equipment {
        tape: None,
        ..equipment.clone()
    };
    // The trial itself tests the capabilities in the catalogue.
    let checks = Checks {
        force: true,
        ..Checks::default()
    };
    let prepared = prepare(&resolved, question, checks, &equipment)?;
    let started = Instant::now();
    let options = RunOptions {
        keep: Keep::Nothing,
        limit: Some(LIMIT),
        trace_name: "amx trial",
        ..RunOptions::default()
    };
    let outcome = run(prepared, options, &equipment, &mut NullSink)?;
    let total = started.elapsed();
    let (mut answer, ledger_error) = answered(outcome)?;
    let model = answer.model.take().unwrap_or(settings.model.value);
    Ok(Trial {
        profile: settings.profile.value,
        model,
        answer,
        total,
        ledger_error,
    })
}

/// The answer and the error of the ledger. An answer without visible text, for lack of tokens, is
/// a success here.
fn answered(outcome: Outcome) -> Result<(Answer, Option<CommandError>), CommandError> {
    match outcome.error {
        Some(error) if error.is_signal() => Err(error),
        Some(error) if !outcome.is_empty => Err(CommandError {
            kind: ErrorKind::No,
            ..error
        }),
        _ => Ok((outcome.answer, outcome.ledger_error)),
    }
}
