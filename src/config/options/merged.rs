//! Options of a profile and of the command line, laid over each other, each knowing where it came
//! from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::table::{OPTIONS, Reach};
use super::{check, path, rules};
use crate::config::layers::{Setting, ValueSource};
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
    /// Behind the model, or in a template.
    Model(ValueSource),
    /// By a flag or a slash command.
    Chosen(String),
}

/// Whose fields a layer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Profile,
    /// Between profile and flags: behind the model, or in a template.
    Between(ValueSource),
    /// Flags and slash commands.
    Chosen,
}

#[derive(Debug, Clone)]
struct Layer {
    place: Place,
    fields: Map<String, Value>,
}

/// The fields of a body and their layers.
#[derive(Debug, Clone, Default)]
pub struct MergedOptions {
    /// What is sent beside the fields that amx has a setting for.
    pub body: Map<String, Value>,
    /// Whether only providers that keep nothing may be asked; `None` when nobody says so.
    pub private: Option<(bool, Origin)>,
    /// Models to fall back to, where `models` says so.
    pub models: Option<Vec<String>>,
    pub remarks: Vec<Remark>,
    /// The weakest first.
    layers: Vec<Layer>,
    spellings: Spellings,
    /// The layer that asks for privacy, where it is kept.
    private_at: Option<usize>,
}

/// Lays what was chosen over the profile, as far as the provider takes it. What stands between them
/// comes with the weakest first.
pub fn lay(
    entry: &ProviderEntry,
    profile: &Profile,
    between: Vec<(ValueSource, Map<String, Value>)>,
    chosen: &Map<String, Value>,
    spellings: &Spellings,
) -> MergedOptions {
    let of_profile = profile
        .openrouter
        .clone()
        .filter(|_| entry.is_openrouter)
        .unwrap_or_default();
    let between = between.into_iter().map(|(source, fields)| Layer {
        place: Place::Between(source),
        fields,
    });
    let layers = std::iter::once(Layer {
        place: Place::Profile,
        fields: of_profile,
    })
    .chain(between);
    let layers = layers
        .chain([Layer {
            place: Place::Chosen,
            fields: chosen.clone(),
        }])
        .collect();
    let mut laid = MergedOptions {
        layers,
        spellings: spellings.clone(),
        ..MergedOptions::default()
    };
    laid.take_private(profile, entry);
    laid.leave_out_unknown(entry);
    laid.merge();
    laid
}

impl MergedOptions {
    /// Finds who says whether it is private, the strongest last.
    fn take_private(&mut self, profile: &Profile, entry: &ProviderEntry) {
        for (at, layer) in self.layers.iter_mut().enumerate() {
            let said = layer
                .fields
                .shift_remove("private")
                .and_then(|value| value.as_bool());
            let said = match &layer.place {
                Place::Profile => profile
                    .private
                    .map(|private| (private, "private"))
                    .or(said.map(|private| (private, "openrouter.private"))),
                _ => said.map(|private| (private, "")),
            };
            let Some((private, key)) = said else { continue };
            let origin = match &layer.place {
                Place::Profile => Origin::Profile(key.to_owned()),
                Place::Between(source) => Origin::Model(source.clone()),
                Place::Chosen => Origin::Chosen(spelled(self.spellings.get("private"))),
            };
            self.private = Some((private, origin));
            self.private_at = Some(at).filter(|_| private && entry.is_openrouter);
        }
    }

    /// What other providers do not take stays behind, with a word about it.
    fn leave_out_unknown(&mut self, entry: &ProviderEntry) {
        let mut names: Vec<&str> = OPTIONS
            .iter()
            .filter(|option| !reaches(option.reach, entry))
            .map(|option| option.name)
            .collect();
        if !entry.is_openrouter {
            // A whole object may have been given, also with fields that the table does not have.
            names.extend(["provider", "reasoning"]);
        }
        for name in names {
            let removed = self
                .layers
                .iter_mut()
                .filter_map(|layer| path::remove(&mut layer.fields, name))
                .count();
            if removed > 0 {
                self.warn_unsent(name, entry);
            }
        }
        if !entry.is_openrouter && matches!(self.private, Some((true, _))) {
            self.warn_unsent("private", entry);
        }
    }

    fn warn_unsent(&mut self, name: &str, entry: &ProviderEntry) {
        self.remarks.push(Remark::Warning(format!(
            "{name} is not sent: provider {} knows no such field",
            entry.name
        )));
    }

    fn merge(&mut self) {
        let retired = self
            .layers
            .iter_mut()
            .filter_map(|layer| layer.fields.shift_remove("route"))
            .filter(|route| !route.is_null())
            .count();
        if retired > 0 {
            self.remarks.push(Remark::Note(
                "route is retired and not sent: models alone is enough".to_owned(),
            ));
        }
        let typo = |(field, meant): (&str, &str)| {
            Remark::Note(format!(
                "'{}' is sent as it is; did you mean {meant}?",
                field.escape_debug()
            ))
        };
        // Those of the profile are told of with its place in the file.
        let written = self
            .layers
            .iter()
            .filter(|layer| layer.place != Place::Profile);
        self.remarks
            .extend(written.flat_map(|layer| check::typos(&layer.fields).map(typo)));
        self.body = self.laid_over_each_other();
        rules::without_nulls(&mut self.body);
        self.models = self.body.shift_remove("models").map(|models| {
            models
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        });
        rules::derive(&mut self.body);
        self.remarks
            .extend(check::doubts(&self.body).into_iter().map(Remark::Warning));
    }

    fn laid_over_each_other(&self) -> Map<String, Value> {
        let mut body = Map::new();
        for (at, layer) in self.layers.iter().enumerate() {
            let asks = self.private_at == Some(at);
            // Above what is below, and below what is said of `provider` in the same place.
            if asks {
                rules::overlay(&mut body, &rules::privacy());
            }
            rules::overlay(&mut body, &layer.fields);
            // Who takes back what was said of providers does not take back that it is private.
            let is_emptied = body.get("provider").is_some_and(Value::is_null);
            if asks || (is_emptied && self.private_at.is_some_and(|private_at| private_at < at)) {
                rules::keep_private(&mut body);
            }
        }
        body
    }

    /// Whether a flag or a slash command says something of the field.
    pub fn is_chosen(&self, field: &str) -> bool {
        self.layers
            .iter()
            .any(|layer| layer.place == Place::Chosen && layer.fields.contains_key(field))
    }

    /// What stands below the flags of an option, strongest first, each with its place in words.
    pub fn below_flags<'a>(
        &'a self,
        name: &'a str,
        profile: &str,
    ) -> impl Iterator<Item = (&'a Value, String)> {
        let profile = ValueSource::File {
            profile: profile.to_owned(),
        };
        self.layers.iter().rev().filter_map(move |layer| {
            let source = match &layer.place {
                Place::Profile => &profile,
                Place::Between(source) => source,
                Place::Chosen => return None,
            };
            Some((path::get(&layer.fields, name)?, source.to_string()))
        })
    }

    /// The layer whose word on an option holds.
    fn in_force(&self, name: &str) -> Option<usize> {
        let (at, layer) = self
            .layers
            .iter()
            .enumerate()
            .rev()
            .find(|(_, layer)| speaks_of(&layer.fields, name))?;
        let sent = path::get(&self.body, name);
        let is_sent = |value: &Value| match value {
            Value::Null => sent.is_some_and(Value::is_null),
            // Turned on again from above, by `top_logprobs`.
            Value::Bool(false) => sent != Some(&Value::Bool(true)),
            _ => true,
        };
        path::get(&layer.fields, name)
            .filter(|value| is_sent(value))
            .map(|_| at)
    }

    /// The models to fall back to: `models`, unless a list was written with the model, which only a
    /// flag beats.
    pub fn fallbacks(
        &self,
        written: Option<Setting<Vec<String>>>,
        profile: &str,
    ) -> Option<Setting<Vec<String>>> {
        let of_models = self.models.clone().zip(
            self.origin("models")
                .or(Some(Origin::Profile("openrouter.models".to_owned()))),
        );
        let Some((value, origin)) = of_models else {
            return written;
        };
        let source = match origin {
            Origin::Chosen(_) => ValueSource::Flag { option: "--models" },
            Origin::Model(source) => source,
            Origin::Profile(_) => ValueSource::File {
                profile: profile.to_owned(),
            },
        };
        let is_weaker = written
            .as_ref()
            .is_some_and(|written| written.source > source);
        if is_weaker {
            return written;
        }
        let hides = written.map(|written| {
            std::iter::once((written.value, written.source))
                .chain(written.hides)
                .collect()
        });
        Some(Setting {
            value,
            source,
            hides: hides.unwrap_or_default(),
        })
        .filter(|models| !models.value.is_empty())
    }

    /// Where the value of an option, or of a field that holds some, came from; `None` when it is
    /// not set.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let found = self.in_force(name);
        if let (Some(private_at), Some((_, origin))) = (self.private_at, &self.private)
            && rules::is_of_privacy(name)
            && found.is_none_or(|found| found < private_at)
        {
            return Some(origin.clone());
        }
        match found
            .and_then(|at| self.layers.get(at))
            .map(|layer| &layer.place)
        {
            Some(Place::Chosen) => {
                return Some(Origin::Chosen(
                    self.spelled_below(name)
                        .unwrap_or_else(|| spelled(self.spellings.get("private"))),
                ));
            }
            Some(Place::Between(source)) => return Some(Origin::Model(source.clone())),
            Some(Place::Profile) => return Some(Origin::Profile(format!("openrouter.{name}"))),
            None => {}
        }
        path::get(&self.body, name)?;
        let (_, from) = rules::DERIVED
            .iter()
            .find(|(derived, _)| *derived == name)?;
        self.origin(from)
    }

    /// Every way in which the option or a part of it was chosen; `None` when it follows from
    /// `private`.
    fn spelled_below(&self, name: &str) -> Option<String> {
        let mut ways: Vec<&str> = self
            .spellings
            .iter()
            .filter(|(other, _)| path::overlap(name, other))
            .map(|(_, way)| way.as_str())
            .collect();
        ways.sort_unstable();
        ways.dedup();
        (!ways.is_empty())
            .then(|| ways.join(", "))
            .map(|ways| spelled(Some(&ways)))
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
    if how.starts_with('-') {
        format!("flag {how}")
    } else {
        how.to_owned()
    }
}

/// Whether a layer says anything of the option, or takes back the object that holds it.
fn speaks_of(fields: &Map<String, Value>, name: &str) -> bool {
    let holders = name.match_indices('.').map(|(at, _)| &name[..at]);
    path::get(fields, name).is_some()
        || holders
            .into_iter()
            .any(|holder| path::get(fields, holder).is_some_and(Value::is_null))
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

    fn laid(provider: &str, profile: Value, chosen: Value) -> MergedOptions {
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let chosen = chosen.as_object().unwrap();
        let spellings = chosen
            .keys()
            .map(|name| (name.clone(), "--x".to_owned()))
            .collect();
        lay(
            find(provider).unwrap(),
            &profile,
            Vec::new(),
            chosen,
            &spellings,
        )
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
        assert_eq!(
            body(explicit, json!({})),
            json!({"provider": {"zdr": false, "data_collection": "deny"}})
        );
        assert_eq!(
            body(
                json!({"openrouter": {"provider": {"data_collection": "allow"}}}),
                json!({"private": true})
            ),
            both
        );
        assert_eq!(
            body(
                json!({"private": true}),
                json!({"provider": {"zdr": false}})
            )["provider"]["zdr"],
            false
        );
        assert_eq!(
            body(json!({"private": true}), json!({"private": false})),
            json!({})
        );
        assert_eq!(
            body(json!({"openrouter": {"private": true}}), json!({})),
            both
        );
    }

    #[test]
    fn models_are_taken_out_route_is_retired_and_null_leaves_out() {
        let laid = laid(
            "openrouter",
            json!({"openrouter": {"models": ["a/b"], "route": "fallback", "top_k": 4, "seed": 1}}),
            json!({"models": ["c/d"], "top_k": null}),
        );
        assert_eq!(
            (Value::Object(laid.body.clone()), laid.models.clone()),
            (json!({"seed": 1}), Some(vec!["c/d".to_owned()]))
        );
        assert_eq!(
            laid.remarks,
            [Remark::Note(
                "route is retired and not sent: models alone is enough".to_owned()
            )]
        );
        assert_eq!(
            laid.origin("seed"),
            Some(Origin::Profile("openrouter.seed".to_owned()))
        );
    }

    #[test]
    fn others_get_only_what_they_know() {
        let chosen = json!({"seed": 1, "top_k": 4, "provider": {"sort": "price"}, "models": ["a/b"], "new_field": 1, "private": true});
        let openai = laid(
            "openai",
            json!({"openrouter": {"user": "x"}}),
            chosen.clone(),
        );
        assert_eq!(
            Value::Object(openai.body),
            json!({"seed": 1, "new_field": 1})
        );
        let unsent = |name: &str| {
            openai.remarks.contains(&Remark::Warning(format!(
                "{name} is not sent: provider openai knows no such field"
            )))
        };
        assert!(
            unsent("top_k") && unsent("provider.sort") && unsent("models") && unsent("private"),
            "{:?}",
            openai.remarks
        );
        assert_eq!(laid("local", json!({}), chosen).body["top_k"], 4);
    }

    #[test]
    fn derived_fields_come_from_where_their_cause_does() {
        let laid = laid(
            "openrouter",
            json!({}),
            json!({"top_logprobs": 2, "private": true}),
        );
        assert_eq!(
            laid.origin("logprobs"),
            Some(Origin::Chosen("flag --x".to_owned()))
        );
        assert_eq!(
            laid.origin("provider.zdr"),
            Some(Origin::Chosen("flag --x".to_owned()))
        );
        assert_eq!(laid.origin("stop"), None);
        let above = self::laid(
            "openrouter",
            json!({"openrouter": {"logprobs": false}}),
            json!({"top_logprobs": 2}),
        );
        assert_eq!(
            (&above.body["logprobs"], above.origin("logprobs")),
            (&json!(true), Some(Origin::Chosen("flag --x".to_owned())))
        );
        let private = self::laid(
            "openrouter",
            json!({"private": true, "openrouter": {"provider": {"zdr": true}}}),
            json!({}),
        );
        assert_eq!(
            private.origin("provider.data_collection"),
            Some(Origin::Profile("private".to_owned()))
        );
        assert_eq!(
            private.origin("provider.zdr"),
            Some(Origin::Profile("openrouter.provider.zdr".to_owned()))
        );
    }
}
