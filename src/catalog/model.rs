//! A model of a catalogue, and how it is found by ID.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::price::Price;
use crate::chat::route::{ReasoningFacts, Thinking};

/// Suffixes of an ID that select how a model is served, not another model.
const VARIANTS: &[&str] = &[
    "free", "batch", "online", "nitro", "floor", "exacto", "extended", "thinking",
];

/// Those of them that lists have as models of their own.
const LISTED_VARIANTS: &[&str] = &["free", "batch", "extended", "thinking"];

/// Words in one string, separated by spaces: compact in memory, and split only when read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WordList(String);

impl WordList {
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

/// A capability that not every model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    Reasoning,
    Tools,
    Images,
    Audio,
    /// Accepts documents natively, without a parser.
    Files,
    Video,
    /// Supports structured output by a JSON schema.
    Schema,
    Logprobs,
}

/// One model. `None` or empty where its provider reports nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What its author says about it, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_slug: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// Context length: maximum tokens of prompt and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u64>,
    pub price: Price,
    /// Input modalities: `text`, `image` and others.
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub input: WordList,
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub output: WordList,
    #[serde(skip_serializing_if = "WordList::is_empty")]
    pub parameters: WordList,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<ReasoningFacts>,
    /// Its retirement date, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl Model {
    /// Its author: the part before the `/`.
    pub fn author(&self) -> Option<&str> {
        self.id
            .trim_start_matches('~')
            .split_once('/')
            .map(|(author, _)| author)
    }

    /// Whether it is free of charge: only with the suffix `:free`, not by a price of 0.
    pub fn is_free(&self) -> bool {
        self.id.ends_with(":free")
    }

    /// Whether it has the capability; `None` when its provider does not report it, or for a router.
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

    /// Whether it supports a parameter; `None` when its provider does not report it, or for a
    /// router.
    pub fn takes(&self, parameter: &str) -> Option<bool> {
        (!self.parameters.is_empty() && self.price != Price::Varies)
            .then(|| self.parameters.has(parameter))
    }

    /// Whether the slug names it. A variant has that of its base, at another price, and is none of
    /// those that the slug names.
    pub(crate) fn has_slug(&self, slug: &str) -> bool {
        !self.id.contains(':') && self.canonical_slug.as_deref() == Some(slug)
    }

    /// What is known about its reasoning.
    pub fn thinking(&self) -> Thinking<'_> {
        match (&self.reasoning, self.can(Capability::Reasoning)) {
            (Some(facts), _) => Thinking::Known(facts),
            (None, Some(false)) => Thinking::Never,
            (None, _) => Thinking::Unknown,
        }
    }
}

/// The model with this ID or slug and `true`, else the one that the ID is a variant of and `false`.
pub(crate) fn find<'a>(models: &'a [Model], id: &str) -> Option<(&'a Model, bool)> {
    resolve(
        id,
        |id| models.iter().find(|model| model.id == id),
        |slug| models.iter().find(|model| model.has_slug(slug)),
    )
}

/// The same for any list: it is searched by ID, and by slug where no model has the ID.
pub(crate) fn resolve<T>(
    id: &str,
    of_id: impl Fn(&str) -> Option<T>,
    of_slug: impl Fn(&str) -> Option<T>,
) -> Option<(T, bool)> {
    let exact = spellings(id)
        .find_map(|id| of_id(&id))
        .or_else(|| of_slug(id));
    let base = || bases(id).find_map(|id| of_id(id).or_else(|| of_slug(id)));
    exact
        .map(|model| (model, true))
        .or_else(|| base().map(|model| (model, false)))
}

/// The IDs that name the same model: the ID, and for one without a tag that with Ollama's default.
fn spellings(id: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let tagged = (!id.contains(':')).then(|| Cow::Owned(format!("{id}:latest")));
    std::iter::once(Cow::Borrowed(id)).chain(tagged)
}

/// The IDs that an ID is a variant of, the nearest first: `a/b:free` and `a/b` for
/// `a/b:free:online`, `a/b` for `a/b@preset/x`.
pub(crate) fn bases(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(without_variant(id), |id| without_variant(id))
}

/// The IDs under which lists have a model: the ID, and without its preset and the suffixes that no
/// list has. A suffix such as `:free` is that of a model of its own.
pub(super) fn listed_forms(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(id), |id| {
        let base = without_variant(id)?;
        let suffix = id.strip_prefix(base)?.trim_start_matches(':');
        (!LISTED_VARIANTS.contains(&suffix)).then_some(base)
    })
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
    fn the_default_tag_of_ollama_may_be_omitted() {
        let models = ["llama3.2:latest", "qwen3:8b", "both", "both:latest"].map(model);
        let found = |id: &str| find(&models, id).map(|(model, exact)| (model.id.clone(), exact));
        let exact = |id: &str| Some((id.to_owned(), true));
        assert_eq!(found("llama3.2"), exact("llama3.2:latest"));
        assert_eq!(found("both"), exact("both"));
        assert_eq!(found("qwen3"), None);
        assert_eq!(found("llama3.2:1b"), None);
    }

    #[test]
    fn a_model_is_found_by_id_by_slug_or_without_its_variant() {
        let of_slug = |id| Model {
            canonical_slug: Some("a/c-2025".to_owned()),
            ..model(id)
        };
        let models = [
            model("a/b"),
            model("a/b:free"),
            of_slug("a/c:free"),
            of_slug("a/c"),
        ];
        let found = |id| find(&models, id).map(|(model, is_exact)| (model.id.as_str(), is_exact));
        assert_eq!(found("a/b:free"), Some(("a/b:free", true)));
        assert_eq!(found("a/b:nitro"), Some(("a/b", false)));
        assert_eq!(found("a/c-2025"), Some(("a/c", true)));
        assert_eq!(found("a/c-2025:nitro"), Some(("a/c", false)));
        assert_eq!(find(&models[2..3], "a/c-2025"), None, "a variant alone");
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
    fn a_capability_that_is_not_reported_is_unknown() {
        let silent = model("a/b");
        let reported = Model {
            parameters: WordList::of(["tools", "top_k"]),
            input: WordList::of(["text"]),
            ..model("a/b")
        };
        assert_eq!(
            [
                silent.can(Capability::Tools),
                silent.can(Capability::Images),
                silent.can(Capability::Reasoning)
            ],
            [None; 3]
        );
        assert_eq!(
            [
                reported.can(Capability::Tools),
                reported.can(Capability::Logprobs),
                reported.can(Capability::Images)
            ],
            [Some(true), Some(false), Some(false)]
        );
        assert_eq!(
            (silent.thinking(), reported.thinking()),
            (Thinking::Unknown, Thinking::Never)
        );
        let router = Model {
            price: Price::Varies,
            ..reported
        };
        assert_eq!(
            (router.can(Capability::Images), router.thinking()),
            (None, Thinking::Unknown)
        );
    }
}
