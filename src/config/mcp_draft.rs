//! A new MCP server before it is written: which of its values are secrets, and its YAML.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_yaml::{Mapping, Value};

use super::mcp_server::OAuthSettings;
use super::secret_words::{has_password, is_secret_argument, is_secret_name, is_worth_hiding};
use crate::secrets::value::is_reference;
use crate::wire::api_key::remember;
use crate::wire::key_forms::keys_in;

/// A server to be added.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServerDraft {
    pub name: String,
    pub target: DraftTarget,
    pub timeout: Option<Duration>,
    pub start_timeout: Option<Duration>,
    pub only: Vec<String>,
    pub except: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DraftTarget {
    Stdio {
        /// Program and arguments.
        command: Vec<DraftText>,
        env: Vec<(String, DraftText)>,
        cwd: Option<String>,
    },
    Http {
        url: DraftText,
        headers: Vec<(String, DraftText)>,
        oauth: OAuthSettings,
    },
}

/// A text, in which answers of the user may be missing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftText(pub Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it stands in config.yml, with `${NAME}`.
    Text(String),
    /// The ID of an input.
    Input(String),
}

/// What was typed for an input.
#[derive(Debug, Clone)]
pub(crate) struct InputAnswer {
    pub text: String,
    pub is_secret: bool,
}

pub(crate) type Answers = BTreeMap<String, InputAnswer>;

/// A secret of a draft, which goes to the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftSecret {
    /// The name of its entry.
    pub entry: String,
    pub value: String,
}

impl DraftText {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// The text; `None` when a part of it is asked for.
    pub(crate) fn literal(&self) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Input(_) => None,
        };
        self.0.iter().map(part).collect()
    }

    /// The inputs that it needs.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Input(id) => Some(id.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Whether a part of it is typed by the user.
    fn is_asked(&self) -> bool {
        self.inputs().next().is_some()
    }

    /// The text with the answers, and whether one of them is a secret. An answer is literal: its
    /// `${` is escaped.
    fn filled(&self, answers: &Answers) -> (String, bool) {
        let mut text = String::new();
        let mut has_secret = false;
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Input(id) => {
                    let Some(answer) = answers.get(id) else {
                        continue;
                    };
                    has_secret |= answer.is_secret;
                    text.push_str(&answer.text.replace("${", "$${"));
                }
            }
        }
        (text, has_secret)
    }
}

impl ServerDraft {
    /// Every text of it.
    pub(crate) fn texts(&self) -> Vec<&DraftText> {
        match &self.target {
            DraftTarget::Stdio { command, env, .. } => command
                .iter()
                .chain(env.iter().map(|(_, text)| text))
                .collect(),
            DraftTarget::Http { url, headers, .. } => [url]
                .into_iter()
                .chain(headers.iter().map(|(_, text)| text))
                .collect(),
        }
    }

    /// The server as it is written, with `reference` for each secret, and the secrets.
    ///
    /// # Errors
    /// Which value has a secret where none can be.
    pub(crate) fn written(
        &self,
        answers: &Answers,
        reference: &dyn Fn(&str) -> String,
    ) -> Result<(Value, Vec<DraftSecret>), String> {
        let mut entries = Mapping::new();
        let mut writer = Writer {
            answers,
            reference,
            secrets: Vec::new(),
        };
        match &self.target {
            DraftTarget::Stdio { command, env, cwd } => {
                write_command(&mut entries, writer.arguments(command)?);
                insert_map(&mut entries, "env", writer.named(env)?);
                if let Some(cwd) = cwd {
                    entries.insert("cwd".into(), cwd.as_str().into());
                }
            }
            DraftTarget::Http {
                url,
                headers,
                oauth,
            } => {
                let (url, has_secret) = url.filled(answers);
                if has_secret || keys_in(&url).next().is_some() {
                    return Err("has a key in its URL; write a variable there: ?key=${NAME}".into());
                }
                entries.insert("url".into(), url.into());
                insert_map(&mut entries, "headers", writer.named(headers)?);
                insert_oauth(&mut entries, oauth);
            }
        }
        self.insert_limits(&mut entries);
        Ok((Value::Mapping(entries), writer.secrets))
    }

    fn insert_limits(&self, entries: &mut Mapping) {
        for (name, duration) in [
            ("timeout", self.timeout),
            ("start_timeout", self.start_timeout),
        ] {
            if let Some(duration) = duration {
                entries.insert(name.into(), written_duration(duration).into());
            }
        }
        for (name, globs) in [("only", &self.only), ("except", &self.except)] {
            insert_list(entries, name, globs);
        }
    }
}

/// Writes texts, and collects the secrets among them.
struct Writer<'a> {
    answers: &'a Answers,
    reference: &'a dyn Fn(&str) -> String,
    secrets: Vec<DraftSecret>,
}

impl Writer<'_> {
    /// A text; one that is a secret becomes a reference to `entry`.
    fn text(&mut self, entry: String, text: &DraftText, is_secret: bool) -> Result<String, String> {
        let (text, has_secret) = text.filled(self.answers);
        let has_key = keys_in(&text).next().is_some();
        let is_hidden = has_key || has_secret || (is_secret && is_worth_hiding(&text));
        if !is_hidden || (is_reference(&text) && !has_key && !has_secret) {
            return Ok(text);
        }
        if text.contains("${") && !text.contains("$${") {
            return Err(format!(
                "{entry} has a key and a variable in one text; put all of it into the variable"
            ));
        }
        let value = text.replace("$${", "${");
        remember(&value);
        let written = (self.reference)(&entry);
        self.secrets.push(DraftSecret { entry, value });
        Ok(written)
    }

    fn arguments(&mut self, command: &[DraftText]) -> Result<Vec<String>, String> {
        let mut texts = Vec::new();
        let mut flag = String::new();
        for (index, text) in command.iter().enumerate() {
            let (plain, _) = text.filled(&Answers::new());
            let is_secret = is_secret_argument(&plain, &flag);
            texts.push(self.text(format!("argument-{index}"), text, is_secret)?);
            flag = plain;
        }
        Ok(texts)
    }

    /// Variables or headers.
    fn named(&mut self, pairs: &[(String, DraftText)]) -> Result<Vec<(String, String)>, String> {
        let mut named = Vec::new();
        for (name, text) in pairs {
            let (plain, _) = text.filled(self.answers);
            let is_secret = is_secret_name(name) || has_password(&plain) || text.is_asked();
            named.push((name.clone(), self.text(name.clone(), text, is_secret)?));
        }
        Ok(named)
    }
}

/// A program without arguments is a text, unless it has blanks.
fn write_command(entries: &mut Mapping, mut texts: Vec<String>) {
    let program = texts.first().cloned().unwrap_or_default();
    if program.contains(char::is_whitespace) {
        insert_list(entries, "command", &texts);
        return;
    }
    entries.insert("command".into(), program.into());
    if !texts.is_empty() {
        texts.remove(0);
    }
    insert_list(entries, "args", &texts);
}

fn insert_list(entries: &mut Mapping, name: &str, texts: &[String]) {
    if !texts.is_empty() {
        let items = texts.iter().map(|text| Value::from(text.as_str()));
        entries.insert(name.into(), Value::Sequence(items.collect()));
    }
}

fn insert_map(entries: &mut Mapping, name: &str, pairs: Vec<(String, String)>) {
    if !pairs.is_empty() {
        let map: Mapping = pairs
            .into_iter()
            .map(|(name, text)| (Value::from(name), Value::from(text)))
            .collect();
        entries.insert(name.into(), Value::Mapping(map));
    }
}

fn insert_oauth(entries: &mut Mapping, oauth: &OAuthSettings) {
    let mut inner = Mapping::new();
    if let Some(id) = &oauth.client_id {
        inner.insert("client_id".into(), id.as_str().into());
    }
    insert_list(&mut inner, "scopes", &oauth.scopes);
    if let Some(port) = oauth.callback_port {
        inner.insert("callback_port".into(), u64::from(port).into());
    }
    if let Some(url) = &oauth.metadata_url {
        inner.insert("metadata_url".into(), url.as_str().into());
    }
    if !inner.is_empty() {
        entries.insert("oauth".into(), Value::Mapping(inner));
    }
}

fn written_duration(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_references_and_the_rest_is_written() {
        let text = DraftText::plain;
        let draft = ServerDraft {
            name: "x".to_owned(),
            target: DraftTarget::Stdio {
                command: vec![text("run it"), text("--token"), text("hunter2"), text("-v")],
                env: vec![
                    ("API_TOKEN".to_owned(), text("${API_TOKEN}")),
                    (
                        "PASSWORD".to_owned(),
                        DraftText(vec![Part::Input("pw".to_owned())]),
                    ),
                    ("AUTH".to_owned(), text("none")),
                ],
                cwd: None,
            },
            timeout: Some(Duration::from_millis(1500)),
            start_timeout: None,
            only: vec!["a*".to_owned()],
            except: Vec::new(),
        };
        let answer = InputAnswer {
            text: "a${b".to_owned(),
            is_secret: true,
        };
        let answers = Answers::from([("pw".to_owned(), answer)]);
        let (value, secrets) = draft
            .written(&answers, &|entry| format!("ref:{entry}"))
            .unwrap();
        assert_eq!(
            serde_yaml::to_string(&value).unwrap(),
            "command:\n- run it\n- --token\n- ref:argument-2\n- -v\nenv:\n  API_TOKEN: \
            ${API_TOKEN}\n  PASSWORD: ref:PASSWORD\n  AUTH: none\ntimeout: 1500ms\nonly:\n- a*\n"
        );
        let kept: Vec<_> = secrets.iter().map(|secret| secret.value.as_str()).collect();
        assert_eq!(kept, ["hunter2", "a${b"]);
    }
}
