//! Marks go over the line ends of a paragraph, and hold nothing back for long.

use proptest::prelude::*;

use super::tests::{marked, plain, text_of};
use super::*;
use crate::ui::capabilities::LinkForm;

#[test]
fn marks_go_over_line_ends() {
    for (source, shown) in [
        ("**b\nc** d", "<Bold:b>\n<Bold:c >d\n"),
        (
            "*i\nj* ~~s\nt~~ d",
            "<Italic:i>\n<Italic:j ><Struck:s>\n<Struck:t> d\n",
        ),
        ("`a\n*b*` c", "<Code:a>\n<Code:*b* >c\n"),
        ("[a\n*b*](u) c", "<Link:a>\n<Italic:b ><Dim:(u) >c\n"),
        (
            "a *b **c\nd** e* f",
            "a <Italic:b ><BoldItalic:c>\n<BoldItalic:d ><Italic:e >f\n",
        ),
        (
            "*a  \nb\nc\nd* e",
            "<Italic:a>\n<Italic:b>\n<Italic:c>\n<Italic:d >e\n",
        ),
        ("*a\n*b\nc* d", "*a\n<Italic:b>\n<Italic:c >d\n"),
        (
            "*a <b\nc> \\\nd* e",
            "<Italic:a <b>\n<Italic:c> \\>\n<Italic:d >e\n",
        ),
        ("a_b\n_c_", "a_b\n<Italic:c>\n"),
    ] {
        assert_eq!(marked(source), shown, "{source}");
    }
    assert_eq!(plain("[\nhttps://x](https://x) b", 80), "\nhttps://x b\n");
}

#[test]
fn a_line_of_a_container_keeps_its_prefix() {
    for (source, shown) in [
        ("> *a\n> b* c", "│ a\n│ b c\n"),
        ("> *a\nb* c\n> *d\n> e*", "│ a\nb c\n│ d\n│ e\n"),
        ("> > *a\n> b* c", "│ │ a\n│ b c\n"),
        ("- *a\n  b* c", "• a\n  b c\n"),
        ("-   *a\n    b* c", "• a\n    b c\n"),
        ("- *a\nb* c", "• a\nb c\n"),
        ("> - *a<br>b\n>   c* d", "│ • a\n│   b\n│   c d\n"),
        ("[^1]: *a\n  b* c", "¹ a\n  b c\n"),
        (
            "- [x] *a\n  bb cc dd ee ff* c",
            "☑ a\n  bb cc dd\n  ee ff c\n",
        ),
    ] {
        assert_eq!(plain(source, 12), shown, "{source}");
    }
}

#[test]
fn the_end_of_a_paragraph_shows_what_was_held_as_it_is_written() {
    for (next, shown) in [
        ("\nb*", "\nb*"),
        ("# b*", "b*"),
        ("- b*", "• b*"),
        ("1. b*", "1. b*"),
        ("> b*", "│ b*"),
        ("```\nb*\n```", "[1]\nb*"),
        ("---\nb*", "───\nb*"),
        ("===\nb*", "═══\nb*"),
        ("| b* |\n|---|", "b*\n──"),
        ("$$\nb*\n$$", "  b*"),
        ("[^1]: b*", "¹ b*"),
        ("</details>\nb*", "b*"),
    ] {
        for mark in ["*a", "**a `c", "[a", "~~a", "_a"] {
            let mut markdown = Markdown::new(3, LinkForm::Written);
            let mut out = Vec::new();
            markdown.push(&format!("{mark}\n{next}"), &mut out);
            markdown.finish(&mut out);
            let mark = mark.replace(' ', "\n");
            assert_eq!(text_of(&out), format!("{mark}\n{shown}\n"), "{next}");
        }
    }
}

#[test]
fn other_marks_end_with_their_line() {
    for text in [
        "$a\nb$",
        "\\(a\nb\\)",
        "a $$b\nc$$",
        "<b x=\"\n\">",
        "<!-- a\nb -->",
        "<https://x\ny>",
        "H<sub>2\n</sub>",
        "<kbd>a\n</kbd>",
        "[a](b\nc)",
        "[a](b \"c\nd\")",
        "https://x/*a\nb*",
    ] {
        assert_eq!(plain(text, 80), format!("{text}\n"), "{text}");
    }
}

#[test]
fn what_is_certain_at_a_line_end_is_shown_at_once() {
    for (pieces, shown) in [
        (vec!["2 * 3\n"], "2 * 3\n"),
        (vec!["a <b\n"], "a <b\n"),
        (vec!["docker \\\n"], "docker \\\n"),
        (vec!["it cost $5\n"], "it cost $5\n"),
        (vec!["**b\nc", "** d", " e"], "b\nc d"),
        (vec!["`b\nc", "` d", " e"], "b\nc d"),
        (vec!["*args\n", "\n"], "*args\n\n"),
        (vec!["a `\n", "- b"], "a `\n• b"),
        (vec!["a [\n", "# b"], "a [\nb"),
        (vec!["a **\nb"], "a **\nb"),
    ] {
        let mut markdown = Markdown::new(80, LinkForm::Written);
        let mut out = Vec::new();
        pieces
            .iter()
            .for_each(|piece| markdown.push(piece, &mut out));
        assert_eq!(text_of(&out), shown, "{pieces:?}");
    }
}

#[test]
fn a_mark_holds_four_lines_and_512_bytes_back_at_most() {
    for mark in ["*args ", "_x ", "**", "~~", "`", "[", "[a *b `c "] {
        for (line, most) in [("z\n".to_owned(), 4), ("word ".repeat(40) + "z\n", 3)] {
            let mut markdown = Markdown::new(1000, LinkForm::Written);
            let mut out = Vec::new();
            markdown.push(mark, &mut out);
            for pushed in 1..20 {
                markdown.push(&line, &mut out);
                let shown = text_of(&out).matches('z').count();
                assert!(pushed - shown < most, "{mark}: {shown} of {pushed}");
            }
        }
        // A long line is not held longer than to its end.
        let mut markdown = Markdown::new(1000, LinkForm::Written);
        let mut out = Vec::new();
        markdown.push(&format!("{mark}{}z\n", "word ".repeat(110)), &mut out);
        assert!(text_of(&out).ends_with("z\n"), "{mark}");
    }
}

proptest! {
    #[test]
    fn a_mark_over_line_ends_moves_no_row(
        lines in proptest::collection::vec(proptest::collection::vec("[a-z]{1,9}", 1..8), 1..5),
        (first, last) in (0_usize..8, 0_usize..8),
        mark in prop_oneof![Just("*"), Just("**"), Just("~~"), Just("***")],
        (item, next) in prop_oneof![
            Just(("", "")), Just(("> ", "> ")), Just(("- ", "  ")), Just(("> 1. ", ">     ")),
            Just(("> ", ""))
        ],
        width in 8_usize..60,
    ) {
        let source = |lines: &[Vec<String>]| {
            let lines: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
            format!("{item}{}", lines.join(&format!("\n{next}")))
        };
        let mut over = lines.clone();
        let (start, end) = (first % lines[0].len(), last % lines[lines.len() - 1].len());
        // On one line the mark opens before it closes.
        let start = if lines.len() == 1 { start.min(end) } else { start };
        over[0][start].insert_str(0, mark);
        over[lines.len() - 1][end].push_str(mark);
        prop_assert_eq!(plain(&source(&over), width), plain(&source(&lines), width));
    }
}
