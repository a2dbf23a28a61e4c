//! Counts as they are written in messages.

/// Thousands separated by commas: `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A count of tokens: `1 token`, `1,204 tokens`.
pub(crate) fn token_words(count: u64) -> String {
    match count {
        1 => "1 token".to_owned(),
        _ => format!("{} tokens", thousands(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(
            [0, 999, 1000, 32_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "32,000", "1,234,567"]
        );
        assert_eq!(
            [0, 1, 2, 1204].map(token_words),
            ["0 tokens", "1 token", "2 tokens", "1,204 tokens"]
        );
    }
}
