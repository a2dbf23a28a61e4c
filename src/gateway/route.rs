//! Where a model name leads: the profile with its fallback profiles, each with the model and the
//! fields that its requests get.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::client_body::ClientBody;
use super::front::{FRONTS, Front, FrontRow};
use super::problem::Problem;
use crate::ask::connection;
use crate::ask::decisions::Decisions;
use crate::ask::model_facts::ModelFacts;
use crate::ask::output_limit::Bounds;
use crate::ask::plan::fallback_settings;
use crate::ask::question::Resolved;
use crate::chat::attempts::endpoint_url;
use crate::chat::cost::{TokenPrice, count};
use crate::chat::provider::Provider;
use crate::config::model_choice::{self, Choice};
use crate::config::model_spec::PARAMETERS;
use crate::config::{ConfigFile, Overrides, Settings, env};
use crate::ports::equipment::Equipment;
use crate::providers::ProviderEntry;
use crate::secrets::SharedCredential;
use crate::wire::client::{ClientOptions, Url};

/// A model parameter and its field in each API; `None` where the API has no such field.
struct ParameterRow {
    name: &'static str,
    chat: Option<&'static str>,
    responses: Option<&'static str>,
    messages: Option<&'static str>,
}

/// The fields of the parameters that [`PARAMETERS`] lists.
const FIELDS: &[ParameterRow] = &[
    row("temperature", Some("temperature"), Some("temperature")),
    row("top_p", Some("top_p"), Some("top_p")),
    row("top_k", None, Some("top_k")),
    row("max_tokens", Some("max_output_tokens"), Some("max_tokens")),
    row("reasoning_effort", Some("reasoning"), None),
    row("verbosity", None, None),
    row("seed", None, None),
];

const fn row(
    name: &'static str,
    responses: Option<&'static str>,
    messages: Option<&'static str>,
) -> ParameterRow {
    ParameterRow {
        name,
        chat: Some(name),
        responses,
        messages,
    }
}

/// The keys of profiles, each resolved once for all models.
#[derive(Default)]
pub(super) struct Credentials(Mutex<HashMap<(String, String), Arc<SharedCredential>>>);

impl Credentials {
    fn of(&self, settings: &Settings, equipment: &Equipment) -> Arc<SharedCredential> {
        let place = (settings.profile.value.clone(), connection::origin(settings));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let credential = connection::credential(settings, equipment);
            Arc::new(SharedCredential::new(credential))
        };
        Arc::clone(known.entry(place).or_insert_with(new))
    }

    /// Resolves all of them again when they are next needed.
    pub(super) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// One profile that a request can go to.
pub(super) struct RouteTarget {
    pub profile: String,
    pub entry: &'static ProviderEntry,
    pub provider: Arc<dyn Provider>,
    pub base_url: Url,
    /// The URL of each API.
    urls: HashMap<Front, Url>,
    pub model: String,
    pub headers: Vec<(String, String)>,
    pub credential: Arc<SharedCredential>,
    pub client: ClientOptions,
    pub most_usd: Option<f64>,
    pub most_usd_per_day: Option<f64>,
    /// The price in the configuration, which is stronger than that of the catalogue.
    own_price: Option<TokenPrice>,
    facts: ModelFacts,
    pub max_output: Option<u32>,
    /// The fields of the profile and of the model's parameters, for each of which the client's own
    /// is stronger.
    pub body: Map<String, Value>,
    parameters: Map<String, Value>,
    fallback_models: Vec<String>,
    /// The output limit of a reasoning model.
    floor: Option<u32>,
}

/// What the provider receives of a client, with `attribution: key`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribution<'a> {
    /// The name of its key.
    pub key: &'a str,
    pub session: Option<&'a str>,
    /// The number of the request, as in the log.
    pub request: &'a str,
}

/// Where a model name leads.
pub(super) struct Route {
    /// The profile first, then those that it falls back to.
    pub targets: Vec<RouteTarget>,
}

impl Route {
    /// Finds the route of a model name, or of the profile's model without one.
    ///
    /// # Errors
    /// 400 when the name is not a model, or the profile cannot be used.
    pub(super) fn find(
        name: Option<&str>,
        profile: Option<&str>,
        config: &ConfigFile,
        equipment: &Equipment,
        credentials: &Credentials,
    ) -> Result<Self, Problem> {
        let of_profile = name.and_then(|name| own_model_of(name, config));
        let model = name.filter(|_| of_profile.is_none());
        let named = of_profile.or_else(|| model_choice::profile_of(model?, config));
        let overrides = Overrides {
            profile: named.or_else(|| profile.map(str::to_owned)),
            model: model.map(str::to_owned),
            ..Overrides::default()
        };
        let environment = equipment.environment.without(&env::AMX_MODEL);
        let failed = |error: crate::config::ConfigError| {
            Problem::bad_request(crate::wire::redact::without_keys(&error.to_string()))
        };
        let settings = Settings::resolve(&overrides, &environment, config).map_err(failed)?;
        let parameters = match model {
            Some(model) => Choice::of_flag(model, config).map_err(failed)?.parameters,
            None => settings
                .written_model
                .as_deref()
                .and_then(|text| Choice::of_flag(text, config).ok())
                .map(|choice| choice.parameters)
                .unwrap_or_default(),
        };
        let resolved = Resolved {
            settings: &settings,
            overrides: &overrides,
            config,
        };
        let mut targets = vec![RouteTarget::of(
            &settings,
            parameters,
            equipment,
            credentials,
        )?];
        for profile in &settings.fallback_profiles {
            let settings = fallback_settings(profile, &resolved, equipment)
                .map_err(|error| Problem::new(500, "configuration", error.in_one_line()))?;
            targets.push(RouteTarget::of(
                &settings,
                Map::new(),
                equipment,
                credentials,
            )?);
        }
        Ok(Self { targets })
    }

    /// Whether a limit on the cost of a request applies, or a daily one of a profile.
    pub(super) fn has_cap(&self, max_cost: Option<f64>) -> bool {
        let of_profile =
            |target: &RouteTarget| target.most_usd.or(target.most_usd_per_day).is_some();
        max_cost.is_some() || self.targets.iter().any(of_profile)
    }

    /// The first target. There always is one.
    pub(super) fn first(&self) -> &RouteTarget {
        &self.targets[0]
    }
}

/// The URL of each API below a base URL.
fn front_urls(base: &Url) -> HashMap<Front, Url> {
    let url = |row: &FrontRow| (row.front, endpoint_url(base, row.path));
    FRONTS.iter().map(url).collect()
}

/// The profile of `work:`, which means the model of that profile.
fn own_model_of(name: &str, config: &ConfigFile) -> Option<String> {
    let profile = name.strip_suffix(':')?;
    config
        .profiles
        .contains_key(profile)
        .then(|| profile.to_owned())
}

impl RouteTarget {
    fn of(
        settings: &Settings,
        parameters: Map<String, Value>,
        equipment: &Equipment,
        credentials: &Credentials,
    ) -> Result<Self, Problem> {
        let facts = ModelFacts::of(settings, equipment);
        let price = settings.price.map(|price| TokenPrice {
            input: price.input,
            output: price.output,
        });
        let decisions = Decisions::of(settings, &facts, Bounds::default(), &mut Vec::new());
        let client = connection::client_options(settings, equipment)
            .map_err(|error| Problem::new(500, "configuration", error.in_one_line()))?;
        let is_listed = facts.model().is_some();
        let fallback_models = settings.fallback_models.as_ref();
        Ok(Self {
            profile: settings.profile.value.clone(),
            entry: settings.entry,
            provider: settings.entry.codec(),
            urls: front_urls(&settings.base_url.value),
            base_url: settings.base_url.value.clone(),
            model: settings.model.value.clone(),
            headers: connection::headers(settings),
            credential: credentials.of(settings, equipment),
            client,
            most_usd: settings.max_cost.as_ref().map(|cap| cap.value),
            most_usd_per_day: settings
                .max_cost_per_day
                .filter(|_| !settings.entry.is_demo()),
            own_price: price,
            max_output: facts.max_output_tokens(),
            body: settings
                .body
                .iter()
                .filter(|(name, _)| !PARAMETERS.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            parameters,
            fallback_models: fallback_models.map_or_else(Vec::new, |models| models.value.clone()),
            floor: (is_listed && decisions.effort.route.is_some())
                .then_some(decisions.limit.tokens),
            facts,
        })
    }

    /// The URL of an API.
    pub(super) fn url(&self, front: Front) -> &Url {
        self.urls.get(&front).unwrap_or(&self.base_url)
    }

    /// Whether the provider has the API.
    pub(super) fn offers(&self, front: Front) -> bool {
        self.entry.paths.contains(&front.row().path)
    }

    /// The highest price of a token for a prompt of so many.
    pub(super) fn price(&self, prompt_tokens: u64) -> Option<TokenPrice> {
        if self.entry.is_demo() {
            return Some(TokenPrice {
                input: 0.0,
                output: 0.0,
            });
        }
        self.own_price.or_else(|| self.facts.price(prompt_tokens))
    }

    /// The output limits that a request without one of the client gets.
    pub(super) fn limits_set(&self, front: Front) -> impl Iterator<Item = u64> {
        let of_model = self.parameters.get("max_tokens");
        let fields = front.row().limit_fields.iter();
        let of_profile = fields.filter_map(|field| self.body.get(*field));
        let set: Vec<&Value> = of_model.into_iter().chain(of_profile).collect();
        let has_field = matches!(front, Front::Chat | Front::Responses);
        let floor = self.floor.filter(|_| set.is_empty() && has_field);
        set.into_iter()
            .filter_map(count)
            .chain(floor.map(u64::from))
    }

    /// The body for this target.
    pub(super) fn body(
        &self,
        front: Front,
        body: &ClientBody,
        client: Option<&Attribution<'_>>,
    ) -> Vec<u8> {
        body.with(&self.model, &self.added(front, body, client))
    }

    /// Whether the usage that amx asks for is taken out of the stream again.
    pub(super) fn strips_usage(&self, front: Front, body: &ClientBody) -> bool {
        let client = body.value("stream_options").unwrap_or_default();
        self.asks_for_usage(front, body) && client["include_usage"] != true
    }

    fn asks_for_usage(&self, front: Front, body: &ClientBody) -> bool {
        front == Front::Chat && self.entry.asks_for_usage && body.is_stream()
    }

    /// The members that the request gets where the client's has none.
    fn added(
        &self,
        front: Front,
        body: &ClientBody,
        client: Option<&Attribution<'_>>,
    ) -> Map<String, Value> {
        let mut added = Map::new();
        for row in FIELDS {
            let field = match front {
                Front::Chat => row.chat,
                Front::Responses => row.responses,
                Front::Messages => row.messages,
                Front::Embeddings => None,
            };
            if let (Some(field), Some(value)) = (field, self.parameters.get(row.name)) {
                let value = if field == "reasoning" {
                    json!({"effort": value})
                } else {
                    value.clone()
                };
                added.insert(field.to_owned(), value);
            }
        }
        let of_profile = self.body.iter().filter(|(name, _)| {
            // Embeddings have no other field that a profile sets.
            front != Front::Embeddings || *name == "provider"
        });
        added.extend(of_profile.map(|(name, value)| (name.clone(), value.clone())));
        if self.entry.is_openrouter && front != Front::Embeddings {
            if !self.fallback_models.is_empty() {
                added.insert("models".to_owned(), json!(self.fallback_models));
            }
            if let Some(client) = client {
                self.attribute(front, client, &mut added);
            }
        }
        if self.asks_for_usage(front, body) {
            added.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        self.limit(front, body, &mut added);
        added
    }

    /// Names the client. What differs from request to request would keep a cached response from
    /// being found.
    fn attribute(&self, front: Front, client: &Attribution<'_>, added: &mut Map<String, Value>) {
        if front != Front::Messages {
            added.insert("user".to_owned(), json!(client.key));
        }
        let mut headers = self.headers.iter();
        if headers.any(|(name, value)| name == "X-OpenRouter-Cache" && value == "true") {
            return;
        }
        if let Some(session) = client.session {
            added.insert("session_id".to_owned(), json!(session));
        }
        let trace = json!({"trace_id": client.request, "trace_name": client.key});
        added.insert("trace".to_owned(), trace);
    }

    /// Sets the output limit of a reasoning model that the client left open, and sees to it that
    /// there are not two limits.
    fn limit(&self, front: Front, body: &ClientBody, added: &mut Map<String, Value>) {
        let fields = front.row().limit_fields;
        if fields.iter().any(|field| body.has(field)) {
            fields.iter().for_each(|field| drop(added.remove(*field)));
            return;
        }
        let is_set = fields.iter().any(|field| added.contains_key(*field));
        let field = match front {
            Front::Chat => self.entry.max_tokens_field,
            Front::Responses => "max_output_tokens",
            Front::Messages | Front::Embeddings => return,
        };
        if let (false, Some(floor)) = (is_set, self.floor) {
            added.insert(field.to_owned(), json!(floor));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_parameter_has_its_fields() {
        let names: Vec<&str> = FIELDS.iter().map(|row| row.name).collect();
        assert_eq!(names, PARAMETERS);
    }
}
