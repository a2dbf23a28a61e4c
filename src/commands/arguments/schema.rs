//! The options for structured answers.

use clap::{Args, ValueHint};

use super::groups;
use crate::config::SchemaChoice;

#[derive(Debug, Default, Args)]
pub(crate) struct SchemaArgs {
    /// Answer with JSON: a file, name or 'name, age int'
    ///
    /// by a schema in a file, a saved one by its name, or one as JSON
    #[arg(
        long,
        value_name = "SCHEMA",
        value_hint = ValueHint::FilePath,
        help_heading = groups::ANSWER
    )]
    pub schema: Option<String>,

    /// Answer with a JSON list of values that match the schema
    #[arg(
        long,
        value_name = "SCHEMA",
        value_hint = ValueHint::FilePath,
        conflicts_with = "schema",
        help_heading = groups::ANSWER,
        hide_short_help = true
    )]
    pub schema_many: Option<String>,
}

impl SchemaArgs {
    /// The schema that the flags name.
    pub(crate) fn choice(&self) -> Option<SchemaChoice> {
        let choice = |text: &String, is_many| SchemaChoice {
            text: text.clone(),
            is_many,
        };
        let many = self.schema_many.as_ref().map(|text| choice(text, true));
        many.or_else(|| self.schema.as_ref().map(|text| choice(text, false)))
    }
}
