//! The options of `amx image`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::ask::images::ImageOptions;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::arguments::groups;
use crate::commands::arguments::recording::RecordingArgs;
use crate::commands::arguments::settings::{SettingArgs, amount, model};
use crate::present::duration;

const EXAMPLES: &str = "\
Examples:
  amx image \"a red panda in a spacesuit\" -m google/gemini-3.1-flash-image
  amx image \"a logo of a bear\" -o bear.png --size 16:9 --quality high
  amx image \"make it a watercolour\" -f photo.jpg -n 2
  amx image \"a cat\" --json | jq -r '.images[].path'";

/// Make images from a prompt, and save them
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ImageArgs {
    /// What the image shows; '-' reads stdin
    ///
    /// piped text is appended
    #[arg(help_heading = groups::QUESTION)]
    pub prompt: Vec<String>,

    /// Start from an image: a file, URL, '-' (stdin) or 'clipboard:' (repeatable)
    #[arg(
        short,
        long = "file",
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        help_heading = groups::QUESTION
    )]
    pub files: Vec<PathBuf>,

    /// Profile to use
    #[arg(short, long, value_name = "NAME", help_heading = groups::MODEL)]
    pub profile: Option<String>,

    /// Model ID
    ///
    /// also PROVIDER:ID or PROFILE:ID
    #[arg(short, long, value_name = "ID", value_parser = model, help_heading = groups::MODEL)]
    pub model: Option<String>,

    /// Number of images, 1 to 10
    #[arg(
        short = 'n',
        long = "number",
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10),
        help_heading = groups::ANSWER
    )]
    pub count: u32,

    /// Size of an image, such as 1024x1024, 2K or 16:9
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = groups::ANSWER)]
    pub size: Option<String>,

    /// Quality of an image, such as low, medium or high
    #[arg(long, value_name = "QUALITY", value_parser = word, help_heading = groups::ANSWER)]
    pub quality: Option<String>,

    /// Set a request field, such as provider.sort=price
    #[arg(
        long = "option",
        value_name = "KEY=VALUE",
        help_heading = groups::MODEL,
        hide_short_help = true
    )]
    pub options: Vec<String>,

    /// Do not send if the images could cost more
    #[arg(
        long,
        value_name = "USD",
        value_parser = amount,
        allow_negative_numbers = true,
        help_heading = groups::LIMITS
    )]
    pub max_cost: Option<f64>,

    /// Do not ask whether to pay the price of the images
    #[arg(short, long, help_heading = groups::LIMITS)]
    pub yes: bool,

    /// Send even if no list says that the model makes images
    #[arg(long, help_heading = groups::LIMITS, hide_short_help = true)]
    pub force: bool,

    /// Time limit for the images, such as 90s or 2m
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration::parse,
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    pub timeout: Option<Duration>,

    /// File of the first image; the others are numbered beside it
    #[arg(
        short,
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = groups::OUTPUT
    )]
    pub output: Option<PathBuf>,

    /// Replace the file of --output
    #[arg(long, requires = "output", help_heading = groups::OUTPUT)]
    pub overwrite: bool,

    /// Print one JSON object
    #[arg(long, help_heading = groups::OUTPUT)]
    pub json: bool,

    /// Omit notes, the status line and the spinner
    #[arg(short, long, help_heading = groups::OUTPUT)]
    pub quiet: bool,

    /// Print the request body and send nothing
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub dry_run: bool,

    #[command(flatten)]
    pub recording: RecordingArgs,
}

impl ImageArgs {
    /// The same as the options of a question.
    pub(super) fn ask(&self) -> AskArgs {
        AskArgs {
            files: self.files.clone(),
            settings: SettingArgs::of(self.options.clone(), self.max_cost),
            force: self.force,
            timeout: self.timeout,
            ..AskArgs::default()
        }
    }

    /// What is asked for beside the prompt.
    pub(super) fn images(&self) -> ImageOptions {
        ImageOptions {
            count: self.count,
            size: self.size.clone(),
            quality: self.quality.clone(),
        }
    }
}

/// A size: `auto`, pixels, a tier or a ratio.
fn size(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase();
    let is_number = |text: &str| {
        text.parse::<f64>().is_ok_and(|number| number > 0.0)
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let is_pair = |(one, other): (&str, &str)| is_number(one) && is_number(other);
    let is_tier = is_number(lower.strip_suffix('k').unwrap_or(&lower));
    let is_pixels = lower.split_once('x').is_some_and(is_pair);
    let is_ratio = lower.split_once(':').is_some_and(is_pair);
    if is_pixels || is_ratio || lower == "auto" {
        Ok(lower)
    } else if is_tier {
        Ok(lower.to_ascii_uppercase())
    } else {
        Err("must be a size such as 1024x1024, 2K, 16:9 or auto".to_owned())
    }
}

/// A word of the provider.
fn word(text: &str) -> Result<String, String> {
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_word {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("must be a word such as auto, low, medium or high".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_providers_read_them() {
        let rows = [
            ("1024x1536", Some("1024x1536")),
            ("2k", Some("2K")),
            ("1.5K", Some("1.5K")),
            ("512", Some("512")),
            ("16:9", Some("16:9")),
            ("2.35:1", Some("2.35:1")),
            ("AUTO", Some("auto")),
            ("big", None),
            ("0x4", None),
            ("1e3", None),
            ("inf", None),
            ("16:9:4", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(size(text).ok().as_deref(), expected, "{text}");
        }
        assert_eq!(word("High").as_deref(), Ok("high"));
        assert!(word("a b").is_err() && word("").is_err());
    }
}
