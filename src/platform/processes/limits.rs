//! Limits of a child process.

/// What a child may use, beside the time that it is given. `None` is no limit of amx.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ProcessLimits {
    /// Time of all its threads on a processor, in seconds.
    pub cpu_seconds: Option<u64>,
    /// Memory for data, in bytes.
    pub memory: Option<u64>,
    /// Processes and threads of the user.
    pub tasks: Option<u64>,
}

/// What stands for no limit among the words of [`ProcessLimits::to_words`].
const NO_LIMIT: &str = "-";

impl ProcessLimits {
    /// As one argument of a program; [`from_words`](Self::from_words) reads it.
    pub(super) fn to_words(self) -> String {
        let word =
            |limit: Option<u64>| limit.map_or(NO_LIMIT.to_owned(), |limit| limit.to_string());
        [self.cpu_seconds, self.memory, self.tasks]
            .map(word)
            .join(",")
    }

    /// `None` when it is not what [`to_words`](Self::to_words) wrote.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        let read = |word: &str| match word {
            NO_LIMIT => Some(None),
            word => word.parse().ok().map(Some),
        };
        let limits: Option<Vec<Option<u64>>> = words.split(',').map(read).collect();
        match limits?[..] {
            [cpu_seconds, memory, tasks] => Some(Self {
                cpu_seconds,
                memory,
                tasks,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_pass_through_an_argument() {
        let some = ProcessLimits {
            cpu_seconds: Some(61),
            memory: None,
            tasks: Some(u64::MAX),
        };
        for limits in [some, ProcessLimits::default()] {
            assert_eq!(ProcessLimits::from_words(&limits.to_words()), Some(limits));
        }
        for wrong in ["", "1,2", "1,2,3,4", "1,x,3", "1,-1,3"] {
            assert_eq!(ProcessLimits::from_words(wrong), None, "{wrong}");
        }
    }
}
