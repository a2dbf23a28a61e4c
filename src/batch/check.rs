//! Reads the whole input before anything is sent: every bad row is found, and the rows are counted.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::bad_rows::BadRows;
use super::columns::AbsentColumns;
use super::input::STDIN;
use super::journal::DoneRows;
use super::options::JobOptions;
use super::repeats::{Repeats, Taken};
use super::row::RowKey;
use super::rows::JobRows;
use super::status::RowStatus;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

/// What the input has.
#[derive(Debug, Default)]
pub(crate) struct InputCount {
    /// Rows of the job.
    pub rows: u64,
    /// Those that are to be asked.
    pub pending: u64,
    pub bad: u64,
    /// Columns that options name and no row has, in words.
    pub absent: Vec<String>,
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
    let mut bad = BadRows::default();
    let mut absent = AbsentColumns::of(options);
    while let Some(row) = rows.find()? {
        count.rows += 1;
        if let Some(values) = row.values() {
            absent.remove(values);
        }
        if let Some(id) = rows.named_id(&row)
            && !ids.insert(hash_of(id))
        {
            let repeated = count.repeated.get_or_insert_with(|| (id.to_string(), 0));
            repeated.1 += 1;
        }
        if !is_pending(done, row.key, options) {
            continue;
        }
        count.pending += 1;
        if let Some(why) = rows.fault(&row) {
            bad.add(row.place(), why);
        }
    }
    if bad.count > 0 && !options.skips_bad {
        return Err(bad.error(Some(count.rows)));
    }
    (count.bad, count.absent) = (bad.count, absent.warnings());
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
fn hash_of(id: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The error for a sample of a pipe.
pub(crate) fn needs_a_file(option: &str) -> CommandError {
    CommandError::usage(format!(
        "{option} needs a file: '{STDIN}' can be read only once"
    ))
    .hint("save the rows to a file first")
}
