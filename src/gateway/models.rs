//! The model list: aliases, profiles, and the catalogue where that is wanted.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::client_key::KnownKey;
use super::options::GatewayOptions;
use super::problem::Problem;
use super::snapshot::Snapshot;
use super::state::Gateway;
use crate::ask::model_list::server_name;
use crate::config::model_choice::Choice;
use crate::store::CatalogReader;
use crate::wire::background::unblock;
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

/// The model list, or one model of it. It is made on another thread: the catalogue is in a file.
///
/// # Errors
/// 404 when the model is not there.
pub(super) async fn answer(
    gateway: &Arc<Gateway>,
    key: &Arc<KnownKey>,
    id: Option<String>,
    is_anthropic: bool,
) -> Result<Value, Problem> {
    let (gateway, key) = (Arc::clone(gateway), Arc::clone(key));
    let made = unblock(move || {
        let (snapshot, options) = (gateway.snapshot(), &gateway.options);
        match id {
            None => Ok(snapshot.models(&key, options, is_anthropic)),
            Some(id) => snapshot.model(&id, &key, options, is_anthropic),
        }
    });
    made.await.unwrap_or_else(|| {
        let message = "the search for models was interrupted";
        Err(Problem::new(500, "interrupted", message))
    })
}

impl Snapshot {
    fn listed(&self, key: &KnownKey, options: &GatewayOptions) -> Vec<Listed> {
        let mut found: BTreeSet<Listed> = BTreeSet::new();
        let mut add = |id: String, owner: &str| {
            found.insert(Listed {
                id,
                owner: owner.to_owned(),
            });
        };
        for (_, name) in self.config.aliases.plain_names() {
            add(name.to_owned(), "alias");
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
        let is_allowed = |listed: &Listed| {
            key.key.models.is_empty()
                || key.may_use(&[&listed.id, &self.meant_by(&listed.id, options)])
        };
        found.into_iter().filter(is_allowed).collect()
    }

    /// The model that a name of the list leads to; empty where it leads nowhere. The route of each
    /// would be more: prices and limits, which are in the store.
    fn meant_by(&self, id: &str, options: &GatewayOptions) -> String {
        if options.forced_model.is_some() || id.ends_with(':') {
            let route = self.route(id, options);
            return route.map_or_else(|_| String::new(), |route| route.first().model.clone());
        }
        let choice = Choice::of_flag(id, &self.config);
        choice.map_or_else(|_| String::new(), |choice| choice.first().to_owned())
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
    fn models(&self, key: &KnownKey, options: &GatewayOptions, is_anthropic: bool) -> Value {
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
    fn model(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::client_key::{ClientKey, hash_text};
    use crate::gateway::samples::{options, snapshot};

    fn key(models: &[&str]) -> KnownKey {
        let key = ClientKey {
            name: "laptop".to_owned(),
            sha256: hash_text("amx-key"),
            created_at: 0,
            expires_at: None,
            per_day: None,
            rpm: None,
            concurrent: None,
            models: models.iter().map(|&pattern| pattern.to_owned()).collect(),
        };
        KnownKey::of(key).unwrap()
    }

    fn ids(snapshot: &Snapshot, patterns: &[&str]) -> Vec<String> {
        let listed = snapshot.listed(&key(patterns), &options());
        listed.into_iter().map(|listed| listed.id).collect()
    }

    #[test]
    fn a_list_for_a_key_finds_no_routes() {
        let (_folder, snapshot) = snapshot(2000);
        let of = |name: &str| snapshot.route(name, &options()).ok().unwrap();
        let used = of("m/1");
        let found = ids(&snapshot, &["m/7", "m/8*"]);
        assert_eq!(found.len(), 2 + 1 + 10 + 100, "{found:?}");
        assert!(found.contains(&"fast".to_owned()) && !found.contains(&"work:".to_owned()));
        assert!(Arc::ptr_eq(&used, &of("m/1")));
        assert_eq!(ids(&snapshot, &["author/*"]), ["work:"]);
        assert_eq!(ids(&snapshot, &[]).len(), 2000 + 2);
    }
}
