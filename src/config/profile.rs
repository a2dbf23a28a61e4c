//! A profile as it stands in config.yml: every field optional, each with its range.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model_spec;
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning::Effort;
use crate::secrets::Reference;
use crate::secrets::reference::looks_like_a_key;

/// Whether a profile's model is on a reasoning route: decided by table, or by the user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasoningMode {
    #[default]
    Auto,
    On,
    Off,
}

/// USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    pub input: f64,
    pub output: f64,
}

/// Caps in USD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MaxCost {
    pub per_request: Option<f64>,
    pub per_day: Option<f64>,
}

/// How the application names itself to providers that attribute traffic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct App {
    pub referer: Option<String>,
    pub title: Option<String>,
    /// What kind of application it is, in OpenRouter's words.
    pub categories: Option<Vec<String>>,
}

/// One entry of `llm_profiles`. Numbers are as on the wire; prices in USD per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "a mapping of settings")]
pub struct Profile {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub api_key: Option<String>,
    pub base_url: Option<String>,
    pub allow_insecure: Option<bool>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    /// Most tokens that the model takes, question and answer together.
    pub context_window: Option<u64>,
    pub n_alternatives: Option<u8>,
    pub system: Option<String>,
    /// What describes the form of all answers: a file, a saved schema, JSON or the short form.
    pub schema: Option<String>,
    pub reasoning: Option<ReasoningMode>,
    pub reasoning_effort: Option<Effort>,
    pub show_reasoning: Option<bool>,
    /// Who reads PDFs; without it whoever can do it for nothing.
    pub pdf_engine: Option<PdfEngine>,
    pub logprob_high: Option<f64>,
    pub logprob_medium: Option<f64>,
    pub fallback_models: Option<Vec<String>>,
    pub fallback_profiles: Option<Vec<String>>,
    pub app: Option<App>,
    /// Instead of `amx/VERSION`.
    pub user_agent: Option<String>,
    pub headers: Option<BTreeMap<String, String>>,
    /// Only providers that neither keep nor train on what is sent.
    pub private: Option<bool>,
    /// Fields of OpenRouter's body, by their own names.
    pub openrouter: Option<serde_json::Map<String, serde_json::Value>>,
    pub price: Option<Price>,
    pub max_cost: Option<MaxCost>,
}

/// Every key a profile may have; a test holds it against the struct.
pub const KEYS: &[&str] = &[
    "provider",
    "model",
    "api_key",
    "base_url",
    "allow_insecure",
    "temperature",
    "top_p",
    "max_tokens",
    "context_window",
    "n_alternatives",
    "system",
    "schema",
    "reasoning",
    "reasoning_effort",
    "show_reasoning",
    "pdf_engine",
    "logprob_high",
    "logprob_medium",
    "fallback_models",
    "fallback_profiles",
    "app",
    "user_agent",
    "headers",
    "private",
    "openrouter",
    "price",
    "max_cost",
];

/// Keys of the maps inside a profile that have a fixed set.
pub const NESTED_KEYS: &[(&str, &[&str])] = &[
    ("app", &["referer", "title", "categories"]),
    ("price", &["input", "output"]),
    ("max_cost", &["per_request", "per_day"]),
];

/// A value out of range: the path below the profile, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFault {
    pub path: Vec<&'static str>,
    pub what: String,
}

impl Profile {
    /// The profile with the fields of its `openrouter` map that amx has a setting for moved to that
    /// setting, so that precedence, ranges, floor and caps hold for them too. A setting given under
    /// its own name wins. The error names the field and what is wrong with its value.
    pub fn lifted(mut self) -> Result<Self, ProfileFault> {
        let Some(mut body) = self.openrouter.take() else {
            return Ok(self);
        };
        let mut lift = |field: &str| body.shift_remove(field).filter(|value| !value.is_null());
        let temperature = number_field("temperature", lift("temperature"), 2.0)?;
        let top_p = number_field("top_p", lift("top_p"), 1.0)?;
        let max_tokens = tokens_field(lift("max_completion_tokens").or(lift("max_tokens")))?;
        let flat_effort = effort_field(lift("reasoning_effort"))?;
        let nested = body
            .get_mut("reasoning")
            .and_then(serde_json::Value::as_object_mut)
            .and_then(|reasoning| reasoning.shift_remove("effort"));
        let effort = effort_field(nested)?.or(flat_effort);
        if body
            .get("reasoning")
            .and_then(serde_json::Value::as_object)
            .is_some_and(serde_json::Map::is_empty)
        {
            body.shift_remove("reasoning");
        }
        self.temperature = self.temperature.or(temperature);
        self.top_p = self.top_p.or(top_p);
        self.max_tokens = self.max_tokens.or(max_tokens);
        self.reasoning_effort = self.reasoning_effort.or(effort);
        self.openrouter = Some(body);
        Ok(self)
    }

    /// Everything that is wrong with the values, whatever the environment says.
    pub fn faults(&self) -> Vec<ProfileFault> {
        let mut faults = Faults(Vec::new());
        faults.number("temperature", self.temperature, 0.0, 2.0);
        faults.number("top_p", self.top_p, 0.0, 1.0);
        faults.number("logprob_high", self.logprob_high, 0.0, 1.0);
        faults.number("logprob_medium", self.logprob_medium, 0.0, 1.0);
        if self.max_tokens == Some(0) {
            faults.add(&["max_tokens"], "0 tokens leave no room for an answer");
        }
        if self
            .n_alternatives
            .is_some_and(|count| !(1..=5).contains(&count))
        {
            faults.add(&["n_alternatives"], "must lie between 1 and 5");
        }
        faults.models(self);
        if let (Some(high), Some(medium)) = (self.logprob_high, self.logprob_medium)
            && medium > high
        {
            faults.add(&["logprob_medium"], "must not be above logprob_high");
        }
        let price = self.price;
        faults.amount(
            "price",
            "input",
            price.map(|price| price.input),
            "prices are USD per million tokens, 0 or more",
        );
        faults.amount(
            "price",
            "output",
            price.map(|price| price.output),
            "prices are USD per million tokens, 0 or more",
        );
        let caps = self.max_cost.unwrap_or_default();
        faults.amount(
            "max_cost",
            "per_request",
            caps.per_request,
            "caps are amounts in USD, 0 or more",
        );
        faults.amount(
            "max_cost",
            "per_day",
            caps.per_day,
            "caps are amounts in USD, 0 or more",
        );
        let app = self.app.clone().unwrap_or_default();
        for (path, value) in [
            (&["app", "referer"][..], &app.referer),
            (&["app", "title"], &app.title),
            (&["user_agent"], &self.user_agent),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| value.chars().any(char::is_control))
            {
                faults.add(path, "has a control character, which a header cannot carry");
            }
        }
        if let Some(why) = app.categories.as_deref().and_then(wrong_categories) {
            faults.add(&["app", "categories"], why);
        }
        if let Some(text) = &self.api_key
            && let Err(why) = Reference::parse(text)
        {
            faults.add(&["api_key"], why);
        }
        if let Some(body) = &self.openrouter {
            faults.openrouter(body);
            faults.0.extend(self.clone().lifted().err());
        }
        for (name, value) in self.headers.iter().flatten() {
            faults.header(name, value);
        }
        faults.0
    }
}

fn openrouter_fault(what: &str) -> ProfileFault {
    ProfileFault {
        path: vec!["openrouter"],
        what: what.to_owned(),
    }
}

fn number_field(
    field: &str,
    value: Option<serde_json::Value>,
    most: f64,
) -> Result<Option<f64>, ProfileFault> {
    let Some(value) = value else { return Ok(None) };
    let number = value
        .as_f64()
        .filter(|number| (0.0..=most).contains(number));
    number
        .map(Some)
        .ok_or_else(|| openrouter_fault(&format!("{field} must be a number between 0 and {most}")))
}

fn tokens_field(value: Option<serde_json::Value>) -> Result<Option<u32>, ProfileFault> {
    let Some(value) = value else { return Ok(None) };
    let tokens = value
        .as_u64()
        .and_then(|tokens| u32::try_from(tokens).ok())
        .filter(|tokens| *tokens > 0);
    tokens
        .map(Some)
        .ok_or_else(|| openrouter_fault("max_tokens must be a whole number above 0"))
}

fn effort_field(value: Option<serde_json::Value>) -> Result<Option<Effort>, ProfileFault> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let effort = value.as_str().and_then(|text| text.parse().ok());
    effort.map(Some).ok_or_else(|| {
        openrouter_fault("the effort must be one of none, minimal, low, medium, high, xhigh, max")
    })
}

struct Faults(Vec<ProfileFault>);

impl Faults {
    fn add(&mut self, path: &[&'static str], what: &str) {
        self.0.push(ProfileFault {
            path: path.to_vec(),
            what: what.to_owned(),
        });
    }

    fn number(&mut self, key: &'static str, value: Option<f64>, least: f64, most: f64) {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            self.add(&[key], &format!("must lie between {least} and {most}"));
        }
    }

    /// Models as far as they hold no variables.
    fn models(&mut self, profile: &Profile) {
        let written = |model: &&String| !model.contains("${");
        if let Some(Err(why)) = profile
            .model
            .as_ref()
            .filter(written)
            .map(|model| model_spec::check(model))
        {
            self.add(&["model"], &why);
        }
        for model in profile.fallback_models.iter().flatten().filter(written) {
            match model_spec::parse(model) {
                Ok(elements) if elements.len() == 1 && elements[0].parameters.is_empty() => {}
                Ok(_) => self.add(
                    &["fallback_models"],
                    &format!(
                        "'{}' must be one model without parameters",
                        model.escape_debug()
                    ),
                ),
                Err(why) => self.add(
                    &["fallback_models"],
                    &format!("'{}': {why}", model.escape_debug()),
                ),
            }
        }
        let is_list = profile
            .model
            .as_ref()
            .is_some_and(|model| model.contains(','));
        if is_list
            && profile
                .fallback_models
                .as_ref()
                .is_some_and(|models| !models.is_empty())
        {
            self.add(
                &["fallback_models"],
                "model is a list already; write the models to fall back to in one place",
            );
        }
    }

    fn amount(&mut self, parent: &'static str, key: &'static str, value: Option<f64>, what: &str) {
        if value.is_some_and(|value| !is_amount(value)) {
            self.add(&[parent, key], what);
        }
    }

    fn openrouter(&mut self, body: &serde_json::Map<String, serde_json::Value>) {
        for field in ["messages", "model", "stream"] {
            if body.contains_key(field) {
                self.add(
                    &["openrouter"],
                    &format!("'{field}' is decided by amx and cannot stand here"),
                );
            }
        }
        if body
            .get("reasoning")
            .is_some_and(|reasoning| reasoning.get("max_tokens").is_some())
        {
            self.add(
                &["openrouter"],
                "reasoning.max_tokens is never sent: OpenRouter refuses it \
                beside an effort; use reasoning_effort",
            );
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_name {
            self.add(
                &["headers"],
                &format!("'{}' is not a header name", name.escape_debug()),
            );
        } else if REFUSED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            self.add(
                &["headers"],
                &format!("'{name}' is set by amx itself and cannot stand here"),
            );
        } else if value.chars().any(char::is_control) {
            self.add(
                &["headers"],
                &format!("the value of '{name}' has a character that a header cannot carry"),
            );
        }
    }
}

/// Headers that the client or the transport decides: the key, what the body is and how it is
/// packed, and all that holds from one hop to the next (RFC 9110, 7.6.1).
const REFUSED_HEADERS: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Categories that OpenRouter takes with one request.
const MOST_CATEGORIES: usize = 2;

/// Longest category, in characters.
const LONGEST_CATEGORY: usize = 30;

fn wrong_categories(categories: &[String]) -> Option<&'static str> {
    let is_word = |text: &String| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if categories.len() > MOST_CATEGORIES {
        return Some("OpenRouter takes at most 2 categories");
    }
    let is_fine = categories
        .iter()
        .all(|category| is_word(category) && category.len() <= LONGEST_CATEGORY);
    if is_fine {
        None
    } else {
        Some(
            "a category has lower-case letters, digits and '-', and at most 30 characters, such as \
            cli-agent",
        )
    }
}

/// Whether the value of a header is a secret: its name says so, or it has the form of a key.
pub fn is_secret_header(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if value.split_whitespace().any(looks_like_a_key) {
        return true;
    }
    ["key", "token", "secret", "auth", "password", "cookie"]
        .iter()
        .any(|word| name.contains(word))
}

fn is_amount(amount: f64) -> bool {
    amount.is_finite() && amount >= 0.0
}

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
pub fn is_profile_name(text: &str) -> bool {
    let first_is_fine = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    first_is_fine
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_keys_is_the_struct() {
        let serialized = serde_json::to_value(Profile::default()).unwrap();
        let fields: Vec<&str> = serialized
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(fields, KEYS);
    }

    #[test]
    fn names_follow_the_documented_form() {
        for name in ["a", "or-claude", "A.b_c-9", &"x".repeat(64)] {
            assert!(is_profile_name(name), "{name}");
        }
        for name in ["", "-a", ".a", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
            assert!(!is_profile_name(name), "{name:?}");
        }
    }

    #[test]
    fn values_out_of_range_are_named() {
        let profile: Profile = serde_json::from_value(serde_json::json!({
            "temperature": 3, "top_p": -0.1, "max_tokens": 0, "n_alternatives": 6, "model": "a b",
            "price": {"input": -1, "output": 0}, "api_key": "keyring://x",
            "openrouter": {"reasoning": {"max_tokens": 5}, "messages": []},
            "headers": {"Authorization": "x", "bad name": "y", "X-Fine": "z", "X-Bad": "a\nb"},
        }))
        .unwrap();
        let paths: Vec<_> = profile.faults().iter().map(|fault| fault.path[0]).collect();
        let expected = [
            "temperature",
            "top_p",
            "max_tokens",
            "n_alternatives",
            "model",
            "price",
            "api_key",
            "openrouter",
            "openrouter",
            "headers",
            "headers",
            "headers",
        ];
        assert_eq!(paths, expected);
        assert_eq!(Profile::default().faults(), []);
    }
}
