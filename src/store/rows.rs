//! Maps a turn to its columns and back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::types::Type;
use rusqlite::{Row, Transaction, named_params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::{SessionId, TurnId};
use crate::chat::cost::{Cost, CostSource};
use crate::chat::finish_reason::FinishReason;
use crate::chat::message::{ContentPart, SharedText};
use crate::chat::turn::{Turn, TurnState};
use crate::chat::usage::Usage;

/// The columns that [`turn`] reads, of `turns` as t, `contents` as c and `drafts` as d.
pub const COLUMNS: &str = "t.id, t.parent, t.label, c.summary, t.asked_at, t.state, t.profile, \
    t.provider, t.requested_model, t.model, t.served_by, \
    t.generation_id, t.finish_reason, t.prompt_tokens, t.completion_tokens, t.reasoning_tokens, \
    t.cached_tokens, t.total_tokens, t.cost_usd, t.cost_source, \
    t.first_token, t.total, t.error, c.question, c.parts, c.system, COALESCE(d.answer, c.answer) \
    AS answer, COALESCE(d.reasoning, c.reasoning) AS reasoning, \
    c.reasoning_details, c.annotations";

/// Audio formats that [`ContentPart::Audio`] may name.
const AUDIO_FORMATS: &[&str] = &[
    "wav", "mp3", "flac", "ogg", "m4a", "aac", "aiff", "opus", "pcm16",
];

/// Inserts a new turn below `parent`.
pub fn insert(
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

fn insert_contents(transaction: &Transaction<'_>, id: TurnId, turn: &Turn) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(
        "INSERT INTO contents (turn, question, parts, system, answer, reasoning, \
        reasoning_details, annotations) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    statement.raw_bind_parameter(1, id.0)?;
    statement.raw_bind_parameter(2, turn.question_text())?;
    // SQLite copies a bound text: this one, which may be tens of MiB, is freed right away.
    statement.raw_bind_parameter(3, parts_column(&turn.question))?;
    statement.raw_bind_parameter(4, &turn.system)?;
    statement.raw_bind_parameter(5, &turn.text)?;
    statement.raw_bind_parameter(6, &turn.reasoning)?;
    statement.raw_bind_parameter(7, details_column(turn))?;
    statement.raw_bind_parameter(8, annotations_column(turn))?;
    statement.raw_execute()?;
    Ok(())
}

/// Updates everything but the question; false when there is no such turn.
pub fn update(transaction: &Transaction<'_>, id: TurnId, turn: &Turn) -> rusqlite::Result<bool> {
    transaction.execute("DELETE FROM drafts WHERE turn = ?", [id.0])?;
    transaction.execute(
        "UPDATE contents SET answer = :answer, reasoning = :reasoning, reasoning_details = \
        :reasoning_details, annotations = :annotations
         WHERE turn = :turn",
        named_params! {
            ":turn": id.0,
            ":answer": turn.text,
            ":reasoning": turn.reasoning,
            ":reasoning_details": details_column(turn),
            ":annotations": annotations_column(turn),
        },
    )?;
    update_narrow(transaction, id, turn)
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

/// Reads a turn from a row of [`COLUMNS`].
pub fn turn(row: &Row<'_>) -> rusqlite::Result<Turn> {
    let duration = |column: &str| -> rusqlite::Result<Option<Duration>> {
        let nanoseconds: Option<i64> = row.get(column)?;
        Ok(nanoseconds.map(|nanoseconds| Duration::from_nanos(nanoseconds.unsigned_abs())))
    };
    let details: Option<String> = row.get("reasoning_details")?;
    let annotations: Option<String> = row.get("annotations")?;
    // Older versions stored the provider's own word.
    let finish_reason: Option<String> = row.get("finish_reason")?;
    Ok(Turn {
        asked_at: time(row.get("asked_at")?),
        question: question(row)?,
        system: row.get("system")?,
        state: of_name(STATES, row, "state")?,
        text: row.get("answer")?,
        reasoning: row.get("reasoning")?,
        reasoning_details: details
            .map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()?,
        annotations: annotations
            .map(|text| serde_json::from_str(&text).map_err(unreadable))
            .transpose()?
            .unwrap_or_default(),
        profile: row.get("profile")?,
        provider: row.get("provider")?,
        requested_model: row.get("requested_model")?,
        model: row.get("model")?,
        served_by: row.get("served_by")?,
        generation_id: row.get("generation_id")?,
        finish_reason: finish_reason.as_deref().map(FinishReason::of),
        usage: usage(row)?,
        cost: cost(row)?,
        first_token: duration("first_token")?,
        total: duration("total")?.unwrap_or_default(),
        error: row.get("error")?,
    })
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

/// JSON, or `None` when the question is a single text, which has its own column.
fn parts_column(question: &[ContentPart]) -> Option<String> {
    if matches!(question, [ContentPart::Text(_)]) {
        return None;
    }
    let parts: Vec<StoredPart> = question.iter().map(StoredPart::of).collect();
    let mut json = Vec::with_capacity(parts.iter().map(StoredPart::size).sum());
    // Texts, written to memory: neither side can fail.
    let _ = serde_json::to_writer(&mut json, &parts);
    String::from_utf8(json).ok()
}

/// A part of a question in its column. It shares the text of the part.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<SharedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
}

impl StoredPart {
    fn of(part: &ContentPart) -> Self {
        let mut stored = Self::default();
        match part.clone() {
            ContentPart::Text(text) => stored.text = Some(text),
            ContentPart::Image { url } => stored.image = Some(url),
            ContentPart::File { name, url } => {
                (stored.file, stored.name) = (Some(url), Some(name));
            }
            ContentPart::Video { url } => stored.video = Some(url),
            ContentPart::Audio { base64, format } => {
                (stored.audio, stored.format) = (Some(base64), Some(format.to_owned()));
            }
        }
        stored
    }

    /// About how many bytes its JSON takes.
    fn size(&self) -> usize {
        let texts = [
            &self.text,
            &self.image,
            &self.file,
            &self.video,
            &self.audio,
        ];
        let length: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        length + length / 64 + self.name.as_ref().map_or(0, String::len) + 64
    }

    fn part(self) -> Option<ContentPart> {
        if let Some(text) = self.text {
            return Some(ContentPart::Text(text));
        }
        if let Some(url) = self.image {
            return Some(ContentPart::Image { url });
        }
        if let Some(url) = self.file {
            let name = self.name?;
            return Some(ContentPart::File { name, url });
        }
        if let Some(url) = self.video {
            return Some(ContentPart::Video { url });
        }
        let format = self.format?;
        Some(ContentPart::Audio {
            base64: self.audio?,
            format: AUDIO_FORMATS.iter().find(|known| **known == format)?,
        })
    }
}

fn question(row: &Row<'_>) -> rusqlite::Result<Vec<ContentPart>> {
    // Read where SQLite has it: a column may be tens of MiB.
    let Some(parts) = row.get_ref("parts")?.as_str_or_null()? else {
        let text: String = row.get("question")?;
        return Ok(vec![ContentPart::Text(text.into())]);
    };
    let parts: Vec<StoredPart> = serde_json::from_str(parts).map_err(unreadable)?;
    parts
        .into_iter()
        .map(|part| {
            part.part()
                .ok_or_else(|| unreadable("an unknown part of a question"))
        })
        .collect()
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
pub const SOURCES: &[(CostSource, &str)] = &[
    (CostSource::Provider, "provider"),
    (CostSource::Estimate, "estimate"),
    (CostSource::Unknown, "unknown"),
];

/// The name of a value in a table of names.
pub fn name_of<T: PartialEq + Copy>(table: &[(T, &'static str)], value: T) -> Option<&'static str> {
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
pub fn cost(row: &Row<'_>) -> rusqlite::Result<Cost> {
    Ok(Cost {
        usd: row.get("cost_usd")?,
        source: of_name(SOURCES, row, "cost_source")?,
    })
}

/// The error for a value that this program never writes.
pub fn unreadable(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, what.into())
}

/// A count of tokens as a column; NULL where it is unknown.
pub fn tokens(count: Option<u64>) -> Option<i64> {
    count.map(|count| saturated(count.into()))
}

/// As much of a number as a column takes.
pub fn saturated(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Nanoseconds since 1970, negative before.
pub fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => saturated(since.as_nanos()),
        Err(before) => -saturated(before.duration().as_nanos()),
    }
}

pub fn time(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time = if nanoseconds < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}
