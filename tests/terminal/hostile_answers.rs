//! Text that tries to drive the terminal: every case of the data file is shown inert, wherever it
//! stands.

use std::collections::BTreeSet;

use serde_json::json;
use vt100::MouseProtocolMode;

use crate::pty::{Events, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply::{self, Form, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::trust;

const CASES: &str = include_str!("../data/escapes.txt");

/// Most characters of a text that an error repeats whole.
const SHORT: usize = 300;

/// A named text of the data file, and what the terminal must show of it at least.
struct Case {
    name: &'static str,
    text: String,
    number: usize,
}

impl Case {
    /// The text between two words that must be seen.
    fn marked(&self) -> String {
        format!("B{0:03} {1} E{0:03}", self.number, self.text)
    }

    /// What is wrong with how the text is shown on a transcript, when it has to look like this.
    fn fault(&self, transcript: &str, expected: &str) -> Option<String> {
        let (begin, end) = (
            format!("B{:03}", self.number),
            format!("E{:03}", self.number),
        );
        let shown = transcript
            .split_once(&begin)
            .and_then(|(_, rest)| rest.split_once(&end))
            .map(|(shown, _)| shown);
        let Some(shown) = shown else {
            return Some(format!("{} is not shown", self.name));
        };
        let (shown, expected) = (telling(shown), telling(expected));
        (shown != expected)
            .then(|| format!("{} is shown as {shown:?}, not as {expected:?}", self.name))
    }
}

/// What is left of a text after marks of Markdown and white space are taken out: letters, digits,
/// and the pictures of controls. The screen of the tests does not keep replacement characters; they
/// are counted in what came out.
fn telling(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '\u{2400}'..='\u{2426}'))
        .collect()
}

fn replacements(text: &str) -> usize {
    text.matches('\u{fffd}').count()
}

/// The text with a symbol for everything that a terminal would obey or that would make it read
/// otherwise.
fn pictured(text: &str) -> String {
    let picture = |c: char| match c {
        '\n' | '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap(),
        '\u{7f}' => '␡',
        '\u{80}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(picture).collect()
}

/// The same for Markdown: entities are decoded before they are made inert.
fn rendered(text: &str) -> String {
    const ENTITIES: &[(&str, &str)] = &[
        ("&#27;", "\u{1b}"),
        ("&#x1b;", "\u{1b}"),
        ("&#7;", "\u{7}"),
        ("&#0;", "\u{fffd}"),
        ("&#x9b;", "\u{9b}"),
    ];
    let decoded = ENTITIES
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c));
    pictured(&decoded)
}

fn cases() -> Vec<Case> {
    let lines = CASES
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let cases: Vec<Case> = lines
        .enumerate()
        .map(|(number, line)| parse(number, line))
        .collect();
    let distinct: BTreeSet<&str> = cases.iter().map(|case| case.text.as_str()).collect();
    assert!(
        distinct.len() >= 500 && distinct.len() == cases.len(),
        "{} of {} cases differ",
        distinct.len(),
        cases.len()
    );
    cases
}

fn parse(number: usize, line: &'static str) -> Case {
    let (name, text) = line.split_once(' ').unwrap();
    Case {
        name,
        text: serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}")),
        number,
    }
}

/// Cases in groups that together are short.
fn groups(cases: &[Case]) -> Vec<Vec<&Case>> {
    let mut groups: Vec<Vec<&Case>> = vec![Vec::new()];
    let mut length = 0;
    for case in cases {
        length += case.marked().chars().count() + 1;
        if length > SHORT {
            groups.push(Vec::new());
            length = case.marked().chars().count() + 1;
        }
        groups.last_mut().unwrap().push(case);
    }
    groups
}

fn joined(cases: &[&Case], between: &str) -> String {
    cases
        .iter()
        .map(|case| case.marked())
        .collect::<Vec<_>>()
        .join(between)
}

/// Everything that the texts did to the terminal apart from being shown.
fn faults_of(terminal: &Terminal, cases: &[&Case]) -> Vec<String> {
    let mut faults = Vec::new();
    if terminal.events().without_own_titles() != Events::default() {
        faults.push(format!("{:?}", terminal.events()));
    }
    terminal.look(|seen| {
        let screen = seen.screen();
        let modes = [
            ("alternate screen", screen.alternate_screen()),
            ("hidden cursor", screen.hide_cursor()),
            ("bracketed paste", screen.bracketed_paste()),
            ("application keypad", screen.application_keypad()),
            ("application cursor keys", screen.application_cursor()),
            (
                "mouse reports",
                screen.mouse_protocol_mode() != MouseProtocolMode::None,
            ),
            (
                "styling",
                screen.bold()
                    || screen.dim()
                    || screen.italic()
                    || screen.underline()
                    || screen.inverse(),
            ),
            (
                "cursor in the middle of a line",
                screen.cursor_position().1 != 0,
            ),
        ];
        faults.extend(
            modes
                .into_iter()
                .filter(|(_, is_on)| *is_on)
                .map(|(what, _)| format!("left on: {what}")),
        );
    });
    faults.extend(foreign_controls(terminal, cases));
    let counts = [("terminals", 1), ("texts", cases.len())];
    trust::report("escapes", &counts);
    faults
}

/// Control characters and sequences that the program itself has no reason to write; among them
/// every question that a terminal answers.
fn foreign_controls(terminal: &Terminal, cases: &[&Case]) -> Vec<String> {
    let raw = String::from_utf8(terminal.raw_output()).expect("the output is not UTF-8");
    let mut faults = Vec::new();
    let mut rest = raw.as_str();
    while let Some(start) = rest.find(is_foreign) {
        rest = &rest[start..];
        let sequence = if rest.starts_with("\x1b[") {
            csi(rest)
        } else {
            &rest[..rest.chars().next().map_or(1, char::len_utf8)]
        };
        let has_it = |case: &&&Case| sequence.len() > 3 && case.text.contains(sequence);
        if !is_own(sequence) || cases.iter().any(|case| has_it(&case)) {
            let near: String = raw[raw.len() - rest.len()..].chars().take(60).collect();
            faults.push(format!("{sequence:?} reached the terminal in {near:?}"));
        }
        rest = &rest[sequence.len()..];
    }
    let overwriting = raw
        .match_indices('\r')
        .filter(|(at, _)| raw[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric()));
    faults.extend(overwriting.map(|(at, _)| {
        format!(
            "a bare carriage return reached the terminal before {:?}",
            raw[at..].chars().take(20).collect::<String>()
        )
    }));
    faults
}

fn is_foreign(c: char) -> bool {
    let is_hidden = matches!(
        c,
        '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    is_hidden || c.is_control() && !matches!(c, '\n' | '\t')
}

/// The control sequence at the beginning of a text.
fn csi(text: &str) -> &str {
    let end = text[2..]
        .find(|c: char| ('@'..='~').contains(&c))
        .map_or(text.len(), |end| end + 3);
    &text[..end]
}

/// Styling, clearing what follows, small moves, cursor shown or hidden, synchronised output.
fn is_own(sequence: &str) -> bool {
    let Some(parameters) = sequence.strip_prefix("\x1b[") else {
        return sequence == "\r";
    };
    let (parameters, end) = parameters.split_at(parameters.len() - 1);
    match end {
        "m" => parameters
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';'),
        "K" => matches!(parameters, "" | "0" | "2"),
        "J" => matches!(parameters, "" | "0"),
        "A" | "B" | "C" | "D" | "G" => {
            parameters.parse().is_ok_and(|by: u16| by < 13) || parameters.is_empty()
        }
        "h" | "l" => matches!(parameters, "?25" | "?2026"),
        _ => false,
    }
}

/// How hostile text gets to the terminal.
struct Way {
    arguments: &'static [&'static str],
    reply: fn(&[&Case]) -> Vec<Reply>,
    code: i32,
    /// Whether all that is written is also seen.
    is_whole: bool,
    /// Whether it is rendered as Markdown, in which entities are decoded.
    is_rendered: bool,
    /// Whether it becomes one line, with a blank for white space of all kinds.
    is_line: bool,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            arguments: &["chat", "hello"],
            reply: |cases| vec![reply::stream([joined(cases, "\n\n").as_str()])],
            code: 0,
            is_whole: true,
            is_rendered: false,
            is_line: false,
        }
    }
}

impl Way {
    fn expected(&self, case: &Case) -> String {
        if self.is_line {
            pictured(&case.text.replace(char::is_whitespace, " "))
        } else if self.is_rendered {
            rendered(&case.text)
        } else {
            pictured(&case.text)
        }
    }

    /// Shows the texts and says everything that is wrong with how they are shown.
    fn faults(&self, cases: &[&Case]) -> Vec<String> {
        let double = Double::start((self.reply)(cases));
        let sandbox = stage::ready(&double);
        let terminal = stage::terminal(&sandbox, self.arguments, USUAL);
        let code = terminal.wait_exit();
        let transcript = terminal.transcript();
        let mut faults = faults_of(&terminal, cases);
        if code != self.code {
            faults.push(format!("exit {code}: {transcript}"));
        }
        faults.extend(
            cases
                .iter()
                .filter(|_| self.is_whole)
                .filter_map(|case| case.fault(&transcript, &self.expected(case))),
        );
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        let (shown, expected) = (
            replacements(&raw),
            cases
                .iter()
                .map(|case| replacements(&self.expected(case)))
                .sum::<usize>(),
        );
        // The name of a model is shown in two places.
        let is_missing = if expected == 0 {
            shown > 0
        } else {
            shown == 0 || !shown.is_multiple_of(expected)
        };
        faults.extend(
            (self.is_whole && is_missing)
                .then(|| format!("{shown} replacement characters instead of {expected}")),
        );
        faults.extend(
            (!transcript.contains(&format!("B{:03}", cases[0].number)))
                .then(|| format!("nothing is shown: {raw:?}")),
        );
        terminal.assert_restored();
        faults
    }

    /// All texts in one answer.
    #[track_caller]
    fn assert_inert(&self) {
        let cases = cases();
        assert_none(self.faults(&cases.iter().collect::<Vec<_>>()));
    }

    /// All texts, a few in each answer.
    #[track_caller]
    fn assert_inert_in_groups(&self) {
        assert_none(
            groups(&cases())
                .iter()
                .flat_map(|group| self.faults(group))
                .collect(),
        );
    }
}

#[track_caller]
fn assert_none(faults: Vec<String>) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    trust::report("escapes", &[("violations", 0)]);
}

/// An answer in events of so many characters.
fn in_pieces(text: &str, letters: usize) -> Vec<Reply> {
    let text: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = text
        .chunks(letters)
        .map(|piece| piece.iter().collect())
        .collect();
    vec![reply::stream(pieces.iter().map(String::as_str))]
}

#[test]
fn rendered_answers_are_inert() {
    Way {
        is_rendered: true,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn raw_answers_are_inert() {
    Way {
        arguments: &["chat", "--raw", "hello"],
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn answers_split_into_characters_are_inert() {
    Way {
        reply: |cases| in_pieces(&joined(cases, "\n\n"), 1),
        is_rendered: true,
        ..Way::default()
    }
    .assert_inert();
    Way {
        reply: |cases| in_pieces(&joined(cases, "\n\n"), 3),
        is_rendered: true,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn answers_in_one_body_are_inert() {
    let reply = |cases: &[&Case]| vec![reply::whole(&joined(cases, "\n\n"))];
    Way {
        arguments: &["chat", "--no-stream", "hello"],
        reply,
        is_rendered: true,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn reasoning_is_inert() {
    let reply = |cases: &[&Case]| {
        vec![reply::stream(["answer"]).reasoning([joined(cases, "\n").as_str(), "\n"])]
    };
    Way {
        arguments: &["chat", "--show-reasoning", "hello"],
        reply,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn folded_reasoning_is_inert() {
    // They are wiped away before the answer, which repeats the first mark.
    let reply = |cases: &[&Case]| {
        let thoughts: Vec<String> = cases
            .iter()
            .map(|case| format!("{}\n", case.marked()))
            .collect();
        vec![
            reply::stream([format!("B{:03}", cases[0].number).as_str()])
                .reasoning(thoughts.iter().map(String::as_str)),
        ]
    };
    Way {
        reply,
        is_whole: false,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn code_blocks_are_inert() {
    let fenced = |cases: &[&Case]| {
        vec![reply::stream([format!(
            "```sh\n{}\n```\n",
            joined(cases, "\n")
        )
        .as_str()])]
    };
    Way {
        reply: fenced,
        ..Way::default()
    }
    .assert_inert();
}

#[test]
fn every_construct_of_markdown_is_inert() {
    let constructs: [fn(&Case) -> String; 10] = [
        |case| format!("`{}`", case.marked()),
        |case| format!("# {}", case.marked()),
        |case| format!("- {}", case.marked()),
        |case| format!("> {}", case.marked()),
        |case| format!("**{}**", case.marked()),
        |case| {
            format!(
                "| head | {} |\n|---|---|\n| cell | {} |",
                case.text,
                case.marked()
            )
        },
        |case| format!("B{0:03} [words]({1}) E{0:03}", case.number, case.text),
        |case| format!("![{}](https://host/picture.png)", case.marked()),
        |case| format!("```{}\ncode of B{1:03}\n```", case.text, case.number),
        |case| format!("1. {}\n   - [ ] {}", case.marked(), case.text),
    ];
    let cases = cases();
    let cases: Vec<&Case> = cases.iter().collect();
    for construct in constructs {
        let text = cases
            .iter()
            .map(|case| construct(case))
            .collect::<Vec<_>>()
            .join("\n\n");
        let double = Double::start([reply::stream([text.as_str()])]);
        let sandbox = stage::ready(&double);
        let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
        assert_eq!(terminal.wait_exit(), 0, "{}", construct(cases[0]));
        let mut faults = faults_of(&terminal, &cases);
        let transcript = terminal.transcript();
        faults.extend(
            cases
                .iter()
                .filter(|case| !transcript.contains(&format!("B{:03}", case.number)))
                .map(|case| format!("{} is not shown", case.name)),
        );
        assert!(
            faults.is_empty(),
            "{:?}: {} faults:\n{}",
            construct(cases[0]),
            faults.len(),
            faults.join("\n")
        );
    }
}

#[test]
fn names_that_are_repeated_in_errors_are_inert() {
    let sandbox = stage::bare();
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| !case.text.contains('\0'))
        .collect();
    for group in groups(&cases) {
        let text = joined(&group, " ");
        for (arguments, code) in [
            (["chat", "hello", "-p", &text], 3),
            (["config", "explain", "--", &text], 2),
            (["chat", "x", "-m", &text], 2),
        ] {
            let terminal = stage::terminal(&sandbox, &arguments, USUAL);
            assert_eq!(
                terminal.wait_exit(),
                code,
                "{arguments:?}: {}",
                terminal.transcript()
            );
            assert_none(faults_of(&terminal, &group));
        }
    }
}

#[test]
fn words_of_an_error_are_inert() {
    Way {
        reply: |cases| vec![reply::refusal(400, &joined(cases, " "))],
        code: 7,
        is_line: true,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn words_of_an_error_in_the_middle_are_inert() {
    let reply = |cases: &[&Case]| {
        vec![
            reply::stream(["half "])
                .error_event(&json!({"code": 400, "message": joined(cases, " ")})),
        ]
    };
    Way {
        reply,
        code: 7,
        is_line: true,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn words_of_somebody_upstream_are_inert() {
    let reply = |cases: &[&Case]| {
        let words = joined(cases, " ");
        vec![reply::refusal_with(
            400,
            "Provider returned error",
            json!({"raw": words, "provider_name": words}),
        )]
    };
    Way {
        reply,
        code: 7,
        is_whole: false,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn reasons_for_asking_again_are_inert() {
    let reply = |cases: &[&Case]| {
        vec![
            reply::refusal(503, &joined(cases, " ")).header("retry-after", "0"),
            reply::stream(["answer"]),
        ]
    };
    Way {
        reply,
        is_whole: false,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn names_of_models_are_inert() {
    let reply = |cases: &[&Case]| {
        vec![reply::stream(["answer"]).served_by(&joined(cases, " "), &joined(cases, " "))]
    };
    Way {
        reply,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn reasons_for_an_end_are_inert() {
    let reply = |cases: &[&Case]| {
        vec![
            reply::stream([format!("B{:03}", cases[0].number).as_str()])
                .finish(joined(cases, " ").leak()),
        ]
    };
    Way {
        reply,
        is_whole: false,
        ..Way::default()
    }
    .assert_inert_in_groups();
}

#[test]
fn a_conversation_shows_and_repeats_them_inert() {
    let cases = cases();
    let all: Vec<&Case> = cases.iter().collect();
    let double = Double::start([reply::stream([joined(&all, "\n\n").as_str()])]);
    let sandbox = stage::ready(&double);
    for (arguments, question) in [(&["chat"][..], Some("hello")), (&["chat", "-c"], None)] {
        let terminal = stage::terminal(&sandbox, arguments, USUAL);
        let prompts = 1 + usize::from(question.is_some());
        let at_prompt = |count: usize| {
            terminal.wait_until("a prompt", |seen| {
                seen.transcript().matches("amx ›").count() == count && terminal.modes().gives_keys()
            });
        };
        if let Some(question) = question {
            at_prompt(1);
            terminal.answer(question);
        }
        at_prompt(prompts);
        terminal.answer("/exit");
        assert_eq!(terminal.wait_exit(), 0);
        terminal.assert_restored();
        let transcript = terminal.transcript();
        let mut faults: Vec<String> = cases
            .iter()
            .filter_map(|case| case.fault(&transcript, &rendered(&case.text)))
            .collect();
        // The editor has more to write than an answer: only what stands in a text is foreign here.
        let raw = terminal.raw_output();
        let raw = String::from_utf8_lossy(&raw);
        let sequences = raw.match_indices('\x1b').map(|(at, _)| {
            if raw[at..].starts_with("\x1b[") {
                csi(&raw[at..])
            } else {
                &raw[at..raw.ceil_char_boundary(at + 2)]
            }
        });
        let foreign = sequences.filter(|sequence| {
            sequence.len() > 4 && cases.iter().any(|case| case.text.contains(sequence))
        });
        faults.extend(foreign.map(|sequence| format!("{sequence:?} reached the terminal")));
        faults.extend(
            (terminal.events().without_own_titles() != Events::default())
                .then(|| format!("{:?}", terminal.events())),
        );
        assert_none(faults);
    }
}

#[test]
fn bytes_that_are_no_text_are_inert() {
    let mut body = b"data: {\"choices\":[{\"delta\":{\"content\":\"B000 ".to_vec();
    for byte in 0x80..=0xff_u8 {
        body.extend(
            [
                b"in".as_slice(),
                &[byte],
                b"2;3hside ",
                &[0xc2, byte],
                b"3;4hside ",
            ]
            .concat(),
        );
    }
    body.extend(b" E000\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    let double = Double::start([Reply {
        form: Form::Page("text/event-stream", body),
        ..reply::empty()
    }]);
    let sandbox: Sandbox = stage::ready(&double);
    let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_none(faults_of(&terminal, &[]));
    assert_eq!(terminal.transcript().matches("side").count(), 256);
}
