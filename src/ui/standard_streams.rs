//! The standard streams as the system has them: what stdout is, and how it is written to.

use std::io::{self, Write};

/// Whether the terminal interprets escape sequences. A console of Windows does so only after it
/// has been requested, which this does.
#[cfg(windows)]
pub(super) fn has_sequences() -> bool {
    crossterm::ansi_support::supports_ansi()
}

#[cfg(not(windows))]
pub(super) fn has_sequences() -> bool {
    true
}

/// Whether stdout is a regular file or a device such as `/dev/null`, and neither a terminal nor a
/// pipe.
#[cfg(unix)]
pub(super) fn is_file() -> bool {
    use std::io::IsTerminal;

    use rustix::fs::{FileType, fstat};

    let kind = fstat(io::stdout()).map(|stat| FileType::from_raw_mode(stat.st_mode));
    match kind {
        Ok(FileType::RegularFile) => true,
        Ok(FileType::CharacterDevice) => !io::stdout().is_terminal(),
        _ => false,
    }
}

#[cfg(not(unix))]
pub(super) fn is_file() -> bool {
    false
}

/// Stdout without the line buffer of the standard library, which would write once a line: what is
/// written here is gathered already.
#[cfg(unix)]
pub(super) fn unbuffered_stdout() -> Box<dyn Write + Send> {
    use std::os::fd::AsFd;
    match io::stdout().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(std::fs::File::from(descriptor)),
        Err(_) => Box::new(io::stdout()),
    }
}

#[cfg(not(unix))]
pub(super) fn unbuffered_stdout() -> Box<dyn Write + Send> {
    Box::new(io::stdout())
}

/// Writes all bytes, and counts those that are written, also when it fails.
pub(super) fn write_counted(
    sink: &mut dyn Write,
    bytes: &[u8],
    written: &mut usize,
) -> io::Result<()> {
    while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
        match sink.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => *written += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
