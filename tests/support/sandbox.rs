//! Runs the real program with a temporary home, an empty environment, and a watchdog.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use super::double::{Double, KEY};
use super::outcome::Outcome;
use super::python;
use super::running::Running;

/// A place to run the program in. Nothing of the machine's own configuration is seen in it.
pub struct Sandbox {
    /// Lives as long as the programs that run in it, see [`Sandbox::lease`].
    home: Arc<TempDir>,
    environment: BTreeMap<OsString, OsString>,
    stdin: Input,
    /// A line of shell before the program starts, such as a limit.
    shell: Option<String>,
    /// Files that the test itself wrote, which may contain a key.
    written: Vec<PathBuf>,
}

/// What the program finds on its standard input.
enum Input {
    /// `/dev/null`, as under a service manager.
    Null,
    /// A pipe with these bytes and then its end.
    Bytes(Vec<u8>),
    /// A pipe that stays open.
    Open,
}

impl Sandbox {
    pub fn new() -> Self {
        let home = Arc::new(TempDir::with_prefix("amx-test-").unwrap());
        let runtime = home.path().join("run");
        make_directory(&runtime);
        let bus = format!("unix:path={}", runtime.join("no-such-bus").display());
        let mut sandbox = Self {
            home,
            environment: BTreeMap::new(),
            stdin: Input::Null,
            shell: None,
            written: Vec::new(),
        };
        sandbox.set("HOME", sandbox.home.path().as_os_str().to_owned());
        sandbox.set("XDG_RUNTIME_DIR", runtime);
        sandbox.set("DBUS_SESSION_BUS_ADDRESS", bus);
        sandbox.set("PATH", "/usr/local/bin:/usr/bin:/bin");
        sandbox.set("TERM", "dumb");
        sandbox.set("COLUMNS", "80");
        sandbox.set("LANG", "C.UTF-8");
        // The doubles speak plain http; whatever a mistake would send to the world ends here.
        sandbox.set("HTTPS_PROXY", "http://127.0.0.1:9");
        sandbox
    }

    /// A sandbox whose provider is the double, with its URL and its key in the environment.
    pub fn with(double: &Double) -> Self {
        Self::new().double(double)
    }

    /// Points `OPENROUTER_BASE_URL` and `OPENROUTER_API_KEY` at the double.
    pub fn double(self, double: &Double) -> Self {
        self.env("OPENROUTER_BASE_URL", double.base_url())
            .env("OPENROUTER_API_KEY", KEY)
    }

    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.set(name, value);
        self
    }

    fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.environment.insert(name.into(), value.into());
    }

    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(OsStr::new(name));
        self
    }

    /// What the program finds in its environment.
    pub fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    /// Keeps the home when the sandbox is gone: a program that still runs in it stores what was
    /// said.
    pub fn lease(&self) -> Arc<TempDir> {
        Arc::clone(&self.home)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes `~/.amx/config.yml`.
    pub fn config(self, yaml: impl AsRef<[u8]>) -> Self {
        make_directory(&self.home().join(".amx"));
        self.file(".amx/config.yml", yaml)
    }

    /// Writes a file below the home, readable by its owner only.
    #[track_caller]
    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        python::require_for(content.as_ref());
        let path = self.home().join(path);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .unwrap();
        file.write_all(content.as_ref()).unwrap();
        self.written.push(path);
        self
    }

    /// Writes a shell script below the home.
    pub fn script(self, name: &str, text: &str) -> Self {
        let sandbox = self.file(name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(sandbox.home().join(name), fs::Permissions::from_mode(0o700)).unwrap();
        sandbox
    }

    /// A file that a script of the test writes, which may contain a key.
    pub fn scratch(mut self, name: &str) -> Self {
        self.written.push(self.home().join(name));
        self
    }

    /// Starts the program behind this line of shell, which may set limits or `exec` a wrapper of
    /// `"$@"`.
    pub fn shell(self, line: &str) -> Self {
        Self {
            shell: Some(line.to_owned()),
            ..self
        }
    }

    /// The program finds these bytes on a pipe.
    pub fn stdin(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            stdin: Input::Bytes(bytes.into()),
            ..self
        }
    }

    /// The program finds a pipe that stays open and silent.
    pub fn open_stdin(self) -> Self {
        Self {
            stdin: Input::Open,
            ..self
        }
    }

    /// Runs the program to its end, and checks that no key was written anywhere.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        let outcome = self.spawn(arguments).wait();
        self.assert_key_nowhere(&outcome);
        outcome
    }

    /// Runs the program with its standard output in a file of the system, such as `/dev/full`.
    #[track_caller]
    pub fn run_into<S: AsRef<OsStr>>(
        &self,
        path: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Outcome {
        let file = fs::OpenOptions::new().write(true).open(path).unwrap();
        self.start(arguments, file.into()).wait()
    }

    /// Runs the program with its standard output in a pipe whose reader has closed it.
    #[track_caller]
    pub fn run_into_closed_pipe<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Outcome {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.start(arguments, writer.into()).wait()
    }

    /// Starts the program and lets it run.
    pub fn spawn<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        self.start(arguments, Stdio::piped())
    }

    fn start<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        stdout: Stdio,
    ) -> Running {
        let program = env!("CARGO_BIN_EXE_amx");
        let mut command = match &self.shell {
            None => Command::new(program),
            Some(line) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", &format!("{line}\nexec \"$@\""), "sh", program]);
                shell
            }
        };
        command
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.home());
        command.stdin(if matches!(self.stdin, Input::Null) {
            Stdio::null()
        } else {
            Stdio::piped()
        });
        command.stdout(stdout).stderr(Stdio::piped());
        let running = Running::start(command);
        match &self.stdin {
            Input::Bytes(bytes) => running.write_and_close(bytes.clone()),
            Input::Null | Input::Open => running,
        }
    }

    /// Fails when the key of the double is in an output, or in a file that the program wrote.
    #[track_caller]
    pub fn assert_key_nowhere(&self, outcome: &Outcome) {
        let secret = KEY.trim_start_matches("sk-or-v1-");
        assert!(
            !outcome.stdout().contains(secret) && !outcome.stderr().contains(secret),
            "the key is in an output\n{outcome}"
        );
        let leaks = files_below(self.home())
            .into_iter()
            .filter(|path| !self.written.contains(path));
        let leaks: Vec<PathBuf> = leaks
            .filter(|path| contains(&fs::read(path).unwrap_or_default(), secret.as_bytes()))
            .collect();
        assert!(leaks.is_empty(), "the key is in {leaks:?}\n{outcome}");
    }
}

fn make_directory(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Every regular file below a directory; links are not followed.
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files
}
