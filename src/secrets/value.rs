//! The values that a program or a server is given, such as `Bearer ${TOKEN}`: texts with variables
//! of the environment, and references to an entry of the keyring or to a command.

use std::convert::Infallible;
use std::sync::Arc;

use super::command;
use super::credential::{LookUp, origin_entry};
use super::error::SecretError;
use super::expansion::{ExpansionFault, MALFORMED, expanded};
use super::keyring::SecretStore;
use super::reference::{SERVICE, is_entry_name};
use crate::platform::system::System;
use crate::wire::api_key::remember;

/// Longest name of an entry, in characters; see [`is_entry_name`].
const LONGEST_ENTRY: usize = 64;

/// Who a value is for: nobody reads the entries of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueOwner {
    /// `mcp/NAME`, `tools/NAME` or `langfuse`: what the keyring users of its entries start with.
    folder: String,
    /// `scheme://host:port` of the server that gets the value. An entry of the keyring is sent only
    /// to the server it was stored for. `None` for a program of this machine.
    origin: Option<String>,
}

impl ValueOwner {
    pub(crate) fn new(kind: &str, name: &str, origin: Option<String>) -> Self {
        Self {
            folder: format!("{kind}/{name}"),
            origin,
        }
    }

    /// An owner that is one of a kind, such as `langfuse`.
    pub(crate) fn of(folder: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            origin: None,
        }
    }

    /// The keyring user of one of its entries. Characters that an entry cannot have become `_`.
    pub(crate) fn user(&self, entry: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        };
        let entry: String = entry
            .trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
            .chars()
            .map(plain)
            .take(LONGEST_ENTRY)
            .collect();
        format!("{}/{entry}", self.folder)
    }

    /// The reference to one of its entries.
    pub(crate) fn reference(&self, entry: &str) -> String {
        format!("keyring://{SERVICE}/{}", self.user(entry))
    }

    /// The keyring user that a reference names, when it names an entry of this owner.
    pub(crate) fn user_of(&self, reference: &str) -> Option<String> {
        let user = reference.strip_prefix(&format!("keyring://{SERVICE}/"))?;
        let entry = user.strip_prefix(&self.folder)?.strip_prefix('/')?;
        is_entry_name(entry).then(|| user.to_owned())
    }
}

/// Where a value is written, which decides the forms it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// A variable or a header: also `cmd:PROGRAM ARGUMENT…`.
    Value,
    /// An argument, where `cmd:` is a text like any other.
    Argument,
}

/// A parsed value.
enum Written<'a> {
    /// The user of an entry in the keyring.
    Keyring(String),
    Command(Vec<String>),
    /// May contain `${NAME}`.
    Text(&'a str),
}

/// What is wrong with a value, in words that follow its name. They never contain the value.
pub(crate) fn fault(text: &str, form: ValueForm, owner: &ValueOwner) -> Option<String> {
    match parse(text, form, owner) {
        Err(why) => Some(why),
        Ok(Written::Text(text)) => {
            let mut look_up = |_: &str| Ok::<_, Infallible>(Some(String::new()));
            let fault = expanded(text, &mut look_up).err();
            (fault == Some(ExpansionFault::Malformed)).then(|| MALFORMED.to_owned())
        }
        Ok(_) => None,
    }
}

/// Whether a value is a reference, or has one in it, so that nothing secret is written.
pub(crate) fn is_reference(text: &str) -> bool {
    text.starts_with("keyring:") || text.starts_with("cmd:") || text.contains("${")
}

fn parse<'a>(text: &'a str, form: ValueForm, owner: &ValueOwner) -> Result<Written<'a>, String> {
    if text.starts_with("keyring:") {
        let form = || {
            format!(
                "must be an entry of its own in the keyring: keyring://{SERVICE}/{}/NAME",
                owner.folder
            )
        };
        return owner.user_of(text).map(Written::Keyring).ok_or_else(form);
    }
    match text.strip_prefix("cmd:") {
        Some(line) if form == ValueForm::Value => {
            let words = System::CURRENT
                .words(line)
                .ok_or("has a command with an unclosed quote")?;
            if words.is_empty() {
                return Err("has no program after cmd:".to_owned());
            }
            Ok(Written::Command(words))
        }
        _ => Ok(Written::Text(text)),
    }
}

/// Resolves values when they are needed.
pub(crate) struct Values {
    pub store: Arc<dyn SecretStore>,
    /// Looks up a variable for `${NAME}`.
    pub variable: LookUp,
    /// Variables that are removed from the environment of a `cmd:` program.
    pub withheld_variables: Vec<&'static str>,
}

impl Values {
    /// The value that a text stands for. `place` names its setting in errors, such as
    /// `mcp_servers.github.env.TOKEN`. What was secret is redacted from now on.
    pub(crate) fn resolve(
        &self,
        text: &str,
        form: ValueForm,
        place: &str,
        owner: &ValueOwner,
    ) -> Result<String, SecretError> {
        let malformed = |what: String| SecretError::Malformed {
            place: place.to_owned(),
            what,
        };
        match parse(text, form, owner).map_err(malformed)? {
            Written::Keyring(user) => self.read_keyring(&user, owner),
            Written::Command(words) => {
                let program = words.first().cloned().unwrap_or_default();
                let line =
                    command::first_line(&words, &self.withheld_variables, (self.variable)("PATH"))
                        .map_err(|source| SecretError::Command { program, source })?;
                remember(&line);
                Ok(line)
            }
            Written::Text(text) => {
                let mut look_up = |name: &str| Ok::<_, Infallible>((self.variable)(name));
                expanded(text, &mut look_up).map_err(|error| match error {
                    ExpansionFault::Unset(name) => SecretError::VariableUnset {
                        place: place.to_owned(),
                        name,
                    },
                    ExpansionFault::Malformed => malformed(MALFORMED.to_owned()),
                    ExpansionFault::Unreadable(never) => match never {},
                })
            }
        }
    }

    fn keyring(&self, user: &str) -> Result<Option<String>, SecretError> {
        let found = self.store.get(SERVICE, user);
        found.map_err(SecretError::ValueKeyring)
    }

    fn read_keyring(&self, user: &str, owner: &ValueOwner) -> Result<String, SecretError> {
        let Some(secret) = self.keyring(user)? else {
            return Err(SecretError::ValueNotStored {
                reference: format!("keyring://{SERVICE}/{user}"),
            });
        };
        remember(&secret);
        let Some(origin) = &owner.origin else {
            return Ok(secret);
        };
        // A changed URL must not send it to another server.
        match self.keyring(&origin_entry(user))? {
            Some(stored) if stored == *origin => Ok(secret),
            stored => Err(SecretError::BoundElsewhere {
                stored: stored.unwrap_or_else(|| "no server".to_owned()),
                asked: origin.clone(),
            }),
        }
    }

    /// Stores a value in the keyring, for the server of its owner, and returns the reference to it.
    pub(crate) fn store(
        &self,
        entry: &str,
        value: &str,
        owner: &ValueOwner,
    ) -> Result<String, SecretError> {
        remember(value);
        let user = owner.user(entry);
        let store = self.store.as_ref();
        super::keyring::store_and_verify(store, SERVICE, &user, value)?;
        if let Some(origin) = &owner.origin {
            super::keyring::store_and_verify(store, SERVICE, &origin_entry(&user), origin)?;
        }
        Ok(owner.reference(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::MemoryStore;
    use super::*;

    fn values() -> Values {
        Values {
            store: Arc::new(MemoryStore::default()),
            variable: Box::new(|name| match name {
                "TOKEN" => Some("t0k3n".to_owned()),
                "EMPTY" => Some(String::new()),
                _ => None,
            }),
            withheld_variables: Vec::new(),
        }
    }

    fn owner(origin: Option<&str>) -> ValueOwner {
        ValueOwner::new("mcp", "github", origin.map(str::to_owned))
    }

    #[test]
    fn variables_are_replaced_and_may_have_a_default() {
        let resolve = |text: &str| {
            let owner = owner(None);
            values()
                .resolve(text, ValueForm::Value, "mcp_servers.github.env.A", &owner)
                .map_err(|error| error.to_string())
        };
        assert_eq!(resolve("Bearer ${TOKEN}").unwrap(), "Bearer t0k3n");
        assert_eq!(resolve("${GONE:-a b}/${EMPTY:-c}").unwrap(), "a b/c");
        assert_eq!(resolve("$5 $${TOKEN} ${EMPTY}").unwrap(), "$5 ${TOKEN} ");
        assert_eq!(
            resolve("${GONE}").unwrap_err(),
            "mcp_servers.github.env.A refers to ${GONE}, which is not set"
        );
        assert!(resolve("${TOKEN").is_err());
        #[cfg(unix)]
        assert_eq!(resolve("cmd:printf '%s' 'a b'").unwrap(), "a b");
    }

    #[test]
    fn an_argument_may_start_with_cmd() {
        let text = "cmd:printf x";
        let resolved = values().resolve(text, ValueForm::Argument, "args", &owner(None));
        assert_eq!(resolved.unwrap(), text);
    }

    #[test]
    fn an_entry_is_read_by_its_owner_and_sent_to_its_server_only() {
        let values = values();
        let here = owner(Some("https://a.example"));
        let reference = values.store("Authorization", "Bearer x", &here).unwrap();
        assert_eq!(reference, "keyring://amx/mcp/github/Authorization");
        let read = |owner: &ValueOwner| {
            values
                .resolve(&reference, ValueForm::Value, "headers.A", owner)
                .map_err(|error| error.to_string())
        };
        assert_eq!(read(&here).unwrap(), "Bearer x");
        let moved = read(&owner(Some("https://b.example"))).unwrap_err();
        assert!(moved.contains("bound to https://a.example"), "{moved}");
        let other = ValueOwner::new("mcp", "git", None);
        assert!(read(&other).is_err_and(|why| why.contains("keyring://amx/mcp/git/NAME")));
        for text in [
            "keyring://amx/mcp/github/",
            "keyring://amx/mcp/github/a/b",
            "keyring://amx/work/api_key",
            "keyring:mcp/github/a",
        ] {
            assert!(fault(text, ValueForm::Value, &here).is_some(), "{text}");
        }
    }
}
