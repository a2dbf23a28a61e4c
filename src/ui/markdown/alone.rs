//! Lines without text of the source: rules, labels, titles.

use super::highlight;
use super::start::{BlockKind, LineStart};
use crate::ui::style::{Span, Style, append};

/// Longest rule, in columns.
const LONGEST_RULE: usize = 40;

/// What is drawn for a line without text, in so many columns at most.
pub(super) fn rule(kind: BlockKind, room: usize) -> String {
    let mark = match kind {
        BlockKind::Rule => "─",
        BlockKind::Underline => "═",
        _ => "",
    };
    mark.repeat(room.clamp(1, LONGEST_RULE))
}

/// A line of its own, ended without blanks.
pub(super) fn show_alone(start: &LineStart, style: Style, text: &str, out: &mut Vec<Span>) {
    let mut line = start.prefix.clone();
    append(&mut line, style, text);
    if let Some((_, last)) = line.last_mut() {
        last.truncate(last.trim_end().len());
    }
    line.iter()
        .for_each(|(look, text)| append(out, look.clone(), text));
    append(out, Style::Plain, "\n");
}

/// The number and language of a block of code, on the line of the item that it is in; the number
/// alone counts where blocks get no label.
pub(super) fn show_label(
    blocks: &mut Option<usize>,
    start: &LineStart,
    info: &str,
    out: &mut Vec<Span>,
) {
    let Some(blocks) = blocks else {
        if start.item_column.is_some() {
            show_alone(start, Style::Label, "", out);
        }
        return;
    };
    *blocks += 1;
    let language = highlight::language(info);
    let label = format!("[{blocks}] {language}");
    show_alone(start, Style::Label, label.trim_end(), out);
}

/// The mark of the rule below a heading without styles.
pub(super) fn underline(style: Style) -> Option<&'static str> {
    match style {
        Style::Title => Some("═"),
        Style::Heading => Some("─"),
        _ => None,
    }
}
