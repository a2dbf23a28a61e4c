//! Reads config.yml and says precisely what is wrong with it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_yaml::Value;

use super::aliases::{Aliases, WrittenAlias};
use super::env::Environment;
use super::error::{ConfigError, Position};
use super::home::Home;
use super::profile::{self, Profile};
use super::{locate, options, provider_header, yaml};

/// Newest `schema_version` that this program understands.
pub const SCHEMA_VERSION: u64 = 1;

/// Largest file read, in bytes.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Top-level keys of amx. Others belong to someone else and are kept untouched.
const TOP_LEVEL_KEYS: &[&str] = &[
    "llm_profiles",
    "active_llm_profile",
    "schema_version",
    "model_aliases",
    "keys",
];

/// Which keys move about in a line of the conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    #[default]
    Emacs,
    Vi,
}

/// The configuration as the user wrote it.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    pub path: PathBuf,
    /// The text as it stands on disk; empty when there is no file.
    pub text: String,
    /// Whether there is a file.
    pub exists: bool,
    pub profiles: BTreeMap<String, Profile>,
    pub active: Option<String>,
    pub keys: Keys,
    /// Other names for models.
    pub aliases: Aliases,
    /// Things that are probably mistakes, with their place.
    pub warnings: Vec<String>,
    root: Value,
}

#[derive(Debug, Default, Deserialize)]
struct Root {
    #[serde(default)]
    llm_profiles: Option<BTreeMap<String, Profile>>,
    active_llm_profile: Option<String>,
    schema_version: Option<u64>,
    keys: Option<Keys>,
    model_aliases: Option<Vec<WrittenAlias>>,
}

impl ConfigFile {
    /// Reads and checks the file. No file is an empty configuration.
    pub fn load(home: &Home) -> Result<Self, ConfigError> {
        let file = Self::load_for_edit(home)?;
        file.check_active()?;
        Ok(file)
    }

    /// The same for an edit that may mend the active profile, which is not checked.
    pub fn load_for_edit(home: &Home) -> Result<Self, ConfigError> {
        let path = home.config_file();
        match read_bounded(&path) {
            Ok(text) => Self::parse_profiles(path, text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self {
                exists: false,
                ..Self::parse_profiles(path, String::new())?
            }),
            Err(source) => Err(ConfigError::Read { path, source }),
        }
    }

    /// Checks a text as if it stood in `path`.
    pub fn parse(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        let file = Self::parse_profiles(path, text)?;
        file.check_active()?;
        Ok(file)
    }

    fn parse_profiles(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        let root = parse_root(&path, &text)?;
        let typed: Root = match &root {
            Value::Null => Root::default(),
            Value::Mapping(_) => {
                serde_yaml::from_str(&text).map_err(|error| at_location(&path, &text, &error))?
            }
            _ => {
                return Err(invalid(
                    &path,
                    Some(Position { line: 1, column: 1 }),
                    "the file must be a mapping of keys to values".to_owned(),
                ));
            }
        };
        let aliases = Aliases::compile(typed.model_aliases.as_deref().unwrap_or_default())
            .map_err(|fault| {
                let position =
                    locate::position_in_list(&text, "model_aliases", fault.index, fault.key);
                invalid(
                    &path,
                    position,
                    format!(
                        "model_aliases, number {}, {}: {}",
                        fault.index + 1,
                        fault.key,
                        fault.what
                    ),
                )
            })?;
        let mut file = Self {
            path,
            exists: true,
            profiles: typed.llm_profiles.unwrap_or_default(),
            keys: typed.keys.unwrap_or_default(),
            aliases,
            active: typed.active_llm_profile.filter(|name| !name.is_empty()),
            warnings: Vec::new(),
            root,
            text,
        };
        file.check_profiles()?;
        file.warnings = file.collect_warnings(typed.schema_version);
        Ok(file)
    }

    /// The version of the schema that the file declares.
    pub fn schema_version(&self) -> Option<u64> {
        self.root.get("schema_version").and_then(Value::as_u64)
    }

    /// The parsed document, for edits.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// A profile with every `${NAME}` in its strings replaced, save in `api_key`, which is a
    /// reference of its own.
    pub fn expanded(&self, name: &str, environment: &Environment) -> Result<Profile, ConfigError> {
        let Some(profile) = self.profiles.get(name) else {
            return Err(self.no_profile(name, "-p"));
        };
        let Some(value) = self
            .root
            .get("llm_profiles")
            .and_then(|profiles| profiles.get(name))
        else {
            return Ok(profile.clone());
        };
        if !self.text.contains("${") {
            return Ok(profile.clone());
        }
        let mut value = value.clone();
        let mut path = vec!["llm_profiles".to_owned(), name.to_owned()];
        self.expand(&mut value, &mut path, environment)?;
        serde_yaml::from_value(value)
            .map_err(|error| invalid(&self.path, self.locate(&path), error.to_string()))
    }

    fn expand(
        &self,
        value: &mut Value,
        path: &mut Vec<String>,
        environment: &Environment,
    ) -> Result<(), ConfigError> {
        match value {
            Value::String(text) if text.contains('$') => {
                *text = expand_text(text, environment).map_err(|why| {
                    let fault = match why {
                        ExpandFault::Unset(name) => format!(
                            "{} refers to ${{{name}}}, which is \
                            not set",
                            path.join(".")
                        ),
                        ExpandFault::Malformed => format!(
                            "{} has a '${{' without a name and '}}' \
                            after it; write $${{ for a plain '${{'",
                            path.join(".")
                        ),
                        ExpandFault::Environment(error) => error.to_string(),
                    };
                    invalid(&self.path, self.locate(path), fault)
                })?;
            }
            Value::Sequence(items) => {
                for item in items {
                    self.expand(item, path, environment)?;
                }
            }
            Value::Mapping(entries) => {
                for (key, item) in entries.iter_mut() {
                    let Some(key) = key.as_str() else { continue };
                    if key == "api_key" && path.len() == 2 {
                        continue;
                    }
                    path.push(key.to_owned());
                    self.expand(item, path, environment)?;
                    path.pop();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The error for a profile that is not there, with the nearest name that is.
    pub fn no_profile(&self, name: &str, from: &str) -> ConfigError {
        ConfigError::NoProfile {
            name: name.to_owned(),
            from: from.to_owned(),
            nearest: nearest(name, self.profiles.keys().map(String::as_str)).map(str::to_owned),
            known: self.profiles.keys().cloned().collect(),
        }
    }

    /// `config.yml:LINE` of a key of a profile, for messages.
    pub fn place(&self, profile: &str, key: &str) -> String {
        let position = locate::position_of(&self.text, &["llm_profiles", profile, key]);
        match position {
            Some(position) => format!(
                "{}:{}: {key} of profile '{profile}'",
                self.path.display(),
                position.line
            ),
            None => format!("{key} of profile '{profile}'"),
        }
    }

    fn locate(&self, path: &[String]) -> Option<Position> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        locate::position_of(&self.text, &path)
    }

    fn check_profiles(&self) -> Result<(), ConfigError> {
        for (name, profile) in &self.profiles {
            if !profile::is_profile_name(name) {
                let position = locate::position_of_key(&self.text, &["llm_profiles", name]);
                let what = format!(
                    "'{}' is not a profile name: letters, digits, '.', '_' and '-', beginning with \
                    a letter or digit, at most 64",
                    name.escape_debug()
                );
                return Err(invalid(&self.path, position, what));
            }
            self.check_fallbacks(name, profile)?;
            self.check_provider_header(name, profile)?;
            self.check_options(name, profile)?;
            let Some(fault) = profile.faults().into_iter().next() else {
                continue;
            };
            let path: Vec<&str> = ["llm_profiles", name]
                .into_iter()
                .chain(fault.path.iter().copied())
                .collect();
            let position = locate::position_of(&self.text, &path);
            return Err(invalid(
                &self.path,
                position,
                format!("{}: {}", path.join("."), fault.what),
            ));
        }
        Ok(())
    }

    fn check_fallbacks(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let is_known = |fallback: &&String| {
            self.profiles.contains_key(*fallback) || *fallback == super::defaults::DEMO_PROFILE
        };
        let Some(missing) = profile
            .fallback_profiles
            .iter()
            .flatten()
            .find(|fallback| !is_known(fallback))
        else {
            return Ok(());
        };
        let position =
            locate::position_of(&self.text, &["llm_profiles", name, "fallback_profiles"]);
        let what = format!(
            "llm_profiles.{name}.fallback_profiles: there is no profile '{}'",
            missing.escape_debug()
        );
        Err(invalid(&self.path, position, what))
    }

    /// A header that becomes a field of the body, as far as it holds no variables.
    fn check_provider_header(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let Some((header, value)) =
            provider_header::find(profile).filter(|(_, value)| !value.contains("${"))
        else {
            return Ok(());
        };
        let Err(why) = provider_header::parse(value) else {
            return Ok(());
        };
        let position = locate::position_of(&self.text, &["llm_profiles", name, "headers", header]);
        Err(invalid(
            &self.path,
            position,
            format!("llm_profiles.{name}.headers.{header} {why}"),
        ))
    }

    /// The fields of the body, each at the place where it stands. What holds `${NAME}` is checked
    /// when it is used.
    fn check_options(&self, name: &str, profile: &Profile) -> Result<(), ConfigError> {
        let misfit = profile
            .openrouter
            .as_ref()
            .and_then(|body| options::check::misfit(body, |text| text.contains("${")));
        let Some(misfit) = misfit else { return Ok(()) };
        let path: Vec<&str> = ["llm_profiles", name, "openrouter"]
            .into_iter()
            .chain(misfit.name.split('.'))
            .collect();
        Err(invalid(
            &self.path,
            locate::position_of(&self.text, &path),
            format!("{} {}", path.join("."), misfit.what),
        ))
    }

    fn check_active(&self) -> Result<(), ConfigError> {
        let Some(active) = &self.active else {
            return Ok(());
        };
        if self.profiles.contains_key(active) || active == super::defaults::DEMO_PROFILE {
            return Ok(());
        }
        let position = locate::position_of(&self.text, &["active_llm_profile"]);
        let suggestion = nearest(active, self.profiles.keys().map(String::as_str));
        let suggestion =
            suggestion.map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        Err(ConfigError::Invalid {
            path: self.path.clone(),
            position,
            what: format!(
                "active_llm_profile is '{}', which is not among llm_profiles{suggestion}",
                active.escape_debug()
            ),
            hint: Some("amx profiles use NAME".to_owned()),
        })
    }

    fn collect_warnings(&self, schema_version: Option<u64>) -> Vec<String> {
        let mut warnings = Vec::new();
        if schema_version.is_some_and(|version| version > SCHEMA_VERSION) {
            warnings.push(format!(
                "{} was written by a newer amx; it is read, and not written",
                self.path.display()
            ));
        }
        for key in self
            .root
            .as_mapping()
            .into_iter()
            .flatten()
            .filter_map(|(key, _)| key.as_str())
        {
            // Keys of others are kept in silence; a near miss of one of ours is a mistake.
            if !TOP_LEVEL_KEYS.contains(&key)
                && strsim::damerau_levenshtein(
                    key,
                    nearest(key, TOP_LEVEL_KEYS.iter().copied()).unwrap_or_default(),
                ) <= 2
            {
                warnings.push(self.unknown_key(&[key], TOP_LEVEL_KEYS));
            }
        }
        for (name, profile) in &self.profiles {
            self.warn_about_profile(name, &mut warnings);
            for (field, meant) in profile.openrouter.iter().flat_map(options::check::typos) {
                warnings
                    .push(self.unknown_key(&["llm_profiles", name, "openrouter", field], &[meant]));
            }
        }
        warnings
    }

    fn warn_about_profile(&self, name: &str, warnings: &mut Vec<String>) {
        let Some(Value::Mapping(entries)) = self
            .root
            .get("llm_profiles")
            .and_then(|profiles| profiles.get(name))
        else {
            return;
        };
        for (key, value) in entries {
            let Some(key) = key.as_str() else { continue };
            if !profile::KEYS.contains(&key) {
                warnings.push(self.unknown_key(&["llm_profiles", name, key], profile::KEYS));
            }
            let Some((_, nested)) = profile::NESTED_KEYS
                .iter()
                .find(|(parent, _)| *parent == key)
            else {
                continue;
            };
            for inner in value
                .as_mapping()
                .into_iter()
                .flatten()
                .filter_map(|(inner, _)| inner.as_str())
            {
                if !nested.contains(&inner) {
                    warnings.push(self.unknown_key(&["llm_profiles", name, key, inner], nested));
                }
            }
        }
    }

    fn unknown_key(&self, path: &[&str], known: &[&'static str]) -> String {
        let key = path.last().copied().unwrap_or_default();
        let line = locate::position_of_key(&self.text, path)
            .map_or_else(String::new, |position| format!(":{}", position.line));
        let suggestion = nearest(key, known.iter().copied())
            .map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        format!(
            "{}{line}: unknown key '{}'{suggestion}",
            self.path.display(),
            key.escape_debug()
        )
    }
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if metadata.len() > LARGEST_FILE {
        return Err(std::io::Error::new(
            ErrorKind::FileTooLarge,
            "it is larger than 4 MiB",
        ));
    }
    std::fs::read_to_string(path)
}

fn parse_root(path: &Path, text: &str) -> Result<Value, ConfigError> {
    // As a `Value` first: that is what notices a key written twice.
    yaml::parse(text).map_err(|error| at_location(path, text, &error))
}

pub fn at_location(path: &Path, text: &str, error: &serde_yaml::Error) -> ConfigError {
    let message = error.to_string();
    // The parser repeats the place at the end of its message; it stands in front already.
    let what = message.split(" at line ").next().unwrap_or(&message);
    let by_parser = error.location().map(|location| Position {
        line: location.line(),
        column: location.column(),
    });
    // A message that begins with a path of keys: the value itself is more precise than the parser,
    // which gives the place of the mapping around it.
    let keys: Vec<&str> = what
        .split_once(": ")
        .map(|(keys, _)| keys.split('.').collect())
        .unwrap_or_default();
    let duplicate = what
        .split_once("duplicate entry with key \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(key, _)| key);
    if let Some(key) = duplicate {
        let position = locate::position_of_second(text, &keys, key).or(by_parser);
        return invalid(path, position, what.chars().take(200).collect());
    }
    let position = if keys.first() == Some(&"llm_profiles") {
        locate::position_of_value(text, &keys).or(by_parser)
    } else {
        by_parser
    };
    invalid(path, position, what.chars().take(200).collect())
}

fn invalid(path: &Path, position: Option<Position>, what: String) -> ConfigError {
    ConfigError::Invalid {
        path: path.to_owned(),
        position,
        what,
        hint: None,
    }
}

/// The known word nearest to `word`, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word.to_ascii_lowercase(), &candidate.to_ascii_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

#[derive(Debug)]
enum ExpandFault {
    Unset(String),
    Malformed,
    Environment(ConfigError),
}

/// Replaces `${NAME}` once, from left to right; what comes from a variable is not read again.
fn expand_text(text: &str, environment: &Environment) -> Result<String, ExpandFault> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            expanded.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (name, after) = after.split_once('}').ok_or(ExpandFault::Malformed)?;
            if !crate::secrets::reference::is_variable_name(name) {
                return Err(ExpandFault::Malformed);
            }
            let value = environment.named(name).map_err(ExpandFault::Environment)?;
            expanded.push_str(value.ok_or_else(|| ExpandFault::Unset(name.to_owned()))?);
            rest = after;
        } else {
            expanded.push('$');
            rest = &rest[1..];
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<ConfigFile, ConfigError> {
        ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned())
    }

    fn fault(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_block_of_the_documentation_loads_as_it_stands() {
        let file = parse(
            "llm_profiles:\n  or-claude:\n    provider: openrouter\n    model: anthropic/claude-sonnet-4\n    api_key: keyring://amx/or-claude/api_key\n    temperature: 0.2\n    n_alternatives: 3\nactive_llm_profile: or-claude\n",
        )
        .unwrap();
        assert_eq!(file.active.as_deref(), Some("or-claude"));
        assert_eq!(file.profiles["or-claude"].temperature, Some(0.2));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }

    #[test]
    fn empty_files_are_an_empty_configuration() {
        for text in [
            "",
            "\n",
            "# only a comment\n",
            "{}",
            "---\n",
            "llm_profiles:\n",
        ] {
            assert!(parse(text).unwrap().profiles.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn faults_name_line_and_column() {
        assert_eq!(
            fault("llm_profiles:\n  a:\n    temperature: warm\n"),
            "config.yml:3:18: llm_profiles.a.temperature: invalid type: string \"warm\", expected \
            f64"
        );
        assert_eq!(
            fault("llm_profiles:\n  a:\n    temperature: 3\n"),
            "config.yml:3:18: llm_profiles.a.temperature: must lie between 0 and 2"
        );
        assert!(fault("llm_profiles:\n  a: {}\n  a: {}\n").contains("duplicate entry"));
        assert!(
            fault("llm_profiles:\n  a: {}\nactive_llm_profile: b\n")
                .starts_with("config.yml:3:21: active_llm_profile is 'b'")
        );
        assert!(fault("- a\n").contains("must be a mapping"));
        assert!(fault("a: [\n").starts_with("config.yml:"));
    }

    #[test]
    fn unknown_keys_are_warned_about_with_a_suggestion() {
        let file = parse("llm_profiles:\n  a:\n    temprature: 1\n    app: {tittle: x}\nother_tool: {x: 1}\nactive_lm_profile: a\n").unwrap();
        assert_eq!(
            file.warnings,
            [
                "config.yml:6: unknown key 'active_lm_profile'; did you mean 'active_llm_profile'?",
                "config.yml:3: unknown key 'temprature'; did you mean 'temperature'?",
                "config.yml:4: unknown key 'tittle'; did you mean 'title'?",
            ]
        );
    }

    #[test]
    fn variables_are_replaced_at_use_and_the_key_is_left_alone() {
        let file =
            parse("llm_profiles:\n  a:\n    model: ${M}\n    system: cost $5 or $${M}, ${M}\n    api_key: ${KEY}\n    headers: {X-A: \"${M}\"}\n").unwrap();
        let environment = Environment::from_pairs([("M", "a/b ${M}")]);
        let profile = file.expanded("a", &environment).unwrap();
        assert_eq!(profile.model.as_deref(), Some("a/b ${M}"));
        assert_eq!(profile.system.as_deref(), Some("cost $5 or ${M}, a/b ${M}"));
        assert_eq!(profile.api_key.as_deref(), Some("${KEY}"));
        let error = file
            .expanded("a", &Environment::default())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "config.yml:3:12: llm_profiles.a.model refers to ${M}, which is not set"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_arrangement_of_known_words_panics(words in proptest::collection::vec(prop_oneof![
            Just("llm_profiles:"), Just("\n"), Just("  a:"), Just("    model: x"), Just("&a"), Just("*a"), Just("- "), Just("{"), Just("}"), Just("!!str "), Just("? "), Just("\t"), Just("'"),
        ], 0..30)) {
            let _ = parse(&words.concat());
        }
    }
}
