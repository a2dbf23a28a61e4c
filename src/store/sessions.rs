//! Sessions: created, listed, found, renamed, deleted.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use super::database::{DatabaseFault, Store};
use super::error::{StoreError, unreadable};
use super::id::{SessionId, TurnId};
use super::rows;
use super::title::{check_name, title_of};
use crate::catalog::nearest::nearest;
use crate::chat::cost::Spent;
use crate::chat::turn::Turn;
use crate::wire::redact::stored;
use crate::wire::scrub;

/// A session without its turns.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionSummary {
    pub id: SessionId,
    pub name: Option<String>,
    /// Derived from the first question.
    pub title: String,
    /// Turns of the current branch.
    pub turns: usize,
    /// The model of the last turn of the current branch.
    pub model: Option<String>,
    /// Sum over all branches.
    pub cost: Spent,
    pub created: SystemTime,
    /// When a turn was last started or finished, or the conversation was left.
    pub updated: SystemTime,
}

impl SessionSummary {
    /// The name, else the title.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.title)
    }
}

/// Reads no long columns, and the totals from an index.
const SUMMARY: &str = "SELECT s.id, s.name, s.title, h.depth, COALESCE(h.model, \
    h.requested_model), s.created_at, s.updated_at,
    (SELECT sum(cost_usd) FROM turns WHERE session = s.id),
    EXISTS (SELECT 1 FROM turns WHERE session = s.id AND cost_source = 'estimate'),
    EXISTS (SELECT 1 FROM turns WHERE session = s.id AND cost_usd IS NULL AND \
    (COALESCE(total_tokens, prompt_tokens, completion_tokens) IS NOT NULL OR first_token IS NOT \
    NULL OR state = 'pending'))
    FROM sessions s LEFT JOIN turns h ON h.id = s.head";

fn summary(row: &Row<'_>) -> rusqlite::Result<SessionSummary> {
    let depth: Option<i64> = row.get(3)?;
    Ok(SessionSummary {
        id: SessionId(row.get(0)?),
        name: row.get(1)?,
        title: row.get(2)?,
        turns: depth
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or(0),
        model: row.get(4)?,
        cost: Spent {
            usd: row.get(7)?,
            has_estimates: row.get(8)?,
            has_unknown: row.get(9)?,
        },
        created: rows::time(row.get(5)?),
        updated: rows::time(row.get(6)?),
    })
}

impl Store {
    /// Creates a session with its first turn, in one transaction.
    pub fn create_session(
        &mut self,
        name: Option<&str>,
        settings: &Value,
        turn: &Turn,
    ) -> Result<(SessionId, TurnId), StoreError> {
        let title = title_of(turn);
        self.write("saving the question", |transaction| {
            if let Some(name) = name {
                check_free(transaction, name, None)?;
            }
            let now = rows::nanoseconds(SystemTime::now());
            transaction.execute(
                "INSERT INTO sessions (name, title, settings, created_at, updated_at) VALUES (?1, \
                ?2, ?3, ?4, ?4)",
                params![name, title, scrub::json(&settings.to_string()), now],
            )?;
            let session = SessionId(transaction.last_insert_rowid());
            let id = rows::insert(transaction, session, None, 1, turn)?;
            transaction.execute(
                "UPDATE sessions SET head = ? WHERE id = ?",
                [id.0, session.0],
            )?;
            Ok((session, id))
        })
    }

    /// The settings of the session, as they were saved.
    pub fn settings(&self, session: SessionId) -> Result<Value, StoreError> {
        self.read("reading the session", |connection| {
            let text: Option<String> = connection
                .query_row(
                    "SELECT settings FROM sessions WHERE id = ?",
                    [session.0],
                    |row| row.get(0),
                )
                .optional()?;
            let text = text.ok_or(StoreError::NoSession(session))?;
            Ok(serde_json::from_str(&text).map_err(unreadable)?)
        })
    }

    pub fn set_settings(&mut self, session: SessionId, settings: &Value) -> Result<(), StoreError> {
        self.write("saving the session", |transaction| {
            let changed = transaction.execute(
                "UPDATE sessions SET settings = ? WHERE id = ?",
                params![scrub::json(&settings.to_string()), session.0],
            )?;
            require(changed, session)
        })
    }

    /// The sessions, last used first, up to the limit.
    pub fn sessions(&self, limit: Option<usize>) -> Result<Vec<SessionSummary>, StoreError> {
        self.read("listing the sessions", |connection| {
            let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
            let mut statement = connection.prepare(&format!(
                "{SUMMARY} ORDER BY s.updated_at DESC, s.id DESC LIMIT ?"
            ))?;
            let summaries = statement
                .query_map([limit], summary)?
                .collect::<Result<_, _>>()?;
            Ok(summaries)
        })
    }

    /// The session that was last used.
    pub fn latest(&self) -> Result<Option<SessionSummary>, StoreError> {
        Ok(self.sessions(Some(1))?.into_iter().next())
    }

    /// The start of the last question of the current branch, and of its answer as far as it has
    /// come.
    pub fn last_exchange(
        &self,
        session: SessionId,
    ) -> Result<Option<(String, String)>, StoreError> {
        self.read("reading the session", |connection| {
            let sql = "SELECT substr(c.question, 1, 1000), substr(COALESCE(d.answer, c.answer), \
                1, 1000) FROM sessions s JOIN contents c ON c.turn = s.head LEFT JOIN drafts d ON \
                d.turn = s.head WHERE s.id = ?";
            let row = connection.query_row(sql, [session.0], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(row.optional()?)
        })
    }

    /// Records that the session was used now, so that it is the latest. Does nothing while another
    /// process writes.
    pub fn mark_used(&mut self, session: SessionId) -> Result<(), StoreError> {
        let marked = self.write_now("saving the session", |transaction| {
            touch(transaction, session)
        });
        marked.map(|_| ())
    }

    /// Finds a session by ID or by name; a name is never a number.
    pub fn find(&self, name_or_id: &str) -> Result<Option<SessionSummary>, StoreError> {
        self.read("finding the session", |connection| {
            let is_number =
                !name_or_id.is_empty() && name_or_id.bytes().all(|byte| byte.is_ascii_digit());
            let found = match name_or_id.parse::<i64>() {
                Ok(id) if is_number => connection
                    .query_row(&format!("{SUMMARY} WHERE s.id = ?"), [id], summary)
                    .optional()?,
                _ => connection
                    .query_row(
                        &format!("{SUMMARY} WHERE s.name = ?"),
                        [name_or_id],
                        summary,
                    )
                    .optional()?,
            };
            Ok(found)
        })
    }

    /// Up to three similar names, the most similar first.
    pub fn nearest_names(&self, name: &str) -> Result<Vec<String>, StoreError> {
        self.read("finding the session", |connection| {
            let mut statement =
                connection.prepare("SELECT name FROM sessions WHERE name IS NOT NULL")?;
            let names = statement
                .query_map([], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            let near = nearest(name, names.iter().map(String::as_str), 3);
            Ok(near.into_iter().map(str::to_owned).collect())
        })
    }

    /// Sets or removes the name of a session.
    pub fn rename(&mut self, session: SessionId, name: Option<&str>) -> Result<(), StoreError> {
        self.write("renaming the session", |transaction| {
            if let Some(name) = name {
                check_free(transaction, name, Some(session))?;
            }
            let changed = transaction.execute(
                "UPDATE sessions SET name = ? WHERE id = ?",
                params![name, session.0],
            )?;
            require(changed, session)
        })
    }

    /// Sets the title of a session, which its name overrides.
    pub fn set_title(&mut self, session: SessionId, title: &str) -> Result<(), StoreError> {
        self.write("saving the title", |transaction| {
            let changed = transaction.execute(
                "UPDATE sessions SET title = ? WHERE id = ?",
                params![stored(title), session.0],
            )?;
            require(changed, session)
        })
    }

    /// Deletes sessions with all their branches, or none when one of them does not exist. Their
    /// content is overwritten in the file, which takes about a second where the file is large.
    pub fn delete(&mut self, sessions: &[SessionId]) -> Result<(), StoreError> {
        self.write("deleting the session", |transaction| {
            for session in sessions {
                let changed =
                    transaction.execute("DELETE FROM sessions WHERE id = ?", [session.0])?;
                require(changed, *session)?;
            }
            // The index only marks a turn as deleted. Rebuilding it removes the content; removing
            // each trigram by itself takes far longer.
            transaction.execute(
                "INSERT INTO contents_index (contents_index) VALUES ('optimize')",
                [],
            )?;
            Ok(())
        })?;
        self.empty_journal();
        Ok(())
    }
}

fn require(changed: usize, session: SessionId) -> Result<(), DatabaseFault> {
    if changed == 0 {
        Err(StoreError::NoSession(session).into())
    } else {
        Ok(())
    }
}

/// An error unless the name is valid and free for `session`, or for a new one.
fn check_free(
    connection: &Connection,
    name: &str,
    session: Option<SessionId>,
) -> Result<(), DatabaseFault> {
    check_name(name).map_err(|why| StoreError::BadName {
        name: name.to_owned(),
        why,
    })?;
    let holder: Option<i64> = connection
        .query_row("SELECT id FROM sessions WHERE name = ?", [name], |row| {
            row.get(0)
        })
        .optional()?;
    if holder.is_some_and(|holder| Some(SessionId(holder)) != session) {
        return Err(StoreError::NameTaken {
            name: name.to_owned(),
        }
        .into());
    }
    Ok(())
}

/// Records that the session was used now.
pub(super) fn touch(
    transaction: &Transaction<'_>,
    session: SessionId,
) -> Result<(), DatabaseFault> {
    let changed = transaction.execute(
        "UPDATE sessions SET updated_at = ? WHERE id = ?",
        [rows::nanoseconds(SystemTime::now()), session.0],
    )?;
    require(changed, session)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::chat::cost::{Cost, CostSource};
    use crate::store::samples::{answered, asked, store};
    use serde_json::json;

    fn costing(usd: Option<f64>, source: CostSource) -> Turn {
        Turn {
            cost: Cost { usd, source },
            ..answered("q", "a")
        }
    }

    #[test]
    fn settings_are_saved_without_keys() {
        let (_directory, _home, mut store) = store();
        let settings = json!({"system": "one\nghp_0123456789abcdefghijKLMN", "effort": "low"});
        let clean = json!({"system": "one\n[redacted]", "effort": "low"});
        let created = store.create_session(None, &settings, &asked("one"));
        let (id, _) = created.unwrap();
        assert_eq!(store.settings(id).unwrap(), clean);
        store.set_settings(id, &settings).unwrap();
        assert_eq!(store.settings(id).unwrap(), clean);
    }

    #[test]
    fn a_list_is_ordered_by_last_use_and_describes_the_current_branch() {
        let (_directory, _home, mut store) = store();
        let (first, root) = store
            .create_session(None, &Value::Null, &asked("one\ntwo"))
            .unwrap();
        let (second, _) = store
            .create_session(Some("named"), &Value::Null, &asked("three"))
            .unwrap();
        let model = Turn {
            model: Some("author/other".to_owned()),
            ..answered("four", "4")
        };
        store.start_turn(first, Some(root), &model).unwrap();
        let listed: Vec<_> = store.sessions(None).unwrap();
        assert_eq!(
            listed
                .iter()
                .map(|session| (session.id, session.display_name(), session.turns))
                .collect::<Vec<_>>(),
            [(first, "one", 2), (second, "named", 1)]
        );
        assert_eq!(listed[0].model.as_deref(), Some("author/other"));
        assert_eq!(store.sessions(Some(1)).unwrap(), listed[..1]);
        assert_eq!(store.latest().unwrap().as_ref(), listed.first());
        store.set_head(first, Some(root)).unwrap();
        let went_back = store.latest().unwrap().unwrap();
        assert_eq!(
            (went_back.turns, went_back.model.as_deref()),
            (1, Some("author/model"))
        );
        store.set_head(first, None).unwrap();
        assert_eq!(store.latest().unwrap().unwrap().turns, 0);
    }

    #[test]
    fn the_session_that_was_left_last_is_the_latest() {
        let (_directory, _home, mut store) = store();
        let mut created = |text| {
            let turn = answered(text, &format!("{text} answered"));
            store.create_session(None, &Value::Null, &turn).unwrap()
        };
        let ((first, _), (second, root)) = (created("one"), created("two"));
        assert_eq!(store.latest().unwrap().unwrap().id, second);
        store.mark_used(first).unwrap();
        assert_eq!(store.latest().unwrap().unwrap().id, first);
        let exchange = |store: &Store| store.last_exchange(second).unwrap();
        let expected = ("two".to_owned(), "two answered".to_owned());
        assert_eq!(exchange(&store), Some(expected));
        let pending = store.start_turn(second, Some(root), &asked("three"));
        store.checkpoint(pending.unwrap(), "so f", "").unwrap();
        let expected = ("three".to_owned(), "so f".to_owned());
        assert_eq!(exchange(&store), Some(expected));
        store.set_head(second, None).unwrap();
        assert_eq!(exchange(&store), None);
    }

    #[test]
    fn a_total_marks_estimates_and_unknown_costs() {
        let (_directory, _home, mut store) = store();
        let (session, root) = store
            .create_session(
                None,
                &Value::Null,
                &costing(Some(0.1), CostSource::Provider),
            )
            .unwrap();
        assert_eq!(
            store.latest().unwrap().unwrap().cost,
            Spent {
                usd: Some(0.1),
                has_estimates: false,
                has_unknown: false
            }
        );
        store
            .start_turn(
                session,
                Some(root),
                &costing(Some(0.25), CostSource::Estimate),
            )
            .unwrap();
        // A turn without output cost nothing; one with output has an unknown cost.
        store
            .start_turn(session, Some(root), &costing(None, CostSource::Unknown))
            .unwrap();
        assert!(!store.latest().unwrap().unwrap().cost.has_unknown);
        let unbilled = Turn {
            first_token: Some(Duration::from_millis(5)),
            ..costing(None, CostSource::Unknown)
        };
        let id = store.start_turn(session, Some(root), &unbilled).unwrap();
        store.finish_turn(id, &unbilled).unwrap();
        assert_eq!(
            store.latest().unwrap().unwrap().cost,
            Spent {
                usd: Some(0.1 + 0.25),
                has_estimates: true,
                has_unknown: true
            }
        );
        store
            .create_session(None, &Value::Null, &asked("pending"))
            .unwrap();
        assert_eq!(
            store.latest().unwrap().unwrap().cost,
            Spent {
                usd: None,
                has_estimates: false,
                has_unknown: true
            }
        );
    }

    #[test]
    fn a_session_is_found_by_id_and_by_name_and_names_are_unique() {
        let (_directory, _home, mut store) = store();
        let (first, _) = store
            .create_session(Some("plan B"), &Value::Null, &asked("1"))
            .unwrap();
        let (second, _) = store
            .create_session(None, &Value::Null, &asked("2"))
            .unwrap();
        assert_eq!(store.find("plan B").unwrap().unwrap().id, first);
        assert_eq!(store.find(&second.to_string()).unwrap().unwrap().id, second);
        for unknown in [
            "plan",
            "",
            "99",
            "99999999999999999999",
            "+1",
            "-1",
            "' OR 1 --",
        ] {
            assert_eq!(store.find(unknown).unwrap(), None, "{unknown}");
        }
        assert_eq!(store.nearest_names("Plan").unwrap(), ["plan B"]);
        assert!(store.nearest_names("zebra").unwrap().is_empty());
        assert!(matches!(
            store.rename(second, Some("plan B")),
            Err(StoreError::NameTaken { .. })
        ));
        assert!(matches!(
            store.create_session(Some("plan B"), &Value::Null, &asked("3")),
            Err(StoreError::NameTaken { .. })
        ));
        assert!(matches!(
            store.rename(second, Some("12")),
            Err(StoreError::BadName { .. })
        ));
        assert_eq!(
            store.sessions(None).unwrap().len(),
            2,
            "a refused session is not created"
        );
        store.rename(first, Some("plan B")).unwrap();
        store.rename(first, None).unwrap();
        store.rename(second, Some("plan B")).unwrap();
        assert_eq!(store.find("plan B").unwrap().unwrap().id, second);
    }

    #[test]
    fn a_deleted_session_leaves_no_bytes_and_its_id_is_not_reused() {
        let (_directory, home, mut store) = store();
        let (kept, _) = store
            .create_session(
                None,
                &json!({"k": "keepsake"}),
                &answered("keepsake question", "keepsake answer"),
            )
            .unwrap();
        let (gone, turn) = store
            .create_session(
                Some("gone"),
                &json!({"k": "zyxwvut"}),
                &asked("zyxwvut question"),
            )
            .unwrap();
        store
            .checkpoint(turn, "zyxwvut draft", "zyxwvut thought")
            .unwrap();
        store
            .finish_turn(turn, &answered("zyxwvut question", "zyxwvut answer"))
            .unwrap();
        store.label_branch(turn, "zyxwvut").unwrap();
        store.delete(&[gone]).unwrap();
        assert!(matches!(
            store.delete(&[kept, gone]),
            Err(StoreError::NoSession(session)) if session == gone
        ));
        assert_eq!(
            store
                .sessions(None)
                .unwrap()
                .iter()
                .map(|session| session.id)
                .collect::<Vec<_>>(),
            [kept]
        );
        let (next, _) = store
            .create_session(Some("gone"), &Value::Null, &asked("next"))
            .unwrap();
        assert!(next > gone);
        drop(store);
        let bytes: Vec<u8> = std::fs::read_dir(home.directory())
            .unwrap()
            .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect();
        let has = |word: &str| {
            bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        };
        // The index contains trigrams.
        assert!(has("keepsake") && !has("zyx"));
    }

    #[test]
    fn settings_are_read_back_unchanged() {
        let (_directory, _home, mut store) = store();
        let (session, _) = store
            .create_session(None, &json!({"b": 1, "a": 0.1}), &asked("1"))
            .unwrap();
        assert_eq!(
            store.settings(session).unwrap().to_string(),
            r#"{"b":1,"a":0.1}"#
        );
        store.set_settings(session, &json!(["x"])).unwrap();
        assert_eq!(store.settings(session).unwrap(), json!(["x"]));
        assert!(matches!(
            store.set_settings(SessionId(99), &Value::Null),
            Err(StoreError::NoSession(_))
        ));
    }

    #[test]
    fn a_list_reads_no_long_columns() {
        let (_directory, _home, store) = store();
        let plan = |query: &str| {
            store.read("planning", |connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
                let steps = statement
                    .query_map([], |row| row.get(3))?
                    .collect::<Result<Vec<String>, _>>()?;
                Ok(steps.join("\n"))
            })
        };
        let steps = plan(&format!(
            "{SUMMARY} ORDER BY s.updated_at DESC, s.id DESC LIMIT 20"
        ))
        .unwrap();
        assert!(
            !steps.contains("contents") && !steps.contains("TEMP B-TREE"),
            "{steps}"
        );
        assert!(
            steps.contains("sessions_by_time") && steps.contains("COVERING INDEX turns_by_session"),
            "{steps}"
        );
    }
}
