//! Reads the whole input before anything is sent: every bad row is found, and the rows are counted.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::input::STDIN;
use super::journal::DoneRows;
use super::options::JobOptions;
use super::repeats::{Repeats, Taken};
use super::row::RowKey;
use super::rows::JobRows;
use super::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::{plural, thousands};

/// Most bad rows that an error names.
const NAMED: usize = 5;

/// What the input has.
#[derive(Debug, Default)]
pub(crate) struct InputCount {
    /// Rows of the job.
    pub rows: u64,
    /// Those that are to be asked.
    pub pending: u64,
    pub bad: u64,
    /// An ID that two rows have, and the number of such rows.
    pub repeated: Option<(String, u64)>,
    /// Which rows are repeated.
    pub repeats: Repeats,
}

/// Whether a row is to be asked, by the line it has.
pub(crate) fn is_pending(done: &DoneRows, key: RowKey, options: &JobOptions) -> bool {
    if done.submitted.contains(&key) {
        return false;
    }
    match done.status(key) {
        None => true,
        Some(RowStatus::Skipped) => false,
        Some(status) => options.retries_failed && status.is_failure(),
    }
}

/// Counts the rows.
///
/// # Errors
/// [`ErrorKind::Input`] for bad rows, unless they are skipped; for equal IDs with `strict`.
pub(crate) fn check(
    mut rows: JobRows<'_>,
    done: &DoneRows,
    options: &JobOptions,
) -> Result<InputCount, CommandError> {
    let mut count = InputCount::default();
    let mut ids: HashSet<u64, BuildHasherDefault<Taken>> = HashSet::default();
    let mut bad = Vec::new();
    while let Some(row) = rows.find()? {
        count.rows += 1;
        if let Some(id) = rows.named_id(&row)
            && !ids.insert(hash_of(id))
        {
            let repeated = count.repeated.get_or_insert_with(|| (quoted(id), 0));
            repeated.1 += 1;
        }
        if !is_pending(done, row.key, options) {
            continue;
        }
        count.pending += 1;
        if let Some(why) = rows.fault(&row) {
            count.bad += 1;
            if bad.len() < NAMED {
                bad.push(format!("{}: {why}", row.place()));
            }
        }
    }
    if count.bad > 0 && !options.skips_bad {
        return Err(bad_rows(&bad, count.bad, count.rows));
    }
    if let (Some((id, rows)), true) = (&count.repeated, options.strict) {
        let message = format!(
            "{} with the ID of another row, such as {id}",
            plural(*rows, "row")
        );
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint("--id COLUMN   (a column with a value of its own in each row)"));
    }
    count.repeats = rows.repeats();
    Ok(count)
}

/// 64 bits of the hash of an ID.
fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

fn quoted(id: &str) -> String {
    Value::from(id).to_string()
}

/// The error for bad rows; `named` is the first ones with their places.
pub(crate) fn bad_rows(named: &[String], bad: u64, rows: u64) -> CommandError {
    let (first, more) = named
        .split_first()
        .map_or(("", &[][..]), |(first, more)| (first.as_str(), more));
    let message = match bad {
        1 => first.to_owned(),
        _ => format!(
            "{} of {} rows cannot be asked: {first}",
            thousands(bad),
            thousands(rows)
        ),
    };
    let error = CommandError::new(ErrorKind::Input, message);
    error
        .caused_by_words(more.join("; "))
        .hint("correct the input, or omit bad rows with --skip-bad; nothing was sent")
}

/// The error for a sample of a pipe.
pub(crate) fn needs_a_file(option: &str) -> CommandError {
    CommandError::usage(format!(
        "{option} needs a file: '{STDIN}' can be read only once"
    ))
    .hint("save the rows to a file first")
}
