//! What a command of the user printed, as an attachment: its beginning and its end.

use super::attached::{Attachment, size};
use super::escape_sequence::{ESCAPE_SYMBOL, EscapeSequence};
use super::text::{fenced, shown_name};
use crate::chat::message::ContentPart;
use crate::wire::redact::{cut, stored};

/// Bytes of the beginning and of the end that are kept: 32 KiB together.
const HALF: usize = 16 * 1024;

/// Characters of a command in the name of the attachment.
const LONGEST_NAME: usize = 60;

/// Collects output as it arrives.
#[derive(Debug, Default)]
pub(crate) struct CommandOutput {
    plain: PlainText,
    head: String,
    tail: String,
    /// Bytes between the two.
    omitted: usize,
    /// Bytes that the command has written.
    written: u64,
}

impl CommandOutput {
    /// Adds bytes. Returns the text to show for them, which is not inert yet.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.written += bytes.len() as u64;
        let text = stored(&self.plain.push(bytes)).into_owned();
        self.keep(&text);
        text
    }

    /// The end of the output. Returns the rest of the text to show.
    pub(crate) fn finish(&mut self) -> String {
        let text = self.plain.finish();
        self.keep(&text);
        text
    }

    fn keep(&mut self, text: &str) {
        let room = HALF.saturating_sub(self.head.len());
        let taken = if self.tail.is_empty() && self.omitted == 0 {
            text.floor_char_boundary(room)
        } else {
            0
        };
        self.head.push_str(&text[..taken]);
        self.tail.push_str(&text[taken..]);
        // Not at each byte: what is left moves.
        if self.tail.len() > 2 * HALF {
            self.shorten();
        }
    }

    /// Shortens the end, at the start of a line where there is one.
    fn shorten(&mut self) {
        if self.tail.len() <= HALF {
            return;
        }
        let least = self.tail.ceil_char_boundary(self.tail.len() - HALF);
        let line = self.tail[least..].find('\n').map(|at| least + at + 1);
        let start = line
            .filter(|start| *start < self.tail.len())
            .unwrap_or(least);
        self.tail.drain(..start);
        self.omitted += start;
    }

    /// The text that is sent.
    fn text(&mut self) -> String {
        self.shorten();
        if self.omitted == 0 {
            return format!("{}{}", self.head, self.tail);
        }
        // A piece of a line would read as a whole one.
        let end = self.head.rfind('\n').map_or(self.head.len(), |at| at + 1);
        let omitted = (self.omitted + self.head.len() - end) as u64;
        let head = self.head[..end].trim_end_matches('\n');
        format!("{head}\n[… {} omitted …]\n{}", size(omitted), self.tail)
    }

    /// The attachment: command, how it ended, and output.
    pub(crate) fn attachment(mut self, command: &str, ended: &str) -> Attachment {
        let one_line = command.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!("$ {command}\n{}", self.text());
        let part = stored(&fenced(&format!("Output of a command, {ended}"), &text)).into_owned();
        Attachment {
            name: shown_name(&format!("!{}", cut(&one_line, LONGEST_NAME))),
            part: ContentPart::Text(part.into()),
            bytes: self.written,
            origin: None,
        }
    }
}

/// Bytes of a terminal as text: in UTF-8, without escape sequences, each line on a row of its own.
#[derive(Debug, Default)]
struct PlainText {
    /// The beginning of a character, of a line end or of a sequence.
    held: Vec<u8>,
}

impl PlainText {
    fn push(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let (text, length) = plain(&self.held, false);
        self.held.drain(..length);
        text
    }

    fn finish(&mut self) -> String {
        plain(&std::mem::take(&mut self.held), true).0
    }
}

/// Bytes of the beginning of a character that needs more of them.
fn open_character(bytes: &[u8]) -> usize {
    // A character has four bytes at most.
    let start = (1..=bytes.len().min(3)).find(|back| bytes[bytes.len() - back] >= 0xc0);
    start
        .filter(|back| {
            let end = &bytes[bytes.len() - back..];
            std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(0)
}

/// Text without escape sequences, and the number of bytes that it is of: before the end of the
/// output, what more bytes may complete is left. A carriage return that only moves the cursor
/// starts a row, and so does a place on the screen: a progress bar that is drawn over itself takes
/// one each time.
fn plain(bytes: &[u8], is_end: bool) -> (String, usize) {
    let open = if is_end { 0 } else { open_character(bytes) };
    let (bytes, mut kept) = (
        &bytes[..bytes.len() - open],
        Vec::with_capacity(bytes.len()),
    );
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            0x1b => match EscapeSequence::at_start_of(&bytes[at..]) {
                EscapeSequence::Complete { length, is_place } => {
                    kept.extend(is_place.then_some(b'\n'));
                    at += length;
                }
                EscapeSequence::Open if !is_end => break,
                EscapeSequence::Open | EscapeSequence::None => {
                    kept.extend_from_slice(ESCAPE_SYMBOL.as_bytes());
                    at += 1;
                }
            },
            b'\r' if at + 1 == bytes.len() && !is_end => break,
            b'\r' => {
                kept.push(b'\n');
                at += 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'));
            }
            _ => {
                kept.push(*byte);
                at += 1;
            }
        }
    }
    (String::from_utf8_lossy(&kept).into_owned(), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(output: CommandOutput) -> String {
        match output.attachment("make all", "exit code 2").part {
            ContentPart::Text(text) => text.as_str().to_owned(),
            part => panic!("{part:?}"),
        }
    }

    fn of(bytes: &[u8]) -> CommandOutput {
        let mut output = CommandOutput::default();
        output.push(bytes);
        output.finish();
        output
    }

    #[test]
    fn command_code_and_output_are_in_one_block() {
        assert_eq!(
            sent(of(b"built\n")),
            "Output of a command, exit code 2:\n```\n$ make all\nbuilt\n```"
        );
        assert!(sent(of(b"```\nx\n")).starts_with("Output of a command, exit code 2:\n````\n"));
    }

    #[test]
    fn the_middle_of_a_long_output_is_omitted() {
        let lines: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        let mut output = CommandOutput::default();
        for piece in lines.as_bytes().chunks(1000) {
            output.push(piece);
        }
        let sent = sent(output);
        assert!(sent.len() < 2 * HALF + 200, "{}", sent.len());
        assert!(sent.contains("$ make all\nline 0\n") && sent.contains("\nline 19999\n```"));
        let (head, rest) = sent.split_once("\n[… ").unwrap();
        assert!(head.rsplit('\n').next().unwrap().starts_with("line "));
        let (omitted, tail) = rest.split_once(" omitted …]\n").unwrap();
        assert!(
            omitted.ends_with(" KiB") && tail.starts_with("line "),
            "{omitted}"
        );
    }

    #[test]
    fn exactly_as_much_as_is_kept_is_sent_whole() {
        let text = "x".repeat(2 * HALF);
        assert!(sent(of(text.as_bytes())).contains(&text));
        let more = "x".repeat(2 * HALF + 1);
        assert!(sent(of(more.as_bytes())).contains("[… 1 B omitted …]"));
    }

    #[test]
    fn escape_sequences_are_neither_shown_nor_sent() {
        let shown = |bytes: &[u8]| CommandOutput::default().push(bytes);
        assert_eq!(shown(b"\x1b[1;31mred\x1b[m\n"), "red\n");
        assert_eq!(shown(b"\x1b]0;x\x07\x1b[2Jy"), "y");
        assert_eq!(
            shown(b"\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b(B\x1b[mtop\n"),
            "top\n"
        );
        assert_eq!(shown(b"a\x1b[2;1Hb"), "a\nb");
        assert_eq!(shown(b"\x1b]8;;file:///a\x1b\\a\x1b]8;;\x1b\\\n"), "a\n");
        assert!(!sent(of(b"a \x1b\x01 \x1b[1\nb \x1b]0;x\n\x1b[")).contains('\x1b'));
        assert_eq!(shown(b"10%\r20%\r\ndone\n"), "10%\n20%\ndone\n");
        assert_eq!(shown(b"caf\xe9\n"), "caf\u{fffd}\n");
    }

    #[test]
    fn an_api_key_is_neither_shown_nor_sent() {
        let key = format!("sk-or-v1-{}", "a1".repeat(32));
        let mut output = CommandOutput::default();
        assert!(
            !output
                .push(format!("KEY={key}\n").as_bytes())
                .contains(&key)
        );
        assert!(!sent(output).contains(&key));
        let named = of(b"").attachment(&format!("echo {key}"), "exit code 0");
        assert!(!named.name.contains(&key));
        assert!(!format!("{:?}", named.part).contains(&key));
    }

    #[test]
    fn the_name_is_one_short_line() {
        let name = of(b"")
            .attachment(&format!("a\n  b\u{1b} {}", "x".repeat(90)), "")
            .name;
        assert!(
            name.starts_with("!a b") && !name.contains(char::is_control),
            "{name}"
        );
        assert!(name.chars().count() < 80, "{name}");
    }

    proptest::proptest! {
        #[test]
        fn output_does_not_depend_on_how_it_arrives(
            text in "([a-z\r\n]|\x1b\\[[0-9;]{0,4}[mKH]|\x1b\\]8;[a-z]{0,3}(\x07|\x1b.)|é|日|\x1b){0,40}",
            cut in 0_usize..60,
        ) {
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut output = CommandOutput::default();
            let mut shown = output.push(&bytes[..cut]);
            shown += &output.push(&bytes[cut..]);
            shown += &output.finish();
            let mut whole = CommandOutput::default();
            let mut at_once = whole.push(bytes);
            at_once += &whole.finish();
            proptest::prop_assert_eq!(shown, at_once);
        }
    }
}
