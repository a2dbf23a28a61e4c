//! The checks of a profile's values, apart from the environment.

use std::fmt;

use serde_json::{Map, Value};

use super::options::{OPTIONS, ValueKind};
use super::profile::{ALTERNATIVES, App, Profile, STEPS};
use super::{headers, model_spec};
use crate::secrets::Reference;

const PROBABILITY: ValueKind = ValueKind::Number {
    least: 0.0,
    most: 1.0,
};

/// A value that cannot be used: the path below the profile, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFault {
    pub path: Vec<&'static str>,
    /// Goes after the path: `must be …`, or a sentence.
    pub what: String,
}

impl fmt::Display for ProfileFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&with_path(&self.path.join("."), &self.what))
    }
}

/// An error text after the path of the setting: `temperature must be …`, `headers: …`.
pub(super) fn with_path(path: &str, what: &str) -> String {
    let mark = if what.starts_with("must ") { "" } else { ":" };
    format!("{path}{mark} {what}")
}

impl Profile {
    /// Everything that is wrong with the values.
    pub fn faults(&self) -> Vec<ProfileFault> {
        let mut faults = Faults(Vec::new());
        faults.ranges(self);
        faults.models(self);
        faults.amounts(self);
        faults.identity(self);
        if let Some(text) = &self.api_key
            && let Err(why) = Reference::parse(text)
        {
            faults.add(&["api_key"], why);
        }
        if let Some(body) = &self.openrouter {
            faults.openrouter(body);
        }
        for (name, value) in self.headers.iter().flatten() {
            if let Some(what) = headers::fault(name, value) {
                faults.add(&["headers"], &what);
            }
        }
        faults.0
    }
}

struct Faults(Vec<ProfileFault>);

impl Faults {
    fn add(&mut self, path: &[&'static str], what: &str) {
        self.0.push(ProfileFault {
            path: path.to_vec(),
            what: what.to_owned(),
        });
    }

    fn check(&mut self, path: &[&'static str], kind: ValueKind, value: Option<Value>) {
        if value.is_some_and(|value| !kind.fits(&value)) {
            self.add(path, &format!("must be {}", kind.description()));
        }
    }

    fn ranges(&mut self, profile: &Profile) {
        let settings = profile.generation();
        for option in OPTIONS.iter().filter(|option| option.is_setting()) {
            self.check(&[option.name], option.kind, settings.get(option.name));
        }
        let (high, medium) = (profile.logprob_high, profile.logprob_medium);
        self.check(&["logprob_high"], PROBABILITY, high.map(Value::from));
        self.check(&["logprob_medium"], PROBABILITY, medium.map(Value::from));
        self.check(
            &["n_alternatives"],
            ALTERNATIVES,
            profile.n_alternatives.map(Value::from),
        );
        self.check(&["max_steps"], STEPS, profile.max_steps.map(Value::from));
        if let (Some(high), Some(medium)) = (high, medium)
            && medium > high
        {
            self.add(&["logprob_medium"], "must not be above logprob_high");
        }
    }

    /// Checks the models that hold no variables.
    fn models(&mut self, profile: &Profile) {
        let written = |model: &&str| !model.contains("${");
        for (name, model) in profile.models() {
            if let Some(Err(why)) = model.filter(written).map(model_spec::check) {
                self.add(&[name], &why);
            }
        }
        let fallbacks = profile.fallback_models.iter().flatten();
        for model in fallbacks.map(String::as_str).filter(written) {
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
                "model is a list already; write the fallback models in one place",
            );
        }
    }

    fn amounts(&mut self, profile: &Profile) {
        let price = profile.price;
        let caps = profile.max_cost.unwrap_or_default();
        let per_token = "must be an amount in USD per million tokens, 0 or more";
        let cap = "must be an amount in USD, 0 or more";
        for (path, amount, what) in [
            (
                ["price", "input"],
                price.map(|price| price.input),
                per_token,
            ),
            (
                ["price", "output"],
                price.map(|price| price.output),
                per_token,
            ),
            (["max_cost", "per_request"], caps.per_request, cap),
            (["max_cost", "per_day"], caps.per_day, cap),
        ] {
            if amount.is_some_and(|amount| !amount.is_finite() || amount < 0.0) {
                self.add(&path, what);
            }
        }
    }

    /// The headers by which the application names itself.
    fn identity(&mut self, profile: &Profile) {
        let none = App::default();
        let app = profile.app.as_ref().unwrap_or(&none);
        for (path, value) in [
            (&["app", "referer"][..], &app.referer),
            (&["app", "title"], &app.title),
            (&["user_agent"], &profile.user_agent),
        ] {
            if value
                .as_ref()
                .is_some_and(|value| value.chars().any(char::is_control))
            {
                self.add(path, "must not have control characters");
            }
        }
        if let Some(what) = app.categories.as_deref().and_then(wrong_categories) {
            self.add(&["app", "categories"], what);
        }
    }

    fn openrouter(&mut self, body: &Map<String, Value>) {
        for field in ["messages", "model", "stream"] {
            if body.contains_key(field) {
                self.add(
                    &["openrouter"],
                    &format!("'{field}' is set by amx and cannot be overridden"),
                );
            }
        }
        if body
            .get("reasoning")
            .is_some_and(|reasoning| reasoning.get("max_tokens").is_some())
        {
            self.add(
                &["openrouter"],
                "reasoning.max_tokens is never sent: OpenRouter rejects it beside an effort; use \
                reasoning_effort",
            );
        }
    }
}

/// Most categories of one application at OpenRouter.
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
        return Some("OpenRouter accepts at most 2 categories");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_named() {
        let profile: Profile = serde_json::from_value(serde_json::json!({
            "n_alternatives": 6, "logprob_high": 2, "model": "a b",
            "price": {"input": -1, "output": 0}, "api_key": "keyring://x",
            "openrouter": {"reasoning": {"max_tokens": 5}, "messages": []},
            "headers": {"Authorization": "x", "bad name": "y", "X-Fine": "z", "X-Bad": "a\nb"},
        }))
        .unwrap();
        let profile = Profile {
            temperature: Some(3.0),
            top_p: Some(-0.1),
            max_tokens: Some(0),
            ..profile
        };
        let paths: Vec<_> = profile.faults().iter().map(|fault| fault.path[0]).collect();
        let expected = [
            "temperature",
            "top_p",
            "max_tokens",
            "logprob_high",
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
        assert_eq!(
            profile.faults()[0].to_string(),
            "temperature must be a number from 0 to 2"
        );
        assert_eq!(Profile::default().faults(), []);
    }
}
