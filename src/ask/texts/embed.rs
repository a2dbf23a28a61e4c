//! The vectors of many texts: cut into requests, a few at once, each vector given to the sink in
//! the order of the texts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::chunks::Chunks;
use super::cost_cap;
use super::embed_errors::{is_about_size, partial, unusable, wrong_dimensions};
use super::input::PlacedText;
use super::omitted::omitted;
use super::placed::{VectorFault, place};
use super::plan::TextsPlan;
use crate::ask::outcome::Outcome;
use crate::ask::preflight::cap_check;
use crate::ask::prepare::PreparedRow;
use crate::ask::question::Checks;
use crate::ask::rows::{RowEngine, RowTerms};
use crate::ask::run::RunOptions;
use crate::attachments::estimated_tokens;
use crate::chat::cost::Spent;
use crate::chat::numbers::Numbers;
use crate::chat::usage::{self, Usage};
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::{plural, thousands};
use crate::wire::body::RequestBody;
use crate::wire::shared_text::SharedText;

/// What to embed, and how.
pub(crate) struct EmbedJob {
    pub plan: TextsPlan,
    pub texts: Vec<PlacedText>,
    /// The length that was asked for.
    pub dimensions: Option<usize>,
    /// Most texts in one request; `None` for the provider's number.
    pub most_texts: Option<usize>,
    /// Most requests at once.
    pub at_once: usize,
    pub options: RunOptions,
}

/// Receives the vectors.
pub(crate) trait VectorSink {
    /// The vector of the text at a position, from 0; the positions increase.
    fn vector(&mut self, index: usize, values: &[f32]) -> Result<(), CommandError>;
    /// So many texts have ended.
    fn progress(&mut self, ended: usize);
    fn remark(&mut self, remark: &Remark);
}

/// What became of a job.
#[derive(Default)]
pub(crate) struct EmbedEnd {
    /// Texts with a vector.
    pub embedded: usize,
    pub dimensions: Option<usize>,
    pub requests: usize,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    pub usage: Option<Usage>,
    pub spent: Spent,
    /// Texts without a vector in a reply, in order.
    faults: Vec<(usize, String)>,
    pub error: Option<CommandError>,
    ledger_error: Option<CommandError>,
}

/// Embeds the texts.
///
/// # Errors
/// When nothing was sent. Any other error is in the end.
pub(crate) fn run(
    mut job: EmbedJob,
    equipment: &Equipment,
    sink: &mut dyn VectorSink,
) -> Result<EmbedEnd, CommandError> {
    for remark in &job.plan.base().remarks {
        sink.remark(remark);
    }
    let texts: Vec<SharedText> = job.texts.iter().map(|text| text.text.clone()).collect();
    let api = job.plan.base().settings.entry.embeddings;
    let list = api.and_then(|api| api.list);
    let shares = cost_cap::shares(&mut job.plan, &texts, list, equipment)?;
    let engine = RowEngine::new(job.options, job.at_once, equipment).of_command("amx embed");
    let run = Run {
        chunks: chunks(&mut job, &texts),
        engine: Arc::new(engine),
        waiting: BTreeMap::new(),
        given: 0,
        ended: 0,
        stop: false,
        end: EmbedEnd::default(),
        running: JoinSet::new(),
        has_answer: false,
        lane: 0,
        texts,
        job,
        shares,
        equipment,
        sink,
    };
    equipment.interrupt.arm();
    let ended = block_on(run.run());
    equipment.interrupt.disarm();
    ended?
}

/// A request that has ended.
struct Ended {
    range: Range<usize>,
    result: Result<Outcome, CommandError>,
}

struct Run<'a> {
    job: EmbedJob,
    texts: Vec<SharedText>,
    /// What each text may cost, under a cap.
    shares: Option<cost_cap::Shares>,
    chunks: Chunks,
    engine: Arc<RowEngine>,
    running: JoinSet<Ended>,
    /// Vectors that are not given to the sink yet, and texts without one.
    waiting: BTreeMap<usize, Option<Vec<f32>>>,
    /// Texts that were given to the sink, or have no vector.
    given: usize,
    ended: usize,
    /// Nothing more is sent.
    stop: bool,
    /// A request has succeeded: until then there is one at once.
    has_answer: bool,
    lane: usize,
    end: EmbedEnd,
    equipment: &'a Equipment,
    sink: &'a mut dyn VectorSink,
}

impl Run<'_> {
    async fn run(mut self) -> Result<EmbedEnd, CommandError> {
        self.sink.progress(0);
        loop {
            self.fill();
            let Some(ended) = self.running.join_next().await else {
                break;
            };
            let ended = ended.map_err(|error| {
                CommandError::new(ErrorKind::Bug, "a request ended without a result")
                    .caused_by(error)
            })?;
            self.handle(ended);
            self.give();
            self.sink.progress(self.ended);
        }
        self.give_rest();
        Ok(self.finish())
    }

    fn fill(&mut self) {
        let at_once = if self.has_answer { self.job.at_once } else { 1 };
        while !self.stop && self.running.len() < at_once {
            let Some(range) = self.chunks.next() else {
                return;
            };
            self.start(range);
        }
    }

    fn start(&mut self, range: Range<usize>) {
        self.lane += 1;
        let planned = self.job.plan.request(&self.texts[range.clone()]);
        let checked = cap_check::check(&planned, Checks::default(), &mut Vec::new());
        if let Err(error) = checked {
            return self.fail(error);
        }
        let row = PreparedRow::of(planned);
        let most_usd = self.shares.as_ref().map(|shares| shares.of(&range));
        let terms = RowTerms {
            lane: self.lane,
            most_usd,
            repairs: false,
            pace: None,
        };
        let engine = Arc::clone(&self.engine);
        let interrupt = self.equipment.interrupt.clone();
        self.end.requests += 1;
        self.running.spawn(async move {
            let result = engine.ask(row, terms, &interrupt).await;
            Ended { range, result }
        });
    }

    fn handle(&mut self, ended: Ended) {
        let outcome = match ended.result {
            Ok(outcome) => outcome,
            Err(error) => return self.fail(error),
        };
        let answer = &outcome.answer;
        self.end.usage = usage::sum(self.end.usage, answer.usage);
        if answer.may_have_cost() {
            self.end.spent = self.end.spent.plus(answer.cost);
        }
        for remark in &outcome.remarks {
            self.sink.remark(remark);
        }
        for learned in &outcome.learned {
            self.sink.remark(&omitted(learned));
            let request = &mut self.job.plan.base().target.request;
            learned.adjustment.apply(request);
        }
        if let Some(error) = outcome.ledger_error {
            self.end.ledger_error.get_or_insert(error);
        }
        match (outcome.error, outcome.answer.numbers) {
            (Some(error), _) => {
                let halves = outcome.refusal.as_ref().is_some_and(is_about_size);
                if !(halves && self.halve(&ended.range)) {
                    self.fail_at(&ended.range, error);
                }
            }
            (None, Some(Numbers::Vectors(vectors))) => {
                self.has_answer = true;
                self.end.model = outcome.answer.model.or(self.end.model.take());
                let placed = place(vectors, ended.range.len());
                self.accept(ended.range, placed);
            }
            (None, _) => {
                self.fail(CommandError::new(
                    ErrorKind::Content,
                    "the reply has no vectors",
                ));
            }
        }
    }

    /// Asks a range again in halves.
    fn halve(&mut self, range: &Range<usize>) -> bool {
        let Some(most) = self.chunks.halve(range) else {
            return false;
        };
        self.sink.remark(&Remark::Note(format!(
            "{} were too much for one request; sending at most {most} at once",
            plural(range.len() as u64, "text")
        )));
        true
    }

    fn accept(&mut self, range: Range<usize>, placed: Vec<Result<Vec<f32>, VectorFault>>) {
        for (index, found) in range.zip(placed) {
            self.ended += 1;
            let checked = found
                .map_err(|fault| fault.words().to_owned())
                .and_then(|values| self.fitting(values));
            match checked {
                Ok(values) => {
                    self.end.embedded += 1;
                    self.waiting.insert(index, Some(values));
                }
                Err(why) => {
                    self.waiting.insert(index, None);
                    self.end.faults.push((index, why));
                }
            }
        }
    }

    /// A vector of the length of the others.
    fn fitting(&mut self, values: Vec<f32>) -> Result<Vec<f32>, String> {
        let expected = *self.end.dimensions.get_or_insert(values.len());
        if values.len() == expected {
            return Ok(values);
        }
        Err(format!(
            "{}, where the first vector has {}",
            plural(values.len() as u64, "dimension"),
            thousands(expected as u64)
        ))
    }

    /// Gives the sink what is next in the order of the texts.
    fn give(&mut self) {
        while let Some(vector) = self.waiting.remove(&self.given) {
            let index = self.given;
            self.given += 1;
            self.give_one(index, vector);
        }
        let asked = self.job.dimensions;
        if let (Some(asked), Some(found)) = (asked, self.end.dimensions)
            && asked != found
        {
            self.fail(wrong_dimensions(asked, found));
        }
    }

    /// Gives the sink what arrived after a text that has no vector.
    fn give_rest(&mut self) {
        for (index, vector) in std::mem::take(&mut self.waiting) {
            self.give_one(index, vector);
        }
    }

    fn give_one(&mut self, index: usize, vector: Option<Vec<f32>>) {
        let Some(vector) = vector else { return };
        if let Err(error) = self.sink.vector(index, &vector) {
            self.fail(error);
        }
    }

    /// Nothing more is sent. The first error is the one of the command.
    fn fail(&mut self, error: CommandError) {
        self.stop = true;
        self.end.error.get_or_insert(error);
    }

    fn fail_at(&mut self, range: &Range<usize>, mut error: CommandError) {
        if range.len() == 1
            && self.texts.len() > 1
            && let Some(text) = self.job.texts.get(range.start)
            && error.status.is_some()
        {
            error.message = format!("{}: {}", text.place, error.message);
        }
        self.fail(error);
    }

    fn finish(mut self) -> EmbedEnd {
        let settled = self.engine.settle();
        match settled {
            Ok(remarks) => remarks.iter().for_each(|remark| self.sink.remark(remark)),
            Err(error) => {
                self.end.ledger_error.get_or_insert(error);
            }
        }
        let faults = std::mem::take(&mut self.end.faults);
        let of_faults = (!faults.is_empty()).then(|| unusable(faults, &self.job.texts));
        let error = self.end.error.take().or(of_faults);
        let profile = &self.job.plan.base().target.profile;
        self.engine.end_command(profile, error.as_ref());
        let error = error.map(|error| partial(error, self.end.embedded, self.texts.len()));
        self.end.error = error.or(self.end.ledger_error.take());
        self.end
    }
}

/// What a job would send.
pub(crate) struct EmbedEstimate {
    pub first: RequestBody,
    pub requests: usize,
    /// Estimated tokens of all texts.
    pub tokens: u64,
}

/// The first request of a job, and the size of all. Sends nothing.
pub(crate) fn estimate(mut job: EmbedJob) -> EmbedEstimate {
    let texts: Vec<SharedText> = job.texts.iter().map(|text| text.text.clone()).collect();
    let mut chunks = chunks(&mut job, &texts).peekable();
    let first = chunks.peek().cloned().unwrap_or_default();
    let target = job.plan.request(&texts[first]).target;
    EmbedEstimate {
        first: target.provider.encode(&target.request),
        requests: chunks.count(),
        tokens: texts.iter().map(|text| estimated_tokens(text)).sum(),
    }
}

/// The requests of a job.
fn chunks(job: &mut EmbedJob, texts: &[SharedText]) -> Chunks {
    let api = job.plan.base().settings.entry.embeddings;
    let tokens = texts.iter().map(|text| estimated_tokens(text)).collect();
    let most_texts = api.map_or(1, |api| api.most_texts);
    let most_tokens = api.map_or(u64::MAX, |api| api.most_tokens);
    Chunks::new(tokens, job.most_texts.unwrap_or(most_texts), most_tokens)
}
