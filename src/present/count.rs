//! Counts: thousands separators, tokens in short, nouns in singular and plural.

pub(crate) use crate::chat::count::{thousands, token_words};

/// A count with its noun: `1 turn`, `2 turns`, `1,204 entries`.
pub(crate) fn plural(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {}", thousands(count), plural_of(noun))
    }
}

/// The regular plural of an English noun.
fn plural_of(noun: &str) -> String {
    let before_y = noun.strip_suffix('y');
    match before_y.filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{noun}es")
        }
        None => format!("{noun}s"),
    }
}

/// Tokens in short, thousands or powers of two: `512`, `8k`, `128k`, `1M`, `1.2M`.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        0..1000 => count.to_string(),
        _ if count.is_multiple_of(1_000_000) => format!("{}M", count / 1_000_000),
        _ if count.is_multiple_of(1_048_576) => format!("{}M", count / 1_048_576),
        _ if count.is_multiple_of(1000) => format!("{}k", count / 1000),
        _ if count.is_multiple_of(1024) => format!("{}k", count / 1024),
        1000..1_000_000 => format!("{}k", (count + 500) / 1000),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

/// An estimated count of tokens in short: `about 1 token`, `about 8k tokens`.
pub(crate) fn about_tokens(count: u64) -> String {
    let noun = if count == 1 { "token" } else { "tokens" };
    format!("about {} {noun}", tokens(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_count() {
        assert_eq!(plural(1_usize, "turn"), "1 turn");
        assert_eq!(plural(0_u64, "turn"), "0 turns");
        let nouns = ["entry", "key", "branch", "address"];
        assert_eq!(
            nouns.map(|noun| plural(1204_u32, noun)),
            [
                "1,204 entries",
                "1,204 keys",
                "1,204 branches",
                "1,204 addresses"
            ]
        );
    }

    #[test]
    fn token_counts_are_short() {
        let counts = [
            512, 8192, 16_385, 128_000, 131_072, 200_000, 1_000_000, 1_048_576, 1_050_000,
            1_234_567,
        ];
        assert_eq!(
            counts.map(tokens),
            [
                "512", "8k", "16k", "128k", "128k", "200k", "1M", "1M", "1050k", "1.2M"
            ]
        );
    }
}
