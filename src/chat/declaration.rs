//! Declared confidence: the instruction to declare it, and the filter that removes it from the
//! text.

use super::bucket::Bucket;

/// Added to the system prompt.
pub(crate) const INSTRUCTION: &str = "After your answer, on a last line of its own, declare your \
    confidence that the answer is right: \
    write exactly `Confidence: HIGH`, `Confidence: MEDIUM` or `Confidence: LOW`, and nothing after \
    it.";

/// Longest line that may be a declaration, and most white space around it that is held back, in
/// bytes.
const LONGEST_LINE: usize = 64;
const MOST_BLANK: usize = 1024;

/// A model's declaration of its confidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// `None` for another word than the three.
    pub bucket: Option<Bucket>,
    /// The line, without white space around it.
    pub line: String,
}

/// Removes the declaration from the end of a text that arrives in pieces. A last line that may be
/// one is held back, with the white space around it, until something follows it or the text ends.
#[derive(Debug, Default)]
pub(crate) struct DeclarationFilter {
    /// White space, the line, white space.
    held: String,
    /// Where the line starts and ends in what is held.
    line: usize,
    end: usize,
    /// A line break is before the line.
    starts_line: bool,
    /// What is held starts in the middle of a line that is no declaration.
    is_long: bool,
    /// Something visible is before what is held.
    has_text: bool,
}

impl DeclarationFilter {
    /// Appends to `out` what is certain not to be a declaration.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            self.push_char(c, out);
        }
    }

    fn push_char(&mut self, c: char, out: &mut String) {
        if c.is_whitespace() {
            self.held.push(c);
            if self.held.len() - self.end > MOST_BLANK {
                self.release(out);
            }
            return;
        }
        if self.held[self.end..].contains('\n') {
            // Another line starts: the one before was not the last.
            let rest = self.held.split_off(self.end);
            self.release(out);
            self.held = rest;
            (self.line, self.starts_line, self.is_long) = (self.held.len(), true, false);
        } else if self.end == 0 && !self.is_long {
            self.line = self.held.len();
        }
        self.held.push(c);
        self.end = self.held.len();
        // The first line is the answer itself, whatever it says.
        let may_declare = self.starts_line && self.has_text && may_start(&self.held[self.line..]);
        if self.is_long || !may_declare || self.end - self.line > LONGEST_LINE {
            self.release(out);
            self.is_long = true;
        }
    }

    /// Passes on what is held: it is no declaration.
    fn release(&mut self, out: &mut String) {
        self.has_text = self.has_text || self.end > 0;
        out.push_str(&self.held);
        self.held.clear();
        (self.line, self.end, self.starts_line) = (0, 0, false);
        self.is_long = true;
    }

    /// Ends the text and returns the declaration, if any. A text that is nothing else is left as it
    /// is.
    pub(crate) fn finish(&mut self, out: &mut String) -> Option<Declared> {
        let line = &self.held[self.line..self.end];
        let declared = if self.has_text && self.starts_line {
            read(line)
        } else {
            None
        };
        if declared.is_none() {
            out.push_str(&self.held);
        }
        *self = Self::default();
        declared
    }
}

/// A whole text without its declaration.
pub(crate) fn strip(text: &str) -> (String, Option<Declared>) {
    let (mut filter, mut stripped) = (
        DeclarationFilter::default(),
        String::with_capacity(text.len()),
    );
    filter.push(text, &mut stripped);
    let declared = filter.finish(&mut stripped);
    (stripped, declared)
}

/// Reads a line: one of the three words alone, or behind `Confidence:`, in any case and with
/// Markdown around it. A bare word in a list, such as `- low`, is the model's own.
fn read(line: &str) -> Option<Declared> {
    let is_mark = |c: char| matches!(c, '*' | '_' | '`' | '~');
    let marked = line
        .trim_start_matches(is_mark)
        .trim_end_matches(|c: char| is_mark(c) || c == '.');
    let declared = |bucket| {
        Some(Declared {
            bucket,
            line: line.to_owned(),
        })
    };
    if let Some(bucket) = bucket(marked) {
        return declared(Some(bucket));
    }
    let plain = line.trim_start_matches(|c: char| {
        is_mark(c) || matches!(c, '#' | '>' | '-' | '[' | '(') || c.is_whitespace()
    });
    let (name, value) = plain.split_once([':', '=', '–', '—'])?;
    let name = name
        .trim_matches(|c: char| is_mark(c) || c.is_whitespace())
        .to_ascii_lowercase();
    if name != "confidence" && name != "confidence level" {
        return None;
    }
    let value = value.trim_matches(|c: char| {
        is_mark(c) || c.is_whitespace() || matches!(c, '.' | '"' | '\'' | ']' | ')' | '!')
    });
    // More than a word is a sentence of the model's own.
    if value.is_empty() || value.contains(char::is_whitespace) {
        None
    } else {
        declared(bucket(value))
    }
}

/// Whether a line with this start may be a declaration. The first letter decides for most lines, so
/// that little is held back.
fn may_start(line: &str) -> bool {
    let first = line
        .chars()
        .find(|c| !c.is_whitespace() && (c.is_alphanumeric() || !c.is_ascii_punctuation()));
    first.is_none_or(|first| matches!(first.to_ascii_lowercase(), 'c' | 'h' | 'm' | 'l'))
}

fn bucket(word: &str) -> Option<Bucket> {
    let buckets = [
        ("HIGH", Bucket::High),
        ("MEDIUM", Bucket::Medium),
        ("LOW", Bucket::Low),
    ];
    buckets
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, bucket)| bucket)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rest of the text, and what was declared: `-` for nothing, `?` for none of the three
    /// words.
    fn stripped(text: &str) -> (String, &'static str) {
        let (text, declared) = strip(text);
        (
            text,
            declared.map_or("-", |declared| declared.bucket.map_or("?", Bucket::word)),
        )
    }

    #[test]
    fn a_declaration_is_removed_in_every_form() {
        let forms = [
            "Confidence: HIGH",
            "confidence: high",
            "**Confidence: HIGH**",
            "**Confidence:** high.",
            "_Confidence level_: `HIGH`",
            "- Confidence: High",
            "HIGH",
            "**high**",
            "High.",
            "`HIGH`",
            "[Confidence: HIGH]",
            "Confidence = HIGH",
            "Confidence – HIGH",
        ];
        for form in forms {
            for (before, after) in [("\n", ""), ("\n\n", "\n"), (" \r\n\n", "  \n \n")] {
                let text = format!("The answer.{before}{form}{after}");
                assert_eq!(
                    stripped(&text),
                    ("The answer.".to_owned(), "HIGH"),
                    "{text:?}"
                );
            }
        }
        assert_eq!(stripped("a\nLOW").1, "LOW");
        assert_eq!(stripped("a\nConfidence: medium").1, "MEDIUM");
    }

    #[test]
    fn an_unknown_word_is_removed_and_has_no_bucket() {
        for unknown in [
            "Confidence: CERTAIN",
            "Confidence: 95%",
            "**Confidence: very-high**",
        ] {
            assert_eq!(
                stripped(&format!("a\n\n{unknown}\n")),
                ("a".to_owned(), "?"),
                "{unknown}"
            );
        }
    }

    #[test]
    fn the_models_own_words_stay() {
        let own = [
            "The risk is HIGH",
            "HIGH",
            "Confidence: HIGH",
            "\n\nHIGH\n",
            "Confidence: HIGH\nis what I would say.",
            "Levels:\n- high\n- medium\n- low\n",
            "Levels:\n* low",
            "Levels:\n1. low",
            "a\nConfidence: you can be quite sure",
            "a\nConfidence:",
            "a\nThe confidence is high",
            "a\nHIGHER",
            "```\nHIGH\n```\n",
            "a HIGH",
            "",
            "  \n",
        ];
        for text in own {
            assert_eq!(stripped(text), (text.to_owned(), "-"), "{text:?}");
        }
        let long = format!("a\n{}Confidence: HIGH", "x".repeat(LONGEST_LINE));
        assert_eq!(stripped(&long).0, long);
    }

    #[test]
    fn only_the_last_of_two_is_removed() {
        assert_eq!(
            stripped("a\nHIGH\nConfidence: LOW"),
            ("a\nHIGH".to_owned(), "LOW")
        );
    }

    #[test]
    fn only_what_may_be_a_declaration_is_held_back() {
        let (mut filter, mut out) = (DeclarationFilter::default(), String::new());
        let mut shown = |text: &str| {
            out.clear();
            filter.push(text, &mut out);
            out.clone()
        };
        assert_eq!(shown("High and low\n"), "High and low");
        assert_eq!(shown("so it is"), "\nso it is");
        assert_eq!(shown("\n**Conf"), "");
        assert_eq!(shown("idence: HIGH\n"), "");
        assert_eq!(shown("is what"), "\n**Confidence: HIGH\nis what");
    }

    /// Parts of declarations, and what may be beside them.
    const PARTS: &[&str] = &[
        "Confidence: HIGH",
        "LOW",
        "\n",
        "**",
        " ",
        "\r\n",
        "ä👋🏽",
        "confidence",
        ": ",
    ];

    proptest! {
        /// However a text is cut, the same comes out of it, and nothing but a declaration is lost.
        #[test]
        fn cuts_make_no_difference(
            parts in proptest::collection::vec(prop_oneof![
                9 => proptest::sample::select(PARTS).prop_map(str::to_owned),
                1 => "[a-z \n]{0,90}",
            ], 0..8),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        ) {
            let text = parts.concat();
            let (whole, declared) = strip(&text);
            let mut at = vec![0, text.len()];
            at.extend(cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))));
            at.sort_unstable();
            let (mut filter, mut pieced) = (DeclarationFilter::default(), String::new());
            for pair in at.windows(2) {
                filter.push(&text[pair[0]..pair[1]], &mut pieced);
            }
            let found = filter.finish(&mut pieced);
            prop_assert_eq!((&pieced, &found), (&whole, &declared));
            match declared {
                None => prop_assert_eq!(whole, text),
                Some(declared) => {
                    let rest = text.strip_prefix(&whole).unwrap();
                    prop_assert_eq!(rest.trim(), declared.line);
                }
            }
        }

        /// The three words after any text that has something visible in it.
        #[test]
        fn a_declaration_behind_any_text_is_found(
            text in "\\PC{0,80}[a-z]",
            cut in any::<proptest::sample::Index>(),
        ) {
            let whole = format!("{text}\n\nConfidence: MEDIUM\n");
            let cut = whole.floor_char_boundary(cut.index(whole.len() + 1));
            let (mut filter, mut out) = (DeclarationFilter::default(), String::new());
            filter.push(&whole[..cut], &mut out);
            filter.push(&whole[cut..], &mut out);
            let bucket = filter.finish(&mut out).map(|declared| declared.bucket);
            prop_assert_eq!(bucket, Some(Some(Bucket::Medium)));
            prop_assert_eq!(out, text);
        }
    }
}
