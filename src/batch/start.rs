//! Where a job starts from: what earlier runs wrote to its output.

use std::io::ErrorKind as IoErrorKind;
use std::path::{Path, PathBuf};

use super::earlier_runs::Lost;
use super::ending::Counts;
use super::file_errors::cannot_write;
use super::head::Head;
use super::journal::{self, DoneRows, Journal, Scan};
use super::noted::OpenBatches;
use super::options::{JobOptions, journal_place};
use super::own_files;
use super::restart;
use super::side_file::{self, SideFile};
use super::sink::JobSink;
use crate::config::options::Remark;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;
use crate::present::count::plural;

/// Where a job starts from.
pub(crate) struct Start {
    pub side: Option<SideFile>,
    pub done: DoneRows,
    /// USD of the lines of earlier runs.
    pub spent: f64,
    pub lost: Lost,
    /// Discounted batches that are not fetched yet.
    pub batches: OpenBatches,
    /// The output says that every row has its line.
    is_done: bool,
    head: Head,
    /// Bytes of complete lines.
    length: u64,
}

impl Start {
    /// Locks the output, and reads what earlier runs wrote to it. Writes nothing.
    ///
    /// # Errors
    /// When another job writes to it, it is no output, or it was written with other settings.
    pub(crate) fn of(
        options: &JobOptions,
        head: Head,
        sink: &mut dyn JobSink,
    ) -> Result<Self, CommandError> {
        let mut start = Self {
            side: None,
            done: DoneRows::default(),
            spent: 0.0,
            lost: Lost::default(),
            batches: OpenBatches::default(),
            is_done: false,
            head,
            length: 0,
        };
        let Some(output) = &options.output else {
            return Ok(start);
        };
        if options.restarts {
            restart::check(output, options)?;
            return Ok(start);
        }
        let (side, earlier) = SideFile::open(output)?;
        start.side = Some(side);
        let (known, earlier) = earlier.unzip();
        let mut earlier = earlier.unwrap_or_default();
        own_files::check_errors(options, &earlier.errors)?;
        let journal = journal_place(output, options.form);
        if let Some(known) = &known
            && has_content(output)
        {
            check_head(known, &start.head, output)?;
        }
        let scanned = journal::scan(&journal, &mut earlier)?;
        let scanned = scanned.unwrap_or_default();
        match known {
            None if has_content(output) => return Err(no_side_file(output, output)),
            None if has_content(&journal) => return Err(no_side_file(output, &journal)),
            Some(known) if scanned.length > 0 || !earlier.batches.batches.is_empty() => {
                check_head(&known, &start.head, output)?;
            }
            _ => {}
        }
        let unended = match &start.side {
            Some(side) => side.unended(&earlier, |key| scanned.done.is_of_last_run(key))?,
            None => Lost::default(),
        };
        report_earlier(&scanned, unended.rows, sink);
        start.lost = earlier.lost;
        start.lost.rows += unended.rows;
        start.lost.usd += unended.usd;
        (start.done, start.spent) = (scanned.done, scanned.spent);
        start.done.submitted = earlier.batches.rows.keys().copied().collect();
        start.batches = earlier.batches;
        start.is_done = earlier.is_done;
        start.length = scanned.length;
        Ok(start)
    }

    /// Whether rows are in discounted batches that are not fetched yet.
    pub(crate) fn has_batches(&self) -> bool {
        !self.batches.batches.is_empty()
    }

    /// Notes the start of a run, and opens the journal; `None` without an output file.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn begin(&mut self, options: &JobOptions) -> Result<Option<Journal>, CommandError> {
        let Some(output) = &options.output else {
            return Ok(None);
        };
        if options.restarts {
            restart::move_aside(output, options)?;
        }
        let mut side = match self.side.take() {
            Some(side) => side,
            None => SideFile::open(output)?.0,
        };
        if self.length == 0 && !self.has_batches() {
            // Nothing was written with other settings.
            side.write_head(&self.head)?;
        }
        side.start_run(self.lost, self.length)?;
        note_errors(&mut side, options)?;
        self.side = Some(side);
        Journal::open(&place_journal(options, output)?, self.length).map(Some)
    }

    /// Notes that there is nothing to ask: no row is without a line, or the job has no rows, such
    /// as a shard of a small input.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub(crate) fn finish(
        &mut self,
        options: &JobOptions,
        counts: Counts,
    ) -> Result<(), CommandError> {
        if self.is_done {
            if let Some(side) = &mut self.side {
                note_errors(side, options)?;
            }
            let output = options.output.as_ref();
            return output.map_or(Ok(()), |output| place_journal(options, output).map(drop));
        }
        let journal = self.begin(options)?;
        journal.map_or(Ok(Vec::new()), Journal::close)?;
        match &mut self.side {
            Some(side) => side.finished(counts.rows()),
            None => Ok(()),
        }
    }
}

/// Notes the file to which this run writes failed rows, which later runs may replace.
fn note_errors(side: &mut SideFile, options: &JobOptions) -> Result<(), CommandError> {
    match (&options.errors, &options.output) {
        (Some(errors), Some(output)) if !own_files::is_nowhere(errors) => {
            side.note_errors(&own_files::note_of(errors, output))
        }
        _ => Ok(()),
    }
}

/// Renames an output that is its own journal, where it is from now on written from one beside it.
/// Returns where the journal is.
fn place_journal(options: &JobOptions, output: &Path) -> Result<PathBuf, CommandError> {
    let earlier = journal_place(output, options.form);
    let journal = options.journal().unwrap_or_else(|| output.to_owned());
    if earlier == journal {
        return Ok(journal);
    }
    match std::fs::rename(&earlier, &journal) {
        Err(error) if error.kind() != IoErrorKind::NotFound => Err(cannot_write(&journal, error)),
        _ => Ok(journal),
    }
}

/// Whether a file has something that a job would overwrite.
fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() || metadata.len() > 0)
}

/// Says what the last run left.
fn report_earlier(scanned: &Scan, lost: u64, sink: &mut dyn JobSink) {
    if scanned.is_torn {
        let note = "the last line of the output was incomplete and is removed";
        sink.remark(&Remark::Note(note.to_owned()));
    }
    if lost > 0 {
        sink.remark(&Remark::Warning(format!(
            "at most {} may be billed twice: in flight when the last run was stopped",
            plural(lost, "row")
        )));
    }
}

/// Compares a job with the one that wrote the output.
fn check_head(known: &Head, now: &Head, output: &Path) -> Result<(), CommandError> {
    let mut changes = known.configuration.changes(&now.configuration);
    if known.shard != now.shard {
        changes.push("shard".to_owned());
    }
    if known.form != now.form {
        changes.push(format!("--as ({} before, {} now)", known.form, now.form));
    }
    let formats = |head: &Head| -> Vec<String> {
        let mut formats: Vec<String> = head
            .inputs
            .iter()
            .map(|(_, format)| format.clone())
            .collect();
        formats.dedup();
        formats
    };
    let (before, after) = (formats(known), formats(now));
    if before != after {
        changes.push(format!(
            "input format ({} before, {} now)",
            before.join(", "),
            after.join(", ")
        ));
    }
    if changes.is_empty() {
        return Ok(());
    }
    let message = format!("{} was written with other settings", output.display());
    Err(CommandError::new(ErrorKind::Input, message)
        .caused_by_words(format!("changed: {}", changes.join(", ")))
        .hint("-o FILE   (another output)")
        .hint("--restart   (starts over and keeps the old output)"))
}

/// The error for a file of an output that no job wrote.
fn no_side_file(output: &Path, file: &Path) -> CommandError {
    let side = side_file::path_of(output);
    let message = format!("{} is not an output of amx batch", file.display());
    CommandError::new(ErrorKind::LocalIo, message)
        .caused_by_words(format!("{} does not exist", side.display()))
        .hint(format!(
            "choose another output, or move it away: mv {0} {0}.other",
            quoted(file)
        ))
}
