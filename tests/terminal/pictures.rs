//! The images of the documents: each must be what the program shows now, or its test fails.

use std::path::{Path, PathBuf};

use vt100::Parser;

use crate::pty::{Seen, Size, Terminal};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::svg::{self, Colours, DARK, LIGHT};

/// Set to 1, the images are written instead of compared.
const SWITCH: &str = "AMX_WRITE_PICTURES";

/// Every image in `docs/pictures` in the order of the files, and its command.
const PICTURES: &[(&str, &str)] = &[
    ("answer", "amx chat \"How do I undo a commit?\""),
    ("commands", "amx chat"),
    ("conversation-light", "amx chat"),
    ("conversation", "amx chat"),
    ("error", "amx chat \"hello\""),
    ("thinking", "amx chat \"Is 1001 a prime number?\""),
    ("wizard", "amx add-llm-profile"),
];

/// The animation in `docs/pictures`.
const CAST: &str = "cast";

pub(crate) const SIZE: Size = Size {
    rows: 32,
    columns: 84,
};

const ANSWER: &str = "# Undoing a commit\n\n\
    If nobody has it yet, take it back and **keep the changes**:\n\n\
    ```sh\ngit reset --soft HEAD~1      # still staged\n\
    git reset --mixed HEAD~1     # not staged\n```\n\n\
    | form | history | working tree |\n|---|---|---|\n| `--soft` | rewound | kept |\n\
    | `--hard` | rewound | *lost* |\n| `git revert` | one more commit | undone |\n\n\
    1. Look first: `git log -1 --stat`\n2. When it was pushed, use `git revert`, never a reset\n";

const THOUGHTS: &[&str] = &[
    "The user asks whether 1001 is a prime number. ",
    "I try small primes: it is odd, so 2 is out, and its digits add up to 2, so 3 is out too. ",
    "It does not end in 0 or 5. ",
    "For 7: 7 times 143 is 1001, so it is divisible by 7. ",
    "143 is 11 times 13, so 1001 = 7 × 11 × 13.",
];

pub(crate) fn file_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/pictures")
        .join(name)
        .with_extension("svg")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switch is for whoever runs the tests"
)]
pub(crate) fn are_written() -> bool {
    std::env::var_os(SWITCH).is_some_and(|value| value == "1")
}

/// A prompt with the command of the image, and then the command.
pub(crate) fn start(name: &str, sandbox: &Sandbox) -> Terminal {
    let (_, command) = PICTURES.iter().find(|(known, _)| *known == name).unwrap();
    let mut variables = sandbox.environment().clone();
    variables.insert("AMX".into(), env!("CARGO_BIN_EXE_amx").into());
    let arguments = command.strip_prefix("amx").unwrap();
    let script =
        format!("printf '\\033[1;32m$\\033[0m %s\\n' '{command}'; exec \"$AMX\"{arguments}");
    Terminal::launch(
        "/bin/sh",
        &["-c", &script],
        &variables,
        sandbox.home(),
        SIZE,
    )
}

/// What the terminal shows, without what differs from run to run: seconds, and the position of the
/// spinner.
fn drawn(seen: &Seen, with_cursor: bool, colours: &Colours) -> String {
    let (rows, columns) = seen.screen().size();
    let mut screen = Parser::new(rows, columns, 0);
    screen.process(steady(&String::from_utf8_lossy(&seen.raw)).as_bytes());
    svg::window(screen.screen(), "amx", with_cursor, colours)
}

fn steady(output: &str) -> String {
    let mut steady = String::with_capacity(output.len());
    let mut rest = output;
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(after) = rest[digits..].strip_prefix('.').filter(|_| digits > 0)
            && let Some(after) = after
                .strip_prefix(|c: char| c.is_ascii_digit())
                .and_then(|after| after.strip_prefix(" s"))
        {
            steady.push_str("1.3 s");
            rest = after;
        } else if digits > 0
            && rest[digits..].starts_with(" s")
            && !rest[digits + 2..].starts_with(char::is_alphanumeric)
            && !steady.ends_with('.')
        {
            steady.push('2');
            rest = &rest[digits..];
        } else if digits > 0 {
            steady.push_str(&rest[..digits]);
            rest = &rest[digits..];
        } else {
            steady.push(if ('\u{2800}'..='\u{28ff}').contains(&c) {
                '⠙'
            } else {
                c
            });
            rest = &rest[c.len_utf8()..];
        }
    }
    steady
}

/// Compares the image with what the terminal shows, or writes it once that is ready.
fn compare(
    name: &str,
    terminal: &Terminal,
    with_cursor: bool,
    colours: &Colours,
    is_ready: impl Fn(&mut Seen) -> bool,
) {
    if are_written() {
        terminal.wait_until("what the picture shows", is_ready);
        let picture = terminal.look(|seen| drawn(seen, with_cursor, colours));
        std::fs::write(file_of(name), picture).unwrap();
    }
    let kept = std::fs::read_to_string(file_of(name)).unwrap_or_default();
    terminal.wait_until(
        &format!("what docs/pictures/{name}.svg shows (just screenshots writes it anew)"),
        |seen| drawn(seen, with_cursor, colours) == kept,
    );
}

fn assert_shown(name: &str, terminal: &Terminal, code: i32) {
    assert_eq!(terminal.wait_exit(), code, "{}", terminal.transcript());
    compare(name, terminal, false, &DARK, |_| true);
}

#[test]
fn an_answer() {
    let pieces: Vec<&str> = ANSWER.split_inclusive(' ').collect();
    let double = Double::start([reply::stream(pieces).usage(14, 121, 0, 0.00183)]);
    let sandbox = stage::ready(&double).env("AMX_MODEL", "mistralai/mistral-large");
    assert_shown("answer", &start("answer", &sandbox), 0);
}

#[test]
fn an_error_with_what_to_do_next() {
    let double = Double::start([reply::refusal(401, "User not found.")]);
    let sandbox = stage::ready(&double);
    assert_shown("error", &start("error", &sandbox), 4);
}

#[test]
fn reasoning_while_it_streams() {
    let gate = Gate::default();
    let answer = reply::stream(["No: 7 × 11 × 13."])
        .reasoning(THOUGHTS.iter().copied())
        .gate_after(0, &gate);
    let double = Double::start([answer]);
    let sandbox = stage::ready(&double).env("AMX_MODEL", "deepseek/deepseek-r1");
    let terminal = start("thinking", &sandbox);
    compare("thinking", &terminal, false, &DARK, |seen| {
        seen.screen().contents().contains("7 × 11 × 13.")
    });
    gate.open();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

/// The footer shows the prompt, and keys are read, Ctrl-C among them.
fn wait_for_prompt(terminal: &Terminal) {
    terminal.wait_until("a prompt", |seen| {
        seen.screen().contents().contains("amx ›") && terminal.modes().gives_keys()
    });
}

fn leave(terminal: &Terminal) {
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

/// Two turns, with the background that the terminal reports.
fn converse(name: &str, background: &str, colours: &Colours) {
    let first = "A function without a name that **captures** what it uses:\n\n\
                 ```rust\nlet limit = 10;\nlet small = |n: i32| n < limit;\n```\n";
    let second = "Only with `move` or for `Copy` types. Otherwise it *borrows*.";
    let double = Double::start([
        reply::stream(first.split_inclusive(' ')).usage(19, 54, 0, 0.00091),
        reply::stream(second.split_inclusive(' '))
            .reasoning(["Capture modes."])
            .usage(91, 40, 12, 0.00077),
    ]);
    let sandbox = stage::ready(&double)
        .env("AMX_MODEL", "anthropic/claude-sonnet-5")
        .env("COLORFGBG", background)
        .without("AMX_NO_FOOTER");
    let terminal = start(name, &sandbox);
    for (question, end) in [
        ("What is a closure in Rust?", "n < limit;"),
        ("Does it copy what it captures?", "borrows"),
    ] {
        wait_for_prompt(&terminal);
        terminal.answer(question);
        terminal.wait_for(end);
    }
    wait_for_prompt(&terminal);
    compare(name, &terminal, true, colours, |_| true);
    leave(&terminal);
}

#[test]
fn a_conversation() {
    converse("conversation", "15;0", &DARK);
}

#[test]
fn a_conversation_on_a_light_terminal() {
    converse("conversation-light", "0;15", &LIGHT);
}

#[test]
fn the_menu_of_commands() {
    let double = Double::start([]);
    let sandbox = stage::ready(&double)
        .env("AMX_MODEL", "anthropic/claude-sonnet-5")
        .env("COLORFGBG", "15;0")
        .without("AMX_NO_FOOTER");
    let terminal = start("commands", &sandbox);
    wait_for_prompt(&terminal);
    terminal.type_text("/m");
    compare("commands", &terminal, true, &DARK, |seen| {
        seen.screen().contents().contains("/multiline")
    });
    terminal.type_text("\x1b");
    terminal.wait_until("the menu closed", |seen| {
        !seen.screen().contents().contains("/multiline")
    });
    terminal.type_text("\x15");
    terminal.wait_until("an empty line", |seen| {
        !seen.screen().contents().contains("/m")
    });
    leave(&terminal);
}

#[test]
fn the_questions_for_a_profile() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let terminal = start("wizard", &sandbox);
    // Nothing but Enter: a question that is typed into may echo a letter twice, before and after it
    // reads.
    for question in [
        "Profile name",
        "Provider",
        "Model",
        "API key",
        "Temperature",
        "max_tokens",
        "alternatives",
    ] {
        terminal.wait_for_question(question);
        terminal.press_enter();
    }
    assert_shown("wizard", &terminal, 0);
}

#[test]
fn every_image_is_drawn_here_and_shown_in_a_document() {
    let mut kept: Vec<String> = std::fs::read_dir(file_of("x").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.retain(|file| *file != format!("{CAST}.svg"));
    kept.sort();
    assert_eq!(
        kept,
        PICTURES
            .iter()
            .map(|(name, _)| format!("{name}.svg"))
            .collect::<Vec<_>>()
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = std::fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let documents: String = pages
        .chain([root.join("README.md")])
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for name in kept.iter().chain([&format!("{CAST}.svg")]) {
        assert!(
            documents.contains(&format!("pictures/{name})")),
            "no document shows {name}"
        );
    }
}

#[test]
fn columns_styles_and_marks_are_drawn_where_they_stand() {
    let mut terminal = vt100::Parser::new(3.try_into().unwrap(), 30.try_into().unwrap(), 0);
    terminal.process(
        "日本 a\x1b[1;31m<b>\x1b[0m  \x1b[2mdim\x1b[0m\r\n\x1b[7m x \x1b[0m \
         \x1b[38;5;196mred\x1b[0m"
            .as_bytes(),
    );
    let picture = svg::window(terminal.screen(), "a & b", true, &DARK);
    // Columns are 8.4 wide after a margin of 16; a wide character is a run of its own.
    for wanted in [
        "<text x=\"16\" y=\"64\">日</text>",
        "<text x=\"32.8\" y=\"64\">本</text>",
        "<text x=\"58\" y=\"64\">a</text>",
        "<text x=\"66.4\" y=\"64\" textLength=\"25.2\" class=\"b\" \
        style=\"fill:#f7768e\">&lt;b&gt;</text>",
        "<text x=\"108.4\" y=\"64\" textLength=\"25.2\" class=\"d\">dim</text>",
        "<rect x=\"16\" y=\"69\" width=\"25.2\" height=\"19\" fill=\"#c0caf5\"/>",
        "<text x=\"24.4\" y=\"83\" style=\"fill:#1a1b26\">x</text>",
        "<text x=\"49.6\" y=\"83\" textLength=\"25.2\" style=\"fill:#ff0000\">red</text>",
        "aria-label=\"a &amp; b\"",
        "<rect x=\"74.8\" y=\"69\" width=\"8.4\" height=\"19\" fill=\"#c0caf5\" opacity=\".7\"/>",
    ] {
        assert!(picture.contains(wanted), "{wanted} is not in\n{picture}");
    }
    assert_eq!(
        steady("took 12.7 s, 1.25 s, 17 s, 3 sets, v0.1.0 ⠴"),
        "took 1.3 s, 1.25 s, 2 s, 3 sets, v0.1.0 ⠙"
    );
}
