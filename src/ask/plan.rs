//! Turns settings into requests: one target for the profile asked, one for each it falls back to.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::model_facts::ModelFacts;
use super::preflight::budget;
use super::session::SessionTurn;
use super::{connection, documents};
use crate::catalog::Capability;
use crate::chat::ClientOptions;
use crate::chat::conversation::{self, Recipient};
use crate::chat::cost::TokenPrice;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::reasoning::Wish;
use crate::chat::request::{ChatRequest, lay_over};
use crate::chat::route::{self, Route};
use crate::chat::schema::{Form, Schema, Way};
use crate::chat::target::Target;
use crate::config::layers::Setting;
use crate::config::options::Remark;
use crate::config::profile::ReasoningMode;
use crate::config::{ConfigFile, Overrides, Settings, TemplateLayer, ValueSource, env};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::providers::registry::ReasoningField;
use crate::secrets::SharedCredential;

/// What is asked, whoever answers.
pub struct Question<'a> {
    pub parts: Vec<ContentPart>,
    /// The turns before it.
    pub past: &'a [SessionTurn],
    pub stream: bool,
    /// What the answer must keep to.
    pub schema: Option<&'a Schema>,
}

/// A target with the settings it was made from.
#[derive(Clone)]
pub struct Planned {
    pub settings: Settings,
    pub target: Target,
    pub facts: ModelFacts,
    /// How the model is told of the schema, when there is one.
    pub form: Option<Form>,
    /// What became of what the user chose, where it is not what was chosen.
    pub notes: Vec<String>,
    /// What the user chose and is probably not what was meant.
    pub warnings: Vec<String>,
}

impl Planned {
    /// Finds the price of the request as it is now, which may depend on its length.
    pub fn price_anew(&mut self) {
        let given = self.settings.price.map(|price| TokenPrice {
            input: price.input,
            output: price.output,
        });
        self.target.price = given.or_else(|| self.facts.price(budget::prompt_tokens(&self.target)));
        self.target.worst_case = budget::worst_case(&self.target);
    }
}

/// The profile asked and those to fall back to, resolved and ready.
pub fn targets(
    settings: Settings,
    overrides: &Overrides,
    question: &Question<'_>,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Vec<Planned>, CommandError> {
    let fallbacks = settings.fallback_profiles.clone();
    let source = ValueSource::File {
        profile: settings.profile.value.clone(),
    };
    let mut planned = vec![plan(settings, question, context)?];
    for value in fallbacks {
        // Each falls back with its own model; what the user asked for by name was for the first.
        let template = overrides.template.as_ref().map(TemplateLayer::for_fallback);
        let overrides = Overrides {
            profile: None,
            model: None,
            template,
            ..overrides.clone()
        };
        let name = Setting {
            value,
            source: source.clone(),
            hides: Vec::new(),
        };
        let settings = Settings::of_profile(
            name,
            &overrides,
            &context.environment.without(&env::AMX_MODEL),
            config,
        )?;
        planned.push(plan(settings, question, context)?);
    }
    Ok(planned)
}

fn plan(
    mut settings: Settings,
    question: &Question<'_>,
    context: &Context<'_>,
) -> Result<Planned, CommandError> {
    let facts = ModelFacts::of(&settings, context);
    let (mut notes, mut warnings) = (Vec::new(), Vec::new());
    for remark in &settings.options.remarks {
        match remark {
            Remark::Note(text) => notes.push(text.clone()),
            Remark::Warning(text) => warnings.push(text.clone()),
        }
    }
    settings.context_window = settings
        .context_window
        .or(facts.model().and_then(|model| model.context));
    let mut request = request(&settings, question, &facts, &mut notes);
    let form = question
        .schema
        .map(|schema| form(schema, &settings, &facts, &mut request, &mut notes));
    let target = Target {
        most_tokens: facts.most_tokens(),
        ..target(&settings, request, context)?
    };
    let mut planned = Planned {
        settings,
        target,
        facts,
        form,
        notes,
        warnings,
    };
    planned.price_anew();
    Ok(planned)
}

/// Tells the model of the schema in the best way that it is known to understand.
fn form(
    schema: &Schema,
    settings: &Settings,
    facts: &ModelFacts,
    request: &mut ChatRequest,
    notes: &mut Vec<String>,
) -> Form {
    let can = |capability| facts.model().and_then(|model| model.can(capability));
    let calls_tools = can(Capability::Tools);
    let holds_to_schemas =
        can(Capability::Schema) != Some(false) && settings.entry.holds_to_schemas;
    let way = match (holds_to_schemas, calls_tools) {
        (true, _) => Way::Schema,
        // What its list does not tell is tried: a refusal leads on.
        (false, Some(true)) => Way::Tool,
        (false, None) if !settings.entry.holds_to_schemas => Way::Tool,
        (false, _) => Way::Instructions,
    };
    if way == Way::Instructions {
        let model = &settings.model.value;
        notes.push(format!(
            "{model} keeps to no schema and calls no tools: the schema goes into \
            its instructions, and only amx checks the answer"
        ));
    }
    Form::put(
        way,
        calls_tools,
        settings.entry.is_openrouter,
        schema,
        request,
    )
}

/// One target. Nothing is opened yet: the key is found when it is needed.
fn target(
    settings: &Settings,
    request: ChatRequest,
    context: &Context<'_>,
) -> Result<Target, CommandError> {
    Ok(Target {
        profile: settings.profile.value.clone(),
        provider: settings.entry.codec(),
        base_url: settings.base_url.value.clone(),
        headers: connection::headers(settings),
        credential: Arc::new(SharedCredential::new(connection::credential(
            settings, context,
        ))),
        request,
        price: None,
        worst_case: None,
        most_tokens: None,
        most_usd: settings.max_cost.as_ref().map(|cap| cap.value),
        most_usd_together: None,
        client: ClientOptions {
            tape: context.tape.clone(),
            ..connection::client_options(settings, context)?
        },
    })
}

fn request(
    settings: &Settings,
    question: &Question<'_>,
    facts: &ModelFacts,
    notes: &mut Vec<String>,
) -> ChatRequest {
    let route = route(settings, facts, notes);
    let past = || question.past.iter().map(SessionTurn::past);
    let system = settings.system.as_ref().map(|system| system.value.as_str());
    let system = conversation::instructions(system, conversation::summary(past()))
        .map(|system| Message::text(Role::System, system));
    let earlier = conversation::messages(
        past(),
        Recipient {
            provider: settings.entry.name,
            model: &settings.model.value,
        },
    );
    let user = Message {
        content: question.parts.clone(),
        ..Message::text(Role::User, "")
    };
    let messages: Vec<Message> = system.into_iter().chain(earlier).chain([user]).collect();
    ChatRequest {
        model: settings.model.value.clone(),
        pdf_engine: documents::engine(settings, &messages, facts, notes),
        messages,
        max_tokens: max_tokens(settings, route.is_some(), facts, notes),
        temperature: settings
            .temperature
            .as_ref()
            .map(|temperature| temperature.value),
        top_p: settings.top_p.as_ref().map(|top_p| top_p.value),
        effort: route.map(|route| route.effort),
        fallback_models: settings
            .fallback_models
            .as_ref()
            .map(|models| models.value.clone())
            .unwrap_or_default(),
        stream: question.stream,
        extra: extra(settings, route),
    }
}

/// The reasoning route, by the settings and what is known of the model.
fn route(settings: &Settings, facts: &ModelFacts, notes: &mut Vec<String>) -> Option<Route> {
    let wish = match settings.reasoning.value {
        ReasoningMode::Auto => Wish::Auto,
        ReasoningMode::On => Wish::On,
        ReasoningMode::Off => Wish::Off,
    };
    let chosen = settings.effort.as_ref().map(|effort| effort.value);
    let (route, note) = route::decide(&settings.model.value, wish, chosen, facts.thinking());
    notes.extend(note);
    route
}

/// What was asked for; on a reasoning route at least the floor, and no more than the model can
/// give.
fn max_tokens(
    settings: &Settings,
    is_reasoning: bool,
    facts: &ModelFacts,
    notes: &mut Vec<String>,
) -> u32 {
    let asked = settings.max_tokens.value;
    if !is_reasoning {
        return asked;
    }
    let most = facts.most_tokens().unwrap_or(u32::MAX);
    if asked > most {
        notes.push(format!(
            "{} gives at most {most} tokens, so max_tokens {asked} becomes {most}",
            settings.model.value
        ));
    }
    asked.max(settings.floor.value).min(most)
}

/// The fields laid over the body: the user's, and that thoughts nobody wants are left out.
fn extra(settings: &Settings, route: Option<Route>) -> Map<String, Value> {
    let mut extra = settings.body.clone();
    if route.is_some_and(|route| route.exclude)
        && settings.entry.reasoning == ReasoningField::Object
    {
        lay_over(&mut extra, "reasoning", &json!({"exclude": true}));
    }
    extra
}
