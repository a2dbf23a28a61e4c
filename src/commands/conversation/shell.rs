//! `!command`: runs it in the user's shell, shows what it prints, and keeps it for the next
//! question. `!!command` keeps nothing.
//!
//! The command reads from the terminal and writes into a pipe. So it can ask for input, and stays
//! in the program's process group, which Ctrl-C and Ctrl-Z reach. It does not write to the terminal
//! itself: its output is made inert and can be kept. Programs that draw on the whole screen do not
//! work this way: what they draw is not shown, and a note leads to the shell for them.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::state::Conversation;
use super::whole_screen::WholeScreen;
use crate::attachments::CommandOutput;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::wire::background;

/// Bytes that are read and shown at once.
const PIECE: usize = 8 * 1024;

/// Pieces that wait to be shown; a command that is faster waits.
const WAITING: usize = 4;

/// Time between two looks at the command and at signals.
const LOOK: Duration = Duration::from_millis(20);

/// Time for the last output to arrive after the command has ended and nothing waits to be shown. A
/// process that it left in the background may keep the pipe open for ever.
const GRACE: Duration = Duration::from_millis(100);

/// Most that the command itself may have written and nobody has read when it ends: a full pipe.
const UNREAD: usize = 64 * 1024;

/// The note about a program that draws on the whole screen. It may have turned off that a line feed
/// returns to the first column: the note is one line.
const WHOLE_SCREEN: &str =
    "a full-screen program cannot be shown here; leave it, then press Ctrl-Z";

/// What a command has done.
struct Ran {
    status: ExitStatus,
    output: CommandOutput,
    /// It has drawn on the whole screen, from then on unseen.
    has_drawn: bool,
}

/// Runs a command. With `is_sent` its output is attached to the next question.
///
/// # Errors
/// When there is no command, in a replay, when the shell cannot be started, and the signal that
/// ends the program.
pub(super) fn run(
    command: &str,
    is_sent: bool,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let sign = if is_sent { "!" } else { "!!" };
    if command.is_empty() {
        let error = CommandError::usage(format!("{sign} requires a command"));
        return Err(error.hint(format!("{sign}ls")));
    }
    if context.equipment.is_replaying() {
        return Err(CommandError::usage("a replay runs no commands")
            .hint("run the conversation without --replay"));
    }
    context.input.lend_terminal();
    let ran = pull(command, context)?;
    let ended = words(ran.status, context.equipment.interrupt.is_pending());
    // A Ctrl-C was meant for the command.
    context.equipment.interrupt.acknowledge();
    if !is_sent || ran.has_drawn {
        if !ran.status.success() {
            context.output.aside(&ended);
        }
        return Ok(());
    }
    let attachment = ran.output.attachment(command, &ended);
    let described = attachment.description();
    conversation.attach(vec![attachment])?;
    context.output.aside(&format!(
        "+ {described} · {ended}; sent with the next message"
    ));
    Ok(())
}

/// What is read after the end of a command.
#[derive(Default)]
struct Rest {
    bytes: usize,
    deadline: Option<Instant>,
}

impl Rest {
    /// The next piece. After the end of the command, `Timeout` means that all of its own was read.
    fn next(
        &mut self,
        pieces: &Receiver<Vec<u8>>,
        has_ended: bool,
    ) -> Result<Vec<u8>, RecvTimeoutError> {
        if !has_ended {
            return pieces.recv_timeout(LOOK);
        }
        if self.bytes > UNREAD + (WAITING + 2) * PIECE {
            return Err(RecvTimeoutError::Timeout);
        }
        let next = pieces.try_recv().or_else(|_| {
            let now = Instant::now();
            let deadline = *self.deadline.get_or_insert(now + GRACE);
            pieces.recv_timeout(deadline.saturating_duration_since(now))
        });
        if let Ok(piece) = &next {
            self.bytes += piece.len();
        }
        next
    }
}

/// Runs the command to its end, and shows its output as it arrives.
fn pull(command: &str, context: &mut Context<'_>) -> Result<Ran, CommandError> {
    let (mut child, pieces) = start(command, context)?;
    let (mut output, mut screen) = (CommandOutput::default(), WholeScreen::default());
    let mut ended = None;
    let mut rest = Rest::default();
    loop {
        match rest.next(&pieces, ended.is_some()) {
            Ok(piece) => {
                let text = output.push(&piece);
                if let Some(text) = screen.push(&piece, text) {
                    context.output.program_text(Some(&text));
                }
            }
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) if screen.is_found_out() => {
                context.output.program_text(None);
                context.output.note(WHOLE_SCREEN);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                ended = Some(child.wait().map_err(lost)?);
                break;
            }
        }
        if ended.is_none() {
            ended = child.try_wait().map_err(lost)?;
        }
        if let Some(signal @ (Signal::Terminate | Signal::HangUp)) =
            context.equipment.interrupt.pending()
        {
            // The program ends: nobody is left to read its output.
            let _ = child.kill();
            return Err(signal.into());
        }
    }
    if let Some(rest) = screen.finish(output.finish()) {
        context.output.program_text(Some(&rest));
    }
    if context.equipment.interrupt.is_pending() {
        // The terminal has written `^C`.
        context.output.program_text(Some("\n"));
    }
    context.output.program_text(None);
    let status = match ended {
        Some(status) => status,
        None => child.wait().map_err(lost)?,
    };
    Ok(Ran {
        status,
        output,
        has_drawn: screen.is_drawn(),
    })
}

/// Starts the command, and a thread that reads what it writes.
fn start(command: &str, context: &Context<'_>) -> Result<(Child, Receiver<Vec<u8>>), CommandError> {
    let shell = context.equipment.environment.named("SHELL").ok().flatten();
    let (shell, flag) = System::CURRENT.shell(shell);
    let failed = |source: std::io::Error| {
        CommandError::new(ErrorKind::LocalIo, format!("{shell} could not be started"))
            .caused_by(source)
            .hint("set SHELL to the path of a shell")
    };
    let (mut reader, writer) = std::io::pipe().map_err(failed)?;
    let errors = writer.try_clone().map_err(failed)?;
    let mut shell_command = Command::new(shell);
    shell_command
        .args([flag, command])
        .stdin(Stdio::inherit())
        .stdout(writer)
        .stderr(errors);
    let child = shell_command.spawn().map_err(failed)?;
    // It holds the writing ends, which would keep the pipe open.
    drop(shell_command);
    let (sender, pieces) = sync_channel(WAITING);
    background::spawn(move || {
        let mut buffer = vec![0; PIECE];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            // What comes after the end is read and dropped: a process in the background goes on.
            let _ = sender.send(buffer[..length].to_vec());
        }
    })
    .map_err(|_| failed(std::io::Error::other("the system refuses a thread")))?;
    Ok((child, pieces))
}

fn lost(source: std::io::Error) -> CommandError {
    CommandError::new(ErrorKind::LocalIo, "the command was lost").caused_by(source)
}

/// How the command ended. With `has_ctrl_c` a Ctrl-C has been delivered meanwhile.
fn words(status: ExitStatus, has_ctrl_c: bool) -> String {
    match (signal_of(status), status.code()) {
        _ if has_ctrl_c && !status.success() => "stopped with Ctrl-C".to_owned(),
        (Some(INTERRUPT), _) | (_, Some(OF_SHELL)) => "stopped with Ctrl-C".to_owned(),
        (Some(signal), _) => format!("ended by signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "ended".to_owned(),
    }
}

/// The signal of Ctrl-C.
const INTERRUPT: i32 = 2;

/// With which a shell exits when Ctrl-C has ended what it ran.
const OF_SHELL: i32 = 128 + INTERRUPT;

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn the_end_is_described() {
        for (raw, has_ctrl_c, expected) in [
            (0, false, "exit code 0"),
            (0, true, "exit code 0"),
            (2 << 8, false, "exit code 2"),
            (1 << 8, true, "stopped with Ctrl-C"),
            (130 << 8, false, "stopped with Ctrl-C"),
            (2, false, "stopped with Ctrl-C"),
            (9, false, "ended by signal 9"),
        ] {
            let status = ExitStatus::from_raw(raw);
            assert_eq!(words(status, has_ctrl_c), expected, "{raw}");
        }
    }
}
