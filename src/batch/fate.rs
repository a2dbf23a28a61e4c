//! What became of a row, with the kind of its failure: what the end of a job counts.

use super::status::RowStatus;
use crate::present::count::thousands;

/// HTTP status of a refusal for too many requests.
const TOO_MANY: u16 = 429;

/// What became of a row, as a number below 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate(u8);

/// Each fate: its status, the kind of its error, and the words after a number of rows. An error
/// of another kind has the last row; one of [`TOO_MANY`] has [`RATE_LIMIT`].
const FATES: &[(RowStatus, &str, &str)] = &[
    (RowStatus::Ok, "", "ok"),
    (RowStatus::Skipped, "", "skipped"),
    (RowStatus::Cut, "", "cut"),
    (RowStatus::Filtered, "", "filtered"),
    (RowStatus::Length, "", "at max_tokens"),
    (RowStatus::Invalid, "", "not matching the schema"),
    (RowStatus::Error, "try later", "server error or timeout"),
    (RowStatus::Error, "refused", "refused"),
    (RowStatus::Error, "network", "without a connection"),
    (RowStatus::Error, "cut", "connection lost"),
    (RowStatus::Error, "credentials", "refused for the key"),
    (RowStatus::Error, "content", "without an answer"),
    (RowStatus::Error, "limit", "not allowed by a cap"),
    (RowStatus::Error, "input", "not sent: bad input"),
    (RowStatus::Error, RATE_LIMIT, RATE_LIMIT),
    (RowStatus::Error, "", "other errors"),
];

const RATE_LIMIT: &str = "rate limit";

impl Fate {
    /// Of a line with this status, and the kind and HTTP status of its error.
    pub(crate) fn of(status: RowStatus, kind: &str, http_status: Option<u16>) -> Self {
        let kind = match (status, http_status) {
            (RowStatus::Error, Some(TOO_MANY)) => RATE_LIMIT,
            (RowStatus::Error, _) => kind,
            _ => "",
        };
        let is_meant = |fate: &(RowStatus, &str, &str)| (fate.0, fate.1) == (status, kind);
        let index = FATES.iter().position(is_meant).unwrap_or(FATES.len() - 1);
        Self(u8::try_from(index).unwrap_or_default())
    }

    pub(crate) fn code(self) -> u8 {
        self.0
    }

    pub(crate) fn of_code(code: u8) -> Self {
        Self(code)
    }

    pub(crate) fn status(self) -> RowStatus {
        FATES
            .get(usize::from(self.0))
            .map_or(RowStatus::Error, |(status, ..)| *status)
    }
}

/// How many rows have each fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fates([u64; FATES.len()]);

impl Fates {
    pub(crate) fn add(&mut self, fate: Fate) {
        if let Some(count) = self.0.get_mut(usize::from(fate.0)) {
            *count += 1;
        }
    }

    /// The rows with such a status.
    pub(crate) fn count(&self, is_counted: impl Fn(RowStatus) -> bool) -> u64 {
        let counts = self.0.iter().zip(FATES);
        let counted = counts.filter(|(_, (status, ..))| is_counted(*status));
        counted.map(|(count, _)| count).sum()
    }

    /// Without rows that failed.
    pub(crate) fn without_failures(mut self) -> Self {
        for (count, (status, ..)) in self.0.iter_mut().zip(FATES) {
            if status.is_failure() {
                *count = 0;
            }
        }
        self
    }

    /// `9 rate limit, 3 cut`: the kinds of failures, the most frequent first.
    pub(crate) fn failures(&self) -> String {
        let counts = self.0.iter().zip(FATES);
        let mut failures: Vec<(u64, &str)> = counts
            .filter(|(count, (status, ..))| **count > 0 && status.is_failure())
            .map(|(count, (.., words))| (*count, *words))
            .collect();
        failures.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let words = |(count, words): &(u64, &str)| format!("{} {words}", thousands(*count));
        failures.iter().map(words).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::error::KINDS;

    #[test]
    fn kinds_of_failures_are_counted_the_most_frequent_first() {
        let mut fates = Fates::default();
        for (status, kind, http_status, times) in [
            (RowStatus::Error, "try later", Some(429), 1200),
            (RowStatus::Error, "try later", Some(503), 2),
            (RowStatus::Error, "bug", None, 1),
            (RowStatus::Cut, "try later", Some(429), 3),
            (RowStatus::Ok, "", None, 7),
        ] {
            for _ in 0..times {
                let fate = Fate::of(status, kind, http_status);
                assert_eq!(Fate::of_code(fate.code()), fate);
                assert_eq!(fate.status(), status);
                fates.add(fate);
            }
        }
        assert_eq!(fates.count(|status| status == RowStatus::Ok), 7);
        let words = "1,200 rate limit, 3 cut, 2 server error or timeout, 1 other errors";
        assert_eq!(fates.failures(), words);
        let left = fates.without_failures();
        assert_eq!((left.failures(), left.count(|_| true)), (String::new(), 7));
    }

    #[test]
    fn every_fate_fits_into_four_bits_and_its_kind_exists() {
        assert!(FATES.len() <= 16);
        for (_, kind, _) in FATES {
            let exists = KINDS.iter().any(|(.., name, _)| name == kind);
            assert!(exists || kind.is_empty() || *kind == RATE_LIMIT, "{kind}");
        }
    }
}
