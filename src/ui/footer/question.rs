//! A question in the transcript, once it has been submitted.

use crate::ui::line_editor::look::Look;
use crate::ui::sanitise::inert;

/// The block of a question: its lines as they were typed.
pub(super) fn block(prompt: &str, look: Look, text: &str) -> String {
    let lines = inert(text);
    let (before, after) = if look.is_coloured {
        ("\x1b[36m", "\x1b[m")
    } else {
        ("", "")
    };
    let mut block = String::new();
    for (index, line) in lines.split('\n').enumerate() {
        let mark = if index == 0 {
            format!("{prompt}{}", look.indicator())
        } else {
            look.continuation().to_owned()
        };
        block.push_str(&format!("{before}{mark}{after}{line}\n"));
    }
    block
}
