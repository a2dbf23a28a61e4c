//! What has a form of its own: formulas, tags, footnotes, alerts, labels, shades, links.

use super::tests::{marked, plain, render, text_of};
use super::*;
use crate::ui::capabilities::LinkForm;
use crate::ui::style::Ground;

#[test]
fn simple_formulas_are_unicode() {
    for (source, shown) in [
        (
            "then \\(a_1 * b_2 * c\\) is $x_{i}*y*\\{z\\}$.",
            "then a₁ * b₂ * c is xᵢ*y*{z}.",
        ),
        (
            "so $$\\sum_{i=1}^{n} a_i * b_i$$ holds",
            "so ∑ᵢ₌₁ⁿ aᵢ * bᵢ holds",
        ),
        ("$a$ and \\[x\\]", "a and x"),
        (
            "\\[\n  x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n\\]",
            "  x = (-b ± √(b² - 4ac))/(2a)",
        ),
        ("$$\n*a* \\\\ *b*\n$$", "  *a*\n  *b*"),
        ("$$ a $$ where **a**", "a where a"),
        ("> $$\n> a^2\n> $$\n> b", "│   a²\n│ b"),
        ("- \\[ x \\]\n- y", "•   x\n• y"),
    ] {
        assert_eq!(plain(source, 80), format!("{shown}\n"), "{source}");
    }
    assert_eq!(
        plain("$$\na\n$$\n**b**\n\n\\[ x \\]\n**c**\n", 80),
        "  a\nb\n\n  x\nc\n"
    );
}

#[test]
fn other_formulas_are_shown_as_they_are_written() {
    for text in [
        "\\[\n  \\begin{pmatrix} a & b \\end{pmatrix}\n\\]",
        "is $\\nosuch_{x}*y*$ and \\(open",
        "$$\nopen **x**",
        "\\[ open",
    ] {
        assert_eq!(plain(text, 80), format!("{text}\n"), "{text}");
    }
    assert_eq!(plain("> $$\n> a\nb\n", 80), "│ $$\n│ a\nb\n");
    assert_eq!(plain("$$\n\n**b**", 80), "$$\n\nb\n");
    let long = format!("$$ {}", "a ".repeat(3000));
    assert_eq!(plain(&long, 80).matches('a').count(), 3000);
}

#[test]
fn tags_with_a_form_of_their_own() {
    for (source, shown) in [
        ("H<sub>2</sub>O and x<sup>n+1</sup>", "H₂O and xⁿ⁺¹"),
        ("x<sup>why q</sup>", "x^(why q)"),
        ("press <kbd>Ctrl</kbd>+<KBD>C</KBD>", "press Ctrl+C"),
        ("- one<br>two<br/>three", "• one\n  two\n  three"),
        (
            "<details>\n<summary>More **here**</summary>\n\ntext\n</details>",
            "▸ More here\n\ntext",
        ),
        ("<details><summary>M</summary>x</details>", "▸ Mx"),
        ("a <sub>open", "a <sub>open"),
        (
            "| a<br>b | c |\n|---|---|\n| d | e<br>f |",
            "a  c\nb\n─  ─\nd  e\n   f",
        ),
    ] {
        assert_eq!(plain(source, 80), format!("{shown}\n"), "{source}");
    }
    assert_eq!(marked("<kbd>Ctrl</kbd>"), "<Code:Ctrl>\n");
}

#[test]
fn footnotes_and_alerts() {
    assert_eq!(
        plain("so[^1] it is[^12]\n\n[^1]: one two three four\n", 14),
        "so¹ it is¹²\n\n¹ one two\n  three four\n"
    );
    assert_eq!(
        marked("> [!WARNING]\n> hot\n\n> [!note]  \n> [!OTHER]"),
        "<Dim:│ ><Warning:Warning>\n<Dim:│ >hot\n\n<Dim:│ ><Hint:Note>\n<Dim:│ >[!OTHER]\n"
    );
    assert_eq!(plain("[!NOTE]", 80), "[!NOTE]\n");
}

#[test]
fn entities_are_decoded_and_never_marks() {
    assert_eq!(
        plain("AT&amp;T &copy; &#42;x&#42; `&amp;` &#27;[2J a&nbsp;b", 80),
        "AT&T © *x* &amp; ␛[2J a\u{a0}b\n"
    );
}

#[test]
fn blocks_of_code_are_numbered_through_an_answer() {
    let mut markdown = Markdown::new(20, LinkForm::Written);
    let mut out = Vec::new();
    let source = "```rust,ignore\na\n```\n- ```\n  b\n  ```\n> ~~~py\n> c\n> ~~~\n";
    markdown.push(source, &mut out);
    markdown.finish(&mut out);
    assert_eq!(text_of(&out), "[1] rust\na\n• [2]\nb\n│ [3] py\n│ c\n");
    assert_eq!(out[0].0.style, Style::Label);
    // Another answer starts again.
    out.clear();
    markdown.push("```c\n```\n", &mut out);
    assert_eq!(text_of(&out), "[1] c\n");
}

#[test]
fn marks_of_a_block_mean_one_at_any_indent() {
    for (source, shown) in [
        ("    ```c\n    a\n    ```\n", "[1] c\na\n"),
        ("    > ```c\n    > a\n    > ```\n", "    │ [1] c\n│ a\n"),
        ("    > > ~~~\n    > > a\n", "    │ │ [1]\n│ │ a\n"),
        ("    - ```\n      a\n      ```\n", "    • [1]\na\n"),
        ("    > a\n", "    > a\n"),
        ("    > `` ` ``\n", "    > `` ` ``\n"),
    ] {
        let mut markdown = Markdown::new(40, LinkForm::Written);
        let mut out = Vec::new();
        markdown.push(source, &mut out);
        markdown.finish(&mut out);
        assert_eq!(text_of(&out), shown, "{source:?}");
    }
}

#[test]
fn code_is_shaded_to_the_end_of_its_row_where_that_is_certain() {
    let shaded = |line: &str, width: usize| {
        let spans = render(&[&format!("```\n{line}\n```\n")], width);
        let ground_of_end = spans
            .iter()
            .rev()
            .find(|(_, text)| text.ends_with('\n'))
            .map(|(look, _)| look.ground);
        assert!(spans[0].0.ground == Ground::Code || line.is_empty());
        ground_of_end == Some(Ground::Code)
    };
    for (line, width, expected) in [
        ("ab", 10, true),
        ("", 10, true),
        ("0123456789", 10, false),
        ("0123456789a", 10, true),
        ("日本", 10, false),
        ("日本", 40, true),
        ("\ta", 10, false),
    ] {
        assert_eq!(shaded(line, width), expected, "{line} in {width}");
    }
}

#[test]
fn the_shade_does_not_depend_on_where_a_cluster_is_cut() {
    let whole = render(&["```\n👩‍👩‍👧\n```\n"], 43);
    let cut = render(&["```\n👩", "\u{200d}👩\u{200d}", "👧\n```\n"], 43);
    assert_eq!(super::tests::joined(cut), super::tests::joined(whole));
}

#[test]
fn links_of_the_terminal_show_their_host() {
    let mut markdown = Markdown::new(80, LinkForm::Linked);
    let mut out = Vec::new();
    markdown.push(
        "see [the **docs**](https://x.example/a) and <https://y.example/b> or [f](a.md)",
        &mut out,
    );
    markdown.finish(&mut out);
    assert_eq!(
        text_of(&out),
        "see the docs (x.example) and https://y.example/b or f (a.md)\n"
    );
    let links: Vec<(&str, &str)> = out
        .iter()
        .filter_map(|(look, text)| Some((look.link.as_deref()?, text.as_str())))
        .collect();
    assert_eq!(
        links,
        [
            ("https://x.example/a", "the "),
            ("https://x.example/a", "docs"),
            ("https://y.example/b", "https://y.example/b")
        ]
    );
}

#[test]
fn text_is_at_most_a_hundred_columns_wide() {
    let shown = plain(&"word ".repeat(60), 200);
    assert_eq!(shown.lines().map(str::len).max(), Some(99));
    let code = format!("```\n{}\n```", "x".repeat(150));
    assert_eq!(plain(&code, 200).lines().map(str::len).max(), Some(150));
}

#[test]
fn bold_inside_a_word_is_meant() {
    assert_eq!(marked("foo**bar**baz"), "foo<Bold:bar>baz\n");
    assert_eq!(marked("a***b***c"), "a<BoldItalic:b>c\n");
    assert_eq!(marked("__foo_ bar_"), "<Italic:foo bar>\n");
    assert_eq!(marked("__foo_"), "_<Italic:foo>\n");
    assert_eq!(marked("*foo**bar*"), "<Italic:foo**bar>\n");
    assert_eq!(
        plain("__a<https://x.example/?q=__> _foo [bar_](u)", 80),
        "__ahttps://x.example/?q=__ _foo bar_ (u)\n"
    );
}
