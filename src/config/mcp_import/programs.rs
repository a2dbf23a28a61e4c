//! The programs whose MCP servers can be imported, and where their files are.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::json_text;

/// How a program writes variables of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variables {
    /// Not at all: every text is literal.
    None,
    /// `${NAME}` and `${NAME:-default}`.
    Braces,
    /// `${env:NAME}`, and other words in braces.
    Prefixed,
    /// `$NAME` and `${NAME}`.
    Dollar,
}

/// Another program with MCP servers.
#[derive(Debug)]
pub(crate) struct Program {
    /// For `--from`.
    pub id: &'static str,
    pub title: &'static str,
    /// Where its files have the servers.
    pub(super) sections: &'static [&'static str],
    /// Its files below the home directory; each system has some of them.
    pub(super) home_files: &'static [&'static str],
    /// Its files below the folder of a project.
    pub(super) project_files: &'static [&'static str],
    pub(super) variables: Variables,
    /// `url` without a type is of the old transport.
    pub(super) url_is_sse: bool,
    pub(crate) is_toml: bool,
}

pub(crate) const PROGRAMS: &[Program] = &[
    Program {
        id: "claude-code",
        title: "Claude Code",
        sections: &["mcpServers"],
        home_files: &[".claude.json"],
        project_files: &[".mcp.json"],
        variables: Variables::Braces,
        url_is_sse: false,
        is_toml: false,
    },
    Program {
        id: "claude-desktop",
        title: "Claude Desktop",
        sections: &["mcpServers"],
        home_files: &[
            ".config/Claude/claude_desktop_config.json",
            "Library/Application Support/Claude/claude_desktop_config.json",
            "AppData/Roaming/Claude/claude_desktop_config.json",
        ],
        project_files: &[],
        variables: Variables::None,
        url_is_sse: false,
        is_toml: false,
    },
    Program {
        id: "cursor",
        title: "Cursor",
        sections: &["mcpServers"],
        home_files: &[".cursor/mcp.json"],
        project_files: &[".cursor/mcp.json"],
        variables: Variables::Prefixed,
        url_is_sse: false,
        is_toml: false,
    },
    Program {
        id: "vscode",
        title: "VS Code",
        sections: &["servers", "mcpServers"],
        home_files: &[
            ".config/Code/User/mcp.json",
            "Library/Application Support/Code/User/mcp.json",
            "AppData/Roaming/Code/User/mcp.json",
            ".copilot/mcp-config.json",
        ],
        project_files: &[".vscode/mcp.json"],
        variables: Variables::Prefixed,
        url_is_sse: false,
        is_toml: false,
    },
    Program {
        id: "zed",
        title: "Zed",
        sections: &["context_servers"],
        home_files: &[
            ".config/zed/settings.json",
            "AppData/Roaming/Zed/settings.json",
        ],
        project_files: &[".zed/settings.json"],
        variables: Variables::None,
        url_is_sse: false,
        is_toml: false,
    },
    Program {
        id: "gemini-cli",
        title: "gemini-cli",
        sections: &["mcpServers"],
        home_files: &[".gemini/settings.json"],
        project_files: &[".gemini/settings.json"],
        variables: Variables::Dollar,
        url_is_sse: true,
        is_toml: false,
    },
    Program {
        id: "codex",
        title: "Codex",
        sections: &["mcp_servers"],
        home_files: &[".codex/config.toml"],
        project_files: &[".codex/config.toml"],
        variables: Variables::None,
        url_is_sse: false,
        is_toml: true,
    },
];

/// The words of `--from`.
pub(crate) const IDS: &[&str] = &[
    "claude-code",
    "claude-desktop",
    "cursor",
    "vscode",
    "zed",
    "gemini-cli",
    "codex",
];

/// A file of a program.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub program: &'static Program,
    pub path: PathBuf,
    /// The folder of the project that it belongs to; `None` for the files of a user.
    pub project: Option<PathBuf>,
    /// Where amx was started.
    pub folder: Option<PathBuf>,
}

/// The files that may exist: those of the user, then those of the project in `folder`.
pub(crate) fn known_files(home: Option<&Path>, folder: Option<&Path>) -> Vec<SourceFile> {
    let of_user = PROGRAMS.iter().flat_map(|program| {
        let file = move |name: &&str| Some((program, home?.join(name), None));
        program.home_files.iter().filter_map(file)
    });
    // The home directory is no project.
    let folder_of_project = folder.filter(|folder| Some(*folder) != home);
    let of_project = PROGRAMS.iter().flat_map(|program| {
        let file = move |name: &&str| {
            let folder = folder_of_project?;
            Some((program, folder.join(name), Some(folder.to_owned())))
        };
        program.project_files.iter().filter_map(file)
    });
    of_user
        .chain(of_project)
        .map(|(program, path, project)| SourceFile {
            program,
            path,
            project,
            folder: folder.map(Path::to_owned),
        })
        .collect()
}

/// The program with an ID.
pub(crate) fn with_id(id: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.id == id)
}

/// The source of a file that was named: by its path, else by its content.
pub(crate) fn source_of(
    path: &Path,
    text: &str,
    program: Option<&'static Program>,
    home: Option<&Path>,
    folder: Option<&Path>,
) -> SourceFile {
    let program = program
        .or_else(|| by_path(path))
        .unwrap_or_else(|| by_content(path, text));
    let is_of_user = |name: &&str| home.is_some_and(|home| path == home.join(name));
    let project = program
        .project_files
        .iter()
        .filter(|_| !program.home_files.iter().any(&is_of_user))
        .find(|name| path.ends_with(name))
        .and_then(|name| path.ancestors().nth(Path::new(name).components().count()));
    SourceFile {
        program,
        path: path.to_owned(),
        project: project.map(Path::to_owned),
        folder: folder.map(Path::to_owned),
    }
}

fn by_path(path: &Path) -> Option<&'static Program> {
    let names = |program: &&Program| {
        let mut names = program.home_files.iter().chain(program.project_files);
        names.any(|name| path.ends_with(name))
    };
    PROGRAMS.iter().find(names)
}

/// By the sections and settings that only one program has.
fn by_content(path: &Path, text: &str) -> &'static Program {
    let root = json_text::parse(text).unwrap_or_default();
    let id = if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        "codex"
    } else if root.get("context_servers").is_some() {
        "zed"
    } else if root.get("servers").is_some() || root.get("inputs").is_some() {
        "vscode"
    } else if has_entry_with(&root, "httpUrl") {
        "gemini-cli"
    } else if has_entry_with(&root, "envFile") || text.contains("${env:") {
        "cursor"
    } else {
        "claude-code"
    };
    with_id(id).unwrap_or(&PROGRAMS[0])
}

fn has_entry_with(root: &Value, key: &str) -> bool {
    let servers = root.get("mcpServers").and_then(Value::as_object);
    servers.is_some_and(|servers| servers.values().any(|server| server.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_from_are_the_programs() {
        let ids: Vec<_> = PROGRAMS.iter().map(|program| program.id).collect();
        assert_eq!(ids, IDS);
    }

    #[test]
    fn a_file_is_recognised_by_its_path_and_then_by_its_content() {
        let home = Path::new("/home/ada");
        let id = |path: &str, text: &str| {
            let source = source_of(Path::new(path), text, None, Some(home), None);
            (
                source.program.id,
                source.project.map(|path| path.display().to_string()),
            )
        };
        let project = |path: &str| Some(path.to_owned());
        assert_eq!(id("/p/.mcp.json", "{}"), ("claude-code", project("/p")));
        assert_eq!(id("/p/.vscode/mcp.json", "{}"), ("vscode", project("/p")));
        assert_eq!(id("/home/ada/.cursor/mcp.json", "{}"), ("cursor", None));
        assert_eq!(id("/p/.zed/settings.json", "{}"), ("zed", project("/p")));
        assert_eq!(id("/x.json", "{\"servers\": {},}"), ("vscode", None));
        let gemini = "{\"mcpServers\": {\"a\": {\"httpUrl\": \"https://h\"}}}";
        assert_eq!(id("/x.json", gemini), ("gemini-cli", None));
        assert_eq!(id("/x.toml", ""), ("codex", None));
        assert_eq!(id("/x.json", "not json"), ("claude-code", None));
    }
}
