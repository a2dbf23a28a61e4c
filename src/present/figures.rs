//! Figures of models as people read them.

use crate::catalog::Price;

/// USD per million tokens without needless digits: `0.25`, `3`, `0.0375`.
pub fn dollars(usd: f64) -> String {
    let text = format!("{usd:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // What is smaller than the digits shown is not nothing.
    if text == "0" && usd > 0.0 {
        "<0.0001".to_owned()
    } else {
        text.to_owned()
    }
}

/// In and out, for a table.
pub fn price(price: &Price) -> (String, String) {
    match price {
        Price::Unknown => ("-".to_owned(), "-".to_owned()),
        Price::Varies => ("varies".to_owned(), "varies".to_owned()),
        Price::Tokens(rates) => (dollars(rates.input), dollars(rates.output)),
    }
}

/// `128k`, `1M`, `8192`: thousands where nothing is lost by it, powers of two as they are called.
pub fn tokens(count: u64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        assert_eq!(
            [0.25, 3.0, 0.0375, 0.0, 0.000_001, 75.5].map(dollars),
            ["0.25", "3", "0.0375", "0", "<0.0001", "75.5"]
        );
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
