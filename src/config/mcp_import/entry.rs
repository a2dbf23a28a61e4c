//! One server of another program, as a draft of ours.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::env_file;
use super::placeholders::{Folders, translated};
use super::programs::Program;
use crate::config::mcp_draft::{DraftTarget, DraftText, ServerDraft};
use crate::config::mcp_server::OAuthSettings;
use crate::config::mcp_servers::{NO_SSE, is_server_name};

/// A server that was found.
#[derive(Debug, PartialEq)]
pub(crate) struct Imported {
    /// As it is called there.
    pub name: String,
    pub outcome: Outcome,
    /// What is not taken over, each in a few words.
    pub notes: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Draft(Box<ServerDraft>),
    /// It is turned off there.
    TurnedOff,
    /// Why it cannot be imported, in words that follow its name.
    Refused(String),
}

/// Settings that would run tools without a question, which only the user's own file may say.
const TRUST: &[&str] = &[
    "trust",
    "alwaysAllow",
    "autoApprove",
    "default_tools_approval_mode",
];

/// Reads the entry of a name.
pub(super) fn read(
    name: &str,
    value: &Value,
    program: &'static Program,
    folders: &Folders<'_>,
) -> Imported {
    let mut notes = Vec::new();
    let outcome = match value.as_object() {
        None => Outcome::Refused("is not a mapping".to_owned()),
        Some(fields) if is_off(fields) => Outcome::TurnedOff,
        Some(fields) => {
            let entry = Entry {
                fields,
                program,
                folders,
            };
            let trusted = TRUST.iter().filter(|key| fields.contains_key(**key));
            notes.extend(trusted.map(|key| format!("{key} is not taken over")));
            match entry.draft(name) {
                Ok(draft) => {
                    if draft.name != name {
                        notes.push(format!("its name there is {}", name.escape_debug()));
                    }
                    Outcome::Draft(Box::new(draft))
                }
                Err(why) => Outcome::Refused(why),
            }
        }
    };
    Imported {
        name: name.to_owned(),
        outcome,
        notes,
    }
}

fn is_off(fields: &Map<String, Value>) -> bool {
    fields.get("disabled") == Some(&Value::Bool(true))
        || fields.get("enabled") == Some(&Value::Bool(false))
}

/// A name as amx has it: lower case, with `-` for all other characters.
fn own_name(name: &str) -> Option<String> {
    let mut own = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            own.push(c);
        } else if !own.is_empty() && !own.ends_with('-') {
            own.push('-');
        }
    }
    own.truncate(32);
    let own = own.trim_end_matches('-').to_owned();
    is_server_name(&own).then_some(own)
}

struct Entry<'a> {
    fields: &'a Map<String, Value>,
    program: &'static Program,
    folders: &'a Folders<'a>,
}

impl Entry<'_> {
    fn draft(&self, name: &str) -> Result<ServerDraft, String> {
        if self.fields.contains_key("headersHelper") {
            return Err(
                "gets its headers from a command (headersHelper), which amx does not run; \
                write a header with cmd:PROGRAM"
                    .to_owned(),
            );
        }
        Ok(ServerDraft {
            name: own_name(name).ok_or("has no name that amx can use")?,
            target: self.target()?,
            timeout: self.timeout()?,
            start_timeout: self.seconds("startup_timeout_sec")?,
            only: self.tools(&["includeTools", "enabled_tools", "tools"])?,
            except: self.tools(&["excludeTools", "disabled_tools"])?,
        })
    }

    fn target(&self) -> Result<DraftTarget, String> {
        let kind = self.fields.get("type").and_then(Value::as_str);
        if kind == Some("sse") {
            return Err(format!("cannot be reached: {NO_SSE}"));
        }
        if self.fields.get("command").is_some() {
            return self.stdio();
        }
        let streamable = ["httpUrl", "serverUrl"]
            .iter()
            .find_map(|key| self.text(key));
        let url = match (streamable, self.text("url")) {
            (Some(url), _) => url,
            (None, Some(_)) if self.program.url_is_sse && kind != Some("http") => {
                return Err(format!("cannot be reached: {NO_SSE} (httpUrl)"));
            }
            (None, Some(url)) => url,
            (None, None)
                if self.fields.contains_key("source") || self.fields.contains_key("settings") =>
            {
                return Err(format!("is an extension of {}", self.program.title));
            }
            (None, None) => return Err("has neither command nor url".to_owned()),
        };
        let mut headers = self.pairs("headers")?;
        headers.extend(self.pairs("http_headers")?);
        for (name, variable) in self.plain_pairs("env_http_headers")? {
            headers.push((name, DraftText::plain(format!("${{{variable}}}"))));
        }
        if let Some(variable) = self.text("bearer_token_env_var") {
            let text = DraftText::plain(format!("Bearer ${{{variable}}}"));
            headers.push(("Authorization".to_owned(), text));
        }
        Ok(DraftTarget::Http {
            url: self.translated("url", url)?,
            headers,
            oauth: self.oauth(),
        })
    }

    fn stdio(&self) -> Result<DraftTarget, String> {
        let (command, nested) = match self.fields.get("command") {
            // An older form of Zed.
            Some(Value::Object(nested)) => {
                (nested.get("path").and_then(Value::as_str), Some(nested))
            }
            other => (other.and_then(Value::as_str), None),
        };
        let command = command
            .filter(|command| !command.is_empty())
            .ok_or("has no command")?;
        let inner = Entry {
            fields: nested.unwrap_or(self.fields),
            ..*self
        };
        let mut argv = vec![self.translated("command", command)?];
        for argument in inner.texts("args")? {
            argv.push(self.translated("args", &argument)?);
        }
        let mut env: Vec<(String, DraftText)> = self.env_file()?;
        for (name, text) in inner.pairs("env")? {
            env.retain(|(other, _)| *other != name);
            env.push((name, text));
        }
        for name in self.texts("env_vars")? {
            env.push((name.clone(), DraftText::plain(format!("${{{name}}}"))));
        }
        Ok(DraftTarget::Stdio {
            cwd: self.cwd(&argv)?,
            command: argv,
            env,
        })
    }

    /// The folder: as given, or that of the project for a program that is named relative to it.
    fn cwd(&self, argv: &[DraftText]) -> Result<Option<String>, String> {
        if let Some(cwd) = self.text("cwd") {
            return match self.translated("cwd", cwd)?.literal() {
                Some(text) => Ok(Some(self.below_project(text))),
                None => Err("has an input in cwd".to_owned()),
            };
        }
        let is_relative = |text: &DraftText| {
            let text = text.literal().unwrap_or_default();
            text.starts_with("./") || text.starts_with("../")
        };
        let project = self
            .folders
            .project
            .filter(|_| argv.iter().any(is_relative));
        Ok(project
            .and_then(Path::to_str)
            .map(|path| path.replace("${", "$${")))
    }

    /// A relative folder as one below the project, where there is one.
    fn below_project(&self, text: String) -> String {
        let is_relative = !text.starts_with("${") && !Path::new(&text).has_root();
        match self.folders.project.filter(|_| is_relative) {
            Some(project) => {
                let inner = text.strip_prefix("./").unwrap_or(&text);
                project.join(inner).display().to_string()
            }
            None => text,
        }
    }

    fn env_file(&self) -> Result<Vec<(String, DraftText)>, String> {
        let Some(path) = self.text("envFile") else {
            return Ok(Vec::new());
        };
        let path = self
            .translated("envFile", path)?
            .literal()
            .unwrap_or_default();
        let path = match self.folders.project {
            Some(project) => project.join(path),
            None => PathBuf::from(path),
        };
        let literal =
            |(name, value): (String, String)| (name, DraftText::plain(value.replace("${", "$${")));
        Ok(env_file::read(&path)?.into_iter().map(literal).collect())
    }

    /// The longest call: in milliseconds, or in seconds where the name says so.
    fn timeout(&self) -> Result<Option<Duration>, String> {
        let millis = self.fields.get("timeout").and_then(Value::as_u64);
        match millis.filter(|millis| *millis > 0) {
            Some(millis) => Ok(Some(Duration::from_millis(millis))),
            None => self.seconds("tool_timeout_sec"),
        }
    }

    fn seconds(&self, key: &str) -> Result<Option<Duration>, String> {
        let Some(value) = self.fields.get(key) else {
            return Ok(None);
        };
        let duration = value
            .as_f64()
            .and_then(|secs| Duration::try_from_secs_f64(secs).ok());
        let duration = duration.filter(|duration| !duration.is_zero());
        duration
            .map(Some)
            .ok_or_else(|| format!("has an invalid {key}"))
    }

    /// Names of tools; `*` is all of them.
    fn tools(&self, keys: &[&str]) -> Result<Vec<String>, String> {
        let mut tools = Vec::new();
        for key in keys {
            tools.extend(self.texts(key)?);
        }
        tools.retain(|tool| tool != "*");
        Ok(tools)
    }

    fn oauth(&self) -> OAuthSettings {
        let oauth = self.fields.get("oauth").and_then(Value::as_object);
        let text = |key: &str| {
            let text = oauth?.get(key)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let scopes = match oauth.and_then(|oauth| oauth.get("scopes")) {
            Some(Value::String(scopes)) => scopes.split_whitespace().map(str::to_owned).collect(),
            Some(Value::Array(scopes)) => scopes
                .iter()
                .filter_map(|scope| scope.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        let port = oauth.and_then(|oauth| oauth.get("callbackPort")?.as_u64());
        OAuthSettings {
            client_id: text("clientId"),
            scopes,
            callback_port: port.and_then(|port| u16::try_from(port).ok()),
            metadata_url: text("authServerMetadataUrl"),
        }
    }

    fn translated(&self, key: &str, text: &str) -> Result<DraftText, String> {
        translated(text, self.program.variables, self.folders)
            .map_err(|why| format!("cannot be translated: {key} {why}"))
    }

    fn text(&self, key: &str) -> Option<&str> {
        let text = self.fields.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// A list of texts; numbers are texts too.
    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| plain_text(item).ok_or_else(|| format!("has an invalid {key}")))
                .collect(),
            Some(_) => Err(format!("has {key} that is not a list")),
        }
    }

    fn plain_pairs(&self, key: &str) -> Result<Vec<(String, String)>, String> {
        match self.fields.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(map)) => map
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| {
                    let text = plain_text(value);
                    let text = text.ok_or_else(|| format!("has an invalid {key}.{name}"))?;
                    Ok((name.clone(), text))
                })
                .collect(),
            Some(_) => Err(format!("has {key} that is not a mapping")),
        }
    }

    fn pairs(&self, key: &str) -> Result<Vec<(String, DraftText)>, String> {
        let translate = |(name, text): (String, String)| {
            let text = self.translated(&format!("{key}.{name}"), &text)?;
            Ok((name, text))
        };
        self.plain_pairs(key)?.into_iter().map(translate).collect()
    }
}

fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::programs::with_id;
    use super::*;

    fn read_as(program: &str, value: &Value) -> Imported {
        let folders = Folders {
            home: None,
            project: Some(Path::new("/home/me/web")),
        };
        read("My Server!", value, with_id(program).unwrap(), &folders)
    }

    fn refusal(program: &str, value: &Value) -> String {
        match read_as(program, value).outcome {
            Outcome::Refused(why) => why,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn what_amx_does_not_support_is_refused_in_words() {
        for (program, value, expected) in [
            (
                "claude-code",
                json!({"type": "sse", "url": "https://h"}),
                "HTTP+SSE",
            ),
            ("gemini-cli", json!({"url": "https://h"}), "HTTP+SSE"),
            (
                "claude-code",
                json!({"url": "https://h", "headersHelper": "x"}),
                "headersHelper",
            ),
            (
                "zed",
                json!({"source": "extension", "settings": {}}),
                "is an extension of Zed",
            ),
            ("claude-code", json!({}), "has neither command nor url"),
            ("claude-code", json!([]), "is not a mapping"),
            (
                "cursor",
                json!({"command": "a", "args": "b"}),
                "has args that is not a list",
            ),
            (
                "cursor",
                json!({"command": "${x:y}"}),
                "has ${x:y}, which amx does not support",
            ),
            (
                "cursor",
                json!({"command": "a", "envFile": "/none"}),
                "names /none, which cannot",
            ),
        ] {
            let why = refusal(program, &value);
            assert!(why.contains(expected), "{value}: {why}");
        }
    }

    #[test]
    fn a_server_that_is_off_stays_there_and_trust_is_not_taken_over() {
        let off = read_as("vscode", &json!({"command": "a", "disabled": true}));
        assert_eq!(off.outcome, Outcome::TurnedOff);
        let value = json!({"command": "./a", "trust": true, "timeout": 5000});
        let trusted = read_as("gemini-cli", &value);
        assert_eq!(
            trusted.notes,
            ["trust is not taken over", "its name there is My Server!"]
        );
        let Outcome::Draft(draft) = trusted.outcome else {
            panic!("not imported")
        };
        assert_eq!(draft.timeout, Some(Duration::from_secs(5)));
        let DraftTarget::Stdio { cwd, .. } = &draft.target else {
            panic!("not a program")
        };
        assert_eq!(cwd.as_deref(), Some("/home/me/web"));
    }

    #[test]
    fn names_keep_letters_and_digits() {
        for (name, own) in [
            ("GitHub MCP", Some("github-mcp")),
            ("@scope/x_y", Some("scope-x-y")),
            ("--", None),
        ] {
            assert_eq!(own_name(name).as_deref(), own, "{name}");
        }
        assert_eq!(own_name(&"a".repeat(40)).unwrap().len(), 32);
    }
}
