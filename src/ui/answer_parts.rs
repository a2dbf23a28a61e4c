//! What an answer has beside its text: images and audio that were saved, and the sources it cites.

use super::inline_image::{self, ImageProtocol};
use super::printer::Printer;
use super::style::Style;
use super::{footer, terminal};
use crate::chat::citation::Citation;
use crate::chat::media::MediaKind;
use crate::ports::answer_report::AnswerReport;
use crate::ports::output::{Output, OutputError};
use crate::ports::saved_media::{MediaPlace, SavedMedia};
use crate::present::text::shortened;
use crate::wire::files;

/// Columns before the URL of a source, and beside its title.
const INDENT: &str = "    ";

/// Rows that stay free below an image: for the footer, or for the prompt.
const FOOTER: usize = 9;
const PROMPT: usize = 2;

impl Printer {
    /// Width of the status line; `None` where none is printed. Where the answer goes to a file,
    /// stderr is the only place to see it end.
    pub(super) fn status_width(&self) -> Option<usize> {
        let is_seen = self.stdout.is_terminal || self.stdout.is_file;
        let is_shown = self.stderr.is_terminal && is_seen && !self.is_quiet;
        (is_shown || self.shows_usage).then(|| self.stderr_width())
    }

    /// Shows them below an answer. Paths go to stderr, because stdout is the answer; sources go
    /// where the answer is read.
    pub(super) fn show_parts(&mut self, report: &AnswerReport<'_>) -> Result<(), OutputError> {
        for saved in report.media {
            if let Some(shown) = self.images.and_then(|images| self.inline(images, saved)) {
                self.stdout.end_line();
                self.stdout.sequence(&shown);
                self.stdout.flush()?;
            }
            if let Some(words) = saved.words() {
                self.say(&format!("{}: {words}", saved.kind.noun()));
            }
        }
        let sources = sources(&report.answer.citations, terminal::width());
        if self.stdout.is_terminal {
            for line in &sources {
                let style = if line.starts_with(INDENT) {
                    Style::Link
                } else {
                    Style::Plain
                };
                self.stdout.line(line, style)?;
            }
        } else if !self.is_quiet {
            sources.iter().for_each(|line| self.say(line));
        }
        Ok(())
    }

    /// The same for one of several answers, in short.
    pub(super) fn show_parts_of(&mut self, number: usize, report: &AnswerReport<'_>) {
        for saved in report.media {
            if let Some(words) = saved.words() {
                self.say(&format!("{number}: {}: {words}", saved.kind.noun()));
            }
        }
        for citation in &report.answer.citations {
            self.say(&format!("{number}: source: {}", flat(&citation.url)));
        }
    }

    /// What shows an image on this terminal: all of it above a footer.
    fn inline(&self, images: ImageProtocol, saved: &SavedMedia) -> Option<String> {
        let MediaPlace::File(path) = &saved.place else {
            return None;
        };
        let is_shown = saved.kind == MediaKind::Image && self.stdout.is_styled;
        let bytes = is_shown.then(|| files::read_bounded(path, inline_image::LARGEST).ok())??;
        let taken = if footer::is_on() { FOOTER } else { PROMPT };
        let room = (terminal::width(), terminal::height().saturating_sub(taken));
        inline_image::sequence(images, &bytes, room)
    }
}

/// A numbered list with the title and the URL of each source; empty without any.
fn sources(citations: &[Citation], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if !citations.is_empty() {
        lines.extend([String::new(), "Sources:".to_owned()]);
    }
    for (index, citation) in citations.iter().enumerate() {
        let (number, url) = (format!("[{}]", index + 1), flat(&citation.url));
        match &citation.title {
            Some(title) => {
                let room = width.saturating_sub(number.len() + 2).max(20);
                lines.push(format!(
                    "{number} {}",
                    shortened(&title.replace('\n', " "), room)
                ));
                lines.push(format!("{INDENT}{url}"));
            }
            None => lines.push(format!("{number} {url}")),
        }
    }
    lines
}

/// A URL in one line, whole: a part of it cannot be opened.
fn flat(url: &str) -> String {
    let parts: Vec<&str> = url.split_whitespace().collect();
    shortened(&parts.join("%20"), usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_numbered_and_stay_on_their_lines() {
        let citation = |url: &str, title: Option<&str>| Citation {
            url: url.to_owned(),
            title: title.map(str::to_owned),
            start: None,
            end: None,
        };
        let long = "https://a.example/".to_owned() + &"x".repeat(200);
        let citations = [
            citation(&long, Some("A title\nof two lines")),
            citation("https://b.example/a\nb", None),
        ];
        let expected = [
            "",
            "Sources:",
            "[1] A title of two lines",
            &format!("    {long}"),
            "[2] https://b.example/a%20b",
        ];
        assert_eq!(sources(&citations, 40), expected);
        assert!(sources(&[], 80).is_empty());
    }
}
