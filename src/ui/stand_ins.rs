//! ASCII in the place of our own marks, for a terminal whose locale is not UTF-8. The text of an
//! answer, a question or another program is shown as it is.

use std::borrow::Cow;

use super::theme;

/// Marks and what stands in their place.
const STAND_INS: &[(char, &str)] = &[
    ('·', "|"),
    ('•', "*"),
    ('│', "|"),
    ('▌', "|"),
    ('─', "-"),
    ('═', "="),
    ('›', ">"),
    ('❯', ">"),
    ('▸', ">"),
    ('→', "->"),
    ('↑', "^"),
    ('↓', "v"),
    ('✓', "+"),
    ('✔', "+"),
    ('✗', "x"),
    ('✘', "x"),
    ('☐', "[ ]"),
    ('☑', "[x]"),
    ('▣', "[image]"),
    ('█', "#"),
    ('▉', "#"),
    ('▊', "#"),
    ('▋', "#"),
    ('▍', "|"),
    ('▎', "|"),
    ('▏', "|"),
];

/// Where the end of a text is missing: in a column, which keeps its width, and in a sentence.
const CUT: [&str; 2] = ["~", "..."];

/// Our own text as this terminal shows it.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    of(text, !theme::terminal().is_unicode)
}

/// The same; `is_ascii` when the terminal shows nothing else.
pub(super) fn of(text: &str, is_ascii: bool) -> Cow<'_, str> {
    if !is_ascii || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let after = rest.as_str();
        let is_apart = before == ' ' && after.starts_with(' ');
        before = c;
        let known = STAND_INS.iter().find(|(mark, _)| *mark == c);
        match known {
            // In a column of marks it is one that is missing.
            _ if c == '·' && !is_apart => out.push('-'),
            Some((_, stand_in)) => out.push_str(stand_in),
            None if c == '…' => {
                let is_in_column = after.is_empty() || after.starts_with(['\n', '\x1b']);
                let is_in_column = is_in_column || after.starts_with("  ");
                out.push_str(CUT[usize::from(!is_in_column)]);
            }
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_stand_ins_and_other_text_stays() {
        for (text, expected) in [
            ("work · a/b", "work | a/b"),
            ("RTV··  x", "RTV--  x"),
            ("✓ naïve 漢字", "+ naïve 漢字"),
            ("[PATH…|off]", "[PATH...|off]"),
            ("a long na…  next", "a long na~  next"),
            ("a long na…", "a long na~"),
            ("plain", "plain"),
        ] {
            assert_eq!(of(text, true), expected);
            assert_eq!(of(text, false), text);
        }
    }

    #[test]
    fn every_mark_has_one_stand_in_of_ascii() {
        for (at, (mark, stand_in)) in STAND_INS.iter().enumerate() {
            assert!(!mark.is_ascii() && stand_in.is_ascii(), "{mark}");
            let others = &STAND_INS[at + 1..];
            assert!(others.iter().all(|(other, _)| other != mark), "{mark}");
            assert_eq!(of(&format!("x {mark} y"), true), format!("x {stand_in} y"));
        }
    }
}
