//! The request that follows an answer that does not match its schema: that answer, and its
//! violations.

use serde_json::Value;

use super::check::Violation;
use super::form::Way;
use super::shape::Schema;
use crate::chat::message::{Message, Role};
use crate::chat::request::ChatRequest;

/// Most of the invalid answer that is sent back, in bytes.
const MOST_SENT_BACK: usize = 32 * 1024;

/// The request for a valid answer. Reasoning is sent back with the answer only, not with the
/// arguments of a call, which are sent back as text.
pub(crate) fn ask_again(
    request: &mut ChatRequest,
    schema: &Schema,
    way: Way,
    bad: &str,
    details: Option<Vec<Value>>,
    violations: &[Violation],
) {
    let sent_back = &bad[..bad.floor_char_boundary(MOST_SENT_BACK)];
    let mark = if sent_back.len() < bad.len() {
        " …"
    } else {
        ""
    };
    let details = details.filter(|_| way != Way::Tool && mark.is_empty());
    request
        .messages
        .push(Message::answer(format!("{sent_back}{mark}"), details));
    let listed: Vec<String> = violations
        .iter()
        .map(|violation| format!("- {violation}"))
        .collect();
    let mut words = format!(
        "That is not valid against the JSON Schema:\n{}\n",
        listed.join("\n")
    );
    // The model may not have received the schema.
    if way != Way::Instructions {
        words.push_str(&format!("\nThe schema:\n{}\n", schema.sent()));
    }
    words.push_str(
        "\nSend the whole answer again, as one JSON value that is valid against the schema, and \
        nothing else.",
    );
    request.messages.push(Message::text(Role::User, words));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::message::ContentPart;
    use crate::chat::schema::read_short_form;
    use serde_json::json;

    fn asked(way: Way, bad: &str) -> Vec<Message> {
        let schema = Schema::new("person", read_short_form("name").unwrap(), false).unwrap();
        let mut request = ChatRequest::plain(vec![Message::text(Role::User, "hi")]);
        let violations = schema.read(bad).unwrap_err();
        ask_again(
            &mut request,
            &schema,
            way,
            bad,
            Some(vec![json!({"data": "x"})]),
            &violations,
        );
        request.messages.split_off(1)
    }

    fn text(message: &Message) -> &str {
        if let [ContentPart::Text(text)] = message.content.as_slice() {
            text
        } else {
            ""
        }
    }

    #[test]
    fn the_invalid_answer_and_its_violations_are_sent() {
        let messages = asked(Way::Schema, r#"{"name":1}"#);
        assert_eq!(
            (
                messages.len(),
                text(&messages[0]),
                messages[0].reasoning_details.is_some()
            ),
            (2, r#"{"name":1}"#, true)
        );
        assert!(
            text(&messages[1]).contains("- /name: 1 is not of type \"string\"")
                && text(&messages[1]).contains("\"additionalProperties\"")
        );
        assert!(!text(&asked(Way::Instructions, "{}")[1]).contains("\"additionalProperties\""));
        assert!(asked(Way::Tool, "{}")[0].reasoning_details.is_none());
    }

    #[test]
    fn a_long_answer_is_shortened_between_characters() {
        let messages = asked(Way::Schema, &"é".repeat(MOST_SENT_BACK));
        assert!(
            text(&messages[0]).len() < MOST_SENT_BACK + 5 && text(&messages[0]).ends_with("é …")
        );
    }
}
