//! The outcome of a run: status, both outputs and time, with assertions that print all of it.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// Keys of the error object on standard error, in order.
const ERROR_KEYS: &[&str] = &[
    "kind",
    "message",
    "caused_by",
    "hint",
    "exit_code",
    "status",
    "generation_id",
    "retryable",
];

/// The end of a run.
pub struct Outcome {
    arguments: String,
    /// The exit code; 128 and the number of the signal when it died of one.
    pub code: i32,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    pub elapsed: Duration,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            arguments,
            code,
            elapsed,
            ..
        } = self;
        let (stdout, stderr) = (self.stdout(), self.stderr());
        write!(
            formatter,
            "$ amx{arguments}\nstatus {code} after {elapsed:.1?}\n--- stdout\n{stdout:?}\n--- stderr\n{stderr}\n---"
        )
    }
}

impl Outcome {
    pub fn new(
        arguments: String,
        code: i32,
        stdout: Vec<u8>,
        stderr: Vec<u8>,
        elapsed: Duration,
    ) -> Self {
        Self {
            arguments,
            code,
            stdout,
            stderr,
            elapsed,
        }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    #[track_caller]
    pub fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "the exit code is wrong\n{self}");
        self
    }

    /// Success, this on standard output, and nothing on standard error.
    #[track_caller]
    pub fn assert_answer(&self, text: &str) -> &Self {
        self.assert_code(0).assert_stdout(text);
        assert!(
            self.stderr.is_empty(),
            "standard error is not empty\n{self}"
        );
        self
    }

    #[track_caller]
    pub fn assert_stdout(&self, text: &str) -> &Self {
        assert_eq!(self.stdout(), text, "standard output is wrong\n{self}");
        self
    }

    #[track_caller]
    pub fn assert_stderr_has(&self, text: &str) -> &Self {
        assert!(
            self.stderr().contains(text),
            "standard error does not say '{text}'\n{self}"
        );
        self
    }

    /// The same without regard to case, for words that may begin a sentence.
    #[track_caller]
    pub fn assert_mentions(&self, text: &str) -> &Self {
        assert!(
            self.stderr().to_lowercase().contains(&text.to_lowercase()),
            "standard error does not mention '{text}'\n{self}"
        );
        self
    }

    #[track_caller]
    pub fn assert_stderr_lacks(&self, text: &str) -> &Self {
        assert!(
            !self.stderr().contains(text),
            "standard error says '{text}'\n{self}"
        );
        self
    }

    /// How many lines of standard error begin so.
    pub fn lines_starting(&self, start: &str) -> usize {
        self.stderr()
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    }

    /// The exit code and the documented form of an error: what, why, an empty line, what next, in
    /// at most six lines.
    #[track_caller]
    pub fn assert_failure(&self, code: i32) -> &Self {
        self.assert_code(code);
        let stderr = self.stderr();
        let lines: Vec<&str> = stderr.lines().collect();
        let start = lines.iter().position(|line| line.starts_with("error: "));
        let Some(start) = start else {
            panic!("no line begins with 'error: '\n{self}")
        };
        let (before, report) = lines.split_at(start);
        assert!(
            before
                .iter()
                .all(|line| line.starts_with("note: ") || line.starts_with("warning: ")),
            "unannounced lines before the error\n{self}"
        );
        assert!(
            report.len() <= 6,
            "the report is longer than six lines\n{self}"
        );
        let hint = report.iter().position(|line| line.starts_with("hint: "));
        assert!(
            hint.is_some_and(|hint| report[hint - 1].is_empty()),
            "no hint after an empty line\n{self}"
        );
        assert!(
            report
                .iter()
                .filter(|line| line.starts_with("error: "))
                .count()
                == 1,
            "more than one error\n{self}"
        );
        assert!(
            !stderr.contains("panicked at") && !stderr.contains("stack backtrace"),
            "a panic shows\n{self}"
        );
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_slice(&self.stdout);
        parsed.unwrap_or_else(|error| {
            panic!("standard output is not one JSON value: {error}\n{self}")
        })
    }

    /// Standard output as one JSON value a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let stdout = self.stdout();
        let parse = |line: &str| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("'{line}' is not JSON: {error}\n{self}"))
        };
        stdout.lines().map(parse).collect()
    }

    /// The exit code and the error object, which is all of standard error.
    #[track_caller]
    pub fn json_failure(&self, code: i32) -> Value {
        self.assert_code(code);
        let parsed: Result<Value, _> = serde_json::from_slice(&self.stderr);
        let parsed = parsed.unwrap_or_else(|error| {
            panic!("standard error is not one JSON value: {error}\n{self}")
        });
        let error = parsed["error"].clone();
        let keys: Vec<&String> = error
            .as_object()
            .into_iter()
            .flat_map(|error| error.keys())
            .collect();
        assert_eq!(keys, ERROR_KEYS, "the error object has other keys\n{self}");
        assert_eq!(
            error["exit_code"], code,
            "the object names another exit code\n{self}"
        );
        error
    }
}
