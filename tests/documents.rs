//! Holds the documents against the program: tables against their sources, links against the files,
//! commands against the command line.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the documents has failed"
)]

#[path = "support/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use amx::tables::ERROR_KINDS;
use amx::tables::OPTIONS;
use amx::tables::PROVIDERS;
use amx::tables::VARIABLES;
use amx::tables::is_reasoning_model;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// README.md and everything below docs/.
fn documents() -> Vec<PathBuf> {
    let mut documents = vec![root().join("README.md")];
    documents.extend(files(&root().join("docs"), "md"));
    assert!(documents.len() > 10, "the documents were not found");
    documents
}

/// The files below a folder whose names end in `.extension`, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|present| present == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The cells of the rows of a Markdown table, without its head.
fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix('|')?.strip_suffix('|'));
    lines
        .skip(2)
        .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// The rows of the table between two comments of the README.
fn marked_rows(name: &str) -> Vec<Vec<String>> {
    rows(&marked("README.md", name))
}

/// The text between two comments of a document.
fn marked(document: &str, name: &str) -> String {
    let readme = text(document);
    let (_, rest) = readme
        .split_once(&format!("<!-- {name}:begin -->"))
        .unwrap();
    let (table, _) = rest.split_once(&format!("<!-- {name}:end -->")).unwrap();
    table.to_owned()
}

/// The texts in backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The contents of fenced blocks of one language.
fn fenced(document: &str, language: &str) -> Vec<String> {
    let parts = document.split("\n```").collect::<Vec<_>>();
    parts
        .chunks(2)
        .filter_map(|pair| {
            pair.get(1)?
                .strip_prefix(&format!("{language}\n"))
                .map(str::to_owned)
        })
        .collect()
}

fn amx<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amx"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let expected = ERROR_KINDS.iter().map(|(_, code, name, meaning)| {
        vec![code.to_string(), (*name).to_owned(), (*meaning).to_owned()]
    });
    let documented = marked_rows("exit-codes");
    assert_eq!(documented[0], ["0", "ok", "the answer is complete"]);
    assert_eq!(documented[1..], expected.collect::<Vec<_>>());
}

#[test]
fn the_variables_are_those_that_the_program_reads() {
    let expected = VARIABLES
        .iter()
        .map(|variable| vec![format!("`{}`", variable.name), variable.meaning.to_owned()]);
    assert_eq!(marked_rows("environment"), expected.collect::<Vec<_>>());
}

#[test]
fn the_variables_of_telemetry_are_those_of_the_table() {
    let row = |(name, meaning): &(&str, &str)| format!("| `{name}` | {meaning} |\n");
    let rows = amx::tables::TELEMETRY_VARIABLES
        .iter()
        .map(row)
        .collect::<String>();
    is_generated(
        "docs/telemetry.md",
        "variables",
        &format!("\n| variable | meaning |\n|---|---|\n{rows}"),
    );
}

fn terms() -> Vec<words::Term> {
    let terms = words::terms(&rows(&marked("docs/style.md", "terms")));
    assert!(terms.len() > 20, "the table of terms was not found");
    terms
}

/// Each finding behind the path of its file.
fn placed(path: &Path, findings: Vec<words::Finding>) -> Vec<String> {
    let path = path.strip_prefix(root()).unwrap().display().to_string();
    findings
        .iter()
        .map(|finding| format!("{path}:{finding}"))
        .collect()
}

#[test]
fn documents_use_the_terms_of_the_style_page() {
    let terms = terms();
    let is_checked = |path: &PathBuf| !path.ends_with("docs/style.md");
    let found: Vec<String> = documents()
        .into_iter()
        .filter(is_checked)
        .flat_map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            placed(&path, words::in_markdown(&text, &terms))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn sources_use_the_terms_of_the_style_page() {
    let terms = terms();
    let is_test = |path: &Path| {
        path.file_stem()
            .is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
    };
    let mut found = vec![];
    for path in files(&root().join("src"), "rs") {
        if is_test(&path) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        found.extend(placed(&path, words::in_rust(&text, &terms)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Set to write generated parts instead of comparing them.
const WRITE: &str = "AMX_WRITE_DOCUMENTS";

#[test]
fn the_slash_commands_are_those_of_the_table() {
    let row = |command: &amx::tables::SlashCommand| {
        let usage = format!("/{} {}", command.name, command.argument);
        format!(
            "| `{}` | {} |\n",
            usage.trim_end().replace('|', "\\|"),
            command.meaning
        )
    };
    let rows = amx::tables::SLASH_COMMANDS
        .iter()
        .map(row)
        .collect::<String>();
    is_generated(
        "docs/conversation.md",
        "commands",
        &format!("\n| command | meaning |\n|---|---|\n{rows}"),
    );
}

/// As it is typed in a shell.
fn shell_word(text: &str) -> String {
    if text.contains(['"', '{', '[', ' ']) {
        format!("'{text}'")
    } else {
        text.to_owned()
    }
}

#[test]
fn the_options_are_those_of_the_table() {
    let row = |option: &amx::tables::RequestOption| {
        let (name, example) = (option.name, option.typed_example());
        let flag = match option.kind {
            amx::tables::ValueKind::Bool if example == "true" => option.flag(),
            amx::tables::ValueKind::Bool => format!("{}={example}", option.flag()),
            _ => format!("{} {}", option.flag(), shell_word(&example)),
        };
        let general = shell_word(&format!("{name}={example}"));
        let (meaning, value, key) = (
            option.meaning,
            option.kind.description(),
            option.profile_key(),
        );
        format!(
            "| `{name}` | {meaning} | {value} | `{key}` | `{flag}` | `-o {general}` | `/set {name} {example}` |\n"
        )
    };
    let rows = OPTIONS.iter().map(row).collect::<String>();
    let head = "\n| option | meaning | value | in a profile | flag | `-o` | in a conversation |\n|---|---|---|---|---|---|---|\n";
    is_generated("docs/options.md", "options", &format!("{head}{rows}"));
}

#[test]
fn every_documented_flag_of_an_option_is_understood() {
    let typed = marked("docs/options.md", "options")
        .lines()
        .flat_map(quoted)
        .filter(|text| text.starts_with("--") || text.starts_with("-o "))
        .collect::<Vec<_>>();
    assert_eq!(typed.len(), 2 * OPTIONS.len());
    // All of them at once: none takes the words of another for its own.
    let arguments: Vec<String> = typed
        .iter()
        .flat_map(|text| shlex::split(text).unwrap())
        .collect();
    assert!(is_understood(
        &["chat".to_owned()]
            .into_iter()
            .chain(arguments)
            .chain(["hi".to_owned()])
            .collect::<Vec<_>>()
    ));
}

#[test]
fn the_kinds_of_attachments_are_those_of_the_table() {
    use amx::tables::{ATTACHMENT_KINDS, Treatment};
    let row = |kind: &amx::tables::FileKind| {
        let (becomes, how) = match kind.treatment {
            Treatment::Image(media_type) => ("`image_url`", media_type.to_owned()),
            Treatment::Pdf => ("`file`", "application/pdf".to_owned()),
            Treatment::Audio(format) => ("`input_audio`", format.to_owned()),
            Treatment::Video(media_type) => ("`video_url`", media_type.to_owned()),
            Treatment::Refused(ways) => ("refused", format!("`{}`", ways[0])),
        };
        format!("| {} | {becomes} | {how} |\n", kind.name)
    };
    let rows = ATTACHMENT_KINDS.iter().map(row).collect::<String>();
    is_generated(
        "docs/attachments.md",
        "kinds",
        &format!(
            "\n| file type | sent as | format, or the command that converts it |\n|---|---|---|\n{rows}"
        ),
    );
}

#[test]
fn the_kinds_of_log_destinations_are_those_of_the_program() {
    let output = amx(["logs", "kinds", "--json"]).stdout;
    let kinds: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let field = |field: &serde_json::Value| {
        let name = field["name"].as_str().unwrap();
        let star = if field["secret"] == true { "*" } else { "" };
        match field["default"].as_str() {
            Some(default) => format!("(`{name}`{star} `{default}`)"),
            None if field["required"] == false => format!("(`{name}`{star})"),
            None => format!("`{name}`{star}"),
        }
    };
    let row = |kind: &serde_json::Value| {
        let fields = kind["fields"].as_array().unwrap().iter();
        let fields = fields.filter(|field| field["name"] != "headers").map(field);
        let mut fields = fields.collect::<Vec<_>>().join(", ");
        if kind["open"] == true {
            fields = "any".to_owned();
        }
        let text = |name: &str| kind[name].as_str().unwrap().to_owned();
        format!("| `{}` | {} | {fields} |\n", text("type"), text("title"))
    };
    let rows = kinds
        .as_array()
        .unwrap()
        .iter()
        .map(row)
        .collect::<String>();
    is_generated(
        "docs/logs.md",
        "log-kinds",
        &format!("\n| kind | product | fields |\n|---|---|---|\n{rows}"),
    );
}

#[test]
fn the_checks_of_doctor_are_those_of_the_table() {
    let row = |check: &amx::tables::Check| {
        format!(
            "| `{}` | {} | {} |\n",
            check.name,
            check.group.word(),
            check.looks_at
        )
    };
    let rows = amx::tables::CHECKS.iter().map(row).collect::<String>();
    is_generated(
        "docs/doctor.md",
        "checks",
        &format!("\n| check | group | what it checks |\n|---|---|---|\n{rows}"),
    );
}

/// Whether a table in a document is what is generated; writes it where that is wanted.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether to write"
)]
fn is_generated(document: &str, name: &str, table: &str) {
    let present = marked(document, name);
    if std::env::var_os(WRITE).is_some() {
        let begin = format!("<!-- {name}:begin -->");
        let written = text(document).replace(
            &format!("{begin}{present}<!--"),
            &format!("{begin}{table}<!--"),
        );
        std::fs::write(root().join(document), written).unwrap();
        return;
    }
    assert_eq!(
        present, table,
        "{WRITE}=1 cargo test --test documents writes it"
    );
}

#[test]
fn the_providers_are_those_of_the_registry() {
    let document = text("docs/providers.md");
    let (table, _) = document.split_once("\n## ").unwrap();
    let documented: Vec<Vec<String>> = rows(table)
        .into_iter()
        .map(|row| row[..3].to_vec())
        .collect();
    let expected = PROVIDERS.iter().map(|entry| {
        let base_url = match entry.base_url {
            _ if entry.is_demo() => "inside the program".to_owned(),
            Some(base_url) => format!("`{base_url}`"),
            None => "yours, `base_url` is needed".to_owned(),
        };
        let variable = if entry.is_demo() {
            "none".to_owned()
        } else {
            format!("`{}`", entry.key_variable)
        };
        vec![format!("`{}`", entry.name), base_url, variable]
    });
    assert_eq!(documented, expected.collect::<Vec<_>>());
}

/// The documented patterns, each with whether it must be at the start of the last part of the ID.
fn documented_patterns() -> Vec<(bool, String)> {
    let document = text("docs/reasoning.md");
    let (_, section) = document.split_once("## Which requests count").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let of_row = |row: Vec<String>| {
        let is_start = row[0].contains("starts with");
        quoted(&row[1])
            .into_iter()
            .map(move |pattern| (is_start, pattern))
            .collect::<Vec<_>>()
    };
    rows(section).into_iter().flat_map(of_row).collect()
}

#[test]
fn every_documented_pattern_matches_reasoning_models() {
    for (is_start, pattern) in documented_patterns() {
        let shorter = &pattern[..pattern.len() - 1];
        assert!(
            is_reasoning_model(&format!("author/{pattern}"))
                && is_reasoning_model(&pattern.to_uppercase()),
            "{pattern}"
        );
        assert!(
            is_reasoning_model(&format!("author/{pattern}-next:free")),
            "{pattern}"
        );
        assert!(
            !is_reasoning_model(&format!("author/{shorter}")),
            "a part of {pattern} is enough"
        );
        assert_eq!(
            is_reasoning_model(&format!("author/x{pattern}")),
            !is_start,
            "{pattern} in the middle of a name"
        );
        assert_eq!(
            is_reasoning_model(&format!("{pattern}/plain")),
            !is_start,
            "{pattern} as an author"
        );
    }
}

#[test]
fn every_row_of_the_table_of_reasoning_models_is_documented() {
    let source = text("src/chat/reasoning.rs");
    let (_, table) = source.split_once("const ROUTES").unwrap();
    let (table, _) = table.split_once("\n];").unwrap();
    let row = |line: &str| {
        let (how, pattern) = line.trim().strip_prefix("(Match::")?.split_once(", \"")?;
        Some((
            how == "LastSegmentStart",
            pattern.split('"').next()?.to_owned(),
        ))
    };
    let in_source: BTreeSet<(bool, String)> = table.lines().filter_map(row).collect();
    assert!(in_source.len() > 10, "the table was not found");
    assert_eq!(
        documented_patterns().into_iter().collect::<BTreeSet<_>>(),
        in_source
    );
}

#[test]
fn the_index_of_decisions_lists_every_page() {
    let indexed: Vec<Vec<String>> = rows(
        text("docs/decisions/README.md")
            .split_once("\n| number")
            .unwrap()
            .1,
    );
    let of_page = |path: &PathBuf| {
        let page = std::fs::read_to_string(path).unwrap();
        let mut lines = page.lines();
        let (number, title) = lines.next()?.strip_prefix("# ")?.split_once(". ")?;
        let (date, status) = lines.nth(1)?.split_once(", ")?;
        let file = path.file_name()?.to_string_lossy();
        let link = format!("[{title}]({file})");
        assert!(file.starts_with(number), "{file}");
        Some([number.to_owned(), link, date.to_owned(), status.to_owned()])
    };
    let pages = files(&root().join("docs/decisions"), "md");
    let expected: Vec<_> = pages
        .iter()
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| of_page(path).unwrap_or_else(|| panic!("{}", path.display())))
        .collect();
    assert_eq!(indexed, expected);
}

/// Where the links of a Markdown text point, without those to other places of the same page.
fn links(document: &str) -> Vec<String> {
    let targets = document
        .match_indices("](")
        .filter_map(|(at, _)| document[at + 2..].split([')', ' ']).next());
    targets
        .filter(|target| !target.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_link_inside_the_repository_leads_somewhere() {
    let mut checked = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text)
            .into_iter()
            .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        {
            let file = document
                .parent()
                .unwrap()
                .join(link.split('#').next().unwrap_or_default());
            assert!(file.exists(), "{} links to {link}", document.display());
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} links were found");
}

/// The arguments of every call of the program in a line of a shell, up to where the shell takes
/// over.
fn calls(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(line).unwrap();
    let segments = words.split(|word| word == "|");
    let is_redirection =
        |word: &String| [">", "<", "2>", ">>", "&&", "||"].contains(&word.as_str());
    let arguments = |words: &[String]| -> Option<Vec<String>> {
        let (program, rest) = words.split_first()?;
        (program == "amx").then(|| {
            rest.iter()
                .take_while(|word| !is_redirection(word))
                .cloned()
                .collect()
        })
    };
    segments.filter_map(arguments).collect()
}

/// Lines of blocks for a shell, and what is typed at the prompts of shown sessions.
fn shown_lines(document: &str) -> Vec<String> {
    let typed = fenced(document, "sh")
        .into_iter()
        // A line that ends with a backslash continues.
        .map(|block| block.replace("\\\n", " "))
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    let sessions = fenced(document, "console");
    let prompted = sessions
        .iter()
        .flat_map(|block| block.lines().filter_map(|line| line.strip_prefix("$ ")))
        .map(str::to_owned);
    typed.chain(prompted).collect()
}

/// Whether the command line accepts these arguments: help is printed after all of them were parsed.
/// What follows `--` is a command of its own.
fn is_understood(arguments: &[String]) -> bool {
    let own = arguments.split(|argument| argument == "--").next();
    let own = own.unwrap_or_default().iter().map(String::as_str);
    let output = amx(own.chain(["--help"]));
    output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Usage: amx")
}

#[test]
fn every_command_that_is_shown_is_understood() {
    let mut checked = 0;
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for arguments in shown_lines(&text).iter().flat_map(|line| calls(line)) {
            assert!(
                is_understood(&arguments),
                "{} shows amx {arguments:?}",
                document.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 12, "only {checked} commands were found");
}

/// Runs lines for a shell in a new home, where `amx` is the program and the demo the profile.
fn run_in_shell(lines: &str) -> std::process::Output {
    let home = tempfile::TempDir::with_prefix("amx-test-").unwrap();
    let programs = home.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_amx"), programs.join("amx")).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    // A diff to review.
    let script = format!("set -e\ngit() {{ echo '+let x = 1;'; }}\n{lines}");
    Command::new("sh")
        .args(["-c", &script])
        .current_dir(home.path())
        .env_clear()
        .envs([("HOME", home.path().as_os_str()), ("PATH", path.as_ref())])
        .env("AMX_PROFILE", "demo")
        .env("AMX_NO_KEYRING", "1")
        .output()
        .unwrap()
}

#[test]
fn the_templates_of_the_readme_work() {
    let readme = text("README.md");
    let (_, section) = readme.split_once("### Templates\n").unwrap();
    let block = fenced(section, "sh").into_iter().next().unwrap();
    let output = run_in_shell(&block);
    assert!(
        output.status.success(),
        "{block}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.stdout.is_empty());
}

#[test]
fn the_recipes_for_many_rows_work() {
    let document = text("docs/batch.md");
    let (_, section) = document.split_once("## Recipes\n").unwrap();
    let blocks = fenced(section, "sh");
    assert_eq!(blocks.len(), 6);
    for block in blocks {
        let output = run_in_shell(&block);
        assert!(
            output.status.success(),
            "{block}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn what_is_not_understood_is_noticed() {
    for line in [
        "amx chta hi",
        "amx chat --bogus hi",
        "true | amx chat --max-tokens many hi > file",
        "amx completions tcsh",
    ] {
        assert_eq!(calls(line).len(), 1, "{line}");
        assert!(!is_understood(&calls(line)[0]), "{line}");
    }
    assert!(calls("git diff > amx").is_empty());
}

/// The rows of the table of measurements, in its order.
const MEASURED: [&str; 7] = [
    "leaks",
    "kills",
    "edits",
    "escapes",
    "cuts",
    "random inputs",
    "tools",
];

#[test]
fn the_measurements_of_security_are_dated_and_without_violations() {
    let table = marked("docs/security.md", "trust");
    let table = table.trim();
    let heading = table.lines().next().unwrap();
    let date = heading.strip_prefix("Measured on ").unwrap();
    let day: Vec<&str> = date.split(' ').next().unwrap().split('-').collect();
    assert_eq!(
        day.iter().map(|part| part.len()).collect::<Vec<_>>(),
        [4, 2, 2],
        "{heading}"
    );
    for part in ["with amx ", "at scale ", " min on ", " CPUs"] {
        assert!(heading.contains(part), "no '{part}' in: {heading}");
    }
    let rows = rows(table);
    let subjects: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(subjects, MEASURED);
    for row in &rows {
        let (measured, violations) = (&row[2], &row[3]);
        let is_count = |part: &str| {
            let (count, label) = part.split_once(' ').unwrap_or_default();
            !label.is_empty() && count.starts_with(|c: char| c.is_ascii_digit())
        };
        assert!(measured.split(", ").all(is_count), "{measured}");
        assert_eq!(violations, "0", "{row:?}");
    }
}

#[test]
fn generated_files_are_what_the_program_prints() {
    let generated = [
        ("amx.bash", &["completions", "bash", "--static"][..]),
        ("_amx", &["completions", "zsh", "--static"]),
        ("amx.fish", &["completions", "fish", "--static"]),
        ("_amx.ps1", &["completions", "powershell", "--static"]),
        ("amx.elv", &["completions", "elvish", "--static"]),
        ("man/amx.1", &["man"]),
        ("man/amx-chat.1", &["man", "chat"]),
        ("man/amx-config.1", &["man", "config"]),
    ];
    for (name, arguments) in generated {
        let output = amx(arguments);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "amx {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            output.stdout == text(&format!("completions/{name}")).into_bytes(),
            "completions/{name} is out of date: run just completions"
        );
    }
    let kept = kept_completions();
    let scripts = generated
        .iter()
        .filter(|(name, _)| !name.contains('/'))
        .count();
    assert_eq!(
        kept.len(),
        scripts + 1,
        "completions/ holds what nothing generates"
    );
}

/// The names of the files and folders in `completions`.
fn kept_completions() -> BTreeSet<String> {
    names_in(&root().join("completions"))
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_manual_page_is_what_the_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let output = amx(["man", "--all", folder.path().to_str().unwrap()]);
    assert!(output.status.success() && output.stderr.is_empty());
    let kept = root().join("completions/man");
    let names = names_in(&kept);
    assert_eq!(names, names_in(folder.path()), "run just completions");
    assert!(
        names.len() > 10 && names.contains("amx-models.1"),
        "{names:?}"
    );
    for name in names {
        let page = std::fs::read_to_string(kept.join(&name)).unwrap();
        let written = std::fs::read_to_string(folder.path().join(&name)).unwrap();
        assert!(
            page == written,
            "completions/man/{name} is out of date: run just completions"
        );
        for section in [
            "NAME",
            "SYNOPSIS",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
            "EXAMPLES",
        ] {
            assert!(
                page.contains(&format!("\n.SH {section}\n")),
                "{name} has no {section}"
            );
        }
    }
}

#[test]
fn the_verb_completions_writes_exactly_the_generated_files() {
    let justfile = text("justfile");
    let written: BTreeSet<&str> = justfile
        .lines()
        .filter_map(|line| {
            line.split_once("> completions/")
                .map(|(_, name)| name.trim())
        })
        .collect();
    let mut kept = kept_completions();
    assert!(justfile.contains("amx man --all completions/man\n") && kept.remove("man"));
    assert_eq!(written, kept.iter().map(String::as_str).collect());
}
