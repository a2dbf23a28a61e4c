//! Decides by rules whether a call may run, before anybody is asked. Pure.
//!
//! | rule | bound to the definition | decided by |
//! |---|---|---|
//! | `--allow NAME` | no | `flag` |
//! | a tool of amx that only reads, inside `--root` | no | `flag` |
//! | `approve: allow` of a command | no: it is in the user's own file | `config` |
//! | `approve: allow` of a server | as first seen | `config` |
//! | *always* | yes | `always` |
//! | *conversation* | yes | `conversation` |
//! | *server* | the server, and each tool as first seen in the conversation | `conversation` |
//!
//! What a tool says about itself, its description and its annotations, is in no rule.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{change, server_alone, server_of};
use super::names::matches;
pub(crate) use crate::chat::tool::DecidedBy;
use crate::ports::approval::{CallToApprove, Decision, Standing};

/// An approval in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredRule {
    /// The definition that was approved.
    pub definition: String,
    /// A person said *always*. Else the configuration allowed the tool when it was first called.
    pub is_always: bool,
}

/// What the rules say about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    Allowed(DecidedBy),
    /// Allowed by the configuration, and to be stored as it is now.
    AllowedAsSeen,
    /// Nothing allows it. What has changed since it was allowed, if it was.
    Ask {
        change: Option<String>,
    },
}

/// The rules of one run: those of the command line, and what was decided in the conversation.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    /// Names and patterns of `--allow`.
    flags: BTreeSet<String>,
    /// Names and patterns of `/allow`, until the conversation ends.
    allowed: BTreeSet<String>,
    /// Definitions of the tools that were allowed for this conversation.
    tools: BTreeMap<String, String>,
    /// Servers that were allowed for this conversation, by name, each with what it was then.
    servers: BTreeMap<String, Option<String>>,
    /// Definitions of the tools that ran in this conversation.
    seen: BTreeMap<String, String>,
}

impl Permissions {
    /// The rules of a run with these names and patterns; see [`may_allow`].
    pub(crate) fn new(flags: impl IntoIterator<Item = String>) -> Self {
        Self {
            flags: flags.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The names and patterns of the command line.
    pub(crate) fn flags(&self) -> Vec<String> {
        self.flags.iter().cloned().collect()
    }

    /// All names and patterns that are allowed whatever changes.
    pub(crate) fn allowed_words(&self) -> String {
        let names: Vec<&str> = self
            .flags
            .union(&self.allowed)
            .map(String::as_str)
            .collect();
        names.join(", ")
    }

    /// Allows a name or pattern until the conversation ends.
    pub(crate) fn allow(&mut self, pattern: String) {
        self.allowed.insert(pattern);
    }

    /// Forgets what was decided in a conversation. The rules of the command line stay.
    pub(crate) fn end_conversation(&mut self) {
        let flags = std::mem::take(&mut self.flags);
        *self = Self::new(flags);
    }

    /// Asks about everything again.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What the rules say about a call. `stored` is the approval of its tool in the store.
    pub(crate) fn rule(&self, call: &CallToApprove, stored: Option<&StoredRule>) -> Ruling {
        let is_same = |before: &String| *before == call.definition;
        let is_named = |names: &BTreeSet<String>| names.iter().any(|it| matches(it, &call.tool));
        if is_named(&self.flags) {
            return Ruling::Allowed(DecidedBy::Flag);
        }
        if is_named(&self.allowed) {
            return Ruling::Allowed(DecidedBy::Conversation);
        }
        match (call.standing, stored) {
            (Standing::Free, _) => return Ruling::Allowed(DecidedBy::Flag),
            (Standing::Allowed, _) => return Ruling::Allowed(DecidedBy::Config),
            (Standing::AllowedAsSeen, None) => return Ruling::AllowedAsSeen,
            (Standing::AllowedAsSeen, Some(rule)) if is_same(&rule.definition) => {
                return Ruling::Allowed(DecidedBy::Config);
            }
            (_, Some(rule)) if rule.is_always && is_same(&rule.definition) => {
                return Ruling::Allowed(DecidedBy::Always);
            }
            _ => {}
        }
        let seen = self.seen.get(&call.tool);
        let name = call.server.as_ref();
        let allowed = name.and_then(|name| self.servers.get(name));
        let replaced = allowed.and_then(|allowed| replacement(allowed.as_ref(), &call.definition));
        let is_of_server = allowed.is_some() && replaced.is_none();
        if self.tools.get(&call.tool).is_some_and(is_same)
            || is_of_server && seen.is_none_or(is_same)
        {
            return Ruling::Allowed(DecidedBy::Conversation);
        }
        let before = stored.map(|rule| &rule.definition).or(seen);
        Ruling::Ask {
            change: match before {
                Some(before) => change(before, &call.definition),
                None => replaced,
            },
        }
    }

    /// Notes that a call was allowed: a later one is compared with it.
    pub(crate) fn allowed_call(&mut self, call: &CallToApprove) {
        self.seen.insert(call.tool.clone(), call.definition.clone());
    }

    /// Notes what a person decided about a call.
    pub(crate) fn decided(&mut self, call: &CallToApprove, decision: &Decision) -> DecidedBy {
        let by = match decision {
            Decision::Denied(_) => return DecidedBy::Denied,
            Decision::Once => DecidedBy::Once,
            Decision::Always => DecidedBy::Always,
            Decision::Conversation => {
                self.tools
                    .insert(call.tool.clone(), call.definition.clone());
                DecidedBy::Conversation
            }
            Decision::Server => {
                let server = server_of(&call.definition);
                let name = call.server.clone();
                self.servers.extend(name.map(|name| (name, server)));
                DecidedBy::Conversation
            }
        };
        self.allowed_call(call);
        by
    }
}

/// What is different where the server of a call is not the one that was allowed under its name.
fn replacement(allowed: Option<&String>, definition: &str) -> Option<String> {
    let now = server_of(definition);
    let alone = |server: Option<&String>| server.map_or_else(String::new, |it| server_alone(it));
    change(&alone(allowed), &alone(now.as_ref()))
}

/// Whether a pattern of `--allow` names something: one of wildcards alone would allow everything.
pub(crate) fn may_allow(pattern: &str) -> bool {
    pattern.chars().any(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::definition::definition;

    fn call(tool: &str, definition: &str, standing: Standing) -> CallToApprove {
        CallToApprove {
            tool: tool.to_owned(),
            server: Some("files".to_owned()),
            definition: format!("{{\"description\":\"{definition}\"}}"),
            standing,
            ..CallToApprove::default()
        }
    }

    /// A call of a tool that nobody has seen, of the server `files` that this command starts.
    fn call_of(command: &str, tool: &str) -> CallToApprove {
        let server = json!({"command": [command], "cwd": null});
        CallToApprove {
            definition: definition(server, tool, None, &json!({}), None),
            ..call(tool, "", Standing::Ask)
        }
    }

    fn stored(call: &CallToApprove, is_always: bool) -> StoredRule {
        StoredRule {
            definition: call.definition.clone(),
            is_always,
        }
    }

    fn asks(ruling: &Ruling) -> bool {
        matches!(ruling, Ruling::Ask { .. })
    }

    fn asks_with_change(ruling: &Ruling) -> bool {
        matches!(ruling, Ruling::Ask { change: Some(_) })
    }

    #[test]
    fn nothing_is_allowed_by_itself_whatever_a_tool_claims() {
        let permissions = Permissions::default();
        let mut call = call("read", "Only reads. Approved.", Standing::Ask);
        call.claims = vec!["read-only".to_owned()];
        assert_eq!(permissions.rule(&call, None), Ruling::Ask { change: None });
    }

    #[test]
    fn a_flag_allows_names_and_patterns_whatever_changed() {
        let permissions = Permissions::new(["weather".to_owned(), "github__get_*".to_owned()]);
        for (tool, is_allowed) in [
            ("weather", true),
            ("weather2", false),
            ("github__get_issue", true),
            ("github__get_", true),
            ("github__delete_get_", false),
        ] {
            let call = call(tool, "new", Standing::Ask);
            let old = stored(&super::tests::call(tool, "old", Standing::Ask), true);
            let ruling = permissions.rule(&call, Some(&old));
            assert_eq!(
                ruling == Ruling::Allowed(DecidedBy::Flag),
                is_allowed,
                "{tool}"
            );
        }
    }

    #[test]
    fn what_a_conversation_allowed_ends_with_it() {
        let mut permissions = Permissions::new(["weather".to_owned()]);
        permissions.allow("add".to_owned());
        assert_eq!(permissions.allowed_words(), "add, weather");
        let weather = call("weather", "", Standing::Ask);
        let add = call("add", "", Standing::Ask);
        assert_eq!(
            permissions.rule(&add, None),
            Ruling::Allowed(DecidedBy::Conversation)
        );
        permissions.end_conversation();
        assert!(asks(&permissions.rule(&add, None)));
        assert_eq!(
            permissions.rule(&weather, None),
            Ruling::Allowed(DecidedBy::Flag)
        );
        assert_eq!(permissions.allowed_words(), "weather");
    }

    #[test]
    fn there_is_no_pattern_for_everything() {
        for everything in ["*", "**", "?*", "*?*", "", "_*", "-"] {
            assert!(!may_allow(everything), "{everything}");
        }
        assert!(may_allow("a*") && may_allow("weather"));
    }

    #[test]
    fn always_holds_until_the_definition_changes() {
        let permissions = Permissions::default();
        let before = call("add", "Adds.", Standing::Ask);
        let rule = stored(&before, true);
        assert_eq!(
            permissions.rule(&before, Some(&rule)),
            Ruling::Allowed(DecidedBy::Always)
        );
        let now = call("add", "Deletes.", Standing::Ask);
        let ruling = permissions.rule(&now, Some(&rule));
        let Ruling::Ask {
            change: Some(change),
        } = ruling
        else {
            panic!("{ruling:?}");
        };
        assert_eq!(
            change,
            "- description: \"Adds.\"\n+ description: \"Deletes.\""
        );
    }

    #[test]
    fn what_the_configuration_allowed_once_is_no_always() {
        let permissions = Permissions::default();
        let seen = call("add", "Adds.", Standing::AllowedAsSeen);
        assert_eq!(permissions.rule(&seen, None), Ruling::AllowedAsSeen);
        let rule = stored(&seen, false);
        let ruling = permissions.rule(&seen, Some(&rule));
        assert_eq!(ruling, Ruling::Allowed(DecidedBy::Config));
        let changed = call("add", "Deletes.", Standing::AllowedAsSeen);
        assert!(asks_with_change(&permissions.rule(&changed, Some(&rule))));
        let no_longer = call("add", "Adds.", Standing::Ask);
        assert!(asks(&permissions.rule(&no_longer, Some(&rule))));
    }

    #[test]
    fn a_command_of_the_users_own_file_may_change() {
        let permissions = Permissions::default();
        let rule = stored(&call("weather", "old", Standing::Allowed), false);
        let now = call("weather", "new", Standing::Allowed);
        let ruling = permissions.rule(&now, Some(&rule));
        assert_eq!(ruling, Ruling::Allowed(DecidedBy::Config));
    }

    #[test]
    fn a_conversation_allows_the_tool_that_was_shown() {
        let mut permissions = Permissions::default();
        let add = call("add", "Adds.", Standing::Ask);
        let by = permissions.decided(&add, &Decision::Conversation);
        assert_eq!(by, DecidedBy::Conversation);
        let ruling = permissions.rule(&add, None);
        assert_eq!(ruling, Ruling::Allowed(DecidedBy::Conversation));
        let changed = call("add", "Deletes.", Standing::Ask);
        assert!(asks_with_change(&permissions.rule(&changed, None)));
        assert!(asks(
            &permissions.rule(&call("sub", "Adds.", Standing::Ask), None)
        ));
    }

    #[test]
    fn a_server_allows_its_tools_as_they_were_first_seen() {
        let mut permissions = Permissions::default();
        let add = call("add", "Adds.", Standing::Ask);
        permissions.decided(&add, &Decision::Server);
        let other = call("sub", "Subtracts.", Standing::Ask);
        let ruling = permissions.rule(&other, None);
        assert_eq!(ruling, Ruling::Allowed(DecidedBy::Conversation));
        permissions.allowed_call(&other);
        let changed = call("sub", "Deletes.", Standing::Ask);
        assert!(asks_with_change(&permissions.rule(&changed, None)));
        let elsewhere = CallToApprove {
            server: Some("web".to_owned()),
            ..add
        };
        assert!(asks(&permissions.rule(&elsewhere, None)));
    }

    #[test]
    fn a_yes_for_a_server_is_for_the_program_that_it_was() {
        let mut permissions = Permissions::default();
        permissions.decided(&call_of("old", "add"), &Decision::Server);
        let same = permissions.rule(&call_of("old", "sub"), None);
        assert_eq!(same, Ruling::Allowed(DecidedBy::Conversation));
        // Neither a tool that ran nor one that was never seen runs in another program.
        for tool in ["add", "sub"] {
            let ruling = permissions.rule(&call_of("new", tool), None);
            let Ruling::Ask {
                change: Some(change),
            } = ruling
            else {
                panic!("{tool}: {ruling:?}");
            };
            let lines = "- server.command: [\"old\"]\n+ server.command: [\"new\"]";
            assert_eq!(change, lines, "{tool}");
        }
        permissions.decided(&call_of("new", "sub"), &Decision::Server);
        let again = permissions.rule(&call_of("new", "div"), None);
        assert_eq!(again, Ruling::Allowed(DecidedBy::Conversation));
        assert!(asks(&permissions.rule(&call_of("old", "sub"), None)));
    }

    #[test]
    fn once_and_no_allow_nothing_more() {
        let mut permissions = Permissions::default();
        let add = call("add", "Adds.", Standing::Ask);
        assert_eq!(permissions.decided(&add, &Decision::Once), DecidedBy::Once);
        assert_eq!(permissions.rule(&add, None), Ruling::Ask { change: None });
        let denied = permissions.decided(&add, &Decision::Denied(None));
        assert_eq!(denied, DecidedBy::Denied);
        assert!(asks(&permissions.rule(&add, None)));
    }
}
