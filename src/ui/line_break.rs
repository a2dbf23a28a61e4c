//! Where running text may be broken next to characters of wide scripts, which have no blanks
//! between words: closing marks start no row, and opening ones end none (UAX 14, JIS X 4051).

/// Marks that no row starts with.
const CLOSING: &str = "\
    ,.:;!?)]}%'\"’”»›…‥·\u{2014}\u{2013}°′″‰℃\
    、。，．：；！？％）］｝〕〉》」』】〗〙〛｠〞〟～〜・ー゛゜々〻ゝゞヽヾ\
    ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ｡､｣･ｰ";

/// Marks that no row ends with.
const OPENING: &str = "([{'\"‘“«‹（［｛〔〈《「『【〖〘〚｟〝｢";

/// Whether a text starts with a mark that no row starts with.
pub(super) fn is_closing(text: &str) -> bool {
    text.chars().next().is_some_and(|c| CLOSING.contains(c))
}

/// Whether a text starts with a mark that no row ends with.
pub(super) fn is_opening(text: &str) -> bool {
    text.chars().next().is_some_and(|c| OPENING.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_closes_or_opens_and_a_letter_does_neither() {
        for mark in ["，", "。", "：", "）", "」", "ー", ")", "！", "”"] {
            assert!(is_closing(mark) && !is_opening(mark), "{mark}");
        }
        for mark in ["（", "「", "《", "“", "("] {
            assert!(is_opening(mark) && !is_closing(mark), "{mark}");
        }
        for other in ["漢", "a", "あ", "", "한"] {
            assert!(!is_opening(other) && !is_closing(other), "{other}");
        }
    }
}
