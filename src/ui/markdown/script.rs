//! Raised and lowered text in the characters that Unicode has for it.

/// Characters and their raised forms.
const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻−⁻=⁼(⁽)⁾\
    aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻ\
    AᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂαᵅβᵝγᵞδᵟθᶿφᵠχᵡ′′*⃰∘°°°";

/// Characters and their lowered forms.
const LOWERED: &str =
    "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ";

/// Longest text that is raised or lowered, in characters; a longer one cannot be read.
const LONGEST: usize = 12;

/// The text raised; `None` when Unicode lacks one of its characters.
pub(super) fn raised(text: &str) -> Option<String> {
    mapped(text, RAISED)
}

/// The text lowered; `None` when Unicode lacks one of its characters.
pub(super) fn lowered(text: &str) -> Option<String> {
    mapped(text, LOWERED)
}

fn mapped(text: &str, pairs: &str) -> Option<String> {
    if text.is_empty() || text.chars().count() > LONGEST {
        return None;
    }
    text.chars().map(|c| form_of(c, pairs)).collect()
}

fn form_of(c: char, pairs: &str) -> Option<char> {
    let mut pairs = pairs.chars();
    loop {
        let (plain, form) = (pairs.next()?, pairs.next()?);
        if plain == c {
            return Some(form);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unicode_has_is_mapped() {
        assert_eq!(raised("n+1").unwrap(), "ⁿ⁺¹");
        assert_eq!(lowered("i=0").unwrap(), "ᵢ₌₀");
        assert_eq!(raised("q"), None);
        assert_eq!(lowered("b"), None);
        assert_eq!(raised(""), None);
    }

    #[test]
    fn every_character_has_a_form_of_one_character() {
        for pairs in [RAISED, LOWERED] {
            assert!(pairs.chars().count().is_multiple_of(2), "{pairs}");
            assert!(!pairs.contains(' '));
        }
    }
}
