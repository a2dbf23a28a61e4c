//! Calls that are asked about, as a person sees them: exactly what would run.
//!
//! Everything that is executed is shown, however long it is, with the number of its bytes. Each of
//! its rows starts with a bar, so that no text looks like a row of amx, and its end is directly
//! above the question. Each different text looks different: in JSON, characters that a terminal
//! obeys or hides are shown by their JSON escapes, elsewhere as `<U+202E>`, and a line feed as `↵`.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::mode::Mode;
use super::printer::Printer;
use super::style::{Span, Style, append};
use super::{paragraph, terminal, theme};
use crate::ports::approval::{CallToApprove, CallsPart};
use crate::present::count::plural;
use crate::wire::control_characters::{is_hidden_in_name, visible_name};
use crate::wire::redact::redacted;

/// Fewest columns that a text is broken to.
const NARROWEST: usize = 8;

/// Columns of the bar, and of the edge that no row touches.
const MARGIN: usize = 3;

/// What the terminal has room for.
#[derive(Debug, Clone, Copy)]
struct View {
    columns: usize,
    rows: usize,
    is_unicode: bool,
}

impl Printer {
    /// Shows calls below what has arrived of the answer.
    pub(super) fn show_calls(&mut self, calls: &[CallToApprove], part: CallsPart) {
        if let Mode::Answer(answer) = &mut self.mode {
            answer.finish(&mut self.stdout);
            // A stdout that is gone is reported by the next write to it.
            let _ = self.stdout.flush();
        }
        self.make_room();
        let view = View {
            columns: terminal::width(),
            rows: terminal::height(),
            is_unicode: theme::terminal().is_unicode,
        };
        for (look, text) in spans(calls, part, view) {
            self.stderr.content(&text, look);
        }
        self.stderr.finish();
        // Without stderr there is nobody to ask.
        let _ = self.stderr.flush();
    }
}

/// The calls as they are shown, from the start of a line.
fn spans(calls: &[CallToApprove], part: CallsPart, view: View) -> Vec<Span> {
    let mut out = Vec::new();
    match (part, calls) {
        (CallsPart::One { number, of }, [call]) if of > 1 => {
            head(&mut out, &format!("{number} of {of}: "), call, view);
            body(&mut out, call, view);
        }
        (_, [call]) => {
            head(&mut out, "the model wants to run ", call, view);
            body(&mut out, call, view);
        }
        _ => {
            let words = format!("the model wants to run {} tools", calls.len());
            append(&mut out, Style::Plain, &format!("{words}\n"));
            for (index, call) in calls.iter().enumerate() {
                head(&mut out, &format!("{}. ", index + 1), call, view);
                body(&mut out, call, view);
            }
        }
    }
    out
}

/// The name of a tool and where it is from.
fn head(out: &mut Vec<Span>, before: &str, call: &CallToApprove, view: View) {
    let tool = visible_name(&call.tool);
    let source = format!(" ({})", visible_name(&call.source));
    let whole = format!("{before}{tool}{source}");
    if whole.width() < view.columns {
        append(out, Style::Plain, before);
        append(out, Style::Bold, &tool);
        append(out, Style::Plain, &format!("{source}\n"));
    } else {
        let rows = paragraph::hanging(&whole, 2, view.columns.saturating_sub(1));
        append(out, Style::Plain, &format!("{rows}\n"));
    }
}

fn body(out: &mut Vec<Span>, call: &CallToApprove, view: View) {
    let wrapped = |text: &str| paragraph::hanging(text, 2, view.columns.saturating_sub(1));
    if let Some(change) = &call.change {
        append(out, Style::Warning, "changed since it was allowed:\n");
        for line in change.lines() {
            let style = if line.starts_with('-') {
                Style::Removed
            } else {
                Style::Ok
            };
            for row in rows(&visible_name(line), view.columns.saturating_sub(1)) {
                append(out, style, &format!("{row}\n"));
            }
        }
    }
    if !call.claims.is_empty() {
        let claims = visible_name(&call.claims.join(", "));
        let words = wrapped(&format!("its author says, unchecked: {claims}"));
        append(out, Style::Dim, &format!("{words}\n"));
    }
    if let Some(target) = &call.target {
        let at = if target.contains("://") { "at" } else { "in" };
        let target = match target.strip_suffix('/') {
            Some(folder) if !folder.is_empty() => folder,
            _ => target,
        };
        for row in rows(
            &format!("{at} {}", visible_name(target)),
            view.columns.saturating_sub(1),
        ) {
            append(out, Style::Dim, &format!("{row}\n"));
        }
    }
    text(out, call, view);
    if redacted(&call.text) != call.text {
        let words = wrapped("it contains an API key, which is not shown");
        append(out, Style::Warning, &format!("{words}\n"));
    }
}

/// What is executed, whole, with the number of its bytes.
fn text(out: &mut Vec<Span>, call: &CallToApprove, view: View) {
    let bar = if view.is_unicode { "│ " } else { "| " };
    let room = view.columns.saturating_sub(MARGIN).max(NARROWEST);
    // Before it is broken into rows: a key across two of them would not be found.
    let shown = exact(&redacted(&call.text), view.is_unicode);
    let rows: Vec<&str> = shown
        .split_inclusive('\n')
        .flat_map(|line| rows(line.strip_suffix('\n').unwrap_or(line), room))
        .collect();
    for (index, row) in rows.iter().enumerate() {
        append(out, Style::Dim, bar);
        append(out, Style::Plain, row);
        if index + 1 < rows.len() {
            append(out, Style::Plain, "\n");
        }
    }
    let bytes = call.text.len();
    let mut count = plural(bytes, "byte");
    if rows.len() + MARGIN > view.rows {
        // Its name has left the screen.
        count.push_str(&format!(" for {}", visible_name(&call.tool)));
    }
    let last = rows.last().map_or(0, |row| row.width());
    if last + 2 + count.width() <= room {
        append(out, Style::Dim, &format!("  {count}\n"));
    } else {
        append(out, Style::Plain, "\n");
        append(out, Style::Dim, &format!("{count}\n"));
    }
}

/// A text in which nothing is hidden, so that no two texts look the same. JSON stays JSON; a line
/// of anything else ends in a visible sign.
fn exact(text: &str, is_unicode: bool) -> String {
    let is_json = text.starts_with('{') && serde_json::from_str::<serde_json::Value>(text).is_ok();
    if is_json {
        return exact_json(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' if is_unicode => {
                out.push('↵');
                // Empty lines take no rows: many of them would push the start off the screen.
                if rest.peek().is_some_and(|next| *next != '\n') {
                    out.push('\n');
                }
            }
            '<' if rest.peek() == Some(&'U') => out.push_str("<U+003C>"),
            '↵' => out.push_str("<U+21B5>"),
            c if is_hidden_in_name(c) => out.push_str(&visible_name(c.encode_utf8(&mut [0; 4]))),
            c => out.push(c),
        }
    }
    out
}

/// The same JSON with a blank after each `,` and `:` between values.
fn exact_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let (mut is_string, mut is_escaped) = (false, false);
    for c in text.chars() {
        if is_hidden_in_name(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_string,
            '"' => is_string = !is_string,
            ',' | ':' if !is_string => out.push(' '),
            _ => {}
        }
    }
    out
}

/// A line in rows of at most so many columns, broken after a blank where there is one. Nothing is
/// lost: joined, the rows are the line.
fn rows(line: &str, room: usize) -> Vec<&str> {
    let room = room.max(NARROWEST);
    let mut rows = Vec::new();
    let (mut start, mut columns, mut blank) = (0, 0, None);
    for (at, grapheme) in line.grapheme_indices(true) {
        let width = grapheme.width();
        while columns + width > room && at > start {
            let end = blank.take().unwrap_or(at);
            rows.push(&line[start..end]);
            (start, columns) = (end, line[end..at].width());
        }
        columns += width;
        if grapheme == " " {
            blank = Some(at + 1);
        }
    }
    rows.push(&line[start..]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const USUAL: View = View {
        columns: 80,
        rows: 24,
        is_unicode: true,
    };

    fn call(text: &str) -> CallToApprove {
        CallToApprove {
            tool: "github__create_issue".to_owned(),
            source: "mcp server github".to_owned(),
            text: text.to_owned(),
            ..CallToApprove::default()
        }
    }

    fn plain(calls: &[CallToApprove], part: CallsPart, view: View) -> String {
        let spans = spans(calls, part, view);
        spans.into_iter().map(|(_, text)| text).collect()
    }

    fn shown(text: &str, columns: usize) -> String {
        let view = View { columns, ..USUAL };
        plain(&[call(text)], CallsPart::All, view)
    }

    /// What stands behind the bars, joined.
    fn behind_bars(shown: &str) -> String {
        let rows = shown.lines().filter_map(|row| row.strip_prefix("│ "));
        rows.collect()
    }

    #[test]
    fn one_call_is_shown_with_its_source_and_its_bytes() {
        let text = r#"{"owner":"acme","title":"a, b: \"c\""}"#;
        assert_eq!(
            shown(text, 80),
            "the model wants to run github__create_issue (mcp server github)\n\
            │ {\"owner\": \"acme\", \"title\": \"a, b: \\\"c\\\"\"}  38 bytes\n"
        );
    }

    #[test]
    fn what_surrounds_a_call_is_above_it() {
        let mut call = call("rm -r build");
        call.target = Some("/home/me/web".to_owned());
        call.claims = vec!["read-only".to_owned()];
        call.change = Some("- description: \"A\"\n+ description: \"B\"".to_owned());
        assert_eq!(
            plain(&[call], CallsPart::One { number: 2, of: 3 }, USUAL),
            "2 of 3: github__create_issue (mcp server github)\n\
            changed since it was allowed:\n- description: \"A\"\n+ description: \"B\"\n\
            its author says, unchecked: read-only\nin /home/me/web\n\
            │ rm -r build  11 bytes\n"
        );
    }

    #[test]
    fn several_calls_are_numbered() {
        let calls = [call("{}"), call("{\"a\":1}")];
        assert_eq!(
            plain(&calls, CallsPart::All, USUAL),
            "the model wants to run 2 tools\n\
            1. github__create_issue (mcp server github)\n│ {}  2 bytes\n\
            2. github__create_issue (mcp server github)\n│ {\"a\": 1}  7 bytes\n"
        );
    }

    #[test]
    fn hidden_characters_are_seen_and_lines_do_not_push_the_start_away() {
        let json = "{\"a\":\"x\u{202e}y\u{7f}\u{200b}🦀\u{e0041}\"}";
        let shown_json = behind_bars(&shown(json, 80));
        assert!(
            shown_json.starts_with(r#"{"a": "x\u202ey\u007f\u200b🦀\udb40\udc41"}"#),
            "{shown_json}"
        );
        let script = format!("sh -c 'a{}rm -r ~\u{1b}[2J<U+0041>'", "\n".repeat(500));
        let rows = shown(&script, 80);
        assert!(rows.lines().count() < 12, "{rows}");
        assert!(
            rows.contains("rm -r ~<U+001B>[2J<U+003C>U+0041>'"),
            "{rows}"
        );
    }

    #[test]
    fn a_text_longer_than_the_screen_ends_with_the_name_of_its_tool() {
        let long = format!("{{\"a\":\"{}\"}}", "word ".repeat(1000));
        let shown = shown(&long, 80);
        let end: Vec<&str> = shown.lines().rev().take(2).collect();
        assert!(
            end.concat()
                .contains("5,008 bytes for github__create_issue"),
            "{end:?}"
        );
    }

    #[test]
    fn a_narrow_terminal_has_every_word() {
        let shown = shown(r#"{"owner":"acme","title":"Login fails"}"#, 24);
        assert_eq!(
            shown,
            "the model wants to run\n  github__create_issue\n  (mcp server github)\n\
            │ {\"owner\": \"acme\", \n│ \"title\": \"Login \n│ fails\"}  38 bytes\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_runs(
            value in "[a-z \\\\\",:é日\n\r\t\u{1b}\u{202e}\u{200f}]{0,400}",
            columns in 12_usize..100,
        ) {
            let text = serde_json::json!({"a": value, "b": [1, {"c": value}]}).to_string();
            let shown = shown(&text, columns);
            let mut rows = shown.lines().filter(|row| row.starts_with('│'));
            prop_assert!(rows.all(|row| row.width() < columns), "{}", shown);
            let behind = behind_bars(&shown);
            let mut values = serde_json::Deserializer::from_str(&behind).into_iter::<Value>();
            let read = values.next().unwrap().unwrap();
            prop_assert_eq!(read.to_string(), text);
        }

        #[test]
        fn different_commands_look_different(
            one in "[a<U+0A>↵\n\u{1b} ]{0,12}",
            other in "[a<U+0A>↵\n\u{1b} ]{0,12}",
            is_unicode in any::<bool>(),
        ) {
            let same = exact(&one, is_unicode) == exact(&other, is_unicode);
            prop_assert_eq!(same, one == other);
        }
    }
}
