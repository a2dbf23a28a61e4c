//! The checks of the MCP servers of config.yml: errors with their places, and typos.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::error::ConfigError;
use super::file::ConfigFile;
use super::mcp_server::{McpServer, OAuthSettings};
use super::mcp_servers::{KEYS, OAUTH_KEYS, SECTIONS, oauth_of, read};
use super::warnings::Warnings;

impl ConfigFile {
    /// The servers of the file.
    ///
    /// # Errors
    /// What is wrong with the first invalid one, with its place.
    pub(super) fn read_mcp_servers(&self) -> Result<BTreeMap<String, McpServer>, ConfigError> {
        read(self.meant()).map_err(|fault| fault.in_file(&self.path, &self.text))
    }

    /// The settings for a login to a server.
    pub(crate) fn oauth_of(&self, name: &str) -> OAuthSettings {
        oauth_of(self.meant(), name)
    }

    /// Warns about unknown settings of servers.
    pub(super) fn warn_about_servers(&self, warnings: &mut Warnings<'_>) {
        for section in SECTIONS {
            let servers = self.meant().get(section).and_then(Value::as_mapping);
            for (name, server) in servers.into_iter().flatten() {
                let Some(name) = name.as_str() else { continue };
                let above = [*section, name];
                self.warn_about_keys(&above, Some(server), KEYS, warnings);
                let oauth = [*section, name, "oauth"];
                self.warn_about_keys(&oauth, server.get("oauth"), OAUTH_KEYS, warnings);
            }
        }
    }

    pub(super) fn warn_about_keys(
        &self,
        above: &[&str],
        value: Option<&Value>,
        known: &[&'static str],
        warnings: &mut Warnings<'_>,
    ) {
        let entries = value.and_then(Value::as_mapping).into_iter().flatten();
        for key in entries.filter_map(|(key, _)| key.as_str()) {
            if !known.contains(&key) {
                let path = [above, &[key]].concat();
                warnings.add(|file| self.unknown_setting(file, &path, known));
            }
        }
    }

    /// The section of a server in the file, for edits.
    pub(crate) fn section_of_server(&self, name: &str) -> Option<&'static str> {
        let has = |section: &&&str| {
            self.root()
                .get(**section)
                .is_some_and(|servers| servers.get(name).is_some())
        };
        SECTIONS.iter().find(has).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::config::command_tool::Approve;
    use crate::config::mcp_server::Transport;
    use crate::config::mcp_servers::is_server_name;

    fn servers(text: &str) -> Result<BTreeMap<String, McpServer>, String> {
        ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned())
            .map(|file| file.mcp_servers)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn both_kinds_of_servers_are_read_under_both_names() {
        let read = servers(
            "mcp_servers:\n  github:\n    command: docker\n    args: [run, -i]\n    env: {TOKEN: \
            \"keyring://amx/mcp/github/TOKEN\"}\n    timeout: 2m\n    approve: {get_me: allow}\n\
            mcpServers:\n  web:\n    type: http\n    url: https://mcp.example/mcp?v=1\n    \
            headers: {Authorization: \"Bearer ${TOKEN}\"}\n    only: [get_*]\n    approve: allow\n",
        )
        .unwrap();
        let github = &read["github"];
        assert_eq!(github.target(), "docker run -i");
        assert_eq!(github.timeout, Duration::from_secs(120));
        assert_eq!(github.start_timeout, Duration::from_secs(30));
        assert_eq!(github.approve, Approve::Ask);
        assert_eq!(github.approve_tools["get_me"], Approve::Allow);
        let web = &read["web"];
        assert_eq!((web.kind(), web.approve), ("http", Approve::Allow));
        assert_eq!(web.only, ["get_*"]);
        let joined = servers("mcp_servers: {a: {command: [npx, -y, x y]}}").unwrap();
        assert!(
            matches!(&joined["a"].transport, Transport::Stdio { command, .. }
                if *command == ["npx", "-y", "x y"])
        );
    }

    /// A server, and what is said about it.
    const INVALID: &[(&str, &str)] = &[
        ("{}", "3:3: mcp_servers.x: has neither command nor url"),
        (
            "{command: a, url: \"https://h\"}",
            "mcp_servers.x.url: is given besides command",
        ),
        (
            "{command: npx -y x}",
            "3:16: mcp_servers.x.command: is run without a shell; write",
        ),
        ("{command: \"\"}", "mcp_servers.x.command: is empty"),
        ("{command: []}", "mcp_servers.x.command: is empty"),
        (
            "{command: a, headers: {A: b}}",
            "mcp_servers.x.headers: is a setting of servers",
        ),
        (
            "{url: \"https://h\", env: {A: b}}",
            "mcp_servers.x.env: is a setting of servers",
        ),
        (
            "{url: \"http://h.example\"}",
            "is plain http to another machine",
        ),
        (
            "{url: \"https://h/mcp?api_key=hunter2hunter2\"}",
            "has a key in its query",
        ),
        (
            "{type: sse, url: \"https://h\"}",
            "mcp_servers.x.type: the HTTP+SSE transport",
        ),
        (
            "{type: http, command: a}",
            "mcp_servers.x.type: 'http' needs url",
        ),
        (
            "{command: a, env: {P: 1}}",
            "mcp_servers.x.env.P must be text; quote it",
        ),
        (
            "{command: a, env: {P: \"${\"}}",
            "mcp_servers.x.env.P: has a '${' without",
        ),
        (
            "{command: a, env: {P: \"keyring://amx/mcp/y/P\"}}",
            "keyring://amx/mcp/x/NAME",
        ),
        (
            "{command: a, timeout: soon}",
            "mcp_servers.x.timeout: a time is written like",
        ),
        (
            "{command: a, approve: yes}",
            "mcp_servers.x.approve must be ask, allow",
        ),
        (
            "{url: \"https://h\", headers: {Host: b}}",
            "'Host' is set by amx",
        ),
        (
            "{url: \"https://h\", oauth: {callback_port: 0}}",
            "from 1 to 65535",
        ),
        ("[a]", "mcp_servers.x must be a mapping with command or url"),
    ];

    #[test]
    fn an_invalid_server_has_its_place_and_what_is_wrong() {
        for (body, expected) in INVALID {
            let error = servers(&format!("# x\nmcp_servers:\n  x: {body}\n")).unwrap_err();
            assert!(error.contains(expected), "{body}: {error}");
            assert!(error.starts_with("config.yml:3:"), "{body}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn names_are_checked_and_unique_over_both_sections() {
        let twice = "mcp_servers: {a: {command: x}}\nmcpServers:\n  a: {command: x}\n";
        assert_eq!(
            servers(twice).unwrap_err(),
            "config.yml:3:3: mcpServers.a: is in mcp_servers too; remove one of them"
        );
        for name in ["A", "a_b", "-a", "a.b", "аbc"] {
            let error = servers(&format!("mcp_servers: {{\"{name}\": {{command: x}}}}"));
            assert!(
                error.unwrap_err().contains("is not a server name"),
                "{name}"
            );
        }
        assert!(is_server_name(&"a".repeat(32)) && !is_server_name(&"a".repeat(33)));
    }

    #[test]
    fn unknown_settings_are_warned_about() {
        let text = "mcp_servers:\n  a:\n    command: x\n    time_out: 3s\n";
        let file = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        assert_eq!(
            file.warnings,
            ["config.yml:4: unknown setting 'time_out'; did you mean 'timeout'?"]
        );
    }
}
