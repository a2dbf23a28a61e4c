//! Marks at the start of a line: items, boxes of tasks, rules, fences, alerts, footnotes.

use super::link;
use crate::ui::style::Style;

/// What is at the start of a text of which more may arrive.
pub(super) enum Parsed<T> {
    Found(T),
    Absent,
    /// The rest of the line decides.
    Uncertain,
}

/// The mark of a list item: `-`, `*`, `+`, `7.` or `7)`.
pub(super) struct ItemMark {
    /// Bytes of the mark.
    pub length: usize,
    /// White space after it.
    pub blanks: usize,
    pub is_number: bool,
}

/// The mark at the start of a line; absent where the characters mean something else.
pub(super) fn item(trimmed: &str, is_whole: bool) -> Parsed<ItemMark> {
    if is_rule_so_far(trimmed) && (!is_whole || is_rule(trimmed)) {
        return if is_whole {
            Parsed::Absent
        } else {
            Parsed::Uncertain
        };
    }
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = digits > 0;
    let length = if is_number { digits + 1 } else { 1 };
    let mark = trimmed.as_bytes().get(digits).filter(|_| is_number);
    let after = trimmed.as_bytes().get(length);
    if digits > 9
        || mark.is_some_and(|mark| !matches!(mark, b'.' | b')'))
        || after.is_some_and(|after| !matches!(after, b' ' | b'\t'))
    {
        return Parsed::Absent;
    }
    if after.is_none() && !is_whole {
        return Parsed::Uncertain;
    }
    if is_number && mark.is_none() {
        return Parsed::Absent;
    }
    let blanks = trimmed[length.min(trimmed.len())..]
        .bytes()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    if length + blanks == trimmed.len() && !is_whole {
        return Parsed::Uncertain;
    }
    Parsed::Found(ItemMark {
        length,
        blanks,
        is_number,
    })
}

/// Bytes of a box in the source.
pub(super) const TASK_BOX: usize = 4;

/// Boxes of tasks as they are written, and as they are shown.
const TASK_BOXES: &[(&str, &str)] = &[("[ ] ", "☐ "), ("[x] ", "☑ "), ("[X] ", "☑ ")];

/// The box of a task at the start of an item's text.
pub(super) fn task_box(text: &str, is_whole: bool) -> Parsed<&'static str> {
    let may_become_one = text.len() < TASK_BOX
        && TASK_BOXES
            .iter()
            .any(|(written, _)| written.starts_with(text));
    let found = TASK_BOXES
        .iter()
        .find(|(written, _)| text.starts_with(written));
    match found {
        Some((_, shown)) => Parsed::Found(shown),
        None if !is_whole && may_become_one => Parsed::Uncertain,
        None => Parsed::Absent,
    }
}

/// Alerts as they are written, in capitals, and as they are shown.
const ALERTS: &[(&str, &str, Style)] = &[
    ("[!NOTE]", "Note", Style::Hint),
    ("[!TIP]", "Tip", Style::Ok),
    ("[!IMPORTANT]", "Important", Style::Heading),
    ("[!WARNING]", "Warning", Style::Warning),
    ("[!CAUTION]", "Caution", Style::Error),
];

/// `[!NOTE]` as the whole text of a line.
pub(super) fn alert(text: &str, is_whole: bool) -> Parsed<(&'static str, Style)> {
    let text = text.trim_end().to_ascii_uppercase();
    if is_whole {
        let found = ALERTS.iter().find(|(written, _, _)| *written == text);
        return match found {
            Some((_, title, style)) => Parsed::Found((title, *style)),
            None => Parsed::Absent,
        };
    }
    let may_become_one = ALERTS
        .iter()
        .any(|(written, _, _)| written.starts_with(text.as_str()));
    if may_become_one {
        Parsed::Uncertain
    } else {
        Parsed::Absent
    }
}

/// `[^1]: `: the raised number with a blank, and the bytes that it took.
pub(super) fn footnote(text: &str, is_whole: bool) -> Parsed<(String, usize)> {
    let inner = &text[1..];
    let length = 1 + inner[1..].bytes().take_while(u8::is_ascii_digit).count();
    let after = &inner[length..];
    if !is_whole && ("]:".starts_with(after) || after == "]: ") {
        return Parsed::Uncertain;
    }
    let Some(rest) = after.strip_prefix("]:") else {
        return Parsed::Absent;
    };
    match link::footnote_mark(&inner[..length]) {
        Some(mark) => {
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            Parsed::Found((format!("{mark} "), text.len() - rest.len() + blanks))
        }
        None => Parsed::Absent,
    }
}

/// Tags that stand on lines of their own and only fold what is between them.
const HIDDEN: &[&str] = &["<details", "</details", "<summary>", "</summary>"];

/// Whether a line is such a tag, or may become one.
pub(super) fn is_hidden(text: &str, is_whole: bool) -> bool {
    let text = text.trim_end().to_ascii_lowercase();
    let rest = HIDDEN.iter().find_map(|tag| text.strip_prefix(tag));
    match rest {
        None => !is_whole && HIDDEN.iter().any(|tag| tag.starts_with(text.as_str())),
        Some("" | ">" | " open>") => true,
        Some(rest) => !is_whole && !rest.contains('>') && rest.len() < LONGEST_ATTRIBUTES,
    }
}

/// Longest attributes of such a tag, in bytes.
const LONGEST_ATTRIBUTES: usize = 20;

/// Nothing but one kind of mark and blanks.
pub(super) fn is_rule_so_far(trimmed: &str) -> bool {
    let Some(mark) = trimmed
        .bytes()
        .next()
        .filter(|mark| matches!(mark, b'-' | b'*' | b'_'))
    else {
        return false;
    };
    trimmed.bytes().all(|byte| byte == mark || byte == b' ')
}

pub(super) fn is_rule(trimmed: &str) -> bool {
    is_rule_so_far(trimmed) && trimmed.bytes().filter(|byte| *byte != b' ').count() >= 3
}

/// The length of the marks that open a block of code; absent when they are running text.
pub(super) fn fence(trimmed: &str, mark: char, is_whole: bool) -> Parsed<usize> {
    let length = trimmed.chars().take_while(|c| *c == mark).count();
    let rest = &trimmed[length..];
    // A mark after the opening ones makes it a code span in running text.
    let is_fence = length >= 3 && (mark == '~' || !rest.contains(mark));
    match is_fence {
        true if is_whole => Parsed::Found(length),
        true => Parsed::Uncertain,
        false if rest.is_empty() && length < 3 && !is_whole => Parsed::Uncertain,
        false => Parsed::Absent,
    }
}
