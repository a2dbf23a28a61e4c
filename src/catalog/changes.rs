//! The differences between two versions of a catalogue.

use std::collections::BTreeMap;

use super::model::Model;
use super::price::Price;

/// A model in both versions, with the changes in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelChange {
    pub id: String,
    pub what: Vec<String>,
}

/// The added and removed IDs and the changed models, each sorted by ID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CatalogChanges {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<ModelChange>,
}

impl CatalogChanges {
    pub(crate) fn between(before: &[Model], after: &[Model]) -> Self {
        let old: BTreeMap<&str, &Model> = before
            .iter()
            .map(|model| (model.id.as_str(), model))
            .collect();
        let new: BTreeMap<&str, &Model> = after
            .iter()
            .map(|model| (model.id.as_str(), model))
            .collect();
        let only_in = |these: &BTreeMap<&str, &Model>, others: &BTreeMap<&str, &Model>| {
            these
                .keys()
                .filter(|id| !others.contains_key(*id))
                .map(|id| (*id).to_owned())
                .collect()
        };
        let pairs = new
            .iter()
            .filter_map(|(id, model)| old.get(id).map(|old| (*old, *model)));
        let changed = pairs
            .map(|(old, new)| ModelChange {
                id: new.id.clone(),
                what: differences(old, new),
            })
            .filter(|changed| !changed.what.is_empty());
        Self {
            added: only_in(&new, &old),
            removed: only_in(&old, &new),
            changed: changed.collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// `2 added, 1 removed, 3 changed`, without zero counts.
    pub(crate) fn in_short(&self) -> String {
        let counts = [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.changed.len(), "changed"),
        ];
        counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn differences(old: &Model, new: &Model) -> Vec<String> {
    let mut what = Vec::new();
    if old.price != new.price {
        let (old, new) = (priced(&old.price), priced(&new.price));
        what.push(if old == new {
            "different price for some requests".to_owned()
        } else {
            format!("price {old} → {new}")
        });
    }
    if old.context != new.context {
        let shown = |context: Option<u64>| {
            context.map_or("unknown".to_owned(), |context| context.to_string())
        };
        what.push(format!(
            "context {} → {}",
            shown(old.context),
            shown(new.context)
        ));
    }
    if old.expires != new.expires {
        what.push(
            new.expires
                .as_ref()
                .map_or("no longer retires".to_owned(), |day| {
                    format!("retires on {day}")
                }),
        );
    }
    if old.reasoning != new.reasoning {
        what.push("reasoning support changed".to_owned());
    }
    what
}

/// `$3/$15`: input and output.
fn priced(price: &Price) -> String {
    match price {
        Price::Unknown => "unknown".to_owned(),
        Price::Varies => "varying".to_owned(),
        Price::Tokens(rates) => format!("${}/${}", rates.input, rates.output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model(id: &str, input: f64) -> Model {
        Model {
            id: id.to_owned(),
            price: Price::decode(&json!({"prompt": input / 1e6, "completion": input / 1e6})),
            ..Model::default()
        }
    }

    #[test]
    fn added_removed_and_changed_models_are_listed() {
        let before = [
            model("a/gone", 1.0),
            model("a/same", 1.0),
            model("a/dear", 1.0),
            model("a/old", 1.0),
        ];
        let retired = Model {
            expires: Some("2027-01-01".to_owned()),
            context: Some(7),
            ..model("a/old", 1.0)
        };
        let after = [
            model("a/same", 1.0),
            model("a/dear", 2.5),
            retired,
            model("a/new", 1.0),
        ];
        let changes = CatalogChanges::between(&before, &after);
        assert_eq!(
            (changes.added.join(" "), changes.removed.join(" ")),
            ("a/new".to_owned(), "a/gone".to_owned())
        );
        let shown: Vec<String> = changes
            .changed
            .iter()
            .map(|changed| format!("{}: {}", changed.id, changed.what.join("; ")))
            .collect();
        assert_eq!(
            shown,
            [
                "a/dear: price $1/$1 → $2.5/$2.5",
                "a/old: context unknown → 7; retires on 2027-01-01"
            ]
        );
        assert_eq!(changes.in_short(), "1 added, 1 removed, 2 changed");
        assert!(CatalogChanges::between(&after, &after).is_empty());
    }
}
