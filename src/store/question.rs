//! Stores the parts of a question: as JSON, with the long texts in a table of pieces.

use std::borrow::Cow;

use rusqlite::{Connection, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::error::unreadable;
use super::id::TurnId;
use crate::chat::message::ContentPart;
use crate::wire::redact::stored;
use crate::wire::shared_text::SharedText;

/// Longest text of a part inside the JSON, in bytes; longer ones are stored in pieces.
const LONGEST_INLINE: usize = 16 * 1024;

/// Largest piece, in bytes. While a piece is written, SQLite has two copies of it.
const LARGEST_PIECE: usize = 256 * 1024;

/// Audio formats that [`ContentPart::Audio`] may name.
const AUDIO_FORMATS: &[&str] = &[
    "wav", "mp3", "flac", "ogg", "m4a", "aac", "aiff", "opus", "pcm16",
];

/// The column `parts`: JSON, or `None` when the question is a single text, which has its own
/// column.
pub(super) fn parts_column(question: &[ContentPart]) -> rusqlite::Result<Option<String>> {
    if is_single_text(question) {
        return Ok(None);
    }
    let parts: Vec<StoredPart> = question.iter().map(StoredPart::of).collect();
    serde_json::to_string(&parts)
        .map(Some)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Inserts the texts that [`parts_column`] omits.
pub(super) fn insert_pieces(
    transaction: &Transaction<'_>,
    turn: TurnId,
    question: &[ContentPart],
) -> rusqlite::Result<()> {
    if is_single_text(question) {
        return Ok(());
    }
    for (part, index) in question.iter().zip(0_i64..) {
        let text = text_of(part);
        if text.len() > LONGEST_INLINE {
            insert_text(transaction, turn, index, text)?;
        }
    }
    Ok(())
}

/// Inserts the pieces of a text.
pub(super) fn insert_text(
    transaction: &Transaction<'_>,
    turn: TurnId,
    part: i64,
    text: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO pieces (turn, part, piece, data) VALUES (?, ?, ?, ?)";
    let mut statement = transaction.prepare(sql)?;
    for (data, piece) in pieces(text).zip(0_i64..) {
        statement.execute(params![turn.0, part, piece, data])?;
    }
    Ok(())
}

/// Reads the question of a turn from the columns `id`, `question` and `parts`, and its pieces.
pub(super) fn question(
    connection: &Connection,
    row: &Row<'_>,
) -> rusqlite::Result<Vec<ContentPart>> {
    // Read where SQLite has it: older versions stored whole attachments in this column.
    let Some(parts) = row.get_ref("parts")?.as_str_or_null()? else {
        let text: String = row.get("question")?;
        return Ok(vec![ContentPart::Text(text.into())]);
    };
    let parts: Vec<StoredPart> = serde_json::from_str(parts).map_err(unreadable)?;
    let turn = TurnId(row.get("id")?);
    let part = |(mut stored, index): (StoredPart, i64)| {
        if let Some(length) = stored.length {
            stored.set_text(joined(connection, turn, index, length)?);
        }
        stored
            .part()
            .ok_or_else(|| unreadable("an unknown part of a question"))
    };
    parts.into_iter().zip(0_i64..).map(part).collect()
}

/// The question with the keys masked in its texts, URLs and names of files. The content of attached
/// files stays as it is.
pub(super) fn without_keys(question: &[ContentPart]) -> Cow<'_, [ContentPart]> {
    let parts: Vec<Option<ContentPart>> = question.iter().map(masked).collect();
    if parts.iter().all(Option::is_none) {
        return Cow::Borrowed(question);
    }
    let part = |(masked, part): (Option<ContentPart>, &ContentPart)| {
        masked.unwrap_or_else(|| part.clone())
    };
    parts.into_iter().zip(question).map(part).collect()
}

/// A part with its keys masked; `None` when it has none.
fn masked(part: &ContentPart) -> Option<ContentPart> {
    let clean = |text: &str| match stored(text) {
        Cow::Owned(clean) => Some(clean),
        Cow::Borrowed(_) => None,
    };
    // In base64 a key is not one, and what looks like one is none.
    let clean_url = |url: &SharedText| {
        let is_data = url.as_str().starts_with("data:");
        if is_data { None } else { clean(url) }
    };
    Some(match part {
        ContentPart::Text(text) => ContentPart::Text(clean(text)?.into()),
        ContentPart::Image { url } => ContentPart::Image {
            url: clean_url(url)?.into(),
        },
        ContentPart::Video { url } => ContentPart::Video {
            url: clean_url(url)?.into(),
        },
        ContentPart::File { name, url } => {
            let (clean_name, clean_url) = (clean(name), clean_url(url));
            if clean_name.is_none() && clean_url.is_none() {
                return None;
            }
            ContentPart::File {
                name: clean_name.unwrap_or_else(|| name.clone()),
                url: clean_url.map_or_else(|| url.clone(), Into::into),
            }
        }
        ContentPart::Audio { .. } => return None,
    })
}

fn is_single_text(question: &[ContentPart]) -> bool {
    matches!(question, [ContentPart::Text(_)])
}

fn text_of(part: &ContentPart) -> &SharedText {
    match part {
        ContentPart::Text(text)
        | ContentPart::Image { url: text }
        | ContentPart::File { url: text, .. }
        | ContentPart::Video { url: text }
        | ContentPart::Audio { base64: text, .. } => text,
    }
}

/// The text in pieces of up to [`LARGEST_PIECE`], cut between characters.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = rest.len().min(LARGEST_PIECE);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Reads the text of a part, `length` bytes, piece by piece into one buffer.
fn joined(
    connection: &Connection,
    turn: TurnId,
    part: i64,
    length: usize,
) -> rusqlite::Result<SharedText> {
    let mut statement =
        connection.prepare("SELECT data FROM pieces WHERE turn = ? AND part = ? ORDER BY piece")?;
    let mut rows = statement.query([turn.0, part])?;
    let mut text = String::new();
    text.try_reserve_exact(length).map_err(unreadable)?;
    while let Some(row) = rows.next()? {
        text.push_str(row.get_ref(0)?.as_str()?);
    }
    if text.len() != length {
        return Err(unreadable("an incomplete part of a question"));
    }
    Ok(text.into())
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
    /// Bytes of the text, which is stored in pieces and is empty here.
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
}

impl StoredPart {
    fn of(part: &ContentPart) -> Self {
        let mut stored = Self::default();
        let mut text = text_of(part).clone();
        if text.len() > LONGEST_INLINE {
            stored.length = Some(text.len());
            text = SharedText::default();
        }
        match part {
            ContentPart::Text(_) => stored.text = Some(text),
            ContentPart::Image { .. } => stored.image = Some(text),
            ContentPart::File { name, .. } => {
                (stored.file, stored.name) = (Some(text), Some(name.clone()));
            }
            ContentPart::Video { .. } => stored.video = Some(text),
            ContentPart::Audio { format, .. } => {
                (stored.audio, stored.format) = (Some(text), Some((*format).to_owned()));
            }
        }
        stored
    }

    fn set_text(&mut self, text: SharedText) {
        let texts = [
            &mut self.text,
            &mut self.image,
            &mut self.file,
            &mut self.video,
            &mut self.audio,
        ];
        if let Some(empty) = texts.into_iter().flatten().next() {
            *empty = text;
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::turn::Turn;
    use crate::config::Home;
    use crate::store::database::{DatabaseFault, Store};
    use crate::store::error::StoreError;
    use crate::store::samples::{answered, asked, store};

    fn with_question(question: Vec<ContentPart>) -> Turn {
        Turn {
            question,
            ..answered("", "an answer")
        }
    }

    /// A text with the number of bytes, or up to three more.
    fn long(unit: &str, bytes: usize) -> SharedText {
        let mut text = unit.repeat(bytes.div_ceil(unit.len()));
        while text.len() < bytes || !text.is_char_boundary(text.len()) {
            text.push('x');
        }
        text.into()
    }

    fn count(store: &Store, query: &str) -> i64 {
        let count = |connection: &Connection| -> Result<i64, DatabaseFault> {
            Ok(connection.query_row(query, [], |row| row.get(0))?)
        };
        store.read("testing", count).unwrap()
    }

    fn pieces_in(store: &Store) -> i64 {
        count(store, "SELECT count(*) FROM pieces")
    }

    fn run(store: &mut Store, statement: &str) {
        store
            .write("testing", |transaction| {
                Ok(transaction.execute_batch(statement)?)
            })
            .unwrap();
    }

    #[test]
    fn keys_are_masked_in_names_and_urls_but_not_in_content() {
        const KEY: &str =
            "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";
        let data: SharedText = format!("data:image/png;base64,{KEY}").into();
        let image = |url: &str| ContentPart::Image { url: url.into() };
        let file = |name: &str, url: &SharedText| ContentPart::File {
            name: name.to_owned(),
            url: url.clone(),
        };
        let question = [
            image(&format!("https://a.example/x?key={KEY}")),
            image(&data),
            file(&format!("{KEY}.pdf"), &data),
            ContentPart::Video {
                url: format!("https://a.example/{KEY}").into(),
            },
            file("plan.pdf", &data),
        ];
        let clean = without_keys(&question);
        let texts: Vec<&str> = clean.iter().map(|part| text_of(part).as_str()).collect();
        assert!(!texts[0].contains(KEY) && texts[0].starts_with("https://a.example/x?key="));
        assert_eq!((texts[1], texts[2]), (data.as_str(), data.as_str()));
        assert!(matches!(&clean[2], ContentPart::File { name, .. }
            if !name.contains(KEY) && name.split('.').next_back() == Some("pdf")));
        assert!(!texts[3].contains(KEY));
        assert_eq!(clean[4], question[4]);
        assert!(matches!(without_keys(&question[4..]), Cow::Borrowed(_)));
    }

    #[test]
    fn pieces_are_cut_between_characters_and_are_the_text_together() {
        for unit in ["a", "é", "漢", "🦀", "a🦀"] {
            for bytes in [
                0,
                1,
                LARGEST_PIECE - 1,
                LARGEST_PIECE,
                LARGEST_PIECE + 1,
                600_000,
            ] {
                let text = long(unit, bytes);
                let cut: Vec<&str> = pieces(&text).collect();
                assert_eq!(cut.concat(), text.as_str());
                assert!(cut.iter().all(|piece| piece.len() <= LARGEST_PIECE));
                let rest = cut.split_last().map_or(&[][..], |(_, rest)| rest);
                assert!(rest.iter().all(|piece| piece.len() > LARGEST_PIECE - 4));
            }
        }
    }

    fn any_text() -> impl Strategy<Value = SharedText> {
        let unit = prop_oneof!["[a-z]", Just("é".into()), Just("🦀".into()), "(?s).{1,5}"];
        let size = prop_oneof![
            0..40_usize,
            LONGEST_INLINE - 8..LONGEST_INLINE + 8,
            LARGEST_PIECE - 8..LARGEST_PIECE + 8,
            2 * LARGEST_PIECE - 8..2 * LARGEST_PIECE + 8,
        ];
        let shifted = ("[a-z]{0,3}", unit, size);
        shifted.prop_map(|(start, unit, size): (String, String, usize)| {
            format!("{start}{}", unit.repeat(size / unit.len().max(1))).into()
        })
    }

    fn any_part() -> impl Strategy<Value = ContentPart> {
        let text = any_text;
        prop_oneof![
            text().prop_map(ContentPart::Text),
            text().prop_map(|url| ContentPart::Image { url }),
            ("(?s).{0,8}", text()).prop_map(|(name, url)| ContentPart::File { name, url }),
            text().prop_map(|url| ContentPart::Video { url }),
            (proptest::sample::select(AUDIO_FORMATS), text())
                .prop_map(|(format, base64)| ContentPart::Audio { base64, format }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_question_is_read_back_unchanged(
            questions in proptest::collection::vec(
                proptest::collection::vec(any_part(), 1..4),
                1..3,
            ),
        ) {
            let mut store = Store::in_memory().unwrap();
            let (session, mut last) =
                store.create_session(None, &Value::Null, &asked("first")).unwrap();
            for question in &questions {
                let turn = with_question(question.clone());
                last = store.start_turn(session, Some(last), &turn).unwrap();
                store.finish_turn(last, &turn).unwrap();
            }
            let read = store.path(session).unwrap().into_iter().skip(1);
            let read: Vec<_> = read.map(|stored| stored.turn.question).collect();
            prop_assert_eq!(read, questions);
        }
    }

    #[test]
    fn a_long_part_is_in_pieces_which_its_session_deletes_with_it() {
        let (_directory, _home, mut store) = store();
        let turn = with_question(vec![
            ContentPart::Text("Compare the needle".into()),
            ContentPart::File {
                name: "plan.pdf".to_owned(),
                url: long("QUJD", 2 * LARGEST_PIECE + 1),
            },
            ContentPart::Text(long("hay ", LONGEST_INLINE + 1)),
            ContentPart::Image {
                url: long("QUJD", LONGEST_INLINE),
            },
        ]);
        let (first, root) = store.create_session(None, &Value::Null, &turn).unwrap();
        store.start_turn(first, Some(root), &turn).unwrap();
        let (second, _) = store.create_session(None, &Value::Null, &turn).unwrap();
        assert_eq!(pieces_in(&store), 3 * 4);
        let longest = "SELECT max(length(parts)) FROM contents";
        assert!(count(&store, longest) < 2 * i64::try_from(LONGEST_INLINE).unwrap());
        assert_eq!(store.search("needle", 9).unwrap().len(), 3);
        store.delete(&[first]).unwrap();
        assert_eq!(pieces_in(&store), 4);
        assert_eq!(store.path(second).unwrap()[0].turn, turn);
        store.delete(&[second]).unwrap();
        assert_eq!(pieces_in(&store), 0);
    }

    #[test]
    fn a_missing_piece_is_an_error() {
        let (_directory, _home, mut store) = store();
        let url = long("QUJD", 2 * LARGEST_PIECE);
        let turn = with_question(vec![ContentPart::Video { url }]);
        let (session, _) = store.create_session(None, &Value::Null, &turn).unwrap();
        run(&mut store, "DELETE FROM pieces WHERE piece = 1");
        assert!(matches!(
            store.path(session),
            Err(StoreError::Unreadable { .. })
        ));
        let huge = r#"UPDATE contents SET parts = '[{"video":"","length":18446744073709551615}]'"#;
        run(&mut store, huge);
        assert!(matches!(
            store.path(session),
            Err(StoreError::Unreadable { .. })
        ));
    }

    #[test]
    fn a_file_of_an_older_version_is_read_as_it_is() {
        let directory = tempfile::TempDir::new().unwrap();
        let home = Home::at(directory.path());
        let url = long("QUJD", LARGEST_PIECE + 5);
        let old = Connection::open(home.database_file()).unwrap();
        for migration in [
            include_str!("schema.sql"),
            include_str!("catalog.sql"),
            include_str!("ledger.sql"),
            include_str!("annotations.sql"),
        ] {
            old.execute_batch(migration).unwrap();
        }
        old.execute_batch(
            "PRAGMA user_version = 4;
             INSERT INTO sessions VALUES (1, 'old', 'look', 'null', NULL, 1, 1);
             INSERT INTO turns (id, session, depth, asked_at, state, profile, provider, \
             requested_model, cost_source, total) VALUES (1, 1, 1, 1, 'complete', 'work', \
             'openrouter', 'author/model', 'unknown', 5);
             UPDATE sessions SET head = 1",
        )
        .unwrap();
        let parts = json!([{"text": "look"}, {"file": url.as_str(), "name": "plan.pdf"}]);
        old.execute(
            "INSERT INTO contents (turn, question, parts, answer, reasoning) VALUES (1, 'look', ?, \
             'seen', '')",
            [parts.to_string()],
        )
        .unwrap();
        drop(old);
        let mut store = Store::open(&home).unwrap();
        let found = store.find("old").unwrap().unwrap();
        let first = store.path(found.id).unwrap().remove(0);
        let name = "plan.pdf".to_owned();
        let question = [
            ContentPart::Text("look".into()),
            ContentPart::File { name, url },
        ];
        assert_eq!(
            (&first.turn.question[..], first.turn.text.as_str()),
            (&question[..], "seen")
        );
        assert_eq!(pieces_in(&store), 0);
        // The same question asked again, as `/retry` does, is stored in pieces.
        let again = with_question(first.turn.question);
        store.start_turn(found.id, Some(first.id), &again).unwrap();
        assert_eq!(pieces_in(&store), 2);
        assert_eq!(store.path(found.id).unwrap()[1].turn.question, question);
    }
}
