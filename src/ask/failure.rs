//! Turns a failed answer into the error of a command: exit code, words, and the next command.

use super::rate_limit_hints::{come_back, rate_limited};
use super::{advice, machine_advice, routing};
use crate::chat::error::ChatError;
use crate::chat::finish_reason::FinishReason;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::config::Settings;
use crate::config::env::{
    AMX_CA_BUNDLE, AMX_LLM_MIN_MAX_TOKENS, AMX_LLM_TIMEOUT_SEC, AMX_REASONING_EFFORT,
};
use crate::platform::commands::{RUN_WITH_VARIABLE, SET_VARIABLE, SHOW_HEADERS, UNSET_VARIABLE};
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::ProviderEntry;
use crate::secrets::KeySource;
use crate::wire::client::Url;
use crate::wire::error::WireError;

/// The error of a command for the error of an answer. `settings` are those of the profile that
/// failed.
pub(crate) fn explain(error: ChatError, settings: &Settings) -> CommandError {
    let retryable = error.is_retryable();
    let billed = error.may_have_been_billed();
    let mut explained = match error {
        ChatError::NoKey { .. } => no_key(settings),
        ChatError::Secret(error) => {
            CommandError::from(error).for_key_variable(settings.entry.key_variable)
        }
        ChatError::Wire(error) => network(error, settings),
        ChatError::Refused(refusal) => refused(refusal, settings),
        ChatError::RefusedLate(refusal) => refused_late(refusal, settings),
        ChatError::EmptyBody { .. } => CommandError::new(ErrorKind::TryLater, error.to_string())
            .hint("run the same command again in a moment"),
        ChatError::Cut { .. } => {
            CommandError::new(ErrorKind::Cut, error.to_string()).hint("run the same command again")
        }
        ChatError::Stalled { .. } => CommandError::new(ErrorKind::TryLater, error.to_string())
            .hint(format!(
                "{}=600 amx chat …   (waits longer for data)",
                AMX_LLM_TIMEOUT_SEC.name
            )),
        ChatError::TimeLimit { .. } => {
            CommandError::new(ErrorKind::TryLater, error.to_string()).hint("raise --timeout")
        }
        ChatError::Unreadable { ref words, .. } => {
            CommandError::new(ErrorKind::Refused, error.to_string())
                .caused_by_words(words.clone())
                .hint("amx config explain base_url")
        }
        ChatError::OnlyMedia { .. } => CommandError::new(ErrorKind::Content, error.to_string())
            .hint("ask for text, or choose another model with -m"),
        ChatError::Empty { .. } => empty(&error),
        ChatError::BudgetCapped { .. } => CommandError::new(ErrorKind::Limit, error.to_string())
            .hint("raise --max-cost, max_cost.per_request or max_cost.per_day")
            .hint(format!(
                "{}   (less reasoning)",
                RUN_WITH_VARIABLE.with([AMX_REASONING_EFFORT.name, "minimal", "amx chat …"])
            )),
        ChatError::Filtered { ref words } => {
            CommandError::new(ErrorKind::Content, error.to_string())
                .caused_by_words(words.clone())
                .hint("rephrase the request, or choose another model with -m")
        }
    };
    explained.retryable = explained.retryable || retryable;
    if billed {
        explained.message.push_str("; it may have been billed");
    }
    explained
}

/// The error when no key is configured.
pub(crate) fn no_key(settings: &Settings) -> CommandError {
    let entry = settings.entry;
    let error = CommandError::new(
        ErrorKind::Credentials,
        format!(
            "no key for provider {}: {} is not set, and no profile has one",
            entry.name, entry.key_variable
        ),
    );
    let prefix = entry.key_prefix.unwrap_or_default();
    if settings.is_unconfigured() {
        return error.hints([
            "amx add-llm-profile   (set up a profile)",
            "amx login   (get a key from OpenRouter with the browser)",
            "amx chat -p demo \"hello\"   (works without a key)",
        ]);
    }
    let profile = if settings.is_foreign {
        format!("NAME --provider {}", entry.name)
    } else {
        settings.profile.value.clone()
    };
    error
        .hint(SET_VARIABLE.with([entry.key_variable, &format!("{prefix}…")]))
        .hint(format!("amx add-llm-profile {profile}"))
}

fn network(error: WireError, settings: &Settings) -> CommandError {
    CommandError::new(kind_of_wire(&error), error.to_string())
        .caused_by_words(error.root_cause())
        .hint(wire_hint(&error, settings.entry, &settings.base_url.value))
}

/// What to do about a failure of the network on the way to a provider's server.
pub(crate) fn wire_hint(error: &WireError, entry: &ProviderEntry, base_url: &Url) -> String {
    match error {
        WireError::Authorities { .. } => "check AMX_CA_BUNDLE and SSL_CERT_FILE".to_owned(),
        WireError::Proxy { variable } => UNSET_VARIABLE.with([*variable]),
        WireError::Certificate { .. } => {
            SET_VARIABLE.with([AMX_CA_BUNDLE.name, "/path/to/your-authority.pem"])
        }
        WireError::Connect { .. } | WireError::ConnectTimeout { .. } => reach(entry, base_url),
        WireError::SetUp(_) => "check HTTPS_PROXY and the certificates of this machine".to_owned(),
        WireError::NotTaken { .. } | WireError::NoAnswer { .. } | WireError::Broken(_) => {
            "run the same command again".to_owned()
        }
        WireError::TooLarge => "amx config explain base_url".to_owned(),
        WireError::TimedOut { .. } => "raise --timeout".to_owned(),
        WireError::Replay(_) => "record it again: amx chat --record NEW-FILE …".to_owned(),
    }
}

/// The kind of error of a failure of the network.
pub(crate) fn kind_of_wire(error: &WireError) -> ErrorKind {
    match error {
        WireError::Authorities { .. } | WireError::Proxy { .. } => ErrorKind::Config,
        WireError::Certificate { .. }
        | WireError::Connect { .. }
        | WireError::ConnectTimeout { .. }
        | WireError::SetUp(_) => ErrorKind::Network,
        WireError::NoAnswer { .. } | WireError::Broken(_) => ErrorKind::Cut,
        WireError::TooLarge => ErrorKind::Refused,
        WireError::NotTaken { .. } | WireError::TimedOut { .. } => ErrorKind::TryLater,
        WireError::Replay(_) => ErrorKind::Input,
    }
}

fn reach(entry: &ProviderEntry, base_url: &Url) -> String {
    match entry.start_server {
        Some(start) => start.to_owned(),
        None => format!(
            "{}   (and check HTTPS_PROXY, if you use one)",
            SHOW_HEADERS.with([base_url.as_str()])
        ),
    }
}

fn empty(error: &ChatError) -> CommandError {
    let explained = CommandError::new(ErrorKind::Content, error.to_string());
    match error {
        ChatError::Empty {
            finish_reason: Some(FinishReason::Length),
            is_reasoning: true,
            ..
        } => explained
            .hint(format!(
                "{}   (more tokens for reasoning)",
                RUN_WITH_VARIABLE.with([AMX_LLM_MIN_MAX_TOKENS.name, "131072", "amx chat …"])
            ))
            .hint(format!(
                "{}   (less reasoning)",
                RUN_WITH_VARIABLE.with([AMX_REASONING_EFFORT.name, "minimal", "amx chat …"])
            )),
        ChatError::Empty {
            finish_reason: Some(FinishReason::Length),
            ..
        } => explained.hint("raise --max-tokens"),
        _ => explained.hint("run the same command again, or choose another model with -m"),
    }
}

/// A refusal after visible text: its code decides; without one the answer is incomplete.
fn refused_late(refusal: Refusal, settings: &Settings) -> CommandError {
    let kind = match refusal.status {
        408 | 429 | 500..=599 => ErrorKind::TryLater,
        400..=499 => ErrorKind::Refused,
        _ => ErrorKind::Cut,
    };
    let message = ChatError::RefusedLate(refusal.clone()).to_string();
    CommandError {
        kind,
        message,
        ..refused(refusal, settings)
    }
}

fn refused(refusal: Refusal, settings: &Settings) -> CommandError {
    let message = ChatError::Refused(refusal.clone()).to_string();
    let error =
        CommandError::new(kind_of(&refusal), message).caused_by_words(refusal.message.clone());
    let mut error = match &refusal.kind {
        RefusalKind::RateLimited(limit) => rate_limited(error, *limit, refusal.wait, settings),
        RefusalKind::NoEndpoint { rule } => {
            let offered = advice::offered_models(&refusal).into_iter();
            error.hints(offered.chain(routing::hints(*rule, settings)))
        }
        _ if refusal.is_temporary() => come_back(error, refusal.wait),
        // An error inside a 200 that does not say why.
        RefusalKind::Other if refusal.status == 0 => {
            come_back(error, refusal.wait).hint("amx chat --dry-run …   (shows what is sent)")
        }
        _ => error.hints(hints(&refusal, settings)),
    };
    error.status = Some(refusal.status).filter(|status| *status != 0);
    error.generation_id.clone_from(&refusal.generation_id);
    error.retryable = refusal.is_retryable();
    error.is_unknown_model = refusal.kind == RefusalKind::UnknownModel;
    error
}

fn kind_of(refusal: &Refusal) -> ErrorKind {
    match (&refusal.kind, refusal.status) {
        (RefusalKind::Authentication, _) => ErrorKind::Credentials,
        (
            RefusalKind::Credits
            | RefusalKind::ForbiddenUpstream
            | RefusalKind::UnknownModel
            | RefusalKind::NoChat
            | RefusalKind::NoImages
            | RefusalKind::ContextLength
            | RefusalKind::OutputTooLong
            | RefusalKind::NotFound
            | RefusalKind::BadRequest { .. }
            | RefusalKind::NotLoaded
            | RefusalKind::OutOfMemory
            | RefusalKind::CannotRun,
            _,
        ) => ErrorKind::Refused,
        (RefusalKind::InFlight | RefusalKind::NotReady, _) | (_, 408 | 429 | 500..=599) => {
            ErrorKind::TryLater
        }
        (_, 401 | 403) => ErrorKind::Credentials,
        (_, 0..=199) => ErrorKind::TryLater,
        _ => ErrorKind::Refused,
    }
}

fn hints(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    let entry = settings.entry;
    let hint = match &refusal.kind {
        RefusalKind::Authentication => return refused_key(settings),
        RefusalKind::Credits | RefusalKind::MinimumBalance => match &refusal.provider_name {
            // 402 is about the account with OpenRouter.
            Some(company) if entry.is_openrouter && refusal.status != 402 => {
                advice::add_credits_upstream(company)
            }
            _ => add_credits(settings),
        },
        RefusalKind::MaxTokensUnaffordable { affordable } => {
            return unaffordable(*affordable, settings);
        }
        RefusalKind::PromptUnaffordable => {
            format!("shorten the prompt, or {}", add_credits(settings))
        }
        RefusalKind::TooHeavy => format!("{}, or shorten the prompt", lower_limit(settings)),
        RefusalKind::KeyLimit => format!(
            "raise the key's limit at {}",
            entry.keys_page.unwrap_or("the provider's keys page")
        ),
        RefusalKind::Moderated => {
            "rephrase the request, or choose another model with -m".to_owned()
        }
        RefusalKind::Forbidden => "amx config explain api_key".to_owned(),
        RefusalKind::ForbiddenUpstream => return advice::forbidden_upstream(refusal, settings),
        RefusalKind::UnknownModel | RefusalKind::NotFound => {
            return advice::unknown_model(refusal, settings);
        }
        RefusalKind::NotLoaded | RefusalKind::OutOfMemory | RefusalKind::CannotRun => {
            return machine_advice::hints(refusal, settings);
        }
        RefusalKind::NoChat => return advice::no_chat(refusal, settings),
        RefusalKind::NoImages => {
            advice::another_model("that supports images", "--vision", settings)
        }
        RefusalKind::ContextLength | RefusalKind::OutputTooLong if refusal.room.is_quota => {
            return advice::above_quota(refusal, settings);
        }
        RefusalKind::ContextLength => {
            let larger = "with a larger context window";
            return vec![
                "shorten the prompt, or attach fewer files".to_owned(),
                advice::another_model(larger, "--min-context 1M", settings),
            ];
        }
        RefusalKind::OutputTooLong => return advice::output_too_long(refusal),
        RefusalKind::BadRequest { field: Some(field) } => {
            return advice::refused_field(field, settings);
        }
        RefusalKind::TooLarge => "shorten the prompt, or attach fewer or smaller files".to_owned(),
        RefusalKind::Redirect { location } => return advice::redirected(location, settings),
        _ => "amx chat --dry-run …   (shows what is sent)".to_owned(),
    };
    vec![hint]
}

fn refused_key(settings: &Settings) -> Vec<String> {
    let entry = settings.entry;
    if let (Some(sign_in), KeySource::NotNeeded) = (entry.sign_in, &settings.key) {
        return vec![sign_in.to_owned()];
    }
    let form = entry.key_prefix.map_or_else(String::new, |prefix| {
        format!("   (keys start with {prefix})")
    });
    let check = match entry.keys_page {
        Some(page) => format!("check the key at {page}{form}"),
        None => "amx config explain api_key   (shows where the key comes from)".to_owned(),
    };
    vec![key_hint(settings), check]
}

fn key_hint(settings: &Settings) -> String {
    match &settings.key {
        KeySource::Environment { variable, .. } => {
            format!(
                "{}   (the current value is not accepted)",
                SET_VARIABLE.with([variable, "…"])
            )
        }
        _ if settings.profile.is_default() || settings.is_foreign => {
            "amx add-llm-profile".to_owned()
        }
        _ => format!(
            "amx add-llm-profile {}   (stores a new key)",
            settings.profile.value
        ),
    }
}

fn add_credits(settings: &Settings) -> String {
    match settings.entry.credits_page {
        Some(page) => format!("add credits at {page}"),
        None => "add credits to the provider's account".to_owned(),
    }
}

fn unaffordable(affordable: Option<u32>, settings: &Settings) -> Vec<String> {
    let lower = match affordable {
        Some(tokens) if tokens > 0 => {
            let chat = format!("amx chat --max-tokens {tokens} …");
            RUN_WITH_VARIABLE.with([AMX_LLM_MIN_MAX_TOKENS.name, "0", &chat])
        }
        _ => lower_limit(settings),
    };
    vec![lower, add_credits(settings)]
}

/// A lower limit of the output, which the floor of reasoning models would raise again.
fn lower_limit(settings: &Settings) -> String {
    let lower = "lower --max-tokens";
    if settings.floor.value == 0 {
        return lower.to_owned();
    }
    let variable = AMX_LLM_MIN_MAX_TOKENS.name;
    format!("{lower}, with {variable}=0 for a reasoning model")
}
