//! The settings of a request of our own, for a summary or a title: the model and its provider are
//! those of the conversation, and what shapes answers is not.

use serde_json::Value;

use crate::config::Settings;

/// Fields of the body that say where, for whom and how a model is run, as local servers need it.
/// The others are about the answer, such as tools, plugins and formats.
const KEPT: &[&str] = &[
    "provider",
    "user",
    "store",
    "service_tier",
    "safety_identifier",
    "models",
    "route",
    TEMPLATE,
    "options",
    "keep_alive",
];

/// The fields of the template that a local server fills in.
const TEMPLATE: &str = "chat_template_kwargs";

/// Fields that turn reasoning on or off. It is not worth paying for here, and a budget of it may be
/// above the maximum of a short answer.
const REASONING: &[&str] = &["thinking", "think", "enable_thinking"];

/// The settings without system prompt, schema, tools, web search, fallback profiles, and fields
/// about the answer.
pub(crate) fn settings(settings: &Settings) -> Settings {
    let mut own = settings.clone();
    (own.system, own.schema, own.tools) = (None, None, None);
    own.services.web = None;
    own.body.retain(|field, value| match field.as_str() {
        field if REASONING.contains(&field) => turns_off(value),
        field => KEPT.contains(&field),
    });
    if let Some(Value::Object(fields)) = own.body.get_mut(TEMPLATE) {
        fields.retain(|field, value| !REASONING.contains(&field.as_str()) || turns_off(value));
    }
    // Their settings would be resolved with everything that is removed here.
    own.fallback_profiles.clear();
    own
}

fn turns_off(reasoning: &Value) -> bool {
    *reasoning == false || reasoning["type"] == "disabled"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigFile, Environment, Overrides};
    use serde_json::json;

    #[test]
    fn only_where_for_whom_and_how_it_is_answered_stays() {
        let mut overrides = Overrides {
            web: Some(true),
            ..Overrides::default()
        };
        for (field, value) in [
            ("provider", json!({"data_collection": "deny"})),
            ("user", json!("ada")),
            ("chat_template_kwargs", json!({"enable_thinking": false})),
            ("keep_alive", json!("1h")),
            ("plugins", json!([{"id": "web"}])),
            ("top_k", json!(5)),
        ] {
            overrides.body.insert(field.to_owned(), value);
        }
        let environment = Environment::default();
        let of_answers = Settings::resolve(
            &overrides,
            &environment,
            &ConfigFile::without_home().unwrap(),
        )
        .unwrap();
        assert!(of_answers.services.searches() && of_answers.body.contains_key("top_k"));
        let own = settings(&of_answers);
        assert!(!own.services.searches());
        let fields: Vec<&str> = own.body.keys().map(String::as_str).collect();
        let kept = ["provider", "user", "chat_template_kwargs", "keep_alive"];
        assert_eq!(fields, kept);
    }

    #[test]
    fn reasoning_is_turned_off_but_not_on() {
        let own = |fields: serde_json::Value| {
            let overrides = Overrides {
                body: fields.as_object().unwrap().clone(),
                ..Overrides::default()
            };
            let config = ConfigFile::without_home().unwrap();
            let of_answers =
                Settings::resolve(&overrides, &Environment::default(), &config).unwrap();
            serde_json::to_value(settings(&of_answers).body).unwrap()
        };
        for off in [
            json!({"thinking": {"type": "disabled"}}),
            json!({"thinking": false}),
            json!({"think": false}),
            json!({"enable_thinking": false}),
            json!({"chat_template_kwargs": {"enable_thinking": false, "builtin_tools": []}}),
        ] {
            assert_eq!(own(off.clone()), off);
        }
        for on in [
            json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}),
            json!({"thinking": {"type": "adaptive"}}),
            json!({"think": "high"}),
            json!({"enable_thinking": true}),
        ] {
            assert_eq!(own(on), json!({}));
        }
        let template = json!({"chat_template_kwargs": {"thinking": true, "builtin_tools": []}});
        let without = json!({"chat_template_kwargs": {"builtin_tools": []}});
        assert_eq!(own(template), without);
    }
}
