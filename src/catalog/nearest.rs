//! Suggestions for a mistyped name or model ID, and the search for models.

use super::model::{Model, listed_forms};

/// Least similarity of an entry in a list of suggestions, from 0 to 1.
const LISTED: f64 = 0.65;

/// Least similarity of the one name that "did you mean" offers.
const OFFERED: f64 = 0.8;

/// Most edits between a name that is accepted as it is and the known name it may be a typo of.
const TYPO: usize = 2;

/// The `most` known names that are most similar to the wanted one, the most similar first.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl Iterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    similar(wanted, known, LISTED)
        .into_iter()
        .take(most)
        .collect()
}

/// The known name that was most likely meant; `None` when none is similar enough.
pub(crate) fn closest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    similar(wanted, known, OFFERED).into_iter().next()
}

/// The known name that `name` is probably a typo of: at most two edits away.
pub(crate) fn typo_of<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|(edits, _)| *edits <= TYPO)
        .map(|(_, known)| known)
}

/// How many characters must be inserted, removed, replaced or swapped to make one name the other.
pub(crate) fn edits_between(name: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(name, other)
}

/// Names of at least that similarity, the most similar first.
fn similar<'a>(wanted: &str, known: impl Iterator<Item = &'a str>, least: f64) -> Vec<&'a str> {
    let wanted = wanted.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .map(|name| (likeness(&wanted, &name.to_ascii_lowercase()), name))
        .filter(|(score, _)| *score >= least)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.into_iter().map(|(_, name)| name).collect()
}

/// Compares the whole names, and the parts after the `/`: the author of a model is what is
/// omitted most often.
fn likeness(wanted: &str, id: &str) -> f64 {
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    let whole = strsim::jaro_winkler(wanted, id);
    let (wanted_name, name) = (last(wanted), last(id));
    // A part of the name counts as much as a small mistake.
    let part = if wanted_name.len() >= 4 && name.contains(&wanted_name) {
        0.9
    } else {
        0.0
    };
    let edits = strsim::normalized_damerau_levenshtein(&wanted_name, &name);
    whole.min(edits.max(part) + 0.2).max(edits).max(part)
}

/// The models that match a search, the best first: those with every word in ID or name, then those
/// with all the characters in their order.
pub(crate) fn search<'a>(models: &'a [Model], query: &str) -> Vec<&'a Model> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut ranked: Vec<(u8, &Model)> = models
        .iter()
        .filter_map(|model| rank(model, &words).map(|rank| (rank, model)))
        .collect();
    ranked.sort_by(|left, right| {
        left.0
            .cmp(&right.0)
            .then_with(|| left.1.id.cmp(&right.1.id))
    });
    ranked.into_iter().map(|(_, model)| model).collect()
}

fn rank(model: &Model, words: &[String]) -> Option<u8> {
    let id = model.id.to_lowercase();
    let name = model.name.as_deref().unwrap_or_default().to_lowercase();
    if words.len() == 1 && id == words[0] {
        Some(0)
    } else if words.iter().all(|word| id.contains(word)) {
        Some(1)
    } else if words
        .iter()
        .all(|word| id.contains(word) || name.contains(word))
    {
        Some(2)
    } else {
        words
            .iter()
            .all(|word| is_subsequence(word, &id))
            .then_some(3)
    }
}

fn is_subsequence(word: &str, text: &str) -> bool {
    let mut rest = text.chars();
    word.chars().all(|wanted| rest.any(|other| other == wanted))
}

/// Whether a model that a list has as `listed`, or by its slug, is the one of that ID. Lists omit
/// presets and routing suffixes, and may add a prefix, a tag or a date. A slug names no variant.
pub(crate) fn is_listed_as(listed: &str, slug: Option<&str>, id: &str) -> bool {
    let known = listed.strip_prefix("models/").unwrap_or(listed);
    listed_forms(id).any(|id| {
        // Ollama ends names with a tag, others with a date.
        known == id
            || (slug == Some(id) && !listed.contains(':'))
            || known
                .strip_prefix(id)
                .is_some_and(|rest| rest == ":latest" || is_date(rest))
    })
}

/// `-20250929` or `-2025-08-07`.
fn is_date(ending: &str) -> bool {
    let digits: String = ending.chars().filter(|c| *c != '-').collect();
    ending.starts_with('-') && digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: &[&str] = &[
        "anthropic/claude-opus-4.1",
        "anthropic/claude-sonnet-4",
        "anthropic/claude-sonnet-4.5",
        "google/gemini-2.5-flash",
        "google/gemini-2.5-pro",
        "meta-llama/llama-3.1-70b-instruct",
        "openai/gpt-5",
        "openai/gpt-5-mini",
        "qwen/qwq-32b",
    ];

    #[test]
    fn similar_ids_are_found_also_without_author_or_in_capitals() {
        let first = |wanted: &str| nearest(wanted, IDS.iter().copied(), 3).first().copied();
        assert_eq!(
            first("antropic/claude-sonet-4"),
            Some("anthropic/claude-sonnet-4")
        );
        assert_eq!(first("claude-sonnet-4"), Some("anthropic/claude-sonnet-4"));
        assert_eq!(first("OpenAI/GPT-5-Mini"), Some("openai/gpt-5-mini"));
        assert_eq!(first("gemini-flash"), Some("google/gemini-2.5-flash"));
        assert_eq!(first("llama"), Some("meta-llama/llama-3.1-70b-instruct"));
        assert_eq!(first("zzz/zzzzzz"), None);
        assert_eq!(
            nearest("anthropic/claude-sonnet-5", IDS.iter().copied(), 3).len(),
            3
        );
    }

    #[test]
    fn one_name_is_offered_only_when_it_is_similar_enough() {
        let known = ["temperature", "top_p", "work", "title"];
        let offered = |wanted: &str| closest(wanted, known.into_iter());
        assert_eq!(offered("temprature"), Some("temperature"));
        assert_eq!(offered("wrok"), Some("work"));
        assert_eq!(offered("Tittle"), Some("title"));
        assert_eq!(offered("zebra"), None);
        let typo = |name: &str| typo_of(name, known.into_iter());
        assert_eq!([typo("tpo_p"), typo("temper")], [Some("top_p"), None]);
    }

    #[test]
    fn search_matches_words_then_characters_in_order() {
        let models: Vec<Model> = IDS
            .iter()
            .map(|id| Model {
                id: (*id).to_owned(),
                name: Some(format!("Name {id}")),
                ..Model::default()
            })
            .collect();
        let found = |query: &str| {
            search(&models, query)
                .into_iter()
                .map(|model| model.id.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("sonnet 4.5"), ["anthropic/claude-sonnet-4.5"]);
        assert_eq!(found("openai/gpt-5"), ["openai/gpt-5", "openai/gpt-5-mini"]);
        assert_eq!(found("gpt5m"), ["openai/gpt-5-mini"]);
        assert_eq!(found("").len(), IDS.len());
        assert_eq!(found("name qwq"), ["qwen/qwq-32b"]);
        assert!(found("zzz").is_empty());
    }

    #[test]
    fn ids_are_found_as_lists_write_them() {
        let listed = [
            "a/b",
            "models/gemini-2.5-flash",
            "llama3.2:latest",
            "claude-sonnet-4-5-20250929",
        ];
        let is_listed = |id: &str| {
            listed
                .iter()
                .any(|known| is_listed_as(known, Some("a/slug-20260101"), id))
        };
        for id in [
            "a/b",
            "a/b:nitro",
            "a/b:nitro:online",
            "a/b@preset/mine",
            "a/slug-20260101",
            "a/slug-20260101:floor",
            "gemini-2.5-flash",
            "llama3.2",
            "claude-sonnet-4-5",
        ] {
            assert!(is_listed(id), "{id}");
        }
        assert!(!is_listed_as(
            "a/slug:free",
            Some("a/slug-20260101"),
            "a/slug-20260101"
        ));
        for id in [
            "A/b",
            "a/b:free",
            "a/b:free:online",
            "gemini",
            "llama3",
            "claude-sonnet-4",
        ] {
            assert!(!is_listed(id), "{id}");
        }
    }
}
