//! config.yml: read, parsed, and checked.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_yaml::Value;

use super::aliases::{Aliases, WrittenAlias};
use super::command_tool::CommandTool;
use super::error::{ConfigError, Position};
use super::footer::{self, StatusPart, WrittenStatus};
use super::home::{FILE_NAME, Home};
use super::mcp_server::McpServer;
use super::places::invalid;
use super::profile::Profile;
use super::serve::ServeSettings;
use super::telemetry::TelemetrySettings;
use super::theme::ThemeName;
use super::window::{Notification, Titles, WindowSettings};
use super::{locate, merge, places, plain_secrets, scalars, trust, yaml};
use crate::catalog::nearest::closest;
use crate::wire::api_key::{known_secrets, remember};
use crate::wire::files::{self, BoundedFile, ReadError};
use crate::wire::key_forms::{REPLACEMENT, keys_in};

/// Newest `schema_version` that this program supports.
pub(crate) const SCHEMA_VERSION: u64 = 1;

/// Largest file read, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Key bindings of the line editor.
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
    /// The text on disk; empty when there is no file.
    pub text: String,
    /// Whether there is a file.
    pub exists: bool,
    pub profiles: BTreeMap<String, Profile>,
    pub active: Option<String>,
    pub keys: Keys,
    pub theme: ThemeName,
    /// Whether a conversation has a footer.
    pub has_footer: bool,
    /// The parts of its status row.
    pub status: Vec<StatusPart>,
    pub titles: Titles,
    pub window: WindowSettings,
    /// Other names for models.
    pub aliases: Aliases,
    /// The command tools by name. None is run unless a profile or a flag names it.
    pub tools: BTreeMap<String, CommandTool>,
    /// The MCP servers by name. None is started unless a profile or a flag names it.
    pub mcp_servers: BTreeMap<String, McpServer>,
    /// The settings of `amx serve`.
    pub serve: ServeSettings,
    /// Where traces of answers are sent; `None` without `telemetry`.
    pub telemetry: Option<TelemetrySettings>,
    /// Probable mistakes, each with its place.
    pub warnings: Vec<String>,
    /// As it is written.
    root: Value,
    /// With merge keys replaced; `None` when there are none.
    merged: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Root {
    #[serde(default)]
    llm_profiles: Option<BTreeMap<String, Profile>>,
    active_llm_profile: Option<String>,
    schema_version: Option<u64>,
    keys: Option<Keys>,
    theme: Option<ThemeName>,
    footer: Option<bool>,
    status: Option<WrittenStatus>,
    titles: Option<Titles>,
    terminal_title: Option<bool>,
    prompt_marks: Option<bool>,
    notifications: Option<Notification>,
    model_aliases: Option<Vec<WrittenAlias>>,
    serve: Option<ServeSettings>,
}

impl ConfigFile {
    /// Reads and checks the file. No file is an empty configuration.
    pub fn load(home: &Home) -> Result<Self, ConfigError> {
        let file = Self::load_for_edit(home)?;
        file.check_active()?;
        file.management_key()?;
        Ok(file)
    }

    /// The same for an edit that may fix the active profile, which is not checked.
    pub fn load_for_edit(home: &Home) -> Result<Self, ConfigError> {
        let path = home.config_file();
        let failed = |error: ReadError| ConfigError::Read {
            path: path.clone(),
            source: error.into(),
        };
        let file = match BoundedFile::open(&path, LARGEST_FILE) {
            Ok(file) => file,
            Err(ReadError::Io(error)) if error.kind() == ErrorKind::NotFound => {
                refuse_dangling_link(home)?;
                return Self::missing(path);
            }
            Err(error) => return Err(failed(error)),
        };
        let metadata = file.metadata().map_err(|error| failed(error.into()))?;
        trust::check(home, &path, &metadata)?;
        let text = file.read_text().map_err(failed)?;
        Self::parse_profiles(path, text)
    }

    /// The empty configuration of a machine without the file.
    fn missing(path: PathBuf) -> Result<Self, ConfigError> {
        Ok(Self {
            exists: false,
            ..Self::parse_profiles(path, String::new())?
        })
    }

    /// The empty configuration of a process without a home.
    pub(crate) fn without_home() -> Result<Self, ConfigError> {
        Self::missing(PathBuf::from(FILE_NAME))
    }

    /// The text of a configuration or of a backup, at most 1 MiB.
    pub(crate) fn read_text(path: &Path) -> std::io::Result<String> {
        Ok(files::read_text(path, LARGEST_FILE)?)
    }

    /// Parses and checks a text as the content of `path`.
    pub fn parse(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        let file = Self::parse_profiles(path, text)?;
        file.check_active()?;
        file.management_key()?;
        Ok(file)
    }

    fn parse_profiles(path: PathBuf, text: String) -> Result<Self, ConfigError> {
        // Before anything can be said about the file.
        keys_in(&text).for_each(remember);
        let root = parse_root(&path, &text)?;
        plain_secrets::remember_keys(&root);
        let merged = merge_keys(&path, &text, &root)?;
        let meant = merged.as_ref().unwrap_or(&root);
        plain_secrets::of_sections(meant).for_each(remember);
        let typed: Root = match (&root, &merged) {
            (Value::Null, _) => Root::default(),
            (_, Some(merged)) => serde_path_to_error::deserialize(merged.clone())
                .map_err(|error| places::in_value(&path, &text, &[], &error))?,
            (Value::Mapping(_), None) => {
                yaml::parse_typed(&text).map_err(|error| places::in_file(&path, &text, &error))?
            }
            _ => {
                return Err(invalid(
                    &path,
                    Some(Position { line: 1, column: 1 }),
                    "the file must be a mapping of settings to values".to_owned(),
                ));
            }
        };
        let aliases = compiled_aliases(&path, &text, &typed)?;
        let status = status_parts(&path, &text, &typed)?;
        let mut file = Self {
            path,
            exists: true,
            profiles: typed.llm_profiles.unwrap_or_default(),
            keys: typed.keys.unwrap_or_default(),
            theme: typed.theme.unwrap_or_default(),
            has_footer: typed.footer.unwrap_or(true),
            status,
            titles: typed.titles.unwrap_or_default(),
            window: WindowSettings {
                has_title: typed.terminal_title.unwrap_or(true),
                has_marks: typed.prompt_marks.unwrap_or(true),
                notification: typed.notifications.unwrap_or_default(),
            },
            aliases,
            tools: BTreeMap::new(),
            mcp_servers: BTreeMap::new(),
            serve: typed.serve.unwrap_or_default(),
            telemetry: None,
            active: typed.active_llm_profile.filter(|name| !name.is_empty()),
            warnings: Vec::new(),
            root,
            merged,
            text,
        };
        file.check_spelling()?;
        file.check_booleans()?;
        file.check_profiles()?;
        file.tools = file.read_command_tools()?;
        file.mcp_servers = file.read_mcp_servers()?;
        file.telemetry = file.read_telemetry()?;
        file.check_tool_names()?;
        file.warnings = file.collect_warnings(typed.schema_version);
        Ok(file)
    }

    /// The version of the schema that the file declares.
    pub fn schema_version(&self) -> Option<u64> {
        self.root.get("schema_version").and_then(Value::as_u64)
    }

    /// The text as it may be shown. The writer finds the secrets in it that are written as they
    /// are; the others are replaced here.
    pub(crate) fn shown_text(&self) -> String {
        scalars::without_disguised(&self.text, REPLACEMENT, |value| {
            let secrets = known_secrets().into_iter();
            secrets.filter(|secret| value.contains(secret)).collect()
        })
    }

    /// The parsed document, for edits.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The parsed document as it is meant: with merge keys replaced.
    pub(super) fn meant(&self) -> &Value {
        self.merged.as_ref().unwrap_or(&self.root)
    }

    /// The error for a profile that does not exist, with a suggestion.
    pub fn no_profile(&self, name: &str, from: &str) -> ConfigError {
        ConfigError::NoProfile {
            name: name.to_owned(),
            from: from.to_owned(),
            nearest: closest(name, self.profiles.keys().map(String::as_str)).map(str::to_owned),
            known: self.profiles.keys().cloned().collect(),
        }
    }

    /// The error for the models that an alias leads to.
    pub(crate) fn alias_fault(&self, index: usize, what: &str) -> ConfigError {
        let list = "model_aliases";
        let position = locate::position_in_list(&self.text, list, index, "replacement");
        invalid(&self.path, position, format!("{list}[{index}]: {what}"))
    }

    /// `config.yml:LINE` of a setting of a profile, for messages.
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
}

/// Refuses a configuration that is not found because a link to it, or to its folder, is dangling:
/// the one that was meant could name another server than the default.
fn refuse_dangling_link(home: &Home) -> Result<(), ConfigError> {
    let file = home.config_file();
    for path in [home.directory(), &file] {
        if let Ok(target) = std::fs::read_link(path)
            && !path.exists()
        {
            return Err(ConfigError::DanglingLink {
                path: path.to_owned(),
                target,
            });
        }
    }
    Ok(())
}

/// The document with its merge keys replaced; `None` when it has none.
fn merge_keys(path: &Path, text: &str, root: &Value) -> Result<Option<Value>, ConfigError> {
    if !root.is_mapping() || !text.contains(merge::KEY) {
        return Ok(None);
    }
    merge::merged(root).map(Some).map_err(|fault| {
        let keys: Vec<&str> = fault.path.iter().map(String::as_str).collect();
        let what = format!(
            "{} must be a mapping or a list of mappings, such as <<: *common",
            fault.path.join(".")
        );
        invalid(path, locate::position_of(text, &keys), what)
    })
}

fn parse_root(path: &Path, text: &str) -> Result<Value, ConfigError> {
    // As a `Value` first: only that notices a setting written twice.
    yaml::parse_typed(text).map_err(|error| places::in_file(path, text, &error))
}

/// The parts of the status row.
///
/// # Errors
/// What is wrong with them, with their place.
fn status_parts(path: &Path, text: &str, typed: &Root) -> Result<Vec<StatusPart>, ConfigError> {
    footer::status_parts(typed.status.as_ref())
        .map_err(|what| invalid(path, locate::position_of_value(text, &["status"]), what))
}

/// The aliases for models.
///
/// # Errors
/// Which one is invalid, with its place.
fn compiled_aliases(path: &Path, text: &str, typed: &Root) -> Result<Aliases, ConfigError> {
    let written = typed.model_aliases.as_deref().unwrap_or_default();
    Aliases::compile(written).map_err(|fault| {
        let position = locate::position_in_list(text, "model_aliases", fault.index, fault.key);
        let what = format!(
            "model_aliases[{}].{}: {}",
            fault.index, fault.key, fault.what
        );
        invalid(path, position, what)
    })
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
    fn the_example_of_the_documentation_loads() {
        let file = parse(
            "llm_profiles:\n  or-claude:\n    provider: openrouter\n    model: anthropic/claude-sonnet-4\n    api_key: keyring://amx/or-claude/api_key\n    temperature: 0.2\n    n_alternatives: 3\nactive_llm_profile: or-claude\n",
        )
        .unwrap();
        assert_eq!(file.active.as_deref(), Some("or-claude"));
        assert_eq!(file.profiles["or-claude"].temperature, Some(0.2));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }

    #[test]
    fn an_empty_file_is_an_empty_configuration() {
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
    fn errors_name_line_column_and_setting() {
        assert_eq!(
            fault("llm_profiles:\n  a:\n    temperature: warm\n"),
            "config.yml:3:18: llm_profiles.a.temperature must be a number from 0 to 2"
        );
        assert_eq!(
            fault("llm_profiles:\n  a:\n    temperature: 3\n"),
            "config.yml:3:18: llm_profiles.a.temperature must be a number from 0 to 2"
        );
        assert_eq!(
            fault("llm_profiles:\n  a.b:\n    logprob_high: [1]\n"),
            "config.yml:3:19: llm_profiles.a.b.logprob_high must be a number, not a list"
        );
        assert_eq!(
            fault("llm_profiles:\n  a: {fallback_models: [x, [y]]}\n"),
            "config.yml:2:24: llm_profiles.a.fallback_models[1] must be text, not a list"
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
    fn the_footer_and_its_status_row_are_switched() {
        let file = parse("").unwrap();
        assert!(file.has_footer);
        assert_eq!(file.status.len(), footer::STATUS_PARTS.len());
        let file = parse("footer: false\nstatus: [cost, model]\n").unwrap();
        assert!(!file.has_footer);
        assert_eq!(file.status, [StatusPart::Cost, StatusPart::Model]);
        for off in ["off", "\"off\"", "false", "[]"] {
            assert!(
                parse(&format!("status: {off}\n"))
                    .unwrap()
                    .status
                    .is_empty()
            );
        }
        assert_eq!(
            fault("status: short\n"),
            "config.yml:1:9: status must be off or a list such as [model, context, cost]"
        );
        assert!(fault("status: [clock]\n").contains("status"));
        assert!(fault("footer: maybe\n").contains("footer"));
    }

    #[test]
    fn what_surrounds_a_conversation_can_be_switched() {
        let default = parse("").unwrap();
        assert_eq!(default.titles, Titles::FirstLine);
        assert_eq!(default.window, WindowSettings::default());
        let file = parse(
            "titles: model\nterminal_title: false\nprompt_marks: false\nnotifications: off\n",
        )
        .unwrap();
        assert_eq!(file.titles, Titles::Model);
        let window = WindowSettings {
            has_title: false,
            has_marks: false,
            notification: Notification::Off,
        };
        assert_eq!(file.window, window);
        assert_eq!(
            fault("titles: always\n"),
            "config.yml:1:9: titles must be first-line or model"
        );
        assert_eq!(
            fault("notifications: loud\n"),
            "config.yml:1:16: notifications must be auto, bell, desktop or off"
        );
    }

    #[test]
    fn a_theme_is_one_of_four() {
        assert_eq!(parse("theme: light\n").unwrap().theme, ThemeName::Light);
        assert_eq!(parse("").unwrap().theme, ThemeName::Auto);
        assert_eq!(
            fault("theme: solarized\n"),
            "config.yml:1:8: theme must be auto, dark, light or mono"
        );
    }

    #[test]
    fn unknown_settings_get_a_warning_with_a_suggestion() {
        let file = parse("llm_profiles:\n  a:\n    temprature: 1\n    app: {tittle: x}\nother_tool: {x: 1}\nmodel_alias: []\n").unwrap();
        assert_eq!(
            file.warnings,
            [
                "config.yml:6: unknown setting 'model_alias'; did you mean 'model_aliases'?",
                "config.yml:3: unknown setting 'temprature'; did you mean 'temperature'?",
                "config.yml:4: unknown setting 'tittle'; did you mean 'title'?",
            ]
        );
    }

    #[test]
    fn a_setting_of_a_profile_at_the_top_level_gets_a_warning() {
        let file = parse("llm_profiles:\n  a: {model: m}\nbase_url: http://h/v1\ntemperature: 1\n");
        let misplaced = |line: u8, key: &str| {
            format!(
                "config.yml:{line}: {key} is a setting of a profile, and has no effect outside \
                llm_profiles.NAME"
            )
        };
        assert_eq!(
            file.unwrap().warnings,
            [misplaced(3, "base_url"), misplaced(4, "temperature")]
        );
        assert_eq!(
            fault("base_url: http://h/v1\n"),
            "config.yml:1:1: base_url is a setting of a profile, and has no effect outside \
            llm_profiles.NAME. Without it, another server may be used"
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
