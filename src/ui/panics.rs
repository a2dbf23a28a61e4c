//! What happens at a panic: the terminal is restored, the error asks for a report, exit code 70.
//! The program is built without unwinding, so this is the last code that runs.

use crate::config::Environment;
use crate::platform::children;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ui::printer::Printer;

/// Reports a panic as the error of a command, as JSON where the command line requests it: `Some`,
/// with whether it is in lines.
pub(super) fn report(environment: &Environment, json: Option<bool>) {
    let environment = environment.clone();
    std::panic::set_hook(Box::new(move |information| {
        let place = information
            .location()
            .map(|location| format!("{}:{}", location.file(), location.line()));
        let error = error_at(place.as_deref().unwrap_or("at an unknown place"));
        let mut printer = Printer::new(&environment);
        if let Some(in_lines) = json {
            printer.expect_json(in_lines);
        }
        printer.restore();
        printer.report(&error);
        children::end_all();
        end(&error);
    }));
}

/// The place without the message of the panic, which may hold what the user typed.
fn error_at(place: &str) -> CommandError {
    CommandError::new(ErrorKind::Bug, format!("internal error ({place})"))
        .hint("please report it: https://github.com/amx-cli/amx/issues")
}

#[expect(clippy::exit, reason = "a panic has nothing to return to")]
fn end(error: &CommandError) -> ! {
    std::process::exit(i32::from(error.kind.exit_code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::mcp::stub_server::StubServer;
    #[cfg(unix)]
    use crate::platform::children::{Group, UNTIL_LIMITED};
    #[cfg(unix)]
    use crate::platform::processes::ProcessLimits;
    #[cfg(unix)]
    use crate::ports::equipment::block_on;

    fn panic_on_purpose(json: Option<bool>) -> ! {
        report(&Environment::default(), json);
        panic!("on purpose, with a secret");
    }

    #[test]
    #[ignore = "the child process of a test below, which starts it by name"]
    fn panics_among_text() {
        panic_on_purpose(None);
    }

    #[test]
    #[ignore = "the child process of a test below, which starts it by name"]
    fn panics_among_json() {
        panic_on_purpose(Some(false));
    }

    /// Starts a process, one behind it, and a daemon, and writes their IDs to stdout.
    #[cfg(unix)]
    #[test]
    #[ignore = "the child process of a test below, which starts it by name"]
    fn panics_among_processes() {
        use std::io::Write;
        use std::process::Stdio;
        use tokio::io::{AsyncBufReadExt, BufReader};

        let script = "setsid sleep 1006 & echo $!; sleep 1007 & echo $!; echo $$; wait";
        let script = format!("{UNTIL_LIMITED}{script}");
        let work = async {
            let (_group, mut child) = Group::start("sh", ProcessLimits::default(), |command| {
                command.args(["-c", &script]).stdout(Stdio::piped());
            })
            .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            for _ in 0..3 {
                let id = lines.next_line().await.unwrap().unwrap();
                writeln!(std::io::stdout(), "started {id}").unwrap();
            }
            panic_on_purpose(None);
        };
        block_on(work).unwrap();
    }

    /// Starts an MCP server that ignores the request to end, as a process behind it does, and
    /// writes their IDs to stdout.
    #[cfg(unix)]
    #[test]
    #[ignore = "the child process of a test below, which starts it by name"]
    fn panics_among_servers() {
        use std::io::Write;

        let stub = StubServer::new();
        let servers = stub.servers();
        let server = stub.server(&["--mode", "stubborn"]);
        let tested = block_on(servers.test(&server)).unwrap();
        assert!(tested.outcome.is_ok(), "{tested:?}");
        for entry in stub.log() {
            for id in [&entry["pid"], &entry["child"]] {
                if id.is_u64() {
                    writeln!(std::io::stdout(), "started {id}").unwrap();
                }
            }
        }
        panic_on_purpose(None);
    }

    /// Runs a child process whose temporary files end with this.
    fn output_of(name: &str) -> std::process::Output {
        let folder = tempfile::TempDir::new().unwrap();
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--nocapture", "--exact"])
            .arg(format!("ui::panics::tests::{name}"))
            .env("TMPDIR", folder.path())
            .output()
            .unwrap()
    }

    fn run_child(name: &str) -> (Option<i32>, String) {
        let output = output_of(name);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    #[cfg(unix)]
    #[test]
    fn a_panic_leaves_no_process_of_a_tool() {
        assert_none_left("panics_among_processes", 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_panic_leaves_no_process_of_a_server() {
        assert_none_left("panics_among_servers", 2);
    }

    /// Runs a child process that starts so many others, and fails when one of them is left.
    #[cfg(unix)]
    fn assert_none_left(name: &str, count: usize) {
        let output = output_of(name);
        assert_eq!(output.status.code(), Some(70), "{output:?}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        let ids: Vec<&str> = stdout
            .lines()
            .filter_map(|line| line.split_once("started ").map(|(_, id)| id))
            .collect();
        assert_eq!(ids.len(), count, "{stdout}");
        for id in ids {
            let status = std::process::Command::new("ps")
                .args(["-o", "stat=", "-p", id])
                .output();
            let status = String::from_utf8(status.unwrap().stdout).unwrap();
            assert!(
                status.trim().is_empty() || status.starts_with('Z'),
                "{id}: {status}"
            );
        }
    }

    #[test]
    fn a_panic_ends_with_70_and_a_request_for_a_report() {
        let (code, stderr) = run_child("panics_among_text");
        assert_eq!(code, Some(70), "{stderr}");
        assert!(
            stderr.contains("error: internal error (src/ui/panics.rs:"),
            "{stderr}"
        );
        assert!(stderr.contains("hint: please report it"), "{stderr}");
        assert!(!stderr.contains("on purpose"), "{stderr}");
    }

    #[test]
    fn a_panic_is_json_where_json_was_requested() {
        let (code, stderr) = run_child("panics_among_json");
        assert_eq!(code, Some(70), "{stderr}");
        let error: serde_json::Value = serde_json::from_str(stderr.trim()).unwrap();
        assert!(
            error["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with("internal error"),
            "{error}"
        );
    }
}
