//! The model list: aliases, profiles, and the catalogue where that is wanted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client_key::KnownKey;
use super::options::GatewayOptions;
use super::problem::Problem;
use super::snapshot::Snapshot;
use crate::ask::model_list::server_name;
use crate::store::CatalogReader;
use crate::wire::redact::cut;

/// A model of the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    id: String,
    owner: String,
}

/// When models of the list were made, for clients that sort by it: there is no date for an alias.
const CREATED: &str = "2026-01-01T00:00:00Z";
const CREATED_SECONDS: u64 = 1_767_225_600;

/// Most models in one answer to a client of Anthropic's form.
const MOST: usize = 1000;

impl Snapshot {
    fn listed(&self, key: &KnownKey, options: &GatewayOptions) -> Vec<Listed> {
        let mut found: BTreeSet<Listed> = BTreeSet::new();
        let mut add = |id: String, owner: &str| {
            found.insert(Listed {
                id,
                owner: owner.to_owned(),
            });
        };
        for name in self.config.aliases.plain_names() {
            add(name, "alias");
        }
        for profile in self.config.profiles.keys() {
            add(format!("{profile}:"), "profile");
        }
        if options.shows_catalogue {
            for (id, owner) in self.catalogue(options) {
                add(id, &owner);
            }
        } else if let Ok(route) = self.route("", options) {
            add(route.first().model.clone(), route.first().entry.name);
        }
        let resolved = |id: &str| {
            let route = self.route(id, options).ok()?;
            Some(route.first().model.clone())
        };
        let is_allowed = |listed: &Listed| {
            key.key.models.is_empty()
                || key.may_use(&[&listed.id, &resolved(&listed.id).unwrap_or_default()])
        };
        found.into_iter().filter(is_allowed).collect()
    }

    /// The models of the first profile's server, with their authors.
    fn catalogue(&self, options: &GatewayOptions) -> Vec<(String, String)> {
        let Ok(route) = self.route("", options) else {
            return Vec::new();
        };
        let target = route.first();
        let reader = self
            .equipment
            .home()
            .ok()
            .and_then(|home| CatalogReader::open(&home));
        let ids = reader.map(|reader| reader.ids(&server_name(&target.base_url)));
        let owner = |id: &str| {
            let author = id.split_once('/').map(|(author, _)| author);
            author.unwrap_or(target.entry.name).to_owned()
        };
        ids.into_iter()
            .flatten()
            .map(|id| (id.clone(), owner(&id)))
            .collect()
    }

    /// The list in the form of OpenAI, or of Anthropic.
    pub(super) fn models(
        &self,
        key: &KnownKey,
        options: &GatewayOptions,
        is_anthropic: bool,
    ) -> Value {
        let listed = self.listed(key, options);
        if !is_anthropic {
            let models: Vec<Value> = listed.iter().map(openai).collect();
            return json!({"object": "list", "data": models});
        }
        let models: Vec<Value> = listed.iter().take(MOST).map(anthropic).collect();
        let id = |model: Option<&Value>| model.map(|model| model["id"].clone());
        json!({
            "data": models,
            "has_more": listed.len() > MOST,
            "first_id": id(models.first()),
            "last_id": id(models.last()),
        })
    }

    /// One model of the list.
    ///
    /// # Errors
    /// 404 when it is not there.
    pub(super) fn model(
        &self,
        id: &str,
        key: &KnownKey,
        options: &GatewayOptions,
        is_anthropic: bool,
    ) -> Result<Value, Problem> {
        let listed = self.listed(key, options);
        let Some(found) = listed.into_iter().find(|model| model.id == id) else {
            let message = format!("no model '{}'", cut(id, 100));
            return Err(Problem::new(404, "model_not_found", message).made_final());
        };
        Ok(if is_anthropic {
            anthropic(&found)
        } else {
            openai(&found)
        })
    }
}

fn openai(model: &Listed) -> Value {
    json!({
        "id": model.id,
        "object": "model",
        "created": CREATED_SECONDS,
        "owned_by": model.owner,
    })
}

fn anthropic(model: &Listed) -> Value {
    json!({
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": CREATED,
    })
}
