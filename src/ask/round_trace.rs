//! The spans of the rounds of an answer: a request for each profile that was asked in a round, with
//! its retries, and the root.

use std::time::SystemTime;

use super::answer_trace::AnswerTrace;
use super::outcome::Outcome;
use super::plan::PlannedTarget;
use super::traced_requests::{
    Requests, add_cost, add_parameters, add_texts_parameters, add_usage, error_of, observations,
    word,
};
use crate::chat::answer::Attempt;
use crate::chat::cost::Cost;
use crate::chat::endpoint::EMBEDDINGS;
use crate::ports::error::ErrorKind;
use crate::store::SessionId;
use crate::telemetry::metric::Metric;
use crate::telemetry::names;
use crate::telemetry::queue::Batch;
use crate::telemetry::span::{Attributes, SpanKind};

/// One round: a stream with its retries and fallback profiles.
pub(super) struct TracedRound<'a> {
    pub start: SystemTime,
    pub targets: &'a [PlannedTarget],
    pub outcome: &'a Outcome,
    pub has_schema: bool,
}

impl AnswerTrace {
    /// Adds the requests of a round, which has just ended.
    pub(super) fn round(&self, round: &TracedRound<'_>) {
        let answer = &round.outcome.answer;
        let now = SystemTime::now();
        let groups: Vec<&[Attempt]> = answer
            .attempts
            .chunk_by(|one, next| one.profile == next.profile)
            .collect();
        let sent_at = |attempts: &[Attempt]| {
            let sent = attempts.iter().find_map(|attempt| attempt.sent.as_ref());
            sent.map(|sent| sent.at)
        };
        let mut start = round.start;
        for (index, attempts) in groups.iter().enumerate() {
            let next = groups.get(index + 1);
            let end = next.map_or(now, |next| sent_at(next).unwrap_or(now));
            let is_last = next.is_none();
            let profile = attempts.first().map(|attempt| attempt.profile.as_str());
            let planned = round
                .targets
                .iter()
                .find(|planned| Some(planned.target.profile.as_str()) == profile);
            let waited = start.duration_since(round.start).unwrap_or_default();
            self.requests(
                &Requests {
                    attempts,
                    target: planned.map(|planned| &planned.target),
                    start,
                    end,
                    error: error_of(attempts, is_last.then_some(round.outcome)),
                    answer: is_last.then_some(answer),
                    first_token: answer
                        .first_token
                        .filter(|_| is_last)
                        .map(|first| first.saturating_sub(waited)),
                },
                round.has_schema,
            );
            start = end;
        }
    }

    fn requests(&self, requests: &Requests<'_>, has_schema: bool) {
        let Some(first) = requests.attempts.first() else {
            return;
        };
        let trace = self.trace();
        let name = format!("{} {}", requests.operation(), first.model);
        let mut span = trace.child(trace.context.sibling(), name, SpanKind::Client);
        (span.start, span.end) = (requests.start, requests.end);
        span.error.clone_from(&requests.error);
        let shared = requests.identity();
        let mut attributes = shared.clone();
        if let Some(target) = requests.target {
            if requests.is_of_numbers() {
                add_texts_parameters(&mut attributes, &target.request);
            } else {
                add_parameters(&mut attributes, &target.request, requests.answer);
            }
        }
        let output = requests.output_type(has_schema);
        attributes.add_some(names::OUTPUT_TYPE, output);
        attributes.add_some(names::PROMPT_NAME, self.template());
        requests.add_response(&mut attributes);
        let usage = requests.usage();
        add_usage(&mut attributes, usage);
        let cost = requests.cost();
        add_cost(&mut attributes, cost, trace.is_langfuse());
        attributes.add(names::PROFILE, first.profile.as_str());
        let attempts = u64::try_from(requests.attempts.len()).unwrap_or(u64::MAX);
        attributes.add(names::ATTEMPTS, attempts);
        if trace.is_langfuse() {
            let is_embedding = requests.operation() == EMBEDDINGS;
            let kind = if is_embedding {
                "embedding"
            } else {
                "generation"
            };
            attributes.word(names::LANGFUSE_TYPE, kind);
            requests.add_user(&mut attributes);
        }
        if trace.has_content() && !requests.is_of_numbers() {
            requests.add_content(&mut attributes);
        }
        span.attributes = attributes;
        let mut batch = self.batch();
        batch
            .observations
            .extend(observations(&span, shared, usage));
        batch.spans.push(span);
    }

    /// The request was one of a batch: it has its share of the bill. How long it waited there is no
    /// duration of a request.
    pub(super) fn settle(&self, batch: Option<&str>, cost: Option<Cost>) {
        let is_langfuse = self.trace().is_langfuse();
        let mut collected = self.batch();
        for span in &mut collected.spans {
            let attributes = &mut span.attributes;
            attributes.add_some(names::BATCH_ID, batch);
            if let Some(cost) = cost {
                attributes.remove(&[names::USAGE_COST, names::COST_SOURCE, names::LANGFUSE_COST]);
                add_cost(attributes, cost, is_langfuse);
            }
        }
        collected
            .observations
            .retain(|observed| observed.metric == Metric::Tokens);
    }

    /// Everything, with the root. The conversation of the answer is known only now.
    pub(super) fn finish(&self, outcome: &Outcome, session: Option<SessionId>) -> Batch {
        let error = outcome.error.as_ref().map(|error| error.kind);
        self.end(&outcome.answer.profile, error, session)
    }

    /// Everything, with the root.
    pub(super) fn end(
        &self,
        profile: &str,
        error: Option<ErrorKind>,
        session: Option<SessionId>,
    ) -> Batch {
        let trace = self.trace();
        let mut batch = std::mem::take(&mut *self.batch());
        if batch.spans.is_empty() && !self.has_sent() {
            return batch;
        }
        let session = session.map(|session| session.to_string());
        for span in &mut batch.spans {
            if span.kind == SpanKind::Client {
                self.add_conversation(&mut span.attributes, session.as_deref());
            }
        }
        let mut attributes = Attributes::default();
        attributes.add(names::PROFILE, profile);
        attributes.add_some(names::PROMPT_NAME, self.template());
        self.add_conversation(&mut attributes, session.as_deref());
        let error = error.map(word);
        attributes.add_some(names::ERROR_TYPE, error.clone());
        batch.spans.insert(0, trace.root(attributes, error));
        batch
    }

    fn add_conversation(&self, attributes: &mut Attributes, session: Option<&str>) {
        attributes.add_some(names::CONVERSATION, session);
        if self.trace().is_langfuse() {
            attributes.add_some(names::SESSION_ID, session);
        }
    }
}
