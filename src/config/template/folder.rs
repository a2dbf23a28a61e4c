//! The folder of templates: find by name, list, create.

use std::path::PathBuf;

use super::document::Template;
use crate::catalog::nearest::closest;
use crate::config::error::ConfigError;
use crate::config::home::Home;
use crate::config::private_file;
use crate::config::profile::is_profile_name;
use crate::wire::files;

/// The extension of the files.
const EXTENSION: &str = "md";

/// Largest template read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The folder of the templates.
pub(crate) fn directory(home: &Home) -> PathBuf {
    home.directory().join("templates")
}

/// The path of a template of that name, whether it exists or not.
pub(crate) fn path_of(home: &Home, name: &str) -> Result<PathBuf, ConfigError> {
    if is_profile_name(name) {
        return Ok(directory(home).join(format!("{name}.{EXTENSION}")));
    }
    let what = format!(
        "'{}' is not a template name: at most 64 letters, digits, '.', '_' and '-', starting with \
        a letter or digit",
        name.escape_debug()
    );
    Err(ConfigError::Invalid {
        path: directory(home),
        position: None,
        what,
        hint: Some("use ./FILE.md for a path".to_owned()),
    })
}

/// Whether the name is a path.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains(std::path::is_separator)
}

/// Reads a template by name, or by a path, which contains a separator.
pub(crate) fn load(home: &Home, name: &str) -> Result<Template, ConfigError> {
    let path = if is_path(name) {
        PathBuf::from(name)
    } else {
        path_of(home, name)?
    };
    let text = match files::read_text(&path, LARGEST).map_err(std::io::Error::from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_path(name) => {
            return Err(no_template(home, name));
        }
        Err(source) => return Err(ConfigError::Read { path, source }),
        Ok(text) => text,
    };
    Template::parse(name, &path, &text).map_err(|error| with_hint(error, name))
}

/// The path of an existing template that may be written.
pub(crate) fn existing(home: &Home, name: &str) -> Result<PathBuf, ConfigError> {
    let path = path_of(home, name)?;
    private_file::refuse_symlink(&path)?;
    if path.is_file() {
        Ok(path)
    } else {
        Err(no_template(home, name))
    }
}

/// Adds the hint that fixes an error of a template.
pub(crate) fn with_hint(error: ConfigError, name: &str) -> ConfigError {
    match error {
        ConfigError::Invalid {
            path,
            position,
            what,
            hint: None,
        } => {
            let hint = if is_path(name) {
                "fix the file, then run the command again".to_owned()
            } else {
                format!("amx templates edit {name}")
            };
            ConfigError::Invalid {
                path,
                position,
                what,
                hint: Some(hint),
            }
        }
        other => other,
    }
}

/// The names of all templates, in order; none without a folder.
pub(crate) fn names(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(directory(home))
        .into_iter()
        .flatten()
        .flatten();
    let name = |entry: std::fs::DirEntry| {
        entry
            .file_name()
            .to_str()?
            .strip_suffix(&format!(".{EXTENSION}"))
            .map(str::to_owned)
    };
    let mut names: Vec<String> = entries
        .filter_map(name)
        .filter(|name| is_profile_name(name))
        .collect();
    names.sort();
    names
}

fn no_template(home: &Home, name: &str) -> ConfigError {
    let names = names(home);
    let near = closest(name, names.iter().map(String::as_str))
        .map(|near| format!("; did you mean '{near}'?"))
        .unwrap_or_default();
    let hint = if std::path::Path::new(name).extension().is_some() {
        "--template NAME   (without .md), or a path with a folder: --template ./FILE.md".to_owned()
    } else if names.is_empty() {
        format!("amx templates new {name}")
    } else {
        "amx templates list".to_owned()
    };
    let what = format!("there is no template '{name}'{near}");
    ConfigError::Invalid {
        path: directory(home),
        position: None,
        what,
        hint: Some(hint),
    }
}

/// Creates a template, readable by its owner only and never through a link. An existing one is not
/// changed.
pub(crate) fn create(home: &Home, name: &str, text: &str) -> Result<PathBuf, ConfigError> {
    let path = path_of(home, name)?;
    private_file::create_directory(home.directory())?;
    private_file::refuse_symlink(&directory(home))?;
    private_file::create_directory(&directory(home))?;
    private_file::write_new(&path, text)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_found_by_name_and_by_path() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("amx"));
        assert_eq!(names(&home), Vec::<String>::new());
        let path = create(&home, "review", "Look: {{input}}\n").unwrap();
        create(&home, "a.b", "x\n").unwrap();
        std::fs::write(directory(&home).join("-not.md"), "").unwrap();
        assert_eq!(names(&home), ["a.b", "review"]);
        assert_eq!(load(&home, "review").unwrap().body, "Look: {{input}}");
        assert_eq!(
            load(&home, path.to_str().unwrap()).unwrap().body,
            "Look: {{input}}"
        );
        assert!(
            load(&home, "reviw")
                .unwrap_err()
                .to_string()
                .contains("did you mean 'review'?")
        );
        for name in ["", "../x", ".hidden", "a b"] {
            assert!(path_of(&home, name).is_err(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn existing_files_and_links_are_not_written() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        use std::path::Path;

        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("amx"));
        let path = create(&home, "one", "1\n").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory(&home)), mode(&path)), (0o700, 0o600));
        assert!(create(&home, "one", "2\n").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n");
        symlink(
            folder.path().join("elsewhere"),
            directory(&home).join("two.md"),
        )
        .unwrap();
        assert!(create(&home, "two", "2\n").is_err());
        let other = Home::at(folder.path().join("other"));
        std::fs::create_dir(other.directory()).unwrap();
        symlink(folder.path(), directory(&other)).unwrap();
        assert!(matches!(
            create(&other, "three", "3\n"),
            Err(ConfigError::Symlink { .. })
        ));
        assert!(
            !folder.path().join("elsewhere").exists() && !folder.path().join("three.md").exists()
        );
    }
}
