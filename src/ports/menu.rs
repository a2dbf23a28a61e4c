//! The menu below the prompt: what can be completed where the cursor is.

use std::ops::Range;

use super::entered_text::EnteredText;

/// What Enter does in a menu. Tab always inserts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuAction {
    /// Inserts the row and submits the text: a command that needs nothing more.
    Submit,
    /// Inserts the row; another Enter submits.
    Insert,
    /// Submits the text as it is, unless the row was chosen with the arrow keys: an argument is
    /// never guessed.
    Offer,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRow {
    /// What is chosen: `/model`, a path.
    pub label: String,
    /// The bytes of the label that match what is typed.
    pub matched: Vec<Range<usize>>,
    /// The current value of a setting; may be empty.
    pub value: String,
    /// One line; may be empty.
    pub about: String,
    /// The heading of the row and its neighbours; may be empty.
    pub group: &'static str,
    /// The bytes of the text that it replaces.
    pub span: Range<usize>,
    /// What it puts there, with the blank that follows.
    pub insert: String,
    pub action: MenuAction,
}

/// What is shown below the prompt; without rows and note there is no menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menu {
    /// The best first: Enter takes the first one unless another is highlighted.
    pub rows: Vec<MenuRow>,
    /// How many more match what is typed, of which there are no rows.
    pub unlisted: usize,
    /// The labels are paths, which differ at their end.
    pub has_paths: bool,
    /// A line below the rows, such as that the search continues.
    pub note: String,
    /// The rows are still being collected: ask again after a moment.
    pub is_growing: bool,
}

/// Supplies the rows. Called at each key, so it must be fast: it waits for nothing.
pub trait MenuSource: Send {
    /// `cursor` is a byte offset into the text.
    fn menu(&mut self, text: &EnteredText, cursor: usize) -> Menu;

    /// What the text mentions, in short: it is attached when the text is sent.
    fn chips(&mut self, _text: &EnteredText) -> Vec<String> {
        Vec::new()
    }
}
