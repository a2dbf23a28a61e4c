//! A long answer of every kind of block, streamed at several widths: each word stands on the
//! terminal once, in the order of the source.

use crate::pty::{Size, Terminal, squeeze};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};

/// What a source shows, word by word: marks are taken out, the rest is what was written.
struct Document {
    source: String,
    words: Vec<String>,
}

/// Parts of a document: how they are written, and how they are read.
const PARTS: &[(&str, &str)] = &[
    ("# Heading number {n}\n\n", "Heading number {n}"),
    (
        "Some **bold{n} words** and *slanted{n}* ones, `code{n} span` too, snake_{n}_case and 2 * \
         {n} * 3.\n\n",
        "Some bold{n} words and slanted{n} ones, code{n} span too, snake_{n}_case and 2 * {n} * 3.",
    ),
    (
        "- item{n} one goes on for a while so that it wraps\n  - nested{n} **two** `three`\n    1. \
         numbered{n} four\n",
        "• item{n} one goes on for a while so that it wraps • nested{n} two three 1. numbered{n} \
        four",
    ),
    (
        "- [ ] open{n} task\n- [x] done{n} task\n\n",
        "☐ open{n} task ☑ done{n} task",
    ),
    (
        "```rust\nfn call{n}(x: &str) -> Result<(), Error> {\n    println!(\"**kept{n}** {}\", x); \
         // why{n}\n}\n```\n\n",
        "{label} rust fn call{n}(x: &str) -> Result<(), Error> { println!(\"**kept{n}** {}\", x); \
         // why{n} }",
    ),
    (
        "1. step{n}\n   ~~~sh\n   make step{n} | tee log{n} # a comment that is far longer than \
         the terminal is wide\n   ~~~\n\n",
        "1. step{n} {label} sh make step{n} | tee log{n} # a comment that is far longer than the \
         terminal is \
        wide",
    ),
    (
        "| k{n} | v |\n|---|--:|\n| a{n} | 1 |\n| b{n} | 22 |\n\n",
        "k{n} v a{n} 1 b{n} 22",
    ),
    (
        "日本語{n}のテキストはどこでも折り返すことができますから見てください。e\u{301}{n} 👩‍👩‍👧{n} 🇩🇪\n\n",
        "日本語{n}のテキストはどこでも折り返すことができますから見てください。e\u{301}{n} 👩‍👩‍👧{n} 🇩🇪",
    ),
    (
        "see [the page{n}](https://example.com/a_very/long_path/to_{n}/something_that_is_wide?q=1) \
         and <https://x{n}.example>.\n\n",
        "see the page{n} (https://example.com/a_very/long_path/to_{n}/something_that_is_wide?q=1) \
        and https://x{n}.example.",
    ),
    (
        "the sum $a^2 + {n}$ costs $5, \\(\\pi = {n}\\) &amp; <br>are <sub>2</sub> kept{n}[^7]\n\n",
        "the sum a² + {n} costs $5, π = {n} & are ₂ kept{n}⁷",
    ),
    (
        "> quoted{n} text that is long enough to be broken\n> > deeper{n} **still**\n\n",
        "quoted{n} text that is long enough to be broken deeper{n} still",
    ),
    ("Setext{n}\n---\n\n***\n\n", "Setext{n}"),
];

/// Blocks of code among the parts.
const BLOCKS: usize = 2;

/// The parts one after the other, some times; labels of code continue after so many blocks.
fn document(times: usize, mut blocks: usize) -> Document {
    let (mut source, mut shown) = (String::new(), String::new());
    for round in 0..times {
        for (index, (written, read)) in PARTS.iter().enumerate() {
            let number = format!("{}x{round}", 10 + index);
            source.push_str(&written.replace("{n}", &number));
            blocks += read.matches("{label}").count();
            let read = read.replace("{label}", &format!("[{blocks}]"));
            shown.push_str(&read.replace("{n}", &number));
            shown.push(' ');
        }
    }
    Document {
        source,
        words: words_of(&shown),
    }
}

/// Words without what the renderer draws around them. A terminal breaks addresses and code
/// anywhere, and text of wide characters is broken by us, so that a word is what stands between
/// blanks in the source.
fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| !word.chars().all(|c| matches!(c, '│' | '─' | '═')))
        .map(str::to_owned)
        .collect()
}

/// The text without any white space, to compare what may be broken anywhere.
fn unbroken(words: &[String]) -> String {
    words.concat()
}

/// Pieces of lengths that never fall together with words or lines.
fn in_odd_pieces(source: &str) -> Vec<String> {
    let mut letters = source.chars().peekable();
    let lengths = [1, 7, 3, 11, 2, 5, 13];
    let pieces = lengths
        .iter()
        .cycle()
        .map(|length| letters.by_ref().take(*length).collect::<String>());
    pieces.take_while(|piece| !piece.is_empty()).collect()
}

fn streamed(pieces: &[String]) -> Reply {
    reply::stream(pieces.iter().map(String::as_str))
}

/// Asserts that the terminal shows the words of the document in order, each once.
fn assert_shown(terminal: &Terminal, document: &Document, columns: u16) {
    let transcript = terminal.transcript();
    // The status line is below the answer.
    let answer = transcript.split("test/plain ·").next().unwrap();
    let shown = words_of(answer);
    let (seen, wanted) = (unbroken(&shown), unbroken(&document.words));
    let same = seen
        .chars()
        .zip(wanted.chars())
        .take_while(|(seen, wanted)| seen == wanted)
        .count();
    let around = |text: &str| {
        text.chars()
            .skip(same.saturating_sub(30))
            .take(80)
            .collect::<String>()
    };
    assert!(
        seen == wanted,
        "at {columns} columns: shown {:?}, written {:?}",
        around(&seen),
        around(&wanted)
    );
    // What we break is broken between words: all but what is wider than half the terminal is in one
    // piece.
    let is_short = |word: &&String| word.is_ascii() && word.len() * 2 <= usize::from(columns);
    let lines = squeeze(answer);
    for word in document
        .words
        .iter()
        .filter(is_short)
        .filter(|word| word.len() > 6)
    {
        assert!(
            lines.contains(word.as_str()),
            "{word} is broken at {columns} columns:\n{transcript}"
        );
    }
}

#[test]
fn every_word_of_a_mixed_answer_is_shown_once_at_any_width() {
    let document = document(6, 0);
    for columns in [20, 40, 80, 132] {
        let double = Double::start([streamed(&in_odd_pieces(&document.source))]);
        let terminal = stage::terminal(
            &stage::ready(&double),
            &["chat", "hello"],
            Size { rows: 24, columns },
        );
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        assert_shown(&terminal, &document, columns);
        terminal.assert_restored();
    }
}

#[test]
fn an_answer_in_one_body_looks_like_a_streamed_one() {
    let document = document(1, 0);
    let size = Size {
        rows: 24,
        columns: 60,
    };
    let transcripts = [
        reply::whole(&document.source),
        streamed(&in_odd_pieces(&document.source)),
    ]
    .map(|answer| {
        let more: &[&str] = if matches!(answer.form, reply::Form::Whole) {
            &["--no-stream"]
        } else {
            &[]
        };
        let double = Double::start([answer]);
        let terminal = stage::terminal(
            &stage::ready(&double),
            &[&["chat", "hello"], more].concat(),
            size,
        );
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        terminal
            .transcript()
            .split("test/plain ·")
            .next()
            .unwrap()
            .to_owned()
    });
    assert_eq!(transcripts[0], transcripts[1]);
}

#[test]
fn a_resize_in_mid_stream_loses_and_doubles_nothing() {
    let (first, second) = (document(1, 0), document(2, BLOCKS));
    let text = format!("{}middleword\n\n{}", first.source, second.source);
    for (before, after) in [(100, 36), (36, 100), (80, 20)] {
        let mut pieces = in_odd_pieces(&first.source);
        let count = pieces.len() + 1;
        pieces.push("middleword\n\n".to_owned());
        pieces.extend(in_odd_pieces(&second.source));
        assert_eq!(pieces.concat(), text);
        let gate = Gate::default();
        let double = Double::start([streamed(&pieces).gate_after(count, &gate)]);
        let terminal = stage::terminal(
            &stage::ready(&double),
            &["chat", "hello"],
            Size {
                rows: 24,
                columns: before,
            },
        );
        terminal.wait_for("middleword");
        terminal.resize(Size {
            rows: 24,
            columns: after,
        });
        gate.open();
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        // The terminal of this test cuts what is wider than it has become; what follows is ours
        // alone.
        let rest = terminal
            .transcript()
            .split_once("middleword")
            .unwrap()
            .1
            .to_owned();
        let widest = rest
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0);
        assert!(widest > 0);
        let answer = rest.split("test/plain ·").next().unwrap();
        assert_eq!(
            unbroken(&words_of(answer)),
            unbroken(&second.words),
            "from {before} to {after} columns:\n{rest}"
        );
        let prose: Vec<&str> = answer
            .lines()
            .filter(|line| line.contains("Some bold"))
            .collect();
        let is_wrapped = prose.iter().all(|line| {
            line.chars().count() <= usize::from(after)
                && line.chars().count() + 12 > usize::from(after).min(94)
        });
        assert!(
            !prose.is_empty() && is_wrapped,
            "not wrapped to {after} columns: {prose:?}"
        );
    }
}

#[test]
fn code_is_coloured_in_the_colours_of_the_terminal() {
    let double = Double::start([reply::stream([
        "```rust\n",
        "fn main() { call(\"textword\") }\n",
        "```\n",
    ])]);
    let terminal = stage::terminal(
        &stage::ready(&double),
        &["chat", "hello"],
        Size {
            rows: 24,
            columns: 80,
        },
    );
    assert_eq!(terminal.wait_exit(), 0);
    let colour = |word: &str, index: u8| {
        let is_coloured = |cell: &vt100::Cell| cell.fgcolor() == vt100::Color::Idx(index);
        terminal.wait_until(&format!("{word} in colour {index}"), |seen| {
            seen.shows(word, is_coloured)
        });
    };
    colour("fn", 5);
    colour("main", 4);
    colour("textword", 2);
    terminal.assert_restored();
}

#[test]
fn reasoning_folds_into_one_line_with_its_time() {
    for columns in [40, 80] {
        let thoughts: Vec<String> = (0..50)
            .map(|number| format!("idea{number:02} is a thought of some length, "))
            .collect();
        let gate = Gate::default();
        let answer = reply::stream(["the answer"])
            .reasoning(thoughts.iter().map(String::as_str))
            .gate_after(0, &gate);
        let double = Double::start([answer]);
        let terminal = stage::terminal(
            &stage::ready(&double),
            &["chat", "hello"],
            Size { rows: 12, columns },
        );
        terminal.wait_for("idea49");
        terminal.wait_for("thinking 0 s");
        let above = terminal.transcript().matches("idea").count();
        assert!(
            above <= 9,
            "{above} thoughts are shown:\n{}",
            terminal.transcript()
        );
        gate.open();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        let lines: Vec<&str> = transcript
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        assert!(
            lines[0].starts_with("thought for ") && lines[1].trim() == "the answer",
            "{transcript}"
        );
        assert!(
            !transcript.contains("idea") && !transcript.contains("thinking"),
            "{transcript}"
        );
    }
}

#[test]
fn reasoning_leaves_nothing_on_a_resized_terminal() {
    for (before, after) in [(80, 40), (40, 80)] {
        let thoughts: Vec<String> = (0..50)
            .map(|number| format!("idea{number:02} is a thought of some length, "))
            .collect();
        let gate = Gate::default();
        let answer = reply::stream(["the answer"])
            .reasoning(thoughts.iter().map(String::as_str))
            .gate_after(0, &gate);
        let double = Double::start([answer]);
        let terminal = stage::terminal(
            &stage::ready(&double),
            &["chat", "hello"],
            Size {
                rows: 12,
                columns: before,
            },
        );
        terminal.wait_for("idea49");
        terminal.resize(Size {
            rows: 12,
            columns: after,
        });
        // Drawn again since.
        terminal.wait_until("another second of thought", |seen| {
            !seen.screen().contents().contains("thinking 0 s")
        });
        gate.open();
        assert_eq!(terminal.wait_exit(), 0);
        let transcript = terminal.transcript();
        assert!(
            !transcript.contains("idea") && !transcript.contains("thinking"),
            "from {before} to {after}:\n{transcript}"
        );
        assert_eq!(
            (
                transcript.matches("thought for ").count(),
                transcript.matches("the answer").count()
            ),
            (1, 1),
            "{transcript}"
        );
        terminal.assert_restored();
    }
}
