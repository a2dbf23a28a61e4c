//! Capabilities that a request needs and its model lacks, according to the cached catalogue.

use super::context_window;
use crate::ask::model_facts::ModelFacts;
use crate::ask::model_list::server_name;
use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::catalog::{Capability, Model};
use crate::chat::message::ContentPart;
use crate::chat::pdf::{self, PdfEngine};
use crate::chat::request::ChatRequest;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::CatalogReader;

/// Maximum number of models in a hint.
const MAX_SUGGESTIONS: usize = 3;

/// Refuses a request that the first model does not support. With `force` that is a warning, as it
/// always is for fallback profiles, which may never be used.
///
/// # Errors
/// [`ErrorKind::Usage`], with models that support it as a hint.
pub(crate) fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, planned) in targets.iter().enumerate() {
        let request = &planned.target.request;
        let lacking = needed(request, &planned.settings)
            .into_iter()
            .find(|need| is_lacking(&planned.facts, need.capability));
        let Some(lacking) = lacking else { continue };
        let message = format!("{} does not support {}", request.model, lacking.noun);
        if checks.force || index > 0 {
            remarks.push(Remark::Warning(message));
            continue;
        }
        let capability = lacking.capability;
        return Err(refusal(message, capability, planned, checks, equipment));
    }
    Ok(())
}

/// Options may be supported by a fallback model of the provider; attachments must be supported by
/// the model itself.
fn is_lacking(facts: &ModelFacts, capability: Capability) -> bool {
    match capability {
        Capability::Tools | Capability::Schema => facts.lacks_capability(capability),
        _ => facts.model().and_then(|model| model.can(capability)) == Some(false),
    }
}

struct Need {
    capability: Capability,
    /// What it is called in an error.
    noun: &'static str,
}

/// The capabilities that the request needs.
fn needed(request: &ChatRequest, settings: &Settings) -> Vec<Need> {
    let is_parsed = settings.entry.is_openrouter && request.pdf_engine != Some(PdfEngine::Native);
    let field = |name: &str| request.extra.get(name).filter(|value| !value.is_null());
    let parts = || request.messages.iter().flat_map(|message| &message.content);
    let needs = [
        (
            parts().any(|part| matches!(part, ContentPart::Image { .. })),
            Capability::Images,
            "image input",
        ),
        (
            parts().any(|part| matches!(part, ContentPart::Audio { .. })),
            Capability::Audio,
            "audio input",
        ),
        (
            parts().any(|part| matches!(part, ContentPart::Video { .. })),
            Capability::Video,
            "video input",
        ),
        // A parser extracts the text for models without file input.
        (
            pdf::has_documents(&request.messages) && !is_parsed,
            Capability::Files,
            "PDF input",
        ),
        (
            !request.tools.is_empty()
                || field("tools")
                    .and_then(|tools| tools.as_array())
                    .is_some_and(|tools| !tools.is_empty()),
            Capability::Tools,
            "tools",
        ),
        (
            field("response_format").is_some_and(|format| format["type"] == "json_schema"),
            Capability::Schema,
            "JSON schemas",
        ),
    ];
    needs
        .into_iter()
        .filter(|(is_needed, ..)| *is_needed)
        .map(|(_, capability, noun)| Need { capability, noun })
        .collect()
}

fn refusal(
    message: String,
    capability: Capability,
    planned: &PlannedTarget,
    checks: Checks,
    equipment: &Equipment,
) -> CommandError {
    let error = CommandError::new(ErrorKind::Usage, message);
    let can = |model: &Model| model.can(capability) == Some(true);
    let can_be_parsed = capability == Capability::Files && planned.settings.entry.is_openrouter;
    if checks.is_conversation {
        let is_option = matches!(capability, Capability::Tools | Capability::Schema);
        let error = hint_at_models(error, &can, planned, checks, equipment);
        return if is_option || !context_window::has_attachments(planned) {
            error
        } else {
            error.hint(context_window::NO_FILES)
        };
    }
    let error = if can_be_parsed {
        error.hint("--pdf-engine free   (extracts the text first)")
    } else {
        error
    };
    hint_at_models(error, &can, planned, checks, equipment).hint("--force   (sends it anyway)")
}

/// Adds a hint with other models that support it.
pub(crate) fn hint_at_models(
    error: CommandError,
    supports: &dyn Fn(&Model) -> bool,
    planned: &PlannedTarget,
    checks: Checks,
    equipment: &Equipment,
) -> CommandError {
    let alternatives = alternatives(supports, planned, equipment);
    let Some((first, others)) = alternatives.split_first() else {
        return error;
    };
    let option = if checks.is_conversation {
        "/model"
    } else {
        "-m"
    };
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("   (or {})", others.join(", "))
    };
    error.hint(format!("{option} {first}{others}"))
}

/// Models that support it: those of the same author first, then the cheapest that are not free.
fn alternatives(
    supports: &dyn Fn(&Model) -> bool,
    planned: &PlannedTarget,
    equipment: &Equipment,
) -> Vec<String> {
    let Some(catalog) = read(&planned.settings, equipment) else {
        return Vec::new();
    };
    let author = planned.facts.model().and_then(Model::author);
    let cost = |model: &Model| {
        model
            .price
            .rates()
            .map(|rates| rates.input + rates.output)
            .filter(|cost| *cost > 0.0)
    };
    let mut able: Vec<(bool, f64, &Model)> = catalog
        .iter()
        .filter(|model| supports(model))
        .filter_map(|model| cost(model).map(|cost| (model.author() != author, cost, model)))
        .collect();
    able.sort_by(|left, right| {
        left.0
            .cmp(&right.0)
            .then(left.1.total_cmp(&right.1))
            .then_with(|| left.2.id.cmp(&right.2.id))
    });
    able.into_iter()
        .take(MAX_SUGGESTIONS)
        .map(|(.., model)| model.id.clone())
        .collect()
}

fn read(settings: &Settings, equipment: &Equipment) -> Option<Vec<Model>> {
    let reader = CatalogReader::open(&equipment.home().ok()?)?;
    Some(
        reader
            .catalog(&server_name(&settings.base_url.value))?
            .models,
    )
}
