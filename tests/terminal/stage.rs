//! Where a test plays: a home of its own, an environment of its own, a provider of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::provider::Provider;
use crate::pty::{Size, Terminal, shell_code};

/// A key of the documented form, found in no other place.
pub const KEY: &str = "sk-or-v1-5tage5tage5tage5tage5tage5tage5tage5tage5tage5tage5tage5tage";

const PROGRAM: &str = env!("CARGO_BIN_EXE_amx");

/// Everything of one test; removed when dropped.
pub struct Stage {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    pub provider: Provider,
}

/// What a run without a terminal left behind.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
    pub took: Duration,
}

impl Stage {
    /// Nothing configured, no key, no keyring; provider openrouter is the stage's own.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let provider = Provider::start();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let mut variables = BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned()), ("LANG".to_owned(), "C.UTF-8".to_owned())]);
        variables.insert("HOME".to_owned(), home.to_str().unwrap().to_owned());
        variables.insert("OPENROUTER_BASE_URL".to_owned(), provider.url());
        variables.insert("AMX_NO_KEYRING".to_owned(), "1".to_owned());
        Self { folder, variables, provider }
    }

    /// With a key in the environment, which is enough to chat.
    pub fn ready() -> Self {
        Self::bare().with("OPENROUTER_API_KEY", KEY).with("AMX_MODEL", "test/plain")
    }

    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    pub fn without(mut self, variable: &str) -> Self {
        assert!(self.variables.remove(variable).is_some(), "{variable} was not set");
        self
    }

    /// With this bus instead of no keyring at all.
    pub fn with_bus(self, address: &str) -> Self {
        self.without("AMX_NO_KEYRING").with("DBUS_SESSION_BUS_ADDRESS", address)
    }

    /// With a config.yml, modes as amx makes them.
    pub fn with_config(self, text: &str) -> Self {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        std::fs::DirBuilder::new().mode(0o700).recursive(true).create(self.amx_folder()).unwrap();
        std::fs::write(self.config_file(), text).unwrap();
        std::fs::set_permissions(self.config_file(), std::fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn amx_folder(&self) -> PathBuf {
        self.home().join(".amx")
    }

    pub fn config_file(&self) -> PathBuf {
        self.amx_folder().join("config.yml")
    }

    pub fn config(&self) -> String {
        std::fs::read_to_string(self.config_file()).unwrap()
    }

    /// Asserts that no file whatever was written below the home directory.
    pub fn assert_nothing_written(&self) {
        let found = files_below(&self.home());
        assert!(found.iter().all(|path| path.ends_with("config.lock")), "written: {found:?}");
    }

    /// Asserts that a text stands in no file below the home directory.
    pub fn assert_on_no_disk(&self, secret: &str) {
        for file in files_below(&self.home()) {
            let bytes = std::fs::read(&file).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "the secret stands in {}", file.display());
        }
    }

    /// Runs the program without a terminal and with nothing on stdin.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let started = Instant::now();
        let mut child = self.spawn(arguments, Stdio::piped());
        // A program that does not read is free to end first.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: shell_code(output.status), took: started.elapsed() }
    }

    /// Starts the program without a terminal; stderr is a pipe.
    pub fn spawn(&self, arguments: &[&str], stdout: Stdio) -> Child {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The program with the environment of the stage, not started yet.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().envs(&self.variables).current_dir(self.home());
        command
    }

    /// A shell script in the environment of the stage, in which `$AMX` is the program.
    pub fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).env_clear().envs(&self.variables).env("AMX", PROGRAM).current_dir(self.home());
        command.stdin(Stdio::null());
        command
    }

    /// Starts the program on a terminal.
    pub fn terminal(&self, arguments: &[&str], size: Size) -> Terminal {
        let variables = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Terminal::launch(Path::new(PROGRAM), arguments, variables, &self.home(), size)
    }
}

impl Ran {
    /// Asserts success and gives the run back.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Asserts a failure in the documented form: what, perhaps why, a blank line, what next; at
    /// most six lines besides further hints.
    #[track_caller]
    pub fn fails_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        let mut lines = self.stderr.lines().skip_while(|line| line.starts_with("note:") || line.starts_with("warning:"));
        assert!(lines.next().is_some_and(|line| line.starts_with("error: ")), "no error: line in {self:#?}");
        assert!(self.stderr.contains("\n\nhint: "), "no hint below a blank line in {self:#?}");
        assert!(self.stderr.lines().count() <= 6, "more than six lines in {self:#?}");
        assert!(!self.stderr.contains('\x1b'), "escape sequences without a terminal in {self:#?}");
        self
    }

    /// Asserts that stderr holds all of these texts.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not said in {self:#?}");
        }
        self
    }

    /// Asserts that stdout holds all of these texts.
    #[track_caller]
    pub fn prints(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stdout.contains(text), "{text:?} is not printed in {self:#?}");
        }
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {self:#?}"))
    }
}

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
