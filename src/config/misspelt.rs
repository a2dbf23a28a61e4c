//! Misspelt settings that would decide which server gets the text and the key: without the setting
//! both would go to another server, so they are errors and no warnings.

use std::net::Ipv4Addr;

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
    ("model_aliases", &["aliases", "modelalias"]),
];

/// Settings of a profile that `openrouter`, the fields of the body, has not. It has a `provider`
/// of its own.
const NO_FIELDS: &[&str] = &["base_url", "api_key"];

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
    let is_model = || is_spelling(&plain(name), "model") && names_a_model_of_a_provider(value);
    of(DECIDING, name)
        .or_else(|| is_model().then_some("model"))
        .or_else(|| decided_by(value.as_str()?).filter(|_| !is_describing(name)))
}

fn names_a_model_of_a_provider(value: &Value) -> bool {
    let prefix = value.as_str().and_then(|text| text.split_once(':'));
    prefix.is_some_and(|(prefix, _)| is_a_provider(prefix))
}

/// The same for a name inside a setting of a profile, which may have names and URLs of its own:
/// only the spelling counts.
pub(super) fn meant_inside(setting: &str, name: &str) -> Option<&'static str> {
    let name = plain(name);
    let mut settings = DECIDING.iter().map(|(setting, _)| *setting);
    settings.find(|meant| {
        is_spelling(&name, &plain(meant)) && (setting != "openrouter" || NO_FIELDS.contains(meant))
    })
}

/// The names down to a setting inside an unknown one of a profile, and what it was meant as: by its
/// spelling, or by its value unless a name on the way describes the profile.
pub(super) fn meant_below<'a>(
    name: &'a str,
    value: &'a Value,
) -> Option<(Vec<&'a str>, &'static str)> {
    below(vec![name], value)
}

fn below<'a>(path: Vec<&'a str>, value: &'a Value) -> Option<(Vec<&'a str>, &'static str)> {
    let name = path.last().copied().unwrap_or_default();
    if is_describing(name) {
        return None;
    }
    if let Some(fields) = value.as_mapping() {
        return fields.iter().find_map(|(name, value)| {
            let name = name.as_str()?;
            let path = [path.as_slice(), &[name]].concat();
            match meant_inside("", name) {
                Some(meant) => Some((path, meant)),
                None => below(path, value),
            }
        });
    }
    if let Some(items) = value.as_sequence() {
        return items.iter().find_map(|item| below(path.clone(), item));
    }
    decided_by(value.as_str()?).map(|meant| (path, meant))
}

/// The names down to what looks like a profile outside `llm_profiles`: a top-level mapping that
/// names a server, or one inside it.
pub(super) fn misplaced_profile<'a>(name: &'a str, value: &'a Value) -> Option<Vec<&'a str>> {
    let fields = value.as_mapping()?;
    if names_a_server(value) {
        return Some(vec![name]);
    }
    let inner = fields.iter().find(|(_, inner)| names_a_server(inner))?;
    Some(vec![name, inner.0.as_str()?])
}

/// Whether a mapping has a setting that decides which server is asked.
fn names_a_server(fields: &Value) -> bool {
    let mut fields = fields.as_mapping().into_iter().flatten();
    fields.any(|(name, value)| {
        name.as_str()
            .is_some_and(|name| decides_server(name, value))
    })
}

/// Whether a setting decides which server is asked: it is the provider, the base URL or the model,
/// however it is spelt, and has the value of one. A `url` may be that of another section.
pub(super) fn decides_server(name: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    match meant_inside("", name) {
        Some("base_url") => text.contains("${") || decided_by(text) == Some("base_url"),
        Some("provider") => is_a_provider(text),
        _ => is_spelling(&plain(name), "model") && names_a_model_of_a_provider(value),
    }
}

/// Whether a word of the name describes the profile: `homepage`, `docs_url`, `x-source`.
fn is_describing(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| DESCRIBING.contains(&word.to_ascii_lowercase().as_str()))
}

/// The setting that such a value belongs to, whatever its name.
fn decided_by(value: &str) -> Option<&'static str> {
    let value = value.trim().to_ascii_lowercase();
    if ["http://", "https://"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
        || is_host_with_port(&value)
    {
        return Some("base_url");
    }
    is_a_provider(&value).then_some("provider")
}

fn is_a_provider(text: &str) -> bool {
    providers::find(&text.trim().to_ascii_lowercase()).is_some()
}

/// Whether a text is a URL without its scheme: `127.0.0.1:8080/v1`.
fn is_host_with_port(text: &str) -> bool {
    let authority = text.split('/').next().unwrap_or_default();
    let Some((host, port)) = authority.rsplit_once(':') else {
        return false;
    };
    let is_host = host.parse::<Ipv4Addr>().is_ok()
        || host.starts_with('[') && host.ends_with(']')
        || host.contains(|c: char| c.is_ascii_alphabetic())
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    is_host && (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The same for a top-level setting. Other programs may have settings of their own here, so only a
/// mapping can be the profiles, only a text the active one, and only a list the aliases.
pub(super) fn meant_above(name: &str, value: &Value) -> Option<&'static str> {
    of(DECIDING_ABOVE, name).filter(|meant| match *meant {
        "llm_profiles" => value
            .as_mapping()
            .is_some_and(|profiles| !profiles.is_empty() && profiles.values().all(is_a_profile)),
        "model_aliases" => value
            .as_sequence()
            .is_some_and(|aliases| !aliases.is_empty() && aliases.iter().all(Value::is_mapping)),
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
            ("gateway", " HTTP://127.0.0.1:1/v1", Some("base_url")),
            ("address", "127.0.0.1:7101/v1", Some("base_url")),
            ("address", "gpu-box.lan:8000", Some("base_url")),
            ("address", "[::1]:8000/v1", Some("base_url")),
            ("service", " Local", Some("provider")),
            ("hours", "12:30", None),
            ("size", "qwen:8b", None),
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
        let aliases = read("[{name: fast, model: 'local:m'}]");
        assert_eq!(meant_above("model_alias", &aliases), Some("model_aliases"));
        assert_eq!(meant_above("model_alias", &read("[]")), None);
        assert_eq!(meant_above("aliases", &read("{ll: 'ls -l'}")), None);
    }

    #[test]
    fn what_decides_the_server_is_found_inside_unknown_settings() {
        let read = |text: &str| serde_yaml::from_str::<Value>(text).unwrap();
        for (value, path, setting) in [
            ("{base_url: x}", &["base_url"][..], "base_url"),
            ("{url: 'http://h/v1'}", &["url"], "base_url"),
            (
                "{a: {b: [{c: h.example:8080}]}}",
                &["a", "b", "c"],
                "base_url",
            ),
            ("[x, http://h/v1]", &[], "base_url"),
            ("{service: local}", &["service"], "provider"),
            ("{api-key: x}", &["api-key"], "api_key"),
        ] {
            let path = [&["unknown"], path].concat();
            let value = read(value);
            assert_eq!(
                meant_below("unknown", &value),
                Some((path, setting)),
                "{value:?}"
            );
        }
        for (name, value) in [
            ("notes", "{base_url: 'http://h/v1'}"),
            ("limits", "{docs: 'http://h/v1', daily: 5, on: [monday]}"),
        ] {
            assert_eq!(meant_below(name, &read(value)), None, "{name}");
        }
        for (name, meant) in [
            ("base-url", Some("base_url")),
            ("api_key", Some("api_key")),
            ("provider", None),
            ("private", None),
        ] {
            assert_eq!(meant_inside("openrouter", name), meant, "{name}");
        }
    }

    #[test]
    fn a_profile_outside_the_profiles_is_found() {
        let read = |text: &str| serde_yaml::from_str::<Value>(text).unwrap();
        for (value, path) in [
            ("{provider: local, model: m}", &["work"][..]),
            ("{base-url: 'http://h/v1'}", &["work"]),
            ("{base_url: '${URL}'}", &["work"]),
            ("{model: 'local:m'}", &["work"]),
            ("{a: {provider: Local}}", &["work", "a"]),
        ] {
            assert_eq!(
                misplaced_profile("work", &read(value)),
                Some(path.to_vec()),
                "{value}"
            );
        }
        for value in [
            "{provider: terraform}",
            "{url: 'https://one.example/mcp'}",
            "{model: m}",
            "{a: {b: {provider: local}}}",
        ] {
            assert_eq!(misplaced_profile("work", &read(value)), None, "{value}");
        }
    }
}
