//! The header `WWW-Authenticate` of a refusal (RFC 9110, 11.6.1; RFC 6750, 3).

/// What a challenge for a bearer token says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct BearerChallenge {
    pub resource_metadata: Option<String>,
    pub scope: Option<String>,
}

/// The first challenge for a bearer token in a header.
pub(super) fn bearer(header: &str) -> Option<BearerChallenge> {
    let mut found: Option<BearerChallenge> = None;
    for (scheme, name, value) in parameters(header) {
        if !scheme.eq_ignore_ascii_case("bearer") {
            continue;
        }
        let challenge = found.get_or_insert_default();
        match name.to_ascii_lowercase().as_str() {
            "resource_metadata" if challenge.resource_metadata.is_none() => {
                challenge.resource_metadata = Some(value);
            }
            "scope" if challenge.scope.is_none() => challenge.scope = Some(value),
            _ => {}
        }
    }
    found
}

/// Scheme, name and value of each parameter; a scheme alone has empty ones.
fn parameters(header: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut scheme = String::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return found;
        }
        let end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        if end == 0 {
            // Not a challenge: what follows cannot be read.
            return found;
        }
        let word = &rest[..end];
        rest = &rest[end..];
        match rest.trim_start().strip_prefix('=') {
            Some(after) => {
                let (value, behind) = value(after.trim_start());
                found.push((scheme.clone(), word.to_owned(), value));
                rest = behind;
            }
            None => {
                word.clone_into(&mut scheme);
                found.push((scheme.clone(), String::new(), String::new()));
            }
        }
    }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &inner[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_parameters_of_a_bearer_challenge_are_read() {
        let challenge = |metadata: Option<&str>, scope: Option<&str>| {
            Some(BearerChallenge {
                resource_metadata: metadata.map(str::to_owned),
                scope: scope.map(str::to_owned),
            })
        };
        for (header, expected) in [
            ("Bearer", challenge(None, None)),
            (
                "Bearer error=\"invalid_token\", resource_metadata=\"https://h/x\", scope=\"a b\"",
                challenge(Some("https://h/x"), Some("a b")),
            ),
            (
                "Basic realm=\"a, Bearer scope=x\", bearer  scope = one",
                challenge(None, Some("one")),
            ),
            (
                "Bearer scope=\"a \\\"b\\\"\"",
                challenge(None, Some("a \"b\"")),
            ),
            ("Basic realm=\"x\"", None),
            ("", None),
            ("\"", None),
        ] {
            assert_eq!(bearer(header), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "\\PC{0,60}") {
            let _ = bearer(&header);
        }
    }
}
