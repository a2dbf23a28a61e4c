//! The body of a client's request: checked, and changed in named members only. Every other byte
//! stays as it is.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::problem::Problem;

/// Deepest nesting that is accepted.
const DEEPEST: usize = 128;

/// Members that would choose where a request goes, or with which key: those of LiteLLM and of the
/// SDKs, in lower case without separators.
const CHOOSING: &[&str] = &[
    "baseurl",
    "apikey",
    "apibase",
    "apihost",
    "apitype",
    "apiversion",
    "proxy",
    "proxies",
    "httpproxy",
    "httpsproxy",
    "headers",
    "extraheaders",
    "defaultheaders",
    "endpoint",
    "endpointurl",
    "azureendpoint",
    "awsbedrockruntimeendpoint",
    "customllmprovider",
    "litellmcredentialname",
    "vertexcredentials",
    "upstream",
    "upstreamurl",
    "targeturl",
    "userconfig",
];

/// A member of the outermost object, as bytes of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    value: Range<usize>,
}

/// A body that is one JSON object, with the places of its members.
#[derive(Debug, Clone)]
pub(super) struct ClientBody {
    bytes: Bytes,
    members: Vec<Member>,
    /// Where the closing brace is.
    close: usize,
}

/// The members of one object, borrowed from its text.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Name<'de>>()? {
                    members.push((name.0, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(OfObject)
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText;

        impl<'de> Visitor<'de> for OfText {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(OfText)
    }
}

impl ClientBody {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 with the reason: it is not one JSON object, is nested too deeply, has a name twice, or a
    /// member that the gateway does not accept.
    pub(super) fn read(bytes: Bytes) -> Result<Self, Problem> {
        let text =
            str::from_utf8(&bytes).map_err(|_| Problem::bad_request("the body is not UTF-8"))?;
        if is_too_deep(&bytes) {
            let message = format!("the body is nested deeper than {DEEPEST} levels");
            return Err(Problem::bad_request(message));
        }
        let Members(found) = serde_json::from_str(text).map_err(|error| {
            Problem::bad_request(format!("the body is not a JSON object: {error}"))
        })?;
        let mut names = HashSet::with_capacity(found.len());
        for (name, _) in &found {
            let is_chosen = CHOOSING.contains(&plain(name).as_str());
            if is_chosen || !names.insert(name.as_ref()) {
                return Err(Problem::bad_request(refused(name, is_chosen)));
            }
        }
        let mut members: Vec<Member> = Vec::with_capacity(found.len());
        for (name, value) in found {
            let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
            members.push(Member {
                name: name.into_owned(),
                value: start..start + value.get().len(),
            });
        }
        let close = text.trim_end().len() - 1;
        Ok(Self {
            bytes,
            members,
            close,
        })
    }

    /// The members with the JSON text of each, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let members = self.members.iter();
        members.map(|member| (member.name.as_str(), &self.bytes[member.value.clone()]))
    }

    /// Length in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The JSON text of a member.
    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.name == name)?;
        str::from_utf8(&self.bytes[member.value.clone()]).ok()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A member as a value.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// Whether the client wants a stream.
    pub(super) fn is_stream(&self) -> bool {
        self.raw("stream") == Some("true")
    }

    /// One without bytes, in place of one that was sent.
    pub(super) fn empty() -> Self {
        Self {
            bytes: Bytes::new(),
            members: Vec::new(),
            close: 0,
        }
    }

    /// The bytes with one member set, and members added that the body does not have. A member that
    /// both have as an object gets the members that the client's lacks.
    pub(super) fn with(&self, model: &str, added: &Map<String, Value>) -> Vec<u8> {
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        let mut appended = String::new();
        let mut is_empty = self.members.is_empty();
        let mut append = |name: &str, value: &Value, out: &mut String| {
            if !std::mem::take(&mut is_empty) {
                out.push(',');
            }
            out.push_str(&format!("{}:{value}", Value::from(name)));
        };
        match self.members.iter().find(|member| member.name == "model") {
            Some(member) => changes.push((member.value.clone(), Value::from(model).to_string())),
            None => append("model", &Value::from(model), &mut appended),
        }
        for (name, value) in added {
            let member = self.members.iter().find(|member| member.name == *name);
            match (member, value) {
                (None, _) => append(name, value, &mut appended),
                (Some(member), Value::Object(fields)) => {
                    let missing = self.missing(member, fields);
                    changes.extend(missing.map(|(at, text)| (at..at, text)));
                }
                (Some(_), _) => {}
            }
        }
        changes.push((self.close..self.close, appended));
        changes.sort_by_key(|(range, _)| range.start);
        self.spliced(&changes)
    }

    /// The members that an object of the client lacks, as text with its place.
    fn missing(&self, member: &Member, fields: &Map<String, Value>) -> Option<(usize, String)> {
        let text = str::from_utf8(&self.bytes[member.value.clone()]).ok()?;
        let Members(present) = serde_json::from_str(text).ok()?;
        let mut out = String::new();
        for (name, value) in fields {
            if present.iter().any(|(other, _)| other == name) {
                continue;
            }
            if !(present.is_empty() && out.is_empty()) {
                out.push(',');
            }
            out.push_str(&format!("{}:{value}", Value::from(name.as_str())));
        }
        (!out.is_empty()).then(|| (member.value.end - 1, out))
    }

    /// The bytes with ranges replaced, in order.
    fn spliced(&self, changes: &[(Range<usize>, String)]) -> Vec<u8> {
        let more: usize = changes.iter().map(|(_, text)| text.len()).sum();
        let mut out = Vec::with_capacity(self.bytes.len() + more);
        let mut at = 0;
        for (range, text) in changes {
            out.extend_from_slice(&self.bytes[at..range.start]);
            out.extend_from_slice(text.as_bytes());
            at = range.end;
        }
        out.extend_from_slice(&self.bytes[at..]);
        out
    }
}

fn refused(name: &str, is_chosen: bool) -> String {
    let name = name.escape_debug();
    if is_chosen {
        format!("'{name}' is not accepted: server and key are those of the profile")
    } else {
        format!("the body has '{name}' twice")
    }
}

/// A name in lower case without separators.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether brackets are nested deeper than [`DEEPEST`].
fn is_too_deep(bytes: &[u8]) -> bool {
    // Most bodies have fewer brackets in all.
    if memchr::memchr2_iter(b'[', b'{', bytes)
        .take(DEEPEST + 1)
        .count()
        <= DEEPEST
    {
        return false;
    }
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for byte in bytes {
        if is_text {
            is_text = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_text = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<ClientBody, Problem> {
        ClientBody::read(Bytes::copy_from_slice(text.as_bytes()))
    }

    fn with(text: &str, model: &str, added: Value) -> String {
        let Value::Object(added) = added else {
            panic!("{added} is not an object");
        };
        String::from_utf8(read(text).unwrap().with(model, &added)).unwrap()
    }

    #[test]
    fn only_named_members_change() {
        let text = "{ \"a\":1.0, \"model\" : \"fast\",\"b\":12345678901234567890,\n \"c\":\"\\u00e9\\/\" }\n";
        assert_eq!(
            with(text, "x/y", json!({})),
            text.replace("\"fast\"", "\"x/y\"")
        );
        assert_eq!(
            with("{\"m\\u006fdel\":\"fast\"}", "x", json!({})),
            "{\"m\\u006fdel\":\"x\"}"
        );
        assert_eq!(with("{}", "x", json!({})), "{\"model\":\"x\"}");
        assert_eq!(
            with("{\"a\":1}", "x", json!({"seed": 7})),
            "{\"a\":1,\"model\":\"x\",\"seed\":7}"
        );
    }

    #[test]
    fn a_member_of_the_client_is_never_overridden() {
        assert_eq!(
            with("{\"model\":\"m\",\"seed\":1}", "m", json!({"seed": 7})),
            "{\"model\":\"m\",\"seed\":1}"
        );
        let added = json!({"provider": {"order": ["b"], "data_collection": "deny"}});
        assert_eq!(
            with(
                "{\"provider\":{\"order\": [\"a\"] },\"model\":\"m\"}",
                "m",
                added.clone()
            ),
            "{\"provider\":{\"order\": [\"a\"] ,\"data_collection\":\"deny\"},\"model\":\"m\"}"
        );
        assert_eq!(
            with("{\"provider\":{},\"model\":\"m\"}", "m", added),
            "{\"provider\":{\"order\":[\"b\"],\"data_collection\":\"deny\"},\"model\":\"m\"}"
        );
    }

    #[test]
    fn bodies_that_are_not_one_plain_object_are_refused() {
        let deep = "[".repeat(1_000_000);
        let nested = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
        for (text, says) in [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("{\"a\":1} x", "not a JSON object"),
            ("{\"a\":01}", "not a JSON object"),
            ("{\"a\":1,\"a\":2}", "'a' twice"),
            ("{\"a\":1,\"\\u0061\":2}", "'a' twice"),
            (deep.as_str(), "deeper than 128"),
            (nested.as_str(), "deeper than 128"),
            (
                "{\"api_base\":\"http://evil\"}",
                "'api_base' is not accepted",
            ),
            ("{\"BaseURL\":\"http://evil\"}", "'BaseURL' is not accepted"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(
                problem.status == 400 && problem.message.contains(says),
                "{}",
                problem.message
            );
        }
        let brackets = json!({"a": "[".repeat(200), "b": "\\\"{".repeat(100)}).to_string();
        assert!(read(&brackets).is_ok());
        assert!(ClientBody::read(Bytes::from_static(b"{\"a\":\"\xff\"}")).is_err());
    }

    #[test]
    fn a_body_with_many_names_is_read_in_time() {
        let names = (0..200_000).map(|number| format!("\"{number}\":1"));
        let text = format!("{{{}}}", names.collect::<Vec<_>>().join(","));
        let start = std::time::Instant::now();
        assert_eq!(read(&text).unwrap().members.len(), 200_000);
        let double = text.replace("{\"0\"", "{\"199999\"");
        assert!(
            read(&double)
                .unwrap_err()
                .message
                .contains("'199999' twice")
        );
        let elapsed = start.elapsed();
        assert!(elapsed < std::time::Duration::from_secs(120), "{elapsed:?}");
    }

    proptest! {
        #[test]
        fn what_is_not_named_keeps_its_bytes(
            names in proptest::collection::btree_set("[a-z]{1,6}", 0..6),
            value in "[ -~]{0,20}",
        ) {
            let fields: Vec<String> = names
                .iter()
                .filter(|name| !CHOOSING.contains(&name.as_str()) && *name != "model")
                .map(|name| format!("\"{name}\": {}", Value::from(value.as_str())))
                .collect();
            let text = format!("{{ {} }}", fields.join(" ,"));
            let out = with(&text, "m", json!({}));
            let start = text.trim_end_matches('}');
            prop_assert!(out.starts_with(start), "{}", out);
            prop_assert!(serde_json::from_str::<Value>(&out).is_ok());
        }
    }
}
