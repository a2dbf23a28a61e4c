//! The tools that a server declares: read within limits. Pure.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::message::AtMost;
use crate::tools::definition::definition;

/// Most tools of a server.
pub(super) const MOST_TOOLS: usize = 1000;

/// Largest declaration of a tool, in bytes of JSON.
const LARGEST_DECLARATION: usize = 256 * 1024;

/// Most of all declarations of a server together, in bytes of JSON.
pub(super) const LARGEST_LIST: usize = 4 * 1024 * 1024;

/// Longest name of a tool.
const LONGEST_NAME: usize = 128;

/// What a tool says of its effects. Shown, and decides nothing.
const CLAIMS: &[(&str, &str, &str)] = &[
    ("readOnlyHint", "read-only", "not read-only"),
    ("destructiveHint", "destructive", "not destructive"),
    ("idempotentHint", "idempotent", "not idempotent"),
    ("openWorldHint", "open world", "closed world"),
];

/// A tool as its server declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ToolDeclaration {
    /// Unique on its server: 1 to 128 of `[A-Za-z0-9_.-]`.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A JSON Schema.
    pub parameters: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Value>,
}

impl ToolDeclaration {
    /// What an approval is bound to. `server` is the identity of its server.
    pub(super) fn definition(&self, server: &Value) -> String {
        definition(
            server.clone(),
            &self.name,
            self.description.as_deref(),
            &self.parameters,
            self.annotations.as_ref(),
        )
    }

    /// What its annotations claim.
    pub(super) fn claims(&self) -> Vec<String> {
        let claimed = |(key, yes, no): &(&str, &str, &str)| {
            let value = self.annotations.as_ref()?.get(key)?.as_bool()?;
            Some(if value { yes } else { no }.to_string())
        };
        CLAIMS.iter().filter_map(claimed).collect()
    }
}

/// One page of `tools/list`.
pub(super) struct ToolPage {
    pub tools: Vec<ToolDeclaration>,
    /// Declarations that could not be read, in words.
    pub left_out: Vec<String>,
    pub bytes: usize,
    pub next_cursor: Option<String>,
    pub has_more: bool,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow, default)]
    tools: AtMost<&'a RawValue, MOST_TOOLS>,
    #[serde(default, rename = "nextCursor")]
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Declared {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, rename = "inputSchema")]
    input_schema: Option<Value>,
    #[serde(default)]
    annotations: Option<Value>,
}

/// Reads the result of `tools/list`. A tool that cannot be read costs itself alone.
pub(super) fn read_page(result: &str) -> Result<ToolPage, String> {
    let page: Page<'_> = serde_json::from_str(result)
        .map_err(|error| format!("the list of tools cannot be read: {error}"))?;
    let mut read = ToolPage {
        tools: Vec::new(),
        left_out: Vec::new(),
        bytes: page.tools.items.iter().map(|tool| tool.get().len()).sum(),
        next_cursor: page.next_cursor.filter(|cursor| !cursor.is_empty()),
        has_more: page.tools.has_more,
    };
    if read.bytes > LARGEST_LIST {
        return Err(format!("its list of tools is {} bytes large", read.bytes));
    }
    for (index, tool) in page.tools.items.iter().enumerate() {
        match read_tool(tool.get()) {
            Ok(tool) => read.tools.push(tool),
            Err(why) => read.left_out.push(format!("tool {}: {why}", index + 1)),
        }
    }
    Ok(read)
}

fn read_tool(text: &str) -> Result<ToolDeclaration, String> {
    if text.len() > LARGEST_DECLARATION {
        return Err(format!("its declaration is {} bytes large", text.len()));
    }
    let declared: Declared = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let is_name = (1..=LONGEST_NAME).contains(&declared.name.len())
        && declared
            .name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte));
    if !is_name {
        return Err("its name is not 1 to 128 of A-Z a-z 0-9 _ . - /".to_owned());
    }
    let parameters = match declared.input_schema {
        None => json!({"type": "object", "properties": {}}),
        Some(schema @ Value::Object(_)) => schema,
        Some(_) => {
            return Err(format!(
                "the inputSchema of '{}' is no object",
                declared.name
            ));
        }
    };
    Ok(ToolDeclaration {
        name: declared.name,
        description: declared.description,
        parameters,
        annotations: declared.annotations.filter(|value| !value.is_null()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(description: &str) -> ToolDeclaration {
        ToolDeclaration {
            name: "echo".to_owned(),
            description: Some(description.to_owned()),
            parameters: json!({"type": "object", "properties": {"text": {"type": "string"}}}),
            annotations: Some(json!({"readOnlyHint": true})),
        }
    }

    #[test]
    fn the_definition_covers_everything_declared() {
        let first = tool("Echoes.");
        let server = json!({"command": ["a"]});
        let mut others = vec![tool("Echoes!"), first.clone(), first.clone(), first.clone()];
        others[1].parameters["properties"]["text"]["type"] = json!("number");
        others[2].annotations = Some(json!({"readOnlyHint": false}));
        others[3].name = "echo2".to_owned();
        for other in &others {
            assert_ne!(
                first.definition(&server),
                other.definition(&server),
                "{other:?}"
            );
        }
        assert_ne!(first.definition(&server), first.definition(&json!("b")));
    }

    #[test]
    fn claims_are_words() {
        assert_eq!(tool("x").claims(), ["read-only"]);
    }

    #[test]
    fn a_tool_that_cannot_be_read_costs_itself_alone() {
        let large = "x".repeat(LARGEST_DECLARATION);
        let result = json!({
            "nextCursor": "2",
            "tools": [
                {"name": "good", "inputSchema": {"type": "object"}, "title": "Good"},
                {"name": ""},
                {"name": "no\u{1b}name"},
                {"name": "schema", "inputSchema": []},
                {"description": "nameless"},
                7,
                {"name": "large", "description": large},
                {"name": "bare"},
            ],
        });
        let page = read_page(&result.to_string()).unwrap();
        let names: Vec<&str> = page.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["good", "bare"]);
        assert_eq!(page.left_out.len(), 6, "{:?}", page.left_out);
        assert_eq!(page.next_cursor.as_deref(), Some("2"));
        assert_eq!(page.tools[1].parameters["type"], "object");
    }

    #[test]
    fn a_list_is_bounded() {
        let tools: Vec<Value> = (0..MOST_TOOLS + 5)
            .map(|n| json!({"name": format!("t{n}")}))
            .collect();
        let page = read_page(&json!({"tools": tools}).to_string()).unwrap();
        assert_eq!((page.tools.len(), page.has_more), (MOST_TOOLS, true));
        let large = json!({"name": "x", "description": "y".repeat(LARGEST_LIST)});
        assert!(read_page(&json!({"tools": [large]}).to_string()).is_err());
        assert!(read_page("7").is_err() && read_page("{\"tools\":7}").is_err());
    }
}
