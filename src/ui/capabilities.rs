//! What the terminal can show, as far as the environment says it: colours, background, links.

use crate::config::{Environment, env};
use crate::platform::system::System;

/// How links are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LinkForm {
    /// The text, and the whole target after it.
    #[default]
    Written,
    /// The text as a link of the terminal (OSC 8), and its host after it.
    Linked,
}

/// How Markdown is shown on a terminal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MarkdownForm {
    pub links: LinkForm,
    /// Our own marks are ASCII: the locale is not UTF-8.
    pub is_ascii: bool,
    /// Without styles: what they would show has marks where its sense depends on them.
    pub is_plain: bool,
}

impl MarkdownForm {
    /// Whether the terminal shows this in the place of an ASCII source.
    pub(super) fn shows(self, text: &str) -> bool {
        !self.is_ascii || text.is_ascii()
    }
}

impl From<LinkForm> for MarkdownForm {
    fn from(links: LinkForm) -> Self {
        Self {
            links,
            ..Self::default()
        }
    }
}

/// The capabilities of the terminal that amx is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// No styling at all: `NO_COLOR`, or a terminal without escape sequences.
    pub is_plain: bool,
    pub has_256_colours: bool,
    /// `None` when the background is unknown.
    pub is_light: Option<bool>,
    /// A terminal without links would show their text without its target.
    pub links: LinkForm,
    /// It shows more than ASCII, by its locale.
    pub is_unicode: bool,
}

/// Variables that terminals with links set for their children, also inside of tmux.
const LINK_VARIABLES: &[&str] = &[
    "WT_SESSION",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "WEZTERM_PANE",
    "ALACRITTY_WINDOW_ID",
    "GHOSTTY_RESOURCES_DIR",
    "ITERM_SESSION_ID",
    "DOMTERM",
];

/// Values of `TERM_PROGRAM` of terminals with links.
const LINK_PROGRAMS: &[&str] = &[
    "iTerm.app",
    "WezTerm",
    "vscode",
    "ghostty",
    "Hyper",
    "mintty",
    "rio",
    "zed",
    "Tabby",
];

/// Beginnings of `TERM` of terminals with links. These survive ssh.
const LINK_TERMS: &[&str] = &[
    "xterm-kitty",
    "xterm-ghostty",
    "alacritty",
    "foot",
    "wezterm",
    "contour",
];

/// First version of VTE whose links are safe, as `VTE_VERSION` writes it.
const VTE_WITH_LINKS: u32 = 5000;

/// First version of tmux that passes links on: major and minor.
const TMUX_WITH_LINKS: (u32, u32) = (3, 4);

impl Capabilities {
    /// Those of a terminal of which nothing is known.
    pub(super) const UNKNOWN: Self = Self {
        is_plain: false,
        has_256_colours: false,
        is_light: None,
        links: LinkForm::Written,
        is_unicode: true,
    };

    pub(super) fn of(environment: &Environment) -> Self {
        let value = |name: &str| environment.named(name).ok().flatten().unwrap_or_default();
        Self {
            is_plain: environment.is_set(&env::NO_COLOR)
                || System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten()),
            has_256_colours: has_256_colours(&value),
            is_light: is_light(value("COLORFGBG")),
            links: if has_links(&value) {
                LinkForm::Linked
            } else {
                LinkForm::Written
            },
            is_unicode: is_unicode(environment),
        }
    }

    /// How Markdown is shown, on a stream with styles or without.
    pub(super) fn markdown(self, is_styled: bool) -> MarkdownForm {
        MarkdownForm {
            links: self.links,
            is_ascii: !self.is_unicode,
            is_plain: !is_styled,
        }
    }
}

/// Whether the locale is UTF-8: the first of the three variables that has a value decides, as in
/// `setlocale`. A console of Windows takes Unicode, whatever the locale.
pub(super) fn is_unicode(environment: &Environment) -> bool {
    let named = |name: &&str| environment.named(name).ok().flatten();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(named)
        .find(|value| !value.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase();
    System::CURRENT.is_windows() || locale.contains("utf-8") || locale.contains("utf8")
}

type Value<'a> = &'a dyn Fn(&str) -> &'a str;

fn has_256_colours(value: Value<'_>) -> bool {
    let term = value(env::TERM.name);
    matches!(value("COLORTERM"), "truecolor" | "24bit")
        || term.contains("256color")
        || term.ends_with("-direct")
        || LINK_TERMS.iter().any(|known| term.starts_with(known))
        || !value("WT_SESSION").is_empty()
}

/// By the convention of rxvt and vim: the last field of `15;0` is the colour of the background.
fn is_light(variable: &str) -> Option<bool> {
    let background: u8 = variable.rsplit_once(';')?.1.parse().ok()?;
    Some(!matches!(background, 0..=6 | 8))
}

fn has_links(value: Value<'_>) -> bool {
    let (term, program) = (value(env::TERM.name), value("TERM_PROGRAM"));
    if term.starts_with("screen") && program != "tmux" {
        return false;
    }
    if program == "tmux" && !is_at_least(value("TERM_PROGRAM_VERSION"), TMUX_WITH_LINKS) {
        return false;
    }
    LINK_TERMS.iter().any(|known| term.starts_with(known))
        || LINK_PROGRAMS.contains(&program)
        || LINK_VARIABLES.iter().any(|name| !value(name).is_empty())
        || value("VTE_VERSION")
            .parse()
            .is_ok_and(|version: u32| version >= VTE_WITH_LINKS)
}

/// Whether a version such as `3.4a` or `next-3.6` is at least that one.
fn is_at_least(version: &str, least: (u32, u32)) -> bool {
    let mut numbers = version
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Capabilities {
        Capabilities::of(&Environment::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn links_need_a_terminal_that_shows_them() {
        for (pairs, has_links) in [
            (&[("TERM", "xterm-256color")][..], false),
            (&[("TERM", "xterm-kitty")], true),
            (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], true),
            (
                &[("TERM", "xterm-256color"), ("VTE_VERSION", "4602")],
                false,
            ),
            (
                &[("TERM", "xterm"), ("TERM_PROGRAM", "Apple_Terminal")],
                false,
            ),
            (&[("TERM", "xterm"), ("TERM_PROGRAM", "iTerm.app")], true),
            (&[("TERM", "xterm"), ("WT_SESSION", "x")], true),
            (&[("TERM", "screen.xterm"), ("VTE_VERSION", "7600")], false),
        ] {
            assert_eq!(of(pairs).links == LinkForm::Linked, has_links, "{pairs:?}");
        }
    }

    #[test]
    fn tmux_passes_links_on_from_version_3_4() {
        for (version, has_links) in [
            ("3.3a", false),
            ("3.4", true),
            ("next-3.6", true),
            ("", false),
        ] {
            let capabilities = of(&[
                ("TERM", "tmux-256color"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", version),
                ("VTE_VERSION", "7600"),
            ]);
            let is_linked = capabilities.links == LinkForm::Linked;
            assert_eq!(is_linked, has_links, "{version}");
        }
        // Nothing says what tmux itself runs in.
        let capabilities = of(&[
            ("TERM", "tmux-256color"),
            ("TERM_PROGRAM", "tmux"),
            ("TERM_PROGRAM_VERSION", "3.5"),
        ]);
        assert_eq!(capabilities.links, LinkForm::Written);
        assert!(capabilities.has_256_colours);
    }

    #[test]
    fn the_background_is_the_last_field() {
        for (variable, expected) in [
            ("15;0", Some(false)),
            ("0;15", Some(true)),
            ("0;default;7", Some(true)),
            ("15;8", Some(false)),
            ("0;default", None),
            ("", None),
        ] {
            assert_eq!(is_light(variable), expected, "{variable}");
        }
    }

    #[test]
    fn the_locale_says_what_can_be_shown() {
        for (pairs, expected) in [
            (&[("LANG", "de_DE.UTF-8")][..], true),
            (&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false),
            (&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")], true),
            (&[("LC_CTYPE", "C.utf8"), ("LANG", "C")], true),
            (&[("LANG", "de_DE.ISO-8859-1")], false),
            (&[], false),
        ] {
            let is_unicode = of(pairs).is_unicode;
            assert_eq!(
                is_unicode,
                expected || System::CURRENT.is_windows(),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn no_color_turns_everything_off() {
        assert!(of(&[("TERM", "xterm"), ("NO_COLOR", "1")]).is_plain);
        assert!(!of(&[("TERM", "xterm")]).has_256_colours);
        assert!(of(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).has_256_colours);
    }
}
