//! What an answer looks like on a terminal, and that no answer drives the terminal.

use crate::provider::Step;
use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage::Stage;

const MARKDOWN: &str = "# The Heading\n\nSome **boldword** and `codeword` here.\n\n- first item\n- second item\n\n\
                        ```rust\nfn main() {\n    println!(\"**kept** - as is\");\n}\n```\n\nThe end.";

fn text(text: impl Into<String>) -> Step {
    Step::Text(text.into())
}

/// An answer shown on a terminal until the program has ended.
fn shown(stage: &Stage, arguments: &[&str], size: Size) -> Terminal {
    let terminal = stage.terminal(arguments, size);
    let code = terminal.wait_exit();
    assert_eq!(code, 0, "{}", terminal.transcript());
    terminal
}

/// The text in pieces of a few characters, as models send it.
fn in_pieces(answer: &str, length: usize) -> Vec<Step> {
    let letters: Vec<char> = answer.chars().collect();
    letters.chunks(length).map(|piece| text(piece.iter().collect::<String>())).collect()
}

fn has_line(transcript: &str, wanted: impl Fn(&str) -> bool) -> bool {
    transcript.lines().any(|line| wanted(line.trim()))
}

#[test]
fn markdown_is_rendered_and_code_is_kept() {
    for size in [USUAL, SMALL] {
        for length in [3, 1000] {
            let stage = Stage::ready();
            stage.provider.answers(in_pieces(MARKDOWN, length));
            let terminal = shown(&stage, &["chat", "hello"], size);
            let transcript = terminal.transcript();
            for mark in ["**boldword**", "`codeword`", "# The Heading", "```"] {
                assert!(!transcript.contains(mark), "{mark} is shown at {size:?} in pieces of {length}:\n{transcript}");
            }
            for code in ["fn main() {", "println!(\"**kept** - as is\");", "The Heading", "codeword"] {
                assert!(transcript.contains(code), "{code} is missing at {size:?}:\n{transcript}");
            }
            let is_item = |line: &str| line.ends_with("first item") && line.starts_with(['•', '-', '*', '–', '·', '◦', '▪']);
            assert!(has_line(&transcript, is_item), "no bullet at {size:?}:\n{transcript}");
            terminal.assert_restored();
        }
    }
}

#[test]
fn bold_text_is_bold() {
    let stage = Stage::ready();
    stage.provider.answers_text("plainword and **boldword** here");
    let terminal = shown(&stage, &["chat", "hello"], USUAL);
    terminal.wait_until("boldword in bold", |seen| seen.shows("boldword", vt100::Cell::bold));
    terminal.wait_until("plainword not in bold", |seen| seen.shows("plainword", |cell| !cell.bold()));
}

#[test]
fn every_word_of_a_long_answer_stands_there_once() {
    let paragraphs: Vec<String> = (0..30).map(|p| (0..25).map(|w| format!("p{p:02}w{w:02}")).collect::<Vec<_>>().join(" ")).collect();
    let answer = format!("{}\n\n1. one{}\n2. two\n\n> quoted\n\n{}", paragraphs[..15].join("\n\n"), "x".repeat(60), paragraphs[15..].join("\n\n"));
    for size in [USUAL, SMALL] {
        for length in [5, 400] {
            let stage = Stage::ready();
            stage.provider.answers(in_pieces(&answer, length));
            let terminal = shown(&stage, &["chat", "hello"], size);
            let transcript = terminal.transcript();
            for word in paragraphs.iter().flat_map(|paragraph| paragraph.split(' ')) {
                assert_eq!(transcript.matches(word).count(), 1, "{word} at {size:?} in pieces of {length}:\n{transcript}");
            }
        }
    }
}

#[test]
fn reasoning_is_dimmed_while_it_comes_and_folded_away_after() {
    for size in [USUAL, SMALL] {
        let stage = Stage::ready();
        let thoughts: String = (0..40).map(|number| format!("thought{number:02}\n")).collect();
        stage.provider.answers([Step::Reasoning(thoughts), Step::Gate, text("the answer itself")]);
        let terminal = stage.terminal(&["chat", "hello"], size);
        terminal.wait_until("the last thought, dimmed", |seen| {
            seen.shows("thought39", |cell| cell.dim() || cell.fgcolor() == vt100::Color::Idx(8))
        });
        assert!(!terminal.transcript().contains("thought00"), "more than the last thoughts are shown:\n{}", terminal.transcript());
        stage.provider.open_gate();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        assert!(transcript.contains("the answer itself") && !transcript.contains("thought"), "{transcript}");
        terminal.assert_restored();
    }
}

#[test]
fn raw_shows_the_source() {
    let stage = Stage::ready();
    stage.provider.answers(in_pieces(MARKDOWN, 7));
    let terminal = shown(&stage, &["chat", "--raw", "hello"], USUAL);
    for line in MARKDOWN.lines() {
        assert!(has_line(&terminal.transcript(), |shown| shown == line.trim()), "{line:?} is missing:\n{}", terminal.transcript());
    }
}

#[test]
fn a_pipe_gets_the_source_and_nothing_else() {
    let stage = Stage::ready();
    stage.provider.answers([vec![Step::Reasoning("a thought".to_owned())], in_pieces(MARKDOWN, 7)].concat());
    let ran = stage.run(&["chat", "hello"]).ok();
    assert_eq!(ran.stdout, format!("{MARKDOWN}\n"));
    assert!(!ran.stderr.contains('\x1b') && !ran.stderr.contains("a thought"), "{ran:#?}");
}

#[test]
fn without_colour_there_is_no_escape_sequence() {
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let stage = Stage::ready().with(variable, value);
        stage.provider.answers([Step::Reasoning("a thought\n".to_owned()), text(MARKDOWN)]);
        let terminal = shown(&stage, &["chat", "hello"], USUAL);
        let raw = terminal.raw_output();
        assert!(!raw.contains(&0x1b), "{variable}={value}: {:?}", String::from_utf8_lossy(&raw));
        assert!(terminal.transcript().contains("println!(\"**kept** - as is\");"), "{}", terminal.transcript());
    }
}

#[test]
fn a_narrower_terminal_loses_nothing() {
    let stage = Stage::ready();
    let words: Vec<String> = (0..60).map(|number| format!("word{number:02}")).collect();
    stage.provider.answers([text(format!("{}\n\n", words[..30].join(" "))), Step::Gate, text(words[30..].join(" "))]);
    let terminal = stage.terminal(&["chat", "hello"], USUAL);
    terminal.wait_for("word29");
    terminal.resize(SMALL);
    stage.provider.open_gate();
    assert_eq!(terminal.wait_exit(), 0);
    for word in &words[30..] {
        assert_eq!(terminal.transcript().matches(word.as_str()).count(), 1, "{word}:\n{}", terminal.transcript());
    }
}
