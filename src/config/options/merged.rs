//! The options of profile, model, template and command line, merged, each with its source.

use serde_json::{Map, Value};

use super::origin::{Origin, Remark, Spellings, spelled};
use super::row::{Reach, RequestOption};
use super::table::{self, OPTIONS};
use super::{check, path, rules};
use crate::config::layers::{Setting, ValueSource};
use crate::config::profile::Profile;
use crate::providers::ProviderEntry;

/// Where the fields of a layer come from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LayerSource {
    Profile,
    /// Between profile and flags: model parameters, or a template.
    Between(ValueSource),
    /// Flags and slash commands.
    Chosen,
}

#[derive(Debug, Clone)]
struct Layer {
    source: LayerSource,
    fields: Map<String, Value>,
}

/// The fields of a body and their layers.
#[derive(Debug, Clone, Default)]
pub struct MergedOptions {
    /// The fields that are sent beside the typed settings.
    pub body: Map<String, Value>,
    /// Whether only private providers may be used; `None` when no layer sets it.
    pub private: Option<(bool, Origin)>,
    /// The fallback models, where `models` sets them.
    pub models: Option<Vec<String>>,
    /// Dotted names of the fields that a `null` removes from the request, whatever sets them.
    pub omitted: Vec<String>,
    pub remarks: Vec<Remark>,
    /// The weakest first.
    layers: Vec<Layer>,
    spellings: Spellings,
    /// The layer that sets `private: true`, when the provider supports it.
    private_at: Option<usize>,
}

/// Merges the layers, without the fields that the provider does not support. The layers between
/// profile and flags come with the weakest first.
pub(crate) fn merge(
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
        source: LayerSource::Between(source),
        fields,
    });
    let layers = std::iter::once(Layer {
        source: LayerSource::Profile,
        fields: of_profile,
    })
    .chain(between);
    let layers = layers
        .chain([Layer {
            source: LayerSource::Chosen,
            fields: chosen.clone(),
        }])
        .collect();
    let mut merged = MergedOptions {
        layers,
        spellings: spellings.clone(),
        ..MergedOptions::default()
    };
    merged.omitted = rules::nulls(chosen);
    merged.take_private(profile, entry);
    merged.remove_unsupported(entry);
    merged.merge();
    merged
}

impl MergedOptions {
    /// Takes `private` out of the layers; the strongest one that sets it decides.
    fn take_private(&mut self, profile: &Profile, entry: &ProviderEntry) {
        for (at, layer) in self.layers.iter_mut().enumerate() {
            let field = layer
                .fields
                .shift_remove("private")
                .and_then(|value| value.as_bool());
            let set = match &layer.source {
                LayerSource::Profile => profile
                    .private
                    .map(|private| (private, "private"))
                    .or(field.map(|private| (private, "openrouter.private"))),
                _ => field.map(|private| (private, "")),
            };
            let Some((private, key)) = set else { continue };
            let origin = match &layer.source {
                LayerSource::Profile => Origin::Profile(key.to_owned()),
                LayerSource::Between(source) => Origin::Model(source.clone()),
                LayerSource::Chosen => Origin::Chosen(spelled(self.spellings.get("private"))),
            };
            self.private = Some((private, origin));
            self.private_at = Some(at).filter(|_| private && entry.is_openrouter);
        }
    }

    /// Removes the fields that the provider does not support, with a warning for each.
    fn remove_unsupported(&mut self, entry: &ProviderEntry) {
        let mut names: Vec<&str> = OPTIONS
            .iter()
            .filter(|option| !reaches(option.reach, entry))
            .map(|option| option.name)
            .collect();
        if !entry.is_openrouter {
            // The whole object, which may have fields that are not in the table.
            names.extend(["provider", "reasoning"]);
        }
        for name in names {
            let removed = self
                .layers
                .iter_mut()
                .filter_map(|layer| path::remove(&mut layer.fields, name))
                .filter(|value| !value.is_null())
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
            "{name} is not sent: provider {} does not support it",
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
                "route is retired and not sent; use models alone".to_owned(),
            ));
        }
        let typo = |(field, meant): (&str, &str)| {
            Remark::Note(format!(
                "'{}' is sent unchanged; did you mean {meant}?",
                field.escape_debug()
            ))
        };
        // Those of the profile are reported with their place in the file.
        let written = self
            .layers
            .iter()
            .filter(|layer| layer.source != LayerSource::Profile);
        self.remarks
            .extend(written.flat_map(|layer| check::typos(&layer.fields).map(typo)));
        self.body = self.merged_layers();
        let nulls = rules::nulls(&self.body);
        for name in &nulls {
            path::remove(&mut self.body, name);
        }
        let is_field = |name: &String| !table::find(name).is_some_and(RequestOption::is_setting);
        self.omitted.extend(nulls.into_iter().filter(is_field));
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
        // Another option may need it: `private` keeps its fields of `provider`.
        let body = &self.body;
        self.omitted.retain(|name| path::get(body, name).is_none());
        self.remarks
            .extend(check::doubts(&self.body).into_iter().map(Remark::Warning));
    }

    fn merged_layers(&self) -> Map<String, Value> {
        let mut body = Map::new();
        for (at, layer) in self.layers.iter().enumerate() {
            let is_private = self.private_at == Some(at);
            // `private` overrides the layers below, and `provider` of the same layer overrides it.
            if is_private {
                rules::overlay(&mut body, &rules::privacy());
            }
            rules::overlay(&mut body, &layer.fields);
            // A `provider: null` removes the routing, but not the privacy of a layer below.
            let is_emptied = body.get("provider").is_some_and(Value::is_null);
            if is_private
                || (is_emptied && self.private_at.is_some_and(|private_at| private_at < at))
            {
                rules::keep_private(&mut body);
            }
        }
        body
    }

    /// Whether a flag or a slash command sets the field.
    pub fn is_chosen(&self, field: &str) -> bool {
        self.layers
            .iter()
            .any(|layer| layer.source == LayerSource::Chosen && layer.fields.contains_key(field))
    }

    /// The values of an option below the flags, strongest first, each with its source in words.
    pub fn below_flags<'a>(
        &'a self,
        name: &'a str,
        profile: &str,
    ) -> impl Iterator<Item = (&'a Value, String)> {
        let profile = ValueSource::File {
            profile: profile.to_owned(),
        };
        self.layers.iter().rev().filter_map(move |layer| {
            let source = match &layer.source {
                LayerSource::Profile => &profile,
                LayerSource::Between(source) => source,
                LayerSource::Chosen => return None,
            };
            Some((path::get(&layer.fields, name)?, source.to_string()))
        })
    }

    /// The layer that decides an option.
    fn in_force(&self, name: &str) -> Option<usize> {
        let (at, layer) = self
            .layers
            .iter()
            .enumerate()
            .rev()
            .find(|(_, layer)| decides(&layer.fields, name))?;
        let sent = path::get(&self.body, name);
        let is_sent = |value: &Value| match value {
            Value::Null => sent.is_some_and(Value::is_null),
            // Turned on again by `top_logprobs` of a layer above.
            Value::Bool(false) => sent != Some(&Value::Bool(true)),
            _ => true,
        };
        path::get(&layer.fields, name)
            .filter(|value| is_sent(value))
            .map(|_| at)
    }

    /// The fallback models: `models`, unless the model is written as a list, which only a flag
    /// overrides.
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
        let overridden = written.map(|written| {
            std::iter::once((written.value, written.source))
                .chain(written.overridden)
                .collect()
        });
        Some(Setting {
            value,
            source,
            overridden: overridden.unwrap_or_default(),
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
            .map(|layer| &layer.source)
        {
            Some(LayerSource::Chosen) => {
                return Some(Origin::Chosen(
                    self.spelled_below(name)
                        .unwrap_or_else(|| spelled(self.spellings.get("private"))),
                ));
            }
            Some(LayerSource::Between(source)) => return Some(Origin::Model(source.clone())),
            Some(LayerSource::Profile) => {
                return Some(Origin::Profile(format!("openrouter.{name}")));
            }
            None => {}
        }
        path::get(&self.body, name)?;
        let (_, from) = rules::DERIVED
            .iter()
            .find(|(derived, _)| *derived == name)?;
        self.origin(from)
    }

    /// How the option or a part of it was set; `None` when it follows from `private`.
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

/// Whether a layer sets the option, or removes the object around it.
fn decides(fields: &Map<String, Value>, name: &str) -> bool {
    let holders = name.match_indices('.').map(|(at, _)| &name[..at]);
    path::get(fields, name).is_some()
        || holders
            .into_iter()
            .any(|holder| path::get(fields, holder).is_some_and(Value::is_null))
}

/// Whether the provider supports options of that reach.
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

    fn merged(provider: &str, profile: Value, chosen: Value) -> MergedOptions {
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let chosen = chosen.as_object().unwrap();
        let spellings = chosen
            .keys()
            .map(|name| (name.clone(), "--x".to_owned()))
            .collect();
        merge(
            find(provider).unwrap(),
            &profile,
            Vec::new(),
            chosen,
            &spellings,
        )
    }

    fn body(profile: Value, chosen: Value) -> Value {
        Value::Object(merged("openrouter", profile, chosen).body)
    }

    #[test]
    fn private_overrides_lower_layers_and_not_its_own() {
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
    fn models_are_extracted_route_is_retired_and_null_removes() {
        let merged = merged(
            "openrouter",
            json!({"openrouter": {"models": ["a/b"], "route": "fallback", "top_k": 4, "seed": 1}}),
            json!({"models": ["c/d"], "top_k": null}),
        );
        assert_eq!(
            (Value::Object(merged.body.clone()), merged.models.clone()),
            (json!({"seed": 1}), Some(vec!["c/d".to_owned()]))
        );
        assert_eq!(
            merged.remarks,
            [Remark::Note(
                "route is retired and not sent; use models alone".to_owned()
            )]
        );
        assert_eq!(
            merged.origin("seed"),
            Some(Origin::Profile("openrouter.seed".to_owned()))
        );
    }

    #[test]
    fn other_providers_get_only_what_they_support() {
        let chosen = json!({"seed": 1, "top_k": 4, "provider": {"sort": "price"}, "models": ["a/b"], "new_field": 1, "private": true});
        let openai = merged(
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
                "{name} is not sent: provider openai does not support it"
            )))
        };
        assert!(
            unsent("top_k") && unsent("provider.sort") && unsent("models") && unsent("private"),
            "{:?}",
            openai.remarks
        );
        assert_eq!(merged("local", json!({}), chosen).body["top_k"], 4);
    }

    #[test]
    fn a_derived_field_has_the_source_of_its_cause() {
        let merged = merged(
            "openrouter",
            json!({}),
            json!({"top_logprobs": 2, "private": true}),
        );
        assert_eq!(
            merged.origin("logprobs"),
            Some(Origin::Chosen("flag --x".to_owned()))
        );
        assert_eq!(
            merged.origin("provider.zdr"),
            Some(Origin::Chosen("flag --x".to_owned()))
        );
        assert_eq!(merged.origin("stop"), None);
        let above = self::merged(
            "openrouter",
            json!({"openrouter": {"logprobs": false}}),
            json!({"top_logprobs": 2}),
        );
        assert_eq!(
            (&above.body["logprobs"], above.origin("logprobs")),
            (&json!(true), Some(Origin::Chosen("flag --x".to_owned())))
        );
        let private = self::merged(
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
