//! Parameters that a model does not support: removed with a warning, or refused with `--strict`.

use super::capabilities::hint_at_models;
use super::privacy;
use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::catalog::Model;
use crate::chat::request::ChatRequest;
use crate::config::options::{OPTIONS, Remark, RequestOption, path};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// Removes from each request the parameters that its model does not support, according to the
/// cached catalogue; keeps those of a model that is not in it. Returns the warnings.
///
/// # Errors
/// With `strict`, when the first profile's model does not support a parameter.
pub(crate) fn remove_unsupported(
    targets: &mut [PlannedTarget],
    checks: Checks,
    equipment: &Equipment,
) -> Result<Vec<Remark>, CommandError> {
    let mut warnings = privacy::check(targets, checks)?;
    for (index, planned) in targets.iter_mut().enumerate() {
        let unsupported = OPTIONS
            .iter()
            .filter(|option| {
                option
                    .parameter
                    .is_some_and(|name| planned.facts.lacks(name))
            })
            .filter(|option| is_set(&planned.target.request, option.name));
        for option in unsupported.collect::<Vec<_>>() {
            let words = format!(
                "{} does not support {}",
                planned.target.request.model, option.name
            );
            if checks.strict && !checks.force && index == 0 {
                return Err(unsupported_error(words, option, planned, checks, equipment));
            }
            if checks.force {
                warnings.push(Remark::Warning(format!("{words}; sent anyway")));
                continue;
            }
            warnings.push(Remark::Warning(format!("{words}; not sent")));
            omit(&mut planned.target.request, option.name);
        }
    }
    Ok(warnings)
}

fn unsupported_error(
    words: String,
    option: &RequestOption,
    planned: &PlannedTarget,
    checks: Checks,
    equipment: &Equipment,
) -> CommandError {
    let supports = |other: &Model| {
        option
            .parameter
            .is_some_and(|name| other.takes(name) == Some(true))
    };
    let error = CommandError::new(ErrorKind::Usage, words);
    hint_at_models(error, &supports, planned, checks, equipment).hint("--force   (sends it anyway)")
}

fn is_set(request: &ChatRequest, name: &str) -> bool {
    match name {
        "temperature" => request.temperature.is_some(),
        "top_p" => request.top_p.is_some(),
        // `false` is the default and requests nothing.
        "logprobs" => request
            .extra
            .get("logprobs")
            .is_some_and(|value| *value == true),
        name => path::get(&request.extra, name).is_some(),
    }
}

fn omit(request: &mut ChatRequest, name: &str) {
    match name {
        "temperature" => request.temperature = None,
        "top_p" => request.top_p = None,
        "logprobs" => {
            // `top_logprobs` requires `logprobs`.
            request.extra.shift_remove("logprobs");
            request.extra.shift_remove("top_logprobs");
        }
        name => drop(path::remove(&mut request.extra, name)),
    }
}
