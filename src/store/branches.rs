//! The branches of a session: the leaves of its tree of turns, and which one is current.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::database::{DatabaseFault, Store};
use super::error::StoreError;
use super::id::{SessionId, TurnId};
use super::rows;
use crate::present::text::shortened;

/// Longest excerpt of a question, in columns.
const WIDEST: usize = 60;

/// A path through the tree, identified by its last turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub last: TurnId,
    /// Its label, set on a turn that no other branch shares.
    pub label: Option<String>,
    /// First line of the last question.
    pub question: String,
    /// First line of its answer; empty without one.
    pub answer: String,
    /// Turns from the first to the last.
    pub turns: usize,
    pub is_current: bool,
    /// When the last question was asked.
    pub asked_at: SystemTime,
}

/// A branch that began because another process continued the same conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The name of the new branch.
    pub name: String,
    /// The name of the branch of the other process.
    pub other: String,
}

/// A turn without its text.
struct Node {
    id: i64,
    parent: Option<i64>,
    depth: i64,
    label: Option<String>,
    asked_at: SystemTime,
}

impl Store {
    /// Every turn without a successor, and the head wherever it is; the oldest first.
    pub fn branches(&self, session: SessionId) -> Result<Vec<Branch>, StoreError> {
        self.read("reading the session", |connection| {
            let head = head(connection, session)?;
            let nodes = nodes(connection, session)?;
            let parents: HashSet<i64> = nodes.iter().filter_map(|node| node.parent).collect();
            let ends = nodes
                .iter()
                .filter(|node| !parents.contains(&node.id) || Some(node.id) == head);
            ends.map(|end| branch(connection, end, &nodes, head))
                .collect()
        })
    }

    /// Labels the branch at this turn; an empty label removes the label.
    pub fn label_branch(&mut self, turn: TurnId, label: &str) -> Result<(), StoreError> {
        self.write("saving the session", |transaction| {
            let label = Some(label).filter(|label| !label.is_empty());
            let changed = transaction.execute(
                "UPDATE turns SET label = ? WHERE id = ?",
                params![label, turn.0],
            )?;
            if changed == 0 {
                Err(StoreError::NoTurn(turn).into())
            } else {
                Ok(())
            }
        })
    }
}

/// Names the branch that starts with `turn` and that of another process beside it: one whose first
/// turn is newer than `seen`. `None` without such a turn.
pub(super) fn fork(
    transaction: &Transaction<'_>,
    session: SessionId,
    parent: Option<TurnId>,
    seen: TurnId,
    turn: TurnId,
) -> Result<Option<Fork>, DatabaseFault> {
    let other: Option<(i64, Option<String>)> = transaction
        .query_row(
            "SELECT id, label FROM turns WHERE session = ? AND parent IS ? AND id > ? AND id <> ? \
            ORDER BY id DESC LIMIT 1",
            params![session.0, parent.map(|parent| parent.0), seen.0, turn.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((other, label)) = other else {
        return Ok(None);
    };
    let other = match label {
        Some(label) => label,
        None => label_with_free_name(transaction, session, other)?,
    };
    let name = label_with_free_name(transaction, session, turn.0)?;
    Ok(Some(Fork { name, other }))
}

/// Labels a turn with the first `branch-N` that no turn of the session has.
fn label_with_free_name(
    transaction: &Transaction<'_>,
    session: SessionId,
    turn: i64,
) -> Result<String, DatabaseFault> {
    let mut statement = transaction
        .prepare("SELECT label FROM turns WHERE session = ? AND label LIKE 'branch-%'")?;
    let taken = statement
        .query_map([session.0], |row| row.get(0))?
        .collect::<Result<HashSet<String>, _>>()?;
    // One more than are taken: one of them is free.
    let mut names = (1..=taken.len() + 1).map(|number| format!("branch-{number}"));
    let name = names.find(|name| !taken.contains(name)).unwrap_or_default();
    transaction.execute(
        "UPDATE turns SET label = ? WHERE id = ?",
        params![name, turn],
    )?;
    Ok(name)
}

/// The last turn of the current branch; `None` in a session without turns.
pub(super) fn head(
    connection: &Connection,
    session: SessionId,
) -> Result<Option<i64>, DatabaseFault> {
    let found = connection
        .query_row(
            "SELECT head FROM sessions WHERE id = ?",
            [session.0],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.ok_or(StoreError::NoSession(session))?)
}

fn nodes(connection: &Connection, session: SessionId) -> Result<Vec<Node>, DatabaseFault> {
    let mut statement = connection.prepare(
        "SELECT id, parent, depth, label, asked_at FROM turns WHERE session = ? ORDER BY id",
    )?;
    let nodes = statement.query_map([session.0], |row| {
        Ok(Node {
            id: row.get(0)?,
            parent: row.get(1)?,
            depth: row.get(2)?,
            label: row.get(3)?,
            asked_at: rows::time(row.get(4)?),
        })
    })?;
    Ok(nodes.collect::<Result<_, _>>()?)
}

fn branch(
    connection: &Connection,
    end: &Node,
    nodes: &[Node],
    head: Option<i64>,
) -> Result<Branch, DatabaseFault> {
    let sql =
        "SELECT substr(question, 1, 1000), substr(answer, 1, 1000) FROM contents WHERE turn = ?";
    let (question, answer): (String, String) =
        connection.query_row(sql, [end.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Branch {
        last: TurnId(end.id),
        label: label_of(end, nodes),
        question: shortened(&question, WIDEST),
        answer: shortened(&answer, WIDEST),
        turns: usize::try_from(end.depth).unwrap_or(0),
        is_current: Some(end.id) == head,
        asked_at: end.asked_at,
    })
}

/// The nearest label on the way back to the fork. The turns before the fork belong to several
/// branches, so their labels name none of them.
fn label_of(end: &Node, nodes: &[Node]) -> Option<String> {
    let by_id: HashMap<i64, &Node> = nodes.iter().map(|node| (node.id, node)).collect();
    let has_sibling = |node: &Node| {
        nodes
            .iter()
            .any(|other| other.parent == node.parent && other.id != node.id)
    };
    let mut node = Some(end);
    while let Some(here) = node {
        if here.label.is_some() {
            return here.label.clone();
        }
        node = here
            .parent
            .filter(|_| !has_sibling(here))
            .and_then(|parent| by_id.get(&parent).copied());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{answered, asked, store};
    use serde_json::Value;

    fn seen(branches: &[Branch]) -> Vec<(TurnId, Option<&str>, &str, usize, bool)> {
        branches
            .iter()
            .map(|branch| {
                (
                    branch.last,
                    branch.label.as_deref(),
                    branch.question.as_str(),
                    branch.turns,
                    branch.is_current,
                )
            })
            .collect()
    }

    #[test]
    fn a_turn_beside_that_of_another_process_names_both_branches() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &answered("first", "a"))
            .unwrap();
        let mut start = |parent, seen, question| {
            store
                .start_turn_beside(session, parent, seen, &answered(question, "b"))
                .unwrap()
        };
        let fork = |name: &str, other: &str| {
            Some(Fork {
                name: name.to_owned(),
                other: other.to_owned(),
            })
        };
        let (one, none) = start(Some(first), Some(first), "one");
        assert_eq!(none, None, "nothing follows yet");
        let (two, named) = start(Some(first), Some(first), "two");
        assert_eq!(named, fork("branch-2", "branch-1"));
        assert_eq!(start(Some(one), Some(one), "one, continued").1, None);
        assert_eq!(start(Some(first), Some(two), "a retry").1, None);
        assert_eq!(
            start(Some(first), Some(one), "three").1,
            fork("branch-4", "branch-3"),
            "the retry has no name yet"
        );
        let branches = store.branches(session).unwrap();
        let labels: Vec<_> = branches
            .iter()
            .map(|branch| (branch.question.as_str(), branch.label.as_deref()))
            .collect();
        assert_eq!(
            labels[..2],
            [
                ("two", Some("branch-2")),
                ("one, continued", Some("branch-1"))
            ]
        );
    }

    #[test]
    fn every_leaf_is_a_branch_and_so_is_the_head_wherever_it_is() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(None, &Value::Null, &answered("first", "a"))
            .unwrap();
        let left = store
            .start_turn(session, Some(first), &answered("left\nmore", "b"))
            .unwrap();
        let right = store
            .start_turn(session, Some(first), &answered("right", "c"))
            .unwrap();
        store.label_branch(first, "trunk").unwrap();
        store.label_branch(right, "other").unwrap();
        let further = store
            .start_turn(session, Some(right), &asked("further"))
            .unwrap();
        assert_eq!(
            seen(&store.branches(session).unwrap()),
            [
                (left, None, "left", 2, false),
                (further, Some("other"), "further", 3, true)
            ]
        );
        store.set_head(session, Some(first)).unwrap();
        let branches = store.branches(session).unwrap();
        assert_eq!(seen(&branches)[0], (first, Some("trunk"), "first", 1, true));
        assert_eq!(
            branches.iter().filter(|branch| branch.is_current).count(),
            1
        );
        store.label_branch(right, "").unwrap();
        store.set_head(session, Some(further)).unwrap();
        assert_eq!(
            seen(&store.branches(session).unwrap())[1],
            (further, None, "further", 3, true)
        );
        assert!(matches!(
            store.label_branch(TurnId(99), "x"),
            Err(StoreError::NoTurn(_))
        ));
        assert!(matches!(
            store.branches(SessionId(99)),
            Err(StoreError::NoSession(_))
        ));
    }
}
