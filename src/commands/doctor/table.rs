//! The table of checks, from which the report and the documentation come.

use super::check::{Check, Finding, Group};
use super::subject::Subject;
use super::{
    configuration, conversations, keys, models, network, profiles, program, serving, telemetry,
    terminal, tools, variables,
};

const fn check(
    group: Group,
    name: &'static str,
    looks_at: &'static str,
    examine: fn(&Subject) -> Vec<Finding>,
) -> Check {
    Check {
        name,
        group,
        looks_at,
        examine,
    }
}

/// Every check, in the order of the report.
pub const CHECKS: &[Check] = &[
    check(
        Group::Configuration,
        "config.home",
        "location of the folder: `AMX_CONFIG_DIR` or `~/.amx`, an absolute path",
        configuration::home,
    ),
    check(
        Group::Configuration,
        "config.folder",
        "the folder can be read and written",
        configuration::folder,
    ),
    check(
        Group::Configuration,
        "config.folder-mode",
        "permissions of the folder: 0700 (not on Windows)",
        configuration::folder_mode,
    ),
    check(
        Group::Configuration,
        "config.owner",
        "folder and files have the owner of the home directory (not on Windows)",
        configuration::owner,
    ),
    check(
        Group::Configuration,
        "config.links",
        "no file is a symbolic link",
        configuration::links,
    ),
    check(
        Group::Configuration,
        "config.file",
        "config.yml can be read: UTF-8 text, at most 1 MiB",
        configuration::file,
    ),
    check(
        Group::Configuration,
        "config.file-mode",
        "permissions of config.yml, backups and history: 0600 (not on Windows)",
        configuration::file_mode,
    ),
    check(
        Group::Configuration,
        "config.valid",
        "config.yml loads: syntax, types, values",
        configuration::valid,
    ),
    check(
        Group::Configuration,
        "config.unknown-keys",
        "unknown settings in config.yml",
        configuration::unknown_keys,
    ),
    check(
        Group::Configuration,
        "config.schema",
        "`schema_version` is supported",
        configuration::schema,
    ),
    check(
        Group::Configuration,
        "config.active",
        "`active_llm_profile` is a profile",
        configuration::active,
    ),
    check(
        Group::Configuration,
        "config.backups",
        "every backup can be restored",
        configuration::backups,
    ),
    check(
        Group::Configuration,
        "config.leftovers",
        "temporary files of interrupted writes",
        configuration::leftovers,
    ),
    check(
        Group::Configuration,
        "config.repository",
        "the folder is not inside a git working copy",
        configuration::repository,
    ),
    check(
        Group::Configuration,
        "environment.values",
        "values of variables are valid",
        variables::values,
    ),
    check(
        Group::Configuration,
        "environment.overrides",
        "settings of config.yml that a variable overrides",
        variables::overrides,
    ),
    check(
        Group::Configuration,
        "environment.unknown",
        "unknown variables `AMX_…`",
        variables::unknown,
    ),
    check(
        Group::Configuration,
        "config.tools",
        "the programs of `tools` and `mcp_servers` exist; none is started",
        tools::programs,
    ),
    check(
        Group::Profiles,
        "profile.settings",
        "provider, model and `${NAME}` references are valid",
        profiles::settings,
    ),
    check(
        Group::Profiles,
        "profile.address",
        "`base_url`: encrypted, and the provider's own server",
        profiles::address,
    ),
    check(
        Group::Profiles,
        "profile.fallbacks",
        "`fallback_models` and `fallback_profiles` are valid",
        profiles::fallbacks,
    ),
    check(
        Group::Profiles,
        "profile.costs",
        "a cost cap has a price to estimate with",
        profiles::costs,
    ),
    check(
        Group::Profiles,
        "profile.reasoning",
        "the reasoning effort is sent",
        profiles::reasoning,
    ),
    check(
        Group::Keys,
        "key.source",
        "where the key is stored; never the key",
        keys::source,
    ),
    check(
        Group::Keys,
        "key.keyring",
        "the keyring responds, where a profile uses it",
        keys::keyring,
    ),
    check(
        Group::Keys,
        "key.readable",
        "the key can be read: keyring, variable, program, file",
        keys::readable,
    ),
    check(
        Group::Keys,
        "key.binding",
        "a stored key belongs to the server of the profile",
        keys::binding,
    ),
    check(
        Group::Keys,
        "key.form",
        "the key has the provider's prefix",
        keys::form,
    ),
    check(
        Group::Keys,
        "key.plain-text",
        "plain-text keys: config.yml, backups, histories, shell start-up files, `.env`, store",
        keys::plain_text,
    ),
    check(
        Group::Keys,
        "key.accepted",
        "the provider accepts the key",
        keys::accepted,
    ),
    check(
        Group::Keys,
        "key.limit",
        "remaining limit of the key",
        keys::limit,
    ),
    check(
        Group::Keys,
        "key.credits",
        "remaining credits of the account",
        keys::credits,
    ),
    check(
        Group::Keys,
        "key.expiry",
        "expiry date of the key",
        keys::expiry,
    ),
    check(
        Group::Network,
        "network.authorities",
        "`AMX_CA_BUNDLE` and `SSL_CERT_FILE` contain certificates",
        network::authorities,
    ),
    check(
        Group::Network,
        "network.proxy",
        "proxy variables, without passwords",
        network::proxy,
    ),
    check(
        Group::Network,
        "network.client",
        "the HTTP client can be set up",
        network::set_up,
    ),
    check(
        Group::Network,
        "network.name",
        "DNS resolves the name of the server",
        network::name,
    ),
    check(
        Group::Network,
        "network.connection",
        "the server accepts a connection, through the proxy if there is one",
        network::connection,
    ),
    check(
        Group::Network,
        "network.certificate",
        "TLS certificate of the server",
        network::certificate,
    ),
    check(
        Group::Network,
        "network.answer",
        "the server responds as a provider's API",
        network::answer,
    ),
    check(
        Group::Network,
        "network.clock",
        "the clock agrees with the server's `Date` header",
        network::clock,
    ),
    check(
        Group::Network,
        "network.telemetry",
        "a collector accepts an empty export, where telemetry is on",
        telemetry::collector,
    ),
    check(
        Group::Network,
        "network.unsent",
        "spans of telemetry that wait for the next question, or were dropped in the last 7 days",
        telemetry::unsent,
    ),
    check(
        Group::Model,
        "model.known",
        "the provider offers the model and the fallback models",
        models::known,
    ),
    check(
        Group::Model,
        "model.retiring",
        "announced deprecation",
        models::deprecated,
    ),
    check(
        Group::Model,
        "model.supports",
        "the model supports the settings of the profile",
        models::supports,
    ),
    check(
        Group::Model,
        "model.room",
        "`max_tokens` and `context_window` are within the model's limits",
        models::limits,
    ),
    check(
        Group::Store,
        "store.mode",
        "permissions of the store: 0600 (not on Windows)",
        conversations::mode,
    ),
    check(
        Group::Store,
        "store.space",
        "space left for the store",
        conversations::space,
    ),
    check(
        Group::Store,
        "store.schema",
        "version of the store",
        conversations::schema,
    ),
    check(
        Group::Store,
        "store.integrity",
        "integrity of the store",
        conversations::integrity,
    ),
    check(
        Group::Store,
        "store.aside",
        "damaged stores that were moved aside",
        conversations::aside,
    ),
    check(
        Group::Terminal,
        "terminal.kind",
        "`TERM`, and whether stdout is a terminal",
        terminal::kind,
    ),
    check(
        Group::Terminal,
        "terminal.colour",
        "`NO_COLOR` and colour support",
        terminal::colour,
    ),
    check(
        Group::Terminal,
        "terminal.width",
        "width in columns",
        terminal::width,
    ),
    check(
        Group::Terminal,
        "terminal.characters",
        "the locale is UTF-8; on Windows, whether the output is piped",
        terminal::characters,
    ),
    check(
        Group::Terminal,
        "terminal.keyboard",
        "whether prompts are possible",
        terminal::keyboard,
    ),
    check(
        Group::Program,
        "serve.servers",
        "each running `amx serve` answers, and only this machine can connect to it",
        serving::servers,
    ),
    check(
        Group::Program,
        "serve.keys",
        "the keys of clients can be read and are valid",
        serving::client_keys,
    ),
    check(
        Group::Program,
        "program.version",
        "version, system, architecture",
        program::version,
    ),
    check(
        Group::Program,
        "program.duplicates",
        "one `amx` on `PATH`",
        program::duplicates,
    ),
    check(
        Group::Program,
        "program.path",
        "the shell runs this program",
        program::this_one,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_groups_are_contiguous() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
        let mut groups: Vec<Group> = CHECKS.iter().map(|check| check.group).collect();
        groups.dedup();
        assert_eq!(groups.len(), 8);
    }
}
