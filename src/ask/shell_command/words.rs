//! The programs of a command line, with their arguments and where their output goes.

use std::iter::Peekable;
use std::str::Chars;

/// One program with its arguments.
#[derive(Debug, Default)]
pub(super) struct SimpleCommand {
    /// Without quotes.
    pub words: Vec<String>,
    /// Files that `>` writes.
    pub overwritten: Vec<String>,
    /// Files that `>>` writes.
    pub appended: Vec<String>,
}

/// What the next word is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Word,
    Overwritten,
    Appended,
    /// Read, or a descriptor as in `2>&1`.
    Unwritten,
}

/// The programs of a command line, in order. What is inside `$(…)`, backquotes, parentheses and
/// braces is a command of its own. Assignments and words of the shell before a program are omitted.
/// Also whether every quote and parenthesis is closed, or else a part may have been misread.
pub(super) fn simple_commands(command: &str) -> (Vec<SimpleCommand>, bool) {
    let mut scanner = Scanner {
        characters: command.chars().peekable(),
        commands: vec![SimpleCommand::default()],
        word: String::new(),
        next: Next::Word,
        open: Vec::new(),
    };
    scanner.scan();
    let is_closed = scanner.open.is_empty();
    let mut commands = scanner.commands;
    for simple in &mut commands {
        let first = simple.words.iter().position(|word| !is_prefix(word));
        simple.words.drain(..first.unwrap_or(simple.words.len()));
    }
    let is_empty = |simple: &SimpleCommand| {
        simple.words.is_empty() && simple.overwritten.is_empty() && simple.appended.is_empty()
    };
    commands.retain(|simple| !is_empty(simple));
    (commands, is_closed)
}

/// A word before the program: an assignment, or a word of the shell.
fn is_prefix(word: &str) -> bool {
    const WORDS: &[&str] = &["if", "then", "else", "elif", "do", "while", "until", "!"];
    let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    is_assignment || WORDS.contains(&word)
}

struct Scanner<'a> {
    characters: Peekable<Chars<'a>>,
    commands: Vec<SimpleCommand>,
    word: String,
    next: Next,
    /// The quotes and parentheses that are open, outermost first.
    open: Vec<char>,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        while let Some(c) = self.characters.next() {
            match (c, self.open.last()) {
                ('\'', Some('\'')) | ('"', Some('"')) => {
                    self.open.pop();
                }
                (_, Some('\'')) => self.word.push(c),
                ('\\', _) => self
                    .word
                    .extend(self.characters.next().filter(|c| *c != '\n')),
                ('"', _) => self.open.push(c),
                ('`', Some('`')) => self.leave(),
                ('`', _) => self.enter(c),
                ('$', _) if self.characters.next_if_eq(&'(').is_some() => self.enter('('),
                (_, Some('"')) => self.word.push(c),
                ('\'', _) => self.open.push(c),
                ('(', _) => self.enter(c),
                (')', Some('(')) => self.leave(),
                _ => self.unquoted(c),
            }
        }
        self.end_word();
    }

    /// A command inside another starts.
    fn enter(&mut self, c: char) {
        self.end_command();
        self.open.push(c);
    }

    fn leave(&mut self) {
        self.end_command();
        self.open.pop();
    }

    /// A character outside quotes.
    fn unquoted(&mut self, c: char) {
        match c {
            '{' | '}' if !self.word.is_empty() => self.word.push(c),
            ')' | '{' | '}' | ';' | '\n' | '|' => self.end_command(),
            '&' if self.characters.peek() == Some(&'>') => {}
            '&' if self.next != Next::Word && self.word.is_empty() => self.duplicate(),
            '&' => self.end_command(),
            '>' => {
                // The number of a descriptor belongs to the redirection.
                if self.word.chars().all(|c| c.is_ascii_digit()) {
                    self.word.clear();
                }
                self.end_word();
                self.next = Next::Overwritten;
                if self.characters.next_if_eq(&'>').is_some() {
                    self.next = Next::Appended;
                } else {
                    // `>|` overwrites even where `noclobber` is set.
                    self.characters.next_if_eq(&'|');
                }
            }
            '<' => {
                self.end_word();
                self.next = Next::Unwritten;
            }
            '#' if self.word.is_empty() => {
                while self.characters.next_if(|c| *c != '\n').is_some() {}
            }
            c if c.is_whitespace() => self.end_word(),
            c => self.word.push(c),
        }
    }

    /// After the `&` of a redirection: a descriptor, or, as in `>& FILE`, a file for both outputs.
    fn duplicate(&mut self) {
        let ahead = self.characters.clone();
        let ahead = ahead.skip_while(|c| matches!(c, ' ' | '\t'));
        let word: String = ahead
            .take_while(|c| !c.is_whitespace() && !";&|<>()".contains(*c))
            .collect();
        let number = word.strip_suffix('-').unwrap_or(&word);
        if !word.is_empty() && number.chars().all(|c| c.is_ascii_digit()) {
            self.next = Next::Unwritten;
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        if let Some(last) = self.commands.last_mut() {
            match std::mem::take(&mut self.next) {
                Next::Word => last.words.push(word),
                Next::Overwritten => last.overwritten.push(word),
                Next::Appended => last.appended.push(word),
                Next::Unwritten => {}
            }
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.next = Next::Word;
        self.commands.push(SimpleCommand::default());
    }
}
