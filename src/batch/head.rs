//! The first line of a side file: how the rows of an output are asked.

use serde_json::{Value, json};

use super::configuration::Configuration;
use super::options::KeptColumns;
use super::shard::Shard;

/// The version of the format.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub configuration: Configuration,
    /// The names of the files, and the format of each.
    pub inputs: Vec<(String, String)>,
    pub shard: Option<Shard>,
    /// The form of the output.
    pub form: String,
    /// The columns of the input in a table, and the members of a flat schema.
    pub kept: KeptColumns,
    pub members: Vec<String>,
}

impl Head {
    /// The line as JSON.
    pub(crate) fn to_value(&self) -> Value {
        let input = |(name, format): &(String, String)| json!({"name": name, "format": format});
        json!({
            "amx_batch": VERSION,
            "configuration": self.configuration.to_value(),
            "inputs": self.inputs.iter().map(input).collect::<Vec<_>>(),
            "shard": self.shard.map(|shard| shard.to_string()),
            "as": self.form,
            "keep": match &self.kept {
                KeptColumns::None => Value::Null,
                KeptColumns::All => Value::from("all"),
                KeptColumns::Named(names) => json!(names),
            },
            "members": self.members,
        })
    }

    /// As [`to_value`](Self::to_value) wrote it.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        if value["amx_batch"] != VERSION {
            return None;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let input = |input: &Value| Some((text(&input["name"])?, text(&input["format"])?));
        Some(Self {
            configuration: Configuration::read(&value["configuration"])?,
            inputs: value["inputs"]
                .as_array()?
                .iter()
                .map(input)
                .collect::<Option<_>>()?,
            shard: value["shard"].as_str().and_then(Shard::read),
            form: text(&value["as"])?,
            kept: match &value["keep"] {
                Value::Array(_) => KeptColumns::Named(texts(&value["keep"])),
                Value::String(_) => KeptColumns::All,
                _ => KeptColumns::None,
            },
            members: texts(&value["members"]),
        })
    }
}

/// The texts of a list.
fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
