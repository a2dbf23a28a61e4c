//! The version of the program with its commit, as the build script finds it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::build_version::{COMMIT, Described, EPOCH, describe};
use super::{VERSION, printed, root};

#[test]
fn the_program_prints_the_version_of_its_build() {
    let printed = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amx"));
        printed(command.args(arguments).env_clear())
    };
    let built = env!("AMX_VERSION");
    assert_eq!(printed(&["--version"]), format!("amx {built}\n"));
    assert_eq!(printed(&["-V"]), printed(&["--version"]));
    // Manual pages have the bare version, whatever the commit.
    assert!(printed(&["man"]).contains(&format!("\"amx {VERSION}\"")));

    if root().join(".git").exists() && option_env!("AMX_BUILD_COMMIT").is_none() {
        let (version, rest) = built.split_once(" (").unwrap();
        let commit = &rest[..7];
        let mut log = Command::new("git");
        log.args([
            "log",
            "-1",
            "--format=%cd",
            "--date=format-local:%F",
            commit,
        ]);
        let date = super::printed(log.current_dir(root()).env("TZ", "UTC0"));
        let date = date.trim();
        assert_eq!(version, VERSION);
        assert_eq!(rest, format!("{commit} {date})"));
    } else if option_env!("AMX_BUILD_COMMIT").is_none() {
        assert_eq!(built, VERSION);
    }
}

/// A checkout with one commit, made by git in a temporary folder.
struct Checkout(TempDir);

impl Checkout {
    fn new() -> Self {
        let checkout = Self(TempDir::new().unwrap());
        checkout.git(&["init", "--quiet", "--initial-branch", "main"]);
        checkout.commit("2026-11-26T23:30:00-05:00");
        checkout
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.folder(), arguments)
    }

    fn commit(&self, date: &str) {
        let mut command = in_git(self.folder());
        command.args(["commit", "--quiet", "--allow-empty", "--message", "one"]);
        printed(command.env("GIT_COMMITTER_DATE", date));
    }
}

fn in_git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    command.env("TZ", "UTC0");
    // Not the settings of whoever runs the tests.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    for setting in ["user.name=a", "user.email=a@example.com", "gc.auto=0"] {
        command.args(["-c", setting]);
    }
    command
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    printed(in_git(folder).args(arguments)).trim().to_owned()
}

fn nothing(_: &str) -> Option<String> {
    None
}

fn described(folder: &Path) -> Described {
    describe("1.2.3", folder, nothing).unwrap()
}

/// The text of each file, and the number of entries of each folder.
fn contents(paths: &[PathBuf]) -> Vec<String> {
    let of = |path: &PathBuf| match std::fs::read_dir(path) {
        Ok(entries) => format!("{} entries", entries.count()),
        Err(_) => std::fs::read_to_string(path).unwrap(),
    };
    paths.iter().map(of).collect()
}

/// Checks that each watched path exists, that the next commit changes one of them, and that the
/// version then has that commit.
fn assert_watched(folder: &Path, commit: impl Fn()) {
    let described = described(folder);
    assert!(described.watched.len() >= 2, "{:?}", described.watched);
    let before = contents(&described.watched);
    commit();
    assert_ne!(before, contents(&described.watched));
    let hash = git(folder, &["rev-parse", "HEAD"]);
    let text = self::described(folder).text;
    assert!(
        text.starts_with(&format!("1.2.3 ({} ", &hash[..7])),
        "{text}"
    );
}

#[test]
fn a_checkout_has_its_commit_with_the_date_in_utc() {
    let checkout = Checkout::new();
    let hash = checkout.git(&["rev-parse", "HEAD"]);
    assert_eq!(
        described(checkout.folder()).text,
        format!("1.2.3 ({} 2026-11-27)", &hash[..7])
    );
}

#[test]
fn a_commit_is_noticed_on_a_branch_a_detached_head_and_after_packing() {
    let checkout = Checkout::new();
    let commit = || checkout.commit("2026-11-28T00:00:00+00:00");
    assert_watched(checkout.folder(), commit);
    checkout.git(&["pack-refs", "--all"]);
    assert_watched(checkout.folder(), commit);
    checkout.git(&["switch", "--quiet", "--create", "topic/one"]);
    checkout.git(&["pack-refs", "--all"]);
    assert_watched(checkout.folder(), commit);
    checkout.git(&["switch", "--quiet", "--detach"]);
    let described = described(checkout.folder());
    assert_eq!(described.watched.len(), 1, "{:?}", described.watched);
    let before = contents(&described.watched);
    commit();
    assert_ne!(before, contents(&described.watched));
}

#[test]
fn a_worktree_has_its_own_commit() {
    let checkout = Checkout::new();
    let folder = checkout.folder().join("other");
    let path = folder.to_str().unwrap();
    checkout.git(&["worktree", "add", "--quiet", "-b", "other", path]);
    assert_watched(&folder, || {
        git(
            &folder,
            &["commit", "--quiet", "--allow-empty", "-m", "two"],
        );
    });
    assert_ne!(
        described(&folder).text,
        described(checkout.folder()).text,
        "the branch of the worktree"
    );
}

#[test]
fn what_is_no_checkout_has_the_version_alone() {
    let outside = TempDir::new().unwrap();
    let bare = |folder: &Path| {
        let described = described(folder);
        assert_eq!(described.text, "1.2.3");
        described.watched
    };
    assert!(bare(outside.path()).is_empty(), "an archive");

    let checkout = Checkout::new();
    let inner = checkout.folder().join("vendor");
    std::fs::create_dir(&inner).unwrap();
    assert!(bare(&inner).is_empty(), "inside another repository");

    std::fs::write(checkout.folder().join(".cargo_vcs_info.json"), "{}").unwrap();
    assert!(bare(checkout.folder()).is_empty(), "a package");

    let unborn = TempDir::new().unwrap();
    git(unborn.path(), &["init", "--quiet"]);
    assert!(!bare(unborn.path()).is_empty(), "before the first commit");

    std::fs::write(outside.path().join(".git"), "gitdir: nowhere\n").unwrap();
    assert!(bare(outside.path()).is_empty(), "a broken checkout");
}

#[test]
fn a_packager_names_the_commit_and_the_date() {
    let checkout = Checkout::new();
    let named = |commit: &str, epoch: Option<&str>| {
        let described = describe("1.2.3", checkout.folder(), |name| {
            if name == COMMIT {
                Some(commit.to_owned())
            } else {
                epoch.map(str::to_owned)
            }
        });
        described.map(|described| described.text)
    };
    let hash = "ABCDEF0123456789abcdef0123456789abcdef01";
    assert_eq!(named(hash, None).unwrap(), "1.2.3 (abcdef0)");
    assert_eq!(named("", Some("0")).unwrap(), "1.2.3");
    for (epoch, date) in [
        ("0", "1970-01-01"),
        ("68169600", "1972-02-29"),
        ("951782399", "2000-02-28"),
        ("951868800", "2000-03-01"),
        ("1795737599", "2026-11-26"),
        ("1798761599", "2026-12-31"),
        ("1798761600", "2027-01-01"),
        ("4107542399", "2100-02-28"),
        ("4107542400", "2100-03-01"),
        ("4294967295", "2106-02-07"),
    ] {
        let expected = format!("1.2.3 (abcdef0 {date})");
        assert_eq!(named(hash, Some(epoch)).unwrap(), expected);
    }
    for (commit, epoch, variable) in [
        ("v1.2.3", None, COMMIT),
        ("abc123", None, COMMIT),
        (hash, Some("yesterday"), EPOCH),
        (hash, Some("-1"), EPOCH),
    ] {
        let error = named(commit, epoch).unwrap_err();
        assert!(error.starts_with(variable), "{error}");
    }
}
