//! Which runs of `*`, `_` and `~` open and close an emphasis, and where code spans end.

/// Deepest nesting of emphasis that is followed.
const DEEPEST: usize = 32;

/// What came of looking for the end of an emphasis.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// The closing marks start here.
    FoundInline(usize),
    Missing,
    /// It depends on the next character.
    Unknown,
}

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

/// Whether marks between these characters open an emphasis.
pub(super) fn opens(mark: u8, marks: usize, before: Option<char>, next: char) -> bool {
    // `*.rs` and `*)` are no emphasis in anything that people write.
    let is_pattern = mark == b'*' && marks == 1 && matches!(next, '.' | '/' | ',' | ')');
    !next.is_whitespace() && !is_pattern && !is_word(before, mark)
}

fn closes(mark: u8, marks: usize, before: Option<char>, next: Option<char>) -> bool {
    // `**bold**text` is common, and `*` after a letter is most often a product.
    let may_stand_inside = mark == b'~' || (mark == b'*' && marks >= 2);
    before.is_some_and(|c| !c.is_whitespace()) && (may_stand_inside || !is_word(next, mark))
}

/// Whether a character makes a mark next to it part of a word. Scripts that have no spaces between
/// words would otherwise have no emphasis with `*`.
fn is_word(c: Option<char>, mark: u8) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() && (mark == b'_' || !has_no_spaces(c)))
}

/// Thai to Khmer, and everything from the radicals of Chinese on.
fn has_no_spaces(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// Where the emphasis ends whose opening marks are before `inner`. Emphasis inside it is paired
/// first; code spans and targets of links are stepped over.
pub(super) fn closing(inner: &str, mark: u8, marks: usize, is_whole: bool) -> Search {
    let bytes = inner.as_bytes();
    let mut open = vec![marks];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'`' => match code_end(inner, at) {
                Some(end) => at = end,
                None if is_whole => at += run(inner, at),
                // Whatever closes it, a mark must follow.
                None => return Search::Missing,
            },
            b']' if bytes.get(at + 1) == Some(&b'(') => match inner[at..].find(')') {
                Some(end) => at += end + 1,
                None if is_whole => at += 2,
                None => return Search::Missing,
            },
            byte if byte == mark => {
                let length = run(inner, at);
                let end = at + length;
                let next = inner[end..].chars().next();
                if next.is_none() && !is_whole {
                    return Search::Unknown;
                }
                let left = pair(&mut open, length, mark, inner[..at].chars().last(), next);
                if open.is_empty() {
                    let start = end - left - marks;
                    return if start > 0 {
                        Search::FoundInline(start)
                    } else {
                        Search::Missing
                    };
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    Search::Missing
}

/// Pairs a run of marks with what is open; returns what is left of it when nothing is open.
fn pair(
    open: &mut Vec<usize>,
    length: usize,
    mark: u8,
    before: Option<char>,
    next: Option<char>,
) -> usize {
    let mut left = length;
    if closes(mark, length, before, next) {
        while let Some(last) = open.last().copied().filter(|last| *last <= left) {
            open.pop();
            left -= last;
            if open.is_empty() {
                return left;
            }
        }
        // Three that opened are closed by two and one, and the other way round: too rare to follow.
    }
    if left > 0
        && left == length
        && open.len() < DEEPEST
        && next.is_some_and(|next| opens(mark, length, before, next))
    {
        open.push(left);
    }
    0
}

/// Remembers where the next run is that could close anything, so that a long row of marks
/// which only open is not searched for each of them.
#[derive(Debug, Default)]
pub(super) struct Closers {
    /// For `*`, `_` and `~`: no such run is between the two places.
    barren: [(usize, usize); 3],
}

impl Closers {
    /// Whether a run that closes is in `source` after `from` and within `window` bytes.
    pub(super) fn may_close(&mut self, source: &str, from: usize, mark: u8, window: usize) -> bool {
        let index = match mark {
            b'*' => 0,
            b'_' => 1,
            _ => 2,
        };
        let limit = source.floor_char_boundary(from.saturating_add(window).min(source.len()));
        let (start, end) = self.barren[index];
        let mut at = if start <= from && from < end {
            end
        } else {
            from
        };
        while at < limit {
            let Some(found) = source.as_bytes()[at..limit]
                .iter()
                .position(|byte| *byte == mark)
            else {
                break;
            };
            let length = run(source, at + found);
            if source[..at + found]
                .chars()
                .last()
                .is_none_or(|c| !c.is_whitespace())
            {
                return true;
            }
            at += found + length;
        }
        self.barren[index] = (from, at.max(limit));
        false
    }
}
