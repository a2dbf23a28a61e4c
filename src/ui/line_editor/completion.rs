//! Completion at the cursor, in the form of reedline's menu.

use reedline::{
    Color, ColumnarMenu, CompletionResult, MenuBuilder, ReedlineMenu, Span, Suggestion,
};

use super::keys::MENU;
use super::look::Look;
use crate::ports::input::{Candidate, Completer};
use crate::ui::sanitise::inert;

/// Most candidates in the menu.
const MOST_CANDIDATES: usize = 500;

/// Characters; a description has one line.
const LONGEST_DESCRIPTION: usize = 120;

/// Makes candidates inert: names of models, sessions and files are untrusted.
pub(super) struct InertCompleter(pub Box<dyn Completer>);

impl reedline::Completer for InertCompleter {
    fn complete(&mut self, line: &str, cursor: usize) -> CompletionResult {
        let candidates = self
            .0
            .complete(line, cursor)
            .into_iter()
            .filter_map(|candidate| suggestion(candidate, line));
        CompletionResult::fresh(candidates.take(MOST_CANDIDATES).collect::<Vec<_>>())
    }
}

/// `None` for one that does not fit the line.
fn suggestion(candidate: Candidate, line: &str) -> Option<Suggestion> {
    let Candidate {
        value,
        description,
        span,
        is_whole,
    } = candidate;
    line.get(span.clone())?;
    let description: String = one_line(&description)
        .chars()
        .take(LONGEST_DESCRIPTION)
        .collect();
    Some(Suggestion {
        value: one_line(&value),
        description: Some(description).filter(|text| !text.is_empty()),
        span: Span::new(span.start, span.end),
        append_whitespace: is_whole,
        ..Suggestion::default()
    })
}

fn one_line(text: &str) -> String {
    inert(text).replace(['\n', '\t'], " ")
}

/// The menu below the line.
pub(super) fn menu(look: Look) -> ReedlineMenu {
    let menu = ColumnarMenu::default()
        .with_name(MENU)
        .with_marker(look.indicator())
        .with_text_style(Color::Default.normal())
        .with_selected_text_style(Color::Default.reverse())
        .with_description_text_style(Color::DarkGray.normal());
    ReedlineMenu::EngineCompleter(Box::new(menu))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_inert_and_fit_the_line() {
        let candidate = |value: &str, span| Candidate {
            value: value.to_owned(),
            description: "two\nlines\u{1b}[2J".to_owned(),
            span,
            is_whole: true,
        };
        let shown =
            suggestion(candidate("/mo\u{1b}]0;x\u{7}del\n", 0..3), "/mod").unwrap_or_default();
        assert_eq!(
            (shown.value.as_str(), shown.description.as_deref()),
            ("/mo␛]0;x␇del ", Some("two lines␛[2J"))
        );
        assert!(shown.append_whitespace);
        for outside in [0..9, 0..3, 6..7] {
            assert!(suggestion(candidate("x", outside), "/mö!").is_none());
        }
    }
}
