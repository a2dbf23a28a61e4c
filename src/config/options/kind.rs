//! The kinds of values that options take: read from text, checked, and described.

use serde_json::{Map, Number, Value};

use crate::chat::reasoning::Effort;

/// The values that an option takes. Lists and objects say what is inside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueKind {
    /// From `least` to `most`, both included.
    Number {
        least: f64,
        most: f64,
    },
    /// Above `floor`, which is not included, to `most`.
    Above {
        floor: f64,
        most: f64,
    },
    /// A whole number, both bounds included.
    Integer {
        least: i64,
        most: i64,
    },
    /// Text of 1 to so many characters.
    Text {
        most: usize,
    },
    Bool,
    /// A reasoning effort, in any letter case and with white space around it.
    Effort,
    /// One of these words, and no other.
    Choice(&'static [&'static str]),
    /// One of these words today. The API gets new ones without notice, so another word gets a
    /// warning and is sent.
    OpenChoice(&'static [&'static str]),
    /// A bounded number of items of one kind.
    List {
        least: usize,
        most: usize,
        item: &'static ValueKind,
    },
    /// An object with at least the fields `needs`; the listed fields have a kind.
    Object {
        needs: &'static [&'static str],
        fields: &'static [(&'static str, ValueKind)],
    },
    /// At most so many pairs, keys of at most so many characters, all values of one kind.
    Pairs {
        most: usize,
        key: usize,
        value: &'static ValueKind,
    },
    /// The first kind that fits.
    Either(&'static [ValueKind]),
}

/// No limit on items, pairs or characters.
pub(crate) const ANY: usize = usize::MAX;

/// No limit on an amount.
pub(crate) const UNBOUNDED: f64 = f64::INFINITY;

/// Limits from here on are not shown.
const LARGE: i64 = u32::MAX as i64;

/// Any text.
pub(crate) const WORDS: ValueKind = ValueKind::Text { most: ANY };

/// Any object with a field in it.
pub(crate) const OBJECT: ValueKind = ValueKind::Object {
    needs: &[],
    fields: &[],
};

impl ValueKind {
    /// Reads the value of a flag, `-o` or `/set`: JSON for objects, a list with commas or as JSON,
    /// else the text as it is. `None` when it cannot be of this kind.
    pub fn read(&self, text: &str) -> Option<Value> {
        match self {
            Self::Number { .. } | Self::Above { .. } => number(text),
            Self::Effort => quoted(text)
                .unwrap_or_else(|| text.to_owned())
                .parse::<Effort>()
                .ok()
                .map(|effort| Value::from(effort.as_str())),
            Self::Integer { .. } => text.parse::<i64>().ok().map(Value::from),
            Self::Bool => match text {
                "true" | "on" | "yes" => Some(Value::Bool(true)),
                "false" | "off" | "no" => Some(Value::Bool(false)),
                _ => None,
            },
            Self::Text { .. } | Self::Choice(_) | Self::OpenChoice(_) => Some(Value::String(
                quoted(text).unwrap_or_else(|| text.to_owned()),
            )),
            Self::List { item, .. } => item.read_list(text),
            Self::Object { .. } | Self::Pairs { .. } => {
                serde_json::from_str(text).ok().filter(Value::is_object)
            }
            // Text that may be a list is read as one: `a,b` is never one text with a comma.
            Self::Either(kinds) if self.is_list() => kinds
                .iter()
                .find(|kind| kind.is_list())
                .and_then(|kind| kind.read(text)),
            Self::Either(kinds) => kinds
                .iter()
                .find_map(|kind| kind.read(text).filter(|value| kind.fits(value))),
        }
    }

    /// Reads a list of items of this kind: a JSON list, one item, or texts separated by commas.
    fn read_list(&self, text: &str) -> Option<Value> {
        match serde_json::from_str::<Value>(text) {
            Ok(list @ Value::Array(_)) => return Some(list),
            Ok(item @ (Value::Object(_) | Value::String(_))) => {
                return Some(Value::Array(vec![item]));
            }
            _ => {}
        }
        self.is_textual().then(|| {
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .collect()
        })
    }

    fn is_textual(&self) -> bool {
        matches!(
            self,
            Self::Text { .. } | Self::Choice(_) | Self::OpenChoice(_)
        )
    }

    /// Whether it is a list, so that a flag may be given several times.
    pub fn is_list(&self) -> bool {
        match self {
            Self::List { .. } => true,
            Self::Either(kinds) => kinds.iter().any(Self::is_list),
            _ => false,
        }
    }

    /// Whether the value may be sent.
    pub fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Number { least, most } => value
                .as_f64()
                .is_some_and(|number| (*least..=*most).contains(&number)),
            Self::Above { floor, most } => value
                .as_f64()
                .is_some_and(|number| number > *floor && number <= *most),
            Self::Integer { least, most } => value
                .as_i64()
                .is_some_and(|number| (*least..=*most).contains(&number)),
            Self::Text { most } => value
                .as_str()
                .is_some_and(|text| !text.is_empty() && text.chars().count() <= *most),
            Self::Bool => value.is_boolean(),
            Self::Effort => value
                .as_str()
                .is_some_and(|text| text.parse::<Effort>().is_ok()),
            Self::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::OpenChoice(_) => value.as_str().is_some_and(is_word),
            Self::List { least, most, item } => value.as_array().is_some_and(|items| {
                (*least..=*most).contains(&items.len())
                    && items.iter().all(|value| item.fits(value))
            }),
            Self::Object { needs, fields } => value
                .as_object()
                .is_some_and(|object| fits_object(object, needs, fields)),
            Self::Pairs {
                most,
                key,
                value: kind,
            } => value.as_object().is_some_and(|object| {
                object.len() <= *most
                    && object.iter().all(|(name, value)| {
                        !name.is_empty() && name.chars().count() <= *key && kind.fits(value)
                    })
            }),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.fits(value)),
        }
    }

    /// The first word in a fitting value that is not among the listed ones, with that list.
    pub fn doubt<'a>(&self, value: &'a Value) -> Option<(&'a str, &'static [&'static str])> {
        match self {
            Self::OpenChoice(words) => value
                .as_str()
                .filter(|word| !words.contains(word))
                .map(|word| (word, *words)),
            Self::List { item, .. } => value.as_array()?.iter().find_map(|value| item.doubt(value)),
            Self::Object { fields, .. } => {
                let object = value.as_object()?;
                fields
                    .iter()
                    .find_map(|(name, kind)| kind.doubt(object.get(*name)?))
            }
            Self::Either(kinds) => kinds
                .iter()
                .find(|kind| kind.fits(value))
                .and_then(|kind| kind.doubt(value)),
            _ => None,
        }
    }

    /// The words it accepts, for completion.
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Bool => vec!["true", "false"],
            Self::Effort => efforts(),
            Self::Choice(words) | Self::OpenChoice(words) => words.to_vec(),
            Self::List { item, .. } => item.words(),
            Self::Either(kinds) => kinds.iter().flat_map(Self::words).collect(),
            _ => Vec::new(),
        }
    }

    /// What goes after "must be", and into the documentation.
    pub fn description(&self) -> String {
        match self {
            Self::Number { least, most } if *most == UNBOUNDED => {
                format!("a number, {least} or more")
            }
            Self::Number { least, most } => format!("a number from {least} to {most}"),
            Self::Above { floor, most } if *most == UNBOUNDED => format!("a number above {floor}"),
            Self::Above { floor, most } => format!("a number above {floor}, at most {most}"),
            Self::Integer {
                least: i64::MIN, ..
            } => "a whole number".to_owned(),
            Self::Integer {
                least,
                most: LARGE..,
            } => format!("a whole number, {least} or more"),
            Self::Integer { least, most } => format!("a whole number from {least} to {most}"),
            Self::Text { most: ANY } => "text".to_owned(),
            Self::Text { most } => format!("text of at most {most} characters"),
            Self::Bool => "true or false".to_owned(),
            Self::Effort => format!("one of {}", efforts().join(", ")),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::OpenChoice(words) => format!("a value such as {}", words.join(", ")),
            Self::List {
                most: ANY, item, ..
            } => format!("a list of {}", item.plural()),
            Self::List { most, item, .. } => format!("a list of at most {most} {}", item.plural()),
            Self::Object { needs, fields } => described_object(needs, fields),
            Self::Pairs {
                most: ANY, value, ..
            } => format!("a JSON object, each value {}", value.description()),
            Self::Pairs { most, key, value } => {
                format!(
                    "a JSON object of at most {most} pairs, names of at most {key} characters, \
                    each value {}",
                    value.description()
                )
            }
            Self::Either(kinds) => kinds
                .iter()
                .map(Self::description)
                .collect::<Vec<_>>()
                .join("; or "),
        }
    }
}

fn efforts() -> Vec<&'static str> {
    Effort::ALL.map(Effort::as_str).to_vec()
}

/// Whether the text has the form of a word of the API.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))
}

impl ValueKind {
    /// The values in short, for the help of a flag: a range, or words in brackets, after what
    /// separates them from the meaning. Empty where the meaning is enough.
    pub fn range(&self) -> String {
        match self {
            Self::Number { least, most } if *most == UNBOUNDED => format!(", {least} or more"),
            Self::Number { least, most } => format!(", {least} to {most}"),
            Self::Above { floor, most } if *most == UNBOUNDED => format!(", above {floor}"),
            Self::Above { floor, most } => format!(", above {floor}, at most {most}"),
            Self::Integer {
                least: i64::MIN, ..
            } => String::new(),
            Self::Integer {
                least,
                most: LARGE..,
            } => format!(", {least} or more"),
            Self::Integer { least, most } => format!(", {least} to {most}"),
            Self::Effort | Self::Choice(_) | Self::OpenChoice(_) => {
                format!(" [{}]", self.words().join(", "))
            }
            Self::Text { most: ANY } => String::new(),
            Self::Text { most } => format!(", at most {most} characters"),
            Self::List { item, .. } => item.range(),
            Self::Either(kinds) => kinds.first().map(Self::range).unwrap_or_default(),
            Self::Bool | Self::Object { .. } | Self::Pairs { .. } => String::new(),
        }
    }

    /// The items of a list.
    fn plural(&self) -> String {
        match self {
            Self::Text { .. } => "strings".to_owned(),
            Self::OpenChoice(words) => format!("values such as {}", words.join(", ")),
            kind => format!("items, each {}", kind.description()),
        }
    }
}

fn fits_object(object: &Map<String, Value>, needs: &[&str], fields: &[(&str, ValueKind)]) -> bool {
    let has = |name: &&str| object.get(*name).is_some_and(|value| !value.is_null());
    let is_fine = |(name, kind): &(&str, ValueKind)| {
        object
            .get(*name)
            .is_none_or(|value| value.is_null() || kind.fits(value))
    };
    !object.is_empty() && needs.iter().all(has) && fields.iter().all(is_fine)
}

fn described_object(needs: &[&str], fields: &[(&str, ValueKind)]) -> String {
    let field = |(name, kind): &(&str, ValueKind)| format!("{name} ({})", kind.description());
    let known: Vec<String> = fields.iter().map(field).collect();
    match (known.is_empty(), needs.is_empty()) {
        (true, true) => "a JSON object".to_owned(),
        (true, false) => format!("a JSON object with {}", needs.join(" and ")),
        (false, true) => format!("a JSON object with any of {}", known.join(", ")),
        (false, false) => format!(
            "a JSON object with at least {}, and any of {}",
            needs.join(" and "),
            known.join(", ")
        ),
    }
}

/// A number as it is written, so that `40` remains an integer.
fn number(text: &str) -> Option<Value> {
    let plain = || serde_json::from_str::<Number>(text).ok();
    let other = || text.parse::<f64>().ok().and_then(Number::from_f64);
    plain().or_else(other).map(Value::Number)
}

/// The text inside a JSON string, which may have commas or look like a number.
fn quoted(text: &str) -> Option<String> {
    if text.starts_with('"') {
        serde_json::from_str(text).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WORDS: ValueKind = ValueKind::List {
        least: 1,
        most: 2,
        item: &ValueKind::Text { most: 3 },
    };

    #[test]
    fn text_is_read_by_kind() {
        let anything = ValueKind::Text { most: ANY };
        assert_eq!(anything.read("7"), Some(json!("7")));
        assert_eq!(anything.read("\"a,b\""), Some(json!("a,b")));
        assert_eq!(WORDS.read("a, b,"), Some(json!(["a", "b"])));
        assert_eq!(
            [
                WORDS.read("[\"a,b\"]"),
                WORDS.read("\"a,b\""),
                WORDS.read("7")
            ],
            [
                Some(json!(["a,b"])),
                Some(json!(["a,b"])),
                Some(json!(["7"]))
            ]
        );
        let number = ValueKind::Number {
            least: 0.0,
            most: 2.0,
        };
        assert_eq!(
            [
                number.read("1"),
                number.read("0.5"),
                number.read(".5"),
                number.read("1e0")
            ],
            [
                Some(json!(1)),
                Some(json!(0.5)),
                Some(json!(0.5)),
                Some(json!(1.0))
            ]
        );
        assert_eq!(
            [number.read("hot"), number.read("NaN"), number.read("\"1\"")],
            [None, None, None]
        );
        assert_eq!(
            [
                ValueKind::Bool.read("on"),
                ValueKind::Bool.read("false"),
                ValueKind::Bool.read("1")
            ],
            [Some(json!(true)), Some(json!(false)), None]
        );
    }

    #[test]
    fn a_kind_of_several_forms_is_read_by_the_first_that_fits() {
        let objects = ValueKind::List {
            least: 1,
            most: ANY,
            item: &ValueKind::Object {
                needs: &["id"],
                fields: &[],
            },
        };
        assert_eq!(
            [objects.read("{\"id\":1}"), objects.read("web")],
            [Some(json!([{"id": 1}])), None]
        );
        let stop = ValueKind::Either(&[WORDS, ValueKind::Text { most: ANY }]);
        assert_eq!(
            [stop.read("a,b"), stop.read("a")],
            [Some(json!(["a", "b"])), Some(json!(["a"]))]
        );
        assert!(!stop.fits(&stop.read("a,b,c").unwrap()) && stop.fits(&json!("a,b,c")));
        let sort = ValueKind::Either(&[
            ValueKind::OpenChoice(&["price"]),
            ValueKind::Object {
                needs: &["by"],
                fields: &[],
            },
        ]);
        assert_eq!(
            [
                sort.read("price"),
                sort.read("{\"by\":\"price\"}"),
                sort.read("{}")
            ],
            [Some(json!("price")), Some(json!({"by": "price"})), None]
        );
        let either = ValueKind::Either(&[
            ValueKind::Above {
                floor: 0.0,
                most: UNBOUNDED,
            },
            ValueKind::Object {
                needs: &[],
                fields: &[],
            },
        ]);
        assert_eq!(
            [
                either.read("3"),
                either.read("{\"p50\":1}"),
                either.read("0")
            ],
            [Some(json!(3)), Some(json!({"p50": 1})), None]
        );
    }

    #[test]
    fn bounds_are_inclusive() {
        let cases = [
            (
                ValueKind::Number {
                    least: -2.0,
                    most: 2.0,
                },
                json!(-2),
                json!(2.1),
            ),
            (
                ValueKind::Above {
                    floor: 0.0,
                    most: 2.0,
                },
                json!(2),
                json!(0),
            ),
            (
                ValueKind::Integer { least: 0, most: 20 },
                json!(20),
                json!(21),
            ),
            (
                ValueKind::Integer {
                    least: 0,
                    most: i64::MAX,
                },
                json!(0),
                json!(1.5),
            ),
        ];
        check(&cases);
    }

    #[test]
    fn lists_words_and_objects_are_checked_item_by_item() {
        let cases = [
            (ValueKind::Text { most: 3 }, json!("äöü"), json!("äöüx")),
            (WORDS, json!(["a", "b"]), json!(["a", "b", "c"])),
            (WORDS, json!(["a"]), json!([])),
            (ValueKind::Choice(&["a"]), json!("a"), json!("b")),
            (ValueKind::OpenChoice(&["a"]), json!("b"), json!("")),
            (
                ValueKind::Pairs {
                    most: 1,
                    key: 2,
                    value: &ValueKind::Text { most: 2 },
                },
                json!({"ab": "cd"}),
                json!({"abc": "cd"}),
            ),
            (
                ValueKind::Pairs {
                    most: 1,
                    key: 2,
                    value: &ValueKind::Text { most: 2 },
                },
                json!({}),
                json!({"a": "b", "c": "d"}),
            ),
            (
                ValueKind::Object {
                    needs: &["type"],
                    fields: &[("ttl", ValueKind::Choice(&["5m"]))],
                },
                json!({"type": "x", "more": 1}),
                json!({"type": "x", "ttl": "2d"}),
            ),
            (
                ValueKind::Object {
                    needs: &["type"],
                    fields: &[],
                },
                json!({"type": "x"}),
                json!({"ttl": "5m"}),
            ),
            (ValueKind::Bool, json!(true), json!("true")),
            (ValueKind::Effort, json!(" High "), json!("extreme")),
        ];
        check(&cases);
    }

    /// Each kind with a value that fits, and one that does not.
    fn check(cases: &[(ValueKind, Value, Value)]) {
        for (kind, fine, bad) in cases {
            assert!(kind.fits(fine), "{kind:?} {fine}");
            assert!(!kind.fits(bad), "{kind:?} {bad}");
        }
    }

    #[test]
    fn an_unlisted_word_is_found_also_inside_an_object() {
        const SORT: ValueKind = ValueKind::Either(&[
            ValueKind::OpenChoice(&["price"]),
            ValueKind::Object {
                needs: &[],
                fields: &[("by", ValueKind::OpenChoice(&["price"]))],
            },
        ]);
        let doubted = |value: Value| SORT.doubt(&value).map(|(word, _)| word.to_owned());
        assert_eq!(doubted(json!("price")), None);
        assert_eq!(doubted(json!("moon")).as_deref(), Some("moon"));
        assert_eq!(doubted(json!({"by": "moon"})).as_deref(), Some("moon"));
    }
}
