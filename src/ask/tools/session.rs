//! What lasts as long as a conversation: folders that may be read, and what decides about calls.

use std::cell::{Cell, OnceCell, RefCell, RefMut};
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::mcp_server::McpServer;
use crate::config::{ConfigFile, Home};
use crate::mcp::offer::offered;
use crate::mcp::servers::Servers;
use crate::platform::beneath::BeneathError;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::value::{ValueForm, ValueOwner};
use crate::tools::command::{CommandContext, Resolve};
use crate::tools::gate::Gate;
use crate::tools::tool::Tool;
use crate::tools::{environment, offer};

/// What the tools of a conversation, or of a single question, have in common. Reads nothing and
/// starts nothing before tools are named.
pub(crate) struct ToolSession {
    /// Folders that the built-in file tools may read.
    roots: Vec<PathBuf>,
    gate: RefCell<Gate>,
    servers: OnceCell<Servers>,
    /// The names of `--allow` were compared with those of tools.
    has_checked: Cell<bool>,
}

impl ToolSession {
    pub(crate) fn new(roots: Vec<PathBuf>, gate: Gate) -> Self {
        Self {
            roots,
            gate: RefCell::new(gate),
            servers: OnceCell::new(),
            has_checked: Cell::new(false),
        }
    }

    /// What decides whether a call runs, and logs it.
    pub(crate) fn gate(&self) -> RefMut<'_, Gate> {
        self.gate.borrow_mut()
    }

    /// The names and patterns of `--allow`, for the first question: later ones may have other
    /// tools.
    pub(super) fn unchecked_rules(&self) -> Vec<String> {
        if self.has_checked.replace(true) {
            Vec::new()
        } else {
            self.gate.borrow().permissions.flags()
        }
    }

    /// The MCP servers, which end with this.
    pub(crate) fn servers(&self, equipment: &Equipment) -> &Servers {
        self.servers.get_or_init(|| Servers::new(equipment))
    }

    /// All tools that are known: those of [`Self::local`], and those that MCP servers listed when
    /// they ran. Nothing is started. The servers that have not been listed are named.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn known(
        &self,
        config: &ConfigFile,
        equipment: &Equipment,
    ) -> Result<(Vec<Tool>, Vec<String>), CommandError> {
        let mut tools = self.local(config, equipment)?;
        if config.mcp_servers.is_empty() {
            return Ok((tools, Vec::new()));
        }
        let servers: Vec<McpServer> = config.mcp_servers.values().cloned().collect();
        let found = offered(self.servers(equipment), &servers);
        tools.extend(found.tools);
        let unlisted = found.lost.into_iter().map(|server| server.name);
        Ok((tools, unlisted.collect()))
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
        let private = home.as_ref().map(Home::directory);
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
