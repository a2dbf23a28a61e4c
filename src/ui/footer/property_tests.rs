//! Whatever is written, drawn and resized in whatever order: the transcript is in the scrollback
//! once, and the footer is not.

use std::num::NonZeroU16;

use proptest::prelude::*;
use vt100::Parser;

use super::painter::{Painter, Size};

const SCROLLBACK: usize = 5_000;

/// What happens to the terminal.
#[derive(Debug, Clone)]
enum Act {
    Text(String),
    /// The footer is drawn with so many rows.
    Draw(usize),
    /// Another program had the terminal for a moment.
    Lend,
    /// The terminal has so many rows.
    Resize(usize),
    /// The terminal has so many columns more, and reports its cursor.
    Widen(usize),
    /// The same with so many less. The terminal of these tests cuts its rows then; what it cuts of
    /// the last one cannot be known, so that one still fits.
    Narrow(usize),
}

/// Fewest columns.
const NARROWEST: usize = 8;

/// The columns after an act that changes them.
fn columns_after(act: &Act, columns: usize, terminal: &Parser) -> usize {
    let used = usize::from(terminal.screen().cursor_position().1) + 2;
    match act {
        Act::Widen(by) => columns + by,
        Act::Narrow(by) if used < columns => columns.saturating_sub(*by).max(used).max(NARROWEST),
        _ => columns,
    }
}

/// Marks the rows of the footer, and is in no text.
const MARK: char = '¤';

fn rows(count: usize, size: Size) -> Vec<String> {
    let width = size.columns - 1;
    (0..count.min(size.rows - 2))
        .map(|_| format!("\x1b[7m{}\x1b[m", MARK.to_string().repeat(width)))
        .collect()
}

fn cell(number: usize) -> NonZeroU16 {
    NonZeroU16::new(u16::try_from(number).unwrap()).unwrap()
}

fn terminal(size: Size) -> Parser {
    Parser::new(cell(size.rows), cell(size.columns), SCROLLBACK)
}

/// Everything that can be seen by scrolling up, a row each; `None` for one that wraps into the
/// next.
fn seen(terminal: &mut Parser) -> Vec<(String, bool)> {
    let screen = terminal.screen_mut();
    let (rows, columns) = screen.size();
    let mut all = Vec::new();
    for above in (0..=screen.scrollback_len()).rev() {
        screen.set_scrollback(above);
        let last = if above == 0 { rows.get() } else { 1 };
        let texts: Vec<_> = screen.rows(0, columns.get()).take(last.into()).collect();
        for (row, text) in (0..last).zip(texts) {
            all.push((text, screen.row_wrapped(row)));
        }
    }
    while all.last().is_some_and(|(text, _)| text.is_empty()) {
        all.pop();
    }
    all
}

/// The text on a terminal that never has a footer.
fn expected(acts: &[Act], mut size: Size) -> Vec<(String, bool)> {
    let mut plain = terminal(size);
    for act in acts {
        match act {
            Act::Text(text) => plain.process(text.replace('\n', "\r\n").as_bytes()),
            // What takes the terminal starts a line of its own.
            Act::Lend if plain.screen().cursor_position().1 > 0 => plain.process(b"\r\n"),
            Act::Widen(_) | Act::Narrow(_) => {
                size.columns = columns_after(act, size.columns, &plain);
                plain
                    .screen_mut()
                    .set_size(cell(size.rows), cell(size.columns));
            }
            Act::Lend | Act::Draw(_) | Act::Resize(_) => {}
        }
    }
    seen(&mut plain)
}

fn shown(acts: &[Act], mut size: Size) -> Vec<(String, bool)> {
    let mut screen = terminal(size);
    let mut painter = Painter::new(size);
    let mut count = 2;
    for act in acts {
        let bytes = match act {
            Act::Text(text) => {
                let text = text.replace('\n', "\r\n");
                painter
                    .text(&text, size, false, || rows(count, size))
                    .to_owned()
            }
            Act::Draw(rows_now) => {
                count = *rows_now;
                painter.redraw(size, &rows(count, size)).to_owned()
            }
            Act::Lend => {
                let mut bytes = painter.erase().to_owned();
                if !painter.is_at_row_start() {
                    bytes.push_str("\r\n");
                    painter.pass("\r\n", size);
                }
                bytes
            }
            Act::Resize(height) => {
                size.rows = *height;
                screen
                    .screen_mut()
                    .set_size(cell(size.rows), cell(size.columns));
                painter.redraw(size, &rows(count, size)).to_owned()
            }
            Act::Widen(_) | Act::Narrow(_) => {
                size.columns = columns_after(act, size.columns, &screen);
                screen
                    .screen_mut()
                    .set_size(cell(size.rows), cell(size.columns));
                let column = screen.screen().cursor_position().1 + 1;
                let asks = painter.is_uncertain_at(size);
                painter.resize(size, asks.then_some(column));
                painter.redraw(size, &rows(count, size)).to_owned()
            }
        };
        screen.process(bytes.as_bytes());
        let visible = screen.screen().contents();
        let drawn = visible.chars().filter(|c| *c == MARK).count();
        let is_drawn = !matches!(act, Act::Lend);
        let wanted = usize::from(is_drawn) * rows(count, size).len() * (size.columns - 1);
        assert!(
            drawn == wanted || !is_drawn && drawn == 0,
            "{size:?} {acts:?}\n{visible}"
        );
    }
    screen.process(painter.erase().as_bytes());
    seen(&mut screen)
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ]{1,12}",
        2 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just("日本語".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("\x1b[1;35mbold\x1b[m".to_owned()),
        1 => Just("\x1b[48;5;235m shade".to_owned()),
        1 => Just("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\".to_owned()),
        1 => Just("\x07".to_owned()),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => text().prop_map(Act::Text),
        2 => (1_usize..9).prop_map(Act::Draw),
        1 => Just(Act::Lend),
        1 => (4_usize..14).prop_map(Act::Resize),
        1 => (1_usize..9).prop_map(Act::Widen),
        1 => (1_usize..9).prop_map(Act::Narrow),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_transcript_is_there_once(
        acts in proptest::collection::vec(act(), 0..40),
        columns in NARROWEST..30,
    ) {
        let size = Size { columns, rows: 8 };
        let (shown, expected) = (shown(&acts, size), expected(&acts, size));
        if acts.iter().any(|act| matches!(act, Act::Narrow(_))) {
            // Rows in the scrollback are not cut, and the footer has moved others there.
            let is_there = |((shown, _), (plain, _)): (&(String, bool), &(String, bool))| {
                shown.starts_with(plain.trim_end()) || plain.starts_with(shown.trim_end())
            };
            let all = shown.iter().zip(&expected).all(is_there);
            prop_assert!(
                all && shown.len() == expected.len(),
                "{acts:?}\n{shown:?}\n{expected:?}"
            );
        } else {
            prop_assert_eq!(shown, expected, "{:?}", acts);
        }
    }
}

#[test]
fn a_full_row_wraps_as_if_nothing_had_been_between() {
    let size = Size {
        columns: 10,
        rows: 8,
    };
    let acts = [
        Act::Text("0123456789".to_owned()),
        Act::Draw(3),
        Act::Text("x".to_owned()),
        Act::Text("12345678日".to_owned()),
        Act::Draw(1),
        Act::Text("y".to_owned()),
    ];
    assert_eq!(shown(&acts, size), expected(&acts, size));
    assert!(shown(&acts, size)[0].1, "the first row wraps");
}

#[test]
fn text_that_stays_on_its_row_is_written_alone() {
    let size = Size {
        columns: 20,
        rows: 8,
    };
    let mut painter = Painter::new(size);
    assert!(
        painter
            .text("one", size, false, || rows(2, size))
            .contains(MARK)
    );
    assert_eq!(painter.text(" two", size, false, || rows(2, size)), " two");
    assert!(
        painter
            .text(" three", size, true, || rows(2, size))
            .contains(MARK)
    );
    assert!(
        painter
            .text("\n", size, false, || rows(2, size))
            .contains(MARK)
    );
}
