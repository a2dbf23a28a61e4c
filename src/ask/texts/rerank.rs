//! The scores of documents for a query: one request.

use std::collections::BTreeSet;

use super::cost_cap;
use super::input::PlacedText;
use super::omitted::omitted;
use super::plan::TextsPlan;
use crate::ask::preflight::cap_check;
use crate::ask::prepare::PreparedRow;
use crate::ask::question::Checks;
use crate::ask::rows::{RowEngine, RowTerms};
use crate::ask::run::RunOptions;
use crate::chat::cost::Spent;
use crate::chat::numbers::{Numbers, Score};
use crate::chat::usage::Usage;
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::{plural, thousands};
use crate::wire::body::RequestBody;
use crate::wire::shared_text::SharedText;

/// What to rank.
pub(crate) struct RerankJob {
    pub plan: TextsPlan,
    pub query: SharedText,
    pub documents: Vec<PlacedText>,
    /// Most documents of the result.
    pub top: Option<usize>,
    pub options: RunOptions,
}

/// A document with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    /// The position of the document, from 0.
    pub index: usize,
    pub score: f64,
}

/// What became of a job.
pub(crate) struct RerankEnd {
    /// The highest score first.
    pub ranked: Vec<Ranked>,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    pub usage: Option<Usage>,
    pub spent: Spent,
    pub remarks: Vec<Remark>,
    pub error: Option<CommandError>,
}

/// The body of the request of a job.
pub(crate) fn body(job: &RerankJob) -> RequestBody {
    let target = job.plan.request(&texts(job)).target;
    target.provider.encode(&target.request)
}

/// The query, then the documents.
fn texts(job: &RerankJob) -> Vec<SharedText> {
    let documents = job.documents.iter().map(|document| document.text.clone());
    std::iter::once(job.query.clone())
        .chain(documents)
        .collect()
}

/// Ranks the documents.
///
/// # Errors
/// When nothing was sent. Any other error is in the end.
pub(crate) fn run(mut job: RerankJob, equipment: &Equipment) -> Result<RerankEnd, CommandError> {
    check_count(&mut job)?;
    let texts = texts(&job);
    let shares = cost_cap::shares(&mut job.plan, &texts, None, equipment)?;
    let planned = job.plan.request(&texts);
    let mut remarks = planned.remarks.clone();
    cap_check::check(&planned, Checks::default(), &mut remarks)?;
    let terms = RowTerms {
        lane: 1,
        most_usd: shares.map(|shares| shares.of(&(0..texts.len()))),
        repairs: false,
        pace: None,
    };
    let engine = RowEngine::new(job.options, 1, equipment).of_command("amx rerank");
    let interrupt = &equipment.interrupt;
    interrupt.arm();
    let outcome = block_on(engine.ask(PreparedRow::of(planned), terms, interrupt));
    interrupt.disarm();
    let outcome = outcome??;
    remarks.extend(outcome.remarks);
    remarks.extend(outcome.learned.iter().map(omitted));
    let settled = engine.settle();
    let mut spent = Spent::default();
    if outcome.answer.may_have_cost() {
        spent = spent.plus(outcome.answer.cost);
    }
    let (ranked, fault) = match outcome.answer.numbers {
        Some(Numbers::Scores(scores)) => rank(&scores, job.documents.len(), job.top),
        _ => (Vec::new(), None),
    };
    let mut error = outcome.error.or(fault);
    engine.end_command(&outcome.answer.profile, error.as_ref());
    error = error.or(outcome.ledger_error);
    match settled {
        Ok(more) => remarks.extend(more),
        Err(failed) => error = error.or(Some(failed)),
    }
    Ok(RerankEnd {
        ranked,
        model: outcome.answer.model,
        usage: outcome.answer.usage,
        spent,
        remarks,
        error,
    })
}

/// Refuses more documents than one request holds: the scores of two requests of some models cannot
/// be compared.
fn check_count(job: &mut RerankJob) -> Result<(), CommandError> {
    let entry = job.plan.base().settings.entry;
    let most = entry.rerank.map_or(usize::MAX, |api| api.most_documents);
    if job.documents.len() <= most {
        return Ok(());
    }
    let message = format!(
        "{}, and a request holds at most {}",
        plural(job.documents.len() as u64, "document"),
        thousands(most as u64)
    );
    Err(CommandError::usage(message)
        .hint("select the closest documents by their vectors first: amx embed --help"))
}

/// The documents by their scores, and what is wrong with the reply. Of documents with the same
/// score the first one comes first.
fn rank(
    scores: &[Score],
    documents: usize,
    top: Option<usize>,
) -> (Vec<Ranked>, Option<CommandError>) {
    let mut seen = BTreeSet::new();
    let mut faults = BTreeSet::new();
    let mut ranked = Vec::new();
    for score in scores {
        match (score.index, score.score) {
            (Some(index), _) if index >= documents => {
                faults.insert("an index that no document has");
            }
            (Some(index), _) if !seen.insert(index) => {
                faults.insert("two scores for one document");
            }
            (Some(index), Some(score)) => ranked.push(Ranked { index, score }),
            (Some(_), None) => {
                faults.insert("a score that is no finite number");
            }
            (None, _) => {
                faults.insert("a score without an index");
            }
        }
    }
    let expected = top.unwrap_or(documents).min(documents);
    if seen.len() < expected && faults.is_empty() {
        faults.insert("fewer scores than documents");
    }
    ranked.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then(left.index.cmp(&right.index))
    });
    ranked.truncate(expected);
    let words: Vec<&str> = faults.into_iter().collect();
    let fault = (!words.is_empty()).then(|| {
        CommandError::new(
            ErrorKind::Content,
            "the reply does not score each document once",
        )
        .caused_by_words(format!("it has {}", words.join(", ")))
        .hint("run the same command again, or use another model with -m")
    });
    (ranked, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(index: usize, score: f64) -> Score {
        Score {
            index: Some(index),
            score: Some(score),
        }
    }

    #[test]
    fn documents_are_ranked_by_score_whatever_the_order_of_the_reply() {
        let scores = [score(0, 0.1), score(2, 0.9), score(1, 0.9)];
        let (ranked, fault) = rank(&scores, 3, None);
        let order: Vec<usize> = ranked.iter().map(|ranked| ranked.index).collect();
        assert_eq!(order, [1, 2, 0]);
        assert!(fault.is_none());
        // A server that ignores top_n.
        let (ranked, fault) = rank(&scores, 3, Some(1));
        assert_eq!((ranked.len(), fault.is_none()), (1, true));
    }

    #[test]
    fn a_reply_that_does_not_fit_the_documents_is_an_error_beside_what_fits() {
        let nameless = Score {
            index: None,
            score: Some(1.0),
        };
        for scores in [
            vec![score(0, 0.5)],
            vec![score(0, 0.5), score(0, 0.4)],
            vec![score(0, 0.5), score(7, 0.4)],
            vec![score(0, 0.5), nameless],
        ] {
            let (ranked, fault) = rank(&scores, 2, None);
            assert_eq!(ranked.len(), 1);
            assert_eq!(fault.unwrap().kind, ErrorKind::Content);
        }
    }
}
