//! The groups of the slash commands, in `/help` and in the menu.

use super::command::SlashCommand;

/// Each group with the names of its commands, in order.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Ask",
        &[
            "retry",
            "edit",
            "undo",
            "file",
            "template",
            "templates",
            "alternatives",
            "copy",
        ],
    ),
    (
        "Model and settings",
        &[
            "model",
            "models",
            "profile",
            "use-llm",
            "llm-profiles",
            "add-llm-profile",
            "system",
            "effort",
            "reasoning",
            "temperature",
            "max-tokens",
            "schema",
            "set",
            "web",
            "tools",
            "allow",
            "theme",
            "multiline",
        ],
    ),
    (
        "Conversation",
        &[
            "new", "resume", "sessions", "search", "rename", "branch", "compact", "save", "exit",
        ],
    ),
    ("Information", &["help", "usage", "cost", "mcp", "doctor"]),
];

/// The group of a command that no other group names.
const MORE: &str = "More";

/// The group of a command.
pub(crate) fn group_of(name: &str) -> &'static str {
    let group = GROUPS.iter().find(|(_, names)| names.contains(&name));
    group.map_or(MORE, |(group, _)| *group)
}

/// Every group with those of the commands that are in it.
pub(super) fn grouped(
    commands: &'static [SlashCommand],
) -> Vec<(&'static str, Vec<&'static SlashCommand>)> {
    let named = |name: &&str| commands.iter().find(|command| command.name == *name);
    let more = commands
        .iter()
        .filter(|command| group_of(command.name) == MORE);
    GROUPS
        .iter()
        .map(|(group, names)| (*group, names.iter().filter_map(named).collect()))
        .chain([(MORE, more.collect())])
        .filter(|(_, commands): &(_, Vec<_>)| !commands.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversation::slash::COMMANDS;

    #[test]
    fn every_command_has_one_group() {
        for command in COMMANDS {
            let groups = GROUPS
                .iter()
                .filter(|(_, names)| names.contains(&command.name));
            assert_eq!(groups.count(), 1, "/{}", command.name);
        }
        let listed: usize = grouped(COMMANDS)
            .iter()
            .map(|(_, commands)| commands.len())
            .sum();
        assert_eq!(listed, COMMANDS.len());
        let named: usize = GROUPS.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(named, COMMANDS.len());
    }
}
