//! What commands print on a terminal: tables that fit, styles, local times, the pager; and two
//! terminals on one session.

use amx::tables::{ContentPart, Cost, CostSource, Home, Store, Turn, TurnState};
use serde_json::Value;

use crate::pty::{Size, Terminal, USUAL, squeeze};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const NARROW: Size = Size {
    rows: 12,
    columns: 40,
};

const PROFILES: &str = "\
llm_profiles:
  work: {model: anthropic/claude-sonnet-4, api_key: 'keyring://amx/work/api_key'}
  another-profile: {provider: openai, model: gpt-5-mini-with-a-long-name, api_key: '${KEY}'}
active_llm_profile: work
";

/// Sessions with this many turns in all.
fn with_sessions(sandbox: Sandbox, count: usize) -> Sandbox {
    let sandbox = sandbox.config(PROFILES);
    let mut store = Store::open(&Home::at(sandbox.home().join(".amx"))).unwrap();
    for number in 1..=count {
        let question = format!("Question {number}: why is the sky so very blue in the evening?");
        let asked = Turn::new(
            vec![ContentPart::Text(question.into())],
            None,
            "work",
            "openrouter",
            "anthropic/claude-sonnet-4",
        );
        let turn = Turn {
            text: "It **scatters**.\n\n- short waves\n- more than long ones\n".to_owned(),
            state: TurnState::Complete,
            cost: Cost {
                usd: Some(0.0123),
                source: CostSource::Provider,
            },
            ..asked
        };
        store.create_session(None, &Value::Null, &turn).unwrap();
    }
    sandbox
}

/// Everything that a command printed on a terminal of this size, with an exit code of 0.
#[track_caller]
fn shown(sandbox: &Sandbox, arguments: &[&str], size: Size) -> String {
    let terminal = stage::terminal(sandbox, arguments, size);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
    terminal.transcript()
}

/// Asserts that no line is wider than the terminal: it would have been broken at the edge. Only a
/// word that is too long by itself, such as a path, stays whole, so that it can be copied.
#[track_caller]
fn assert_fits(text: &str, size: Size) {
    for line in text.lines() {
        let is_one_word = line.split_whitespace().count() == 1;
        assert!(
            is_one_word || line.chars().count() <= size.columns.into(),
            "{line:?} is too wide in:\n{text}"
        );
    }
}

#[test]
fn tables_fit_the_terminal_and_have_bold_headers() {
    let sandbox = with_sessions(stage::bare(), 5).env("AMX_PAGER", "");
    for (arguments, head) in [
        (&["sessions", "list"][..], "SESSION"),
        (&["usage", "--by", "model", "--since", "all"], ""),
        (&["profiles", "list"], ""),
        (&["profiles", "show", "work"], "max_tokens"),
        (&["config", "explain"], ""),
        (&["doctor", "--offline", "-p", "another-profile"], ""),
    ] {
        for size in [USUAL, NARROW] {
            let terminal = stage::terminal(&sandbox, arguments, size);
            terminal.wait_exit();
            let text = terminal.transcript();
            assert_fits(&text, size);
            if size.columns == USUAL.columns && !head.is_empty() {
                let is_bold = terminal.look(|seen| seen.shows(head, vt100::Cell::bold));
                assert!(is_bold, "{arguments:?}\n{text}");
            }
        }
    }
}

#[test]
fn one_empty_row_stands_between_a_warning_and_a_table() {
    let sandbox = stage::bare().config(PROFILES.replace("{model", "{colour: red, model"));
    let text = shown(&sandbox, &["profiles", "list"], USUAL);
    let rows: Vec<&str> = text.lines().map(str::trim_end).collect();
    let head = rows
        .iter()
        .position(|row| row.contains("PROVIDER"))
        .unwrap();
    assert!(rows[0].starts_with("warning: "), "{text}");
    assert_eq!(
        (rows[head - 1], rows[head - 2].is_empty()),
        ("", false),
        "{text}"
    );
    let quiet = shown(
        &stage::bare().config(PROFILES),
        &["profiles", "list"],
        USUAL,
    );
    assert!(
        quiet.lines().next().unwrap().contains("PROVIDER"),
        "{quiet}"
    );
}

#[test]
fn a_profile_is_a_record_on_a_narrow_terminal_and_its_key_stays_whole() {
    let sandbox = stage::bare().config(PROFILES);
    let wide = Size {
        rows: 24,
        columns: 200,
    };
    let wide = shown(&sandbox, &["profiles", "list"], wide);
    assert!(
        squeeze(&wide).contains("work openrouter anthropic/claude-sonnet-4"),
        "{wide}"
    );
    let narrow = shown(&sandbox, &["profiles", "list"], NARROW);
    assert!(
        narrow.contains("* work\n  provider  openrouter\n")
            && narrow.contains("  key       keyring://amx/work/api_key\n"),
        "{narrow}"
    );
}

#[test]
fn times_are_local_on_a_terminal_and_iso_in_a_pipe() {
    let sandbox = with_sessions(stage::bare(), 1).env("TZ", "AAA-14");
    let hour = |text: &str, before: &str| -> u32 {
        let (_, after) = text.split_once(before).unwrap();
        after[..2].parse().unwrap()
    };
    let piped = sandbox.run(["sessions", "show", "1"]);
    let iso = piped.stdout().lines().nth(1).unwrap().to_owned();
    assert!(iso.ends_with('Z'), "{piped}");
    let text = shown(&sandbox, &["sessions", "show", "1"], USUAL);
    let (_, moment) = text.lines().nth(1).unwrap().rsplit_once(" · ").unwrap();
    assert_eq!(
        hour(moment, " "),
        (hour(&iso, "T") + 14) % 24,
        "{text}\n{piped}"
    );
    let listed = shown(&sandbox, &["sessions", "list"], USUAL);
    assert!(listed.contains("today "), "{listed}");
    assert!(sandbox.run(["sessions", "list"]).stdout().contains("Z\n"));
}

#[test]
fn a_session_is_rendered_on_a_terminal_and_markdown_in_a_pipe() {
    let sandbox = with_sessions(stage::bare(), 1);
    let terminal = stage::terminal(&sandbox, &["sessions", "show", "1"], USUAL);
    assert_eq!(terminal.wait_exit(), 0);
    let text = terminal.transcript();
    assert!(
        text.contains("▌ Question 1: why") && text.contains("• short waves"),
        "{text}"
    );
    assert!(!text.contains("**"), "{text}");
    assert!(terminal.look(|seen| seen.shows("scatters", vt100::Cell::bold)));
    let piped = sandbox.run(["sessions", "show", "1"]);
    assert!(
        piped
            .stdout()
            .contains("It **scatters**.\n\n- short waves\n- more"),
        "{piped}"
    );
    assert!(!piped.stdout().contains('\u{1b}'), "{piped}");
}

/// A pager that copies what it reads to a file.
fn with_pager(sandbox: Sandbox) -> Sandbox {
    let pager = sandbox.home().join("pager");
    sandbox
        .script("pager", "cat > paged; env > environment; echo paged")
        .env("PAGER", pager)
}

fn paged(sandbox: &Sandbox) -> Option<String> {
    std::fs::read_to_string(sandbox.home().join("paged")).ok()
}

#[test]
fn only_what_is_longer_than_the_screen_goes_through_the_pager() {
    let sandbox = with_pager(with_sessions(stage::bare(), 30))
        .env("OPENROUTER_API_KEY", KEY)
        .env("LESS", "");
    let short = shown(&sandbox, &["sessions", "list", "-n", "3"], USUAL);
    assert!(short.contains("Question 30") && paged(&sandbox).is_none());
    let long = shown(&sandbox, &["sessions", "list"], USUAL);
    let text = paged(&sandbox).unwrap();
    assert!(
        text.contains("Question 30") && text.contains("Question 1:"),
        "{text}"
    );
    assert!(text.contains("\x1b[1m"), "styled:\n{text}");
    assert!(
        long.contains("paged") && !long.contains("Question"),
        "{long}"
    );
    let environment = std::fs::read_to_string(sandbox.home().join("environment")).unwrap();
    assert!(
        environment.contains("LESS=FRX") && !environment.contains("OPENROUTER_API_KEY"),
        "{environment}"
    );
    // A pipe has no pager, and no styles.
    std::fs::remove_file(sandbox.home().join("paged")).unwrap();
    let piped = sandbox.run(["sessions", "list"]);
    assert!(piped.stdout().contains("Question 1:") && !piped.stdout().contains('\u{1b}'));
    assert!(paged(&sandbox).is_none());
}

#[test]
fn a_pager_gets_no_key_and_no_control_character() {
    let lines: String = (0..40).map(|n| format!("# line {n}\n")).collect();
    let config = format!(
        "{lines}# \u{202e}hostile\nllm_profiles:\n  work: {{model: a/b, api_key: {KEY}}}\n"
    );
    let sandbox = with_pager(stage::bare().config(config));
    shown(&sandbox, &["config", "show"], USUAL);
    let text = paged(&sandbox).unwrap();
    assert!(
        text.contains("# line 39") && text.contains("api_key: "),
        "{text}"
    );
    assert!(!text.contains(KEY) && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn without_a_working_pager_everything_is_printed() {
    let sandbox = with_pager(with_sessions(stage::bare(), 30));
    for pager in ["", "cat", "/nonexistent/pager -x", "false", "'unclosed"] {
        let sandbox = with_pager(with_sessions(stage::bare(), 30)).env("AMX_PAGER", pager);
        let text = shown(&sandbox, &["sessions", "list"], USUAL);
        assert!(
            text.contains("Question 30") && text.contains("Question 1:"),
            "{pager}: {text}"
        );
        assert!(paged(&sandbox).is_none(), "{pager}");
    }
    // Stdin is no terminal: nobody could press a key.
    let sandbox = sandbox.env("AMX", env!("CARGO_BIN_EXE_amx"));
    let terminal = Terminal::launch(
        "/bin/sh",
        &["-c", "\"$AMX\" sessions list </dev/null"],
        sandbox.environment(),
        std::path::Path::new("/"),
        USUAL,
    );
    assert_eq!(terminal.wait_exit(), 0);
    assert!(terminal.transcript().contains("Question 1:"));
}

#[test]
fn a_ctrl_c_is_for_the_pager() {
    let pager = "trap 'echo caught' INT\ncat > paged\necho open\nread line </dev/tty\n\
        read line </dev/tty\necho closed";
    let sandbox = with_sessions(stage::bare(), 30).script("pager", pager);
    let sandbox = {
        let pager = sandbox.home().join("pager");
        sandbox.env("PAGER", pager)
    };
    let terminal = stage::terminal(&sandbox, &["sessions", "list"], USUAL);
    terminal.wait_for("open");
    terminal.press_ctrl_c();
    terminal.wait_for("caught");
    assert!(!terminal.transcript().contains("closed"));
    terminal.press_enter();
    terminal.press_enter();
    terminal.wait_for("closed");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn a_signal_ends_the_pager_and_the_program() {
    let sandbox = with_sessions(stage::bare(), 30)
        .script("pager", "cat > paged\necho open\nread line </dev/tty");
    let sandbox = {
        let pager = sandbox.home().join("pager");
        sandbox.env("PAGER", pager)
    };
    let terminal = stage::terminal(&sandbox, &["sessions", "list"], USUAL);
    terminal.wait_for("open");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit(), 143, "{}", terminal.transcript());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether less must be there is a setting of the tests"
)]
fn less_shows_the_first_screen_until_q() {
    // Continuous integration installs it.
    let is_there = std::path::Path::new("/usr/bin/less").exists();
    if !is_there && std::env::var_os("AMX_TEST_SHELLS").is_none() {
        return;
    }
    let sandbox = with_sessions(stage::bare(), 30);
    let terminal = stage::terminal(&sandbox, &["sessions", "list"], USUAL);
    terminal.wait_for("Question 20");
    assert!(!terminal.transcript().contains("Question 1:"));
    assert!(terminal.look(|seen| seen.shows("SESSION", vt100::Cell::bold)));
    terminal.type_text("q");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn a_second_terminal_on_a_session_begins_a_branch_with_a_name() {
    let double = Double::start(["one", "two", "three", "four"].map(|text| reply::stream([text])));
    let sandbox = stage::ready(&double).env("AMX_NO_FOOTER", "1");
    let session = ["chat", "--session", "plan"];
    let ask = |terminal: &Terminal, question: &str, answer: &str| {
        terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
        terminal.type_text(question);
        terminal.press_enter();
        terminal.wait_for(answer);
    };
    let first = stage::terminal(&sandbox, &session, USUAL);
    ask(&first, "Where to?", "one");
    let second = stage::terminal(&sandbox, &session, USUAL);
    second.wait_for("last turn");
    ask(&first, "By train?", "two");
    ask(&second, "By ship?", "three");
    second.wait_for("(branch 'branch-1'); this is now branch 'branch-2'");
    second.wait_for("branch 'branch-2' · session");
    // The first terminal continues its own branch.
    ask(&first, "When?", "four");
    assert!(
        !first.transcript().contains("branch-2"),
        "{}",
        first.transcript()
    );
    for terminal in [&first, &second] {
        terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
        terminal.type_text("/exit");
        terminal.press_enter();
        assert_eq!(terminal.wait_exit(), 0);
    }
    let note = "another process continued this conversation (branch 'branch-1')";
    assert!(
        squeeze(&second.transcript()).contains(note),
        "{}\n{:?}",
        second.transcript(),
        String::from_utf8_lossy(&second.raw_output())
    );
    let text = sandbox.run(["sessions", "show", "plan"]);
    let shown = text.stdout();
    assert!(
        shown.contains("branches: branch-2 (2 turns), branch-1 (3 turns, shown here)"),
        "{text}"
    );
    assert!(
        shown.contains("> When?") && shown.contains("[branch branch-1]\n\n> By train?"),
        "{text}"
    );
    let other = sandbox.run(["sessions", "show", "plan", "--branch", "branch-2"]);
    assert!(
        other
            .stdout()
            .contains("[branch branch-2]\n\n> By ship?\n\nthree")
            && !other.stdout().contains("By train?"),
        "{other}"
    );
    assert_all_is_exported(&sandbox);
}

fn assert_all_is_exported(sandbox: &Sandbox) {
    let export = sandbox.run(["sessions", "export", "plan", "--all-branches"]);
    for text in ["one", "two", "three", "four"] {
        assert!(export.stdout().contains(text), "{export}");
    }
    sandbox
        .run(["sessions", "show", "plan", "--branch", "branch-9"])
        .assert_failure(2)
        .assert_stderr_has("no branch 'branch-9'");
}
