//! Fuzzy search: which rows of a list match what is typed, the best first, and where.
//!
//! A query matches a row that has its characters in this order, with anything between them. Words
//! of the query match independently. Lower-case characters match either case, and those without an
//! accent match those with one. No character of a query has a special meaning.

use std::cmp::Reverse;
use std::ops::Range;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use unicode_segmentation::UnicodeSegmentation;

/// Bytes of a row that are searched.
const SEARCHED: usize = 1024;

/// Rows that are searched between two looks at the time.
const AT_ONCE: usize = 128;

/// A row that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FuzzyMatch {
    /// Index of the row in the list.
    pub row: usize,
    /// The higher, the better; comparable only within one query.
    pub score: u32,
}

/// Searches lists. Keep one for all keys that are typed: it holds 135 KB of buffers.
pub(crate) struct FuzzyMatcher {
    matcher: Matcher,
    characters: Vec<char>,
    indices: Vec<u32>,
}

impl FuzzyMatcher {
    /// For names and titles.
    pub(crate) fn new() -> Self {
        Self::with(Config::DEFAULT)
    }

    /// For paths and IDs: the part after a `/` counts for more.
    pub(crate) fn of_paths() -> Self {
        Self::with(Config::DEFAULT.match_paths())
    }

    fn with(config: Config) -> Self {
        Self {
            matcher: Matcher::new(config),
            characters: Vec::new(),
            indices: Vec::new(),
        }
    }

    /// The rows that match, the best first; rows of the same score stay in their order. An empty
    /// query matches every row.
    pub(crate) fn rank<'a>(
        &mut self,
        query: &str,
        rows: impl IntoIterator<Item = &'a str>,
    ) -> Vec<FuzzyMatch> {
        self.rank_while(query, rows, || true)
    }

    /// The same, until `may_continue` is false, which is called now and then: the rows that are
    /// left are not searched.
    pub(crate) fn rank_while<'a>(
        &mut self,
        query: &str,
        rows: impl IntoIterator<Item = &'a str>,
        may_continue: impl Fn() -> bool,
    ) -> Vec<FuzzyMatch> {
        let pattern = pattern(query);
        let rows = rows.into_iter().enumerate();
        let in_time = rows.take_while(|(row, _)| row % AT_ONCE != 0 || may_continue());
        let mut matches: Vec<FuzzyMatch> = in_time
            .filter_map(|(row, text)| {
                let text = Utf32Str::new(searched(text), &mut self.characters);
                let score = pattern.score(text, &mut self.matcher)?;
                Some(FuzzyMatch { row, score })
            })
            .collect();
        matches.sort_by_key(|found| Reverse(found.score));
        matches
    }

    /// The bytes of a row that match, as ranges of whole characters in ascending order; empty when
    /// the row does not match. Meant for the rows that are visible.
    pub(crate) fn positions(&mut self, query: &str, row: &str) -> Vec<Range<usize>> {
        let row = searched(row);
        let text = Utf32Str::new(row, &mut self.characters);
        self.indices.clear();
        let found = pattern(query).indices(text, &mut self.matcher, &mut self.indices);
        if found.is_none() {
            return Vec::new();
        }
        self.indices.sort_unstable();
        self.indices.dedup();
        let mut wanted = self.indices.iter().copied().peekable();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        // The matcher counts what is one character on the screen.
        for (index, (start, character)) in row.grapheme_indices(true).enumerate() {
            if wanted.next_if(|wanted| *wanted as usize == index).is_none() {
                continue;
            }
            let end = start + character.len();
            match ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        ranges
    }
}

fn pattern(query: &str) -> Pattern {
    let kind = AtomKind::Fuzzy;
    Pattern::new(query, CaseMatching::Smart, Normalization::Smart, kind)
}

fn searched(row: &str) -> &str {
    &row[..row.floor_char_boundary(SEARCHED)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn ranked<'a>(query: &str, rows: &[&'a str]) -> Vec<&'a str> {
        FuzzyMatcher::of_paths()
            .rank(query, rows.iter().copied())
            .into_iter()
            .map(|found| rows[found.row])
            .collect()
    }

    fn marked(query: &str, row: &str) -> String {
        let mut marked = row.to_owned();
        for range in FuzzyMatcher::new().positions(query, row).iter().rev() {
            marked.insert(range.end, ']');
            marked.insert(range.start, '[');
        }
        marked
    }

    #[test]
    fn the_best_match_is_first_and_others_are_gone() {
        let rows = [
            "src/main.rs",
            "src/ui/mod.rs",
            "docs/remain.md",
            "Cargo.toml",
        ];
        assert_eq!(ranked("main", &rows), ["src/main.rs", "docs/remain.md"]);
        assert_eq!(ranked("uimod", &rows), ["src/ui/mod.rs"]);
        assert_eq!(ranked("rs src", &rows), ["src/main.rs", "src/ui/mod.rs"]);
        assert_eq!(ranked("zzz", &rows), Vec::<&str>::new());
    }

    #[test]
    fn rows_of_the_same_score_stay_in_their_order() {
        let rows = ["b/x.rs", "a/x.rs", "c/x.rs"];
        for query in ["", "  ", "x.rs"] {
            assert_eq!(ranked(query, &rows), rows, "{query:?}");
        }
    }

    #[test]
    fn a_search_ends_when_it_must() {
        let rows = vec!["a"; 3 * AT_ONCE];
        let looks = std::cell::Cell::new(0);
        let found = FuzzyMatcher::new().rank_while("a", rows, || {
            looks.set(looks.get() + 1);
            looks.get() < 3
        });
        assert_eq!(found.len(), 2 * AT_ONCE);
    }

    #[test]
    fn case_and_accents_are_as_typed_or_less() {
        let rows = ["README.md", "Résumé.md", "readme.txt"];
        assert_eq!(ranked("readme", &rows), ["README.md", "readme.txt"]);
        assert_eq!(ranked("README", &rows), ["README.md"]);
        assert_eq!(ranked("resume", &rows), ["Résumé.md"]);
    }

    #[test]
    fn characters_of_patterns_are_ordinary() {
        let rows = ["a!b", "^a", "it's", "cost$", "plain"];
        for (query, found) in [("!b", "a!b"), ("^a", "^a"), ("'s", "it's"), ("t$", "cost$")] {
            assert_eq!(ranked(query, &rows), [found]);
        }
    }

    #[test]
    fn positions_are_ranges_of_whole_characters() {
        assert_eq!(marked("gpt5", "openai/gpt-5"), "openai/[gpt]-[5]");
        assert_eq!(marked("é日", "né 日本"), "n[é] [日]本");
        assert_eq!(marked("ab", "👩‍👩‍👧a x e\u{301}b"), "👩‍👩‍👧[a] x e\u{301}[b]");
        assert_eq!(marked("b a", "ab"), "[ab]");
        assert_eq!(marked("x", "ab"), "ab");
        assert_eq!(marked("", "ab"), "ab");
    }

    #[test]
    fn a_long_row_is_searched_at_its_start() {
        let row = format!("{}needle", "é".repeat(SEARCHED));
        assert!(
            FuzzyMatcher::new()
                .rank("needle", [row.as_str()])
                .is_empty()
        );
        assert_eq!(FuzzyMatcher::new().rank("éé", [row.as_str()]).len(), 1);
    }

    /// The promise is 16 ms a key; a debug build on a busy machine has ten times that.
    #[test]
    fn fifteen_hundred_rows_take_no_noticeable_time() {
        let rows: Vec<String> = (0..1500)
            .map(|n| format!("author-{}/model-name-{n}-instruct-preview:free", n % 60))
            .collect();
        let mut matcher = FuzzyMatcher::of_paths();
        let fastest = (0..5)
            .map(|_| {
                let started = Instant::now();
                assert!(
                    !matcher
                        .rank("mod inst 12", rows.iter().map(String::as_str))
                        .is_empty()
                );
                started.elapsed()
            })
            .min();
        assert!(fastest < Some(Duration::from_millis(160)), "{fastest:?}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_positions_belong_to_the_row(query in ".{0,8}", row in ".{0,40}") {
            let mut matcher = FuzzyMatcher::new();
            let matches = !matcher.rank(&query, [row.as_str()]).is_empty();
            let positions = matcher.positions(&query, &row);
            proptest::prop_assert!(matches || positions.is_empty());
            proptest::prop_assert!(positions.iter().all(|range| row.get(range.clone()).is_some()));
        }
    }
}
