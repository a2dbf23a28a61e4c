//! Which names and arguments are those of a secret, for all that is hidden, stored or removed.

use crate::secrets::reference::looks_like_a_key;

/// Words in names of variables, headers and flags that hold secrets.
const SECRET_WORDS: &[&str] = &[
    "key",
    "apikey",
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pat",
    "auth",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "bearer",
];

/// Words that other words contain by chance: `PATH`, `template`.
const SHORT_WORDS: &[&str] = &["pat", "pwd"];

/// Last words of flags whose value is what the words before say: `--auth-token-value`.
const OF_SECRETS: &[&str] = &["value", "base", "string", "text", "plain", "data"];

/// Whether a name of a variable, a header or a flag is that of a secret: `GITHUB_TOKEN`,
/// `X-Api-Key`, `accessToken`. `MAX_TOKENS` is not.
pub(crate) fn is_secret_name(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| SECRET_WORDS.contains(&word.as_str()))
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Whether a value is a secret: by its form of a key, or by its name, also where a word is inside
/// another (`X-Apitoken`). It is rather hidden than shown.
pub(crate) fn is_secret_value(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    value.split_whitespace().any(looks_like_a_key)
        || is_secret_name(name)
        || SECRET_WORDS
            .iter()
            .any(|word| !SHORT_WORDS.contains(word) && lower.contains(word))
}

/// The secret parts of the arguments of a program, in plain text.
pub(super) fn secret_arguments<'a>(
    arguments: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = &'a str> {
    let mut before = "";
    arguments.filter_map(move |text| {
        let is_secret = is_secret_argument(text, std::mem::replace(&mut before, text));
        let value = match text.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => value,
            _ => text,
        };
        (is_secret && is_worth_hiding(value)).then_some(value)
    })
}

/// Whether an argument is a secret: `--api-key=…`, what follows `--token`, a URL with a password.
pub(super) fn is_secret_argument(text: &str, flag_before: &str) -> bool {
    has_password(text)
        || text
            .split_once('=')
            .is_some_and(|(flag, _)| is_secret_flag(flag))
        || (is_secret_flag(flag_before) && !flag_before.contains('=') && !text.starts_with('-'))
}

/// Whether the value of a flag is a secret: its last word says so, as in `--api-key`, or that it is
/// the value of what the others say. The values of `--api-key-env` and `--auth-user` are names, and
/// what is hidden here is hidden everywhere. `--no-password` has no value.
pub(super) fn is_secret_flag(flag: &str) -> bool {
    let words = words(flag);
    let last = words.last().map_or("", String::as_str);
    let is_secret =
        SECRET_WORDS.contains(&last) || (OF_SECRETS.contains(&last) && is_secret_name(flag));
    flag.starts_with('-') && !flag.starts_with("--no-") && is_secret
}

/// Whether a text is a URL with a user and a password.
pub(super) fn has_password(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| {
        let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let user = server.rsplit_once('@').map(|(user, _)| user);
        user.is_some_and(|user| user.contains(':'))
    })
}

/// Values of a secret setting that are none: switches, numbers, nothing.
pub(super) fn is_worth_hiding(text: &str) -> bool {
    text.len() > 3
        && !["true", "false", "none", "null"].contains(&text.to_ascii_lowercase().as_str())
        && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_name_form_and_place() {
        for name in [
            "GITHUB_TOKEN",
            "X-Api-Key",
            "accessToken",
            "--api-key",
            "Authorization",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["MAX_TOKENS", "KEYBOARD", "HOME", "X-Team", "PATH"] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(is_secret_argument("hunter2", "--password"));
        assert!(is_secret_argument("--token=hunter2", "x"));
        assert!(is_secret_argument("postgres://u:p@h/db", "x"));
        assert!(!is_secret_argument("postgres://h/db", "x"));
        assert!(!is_secret_argument("-v", "--token"));
        for (flag, text) in [
            ("--no-password", "scripted"),
            ("--api-key-env", "OPENAI_API_KEY"),
            ("--token-limit", "many"),
        ] {
            assert!(!is_secret_argument(text, flag), "{flag}");
            assert!(!is_secret_argument(&format!("{flag}={text}"), "x"));
        }
        for flag in ["--auth-token-value", "--secret-key-base", "--apiKeyValue"] {
            assert!(is_secret_argument("hunter2", flag), "{flag}");
            assert!(is_secret_argument(&format!("{flag}=hunter2"), "x"));
        }
        for word in ["env", "file", "provider", "user", "host", "jar"] {
            assert!(!is_secret_argument("hunter2", &format!("--auth-{word}")));
        }
        assert!(!is_secret_argument("hunter2", "--apiKeyFile"));
        let arguments = ["run", "--token", "hunter2", "--pwd=hunter3", "-v"].into_iter();
        assert!(secret_arguments(arguments).eq(["hunter2", "hunter3"]));
        for name in ["X-Apitoken", "DB_PWD", "Passphrase", "GH_PAT", "bearer"] {
            assert!(is_secret_value(name, "x"), "{name}");
        }
        assert!(!is_secret_value("PATH", "x") && is_secret_value("X", "sk-or-v1-0123456789abcdef"));
    }
}
