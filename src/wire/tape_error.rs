//! Why a file cannot be recorded to or replayed, and why a request is not in a recording.

use std::path::PathBuf;

use super::difference::Difference;
use super::files::ReadError;

/// Why a file cannot be recorded to, or replayed.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error("{} already exists", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: ReadError,
    },
    #[error("{}:{line}: {what}", path.display())]
    Broken {
        path: PathBuf,
        line: usize,
        what: String,
    },
}

/// Why a request is not answered from a recording.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(
        "{} of exchange {number} in {} does not match: {}",
        difference.path,
        path.display(),
        values(difference)
    )]
    Differs {
        path: PathBuf,
        number: usize,
        difference: Box<Difference>,
    },
    #[error(
        "{} has {}{}, no exchange {}",
        path.display(),
        exchanges(*count),
        of_answer(*lane),
        count + 1
    )]
    Exhausted {
        path: PathBuf,
        count: usize,
        lane: Option<usize>,
    },
    #[error("exchange {number} in {} was too large to record", path.display())]
    TooLarge { path: PathBuf, number: usize },
    #[error("the body of exchange {number} in {} is not base64", path.display())]
    Unreadable { path: PathBuf, number: usize },
}

fn values(difference: &Difference) -> String {
    let nothing = || "nothing".to_owned();
    format!(
        "recorded {}, now {}",
        difference.recorded.clone().unwrap_or_else(nothing),
        difference.now.clone().unwrap_or_else(nothing)
    )
}

fn of_answer(lane: Option<usize>) -> String {
    lane.map_or(String::new(), |lane| format!(" of answer {lane}"))
}

/// `1 exchange`, `2 exchanges`.
pub(crate) fn exchanges(count: usize) -> String {
    format!("{count} exchange{}", if count == 1 { "" } else { "s" })
}
