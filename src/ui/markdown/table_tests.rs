//! Tables: aligned, wrapped, or as records where the terminal is narrow.

use super::tests::{plain, text_of};
use super::*;
use crate::ui::capabilities::LinkForm;

#[test]
fn tables_are_aligned_when_they_fit() {
    let source = "| a | long head | mid |\n|---|---:|:-:|\n| **x** | 1 | y |\n\nend\n";
    assert_eq!(
        plain(source, 40),
        "a  long head  mid\n─  ─────────  ───\nx          1   y\n\nend\n"
    );
    assert_eq!(
        plain("| 表 | b |\n|--|--|\n| a\\|b | `c` |\n", 40),
        "表   b\n───  ─\na|b  c\n"
    );
    assert_eq!(
        plain("> | a | b |\n> |---|---|\n> | 1 | 2 |\nend", 40),
        "│ a  b\n│ ─  ─\n│ 1  2\nend\n"
    );
}

#[test]
fn cells_of_a_wide_table_are_wrapped() {
    let source = "| name | what it does |\n|---|---|\n| first | takes a long time to tell all |\n\
                  | second | short |\n";
    let shown = "name    what it does\n──────  ────────────\n\
                 first   takes a long\n        time to tell\n        all\n\nsecond  short\n";
    assert_eq!(plain(source, 20), shown);
}

#[test]
fn a_table_too_wide_for_columns_becomes_records() {
    let source = "| name | address |\n|---|---|\n| **a** | https://example.com/a |\n\
                  | b | https://example.com/b |\n";
    assert_eq!(
        plain(source, 20),
        "name: a\naddress:\n  https://example.com/a\n\nname: b\naddress:\n  https://example.com/b\n"
    );
}

#[test]
fn what_only_begins_with_a_bar_is_text() {
    assert_eq!(
        plain("|x| is its **size**\nnext", 80),
        "|x| is its size\nnext\n"
    );
    assert_eq!(
        plain("| a | b |\n| c | d |\n| e |\n", 80),
        "| a | b |\n| c | d |\n| e |\n"
    );
    assert_eq!(plain("|", 80), "|\n");
}

#[test]
fn a_long_table_is_not_held_back_for_ever() {
    let mut markdown = Markdown::new(80, LinkForm::Written);
    let mut out = Vec::new();
    markdown.push("| n | m |\n|---|---|\n", &mut out);
    for row in 0..1000 {
        markdown.push(&format!("| {row} | x{row} |\n"), &mut out);
    }
    let shown = text_of(&out);
    assert!(
        shown.contains("\n999  x999\n") && !shown.contains('|'),
        "{shown}"
    );
}
