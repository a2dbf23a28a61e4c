//! What the headers of a reply say of the limits of its server: what is left of them, and how it is
//! refilled.

use std::time::{Duration, SystemTime};

use super::provider::Header;
use crate::wire::retry_after;

/// Longest time to a reset that is a pause in a job. The limit of a day is none: the server refuses
/// what is above it.
const LONGEST_RESET: Duration = Duration::from_secs(120);

/// Longest time to a reset of a limit that is refilled all the time: the longest such limit is that
/// of a day. More is a number of another meaning.
const LONGEST_REFILL: Duration = Duration::from_secs(24 * 3600);

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Requests,
    Tokens,
}

/// How a limit is refilled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Refill {
    /// All the time, so many a second.
    Rate(f64),
    /// As a whole, after this time.
    After(Duration),
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Allowance {
    pub counted: Counted,
    pub left: f64,
    pub refill: Refill,
}

/// The names of the headers of a limit.
struct Form {
    counted: Counted,
    left: &'static str,
    /// The whole limit of one that is refilled all the time.
    limit: Option<&'static str>,
    /// The time until it is whole again.
    reset: &'static str,
}

/// OpenAI, Groq, Together and others; the last one is OpenRouter's.
const FORMS: &[Form] = &[
    Form {
        counted: Counted::Requests,
        left: "x-ratelimit-remaining-requests",
        limit: Some("x-ratelimit-limit-requests"),
        reset: "x-ratelimit-reset-requests",
    },
    Form {
        counted: Counted::Tokens,
        left: "x-ratelimit-remaining-tokens",
        limit: Some("x-ratelimit-limit-tokens"),
        reset: "x-ratelimit-reset-tokens",
    },
    Form {
        counted: Counted::Requests,
        left: "x-ratelimit-remaining",
        limit: None,
        reset: "x-ratelimit-reset",
    },
];

/// What is left of each limit that the headers name.
pub(crate) fn read(header: Header<'_>, now: SystemTime) -> Vec<Allowance> {
    let of_form = |form: &Form| {
        let number = |name: &str| header(name)?.trim().parse::<f64>().ok();
        let left = number(form.left).filter(|left| *left >= 0.0)?;
        let text = header(form.reset)?.trim();
        let longest = form.limit.map_or(LONGEST_RESET, |_| LONGEST_REFILL);
        let reset = retry_after::in_units(text)
            .or_else(|| retry_after::parse_reset(text, now))
            .or_else(|| retry_after::parse(text, now))
            .filter(|reset| !reset.is_zero() && *reset <= longest)?;
        let refill = match form.limit {
            Some(limit) => {
                let used = number(limit)? - left;
                Refill::Rate(used / reset.as_secs_f64())
            }
            None => Refill::After(reset),
        };
        let is_sensible = match refill {
            Refill::Rate(rate) => rate > 0.0 && rate.is_finite(),
            Refill::After(_) => true,
        };
        is_sensible.then_some(Allowance {
            counted: form.counted,
            left,
            refill,
        })
    };
    FORMS.iter().filter_map(of_form).collect()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> Vec<Allowance> {
        let header = |name: &str| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        };
        read(&header, UNIX_EPOCH + Duration::from_secs(1_900_000_000))
    }

    #[test]
    fn limits_that_are_refilled_all_the_time_have_a_rate() {
        // Groq: 30 requests of those of a day were sent, one is refilled in 6 s.
        let found = of(&[
            ("x-ratelimit-limit-requests", "14400"),
            ("x-ratelimit-limit-tokens", "18000"),
            ("x-ratelimit-remaining-requests", "14370"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-requests", "3m0s"),
            ("x-ratelimit-reset-tokens", "60"),
        ]);
        let expected = [
            Allowance {
                counted: Counted::Requests,
                left: 14370.0,
                refill: Refill::Rate(30.0 / 180.0),
            },
            Allowance {
                counted: Counted::Tokens,
                left: 0.0,
                refill: Refill::Rate(300.0),
            },
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_limit_of_a_window_has_the_time_of_its_end() {
        let left = ("x-ratelimit-remaining", "0");
        let found = of(&[left, ("x-ratelimit-reset", "1900000030000")]);
        let expected = Allowance {
            counted: Counted::Requests,
            left: 0.0,
            refill: Refill::After(Duration::from_secs(30)),
        };
        assert_eq!(found, [expected]);
        assert_eq!(
            of(&[left, ("x-ratelimit-reset", "1900086400")]),
            [],
            "a day"
        );
    }

    #[test]
    fn a_limit_with_a_rate_may_have_the_moment_of_its_reset() {
        let of_reset = |reset: &str| {
            of(&[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", reset),
            ])
        };
        let expected = Allowance {
            counted: Counted::Requests,
            left: 0.0,
            refill: Refill::Rate(2.0),
        };
        for reset in ["30", "30.0", "30s", "1900000030", "1900000030000"] {
            assert_eq!(of_reset(reset), [expected], "{reset}");
        }
        for reset in ["1900259200", "1800000000", "1900000030.0", "31h"] {
            assert_eq!(of_reset(reset), [], "{reset}");
        }
        let window = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30s")];
        let expected = Allowance {
            refill: Refill::After(Duration::from_secs(30)),
            ..expected
        };
        assert_eq!(of(&window), [expected]);
    }

    #[test]
    fn headers_that_say_nothing_are_ignored() {
        for headers in [
            vec![],
            vec![("x-ratelimit-remaining-requests", "0")],
            vec![
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "soon"),
            ],
            vec![("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "5")],
            vec![
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-limit-requests", "0"),
                ("x-ratelimit-reset-requests", "1s"),
            ],
            vec![
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-limit-requests", "50"),
                ("x-ratelimit-reset-requests", "0s"),
            ],
        ] {
            assert_eq!(of(&headers), [], "{headers:?}");
        }
    }
}
