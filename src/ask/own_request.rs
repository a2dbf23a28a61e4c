//! The settings of a request of our own, for a summary or a title: the model and its provider are
//! those of the conversation, and what shapes answers is not.

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
    "chat_template_kwargs",
    "enable_thinking",
    "thinking",
    "think",
    "options",
    "keep_alive",
];

/// The settings without system prompt, schema, tools, web search, fallback profiles, and fields
/// about the answer.
pub(crate) fn settings(settings: &Settings) -> Settings {
    let mut own = settings.clone();
    (own.system, own.schema, own.tools) = (None, None, None);
    own.services.web = None;
    own.body.retain(|field, _| KEPT.contains(&field.as_str()));
    // Their settings would be resolved with everything that is removed here.
    own.fallback_profiles.clear();
    own
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
}
