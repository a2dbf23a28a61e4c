//! What lasts as long as a conversation: its tools, and how often the model is asked again.

use std::rc::Rc;

use crate::chat::tool::Declaration;
use crate::tools::tool::Tool;

/// The tools of a conversation, or of a single question.
pub(crate) struct ToolSession {
    /// Those that are declared, in the order in which they are sent.
    pub tools: Vec<Rc<Tool>>,
    /// How often the model is asked again after tool results.
    pub max_steps: u32,
}

impl ToolSession {
    /// The tools as they are declared.
    pub(crate) fn declarations(&self) -> Vec<Declaration> {
        let declared = |tool: &Rc<Tool>| Declaration {
            name: tool.name.clone(),
            description: tool.description.clone(),
            parameters: tool.parameters.clone(),
        };
        self.tools.iter().map(declared).collect()
    }

    /// The tool of that name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Rc<Tool>> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}
