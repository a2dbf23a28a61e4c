//! A real Secret Service in a throw-away folder, and the ways in which one can be missing, locked
//! or hung.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Set to 1 where dbus, gnome-keyring and libsecret-tools are installed.
const SWITCH: &str = "AMX_TEST_KEYRING";

/// Longest wait for the service to appear on its bus.
const DEADLINE: Duration = Duration::from_secs(20);

const BUS_NAME: &str = "org.freedesktop.secrets";

/// No activation: whatever is on this bus was started by the test.
const BUS_CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=FOLDER</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"#;

/// Whether the tests with a real keyring run; says on stderr why not.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the switch and the note are for whoever runs the tests"
)]
pub fn is_wanted(test: &str) -> bool {
    let wanted = std::env::var_os(SWITCH).is_some_and(|value| value == "1");
    if !wanted {
        eprintln!(
            "{test} skipped: it needs dbus, gnome-keyring and libsecret-tools; set {SWITCH}=1 \
            where they are installed"
        );
    }
    wanted
}

/// A message bus with a gnome-keyring on it, both ended when dropped.
pub struct SecretService {
    keyring: Option<Ended>,
    bus: Bus,
    folder: TempDir,
}

/// A message bus of its own, without any service.
pub struct Bus {
    pub address: String,
    _daemon: Ended,
    _folder: TempDir,
}

/// A process that is killed and waited for when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Bus {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bus.conf");
        std::fs::write(
            &file,
            BUS_CONFIGURATION.replace("FOLDER", &folder.path().display().to_string()),
        )
        .unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", file.display()))
            .args(["--nofork", "--print-address=1"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is not installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            address: address.trim().to_owned(),
            _daemon: Ended(daemon),
            _folder: folder,
        }
    }

    fn has_keyring(&self) -> bool {
        let asked = Command::new("dbus-send")
            .args([
                &format!("--bus={}", self.address),
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
            ])
            .args([
                "org.freedesktop.DBus.NameHasOwner",
                &format!("string:{BUS_NAME}"),
            ])
            .output()
            .expect("dbus-send is not installed");
        String::from_utf8_lossy(&asked.stdout).contains("boolean true")
    }
}

impl SecretService {
    /// A keyring that is unlocked, as after a login.
    pub fn unlocked() -> Self {
        let folder = tempfile::tempdir().unwrap();
        create_private(&folder.path().join("runtime"));
        let mut service = Self {
            keyring: None,
            bus: Bus::start(),
            folder,
        };
        service.start_keyring(true);
        service
    }

    /// The same keyring after a restart, locked.
    pub fn locked_again(self) -> Self {
        let Self {
            keyring,
            bus,
            folder,
        } = self;
        drop((keyring, bus));
        let mut service = Self {
            keyring: None,
            bus: Bus::start(),
            folder,
        };
        service.start_keyring(false);
        service
    }

    pub fn address(&self) -> &str {
        &self.bus.address
    }

    /// What `secret-tool` finds in the service `amx` under this user.
    pub fn lookup(&self, user: &str) -> Option<String> {
        let found = self
            .tool(&["lookup", "service", "amx", "username", user])
            .output()
            .expect("secret-tool is not installed");
        found
            .status
            .success()
            .then(|| String::from_utf8(found.stdout).unwrap())
    }

    /// How many entries of the service `amx` there are.
    pub fn count(&self) -> usize {
        let found = self
            .tool(&["search", "--all", "service", "amx"])
            .output()
            .expect("secret-tool is not installed");
        String::from_utf8_lossy(&found.stdout)
            .lines()
            .filter(|line| line.starts_with("secret = "))
            .count()
    }

    /// Stores a secret as another program would.
    pub fn store(&self, user: &str, secret: &str) {
        let mut tool = self.tool(&[
            "store",
            "--label",
            "stored by a test",
            "service",
            "amx",
            "username",
            user,
        ]);
        let mut tool = tool
            .stdin(Stdio::piped())
            .spawn()
            .expect("secret-tool is not installed");
        tool.stdin
            .take()
            .unwrap()
            .write_all(secret.as_bytes())
            .unwrap();
        assert!(
            tool.wait().unwrap().success(),
            "secret-tool could not store"
        );
        assert_eq!(
            self.lookup(user).as_deref(),
            Some(secret),
            "secret-tool does not find what it stored"
        );
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("secret-tool");
        command
            .args(arguments)
            .env_clear()
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .env("HOME", self.folder.path());
        command
    }

    fn start_keyring(&mut self, unlock: bool) {
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets"])
            .env_clear()
            .env("DBUS_SESSION_BUS_ADDRESS", self.address());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (variable, folder) in [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(variable, self.folder.path().join(folder));
        }
        command.env("XDG_RUNTIME_DIR", self.folder.path().join("runtime"));
        if unlock {
            command.arg("--unlock");
        }
        let mut daemon = command
            .spawn()
            .expect("gnome-keyring-daemon is not installed");
        // The password ends with the input, not with a line.
        daemon
            .stdin
            .take()
            .unwrap()
            .write_all(if unlock { b"correct horse" } else { b"" })
            .unwrap();
        self.keyring = Some(Ended(daemon));
        let deadline = Instant::now() + DEADLINE;
        while !self.bus.has_keyring() {
            assert!(
                Instant::now() < deadline,
                "the keyring does not appear on its bus"
            );
        }
    }
}

/// A bus that accepts every connection and never answers.
pub struct HungBus {
    /// Connections wait in its queue; none is accepted before the test looks.
    listener: UnixListener,
    folder: TempDir,
}

impl HungBus {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("bus")).unwrap();
        Self { listener, folder }
    }

    pub fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    /// Whether anybody has tried to talk to the bus.
    pub fn was_touched(&self) -> bool {
        self.listener.set_nonblocking(true).unwrap();
        self.listener.accept().is_ok()
    }
}

/// The address of a bus that does not exist.
pub fn no_bus() -> &'static str {
    "unix:path=/nonexistent/bus"
}

fn create_private(path: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path).unwrap();
}
