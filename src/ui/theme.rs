//! Themes: the attributes of every style on a dark and on a light terminal, and without colours.
//!
//! Colours are the sixteen that the user's terminal defines. Shades, which those sixteen do not
//! have, are used where the terminal has 256 colours and its background is certain.

use std::sync::{PoisonError, RwLock};

use super::capabilities::Capabilities;
use super::role::{Ground, Style};
use crate::config::{Environment, ThemeName};
use crate::ports::output::ThemeChange;

/// What a style is on the terminal of the user, as parameters of SGR. Cheap to copy; take a new one
/// with [`current`] for each drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    palette: Palette,
    has_shades: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Palette {
    Dark,
    Light,
    Mono,
    /// `NO_COLOR`: reverse video for the caret, and nothing else.
    Plain,
}

/// The attributes of one style: the sixteen colours, the shades of a dark and of a light terminal
/// (empty: as with sixteen), and without colours.
struct Looks(&'static str, [&'static str; 2], &'static str);

/// Both shades are the same as with sixteen colours.
const SAME: [&str; 2] = ["", ""];

const fn looks(style: Style) -> Looks {
    match style {
        Style::Plain | Style::MenuItem => Looks("", SAME, ""),
        Style::Bold | Style::TableHead | Style::Question => Looks("1", SAME, "1"),
        Style::Italic => Looks("3", SAME, "3"),
        Style::BoldItalic => Looks("1;3", SAME, "1;3"),
        Style::Struck => Looks("9", SAME, "9"),
        Style::Dim | Style::Status | Style::MenuDim | Style::Label => Looks("2", SAME, "2"),
        Style::Title => Looks("1;4;35", SAME, "1;4"),
        Style::Heading => Looks("1;35", SAME, "1"),
        Style::Subheading => Looks("35", SAME, "1;3"),
        Style::Code | Style::Type => Looks("36", ["", "38;5;30"], "1"),
        Style::Hint | Style::QuestionMark | Style::Activity => Looks("36", ["", "38;5;30"], "1"),
        Style::Link => Looks("4", SAME, "4"),
        Style::Error => Looks("1;31", SAME, "1"),
        Style::Warning => Looks("33", ["", "38;5;130"], "1"),
        Style::Constant => Looks("33", ["", "38;5;130"], ""),
        Style::Keyword => Looks("35", SAME, "1"),
        Style::Quoted | Style::Ok => Looks("32", ["", "38;5;28"], ""),
        Style::Function => Looks("34", SAME, ""),
        Style::Removed => Looks("31", SAME, ""),
        Style::Fail => Looks("31", SAME, "1"),
        Style::Number => Looks("36", ["", "38;5;30"], ""),
        Style::Chip => Looks("36", ["48;5;238", "48;5;252"], "7"),
        Style::MenuSelected => Looks("7", ["1;48;5;238", "1;48;5;252"], "7"),
        Style::Caret => Looks("7", SAME, "7"),
    }
}

impl Theme {
    /// A theme with the sixteen colours, for any background.
    #[cfg(test)]
    pub(super) const BASE: Self = Self {
        palette: Palette::Dark,
        has_shades: false,
    };

    /// The theme of a dark terminal with 256 colours.
    #[cfg(test)]
    pub(super) const DARK: Self = Self {
        palette: Palette::Dark,
        has_shades: true,
    };

    /// The parameters of SGR that set this style on top of the plain one; empty for none.
    pub(super) fn attributes(self, style: Style) -> &'static str {
        let Looks(base, [dark, light], mono) = looks(style);
        let shade = match self.palette {
            Palette::Dark => dark,
            Palette::Light => light,
            Palette::Mono => return mono,
            Palette::Plain => {
                return if matches!(style, Style::Caret) {
                    "7"
                } else {
                    ""
                };
            }
        };
        if self.has_shades && !shade.is_empty() {
            shade
        } else {
            base
        }
    }

    /// The parameters of SGR for a background; empty where there is no such shade.
    pub(super) fn background(self, ground: Ground) -> &'static str {
        let [dark, light] = match ground {
            Ground::None => return "",
            Ground::Question => ["48;5;237", "48;5;254"],
            Ground::Code => ["48;5;235", "48;5;255"],
        };
        match self.palette {
            Palette::Dark if self.has_shades => dark,
            Palette::Light if self.has_shades => light,
            _ => "",
        }
    }

    /// Whether a bar stands where there is no shade. Without any styling there is neither.
    pub(super) fn has_bars(self) -> bool {
        self.palette != Palette::Plain && self.background(Ground::Question).is_empty()
    }

    /// Our own text in a style, and the plain style after it. The text must be inert.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        match self.attributes(style) {
            "" => text.to_owned(),
            _ if text.is_empty() => String::new(),
            attributes => format!("\x1b[{attributes}m{text}\x1b[m"),
        }
    }
}

/// What decides the theme of this process.
#[derive(Debug, Clone, Copy)]
struct Chosen {
    configured: ThemeName,
    /// By `/theme`, for this run.
    typed: Option<ThemeName>,
    terminal: Capabilities,
}

impl Chosen {
    fn name(self) -> ThemeName {
        self.typed.unwrap_or(self.configured)
    }

    fn theme(self) -> Theme {
        let palette = match (self.name(), self.terminal.is_light) {
            _ if self.terminal.is_plain => Palette::Plain,
            (ThemeName::Mono, _) => Palette::Mono,
            (ThemeName::Light, _) | (ThemeName::Auto, Some(true)) => Palette::Light,
            (ThemeName::Dark | ThemeName::Auto, _) => Palette::Dark,
        };
        let is_certain = self.name() != ThemeName::Auto || self.terminal.is_light.is_some();
        Theme {
            palette,
            has_shades: is_certain && self.terminal.has_256_colours,
        }
    }
}

/// One terminal, one theme: every writer and every drawing thread of the process sees it here.
static CHOSEN: RwLock<Chosen> = RwLock::new(Chosen {
    configured: ThemeName::Auto,
    typed: None,
    terminal: Capabilities::UNKNOWN,
});

fn chosen() -> Chosen {
    *CHOSEN.read().unwrap_or_else(PoisonError::into_inner)
}

fn decide(decide: impl FnOnce(&mut Chosen)) {
    decide(&mut CHOSEN.write().unwrap_or_else(PoisonError::into_inner));
}

/// The theme in use.
pub(super) fn current() -> Theme {
    chosen().theme()
}

/// The capabilities of the terminal.
pub(super) fn terminal() -> Capabilities {
    chosen().terminal
}

/// Reads the capabilities of the terminal from the environment.
pub(super) fn detect(environment: &Environment) {
    decide(|chosen| chosen.terminal = Capabilities::of(environment));
}

/// Another theme.
pub(super) fn change(change: ThemeChange) {
    decide(|chosen| match change {
        ThemeChange::None => {}
        ThemeChange::Configured(theme) => chosen.configured = theme,
        ThemeChange::Typed(theme) => chosen.typed = Some(theme),
    });
}

/// Whether the background of the terminal is light, as the terminal reports it.
pub(super) fn set_background(is_light: bool) {
    decide(|chosen| chosen.terminal.is_light = Some(is_light));
}

/// The theme in a few words: its name, and what it means here.
pub(super) fn words() -> String {
    let chosen = chosen();
    match (chosen.name(), chosen.terminal.is_light) {
        _ if chosen.terminal.is_plain => format!("{} (NO_COLOR: no colours)", chosen.name()),
        (ThemeName::Auto, Some(true)) => "auto (light background)".to_owned(),
        (ThemeName::Auto, Some(false)) => "auto (dark background)".to_owned(),
        (ThemeName::Auto, None) => "auto (unknown background: no shades)".to_owned(),
        (name, _) => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(name: ThemeName, is_light: Option<bool>, has_256_colours: bool) -> Theme {
        let terminal = Capabilities {
            has_256_colours,
            is_light,
            ..Capabilities::UNKNOWN
        };
        let chosen = Chosen {
            configured: name,
            typed: None,
            terminal,
        };
        chosen.theme()
    }

    #[test]
    fn shades_need_256_colours_and_a_known_background() {
        for (name, is_light, has_256, background) in [
            (ThemeName::Auto, None, true, ""),
            (ThemeName::Auto, Some(false), true, "48;5;235"),
            (ThemeName::Auto, Some(true), true, "48;5;255"),
            (ThemeName::Auto, Some(true), false, ""),
            (ThemeName::Light, None, true, "48;5;255"),
            (ThemeName::Dark, Some(true), true, "48;5;235"),
            (ThemeName::Mono, Some(true), true, ""),
        ] {
            let theme = theme(name, is_light, has_256);
            assert_eq!(
                theme.background(Ground::Code),
                background,
                "{name} {is_light:?}"
            );
        }
    }

    #[test]
    fn light_terminals_have_darker_colours_and_mono_has_none() {
        let warning = |name| theme(name, None, true).attributes(Style::Warning);
        assert_eq!(warning(ThemeName::Dark), "33");
        assert_eq!(warning(ThemeName::Light), "38;5;130");
        assert_eq!(warning(ThemeName::Mono), "1");
        for style in [Style::Title, Style::Keyword, Style::Removed, Style::Chip] {
            let attributes = theme(ThemeName::Mono, None, true).attributes(style);
            assert!(
                !attributes.contains('3') || attributes == "1;3",
                "{attributes}"
            );
        }
    }

    #[test]
    fn without_colour_only_the_caret_has_a_style() {
        let plain = Theme {
            palette: Palette::Plain,
            has_shades: true,
        };
        assert_eq!(plain.attributes(Style::Caret), "7");
        assert_eq!(plain.paint(Style::Title, "a"), "a");
        assert_eq!(plain.background(Ground::Question), "");
        assert_eq!(Theme::BASE.paint(Style::Bold, "a"), "\x1b[1ma\x1b[m");
    }

    #[test]
    fn a_typed_theme_takes_the_place_of_the_configured_one() {
        let chosen = Chosen {
            configured: ThemeName::Light,
            typed: Some(ThemeName::Mono),
            terminal: Capabilities::UNKNOWN,
        };
        assert_eq!(chosen.theme().palette, Palette::Mono);
    }
}
