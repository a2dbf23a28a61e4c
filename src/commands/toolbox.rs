//! The tools of this run: which there are, and what decides whether a call of one runs.

use std::cell::{RefCell, RefMut};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::arguments::tools::ToolRules;
use crate::config::{ConfigFile, Environment};
use crate::platform::beneath::BeneathError;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::value::{ValueForm, ValueOwner};
use crate::tools::command::{CommandContext, Resolve};
use crate::tools::gate::Gate;
use crate::tools::permissions::Permissions;
use crate::tools::tool::Tool;
use crate::tools::{environment, offer};

/// Lasts as long as a conversation, or a single question.
pub(crate) struct Toolbox {
    roots: Vec<PathBuf>,
    gate: Rc<RefCell<Gate>>,
}

impl Toolbox {
    /// Reads nothing and starts nothing.
    pub(crate) fn new(rules: &ToolRules, environment: &Environment) -> Self {
        let permissions = Permissions::new(rules.allow.iter().cloned());
        let gate = Gate::new(environment.clone(), permissions);
        Self {
            roots: rules.roots.clone(),
            gate: Rc::new(RefCell::new(gate)),
        }
    }

    /// What decides whether a call runs.
    pub(crate) fn gate(&self) -> RefMut<'_, Gate> {
        self.gate.borrow_mut()
    }

    /// The commands of the configuration and the built-in tools.
    ///
    /// # Errors
    /// When a folder of `--root` cannot be read.
    pub(crate) fn local(
        &self,
        config: &ConfigFile,
        equipment: &Equipment,
    ) -> Result<Vec<Tool>, CommandError> {
        let context = CommandContext {
            environment: environment::allowed(&equipment.environment),
            directory: std::env::current_dir().unwrap_or_default(),
            resolve: resolve(equipment),
        };
        let home = equipment.home().ok();
        let private = home.as_ref().map(|home| home.directory());
        offer::local(config, &context, &self.roots, private)
            .map_err(|(path, error)| unreadable(&path.display().to_string(), error))
    }
}

/// Resolves the references of the variables of commands.
fn resolve(equipment: &Equipment) -> Resolve {
    let equipment = equipment.clone();
    Arc::new(move |tool, name, text| {
        let owner = ValueOwner::new("tools", tool, None);
        let place = format!("tools.{tool}.env.{name}");
        let resolved = equipment
            .values()
            .resolve(text, ValueForm::Value, &place, &owner);
        resolved.map_err(|error| error.to_string())
    })
}

fn unreadable(path: &str, error: BeneathError) -> CommandError {
    CommandError::new(ErrorKind::Input, format!("--root {path} cannot be read"))
        .caused_by(error)
        .hint("--root DIR   (a folder that you can read)")
}
