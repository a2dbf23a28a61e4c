//! Turns settings into requests: one target for the profile, one for each of its
//! `fallback_profiles`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::decisions::Decisions;
use super::images::ImageCost;
use super::model_facts::ModelFacts;
use super::output_limit::{self, Bounds, prompt_space};
use super::preflight::budget;
use super::preflight::caps::{self, Cap};
use super::price_lookup::PriceLookup;
use super::question::{Question, Resolved};
use super::session::SessionTurn;
use super::tools::ToolSet;
use super::{connection, documents, own_fields, services};
use crate::catalog::Capability;
use crate::chat::conversation::{self, Recipient};
use crate::chat::cost::{TokenPrice, WorstCase};
use crate::chat::message::{Message, Role};
use crate::chat::request::{ChatRequest, lay_over};
use crate::chat::schema::{Form, Schema, Way};
use crate::chat::target::Target;
use crate::chat::tool::{Declaration, ToolChoice};
use crate::config::options::Remark;
use crate::config::{Overrides, Setting, Settings, TemplateLayer, ValueSource, env};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::providers::registry::ReasoningField;
use crate::secrets::SharedCredential;
use crate::wire::options::ClientOptions;

/// Most tokens by which the request for a confidence makes the prompt longer.
const RATING_TOKENS: u64 = 512;

/// A target with its settings, catalogue facts and decisions.
#[derive(Clone)]
pub(crate) struct PlannedTarget {
    pub settings: Settings,
    pub target: Target,
    pub facts: ModelFacts,
    pub decisions: Decisions,
    /// How the schema is sent, when there is one.
    pub form: Option<Form>,
    /// The names of the tools that its server refused.
    pub refused_tools: Vec<String>,
    /// The names of `max_tokens` that its server refused.
    pub refused_limits: Vec<&'static str>,
    /// Its `max_tokens` was lowered to what the server said would fit.
    pub has_fitted: bool,
    /// Notes on what differs from the user's choice, and warnings about likely mistakes.
    pub remarks: Vec<Remark>,
    /// The lowest cap on its cost, when its price is known.
    pub cap: Option<Cap>,
    /// Whether the catalogue with the price is recent.
    pub price_lookup: PriceLookup,
    /// What its images cost, where an API makes them that has no limit of tokens.
    pub images: Option<ImageCost>,
}

impl PlannedTarget {
    /// The cap that lowered `max_tokens`, when it affords what is left.
    fn sufficient_cap(&self) -> Option<Cap> {
        let worst = self.target.worst_case?;
        let tokens = self.decisions.limit.tokens;
        self.cap
            .filter(|cap| caps::affordable(cap.left, worst) >= tokens)
    }

    /// Declares tools, without those that its server refused.
    pub(crate) fn declare(&mut self, mut tools: Vec<Declaration>) {
        tools.retain(|tool| !self.refused_tools.contains(&tool.name));
        self.target.request.tools = tools;
    }

    /// Updates price and worst case after the request changed: the price may depend on its length.
    pub(crate) fn update_price(&mut self) {
        let given = self.settings.price.map(|price| TokenPrice {
            input: price.input,
            output: price.output,
        });
        let tokens = budget::prompt_tokens(&self.target);
        self.target.price = given.or_else(|| self.facts.price(tokens));
        self.update_worst_case();
    }

    /// Updates the worst case after the request changed, but not its length.
    pub(crate) fn update_worst_case(&mut self) {
        if let Some(images) = &self.images {
            self.target.worst_case = images.most.map(WorstCase::whole);
            return;
        }
        let price = self.highest_price();
        self.target.worst_case = price.map(|price| budget::worst_case(&self.target, price));
    }

    /// The most that a token may cost: its price, or for a router, whose price varies, the
    /// `max_price` of the request. OpenRouter selects no provider above that.
    pub(crate) fn highest_price(&self) -> Option<TokenPrice> {
        let most = |part: &str| {
            let most = self
                .target
                .request
                .extra
                .get("provider")?
                .get("max_price")?;
            most.get(part)?.as_f64().filter(|usd| *usd >= 0.0)
        };
        let of_request = || {
            let price = TokenPrice {
                input: most("prompt")?,
                output: most("completion")?,
            };
            self.settings.entry.is_openrouter.then_some(price)
        };
        self.target.price.or_else(of_request)
    }

    /// Decides the limit again after the messages changed, and updates price and worst case.
    pub(super) fn replan(&mut self, equipment: &Equipment) {
        let window = self.settings.context_window.into_iter();
        let bounds = Bounds {
            prompt: prompt_space(&self.target.request.messages),
            window: window.chain(self.facts.refused_window()).min(),
        };
        self.decisions = Decisions::of(&self.settings, &self.facts, bounds, &mut Vec::new());
        self.target.request.max_tokens = self.decisions.limit.tokens;
        let listed = self.facts.max_output_tokens();
        self.target.most_tokens = listed.into_iter().chain(bounds.room()).min();
        self.update_price();
        self.fit_caps(&Question::default(), equipment);
    }

    /// Lowers the limit of a reasoning model to what the caps afford.
    fn fit_caps(&mut self, question: &Question<'_>, equipment: &Equipment) {
        let costs = self.target.worst_case.zip(self.highest_price());
        let Some((mut worst, price)) = costs.filter(|_| self.images.is_none()) else {
            return;
        };
        if question.rated.is_some() {
            worst.prompt += price.of(RATING_TOKENS, 0);
        }
        self.cap = caps::lowest(&self.settings, question.answers, equipment);
        if let Some(cap) = self.cap {
            let affordable = caps::affordable_steps(cap.left, worst);
            let limit = self.decisions.limit.under(affordable, &self.settings);
            self.decisions.limit = limit;
            self.target.request.max_tokens = limit.tokens;
        }
    }
}

/// The targets of a question, in order: the profile, then its fallback profiles.
///
/// # Errors
/// When the settings of a fallback profile are invalid, or the HTTP client cannot be configured.
pub(crate) fn targets(
    resolved: &Resolved<'_>,
    question: &Question<'_>,
    tools: Option<&ToolSet>,
    equipment: &Equipment,
) -> Result<Vec<PlannedTarget>, CommandError> {
    let first = resolved.settings;
    let mut planned = vec![plan(first.clone(), question, tools, equipment)?];
    for profile in &first.fallback_profiles {
        let settings = fallback_settings(profile, resolved, equipment)?;
        planned.push(plan(settings, question, tools, equipment)?);
    }
    Ok(planned)
}

/// The settings of a fallback profile. It uses its own model: a model that the user named is meant
/// for the first profile.
///
/// # Errors
/// When they are invalid.
pub(crate) fn fallback_settings(
    profile: &str,
    resolved: &Resolved<'_>,
    equipment: &Equipment,
) -> Result<Settings, CommandError> {
    let template = resolved.overrides.template.as_ref();
    let overrides = Overrides {
        profile: None,
        model: None,
        template: template.map(TemplateLayer::for_fallback),
        ..resolved.overrides.clone()
    };
    let name = Setting {
        value: profile.to_owned(),
        source: ValueSource::File {
            profile: resolved.settings.profile.value.clone(),
        },
        overridden: Vec::new(),
    };
    let environment = equipment.environment.without(&env::AMX_MODEL);
    Ok(Settings::of_profile(
        name,
        &overrides,
        &environment,
        resolved.config,
    )?)
}

fn plan(
    mut settings: Settings,
    question: &Question<'_>,
    tools: Option<&ToolSet>,
    equipment: &Equipment,
) -> Result<PlannedTarget, CommandError> {
    let facts = ModelFacts::of(&settings, equipment);
    let remarks = settings.options.remarks.clone();
    let mut notes = Vec::new();
    let listed = facts.model().and_then(|model| model.context);
    let found = listed.into_iter().chain(facts.refused_window()).min();
    let messages = messages(&settings, question, tools.is_some());
    let bounds = Bounds {
        prompt: prompt_space(&messages),
        window: settings.context_window.or(found),
    };
    settings.context_window = settings.context_window.or(listed);
    let decisions = Decisions::of(&settings, &facts, bounds, &mut notes);
    let mut request = request(&settings, messages, question, decisions);
    request.tools = tools.map_or_else(Vec::new, |tools| tools.declarations(&settings));
    request.pdf_engine = documents::engine(&settings, &request.messages, &facts, &mut notes);
    own_fields::adjust(&mut request, &settings, &facts);
    if let Some(images) = question.images {
        notes.extend(images.fill(&mut request));
    }
    let schema = question.schema.as_deref();
    let form = schema.map(|schema| form(schema, &settings, &facts, &mut request, &mut notes));
    let most_tokens = facts.max_output_tokens().into_iter();
    let most_tokens = most_tokens.chain(bounds.room()).min();
    let mut target = Target {
        most_tokens,
        ..target(&settings, request, equipment)?
    };
    let images = question
        .images
        .and_then(|images| images.aim(&mut target, &settings));
    let mut planned = PlannedTarget {
        settings,
        target,
        facts,
        decisions,
        form,
        refused_tools: Vec::new(),
        refused_limits: Vec::new(),
        has_fitted: false,
        remarks,
        cap: None,
        price_lookup: PriceLookup::default(),
        images,
    };
    planned.update_price();
    planned.fit_caps(question, equipment);
    notes.extend(output_limit::note(
        &planned.settings,
        planned.decisions.limit,
        planned.sufficient_cap(),
    ));
    planned.remarks.extend(notes.into_iter().map(Remark::Note));
    Ok(planned)
}

/// Sends the schema in the strictest way that the model supports.
fn form(
    schema: &Schema,
    settings: &Settings,
    facts: &ModelFacts,
    request: &mut ChatRequest,
    notes: &mut Vec<String>,
) -> Form {
    let can = |capability| facts.model().and_then(|model| model.can(capability));
    let calls_tools = can(Capability::Tools);
    let supports_schemas =
        can(Capability::Schema) != Some(false) && settings.entry.holds_to_schemas;
    let way = match (supports_schemas, calls_tools) {
        (true, _) => Way::Schema,
        // A tool for the answer would take the place of the others.
        _ if !request.tools.is_empty() => Way::Instructions,
        // An unknown capability is tried; a refusal steps down to the next way.
        (false, Some(true)) => Way::Tool,
        (false, None) if !settings.entry.holds_to_schemas => Way::Tool,
        (false, _) => Way::Instructions,
    };
    if way == Way::Instructions && request.tools.is_empty() {
        let model = &settings.model.value;
        notes.push(format!(
            "{model} supports neither schemas nor tools: the schema is sent in the system prompt, \
            and only amx validates the answer"
        ));
    }
    let is_openrouter = settings.entry.is_openrouter;
    Form::put(way, calls_tools, is_openrouter, schema, request)
}

/// One target. Opens nothing: the API key is looked up on first use.
pub(super) fn target(
    settings: &Settings,
    request: ChatRequest,
    equipment: &Equipment,
) -> Result<Target, CommandError> {
    let credential = connection::credential(settings, equipment);
    Ok(Target {
        profile: settings.profile.value.clone(),
        provider: settings.entry.codec(),
        base_url: settings.base_url.value.clone(),
        headers: connection::headers(settings),
        credential: Arc::new(SharedCredential::new(credential)),
        request,
        price: None,
        worst_case: None,
        most_tokens: None,
        most_usd: settings.max_cost.as_ref().map(|cap| cap.value),
        reserved_usd: None,
        most_usd_together: None,
        log: None,
        pace: None,
        client: ClientOptions {
            tape: equipment.tape.clone(),
            ..connection::client_options(settings, equipment)?
        },
    })
}

fn request(
    settings: &Settings,
    messages: Vec<Message>,
    question: &Question<'_>,
    decisions: Decisions,
) -> ChatRequest {
    let fallback_models = settings.fallback_models.as_ref();
    ChatRequest {
        model: settings.model.value.clone(),
        messages,
        max_tokens: decisions.limit.tokens,
        temperature: settings.temperature.as_ref().map(|setting| setting.value),
        top_p: settings.top_p.as_ref().map(|setting| setting.value),
        effort: decisions.effort.route.map(|route| route.effort),
        fallback_models: fallback_models.map_or_else(Vec::new, |models| models.value.clone()),
        stream: question.stream,
        pdf_engine: None,
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        limit_field: settings.limit_field,
        without: Vec::new(),
        extra: extra(settings, question, decisions),
    }
}

/// The system prompt, the conversation so far, and the question.
fn messages(settings: &Settings, question: &Question<'_>, has_tools: bool) -> Vec<Message> {
    let past = || question.past.iter().map(SessionTurn::past);
    let system = settings.system.as_ref().map(|system| system.value.as_str());
    let system = conversation::instructions(system, conversation::summary(past()))
        .map(|system| Message::text(Role::System, system));
    let recipient = Recipient {
        provider: settings.entry.name,
        model: &settings.model.value,
        has_tools,
    };
    let earlier = conversation::messages(past(), recipient);
    let user = Message {
        content: question.parts.clone(),
        ..Message::text(Role::User, "")
    };
    system.into_iter().chain(earlier).chain([user]).collect()
}

/// The fields merged into the body: the user's, and `reasoning.exclude` when the reasoning text is
/// not needed.
fn extra(settings: &Settings, question: &Question<'_>, decisions: Decisions) -> Map<String, Value> {
    let mut extra = settings.body.clone();
    let is_excluded = decisions.effort.route.is_some_and(|route| route.exclude);
    if is_excluded && settings.entry.reasoning == ReasoningField::Object {
        lay_over(&mut extra, "reasoning", &json!({"exclude": true}));
    }
    services::search(settings, &mut extra);
    services::enrich(settings, question.session, &mut extra);
    extra
}
