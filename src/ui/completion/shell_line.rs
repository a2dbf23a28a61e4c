//! The line of a shell up to the cursor: its words without quotes, and how to quote what is
//! inserted.

/// The quoting of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    Bash,
    Fish,
}

/// The words of the last command of a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShellLine {
    /// Without quotes; the last is the one at the cursor and may be empty.
    pub words: Vec<String>,
    /// The last word is the file of a redirection.
    pub is_redirection: bool,
    pub current: CurrentWord,
}

/// The word at the cursor.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct CurrentWord {
    /// As it is typed.
    pub typed: String,
    /// The quote that is open at the cursor.
    pub quote: Option<char>,
    /// Where the part that the shell replaces starts, in the word without quotes.
    pub replaced: usize,
    /// The same in the word as it is typed.
    pub replaced_typed: usize,
}

/// Reads a line character by character.
struct Reader<'a> {
    quoting: Quoting,
    /// Characters outside quotes after which readline starts a new word.
    breaks: &'a str,
    line: ShellLine,
    word: Option<String>,
    current: CurrentWord,
    /// After the last break outside quotes: without quotes, and as it is typed.
    last_break: (usize, usize),
}

/// Breaks that readline leaves in the word that they start: bash's `rl_special_prefixes`.
const WORD_STARTS: &str = "@$";

/// Splits a line as the shell does. Unfinished quotes are allowed.
pub(super) fn split(text: &str, quoting: Quoting, breaks: &str) -> ShellLine {
    let mut reader = Reader {
        quoting,
        breaks,
        line: ShellLine::default(),
        word: None,
        current: CurrentWord::default(),
        last_break: (0, 0),
    };
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        let next = characters.clone().next();
        if reader.read(c, next) {
            characters.next();
        }
    }
    reader.end()
}

impl Reader<'_> {
    /// Reads a character; `true` if it took the next one too.
    fn read(&mut self, c: char, next: Option<char>) -> bool {
        match self.current.quote {
            Some(quote) if c == quote => {
                self.current.typed.push(c);
                self.current.quote = None;
                self.replace_from(self.last_break);
            }
            Some(quote) => return self.read_quoted(c, next, quote),
            None if c == '\\' => {
                self.typed(c);
                let Some(next) = next else { return false };
                self.current.typed.push(next);
                // A line that goes on.
                if next != '\n' {
                    self.push(next);
                }
                return true;
            }
            None if matches!(c, '"' | '\'') => {
                self.typed(c);
                self.current.quote = Some(c);
                self.replace_from(self.place());
            }
            None if c.is_whitespace() && c != '\n' => self.finish(),
            // `&>FILE`, `>&2`, `>|FILE`
            None if c == '&' && next == Some('>') => self.finish(),
            None if self.line.is_redirection && self.word.is_none() && "&|>".contains(c) => {}
            None if matches!(c, '|' | ';' | '&' | '\n' | '(') => {
                self.finish();
                self.line.words.clear();
                self.line.is_redirection = false;
            }
            None if matches!(c, '<' | '>') => {
                // `2>FILE`: the number is no word.
                let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
                self.word.take_if(|word| is_number(word));
                self.finish();
                self.line.is_redirection = true;
            }
            None => {
                let before = self.place();
                self.typed(c);
                self.push(c);
                if self.breaks.contains(c) {
                    let is_kept = WORD_STARTS.contains(c);
                    self.last_break = if is_kept { before } else { self.place() };
                    self.replace_from(self.last_break);
                }
            }
        }
        false
    }

    fn read_quoted(&mut self, c: char, next: Option<char>, quote: char) -> bool {
        self.current.typed.push(c);
        let escapable = match (self.quoting, quote) {
            (Quoting::Bash, '"') => "\"\\$`\n",
            (Quoting::Bash, _) => "",
            (Quoting::Fish, '"') => "\"\\$\n",
            (Quoting::Fish, _) => "'\\",
        };
        if let Some(next) = next.filter(|next| c == '\\' && escapable.contains(*next)) {
            self.current.typed.push(next);
            self.push(next);
            return true;
        }
        self.push(c);
        false
    }

    fn typed(&mut self, c: char) {
        self.word.get_or_insert_default();
        self.current.typed.push(c);
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    /// Where the word stands: without quotes, and as it is typed.
    fn place(&self) -> (usize, usize) {
        let length = self.word.as_ref().map_or(0, String::len);
        (length, self.current.typed.len())
    }

    fn replace_from(&mut self, (replaced, replaced_typed): (usize, usize)) {
        self.current.replaced = replaced;
        self.current.replaced_typed = replaced_typed;
    }

    fn finish(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.line.is_redirection)
        {
            self.line.words.push(word);
        }
        self.current = CurrentWord::default();
        self.last_break = (0, 0);
    }

    fn end(mut self) -> ShellLine {
        let words = &mut self.line.words;
        let command = words.iter().position(|word| !is_assignment(word));
        words.drain(..command.unwrap_or(words.len()));
        self.line.words.push(self.word.take().unwrap_or_default());
        self.line.current = self.current;
        self.line
    }
}

/// `NAME=VALUE` before a command.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Characters that bash would not take as they are outside quotes.
const SPECIAL: &str = " \t\"'\\`$&|;<>()[]{}*?!#^~";

/// A text as bash reads it back at the cursor, inside the quote that is open there.
pub(super) fn quoted(text: &str, quote: Option<char>) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        match quote {
            None if SPECIAL.contains(c) => quoted.extend(['\\', c]),
            Some('"') if "\"\\$`".contains(c) => quoted.extend(['\\', c]),
            Some('\'') if c == '\'' => quoted.push_str("'\\''"),
            _ => quoted.push(c),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    fn bash(text: &str) -> (Vec<String>, CurrentWord) {
        let line = split(text, Quoting::Bash, BREAKS);
        (line.words, line.current)
    }

    /// The words, and the part of the last that is replaced.
    #[track_caller]
    fn check(text: &str, words: &[&str], replaced: &str) {
        let (found, current) = bash(text);
        assert_eq!(found, words, "{text}");
        let last = found.last().unwrap();
        assert_eq!(&last[current.replaced..], replaced, "{text}");
    }

    #[test]
    fn breaks_inside_a_word_decide_what_is_replaced() {
        check("amx chat -m ", &["amx", "chat", "-m", ""], "");
        check(
            "amx chat -m qwen3:8",
            &["amx", "chat", "-m", "qwen3:8"],
            "8",
        );
        check("amx chat --model=op", &["amx", "chat", "--model=op"], "op");
        check("amx -o a.b=x:y", &["amx", "-o", "a.b=x:y"], "y");
        check("amx -o a\\:b", &["amx", "-o", "a:b"], "a:b");
        check("amx -m @cf/me", &["amx", "-m", "@cf/me"], "@cf/me");
        check("amx -m edge:@cf", &["amx", "-m", "edge:@cf"], "@cf");
        check("amx -m a@b:c", &["amx", "-m", "a@b:c"], "c");
        let line = split("amx -m a:b=c", Quoting::Bash, " \t\n");
        assert_eq!(line.current.replaced, 0, "no breaks of the user's");
    }

    #[test]
    fn quotes_are_removed_and_remembered() {
        check(
            "amx chat -f \"my fi",
            &["amx", "chat", "-f", "my fi"],
            "my fi",
        );
        check("amx -f 'a\"b", &["amx", "-f", "a\"b"], "a\"b");
        check("amx -f my\\ fi", &["amx", "-f", "my fi"], "my fi");
        check("amx -m a:\"b:c", &["amx", "-m", "a:b:c"], "b:c");
        check("amx -m \"a:b\"", &["amx", "-m", "a:b"], "a:b");
        check("amx -m x:\"a:b\"c", &["amx", "-m", "x:a:bc"], "a:bc");
        check("amx '' \"\" x", &["amx", "", "", "x"], "x");
        assert_eq!(bash("amx \"a").1.quote, Some('"'));
        assert_eq!(bash("amx \"a\"").1.quote, None);
        let line = split("amx 'it\\'s", Quoting::Fish, "");
        assert_eq!(line.words, ["amx", "it's"]);
    }

    #[test]
    fn only_the_last_command_counts_and_redirections_are_no_words() {
        check("git diff | amx chat -p w", &["amx", "chat", "-p", "w"], "w");
        check("x && A=1 B=2 amx do", &["amx", "do"], "do");
        check(
            "amx chat hi 2>err -p w",
            &["amx", "chat", "hi", "-p", "w"],
            "w",
        );
        check(
            "amx chat hi 2>&1 -p w",
            &["amx", "chat", "hi", "-p", "w"],
            "w",
        );
        assert!(split("amx chat hi > fi", Quoting::Bash, BREAKS).is_redirection);
        assert!(split("amx chat hi &>fi", Quoting::Bash, BREAKS).is_redirection);
        assert!(!split("amx chat hi > fi -m ", Quoting::Bash, BREAKS).is_redirection);
    }

    #[test]
    fn what_is_inserted_is_read_back_unchanged() {
        for text in [
            "a b",
            "it's",
            "a\"b",
            "x$y`z",
            "a?t=1&u",
            "c\\d",
            "plan: (B)",
        ] {
            for quote in [None, Some('"'), Some('\'')] {
                let open = quote.map(String::from).unwrap_or_default();
                let typed = format!("amx {open}{}", quoted(text, quote));
                let line = split(&typed, Quoting::Bash, BREAKS);
                assert_eq!(line.words, ["amx", text], "{typed}");
            }
        }
    }
}
