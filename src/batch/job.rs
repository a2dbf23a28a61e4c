//! A job from its input to its end: resumed from its journal, checked, run.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::budget::JobBudget;
use super::check::{self, InputCount};
use super::configuration::Configuration;
use super::earlier_runs::Lost;
use super::ending::{Counts, Stop};
use super::feed::{self, Feed};
use super::head::Head;
use super::input::Input;
use super::journal::DoneRows;
use super::options::JobOptions;
use super::output;
use super::paces::Paces;
use super::planner::Planner;
use super::question::QuestionForm;
use super::repeats::Repeats;
use super::restart::unfetched;
use super::rows::JobRows;
use super::run::{Run, RunEnd, RunParts};
use super::selection::Selection;
use super::sink::JobSink;
use super::start::Start;
use super::writer::{LineWriter, StdoutForm};
use crate::ask::rows::RowEngine;
use crate::ask::run::RunOptions;
use crate::chat::schema::Schema;
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::telemetry::names;

/// Everything that a job works with.
pub(crate) struct Job {
    pub input: Input,
    pub form: QuestionForm,
    pub configuration: Configuration,
    pub planner: Planner,
    pub options: JobOptions,
    pub asking: RunOptions,
}

/// What became of a job.
pub(crate) struct JobEnd {
    pub counts: Counts,
    /// Rows of the job, where their number is known.
    pub rows: Option<u64>,
    /// USD of all runs, and of this one.
    pub usd: f64,
    pub usd_now: f64,
    /// Rows that were stopped in flight, and may have been billed.
    pub stopped: u64,
    pub stop: Option<Stop>,
    /// Lines that could not be written.
    pub lost_lines: Vec<String>,
    /// Rows in discounted batches that are not fetched yet.
    pub waiting: WaitingRows,
}

impl JobEnd {
    /// Of a run that had nothing to ask; `usd` is what earlier runs cost.
    pub(super) fn of_nothing(counts: Counts, rows: Option<u64>, usd: f64) -> Self {
        Self {
            counts,
            rows,
            usd,
            usd_now: 0.0,
            stopped: 0,
            stop: None,
            lost_lines: Vec::new(),
            waiting: WaitingRows::default(),
        }
    }
}

/// Rows in discounted batches that are not fetched yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WaitingRows {
    pub batches: u64,
    pub rows: u64,
}

/// A job whose input and output are read, and nothing is written.
pub(super) struct OpenedJob {
    pub start: Start,
    pub selection: Selection,
    /// What the input has, where it can be read twice.
    pub count: Option<InputCount>,
}

/// The rows that a job asks.
struct Asked {
    selection: Selection,
    /// How many rows the job has, where that is known.
    rows: Option<u64>,
    repeats: Repeats,
}

/// Runs a job.
///
/// # Errors
/// When it cannot start: bad rows, another job, another configuration, a check that failed.
pub(crate) fn run(
    job: Job,
    equipment: &Equipment,
    sink: &mut dyn JobSink,
) -> Result<JobEnd, CommandError> {
    let (options, members) = (job.options.clone(), job.members());
    let OpenedJob {
        mut start,
        selection,
        count,
    } = job.open(sink)?;
    if let (Some(output), true) = (&options.output, start.has_batches()) {
        let error = unfetched(output, start.batches.batches.len());
        return Err(error.hint("the same command with --discount   (fetches the answers)"));
    }
    for remark in job.planner.check(job.options.group > 1)? {
        sink.remark(&remark);
    }
    let counts = Counts::resumed(&start.done, job.options.retries_failed);
    let rows = count.as_ref().map(|count| count.rows);
    let (spent, lost) = (start.spent, start.lost);
    if count.as_ref().is_some_and(|count| count.pending == 0) {
        start.finish(&options, counts)?;
        render(&options, members)?;
        return Ok(JobEnd::of_nothing(counts, rows, spent));
    }
    let journal = start.begin(&job.options)?;
    let screen = StdoutForm::new(&options, members.clone());
    let writer = LineWriter::new(options.order, journal, screen, counts);
    let repeats = count.map(|count| count.repeats).unwrap_or_default();
    let asked = Asked {
        selection,
        rows,
        repeats,
    };
    let ended = job.ask(start, asked, writer, equipment, sink)?;
    render(&options, members)?;
    finish(ended, rows, spent, lost)
}

/// Writes the output from its journal, where it is not the journal itself.
pub(super) fn render(options: &JobOptions, members: Vec<String>) -> Result<(), CommandError> {
    match options.journal() {
        Some(journal) if options.is_rendered() && journal.exists() => {
            output::write(options, &journal, members)
        }
        _ => Ok(()),
    }
}

/// Notes the end of a job in its side file.
fn finish(
    ended: RunEnd,
    rows: Option<u64>,
    spent: f64,
    lost: Lost,
) -> Result<JobEnd, CommandError> {
    if let (None, true, Some(mut side)) = (&ended.stop, ended.is_complete, ended.side) {
        side.finished(ended.counts.rows())?;
    }
    Ok(JobEnd {
        counts: ended.counts,
        rows,
        usd: ended.budget.spent - lost.usd,
        usd_now: ended.budget.spent - spent - lost.usd,
        stopped: ended.stopped,
        stop: ended.stop,
        lost_lines: ended.lost,
        waiting: WaitingRows::default(),
    })
}

/// Warns of what the input has.
fn report_count(count: Option<&InputCount>, options: &JobOptions, sink: &mut dyn JobSink) {
    let Some(count) = count else { return };
    for words in &count.absent {
        sink.remark(&Remark::Warning(words.clone()));
    }
    if let Some((id, rows)) = &count.repeated {
        sink.remark(&Remark::Warning(format!(
            "{} the ID of an earlier row, such as {id}",
            match rows {
                1 => "1 row has".to_owned(),
                rows => format!("{} have", plural(*rows, "row")),
            }
        )));
    }
    if options.skips_bad && count.bad > 0 {
        sink.remark(&Remark::Warning(format!(
            "{} cannot be asked and is skipped",
            plural(count.bad, "row")
        )));
    }
}

/// What a run did, as attributes of the span of the job.
pub(super) fn done(before: Counts, after: Counts) -> [(&'static str, u64); 2] {
    let failed = after.failed.saturating_sub(before.failed);
    [
        (names::ROWS_OK, after.ok.saturating_sub(before.ok)),
        (names::ROWS_FAILED, failed),
    ]
}

impl Job {
    /// Locks the output, reads what earlier runs wrote to it, and checks the input.
    ///
    /// # Errors
    /// When the output belongs to another job, or rows cannot be asked.
    pub(super) fn open(&self, sink: &mut dyn JobSink) -> Result<OpenedJob, CommandError> {
        let start = Start::of(&self.options, self.head(), sink)?;
        let selection = Selection::new(&self.options, &self.input)?;
        let count = self.check(selection, &start.done)?;
        report_count(count.as_ref(), &self.options, sink);
        Ok(OpenedJob {
            start,
            selection,
            count,
        })
    }

    /// What the side file says of the job.
    pub(super) fn head(&self) -> Head {
        let input = |file: &super::input::InputFile| {
            let name = file.path.display().to_string();
            (name, file.format.name().to_owned())
        };
        Head {
            configuration: self.configuration.clone(),
            inputs: self.input.files.iter().map(input).collect(),
            shard: self.options.shard,
            form: self.options.form.name().to_owned(),
            kept: self.options.kept.clone(),
            members: self.members(),
        }
    }

    /// The members of a flat schema, which are the columns of a table.
    pub(super) fn members(&self) -> Vec<String> {
        let schema = self.planner.schema.as_deref();
        schema.map(Schema::flat_members).unwrap_or_default()
    }

    /// Checks the whole input, where it can be read twice.
    fn check(
        &self,
        selection: Selection,
        done: &DoneRows,
    ) -> Result<Option<InputCount>, CommandError> {
        if !self.input.is_repeatable() {
            return Ok(None);
        }
        let hash = self.configuration.hash();
        let rows = JobRows::new(&self.input, selection, hash, &self.form, &self.options);
        check::check(rows, done, &self.options).map(Some)
    }

    /// Asks the rows that have no line.
    fn ask(
        self,
        start: Start,
        asked: Asked,
        writer: LineWriter,
        equipment: &Equipment,
        sink: &mut dyn JobSink,
    ) -> Result<RunEnd, CommandError> {
        let (at_once, before) = (self.options.limits.at_once, writer.counts);
        let engine = Arc::new(RowEngine::new(self.asking, at_once, equipment).of_job());
        let (options, learned) = (self.options.clone(), self.planner.learned());
        let limits = self.options.limits;
        let group = Arc::new(AtomicUsize::new(options.group));
        let schema = self.planner.schema.clone();
        let feed = feed::start(Feed {
            input: self.input,
            selection: asked.selection,
            configuration: self.configuration.hash(),
            form: self.form,
            options: self.options,
            done: start.done,
            repeats: asked.repeats,
            planner: self.planner,
            group: Arc::clone(&group),
        })?;
        let run = Run::new(RunParts {
            options: &options,
            sink: &mut *sink,
            feed,
            engine: Arc::clone(&engine),
            paces: (!equipment.is_replaying()).then(|| Paces::new(limits)),
            budget: JobBudget {
                cap: options.max_cost,
                spent: start.spent + start.lost.usd,
                held: 0.0,
            },
            side: start.side,
            writer,
            rows: asked.rows,
            learned,
            group,
            schema,
            interrupt: equipment.interrupt.clone(),
        });
        equipment.interrupt.arm();
        let ended = block_on(run.run());
        equipment.interrupt.disarm();
        let ended = ended?;
        let error = ended.stop.as_ref().map(Stop::kind);
        engine.end_trace(&done(before, ended.counts), error);
        for remark in engine.settle()? {
            sink.remark(&remark);
        }
        Ok(ended)
    }
}
