//! The options of a question that override a setting of config.yml or the environment.

use clap::Args;
use serde_json::Value;

use super::attachments::AttachmentArgs;
use super::groups;
use super::option_flags::{self, OptionFlags};
use super::schema::SchemaArgs;
use super::services::ServiceArgs;
use crate::ask::body_options;
use crate::config::options::table;
use crate::config::{GenerationSettings, Overrides, generation, model_spec};
use crate::ports::error::CommandError;

/// The settings of one request.
#[derive(Debug, Default, Args)]
pub(crate) struct SettingArgs {
    /// System prompt
    #[arg(short, long, value_name = "TEXT", help_heading = groups::QUESTION)]
    pub system: Option<String>,

    #[arg(
        short,
        long,
        value_name = "NUMBER",
        help = help("temperature"),
        value_parser = |text: &str| generation::read("temperature", text),
        allow_negative_numbers = true,
        help_heading = groups::MODEL
    )]
    temperature: Option<Value>,

    #[arg(
        long,
        value_name = "NUMBER",
        help = help("top_p"),
        value_parser = |text: &str| generation::read("top_p", text),
        allow_negative_numbers = true,
        help_heading = groups::SAMPLING,
        hide_short_help = true
    )]
    top_p: Option<Value>,

    #[arg(
        long,
        value_name = "EFFORT",
        help = help("reasoning_effort"),
        value_parser = |text: &str| generation::read("reasoning_effort", text),
        help_heading = groups::MODEL
    )]
    reasoning_effort: Option<Value>,

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

    #[arg(
        long,
        value_name = "TOKENS",
        help = help("max_tokens"),
        value_parser = |text: &str| generation::read("max_tokens", text),
        allow_negative_numbers = true,
        help_heading = groups::LIMITS,
        hide_short_help = true
    )]
    max_tokens: Option<Value>,

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
    #[arg(
        long,
        overrides_with = "hide_reasoning",
        help_heading = groups::OUTPUT,
        hide_short_help = true
    )]
    pub show_reasoning: bool,

    /// Print no reasoning
    #[arg(long, help_heading = groups::OUTPUT, hide_short_help = true)]
    pub hide_reasoning: bool,

    #[command(flatten)]
    pub services: ServiceArgs,

    #[command(flatten)]
    pub attachments: AttachmentArgs,

    #[command(flatten)]
    pub request: OptionFlags,
}

/// Checks a value of `--model`.
pub(crate) fn model(text: &str) -> Result<String, String> {
    model_spec::check(text).map(|()| text.to_owned())
}

/// The help of the flag for an option of the table.
fn help(name: &str) -> String {
    table::find(name)
        .map(option_flags::help)
        .unwrap_or_default()
}

/// Reads an amount of money.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|amount| (0.0..=1e9).contains(amount))
        .ok_or_else(|| "must be an amount in USD, 0 or more".to_owned())
}

impl SettingArgs {
    /// The flags that a command without those of a text has.
    pub(crate) fn of(options: Vec<String>, max_cost: Option<f64>) -> Self {
        Self {
            options,
            max_cost,
            ..Self::default()
        }
    }

    /// The settings that every provider supports.
    fn generation(&self) -> GenerationSettings {
        let mut settings = GenerationSettings::default();
        for (name, value) in [
            ("temperature", &self.temperature),
            ("top_p", &self.top_p),
            ("max_tokens", &self.max_tokens),
            ("reasoning_effort", &self.reasoning_effort),
        ] {
            settings.set(name, value.as_ref());
        }
        settings
    }

    /// The overrides of these flags, with the profile and the model of other flags.
    pub(crate) fn overrides(
        &self,
        profile: Option<String>,
        model: Option<String>,
    ) -> Result<Overrides, CommandError> {
        let show_reasoning = match (self.show_reasoning, self.hide_reasoning) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let overrides = self.services.apply(Overrides {
            profile,
            model,
            system: self.system.clone(),
            generation: self.generation(),
            show_reasoning,
            max_cost: self.max_cost,
            schema: self.schema.choice(),
            ..Overrides::default()
        });
        self.attachments.apply(body_options::apply(
            &self.options,
            self.request.given(),
            overrides,
        )?)
    }
}
