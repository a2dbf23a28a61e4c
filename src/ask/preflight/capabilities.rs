//! What a request needs that its model does not have, according to the kept list: said before
//! anything is sent.

use crate::ask::model_facts::ModelFacts;
use crate::ask::model_list::server_name;
use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::catalog::nearest::nearest;
use crate::catalog::{Capability, Model};
use crate::chat::message::ContentPart;
use crate::chat::pdf::{self, PdfEngine};
use crate::chat::request::ChatRequest;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::CatalogReader;

/// Alternatives named.
const MOST: usize = 3;

/// Refuses what the first model does not support. With `force` that is a warning, and so it is for
/// profiles to fall back to: they may never be asked.
///
/// # Errors
/// [`ErrorKind::Usage`], with models that would do.
pub fn check(
    targets: &[PlannedTarget],
    checks: Checks,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, planned) in targets.iter().enumerate() {
        let request = &planned.target.request;
        let lacking = needed(request, &planned.settings)
            .into_iter()
            .find(|need| cannot(&planned.facts, need.capability));
        let Some(lacking) = lacking else { continue };
        let message = format!(
            "{} {}, and the request has {}",
            request.model, lacking.cannot, lacking.has
        );
        if checks.force || index > 0 {
            remarks.push(Remark::Warning(message));
            continue;
        }
        return Err(refusal(message, lacking.capability, planned, equipment));
    }
    Ok(())
}

/// What options ask for may be taken by a model that the provider falls back to.
fn cannot(facts: &ModelFacts, capability: Capability) -> bool {
    match capability {
        Capability::Tools | Capability::Schema => facts.cannot(capability),
        _ => facts.model().and_then(|model| model.can(capability)) == Some(false),
    }
}

struct Need {
    capability: Capability,
    cannot: &'static str,
    has: &'static str,
}

/// What the request cannot do without.
fn needed(request: &ChatRequest, settings: &Settings) -> Vec<Need> {
    let is_parsed = settings.entry.is_openrouter && request.pdf_engine != Some(PdfEngine::Native);
    let field = |name: &str| request.extra.get(name).filter(|value| !value.is_null());
    let parts = || request.messages.iter().flat_map(|message| &message.content);
    let needs = [
        (
            parts().any(|part| matches!(part, ContentPart::Image { .. })),
            Capability::Images,
            "sees no images",
            "one",
        ),
        (
            parts().any(|part| matches!(part, ContentPart::Audio { .. })),
            Capability::Audio,
            "hears no sound",
            "some",
        ),
        (
            parts().any(|part| matches!(part, ContentPart::Video { .. })),
            Capability::Video,
            "watches no films",
            "one",
        ),
        // A parser reads them for models that cannot.
        (
            pdf::has_documents(&request.messages) && !is_parsed,
            Capability::Files,
            "reads no PDFs itself",
            "one",
        ),
        (
            field("tools")
                .and_then(|tools| tools.as_array())
                .is_some_and(|tools| !tools.is_empty()),
            Capability::Tools,
            "calls no tools",
            "some",
        ),
        (
            field("response_format").is_some_and(|format| format["type"] == "json_schema"),
            Capability::Schema,
            "keeps to no schema",
            "one",
        ),
    ];
    needs
        .into_iter()
        .filter(|(is_needed, ..)| *is_needed)
        .map(|(_, capability, cannot, has)| Need {
            capability,
            cannot,
            has,
        })
        .collect()
}

fn refusal(
    message: String,
    capability: Capability,
    planned: &PlannedTarget,
    equipment: &Equipment,
) -> CommandError {
    let error = CommandError::new(ErrorKind::Usage, message);
    let can = |model: &Model| model.can(capability) == Some(true);
    let can_be_parsed = capability == Capability::Files && planned.settings.entry.is_openrouter;
    let error = if can_be_parsed {
        error.hint("--pdf-engine free   (lets a parser read it)")
    } else {
        error
    };
    hint_at_models(error, &can, planned, equipment).hint("--force   (sends it all the same)")
}

/// Adds the models that would do in the place of the one that does not.
pub fn hint_at_models(
    error: CommandError,
    does: &dyn Fn(&Model) -> bool,
    planned: &PlannedTarget,
    equipment: &Equipment,
) -> CommandError {
    let alternatives = alternatives(does, planned, equipment);
    if alternatives.is_empty() {
        error
    } else {
        error.hint(format!(
            "ask one that does with -m: {}",
            alternatives.join(", ")
        ))
    }
}

/// Models that do it: of the same author first, then the cheapest that cost something.
fn alternatives(
    does: &dyn Fn(&Model) -> bool,
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
        .filter(|model| does(model))
        .filter_map(|model| cost(model).map(|cost| (model.author() != author, cost, model)))
        .collect();
    able.sort_by(|left, right| {
        left.0
            .cmp(&right.0)
            .then(left.1.total_cmp(&right.1))
            .then_with(|| left.2.id.cmp(&right.2.id))
    });
    able.into_iter()
        .take(MOST)
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

/// Adds to a refusal of a model that the kept list does not have those that are called nearly so.
pub fn suggest(
    mut error: CommandError,
    settings: &Settings,
    equipment: &Equipment,
) -> CommandError {
    let is_about_model =
        error.kind == ErrorKind::Refused && matches!(error.status, Some(400 | 404));
    let wanted = &settings.model.value;
    let ids = if is_about_model {
        read(settings, equipment).unwrap_or_default()
    } else {
        Vec::new()
    };
    if crate::catalog::find(&ids, wanted).is_none() {
        let near = nearest(wanted, ids.iter().map(|model| model.id.as_str()), MOST);
        if !near.is_empty() {
            error
                .hints
                .insert(0, format!("did you mean {}?", near.join(", ")));
        }
    }
    error
}
