//! Guards against calls without an end: how many calls may be made, and how often the same one.
//! Pure.

use std::collections::BTreeMap;

/// Most calls of one answer that run.
pub(super) const MOST_OF_ANSWER: usize = 16;

/// Most calls of all steps.
pub(super) const MOST_OF_ALL: usize = 200;

/// How often a call with the same result may be made; the next one is not run, and the one after it
/// ends the answer.
const MOST_SAME: usize = 2;

/// A call as the guard compares it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallKey {
    pub name: String,
    /// Canonical JSON, or the text itself when it is not JSON.
    pub arguments: String,
}

/// What the guard says about a call before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Admitted,
    /// The answer, or all of them together, has too many calls.
    TooMany,
    /// It was made before, always with the same result.
    Repeated,
    /// The model was warned, and made it again.
    Loops,
}

/// What became of a call so far.
#[derive(Debug, Default)]
struct Record {
    result: String,
    /// How often in a row it had this result.
    count: usize,
    /// The model was warned that it repeats itself.
    is_warned: bool,
}

/// The calls of all steps of an answer.
#[derive(Debug, Default)]
pub(super) struct LoopGuard {
    records: BTreeMap<CallKey, Record>,
    calls: usize,
}

impl LoopGuard {
    /// Whether no further call may be made.
    pub(super) fn is_exhausted(&self) -> bool {
        self.calls >= MOST_OF_ALL
    }

    /// Judges the calls of one answer, each with whether it may repeat.
    pub(super) fn admit(&mut self, calls: &[(CallKey, bool)]) -> Vec<Admission> {
        let mut admitted: BTreeMap<&CallKey, usize> = BTreeMap::new();
        let mut warned = Vec::new();
        let mut admissions = Vec::with_capacity(calls.len());
        for (number, (key, may_repeat)) in calls.iter().enumerate() {
            let record = self.records.get(key);
            let here = admitted.entry(key).or_default();
            let count = record.map_or(0, |record| record.count) + *here;
            let admission = if number >= MOST_OF_ANSWER || self.calls >= MOST_OF_ALL {
                Admission::TooMany
            } else if *may_repeat || count < MOST_SAME {
                Admission::Admitted
            } else if record.is_some_and(|record| record.is_warned) {
                Admission::Loops
            } else {
                warned.push(key);
                Admission::Repeated
            };
            if admission == Admission::Admitted {
                *here += 1;
                self.calls += 1;
            }
            admissions.push(admission);
        }
        for key in warned {
            self.records.entry(key.clone()).or_default().is_warned = true;
        }
        admissions
    }

    /// Notes the result of an admitted call.
    pub(super) fn ended(&mut self, key: CallKey, result: &str) {
        let record = self.records.entry(key).or_default();
        if record.count > 0 && record.result == result {
            record.count += 1;
        } else {
            *record = Record {
                result: result.to_owned(),
                count: 1,
                // Warned about the same call in this answer.
                is_warned: record.is_warned && record.count == 0,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(name: &str) -> CallKey {
        CallKey {
            name: name.to_owned(),
            arguments: "{}".to_owned(),
        }
    }

    /// The admission of one call, which has this result.
    fn call(guard: &mut LoopGuard, name: &str, result: &str) -> Admission {
        let admission = guard.admit(&[(key(name), false)])[0];
        if admission == Admission::Admitted {
            guard.ended(key(name), result);
        }
        admission
    }

    #[test]
    fn the_third_call_with_the_same_result_is_warned_and_the_fourth_ends() {
        let mut guard = LoopGuard::default();
        let admissions: Vec<Admission> = (0..4).map(|_| call(&mut guard, "a", "x")).collect();
        assert_eq!(
            admissions,
            [
                Admission::Admitted,
                Admission::Admitted,
                Admission::Repeated,
                Admission::Loops
            ]
        );
        assert_eq!(call(&mut guard, "b", "x"), Admission::Admitted);
    }

    #[test]
    fn another_result_starts_again() {
        let mut guard = LoopGuard::default();
        for result in ["x", "y", "x", "y", "x"] {
            assert_eq!(call(&mut guard, "a", result), Admission::Admitted);
        }
    }

    #[test]
    fn the_same_call_many_times_in_one_answer_is_warned_once() {
        let mut guard = LoopGuard::default();
        let calls = vec![(key("a"), false); 5];
        let admissions = guard.admit(&calls);
        assert_eq!(admissions[..2], [Admission::Admitted; 2]);
        assert_eq!(admissions[2..], [Admission::Repeated; 3]);
        (0..2).for_each(|_| guard.ended(key("a"), "x"));
        assert_eq!(guard.admit(&calls[..1]), [Admission::Loops]);
        assert_eq!(guard.admit(&[(key("a"), true)]), [Admission::Admitted]);
    }

    #[test]
    fn an_answer_and_all_of_them_have_a_most() {
        let mut guard = LoopGuard::default();
        let calls = vec![(key("a"), true); MOST_OF_ANSWER + 1];
        for _ in 0..MOST_OF_ALL / MOST_OF_ANSWER {
            let admissions = guard.admit(&calls);
            assert_eq!(admissions[MOST_OF_ANSWER], Admission::TooMany);
            assert_eq!(admissions[0], Admission::Admitted);
        }
        let left = MOST_OF_ALL % MOST_OF_ANSWER;
        assert!(!guard.is_exhausted());
        assert_eq!(guard.admit(&calls)[left], Admission::TooMany);
        assert!(guard.is_exhausted());
    }

    proptest! {
        #[test]
        fn a_call_with_one_result_runs_twice_at_most(
            names in proptest::collection::vec("[ab]", 0..40),
        ) {
            let mut guard = LoopGuard::default();
            let mut runs: BTreeMap<String, usize> = BTreeMap::new();
            for name in names {
                if call(&mut guard, &name, "x") == Admission::Admitted {
                    *runs.entry(name).or_default() += 1;
                }
            }
            prop_assert!(runs.values().all(|count| *count <= MOST_SAME));
        }
    }
}
