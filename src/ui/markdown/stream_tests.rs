//! Text is shown as soon as it is certain, and the pieces in which it arrives do not matter.

use super::inline::LONGEST_HELD;
use super::tests::{joined, plain, render, text_of};
use super::*;
use crate::ui::capabilities::LinkForm;

#[test]
fn what_is_certain_is_shown_at_once() {
    for (pieces, shown) in [
        // The first word of a line stays in its place, wherever it ends.
        (vec!["He"], "He"),
        (vec!["He", "l"], "Hel"),
        (vec!["some\n\nwo"], "some\n\nwo"),
        (vec!["- it"], "• it"),
        (vec!["2"], ""),
        (vec!["some ", "words a"], "some words"),
        (vec!["**bo", "ld", "** a", "nd"], "bold"),
        (vec!["**bo", "ld** and s"], "bold and"),
        (vec!["[a](", "https://x", ") a", "nd"], "a (https://x)"),
        (vec!["`co", "de` a", "nd"], "code"),
        (vec!["$x^2", "$ a", "nd"], "x²"),
        (vec!["AT&", "amp;T a", "nd"], "AT&T"),
        (vec!["H<sub>2</su", "b>O a", "nd"], "H₂O"),
        (vec!["x<y and y", " > z a"], "x<y and y > z"),
        (vec!["it cost $5 a", "nd"], "it cost $5"),
        (vec!["- [x] do", "ne a"], "☑ done"),
        (vec!["日本", "語"], "日"),
        (vec!["```\nco", "de"], "code"),
        (vec!["```rust\nfn a() {}\nfn ", "b"], "fn a() {}\n"),
        (vec!["| no table\nnext word a"], "| no table\nnext word"),
        (vec!["|a|b|\n|-|-|\n|1|2|\n\nx"], "a  b\n─  ─\n1  2\n\nx"),
    ] {
        let mut markdown = Markdown::new(80, LinkForm::Written);
        markdown.omit_labels();
        let mut out = Vec::new();
        pieces
            .iter()
            .for_each(|piece| markdown.push(piece, &mut out));
        assert_eq!(text_of(&out), shown, "{pieces:?}");
    }
}

#[test]
fn a_mark_that_never_closes_holds_nothing_back_for_long() {
    let mut markdown = Markdown::new(80, LinkForm::Written);
    let mut out = Vec::new();
    markdown.push("**", &mut out);
    for _ in 0..LONGEST_HELD {
        markdown.push("word ", &mut out);
    }
    let shown: usize = out.iter().map(|(_, text)| text.len()).sum();
    assert!(shown > 3 * LONGEST_HELD, "{shown}");
}

#[test]
fn the_cut_of_a_line_longer_than_what_is_held_does_not_matter() {
    let words = "word ".repeat(1800);
    let mut sources: Vec<String> = [
        "**",
        "*a _b ",
        "`",
        "[",
        "[a](",
        "$",
        "\\(",
        "| ",
        "<https://",
        "~~~ ",
    ]
    .iter()
    .map(|mark| format!("{mark}{words}**end** `x`\nnext"))
    .collect();
    sources.extend([
        format!("```rust\n{words}\nfn a\n```"),
        format!("{}\nnext", "- ".repeat(3000)),
        format!("- [a] {words}*b*"),
        format!("{}x", " ".repeat(5000)),
    ]);
    for source in sources {
        let whole = joined(render(&[&source], 60));
        for length in [1, 7, 1000] {
            let pieces: Vec<&str> = source
                .as_bytes()
                .chunks(length)
                .filter_map(|piece| std::str::from_utf8(piece).ok())
                .collect();
            assert!(
                joined(render(&pieces, 60)) == whole,
                "{} in pieces of {length}",
                &source[..20]
            );
        }
    }
}

#[test]
fn a_long_rule_is_drawn_once_and_a_long_row_of_marks_takes_no_time() {
    assert_eq!(
        plain(&format!("{}\n", "-".repeat(4000)), 80)
            .chars()
            .count(),
        41
    );
    let long: String = "-".repeat(9000);
    assert_eq!(plain(&long, 80).matches('-').count(), 9000);
    for marks in [
        "*a ",
        "**a b* ",
        "[a ",
        "`` ` ",
        "<https://a",
        "$a ",
        "\\(a ",
        "_*a",
    ] {
        assert_eq!(
            plain(&marks.repeat(10_000), 80).matches('a').count(),
            marks.matches('a').count() * 10_000,
            "{marks}"
        );
    }
    assert_eq!(
        plain(&format!("{}x{}", "*_".repeat(900), "_*".repeat(900)), 80)
            .matches('x')
            .count(),
        1
    );
    assert_eq!(
        plain(&format!("{}a{}", "[".repeat(2000), "](b)".repeat(2000)), 80)
            .matches('a')
            .count(),
        1
    );
}
#[test]
fn a_new_width_holds_from_the_next_word_on() {
    let mut markdown = Markdown::new(40, LinkForm::Written);
    let mut out = Vec::new();
    markdown.push("- one two three four five ", &mut out);
    markdown.set_width(12);
    markdown.push("six seven eight ", &mut out);
    markdown.set_width(30);
    markdown.push("nine ten eleven twelve", &mut out);
    markdown.finish(&mut out);
    assert_eq!(
        text_of(&out),
        "• one two three four\n  five six\n  seven eight nine ten eleven\n  twelve\n"
    );
}

#[test]
fn another_source_may_follow_the_end() {
    let mut markdown = Markdown::new(40, LinkForm::Written);
    let mut out = Vec::new();
    for source in ["```\nopen", "**open", "| a |\n|--", "- x\n\n$$ y", ""] {
        markdown.push(source, &mut out);
        markdown.finish(&mut out);
    }
    assert_eq!(text_of(&out), "[1]\nopen\n**open\na\n─\n• x\n\n$$ y\n");
}
