//! Colours for code: the grammars of syntect, mapped to a few styles of the user's own terminal.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use syntect::parsing::{ClearAmount, ParseState, Scope, ScopeStackOp, SyntaxReference, SyntaxSet};

use crate::present::code_blocks::language_of;
use crate::ui::style::{Span, Style, append};

/// Longest line that is looked at, in bytes.
pub(super) const LONGEST_LINE: usize = 2048;

/// A line that takes longer, whatever the reason, is the last one of its block that is highlighted.
const SLOWEST_LINE: Duration = Duration::from_millis(500);

/// Deepest stack of scopes that is followed.
const DEEPEST: usize = 1000;

/// Read when the first block of a known language opens, in a millisecond or two.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Scopes and their styles, the first that fits. What is not listed has the style around it.
const STYLES: &[(&str, Style)] = &[
    ("comment", Style::Dim),
    ("meta.interpolation", Style::Plain),
    ("meta.template.expression", Style::Plain),
    ("string", Style::Quoted),
    ("markup.inserted", Style::Quoted),
    ("markup.deleted", Style::Removed),
    ("markup.heading", Style::Function),
    ("markup.raw", Style::Quoted),
    ("meta.diff.range", Style::Keyword),
    ("constant.numeric", Style::Constant),
    ("constant.language", Style::Constant),
    ("constant.other.color", Style::Constant),
    ("keyword.operator.logical.python", Style::Keyword),
    ("keyword.operator.word", Style::Keyword),
    ("keyword.operator", Style::Plain),
    ("keyword", Style::Keyword),
    ("storage", Style::Keyword),
    ("variable.language", Style::Keyword),
    ("variable.function", Style::Function),
    ("support.function", Style::Function),
    ("support.macro", Style::Function),
    ("support.type", Style::Type),
    ("support.class", Style::Type),
    ("entity.name.function", Style::Function),
    ("entity.name.macro", Style::Function),
    ("entity.name.section", Style::Function),
    ("entity.name.tag", Style::Keyword),
    ("entity.name.constant", Style::Constant),
    ("entity.name", Style::Type),
    ("entity.other.attribute-name", Style::Type),
    ("entity.other.inherited-class", Style::Type),
    ("source", Style::Plain),
];

static RULES: LazyLock<Vec<(Scope, Style)>> = LazyLock::new(|| {
    STYLES
        .iter()
        .filter_map(|(scope, style)| Some((Scope::new(scope).ok()?, *style)))
        .collect()
});

/// Names that models use for languages, and their names in the syntax set.
const ALIASES: &[(&str, &str)] = &[
    ("console", "bash"),
    ("shell", "bash"),
    ("shellscript", "bash"),
    ("shell-session", "bash"),
    ("golang", "go"),
    ("csharp", "cs"),
    ("fsharp", "fs"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("jsonl", "json"),
    ("jsx", "js"),
    ("mjs", "js"),
    ("node", "js"),
    ("objective-c", "m"),
    ("objc", "m"),
    ("python3", "py"),
    ("pwsh", "ps1"),
    ("viml", "vim"),
    ("proto", "protobuf"),
    ("hcl", "tf"),
    ("postgresql", "sql"),
    ("mysql", "sql"),
    ("sqlite", "sql"),
    ("elisp", "el"),
    ("containerfile", "dockerfile"),
];

/// Highlights the lines of one block.
#[derive(Debug)]
pub(super) struct Painter {
    state: ParseState,
    /// The style of each scope that is open, the innermost last.
    open: Vec<Style>,
    /// Scopes that are out of sight for a while.
    cleared: Vec<Vec<Style>>,
}

impl Painter {
    /// For the language that the text after a fence names; `None` when it is not known.
    pub(super) fn for_info(info: &str) -> Option<Self> {
        let language = language(info);
        if language.is_empty() {
            return None;
        }
        let syntax = syntax(&language)?;
        Some(Self {
            state: ParseState::new(syntax),
            open: Vec::new(),
            cleared: Vec::new(),
        })
    }

    /// Appends a line without its end. False when the rest of the block should have no colours.
    pub(super) fn line(&mut self, line: &str, out: &mut Vec<Span>) -> bool {
        let began = Instant::now();
        let Ok(changes) = self.state.parse_line(&format!("{line}\n"), &SYNTAXES) else {
            append(out, Style::Plain, line);
            return false;
        };
        let mut from = 0;
        for (at, change) in &changes {
            let at = (*at).min(line.len());
            append(out, self.style(), &line[from..at]);
            from = at;
            self.change(change);
        }
        append(out, self.style(), &line[from..]);
        began.elapsed() < SLOWEST_LINE && self.open.len() < DEEPEST
    }

    fn style(&self) -> Style {
        self.open.last().copied().unwrap_or_default()
    }

    fn change(&mut self, change: &ScopeStackOp) {
        match change {
            ScopeStackOp::Push(scope) => self.open.push(style_of(*scope).unwrap_or(self.style())),
            ScopeStackOp::Pop(count) => self.open.truncate(self.open.len().saturating_sub(*count)),
            ScopeStackOp::Clear(amount) => {
                let count = match amount {
                    ClearAmount::TopN(count) => *count,
                    ClearAmount::All => self.open.len(),
                };
                self.cleared
                    .push(self.open.split_off(self.open.len().saturating_sub(count)));
            }
            ScopeStackOp::Restore => self.open.extend(self.cleared.pop().unwrap_or_default()),
            ScopeStackOp::Noop => {}
        }
    }
}

fn style_of(scope: Scope) -> Option<Style> {
    RULES
        .iter()
        .find(|(rule, _)| rule.is_prefix_of(scope))
        .map(|(_, style)| *style)
}

/// The language of a block in small characters: `rust` for `Rust title="main.rs"`.
pub(super) fn language(info: &str) -> String {
    language_of(info).to_ascii_lowercase()
}

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == language)
        .map_or(language, |(_, name)| *name);
    SYNTAXES
        .find_syntax_by_token(name)
        .filter(|syntax| syntax.name != "Plain Text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(info: &str, lines: &[&str]) -> Vec<Span> {
        let mut painter = Painter::for_info(info).unwrap();
        let mut out = Vec::new();
        for line in lines {
            assert!(painter.line(line, &mut out), "{line}");
            append(&mut out, Style::Plain, "\n");
        }
        out
    }

    /// The style of the first span that has the text in it.
    fn style_in(spans: &[Span], text: &str) -> Style {
        spans
            .iter()
            .find(|(_, span)| span.contains(text))
            .unwrap_or_else(|| panic!("{text} in {spans:?}"))
            .0
            .style
    }

    #[test]
    fn parts_of_a_program_have_their_styles() {
        let spans = painted(
            "rust",
            &[
                "fn main() {",
                "    let x: Vec = call(\"text\", 42); // why",
                "}",
            ],
        );
        let styles =
            ["fn", "main", "\"text\"", "42", "// why", "call"].map(|text| style_in(&spans, text));
        assert_eq!(
            styles,
            [
                Style::Keyword,
                Style::Function,
                Style::Quoted,
                Style::Constant,
                Style::Dim,
                Style::Function
            ],
            "{spans:?}"
        );
    }

    #[test]
    fn what_spans_lines_keeps_its_style() {
        let spans = painted("py", &["x = \"\"\"one", "two", "\"\"\"", "def f(): pass"]);
        assert_eq!(
            [style_in(&spans, "two"), style_in(&spans, "def")],
            [Style::Quoted, Style::Keyword],
            "{spans:?}"
        );
        let spans = painted("diff", &["-old", "+new", " same"]);
        assert_eq!(
            [
                style_in(&spans, "old"),
                style_in(&spans, "new"),
                style_in(&spans, "same")
            ],
            [Style::Removed, Style::Quoted, Style::Plain]
        );
    }

    #[test]
    fn the_info_names_the_language() {
        for info in [
            "rust",
            " Rust",
            "rust,ignore",
            "rust title=\"main.rs\"",
            "{.rust .numberLines}",
            "rs",
            "rust:src/main.rs",
        ] {
            assert_eq!(
                syntax(&language(info)).map(|syntax| syntax.name.as_str()),
                Some("Rust"),
                "{info}"
            );
        }
        for info in ["", "text", "plaintext", "nonsense", "{}", "title=\"x\""] {
            assert!(Painter::for_info(info).is_none(), "{info}");
        }
    }

    #[test]
    fn common_languages_are_known() {
        let known = "bash sh zsh console shell python py js javascript ts typescript tsx jsx json \
            jsonc yaml yml toml html css scss sql go golang java kotlin swift \
                     c cpp c++ csharp c# rust ruby php perl lua r scala haskell elixir dockerfile \
                     makefile diff xml markdown powershell ini graphql nix zig vim proto terraform \
                     hcl cmake";
        let missing: Vec<&str> = known
            .split_whitespace()
            .filter(|name| syntax(name).is_none())
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn every_scope_of_the_table_can_be_read() {
        assert_eq!(RULES.len(), STYLES.len());
    }

    #[test]
    fn the_text_stays_as_it_is() {
        for (info, line) in [
            ("rust", "let s = \"日本 {x:?}\"; // ünï 👩‍👩‍👧"),
            ("sh", "echo \"$(ls | wc -l)\" ${x:-y} 'é'"),
            ("html", "<a href='x'>&amp;</b>"),
        ] {
            let shown: String = painted(info, &[line])
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(shown, format!("{line}\n"));
        }
    }
}
