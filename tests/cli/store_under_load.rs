//! Many processes that write conversations at once, are killed at any moment, or run out of space.
//!
//! `AMX_TEST_WRITERS`, `AMX_TEST_TURNS` and `AMX_TEST_KILLS` make the runs longer; `just torture`
//! does.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use amx::tables::ContentPart;
use amx::tables::Home;
use amx::tables::{SessionId, Store, StoreError};
use amx::tables::{Turn, TurnState};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::trust;

const DIRECTORY: &str = "AMX_TEST_DIRECTORY";
const WRITER: &str = "AMX_TEST_WRITER";
const TURNS: &str = "AMX_TEST_TURNS";

/// The session that all writers write to.
const SHARED: &str = "shared";

#[expect(
    clippy::disallowed_methods,
    reason = "the tests are no part of the program, and their size is given from outside"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(name: &str, default: usize) -> usize {
    variable(name).map_or(default, |text| text.parse().unwrap())
}

/// The shared session; the first writer creates it.
fn shared(store: &mut Store, name: &str) -> SessionId {
    let first = Turn::new(
        vec![ContentPart::Text(format!("first of {name}").into())],
        None,
        "work",
        "demo",
        "m",
    );
    match store.create_session(Some(SHARED), &Value::Null, &first) {
        Ok((session, _)) => session,
        Err(StoreError::NameTaken { .. }) => store.find(SHARED).unwrap().unwrap().id,
        Err(error) => panic!("{error}"),
    }
}

/// Not a test: the other tests run it as a process of its own. It appends turns and says for each
/// that it is stored.
#[test]
#[ignore = "the other tests run it as a process"]
fn writer() {
    let directory = variable(DIRECTORY).unwrap();
    let name = variable(WRITER).unwrap();
    let mut say = std::io::stdout().lock();
    let mut store = Store::open(&Home::at(directory)).unwrap();
    let session = shared(&mut store, &name);
    let mut last = None;
    for turn_number in 0..number(TURNS, usize::MAX) {
        let question = format!("{name}-{turn_number}");
        let mut turn = Turn::new(
            vec![ContentPart::Text(question.as_str().into())],
            None,
            "work",
            "demo",
            "m",
        );
        let answer = format!(
            "{question} {}",
            "long answer ".repeat(turn_number % 50 * 20)
        );
        let stored = store.start_turn(session, last, &turn).and_then(|id| {
            store.checkpoint(id, &answer[..question.len()], "")?;
            turn.text.clone_from(&answer);
            turn.state = TurnState::Complete;
            store.finish_turn(id, &turn)?;
            Ok(id)
        });
        match stored {
            Ok(id) => {
                last = Some(id);
                writeln!(say, "stored {id} {question}").unwrap();
            }
            Err(error) => {
                writeln!(say, "refused {error}").unwrap();
                return;
            }
        }
        say.flush().unwrap();
    }
}

/// Starts a writer, behind a line of shell that ends with `exec "$@"`.
fn start(directory: &Path, name: &str, turns: Option<usize>, shell: &str) -> Child {
    let mut command = Command::new("sh");
    command
        .args(["-c", shell, "sh"])
        .arg(std::env::current_exe().unwrap());
    command.args([
        "store_under_load::writer",
        "--exact",
        "--ignored",
        "--nocapture",
    ]);
    command
        .env(DIRECTORY, directory)
        .env(WRITER, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    match turns {
        Some(turns) => command.env(TURNS, turns.to_string()),
        None => command.env_remove(TURNS),
    };
    command.spawn().unwrap()
}

const PLAINLY: &str = "exec \"$@\"";

/// What a writer says: the stored questions by their ids, and why it ended early.
struct Said {
    stored: Vec<(i64, String)>,
    refused: Option<String>,
}

impl Said {
    fn new() -> Self {
        Self {
            stored: Vec::new(),
            refused: None,
        }
    }

    /// Takes one line; a line that the end of the process cut says nothing.
    fn hear(&mut self, line: &str) {
        let Some(line) = line.strip_suffix('\n') else {
            return;
        };
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["stored", id, question] => {
                self.stored.push((id.parse().unwrap(), question.to_owned()));
            }
            ["refused", ..] => self.refused = Some(line.to_owned()),
            _ => {}
        }
    }
}

/// Listens until the writer has stored so many turns, or to its end.
fn listen(reader: &mut impl BufRead, said: &mut Said, until: usize) {
    let mut line = String::new();
    while said.stored.len() < until && reader.read_line(&mut line).unwrap() > 0 {
        said.hear(&line);
        line.clear();
    }
}

/// Fails unless the file is whole and everything that was said to be stored is there, once.
fn check(directory: &Path, said: &[Said]) -> usize {
    let connection = rusqlite::Connection::open(directory.join("amx.db")).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let orphans = connection
        .prepare("PRAGMA foreign_key_check")
        .unwrap()
        .query([])
        .unwrap()
        .next()
        .unwrap()
        .is_some();
    assert!(!orphans, "a row belongs to nothing");
    connection
        .execute(
            "INSERT INTO contents_index (contents_index, rank) VALUES ('integrity-check', 1)",
            [],
        )
        .unwrap();
    let mut statement = connection
        .prepare("SELECT turn, question, answer, state FROM contents JOIN turns ON turns.id = turn")
        .unwrap();
    let rows = statement
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    let rows: Vec<(i64, String, String, String)> = rows.collect::<Result<_, _>>().unwrap();
    let questions: BTreeSet<&String> = rows.iter().map(|(_, question, ..)| question).collect();
    assert_eq!(questions.len(), rows.len(), "a turn is there twice");
    let whole: BTreeSet<(i64, &String)> = rows
        .iter()
        .filter(|(_, question, answer, state)| {
            state == "complete" && answer.starts_with(question.as_str())
        })
        .map(|(id, question, ..)| (*id, question))
        .collect();
    let lost: Vec<_> = said
        .iter()
        .flat_map(|said| &said.stored)
        .filter(|(id, question)| !whole.contains(&(*id, question)))
        .collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    rows.len()
}

#[test]
fn turns_of_many_processes_are_all_kept() {
    let directory = TempDir::new().unwrap();
    let (writers, turns) = (number("AMX_TEST_WRITERS", 4), number(TURNS, 10));
    let children: Vec<Child> = (0..writers)
        .map(|writer| {
            start(
                directory.path(),
                &format!("w{writer}"),
                Some(turns),
                PLAINLY,
            )
        })
        .collect();
    let listening = children.into_iter().map(|mut child| {
        std::thread::spawn(move || {
            let mut said = Said::new();
            listen(
                &mut BufReader::new(child.stdout.take().unwrap()),
                &mut said,
                usize::MAX,
            );
            assert!(child.wait().unwrap().success());
            said
        })
    });
    let said: Vec<Said> = listening
        .collect::<Vec<_>>()
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert!(
        said.iter()
            .all(|said| said.stored.len() == turns && said.refused.is_none())
    );
    // The first turn of the session belongs to the writer that began it.
    assert_eq!(check(directory.path(), &said), writers * turns + 1);
}

#[test]
fn what_was_acknowledged_survives_kills_at_any_moment() {
    let directory = TempDir::new().unwrap();
    let kills = number("AMX_TEST_KILLS", 8);
    let mut heard = Vec::new();
    for kill in 0..kills {
        let mut child = start(directory.path(), &format!("k{kill}"), None, PLAINLY);
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut said = Said::new();
        listen(&mut reader, &mut said, fastrand::usize(0..30));
        child.kill().unwrap();
        child.wait().unwrap();
        listen(&mut reader, &mut said, usize::MAX);
        heard.push(said);
    }
    let acknowledged: usize = heard.iter().map(|said| said.stored.len()).sum();
    let stored = check(directory.path(), &heard);
    // Each killed writer may have stored one turn that it did not come to acknowledge.
    assert!(
        (acknowledged..=acknowledged + kills + 1).contains(&stored),
        "{acknowledged} were acknowledged, {stored} are stored"
    );
    assert!(
        Store::open(&Home::at(directory.path()))
            .unwrap()
            .moved_aside()
            .is_none()
    );
    let counts = [("kills", kills), ("acknowledged turns", acknowledged)];
    trust::report("kills", &counts);
}

#[test]
fn a_writer_that_runs_out_of_space_says_so_and_loses_nothing() {
    let directory = TempDir::new().unwrap();
    let mut child = start(
        directory.path(),
        "full",
        None,
        "trap '' XFSZ; ulimit -f 800; exec \"$@\"",
    );
    let mut said = Said::new();
    listen(
        &mut BufReader::new(child.stdout.take().unwrap()),
        &mut said,
        usize::MAX,
    );
    assert!(child.wait().unwrap().success());
    assert!(said.stored.len() > 1);
    let refused = said.refused.clone().unwrap();
    assert!(
        refused.contains("saving the ")
            && (refused.contains("cannot be written") || refused.contains("no space left")),
        "{refused}"
    );
    check(directory.path(), &[said]);
}

#[test]
fn every_file_is_private_whatever_the_umask_says() {
    let directory = TempDir::new().unwrap();
    let home = directory.path().join("amx");
    let mut child = start(&home, "open", None, "umask 000; exec \"$@\"");
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    listen(&mut reader, &mut Said::new(), 1);
    // While it writes, the journal is there too.
    let modes = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files: Vec<_> = fs::read_dir(&home)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let open: Vec<_> = files.iter().filter(|path| modes(path) != 0o600).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(files.len() >= 3 && open.is_empty(), "{open:?} of {files:?}");
    assert_eq!(modes(&home), 0o700);
}
