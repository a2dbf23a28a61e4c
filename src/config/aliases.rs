//! Model aliases: patterns with replacements, applied until none matches.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::model_spec::{self, Element, MOST_MODELS, Values};

/// Most replacements in a row.
const MOST_STEPS: usize = 16;

/// Longest intermediate name, in bytes: a replacement may double it.
const LONGEST_NAME: usize = 256;

/// Longest replacement, in bytes.
const LONGEST_REPLACEMENT: usize = 1024;

/// Most aliases.
const MOST_ALIASES: usize = 256;

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 512;

/// Largest compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 1 << 18;

/// One entry of `model_aliases`, as it is written.
#[derive(Debug, Clone, Deserialize)]
pub struct WrittenAlias {
    pub pattern: String,
    pub replacement: String,
}

/// What is wrong with an entry: its index, the setting, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasFault {
    pub index: usize,
    pub key: &'static str,
    pub what: String,
}

/// The aliases in order; the first that matches is applied.
#[derive(Debug, Clone, Default)]
pub struct Aliases(Vec<Alias>);

#[derive(Debug, Clone)]
struct Alias {
    pattern: Regex,
    /// The only name that matches, where there is one.
    name: Option<String>,
    replacement: Vec<Part>,
}

/// A part of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The match of a group; 0 is the whole name.
    Group(usize),
}

/// A model after its aliases are replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub element: Element,
    /// Every intermediate name, the written one first; empty when no alias matched.
    pub chain: Vec<String>,
}

impl Aliases {
    /// Compiles the entries.
    ///
    /// # Errors
    /// The first entry that cannot be used.
    pub fn compile(written: &[WrittenAlias]) -> Result<Self, AliasFault> {
        if written.len() > MOST_ALIASES {
            return Err(AliasFault {
                index: MOST_ALIASES,
                key: "pattern",
                what: format!("there are more than {MOST_ALIASES} aliases"),
            });
        }
        let compiled = written.iter().enumerate().map(|(index, written)| {
            let fault = |key| move |what| AliasFault { index, key, what };
            let pattern = compile(&written.pattern).map_err(fault("pattern"))?;
            let replacement = replacement(&written.replacement, pattern.captures_len() - 1)
                .map_err(fault("replacement"))?;
            Ok(Alias {
                pattern,
                name: plain_name(&written.pattern),
                replacement,
            })
        });
        compiled.collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Replaces until no alias matches. A replacement may name several models, and parameters;
    /// those of the written name override them.
    ///
    /// # Errors
    /// The chain is circular, or too long.
    pub fn follow(&self, element: &Element) -> Result<Vec<Followed>, String> {
        let mut followed = Vec::new();
        self.walk(element, vec![element.name.clone()], &mut followed)?;
        Ok(followed)
    }

    fn walk(
        &self,
        element: &Element,
        chain: Vec<String>,
        followed: &mut Vec<Followed>,
    ) -> Result<(), String> {
        let Some(replaced) = self.replace(&element.name) else {
            return end(element.clone(), chain, followed);
        };
        let way = || {
            chain
                .iter()
                .map(String::as_str)
                .chain([replaced.as_str()])
                .collect::<Vec<_>>()
                .join(" → ")
        };
        if replaced.split(',').any(|name| name.len() > LONGEST_NAME) {
            return Err(format!("model_aliases expand '{}' without end", chain[0]));
        }
        if chain.len() > MOST_STEPS {
            return Err(format!(
                "model_aliases do not end within {MOST_STEPS} steps: {}",
                way()
            ));
        }
        for next in
            model_spec::parse(&replaced).map_err(|why| format!("model_aliases {}: {why}", way()))?
        {
            let next = Element {
                parameters: merged(next.parameters, &element.parameters),
                ..next
            };
            // An alias that returns the name itself keeps it, perhaps with parameters.
            if next.name == element.name {
                end(next, chain.clone(), followed)?;
                continue;
            }
            if chain.contains(&next.name) {
                return Err(format!("model_aliases are circular: {}", way()));
            }
            let chain = chain.iter().chain([&next.name]).cloned().collect();
            self.walk(&next, chain, followed)?;
        }
        Ok(())
    }

    /// The patterns that match one name alone, as that name, with their indices.
    pub fn plain_names(&self) -> impl Iterator<Item = (usize, &str)> {
        let aliases = self.0.iter().enumerate();
        aliases.filter_map(|(index, alias)| Some((index, alias.name.as_deref()?)))
    }

    /// The replacement of a name.
    fn replace(&self, name: &str) -> Option<String> {
        let (alias, captures) = self.0.iter().find_map(|alias| {
            alias
                .pattern
                .captures(name)
                .map(|captures| (alias, captures))
        })?;
        let part = |part| match part {
            &Part::Group(group) => captures.get(group).map_or("", |matched| matched.as_str()),
            Part::Text(text) => text.as_str(),
        };
        Some(alias.replacement.iter().map(part).collect())
    }
}

/// Adds an element that no alias matches any more.
fn end(element: Element, chain: Vec<String>, followed: &mut Vec<Followed>) -> Result<(), String> {
    if followed.len() == MOST_MODELS {
        return Err(format!(
            "model_aliases expand '{}' to more than {MOST_MODELS} models",
            chain[0]
        ));
    }
    followed.push(Followed {
        element,
        chain: if chain.len() > 1 { chain } else { Vec::new() },
    });
    Ok(())
}

/// The values of both; the stronger ones override.
fn merged(mut below: Values, stronger: &Values) -> Values {
    below.extend(stronger.clone());
    below
}

/// The name that a pattern without special characters matches. A dot matches itself too, and hardly
/// anything else was meant.
fn plain_name(pattern: &str) -> Option<String> {
    let name = pattern.strip_prefix('^').unwrap_or(pattern);
    let name = name.strip_suffix('$').unwrap_or(name).replace("\\.", ".");
    let is_plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || "-_./:@".contains(c));
    (is_plain && !name.is_empty()).then_some(name)
}

/// A pattern that matches whole names, with or without `^` and `$`.
fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() || pattern.len() > LONGEST_PATTERN {
        return Err(format!(
            "a pattern must have 1 to {LONGEST_PATTERN} characters"
        ));
    }
    let build = |pattern: &str| {
        RegexBuilder::new(pattern)
            .size_limit(LARGEST_PATTERN)
            .nest_limit(50)
            .build()
    };
    // Alone first: `a)|(b` must not become valid by the group around it.
    build(pattern)
        .and_then(|_| build(&format!(r"\A(?:{pattern})\z")))
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            other => {
                let words = other.to_string();
                let words = words.lines().last().unwrap_or_default();
                format!(
                    "not a regular expression: {}",
                    words.trim_start_matches("error: ")
                )
            }
        })
}

/// Parses a replacement: `\1` and `$1` are groups, `\\` and `$$` a literal `\` and `$`.
fn replacement(text: &str, groups: usize) -> Result<Vec<Part>, String> {
    if text.is_empty() || text.len() > LONGEST_REPLACEMENT {
        return Err(format!(
            "a replacement must have 1 to {LONGEST_REPLACEMENT} characters"
        ));
    }
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['\\', '$']) {
        plain.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        if let Some(behind) = after.strip_prefix(mark) {
            plain.push_str(mark);
            rest = behind;
            continue;
        }
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let group = after[..digits].parse::<usize>().map_err(|_| {
            format!(
                "'{mark}' must be followed by the number of a group; {mark}{mark} is a literal \
                {mark}"
            )
        })?;
        if group > groups {
            return Err(format!(
                "{mark}{group} is not a group of the pattern, which has {groups}"
            ));
        }
        parts.extend(
            Some(std::mem::take(&mut plain))
                .filter(|plain| !plain.is_empty())
                .map(Part::Text),
        );
        parts.push(Part::Group(group));
        rest = &after[digits..];
    }
    plain.push_str(rest);
    parts.extend(
        Some(plain)
            .filter(|plain| !plain.is_empty())
            .map(Part::Text),
    );
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn aliases(entries: &[(&str, &str)]) -> Aliases {
        let written: Vec<WrittenAlias> = entries
            .iter()
            .map(|(pattern, replacement)| WrittenAlias {
                pattern: (*pattern).to_owned(),
                replacement: (*replacement).to_owned(),
            })
            .collect();
        Aliases::compile(&written).unwrap()
    }

    fn follow(aliases: &Aliases, text: &str) -> Result<Vec<(String, String)>, String> {
        let followed = aliases.follow(&model_spec::parse(text).unwrap()[0])?;
        Ok(followed
            .into_iter()
            .map(|followed| (followed.element.to_string(), followed.chain.join(" → ")))
            .collect())
    }

    fn pair(model: &str, chain: &str) -> (String, String) {
        (model.to_owned(), chain.to_owned())
    }

    #[test]
    fn whole_names_are_replaced_until_none_matches() {
        let aliases = aliases(&[
            ("gpt-(.*)", r"openrouter:openai/gpt-\1"),
            ("fast", "gpt-5-nano"),
            ("f.*", "never/used"),
            ("x$", "y"),
            ("ab|a", "short"),
        ]);
        assert_eq!(
            follow(&aliases, "gpt-4o"),
            Ok(vec![pair(
                "openrouter:openai/gpt-4o",
                "gpt-4o → openrouter:openai/gpt-4o"
            )])
        );
        let chain = "fast → gpt-5-nano → openrouter:openai/gpt-5-nano";
        assert_eq!(
            follow(&aliases, "fast"),
            Ok(vec![pair("openrouter:openai/gpt-5-nano", chain)])
        );
        for untouched in ["my-gpt-4o", "FAST", "xx", "aab", "abc"] {
            assert_eq!(follow(&aliases, untouched), Ok(vec![pair(untouched, "")]));
        }
        assert_eq!(follow(&aliases, "ab").unwrap()[0].0, "short");
    }

    #[test]
    fn groups_and_literal_marks_are_distinguished() {
        let aliases = aliases(&[("(a)(b)?", r"x$1-\2$$-\\1-$0")]);
        assert_eq!(follow(&aliases, "a").unwrap()[0].0, r"xa-$-\1-a");
        for (replacement, says) in [
            (r"\2", "not a group"),
            ("$9", "not a group"),
            (r"\x", "number of a group"),
            ("$", "number of a group"),
            ("", "must have 1"),
        ] {
            let written = [WrittenAlias {
                pattern: "(a)".to_owned(),
                replacement: replacement.to_owned(),
            }];
            let fault = Aliases::compile(&written).unwrap_err();
            assert!(
                fault.key == "replacement" && fault.what.contains(says),
                "{replacement}: {fault:?}"
            );
        }
    }

    #[test]
    fn a_replacement_may_name_several_models_and_parameters() {
        let aliases = aliases(&[
            ("fast", "small,c/d?seed=1"),
            ("small", "a/b?temperature=0.5&seed=2"),
            ("stays", "stays?seed=3"),
            ("stays", "gone"),
        ]);
        let chain = |last: &str| format!("fast → {last}");
        let expected = vec![
            pair("a/b?temperature=1&seed=2", &chain("small → a/b")),
            pair("c/d?seed=1&temperature=1", &chain("c/d")),
        ];
        assert_eq!(
            follow(&aliases, "fast?temperature=1").map(|found| found
                .into_iter()
                .map(|(model, chain)| (model.replace("1.0", "1"), chain))
                .collect()),
            Ok(expected)
        );
        assert_eq!(
            follow(&aliases, "stays"),
            Ok(vec![pair("stays?seed=3", "")])
        );
    }

    #[test]
    fn endless_chains_are_errors() {
        let circle = aliases(&[("a", "b"), ("b", "c"), ("c", "a")]);
        assert_eq!(
            follow(&circle, "a"),
            Err("model_aliases are circular: a → b → c → a".to_owned())
        );
        let growing = follow(&aliases(&[("(x+)", "x$1")]), "x").unwrap_err();
        assert!(growing.contains("16 steps: x → xx → xxx"), "{growing}");
        assert!(
            follow(&aliases(&[("(.+)", "$1$1")]), "abcdefgh")
                .unwrap_err()
                .contains("without end")
        );
        assert!(follow(&aliases(&[("(x+)", "x$1,x$1")]), "x").is_err());
        assert!(
            follow(&aliases(&[("a", "b c")]), "a")
                .unwrap_err()
                .contains("a → b c: not a model ID")
        );
    }

    #[test]
    fn invalid_patterns_are_refused() {
        for (pattern, says) in [
            ("gpt-(", "unclosed group"),
            ("a)|(b", "unopened group"),
            (r"[[:word:]]{1000}{1000}", "too large"),
            ("", "must have 1"),
            (r"(a)\1", "backreference"),
        ] {
            let fault = Aliases::compile(&[WrittenAlias {
                pattern: pattern.to_owned(),
                replacement: "b".to_owned(),
            }])
            .unwrap_err();
            assert!(
                fault.index == 0 && fault.key == "pattern" && fault.what.contains(says),
                "{pattern}: {fault:?}"
            );
        }
        let many = vec![
            WrittenAlias {
                pattern: "a".to_owned(),
                replacement: "b".to_owned()
            };
            MOST_ALIASES + 1
        ];
        assert!(Aliases::compile(&many).is_err());
    }

    proptest! {
        #[test]
        fn following_always_ends(
            entries in proptest::collection::vec(("[ab(.)*]{1,6}", "[ab,$1]{1,6}"), 0..6),
            name in "[ab]{1,8}",
        ) {
            let written = |(pattern, replacement)| WrittenAlias { pattern, replacement };
            let written: Vec<WrittenAlias> = entries.into_iter().map(written).collect();
            if let Ok(aliases) = Aliases::compile(&written)
                && let Ok(followed) = aliases.follow(&Element { name, parameters: Values::new() })
            {
                prop_assert!((1..=MOST_MODELS).contains(&followed.len()));
            }
        }
    }
}
