//! Commands of LaTeX and the characters they stand for.

/// Commands without an argument, sorted by name.
const SYMBOLS: &[(&str, &str)] = &[
    ("Box", "□"),
    ("Delta", "Δ"),
    ("Diamond", "◇"),
    ("Downarrow", "⇓"),
    ("Gamma", "Γ"),
    ("Im", "ℑ"),
    ("Lambda", "Λ"),
    ("Leftarrow", "⇐"),
    ("Leftrightarrow", "⇔"),
    ("Longrightarrow", "⟹"),
    ("Omega", "Ω"),
    ("P", "¶"),
    ("Phi", "Φ"),
    ("Pi", "Π"),
    ("Psi", "Ψ"),
    ("Re", "ℜ"),
    ("Rightarrow", "⇒"),
    ("S", "§"),
    ("Sigma", "Σ"),
    ("Theta", "Θ"),
    ("Uparrow", "⇑"),
    ("Upsilon", "Υ"),
    ("Vert", "‖"),
    ("Xi", "Ξ"),
    ("aleph", "ℵ"),
    ("alpha", "α"),
    ("amalg", "⨿"),
    ("angle", "∠"),
    ("approx", "≈"),
    ("ast", "∗"),
    ("asymp", "≍"),
    ("backslash", "\\"),
    ("because", "∵"),
    ("beta", "β"),
    ("beth", "ℶ"),
    ("bigcap", "⋂"),
    ("bigcup", "⋃"),
    ("bigoplus", "⨁"),
    ("bigotimes", "⨂"),
    ("bigvee", "⋁"),
    ("bigwedge", "⋀"),
    ("blacksquare", "■"),
    ("bot", "⊥"),
    ("bullet", "•"),
    ("cap", "∩"),
    ("cdot", "·"),
    ("cdotp", "·"),
    ("cdots", "⋯"),
    ("checkmark", "✓"),
    ("chi", "χ"),
    ("circ", "∘"),
    ("clubsuit", "♣"),
    ("colon", ":"),
    ("coloneqq", "≔"),
    ("complement", "∁"),
    ("cong", "≅"),
    ("coprod", "∐"),
    ("copyright", "©"),
    ("cup", "∪"),
    ("dagger", "†"),
    ("dashv", "⊣"),
    ("ddots", "⋱"),
    ("degree", "°"),
    ("delta", "δ"),
    ("diamond", "⋄"),
    ("diamondsuit", "♢"),
    ("div", "÷"),
    ("doteq", "≐"),
    ("dots", "…"),
    ("dotsb", "⋯"),
    ("dotsc", "…"),
    ("downarrow", "↓"),
    ("ell", "ℓ"),
    ("emptyset", "∅"),
    ("enspace", " "),
    ("epsilon", "ϵ"),
    ("equiv", "≡"),
    ("eta", "η"),
    ("euro", "€"),
    ("exists", "∃"),
    ("flat", "♭"),
    ("forall", "∀"),
    ("gamma", "γ"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("geqslant", "≥"),
    ("gets", "←"),
    ("gg", "≫"),
    ("gt", ">"),
    ("gtrsim", "≳"),
    ("hbar", "ℏ"),
    ("heartsuit", "♡"),
    ("hookleftarrow", "↩"),
    ("hookrightarrow", "↪"),
    ("iff", "⟺"),
    ("iiint", "∭"),
    ("iint", "∬"),
    ("imath", "ı"),
    ("impliedby", "⟸"),
    ("implies", "⟹"),
    ("in", "∈"),
    ("infty", "∞"),
    ("int", "∫"),
    ("iota", "ι"),
    ("jmath", "ȷ"),
    ("kappa", "κ"),
    ("lVert", "‖"),
    ("lambda", "λ"),
    ("land", "∧"),
    ("langle", "⟨"),
    ("lbrace", "{"),
    ("lbrack", "["),
    ("lceil", "⌈"),
    ("ldots", "…"),
    ("le", "≤"),
    ("leadsto", "⇝"),
    ("leftarrow", "←"),
    ("leftrightarrow", "↔"),
    ("leq", "≤"),
    ("leqslant", "≤"),
    ("lesssim", "≲"),
    ("lfloor", "⌊"),
    ("ll", "≪"),
    ("lnot", "¬"),
    ("longleftarrow", "⟵"),
    ("longmapsto", "⟼"),
    ("longrightarrow", "⟶"),
    ("lor", "∨"),
    ("lt", "<"),
    ("lvert", "|"),
    ("mapsto", "↦"),
    ("measuredangle", "∡"),
    ("mid", "∣"),
    ("models", "⊨"),
    ("mp", "∓"),
    ("mu", "μ"),
    ("nabla", "∇"),
    ("natural", "♮"),
    ("ne", "≠"),
    ("nearrow", "↗"),
    ("neg", "¬"),
    ("neq", "≠"),
    ("nexists", "∄"),
    ("ni", "∋"),
    ("nmid", "∤"),
    ("notin", "∉"),
    ("nsubseteq", "⊈"),
    ("nu", "ν"),
    ("nwarrow", "↖"),
    ("odot", "⊙"),
    ("oint", "∮"),
    ("omega", "ω"),
    ("ominus", "⊖"),
    ("oplus", "⊕"),
    ("oslash", "⊘"),
    ("otimes", "⊗"),
    ("parallel", "∥"),
    ("partial", "∂"),
    ("perp", "⊥"),
    ("phi", "φ"),
    ("pi", "π"),
    ("pm", "±"),
    ("pounds", "£"),
    ("prec", "≺"),
    ("preceq", "⪯"),
    ("prime", "′"),
    ("prod", "∏"),
    ("propto", "∝"),
    ("psi", "ψ"),
    ("qed", "∎"),
    ("qquad", "    "),
    ("quad", "  "),
    ("rVert", "‖"),
    ("rangle", "⟩"),
    ("rbrace", "}"),
    ("rbrack", "]"),
    ("rceil", "⌉"),
    ("rfloor", "⌋"),
    ("rho", "ρ"),
    ("rightarrow", "→"),
    ("rightharpoonup", "⇀"),
    ("rightleftharpoons", "⇌"),
    ("rvert", "|"),
    ("searrow", "↘"),
    ("setminus", "∖"),
    ("sharp", "♯"),
    ("sigma", "σ"),
    ("sim", "∼"),
    ("simeq", "≃"),
    ("space", " "),
    ("spadesuit", "♠"),
    ("sqcap", "⊓"),
    ("sqcup", "⊔"),
    ("square", "□"),
    ("star", "⋆"),
    ("subset", "⊂"),
    ("subseteq", "⊆"),
    ("subsetneq", "⊊"),
    ("succ", "≻"),
    ("succeq", "⪰"),
    ("sum", "∑"),
    ("supset", "⊃"),
    ("supseteq", "⊇"),
    ("surd", "√"),
    ("swarrow", "↙"),
    ("tau", "τ"),
    ("therefore", "∴"),
    ("theta", "θ"),
    ("thinspace", " "),
    ("times", "×"),
    ("to", "→"),
    ("top", "⊤"),
    ("triangle", "△"),
    ("triangleq", "≜"),
    ("uparrow", "↑"),
    ("updownarrow", "↕"),
    ("upsilon", "υ"),
    ("vDash", "⊨"),
    ("varepsilon", "ε"),
    ("varnothing", "∅"),
    ("varphi", "φ"),
    ("varpi", "ϖ"),
    ("varrho", "ϱ"),
    ("varsigma", "ς"),
    ("vartheta", "ϑ"),
    ("vdash", "⊢"),
    ("vdots", "⋮"),
    ("vee", "∨"),
    ("vert", "|"),
    ("wedge", "∧"),
    ("wp", "℘"),
    ("wr", "≀"),
    ("xi", "ξ"),
    ("zeta", "ζ"),
];

/// Names of functions, which are shown as they are.
const FUNCTIONS: &[&str] = &[
    "Pr", "arccos", "arcsin", "arctan", "arg", "argmax", "argmin", "cos", "cosh", "cot", "coth",
    "csc", "deg", "det", "dim", "exp", "gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup",
    "ln", "log", "max", "min", "mod", "sec", "sin", "sinh", "sup", "tan", "tanh",
];

/// Commands that set a font, which a terminal does not have, or show their argument as it is.
const FONTS: &[&str] = &[
    "boldsymbol",
    "bm",
    "boxed",
    "mathbf",
    "mathit",
    "mathnormal",
    "mathrm",
    "mathsf",
    "mathtt",
    "operatorname",
    "text",
    "textbf",
    "textit",
    "textrm",
    "textsf",
    "texttt",
    "mbox",
];

/// Commands that change the size of what follows, or nothing that a terminal shows.
const IGNORED: &[&str] = &[
    "Big",
    "Bigg",
    "Biggl",
    "Biggr",
    "Bigl",
    "Bigr",
    "big",
    "bigg",
    "biggl",
    "biggr",
    "bigl",
    "bigr",
    "displaystyle",
    "left",
    "limits",
    "middle",
    "nolimits",
    "nonumber",
    "notag",
    "right",
    "textstyle",
];

/// Accents and the marks that combine with the character before them.
const ACCENTS: &[(&str, char)] = &[
    ("acute", '\u{301}'),
    ("bar", '\u{304}'),
    ("breve", '\u{306}'),
    ("check", '\u{30c}'),
    ("ddot", '\u{308}'),
    ("dot", '\u{307}'),
    ("grave", '\u{300}'),
    ("hat", '\u{302}'),
    ("overline", '\u{304}'),
    ("tilde", '\u{303}'),
    ("underline", '\u{332}'),
    ("vec", '\u{20d7}'),
    ("widehat", '\u{302}'),
    ("widetilde", '\u{303}'),
];

/// Double-struck and script forms.
const DOUBLE_STRUCK: &[(char, char)] = &[
    ('R', 'ℝ'),
    ('N', 'ℕ'),
    ('Z', 'ℤ'),
    ('Q', 'ℚ'),
    ('C', 'ℂ'),
    ('P', 'ℙ'),
    ('H', 'ℍ'),
    ('E', '𝔼'),
    ('F', '𝔽'),
    ('1', '𝟙'),
    ('K', '𝕂'),
];
const SCRIPT: &[(char, char)] = &[
    ('L', 'ℒ'),
    ('F', 'ℱ'),
    ('H', 'ℋ'),
    ('B', 'ℬ'),
    ('E', 'ℰ'),
    ('I', 'ℐ'),
    ('M', 'ℳ'),
    ('R', 'ℛ'),
];

/// What a command without an argument stands for.
pub(super) fn symbol(name: &str) -> Option<&'static str> {
    let index = SYMBOLS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    Some(SYMBOLS[index].1)
}

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

pub(super) fn is_font(name: &str) -> bool {
    FONTS.contains(&name)
}

pub(super) fn is_ignored(name: &str) -> bool {
    IGNORED.contains(&name)
}

/// The mark of an accent.
pub(super) fn accent(name: &str) -> Option<char> {
    ACCENTS
        .iter()
        .find(|(accent, _)| *accent == name)
        .map(|(_, mark)| *mark)
}

/// The text in another alphabet; a character that it does not have stays.
pub(super) fn in_alphabet(name: &str, letters: &str) -> Option<String> {
    let alphabet = match name {
        "mathbb" => DOUBLE_STRUCK,
        "mathcal" | "mathscr" => SCRIPT,
        _ => return None,
    };
    let form = |c: char| {
        alphabet
            .iter()
            .find(|(plain, _)| *plain == c)
            .map_or(c, |(_, form)| *form)
    };
    Some(letters.chars().map(form).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_symbols_are_sorted() {
        assert!(SYMBOLS.is_sorted_by_key(|(name, _)| name));
        assert_eq!(symbol("alpha"), Some("α"));
        assert_eq!(symbol("nosuch"), None);
    }
}
