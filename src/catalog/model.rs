//! One model of a catalogue, and how it is found by an id.

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::chat::route::{ReasoningFacts, Thinking};

/// Endings of an id that choose how a model is served, not another model.
const VARIANTS: &[&str] = &[
    "free", "online", "nitro", "floor", "exacto", "extended", "thinking",
];

/// Words with a space between; compact to keep, and read only when asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(String);

impl Words {
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(
            words
                .into_iter()
                .filter(|word| !word.is_empty() && !word.contains(char::is_whitespace))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    pub fn has(&self, word: &str) -> bool {
        self.iter().any(|other| other == word)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Something that not every model can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    Reasoning,
    Tools,
    Images,
    Audio,
    /// Takes documents itself, without a parser.
    Files,
    Video,
    /// Answers in a form that a JSON schema gives.
    Schema,
    Logprobs,
}

/// One model, as far as its provider tells. What is `None` or empty was not told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_slug: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// Most tokens of prompt and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u64>,
    pub price: Price,
    /// What may be sent: `text`, `image` and others.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub input: Words,
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub output: Words,
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub parameters: Words,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<ReasoningFacts>,
    /// The day of its retirement, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl Model {
    /// Who made it: what stands before the `/`.
    pub fn author(&self) -> Option<&str> {
        self.id
            .trim_start_matches('~')
            .split_once('/')
            .map(|(author, _)| author)
    }

    /// Whether it is offered free of charge. A price of 0 does not say so: only the ending `:free`
    /// does.
    pub fn is_free(&self) -> bool {
        self.id.ends_with(":free")
    }

    /// Whether it can do that; `None` when its provider does not say, or chooses the model itself.
    pub fn can(&self, capability: Capability) -> Option<bool> {
        let parameter = |names: &[&str]| {
            (!self.parameters.is_empty())
                .then(|| names.iter().any(|name| self.parameters.has(name)))
        };
        let modality = |name: &str| (!self.input.is_empty()).then(|| self.input.has(name));
        if self.price == Price::Varies {
            return None;
        }
        match capability {
            Capability::Reasoning if self.reasoning.is_some() => Some(true),
            Capability::Reasoning => {
                parameter(&["reasoning", "include_reasoning", "reasoning_effort"])
            }
            Capability::Tools => parameter(&["tools"]),
            Capability::Images => modality("image"),
            Capability::Audio => modality("audio"),
            Capability::Files => modality("file"),
            Capability::Video => modality("video"),
            Capability::Schema => parameter(&["structured_outputs", "response_format"]),
            Capability::Logprobs => parameter(&["logprobs"]),
        }
    }

    /// Whether it takes a parameter of that name; `None` when its provider does not say, or chooses
    /// the model itself.
    pub fn takes(&self, parameter: &str) -> Option<bool> {
        (!self.parameters.is_empty() && self.price != Price::Varies)
            .then(|| self.parameters.has(parameter))
    }

    /// What is known of its thinking.
    pub fn thinking(&self) -> Thinking<'_> {
        match (&self.reasoning, self.can(Capability::Reasoning)) {
            (Some(facts), _) => Thinking::Known(facts),
            (None, Some(false)) => Thinking::Never,
            (None, _) => Thinking::Unknown,
        }
    }
}

/// The model with that id or slug, and whether it is that very one; else the one that the id is a
/// variant of.
pub fn find<'a>(models: &'a [Model], id: &str) -> Option<(&'a Model, bool)> {
    let exact = models.iter().find(|model| model.id == id).or_else(|| {
        models
            .iter()
            .find(|model| model.canonical_slug.as_deref() == Some(id))
    });
    let base = || bases(id).find_map(|base| models.iter().find(|model| model.id == base));
    exact
        .map(|model| (model, true))
        .or_else(|| base().map(|model| (model, false)))
}

/// The ids that an id is a variant of, the nearest first: `a/b:free` and `a/b` for
/// `a/b:free:online`, `a/b` for `a/b@preset/x`.
pub fn bases(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(without_variant(id), |id| without_variant(id))
}

fn without_variant(id: &str) -> Option<&str> {
    let preset = id
        .split_once("@preset/")
        .map(|(base, _)| base)
        .filter(|base| !base.is_empty());
    preset.or_else(|| {
        id.rsplit_once(':')
            .filter(|(_, variant)| VARIANTS.contains(variant))
            .map(|(base, _)| base)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str) -> Model {
        Model {
            id: id.to_owned(),
            ..Model::default()
        }
    }

    #[test]
    fn an_id_is_found_as_it_is_by_its_slug_or_without_its_variant() {
        let models = [
            model("a/b"),
            model("a/b:free"),
            Model {
                canonical_slug: Some("a/c-2025".to_owned()),
                ..model("a/c")
            },
        ];
        let found = |id| find(&models, id).map(|(model, is_exact)| (model.id.as_str(), is_exact));
        assert_eq!(found("a/b:free"), Some(("a/b:free", true)));
        assert_eq!(found("a/b:nitro"), Some(("a/b", false)));
        assert_eq!(found("a/c-2025"), Some(("a/c", true)));
        assert_eq!(
            [
                found("a/b:free:online"),
                found("a/b@preset/brief"),
                found("a/c:floor@preset/x")
            ]
            .map(|found| found.map(|(id, _)| id)),
            [Some("a/b:free"), Some("a/b"), Some("a/c")]
        );
        assert_eq!(found("@preset/brief"), None);
        assert_eq!(
            [found("a/B"), found("a/b:8b"), found("b")],
            [None, None, None]
        );
    }

    #[test]
    fn what_was_not_told_is_neither_yes_nor_no() {
        let untold = model("a/b");
        let told = Model {
            parameters: Words::of(["tools", "top_k"]),
            input: Words::of(["text"]),
            ..model("a/b")
        };
        assert_eq!(
            [
                untold.can(Capability::Tools),
                untold.can(Capability::Images),
                untold.can(Capability::Reasoning)
            ],
            [None; 3]
        );
        assert_eq!(
            [
                told.can(Capability::Tools),
                told.can(Capability::Logprobs),
                told.can(Capability::Images)
            ],
            [Some(true), Some(false), Some(false)]
        );
        assert_eq!(
            (untold.thinking(), told.thinking()),
            (Thinking::Unknown, Thinking::Never)
        );
        let router = Model {
            price: Price::Varies,
            ..told
        };
        assert_eq!(
            (router.can(Capability::Images), router.thinking()),
            (None, Thinking::Unknown)
        );
    }
}
