//! Files that are read: a configuration that others can change is refused, and nothing that is no
//! file, or too large, is waited for.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::time::Duration;

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Longest time that a refusal may take.
const AT_ONCE: Duration = Duration::from_secs(5);

fn config_of(double: &Double) -> String {
    format!(
        "llm_profiles:\n  p: {{model: a/b, base_url: '{}', api_key: 'cmd:touch ran'}}\n",
        double.base_url()
    )
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn is_root(sandbox: &Sandbox) -> bool {
    fs::metadata(sandbox.home()).unwrap().uid() == 0
}

fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_configuration_that_others_can_change_is_refused_with_the_command_that_fixes_it() {
    for (path, mode, remedy) in [
        (".amx/config.yml", 0o666, "hint: chmod 600 "),
        (".amx/config.yml", 0o620, "hint: chmod 600 "),
        (".amx", 0o777, "hint: chmod 700 "),
        (".amx", 0o770, "hint: chmod 700 "),
        (".amx", 0o1777, "hint: chmod 700 "),
    ] {
        let double = Double::start([reply::stream(["Hello"])]);
        let sandbox = Sandbox::new().config(config_of(&double));
        set_mode(&sandbox.home().join(path), mode);
        for arguments in [
            &["chat", "hi"][..],
            &["config", "show"],
            &["profiles", "list"],
        ] {
            let outcome = sandbox.run(arguments);
            outcome
                .assert_failure(3)
                .assert_stdout("")
                .assert_stderr_has(&format!("has mode {mode:04o}"))
                .assert_stderr_has(remedy)
                .assert_stderr_has("AMX_TRUST_CONFIG=1");
        }
        assert!(!sandbox.home().join("ran").exists(), "cmd: was run");
        assert!(double.requests().is_empty());
        let sandbox = sandbox
            .env("AMX_TRUST_CONFIG", "1")
            .env("OPENROUTER_API_KEY", KEY);
        sandbox.run(["chat", "hi"]).assert_code(0);
    }
}

#[test]
fn the_remedy_makes_the_configuration_usable() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::new()
        .config(config_of(&double))
        .env("OPENROUTER_API_KEY", KEY);
    set_mode(&sandbox.home().join(".amx/config.yml"), 0o666);
    let outcome = sandbox.run(["chat", "hi"]);
    let stderr = outcome.stderr();
    let remedy = stderr.lines().find_map(|line| line.strip_prefix("hint: "));
    let ran = std::process::Command::new("sh")
        .args(["-c", remedy.unwrap()])
        .status();
    assert!(ran.unwrap().success(), "{outcome}");
    sandbox.run(["chat", "hi"]).assert_code(0);
}

#[test]
fn a_configuration_of_another_user_is_refused() {
    let double = Double::start([]);
    for path in [".amx/config.yml", ".amx"] {
        let sandbox = Sandbox::new().config(config_of(&double));
        if !is_root(&sandbox) {
            return;
        }
        chown(sandbox.home().join(path), Some(54_321), None).unwrap();
        sandbox
            .run(["chat", "hi"])
            .assert_failure(3)
            .assert_stderr_has("belongs to another user (user ID 54321)")
            .assert_stderr_has("hint: sudo chown 0 ");
    }
}

#[test]
fn modes_that_only_let_others_read_are_fine() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::new()
        .config(config_of(&double))
        .env("OPENROUTER_API_KEY", KEY);
    set_mode(&sandbox.home().join(".amx/config.yml"), 0o644);
    set_mode(&sandbox.home().join(".amx"), 0o755);
    sandbox.run(["chat", "hi"]).assert_code(0);
}

#[test]
fn what_is_no_file_is_refused_at_once_as_a_configuration() {
    let large = format!("# {}\n", "x".repeat(1024 * 1024));
    for kind in ["pipe", "device", "folder", "large"] {
        let sandbox = Sandbox::new().config("");
        let path = sandbox.home().join(".amx/config.yml");
        fs::remove_file(&path).unwrap();
        match kind {
            "pipe" => make_pipe(&path),
            "device" => symlink("/dev/zero", &path).unwrap(),
            "folder" => fs::create_dir(&path).unwrap(),
            _ => fs::write(&path, &large).unwrap(),
        }
        for arguments in [
            &["chat", "hi"][..],
            &["config", "validate"],
            &["profiles", "use", "p"],
        ] {
            let outcome = sandbox.run(arguments);
            outcome.assert_failure(3).assert_stderr_has("config.yml");
            assert!(outcome.elapsed < AT_ONCE, "{kind}: {outcome}");
        }
    }
}

#[test]
fn a_configuration_behind_a_dangling_link_is_not_taken_for_none() {
    for (link, target) in [
        (".amx/config.yml", "/nonexistent/config.yml"),
        (".amx", "/nonexistent/amx"),
    ] {
        let double = Double::start([]);
        let sandbox = Sandbox::with(&double).config("");
        let path = sandbox.home().join(link);
        if link == ".amx" {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        symlink(target, &path).unwrap();
        for arguments in [
            &["chat", "hi"][..],
            &["config", "validate"],
            &["config", "show"],
        ] {
            let outcome = sandbox.run(arguments);
            let words = format!("{} is a symbolic link to {target}", path.display());
            outcome.assert_failure(3).assert_stderr_has(&words);
        }
        assert!(double.requests().is_empty());
    }
}

#[test]
fn a_missing_configuration_is_not_called_valid() {
    let outcome = Sandbox::new().run(["config", "validate"]);
    outcome.assert_code(0).assert_stdout("");
    outcome.assert_stderr_has("config.yml does not exist yet");
}

#[test]
fn what_is_no_file_is_refused_at_once_wherever_a_file_is_read() {
    let double = Double::start([]);
    let key_file = "llm_profiles:\n  p: {model: a/b, api_key: 'file:PATH'}\n";
    for kind in ["pipe", "device"] {
        for (code, words) in [
            (5, &["chat", "-f", "PATH", "hi"][..]),
            (5, &["chat", "--schema", "./PATH", "hi"]),
            (3, &["chat", "--template", "./PATH", "hi"]),
            (5, &["chat", "--replay", "PATH", "hi"]),
            (4, &["chat", "hi"]),
        ] {
            let sandbox = Sandbox::new().config("");
            let path = sandbox.home().join("PATH");
            match kind {
                "pipe" => make_pipe(&path),
                _ => symlink("/dev/zero", &path).unwrap(),
            }
            let sandbox = if code == 4 {
                let text = key_file.replace("PATH", &path.display().to_string());
                sandbox
                    .config(text)
                    .env("OPENROUTER_BASE_URL", double.base_url())
            } else {
                sandbox.double(&double)
            };
            let outcome = sandbox.run(words);
            assert!(outcome.elapsed < AT_ONCE, "{kind}: {outcome}");
            outcome.assert_failure(code).assert_stderr_has("PATH");
        }
    }
    for variable in ["AMX_CA_BUNDLE", "SSL_CERT_FILE"] {
        let outcome = Sandbox::with(&double)
            .env("OPENROUTER_BASE_URL", "https://127.0.0.1:9/v1")
            .env(variable, "/dev/zero")
            .run(["chat", "hi"]);
        assert!(outcome.elapsed < AT_ONCE, "{outcome}");
        assert_ne!(outcome.code, 0, "{outcome}");
        outcome.assert_stderr_has("/dev/zero");
    }
}

#[test]
fn a_key_that_stays_in_the_keyring_is_named_with_the_command_that_removes_it() {
    for variable in [None, Some(("AMX_NO_KEYRING", "1"))] {
        let sandbox = Sandbox::new().config(
            "llm_profiles:\n  p: {model: a/b, api_key: 'keyring://amx/p/api_key'}\n  q: {model: a/b}\n",
        );
        let sandbox = variable
            .into_iter()
            .fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        let outcome = sandbox.run(["profiles", "remove", "p", "--yes"]);
        outcome
            .assert_code(0)
            .assert_stderr_has("the key at keyring://amx/p/api_key stays there")
            .assert_stderr_has("amx logout --profile p");
        sandbox
            .run(["logout", "--profile", "p"])
            .assert_failure(3)
            .assert_stderr_has("keyring");
    }
}

#[test]
fn a_user_without_a_home_gets_an_answer_and_nothing_is_kept() {
    use std::os::unix::process::CommandExt;
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::new();
    if !is_root(&sandbox) {
        return;
    }
    // Where that user can read it.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("amx");
    fs::copy(env!("CARGO_BIN_EXE_amx"), &program).unwrap();
    set_mode(folder.path(), 0o755);
    let output = std::process::Command::new(&program)
        .args(["chat", "hi"])
        .env_clear()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OPENROUTER_API_KEY", KEY)
        .current_dir("/")
        .uid(54_321)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
