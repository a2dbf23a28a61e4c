//! What an answer looks like on a terminal, in whatever pieces it comes.

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};

const MARKDOWN: &str = "# The Heading\n\nSome **boldword** and `codeword` here.\n\n- first item\n\
                        - second item\n\n\
                        ```rust\nfn main() {\n    println!(\"**kept** - as is\");\n}\n```\n\n\
                        The end.";

/// The answer as a model sends it, a few characters at a time.
fn in_pieces(answer: &str, length: usize) -> Reply {
    let letters: Vec<char> = answer.chars().collect();
    let pieces: Vec<String> = letters
        .chunks(length)
        .map(|piece| piece.iter().collect())
        .collect();
    reply::stream(pieces.iter().map(String::as_str))
}

/// The answer to `amx chat hello` on a terminal, after the program has ended.
fn shown(answer: Reply, more: &[&str], size: Size) -> Terminal {
    let double = Double::start([answer]);
    let terminal = stage::terminal(
        &stage::ready(&double),
        &[&["chat", "hello"], more].concat(),
        size,
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal
}

fn has_line(transcript: &str, wanted: impl Fn(&str) -> bool) -> bool {
    transcript.lines().any(|line| wanted(line.trim()))
}

#[test]
fn markdown_is_rendered_and_code_is_kept() {
    for size in [USUAL, SMALL] {
        for length in [3, 1000] {
            let terminal = shown(in_pieces(MARKDOWN, length), &[], size);
            let transcript = terminal.transcript();
            for mark in ["**boldword**", "`codeword`", "# The Heading", "```"] {
                assert!(
                    !transcript.contains(mark),
                    "{mark} is shown at {size:?} in pieces of {length}:\n{transcript}"
                );
            }
            for code in [
                "fn main() {",
                "println!(\"**kept** - as is\");",
                "The Heading",
                "codeword",
            ] {
                assert!(
                    transcript.contains(code),
                    "{code} is missing at {size:?}:\n{transcript}"
                );
            }
            let is_item = |line: &str| {
                line.ends_with("first item")
                    && line.starts_with(['•', '-', '*', '–', '·', '◦', '▪'])
            };
            assert!(
                has_line(&transcript, is_item),
                "no bullet at {size:?}:\n{transcript}"
            );
            terminal.assert_restored();
        }
    }
}

#[test]
fn bold_text_is_bold() {
    let terminal = shown(
        reply::stream(["plainword and **boldword** here"]),
        &[],
        USUAL,
    );
    terminal.wait_until("boldword in bold", |seen| {
        seen.shows("boldword", vt100::Cell::bold)
    });
    terminal.wait_until("plainword not in bold", |seen| {
        seen.shows("plainword", |cell| !cell.bold())
    });
}

#[test]
fn every_word_of_a_long_answer_is_shown_once() {
    let paragraphs: Vec<String> = (0..30)
        .map(|p| {
            (0..25)
                .map(|w| format!("p{p:02}w{w:02}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let answer = format!(
        "{}\n\n1. one{}\n2. two\n\n> quoted\n\n{}",
        paragraphs[..15].join("\n\n"),
        "x".repeat(60),
        paragraphs[15..].join("\n\n")
    );
    for size in [USUAL, SMALL] {
        for length in [5, 400] {
            let terminal = shown(in_pieces(&answer, length), &[], size);
            let transcript = terminal.transcript();
            for word in paragraphs.iter().flat_map(|paragraph| paragraph.split(' ')) {
                assert_eq!(
                    transcript.matches(word).count(),
                    1,
                    "{word} at {size:?} in pieces of {length}:\n{transcript}"
                );
            }
        }
    }
}

#[test]
fn a_code_line_wider_than_the_terminal_can_be_copied_whole() {
    let line: String = (0..30).map(|number| format!("{number:02} -> ")).collect();
    let answer = format!("before\n\n```\n{}\n```\n\nafter", line.trim());
    for size in [USUAL, SMALL] {
        let terminal = shown(in_pieces(&answer, 9), &[], size);
        assert!(
            has_line(&terminal.transcript(), |shown| shown == line.trim()),
            "{line} at {size:?}:\n{}",
            terminal.transcript()
        );
    }
}

#[test]
fn reasoning_is_dimmed_while_it_comes_and_folded_away_after() {
    for size in [USUAL, SMALL] {
        let thoughts: Vec<String> = (0..40).map(|number| format!("idea{number:02}\n")).collect();
        let gate = Gate::default();
        let answer = reply::stream(["the answer itself"])
            .reasoning(thoughts.iter().map(String::as_str))
            .gate_after(0, &gate);
        let double = Double::start([answer]);
        let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], size);
        terminal.wait_until("the last thought, dimmed", |seen| {
            seen.shows("idea39", |cell| {
                cell.dim() || cell.fgcolor() == vt100::Color::Idx(8)
            })
        });
        assert!(
            !terminal.transcript().contains("idea00"),
            "more than the last thoughts are shown:\n{}",
            terminal.transcript()
        );
        gate.open();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        assert!(
            transcript.contains("the answer itself") && !transcript.contains("idea"),
            "{transcript}"
        );
        terminal.assert_restored();
    }
}

#[test]
fn reasoning_can_be_shown_whole() {
    let thoughts: Vec<String> = (0..40).map(|number| format!("idea{number:02}\n")).collect();
    let answer =
        reply::stream(["the answer itself"]).reasoning(thoughts.iter().map(String::as_str));
    let terminal = shown(answer, &["--show-reasoning"], SMALL);
    for thought in &thoughts {
        assert_eq!(
            terminal.transcript().matches(thought.trim()).count(),
            1,
            "{thought}{}",
            terminal.transcript()
        );
    }
}

#[test]
fn raw_shows_the_source() {
    let terminal = shown(in_pieces(MARKDOWN, 7), &["--raw"], USUAL);
    for line in MARKDOWN.lines() {
        assert!(
            has_line(&terminal.transcript(), |shown| shown == line.trim()),
            "{line:?} is missing:\n{}",
            terminal.transcript()
        );
    }
}

#[test]
fn a_pipe_gets_the_source_and_nothing_else() {
    let double = Double::start([in_pieces(MARKDOWN, 7).reasoning(["a thought"])]);
    let outcome = stage::ready(&double).run(["chat", "hello"]);
    outcome
        .assert_code(0)
        .assert_stdout(&format!("{MARKDOWN}\n"))
        .assert_stderr_lacks("\x1b")
        .assert_stderr_lacks("a thought");
}

#[test]
fn without_colour_there_is_no_escape_sequence() {
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let double = Double::start([reply::stream([MARKDOWN]).reasoning(["a thought\n"])]);
        let sandbox = stage::ready(&double).env(variable, value);
        let terminal = stage::terminal(&sandbox, &["chat", "hello"], USUAL);
        assert_eq!(terminal.wait_exit(), 0);
        let raw = terminal.raw_output();
        assert!(
            !raw.contains(&0x1b),
            "{variable}={value}: {:?}",
            String::from_utf8_lossy(&raw)
        );
        let transcript = terminal.transcript();
        for shown in [
            "println!(\"**kept** - as is\");",
            "The Heading\n═══════════\n",
            "boldword and `codeword`",
            "• first item",
        ] {
            assert!(transcript.contains(shown), "{shown:?} in:\n{transcript}");
        }
        for mark in ["# The", "```", "**boldword"] {
            assert!(!transcript.contains(mark), "{mark:?} in:\n{transcript}");
        }
    }
}

#[test]
fn a_narrower_terminal_loses_nothing() {
    let words: Vec<String> = (0..60).map(|number| format!("word{number:02}")).collect();
    let (first, second) = (
        format!("{}\n\n", words[..30].join(" ")),
        words[30..].join(" "),
    );
    let gate = Gate::default();
    let double =
        Double::start([reply::stream([first.as_str(), second.as_str()]).gate_after(1, &gate)]);
    let terminal = stage::terminal(&stage::ready(&double), &["chat", "hello"], USUAL);
    terminal.wait_for("word29");
    terminal.resize(SMALL);
    gate.open();
    assert_eq!(terminal.wait_exit(), 0);
    for word in &words[30..] {
        assert_eq!(
            terminal.transcript().matches(word.as_str()).count(),
            1,
            "{word}:\n{}",
            terminal.transcript()
        );
    }
}
