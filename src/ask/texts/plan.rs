//! The target of a request with texts: the settings of a profile that belong to such a request.

use serde_json::{Map, Value};

use crate::ask::decisions::Decisions;
use crate::ask::model_facts::ModelFacts;
use crate::ask::output_limit::Bounds;
use crate::ask::own_fields;
use crate::ask::plan::{self, PlannedTarget};
use crate::ask::price_lookup::PriceLookup;
use crate::chat::endpoint::Endpoint;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::request::ChatRequest;
use crate::chat::tool::ToolChoice;
use crate::config::{Overrides, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::wire::shared_text::SharedText;

/// Fields of a profile that are sent with texts, too. The others are about answers.
const OF_PROFILE: &[&str] = &["provider", "user", "dimensions", "input_type"];

/// What the requests of a command share.
#[derive(Clone)]
pub(crate) struct TextsPlan {
    base: PlannedTarget,
}

impl TextsPlan {
    /// Plans the requests. `fields` are those of the command, over the fields of `-o`, and `own`
    /// those that amx adds by itself.
    ///
    /// # Errors
    /// When the HTTP client cannot be configured.
    pub(crate) fn new(
        endpoint: Endpoint,
        settings: &Settings,
        overrides: &Overrides,
        (fields, own): (Map<String, Value>, Map<String, Value>),
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        let facts = ModelFacts::of(settings, equipment);
        let is_sent =
            |field: &str| OF_PROFILE.contains(&field) || overrides.body.contains_key(field);
        let mut settings = settings.clone();
        settings.body.retain(|field, _| is_sent(field));
        settings.body.extend(fields);
        let mut extra = own;
        extra.extend(settings.body.clone());
        let request = request(&settings, extra);
        let target = plan::target(&settings, request, equipment)?;
        let bounds = Bounds {
            prompt: 0,
            window: None,
        };
        let mut base = PlannedTarget {
            decisions: Decisions::of(&settings, &facts, bounds, &mut Vec::new()),
            remarks: settings.options.remarks.clone(),
            settings,
            target,
            facts,
            form: None,
            refused_tools: Vec::new(),
            refused_limits: Vec::new(),
            has_fitted: true,
            cap: None,
            price_lookup: PriceLookup::default(),
            images: None,
        };
        let extra = std::mem::take(&mut base.target.request.extra);
        retarget(&mut base, endpoint, extra, Vec::new());
        Ok(Self { base })
    }

    /// The request for these texts.
    pub(crate) fn request(&self, texts: &[SharedText]) -> PlannedTarget {
        let mut planned = self.base.clone();
        let content = texts.iter().cloned().map(ContentPart::Text).collect();
        planned.target.request.messages = vec![Message {
            content,
            ..Message::text(Role::User, "")
        }];
        planned.update_price();
        planned
    }

    /// What all requests share.
    pub(crate) fn base(&mut self) -> &mut PlannedTarget {
        &mut self.base
    }
}

/// Turns a planned target into one for an endpoint with texts; `extra` are the fields of the body
/// beside the model, and beside the texts unless it has them.
pub(in crate::ask) fn retarget(
    planned: &mut PlannedTarget,
    endpoint: Endpoint,
    extra: Map<String, Value>,
    texts: Vec<ContentPart>,
) {
    planned.target.provider = planned.settings.entry.texts_codec(endpoint);
    let mut request = request(&planned.settings, extra);
    own_fields::adjust(&mut request, &planned.settings, &planned.facts);
    request.messages = vec![Message {
        content: texts,
        ..Message::text(Role::User, "")
    }];
    planned.target.request = request;
    planned.form = None;
    // There is no `max_tokens` that would fit.
    planned.has_fitted = true;
    planned.update_price();
}

/// A request without texts. It has no output.
fn request(settings: &Settings, extra: Map<String, Value>) -> ChatRequest {
    ChatRequest {
        model: settings.model.value.clone(),
        messages: Vec::new(),
        max_tokens: 0,
        temperature: None,
        top_p: None,
        effort: None,
        fallback_models: Vec::new(),
        stream: false,
        pdf_engine: None,
        tools: Vec::new(),
        tool_choice: ToolChoice::Auto,
        limit_field: None,
        without: Vec::new(),
        extra,
    }
}
