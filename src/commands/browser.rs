//! A page that a person opens to authorize amx.

use crate::ports::context::Context;

/// Opens a page in the browser, and shows its URL. `headless` is the option of the command for a
/// machine without a browser.
pub(super) fn open(page: &str, headless: &str, context: &mut Context<'_>) {
    context
        .output
        .say("Opening this URL in your browser; authorize amx there:");
    context.output.say(&format!("\n  {page}\n"));
    if opener::open_browser(page).is_err() {
        context.output.note(&format!(
            "no browser found: open the URL yourself, or use {headless}"
        ));
    }
}
