//! Formulas of the simple kind as Unicode: fractions, roots, Greek, raised and lowered text. What
//! has no such form is shown as its source.

use super::{script, symbols};

/// Deepest nesting of groups that is followed.
const DEEPEST: usize = 16;

/// Environments whose rows are shown one below the other.
const ENVIRONMENTS: &[&str] = &[
    "align",
    "align*",
    "aligned",
    "equation",
    "equation*",
    "gather",
    "gather*",
    "gathered",
    "split",
];

/// Fractions with a character of their own.
const FRACTIONS: &[(&str, &str, &str)] = &[
    ("1", "2", "½"),
    ("1", "3", "⅓"),
    ("2", "3", "⅔"),
    ("1", "4", "¼"),
    ("3", "4", "¾"),
];

/// A formula, without its delimiters, as Unicode; rows are separated by line feeds. `None` when it
/// has a command without such a form, or its groups do not close.
pub(super) fn unicode(source: &str) -> Option<String> {
    let mut formula = Formula {
        rest: source,
        depth: 0,
    };
    let shown = formula.until(None)?;
    let rows: Vec<String> = shown
        .split('\n')
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|row| !row.is_empty())
        .collect();
    (!rows.is_empty()).then(|| rows.join("\n"))
}

/// What is left of a formula.
struct Formula<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Formula<'a> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Everything until a closing character, or the end.
    fn until(&mut self, end: Option<char>) -> Option<String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut out = String::new();
        loop {
            let Some(c) = self.next() else {
                self.depth -= 1;
                return end.is_none().then_some(out);
            };
            if Some(c) == end {
                self.depth -= 1;
                return Some(out);
            }
            self.one(c, &mut out)?;
        }
    }

    /// What one character starts.
    fn one(&mut self, c: char, out: &mut String) -> Option<()> {
        match c {
            '\\' => self.command(out)?,
            '{' => out.push_str(&self.until(Some('}'))?),
            '}' | '#' | '%' => return None,
            '^' | '_' => {
                let argument = self.argument()?;
                let text = argument.trim();
                let shown = if c == '^' {
                    script::raised(text)
                } else {
                    script::lowered(text)
                };
                match shown {
                    Some(shown) => out.push_str(&shown),
                    None if text.chars().count() == 1 => out.push_str(&format!("{c}{text}")),
                    None => out.push_str(&format!("{c}({text})")),
                }
            }
            '\'' => out.push('′'),
            '&' | '~' => out.push(' '),
            '\n' => out.push(' '),
            c => out.push(c),
        }
        Some(())
    }

    /// The argument of a command: a group, a command or a character.
    fn argument(&mut self) -> Option<String> {
        self.skip_blanks();
        let mut out = String::new();
        let c = self.next()?;
        if matches!(c, '^' | '_') {
            return None;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.one(c, &mut out)?;
        self.depth -= 1;
        Some(out)
    }

    /// The text of a group as it is written, as after `\text`.
    fn verbatim(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let inner = self.rest.strip_prefix('{')?;
        let (text, rest) = inner.split_once('}')?;
        self.rest = rest;
        (!text.contains(['{', '\\', '$'])).then_some(text)
    }

    fn name(&mut self) -> &'a str {
        let length = self
            .rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        name
    }

    /// A command, after its backslash.
    fn command(&mut self, out: &mut String) -> Option<()> {
        let name = self.name();
        if name.is_empty() {
            match self.next()? {
                '\\' => out.push('\n'),
                c @ ('{' | '}' | '%' | '$' | '#' | '&' | '_') => out.push(c),
                ',' | ';' | ':' | ' ' | '>' => out.push(' '),
                '!' => {}
                '|' => out.push('‖'),
                _ => return None,
            }
            return Some(());
        }
        if let Some(symbol) = symbols::symbol(name) {
            out.push_str(symbol);
            return Some(());
        }
        if symbols::is_function(name) {
            self.function(name, out);
            return Some(());
        }
        if symbols::is_ignored(name) {
            // `\left.` is no delimiter.
            if matches!(name, "left" | "right") {
                self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
            }
            return Some(());
        }
        self.with_argument(name, out)
    }

    /// A name of characters, apart from those next to it.
    fn function(&mut self, name: &str, out: &mut String) {
        if out.ends_with(|c: char| c.is_alphanumeric() || c == ')') {
            out.push(' ');
        }
        out.push_str(name);
        if self
            .rest
            .starts_with(|c: char| c.is_alphanumeric() || c == '\\')
        {
            out.push(' ');
        }
    }

    /// A root, after its command.
    fn root(&mut self, out: &mut String) -> Option<()> {
        let degree = match self.rest.strip_prefix('[') {
            Some(rest) => {
                self.rest = rest;
                self.until(Some(']'))?
            }
            None => String::new(),
        };
        match degree.trim() {
            "" => out.push('√'),
            "3" => out.push('∛'),
            "4" => out.push('∜'),
            degree => {
                out.push_str(&script::raised(degree)?);
                out.push('√');
            }
        }
        out.push_str(&grouped(self.argument()?.trim(), false));
        Some(())
    }

    fn with_argument(&mut self, name: &str, out: &mut String) -> Option<()> {
        if symbols::is_font(name) {
            let before = self.rest;
            let text = self.verbatim().map(str::to_owned).or_else(|| {
                self.rest = before;
                self.argument()
            })?;
            out.push_str(&text);
            return Some(());
        }
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                let (above, below) = (self.argument()?, self.argument()?);
                out.push_str(&fraction(above.trim(), below.trim()));
            }
            "binom" => {
                let (above, below) = (self.argument()?, self.argument()?);
                out.push_str(&format!("C({}, {})", above.trim(), below.trim()));
            }
            "sqrt" => self.root(out)?,
            "tag" => out.push_str(&format!("  ({})", self.verbatim()?)),
            "label" => drop(self.verbatim()?),
            "pmod" => out.push_str(&format!(" (mod {})", self.argument()?.trim())),
            "bmod" => out.push_str(" mod "),
            "not" => {
                out.push_str(self.argument()?.trim());
                out.push('\u{338}');
            }
            "begin" | "end" => {
                let environment = self.verbatim()?;
                if !ENVIRONMENTS.contains(&environment) {
                    return None;
                }
                out.push('\n');
            }
            name => match symbols::accent(name) {
                Some(mark) => {
                    let argument = self.argument()?;
                    let text = argument.trim();
                    // A mark over several characters has no form.
                    if text.chars().count() != 1 {
                        return None;
                    }
                    out.push_str(text);
                    out.push(mark);
                }
                None => {
                    let letters = self.verbatim()?;
                    out.push_str(&symbols::in_alphabet(name, letters)?);
                }
            },
        }
        Some(())
    }
}

/// A fraction on one line.
fn fraction(above: &str, below: &str) -> String {
    let own = FRACTIONS
        .iter()
        .find(|(one, other, _)| (*one, *other) == (above, below));
    match own {
        Some((_, _, shown)) => (*shown).to_owned(),
        None => format!("{}/{}", grouped(above, false), grouped(below, true)),
    }
}

/// Operators that are no part of a term, beyond those of ASCII.
const OPERATORS: &str = "×·÷±∓⊕⊗→⇒≤≥≠≈≡∈∪∩";

/// A text in parentheses, unless it is one term. Below the line of a fraction a product is none,
/// but `dx` is.
fn grouped(text: &str, is_divisor: bool) -> String {
    let is_part = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '!') || !c.is_ascii() && !OPERATORS.contains(c)
    };
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let is_number = text.starts_with(|c: char| c.is_ascii_digit());
    let is_differential = text.starts_with(['d', '∂']) && letters <= 2;
    let is_one = letters + usize::from(is_number) <= 1 || is_differential;
    let is_enclosed =
        text.starts_with('(') && text.find(')').is_some_and(|end| end + 1 == text.len());
    if (text.chars().all(is_part) && (is_one || !is_divisor)) || is_enclosed {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn simple_formulas_are_unicode() {
        for (source, shown) in [
            ("x^2 + y^2 = z^2", "x² + y² = z²"),
            (r"\frac{a}{b} \times \frac12", "a/b × ½"),
            (
                r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
                "x = (-b ± √(b² - 4ac))/(2a)",
            ),
            (
                r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
                "∑ᵢ₌₁ⁿ i = (n(n+1))/2",
            ),
            (r"e^{i\pi} + 1 = 0", "e^(iπ) + 1 = 0"),
            (r"\alpha_1 \le \beta_{n+1}", "α₁ ≤ βₙ₊₁"),
            (r"\sqrt{2}, \sqrt[3]{x}, \sqrt[n]{x+1}", "√2, ∛x, ⁿ√(x+1)"),
            (r"O(n \log n)", "O(n log n)"),
            (r"f: \mathbb{R} \to \mathbb{N}", "f: ℝ → ℕ"),
            (r"\text{if } x \in \{1, 2\}", "if x ∈ {1, 2}"),
            (r"\left( \frac{1}{2} \right)", "( ½ )"),
            (r"\hat{y} = \vec v", "y\u{302} = v\u{20d7}"),
            (r"f'(x)", "f′(x)"),
            (r"\lim_{x \to 0} \sin x", "lim_(x → 0) sin x"),
            (
                r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
                "a = b\nc = d",
            ),
            (r"5\% \cdot \$3", "5% · $3"),
            (r"H_2O", "H₂O"),
            (r"\frac{dy}{dx} = \frac{1}{x^2}", "dy/dx = 1/x²"),
        ] {
            assert_eq!(unicode(source).as_deref(), Some(shown), "{source}");
        }
    }

    #[test]
    fn what_has_no_form_is_left_as_it_is() {
        for source in [
            r"\begin{pmatrix} a & b \end{pmatrix}",
            r"\nosuch{x}",
            r"\frac{a}",
            "{a",
            "a}",
            "x^",
            r"\",
            "",
            r"\overline{abc}",
            r"\text{a \textbf{b}",
        ] {
            assert_eq!(unicode(source), None, "{source}");
        }
        assert_eq!(unicode(&"{".repeat(10_000)), None);
        assert_eq!(unicode(&"^{".repeat(10_000)), None);
    }

    proptest! {
        #[test]
        fn no_formula_panics(source in r"[a-z0-9 {}^_\\&'\[\].]{0,60}") {
            let _ = unicode(&source);
        }

        #[test]
        fn no_command_panics(words in proptest::collection::vec(prop_oneof![
            Just("\\frac"), Just("{"), Just("}"), Just("a"), Just("\\sqrt["), Just("]"),
            Just("^"), Just("\\text{"), Just("\\left."), Just("日"), Just("\\begin{align}"),
        ], 0..30)) {
            let _ = unicode(&words.concat());
        }
    }
}
