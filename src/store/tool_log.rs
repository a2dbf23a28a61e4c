//! The log of tool calls: a row is written before a call runs, and completed once it has ended.

use std::time::{Duration, SystemTime};

use rusqlite::{Row, params};

use super::database::Store;
use super::error::StoreError;
use super::rows;

const ALLOWED: &str = "allowed";
const DENIED: &str = "denied";

/// A row of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoggedCallId(i64);

/// A call that the model wants, as it is logged before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggedCall {
    pub at: SystemTime,
    /// The name of the server; `None` for a command and for tools of amx.
    pub server: Option<String>,
    /// The name of the tool as it was sent.
    pub tool: String,
    /// Of the arguments as canonical JSON, in hexadecimal digits.
    pub arguments_sha256: String,
    pub is_allowed: bool,
    /// `once`, `conversation`, `always`, `flag`, `config` or `denied`.
    pub by: String,
    /// `None` where it did not run, or did not end.
    pub end: Option<CallEnd>,
}

/// What a call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallEnd {
    pub took: Duration,
    /// Bytes that the tool wrote.
    pub bytes: u64,
    /// Why it failed, without keys.
    pub error: Option<String>,
}

impl LoggedCall {
    /// `allowed` or `denied`.
    pub(crate) fn decision(&self) -> &'static str {
        if self.is_allowed { ALLOWED } else { DENIED }
    }
}

impl Store {
    /// Adds a call. What is allowed must not run where this fails.
    pub(crate) fn log_call(&mut self, call: &LoggedCall) -> Result<LoggedCallId, StoreError> {
        let sql = "INSERT INTO tool_log (at, server, tool, arguments_sha256, decision, \
            decided_by) VALUES (?, ?, ?, ?, ?, ?)";
        self.write("writing the log of tool calls", |transaction| {
            transaction.execute(
                sql,
                params![
                    rows::nanoseconds(call.at),
                    call.server,
                    call.tool,
                    call.arguments_sha256,
                    call.decision(),
                    call.by
                ],
            )?;
            Ok(LoggedCallId(transaction.last_insert_rowid()))
        })
    }

    /// Adds the end of a call to its row.
    pub(crate) fn log_end(&mut self, id: LoggedCallId, end: &CallEnd) -> Result<(), StoreError> {
        let ms = rows::saturated(end.took.as_millis());
        let bytes = rows::saturated(end.bytes.into());
        self.write("writing the log of tool calls", |transaction| {
            let sql = "UPDATE tool_log SET ms = ?, bytes = ?, error = ? WHERE id = ?";
            transaction.execute(sql, params![ms, bytes, end.error, id.0])?;
            Ok(())
        })
    }

    /// The last calls, the newest last.
    pub(crate) fn logged_calls(&self, most: Option<usize>) -> Result<Vec<LoggedCall>, StoreError> {
        let sql = "SELECT at, server, tool, arguments_sha256, decision, decided_by, ms, bytes, \
            error FROM tool_log ORDER BY id DESC LIMIT ?";
        let limit = most.map_or(-1, |most| i64::try_from(most).unwrap_or(i64::MAX));
        self.read("reading the log of tool calls", |connection| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([limit], call)?;
            let mut calls = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            calls.reverse();
            Ok(calls)
        })
    }
}

fn call(row: &Row<'_>) -> rusqlite::Result<LoggedCall> {
    let decision: String = row.get(4)?;
    let ms: Option<i64> = row.get(6)?;
    let end = ms.map(|ms| -> rusqlite::Result<CallEnd> {
        Ok(CallEnd {
            took: Duration::from_millis(ms.unsigned_abs()),
            bytes: row.get::<_, i64>(7)?.unsigned_abs(),
            error: row.get(8)?,
        })
    });
    Ok(LoggedCall {
        at: rows::time(row.get(0)?),
        server: row.get(1)?,
        tool: row.get(2)?,
        arguments_sha256: row.get(3)?,
        is_allowed: decision == ALLOWED,
        by: row.get(5)?,
        end: end.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::store;
    use std::time::UNIX_EPOCH;

    fn logged(tool: &str, is_allowed: bool) -> LoggedCall {
        LoggedCall {
            at: UNIX_EPOCH + Duration::from_secs(1_790_000_000),
            server: None,
            tool: tool.to_owned(),
            arguments_sha256: "ab".repeat(32),
            is_allowed,
            by: if is_allowed { "once" } else { "denied" }.to_owned(),
            end: None,
        }
    }

    fn end(error: Option<&str>) -> CallEnd {
        CallEnd {
            took: Duration::from_millis(412),
            bytes: 11,
            error: error.map(str::to_owned),
        }
    }

    #[test]
    fn a_call_is_logged_before_it_runs_and_completed_once() {
        let (_directory, _, mut store) = store();
        store.log_call(&logged("denied", false)).unwrap();
        let id = store.log_call(&logged("weather", true)).unwrap();
        let unended = store.logged_calls(None).unwrap();
        assert_eq!(unended, [logged("denied", false), logged("weather", true)]);
        store.log_end(id, &end(Some("exit code 1"))).unwrap();
        let ended = LoggedCall {
            end: Some(end(Some("exit code 1"))),
            ..logged("weather", true)
        };
        assert_eq!(store.logged_calls(Some(1)).unwrap(), [ended]);
        assert!(store.log_end(id, &end(None)).is_err(), "it has ended");
    }

    #[test]
    fn no_row_is_deleted_or_changed() {
        let (_directory, _, mut store) = store();
        store.log_call(&logged("weather", true)).unwrap();
        for sql in [
            "DELETE FROM tool_log",
            "UPDATE tool_log SET tool = 'other', ms = 1",
            "UPDATE tool_log SET decided_by = 'always'",
            "UPDATE tool_log SET arguments_sha256 = ''",
        ] {
            let refused = store.write("test", |transaction| Ok(transaction.execute(sql, [])?));
            assert!(refused.is_err(), "{sql}");
        }
        assert_eq!(store.logged_calls(None).unwrap(), [logged("weather", true)]);
    }
}
