//! Options of the answer's format, and of tools.

use crate::config::options::kind::{ANY, OBJECT, ValueKind, WORDS};
use crate::config::options::row::Reach::{Everyone, OpenRouter};
use crate::config::options::row::{RequestOption, row};

const TYPED: ValueKind = ValueKind::Object {
    needs: &["type"],
    fields: &[],
};

const FORMATS: ValueKind =
    ValueKind::OpenChoice(&["text", "json_object", "json_schema", "grammar", "python"]);

/// The rows of this topic, in the order of the documentation.
pub(super) const ROWS: &[RequestOption] = &[
    row(
        "response_format",
        ValueKind::Object {
            needs: &["type"],
            fields: &[("type", FORMATS)],
        },
        Everyone,
        None,
        "format of the answer",
        r#"{"type":"json_object"}"#,
    ),
    row(
        "tools",
        ValueKind::List {
            least: 0,
            most: ANY,
            item: &TYPED,
        },
        Everyone,
        None,
        "tools that the model may call",
        r#"[{"type":"function","function":{"name":"now"}}]"#,
    ),
    row(
        "tool_choice",
        ValueKind::Either(&[ValueKind::Choice(&["none", "auto", "required"]), TYPED]),
        Everyone,
        Some("tool_choice"),
        "whether the model calls a tool, or which",
        "\"auto\"",
    ),
    row(
        "parallel_tool_calls",
        ValueKind::Bool,
        Everyone,
        Some("parallel_tool_calls"),
        "allow several tool calls at once",
        "false",
    ),
    row(
        "modalities",
        ValueKind::List {
            least: 1,
            most: ANY,
            item: &ValueKind::OpenChoice(&["text", "image", "audio"]),
        },
        Everyone,
        None,
        "output modalities",
        r#"["text","image"]"#,
    ),
    row(
        "image_config",
        OBJECT,
        OpenRouter,
        None,
        "options of generated images",
        r#"{"aspect_ratio":"16:9"}"#,
    ),
    row(
        "audio",
        ValueKind::Object {
            needs: &["voice", "format"],
            fields: &[],
        },
        Everyone,
        None,
        "voice and format of spoken answers",
        r#"{"voice":"alloy","format":"pcm16"}"#,
    ),
    row(
        "prediction",
        ValueKind::Object {
            needs: &["type", "content"],
            fields: &[],
        },
        Everyone,
        Some("prediction"),
        "predicted output, to speed up the answer",
        r#"{"type":"content","content":"fn main() {}"}"#,
    ),
    row(
        "web_search_options",
        ValueKind::Pairs {
            most: ANY,
            key: ANY,
            value: &WORDS,
        },
        Everyone,
        Some("web_search_options"),
        "options of the web search",
        r#"{"search_context_size":"low"}"#,
    ),
];
