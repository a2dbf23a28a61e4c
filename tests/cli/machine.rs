//! What the machine refuses: room, threads, writing, and files that are none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::distribution::skip_because;
use crate::support::double::Double;
use crate::support::provider_replies::{ProviderServer, folders};
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::support::texts::embedder;

/// A sandbox with a folder for conversations.
fn saving(double: &Double) -> Sandbox {
    Sandbox::with(double).config("")
}

fn database(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".amx/amx.db")
}

/// Runs a program that must succeed.
fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}");
}

fn is_available(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn a_limit_of_the_size_of_files_ends_no_answer() {
    // In blocks of 512 bytes: too small for the store from the beginning, and for this answer.
    for (blocks, text) in [(16, "Hello".to_owned()), (512, "word ".repeat(80_000))] {
        let double = Double::start([reply::stream([text.as_str()])]);
        let outcome = saving(&double)
            .shell(&format!("ulimit -f {blocks}"))
            .run(["chat", "hi"]);
        outcome
            .assert_code(12)
            .assert_stderr_has("could not be saved")
            .assert_stderr_has("hint: ");
        assert_eq!(outcome.stdout().trim_end(), text.trim_end());
    }
}

/// A wrapper under which no thread can be started; `None` where this user has no such limit.
fn without_threads(sandbox: &Sandbox) -> Option<String> {
    let limited = "prlimit --nproc=1";
    if !is_available("prlimit", &["--version"]) {
        return None;
    }
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() == 0
    });
    if !is_root {
        return Some(format!("exec {limited} \"$@\""));
    }
    // The limit does not hold for root.
    let user = "setpriv --reuid=54321 --regid=54321 --clear-groups";
    let program = env!("CARGO_BIN_EXE_amx");
    let can_run = format!("{user} test -x {program}");
    let home = sandbox.home().display();
    is_available("sh", &["-c", &can_run])
        .then(|| format!("chown -R 54321 {home}; exec {user} {limited} \"$@\""))
}

#[test]
fn an_answer_needs_no_thread() {
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    let name = double.base_url().replace("127.0.0.1", "localhost");
    let prepared = [
        saving(&double),
        // A name to resolve, data on stdin, and a keyring that is not reached.
        saving(&double)
            .env("OPENROUTER_BASE_URL", name)
            .stdin("more"),
    ];
    for sandbox in prepared {
        let Some(wrapper) = without_threads(&sandbox) else {
            return skip_because(
                "an_answer_needs_no_thread",
                "no limit of threads can be set",
            );
        };
        sandbox
            .shell(&wrapper)
            .run(["chat", "hi"])
            .assert_answer("Hello\n");
    }
    let profile = "llm_profiles:\n  work:\n    provider: openrouter\n    model: a/b\n    \
        api_key: keyring://amx/work/api_key\n";
    let sandbox = Sandbox::new().config(profile);
    let wrapper = without_threads(&sandbox).unwrap();
    sandbox
        .shell(&wrapper)
        .run(["chat", "-p", "work", "hi"])
        .assert_failure(4)
        .assert_stderr_has("no thread could be started");
}

#[test]
fn a_pipe_or_a_folder_in_the_place_of_the_store_is_refused_at_once() {
    type Make = fn(&Path);
    let forms: [Make; 2] = [
        |path| run("mkfifo", &[path.to_str().unwrap()]),
        |path| fs::create_dir(path).unwrap(),
    ];
    for name in [
        "amx.db",
        "amx.db.lock",
        "amx.db-wal",
        "amx.db-shm",
        "amx.db-journal",
    ] {
        for make in forms {
            let double = Double::start([reply::stream(["Hello"])]);
            let sandbox = saving(&double);
            make(&sandbox.home().join(".amx").join(name));
            let started = Instant::now();
            let outcome = sandbox.run(["chat", "hi"]);
            outcome
                .assert_code(12)
                .assert_stdout("Hello\n")
                .assert_stderr_has(&format!(".amx/{name} is not a regular file"))
                .assert_stderr_has("hint: mv ");
            for arguments in [&["models", "-p", "demo"][..], &["doctor", "--offline"]] {
                sandbox.run(arguments);
            }
            assert!(started.elapsed() < Duration::from_secs(9), "{name}");
        }
    }
    for make in forms {
        let sandbox = Sandbox::new().config("");
        make(&sandbox.home().join(".amx/amx.db"));
        for arguments in [&["sessions", "list"][..], &["usage"], &["chat", "-c", "x"]] {
            sandbox
                .run(arguments)
                .assert_failure(12)
                .assert_stderr_has(".amx/amx.db is not a regular file");
        }
    }
}

#[test]
fn a_pipe_in_the_place_of_the_lock_of_the_configuration_is_refused_at_once() {
    let sandbox =
        Sandbox::new().config("llm_profiles:\n  a: {provider: demo}\n  b: {provider: demo}\n");
    let lock = sandbox.home().join(".amx/config.lock");
    run("mkfifo", &[lock.to_str().unwrap()]);
    sandbox
        .run(["profiles", "use", "b"])
        .assert_failure(12)
        .assert_stderr_has("is not a regular file");
}

/// A wrapper that sees the home on a file system for reading only; `None` where this user may not
/// mount.
fn read_only() -> Option<&'static str> {
    is_available("unshare", &["-rm", "true"]).then_some(
        "exec unshare -rm sh -c 'mount --bind \"$HOME\" \"$HOME\" && mount -o remount,ro,bind \
         \"$HOME\" && cd \"$HOME\" && exec \"$@\"' sh \"$@\"",
    )
}

#[test]
fn a_disk_without_space_is_named() {
    if !is_available("unshare", &["-rm", "true"]) {
        return skip_because("a_disk_without_space_is_named", "this user cannot mount");
    }
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = saving(&double).shell(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=256k,mode=700 none \"$HOME/.amx\" && \
         cat /dev/zero > \"$HOME/.amx/filler\" 2> /dev/null; exec \"$@\"' sh \"$@\"",
    );
    sandbox
        .run(["chat", "hi"])
        .assert_code(12)
        .assert_stderr_has("no space left for ");
    let report = sandbox.run(["doctor", "--offline"]);
    report.assert_stderr_has("hint: df -h ");
    let words = "no space left for ~/.amx";
    assert!(report.stdout().contains(words), "{report}");
    sandbox
        .run(["serve", "keys", "add", "laptop"])
        .assert_failure(12)
        .assert_stderr_has("hint: check space and permissions");
}

#[test]
fn a_home_that_nobody_can_write_is_read() {
    let Some(wrapper) = read_only() else {
        return skip_because(
            "a_home_that_nobody_can_write_is_read",
            "this user cannot mount",
        );
    };
    let double = Double::start([reply::stream(["First answer"]), reply::stream(["Again"])]);
    let sandbox = saving(&double);
    sandbox.run(["chat", "first question"]).assert_code(0);
    let sandbox = sandbox.shell(wrapper);
    let reads = |title: &str| {
        for (arguments, shows) in [
            (&["sessions", "list"][..], title),
            (&["sessions", "show", "1"], "First answer"),
            (&["sessions", "search", "First"], title),
            (&["sessions", "export", "1"], "First answer"),
            (&["usage"], "total"),
        ] {
            let outcome = sandbox.run(arguments);
            outcome.assert_code(0);
            assert!(outcome.stdout().contains(shows), "{outcome}");
        }
    };
    reads("first question");
    sandbox
        .run(["chat", "-c", "and then?"])
        .assert_code(12)
        .assert_stdout("Again\n")
        .assert_stderr_has("Read-only file system");
    assert_eq!(
        double.requests()[1].json()["messages"][1]["content"],
        "First answer"
    );
    sandbox
        .run(["sessions", "rename", "1", "plan"])
        .assert_failure(12);
    // What a process that was killed has left: a journal with the newest data.
    let connection = Connection::open(database(&sandbox)).unwrap();
    connection
        .execute("UPDATE sessions SET title = 'from the journal'", [])
        .unwrap();
    let copy = sandbox.home().join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["amx.db", "amx.db-wal", "amx.db-shm"] {
        fs::copy(sandbox.home().join(".amx").join(name), copy.join(name)).unwrap();
    }
    drop(connection);
    for name in ["amx.db", "amx.db-wal", "amx.db-shm"] {
        fs::copy(copy.join(name), sandbox.home().join(".amx").join(name)).unwrap();
    }
    reads("from the journal");
    fs::remove_file(sandbox.home().join(".amx/amx.db-shm")).unwrap();
    reads("from the journal");
}

#[test]
fn a_database_of_another_program_is_refused_in_words() {
    const OWN_NAMES: &str = "CREATE TABLE sessions (a); CREATE TABLE turns (a); \
        CREATE TABLE contents (a); CREATE TABLE drafts (a);";
    for (version, tables) in [
        (0, "CREATE TABLE songs (title TEXT);"),
        (0, OWN_NAMES),
        (0, "CREATE VIEW sessions AS SELECT 1;"),
        (1, "CREATE TABLE songs (title TEXT);"),
        (-3, "CREATE TABLE songs (title TEXT);"),
        (1, OWN_NAMES),
        (4, OWN_NAMES),
        (5, "CREATE TABLE songs (title TEXT);"),
        (5, OWN_NAMES),
    ] {
        let double = Double::start([reply::stream(["Hello"])]);
        let sandbox = saving(&double);
        let file = database(&sandbox);
        let foreign = Connection::open(&file).unwrap();
        foreign.execute_batch(tables).unwrap();
        foreign
            .pragma_update(None, "user_version", version)
            .unwrap();
        drop(foreign);
        let before = fs::read(&file).unwrap();
        let outcome = sandbox.run(["chat", "hi"]);
        outcome
            .assert_code(12)
            .assert_stdout("Hello\n")
            .assert_stderr_has("amx.db is not a database of amx")
            .assert_stderr_has("hint: mv ");
        let listed = sandbox.run(["sessions", "list"]);
        let spent = sandbox.run(["usage"]);
        let examined = sandbox.run(["doctor", "--offline"]);
        for outcome in [&outcome, &listed, &spent, &examined] {
            for word in ["SELECT", "CREATE", "UPDATE", "INSERT", "no such table"] {
                outcome.assert_stderr_lacks(word);
                assert!(!outcome.stdout().contains(word), "{outcome}");
            }
        }
        listed.assert_failure(12);
        spent.assert_failure(12);
        assert_eq!(fs::read(&file).unwrap(), before, "{version} {tables}");
    }
}

#[test]
fn without_a_home_nothing_was_recorded() {
    let user = "setpriv --reuid=54321 --regid=54321 --clear-groups";
    let program = env!("CARGO_BIN_EXE_amx");
    // A user ID without an entry in passwd, as in some containers.
    let can_run = format!("! getent passwd 54321 && {user} test -x {program}");
    if !is_available("sh", &["-c", &can_run]) {
        return skip_because("without_a_home_nothing_was_recorded", "no user can be set");
    }
    let wrapper = format!("unset HOME AMX_CONFIG_DIR; exec {user} \"$@\"");
    for (command, note) in [
        (["usage"].as_slice(), "no requests in this period"),
        (&["sessions", "list"], "no saved conversations yet"),
        (&["templates", "list"], "no templates yet"),
    ] {
        let sandbox = Sandbox::new().shell(&wrapper);
        sandbox.run(command).assert_code(0).assert_stderr_has(note);
    }
    Sandbox::new()
        .shell(&wrapper)
        .run(["chat", "-p", "demo", "--session", "plan", "hi"])
        .assert_code(0)
        .assert_stderr_has("conversation 'plan' is not saved: there is no home directory")
        .assert_stderr_lacks("new conversation");
    Sandbox::new()
        .shell(&wrapper)
        .run(["config", "path"])
        .assert_failure(3)
        .assert_stderr_has("set HOME or AMX_CONFIG_DIR");
}

#[test]
fn a_pipe_that_nobody_reads_is_refused_as_an_output_before_anything_is_sent() {
    let double = Double::start([]);
    let sandbox = saving(&double).file("texts.txt", "one\n");
    let pipe = sandbox.home().join("pipe");
    run("mkfifo", &[pipe.to_str().unwrap()]);
    for arguments in [
        &["chat", "--output", "pipe", "hi"][..],
        &["embed", "-f", "texts.txt", "-o", "pipe", "-m", "a/embed"],
    ] {
        sandbox
            .run(arguments)
            .assert_failure(12)
            .assert_stderr_has("pipe cannot be written")
            .assert_stderr_has("no process reads from it");
    }
    assert!(double.requests().is_empty());
}

#[test]
fn a_pipe_that_is_read_gets_the_whole_answer() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox =
        saving(&double).shell("mkfifo pipe; cat pipe > read & \"$@\"; code=$?; wait; exit $code");
    sandbox
        .run(["chat", "--output", "pipe", "hi"])
        .assert_code(0);
    let read = fs::read_to_string(sandbox.home().join("read")).unwrap();
    assert_eq!(read, "Hello\n");
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_full_output_file_does_not_take_is_shown() {
    for form in [&[][..], &["--json"], &["--jsonl"]] {
        let double = Double::start([reply::stream(["Hello ", "world"])]);
        let sandbox = saving(&double);
        let run = sandbox.run([&["chat", "--output", "/dev/full", "hi"], form].concat());
        run.assert_code(12)
            .assert_stderr_lacks("the incomplete answer is in");
        let shown = format!("{}{}", run.stdout(), run.stderr());
        assert!(shown.contains("Hello "), "{run}");
        assert!(shown.contains("/dev/full cannot be written"), "{run}");
        let shown = sandbox.run(["sessions", "show", "1"]);
        assert!(shown.stdout().contains("Hello world"), "{shown}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_rest_of_a_full_output_file_is_on_stdout() {
    let text = "word ".repeat(80_000);
    let double = Double::start([reply::stream([text.as_str(), "end"])]);
    let sandbox = saving(&double).shell("mkdir out; ulimit -f 512");
    let run = sandbox.run(["chat", "--no-save", "--output", "out/o.md", "hi"]);
    run.assert_code(12)
        .assert_stderr_has("error: out/o.md cannot be written")
        .assert_stderr_has("the incomplete answer is in out/o.md.partial");
    let written = fs::read_to_string(sandbox.home().join("out/o.md.partial")).unwrap();
    assert_eq!(format!("{written}{}", run.stdout()), format!("{text}end\n"));
}

#[cfg(target_os = "linux")]
#[test]
fn vectors_that_a_full_output_file_does_not_take_are_shown() {
    for form in [&[][..], &["--json"]] {
        let double = Double::start([]).also(embedder());
        let sandbox = Sandbox::with(&double);
        let run = sandbox.run([&["embed", "-o", "/dev/full", "a"], form].concat());
        run.assert_code(12).assert_stderr_lacks("wrote");
        let shown = format!("{}{}", run.stdout(), run.stderr());
        assert!(shown.contains("embedding"), "{run}");
        assert!(shown.contains("/dev/full cannot be written"), "{run}");
    }
}

#[test]
fn too_few_open_files_are_no_fault_of_the_program() {
    let folder = folders()
        .into_iter()
        .find(|folder| folder.name() == "openai");
    let folder = folder.unwrap();
    let server = ProviderServer::start(&folder, "stream");
    let mut advised = 0;
    for files in 6..=24 {
        let outcome = Sandbox::new()
            .config(folder.config(&server.base_url))
            .shell(&format!("ulimit -n {files}"))
            .run(["chat", "hi"]);
        assert_ne!(outcome.code, 70, "{files}: {}", outcome.stderr());
        if outcome.stderr().contains("hint: ulimit -n 1024") {
            assert_eq!(outcome.code, 12, "{files}");
            advised += 1;
        }
    }
    assert!(advised > 0);
}
