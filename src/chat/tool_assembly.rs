//! Puts the tool calls of an answer together from their fragments.

use serde::de::IgnoredAny;

use super::delta::ToolFragment;
use super::tool::ToolCall;

/// How many calls back a fragment may continue: calls arrive one after the other.
const CALLS_WITHIN: usize = 128;

/// The tool calls that have arrived.
#[derive(Debug, Default)]
pub(super) struct ToolAssembly {
    tools: Vec<ToolFragment>,
}

impl ToolAssembly {
    /// Adds the calls of a whole message, each complete.
    pub(super) fn add_whole(&mut self, calls: impl Iterator<Item = ToolFragment>) {
        calls.for_each(|call| self.start(call));
    }

    /// Adds a fragment of a stream: to the call with its index, or as a call of its own.
    pub(super) fn add(&mut self, fragment: ToolFragment) {
        let open = self
            .tools
            .iter_mut()
            .rev()
            .take(CALLS_WITHIN)
            .find(|open| open.index == fragment.index);
        match open {
            Some(open) if !is_new_call(open, &fragment) => {
                if let Some(name) = fragment
                    .name
                    .filter(|name| !name.is_empty() && open.name.is_none())
                {
                    open.name = Some(name);
                }
                open.id = open.id.take().or(fragment.id.filter(|id| !id.is_empty()));
                open.extra_content = open.extra_content.take().or(fragment.extra_content);
                open.arguments
                    .get_or_insert_default()
                    .push_str(&fragment.arguments.unwrap_or_default());
            }
            _ => self.start(fragment),
        }
    }

    fn start(&mut self, fragment: ToolFragment) {
        self.tools.push(ToolFragment {
            id: fragment.id.filter(|id| !id.is_empty()),
            ..fragment
        });
    }

    /// The complete tool calls. One without an ID has an empty one.
    pub(super) fn calls(&self) -> Vec<ToolCall> {
        let named = self.tools.iter().filter(|tool| tool.name.is_some());
        named
            .map(|tool| {
                let arguments = tool.arguments.as_deref().unwrap_or_default().trim();
                ToolCall {
                    id: tool.id.clone().unwrap_or_default(),
                    name: tool.name.clone().unwrap_or_default(),
                    arguments: if arguments.is_empty() {
                        "{}".to_owned()
                    } else {
                        arguments.to_owned()
                    },
                    extra_content: tool.extra_content.clone(),
                }
            })
            .collect()
    }
}

/// Whether a fragment with the index of an open call starts another one. Some servers give all
/// calls the same index, or none; Google's compatible endpoint also sends them without an ID.
fn is_new_call(open: &ToolFragment, fragment: &ToolFragment) -> bool {
    let new_id = fragment.id.as_ref().filter(|id| !id.is_empty());
    if let Some((open, new)) = open.id.as_ref().zip(new_id) {
        return open != new;
    }
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let Some(name) = text(&fragment.name) else {
        return false;
    };
    // The last fragment of a call may repeat its name.
    let is_other = text(&fragment.arguments).is_some() || open.name.as_ref() != Some(&name);
    is_other && is_complete(open.arguments.as_deref().unwrap_or_default())
}

/// Whether the arguments of a call are an object to its end.
fn is_complete(arguments: &str) -> bool {
    let arguments = arguments.trim();
    arguments.starts_with('{')
        && arguments.ends_with('}')
        && serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fragment(index: Option<u64>, id: &str, name: &str, arguments: Option<&str>) -> ToolFragment {
        ToolFragment {
            index,
            id: Some(id.to_owned()),
            name: (!name.is_empty()).then(|| name.to_owned()),
            arguments: arguments.map(str::to_owned),
            extra_content: None,
        }
    }

    /// The ID, name and arguments of each call.
    type Calls = Vec<(String, String, String)>;

    fn calls(assembly: &ToolAssembly) -> Calls {
        let calls = assembly.calls().into_iter();
        calls
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    fn streamed(fragments: Vec<ToolFragment>) -> Calls {
        let mut assembly = ToolAssembly::default();
        fragments
            .into_iter()
            .for_each(|fragment| assembly.add(fragment));
        calls(&assembly)
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn arguments_may_be_missing_empty_split_or_followed_by_blanks() {
        let fragments = vec![
            fragment(Some(0), "a", "now", None),
            fragment(Some(1), "b", "today", Some("")),
            fragment(Some(2), "c", "weather", Some("{\"city\":")),
            fragment(Some(2), "", "", Some("\"Oslo\"}")),
            fragment(Some(2), "", "", Some(" ")),
        ];
        assert_eq!(
            streamed(fragments),
            [
                call("a", "now", "{}"),
                call("b", "today", "{}"),
                call("c", "weather", "{\"city\":\"Oslo\"}")
            ]
        );
    }

    #[test]
    fn a_reused_index_with_a_new_id_is_a_new_call_and_a_repeated_id_is_not() {
        let fragments = vec![
            fragment(Some(0), "a", "one", Some("{}")),
            fragment(Some(0), "b", "two", Some("{\"x\":")),
            fragment(Some(0), "b", "two", Some("1}")),
            fragment(Some(0), "b", "two", Some("")),
            fragment(Some(1), "", "three", None),
        ];
        assert_eq!(
            streamed(fragments),
            [
                call("a", "one", "{}"),
                call("b", "two", "{\"x\":1}"),
                call("", "three", "{}")
            ]
        );
    }

    #[test]
    fn a_name_after_complete_arguments_is_a_new_call() {
        for index in [None, Some(0)] {
            let fragments = vec![
                fragment(index, "", "read", Some("{\"path\":\"a\"}")),
                fragment(index, "", "read", Some("{\"path\":")),
                fragment(index, "", "read", Some("\"b\"}")),
                fragment(index, "", "read", Some("")),
                fragment(index, "", "now", Some("{}")),
            ];
            assert_eq!(
                streamed(fragments),
                [
                    call("", "read", "{\"path\":\"a\"}"),
                    call("", "read", "{\"path\":\"b\"}"),
                    call("", "now", "{}")
                ]
            );
        }
    }

    #[test]
    fn each_call_of_a_whole_message_is_one_of_its_own() {
        let mut assembly = ToolAssembly::default();
        let fragments = ["a", "b"].map(|path| fragment(None, "", "read", Some(path)));
        assembly.add_whole(fragments.into_iter());
        assembly.add_whole(std::iter::once(fragment(None, "", "now", None)));
        assert_eq!(
            calls(&assembly),
            [
                call("", "read", "a"),
                call("", "read", "b"),
                call("", "now", "{}")
            ]
        );
    }
}
