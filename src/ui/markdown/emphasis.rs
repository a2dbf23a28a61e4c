//! Which runs of `*`, `_` and `~` open and close an emphasis.

use super::runs::{code_end, run};
use super::{link, tag};

/// Deepest nesting of emphasis that is followed.
const DEEPEST: usize = 32;

/// Longest run of marks that any text opens and closes; a longer one does so between words only,
/// and is a blank to fill in elsewhere.
const USUAL: usize = 3;

/// Links inside of an emphasis that are stepped over, and the longest of them in bytes; marks in
/// others count.
const MOST_LINKS: usize = 16;
const LONGEST_LINK: usize = 256;

/// What came of looking for the end of an emphasis.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// So many of the opening marks, the outer ones, have a style that ends before the closing ones
    /// at this place.
    Found {
        marks: usize,
        end: usize,
    },
    /// So many of the opening marks, the outer ones, close nowhere.
    Literal(usize),
    /// It depends on what follows: on any run of the mark, or on the next character.
    Missing,
    Unknown,
}

/// A run of marks with its surroundings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub mark: u8,
    pub length: usize,
    pub before: Option<char>,
    pub next: Option<char>,
}

/// A run that may open, and how many of its marks have not been paired.
#[derive(Debug)]
struct Opener {
    run: Run,
    left: usize,
}

impl Run {
    /// Whether the marks open an emphasis.
    pub(super) fn opens(self) -> bool {
        let Some(next) = self.next else { return false };
        match (self.mark, self.length) {
            (b'~', length) => length == 2 && !next.is_whitespace(),
            // A number of blanks to fill in is no emphasis.
            (_, length) if length > USUAL && !next.is_alphanumeric() => false,
            // `*.rs` and `*)` are no emphasis in anything that people write.
            (b'*', 1) if matches!(next, '.' | '/' | ',' | ')') => false,
            // `src/**/test` is a pattern.
            (b'*', 2) if self.before == Some('/') && next == '/' => false,
            // `foo**bar**` is bold, `2**3` and `x**2` are powers.
            (b'*', length) if length > 1 && is_word(self.before, b'*') => {
                self.before.is_some_and(char::is_alphabetic) && next.is_alphabetic()
            }
            (mark, _) => !next.is_whitespace() && !is_word(self.before, mark),
        }
    }

    fn closes(self) -> bool {
        let Some(before) = self.before else {
            return false;
        };
        if self.length > USUAL && !before.is_alphanumeric() {
            return false;
        }
        // `**bold**text` is common, and `*` after a letter is most often a product.
        let may_stand_inside = self.mark == b'~' || (self.mark == b'*' && self.length >= 2);
        !before.is_whitespace() && (may_stand_inside || !is_word(self.next, self.mark))
    }

    /// Whether this run closes what another one opened: where one of them could do both, the
    /// lengths decide, as in `*a**b*`.
    fn matches(self, opener: Self) -> bool {
        let is_ambiguous = (self.opens() && self.closes()) || (opener.opens() && opener.closes());
        !is_ambiguous
            || !(self.length + opener.length).is_multiple_of(3)
            || (self.length.is_multiple_of(3) && opener.length.is_multiple_of(3))
    }
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

/// Where the outermost emphasis ends that the run at the start of `text` opens. Emphasis inside it
/// is paired first; code spans, tags, URLs and links are stepped over.
pub(super) fn closing(text: &str, opener: Run, is_whole: bool) -> Search {
    let bytes = text.as_bytes();
    let mut open = vec![Opener {
        run: opener,
        left: opener.length,
    }];
    let mut outermost = None;
    let mut links = MOST_LINKS;
    let mut at = opener.length;
    while at < bytes.len() {
        if bytes[at] != opener.mark {
            match step(text, at, opener.mark, is_whole, &mut links) {
                Step::To(end) => at = end,
                Step::Stop(search) => return search,
            }
            continue;
        }
        let length = run(text, at);
        let run = Run {
            mark: opener.mark,
            length,
            before: text[..at].chars().last(),
            next: text[at + length..].chars().next(),
        };
        if run.next.is_none() && !is_whole {
            return Search::Unknown;
        }
        if let Some((marks, used)) = pair(&mut open, run) {
            outermost = Some((marks, at + used - marks));
        }
        if open.is_empty() {
            break;
        }
        at += length;
    }
    let unpaired = open.first().map_or(0, |opener| opener.left);
    match outermost {
        _ if unpaired > 0 && !is_whole => Search::Missing,
        Some((marks, end)) if unpaired == 0 => Search::Found { marks, end },
        _ => Search::Literal(unpaired),
    }
}

/// Where the search goes on.
enum Step {
    To(usize),
    Stop(Search),
}

/// Steps over what stands at `at` and holds no mark of an emphasis around it.
fn step(text: &str, at: usize, mark: u8, is_whole: bool, links: &mut usize) -> Step {
    let rest = &text[at..];
    match text.as_bytes()[at] {
        b'\\' => Step::To(at + 1 + rest.chars().nth(1).map_or(0, char::len_utf8)),
        b'`' => match code_end(text, at) {
            Some(end) => Step::To(end),
            None if is_whole => Step::To(at + run(text, at)),
            // Whatever closes it, a mark must follow.
            None => Step::Stop(Search::Missing),
        },
        b'<' => match tag::end(rest) {
            tag::End::At(length) => Step::To(at + length),
            tag::End::Unknown if !is_whole => Step::Stop(Search::Unknown),
            tag::End::Unknown | tag::End::Absent => Step::To(at + 1),
        },
        b'[' if *links > 0 => {
            *links -= 1;
            let window = &rest[..rest.floor_char_boundary(LONGEST_LINK)];
            match link::end(window, is_whole || window.len() < rest.len()) {
                Some(length) => Step::To(at + length),
                None => Step::Stop(Search::Unknown),
            }
        }
        _ => {
            let is_special = |byte: &u8| matches!(byte, b'\\' | b'`' | b'<' | b'[');
            let bytes = &text.as_bytes()[at + 1..];
            let next = bytes
                .iter()
                .position(|byte| *byte == mark || is_special(byte));
            Step::To(next.map_or(text.len(), |length| at + 1 + length))
        }
    }
}

/// Pairs a run of marks with what is open. Returns what it paired last with the first opener: how
/// many marks of a style, and how many of its own are used up by then.
fn pair(open: &mut Vec<Opener>, run: Run) -> Option<(usize, usize)> {
    let mut left = run.length;
    let mut outermost = None;
    if run.closes() {
        while left > 0
            && let Some(index) = open.iter().rposition(|opener| run.matches(opener.run))
        {
            open.truncate(index + 1);
            let opener = &mut open[index];
            let marks = match run.mark {
                b'~' => 2,
                _ if opener.left >= 2 && left >= 2 => 2,
                _ => 1,
            };
            if left < marks {
                break;
            }
            opener.left -= marks;
            left -= marks;
            if index == 0 {
                outermost = Some((marks, run.length - left));
            }
            if opener.left == 0 {
                open.pop();
            }
        }
    }
    if left > 0 && !open.is_empty() && open.len() < DEEPEST && run.opens() {
        open.push(Opener { run, left });
    }
    outermost
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
