//! A refusal of what the user did not set is never final: one more request without the field, with
//! the other name of the field, or with the `max_tokens` that fits or that the account can afford.

use super::adjustments::Learned;
use super::model_list::server_name;
use super::output_limit::prompt_space;
use super::own_fields::{OWN, OwnField};
use super::plan::PlannedTarget;
use super::preflight::caps::LEAST;
use super::schema_verdict::{MAX_QUOTED, shortened};
use crate::chat::adjustment::Adjustment;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::request::LIMIT_FIELDS;
use crate::present::count::thousands;

/// A request that was changed after a refusal.
pub(super) struct Adjusted {
    pub learned: Vec<Learned>,
    /// The note for the user.
    pub note: String,
}

/// Changes the request of a target after a refusal of what the user did not set. `asked` is the
/// `max_tokens` that was refused. Returns `None` when the refusal is about something else.
pub(super) fn after_refusal(
    planned: &mut PlannedTarget,
    refusal: &Refusal,
    asked: u32,
) -> Option<Adjusted> {
    let (adjustments, note) = match refusal.kind {
        RefusalKind::OutputTooLong | RefusalKind::ContextLength => {
            let (adjustment, note) = room(planned, refusal, asked)?;
            (Vec::from_iter(adjustment), note)
        }
        RefusalKind::MaxTokensUnaffordable {
            affordable: Some(tokens),
        } => (Vec::new(), affordable(planned, tokens, asked)?),
        _ => fields(planned, refusal)?,
    };
    planned.update_price();
    for adjustment in &adjustments {
        planned.facts.learn(adjustment);
    }
    let learned = |adjustment| Learned {
        server: server_name(&planned.target.base_url),
        model: planned.target.request.model.clone(),
        adjustment,
    };
    let learned = adjustments.into_iter().map(learned).collect();
    Some(Adjusted { learned, note })
}

/// Asks for the room that the server has, when amx asked for more by itself. What the account may
/// use in a minute is no property of the model, and not remembered.
fn room(
    planned: &mut PlannedTarget,
    refusal: &Refusal,
    asked: u32,
) -> Option<(Option<Adjustment>, String)> {
    if !may_lower(planned, asked) {
        return None;
    }
    let space = prompt_space(&planned.target.request.messages);
    let fitting = refusal.room.fitting(asked, space)?;
    lower(planned, fitting, asked)?;
    let model = &planned.target.request.model;
    let (asked, fits) = (thousands(asked.into()), thousands(fitting.into()));
    let quota = refusal.room.limit.filter(|_| refusal.room.is_quota);
    if let Some(quota) = quota {
        let note = format!(
            "{asked} output tokens exceed what the account may use of {model} in a minute, {} \
            tokens; retrying with {fits}",
            thousands(quota)
        );
        return Some((None, note));
    }
    match refusal.room.limit {
        Some(window) if refusal.room.output_limit.is_none() => Some((
            Some(Adjustment::Window(window)),
            format!(
                "{asked} output tokens do not fit beside the prompt: {model} has {} tokens for \
                both; retrying with {fits}",
                thousands(window)
            ),
        )),
        _ => Some((
            Some(Adjustment::Output(fitting)),
            format!("{model} allows fewer output tokens than {asked}; retrying with {fits}"),
        )),
    }
}

/// Asks for what the account can afford, when amx asked for more by itself. Credits change, so it
/// is not remembered. Neither is it less than the default nor than the user's number: an answer
/// that is cut off there is of no use.
fn affordable(planned: &mut PlannedTarget, tokens: u32, asked: u32) -> Option<String> {
    let set = &planned.settings.max_tokens;
    let least = if set.is_default() {
        LEAST
    } else {
        LEAST.max(set.value)
    };
    if !may_lower(planned, asked) || !(least..asked).contains(&tokens) {
        return None;
    }
    lower(planned, tokens, asked)?;
    let model = &planned.target.request.model;
    let (asked, tokens) = (thousands(asked.into()), thousands(tokens.into()));
    Some(format!(
        "the account cannot afford {asked} output tokens of {model}; retrying with {tokens}"
    ))
}

/// Whether the refused limit is amx's, and was not lowered before: a server that refuses what it
/// said would do says nothing of what does.
fn may_lower(planned: &mut PlannedTarget, asked: u32) -> bool {
    let is_users = planned.decisions.limit.is_users_number(&planned.settings)
        && asked <= planned.target.request.max_tokens;
    !std::mem::replace(&mut planned.has_fitted, true) && !is_users
}

/// Lowers the limit, unless a retry with a larger budget was refused: the first budget is known to
/// be too small.
fn lower(planned: &mut PlannedTarget, tokens: u32, asked: u32) -> Option<()> {
    let request = &mut planned.target.request;
    if asked > request.max_tokens && tokens <= request.max_tokens {
        return None;
    }
    request.max_tokens = tokens;
    let most = &mut planned.target.most_tokens;
    *most = Some(most.map_or(tokens, |most| most.min(tokens)));
    Some(())
}

/// Removes or renames the fields that were refused.
fn fields(planned: &mut PlannedTarget, refusal: &Refusal) -> Option<(Vec<Adjustment>, String)> {
    if !is_about_a_field(refusal) {
        return None;
    }
    let refused = refused(planned, refusal);
    let adjustments: Vec<Adjustment> = refused
        .iter()
        .map(|(own, name)| adjustment(planned, refusal, own, name))
        .collect::<Option<_>>()?;
    let renamed = adjustments.iter().find_map(|adjustment| match adjustment {
        Adjustment::LimitField(field) => Some(*field),
        _ => None,
    });
    for adjustment in &adjustments {
        adjustment.apply(&mut planned.target.request);
    }
    let names: Vec<&str> = refused.iter().map(|(_, name)| *name).collect();
    planned.refused_limits.extend(
        names
            .iter()
            .filter(|name| renamed.is_some() && LIMIT_FIELDS.contains(name)),
    );
    let turns_off = adjustments.contains(&Adjustment::NoReasoningWithTools);
    let instead = match (renamed, names.len()) {
        _ if names.is_empty() => return None,
        _ if turns_off => "without reasoning".to_owned(),
        (Some(field), _) => format!("with {field}"),
        (None, 1) => "without it".to_owned(),
        (None, _) => "without them".to_owned(),
    };
    let note = format!(
        "{} does not accept {} ({}); retrying {instead}",
        planned.target.request.model,
        names.join(" and "),
        shortened(&refusal.message, MAX_QUOTED)
    );
    Some((adjustments, note))
}

/// The rows of the fields that a refusal is about, each with its name in the body; none when it is
/// about one of the user's as well.
fn refused(planned: &PlannedTarget, refusal: &Refusal) -> Vec<(&'static OwnField, &'static str)> {
    let body = planned.target.fields();
    let row = |own: &'static OwnField| {
        let name = own.sent_name(&body, &planned.target)?;
        let is_meant = own.names.iter().any(|name| refusal.names(name)) || own.is_meant(refusal);
        is_meant.then_some((own, name))
    };
    let mut rows: Vec<_> = OWN.iter().filter_map(row).collect();
    if refusal.fields.is_empty() {
        // Words may mention a second field that is not refused.
        rows.truncate(1);
    }
    let is_of_user = |field: &String| {
        let first = field.split(['.', '[']).next().unwrap_or(field);
        let is_own = |own: &OwnField| own.names.contains(&first);
        body.contains_key(first) && first != "messages" && !OWN.iter().any(is_own)
    };
    if refusal.fields.iter().any(is_of_user) {
        rows.clear();
    }
    rows
}

/// Whether a refusal can be one of a field.
fn is_about_a_field(refusal: &Refusal) -> bool {
    match &refusal.kind {
        RefusalKind::BadRequest { .. } => true,
        // An error inside a 200 without a code.
        RefusalKind::Other => refusal.status < 500,
        _ => false,
    }
}

/// What follows a refusal of a field; `None` when the user set it.
fn adjustment(
    planned: &PlannedTarget,
    refusal: &Refusal,
    own: &OwnField,
    sent: &str,
) -> Option<Adjustment> {
    let settings = &planned.settings;
    if own.is_meant_with_tools(refusal) && !planned.target.request.tools.is_empty() {
        let is_added = own.is_added(settings);
        return is_added.then_some(Adjustment::NoReasoningWithTools);
    }
    let omitted = || Adjustment::Omit(own.omits.to_owned());
    let Some(other) = other_limit(sent) else {
        return own.is_added(settings).then(omitted);
    };
    if settings.limit_field.is_some() {
        return None;
    }
    if planned.refused_limits.contains(&other) {
        // Neither name: no limit at all, when neither the user nor a cap needs one.
        return own.is_added(settings).then(omitted);
    }
    Some(Adjustment::LimitField(other))
}

/// The other name of `max_tokens`; `None` for any other field.
fn other_limit(name: &str) -> Option<&'static str> {
    let [older, newer] = LIMIT_FIELDS;
    match name {
        name if name == older => Some(newer),
        name if name == newer => Some(older),
        _ => None,
    }
}
