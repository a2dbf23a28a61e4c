//! Search in questions, answers, names and titles: every word of the query must occur, in any
//! order, also as a part of a longer word.

use std::ops::Range;
use std::time::SystemTime;

use rusqlite::types::Value as Column;
use rusqlite::{Connection, params_from_iter};

use super::database::{DatabaseFault, Store};
use super::error::StoreError;
use super::id::{SessionId, TurnId};
use super::rows;

/// The index contains trigrams; shorter words are searched without it.
const SHORTEST_INDEXED: usize = 3;

/// Characters shown before and after the first match.
const CONTEXT: usize = 40;

/// Most words of a query; SQLite limits its terms.
const MOST_WORDS: usize = 32;

/// The text in which the words were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchField {
    /// In the name or the title of the session.
    Title,
    Question,
    Answer,
}

/// A turn, or a session by its name or title, that contains all words.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    pub session: SessionId,
    pub name: Option<String>,
    pub title: String,
    /// `None` when the words occur in the name or the title only.
    pub turn: Option<TurnId>,
    pub field: SearchField,
    /// One line of text around the first match.
    pub snippet: String,
    /// The matches, as byte ranges of `snippet`.
    pub marks: Vec<Range<usize>>,
    /// When the question was asked, or the session last used.
    pub when: SystemTime,
}

impl Store {
    /// Turns that contain all words, the newest first, then sessions with them only in their
    /// name or title. Case is ignored. An empty query has no results.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<SearchHit>, StoreError> {
        let words: Vec<String> = words
            .split_whitespace()
            .take(MOST_WORDS)
            .map(|word| word.replace('\0', ""))
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        self.read("searching the sessions", |connection| {
            let mut hits = hits_in_turns(connection, &words, limit)?;
            hits.extend(hits_in_drafts(connection, &words)?);
            hits.sort_by_key(|hit| std::cmp::Reverse(hit.turn));
            for hit in hits_in_titles(connection, &words)? {
                if hits.iter().all(|other| other.session != hit.session) {
                    hits.push(hit);
                }
            }
            hits.truncate(limit);
            Ok(hits)
        })
    }
}

const FOUND: &str = "SELECT s.id, s.name, s.title, t.id, t.asked_at, c.question, \
    COALESCE(d.answer, c.answer)
    FROM contents c JOIN turns t ON t.id = c.turn JOIN sessions s ON s.id = t.session LEFT JOIN \
    drafts d ON d.turn = t.id";

fn hits_in_turns(
    connection: &Connection,
    words: &[String],
    limit: usize,
) -> Result<Vec<SearchHit>, DatabaseFault> {
    let (long, short): (Vec<&String>, Vec<&String>) = words
        .iter()
        .partition(|word| word.chars().count() >= SHORTEST_INDEXED);
    let mut conditions = Vec::new();
    let mut columns = Vec::new();
    if !long.is_empty() {
        conditions.push(
            "c.turn IN (SELECT rowid FROM contents_index WHERE contents_index MATCH ?)".to_owned(),
        );
        // Inside quotation marks nothing is an operator of the query language.
        let quoted: Vec<String> = long
            .iter()
            .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
            .collect();
        columns.push(Column::from(quoted.join(" AND ")));
    }
    for word in short {
        conditions
            .push("(c.question LIKE ? ESCAPE '\\' OR c.answer LIKE ? ESCAPE '\\')".to_owned());
        let escaped = word
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        columns.extend([Column::from(pattern.clone()), Column::from(pattern)]);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = format!(
        "{FOUND} WHERE {} ORDER BY c.turn DESC LIMIT {limit}",
        conditions.join(" AND ")
    );
    let turns = found(connection, &query, &columns)?;
    Ok(turns.into_iter().map(|turn| turn.hit(words)).collect())
}

/// Unfinished answers are not in the index; there are few.
fn hits_in_drafts(
    connection: &Connection,
    words: &[String],
) -> Result<Vec<SearchHit>, DatabaseFault> {
    let turns = found(
        connection,
        &format!("{FOUND} WHERE d.turn IS NOT NULL"),
        &[],
    )?;
    let is_new = |turn: &FoundText| {
        let has = |text: &str, word: &String| !matches(text, std::slice::from_ref(word)).is_empty();
        let all_in_question = words.iter().all(|word| has(&turn.question, word));
        !all_in_question
            && words
                .iter()
                .all(|word| has(&turn.question, word) || has(&turn.answer, word))
    };
    Ok(turns
        .into_iter()
        .filter(is_new)
        .map(|turn| turn.hit(words))
        .collect())
}

fn hits_in_titles(
    connection: &Connection,
    words: &[String],
) -> Result<Vec<SearchHit>, DatabaseFault> {
    let mut statement = connection
        .prepare("SELECT id, name, title, updated_at FROM sessions ORDER BY updated_at DESC")?;
    let mut rows = statement.query([])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, title): (Option<String>, String) = (row.get(1)?, row.get(2)?);
        let text = name
            .as_ref()
            .map_or_else(|| title.clone(), |name| format!("{name}: {title}"));
        if words
            .iter()
            .all(|word| !matches(&text, std::slice::from_ref(word)).is_empty())
        {
            let (snippet, marks) = snippet(&text, words);
            hits.push(SearchHit {
                session: SessionId(row.get(0)?),
                name,
                title,
                turn: None,
                field: SearchField::Title,
                snippet,
                marks,
                when: rows::time(row.get(3)?),
            });
        }
    }
    Ok(hits)
}

/// A turn that contains the words.
struct FoundText {
    session: SessionId,
    name: Option<String>,
    title: String,
    turn: TurnId,
    asked_at: SystemTime,
    question: String,
    answer: String,
}

fn found(
    connection: &Connection,
    query: &str,
    columns: &[Column],
) -> Result<Vec<FoundText>, DatabaseFault> {
    let mut statement = connection.prepare(query)?;
    let turns = statement.query_map(params_from_iter(columns), |row| {
        Ok(FoundText {
            session: SessionId(row.get(0)?),
            name: row.get(1)?,
            title: row.get(2)?,
            turn: TurnId(row.get(3)?),
            asked_at: rows::time(row.get(4)?),
            question: row.get(5)?,
            answer: row.get(6)?,
        })
    })?;
    Ok(turns.collect::<Result<_, _>>()?)
}

impl FoundText {
    fn hit(self, words: &[String]) -> SearchHit {
        let in_question = !matches(&self.question, words).is_empty();
        let (field, text) = if in_question {
            (SearchField::Question, &self.question)
        } else {
            (SearchField::Answer, &self.answer)
        };
        let (snippet, marks) = snippet(text, words);
        SearchHit {
            session: self.session,
            name: self.name,
            title: self.title,
            turn: Some(self.turn),
            field,
            snippet,
            marks,
            when: self.asked_at,
        }
    }
}

/// A character in lower case, one for one, so that positions stay valid.
fn folded(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The positions of the words in a text, in characters, in order and without overlaps.
fn matches(text: &str, words: &[String]) -> Vec<Range<usize>> {
    let text: Vec<char> = text.chars().map(folded).collect();
    let words: Vec<Vec<char>> = words
        .iter()
        .map(|word| word.chars().map(folded).collect())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let longest = words
            .iter()
            .filter(|word| text[at..].starts_with(word))
            .map(Vec::len)
            .max()
            .unwrap_or(0);
        if longest > 0 {
            found.push(at..at + longest);
        }
        at += longest.max(1);
    }
    found
}

/// One line of the text around the first match, and the byte ranges of the matches in it.
fn snippet(text: &str, words: &[String]) -> (String, Vec<Range<usize>>) {
    let first = matches(text, words).first().cloned().unwrap_or(0..0);
    let start = first.start.saturating_sub(CONTEXT);
    let mut rest = text.chars().skip(start);
    let taken: String = rest
        .by_ref()
        .take(first.end - start + CONTEXT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let is_truncated = rest.next().is_some();
    let line = taken.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = format!(
        "{}{line}{}",
        if start > 0 { "…" } else { "" },
        if is_truncated { "…" } else { "" }
    );
    let offsets: Vec<usize> = line
        .char_indices()
        .map(|(offset, _)| offset)
        .chain([line.len()])
        .collect();
    let marks = matches(&line, words)
        .into_iter()
        .map(|found| offsets[found.start]..offsets[found.end])
        .collect();
    (line, marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{answered, asked, store};
    use serde_json::Value;

    /// Turn ID, field and matched words of each result.
    fn found_in(store: &Store, words: &str) -> Vec<(Option<i64>, SearchField, Vec<String>)> {
        let hits = store.search(words, 50).unwrap();
        let marked = |hit: &SearchHit| {
            hit.marks
                .iter()
                .map(|mark| hit.snippet[mark.clone()].to_owned())
                .collect()
        };
        hits.iter()
            .map(|hit| (hit.turn.map(|turn| turn.0), hit.field, marked(hit)))
            .collect()
    }

    fn turns(store: &Store, words: &str) -> Vec<i64> {
        found_in(store, words)
            .into_iter()
            .filter_map(|(turn, ..)| turn)
            .collect()
    }

    #[test]
    fn words_match_in_any_order_case_and_script() {
        let (_directory, _home, mut store) = store();
        let (session, first) = store
            .create_session(
                None,
                &Value::Null,
                &answered("How do sorting networks work?", "They compare."),
            )
            .unwrap();
        let second = store
            .start_turn(
                session,
                Some(first),
                &answered("漢字の並べ替えは?", "ÄRGER macht 100% Spaß, a_b"),
            )
            .unwrap();
        assert_eq!(
            found_in(&store, "NETWORKS sort"),
            [(
                Some(1),
                SearchField::Question,
                vec!["sort".to_owned(), "networks".to_owned()]
            )]
        );
        assert_eq!(
            turns(&store, "networks compare"),
            [first.0],
            "one word in the question, one in the answer"
        );
        assert_eq!(turns(&store, "networks absent"), Vec::<i64>::new());
        for words in [
            "並べ替え",
            "漢字",
            "字",
            "ärger",
            "spa",
            "100%",
            "a_b",
            "b",
            "Ärger 字",
        ] {
            assert!(turns(&store, words).contains(&second.0), "{words}");
        }
        assert_eq!(turns(&store, "並べ替え"), [second.0]);
        assert!(
            turns(&store, "0_").is_empty() && turns(&store, "%s").is_empty(),
            "wildcards have no meaning"
        );
    }

    #[test]
    fn no_query_is_an_error() {
        let (_directory, _home, mut store) = store();
        store
            .create_session(
                None,
                &Value::Null,
                &answered("say \"hello\" AND (wait)", "NEAR:x* ^y"),
            )
            .unwrap();
        for words in [
            "\"",
            "\"\"\"",
            "AND",
            "OR NOT",
            "(",
            "NEAR(",
            "*",
            "abc*",
            "-abc",
            "question:say",
            "\\",
            "\0",
            "'",
            "^",
            "{a b}:c",
            &"x ".repeat(500),
            &"y".repeat(100_000),
        ] {
            assert!(store.search(words, 5).is_ok(), "{words:?}");
        }
        assert_eq!(turns(&store, "\"hello\" AND (wait)"), [1]);
        assert_eq!(turns(&store, "NEAR:x*"), [1]);
        assert!(store.search(" \t\n", 5).unwrap().is_empty());
    }

    #[test]
    fn interrupted_answers_names_and_titles_are_found() {
        let (_directory, _home, mut store) = store();
        let (session, turn) = store
            .create_session(Some("holiday"), &Value::Null, &asked("Where to?"))
            .unwrap();
        store.checkpoint(turn, "To Lisbon, or", "").unwrap();
        assert_eq!(
            found_in(&store, "lisbon"),
            [(Some(1), SearchField::Answer, vec!["Lisbon".to_owned()])]
        );
        assert_eq!(found_in(&store, "lisbon where").len(), 1);
        assert_eq!(
            found_in(&store, "holi"),
            [(None, SearchField::Title, vec!["holi".to_owned()])]
        );
        store
            .finish_turn(turn, &answered("Where to?", "To Porto."))
            .unwrap();
        assert!(turns(&store, "lisbon").is_empty());
        assert_eq!(turns(&store, "porto"), [1]);
        store.delete(&[session]).unwrap();
        assert!(
            found_in(&store, "porto").is_empty()
                && found_in(&store, "where").is_empty()
                && found_in(&store, "holiday").is_empty()
        );
    }

    #[test]
    fn the_newest_come_first_up_to_the_limit() {
        let (_directory, _home, mut store) = store();
        let (session, mut last) = store
            .create_session(None, &Value::Null, &answered("common word", "a"))
            .unwrap();
        for _ in 0..9 {
            last = store
                .start_turn(session, Some(last), &answered("common word", "a"))
                .unwrap();
        }
        let newest: Vec<i64> = store
            .search("common", 3)
            .unwrap()
            .iter()
            .filter_map(|hit| hit.turn)
            .map(|turn| turn.0)
            .collect();
        assert_eq!(newest, [10, 9, 8]);
        assert_eq!(store.search("common", 50).unwrap().len(), 10);
        assert_eq!(store.search("d", 2).unwrap().len(), 2);
    }

    #[test]
    fn a_snippet_is_one_line_around_the_first_match() {
        let text = format!(
            "{}\nthe\tneedle\u{1b}[31m\n{}",
            "before ".repeat(100),
            "after ".repeat(100)
        );
        let (line, marks) = snippet(&text, &["NEEDLE".to_owned()]);
        assert_eq!(&line[marks[0].clone()], "needle");
        assert!(
            line.starts_with('…')
                && line.ends_with('…')
                && line.chars().count() < 100
                && !line.contains(char::is_control),
            "{line:?}"
        );
        assert_eq!(
            snippet("short", &["absent".to_owned()]),
            ("short".to_owned(), Vec::new())
        );
    }
}
