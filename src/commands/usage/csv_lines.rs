//! Spending as comma-separated values (RFC 4180).

use crate::store::LedgerTotal;

/// The lines without line breaks, the header first. Costs have all their digits; what is unknown
/// is empty.
pub(super) fn lines(key: &str, totals: &[LedgerTotal]) -> Vec<String> {
    let head = format!(
        "{key},requests,refused,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,\
        cost_usd,estimates,unknown"
    );
    std::iter::once(head)
        .chain(totals.iter().map(line))
        .collect()
}

fn line(total: &LedgerTotal) -> String {
    let cost = super::json::cost(total).map_or(String::new(), |usd| usd.to_string());
    let numbers = [
        Some(total.requests),
        Some(total.refused),
        total.tokens(|usage| usage.prompt_tokens),
        total.tokens(|usage| usage.completion_tokens),
        total.tokens(|usage| usage.reasoning_tokens),
        total.tokens(|usage| usage.cached_tokens),
    ];
    let numbers = numbers
        .map(|number| number.map_or(String::new(), |number| number.to_string()))
        .join(",");
    format!(
        "{},{numbers},{cost},{},{}",
        quoted(&total.key),
        total.estimates,
        total.unknown
    )
}

/// Quoted where it has a comma, a quote or a line break. A spreadsheet evaluates what starts like a
/// formula; an apostrophe before it makes it text.
pub(super) fn quoted(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_special_characters_are_quoted() {
        let of = |text: &str| quoted(text);
        assert_eq!(of("author/model:free"), "author/model:free");
        assert_eq!(of("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(of("two\nlines"), "\"two\nlines\"");
        assert_eq!(of("=cmd()"), "'=cmd()");
    }

    #[test]
    fn what_is_unknown_is_empty() {
        let unknown = LedgerTotal {
            key: "p".to_owned(),
            requests: 1,
            unknown: 1,
            ..LedgerTotal::default()
        };
        let known = LedgerTotal {
            key: "q".to_owned(),
            requests: 2,
            refused: 1,
            usd: 0.000_42,
            ..LedgerTotal::default()
        };
        let refused = LedgerTotal {
            key: "r".to_owned(),
            requests: 1,
            refused: 1,
            ..LedgerTotal::default()
        };
        assert_eq!(
            lines("profile", &[unknown, known, refused])[1..],
            [
                "p,1,0,,,,,,0,1",
                "q,2,1,,,,,0.00042,0,0",
                "r,1,1,0,0,0,0,0,0,0"
            ]
        );
    }
}
