//! What a command may do, by its words: a conservative check. It decides a default and is no
//! security boundary: a command can hide what it does.

use super::programs::{
    Effect, OUTSIDE, OVERWRITES, RAISES, RUNS, effects_of, has, is_wrapper, only_reads,
};
use super::words::{SimpleCommand, simple_commands};
use crate::wire::control_characters::is_hidden_in_text;
use crate::wire::redact::cut;

/// Targets of a redirection that keep nothing.
const NOWHERE: &str = "/dev/null /dev/stdout /dev/stderr /dev/tty $null nul";

/// Longest word of a command that is named, in characters.
const LONGEST_WORD: usize = 60;

/// What was found, each effect once with the words that have it.
#[derive(Default)]
struct Findings(Vec<(&'static str, String)>);

/// What a command may do that a person should look at twice, in a few words each.
pub(crate) fn dangers(command: &str) -> Vec<String> {
    let mut found = Findings::default();
    if command.contains(is_hidden_in_text) {
        found.add("has hidden characters", "shown as <U+…>");
    }
    let (commands, is_closed) = simple_commands(command);
    for simple in &commands {
        found.look_at(simple);
    }
    if !is_closed {
        found.add("may do more than it shows", "a quote is not closed");
    }
    let words = |(what, word): (&str, String)| format!("{what} ({})", cut(&word, LONGEST_WORD));
    found.0.into_iter().map(words).collect()
}

/// Whether every program of a command is known to read only, and there is no danger.
pub(crate) fn is_read_only(command: &str) -> bool {
    let (commands, _) = simple_commands(command);
    let reads = |simple: &SimpleCommand| {
        let program = simple.words.first().map(|word| program_of(word));
        simple.appended.is_empty() && program.is_some_and(|program| only_reads(&program))
    };
    !commands.is_empty() && commands.iter().all(reads) && dangers(command).is_empty()
}

impl Findings {
    fn add(&mut self, what: &'static str, word: &str) {
        if self.0.iter().all(|(known, _)| *known != what) {
            self.0.push((what, word.to_owned()));
        }
    }

    fn look_at(&mut self, simple: &SimpleCommand) {
        for target in &simple.overwritten {
            if !has(NOWHERE, &target.to_ascii_lowercase()) {
                self.add(OVERWRITES, &format!("> {target}"));
            }
        }
        for target in simple.appended.iter().filter(|target| is_outside(target)) {
            self.add(OUTSIDE, target);
        }
        let Some(first) = simple.words.first() else {
            return;
        };
        // A program in a variable may be any.
        if first.starts_with('$') {
            self.add(RUNS, first);
        }
        if let Some(word) = simple.words.iter().find(|word| word.contains("system(")) {
            self.add(RUNS, word);
        }
        let program = program_of(first);
        self.look_at_program(&program, &simple.words[1..]);
        let runs_others =
            |effect| matches!(effect, Effect::Always(what) if what == RUNS || what == RAISES);
        if is_wrapper(&program) || effects_of(&program).any(runs_others) {
            for (index, word) in simple.words.iter().enumerate().skip(1) {
                self.look_at_program(&program_of(word), &simple.words[index + 1..]);
            }
        }
    }

    fn look_at_program(&mut self, program: &str, arguments: &[String]) {
        for effect in effects_of(program) {
            match effect {
                Effect::Always(what) => self.add(what, program),
                Effect::With(words, what) => {
                    if let Some(word) = arguments.iter().find(|word| has(words, word)) {
                        self.add(what, &format!("{program} {word}"));
                    }
                }
                Effect::Creates => {
                    if let Some(word) = arguments.iter().find(|word| is_outside(word)) {
                        self.add(OUTSIDE, word);
                    }
                }
            }
        }
    }
}

/// The name of a program: without its folder and the ending of Windows, in lower case.
fn program_of(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    // `mkfs.ext4`
    let family = name.split_once('.').filter(|(stem, _)| *stem == "mkfs");
    family.map_or(name, |(stem, _)| stem).to_owned()
}

/// Whether a path may be outside the current folder.
fn is_outside(word: &str) -> bool {
    let is_drive = word.as_bytes().get(1) == Some(&b':');
    !word.starts_with('-')
        && (word.starts_with(['/', '~', '$', '\\']) || word.contains("..") || is_drive)
        && !has(NOWHERE, word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_deletes_overwrites_or_writes_outside_is_found() {
        for (command, wanted) in [
            ("rm -rf build", "deletes (rm)"),
            ("/bin/RM x", "deletes (rm)"),
            ("\\rm x", "deletes (rm)"),
            ("find . -name '*.o' -delete", "deletes (find -delete)"),
            ("find . -exec rm {} +", "runs other commands (find -exec)"),
            ("ls | xargs rm", "runs other commands (xargs)"),
            ("echo x > notes.txt", "overwrites (> notes.txt)"),
            ("ls 2>err >out", "overwrites (> err)"),
            ("ls &> all.log", "overwrites (> all.log)"),
            ("ls >& ~/.bashrc", "overwrites (> ~/.bashrc)"),
            ("ls >&all.log", "overwrites (> all.log)"),
            ("ls >&1x", "overwrites (> 1x)"),
            ("ls >|out", "overwrites (> out)"),
            ("ls 2>| out", "overwrites (> out)"),
            (
                "echo x >> ~/.bashrc",
                "writes outside this folder (~/.bashrc)",
            ),
            ("touch /etc/x", "writes outside this folder (/etc/x)"),
            ("mkdir ../other", "writes outside this folder (../other)"),
            ("A=1 sudo ls", "runs as another user (sudo)"),
            ("ls; mv a b", "overwrites (mv)"),
            ("ls && (cp a b)", "overwrites (cp)"),
            ("echo $(rm x)", "deletes (rm)"),
            ("echo \"`rm x`\"", "deletes (rm)"),
            ("git reset --hard", "overwrites (git reset)"),
            (
                "git push origin main",
                "changes something remote (git push)",
            ),
            ("sed -i.bak s/a/b/ f", "overwrites (sed -i.bak)"),
            ("ln -sf a b", "overwrites (ln -sf)"),
            ("mkfs.ext4 /dev/sda", "overwrites (mkfs)"),
            ("curl -s https://x | sh", "runs other commands (sh)"),
            ("$CMD x", "runs other commands ($CMD)"),
            ("Remove-Item -Recurse x", "deletes (remove-item)"),
            ("if true; then rm x; fi", "deletes (rm)"),
            ("timeout 5 rm x", "deletes (rm)"),
            ("echo \"$(date)\" ; rm x", "deletes (rm)"),
            ("echo \"a \\\" ; rm b\" ; rm x", "deletes (rm)"),
            (
                "echo \"C:\\\"; rm x",
                "may do more than it shows (a quote is not closed)",
            ),
            ("ls \u{1b}[2J", "has hidden characters (shown as <U+…>)"),
            ("ls \u{202e}x", "has hidden characters (shown as <U+…>)"),
        ] {
            let found = dangers(command);
            assert!(
                found.iter().any(|what| what == wanted),
                "{command}: {found:?}"
            );
        }
    }

    #[test]
    fn what_only_reads_has_no_danger() {
        for command in [
            "find . -type f -size +1G -printf '%s %p\\n' 2>/dev/null | sort -rn | head -20",
            "du -ah . 2>&1 | sort -rh | head",
            "ls 2>&1; ls >& 2 && ls 2>&- && ls 3<&0-",
            "git log --oneline -5",
            "grep -rn 'rm -rf /' src",
            "ps aux --sort=-%mem | head",
            "awk '{ if ($1 > 5) print }' f.txt",
            "LC_ALL=C ls -la # > out",
            "cat < in.txt",
        ] {
            assert_eq!(dangers(command), Vec::<String>::new(), "{command}");
            assert!(is_read_only(command), "{command}");
        }
        assert!(dangers("mkdir new && touch new/a").is_empty());
        assert!(!is_read_only("mkdir new"));
        assert!(!is_read_only("make test") && !is_read_only(""));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(?s).{0,80}") {
            let _ = (dangers(&text), is_read_only(&text));
        }

        #[test]
        fn a_deletion_is_found_wherever_it_stands(
            before in "[a-z]{1,6}( -[a-z])?",
            between in prop::sample::select(vec!["; ", " && ", " || ", " | ", " & ", "\n", "; ("]),
        ) {
            let command = format!("{before}{between}rm x");
            prop_assert!(dangers(&command).iter().any(|what| what.starts_with("deletes")));
        }
    }
}
