//! The recipes of docs/integrations.md, run as they are written: files go where their first line
//! says, and are used as git, the editors and the CI services use them. Stand-ins replace programs
//! that need an account or a network.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const ANSWER: &str = "Summary: one line was added.";
const PROBLEM: &str = r#"{"problems":["debug output in main.c"]}"#;
const NO_PROBLEM: &str = r#"{"problems":[]}"#;
const CODE: &str = "Simpler:\n\n```c\nreturn x;\n```\n";

/// Programs with the arguments that they must get, and what they print then.
const STAND_INS: &[(&str, &str, &str)] = &[
    ("op", "read op://Private/OpenRouter/credential", KEY),
    ("bw", "unlock --raw", "the-session"),
    ("bw", "get password openrouter --nointeraction", KEY),
    (
        "infisical",
        "secrets get OPENROUTER_API_KEY --env=prod --plain --silent",
        KEY,
    ),
    ("pass", "show llm/openrouter", KEY),
    (
        "sops",
        "decrypt --extract [\"openrouter\"] secrets.enc.yaml",
        KEY,
    ),
    (
        "vault",
        "kv get -mount=secret -field=api_key openrouter",
        KEY,
    ),
    ("tmux", "capture-pane -p -S -200", "main.c:1: error"),
    ("apt-get", "update -qq", ""),
    ("apt-get", "install -qq -y curl git ca-certificates", ""),
];

/// A release, as curl downloads it.
const CURL: &str = "case \"$*\" in
-sSfL\\ https://github.com/amx-cli/amx/releases/latest/download/amx-x86_64-unknown-linux-musl.tar.gz)
  exec tar -cz -C \"$HOME/release\" amx-x86_64-unknown-linux-musl ;;
esac
echo \"curl: $*\" >&2
exit 1";

/// What each recipe asks the provider, in the order of the page.
fn replies(title: &str) -> Vec<Reply> {
    let answers: &[&str] = match title {
        "A check before a commit" | "pre-commit" => &[PROBLEM, NO_PROBLEM],
        "A commit message" => &[ANSWER, ANSWER],
        "Vim" | "Helix" => &[ANSWER, CODE],
        "tmux" => &[ANSWER],
        _ => &[ANSWER],
    };
    answers.iter().map(|text| reply::stream([*text])).collect()
}

/// A fenced block of the page.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
}

impl<'a> Block<'a> {
    fn all(section: &'a str) -> Vec<Self> {
        let parts = section.split("```").skip(1).step_by(2);
        let blocks = parts.filter_map(|part| part.split_once('\n'));
        blocks
            .map(|(language, text)| Self { language, text })
            .collect()
    }

    /// The path in the comment of the first line, or of the second after `#!`.
    fn path(&self) -> Option<&'a str> {
        let mut lines = self.text.lines().skip_while(|line| line.starts_with("#!"));
        let name = lines.next()?.trim_start_matches(['#', '"', ' ']);
        let is_path = name.starts_with(['~', '.']) || name.starts_with("scripts/");
        is_path.then_some(name)
    }
}

/// A home that is also a repository with a staged change.
struct Place {
    sandbox: Sandbox,
    double: Double,
    output: String,
}

impl Place {
    fn new(title: &str) -> Self {
        let double = Double::start(replies(title));
        let mut sandbox = Sandbox::new().env("OPENROUTER_BASE_URL", double.base_url());
        let home = sandbox.home().to_owned();
        let release = home.join("release/amx-x86_64-unknown-linux-musl");
        for folder in [
            "bin",
            ".amx",
            ".config/helix",
            ".github/workflows",
            "scripts",
        ] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::create_dir_all(&release).unwrap();
        symlink(env!("CARGO_BIN_EXE_amx"), release.join("amx")).unwrap();
        for name in STAND_INS.iter().map(|(name, ..)| *name) {
            let cases = STAND_INS.iter().filter(|(program, ..)| *program == name);
            let cases = cases.map(|(_, arguments, text)| {
                format!("test \"$*\" = '{arguments}' && echo '{text}' && exit")
            });
            let lines = cases.collect::<Vec<_>>().join("\n");
            sandbox = sandbox.script(
                &format!("bin/{name}"),
                &format!("{lines}\necho \"{name}: $*\" >&2\nexit 1"),
            );
        }
        let is_in_ci = title.starts_with("Git") && title != "Git";
        if !is_in_ci {
            symlink(env!("CARGO_BIN_EXE_amx"), home.join("bin/amx")).unwrap();
        }
        let path = format!("{}/bin:/usr/local/bin:/usr/bin:/bin", home.display());
        let sandbox = sandbox
            .script("bin/curl", CURL)
            .env("PATH", path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_EDITOR", "true")
            .file("main.c", "int main() { return 0; }\n");
        let mut place = Self {
            sandbox,
            double,
            output: String::new(),
        };
        place.shell(
            "git init -q && git config user.name A && git config user.email a@example.com \
             && git add main.c && git commit -qm first && git branch base \
             && echo 'puts(\"debug\");' >> main.c && git add main.c",
        );
        place
    }

    /// Runs lines of a shell that must succeed.
    #[track_caller]
    fn shell(&mut self, lines: &str) {
        let is_done = self.runs("sh", &["-ec", lines], &[]);
        assert!(is_done, "{lines}\n{}", self.output);
    }

    /// Runs a program, and adds what it printed to the output.
    fn runs(&mut self, program: &str, arguments: &[&str], more: &[(&str, &str)]) -> bool {
        let output = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.sandbox.environment())
            .envs(more.iter().copied())
            .current_dir(self.sandbox.home())
            .output()
            .unwrap();
        for text in [output.stdout, output.stderr] {
            self.output.push_str(&String::from_utf8_lossy(&text));
        }
        output.status.success()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.sandbox.home().join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.sandbox.home().join(path.trim_start_matches("~/"));
        fs::write(&path, text).unwrap();
        let mode = if text.starts_with("#!") { 0o700 } else { 0o600 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Uses a file as the program does that it is for.
    fn use_file(&mut self, path: &str, text: &str) {
        // Where the key is not that of the configuration, it is in the environment.
        let is_key = path != "~/.amx/config.yml";
        if is_key {
            let sandbox = std::mem::replace(&mut self.sandbox, Sandbox::new());
            self.sandbox = sandbox
                .env("OPENROUTER_API_KEY", KEY)
                .env("AMX_MODEL", "test/plain");
        }
        match path {
            ".github/workflows/summary.yml" => self.github(text),
            ".gitlab-ci.yml" => self.gitlab(text),
            ".git/hooks/prepare-commit-msg" => {
                self.shell("git commit -q && git log -1 --format=%B");
                // A message of one's own is untouched.
                self.shell("git commit -q --allow-empty -m own && git log -1 --format=%B");
                assert!(self.output.trim_end().ends_with("\nown"), "{}", self.output);
                self.shell("rm .git/hooks/prepare-commit-msg; echo 1 >> main.c; git add main.c");
            }
            ".git/hooks/pre-commit" => self.refuses_once(&["git", "commit", "-qm", "second"]),
            ".pre-commit-config.yaml" => self.output.clear(),
            "scripts/review-staged" => {
                let config: Value =
                    serde_yaml::from_str(&self.read(".pre-commit-config.yaml")).unwrap();
                let hook = &config["repos"][0]["hooks"][0];
                assert_eq!(hook["pass_filenames"], Value::Bool(false));
                let entry = hook["entry"].as_str().unwrap().to_owned();
                self.refuses_once(&[&entry]);
            }
            "~/.vimrc" => self.filters(text.lines().filter_map(|line| {
                // Vim takes both streams of a filter.
                let command = line.split_once(":!")?.1.strip_suffix("<CR>")?;
                Some(format!("({command}) < main.c 2>&1"))
            })),
            "~/.config/helix/config.toml" => self.filters(text.lines().filter_map(|line| {
                let command = line.split_once("\":pipe ")?.1.strip_suffix('"')?;
                Some(format!("{command} < main.c"))
            })),
            "~/.tmux.conf" => {
                for line in text.lines().skip(1) {
                    let words = shlex::split(line).unwrap();
                    let command = words.last().unwrap();
                    match command.as_str() {
                        // A conversation; it needs the terminal of the popup.
                        "amx" => {}
                        _ => self.shell(command),
                    }
                }
            }
            "~/.amx/config.yml" => {}
            _ => panic!("no test uses {path}"),
        }
    }

    /// A check that finds a problem the first time, and none the second.
    fn refuses_once(&mut self, command: &[&str]) {
        assert!(
            !self.runs(command[0], &command[1..], &[]),
            "{}",
            self.output
        );
        assert!(self.runs(command[0], &command[1..], &[]), "{}", self.output);
    }

    /// The first filter returns text, the second code alone.
    fn filters(&mut self, commands: impl Iterator<Item = String>) {
        let commands: Vec<String> = commands.collect();
        assert_eq!(commands.len(), 2);
        for (command, expected) in commands.iter().zip([ANSWER, "return x;"]) {
            self.output.clear();
            self.shell(command);
            assert_eq!(self.output.trim_end(), expected, "{command}");
        }
        ANSWER.clone_into(&mut self.output);
    }

    /// The steps of a job, with the files that the runner reads afterwards.
    fn github(&mut self, text: &str) {
        let workflow: Value = serde_yaml::from_str(text).unwrap();
        let job = &workflow["jobs"]["summary"];
        let home = self.sandbox.home().to_owned();
        let file = |name: &str| home.join(name).display().to_string();
        fs::create_dir(home.join("runner")).unwrap();
        let mut variables = vec![
            ("RUNNER_TEMP".to_owned(), file("runner")),
            ("GITHUB_PATH".to_owned(), file("github-path")),
            ("GITHUB_STEP_SUMMARY".to_owned(), file("github-summary")),
        ];
        for (name, value) in job["env"].as_mapping().unwrap() {
            let value = value.as_str().unwrap();
            let value = value
                .replace("origin/${{ github.base_ref }}", "base")
                .replace("${{ secrets.OPENROUTER_API_KEY }}", KEY);
            assert!(!value.contains("${{"), "{value}");
            variables.push((name.as_str().unwrap().to_owned(), value));
        }
        self.shell("git commit -qm second");
        for step in job["steps"].as_sequence().unwrap() {
            let Some(lines) = step["run"].as_str() else {
                continue;
            };
            let added = fs::read_to_string(home.join("github-path")).unwrap_or_default();
            let path = &self.sandbox.environment()[std::ffi::OsStr::new("PATH")];
            let path = format!("{}:{}", added.trim_end(), path.display());
            let mut more: Vec<(&str, &str)> = vec![("PATH", &path)];
            more.extend(variables.iter().map(|(name, value)| (&**name, &**value)));
            let is_done = self.runs("bash", &["-e", "-c", lines], &more);
            assert!(is_done, "{lines}\n{}", self.output);
        }
        self.output = self.read("github-summary");
    }

    /// The script of a job, as one shell.
    fn gitlab(&mut self, text: &str) {
        let file: Value = serde_yaml::from_str(text).unwrap();
        let job = &file["summary"];
        let script: Vec<&str> = ["before_script", "script"]
            .iter()
            .flat_map(|part| job[*part].as_sequence().unwrap())
            .map(|line| line.as_str().unwrap())
            .collect();
        let lines = script.join("\n").replace("/tmp", "\"$HOME/runner\"");
        let mut more = vec![("CI_MERGE_REQUEST_DIFF_BASE_SHA", "base")];
        let variables = job["variables"].as_mapping().unwrap();
        more.extend(
            variables
                .iter()
                .map(|(name, value)| (name.as_str().unwrap(), value.as_str().unwrap())),
        );
        self.shell("git commit -qm second && mkdir runner");
        let is_done = self.runs("bash", &["-eo", "pipefail", "-c", &lines], &more);
        assert!(is_done, "{lines}\n{}", self.output);
        self.output = self.read(job["artifacts"]["paths"][0].as_str().unwrap());
    }
}

#[test]
fn every_recipe_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integrations.md");
    let page = fs::read_to_string(page).unwrap();
    let recipes: Vec<&str> = page.split("\n### ").skip(1).collect();
    assert_eq!(recipes.len(), 14);
    for recipe in recipes {
        let title = recipe.lines().next().unwrap();
        let mut place = Place::new(title);
        if recipe.contains("--max-cost") {
            place.double.learn(routes::models());
        }
        let mut checked = 0;
        for block in Block::all(recipe) {
            match (block.language, block.path()) {
                ("text", _) => {
                    let expected = block.text.trim_end();
                    assert!(
                        place.output.contains(expected),
                        "{recipe}\n{}",
                        place.output
                    );
                    checked += 1;
                }
                (_, Some(path)) => {
                    place.write(path, block.text);
                    place.use_file(path, block.text);
                }
                ("sh", None) => place.shell(block.text),
                (language, None) => panic!("a block of {language} in: {title}"),
            }
        }
        assert_eq!(checked, 1, "{title}");
        // What a program prints is read: the change, the file, the pane.
        let is_test = recipe.contains("amx profiles test");
        for request in place.double.requests() {
            let body = request.text();
            let has_input = ["debug", "main.c:1: error", "return 0"];
            let has_input = has_input.iter().any(|text| body.contains(text));
            assert!(has_input || is_test || body.is_empty(), "{title}: {body}");
        }
        place.double.verify();
    }
}
