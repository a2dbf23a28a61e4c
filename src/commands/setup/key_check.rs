//! A new API key, verified at the provider, and the result in words.

use super::draft::{Draft, app_headers, effective_base_url};
use crate::account::key_check::{self, KeyVerdict};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money;
use crate::providers::ProviderEntry;
use crate::wire::api_key::ApiKey;

/// Sends the key to the provider's key endpoint.
pub(super) fn verify(
    draft: &Draft,
    key: &ApiKey,
    context: &Context<'_>,
) -> Result<KeyVerdict, CommandError> {
    let base_url = effective_base_url(draft, context)?;
    let options = context.equipment.client_options()?;
    let headers = app_headers(draft.entry);
    context.equipment.run(key_check::check(
        draft.entry,
        &base_url,
        &headers,
        key,
        &options,
    ))
}

/// The line for an accepted key.
pub(super) fn accepted(remaining: Option<f64>, entry: &ProviderEntry) -> String {
    let credit = remaining.map_or(String::new(), |remaining| {
        format!(" ({} of its limit remaining)", money::usd(remaining))
    });
    format!("✓ {} accepts the key{credit}", entry.name)
}

/// What to check after a rejection: the provider's page of API keys, or the server's own key.
pub(super) fn to_check(draft: &Draft, context: &Context<'_>) -> Result<String, CommandError> {
    match draft.entry.keys_page {
        Some(page) => Ok(page.to_owned()),
        None => {
            let base_url = effective_base_url(draft, context)?;
            Ok(format!("the key of the server at {base_url}"))
        }
    }
}

/// Reports the result; a rejected key is an error.
pub(super) fn report(
    verdict: &KeyVerdict,
    draft: &Draft,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match verdict {
        KeyVerdict::Accepted { remaining } => {
            context.output.say(&accepted(*remaining, draft.entry));
        }
        KeyVerdict::Unknown { why } => context.output.warning(&format!(
            "the key could not be verified: {why}; stored anyway"
        )),
        KeyVerdict::Rejected { status, words } => {
            let error = CommandError::new(
                ErrorKind::Credentials,
                format!(
                    "provider {} rejected the key ({status}); nothing was stored",
                    draft.entry.name
                ),
            );
            let hint = format!("check {}", to_check(draft, context)?);
            return Err(error.caused_by_words(words).hint(hint));
        }
    }
    Ok(())
}
