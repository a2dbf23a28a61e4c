//! Runs of one mark, and where code spans end.

/// Length of the run of the byte at `at`.
pub(super) fn run(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    rest.first().map_or(0, |first| {
        rest.iter().take_while(|byte| *byte == first).count()
    })
}

/// End of the code span that starts at `at`; `None` when nothing closes it.
pub(super) fn code_end(text: &str, at: usize) -> Option<usize> {
    let marks = run(text, at);
    let mut from = at + marks;
    while let Some(found) = text[from..].find('`') {
        let length = run(text, from + found);
        from += found + length;
        if length == marks {
            return Some(from);
        }
    }
    None
}
