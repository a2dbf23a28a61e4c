//! Parameters that a model is known not to take: left out with a word about it, or refused with
//! `--strict`.

use super::capabilities::hint_at_models;
use crate::ask::plan::Planned;
use crate::chat::is_loopback;
use crate::chat::request::ChatRequest;
use crate::config::options::{OPTIONS, path};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// What is done about a parameter that the model does not take.
#[derive(Debug, Clone, Copy)]
pub struct Fitting {
    /// Refuse the request.
    pub strict: bool,
    /// Send it all the same.
    pub force: bool,
}

/// Takes out of each request what its model does not take, according to the kept list; nothing
/// where the list does not know the model. Gives the warnings.
///
/// # Errors
/// When the first profile's model does not take a parameter and that is refused.
pub fn fit(
    planned: &mut [Planned],
    fitting: Fitting,
    context: &Context<'_>,
) -> Result<Vec<String>, CommandError> {
    let mut warnings = less_private(planned, fitting)?;
    for (index, planned) in planned.iter_mut().enumerate() {
        for option in OPTIONS {
            let Some(parameter) = option
                .parameter
                .filter(|parameter| planned.facts.lacks(parameter))
            else {
                continue;
            };
            if !is_set(&planned.target.request, option.name) {
                continue;
            }
            let model = &planned.target.request.model;
            if fitting.force {
                warnings.push(format!(
                    "{model} takes no {}; it is sent all the same",
                    option.name
                ));
                continue;
            }
            if fitting.strict && index == 0 {
                let error = CommandError::new(
                    ErrorKind::Usage,
                    format!("{model} takes no {}", option.name),
                );
                let takes = |other: &crate::catalog::Model| other.takes(parameter) == Some(true);
                return Err(hint_at_models(error, &takes, planned, context)
                    .hint("--force   (sends it all the same)"));
            }
            warnings.push(format!("{model} takes no {}; it is not sent", option.name));
            leave_out(&mut planned.target.request, option.name);
        }
    }
    Ok(warnings)
}

/// Who would get a prompt that is private for another of the profiles: a warning each, refused with
/// `--strict`.
fn less_private(planned: &[Planned], fitting: Fitting) -> Result<Vec<String>, CommandError> {
    let asks = |planned: &Planned| {
        planned
            .settings
            .options
            .private
            .as_ref()
            .is_some_and(|(private, _)| *private)
    };
    let stays_here = |planned: &Planned| {
        !planned.settings.entry.is_openrouter && is_loopback(&planned.target.base_url)
    };
    let Some(private) = planned
        .iter()
        .find(|planned| asks(planned))
        .map(|planned| planned.settings.profile.value.clone())
    else {
        return Ok(Vec::new());
    };
    let mut warnings = Vec::new();
    for planned in planned.iter().filter(|planned| {
        !(stays_here(planned) || asks(planned) && planned.settings.entry.is_openrouter)
    }) {
        let profile = &planned.settings.profile.value;
        if fitting.strict {
            let error = CommandError::usage(format!(
                "private holds for profile '{private}', and profile '{profile}' may keep what it \
                is sent"
            ));
            return Err(error.hint(
                "leave out fallback_profiles, or ask a profile of openrouter with private: true",
            ));
        }
        if !asks(planned) {
            warnings.push(format!(
                "private holds for profile '{private}' and not for '{profile}', \
                which is asked when it fails"
            ));
        }
    }
    Ok(warnings)
}

fn is_set(request: &ChatRequest, name: &str) -> bool {
    match name {
        "temperature" => request.temperature.is_some(),
        "top_p" => request.top_p.is_some(),
        // Turned off, it asks for nothing.
        "logprobs" => request
            .extra
            .get("logprobs")
            .is_some_and(|wanted| *wanted == true),
        name => path::get(&request.extra, name).is_some(),
    }
}

fn leave_out(request: &mut ChatRequest, name: &str) {
    match name {
        "temperature" => request.temperature = None,
        "top_p" => request.top_p = None,
        "logprobs" => {
            // Those of other tokens come with those of the answer's.
            request.extra.shift_remove("logprobs");
            request.extra.shift_remove("top_logprobs");
        }
        name => drop(path::remove(&mut request.extra, name)),
    }
}
