//! Several rows in one request: numbered items in the prompt, and a list of numbered answers. Pure.

use serde_json::{Value, json};

use crate::chat::schema::Schema;

/// The prompt of a group.
pub(crate) fn prompt(items: &[String]) -> String {
    let mut prompt = format!(
        "Below are {} independent items. Do what each item asks, without regard to the others. \
        Return one entry for each item, with its number as n.\n",
        items.len()
    );
    for (number, item) in (1..).zip(items) {
        prompt.push_str(&format!("\n<item n=\"{number}\">\n{item}\n</item>\n"));
    }
    prompt
}

/// The schema of a group: `answer` is the schema of one answer, or text without one.
pub(crate) fn schema(answer: Option<&Schema>) -> Value {
    let answer = answer.map_or_else(|| json!({"type": "string"}), |schema| schema.sent().clone());
    json!({
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"n": {"type": "integer"}, "answer": answer},
                    "required": ["n", "answer"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["items"],
        "additionalProperties": false,
    })
}

/// The answer of each of `count` items; `None` for one that is missing, twice there, or does not
/// match the schema. Numbers that were not asked are dropped.
pub(crate) fn answers(value: &Value, count: usize, schema: Option<&Schema>) -> Vec<Option<Value>> {
    let mut answers = vec![None; count];
    let mut seen = vec![0_usize; count];
    for item in value["items"].as_array().into_iter().flatten() {
        let number = item["n"]
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        let Some(index) = number.and_then(|number| number.checked_sub(1)) else {
            continue;
        };
        if index >= count {
            continue;
        }
        seen[index] += 1;
        answers[index] = read(&item["answer"], schema).filter(|_| seen[index] == 1);
    }
    answers
}

fn read(answer: &Value, schema: Option<&Schema>) -> Option<Value> {
    match schema {
        Some(schema) => schema.read(&answer.to_string()).ok(),
        None => Some(answer.clone()).filter(Value::is_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_counts_once() {
        let value = json!({"items": [
            {"n": 2, "answer": "b"},
            {"n": 1, "answer": "a"},
            {"n": 4, "answer": "d"},
            {"n": 4, "answer": "d"},
            {"n": 5, "answer": 5},
            {"n": 9, "answer": "x"},
            {"n": 0, "answer": "x"},
            {"answer": "x"},
        ]});
        let found = answers(&value, 5, None);
        assert_eq!(
            found,
            [Some(json!("a")), Some(json!("b")), None, None, None]
        );
        assert_eq!(answers(&json!("x"), 2, None), [None, None]);
    }

    #[test]
    fn an_answer_that_does_not_match_the_schema_is_missing() {
        let flat =
            json!({"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]});
        let schema = Schema::new("x", flat, false).unwrap();
        let value =
            json!({"items": [{"n": 1, "answer": {"x": 1}}, {"n": 2, "answer": {"x": "a"}}]});
        assert_eq!(
            answers(&value, 2, Some(&schema)),
            [Some(json!({"x": 1})), None]
        );
        let whole = super::schema(Some(&schema));
        assert_eq!(
            whole["properties"]["items"]["items"]["properties"]["answer"]["required"][0],
            "x"
        );
    }

    #[test]
    fn the_prompt_numbers_the_items() {
        let prompt = prompt(&["one".to_owned(), "two".to_owned()]);
        assert!(prompt.contains("<item n=\"2\">\ntwo\n</item>"), "{prompt}");
    }
}
