//! The bytes that draw a list: relative moves only, and the cursor stays at the start of the list.
//!
//! The cursor is parked at the start of the first row. Whatever the terminal does when its size
//! changes, it keeps track of its cursor, so that "erase below" removes the list and nothing else.

use super::view::{Look, Row};
use crate::ui::role::Style;
use crate::ui::stand_ins;
use crate::ui::theme::Theme;

/// Erases from the cursor to the end of the screen.
const ERASE_BELOW: &str = "\x1b[J";

/// Erases the rest of the row.
const ERASE_ROW: &str = "\x1b[K";

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";

/// Off while a row is drawn: a character that the terminal draws wider than expected must not
/// break it.
const WRAP_OFF: &str = "\x1b[?7l";
const WRAP_ON: &str = "\x1b[?7h";

const RESET: &str = "\x1b[m";

impl Look {
    /// The styles of the theme, one on top of the other.
    fn styles(self) -> [Style; 2] {
        match self {
            Self::Plain => [Style::MenuItem, Style::Plain],
            Self::Question => [Style::Question, Style::Plain],
            Self::Dim => [Style::MenuDim, Style::Plain],
            Self::Head => [Style::TableHead, Style::Plain],
            Self::Selected => [Style::MenuSelected, Style::Plain],
            Self::Match => [Style::Hint, Style::Plain],
            Self::SelectedMatch => [Style::MenuSelected, Style::Hint],
            Self::Caret => [Style::Caret, Style::Plain],
            Self::Message => [Style::Warning, Style::Plain],
        }
    }

    /// Writes text, and the plain style after it.
    fn paint(self, text: &str, theme: Theme, out: &mut String) {
        let attributes = self.styles().map(|style| theme.attributes(style));
        let attributes = attributes.into_iter().filter(|some| !some.is_empty());
        let parameters = attributes.collect::<Vec<_>>().join(";");
        if parameters.is_empty() {
            out.push_str(text);
        } else {
            out.push_str(&format!("\x1b[{parameters}m{text}{RESET}"));
        }
    }
}

/// Draws the rows from the cursor down, and returns to the start of the first. Rows that are drawn
/// over rows do not flicker; `is_fresh` erases what is there first.
pub(super) fn drawn(rows: &[Row], theme: Theme, is_fresh: bool) -> String {
    let mut out = format!("{HIDE_CURSOR}{WRAP_OFF}\r");
    if is_fresh {
        out.push_str(ERASE_BELOW);
    }
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            out.push_str("\r\n");
        }
        for (look, text) in row {
            look.paint(&stand_ins::shown(text), theme, &mut out);
        }
        out.push_str(ERASE_ROW);
    }
    // What is left of a list that was taller.
    out.push_str(ERASE_BELOW);
    out.push('\r');
    if rows.len() > 1 {
        out.push_str(&format!("\x1b[{}A", rows.len() - 1));
    }
    out.push_str(WRAP_ON);
    out
}

/// Removes the list.
pub(super) fn erased() -> String {
    format!("\r{ERASE_BELOW}{SHOW_CURSOR}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::pick::PickList;
    use crate::present::table::{Column, Table};
    use crate::ui::picker::keys::Key;
    use crate::ui::picker::state::Picker;
    use crate::ui::picker::view::{Size, View};
    use proptest::prelude::*;
    use std::num::NonZeroU16;

    const NAMES: &[&str] = &[
        "anthropic/claude-sonnet-4",
        "漢字/漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
        "evil\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}name",
        "👩‍👩‍👧/family e\u{301}",
        "",
        "openai/gpt-5-mini-with-a-name-that-is-longer-than-most-terminals-are-wide-and-then-some",
    ];

    fn keys() -> impl Strategy<Value = Key> {
        prop_oneof![
            any::<String>().prop_map(Key::Insert),
            "[ao5 漢]".prop_map(Key::Insert),
            prop::sample::select(vec![
                Key::DeleteBefore,
                Key::DeleteAfter,
                Key::DeleteWord,
                Key::DeleteStart,
                Key::Left,
                Key::Right,
                Key::ToStart,
                Key::ToEnd,
                Key::Up,
                Key::Down,
                Key::PageUp,
                Key::PageDown,
                Key::First,
                Key::Last,
                Key::Delete,
                Key::Redraw,
            ]),
        ]
    }

    /// The rows of a screen that has played the bytes, and its cursor.
    fn screen(size: Size, bytes: &str) -> (Vec<String>, (u16, u16), bool) {
        let columns = u16::try_from(size.columns).unwrap();
        let rows = u16::try_from(size.rows).unwrap();
        let of = |number| NonZeroU16::new(number).unwrap();
        let mut parser = vt100::Parser::new(of(rows), of(columns), 100);
        parser.process(bytes.as_bytes());
        let screen = parser.screen();
        let contents = screen.rows(0, columns).collect();
        (contents, screen.cursor_position(), screen.hide_cursor())
    }

    proptest! {
        #[test]
        fn any_keys_at_any_size_leave_a_list_that_fits_and_can_be_erased(
            keys in prop::collection::vec(keys(), 0..30),
            count in 0_usize..40,
            columns in 10_usize..120,
            rows in 3_usize..40,
            takes_typed in any::<bool>(),
        ) {
            let size = Size { columns, rows };
            let mut table = Table::new([
                Column::left("MODEL").shrinks_to(14),
                Column::point("$/M IN"),
                Column::left("FEATURES").omitted(1),
            ]);
            for index in 0..count {
                let name = NAMES[index % NAMES.len()];
                table.row([name, &format!("${index}.5"), "漢 tools"].map(str::to_owned));
            }
            let any = |_: &str| Ok(());
            let preview = |row: usize| vec![NAMES[row % NAMES.len()].to_owned(); 5];
            let mut delete = |_: usize| Ok(());
            let mut list = PickList::new("Model", &table);
            list.typed = takes_typed.then_some(&any);
            list.preview = Some(&preview);
            list.delete = Some(&mut delete);
            let mut picker = Picker::new(&list);
            let mut view = View::default();
            // A screen that is full: the list has to scroll it.
            let mut bytes: String = (0..rows).map(|row| format!("line {row}\r\n")).collect();
            for key in keys {
                picker.press(key, View::parts(&picker, &list, size).list);
                prop_assert!(picker.selected < picker.count().max(1));
                let drawn_rows = view.rows(&mut picker, &list, size);
                prop_assert!(drawn_rows.len() < rows.max(3), "{} rows", drawn_rows.len());
                bytes.push_str(&drawn(&drawn_rows, Theme::DARK, false));
                let (shown, cursor, is_hidden) = screen(size, &bytes);
                prop_assert!(is_hidden);
                let first = &shown[usize::from(cursor.0)];
                prop_assert!(first.starts_with("Model"), "{shown:#?}");
                prop_assert_eq!(cursor.1, 0);
                let active = ["\u{1b}]", "\u{9b}", "\u{202e}"].map(|active| bytes.contains(active));
                prop_assert_eq!(active, [false; 3]);
            }
            bytes.push_str(&erased());
            let (shown, cursor, is_hidden) = screen(size, &bytes);
            prop_assert!(!is_hidden && cursor.1 == 0);
            let below = &shown[usize::from(cursor.0)..];
            prop_assert!(below.iter().all(String::is_empty), "{shown:#?}");
            // What stood above is still there, in its order.
            let above = shown[..usize::from(cursor.0)].last();
            prop_assert_eq!(above, Some(&format!("line {}", rows - 1)));
        }
    }

    #[test]
    fn found_characters_stand_out_in_the_selected_row_too() {
        let painted = |look: Look, theme| {
            let mut out = String::new();
            look.paint("x", theme, &mut out);
            out
        };
        assert_eq!(painted(Look::Match, Theme::BASE), "\x1b[36mx\x1b[m");
        assert_eq!(
            painted(Look::SelectedMatch, Theme::BASE),
            "\x1b[7;36mx\x1b[m"
        );
        assert_eq!(painted(Look::Plain, Theme::BASE), "x");
    }
}
