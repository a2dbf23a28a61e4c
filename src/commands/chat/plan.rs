//! Turns settings into requests: one leg for the profile asked, one for each it falls back to.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::budget;
use super::keeper::Kept;
use super::knowledge::Knowledge;
use crate::chat::conversation::{self, Recipient};
use crate::chat::cost::TokenPrice;
use crate::chat::leg::Leg;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::reasoning::Wish;
use crate::chat::request::{ChatRequest, lay_over};
use crate::chat::route::{self, Route};
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::commands::server;
use crate::config::layers::Setting;
use crate::config::profile::ReasoningMode;
use crate::config::{ConfigFile, Overrides, Settings, Source, env};
use crate::providers::registry::ReasoningField;
use crate::secrets::SharedCredential;

/// What is asked, whoever answers.
pub struct Question<'a> {
    pub parts: Vec<ContentPart>,
    /// The turns before it.
    pub past: &'a [Kept],
    pub stream: bool,
}

/// A leg with the settings it was made from.
#[derive(Clone)]
pub struct Planned {
    pub settings: Settings,
    pub leg: Leg,
    pub knowledge: Knowledge,
    /// What became of what the user chose, where it is not what was chosen.
    pub notes: Vec<String>,
}

/// The profile asked and those to fall back to, resolved and ready.
pub fn legs(
    settings: Settings,
    overrides: &Overrides,
    question: &Question<'_>,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Vec<Planned>, CommandError> {
    let fallbacks = settings.fallback_profiles.clone();
    let source = Source::File { profile: settings.profile.value.clone() };
    let mut planned = vec![plan(settings, question, context)?];
    for value in fallbacks {
        // Each falls back with its own model; what the user asked for by name was for the first.
        let overrides = Overrides { profile: None, model: None, ..overrides.clone() };
        let name = Setting { value, source: source.clone(), hides: Vec::new() };
        let settings = Settings::of_profile(name, &overrides, &context.environment.without(&env::AMX_MODEL), config)?;
        planned.push(plan(settings, question, context)?);
    }
    Ok(planned)
}

fn plan(mut settings: Settings, question: &Question<'_>, context: &Context<'_>) -> Result<Planned, CommandError> {
    let knowledge = Knowledge::of(&settings, context);
    let mut notes = Vec::new();
    settings.context_window = settings.context_window.or(knowledge.model().and_then(|model| model.context));
    let request = request(&settings, question, &knowledge, &mut notes);
    let mut leg = leg(&settings, request, context)?;
    leg.price = leg.price.or_else(|| knowledge.price(budget::prompt_tokens(&leg)));
    leg.worst_case = budget::worst_case(&leg);
    leg.most_usd = settings.max_cost.as_ref().map(|cap| cap.value);
    Ok(Planned { settings, leg, knowledge, notes })
}

/// One leg. Nothing is opened yet: the key is found when it is needed.
fn leg(settings: &Settings, request: ChatRequest, context: &Context<'_>) -> Result<Leg, CommandError> {
    Ok(Leg {
        profile: settings.profile.value.clone(),
        provider: settings.entry.codec(),
        base_url: settings.base_url.value.clone(),
        headers: server::headers(settings),
        credential: Arc::new(SharedCredential::new(server::credential(settings, context))),
        request,
        price: settings.price.map(|price| TokenPrice { input: price.input, output: price.output }),
        worst_case: None,
        most_usd: None,
        client: server::client_options(settings, context)?,
    })
}

fn request(settings: &Settings, question: &Question<'_>, knowledge: &Knowledge, notes: &mut Vec<String>) -> ChatRequest {
    let route = route(settings, knowledge, notes);
    let past = || question.past.iter().map(Kept::past);
    let system = settings.system.as_ref().map(|system| system.value.as_str());
    let system = conversation::instructions(system, conversation::summary(past())).map(|system| Message::text(Role::System, system));
    let earlier = conversation::messages(past(), Recipient { provider: settings.entry.name, model: &settings.model.value });
    let user = Message { role: Role::User, content: question.parts.clone(), reasoning_details: None };
    ChatRequest {
        model: settings.model.value.clone(),
        messages: system.into_iter().chain(earlier).chain([user]).collect(),
        max_tokens: max_tokens(settings, route.is_some(), knowledge, notes),
        temperature: settings.temperature.as_ref().map(|temperature| temperature.value),
        top_p: settings.top_p.as_ref().map(|top_p| top_p.value),
        effort: route.map(|route| route.effort),
        fallback_models: settings.fallback_models.clone(),
        stream: question.stream,
        extra: extra(settings, route),
    }
}

/// The reasoning route, by the settings and what is known of the model.
fn route(settings: &Settings, knowledge: &Knowledge, notes: &mut Vec<String>) -> Option<Route> {
    let wish = match settings.reasoning.value {
        ReasoningMode::Auto => Wish::Auto,
        ReasoningMode::On => Wish::On,
        ReasoningMode::Off => Wish::Off,
    };
    let chosen = settings.effort.as_ref().map(|effort| effort.value);
    let (route, note) = route::decide(&settings.model.value, wish, chosen, knowledge.thinking());
    notes.extend(note);
    route
}

/// What was asked for; on a reasoning route at least the floor, and no more than the model can give.
fn max_tokens(settings: &Settings, is_reasoning: bool, knowledge: &Knowledge, notes: &mut Vec<String>) -> u32 {
    let asked = settings.max_tokens.value;
    if !is_reasoning {
        return asked;
    }
    let most = knowledge.most_tokens().unwrap_or(u32::MAX);
    if asked > most {
        notes.push(format!("{} gives at most {most} tokens, so max_tokens {asked} becomes {most}", settings.model.value));
    }
    asked.max(settings.floor.value).min(most)
}

/// The fields laid over the body: the user's, and that thoughts nobody wants are left out.
fn extra(settings: &Settings, route: Option<Route>) -> Map<String, Value> {
    let mut extra = settings.body.clone();
    if route.is_some_and(|route| route.exclude) && settings.entry.reasoning == ReasoningField::Object {
        lay_over(&mut extra, "reasoning", &json!({"exclude": true}));
    }
    extra
}
