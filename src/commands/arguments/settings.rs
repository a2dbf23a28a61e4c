//! The options of a question that override a setting of config.yml or the environment.

use clap::Args;

use super::attachments::AttachmentArgs;
use super::groups;
use super::option_flags::OptionFlags;
use super::schema::SchemaArgs;
use crate::ask::body_options;
use crate::chat::reasoning::Effort;
use crate::config::{Overrides, model_spec};
use crate::ports::error::CommandError;

/// The settings of one question.
#[derive(Debug, Default, Args)]
pub struct SettingArgs {
    /// System prompt
    #[arg(short, long, value_name = "TEXT", help_heading = groups::QUESTION)]
    pub system: Option<String>,

    /// Sampling temperature, 0 to 2
    #[arg(
        short,
        long,
        value_name = "NUMBER",
        value_parser = temperature,
        allow_negative_numbers = true,
        help_heading = groups::MODEL
    )]
    pub temperature: Option<f64>,

    /// Nucleus sampling, 0 to 1
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = probability,
        allow_negative_numbers = true,
        help_heading = groups::SAMPLING,
        hide_short_help = true
    )]
    pub top_p: Option<f64>,

    /// [none, minimal, low, medium, high, xhigh, max]
    #[arg(long, value_name = "EFFORT", help_heading = groups::MODEL)]
    pub reasoning_effort: Option<Effort>,

    /// Set a request field, such as provider.sort=price
    ///
    /// by its dotted name, also where no flag exists (repeatable)
    #[arg(
        short = 'o',
        long = "option",
        value_name = "KEY=VALUE",
        help_heading = groups::MODEL
    )]
    pub options: Vec<String>,

    #[command(flatten)]
    pub schema: SchemaArgs,

    /// Maximum output tokens, reasoning included
    #[arg(
        long,
        value_name = "TOKENS",
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = groups::LIMITS
    )]
    pub max_tokens: Option<u32>,

    /// Do not send if the answer could cost more
    #[arg(
        long,
        value_name = "USD",
        value_parser = amount,
        allow_negative_numbers = true,
        help_heading = groups::LIMITS
    )]
    pub max_cost: Option<f64>,

    /// Print the model's reasoning to stderr
    #[arg(long, overrides_with = "hide_reasoning", help_heading = groups::OUTPUT)]
    pub show_reasoning: bool,

    /// Print no reasoning
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub hide_reasoning: bool,

    #[command(flatten)]
    pub attachments: AttachmentArgs,

    #[command(flatten)]
    pub request: OptionFlags,
}

/// Checks a value of `--model`.
pub fn model(text: &str) -> Result<String, String> {
    model_spec::check(text).map(|()| text.to_owned())
}

fn temperature(text: &str) -> Result<f64, String> {
    number_in(text, 0.0, 2.0)
}

fn probability(text: &str) -> Result<f64, String> {
    number_in(text, 0.0, 1.0)
}

fn amount(text: &str) -> Result<f64, String> {
    number_in(text, 0.0, 1e9)
}

fn number_in(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("it must be between {least} and {most}"))
    }
}

impl SettingArgs {
    /// The overrides of these flags, with the profile and the model of other flags.
    pub fn overrides(
        &self,
        profile: Option<String>,
        model: Option<String>,
    ) -> Result<Overrides, CommandError> {
        let show_reasoning = match (self.show_reasoning, self.hide_reasoning) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let overrides = Overrides {
            profile,
            model,
            system: self.system.clone(),
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            effort: self.reasoning_effort,
            show_reasoning,
            max_cost: self.max_cost,
            schema: self.schema.choice(),
            ..Overrides::default()
        };
        self.attachments.apply(body_options::apply(
            &self.options,
            self.request.given(),
            overrides,
        )?)
    }
}
