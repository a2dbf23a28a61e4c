//! The end of a job: what became of its rows, and the command for what is left.

use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use crate::batch::ending::{Counts, Stop};
use crate::batch::fate::Fates;
use crate::batch::job::JobEnd;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::present::count::{plural, thousands};
use crate::present::money::{spent_words, usd};
use crate::store::Store;

/// Most lost rows that an error names.
const NAMED: usize = 10;

/// Shows the end of a job.
///
/// # Errors
/// Why rows have no answer.
pub(super) fn report(
    ended: JobEnd,
    output: Option<&Path>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    context.output.progress(&Vec::new);
    context.output.note(&summary(&ended, output));
    if let Some(spent) = spent_today(&ended, context) {
        context
            .output
            .note(&format!("{spent} spent today (amx usage)"));
    }
    let lost = lost_lines(&ended.lost_lines);
    let waiting = ended.waiting.batches;
    if waiting > 0 && ended.stop.is_none() {
        let note = "the same command without --detach waits for the answers and fetches them";
        context.output.note(note);
        return Ok(());
    }
    let fates = ended.counts.fates;
    let error = match ended.stop {
        Some(stop) if waiting > 0 => Some(runs_on(stop, waiting, &fates)),
        Some(stop) => Some(stopped(stop, ended.stopped, &fates)),
        None if ended.counts.failed > 0 => Some(failed(&ended.counts, output)),
        None => None,
    };
    let error = match (error, lost) {
        (Some(error), Some(lost)) => Some(error.hint(lost)),
        (error, _) => error,
    };
    error.map_or(Ok(()), Err)
}

/// `2,000 rows: 1,998 ok, 2 failed; $0.61; out.jsonl`.
fn summary(ended: &JobEnd, output: Option<&Path>) -> String {
    let counts = &ended.counts;
    let done = counts.rows();
    let waiting = ended
        .waiting
        .rows
        .min(ended.rows.unwrap_or(u64::MAX).saturating_sub(done));
    let rows = ended.rows.unwrap_or(done);
    let mut parts = vec![format!("{} ok", thousands(counts.ok))];
    for (count, what) in [
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
        (rows.saturating_sub(done + waiting), "not asked"),
        (waiting, "in a batch"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", thousands(count)));
        }
    }
    let mut summary = format!("{}: {}", plural(rows, "row"), parts.join(", "));
    if ended.usd > 0.0 {
        summary.push_str(&format!("; {}", usd(ended.usd)));
        if ended.usd_now + 1e-12 < ended.usd {
            summary.push_str(&format!(" in all runs, {} in this one", usd(ended.usd_now)));
        }
    }
    if let Some(output) = output {
        summary.push_str(&format!("; {}", output.display()));
    }
    summary
}

/// What the ledger has of today, after a run that cost something.
fn spent_today(ended: &JobEnd, context: &Context<'_>) -> Option<String> {
    let home = context
        .equipment
        .kept_at()
        .filter(|_| ended.usd_now > 0.0)?;
    let today = Store::open_unchanged(&home)?.spent_today(SystemTime::now());
    today.ok().map(|total| spent_words(total.spent()))
}

/// The error for rows that failed.
fn failed(counts: &Counts, output: Option<&Path>) -> CommandError {
    let have = if counts.failed == 1 { "has" } else { "have" };
    let message = format!(
        "{} {have} no usable answer: {}",
        plural(counts.failed, "row"),
        counts.fates.failures()
    );
    let error = CommandError::new(ErrorKind::Partial, message);
    if output.is_some() {
        error.hint("the same command with --retry-failed   (asks them once more)")
    } else {
        error.hint("-o FILE   (keeps the answers, so that only failed rows are asked again)")
    }
}

/// The error for a job that was stopped while batches run at the provider.
fn runs_on(stop: Stop, batches: u64, fates: &Fates) -> CommandError {
    let are = if batches == 1 { "runs" } else { "run" };
    let words = format!("{} {are} on at the provider", plural(batches, "batch"));
    let mut error = stopped(stop, 0, fates);
    if error.is_signal() {
        error.hints.clear();
    }
    if error.source.is_none() {
        error = error.caused_by_words(words);
    }
    error.hint("run the same command again: it fetches the answers")
}

/// The error for a job that was stopped.
fn stopped(stop: Stop, in_flight: u64, fates: &Fates) -> CommandError {
    const AGAIN: &str = "run the same command again: it continues where it stopped";
    let kind = stop.kind();
    match stop {
        Stop::Signal(by) => {
            let what = match by {
                Signal::Interrupt => "stopped",
                Signal::Terminate => "stopped by TERM",
                Signal::HangUp => "stopped: the terminal was closed",
            };
            let error = CommandError::new(by.kind(), what);
            if in_flight == 0 {
                return error.hint(AGAIN);
            }
            error
                .caused_by_words(format!(
                    "at most {} may be billed twice: in flight when it was stopped",
                    plural(in_flight, "row")
                ))
                .hint(AGAIN)
        }
        Stop::Cap(Some(error)) => error,
        Stop::Cap(None) => {
            let message = "the cap on the cost of the job is reached (--max-cost)";
            CommandError::new(ErrorKind::Limit, message)
                .hint("the same command with a higher --max-cost continues")
        }
        Stop::Refused(error) | Stop::Io(error) => error,
        Stop::Failures(words, failure) => {
            CommandError::new(kind, format!("{words} ({})", fates.failures()))
                .caused_by_words(failure.message)
                .hint("the same command continues; with --retry-failed it asks failed rows too")
        }
    }
}

/// The rows whose lines could not be written.
fn lost_lines(lines: &[String]) -> Option<String> {
    let id = |line: &String| {
        let value: Value = serde_json::from_str(line).ok()?;
        Some(value["id"].to_string())
    };
    let named: Vec<String> = lines.iter().take(NAMED).filter_map(id).collect();
    (!lines.is_empty()).then(|| {
        format!(
            "{} answered but not written: {}{}",
            plural(lines.len(), "row"),
            named.join(", "),
            if lines.len() > NAMED { ", …" } else { "" }
        )
    })
}
