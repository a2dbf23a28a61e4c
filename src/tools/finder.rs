//! `find_tools` as a tool: what it finds is declared from the next request on.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::built_in::SOURCE;
use super::definition::definition;
use super::search::{self, Findable};
use super::tool::{Call, Pending, Runner, Tool, ToolOutput};
use crate::chat::tool::Declaration;
use crate::ports::approval::{CallToApprove, Standing};
use crate::wire::canonical;

/// A tool that is not declared until it is found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hidden {
    /// As it is sent.
    pub declaration: Declaration,
    /// Its description, of which the search reads all.
    pub source: String,
}

/// The tools of a question that searches them.
#[derive(Debug)]
pub(crate) struct Finder {
    hidden: Vec<Hidden>,
    /// Indices of those that were found, in the order in which they are declared.
    found: RefCell<Vec<usize>>,
}

impl Finder {
    pub(crate) fn new(hidden: Vec<Hidden>) -> Rc<Self> {
        Rc::new(Self {
            hidden,
            found: RefCell::default(),
        })
    }

    /// What is declared now: the search, and behind it what it has found. The beginning never
    /// changes, so that a provider can cache it.
    pub(crate) fn declarations(&self) -> Vec<Declaration> {
        let all: Vec<Findable<'_>> = self.hidden.iter().map(Hidden::findable).collect();
        let found = self.found.borrow();
        let found = found
            .iter()
            .map(|index| self.hidden[*index].declaration.clone());
        std::iter::once(search::declaration(&all))
            .chain(found)
            .collect()
    }

    /// The tool that searches.
    pub(crate) fn tool(self: &Rc<Self>) -> Tool {
        let Declaration {
            name,
            description,
            parameters,
        } = search::declaration(&[]);
        Tool {
            name,
            description,
            parameters,
            source: SOURCE.to_owned(),
            may_repeat: false,
            runner: Rc::new(FinderRunner(Rc::clone(self))),
        }
    }

    /// Searches, and declares what it finds.
    fn find(&self, query: &str) -> String {
        let all: Vec<Findable<'_>> = self.hidden.iter().map(Hidden::findable).collect();
        let best = search::best(query, &all);
        let mut found = self.found.borrow_mut();
        for index in &best {
            if !found.contains(index) {
                found.push(*index);
            }
        }
        let best: Vec<Findable<'_>> = best.into_iter().map(|index| all[index]).collect();
        search::result(&best)
    }
}

impl Hidden {
    fn findable(&self) -> Findable<'_> {
        Findable {
            name: &self.declaration.name,
            description: self.declaration.description.as_deref(),
            source: &self.source,
        }
    }
}

struct FinderRunner(Rc<Finder>);

impl Runner for FinderRunner {
    fn prepare<'a>(&'a self, arguments: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>> {
        let call = FinderCall {
            finder: Rc::clone(&self.0),
            arguments: arguments.clone(),
        };
        Box::pin(std::future::ready(Ok(Box::new(call) as Box<_>)))
    }
}

struct FinderCall {
    finder: Rc<Finder>,
    arguments: Value,
}

impl Call for FinderCall {
    fn shown(&self) -> CallToApprove {
        let parameters = search::declaration(&[]).parameters;
        CallToApprove {
            tool: search::NAME.to_owned(),
            source: SOURCE.to_owned(),
            text: canonical::json(&self.arguments),
            definition: definition(Value::Null, search::NAME, None, &parameters, None),
            standing: Standing::Free,
            ..CallToApprove::default()
        }
    }

    fn run(self: Box<Self>) -> Pending<'static, ToolOutput> {
        let content = self.finder.find(search::query(&self.arguments));
        Box::pin(std::future::ready(ToolOutput {
            bytes: content.len() as u64,
            content,
            is_error: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_found_is_declared_behind_the_search() {
        let hidden = |index: usize| Hidden {
            declaration: Declaration {
                name: format!("tool_{index}"),
                description: Some(format!("Does number{index} for you.")),
                parameters: json!({"type": "object", "properties": {}}),
            },
            source: "server many".to_owned(),
        };
        let finder = Finder::new((0..120).map(hidden).collect());
        let names = || -> Vec<String> {
            let declared = finder.declarations().into_iter();
            declared.map(|declaration| declaration.name).collect()
        };
        assert_eq!(names(), ["find_tools"]);
        let first = finder.declarations()[0].clone();
        let run = |query: &str| {
            let arguments = json!({"query": query});
            let runner = finder.tool().runner;
            let output = crate::ports::equipment::block_on(async {
                let call = runner.prepare(&arguments).await.unwrap();
                assert_eq!(call.shown().standing, Standing::Free);
                call.run().await
            });
            output.unwrap().content
        };
        let found = run("number7 number11 number22 number33 number44 number55 tool");
        assert_eq!(found.lines().count(), 6, "{found}");
        assert_eq!(names().len(), 6);
        let before = names();
        assert!(
            run("tool_99").contains("tool_99: Does number99"),
            "{:?}",
            names()
        );
        assert_eq!(names()[..6], before);
        run("tool_99");
        assert!(run("xyzzy").starts_with("no tool has one of these words"));
        assert_eq!(finder.declarations()[0], first);
    }
}
