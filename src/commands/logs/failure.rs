//! What failed at the account, with the next command.

use crate::ask::failure;
use crate::chat::error::ChatError;
use crate::chat::refusal::Refusal;
use crate::config::Settings;
use crate::config::env::OPENROUTER_MANAGEMENT_KEY;
use crate::platform::commands::SET_VARIABLE;
use crate::ports::error::{CommandError, ErrorKind};

/// Where a management key is created.
pub(super) const KEYS_PAGE: &str = "https://openrouter.ai/settings/management-keys";

/// The error when there is no management key.
pub(super) fn no_key() -> CommandError {
    with_ways_to_a_key(CommandError::new(
        ErrorKind::Credentials,
        "no management key: the logs of an account need one, and keys for models are refused",
    ))
}

fn with_ways_to_a_key(error: CommandError) -> CommandError {
    let variable = SET_VARIABLE.with([OPENROUTER_MANAGEMENT_KEY.name, "…"]);
    error
        .hint(format!("{KEYS_PAGE}   (create one)"))
        .hint("amx logs key   (stores it in the keyring)")
        .hint(format!("{variable}   (for this shell)"))
}

/// The error of a command for what OpenRouter or the network reported.
pub(super) fn explain(error: ChatError, settings: &Settings) -> CommandError {
    match error {
        ChatError::Refused(refusal) => refused(refusal, settings),
        ChatError::TimeLimit { limit } => CommandError::new(
            ErrorKind::TryLater,
            format!("no response within {} s", limit.as_secs()),
        )
        .hint("run the same command again"),
        other => failure::explain(other, settings),
    }
}

fn refused(refusal: Refusal, settings: &Settings) -> CommandError {
    let status = refusal.status;
    let words = refusal.message.clone();
    let of = |kind, message: &str| {
        let mut error = CommandError::new(kind, format!("{message} ({status})"));
        error.status = Some(status);
        error.caused_by_words(words.clone())
    };
    match status {
        401 => with_ways_to_a_key(of(
            ErrorKind::Credentials,
            "OpenRouter does not accept the management key",
        )),
        403 => with_ways_to_a_key(of(
            ErrorKind::Credentials,
            "this key may not manage logs: a management key is needed",
        )),
        404 => of(ErrorKind::Refused, "no such destination").hint("amx logs list"),
        400 | 409 | 422 => of(ErrorKind::Refused, "OpenRouter rejected the destination")
            .hint("amx logs kinds   (the fields of each kind)"),
        _ => failure::explain(ChatError::Refused(refusal), settings),
    }
}
