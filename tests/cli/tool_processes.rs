//! The processes of tools: none of what a tool started is left when its call or amx has ended.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// Longest time until nothing is left that a tool has started.
const LONGEST_END: Duration = Duration::from_secs(10);

/// An answer that calls a tool.
fn calling(name: &str) -> Reply {
    let function = json!({"name": name, "arguments": "{}"});
    let call = json!({"index": 0, "id": "call_0", "type": "function", "function": function});
    reply::stream([]).tool(call).finish("tool_calls")
}

/// A tool that starts a background process, a daemon in a session of its own, and one that ignores
/// the request to end; the IDs of all are in the file `ids`.
const BREEDER: &str = "sleep 1000 & echo $! >> ids\n\
    setsid sh -c 'sleep 1000 & echo $! >> ids; echo $$ >> ids; wait' &\n\
    sh -c 'trap \"\" TERM; echo $$ >> ids; while :; do sleep 1; done' &\n\
    yes > /dev/null & echo $! >> ids\n\
    while [ \"$(wc -l < ids)\" -lt 5 ]; do sleep 0.05; done\n\
    echo ready > ready\n\
    [ \"$1\" = stay ] && sleep 1000\n\
    exit 0";

fn breeder(double: &Double, mode: &str) -> Sandbox {
    let sandbox = Sandbox::with(double).script("breeder", BREEDER);
    let path = sandbox.home().join("breeder").display().to_string();
    sandbox.config(format!(
        "tools:\n  breeder: {{command: [{path}, {mode}], approve: allow, timeout: 30s}}\n"
    ))
}

const BREED: [&str; 6] = ["chat", "-m", "a/b", "--tool", "breeder", "hi"];

/// Waits until none of the five processes is left.
#[track_caller]
fn assert_gone(home: &Path, since: Instant) {
    let ids = std::fs::read_to_string(home.join("ids")).unwrap();
    assert_eq!(ids.lines().count(), 5, "{ids}");
    assert_none_left(&ids, home, since);
}

/// Waits until none of the processes is left.
#[track_caller]
fn assert_none_left(ids: &str, home: &Path, since: Instant) {
    loop {
        let left: Vec<&str> = ids.lines().filter(|id| is_running(id, home)).collect();
        if left.is_empty() {
            return;
        }
        assert!(since.elapsed() < LONGEST_END, "{left:?} are left");
    }
}

/// Whether the process that a tool started there exists and has not ended. Its folder tells it from
/// a later process with its ID.
fn is_running(id: &str, home: &Path) -> bool {
    let folder = std::fs::read_link(format!("/proc/{id}/cwd"));
    folder.is_ok_and(|folder| folder == home.canonicalize().unwrap())
}

#[test]
fn nothing_that_a_tool_started_outlives_its_call() {
    let double = Double::start([calling("breeder"), reply::stream(["ok"])]);
    let sandbox = breeder(&double, "leave");
    sandbox.run(BREED).assert_code(0).assert_stdout("ok\n");
    assert_gone(sandbox.home(), Instant::now());
}

#[test]
fn nothing_that_a_tool_started_outlives_a_signal() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let double = Double::start([calling("breeder")]);
        let sandbox = breeder(&double, "stay");
        let running = sandbox.spawn(BREED);
        written::wait(&sandbox.home().join("ready"));
        let since = Instant::now();
        running.signal(signal);
        running.wait().assert_code(code);
        assert_gone(sandbox.home(), since);
        let row = &sandbox.run(["tools", "log", "--json"]).json()[0];
        assert_eq!(row["error"], "interrupted by the user");
        assert!(row["ms"].is_u64(), "{row}");
    }
}

/// The program of a key, once what it starts can be told from other processes.
#[cfg(target_os = "linux")]
fn of_a_key(script: &str, word: &str) -> Sandbox {
    let marked = "while [ \"$(ulimit -Hd)\" = unlimited ]; do :; done\n";
    let sandbox = Sandbox::new().script("key", &format!("{marked}{script}"));
    let path = sandbox.home().join("key").display().to_string();
    sandbox.config(format!(
        "llm_profiles:\n  p: {{model: a/b, api_key: 'cmd:{path} {word}'}}\n"
    ))
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_that_the_program_of_a_key_started_outlives_a_signal_or_its_time() {
    for (signal, code) in [
        (Some("INT"), 130),
        (Some("TERM"), 143),
        (Some("HUP"), 129),
        (None, 4),
    ] {
        let double = Double::start([]);
        let sandbox = of_a_key(BREEDER, "stay").env("OPENROUTER_BASE_URL", double.base_url());
        let running = sandbox.spawn(["chat", "hi"]);
        written::wait(&sandbox.home().join("ready"));
        if let Some(signal) = signal {
            running.signal(signal);
        }
        running.wait().assert_code(code);
        assert_gone(sandbox.home(), Instant::now());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_agent_that_the_program_of_a_key_started_stays() {
    let agent = format!("setsid sleep 1000 > /dev/null 2>&1 & echo $! > ids; echo {KEY}");
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = of_a_key(&agent, "").env("OPENROUTER_BASE_URL", double.base_url());
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let id = std::fs::read_to_string(sandbox.home().join("ids")).unwrap();
    assert!(is_running(id.trim(), sandbox.home()));
    let ended = std::process::Command::new("kill").arg(id.trim()).status();
    assert!(ended.unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_tool_has_limits_of_memory_time_and_core_files() {
    let double = Double::start([calling("limits"), reply::stream(["ok"])]);
    let command = "[cat, /proc/self/limits]";
    let sandbox = Sandbox::with(&double).config(format!(
        "tools: {{limits: {{command: {command}, timeout: 20s, approve: allow}}}}\n"
    ));
    sandbox
        .run(["chat", "-m", "a/b", "--tool", "limits", "hi"])
        .assert_code(0);
    let sent = double.requests()[1].json();
    let messages = sent["messages"].as_array().unwrap();
    let limits = messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned();
    let of = |name: &str| -> String {
        let row = limits.lines().find_map(|row| row.strip_prefix(name));
        let row = row.unwrap_or_else(|| panic!("{name} in {limits}"));
        row.split_whitespace().next().unwrap().to_owned()
    };
    let threads = std::thread::available_parallelism().unwrap().get();
    // The last bytes are the mark of its group.
    let data: u64 = of("Max data size").parse().unwrap();
    assert!(data <= 4 << 30 && data > 3 << 30, "{data}");
    assert_eq!(of("Max cpu time"), (21 * threads).to_string());
    assert_eq!(of("Max core file size"), "0");
    assert_ne!(of("Max processes"), "unlimited");
}

#[test]
fn a_tool_that_takes_too_long_is_ended_and_the_answer_goes_on() {
    let double = Double::start([calling("slow"), reply::stream(["ok"])]);
    Sandbox::with(&double)
        .config("tools: {slow: {command: [sleep, '1000'], timeout: 300ms, approve: allow}}\n")
        .run(["chat", "-m", "a/b", "--tool", "slow", "hi"])
        .assert_code(0)
        .assert_stdout("ok\n");
    let sent = &double.requests()[1].json()["messages"];
    let result = sent.as_array().unwrap().last().unwrap();
    assert_eq!(result["role"], "tool");
    assert_eq!(result["content"], "[ended after 0.3 s without a result]");
}

/// Starts sessions of their own without a pause, each of a shell that ignores the request to end
/// and is replaced by its own child ten times. The IDs of those that lived are in the file `ids`.
const BOMB: &str = "trap '' TERM\n\
    if [ -n \"$1\" ]; then\n\
      echo $$ >> ids\n\
      [ \"$1\" -lt 10 ] || exec sleep 1000\n\
      setsid \"$0\" $(($1 + 1)) &\n\
      exit\n\
    fi\n\
    while [ \"$(wc -l < ids)\" -lt 2000 ]; do setsid \"$0\" 0 & done 2> /dev/null\n\
    sleep 1000";

#[test]
fn a_tool_that_starts_processes_without_a_pause_leaves_none() {
    let double = Double::start([calling("bomb"), reply::stream(["ok"])]);
    let sandbox = Sandbox::with(&double).script("bomb", BOMB);
    let home = sandbox.home().to_owned();
    std::fs::write(home.join("ids"), "").unwrap();
    let path = home.join("bomb").display().to_string();
    let config = format!("tools: {{bomb: {{command: [{path}], timeout: 1s, approve: allow}}}}\n");
    let sandbox = sandbox.config(config);
    sandbox
        .run(["chat", "-m", "a/b", "--tool", "bomb", "hi"])
        .assert_code(0)
        .assert_stdout("ok\n");
    let since = Instant::now();
    let ids = std::fs::read_to_string(home.join("ids")).unwrap();
    assert!(ids.lines().count() > 20, "it did not start many: {ids}");
    // What ended may not have been replaced after the end of the call.
    assert_none_left(&ids, &home, since);
    assert_eq!(std::fs::read_to_string(home.join("ids")).unwrap(), ids);
}
