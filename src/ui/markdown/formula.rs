//! Formulas inside a line: as Unicode where they are simple, else as their source.

use super::found::{FoundInline, first_line, unfinished};
use super::math;

/// Longest formula between single `$`, in bytes: a `$` most often is money.
const LONGEST_FORMULA: usize = 200;

/// A formula whose start mark has two bytes. Nothing in it is a mark of ours.
pub(super) fn find<'a>(rest: &'a str, end: &str, is_whole: bool) -> FoundInline<'a> {
    let (rest, is_whole) = first_line(rest, is_whole);
    match rest[2..].find(end) {
        Some(at) => shown(&rest[..at + 4], &rest[2..at + 2]),
        None if is_whole => FoundInline::plain(&rest[..2], 2),
        None => FoundInline::Wait(end.bytes().last()),
    }
}

fn shown<'a>(source: &'a str, inner: &str) -> FoundInline<'a> {
    match math::unicode(inner) {
        Some(unicode) => FoundInline::plain(unicode.replace('\n', "; "), source.len()),
        None => FoundInline::plain(source, source.len()),
    }
}

/// `$x$`, but not `$5 and $10` or `$HOME`.
pub(super) fn dollar(rest: &str, before: Option<char>, is_whole: bool) -> FoundInline<'_> {
    let (rest, is_whole) = first_line(rest, is_whole);
    let (rest, is_whole) = if rest.len() > LONGEST_FORMULA {
        (&rest[..rest.floor_char_boundary(LONGEST_FORMULA)], true)
    } else {
        (rest, is_whole)
    };
    if before.is_some_and(char::is_alphanumeric) {
        return FoundInline::Literal;
    }
    match rest[1..].chars().next() {
        None => return FoundInline::Literal,
        Some(c) if c.is_whitespace() => return FoundInline::Literal,
        Some(c) if c.is_ascii_digit() => match is_amount(&rest[1..]) {
            Some(true) => return FoundInline::Literal,
            None if !is_whole => return FoundInline::Wait(None),
            None => return FoundInline::Literal,
            Some(false) => {}
        },
        Some(_) => {}
    }
    let Some(end) = rest[1..].find('$').map(|end| end + 1) else {
        return unfinished(is_whole, None);
    };
    let after = rest[end + 1..].chars().next();
    if after.is_none() && !is_whole {
        return FoundInline::Wait(None);
    }
    if rest[..end].ends_with(char::is_whitespace) || after.is_some_and(char::is_alphanumeric) {
        return FoundInline::Literal;
    }
    shown(&rest[..=end], &rest[1..end])
}

/// Whether a text that starts with a digit is an amount of money: the first word has nothing of a
/// formula. `None` when that word is not whole.
fn is_amount(text: &str) -> Option<bool> {
    for c in text.chars() {
        match c {
            '^' | '_' | '\\' | '=' | '{' => return Some(false),
            c if c.is_alphanumeric() || matches!(c, '.' | ',') => {}
            _ => return Some(true),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_of(text: &str) -> String {
        match dollar(text, None, true) {
            FoundInline::Verbatim { text, .. } => text.into_owned(),
            _ => "literal".to_owned(),
        }
    }

    #[test]
    fn money_is_no_formula() {
        for text in [
            "$5 and $10",
            "$5-$10",
            "$1,299.00 or $5",
            "$5",
            "$HOME and $PATH",
            "$ x$",
            "$x $",
            "$x$y",
            "$20/month and $x$",
        ] {
            assert_eq!(shown_of(text), "literal", "{text}");
        }
        assert_eq!(shown_of("$2^n$ steps"), "2ⁿ");
        assert_eq!(shown_of("$10^{-3}$"), "10⁻³");
        assert_eq!(shown_of("$x_1 + x_2$"), "x₁ + x₂");
        assert_eq!(shown_of("$\\nosuch{x}$"), "$\\nosuch{x}$");
    }
}
