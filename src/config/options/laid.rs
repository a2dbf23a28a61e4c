//! Options of a profile and of the command line, laid over each other, each knowing where it came from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::table::{OPTIONS, Reach};
use super::{check, path, rules};
use crate::chat::request::lay_over;
use crate::config::layers::{Setting, Source};
use crate::config::profile::Profile;
use crate::providers::ProviderEntry;

/// How each option was chosen beyond the profile, by its dotted name: `-o`, `--top-k`, `/set`.
pub type Spellings = BTreeMap<String, String>;

/// Something to be told of the options, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    Note(String),
    Warning(String),
}

/// Where an option was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the profile, under that key.
    Profile(String),
    /// Behind the model.
    Model(Source),
    /// By a flag or a slash command.
    Chosen(String),
}

/// The fields of a body and their layers.
#[derive(Debug, Clone, Default)]
pub struct Laid {
    /// What is sent beside the fields that amx has a setting for.
    pub body: Map<String, Value>,
    /// What the profile says.
    pub of_profile: Map<String, Value>,
    /// What stands behind the model.
    pub of_uri: BTreeMap<String, (Value, Source)>,
    /// What flags and slash commands say.
    pub of_flags: Map<String, Value>,
    /// Whether only providers that keep nothing may be asked; `None` when nobody says so.
    pub private: Option<(bool, Origin)>,
    /// Models to fall back to, where `models` says so.
    pub models: Option<Vec<String>>,
    pub remarks: Vec<Remark>,
    spellings: Spellings,
    /// Names that `private` set.
    filled: Vec<String>,
}

/// Lays what was chosen over the profile, as far as the provider takes it.
pub fn lay(entry: &ProviderEntry, profile: &Profile, of_uri: BTreeMap<String, (Value, Source)>, chosen: &Map<String, Value>, spellings: &Spellings) -> Laid {
    let mut laid = Laid { of_uri, of_flags: chosen.clone(), spellings: spellings.clone(), ..Laid::default() };
    if entry.is_openrouter {
        laid.of_profile = profile.openrouter.clone().unwrap_or_default();
    }
    let chosen_private = laid.of_flags.shift_remove("private").and_then(|value| value.as_bool());
    let in_map = laid.of_profile.shift_remove("private").and_then(|value| value.as_bool());
    let of_profile = profile.private.map(|private| (private, "private")).or(in_map.map(|private| (private, "openrouter.private")));
    laid.private = match (chosen_private, of_profile) {
        (Some(private), _) => Some((private, Origin::Chosen(spelled(spellings.get("private"))))),
        (None, Some((private, key))) => Some((private, Origin::Profile(key.to_owned()))),
        (None, None) => None,
    };
    laid.leave_out_unknown(entry);
    laid.expand_private(entry);
    laid.merge();
    laid
}

impl Laid {
    /// What other providers do not take stays behind, with a word about it.
    fn leave_out_unknown(&mut self, entry: &ProviderEntry) {
        for option in OPTIONS.iter().filter(|option| !reaches(option.reach, entry)) {
            if path::remove(&mut self.of_flags, option.name).is_some() | self.of_uri.remove(option.name).is_some() {
                self.warn_unsent(option.name, entry);
            }
        }
        // A whole object may have been given, also with fields that the table does not have.
        for name in ["provider", "reasoning"] {
            if !entry.is_openrouter && self.of_flags.shift_remove(name).is_some() {
                self.warn_unsent(name, entry);
            }
        }
    }

    fn warn_unsent(&mut self, name: &str, entry: &ProviderEntry) {
        self.remarks.push(Remark::Warning(format!("{name} is not sent: provider {} knows no such field", entry.name)));
    }

    /// In the layer that says so: a stronger one may still say something else of `provider`.
    fn expand_private(&mut self, entry: &ProviderEntry) {
        match &self.private {
            Some((true, _)) if !entry.is_openrouter => self.warn_unsent("private", entry),
            Some((true, Origin::Chosen(_))) => self.filled = rules::keep_private(&mut self.of_flags),
            Some((true, Origin::Profile(_))) => self.filled = rules::keep_private(&mut self.of_profile),
            _ => {}
        }
    }

    fn merge(&mut self) {
        let is_retired = [&mut self.of_profile, &mut self.of_flags].into_iter().filter_map(|layer| layer.shift_remove("route")).any(|route| !route.is_null());
        if is_retired {
            self.remarks.push(Remark::Note("route is retired and not sent: models alone is enough".to_owned()));
        }
        let typo = |(field, meant): (&str, &str)| Remark::Note(format!("'{}' is sent as it is; did you mean {meant}?", field.escape_debug()));
        self.remarks.extend(check::typos(&self.of_flags).map(typo));
        self.body = self.of_profile.clone();
        self.body.extend(self.of_uri.iter().map(|(field, (value, _))| (field.clone(), value.clone())));
        for (field, value) in &self.of_flags {
            lay_over(&mut self.body, field, value);
        }
        // The probabilities of the profile are off with `logprobs`.
        if self.of_flags.get("logprobs") == Some(&Value::Bool(false)) && !self.of_flags.contains_key("top_logprobs") {
            self.body.shift_remove("top_logprobs");
        }
        rules::without_nulls(&mut self.body);
        self.models =
            self.body.shift_remove("models").map(|models| models.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect());
        rules::derive(&mut self.body);
        self.remarks.extend(check::doubts(&self.body).into_iter().map(Remark::Warning));
    }

    /// The models to fall back to: `models`, unless a list was written with the model, which only a flag beats.
    pub fn fallbacks(&self, written: Option<Setting<Vec<String>>>, profile: &str) -> Option<Setting<Vec<String>>> {
        let of_models = self.models.clone().zip(self.origin("models").or(Some(Origin::Profile("openrouter.models".to_owned()))));
        let Some((value, origin)) = of_models else { return written };
        let source = match origin {
            Origin::Chosen(_) => Source::Flag { option: "--models" },
            Origin::Model(source) => source,
            Origin::Profile(_) => Source::File { profile: profile.to_owned() },
        };
        let is_weaker = written.as_ref().is_some_and(|written| written.source > source);
        if is_weaker {
            return written;
        }
        let hides = written.map(|written| std::iter::once((written.value, written.source)).chain(written.hides).collect());
        Some(Setting { value, source, hides: hides.unwrap_or_default() }).filter(|models| !models.value.is_empty())
    }

    /// Where the value of an option, or of a field that holds some, came from; `None` when it is not set.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let is_chosen = path::get(&self.of_flags, name).is_some();
        if let Some((_, origin)) =
            self.private.as_ref().filter(|(_, origin)| self.filled.iter().any(|filled| filled == name) && is_chosen == matches!(origin, Origin::Chosen(_)))
        {
            return Some(origin.clone());
        }
        if is_chosen {
            return Some(Origin::Chosen(self.spelled_below(name).unwrap_or_else(|| spelled(self.spellings.get("private")))));
        }
        if let Some((_, source)) = self.of_uri.get(name) {
            return Some(Origin::Model(source.clone()));
        }
        if path::get(&self.of_profile, name).is_some() {
            return Some(Origin::Profile(format!("openrouter.{name}")));
        }
        path::get(&self.body, name)?;
        let (_, from) = rules::DERIVED.iter().find(|(derived, _)| *derived == name)?;
        self.origin(from)
    }

    /// Every way in which the option or a part of it was chosen; `None` when it follows from `private`.
    fn spelled_below(&self, name: &str) -> Option<String> {
        let mut ways: Vec<&str> = self.spellings.iter().filter(|(other, _)| path::overlap(name, other)).map(|(_, way)| way.as_str()).collect();
        ways.sort_unstable();
        ways.dedup();
        (!ways.is_empty()).then(|| ways.join(", ")).map(|ways| spelled(Some(&ways)))
    }
}

impl Origin {
    /// In words, for a profile of that name.
    pub fn words(&self, profile: &str) -> String {
        match self {
            Self::Profile(_) => format!("config.yml, profile '{profile}'"),
            Self::Model(source) => source.to_string(),
            Self::Chosen(how) => how.clone(),
        }
    }
}

/// `flag -o`, and a slash command as it is typed.
fn spelled(how: Option<&String>) -> String {
    let how = how.map_or("-o", String::as_str);
    if how.starts_with('-') { format!("flag {how}") } else { how.to_owned() }
}

/// Whether the provider takes options of that reach.
fn reaches(reach: Reach, entry: &ProviderEntry) -> bool {
    match reach {
        Reach::Everyone => true,
        Reach::OwnServers => entry.is_openrouter || matches!(entry.name, "ollama" | "local"),
        Reach::OpenRouter => entry.is_openrouter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::find;
    use serde_json::json;

    fn laid(provider: &str, profile: Value, chosen: Value) -> Laid {
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let chosen = chosen.as_object().unwrap();
        let spellings = chosen.keys().map(|name| (name.clone(), "--x".to_owned())).collect();
        lay(find(provider).unwrap(), &profile, BTreeMap::new(), chosen, &spellings)
    }

    fn body(profile: Value, chosen: Value) -> Value {
        Value::Object(laid("openrouter", profile, chosen).body)
    }

    #[test]
    fn private_stands_below_what_is_said_in_the_same_place_and_above_what_is_below() {
        let both = json!({"provider": {"data_collection": "deny", "zdr": true}});
        assert_eq!(body(json!({"private": true}), json!({})), both);
        assert_eq!(body(json!({}), json!({"private": true})), both);
        let explicit = json!({"private": true, "openrouter": {"provider": {"zdr": false}}});
        assert_eq!(body(explicit, json!({})), json!({"provider": {"zdr": false, "data_collection": "deny"}}));
        assert_eq!(body(json!({"openrouter": {"provider": {"data_collection": "allow"}}}), json!({"private": true})), both);
        assert_eq!(body(json!({"private": true}), json!({"provider": {"zdr": false}}))["provider"]["zdr"], false);
        assert_eq!(body(json!({"private": true}), json!({"private": false})), json!({}));
        assert_eq!(body(json!({"openrouter": {"private": true}}), json!({})), both);
    }

    #[test]
    fn models_are_taken_out_route_is_retired_and_null_leaves_out() {
        let laid = laid(
            "openrouter",
            json!({"openrouter": {"models": ["a/b"], "route": "fallback", "top_k": 4, "seed": 1}}),
            json!({"models": ["c/d"], "top_k": null}),
        );
        assert_eq!((Value::Object(laid.body.clone()), laid.models.clone()), (json!({"seed": 1}), Some(vec!["c/d".to_owned()])));
        assert_eq!(laid.remarks, [Remark::Note("route is retired and not sent: models alone is enough".to_owned())]);
        assert_eq!(laid.origin("seed"), Some(Origin::Profile("openrouter.seed".to_owned())));
    }

    #[test]
    fn others_get_only_what_they_know() {
        let chosen = json!({"seed": 1, "top_k": 4, "provider": {"sort": "price"}, "models": ["a/b"], "new_field": 1, "private": true});
        let openai = laid("openai", json!({"openrouter": {"user": "x"}}), chosen.clone());
        assert_eq!(Value::Object(openai.body), json!({"seed": 1, "new_field": 1}));
        let unsent = |name: &str| openai.remarks.contains(&Remark::Warning(format!("{name} is not sent: provider openai knows no such field")));
        assert!(unsent("top_k") && unsent("provider.sort") && unsent("models") && unsent("private"), "{:?}", openai.remarks);
        assert_eq!(laid("local", json!({}), chosen).body["top_k"], 4);
    }

    #[test]
    fn derived_fields_come_from_where_their_cause_does() {
        let laid = laid("openrouter", json!({}), json!({"top_logprobs": 2, "private": true}));
        assert_eq!(laid.origin("logprobs"), Some(Origin::Chosen("flag --x".to_owned())));
        assert_eq!(laid.origin("provider.zdr"), Some(Origin::Chosen("flag --x".to_owned())));
        assert_eq!(laid.origin("stop"), None);
        let private = self::laid("openrouter", json!({"private": true, "openrouter": {"provider": {"zdr": true}}}), json!({}));
        assert_eq!(private.origin("provider.data_collection"), Some(Origin::Profile("private".to_owned())));
        assert_eq!(private.origin("provider.zdr"), Some(Origin::Profile("openrouter.provider.zdr".to_owned())));
    }
}
