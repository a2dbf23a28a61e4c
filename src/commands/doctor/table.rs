//! The table of checks, from which the report and the documentation come.

use super::check::{Check, Finding, Group};
use super::subject::Subject;
use super::{
    configuration, conversations, keys, models, network, profiles, program, terminal, variables,
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
        "the folder is known: `AMX_CONFIG_DIR` or `~/.amx`, an absolute path",
        configuration::home,
    ),
    check(
        Group::Configuration,
        "config.folder",
        "it is a folder, can be read and written",
        configuration::folder,
    ),
    check(
        Group::Configuration,
        "config.folder-mode",
        "nobody else has rights to it: 0700",
        configuration::folder_mode,
    ),
    check(
        Group::Configuration,
        "config.owner",
        "folder and files belong to whom the home directory belongs to",
        configuration::owner,
    ),
    check(
        Group::Configuration,
        "config.links",
        "none of the files is a symbolic link",
        configuration::links,
    ),
    check(
        Group::Configuration,
        "config.file",
        "config.yml can be read: a file, text, at most 4 MiB",
        configuration::file,
    ),
    check(
        Group::Configuration,
        "config.file-mode",
        "config.yml, backups, history: 0600",
        configuration::file_mode,
    ),
    check(
        Group::Configuration,
        "config.valid",
        "config.yml loads: form, types, values",
        configuration::valid,
    ),
    check(
        Group::Configuration,
        "config.unknown-keys",
        "keys that mean nothing",
        configuration::unknown_keys,
    ),
    check(
        Group::Configuration,
        "config.schema",
        "`schema_version` is known",
        configuration::schema,
    ),
    check(
        Group::Configuration,
        "config.active",
        "`active_llm_profile` is there, or need not be",
        configuration::active,
    ),
    check(
        Group::Configuration,
        "config.backups",
        "each backup can be restored",
        configuration::backups,
    ),
    check(
        Group::Configuration,
        "config.leftovers",
        "temporary files of a writer that was stopped",
        configuration::leftovers,
    ),
    check(
        Group::Configuration,
        "config.repository",
        "the folder lies in no git working copy",
        configuration::repository,
    ),
    check(
        Group::Configuration,
        "environment.values",
        "values of variables can be used",
        variables::values,
    ),
    check(
        Group::Configuration,
        "environment.overrides",
        "which settings of the file give way to a variable",
        variables::overrides,
    ),
    check(
        Group::Configuration,
        "environment.unknown",
        "variables `AMX_…` that mean nothing",
        variables::unknown,
    ),
    check(
        Group::Profiles,
        "profile.settings",
        "everything in the profile can be used: provider, model, `${NAME}`",
        profiles::settings,
    ),
    check(
        Group::Profiles,
        "profile.address",
        "`base_url`: encrypted, and whose server it is",
        profiles::address,
    ),
    check(
        Group::Profiles,
        "profile.fallbacks",
        "`fallback_models` and `fallback_profiles` can be used",
        profiles::fallbacks,
    ),
    check(
        Group::Profiles,
        "profile.costs",
        "a cap has a price to count with",
        profiles::costs,
    ),
    check(
        Group::Profiles,
        "profile.reasoning",
        "an effort is sent where one is set",
        profiles::reasoning,
    ),
    check(
        Group::Keys,
        "key.source",
        "where the key comes from; never the key",
        keys::source,
    ),
    check(
        Group::Keys,
        "key.keyring",
        "the keyring answers, where a profile keeps its key there",
        keys::keyring,
    ),
    check(
        Group::Keys,
        "key.readable",
        "the key can be had: keyring, variable, program, file",
        keys::readable,
    ),
    check(
        Group::Keys,
        "key.binding",
        "a stored key belongs to the server that it would be sent to",
        keys::binding,
    ),
    check(
        Group::Keys,
        "key.form",
        "it begins as keys of the provider do",
        keys::form,
    ),
    check(
        Group::Keys,
        "key.plain-text",
        "config.yml, backups, histories, start files of the shell, `.env`, the store",
        keys::plain_text,
    ),
    check(
        Group::Keys,
        "key.accepted",
        "the provider accepts it",
        keys::accepted,
    ),
    check(
        Group::Keys,
        "key.limit",
        "what is left of the key's own limit",
        keys::limit,
    ),
    check(
        Group::Keys,
        "key.credits",
        "what is left of the account's credits",
        keys::credits,
    ),
    check(Group::Keys, "key.expiry", "when it ends", keys::expiry),
    check(
        Group::Network,
        "network.authorities",
        "`AMX_CA_BUNDLE` and `SSL_CERT_FILE` hold certificates",
        network::authorities,
    ),
    check(
        Group::Network,
        "network.proxy",
        "proxies of the environment, without their passwords",
        network::proxy,
    ),
    check(
        Group::Network,
        "network.client",
        "a client can be set up for the server",
        network::set_up,
    ),
    check(
        Group::Network,
        "network.name",
        "the name of the server is known (DNS)",
        network::name,
    ),
    check(
        Group::Network,
        "network.connection",
        "a connection can be made, by the proxy where there is one",
        network::connection,
    ),
    check(
        Group::Network,
        "network.certificate",
        "the server proves who it is (TLS)",
        network::certificate,
    ),
    check(
        Group::Network,
        "network.answer",
        "the server answers as a provider does",
        network::answer,
    ),
    check(
        Group::Network,
        "network.clock",
        "the clock of this machine agrees with the server's `Date`",
        network::clock,
    ),
    check(
        Group::Model,
        "model.known",
        "the provider offers the model and those to fall back to",
        models::known,
    ),
    check(
        Group::Model,
        "model.retiring",
        "whether its end is announced",
        models::retiring,
    ),
    check(
        Group::Model,
        "model.supports",
        "it takes what the profile sets",
        models::supports,
    ),
    check(
        Group::Model,
        "model.room",
        "`max_tokens` and `context_window` are not above what it takes",
        models::room,
    ),
    check(
        Group::Store,
        "store.mode",
        "nobody else has rights to the file: 0600",
        conversations::mode,
    ),
    check(
        Group::Store,
        "store.schema",
        "its version is known",
        conversations::schema,
    ),
    check(
        Group::Store,
        "store.integrity",
        "the file is whole",
        conversations::integrity,
    ),
    check(
        Group::Store,
        "store.aside",
        "damaged files from before",
        conversations::aside,
    ),
    check(
        Group::Terminal,
        "terminal.kind",
        "`TERM`, and whether there is a terminal",
        terminal::kind,
    ),
    check(
        Group::Terminal,
        "terminal.colour",
        "`NO_COLOR`, and whether there is colour",
        terminal::colour,
    ),
    check(
        Group::Terminal,
        "terminal.width",
        "columns",
        terminal::width,
    ),
    check(
        Group::Terminal,
        "terminal.characters",
        "the locale is UTF-8",
        terminal::characters,
    ),
    check(
        Group::Terminal,
        "terminal.keyboard",
        "whether questions can be asked",
        terminal::keyboard,
    ),
    check(
        Group::Program,
        "program.version",
        "version, system, processor",
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
        "the shell starts this one",
        program::this_one,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_groups_stand_together() {
        let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
        let mut groups: Vec<Group> = CHECKS.iter().map(|check| check.group).collect();
        groups.dedup();
        assert_eq!(groups.len(), 8);
    }
}
