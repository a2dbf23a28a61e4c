//! The columns of the rows, for an error that one is missing.

use serde_json::{Map, Value};

use super::options::{JobOptions, KeptColumns};
use crate::catalog::nearest::nearest;

/// Most columns that are named.
const SHOWN: usize = 8;

/// `columns: text, id and 3 more`: those that are most similar to the `missing` ones first. `None`
/// when all of them are there, with a value that cannot be used.
pub(crate) fn instead_of(missing: &[&str], row: &Map<String, Value>) -> Option<String> {
    if missing.iter().all(|name| row.contains_key(*name)) && !missing.is_empty() {
        return None;
    }
    let names = || row.keys().map(String::as_str);
    let near = missing
        .iter()
        .flat_map(|name| nearest(name, names(), SHOWN));
    let mut shown: Vec<&str> = Vec::new();
    for name in near.chain(names()) {
        if shown.len() < SHOWN && !shown.contains(&name) {
            shown.push(name);
        }
    }
    let more = match row.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(if shown.is_empty() {
        "the row has no columns".to_owned()
    } else {
        format!("columns: {}{more}", shown.join(", ").escape_debug())
    })
}

/// Columns that options name, and that no row had so far.
pub(crate) struct AbsentColumns {
    /// The option, and the column.
    names: Vec<(&'static str, String)>,
    /// The columns of the first row.
    first: Option<Map<String, Value>>,
}

impl AbsentColumns {
    pub(crate) fn of(options: &JobOptions) -> Self {
        let kept = match &options.kept {
            KeptColumns::Named(names) => names.clone(),
            KeptColumns::None | KeptColumns::All => Vec::new(),
        };
        let kept = kept.into_iter().map(|name| ("--keep", name));
        let own = options.from_row;
        let own = [
            ("model", own.model),
            ("system", own.system),
            ("schema", own.schema),
        ];
        let own = own.into_iter().filter(|(_, is_used)| *is_used);
        let own = own.map(|(name, _)| ("--from-row", name.to_owned()));
        Self {
            names: kept.chain(own).collect(),
            first: None,
        }
    }

    /// Removes the columns of a row.
    pub(crate) fn remove(&mut self, row: &Map<String, Value>) {
        if self.names.is_empty() {
            return;
        }
        self.names.retain(|(_, name)| !row.contains_key(name));
        self.first.get_or_insert_with(|| row.clone());
    }

    /// What to warn of.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let Some(row) = &self.first else {
            return Vec::new();
        };
        let warning = |(option, name): &(&str, String)| {
            let columns = instead_of(&[name], row)?;
            let name = name.escape_debug();
            Some(format!(
                "no row has the column '{name}' of {option} ({columns})"
            ))
        };
        self.names.iter().filter_map(warning).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(missing: &[&str], row: &Value) -> Option<String> {
        instead_of(missing, row.as_object().unwrap())
    }

    #[test]
    fn the_most_similar_column_is_first_and_not_all_are_named() {
        let row = json!({"id": 1, "lang": "", "text": "", "title": ""});
        let expected = "columns: text, id, lang, title";
        assert_eq!(shown(&["texxt"], &row).as_deref(), Some(expected));
        let expected = "columns: title, text, id, lang";
        assert_eq!(shown(&["titel", "txt"], &row).as_deref(), Some(expected));
        let many: Map<String, Value> = (10..30)
            .map(|number| (format!("c{number}"), Value::Null))
            .collect();
        let words = instead_of(&["c29"], &many);
        assert_eq!(words, None, "it is there without a value");
        let words = instead_of(&["d"], &many).unwrap();
        assert_eq!(
            words,
            "columns: c10, c11, c12, c13, c14, c15, c16, c17 and 12 more"
        );
        assert_eq!(
            shown(&["x"], &json!({})).as_deref(),
            Some("the row has no columns")
        );
    }

    #[test]
    fn a_name_cannot_control_the_terminal() {
        let words = shown(&["x"], &json!({"\u{1b}[31m": 1})).unwrap();
        assert_eq!(words, "columns: \\u{1b}[31m");
    }
}
