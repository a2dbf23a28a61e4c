//! Maps a turn to its columns and back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Row, Transaction, named_params, params};
use serde_json::Value;

use super::error::unreadable;
use super::id::{SessionId, TurnId};
use super::long_answer::{self, LongText};
use super::{question, steps};
use crate::chat::cost::{Cost, CostSource};
use crate::chat::finish_reason::FinishReason;
use crate::chat::tool::ToolStep;
use crate::chat::turn::{Turn, TurnState};
use crate::chat::usage::{MOST_TOKENS, Usage};
use crate::wire::redact::stored;

/// The columns that [`turn`] reads, of `turns` as t, `contents` as c and `drafts` as d.
pub(super) const COLUMNS: &str = "t.id, t.parent, t.label, c.summary, t.asked_at, t.state, \
    t.profile, t.provider, t.requested_model, t.model, t.served_by, \
    t.generation_id, t.finish_reason, t.prompt_tokens, t.completion_tokens, t.reasoning_tokens, \
    t.cached_tokens, t.total_tokens, t.cost_usd, t.cost_source, \
    t.first_token, t.total, t.error, c.question, c.parts, c.system, COALESCE(d.answer, c.answer) \
    AS answer, COALESCE(d.reasoning, c.reasoning) AS reasoning, \
    c.reasoning_details, c.annotations, \
    EXISTS (SELECT 1 FROM steps WHERE steps.turn = t.id) AS has_steps";

/// Inserts a new turn below `parent`.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    session: SessionId,
    parent: Option<TurnId>,
    depth: i64,
    turn: &Turn,
) -> rusqlite::Result<TurnId> {
    transaction.execute(
        "INSERT INTO turns (session, parent, depth, asked_at, state, profile, provider, \
        requested_model, cost_source, total)
         VALUES (:session, :parent, :depth, :asked_at, :state, :profile, :provider, \
         :requested_model, :cost_source, 0)",
        named_params! {
            ":session": session.0,
            ":parent": parent.map(|parent| parent.0),
            ":depth": depth,
            ":asked_at": nanoseconds(turn.asked_at),
            ":state": name_of(STATES, turn.state),
            ":profile": turn.profile,
            ":provider": turn.provider,
            ":requested_model": turn.requested_model,
            ":cost_source": name_of(SOURCES, turn.cost.source),
        },
    )?;
    let id = TurnId(transaction.last_insert_rowid());
    insert_contents(transaction, id, turn)?;
    update_narrow(transaction, id, turn)?;
    Ok(id)
}

/// Keys in a question are masked in the store alone: what is sent is what was typed.
fn insert_contents(transaction: &Transaction<'_>, id: TurnId, turn: &Turn) -> rusqlite::Result<()> {
    let question = question::without_keys(&turn.question);
    transaction.execute(
        "INSERT INTO contents (turn, question, parts, system, answer, reasoning, \
        reasoning_details, annotations) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            id.0,
            stored(&turn.question_text()),
            question::parts_column(&question)?,
            turn.system.as_deref().map(stored),
            long_answer::column(&turn.text),
            long_answer::column(&turn.reasoning),
            details_column(turn),
            annotations_column(turn),
        ],
    )?;
    replace_long(transaction, id, turn)?;
    steps::replace(transaction, id, &turn.steps)?;
    question::insert_pieces(transaction, id, &question)
}

/// Updates everything but the question; false when there is no such turn.
pub(super) fn update(
    transaction: &Transaction<'_>,
    id: TurnId,
    turn: &Turn,
) -> rusqlite::Result<bool> {
    transaction.execute("DELETE FROM drafts WHERE turn = ?", [id.0])?;
    transaction.execute(
        "UPDATE contents SET answer = :answer, reasoning = :reasoning, reasoning_details = \
        :reasoning_details, annotations = :annotations
         WHERE turn = :turn",
        named_params! {
            ":turn": id.0,
            ":answer": long_answer::column(&turn.text),
            ":reasoning": long_answer::column(&turn.reasoning),
            ":reasoning_details": details_column(turn),
            ":annotations": annotations_column(turn),
        },
    )?;
    replace_long(transaction, id, turn)?;
    steps::replace(transaction, id, &turn.steps)?;
    update_narrow(transaction, id, turn)
}

fn replace_long(transaction: &Transaction<'_>, id: TurnId, turn: &Turn) -> rusqlite::Result<()> {
    long_answer::replace_rest(transaction, id, LongText::Answer, &turn.text)?;
    long_answer::replace_rest(transaction, id, LongText::Reasoning, &turn.reasoning)
}

fn update_narrow(transaction: &Transaction<'_>, id: TurnId, turn: &Turn) -> rusqlite::Result<bool> {
    let usage = turn.usage.unwrap_or_default();
    let changed = transaction.execute(
        "UPDATE turns SET state = :state, profile = :profile, provider = :provider, \
        requested_model = :requested_model, model = :model,
         served_by = :served_by, generation_id = :generation_id, finish_reason = :finish_reason, \
         prompt_tokens = :prompt_tokens,
         completion_tokens = :completion_tokens, reasoning_tokens = :reasoning_tokens, \
         cached_tokens = :cached_tokens, total_tokens = :total_tokens,
         cost_usd = :cost_usd, cost_source = :cost_source, first_token = :first_token, total = \
         :total, error = :error WHERE id = :id",
        named_params! {
            ":id": id.0,
            ":state": name_of(STATES, turn.state),
            ":profile": turn.profile,
            ":provider": turn.provider,
            ":requested_model": turn.requested_model,
            ":model": turn.model,
            ":served_by": turn.served_by,
            ":generation_id": turn.generation_id,
            ":finish_reason": turn.finish_reason.as_ref().map(FinishReason::as_str),
            ":prompt_tokens": tokens(usage.prompt_tokens),
            ":completion_tokens": tokens(usage.completion_tokens),
            ":reasoning_tokens": tokens(usage.reasoning_tokens),
            ":cached_tokens": tokens(usage.cached_tokens),
            ":total_tokens": tokens(usage.total_tokens),
            ":cost_usd": turn.cost.usd,
            ":cost_source": name_of(SOURCES, turn.cost.source),
            ":first_token": turn.first_token.map(|duration| saturated(duration.as_nanos())),
            ":total": saturated(turn.total.as_nanos()),
            ":error": turn.error,
        },
    )?;
    Ok(changed > 0)
}

/// Answer and reasoning. A draft is whole: only a pending turn has one, and no rest yet.
fn texts(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    let (mut answer, mut reasoning) = (row.get("answer")?, row.get("reasoning")?);
    let turn = TurnId(row.get("id")?);
    long_answer::append_rest(connection, turn, LongText::Answer, &mut answer)?;
    long_answer::append_rest(connection, turn, LongText::Reasoning, &mut reasoning)?;
    Ok((answer, reasoning))
}

/// Reads a turn from a row of [`COLUMNS`], and its long texts.
pub(super) fn turn(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Turn> {
    let duration = |column: &str| -> rusqlite::Result<Option<Duration>> {
        let nanoseconds: Option<i64> = row.get(column)?;
        Ok(nanoseconds.map(|nanoseconds| Duration::from_nanos(nanoseconds.unsigned_abs())))
    };
    let details: Option<String> = row.get("reasoning_details")?;
    let annotations: Option<String> = row.get("annotations")?;
    // Older versions stored the provider's own word.
    let finish_reason: Option<String> = row.get("finish_reason")?;
    let (text, reasoning) = texts(connection, row)?;
    Ok(Turn {
        asked_at: time(row.get("asked_at")?),
        question: question::question(connection, row)?,
        system: row.get("system")?,
        state: of_name(STATES, row, "state")?,
        text,
        reasoning,
        reasoning_details: details
            .map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()?,
        annotations: annotations
            .map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()?
            .unwrap_or_default(),
        steps: steps(connection, row)?,
        profile: row.get("profile")?,
        provider: row.get("provider")?,
        requested_model: row.get("requested_model")?,
        model: row.get("model")?,
        served_by: row.get("served_by")?,
        generation_id: row.get("generation_id")?,
        finish_reason: finish_reason.as_deref().map(FinishReason::of),
        usage: usage(row)?,
        last_usage: None,
        cost: cost(row)?,
        first_token: duration("first_token")?,
        total: duration("total")?.unwrap_or_default(),
        error: row.get("error")?,
    })
}

fn steps(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Vec<ToolStep>> {
    if row.get("has_steps")? {
        steps::of_turn(connection, TurnId(row.get("id")?))
    } else {
        Ok(Vec::new())
    }
}

fn usage(row: &Row<'_>) -> rusqlite::Result<Option<Usage>> {
    let tokens = |column: &str| -> rusqlite::Result<Option<u64>> {
        let tokens: Option<i64> = row.get(column)?;
        Ok(tokens.map(i64::unsigned_abs))
    };
    let usage = Usage {
        prompt_tokens: tokens("prompt_tokens")?,
        completion_tokens: tokens("completion_tokens")?,
        reasoning_tokens: tokens("reasoning_tokens")?,
        cached_tokens: tokens("cached_tokens")?,
        total_tokens: tokens("total_tokens")?,
    };
    Ok(usage.reported())
}

fn details_column(turn: &Turn) -> Option<String> {
    turn.reasoning_details
        .as_ref()
        .map(|details| Value::from(details.clone()).to_string())
}

fn annotations_column(turn: &Turn) -> Option<String> {
    (!turn.annotations.is_empty()).then(|| Value::from(turn.annotations.clone()).to_string())
}

const STATES: &[(TurnState, &str)] = &[
    (TurnState::Pending, "pending"),
    (TurnState::Complete, "complete"),
    (TurnState::Stopped, "stopped"),
    (TurnState::Failed, "failed"),
];

/// The sources of a cost, and their names in the `cost_source` columns.
pub(super) const SOURCES: &[(CostSource, &str)] = &[
    (CostSource::Provider, "provider"),
    (CostSource::Estimate, "estimate"),
    (CostSource::Unknown, "unknown"),
];

/// The name of a value in a table of names.
pub(super) fn name_of<T: PartialEq + Copy>(
    table: &[(T, &'static str)],
    value: T,
) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == value)
        .map(|(_, name)| *name)
}

fn of_name<T: Copy>(table: &[(T, &str)], row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    table
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(value, _)| *value)
        .ok_or_else(|| unreadable(name))
}

/// The cost of a turn, from its two columns.
pub(super) fn cost(row: &Row<'_>) -> rusqlite::Result<Cost> {
    Ok(Cost {
        usd: row.get("cost_usd")?,
        source: of_name(SOURCES, row, "cost_source")?,
    })
}

/// A count of tokens as a column; NULL where it is unknown, or larger than any count can be.
pub(super) fn tokens(count: Option<u64>) -> Option<i64> {
    count
        .filter(|count| *count <= MOST_TOKENS)
        .map(|count| saturated(count.into()))
}

/// As much of a number as a column takes.
pub(super) fn saturated(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Nanoseconds since 1970, negative before.
pub(super) fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => saturated(since.as_nanos()),
        Err(before) => -saturated(before.duration().as_nanos()),
    }
}

pub(super) fn time(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time = if nanoseconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}
