//! Turns settings into requests: one leg for the profile asked, one for each it falls back to.

use std::sync::Arc;

use super::budget;
use crate::chat::cost::TokenPrice;
use crate::chat::leg::Leg;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::reasoning::{self, Wish};
use crate::chat::request::ChatRequest;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::commands::server;
use crate::config::layers::Setting;
use crate::config::profile::ReasoningMode;
use crate::config::{ConfigFile, Overrides, Settings, Source, env};

/// What is asked, whoever answers.
pub struct Question {
    pub parts: Vec<ContentPart>,
    pub stream: bool,
}

/// A leg with the settings it was made from.
pub struct Planned {
    pub settings: Settings,
    pub leg: Leg,
}

/// The profile asked and those to fall back to, resolved and ready.
pub fn legs(settings: Settings, overrides: &Overrides, question: &Question, config: &ConfigFile, context: &Context<'_>) -> Result<Vec<Planned>, CommandError> {
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

fn plan(settings: Settings, question: &Question, context: &Context<'_>) -> Result<Planned, CommandError> {
    let mut leg = leg(&settings, question, context)?;
    leg.most_tokens = budget::affordable_tokens(&settings, &leg);
    Ok(Planned { settings, leg })
}

/// One leg. Nothing is opened yet: the key is found when it is needed.
fn leg(settings: &Settings, question: &Question, context: &Context<'_>) -> Result<Leg, CommandError> {
    Ok(Leg {
        profile: settings.profile.value.clone(),
        provider: settings.entry.codec(),
        base_url: settings.base_url.value.clone(),
        headers: server::headers(settings),
        credential: Arc::new(server::credential(settings, context)),
        request: request(settings, question),
        price: settings.price.map(|price| TokenPrice { input: price.input, output: price.output }),
        most_tokens: None,
        client: server::client_options(settings, context)?,
    })
}

fn request(settings: &Settings, question: &Question) -> ChatRequest {
    let wish = match settings.reasoning.value {
        ReasoningMode::Auto => Wish::Auto,
        ReasoningMode::On => Wish::On,
        ReasoningMode::Off => Wish::Off,
    };
    let chosen = settings.effort.as_ref().map(|effort| effort.value);
    let effort = reasoning::effort_on_route(&settings.model.value, wish, chosen);
    let asked = settings.max_tokens.value;
    let system = settings.system.iter().filter(|system| !system.value.is_empty()).map(|system| Message::text(Role::System, system.value.clone()));
    let user = Message { role: Role::User, content: question.parts.clone(), reasoning_details: None };
    ChatRequest {
        model: settings.model.value.clone(),
        messages: system.chain([user]).collect(),
        max_tokens: if effort.is_some() { asked.max(settings.floor.value) } else { asked },
        temperature: settings.temperature.as_ref().map(|temperature| temperature.value),
        top_p: settings.top_p.as_ref().map(|top_p| top_p.value),
        effort,
        fallback_models: settings.fallback_models.clone(),
        stream: question.stream,
        extra: settings.body.clone(),
    }
}
