//! The options that say what an answer must look like.

use clap::{Args, ValueHint};

use crate::config::SchemaChoice;

#[derive(Debug, Default, Args)]
pub struct SchemaArgs {
    /// Answer with JSON that keeps to a schema: a file, a saved name, JSON, or 'name, age int'
    #[arg(long, value_name = "SCHEMA", value_hint = ValueHint::FilePath)]
    pub schema: Option<String>,

    /// The same, and the answer is a list of such values
    #[arg(long, value_name = "SCHEMA", value_hint = ValueHint::FilePath, conflicts_with = "schema")]
    pub schema_many: Option<String>,
}

impl SchemaArgs {
    /// What the flags decide.
    pub fn choice(&self) -> Option<SchemaChoice> {
        let choice = |text: &String, is_many| SchemaChoice {
            text: text.clone(),
            is_many,
        };
        let many = self.schema_many.as_ref().map(|text| choice(text, true));
        many.or_else(|| self.schema.as_ref().map(|text| choice(text, false)))
    }
}
