//! Proves the rules of `docs/architecture.md`: floors, outside crates, no circles, a first sentence
//! in every file, and the lengths of files, functions and lines.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders by floor, the highest first. A folder may import those of its own floor and below.
const FLOORS: &[&[&str]] = &[
    &["ui"],
    &["commands"],
    &["gateway", "batch"],
    &["ask"],
    &["attachments", "tools", "mcp"],
    &["store", "ports"],
    &["present", "account", "config"],
    &["catalog", "demo", "providers"],
    &["chat"],
    &["secrets"],
    &["wire"],
    &["platform"],
];

/// Files of `commands` that are no verb: rooms that several verbs share.
const SHARED: &[&str] = &[
    "alternatives_list",
    "arguments",
    "candidates",
    "editor",
    "key_origin",
    "answer_screen",
    "approval",
    "browser",
    "model_picker",
    "model_table",
    "output_file",
    "chat_setup",
    "question",
    "recording",
    "session_picker",
    "session_store",
    "setup",
    "user_shell",
];

/// Verbs that import another verb, and which. `conversation` is the shell over all of them.
const VERB_IMPORTS: &[(&str, &[&str])] = &[("chat", &["conversation"])];

/// Crates that only some folders may name.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("clap", &["ui", "commands"]),
    ("clap_complete", &["ui"]),
    ("clap_mangen", &["ui"]),
    ("console", &["ui"]),
    ("crossterm", &["ui"]),
    ("dialoguer", &["ui"]),
    ("indicatif", &["ui"]),
    ("reedline", &["ui"]),
    ("signal_hook", &["ui"]),
    ("rustix", &["ui", "wire", "platform"]),
    ("nix", &["ui"]),
    ("syntect", &["ui"]),
    ("two_face", &["ui"]),
    ("tracing_subscriber", &["ui"]),
    ("reqwest", &["wire"]),
    ("h2", &["wire"]),
    ("hyper", &["wire"]),
    ("hyper_util", &["wire"]),
    ("http_body_util", &["wire"]),
    ("webpki_root_certs", &["wire"]),
    ("keyring", &["secrets"]),
    ("rusqlite", &["store"]),
    ("ignore", &["attachments"]),
    ("globset", &["attachments"]),
    ("yaml_edit", &["config"]),
    ("boon", &["chat"]),
    ("nucleo_matcher", &["present"]),
    ("redis", &["gateway"]),
    ("csv", &["batch"]),
];

/// Longest file, in lines before its tests.
const LONGEST_FILE: usize = 400;

/// Longest function, in lines from `fn` to its closing brace; those of tests too.
const LONGEST_FUNCTION: usize = 60;

/// Widest line, in characters. Rustfmt leaves strings, comments and the inside of macros alone.
const WIDEST_LINE: usize = 100;

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The text without unit tests.
    fn before_tests(&self) -> &str {
        self.text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default()
    }

    /// The text without unit tests and comments.
    fn code(&self) -> String {
        self.before_tests()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// `ui/markdown/wrap` for `src/ui/markdown/wrap.rs`, `ui` for `src/ui/mod.rs`.
    fn module(&self) -> String {
        let relative = self.path.strip_prefix(root()).unwrap().with_extension("");
        relative
            .to_string_lossy()
            .trim_end_matches("/mod")
            .to_owned()
    }

    fn folder(&self) -> String {
        self.module()
            .split('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(Source {
                    text: std::fs::read_to_string(&path).unwrap(),
                    path,
                });
            }
        }
    }
    assert!(sources.len() > 40, "the sources were not found");
    sources
}

/// The modules that a file names by `crate::` or `super::`, as `folder/module`.
fn imports(source: &Source) -> BTreeSet<String> {
    let code = source.code();
    let own: Vec<String> = source.module().split('/').map(str::to_owned).collect();
    // `super` inside `mod.rs` is the parent of the folder.
    let is_folder = source.path.ends_with("mod.rs");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        found.extend(targets(&code[at + "crate::".len()..], &[]));
    }
    for (at, _) in code.match_indices("super::") {
        let levels = 1 + code[..at].len() / 7 - code[..at].trim_end_matches("super::").len() / 7;
        if code[at + 7..].starts_with("super::") {
            continue;
        }
        let depth =
            (own.len() + usize::from(is_folder)).saturating_sub(levels + usize::from(is_folder));
        found.extend(targets(&code[at + "super::".len()..], &own[..depth]));
    }
    found
}

/// The modules at the start of a path such as `chat::event::ChatEvent`, `{a::B, c::D}` or
/// `chat::{event, turn}`.
fn targets(path: &str, base: &[String]) -> Vec<String> {
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let (before, rest) = path.split_at(end.unwrap_or(path.len()));
    let heads: Vec<String> = match rest.strip_prefix('{') {
        Some(list) => list
            .split('}')
            .next()
            .unwrap_or_default()
            .split(',')
            .map(|head| format!("{before}{}", head.trim()))
            .collect(),
        None => vec![path.to_owned()],
    };
    let module = |head: String| {
        let names = head.split("::").map(|name| {
            name.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next()
                .unwrap_or_default()
        });
        let modules = names
            .take_while(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            .map(str::to_owned);
        base.iter()
            .cloned()
            .chain(modules)
            .take(3)
            .collect::<Vec<_>>()
            .join("/")
    };
    heads
        .into_iter()
        .map(module)
        .filter(|module| !module.is_empty())
        .collect()
}

fn floor_of(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&folder))
}

#[test]
fn every_folder_has_a_floor() {
    for source in sources() {
        let folder = source.folder();
        assert!(
            ["lib", "main"].contains(&folder.as_str()) || floor_of(&folder).is_some(),
            "{} is on no floor",
            source.path.display()
        );
    }
}

/// The file that declares a module: the `mod.rs` of its folder, `lib.rs`, or the file with the name
/// of the folder.
fn declaring_file(source: &Source) -> PathBuf {
    let folder = source.path.parent().unwrap();
    let folder = if source.path.ends_with("mod.rs") {
        folder.parent().unwrap()
    } else {
        folder
    };
    let candidates = [
        folder.join("mod.rs"),
        folder.with_extension("rs"),
        root().join("lib.rs"),
    ];
    candidates.into_iter().find(|path| path.exists()).unwrap()
}

#[test]
fn every_file_belongs_to_the_program() {
    for source in sources() {
        let module = source.module();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let name = module.rsplit('/').next().unwrap_or_default();
        let declaration = std::fs::read_to_string(declaring_file(&source)).unwrap();
        let is_declared = declaration
            .lines()
            .any(|line| line.ends_with(&format!("mod {name};")));
        assert!(is_declared, "no module declares {}", source.path.display());
    }
}

#[test]
fn nothing_imports_upward() {
    for source in sources() {
        let Some(own) = floor_of(&source.folder()) else {
            continue;
        };
        for import in imports(&source) {
            let folder = import.split('/').next().unwrap_or_default();
            let Some(floor) = floor_of(folder) else {
                continue;
            };
            assert!(
                floor >= own,
                "{} imports {import}, which is above it",
                source.path.display()
            );
        }
    }
}

/// The verb that a module of `commands` belongs to.
fn verb_of(module: &str) -> Option<&str> {
    let verb = module.strip_prefix("commands/")?.split('/').next()?;
    (!SHARED.contains(&verb)).then_some(verb)
}

#[test]
fn verbs_and_shared_rooms_import_no_other_verb() {
    for source in sources() {
        let module = source.module();
        let is_shared = module.starts_with("commands/") && verb_of(&module).is_none();
        let own = verb_of(&module).unwrap_or_default();
        if own.is_empty() && !is_shared {
            continue;
        }
        for import in imports(&source) {
            let Some(other) = verb_of(&import).filter(|other| *other != own) else {
                continue;
            };
            let may = own == "conversation"
                || VERB_IMPORTS
                    .iter()
                    .any(|(verb, others)| *verb == own && others.contains(&other));
            assert!(may, "{} imports the verb {other}", source.path.display());
        }
    }
}

#[test]
fn folders_form_no_circle() {
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources() {
        let folder = source.folder();
        let targets = imports(&source)
            .into_iter()
            .filter_map(|import| import.split('/').next().map(str::to_owned));
        let targets = targets.filter(|target| *target != folder && floor_of(target).is_some());
        arrows.entry(folder.clone()).or_default().extend(targets);
    }
    assert!(
        arrows["commands"].contains("chat"),
        "imports were not found: {arrows:?}"
    );
    // Take away folders that import nothing, until none is left.
    while !arrows.is_empty() {
        let leaves: Vec<String> = arrows
            .iter()
            .filter(|(_, targets)| targets.iter().all(|target| !arrows.contains_key(target)))
            .map(|(folder, _)| folder.clone())
            .collect();
        assert!(!leaves.is_empty(), "a circle among {arrows:?}");
        for leaf in leaves {
            arrows.remove(&leaf);
        }
    }
}

/// What `super::` names in a file that is not a `mod.rs`.
fn names_of_parent(code: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("super::") {
        let rest = &code[at + "super::".len()..];
        let list = rest
            .strip_prefix('{')
            .map(|list| list.split('}').next().unwrap_or_default());
        let heads = list.map_or(vec![rest], |list| list.split(',').map(str::trim).collect());
        names.extend(heads.into_iter().map(|head| {
            head.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next()
                .unwrap_or_default()
        }));
    }
    names
        .into_iter()
        .filter(|name| !name.is_empty() && *name != "super" && *name != "self")
        .collect()
}

#[test]
fn a_child_imports_siblings_and_never_its_parent() {
    for source in sources()
        .into_iter()
        .filter(|source| !source.path.ends_with("mod.rs") && source.module().contains('/'))
    {
        let folder = source.path.parent().unwrap();
        for name in names_of_parent(&source.code()) {
            let is_sibling = folder.join(format!("{name}.rs")).exists()
                || folder.join(name).join("mod.rs").exists();
            assert!(
                is_sibling,
                "{} takes {name} from its parent",
                source.path.display()
            );
        }
    }
}

#[test]
fn outside_crates_stay_on_their_floor() {
    for source in sources() {
        let code = source.code();
        for (name, folders) in OUTSIDE {
            let uses = [
                format!("use {name}::"),
                format!(" {name}::"),
                format!("({name}::"),
                format!("<{name}::"),
                format!("&{name}::"),
            ];
            let is_used = uses.iter().any(|form| code.contains(form.as_str()))
                && !code.contains(&format!("crate::{name}::"));
            let may = folders.contains(&source.folder().as_str());
            assert!(
                !is_used || may || is_own_module(&source, name),
                "{} names {name}, which belongs to {folders:?}",
                source.path.display()
            );
        }
    }
}

/// `secrets::keyring` is a module of ours with the name of a crate.
fn is_own_module(source: &Source, name: &str) -> bool {
    name == "keyring" && source.code().contains("secrets::keyring::")
}

#[test]
fn every_file_opens_with_a_sentence_and_stays_short() {
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") && first.len() > 20,
            "{} does not open with a sentence",
            source.path.display()
        );
        let lines = source.before_tests().lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines before its tests",
            source.path.display()
        );
    }
}

/// Whether the whole file is a module of tests.
fn is_of_tests(module: &str) -> bool {
    module.ends_with("tests")
}

#[test]
fn no_line_is_wider_than_the_page() {
    let mut faults = Vec::new();
    for source in sources() {
        let module = source.module();
        if is_of_tests(&module) {
            continue;
        }
        let wide: Vec<usize> = source
            .before_tests()
            .lines()
            .enumerate()
            .filter(|(_, line)| line.chars().count() > WIDEST_LINE)
            .map(|(index, _)| index + 1)
            .collect();
        if !wide.is_empty() {
            faults.push(format!("{module}, lines {wide:?}"));
        }
    }
    let faults = faults.join("\n");
    assert!(
        faults.is_empty(),
        "more than {WIDEST_LINE} characters:\n{faults}"
    );
}

/// Name and length in lines of each function of a text that rustfmt has formatted: its closing
/// brace has the indent of its `fn`.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let is_last = |line: &&str| {
            let (before, rest) = line.split_at(indent.min(line.len()));
            let is_at_indent = before.trim().is_empty() && !rest.starts_with(' ');
            // A declaration without a body ends with a semicolon.
            is_at_indent && (rest == "}" || rest.ends_with(';') || rest.ends_with("{}"))
        };
        let length = lines[start..].iter().position(is_last);
        functions.extend(length.map(|length| (name, length + 1)));
    }
    functions
}

/// The name behind `fn`, whatever qualifiers are before it.
fn function_name(line: &str) -> Option<&str> {
    const QUALIFIERS: &[&str] = &["pub", "const", "async"];
    let (before, rest) = line.trim_start().split_once("fn ")?;
    let is_qualifier = |word: &str| QUALIFIERS.contains(&word) || word.starts_with("pub(");
    let name = rest.split(['(', '<']).next()?;
    before
        .split_whitespace()
        .all(is_qualifier)
        .then_some(name)
        .filter(|_| before.is_empty() || before.ends_with(' '))
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let mut faults = Vec::new();
    for source in sources() {
        let module = source.module();
        for (name, length) in functions(&source.text) {
            if length > LONGEST_FUNCTION {
                faults.push(format!("{module}: {name} has {length} lines"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn functions_are_measured_from_fn_to_their_brace() {
    let text = "\
impl A {
    pub(crate) async fn one<T>(
        t: T,
    ) -> T {
        if true {
        }
        t
    }

    fn two() {}
}
trait B {
    fn three(
        &self,
    ) -> bool;
}
// a fn in words
let f: fn(u8) = x;
const fn four() {
}
";
    assert_eq!(
        functions(text),
        [("one", 7), ("two", 1), ("three", 3), ("four", 2)]
    );
}

#[test]
fn files_form_no_circle() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.iter().map(Source::module).collect();
    // `chat/event/ChatEvent` belongs to `chat/event`: the longest module that the path begins with.
    let file_of = |import: &str| {
        let parts: Vec<&str> = import.split('/').collect();
        (1..=parts.len())
            .rev()
            .map(|length| parts[..length].join("/"))
            .find(|path| modules.contains(path))
    };
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources
        .iter()
        .filter(|source| !source.path.ends_with("mod.rs"))
    {
        let own = source.module();
        let targets = imports(source)
            .iter()
            .filter_map(|import| file_of(import))
            .filter(|target| *target != own)
            .collect();
        arrows.insert(own, targets);
    }
    while !arrows.is_empty() {
        let leaves: Vec<String> = arrows
            .iter()
            .filter(|(_, targets)| targets.iter().all(|target| !arrows.contains_key(target)))
            .map(|(file, _)| file.clone())
            .collect();
        assert!(
            !leaves.is_empty(),
            "a circle among {:?}",
            arrows.keys().collect::<Vec<_>>()
        );
        for leaf in leaves {
            arrows.remove(&leaf);
        }
    }
}

#[test]
fn imports_are_found_in_all_their_forms() {
    let source = |text: &str| Source {
        path: root().join("ui/markdown/wrap.rs"),
        text: text.to_owned(),
    };
    let found = |text: &str| imports(&source(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(found("use crate::chat::event::ChatEvent;"), ["chat/event"]);
    assert_eq!(
        found("use crate::{chat::event::X, wire};"),
        ["chat/event", "wire"]
    );
    assert_eq!(
        found("use crate::commands::{models, usage};"),
        ["commands/models", "commands/usage"]
    );
    assert_eq!(found("use super::table::X;"), ["ui/markdown/table"]);
    assert_eq!(found("use super::super::style::Style;"), ["ui/style"]);
    assert_eq!(
        found("// crate::wire::x\nlet x = crate::secrets::remember;"),
        ["secrets/remember"]
    );
}
