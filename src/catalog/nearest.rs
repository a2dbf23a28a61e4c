//! What somebody may have meant: ids like a mistyped one, and models for a few letters.

use super::model::Model;

/// How alike two ids must be to be offered, from 0 to 1.
const LEAST_LIKENESS: f64 = 0.65;

/// At most so many ids that are most like the wanted one, the likest first.
pub fn nearest<'a>(wanted: &str, ids: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let wanted = wanted.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = ids
        .map(|id| (likeness(&wanted, &id.to_ascii_lowercase()), id))
        .filter(|(score, _)| *score >= LEAST_LIKENESS)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.into_iter().take(most).map(|(_, id)| id).collect()
}

/// The whole ids compared, or only what stands behind the `/`: the author is what is forgotten
/// most often.
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

/// The models that a few letters may stand for, the best first: those with every word in id or
/// name, then those with all the letters in their order.
pub fn search<'a>(models: &'a [Model], letters: &str) -> Vec<&'a Model> {
    let words: Vec<String> = letters.split_whitespace().map(str::to_lowercase).collect();
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

fn is_subsequence(letters: &str, text: &str) -> bool {
    let mut rest = text.chars();
    letters
        .chars()
        .all(|letter| rest.any(|other| other == letter))
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
    fn mistyped_forgotten_and_shouted_ids_find_their_like() {
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
    fn a_few_letters_are_enough() {
        let models: Vec<Model> = IDS
            .iter()
            .map(|id| Model {
                id: (*id).to_owned(),
                name: Some(format!("Name {id}")),
                ..Model::default()
            })
            .collect();
        let found = |letters: &str| {
            search(&models, letters)
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
}
