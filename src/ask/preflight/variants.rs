//! Forms of a request that OpenRouter has retired, or offers for batches only.

use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::error::CommandError;
use crate::providers::is_search;

/// The ending of a model whose price holds for batches of requests.
const BATCH: &str = ":batch";

/// Refuses a model for batches, which answers no single request, and notes what is deprecated.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage), unless the request is forced.
pub(super) fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, planned) in targets.iter().enumerate() {
        let settings = &planned.settings;
        if !settings.entry.is_openrouter {
            continue;
        }
        let model = &settings.model.value;
        if let Some(base) = model.strip_suffix(BATCH)
            && !checks.force
        {
            let words = format!("{model} is for batches of requests, and answers no single one");
            if index == 0 {
                return Err(refusal(words, base, checks));
            }
            remarks.push(Remark::Warning(words));
        }
        if index == 0 && !checks.is_conversation {
            remarks.extend(deprecated(settings).map(Remark::Note));
        }
    }
    Ok(())
}

fn refusal(words: String, base: &str, checks: Checks) -> CommandError {
    let error = CommandError::usage(words);
    if checks.is_conversation {
        return error.hint(format!("/model {base}"));
    }
    error.hint(format!("-m {base}")).hint(format!(
        "amx batch FILE PROMPT -m {base}   (asks many rows)"
    ))
}

/// The form of web search that the request uses, when `--web` replaces it.
fn deprecated(settings: &Settings) -> Option<String> {
    let plugins = settings
        .body
        .get("plugins")
        .and_then(|list| list.as_array());
    let model = &settings.model.value;
    let form = if model.split(':').skip(1).any(|variant| variant == "online") {
        "':online'"
    } else if plugins.is_some_and(|plugins| plugins.iter().any(is_search)) {
        "the plugin 'web'"
    } else {
        return None;
    };
    Some(format!(
        "{form} is deprecated by OpenRouter; --web or 'web: true' searches with any model"
    ))
}
