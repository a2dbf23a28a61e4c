//! Markdown without styles, without Unicode, and in scripts without blanks.

use super::tests::plain;
use super::*;
use crate::ui::capabilities::LinkForm;

fn shown(source: &str, form: MarkdownForm) -> String {
    let mut markdown = Markdown::new(40, form);
    let mut out = Vec::new();
    markdown.push(source, &mut out);
    markdown.finish(&mut out);
    tests::text_of(&out)
}

const PLAIN: MarkdownForm = MarkdownForm {
    links: LinkForm::Written,
    is_ascii: false,
    is_plain: true,
};

const ASCII: MarkdownForm = MarkdownForm {
    is_ascii: true,
    is_plain: false,
    ..PLAIN
};

#[test]
fn without_styles_headings_are_underlined_and_code_and_struck_text_keep_their_marks() {
    assert_eq!(
        shown("# One *title*\n\n## Two\n### Three\n", PLAIN),
        "One title\n═════════\n\nTwo\n───\nThree\n"
    );
    assert_eq!(
        shown("**bold** *it* `a b` ~~no~~ <kbd>q</kbd>\n", PLAIN),
        "bold it `a b` ~~no~~ q\n"
    );
    assert_eq!(
        shown("> # In a quote that is longer than the row\n", PLAIN),
        format!(
            "│ In a quote that is longer than the row\n│ {}\n",
            "═".repeat(38)
        )
    );
    assert_eq!(shown("#\n\ntext\n", PLAIN), "\n\ntext\n");
}

#[test]
fn without_unicode_marks_are_ascii_and_formulas_their_source() {
    assert_eq!(
        shown(
            "- one\n- [x] two\n> é\n\n---\n$x^2$ &copy; [^1]\n\n[^1]: note\n",
            ASCII
        ),
        format!(
            "* one\n[x] two\n| é\n\n{}\n$x^2$ &copy; [^1]\n\n[^1] note\n",
            "-".repeat(40)
        )
    );
    assert_eq!(
        shown("| a | b |\n|---|---|\n| … | 2 |\n", ASCII),
        "a  b\n-  -\n…  2\n"
    );
    assert_eq!(shown("$$\nx^2\n$$\n", ASCII), "$$\nx^2\n$$\n");
}

#[test]
fn without_unicode_raised_and_lowered_text_has_marks() {
    assert_eq!(
        shown("H<sub>2</sub>O x<sup>10</sup> a<SUP>n+1</SUP>\n", ASCII),
        "H_2O x^10 a^(n+1)\n"
    );
}

#[test]
fn no_row_starts_with_a_closing_mark_or_ends_with_an_opening_one() {
    for (source, rows) in [
        ("日本語，日本語", "日本\n語，日\n本語\n"),
        ("日本（語）日本", "日本\n（語）\n日本\n"),
        ("用**重点**：是", "用重\n点：是\n"),
        ("日本語amx。日", "日本語\namx。\n日\n"),
        ("这`abc`，是", "这\nabc，\n是\n"),
        ("a（日本", "a（日\n本\n"),
        ("，，，，", "，，，\n，\n"),
    ] {
        assert_eq!(plain(source, 6), rows, "{source}");
    }
}

#[test]
fn rows_are_the_same_however_the_text_arrives() {
    let source = "他说：“你好，世界（hello）。”这是**重点**，`code`。";
    for width in 4..20 {
        let pieces: Vec<String> = source.chars().map(String::from).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let slow = tests::text_of(&tests::render(&pieces, width));
        assert_eq!(slow, plain(source, width), "{width}");
    }
}
