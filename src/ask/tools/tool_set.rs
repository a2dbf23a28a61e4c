//! The tools of one question: those that are named, and how they are declared to each model.

use std::rc::Rc;

use super::servers;
use super::session::ToolSession;
use crate::ask::model_facts::ModelFacts;
use crate::ask::question::Resolved;
use crate::chat::tool::Declaration;
use crate::config::options::Remark;
use crate::config::{Setting, Settings, ValueSource};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::tools::dialects;
use crate::tools::finder::{Finder, Hidden};
use crate::tools::names::{self, UnknownTool};
use crate::tools::offer::Named;
use crate::tools::tool::Tool;
use crate::tools::{offer, search};

/// The tools of a question.
pub(crate) struct ToolSet {
    pub session: Rc<ToolSession>,
    /// How often the model is asked again after tool results.
    pub max_steps: u32,
    tools: Vec<Rc<Tool>>,
    /// Searches them; `None` when all of them are declared.
    finder: Option<(Rc<Finder>, Rc<Tool>)>,
}

/// The warning that tools are not called where the settings name some; `what` says what is asked.
pub(crate) fn unused(settings: &Settings, what: &str) -> Option<Remark> {
    let named = named(settings)?;
    let owner = match &named.source {
        ValueSource::File { .. } => format!("profile '{}'", settings.profile.value),
        ValueSource::Template { name } => format!("template '{name}'"),
        _ => "the conversation".to_owned(),
    };
    let tools = named.value.join(", ");
    Some(Remark::Warning(format!(
        "{owner} has tools ({tools}); {what} without them"
    )))
}

/// The names and patterns of the settings, where there are some.
fn named(settings: &Settings) -> Option<&Setting<Vec<String>>> {
    let named = settings.tools.as_ref();
    named.filter(|named| !named.value.is_empty())
}

/// The tools that the settings name; `None` when they name none.
///
/// # Errors
/// A name that no tool has, or a folder that cannot be read.
pub(crate) fn choose(
    resolved: &Resolved<'_>,
    session: Option<&Rc<ToolSession>>,
    equipment: &Equipment,
    remarks: &mut Vec<Remark>,
) -> Result<Option<ToolSet>, CommandError> {
    let settings = resolved.settings;
    let (Some(session), Some(named)) = (session, named(settings)) else {
        return Ok(None);
    };
    let mut all = session.local(resolved.config, equipment)?;
    let of_servers = servers::offered(session, resolved.config, &named.value, equipment);
    let wanted = servers::without_lost(&named.value, &of_servers.lost);
    if wanted.is_empty() && !is_of_file(&named.source) {
        return servers::all_lost(&of_servers.lost).map_or(Ok(None), Err);
    }
    remarks.extend(of_servers.warnings().map(Remark::Warning));
    all.extend(of_servers.tools);
    let is_wanted = |tool: &&Tool| wanted.iter().any(|name| names::matches(name, &tool.name));
    let chosen = all.iter().filter(is_wanted);
    let chosen: Vec<String> = chosen.map(|tool| tool.name.clone()).collect();
    let Named {
        tools,
        warnings,
        missing,
    } = offer::named(all, &wanted, equipment.is_replaying())
        .map_err(|unknown| no_such_tool(unknown, &named.source, settings))?;
    if tools.is_empty() && matches!(named.source, ValueSource::Flag { .. }) {
        none_can_be_called(&missing)?;
    }
    let rules = servers::without_lost(&session.unchecked_rules(), &of_servers.lost);
    let unmatched = unmatched_rules(&rules, &chosen)?;
    let warnings = warnings.into_iter().chain(missing).chain(unmatched);
    remarks.extend(warnings.map(Remark::Warning));
    let mut set = ToolSet {
        session: Rc::clone(session),
        max_steps: settings.max_steps.value,
        tools: tools.into_iter().map(Rc::new).collect(),
        finder: None,
    };
    let (declared, warnings) = set.all(settings);
    remarks.extend(warnings.into_iter().map(Remark::Warning));
    if let Some(name) = raw_function(settings).filter(|_| !set.tools.is_empty()) {
        return Err(raw_and_named(&name));
    }
    let facts = ModelFacts::of(settings, equipment);
    let listed = facts.model().and_then(|model| model.context);
    let window = settings.context_window.or(listed);
    if search::is_needed(settings.tool_search.value, &declared, window) {
        set.search(declared);
    }
    Ok((!set.tools.is_empty()).then_some(set))
}

/// A warning for each pattern of `--allow` beside settings that name no tool.
///
/// # Errors
/// A name of `--allow` beside them.
pub(crate) fn rules_alone(
    settings: &Settings,
    session: &ToolSession,
) -> Result<Vec<Remark>, CommandError> {
    if named(settings).is_some() {
        return Ok(Vec::new());
    }
    let unmatched = unmatched_rules(&session.unchecked_rules(), &[])?;
    Ok(unmatched.into_iter().map(Remark::Warning).collect())
}

/// A warning for each pattern of `--allow` that matches no tool.
///
/// # Errors
/// A name that none of the tools has.
fn unmatched_rules(rules: &[String], chosen: &[String]) -> Result<Vec<String>, CommandError> {
    let known: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let choice = names::choose(rules, &known).map_err(|unknown| {
        let name = unknown.name.escape_debug();
        let error = CommandError::usage(format!(
            "--allow names tool '{name}', which this question does not have"
        ));
        match unknown.nearest {
            Some(nearest) => error.hint(format!("did you mean {nearest}?")),
            None => error.hint(format!("--tool {name}   (lets the model call it)")),
        }
    })?;
    let words =
        |pattern: &String| format!("no tool matches '{}' of --allow", pattern.escape_debug());
    Ok(choice.unmatched.iter().map(words).collect())
}

/// An error when all tools that the command line names are missing: the question was about them.
fn none_can_be_called(missing: &[String]) -> Result<(), CommandError> {
    if missing.is_empty() {
        return Ok(());
    }
    let error = CommandError::new(ErrorKind::Tool, missing.join("; "));
    Err(error.hint("amx tools list   (lists the tools that there are)"))
}

fn no_such_tool(unknown: UnknownTool, source: &ValueSource, settings: &Settings) -> CommandError {
    let name = unknown.name.escape_debug();
    let error = match source {
        ValueSource::File { .. } => CommandError::new(
            ErrorKind::Config,
            format!(
                "profile '{}' names tool '{name}', which does not exist",
                settings.profile.value
            ),
        ),
        ValueSource::Template { name: template } => CommandError::new(
            ErrorKind::Config,
            format!("template '{template}' names tool '{name}', which does not exist"),
        ),
        _ => CommandError::usage(format!("there is no tool '{name}'")),
    };
    let error = match unknown.nearest {
        Some(nearest) => error.hint(format!("did you mean {nearest}?")),
        None => error,
    };
    error.hint("amx tools list   (lists the tools that there are)")
}

/// Whether names come from a file: one of its MCP servers may be away.
fn is_of_file(source: &ValueSource) -> bool {
    matches!(
        source,
        ValueSource::File { .. } | ValueSource::Template { .. }
    )
}

/// The name of a function among the raw `tools` of the body.
fn raw_function(settings: &Settings) -> Option<String> {
    let raw = settings.body.get("tools")?.as_array()?;
    let function = raw.iter().find(|tool| tool["type"] == "function")?;
    let name = function["function"]["name"].as_str();
    Some(name.unwrap_or_default().escape_debug().to_string())
}

fn raw_and_named(name: &str) -> CommandError {
    CommandError::usage(format!(
        "function '{name}' of tools=[…] is not run, so it cannot be sent with named tools"
    ))
    .hint("declare it under tools: in config.yml, and name it with --tool")
    .hint("--no-tools   (sends the functions alone, for a program that runs the calls)")
}

impl ToolSet {
    /// The tool of that name.
    pub(super) fn tool(&self, name: &str) -> Option<&Rc<Tool>> {
        let search = self.finder.iter().map(|(_, tool)| tool);
        search.chain(&self.tools).find(|tool| tool.name == name)
    }

    /// The names that a call may have.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(|tool| tool.name.as_str())
    }

    /// Whether a step may change what is declared.
    pub(crate) fn is_searched(&self) -> bool {
        self.finder.is_some()
    }

    /// What is declared to the model of these settings, always in the same order: what a search has
    /// found is behind the rest.
    pub(crate) fn declarations(&self, settings: &Settings) -> Vec<Declaration> {
        let (all, _) = self.all(settings);
        let Some((finder, _)) = &self.finder else {
            return all;
        };
        let in_dialect = |found: Declaration| {
            let own = all.iter().find(|own| own.name == found.name);
            own.cloned().unwrap_or(found)
        };
        finder.declarations().into_iter().map(in_dialect).collect()
    }

    /// All tools as the model of these settings accepts them, and a warning for each other one.
    fn all(&self, settings: &Settings) -> (Vec<Declaration>, Vec<String>) {
        let dialect = dialects::of(settings.entry.name, &settings.model.value);
        let (mut declared, mut warnings) = (Vec::new(), Vec::new());
        for tool in &self.tools {
            match offer::declaration(tool, dialect) {
                Ok(declaration) => declared.push(declaration),
                Err(warning) => warnings.push(warning),
            }
        }
        (declared, warnings)
    }

    /// Declares a search in place of the tools themselves.
    fn search(&mut self, declared: Vec<Declaration>) {
        let source = |declaration: &Declaration| {
            let mut tools = self.tools.iter();
            let tool = tools.find(|tool| tool.name == declaration.name);
            tool.map(|tool| tool.source.clone()).unwrap_or_default()
        };
        let hidden = declared.into_iter().map(|declaration| Hidden {
            source: source(&declaration),
            declaration,
        });
        let finder = Finder::new(hidden.collect());
        let tool = Rc::new(finder.tool());
        self.finder = Some((finder, tool));
    }
}

#[cfg(test)]
impl ToolSet {
    /// These tools, for tests.
    pub(super) fn of(session: ToolSession, tools: Vec<Tool>, max_steps: u32) -> Self {
        Self {
            session: Rc::new(session),
            max_steps,
            tools: tools.into_iter().map(Rc::new).collect(),
            finder: None,
        }
    }
}
