//! The options of `amx chat` that choose a template and fill it in.

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
pub struct TemplateArgs {
    /// Put the question into a template, by name or by the path of a file
    #[arg(long, value_name = "NAME|FILE")]
    pub template: Option<String>,

    /// Fill a variable of the template. Repeatable
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "template")]
    pub vars: Vec<String>,
}
