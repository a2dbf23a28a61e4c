//! What holds for any source, however it is cut, at any width.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::tests::{joined, plain, text_of};
use super::*;
use crate::present::code_blocks::code_blocks;
use crate::ui::capabilities::LinkForm;

fn source() -> impl Strategy<Value = String> {
    let marks = prop_oneof![
        Just("**"),
        Just("*"),
        Just("_"),
        Just("`"),
        Just("``"),
        Just("```\n"),
        Just("```rust\n"),
        Just("~~~\n"),
        Just("~~"),
        Just("# "),
        Just("#"),
        Just("- "),
        Just("1. "),
        Just("> "),
        Just("\n> "),
        Just("|"),
        Just("\n| a | b |\n|--|:-:|\n"),
        Just("["),
        Just("]("),
        Just(")"),
        Just("!["),
        Just("<https://"),
        Just(">"),
        Just("\\"),
        Just("$"),
        Just("$$"),
        Just("\\("),
        Just("\\)"),
        Just("\\["),
        Just("\n\\["),
        Just("\\]"),
        Just("---"),
        Just("==="),
        Just("    "),
        Just("\t"),
        Just("[ ] "),
        Just("https://"),
        Just("日本"),
        Just("👩‍👩‍👧"),
        Just("\u{301}"),
        Just("\u{200b}"),
        Just("🇩🇪"),
        Just("é"),
        Just("\"")
    ];
    let piece = prop_oneof![
        4 => "[a-z]{1,8}",
        3 => Just(" ".to_owned()),
        2 => Just("\n".to_owned()),
        3 => marks.prop_map(str::to_owned),
        1 => forms().prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// What has a form of its own.
fn forms() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("&"),
        Just("&amp;"),
        Just("&#27;"),
        Just("<br>"),
        Just("<sub>2</sub>"),
        Just("<kbd>"),
        Just("</kbd>"),
        Just("<details>\n"),
        Just("***"),
        Just("____"),
        Just("[^1]"),
        Just("[^1]: "),
        Just("> [!NOTE]\n"),
        Just("\\frac{a}{b}"),
        Just("^2")
    ]
}

fn form() -> impl Strategy<Value = LinkForm> {
    prop_oneof![Just(LinkForm::Written), Just(LinkForm::Linked)]
}

/// With the labels of blocks.
fn render_as(form: LinkForm, pieces: &[&str], width: usize) -> Vec<Span> {
    let mut markdown = Markdown::new(width, form);
    let mut out = Vec::new();
    pieces
        .iter()
        .for_each(|piece| markdown.push(piece, &mut out));
    markdown.finish(&mut out);
    out
}

proptest! {
    #[test]
    fn nothing_shown_drives_the_terminal(source in source(), form in form()) {
        let spans = render_as(form, &[&source], 60);
        for (look, text) in spans {
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
            let link = look.link.as_deref().unwrap_or_default();
            prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn the_outcome_does_not_depend_on_the_cut(
        source in source(),
        width in 1_usize..60,
        form in form(),
        lengths in proptest::collection::vec(1_usize..9, 1..9),
    ) {
        let whole = joined(render_as(form, &[&source], width));
        let letters: Vec<char> = source.chars().collect();
        for length in lengths {
            let pieces: Vec<String> =
                letters.chunks(length).map(|piece| piece.iter().collect()).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let shown = joined(render_as(form, &pieces, width));
            prop_assert_eq!(shown, whole.clone(), "in pieces of {}", length);
        }
    }

    #[test]
    fn labels_have_the_numbers_by_which_code_is_copied(source in source()) {
        // Fences inside of a formula are part of it.
        prop_assume!(!["$$", "\\["].iter().any(|mark| source.contains(mark)));
        let labels: Vec<String> = render_as(LinkForm::Written, &[&source], 80)
            .into_iter()
            .filter(|(look, text)| look.style == Style::Label && text.starts_with('['))
            .map(|(_, text)| text)
            .collect();
        let blocks = code_blocks(&source);
        prop_assert_eq!(labels.len(), blocks.len(), "{:?}", blocks);
        for (label, block) in labels.iter().zip(&blocks) {
            let expected = format!("[{}] {}", block.number, block.language.to_lowercase());
            prop_assert_eq!(label.trim_end(), expected.trim_end());
        }
    }

    #[test]
    fn every_word_is_shown_once_and_in_order(
        words in proptest::collection::vec("[a-z]{1,9}", 1..60),
        width in 10_usize..60,
    ) {
        let source = words.join(" ");
        let shown = plain(&source, width);
        prop_assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), words);
        prop_assert!(shown.lines().all(|line| line.len() <= width));
    }

    #[test]
    fn letters_are_never_lost(source in source()) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        // The words after an opening fence name a language, a record repeats its heads, and a
        // link to its own text is told once. Formulas, tags, entities and alerts have a form of
        // their own; nothing else may disappear.
        let is_simple = !["```", "~~~", "| a |", "](", "$", "\\(", "\\[", "<", "&", "[!"]
            .iter()
            .any(|mark| source.contains(mark));
        if is_simple {
            prop_assert_eq!(letters(&plain(&source, 40)), letters(&source));
        }
    }

    #[test]
    fn text_is_as_wide_as_the_terminal_at_most(source in source(), width in 8_usize..60) {
        // What must not be broken may be wider: code, addresses, and words that are.
        let is_simple = !["`", "~~~", "    ", "\t", "://", "<kbd>"]
            .iter()
            .any(|mark| source.contains(mark));
        if is_simple {
            for line in plain(&source, width).lines() {
                // Bars, bullets, numbers, and heads of a record no wider than its indent stand
                // before the word.
                let words = line
                    .split(' ')
                    .filter(|word| word.chars().any(char::is_alphabetic))
                    .filter(|word| !(word.ends_with(':') && word.width() <= 2))
                    .count();
                let fits = line.width() <= width || words <= 1;
                prop_assert!(fits, "{:?} is wider than {}", line, width);
            }
        }
    }

    #[test]
    fn anything_at_any_width_is_shown(
        source in any::<String>(),
        more in source(),
        width in 0_usize..300,
        next in 0_usize..300,
    ) {
        let mut markdown = Markdown::new(width, LinkForm::Written);
        let mut out = Vec::new();
        markdown.push(&source, &mut out);
        markdown.set_width(next);
        markdown.push(&more, &mut out);
        markdown.finish(&mut out);
        markdown.finish(&mut out);
        let before = out.len();
        markdown.push("after", &mut out);
        markdown.finish(&mut out);
        prop_assert!(text_of(&out[before.saturating_sub(1)..]).ends_with("after\n"));
    }

    #[test]
    fn code_is_what_was_written(
        lines in proptest::collection::vec("[a-z \"'(){}/*#<>=\\\\日é]{0,40}", 0..12),
        language in prop_oneof![Just("rust"), Just("sh"), Just("py"), Just("html"), Just("")],
        width in 10_usize..60,
    ) {
        let code: String = lines.iter().map(|line| format!("{line}\n")).collect();
        prop_assert_eq!(plain(&format!("```{language}\n{code}```\n"), width), code);
    }
}
