//! The tools that are part of amx. They read, and neither write nor run anything.

mod clock;
mod find;
mod folders;
mod list;
mod read;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::definition::definition;
use super::tool::{Call, Pending, Runner, Tool, ToolOutput};
use crate::platform::beneath::BeneathError;
use crate::ports::approval::{CallToApprove, Standing};
use crate::wire::background::unblock;
use crate::wire::canonical;
use crate::wire::redact::stored;
use folders::Folders;

/// Where they are from, as lists show it.
pub(crate) const SOURCE: &str = "built-in";

/// One of them.
struct BuiltIn {
    name: &'static str,
    description: &'static str,
    /// The schema of its arguments.
    parameters: fn() -> Value,
    run: fn(&Folders, &Value, &AtomicBool) -> Result<String, String>,
    reads_files: bool,
}

/// All of them, in the order of lists.
const TOOLS: &[BuiltIn] = &[
    BuiltIn {
        name: "now",
        description: "The current date, time, weekday and time zone.",
        parameters: clock::parameters,
        run: clock::run,
        reads_files: false,
    },
    BuiltIn {
        name: "read_file",
        description: "Reads a text file, at most 256 KiB at a time.",
        parameters: read::parameters,
        run: read::run,
        reads_files: true,
    },
    BuiltIn {
        name: "list_files",
        description: "Lists a folder, or the files below it whose names match a pattern.",
        parameters: list::parameters,
        run: list::run,
        reads_files: true,
    },
    BuiltIn {
        name: "find_text",
        description: "Finds the lines of files below a folder that contain a text.",
        parameters: find::parameters,
        run: find::run,
        reads_files: true,
    },
];

/// All built-in tools. Those that read files read below `roots` only, and never in `private`, the
/// folder of amx.
///
/// # Errors
/// The root that cannot be opened, and why.
pub(crate) fn all(
    roots: &[PathBuf],
    private: Option<&Path>,
) -> Result<Vec<Tool>, (PathBuf, BeneathError)> {
    let folders = Arc::new(Folders::open(roots, private)?);
    let tool = |built_in: &'static BuiltIn| Tool {
        name: built_in.name.to_owned(),
        description: Some(built_in.description.to_owned()),
        parameters: (built_in.parameters)(),
        source: SOURCE.to_owned(),
        may_repeat: false,
        runner: Rc::new(BuiltInRunner {
            built_in,
            folders: Arc::clone(&folders),
        }),
    };
    Ok(TOOLS.iter().map(tool).collect())
}

struct BuiltInRunner {
    built_in: &'static BuiltIn,
    folders: Arc<Folders>,
}

impl Runner for BuiltInRunner {
    fn prepare<'a>(&'a self, arguments: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>> {
        let call = BuiltInCall {
            built_in: self.built_in,
            folders: Arc::clone(&self.folders),
            arguments: arguments.clone(),
        };
        Box::pin(std::future::ready(Ok(Box::new(call) as Box<_>)))
    }
}

struct BuiltInCall {
    built_in: &'static BuiltIn,
    folders: Arc<Folders>,
    arguments: Value,
}

impl Call for BuiltInCall {
    fn shown(&self) -> CallToApprove {
        let built_in = self.built_in;
        let parameters = (built_in.parameters)();
        CallToApprove {
            tool: built_in.name.to_owned(),
            source: SOURCE.to_owned(),
            text: canonical::json(&self.arguments),
            target: built_in.reads_files.then(|| self.folders.shown()),
            definition: definition(
                Value::Null,
                built_in.name,
                Some(built_in.description),
                &parameters,
                None,
            ),
            standing: Standing::Free,
            ..CallToApprove::default()
        }
    }

    fn run(self: Box<Self>) -> Pending<'static, ToolOutput> {
        Box::pin(async move {
            let stop = Stop::default();
            let is_stopped = Arc::clone(&stop.0);
            let BuiltInCall {
                built_in,
                folders,
                arguments,
            } = *self;
            let work = move || (built_in.run)(&folders, &arguments, &is_stopped);
            let failed = || Err("it failed".to_owned());
            let result = unblock(work).await.unwrap_or_else(failed);
            let is_error = result.is_err();
            let text = result.unwrap_or_else(|why| why);
            ToolOutput {
                bytes: text.len() as u64,
                content: stored(&text).into_owned(),
                is_error,
            }
        })
    }
}

/// Stops a search whose call is dropped.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::command_tool::BUILT_IN;
    use crate::ports::equipment::block_on;

    /// Runs a tool on a folder with some files.
    fn run(tool: &str, arguments: &Value) -> ToolOutput {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("src/main.rs", &b"fn main() {\n    todo();\n}\n"[..]),
            ("src/deep/lib.rs", b"pub fn Todo() {}\n"),
            ("notes.txt", b"todo: write\n"),
            ("image.png", b"\x89PNG\0\0"),
            (".hidden/x.rs", b"todo\n"),
            ("home/config.yml", b"todo: private\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(folder.path().join("long.txt"), "é".repeat(200_000)).unwrap();
        let roots = [folder.path().to_owned()];
        let tools = all(&roots, Some(&folder.path().join("home"))).unwrap();
        let tool = tools.iter().find(|each| each.name == tool).unwrap();
        let output = block_on(async {
            let call = tool.runner.prepare(arguments).await.unwrap();
            assert_eq!(call.shown().standing, Standing::Free);
            call.run().await
        });
        output.unwrap()
    }

    #[track_caller]
    fn assert_result(tool: &str, arguments: &Value, expected: &str) {
        assert_eq!(run(tool, arguments).content, expected, "{tool} {arguments}");
    }

    #[test]
    fn the_reserved_names_are_those_of_the_tools() {
        let mut names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
        names.push(crate::tools::search::NAME);
        assert_eq!(names, BUILT_IN);
        for tool in TOOLS {
            assert_eq!(crate::chat::schema::fault_of(&(tool.parameters)()), None);
        }
    }

    #[test]
    fn files_are_read_in_parts_and_only_text() {
        assert_result("read_file", &json!({"path": "notes.txt"}), "todo: write\n");
        let first = run("read_file", &json!({"path": "long.txt"})).content;
        let note = "\n[bytes 0 to 262144 of 400000; continue with \"offset\": 262144]";
        assert!(first.ends_with(note), "{}", &first[first.len() - 100..]);
        let rest = run("read_file", &json!({"path": "long.txt", "offset": 399_997})).content;
        assert_eq!(rest, "é\n[bytes 399998 to 400000 of 400000]");
        for (path, reason) in [
            ("image.png", "it is not text"),
            ("gone", "No such file"),
            ("../x", "outside the folders"),
            ("home/config.yml", "the folder of amx is never read"),
            ("src", "it is a folder"),
        ] {
            let output = run("read_file", &json!({"path": path}));
            assert!(
                output.is_error && output.content.contains(reason),
                "{output:?}"
            );
        }
    }

    #[test]
    fn folders_are_listed_without_the_private_one() {
        assert_result(
            "list_files",
            &json!({}),
            ".hidden/\nhome/\nimage.png\nlong.txt\nnotes.txt\nsrc/",
        );
        assert_result("list_files", &json!({"path": "src"}), "deep/\nmain.rs");
        assert_result(
            "list_files",
            &json!({"pattern": "*.rs"}),
            "src/deep/lib.rs\nsrc/main.rs",
        );
        assert_result("list_files", &json!({"pattern": "src/m*"}), "src/main.rs");
        assert_result(
            "list_files",
            &json!({"pattern": "*.yml"}),
            "[nothing found]",
        );
        assert!(run("list_files", &json!({"path": "home"})).is_error);
    }

    #[test]
    fn lines_with_a_text_are_found() {
        assert_result(
            "find_text",
            &json!({"text": "todo"}),
            "notes.txt:1: todo: write\nsrc/main.rs:2:     todo();",
        );
        assert_result(
            "find_text",
            &json!({"text": "todo", "ignore_case": true, "path": "src", "pattern": "lib.*"}),
            "src/deep/lib.rs:1: pub fn Todo() {}",
        );
        assert_result("find_text", &json!({"text": "nowhere"}), "[nothing found]");
        assert!(run("find_text", &json!({"text": ""})).is_error);
    }

    #[test]
    fn a_walk_that_does_not_see_every_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d/".repeat(33));
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("deep.txt"), "todo\n").unwrap();
        let tools = all(&[folder.path().to_owned()], None).unwrap();
        let content = |tool: &str, arguments: &Value| {
            let tool = tools.iter().find(|each| each.name == tool).unwrap();
            let called = async { tool.runner.prepare(arguments).await.unwrap().run().await };
            block_on(called).unwrap().content
        };
        let list = json!({"pattern": "*.txt"});
        let find = json!({"text": "todo"});
        let note = "[incomplete: some folders are too deep; name a folder further down]";
        let nothing = format!("[nothing found]\n{note}");
        assert_eq!(content("list_files", &list), nothing);
        assert_eq!(content("find_text", &find), nothing);
        std::fs::write(folder.path().join("z.txt"), "todo\n").unwrap();
        assert_eq!(content("list_files", &list), format!("z.txt\n{note}"));
        assert_eq!(
            content("find_text", &find),
            format!("z.txt:1: todo\n{note}")
        );
    }

    #[test]
    fn the_time_has_its_zone() {
        let text = run("now", &json!({"time_zone": "Asia/Tokyo"})).content;
        assert!(text.contains("day, Asia/Tokyo (UTC+09); 20"), "{text}");
        assert!(run("now", &json!({"time_zone": "Moon/Sea"})).is_error);
        assert!(!run("now", &json!({})).is_error);
    }

    #[test]
    fn without_a_root_no_file_is_read() {
        let tools = all(&[], None).unwrap();
        let output = block_on(async {
            let arguments = json!({"path": "/etc/passwd"});
            let call = tools[1].runner.prepare(&arguments).await.unwrap();
            call.run().await
        });
        let output = output.unwrap();
        assert!(
            output.is_error && output.content.contains("--root"),
            "{output:?}"
        );
    }
}
