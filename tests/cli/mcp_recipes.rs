//! The recipes of docs/mcp.md, run as they are written, with stand-ins for what needs a network.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::sandbox::Sandbox;

/// Stand-ins: `curl` has the weather of one town, `docker` is the server that it would run, and
/// `sqlite3` works on the same file.
const STAND_INS: &[(&str, &str)] = &[
    (
        "curl",
        "test \"$*\" = '-sS -- https://wttr.in/Oslo?format=3' && echo 'Oslo: 3 °C'",
    ),
    (
        "docker",
        "test -n \"$GITHUB_PERSONAL_ACCESS_TOKEN\" && exec python3 \"$HOME/dice.py\"",
    ),
    (
        "sqlite3",
        "test \"$1 $2 $3\" = '-readonly -safe -json' && exec python3 -c 'import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(sys.argv[2])
names = [column[0] for column in rows.description]
rows = [dict(zip(names, row)) for row in rows]
print(json.dumps(rows, separators=(\",\", \":\")))' \"$4\" \"$5\"",
    ),
];

const DATABASE: &str = "import sqlite3
shop = sqlite3.connect('shop.db')
shop.execute('CREATE TABLE orders (id, customer, total)')
shop.execute('INSERT INTO orders VALUES (1, 2, 40), (2, 2, 2)')
shop.commit()";

/// A block of the page: its language and its text.
fn blocks(section: &str) -> Vec<(&str, &str)> {
    section
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|part| part.split_once('\n'))
        .collect()
}

/// The text of the first block of a language.
fn block<'a>(blocks: &[(&str, &'a str)], language: &str) -> Option<&'a str> {
    let found = blocks.iter().find(|(name, _)| *name == language);
    found.map(|(_, text)| *text)
}

/// A home with the files of the recipes; `amx` is on the path.
fn home(page: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let home = sandbox.home().to_owned();
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::create_dir_all(home.join("notes")).unwrap();
    symlink(env!("CARGO_BIN_EXE_amx"), home.join("bin/amx")).unwrap();
    let mut sandbox = sandbox
        .file("notes/todo.md", "buy milk\n")
        .file("dice.py", block(&blocks(page), "python").unwrap())
        .env("GITHUB_TOKEN", "a-token-of-github")
        .env("PATH", format!("{}/bin:/usr/bin:/bin", home.display()));
    for (name, text) in STAND_INS {
        sandbox = sandbox.script(&format!("bin/{name}"), text);
    }
    sandbox
}

fn run(sandbox: &Sandbox, program: &str, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.home())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn every_recipe_works() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mcp.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, recipes) = page.split_once("## Recipes").unwrap();
    let recipes: Vec<&str> = recipes.split("\n### ").skip(1).collect();
    assert_eq!(recipes.len(), 5);
    for recipe in recipes {
        let blocks = blocks(recipe);
        let mut sandbox = home(&page);
        if let Some(config) = block(&blocks, "yaml") {
            sandbox = sandbox.config(config);
        }
        assert!(run(&sandbox, "python3", &["-c", DATABASE]).0);
        let commands = block(&blocks, "sh").unwrap();
        let (is_done, output) = run(&sandbox, "sh", &["-ec", commands]);
        let expected = block(&blocks, "text").unwrap().trim_end();
        assert!(is_done && output.contains(expected), "{recipe}\n{output}");
    }
}
