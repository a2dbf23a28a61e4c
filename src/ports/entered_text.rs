//! A text as it was entered: what of it was typed, and what was pasted.

use std::ops::Range;

/// Text of the prompt. What was pasted is data: it is no command, whatever it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnteredText {
    pub text: String,
    /// Bytes that were pasted: in ascending order, and apart.
    pub pasted: Vec<Range<usize>>,
}

impl EnteredText {
    /// A text that was typed.
    pub fn typed(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            pasted: Vec::new(),
        }
    }

    /// A text that is data as a whole.
    pub fn data(text: impl Into<String>) -> Self {
        let text = text.into();
        let pasted = std::iter::once(0..text.len()).filter(|all| !all.is_empty());
        Self {
            pasted: pasted.collect(),
            text,
        }
    }

    /// Whether every byte of a range was typed.
    pub fn is_typed(&self, range: Range<usize>) -> bool {
        self.pasted
            .iter()
            .all(|pasted| pasted.end <= range.start || range.end <= pasted.start)
    }

    /// The bytes of a range, which must lie between characters, as a text of their own.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let Some(text) = self.text.get(range.clone()) else {
            return Self::default();
        };
        let inside = |pasted: &Range<usize>| {
            let start = pasted.start.clamp(range.start, range.end) - range.start;
            let end = pasted.end.clamp(range.start, range.end) - range.start;
            (start < end).then_some(start..end)
        };
        Self {
            text: text.to_owned(),
            pasted: self.pasted.iter().filter_map(inside).collect(),
        }
    }

    /// The text without some of its bytes: ranges in ascending order, and apart.
    #[must_use]
    pub fn without(&self, removed: &[Range<usize>]) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut end = 0;
        for range in removed {
            text.push_str(self.text.get(end..range.start).unwrap_or_default());
            end = range.end;
        }
        text.push_str(self.text.get(end..).unwrap_or_default());
        let moved = |at: usize| {
            let before = removed.iter().take_while(|range| range.start < at);
            at - before
                .map(|range| range.end.min(at) - range.start)
                .sum::<usize>()
        };
        let mut shorter = Self {
            text,
            pasted: Vec::new(),
        };
        for pasted in &self.pasted {
            shorter.add_pasted(moved(pasted.start)..moved(pasted.end));
        }
        shorter
    }

    /// The text in which some more ranges are data: in ascending order, and apart.
    #[must_use]
    pub fn with_data(&self, data: &[Range<usize>]) -> Self {
        let mut ranges: Vec<_> = self.pasted.iter().chain(data).cloned().collect();
        ranges.sort_by_key(|range| range.start);
        let mut marked = Self::typed(self.text.clone());
        for range in ranges {
            let start = marked.pasted.last().map_or(0, |last| last.end);
            marked.add_pasted(range.start.max(start)..range.end.max(start));
        }
        marked
    }

    /// The text after a change in its middle: what was inserted there, and what is around it.
    pub fn change(&self, now: &str) -> (Self, Range<usize>, Self) {
        let before = self.text.as_str();
        let start = common_prefix(before, now);
        let end = common_suffix(&before[start..], &now[start..]);
        let rest = self.slice(before.len() - end..before.len());
        (self.slice(0..start), start..now.len() - end, rest)
    }

    /// The text after it was edited in another program: what is new and has several lines is data.
    #[must_use]
    pub fn edited(&self, now: &str) -> Self {
        let (mut edited, inserted, rest) = self.change(now);
        let piece = &now[inserted];
        edited.push(&if piece.contains('\n') {
            Self::data(piece)
        } else {
            Self::typed(piece)
        });
        edited.push(&rest);
        edited
    }

    /// Marks a range after all that are marked.
    fn add_pasted(&mut self, range: Range<usize>) {
        match self.pasted.last_mut() {
            _ if range.is_empty() => {}
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.pasted.push(range),
        }
    }

    /// Appends a text.
    pub fn push(&mut self, more: &Self) {
        let offset = self.text.len();
        self.text.push_str(&more.text);
        for pasted in &more.pasted {
            self.add_pasted(pasted.start + offset..pasted.end + offset);
        }
    }
}

fn common_prefix(left: &str, right: &str) -> usize {
    let same = left
        .char_indices()
        .zip(right.chars())
        .find(|((_, left), right)| left != right);
    same.map_or(left.len().min(right.len()), |((at, _), _)| at)
}

fn common_suffix(left: &str, right: &str) -> usize {
    left.chars()
        .rev()
        .zip(right.chars().rev())
        .take_while(|(left, right)| left == right)
        .map(|(c, _)| c.len_utf8())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed() -> EnteredText {
        let mut text = EnteredText::typed("see ");
        text.push(&EnteredText::data("/etc"));
        text.push(&EnteredText::data("/passwd"));
        text.push(&EnteredText::typed(" now"));
        text
    }

    /// The text with what is data in brackets.
    fn shown(text: &EnteredText) -> String {
        let mut shown = text.text.clone();
        for range in text.pasted.iter().rev() {
            shown.insert(range.end, ']');
            shown.insert(range.start, '[');
        }
        shown
    }

    #[test]
    fn ranges_follow_their_text() {
        let without = |removed: &[Range<usize>]| shown(&mixed().without(removed));
        assert_eq!(shown(&mixed()), "see [/etc/passwd] now");
        assert_eq!(shown(&mixed().slice(2..6)), "e [/e]");
        assert_eq!(mixed().slice(16..19), EnteredText::typed("now"));
        assert_eq!(without(std::slice::from_ref(&(0..4))), "[/etc/passwd] now");
        assert_eq!(without(&[0..2, 5..6, 14..16]), "e [/tc/passw]now");
        assert_eq!(without(&[3..8, 8..9]), "see[passwd] now");
        assert!(EnteredText::data("").pasted.is_empty());
    }

    #[test]
    fn ranges_are_merged() {
        let data = EnteredText::typed("0123456789").with_data(&[2..4, 6..7]);
        assert_eq!(shown(&data), "01[23]45[6]789");
        assert_eq!(
            shown(&data.with_data(&[4..5, 3..4, 9..10])),
            "01[234]5[6]78[9]"
        );
        assert_eq!(shown(&data.with_data(&[0..1, 1..10])), "[0123456789]");
    }

    #[test]
    fn new_lines_of_another_editor_are_data() {
        let edited = |now: &str| shown(&mixed().edited(now));
        assert_eq!(edited("see /etc/passwd now"), "see [/etc/passwd] now");
        assert_eq!(edited("see /etc/é now"), "see [/etc/]é now");
        assert_eq!(
            edited("a\nb\nsee /etc/passwd now"),
            "[a\nb\n]see [/etc/passwd] now"
        );
        assert_eq!(edited("ä"), "ä");
    }

    #[test]
    fn a_range_is_typed_when_no_byte_of_it_was_pasted() {
        let text = mixed();
        for typed in [0..4, 15..19, 3..4, 4..4] {
            assert!(text.is_typed(typed.clone()), "{typed:?}");
        }
        for pasted in [0..5, 4..5, 14..15, 0..19] {
            assert!(!text.is_typed(pasted.clone()), "{pasted:?}");
        }
    }
}
