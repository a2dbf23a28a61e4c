//! Commands of the user as tools.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::child::{self, End, Ended, Program};
use super::definition::definition;
use super::excerpt::{excerpt, last_lines};
use super::filling::{FilledCommand, SHELL, fill};
use super::tool::{Call, NO_OUTPUT, Pending, Runner, Tool, ToolOutput};
use crate::config::command_tool::{Approve, CommandTool, MOST_READ};
use crate::config::home;
use crate::platform::programs::find_program;
use crate::ports::approval::{CallToApprove, Standing};
use crate::wire::background::unblock;
use crate::wire::redact::stored;

/// Where such a tool is from, as lists show it.
pub(crate) const SOURCE: &str = "command";

/// Lines of stderr that are sent after a failure, and their bytes.
const STDERR_LINES: usize = 20;
const STDERR_BYTES: usize = 4096;

/// Resolves a reference in `env`: the name of the tool, that of the variable, and its value.
///
/// # Errors
/// Why it cannot be resolved, without the value.
pub(crate) type Resolve = Arc<dyn Fn(&str, &str, &str) -> Result<String, String> + Send + Sync>;

/// What all commands of a run share.
#[derive(Clone)]
pub(crate) struct CommandContext {
    /// The environment of every command, beside its own `env`.
    pub environment: Vec<(String, String)>,
    /// Where amx was started.
    pub directory: PathBuf,
    pub resolve: Resolve,
}

/// The tool of a command.
pub(crate) fn tool(command: CommandTool, context: CommandContext) -> Tool {
    Tool {
        name: command.name.clone(),
        description: command.description.clone(),
        parameters: command.parameters.clone(),
        source: SOURCE.to_owned(),
        may_repeat: command.may_repeat,
        runner: Rc::new(CommandRunner {
            command: Rc::new(command),
            context,
        }),
    }
}

struct CommandRunner {
    command: Rc<CommandTool>,
    context: CommandContext,
}

impl CommandRunner {
    /// The folder in which it runs.
    fn directory(&self) -> PathBuf {
        let written = self.command.cwd.as_deref().unwrap_or(Path::new(""));
        let expanded = home::expanded(&written.to_string_lossy());
        self.context.directory.join(expanded)
    }

    fn definition(&self) -> String {
        let command = &self.command;
        let (description, parameters) = (command.description.as_deref(), &command.parameters);
        definition(self.server(), &command.name, description, parameters, None)
    }

    fn server(&self) -> Value {
        let command = &self.command;
        json!({
            "command": command.command, "cwd": self.directory().to_string_lossy(),
            "shell": command.is_shell,
        })
    }

    fn call(&self, arguments: &Value) -> Result<CommandCall, String> {
        let none = serde_json::Map::new();
        let filled = fill(&self.command, arguments.as_object().unwrap_or(&none))?;
        Ok(CommandCall {
            command: Rc::clone(&self.command),
            filled,
            directory: self.directory(),
            definition: self.definition(),
            context: self.context.clone(),
        })
    }
}

impl Runner for CommandRunner {
    fn prepare<'a>(&'a self, arguments: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>> {
        let call = self.call(arguments).map(|call| Box::new(call) as Box<_>);
        Box::pin(std::future::ready(call))
    }

    fn missing(&self) -> Option<String> {
        let program = if self.command.is_shell {
            SHELL[0]
        } else {
            self.command.command.first()?
        };
        let variable = |name: &str| {
            let mut variables = self.context.environment.iter();
            variables
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let own = self.command.env.get("PATH").map(String::as_str);
        let path = own
            .filter(|path| !path.contains("${"))
            .or_else(|| variable("PATH"));
        let found = find_program(program, &self.directory(), path.unwrap_or_default());
        found
            .is_none()
            .then(|| format!("program '{program}' was not found"))
    }
}

/// A command with its arguments in it.
struct CommandCall {
    command: Rc<CommandTool>,
    filled: FilledCommand,
    directory: PathBuf,
    definition: String,
    context: CommandContext,
}

impl Call for CommandCall {
    fn shown(&self) -> CallToApprove {
        CallToApprove {
            tool: self.command.name.clone(),
            source: SOURCE.to_owned(),
            text: self.filled.shown(),
            target: Some(self.directory.to_string_lossy().into_owned()),
            definition: self.definition.clone(),
            standing: match self.command.approve {
                Approve::Ask => Standing::Ask,
                Approve::Allow => Standing::Allowed,
            },
            ..CallToApprove::default()
        }
    }

    fn run(self: Box<Self>) -> Pending<'static, ToolOutput> {
        Box::pin(async move {
            match self.execute().await {
                Ok(output) => output,
                Err(why) => ToolOutput {
                    content: why,
                    is_error: true,
                    bytes: 0,
                },
            }
        })
    }
}

impl CommandCall {
    async fn execute(self) -> Result<ToolOutput, String> {
        let name = self.filled.words.first().cloned().unwrap_or_default();
        let mut environment = self.context.environment.clone();
        environment.extend(self.variables().await?);
        environment.extend(self.filled.variables);
        let program = Program {
            name: name.clone(),
            arguments: self.filled.words.into_iter().skip(1).collect(),
            environment,
            cwd: Some(self.directory),
            stdin: self.filled.stdin,
            timeout: self.command.timeout,
            most_output: usize::try_from(MOST_READ).unwrap_or(usize::MAX),
        };
        let timeout = program.timeout;
        let ended = child::run(program)
            .await
            .map_err(|error| format!("'{name}' could not be started: {error}"))?;
        let most = usize::try_from(self.command.max_output).unwrap_or(usize::MAX);
        Ok(output(&ended, most, timeout.as_secs_f64()))
    }

    /// The tool's own variables, with their references resolved. The keyring and commands block.
    async fn variables(&self) -> Result<Vec<(String, String)>, String> {
        if self.command.env.is_empty() {
            return Ok(Vec::new());
        }
        let resolve = Arc::clone(&self.context.resolve);
        let (tool, env) = (self.command.name.clone(), self.command.env.clone());
        let resolved = unblock(move || {
            let value =
                |(name, text): (&String, &String)| Ok((name.clone(), resolve(&tool, name, text)?));
            env.iter().map(value).collect()
        });
        let failed = || Err("a variable of this tool could not be read".to_owned());
        resolved.await.unwrap_or_else(failed)
    }
}

/// The result for the model.
fn output(ended: &Ended, most: usize, seconds: f64) -> ToolOutput {
    let stdout = String::from_utf8_lossy(&ended.stdout);
    let text = stored(&stdout);
    let mut parts = vec![excerpt(text.trim_end_matches('\n'), most)];
    let note = match ended.end {
        End::Exited(status) if status.success() => None,
        End::Exited(status) => Some(status.to_string()),
        End::TimedOut => Some(format!("ended after {seconds} s without a result")),
        End::TooMuchOutput => Some(format!("ended after {MOST_READ} bytes of output")),
    };
    if let Some(note) = &note {
        parts.push(format!("[{note}]"));
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let stderr = stored(last_lines(&stderr, STDERR_LINES, STDERR_BYTES)).into_owned();
        parts.push(stderr);
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        parts.push(NO_OUTPUT.to_owned());
    }
    ToolOutput {
        content: parts.join("\n"),
        is_error: note.is_some(),
        bytes: ended.bytes,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::children::UNTIL_LIMITED;

    fn tool(command: &[&str], parameters: &Value) -> CommandTool {
        let command = command.iter().map(ToString::to_string).collect();
        CommandTool::new("t", command, parameters.clone())
    }

    fn context() -> CommandContext {
        CommandContext {
            environment: vec![
                ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
                ("LANG".to_owned(), "C".to_owned()),
            ],
            directory: std::env::temp_dir(),
            resolve: Arc::new(|_, name, text| match text {
                "${GONE}" => Err(format!("{name} refers to ${{GONE}}, which is not set")),
                text => Ok(text.replace("${TOKEN}", "t0k3n")),
            }),
        }
    }

    fn with(command: CommandTool) -> CommandRunner {
        CommandRunner {
            command: Rc::new(command),
            context: context(),
        }
    }

    fn shell(line: &str) -> CommandTool {
        let mut tool = tool(&[line], &json!({"type": "object", "properties": {"a": {}}}));
        tool.is_shell = true;
        tool
    }

    #[track_caller]
    fn run(command: CommandTool, arguments: &Value) -> ToolOutput {
        let runner = with(command);
        crate::ports::equipment::block_on(async {
            let call = runner.prepare(arguments).await.unwrap();
            call.run().await
        })
        .unwrap()
    }

    #[test]
    fn a_command_runs_with_its_arguments_environment_and_folder() {
        let mut echo = tool(
            &["printf", "%s|", "{a}", "x"],
            &json!({"type": "object", "properties": {"a": {}}}),
        );
        let output = run(echo.clone(), &json!({"a": "$HOME `id`; 'x'"}));
        assert_eq!(output.content, "$HOME `id`; 'x'|x|");
        assert_eq!((output.is_error, output.bytes), (false, 18));
        echo.command = vec!["/usr/bin/env".to_owned()];
        echo.env
            .insert("TOKEN".to_owned(), "Bearer ${TOKEN}".to_owned());
        let mut lines: Vec<String> = run(echo.clone(), &json!({}))
            .content
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        let expected = [
            "LANG=C",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "TOKEN=Bearer t0k3n",
        ];
        assert_eq!(lines, expected);
        echo.env.insert("TOKEN".to_owned(), "${GONE}".to_owned());
        assert!(
            run(echo, &json!({}))
                .content
                .contains("${GONE}, which is not set")
        );
        let mut pwd = shell("pwd; cat; printf %s \"$AMX_ARG_a\"");
        pwd.cwd = Some("/".into());
        pwd.reads_json = true;
        let output = run(pwd, &json!({"a": "$(id)"}));
        assert_eq!(output.content, "/\n{\"a\":\"$(id)\"}\n$(id)");
    }

    #[test]
    fn a_failure_has_the_exit_code_and_the_end_of_stderr() {
        let output = run(shell("echo some; seq 1 100 >&2; exit 3"), &json!({}));
        assert!(output.is_error);
        assert!(
            output.content.starts_with("some\n[exit status: 3]\n81\n"),
            "{output:?}"
        );
        assert!(output.content.ends_with("\n100"), "{output:?}");
        let silent = run(shell("echo note >&2"), &json!({}));
        assert_eq!(
            (silent.content.as_str(), silent.is_error),
            ("[no output]", false)
        );
        let gone = run(tool(&["/no/such/program"], &json!({})), &json!({}));
        assert!(
            gone.content
                .starts_with("'/no/such/program' could not be started"),
            "{gone:?}"
        );
    }

    #[test]
    fn long_and_endless_output_is_cut() {
        let mut long = shell("seq 1 20000");
        long.max_output = 1000;
        let output = run(long, &json!({}));
        assert!(output.content.starts_with("1\n2\n") && output.content.ends_with("\n20000"));
        assert!(
            output.content.len() < 1100 && output.bytes == 108_894,
            "{}",
            output.bytes
        );
        let endless = run(shell("yes"), &json!({}));
        assert!(
            endless.is_error
                && endless
                    .content
                    .ends_with("[ended after 1048576 bytes of output]")
        );
    }

    #[test]
    fn a_call_that_takes_too_long_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        let mut tool = shell(&format!(
            "{UNTIL_LIMITED}sleep 1001 & echo $! >> {0}; (setsid sleep 1002 & echo $! >> {0}); \
             sh -c 'trap \"\" TERM; sleep 1003 & echo $! >> {0}; wait'",
            path.display()
        ));
        tool.timeout = Duration::from_millis(1500);
        let output = run(tool, &json!({}));
        assert_eq!(output.content, "[ended after 1.5 s without a result]");
        let ids = std::fs::read_to_string(&path).unwrap();
        assert_eq!(ids.lines().count(), 3, "{ids}");
        for id in ids.lines() {
            assert!(!is_running(id), "{id} of {ids}");
        }
    }

    /// Whether a process exists and has not ended.
    fn is_running(id: &str) -> bool {
        let status = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", id])
            .output();
        let status = String::from_utf8(status.unwrap().stdout).unwrap();
        !status.trim().is_empty() && !status.starts_with('Z')
    }

    #[test]
    fn a_program_that_is_not_there_is_reported_before_a_call() {
        let missing = |command: &[&str]| with(tool(command, &json!({}))).missing();
        for there in [&["sh"][..], &["/bin/sh", "-c"]] {
            assert_eq!(missing(there), None, "{there:?}");
        }
        for gone in [
            "no-such-program",
            "/no/such/program",
            "./program",
            "/tmp",
            "/etc/passwd",
        ] {
            let why = missing(&[gone]).unwrap();
            assert_eq!(why, format!("program '{gone}' was not found"));
        }
        assert_eq!(with(shell("no-such-program")).missing(), None);
    }

    #[test]
    fn a_call_that_is_dropped_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        let many = shell(&format!(
            "{UNTIL_LIMITED}for n in $(seq 40); do (setsid sleep 1004 & echo $! >> {0}); done; \
             sleep 1005 & echo $! >> {0}; echo x > {0}.ready; wait",
            path.display()
        ));
        let since = crate::ports::equipment::block_on(async {
            let runner = with(many);
            let call = runner.call(&json!({})).unwrap();
            let running = Box::new(call).run();
            let ready = async {
                while !path.with_extension("ready").exists() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                output = running => panic!("it ended: {output:?}"),
                () = ready => std::time::Instant::now(),
            }
        });
        let since = since.unwrap();
        let ids = std::fs::read_to_string(&path).unwrap();
        assert_eq!(ids.lines().count(), 41);
        while ids.lines().any(is_running) {
            assert!(since.elapsed() < Duration::from_millis(2500), "{ids}");
        }
    }

    /// The hostile values, with `marker` as the path that none of them may write.
    fn hostile_values(marker: &str) -> Vec<String> {
        let lines = include_str!("../../tests/data/hostile_values.txt").lines();
        let value = |line: &str| serde_json::from_str::<String>(line).unwrap();
        let values: Vec<String> = lines
            .filter(|line| !line.starts_with('#'))
            .map(|line| value(line).replace("MARKER", marker))
            .collect();
        assert_eq!(values.len(), 200);
        values
    }

    #[test]
    fn a_hostile_value_arrives_as_it_is_and_runs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let marker = folder.path().join("marker").to_string_lossy().into_owned();
        let schema = json!({"type": "object", "properties": {"value": {"type": "string"}}});
        let mut plain = tool(&["printf", "%s|%s|", "--", "{value}"], &schema);
        plain.cwd = Some(folder.path().to_owned());
        let mut line = tool(&["printf '%s|%s|' -- \"$AMX_ARG_value\""], &schema);
        line.cwd.clone_from(&plain.cwd);
        line.is_shell = true;
        for value in hostile_values(&marker) {
            for command in [&plain, &line] {
                let runner = with(command.clone());
                let prepared = runner.call(&json!({"value": value}));
                if value.contains('\0') {
                    assert!(prepared.is_err(), "{value:?}");
                    continue;
                }
                let run = Box::new(prepared.unwrap()).run();
                let output = crate::ports::equipment::block_on(run).unwrap();
                assert_eq!(output.content, format!("--|{value}|"), "{value:?}");
            }
        }
        // Without `--` before it, what begins with `-` is not run at all.
        plain.command.remove(2);
        let runner = with(plain);
        for value in hostile_values(&marker) {
            let is_refused = value.starts_with('-') || value.contains('\0');
            let prepared = runner.call(&json!({"value": value}));
            assert_eq!(prepared.is_err(), is_refused, "{value:?}");
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn what_is_shown_is_the_filled_command() {
        let runner = with(tool(
            &["curl", "--", "https://wttr.in/{town}"],
            &json!({"type": "object", "properties": {"town": {"type": "string"}}}),
        ));
        let shown = runner.call(&json!({"town": "Os lo"})).unwrap().shown();
        assert_eq!(shown.text, "curl -- 'https://wttr.in/Os lo'");
        assert_eq!(
            (shown.source.as_str(), shown.standing),
            ("command", Standing::Ask)
        );
        let mut other = runner.command.as_ref().clone();
        other.command[0] = "wget".to_owned();
        let other = with(other).call(&json!({"town": "x"})).unwrap().shown();
        assert_ne!(shown.definition, other.definition);
    }
}
