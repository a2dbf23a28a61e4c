//! How Markdown is rendered, block by block; shared helpers of the tests.

use super::*;
use crate::ui::capabilities::LinkForm;
use unicode_width::UnicodeWidthStr;

pub(crate) fn render(pieces: &[&str], width: usize) -> Vec<Span> {
    let mut markdown = Markdown::new(width, LinkForm::Written);
    markdown.omit_labels();
    let mut out = Vec::new();
    for piece in pieces {
        markdown.push(piece, &mut out);
    }
    markdown.finish(&mut out);
    out
}

pub(crate) fn text_of(spans: &[Span]) -> String {
    spans.iter().map(|(_, text)| text.as_str()).collect()
}

pub(crate) fn plain(source: &str, width: usize) -> String {
    text_of(&render(&[source], width))
}

/// Without the styles of what cannot be seen.
pub(crate) fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    spans
        .into_iter()
        .for_each(|(look, text)| append(&mut out, look, &text));
    out
}

pub(crate) fn marked(source: &str) -> String {
    let mut shown = String::new();
    for (look, text) in render(&[source], 80) {
        let style = look.style;
        match style {
            Style::Plain => shown.push_str(&text),
            _ => shown.push_str(&format!("<{style:?}:{text}>")),
        }
    }
    shown
}

#[test]
fn blocks_are_shown_without_their_marks() {
    let source =
        "# Title\n\nSome **bold words** and `code`.\n\n- one\n  - two\n1. first\n> said\n---\n";
    assert_eq!(
        plain(source, 80),
        format!(
            "Title\n\nSome bold words and code.\n\n• one\n  • two\n1. first\n│ said\n{}\n",
            "─".repeat(40)
        )
    );
}

#[test]
fn styles_follow_the_marks() {
    assert_eq!(marked("a **b c** d"), "a <Bold:b c >d\n");
    assert_eq!(
        marked("*i* _j_ ~~s~~ `x*y*`"),
        "<Italic:i j ><Struck:s> <Code:x*y*>\n"
    );
    assert_eq!(
        marked("# 1\n## 2\n### 3\n#### **4**"),
        "<Title:1>\n<Heading:2>\n<Subheading:3>\n<Subheading:4>\n"
    );
    assert_eq!(
        marked("***both*** **b *n* b** *i **n***"),
        "<BoldItalic:both ><Bold:b ><BoldItalic:n ><Bold:b ><Italic:i ><BoldItalic:n>\n"
    );
    assert_eq!(
        marked("**bold**text and 这是**重点**内容"),
        "<Bold:bold>text and 这是<Bold:重点>内容\n"
    );
    assert_eq!(marked("**`a*b` c**"), "<Code:a*b ><Bold:c>\n");
}

#[test]
fn what_is_no_markup_is_left_alone() {
    for text in [
        "5 * 3 * 2",
        "5*3*2",
        "2**3**4",
        "f(*args, **kwargs)",
        "(*args) or (*more)",
        "**/*.rs and **/*.toml",
        "src/**/*.ts and lib/**/*.ts",
        "src/**/test\nlib/**/test",
        "*.rs,*.toml",
        "snake_case_name and _private",
        "a ** b",
        "[x] done",
        "2.5 apples",
        "#hash",
        "#!/bin/sh",
        "`open",
        "**open",
        "-5 degrees",
        "-",
        "a|b",
        "it cost $5 and then $10",
        "$HOME and ${NAME}",
        "<b>HTML</b> <!-- note --> <i x='*a*'>",
        "see [text][ref] and [^note]",
        "[^a-z] and [^note]: text",
        "[ref]: https://example.com/a_b",
        "f[i](x y)",
        "~/notes and ~user",
        "AT&T; &copy &nosuch;",
        "x**2 + y**2",
        "2**n",
        "a*b*c",
        "the ____, and the ____.",
        "(____) and (____)",
        "docker run \\",
        "=====",
        "https://example.com/__init__.py/*x*?a=_b_",
        "a < b > c",
    ] {
        let shown = plain(text, 80);
        // An empty item is one.
        let expected = if text == "-" { "•" } else { text };
        assert_eq!(shown.trim_end(), expected, "{text}");
    }
}

#[test]
fn escaped_marks_are_shown_without_the_escape() {
    assert_eq!(
        plain("\\*a\\* \\_b\\_ \\`c\\` \\# \\$5 C:\\dir", 80),
        "*a* _b_ `c` # $5 C:\\dir\n"
    );
    assert_eq!(
        plain("\\# no heading\n1\\. no item", 80),
        "# no heading\n1. no item\n"
    );
}

#[test]
fn code_is_verbatim_and_never_wrapped() {
    let source = "```rust\nfn  main() { /* **not bold** */ } // a very long line that is longer \
                  than the width\n\n```\nafter\n";
    assert_eq!(
        plain(source, 20),
        "fn  main() { /* **not bold** */ } // a very long line that is longer than the width\n\n\
         after\n"
    );
}

#[test]
fn fences_of_all_kinds_hold_code() {
    for (source, shown) in [
        ("~~~\n```\na\n~~~\nb", "```\na\nb\n"),
        ("````md\n```rust\nx\n```\n````\nb", "```rust\nx\n```\nb\n"),
        (
            "1. one\n   ```sh\n   ls\n     -l\n   ```\n2. two",
            "1. one\nls\n  -l\n2. two\n",
        ),
        ("- ```py\n  x = 1\n  ```\n- b", "•\nx = 1\n• b\n"),
        (
            "> ```rust,ignore\n> let x;\n>\n> y\n> ```\n> end",
            "│ let x;\n│\n│ y\n│ end\n",
        ),
        ("> ```\n> a\nb", "│ a\nb\n"),
        ("```python title=\"x\"\nprint(1)\n```", "print(1)\n"),
        ("```\nopen", "open\n"),
        ("```\n\n\n```\nb", "\n\nb\n"),
        ("``` not `a` fence", "``` not a fence\n"),
        ("```x\n    ```\n```\n", "    ```\n"),
        ("```\n``\n````", "``\n"),
    ] {
        assert_eq!(plain(source, 40), shown, "{source}");
    }
}

#[test]
fn known_languages_are_coloured_and_others_are_not() {
    assert_eq!(
        marked("```rust\nfn f() {}\n```"),
        "<Keyword:fn ><Function:f>() {}\n"
    );
    assert_eq!(marked("```\nfn f() {}\n```"), "<Code:fn f() {}>\n");
    let long = format!("let x = \"{}\";", "y".repeat(5000));
    assert_eq!(
        marked(&format!("```rust\n{long}\nlet\n```")),
        format!("{long}\n<Keyword:let>\n")
    );
}

#[test]
fn code_by_indent_is_kept() {
    assert_eq!(
        marked("text\n\n    a = *b* # c\n\n    d\nend"),
        "text\n\n<Code:    a = *b* # c>\n\n<Code:    d>\nend\n"
    );
    assert_eq!(
        marked("- item\n\n    *more* of it\n\n        code *x*\n"),
        "• item\n\n    <Italic:more >of it\n\n<Code:        code *x*>\n"
    );
}

#[test]
fn words_wrap_with_a_hanging_indent() {
    assert_eq!(
        plain("- one two three four\n", 12),
        "• one two\n  three four\n"
    );
    assert_eq!(plain("日本語のテキスト", 8), "日本語の\nテキスト\n");
    assert_eq!(plain("aaaaaa \u{301}aa", 8), "aaaaaa\n\u{301}aa\n");
    assert_eq!(
        plain("  10. one two three\n", 14),
        "  10. one two\n      three\n"
    );
    assert_eq!(
        plain("> - one two three\n", 10),
        "│ • one\n│   two\n│   three\n"
    );
    assert_eq!(
        plain("> > one two three\n", 10),
        "│ │ one\n│ │ two\n│ │ three\n"
    );
}

#[test]
fn tasks_have_a_box_for_a_bullet() {
    assert_eq!(
        plain(
            "- [ ] open task\n- [x] done\n1. [X] third one of many\n- [y] none\n",
            12
        ),
        "☐ open task\n☑ done\n1. ☑ third\n     one of\n     many\n• [y] none\n"
    );
}

#[test]
fn a_narrow_terminal_leaves_room_for_words() {
    let shown = plain(
        "> > > > > > deep words here\n\n                    - far words here\n",
        10,
    );
    assert!(shown.lines().all(|line| line.width() <= 10), "{shown}");
    assert_eq!(
        shown
            .split_whitespace()
            .filter(|word| *word != "│")
            .collect::<Vec<_>>(),
        ["deep", "words", "here", "•", "far", "words", "here"]
    );
}

#[test]
fn code_spans_and_urls_are_never_broken() {
    let shown = plain(
        "run `cargo build --release` or see https://example.com/a/very/long/path now",
        20,
    );
    assert_eq!(
        shown,
        "run\ncargo build --release\nor see\nhttps://example.com/a/very/long/path\nnow\n"
    );
}

#[test]
fn a_combining_mark_stays_with_its_base() {
    assert_eq!(
        plain("**日**\u{301}本 e\u{301}e\u{301}", 4),
        "日\u{301}本\ne\u{301}e\u{301}\n"
    );
    assert_eq!(plain("**日**\u{301}", 1), "日\u{301}\n");
    assert_eq!(plain("日\u{200b}aa", 1), "日\u{200b}\naa\n");
    assert_eq!(
        text_of(&render(&["日\u{200b}a", "a"], 1)),
        "日\u{200b}\naa\n"
    );
    assert_eq!(
        render(&["e", "\u{301}x y"], 80),
        render(&["e\u{301}x y"], 80)
    );
    assert_eq!(plain("👩‍👩‍👧👩‍👩‍👧 🇩🇪🇫🇷", 4), "👩‍👩‍👧👩‍👩‍👧\n🇩🇪🇫🇷\n");
}

#[test]
fn links_show_their_target() {
    for (source, shown) in [
        (
            "see [docs](https://x.example/a_b).",
            "see docs (https://x.example/a_b).",
        ),
        ("<https://x.example>", "https://x.example"),
        (
            "[https://x.example](https://x.example)",
            "https://x.example",
        ),
        ("[me@x.example](mailto:me@x.example)", "me@x.example"),
        (
            "![a chart](img/a.png \"The title\")",
            "▣ a chart (img/a.png \"The title\")",
        ),
        (
            "[a](https://w.example/Foo_(bar))",
            "a (https://w.example/Foo_(bar))",
        ),
        ("[a](<b c.md>)", "a (b c.md)"),
        ("[![alt](i.png)](u)", "▣ alt (i.png) (u)"),
        ("[`a]b`](u) [x[0]](v)", "a]b (u) x[0] (v)"),
        ("[](u)", "u"),
        ("[](no target)", "[](no target)"),
        ("[a]()", "[a]()"),
    ] {
        assert_eq!(plain(source, 80), format!("{shown}\n"), "{source}");
    }
    assert_eq!(marked("[a](Foo_(b)c) d"), "<Link:a> <Dim:(Foo_(b)c) >d\n");
    assert_eq!(marked("[a **b**](u)"), "<Link:a ><Bold:b ><Dim:(u)>\n");
}

#[test]
fn headings_and_rules() {
    assert_eq!(
        plain("Title\n===\n\nOther\n---\n", 5),
        "Title\n═════\n\nOther\n─────\n"
    );
    assert_eq!(
        plain("* * *\n___\n#\n####### seven\n", 3),
        "───\n───\n\n#######\nseven\n"
    );
    assert_eq!(plain("> quote\n>\n> more\n", 40), "│ quote\n│\n│ more\n");
}

#[test]
fn a_line_break_of_the_source_is_kept() {
    assert_eq!(plain("one  \ntwo\nthree", 80), "one\ntwo\nthree\n");
}

#[test]
fn empty_lines_between_blocks_are_one_row_and_those_of_code_stay() {
    for (source, shown) in [
        ("a\n\n\n\nb\n", "a\n\nb\n"),
        ("a\n\n</details>\n\nb\n", "a\n\nb\n"),
        ("> a\n>\n>\n> b\n\n\nc\n", "│ a\n│\n│ b\n\nc\n"),
        ("    a\n\n\n    b\n", "    a\n\n\n    b\n"),
        ("a\n\n|b|\n|-|\n|c|\n\n\nd\n", "a\n\nb\n─\nc\n\nd\n"),
    ] {
        assert_eq!(plain(source, 40), shown, "{source:?}");
    }
    assert!(plain("```\na\n\n\nb\n```\n", 40).contains("a\n\n\nb\n"));
}
