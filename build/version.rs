//! The version with the commit that it was built from: `0.1.0 (1a2b3c4 2026-11-26)`.
//!
//! A checkout has the commit of its HEAD with the date of that commit in UTC. A package of
//! crates.io and an archive without git have the version alone, unless a packager names the commit
//! in `AMX_BUILD_COMMIT`; its date is then that of `SOURCE_DATE_EPOCH`. Changes that are not
//! committed are not reported: finding them would run the build script at every build.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names the commit instead of git: a hash of 7 or more hexadecimal digits, or nothing for a
/// version without a commit.
pub const COMMIT: &str = "AMX_BUILD_COMMIT";

/// Seconds since 1970 (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Digits of a hash that are shown.
const SHOWN: usize = 7;

/// A version, and the files that change with the commit.
#[derive(Debug)]
pub struct Described {
    pub text: String,
    pub watched: Vec<PathBuf>,
}

/// The version of the package in `folder`; `variable` returns the value of an environment variable.
///
/// # Errors
/// When a variable has a value of another form.
pub fn describe(
    version: &str,
    folder: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Described, String> {
    if let Some(named) = variable(COMMIT) {
        return Ok(Described {
            text: named_commit(version, &named, variable(EPOCH).as_deref())?,
            watched: Vec::new(),
        });
    }
    // A repository further up is another project's. Cargo writes the second file into the packages
    // of crates.io; a folder with it may be imported into any repository.
    if !folder.join(".git").exists() || folder.join(".cargo_vcs_info.json").exists() {
        return Ok(Described {
            text: version.to_owned(),
            watched: Vec::new(),
        });
    }
    let text = match head(folder) {
        Some((commit, date)) => format!("{version} ({commit} {date})"),
        None => version.to_owned(),
    };
    Ok(Described {
        text,
        watched: watched(folder),
    })
}

fn named_commit(version: &str, named: &str, epoch: Option<&str>) -> Result<String, String> {
    if named.is_empty() {
        return Ok(version.to_owned());
    }
    let is_hash = named.len() >= SHOWN && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash {
        return Err(format!(
            "{COMMIT} is '{}', not the hash of a commit",
            named.escape_debug()
        ));
    }
    let commit = named[..SHOWN].to_ascii_lowercase();
    let date = match epoch.filter(|epoch| !epoch.is_empty()) {
        Some(epoch) => format!(" {}", date_of(epoch)?),
        None => String::new(),
    };
    Ok(format!("{version} ({commit}{date})"))
}

/// The day of a time in seconds since 1970, in UTC: `2026-11-26`.
fn date_of(epoch: &str) -> Result<String, String> {
    let seconds: u32 = epoch
        .parse()
        .map_err(|_| format!("{EPOCH} is '{}', not seconds", epoch.escape_debug()))?;
    let mut day = seconds / 86_400;
    let mut year = 1970;
    while day >= days_of(year) {
        day -= days_of(year);
        year += 1;
    }
    let february = days_of(year) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    Ok(format!("{year}-{month:02}-{:02}", day + 1))
}

fn days_of(year: u32) -> u32 {
    // Until 2106, where the seconds end, 2100 is the one multiple of 4 that is no leap year.
    if year.is_multiple_of(4) && year != 2100 {
        366
    } else {
        365
    }
}

/// The commit that is checked out, with its date.
fn head(folder: &Path) -> Option<(String, String)> {
    let line = git(
        folder,
        &[
            "-c",
            "log.showSignature=false",
            "log",
            "--max-count=1",
            "--format=%H %cd",
            "--date=format-local:%Y-%m-%d",
        ],
    )?;
    let (hash, date) = line.split_once(' ')?;
    Some((hash.get(..SHOWN)?.to_owned(), date.to_owned()))
}

/// HEAD, and the file of the branch that it names. A branch without one is in `packed-refs`, and
/// its next commit creates the file. Each path exists: Cargo runs the script at every build for one
/// that does not.
fn watched(folder: &Path) -> Vec<PathBuf> {
    let path = |name: &str| {
        let path = git(folder, &["rev-parse", "--git-path", name])?;
        Some(folder.join(path))
    };
    let mut watched: Vec<PathBuf> = path("HEAD").into_iter().collect();
    if let Some(branch) = git(folder, &["symbolic-ref", "--quiet", "HEAD"])
        .as_deref()
        .and_then(path)
    {
        if branch.exists() {
            watched.push(branch);
        } else {
            watched.extend(path("packed-refs"));
            let mut folders = branch.ancestors().skip(1);
            watched.extend(folders.find(|folder| folder.exists()).map(Path::to_owned));
        }
    }
    watched.retain(|path| path.exists());
    watched
}

/// What git prints, or nothing when it fails or is not installed.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    // Set in hooks, and for another repository than the one of the folder.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let output = command
        .env("TZ", "UTC0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
