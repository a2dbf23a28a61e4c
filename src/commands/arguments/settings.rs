//! The options of a question that decide a setting, as config.yml and the environment do.

use clap::Args;

use super::attachments::AttachmentArgs;
use super::option_flags::OptionFlags;
use super::schema::SchemaArgs;
use crate::ask::body_options;
use crate::chat::reasoning::Effort;
use crate::config::{Overrides, model_spec};
use crate::ports::error::CommandError;

/// The settings of one question.
#[derive(Debug, Default, Args)]
pub struct SettingArgs {
    /// Instructions for the model
    #[arg(short, long, value_name = "TEXT")]
    pub system: Option<String>,

    /// Randomness, 0 to 2
    #[arg(short, long, value_name = "NUMBER", value_parser = temperature, allow_negative_numbers = true)]
    pub temperature: Option<f64>,

    /// Nucleus sampling, 0 to 1
    #[arg(long, value_name = "NUMBER", value_parser = probability, allow_negative_numbers = true)]
    pub top_p: Option<f64>,

    /// Most tokens to produce, thinking included
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_tokens: Option<u32>,

    /// How much to think: none, minimal, low, medium, high, xhigh, max
    #[arg(long, value_name = "EFFORT")]
    pub reasoning_effort: Option<Effort>,

    /// Show all of the model's thinking, on stderr
    #[arg(long, overrides_with = "hide_reasoning")]
    pub show_reasoning: bool,

    /// Show nothing of the model's thinking
    #[arg(long)]
    pub hide_reasoning: bool,

    #[command(flatten)]
    pub attachments: AttachmentArgs,

    /// Set any field of the request body by its own name, dotted: provider.sort=price. Repeatable
    #[arg(short = 'o', long = "option", value_name = "KEY=VALUE")]
    pub options: Vec<String>,

    #[command(flatten)]
    pub request: OptionFlags,

    #[command(flatten)]
    pub schema: SchemaArgs,

    /// Refuse before sending when the answer could cost more, in USD
    #[arg(long, value_name = "USD", value_parser = amount, allow_negative_numbers = true)]
    pub max_cost: Option<f64>,
}

/// Reads what names a model.
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
        Err(format!("it must lie between {least} and {most}"))
    }
}

impl SettingArgs {
    /// What these flags decide, for a profile and a model that flags decide as well.
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
