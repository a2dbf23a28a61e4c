//! A terminal for tests: runs a program on a pseudo terminal, plays the screen, and waits for what
//! should appear on it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::termios::{Action, tcflow};
use tempfile::TempDir;
use vt100::{Callbacks, Parser, Screen};

/// Longest wait for anything that a test expects.
const DEADLINE: Duration = Duration::from_secs(20);

/// How often a condition is looked at when nothing comes out: modes change in silence.
const LOOK: Duration = Duration::from_millis(20);

/// Time in which the footer is drawn several times while its spinner moves.
const SEVERAL_DRAWINGS: Duration = Duration::from_millis(350);

/// Rows kept above the screen.
const SCROLLBACK: usize = 10_000;

/// Rows and columns.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub rows: u16,
    pub columns: u16,
}

/// The size most terminals start with.
pub const USUAL: Size = Size {
    rows: 24,
    columns: 80,
};

/// A narrow terminal, as next to an editor or on a phone.
pub const SMALL: Size = Size {
    rows: 12,
    columns: 40,
};

/// A program running on a pseudo terminal. Killed when dropped.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    process: u32,
    watched: Arc<Watched>,
    modes_at_start: Modes,
    /// The home of the program, which must not go before it does.
    home: Option<Arc<TempDir>>,
    threads: Vec<JoinHandle<()>>,
}

/// What the reader and reaper threads report to the test.
struct Watched {
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// Everything that came out of the program until now.
pub struct Seen {
    parser: Parser<Events>,
    pub raw: Vec<u8>,
    output_ended: bool,
    exit_code: Option<i32>,
}

/// What a program did to its terminal apart from writing text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Events {
    pub titles: Vec<String>,
    pub clipboard: Vec<String>,
    pub bells: usize,
    /// Answers that the terminal owes the program.
    replies: Vec<u8>,
    /// It answers no question.
    is_mute: bool,
    /// It shows marked writes at once, and says so.
    synchronises: bool,
    /// The colour of its background, where it tells it.
    background: Option<&'static str>,
}

impl Events {
    /// Of a terminal that tells its background, such as `rgb:ffff/ffff/ffff`.
    pub fn with_background(colour: &'static str) -> Self {
        Self {
            background: Some(colour),
            ..Self::default()
        }
    }

    /// Of a terminal that answers no question.
    pub fn mute() -> Self {
        Self {
            is_mute: true,
            ..Self::default()
        }
    }

    /// Of a terminal that has synchronised output.
    pub fn synchronising() -> Self {
        Self {
            synchronises: true,
            ..Self::default()
        }
    }

    /// Without the titles of a conversation, which start with `amx: ` and end as they were.
    #[must_use]
    pub fn without_own_titles(mut self) -> Self {
        self.titles
            .retain(|title| !title.is_empty() && !title.starts_with("amx: "));
        self
    }
}

impl Callbacks for Events {
    fn audible_bell(&mut self, _: &mut Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut Screen, title: &[u8]) {
        self.titles
            .push(String::from_utf8_lossy(title).into_owned());
    }

    fn set_window_icon_name(&mut self, _: &mut Screen, name: &[u8]) {
        self.titles.push(String::from_utf8_lossy(name).into_owned());
    }

    fn copy_to_clipboard(&mut self, _: &mut Screen, _: &[u8], data: &[u8]) {
        self.clipboard
            .push(String::from_utf8_lossy(data).into_owned());
    }

    fn unhandled_osc(&mut self, _: &mut Screen, parameters: &[&[u8]]) {
        if parameters == [&b"11"[..], b"?"]
            && let Some(colour) = self.background
        {
            self.replies
                .extend(format!("\x1b]11;{colour}\x1b\\").bytes());
        }
    }

    fn unhandled_csi(
        &mut self,
        screen: &mut Screen,
        first: Option<u8>,
        second: Option<u8>,
        parameters: &[&[u16]],
        end: char,
    ) {
        // "Where is the cursor?": a line editor waits for the answer.
        if first.is_none() && end == 'n' && parameters == [[6]] && !self.is_mute {
            let (row, column) = screen.cursor_position();
            self.replies
                .extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
        }
        // "Is there synchronised output?"
        let is_mode_query = (first, second, end) == (Some(b'?'), Some(b'$'), 'p');
        if is_mode_query && parameters == [[2026]] && self.synchronises {
            self.replies.extend(b"\x1b[?2026;2$y");
        }
    }
}

/// The line discipline of the terminal, as `tcgetattr` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modes {
    flags: String,
    local: String,
}

impl Modes {
    /// Whether typed characters are shown.
    pub fn echo(&self) -> bool {
        self.has("ECHO")
    }

    /// Whether input is given line by line.
    pub fn canonical(&self) -> bool {
        self.has("ICANON")
    }

    /// Whether keys are read one by one, Ctrl-C among them: a line editor has the terminal.
    pub fn gives_keys(&self) -> bool {
        !self.canonical() && !self.has("ISIG")
    }

    fn has(&self, name: &str) -> bool {
        self.local
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == name)
    }
}

impl Terminal {
    /// Keeps the home of the program as long as the terminal is there.
    pub fn keeping(mut self, home: Arc<TempDir>) -> Self {
        self.home = Some(home);
        self
    }

    /// Starts a program that finds exactly these variables in its environment.
    pub fn launch(
        program: &str,
        arguments: &[&str],
        variables: &BTreeMap<OsString, OsString>,
        directory: &Path,
        size: Size,
    ) -> Self {
        Self::launch_as(
            program,
            arguments,
            variables,
            directory,
            size,
            Events::default(),
        )
    }

    /// The same on a terminal that answers as these events say.
    pub fn launch_as(
        program: &str,
        arguments: &[&str],
        variables: &BTreeMap<OsString, OsString>,
        directory: &Path,
        size: Size,
        events: Events,
    ) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(directory);
        command.env_clear();
        for (name, value) in variables {
            command.env(name, value);
        }
        let keyboard = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let output = pair.master.try_clone_reader().unwrap();
        let modes_at_start = modes(&*pair.master);
        let child: Box<dyn portable_pty::Child> = pair.slave.spawn_command(command).unwrap();
        // The program must hold the last descriptor of the slave, or the output would never end.
        drop(pair.slave);
        let child = child.downcast::<std::process::Child>().unwrap();
        let process = child.id();
        let watched = Arc::new(Watched::new(size, events));
        let threads = vec![
            read(output, Arc::clone(&watched), Arc::clone(&keyboard)),
            reap(child, Arc::clone(&watched)),
        ];
        Self {
            master: pair.master,
            keyboard,
            process,
            watched,
            modes_at_start,
            home: None,
            threads,
        }
    }

    pub fn type_text(&self, text: &str) {
        self.keyboard
            .lock()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    pub fn press_enter(&self) {
        self.type_text("\r");
    }

    pub fn press_ctrl_c(&self) {
        self.type_text("\x03");
    }

    pub fn press_down(&self) {
        self.type_text("\x1b[B");
    }

    /// Types an answer to a question and confirms it.
    pub fn answer(&self, text: &str) {
        self.type_text(text);
        self.press_enter();
    }

    /// Waits until the text stands on the screen or above it; white space of any length counts as
    /// one blank.
    pub fn wait_for(&self, text: &str) {
        let wanted = squeeze(text);
        self.wait_until(&format!("{text:?} on the terminal"), |seen| {
            squeeze(&seen.transcript()).contains(&wanted)
        });
    }

    /// Waits for a prompt, and until the program reads the keyboard.
    pub fn wait_for_question(&self, text: &str) {
        self.wait_for(text);
        self.wait_until(&format!("the keyboard taken for {text:?}"), |_| {
            !self.modes().echo()
        });
    }

    /// Waits until what came out fulfils a condition.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&mut Seen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = self.watched.lock();
        while !condition(&mut seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_over = seen.output_ended && seen.exit_code.is_some();
            assert!(
                !left.is_zero() && !is_over,
                "waited for {what}; ended: {is_over}; the terminal shows:\n{}",
                seen.transcript()
            );
            seen = self.watched.wait(seen, left.min(LOOK));
        }
    }

    /// Waits until a text has left the screen: it stays away for a while, since it is also missing
    /// between the parts of a drawing.
    pub fn wait_until_gone(&self, text: &str) {
        let absent_since = Cell::new(None);
        self.wait_until(&format!("no {text:?} on the screen"), |seen| {
            if seen.screen().contents().contains(text) {
                absent_since.set(None);
                return false;
            }
            let since = absent_since.get().unwrap_or_else(Instant::now);
            absent_since.set(Some(since));
            since.elapsed() > SEVERAL_DRAWINGS
        });
    }

    /// Waits for the program's end. One that a signal ended gives 128 and the signal's number, as
    /// in a shell.
    pub fn wait_exit(&self) -> i32 {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = self.watched.lock();
        loop {
            if let (Some(code), true) = (seen.exit_code, seen.output_ended) {
                return code;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "the program does not end; the terminal shows:\n{}",
                seen.transcript()
            );
            seen = self.watched.wait(seen, left);
        }
    }

    /// The rows that are visible now.
    pub fn screen(&self) -> String {
        self.watched.lock().parser.screen().contents()
    }

    /// Everything that can be seen by scrolling up, wrapped rows joined.
    pub fn transcript(&self) -> String {
        self.watched.lock().transcript()
    }

    /// What came out until now, for a question of the test's own.
    pub fn look<T>(&self, question: impl FnOnce(&mut Seen) -> T) -> T {
        question(&mut self.watched.lock())
    }

    /// The bytes as they came.
    pub fn raw_output(&self) -> Vec<u8> {
        self.watched.lock().raw.clone()
    }

    pub fn events(&self) -> Events {
        self.watched.lock().parser.callbacks().clone()
    }

    pub fn modes(&self) -> Modes {
        modes(&*self.master)
    }

    pub fn resize(&self, size: Size) {
        self.watched
            .lock()
            .parser
            .set_size(non_zero(size.rows), non_zero(size.columns));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// Sends a signal such as `TERM`.
    pub fn signal(&self, name: &str) {
        send_signal(self.process, name);
    }

    /// The leader of the process group that has the terminal, and is not stopped.
    pub fn foreground(&self) -> Option<u32> {
        let leader = u32::try_from(self.master.process_group_leader()?).ok()?;
        // Where the system does not tell, it is taken to run.
        let state = std::fs::read_to_string(format!("/proc/{leader}/stat")).unwrap_or_default();
        let (_, state) = state.rsplit_once(')').unwrap_or_default();
        (!state.trim_start().starts_with('T')).then_some(leader)
    }

    /// The process that was started.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Whether a signal that was sent has not reached the program yet. Never where the system does
    /// not tell.
    pub fn has_signal_on_its_way(&self) -> bool {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap_or_default();
        let pending = status.lines().filter_map(|line| {
            line.strip_prefix("ShdPnd:")
                .or_else(|| line.strip_prefix("SigPnd:"))
        });
        pending
            .into_iter()
            .any(|signals| signals.trim().bytes().any(|digit| digit != b'0'))
    }

    /// From now on the program waits as soon as it writes, until [`let_write`](Self::let_write).
    pub fn keep_from_writing(&self) {
        self.control_flow(Action::OOff);
    }

    pub fn let_write(&self) {
        self.control_flow(Action::OOn);
    }

    fn control_flow(&self, action: Action) {
        let name = self.master.tty_name().unwrap();
        // It must not become a controlling terminal or stay open: the output would never end.
        let side = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits().cast_signed())
            .open(name)
            .unwrap();
        tcflow(side, action).unwrap();
    }

    /// Asserts that echo, line mode, cursor and paste mode are what they were before the program
    /// started.
    pub fn assert_restored(&self) {
        let now = self.modes();
        assert!(
            now.echo() && now.canonical(),
            "echo {}, canonical {}",
            now.echo(),
            now.canonical()
        );
        assert_eq!(now, self.modes_at_start, "the line discipline has changed");
        let seen = self.watched.lock();
        let screen = seen.parser.screen();
        assert!(
            !screen.hide_cursor(),
            "the cursor is left hidden:\n{}",
            screen.contents()
        );
        assert!(!screen.bracketed_paste(), "bracketed paste is left on");
        assert!(
            !screen.alternate_screen(),
            "the alternate screen is left on"
        );
        assert!(
            !screen.dim() && !screen.bold() && !screen.inverse(),
            "styling is left on"
        );
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.watched.lock().exit_code.is_none() {
            send_signal(self.process, "KILL");
        }
        for thread in self.threads.drain(..) {
            let outcome = thread.join();
            assert!(
                outcome.is_ok() || std::thread::panicking(),
                "a thread of the terminal panicked"
            );
        }
    }
}

impl Watched {
    fn new(size: Size, events: Events) -> Self {
        let parser = Parser::new_with_callbacks(
            non_zero(size.rows),
            non_zero(size.columns),
            SCROLLBACK,
            events,
        );
        Self {
            seen: Mutex::new(Seen {
                parser,
                raw: Vec::new(),
                output_ended: false,
                exit_code: None,
            }),
            changed: Condvar::new(),
        }
    }

    /// A test that failed while it looked must still be able to end its program.
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&'a self, seen: MutexGuard<'a, Seen>, longest: Duration) -> MutexGuard<'a, Seen> {
        self.changed
            .wait_timeout(seen, longest)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

impl Seen {
    pub fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    /// What the program did apart from writing text.
    pub fn events(&self) -> &Events {
        self.parser.callbacks()
    }

    /// Everything that can be seen by scrolling up, wrapped rows joined.
    pub fn transcript(&mut self) -> String {
        let screen = self.parser.screen_mut();
        let (rows, columns) = screen.size();
        let mut text = String::new();
        for above in (0..=screen.scrollback_len()).rev() {
            screen.set_scrollback(above);
            let last = if above == 0 { rows.get() } else { 1 };
            for (row, line) in (0..last).zip(screen.rows(0, columns.get())) {
                text.push_str(&line);
                if !screen.row_wrapped(row) {
                    text.push('\n');
                }
            }
        }
        text
    }

    /// Whether a word on the visible screen is shown with the given look in its first cell.
    pub fn shows(&self, word: &str, look: impl Fn(&vt100::Cell) -> bool) -> bool {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        (0..rows.get())
            .zip(screen.rows(0, columns.get()))
            .any(|(row, line)| {
                let column = line.find(word).map(|byte| line[..byte].chars().count());
                column
                    .and_then(|column| screen.cell(row, u16::try_from(column).ok()?))
                    .is_some_and(&look)
            })
    }
}

fn read(
    mut output: Box<dyn Read + Send>,
    watched: Arc<Watched>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let length @ 1.. = next_bytes(&mut *output, &mut buffer) {
            let mut replies = Vec::new();
            watched.change(|seen| {
                seen.raw.extend_from_slice(&buffer[..length]);
                seen.parser.process(&buffer[..length]);
                replies = std::mem::take(&mut seen.parser.callbacks_mut().replies);
            });
            if !replies.is_empty() {
                // A program that ended meanwhile needs no answer.
                let _ = keyboard.lock().unwrap().write_all(&replies);
            }
        }
        watched.change(|seen| seen.output_ended = true);
    })
}

/// Reads what comes next; 0 at the end, which the system reports as an error. It looks for the end
/// after it has waited for what is on its way, so that the last words may come with another read.
fn next_bytes(output: &mut dyn Read, buffer: &mut [u8]) -> usize {
    match output.read(buffer).unwrap_or_default() {
        0 => output.read(buffer).unwrap_or_default(),
        length => length,
    }
}

fn reap(mut child: Box<std::process::Child>, watched: Arc<Watched>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let status = child.wait().unwrap();
        watched.change(|seen| seen.exit_code = Some(shell_code(status)));
    })
}

/// The code that a shell would report: 128 and the number of the signal for one that a signal
/// ended.
pub fn shell_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Sends a signal such as `INT` to a process that may have ended already.
pub fn send_signal(process: u32, name: &str) {
    Command::new("sh")
        .args(["-c", "kill -$1 $2 2>&-", "sh", name, &process.to_string()])
        .status()
        .unwrap();
}

/// The text with every run of white space as one blank.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn modes(master: &dyn MasterPty) -> Modes {
    let termios = master.get_termios().unwrap();
    let flags = format!(
        "{:?} {:?} {:?} {:?}",
        termios.input_flags, termios.output_flags, termios.control_flags, termios.control_chars
    );
    Modes {
        flags,
        local: format!("{:?}", termios.local_flags),
    }
}

fn pty_size(size: Size) -> PtySize {
    PtySize {
        rows: size.rows,
        cols: size.columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}
