//! Text that tries to drive the terminal: each case of the data file is shown inert.

use crate::pty::{Events, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply::{self, Reply};

const CASES: &str = include_str!("../data/escapes.txt");

/// A named text of the data file.
struct Case {
    name: &'static str,
    text: String,
}

/// How a hostile text gets to the terminal.
struct Way {
    arguments: &'static [&'static str],
    reply: fn(&str) -> Reply,
    code: i32,
}

fn cases() -> Vec<Case> {
    let lines = CASES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let cases: Vec<Case> = lines.map(parse).collect();
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    cases
}

fn parse(line: &'static str) -> Case {
    let (name, text) = line.split_once(' ').unwrap();
    Case { name, text: serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}")) }
}

/// Shows an answer with the text in it and says everything that is wrong with how it is shown.
fn faults(case: &Case, way: &Way) -> Vec<String> {
    let double = Double::start([(way.reply)(&format!("BEFORE {} AFTER", case.text))]);
    let terminal = stage::terminal(&stage::ready(&double), way.arguments, USUAL);
    let code = terminal.wait_exit();
    let mut faults = Vec::new();
    if code != way.code {
        faults.push(format!("exit {code}"));
    }
    if terminal.events() != Events::default() {
        faults.push(format!("{:?}", terminal.events()));
    }
    let transcript = terminal.transcript();
    faults.extend(["BEFORE", "AFTER"].iter().filter(|word| !transcript.contains(*word)).map(|word| format!("{word} is not shown")));
    faults.extend(foreign_controls(&terminal, &case.text));
    faults.into_iter().map(|fault| format!("{} {:?}: {fault}", case.name, way.arguments)).collect()
}

/// Control characters and sequences that the program itself has no reason to write.
fn foreign_controls(terminal: &Terminal, payload: &str) -> Vec<String> {
    let raw = String::from_utf8(terminal.raw_output()).expect("the output is not UTF-8");
    let mut faults = Vec::new();
    let mut rest = raw.as_str();
    while let Some(start) = rest.find(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        rest = &rest[start..];
        let sequence = if rest.starts_with("\x1b[") { csi(rest) } else { &rest[..rest.chars().next().map_or(1, char::len_utf8)] };
        if !is_own(sequence) || (sequence.len() > 3 && payload.contains(sequence)) {
            faults.push(format!("{sequence:?} reached the terminal in {raw:?}"));
        }
        rest = &rest[sequence.len()..];
    }
    if let Some(overwriting) = payload.strip_prefix('\r') {
        let found = raw.contains(&format!("\r{}", overwriting.split(' ').next().unwrap_or_default()));
        faults.extend(found.then(|| "a bare carriage return reached the terminal".to_owned()));
    }
    faults
}

/// The control sequence at the beginning of a text.
fn csi(text: &str) -> &str {
    let end = text[2..].find(|c: char| ('@'..='~').contains(&c)).map_or(text.len(), |end| end + 3);
    &text[..end]
}

/// Styling, clearing what follows, small moves, cursor shown or hidden, synchronised output.
fn is_own(sequence: &str) -> bool {
    let Some(parameters) = sequence.strip_prefix("\x1b[") else { return sequence == "\r" };
    let (parameters, end) = parameters.split_at(parameters.len() - 1);
    match end {
        "m" => parameters.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'),
        "K" => matches!(parameters, "" | "0" | "2"),
        "J" => matches!(parameters, "" | "0"),
        "A" | "B" | "C" | "D" | "G" => parameters.parse().is_ok_and(|by: u16| by < 13) || parameters.is_empty(),
        "h" | "l" => matches!(parameters, "?25" | "?2026"),
        _ => false,
    }
}

fn assert_inert(way: &Way) {
    let cases = cases();
    let (first, second) = cases.split_at(cases.len() / 2);
    let faults: Vec<String> = std::thread::scope(|scope| {
        let halves = [first, second].map(|half| scope.spawn(|| half.iter().flat_map(|case| faults(case, way)).collect::<Vec<_>>()));
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn rendered_answers_are_inert() {
    assert_inert(&Way { arguments: &["chat", "hello"], reply: |text| reply::stream([text]), code: 0 });
}

#[test]
fn raw_answers_are_inert() {
    assert_inert(&Way { arguments: &["chat", "--raw", "hello"], reply: |text| reply::stream([text]), code: 0 });
}

#[test]
fn answers_cut_into_letters_are_inert() {
    let letters = |text: &str| {
        let letters: Vec<String> = text.chars().map(String::from).collect();
        reply::stream(letters.iter().map(String::as_str))
    };
    assert_inert(&Way { arguments: &["chat", "hello"], reply: letters, code: 0 });
}

#[test]
fn answers_in_one_body_are_inert() {
    assert_inert(&Way { arguments: &["chat", "--no-stream", "hello"], reply: reply::whole, code: 0 });
}

#[test]
fn thoughts_are_inert() {
    let thinking = |text: &str| reply::stream(["answer"]).reasoning([text, "\n"]);
    assert_inert(&Way { arguments: &["chat", "--show-reasoning", "hello"], reply: thinking, code: 0 });
}

#[test]
fn code_blocks_are_inert() {
    let fenced = |text: &str| reply::stream([format!("```sh\n{text}\n```\n").as_str()]);
    assert_inert(&Way { arguments: &["chat", "hello"], reply: fenced, code: 0 });
}

#[test]
fn names_that_are_repeated_in_errors_are_inert() {
    let sandbox = stage::bare();
    for case in cases().iter().filter(|case| !case.text.contains('\0')) {
        for (arguments, code) in [(["chat", "hello", "-p", &case.text], 3), (["config", "explain", "--", &case.text], 2), (["chat", "x", "-m", &case.text], 2)]
        {
            let terminal = stage::terminal(&sandbox, &arguments, USUAL);
            assert_eq!(terminal.wait_exit(), code, "{} {arguments:?}: {}", case.name, terminal.transcript());
            assert_eq!((terminal.events(), foreign_controls(&terminal, &case.text)), (Events::default(), Vec::new()), "{} {arguments:?}", case.name);
        }
    }
}

#[test]
fn words_of_an_error_are_inert() {
    assert_inert(&Way { arguments: &["chat", "hello"], reply: |text| reply::refusal(400, text), code: 7 });
}
