//! The files of a release, as the scripts and the manifest make them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{VERSION, printed, root, run, text};

fn script(name: &str) -> Command {
    Command::new(root().join("packaging").join(name))
}

/// `[package]` of the manifest, as Cargo understands it.
fn manifest() -> Value {
    let printed = printed(
        Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--no-deps",
                "--format-version",
                "1",
                "--offline",
            ])
            .current_dir(root()),
    );
    let metadata: Value = serde_json::from_str(&printed).unwrap();
    metadata["packages"][0].clone()
}

fn workflow() -> Value {
    serde_yaml::from_str(&text(".github/workflows/release.yml")).unwrap()
}

/// The targets that the workflow builds.
fn targets() -> Vec<String> {
    let workflow = workflow();
    let rows = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].clone();
    let rows = rows.as_array().unwrap();
    let targets = rows.iter().map(|row| row["target"].as_str().unwrap());
    targets.map(str::to_owned).collect()
}

fn archive_name(target: &str) -> String {
    let extension = if target.contains("-windows-") {
        "zip"
    } else {
        "tar.gz"
    };
    format!("amx-{target}.{extension}")
}

/// The names of the files in a folder of the repository.
fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    entries
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn every_workflow_is_yaml_with_jobs_that_exist() {
    for name in names_in(".github/workflows") {
        let workflow: Value = serde_yaml::from_str(&text(&format!(".github/workflows/{name}")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let jobs = workflow["jobs"].as_object().unwrap();
        for (job, definition) in jobs {
            assert!(definition["runs-on"].is_string(), "{name}: {job}");
            let needed = definition["needs"].as_str();
            assert!(
                needed.is_none_or(|needed| jobs.contains_key(needed)),
                "{name}: {job} needs {needed:?}"
            );
            for step in definition["steps"].as_array().unwrap() {
                assert!(
                    step["run"].is_string() != step["uses"].is_string(),
                    "{name}: {job}: {step}"
                );
            }
        }
    }
}

#[test]
fn the_workflow_runs_scripts_that_exist() {
    let workflow = text(".github/workflows/release.yml");
    let mut checked = 0;
    for (at, _) in workflow.match_indices("packaging/") {
        let path = workflow[at..].split_whitespace().next().unwrap();
        assert!(root().join(path).is_file(), "{path}");
        checked += 1;
    }
    assert!(checked >= 6, "{checked} calls were found");
    for target in targets() {
        assert!(
            !target.ends_with("-musl") || workflow.contains("CC_${TARGET//-/_}=musl-gcc"),
            "{target} needs its C compiler"
        );
    }
}

#[test]
fn releases_are_built_with_the_profile_dist() {
    let workflow = text(".github/workflows/release.yml");
    assert!(workflow.contains("run: packaging/dist.sh \"$TARGET\"\n"));
    for path in [".github/workflows/release.yml", "justfile"] {
        let text = text(path);
        let is_build = |line: &&str| line.contains("cargo build") && line.contains("dist");
        assert_eq!(text.lines().find(is_build), None, "{path}");
        let packed: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("cargo deb "))
            .collect();
        assert_eq!(packed.len(), 1, "{path}");
        assert!(packed[0].contains("--no-build --profile dist "), "{path}");
    }
    let builds = text("packaging/dist.sh");
    let builds = builds.lines().filter(|line| {
        let line = line.trim_start();
        line.contains("cargo build") || line.contains("cargo rustc")
    });
    assert!(builds.clone().count() >= 2);
    for build in builds {
        assert!(
            build.contains("--profile dist --locked --target "),
            "{build}"
        );
    }
    assert!(text("Cargo.toml").contains("\n[profile.dist]\ninherits = \"release\"\n"));
}

/// The entries of an archive that `archive.sh` makes of a program for `target`.
fn packed(target: &str) -> BTreeSet<String> {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("built");
    std::fs::write(&program, "#!/bin/sh\n").unwrap();
    printed(
        script("archive.sh")
            .args([target, program.to_str().unwrap()])
            .arg(folder.path().join("out")),
    );
    let archive = folder.path().join("out").join(archive_name(target));
    let listed = printed(Command::new("tar").arg("-tzf").arg(archive));
    let files = listed.lines().filter(|line| !line.ends_with('/'));
    files.map(str::to_owned).collect()
}

#[test]
fn an_archive_has_the_program_with_its_pages_and_completions() {
    let entries = packed("x86_64-unknown-linux-musl");
    let inside = |name: &str| format!("amx-x86_64-unknown-linux-musl/{name}");
    let mut expected: BTreeSet<String> = ["amx", "README.md", "LICENSE", "changelog.md"]
        .map(inside)
        .into();
    let pages = names_in("completions/man");
    assert!(pages.len() > 10, "{pages:?}");
    expected.extend(pages.iter().map(|name| inside(&format!("man/{name}"))));
    let scripts = names_in("completions");
    expected.extend(
        scripts
            .iter()
            .map(|name| inside(&format!("completions/{name}"))),
    );
    assert_eq!(entries, expected);
}

/// A template of cargo-binstall with its values.
fn rendered(template: &Value, manifest: &Value, target: &str) -> String {
    let suffix = if target.contains("-windows-") {
        ".exe"
    } else {
        ""
    };
    let values = [
        ("repo", manifest["repository"].as_str().unwrap()),
        ("version", VERSION),
        ("name", "amx"),
        ("bin", "amx"),
        ("target", target),
        ("binary-ext", suffix),
    ];
    let mut text = template.as_str().unwrap().to_owned();
    for (name, value) in values {
        text = text.replace(&format!("{{ {name} }}"), value);
    }
    assert!(!text.contains('{'), "{text}");
    text
}

#[test]
fn binstall_finds_every_archive_and_the_program_inside() {
    let manifest = manifest();
    let binstall = &manifest["metadata"]["binstall"];
    for target in targets() {
        let own = &binstall["overrides"][target.as_str()];
        let setting = |name: &str| {
            if own[name].is_null() {
                &binstall[name]
            } else {
                &own[name]
            }
        };
        assert_eq!(
            rendered(setting("pkg-url"), &manifest, &target),
            format!(
                "https://github.com/amx-cli/amx/releases/download/v{VERSION}/{}",
                archive_name(&target)
            )
        );
        let format = if target.contains("-windows-") {
            "zip"
        } else {
            "tgz"
        };
        assert_eq!(setting("pkg-fmt"), format, "{target}");
        let program = rendered(setting("bin-dir"), &manifest, &target);
        if format == "tgz" {
            assert!(packed(&target).contains(&program), "{program}");
        } else {
            assert_eq!(program, format!("amx-{target}/amx.exe"));
        }
    }
}

/// A folder with a file in place of each archive, and its checksums.
fn release() -> TempDir {
    let folder = TempDir::new().unwrap();
    for target in targets() {
        std::fs::write(folder.path().join(archive_name(&target)), &target).unwrap();
    }
    printed(script("checksums.sh").arg(folder.path()));
    folder
}

#[test]
fn checksums_are_those_that_sha256sum_checks() {
    let folder = release();
    let check = |sums: &str| {
        let mut command = Command::new("sha256sum");
        command.args(["--check", sums]).current_dir(folder.path());
        run(&mut command)
    };
    let checked = String::from_utf8(check("SHA256SUMS").stdout).unwrap();
    assert_eq!(
        checked.matches(": OK").count(),
        targets().len(),
        "{checked}"
    );
    for target in targets() {
        let name = archive_name(&target);
        assert!(check(&format!("{name}.sha256")).status.success(), "{name}");
    }
    let again = printed(script("checksums.sh").arg(folder.path()));
    assert!(again.is_empty() && check("SHA256SUMS").status.success());
    let changed = folder.path().join(archive_name(&targets()[0]));
    std::fs::write(changed, "another program").unwrap();
    assert!(!check("SHA256SUMS").status.success());
}

#[test]
fn the_formula_has_the_checksum_of_each_archive_that_it_names() {
    let folder = release();
    let sums = folder.path().join("SHA256SUMS");
    let formula = printed(script("homebrew.sh").args(["1.2.3"]).arg(&sums));
    assert!(!formula.contains('@'), "{formula}");
    assert!(formula.starts_with("class Amx < Formula\n") && formula.contains("\"1.2.3\""));
    let sums = std::fs::read_to_string(sums).unwrap();
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    let lines: Vec<&str> = formula.lines().map(str::trim).collect();
    let mut named = BTreeSet::new();
    for pair in lines.windows(2).filter(|pair| pair[0].starts_with("url ")) {
        let (url, sum) = (quoted(pair[0]).unwrap(), quoted(pair[1]).unwrap());
        let name = url
            .strip_prefix("https://github.com/amx-cli/amx/releases/download/v1.2.3/")
            .unwrap();
        assert!(sums.contains(&format!("{sum}  {name}\n")), "{name}");
        named.insert(name.to_owned());
    }
    let expected = targets()
        .iter()
        .filter(|target| target.contains("-apple-") || target.ends_with("-musl"))
        .map(|target| archive_name(target))
        .collect::<BTreeSet<_>>();
    assert_eq!(named, expected);
}

#[test]
fn the_formula_installs_what_the_archive_has() {
    let formula = text("packaging/homebrew/amx.rb");
    let entries = packed("aarch64-apple-darwin");
    let installed = formula
        .lines()
        .filter(|line| line.contains(".install ") && !line.contains("Dir["))
        .flat_map(|line| {
            line.split(" => ")
                .next()
                .unwrap()
                .split('"')
                .skip(1)
                .step_by(2)
        });
    let mut checked = 0;
    for name in installed {
        let entry = format!("amx-aarch64-apple-darwin/{name}");
        assert!(entries.contains(&entry), "{name}");
        checked += 1;
    }
    assert!(checked >= 6, "{checked} files were found");
    assert!(formula.contains("man1.install Dir[\"man/*.1\"]"));
}

#[test]
fn a_formula_without_a_checksum_is_not_printed() {
    let folder = release();
    let sums = folder.path().join("SHA256SUMS");
    let present = std::fs::read_to_string(&sums).unwrap();
    let missing = archive_name("aarch64-apple-darwin");
    let rest: Vec<&str> = present
        .lines()
        .filter(|line| !line.ends_with(&missing))
        .collect();
    std::fs::write(&sums, rest.join("\n")).unwrap();
    let output = run(script("homebrew.sh").arg("1.2.3").arg(&sums));
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&missing), "{error}");
}

#[test]
fn notes_are_the_section_of_a_dated_version() {
    let folder = TempDir::new().unwrap();
    for sub in ["docs", "packaging"] {
        std::fs::create_dir(folder.path().join(sub)).unwrap();
    }
    let own = folder.path().join("packaging/notes.sh");
    std::fs::copy(root().join("packaging/notes.sh"), &own).unwrap();
    let changelog = "# Changes\n\n## Unreleased\n\n- c\n\n## 0.2.0 (2026-12-01)\n\n- b\n\n\
                     ## 0.1.0 (unreleased)\n\n- a\n";
    std::fs::write(folder.path().join("docs/changelog.md"), changelog).unwrap();
    let notes = printed(Command::new(&own).arg("0.2.0"));
    assert_eq!(notes.trim(), "- b");
    for version in ["0.1.0", "0.3.0", "Unreleased"] {
        let output = run(Command::new(&own).arg(version));
        assert!(!output.status.success(), "{version}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(version));
    }
}

#[test]
fn the_debian_package_has_every_page_and_completions_of_three_shells() {
    let manifest = manifest();
    let deb = &manifest["metadata"]["deb"];
    let assets: Vec<Vec<&str>> = deb["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| {
            let parts = asset.as_array().unwrap();
            parts.iter().map(|part| part.as_str().unwrap()).collect()
        })
        .collect();
    let destination = |source: &str| {
        let asset = assets.iter().find(|asset| asset[0] == source);
        asset.map(|asset| asset[1]).unwrap_or_default()
    };
    for (source, expected) in [
        ("target/release/amx", "usr/bin/"),
        ("completions/man/*.1", "usr/share/man/man1/"),
        (
            "completions/amx.bash",
            "usr/share/bash-completion/completions/amx",
        ),
        (
            "completions/amx.fish",
            "usr/share/fish/vendor_completions.d/",
        ),
        ("completions/_amx", "usr/share/zsh/vendor-completions/"),
    ] {
        assert_eq!(destination(source), expected, "{source}");
    }
    for asset in &assets {
        let (source, mode) = (asset[0], asset[2]);
        assert_eq!(mode == "755", source.starts_with("target/"), "{source}");
        let is_there =
            source.starts_with("target/") || source.contains('*') || root().join(source).is_file();
        assert!(is_there, "{source}");
    }
    assert!(
        names_in("completions/man")
            .iter()
            .all(|name| name.ends_with(".1"))
    );
    assert_eq!(deb["depends"], "$auto");
}
