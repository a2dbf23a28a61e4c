//! A job of discounted batches, from its input to its end.

use std::sync::Arc;

use super::parts::{BatchRun, RowSource, WaitingBatch};
use super::pauses::Pauses;
use crate::ask::batch_client::BatchClient;
use crate::ask::batch_ledger::BatchLedger;
use crate::ask::batch_trace::BatchTrace;
use crate::ask::plan::PlannedTarget;
use crate::batch::ending::{Counts, Stop};
use crate::batch::estimate::survey;
use crate::batch::fit::misfit;
use crate::batch::job::{Job, JobEnd, OpenedJob, WaitingRows, done, render};
use crate::batch::options::{Discount, JobOptions};
use crate::batch::side_file::SideFile;
use crate::batch::sink::JobSink;
use crate::batch::start::Start;
use crate::batch::writer::{LineWriter, StdoutForm};
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::present::money::{usd, usd_up};

/// What a run needs beside the job.
struct Links {
    client: BatchClient,
    ledger: BatchLedger,
    trace: Option<Arc<BatchTrace>>,
    interrupt: Interrupt,
}

/// Runs a job whose rows are asked in discounted batches.
///
/// # Errors
/// When it cannot start: what a batch does not take, bad rows, the cap.
pub(crate) fn run(
    mut job: Job,
    discount: Discount,
    equipment: &Equipment,
    sink: &mut dyn JobSink,
) -> Result<JobEnd, CommandError> {
    let (options, members) = (job.options.clone(), job.members());
    let mut opened = job.open(sink)?;
    let mut links = links(&mut job, equipment, sink)?;
    let counts = Counts::resumed(&opened.start.done, options.retries_failed);
    let rows = opened.count.as_ref().map(|count| count.rows);
    let spent = opened.start.spent;
    let mut end = JobEnd::of_nothing(counts, rows, spent);
    if opened.count.as_ref().is_some_and(|count| count.pending > 0) {
        check_cap(&mut job, &opened.start)?;
    } else if !opened.start.has_batches() {
        opened.start.finish(&options, counts)?;
        render(&options, members)?;
        return Ok(end);
    }
    let trace = BatchTrace::start(equipment).map(Arc::new);
    links.trace.clone_from(&trace);
    let run = begin(job, opened, links, discount, &options, sink)?;
    equipment.interrupt.arm();
    let ended = block_on(run.run(discount.detaches));
    equipment.interrupt.disarm();
    let ended = ended?;
    if let Some(trace) = trace {
        let error = ended.stop.as_ref().map(Stop::kind);
        trace.end(&done(counts, ended.counts), error);
    }
    render(&options, members)?;
    if let (None, true, Some(mut side)) = (&ended.stop, ended.is_complete, ended.side) {
        side.finished(ended.counts.rows())?;
    }
    (end.counts, end.stop, end.lost_lines) = (ended.counts, ended.stop, ended.lost);
    (end.usd, end.usd_now) = (ended.spent, ended.spent - spent);
    end.waiting = ended.waiting;
    Ok(end)
}

/// Checks the settings that all rows share.
fn links(
    job: &mut Job,
    equipment: &Equipment,
    sink: &mut dyn JobSink,
) -> Result<Links, CommandError> {
    for remark in job.planner.check(false)? {
        sink.remark(&remark);
    }
    let shared = job.planner.shared()?;
    let Some(first) = shared.first() else {
        return Err(CommandError::new(ErrorKind::Bug, "no target was planned"));
    };
    let client = BatchClient::new(first).ok_or_else(|| no_batches(first))?;
    if !first.settings.fallback_profiles.is_empty() {
        sink.remark(&Remark::Warning(
            "--discount asks the first profile only: a batch has no fallback".to_owned(),
        ));
    }
    if let Some(why) = shared.body().to_value().as_object().and_then(misfit) {
        return Err(CommandError::usage(why).hint("ask without --discount"));
    }
    Ok(Links {
        client,
        ledger: BatchLedger::new(first, equipment),
        trace: None,
        interrupt: equipment.interrupt.clone(),
    })
}

/// Notes the start of a run in the side file.
fn begin<'a>(
    job: Job,
    opened: OpenedJob,
    links: Links,
    discount: Discount,
    options: &'a JobOptions,
    sink: &'a mut dyn JobSink,
) -> Result<BatchRun<'a>, CommandError> {
    let counts = Counts::resumed(&opened.start.done, options.retries_failed);
    let screen = StdoutForm::new(options, job.members());
    let mut start = opened.start;
    let journal = start.begin(options)?;
    let writer = LineWriter::new(options.order, journal, screen, counts);
    let Some(side) = start.side.take() else {
        return Err(CommandError::usage("--discount needs an output").hint("-o FILE"));
    };
    let waiting = start.batches.batches.into_iter();
    Ok(BatchRun {
        waiting: waiting.map(WaitingBatch::of_earlier).collect(),
        options,
        sink,
        client: links.client,
        ledger: links.ledger,
        trace: links.trace,
        side,
        writer,
        planner: job.planner,
        asking: job.asking,
        source: Arc::new(RowSource {
            input: job.input,
            selection: opened.selection,
            configuration: job.configuration.hash(),
            form: job.form,
        }),
        done: start.done,
        known: start.batches.known,
        since: start.batches.since,
        rows: opened.count.map(|count| count.rows),
        spent: start.spent,
        interrupt: links.interrupt,
        pauses: Pauses::new(discount.poll),
        asked: None,
        failed_looks: 0,
        is_again: false,
        stop: None,
        shown: None,
    })
}

/// What became of a run.
struct RunEnd {
    counts: Counts,
    spent: f64,
    lost: Vec<String>,
    waiting: WaitingRows,
    stop: Option<Stop>,
    /// Every row has its line.
    is_complete: bool,
    side: Option<SideFile>,
}

impl BatchRun<'_> {
    /// Submits the rows, and waits for their batches unless it `detaches`.
    async fn run(mut self, detaches: bool) -> RunEnd {
        if let Err(error) = self.go(detaches).await {
            self.stop(Stop::Io(error));
        }
        let waiting = WaitingRows {
            batches: self.waiting.len() as u64,
            rows: self.waiting.iter().map(|batch| batch.open.rows).sum(),
        };
        let is_complete = self.writer.lines == self.done.submitted.len() as u64;
        let (counts, lost) = self.writer.close(self.sink);
        let mut stop = self.stop;
        let lost = lost.unwrap_or_else(|error| {
            stop.get_or_insert(Stop::Io(error));
            Vec::new()
        });
        RunEnd {
            counts,
            spent: self.spent,
            lost,
            waiting,
            stop,
            is_complete,
            side: Some(self.side),
        }
    }

    async fn go(&mut self, detaches: bool) -> Result<(), CommandError> {
        // What an earlier run submitted may have ended, or not have arrived.
        self.look_at_all(true).await?;
        loop {
            self.is_again = false;
            if self.stop.is_none() {
                self.read_clock().await;
            }
            if self.stop.is_none() {
                self.submit_rows().await?;
            }
            while self.stop.is_none() && !self.waiting.is_empty() && !detaches {
                let pause = self.pauses.next(self.asked.take());
                self.pause(pause).await;
                self.look_at_all(false).await?;
            }
            if self.stop.is_some() || !self.is_again {
                return Ok(());
            }
        }
    }
}

fn no_batches(first: &PlannedTarget) -> CommandError {
    let name = first.settings.entry.name;
    CommandError::usage(format!(
        "--discount: provider {name} has no discounted batches"
    ))
    .hint("choose a profile of provider openrouter: -p NAME")
    .hint("ask without --discount")
}

/// Checks that the cap affords every row, before anything is submitted.
fn check_cap(job: &mut Job, start: &Start) -> Result<(), CommandError> {
    let estimate = survey(job, &start.done)?;
    let used = start.spent + start.lost.usd + start.batches.usd();
    if let Some(error) = estimate.error {
        return Err(error);
    }
    let Some(cap) = job.options.max_cost else {
        return Ok(());
    };
    let most = estimate.cost.map(|(_, most)| most);
    let left = (cap - used).max(0.0);
    match most {
        Some(most) if most <= left => Ok(()),
        Some(most) => {
            let message = format!(
                "the rows could cost {} after the discount, more than the {} left of --max-cost",
                usd_up(most),
                usd(left)
            );
            Err(CommandError::new(ErrorKind::Limit, message)
                .hint("raise --max-cost, lower --max-tokens, or ask fewer rows with --limit"))
        }
        None => Err(CommandError::new(
            ErrorKind::Limit,
            "the price of the model is unknown, so --max-cost cannot hold",
        )
        .hint("amx models sync   (fetches prices), or price: in the profile")),
    }
}
