//! Misspelt settings that would decide which server gets the text and the key: without the setting
//! both would go to another server, so they are errors and no warnings.

use serde_yaml::Value;

use crate::catalog::nearest::edits_between;
use crate::providers;
use crate::wire::control_characters::is_hidden_in_name;

/// Settings of a profile that decide the server or the key, each with other names for it: those of
/// other programs, without separators and in lower case.
const DECIDING: &[(&str, &[&str])] = &[
    (
        "provider",
        &["vendor", "backend", "llmprovider", "providername"],
    ),
    (
        "base_url",
        &[
            "url",
            "uri",
            "baseuri",
            "apibase",
            "apiurl",
            "apibaseurl",
            "apihost",
            "endpoint",
            "apiendpoint",
            "host",
            "server",
            "openaiapibase",
            "openaibaseurl",
        ],
    ),
    (
        "api_key",
        &[
            "key",
            "token",
            "apitoken",
            "secret",
            "apisecret",
            "apikeyref",
        ],
    ),
    ("private", &[]),
];

/// Top-level settings without which another profile, or none, answers.
const DECIDING_ABOVE: &[(&str, &[&str])] = &[
    ("llm_profiles", &["profiles"]),
    (
        "active_llm_profile",
        &["activeprofile", "defaultprofile", "defaultllmprofile"],
    ),
];

/// Words of names that describe a profile, whose values decide nothing: a page about it, a remark.
const DESCRIBING: &[&str] = &[
    "about",
    "author",
    "billing",
    "changelog",
    "comment",
    "comments",
    "console",
    "contact",
    "dashboard",
    "desc",
    "description",
    "doc",
    "docs",
    "documentation",
    "group",
    "help",
    "homepage",
    "icon",
    "info",
    "keys",
    "label",
    "labels",
    "legal",
    "license",
    "link",
    "links",
    "logo",
    "note",
    "notes",
    "owner",
    "page",
    "policy",
    "pricing",
    "privacy",
    "reference",
    "remark",
    "remarks",
    "see",
    "status",
    "support",
    "tag",
    "tags",
    "team",
    "terms",
    "ticket",
    "title",
    "website",
    "wiki",
    "x",
];

/// Shortest name, without separators, in which two mistakes are tolerated.
const LONG: usize = 7;

/// The setting that a name inside a profile was meant as, when that one decides the server or the
/// key: by its spelling, or because its value is a URL or the name of a provider and its name does
/// not describe the profile. A model counts only if its value names a provider.
pub(super) fn meant(name: &str, value: &Value) -> Option<&'static str> {
    let names_a_provider = || {
        let (prefix, _) = value.as_str()?.split_once(':')?;
        providers::find(prefix)
    };
    let is_model = || is_spelling(&plain(name), "model") && names_a_provider().is_some();
    of(DECIDING, name)
        .or_else(|| is_model().then_some("model"))
        .or_else(|| decided_by(value.as_str()?).filter(|_| !is_describing(name)))
}

/// The same for a name inside a setting of a profile, which may have names and URLs of its own:
/// only the spelling counts.
pub(super) fn meant_inside(name: &str) -> Option<&'static str> {
    let name = plain(name);
    let mut settings = DECIDING.iter().map(|(setting, _)| *setting);
    settings.find(|setting| is_spelling(&name, &plain(setting)))
}

/// Whether a word of the name describes the profile: `homepage`, `docs_url`, `x-source`.
fn is_describing(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| DESCRIBING.contains(&word.to_ascii_lowercase().as_str()))
}

/// The setting that such a value belongs to, whatever its name.
fn decided_by(value: &str) -> Option<&'static str> {
    if ["http://", "https://"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
    {
        return Some("base_url");
    }
    providers::find(value).map(|_| "provider")
}

/// The same for a top-level setting. Other programs may have settings of their own here, so only a
/// mapping can be the profiles and only a text the active one.
pub(super) fn meant_above(name: &str, value: &Value) -> Option<&'static str> {
    of(DECIDING_ABOVE, name).filter(|meant| match *meant {
        "llm_profiles" => value
            .as_mapping()
            .is_some_and(|profiles| !profiles.is_empty() && profiles.values().all(is_a_profile)),
        _ => value.is_string(),
    })
}

fn is_a_profile(value: &Value) -> bool {
    ["provider", "model", "base_url", "api_key"]
        .iter()
        .any(|setting| value.get(setting).is_some())
}

fn of(table: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    let name = plain(name);
    table
        .iter()
        .find(|(setting, others)| {
            others.contains(&name.as_str()) || is_spelling(&name, &plain(setting))
        })
        .map(|(setting, _)| *setting)
}

/// A name in lower case, without separators and hidden characters.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !"-_. :".contains(*c) && !c.is_whitespace() && !is_hidden_in_name(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_spelling(name: &str, setting: &str) -> bool {
    let most = if setting.len() >= LONG { 2 } else { 1 };
    edits_between(name, setting) <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_and_synonyms_of_the_deciding_settings_are_found() {
        let none = Value::Null;
        for (name, setting) in [
            ("providr", Some("provider")),
            ("Provider", Some("provider")),
            ("provdier", Some("provider")),
            ("provіder", Some("provider")),
            ("base-url", Some("base_url")),
            ("baseurl", Some("base_url")),
            ("baseUrl", Some("base_url")),
            ("BASE_URL", Some("base_url")),
            ("base_ulr", Some("base_url")),
            ("base url", Some("base_url")),
            ("base_url\u{200b}", Some("base_url")),
            ("api_base", Some("base_url")),
            ("endpoint", Some("base_url")),
            ("api-key", Some("api_key")),
            ("apikey", Some("api_key")),
            ("api_kye", Some("api_key")),
            ("apiKey", Some("api_key")),
            ("token", Some("api_key")),
            ("privat", Some("private")),
            ("temprature", None),
            ("sytem", None),
            ("max_token", None),
            ("future_key", None),
            ("price_list", None),
            ("modle", None),
        ] {
            assert_eq!(meant(name, &none), setting, "{name}");
        }
        assert_eq!(meant("modle", &Value::from("openai:gpt-5")), Some("model"));
        assert_eq!(meant("modle", &Value::from("llama3.2:3b")), None);
        for (name, value, setting) in [
            ("address", "http://127.0.0.1:8080/v1", Some("base_url")),
            ("proxy", "https://proxy.example", Some("base_url")),
            ("prov", "local", Some("provider")),
            ("type", "openai", Some("provider")),
            ("colour", "blue", None),
            ("homepage", "http://intranet.example/llm", None),
            ("docs-url", "https://docs.example", None),
            ("x-source", "https://git.example/profiles", None),
            ("Note", "openai", None),
            ("team", "gemini", None),
            ("base_url_note", "https://a.example", None),
            ("source", "https://a.example/v1", Some("base_url")),
            ("endpoint_url", "https://a.example/v1", Some("base_url")),
            ("notes_api", "https://a.example/v1", None),
        ] {
            assert_eq!(meant(name, &Value::from(value)), setting, "{name}: {value}");
        }
    }

    #[test]
    fn top_level_settings_of_other_programs_stay_theirs() {
        let read = |text: &str| serde_yaml::from_str::<Value>(text).unwrap();
        let profiles = read("{work: {model: a/b}}");
        assert_eq!(meant_above("llm_profile", &profiles), Some("llm_profiles"));
        assert_eq!(meant_above("profiles", &profiles), Some("llm_profiles"));
        assert_eq!(meant_above("profiles", &read("{a: {x: 1}}")), None);
        let name = read("work");
        assert_eq!(
            meant_above("active_lm_profile", &name),
            Some("active_llm_profile")
        );
        assert_eq!(meant_above("other_tool", &read("{x: 1}")), None);
    }
}
