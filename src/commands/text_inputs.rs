//! The texts of `embed` and `rerank`: arguments, files, and lines of files and stdin.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use serde_json::Value;

use super::arguments::groups;
use crate::ask::texts::PlacedText;
use crate::attachments::stdin;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::read_bounded;
use crate::ports::input::StdinKind;

/// Stands for stdin.
const STDIN: &str = "-";

/// Largest file, in bytes.
const LARGEST: u64 = 256 << 20;

/// Members of an object that an error names.
const NAMED: usize = 8;

/// Where texts are from, beside the arguments.
#[derive(Debug, Default, Args)]
pub(crate) struct TextInputArgs {
    /// Read a file as one text (repeatable)
    #[arg(
        short,
        long = "file",
        value_name = "FILE",
        help_heading = groups::QUESTION,
        value_hint = ValueHint::FilePath
    )]
    pub files: Vec<PathBuf>,

    /// Read each line of a file as a text (repeatable)
    #[arg(
        long,
        value_name = "FILE",
        help_heading = groups::QUESTION,
        value_hint = ValueHint::FilePath
    )]
    pub lines: Vec<PathBuf>,

    /// Lines are JSON objects; read this field of them
    #[arg(long, value_name = "NAME", help_heading = groups::QUESTION)]
    pub field: Option<String>,

    /// Omit empty texts, which are an error otherwise
    #[arg(long, help_heading = groups::QUESTION, hide_short_help = true)]
    pub skip_empty: bool,

    /// How long to wait for data on stdin
    #[arg(
        long,
        value_name = "TIME",
        value_parser = crate::present::duration::parse,
        default_value = "30s",
        help_heading = groups::QUESTION,
        hide_short_help = true
    )]
    pub stdin_timeout: Option<Duration>,
}

/// What a verb calls its texts, and how they are given.
pub(crate) struct TextWords {
    /// `text`, `document`.
    pub noun: &'static str,
    /// Hints for a command without texts.
    pub usage: &'static [&'static str],
}

impl TextInputArgs {
    /// Every text, in the order of the command line: arguments, files, lines of files; without any
    /// of them the lines of stdin.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a text that is empty or not UTF-8, [`ErrorKind::Usage`] without any
    /// text.
    pub(crate) fn texts(
        &self,
        arguments: &[String],
        words: &TextWords,
        context: &mut Context<'_>,
    ) -> Result<Vec<PlacedText>, CommandError> {
        let mut texts = Vec::new();
        let has_inputs = !arguments.is_empty() || !self.files.is_empty() || !self.lines.is_empty();
        for (index, text) in arguments.iter().enumerate() {
            if text == STDIN {
                self.stdin(context, &mut texts)?;
            } else {
                texts.push(PlacedText {
                    text: text.as_str().into(),
                    place: format!("{} {}", words.noun, index + 1),
                });
            }
        }
        for path in &self.files {
            let place = path.display().to_string();
            let text = utf8(read_bounded(path, LARGEST, "cannot be read")?, &place)?.into();
            texts.push(PlacedText { text, place });
        }
        for path in &self.lines {
            if path == Path::new(STDIN) {
                self.stdin(context, &mut texts)?;
                continue;
            }
            let place = path.display().to_string();
            let text = utf8(read_bounded(path, LARGEST, "cannot be read")?, &place)?;
            self.add_lines(&text, &place, &mut texts)?;
        }
        if !has_inputs && context.input.stdin_kind() == StdinKind::Piped {
            self.stdin(context, &mut texts)?;
        }
        self.check(texts, words)
    }

    /// The texts without empty ones.
    fn check(
        &self,
        mut texts: Vec<PlacedText>,
        words: &TextWords,
    ) -> Result<Vec<PlacedText>, CommandError> {
        let noun = words.noun;
        if texts.is_empty() {
            let error = CommandError::usage(format!("no {noun} given"));
            return Err(error.hints(words.usage.iter().copied()));
        }
        let is_empty = |text: &PlacedText| text.text.trim().is_empty();
        if let Some(empty) = texts.iter().find(|text| is_empty(text))
            && !self.skip_empty
        {
            let message = format!("{} is empty", empty.place);
            return Err(CommandError::new(ErrorKind::Input, message)
                .hint("--skip-empty   (omits empty texts)"));
        }
        texts.retain(|text| !is_empty(text));
        if texts.is_empty() {
            let message = format!("every {noun} is empty");
            return Err(CommandError::new(ErrorKind::Input, message));
        }
        Ok(texts)
    }

    fn stdin(
        &self,
        context: &mut Context<'_>,
        texts: &mut Vec<PlacedText>,
    ) -> Result<(), CommandError> {
        let patience = self.stdin_timeout.unwrap_or(stdin::PATIENCE);
        let text = utf8(stdin::bytes(patience, context)?, "stdin")?;
        self.add_lines(&text, "stdin", texts)
    }

    fn add_lines(
        &self,
        text: &str,
        source: &str,
        texts: &mut Vec<PlacedText>,
    ) -> Result<(), CommandError> {
        for (index, line) in text.lines().enumerate() {
            let place = format!("line {} of {source}", index + 1);
            let text = match &self.field {
                None => line.to_owned(),
                Some(_) if line.trim().is_empty() => String::new(),
                Some(field) => member(line, field, &place)?,
            };
            texts.push(PlacedText {
                text: text.into(),
                place,
            });
        }
        Ok(())
    }
}

/// The text of a member of a JSON object.
fn member(line: &str, field: &str, place: &str) -> Result<String, CommandError> {
    let fault = |what: String| CommandError::new(ErrorKind::Input, format!("{place} {what}"));
    let value: Value = serde_json::from_str(line)
        .map_err(|error| fault("is not JSON".to_owned()).caused_by(error))?;
    let object = value
        .as_object()
        .ok_or_else(|| fault("is not a JSON object".to_owned()))?;
    match object.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(fault(format!(
            "has no text in field '{}'",
            field.escape_debug()
        ))),
        None => {
            let fields: Vec<&str> = object.keys().take(NAMED).map(String::as_str).collect();
            let error = fault(format!("has no field '{}'", field.escape_debug()));
            Err(error.hint(format!("its fields: {}", fields.join(", ").escape_debug())))
        }
    }
}

fn utf8(bytes: Vec<u8>, place: &str) -> Result<String, CommandError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{place} is not UTF-8 text (byte {at})");
        CommandError::new(ErrorKind::Input, message)
            .hint("iconv -f LATIN1 -t UTF-8 FILE   (converts text of another encoding)")
    })
}
