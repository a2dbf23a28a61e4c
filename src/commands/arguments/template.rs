//! The options that choose a template and set its variables.

use clap::Args;

use super::groups;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TemplateArgs {
    /// Use a template, by name or path
    #[arg(
        long,
        value_name = "NAME|FILE",
        help_heading = groups::QUESTION,
        hide_short_help = true
    )]
    pub template: Option<String>,

    /// Set a template variable (repeatable)
    #[arg(
        long = "var",
        value_name = "NAME=VALUE",
        requires = "template",
        help_heading = groups::QUESTION,
        hide_short_help = true
    )]
    pub vars: Vec<String>,
}
