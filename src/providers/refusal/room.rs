//! Too much room asked, or a prompt that is too long: reads what servers say by the table in
//! `phrases.txt`, which has the places of the numbers.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use super::reasons;
use crate::chat::refusal::RefusalKind;
use crate::chat::room::Room;

/// What a form of words means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The numbers decide; without a decision, the prompt is too long.
    ByNumbers,
    Prompt,
    Output,
}

/// The counts in an expression, which are the fields of [`Room`].
const COUNTS: &[&str] = &["limit", "prompt", "output", "total", "most", "beyond"];

/// The table: see its head.
const PHRASES: &str = include_str!("phrases.txt");

/// llama.cpp's counts, beside its words.
const FIELDS: [&str; 2] = ["n_ctx", "n_prompt_tokens"];

/// The rows of the table: meaning and expression.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let lines = PHRASES.lines().filter(is_row);
    lines.map(|line| {
        let (meaning, expression) = line.split_once(' ').unwrap_or((line, ""));
        (meaning, expression.trim_start())
    })
}

static PATTERNS: LazyLock<Vec<(Meaning, Regex)>> = LazyLock::new(|| {
    let compiled = |(meaning, expression)| Some((Meaning::of_word(meaning)?, pattern(expression)?));
    rows().filter_map(compiled).collect()
});

impl Meaning {
    fn of_word(word: &str) -> Option<Self> {
        match word {
            "numbers" => Some(Self::ByNumbers),
            "prompt" => Some(Self::Prompt),
            "output" => Some(Self::Output),
            _ => None,
        }
    }
}

/// The expression of a phrase.
fn pattern(phrase: &str) -> Option<Regex> {
    let named = |text: String, name: &&str| {
        text.replace(&format!("{{{name}}}"), &format!(r"(?<{name}>\d[\d,_]*)"))
    };
    let expression = COUNTS.iter().fold(phrase.to_owned(), named);
    Regex::new(&format!("(?is){expression}")).ok()
}

/// Whether the words, the code or the fields of an error say that the request is too long, which
/// part of it, and the counts.
pub(super) fn read(codes: &[&str], words: &str, error: &Value) -> Option<(RefusalKind, Room)> {
    let found = PATTERNS
        .iter()
        .find_map(|(meaning, pattern)| Some((*meaning, room(&pattern.captures(words)?))));
    let is_typed = reasons::named_by(codes) == Some(RefusalKind::ContextLength);
    let (meaning, mut room) = match found {
        Some(found) => found,
        None if is_typed => (Meaning::Prompt, Room::default()),
        None => return None,
    };
    let [limit, prompt] = FIELDS.map(|field| error[field].as_u64());
    (room.limit, room.prompt) = (room.limit.or(limit), room.prompt.or(prompt));
    let is_prompt = match meaning {
        Meaning::Prompt => true,
        Meaning::Output => false,
        Meaning::ByNumbers => room.is_prompt_too_long(0).unwrap_or(true),
    };
    let kind = if is_prompt {
        RefusalKind::ContextLength
    } else {
        RefusalKind::OutputTooLong
    };
    Some((kind, room))
}

fn room(captures: &Captures<'_>) -> Room {
    let count = |name: &str| -> Option<u64> {
        let digits = captures.name(name)?.as_str().replace([',', '_'], "");
        digits.parse().ok()
    };
    let beyond = count("beyond").and_then(|beyond| beyond.checked_sub(1));
    Room {
        limit: count("limit"),
        output_limit: count("most").or(beyond),
        prompt: count("prompt"),
        output: count("output"),
        total: count("total"),
        is_estimate: captures.name("about").is_some(),
        is_quota: captures.name("quota").is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_words(words: &str) -> Option<(RefusalKind, Room)> {
        read(&[], words, &Value::Null)
    }

    #[test]
    fn every_phrase_is_an_expression() {
        assert_eq!(PATTERNS.len(), rows().count());
        assert!(PATTERNS.len() > 40, "the table was not read");
    }

    #[test]
    fn counts_may_have_separators_and_any_case() {
        let words = "Prompt Is Too Long: 214,000 tokens > 200_000 maximum";
        let (kind, room) = read_words(words).unwrap();
        assert_eq!(kind, RefusalKind::ContextLength);
        assert_eq!((room.prompt, room.limit), (Some(214_000), Some(200_000)));
    }

    #[test]
    fn the_numbers_tell_the_prompt_from_the_answer() {
        let requested = |prompt: u64, output: u64| {
            let words = format!(
                "This model's maximum context length is 4096 tokens. However, you requested {} \
                tokens ({prompt} in the messages, {output} in the completion).",
                prompt + output
            );
            read_words(&words).unwrap().0
        };
        assert_eq!(requested(12, 4096), RefusalKind::OutputTooLong);
        assert_eq!(requested(4096, 12), RefusalKind::ContextLength);
    }

    #[test]
    fn other_refusals_are_not_about_length() {
        for words in [
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
             'max_completion_tokens' instead.",
            "temperature must be less than or equal to 1",
            "max_tokens must be at least 1",
            "Rate limit reached: Limit 6000, Used 5000, Requested 2000",
            "Invalid value for 'context'",
            "",
        ] {
            assert_eq!(read_words(words), None, "{words}");
        }
    }

    #[test]
    fn llama_cpp_has_its_counts_beside_the_words() {
        let error = json!({"n_prompt_tokens": 5000, "n_ctx": 4096});
        let (kind, room) = read(&["exceed_context_size_error"], "too large", &error).unwrap();
        assert_eq!(kind, RefusalKind::ContextLength);
        assert_eq!((room.prompt, room.limit), (Some(5000), Some(4096)));
    }
}
