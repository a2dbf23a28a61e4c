//! The first call of the engine: plans a question and runs every check. Sends nothing but the
//! request for a price that a cap needs.

use std::rc::Rc;
use std::sync::Arc;

use super::plan::{self, PlannedTarget};
use super::preflight::{self, parameters, whole_body};
use super::question::{Checks, Question, Resolved};
use super::row_request::RowContent;
use super::tools::{self, ToolSet};
use super::{prices, rating, services};
use crate::chat::message::ContentPart;
use crate::chat::schema::Schema;
use crate::chat::turn::Turn;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::wire::body::RequestBody;

/// A question that is ready to be sent, or the check that it failed. Its tools stay on the thread
/// that prepared them.
pub(crate) struct Prepared<Tools = Option<Rc<ToolSet>>> {
    pub parts: Vec<ContentPart>,
    /// The target of the profile, then those of its fallback profiles; never empty.
    pub targets: Vec<PlannedTarget>,
    pub schema: Option<Arc<Schema>>,
    /// Log probabilities and a declared confidence are requested.
    pub is_rated: bool,
    /// The tools whose calls are run.
    pub tools: Tools,
    /// Notes and warnings to show before it is sent.
    pub remarks: Vec<Remark>,
    /// The name of the template of the question.
    pub template: Option<String>,
    /// The check that it failed.
    refusal: Option<CommandError>,
}

/// Plans a question and runs every check. Reads the cached catalogue; where a cap needs a price
/// that is not in it, the catalogue is fetched once.
///
/// # Errors
/// When a target cannot be planned, and with `strict` when a parameter is not supported. A failed
/// check is not an error here, so that `--dry-run` can show the body: see [`Prepared::allowed`].
pub(crate) fn prepare(
    resolved: &Resolved<'_>,
    question: Question<'_>,
    checks: Checks,
    equipment: &Equipment,
) -> Result<Prepared, CommandError> {
    let mut remarks: Vec<Remark> = Vec::new();
    let tools = tools::choose(resolved, question.tools, equipment, &mut remarks)?.map(Rc::new);
    if question.answers > 1 {
        let what = "several answers are asked for";
        remarks.extend(tools::unused(resolved.settings, what));
    }
    let mut targets = plan::targets(resolved, &question, tools.as_deref(), equipment)?;
    if !checks.is_dry_run {
        equipment.open_telemetry(resolved.config)?;
    }
    if !checks.is_dry_run && !equipment.is_replaying() {
        let mut fetched = prices::fetch(&targets, equipment)?;
        remarks.append(&mut fetched.remarks);
        if fetched.is_new {
            targets = plan::targets(resolved, &question, tools.as_deref(), equipment)?;
        }
        for planned in &mut targets {
            planned.price_lookup = fetched.lookup(&planned.settings.profile.value);
        }
    }
    let planned = || targets.iter().flat_map(|planned| &planned.remarks);
    remarks.extend(planned().filter(|remark| is_note(remark)).cloned());
    remarks.extend(planned().filter(|remark| !is_note(remark)).cloned());
    remarks.extend(parameters::remove_unsupported(
        &mut targets,
        checks,
        equipment,
    )?);
    if let Some(count) = question.rated {
        rating::request(&mut targets);
        remarks.extend(rating::remark(&targets, count));
    }
    let refusal = preflight::check(&targets, checks, equipment, &mut remarks).err();
    Ok(Prepared {
        parts: question.parts,
        targets,
        schema: question.schema,
        is_rated: question.rated.is_some(),
        tools,
        remarks,
        template: template_of(resolved),
        refusal,
    })
}

impl<Tools> Prepared<Tools> {
    /// The question itself, when every check passed.
    ///
    /// # Errors
    /// The error of the failed check; the kind is
    /// [`Usage`](crate::ports::ErrorKind::Usage) or [`Limit`](crate::ports::ErrorKind::Limit).
    pub(crate) fn allowed(mut self) -> Result<Self, CommandError> {
        match self.refusal.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// The error of the failed check.
    pub(crate) fn refusal(&self) -> Option<&CommandError> {
        self.refusal.as_ref()
    }

    /// The first target.
    pub(crate) fn first(&self) -> Option<&PlannedTarget> {
        self.targets.first()
    }

    /// The context window of the first target's model, in tokens; `None` when unknown.
    pub(crate) fn context_window(&self) -> Option<u64> {
        self.first()?.settings.context_window
    }

    /// The turn of the question, not answered yet. Of a system prompt with `${NAME}` it has the
    /// reference: the value may be a secret that was meant for the model only.
    pub(crate) fn turn(&self, settings: &Settings) -> Turn {
        let system = settings.system.as_ref().map(|system| &system.value);
        let system = settings.written_system.as_ref().or(system).cloned();
        Turn::new(
            self.parts.clone(),
            system.filter(|system| !system.is_empty()),
            &settings.profile.value,
            settings.entry.name,
            &settings.model.value,
        )
    }

    /// The most that one request may cost in USD, of whichever target; `None` when a price is
    /// unknown.
    pub(crate) fn worst_case(&self) -> Option<f64> {
        let of_target = |planned: &PlannedTarget| {
            if planned.settings.entry.is_demo() {
                return Some(0.0);
            }
            let worst = planned.target.worst_case?;
            Some(worst.of(planned.target.request.max_tokens))
        };
        let costs: Option<Vec<f64>> = self.targets.iter().map(of_target).collect();
        Some(costs?.into_iter().fold(0.0, f64::max))
    }

    /// The body of the first request as JSON, with its keys in the order in which they are sent.
    pub(crate) fn body(&self) -> RequestBody {
        self.first().map_or_else(RequestBody::default, |planned| {
            let mut target = planned.target.clone();
            services::cap_server_tools(&planned.settings, planned.cap, &mut target);
            target.provider.encode(&target.request)
        })
    }
}

impl Prepared {
    /// `count` copies of the question, labelled from 1.
    pub(crate) fn numbered(self, count: usize) -> Vec<(String, Self)> {
        let copy = |number: usize| {
            let one = Self {
                parts: Vec::new(),
                targets: self.targets.clone(),
                schema: self.schema.clone(),
                is_rated: self.is_rated,
                tools: None,
                remarks: Vec::new(),
                template: self.template.clone(),
                refusal: None,
            };
            (number.to_string(), one)
        };
        (1..=count).map(copy).collect()
    }

    /// The same question without its tools, for rows on other threads.
    pub(crate) fn without_tools(self) -> PreparedRow {
        PreparedRow {
            parts: self.parts,
            targets: self.targets,
            schema: self.schema,
            is_rated: self.is_rated,
            tools: (),
            remarks: self.remarks,
            template: self.template,
            refusal: self.refusal,
        }
    }
}

/// The question of a row, whose calls are not run.
pub(crate) type PreparedRow = Prepared<()>;

impl PreparedRow {
    /// A request that was planned and checked by its caller.
    pub(super) fn of(planned: PlannedTarget) -> Self {
        Self {
            parts: Vec::new(),
            targets: vec![planned],
            schema: None,
            is_rated: false,
            tools: (),
            remarks: Vec::new(),
            template: None,
            refusal: None,
        }
    }

    /// The same settings with the question of a row, which is checked too. Reads neither files nor
    /// the network.
    pub(crate) fn with_row(
        &self,
        content: &RowContent,
        checks: Checks,
        equipment: &Equipment,
    ) -> Self {
        let with_row = |planned: &PlannedTarget| planned.with_row(content, equipment);
        let mut targets: Vec<PlannedTarget> = self.targets.iter().map(with_row).collect();
        let mut remarks = Vec::new();
        let refusal = if let RowContent::Texts(endpoint, _) = content {
            // Vectors of two models cannot be compared.
            targets.truncate(1);
            preflight::check_texts(&targets, *endpoint, checks, equipment, &mut remarks).err()
        } else {
            let checked = preflight::check(&targets, checks, equipment, &mut remarks);
            let whole = || match content {
                RowContent::Body(body) if !equipment.is_replaying() => {
                    whole_body::check(&targets, body)
                }
                _ => Ok(()),
            };
            checked.and_then(|()| whole()).err()
        };
        Self {
            parts: Vec::new(),
            targets,
            schema: self.schema.clone(),
            is_rated: false,
            tools: (),
            remarks,
            template: self.template.clone(),
            refusal,
        }
    }

    /// Uses the keys of another question where profile and server are the same, so that each is
    /// looked up once.
    pub(crate) fn share_keys(&mut self, other: &Self) {
        for planned in &mut self.targets {
            let target = &mut planned.target;
            let mut known = other.targets.iter().map(|planned| &planned.target);
            let same = known
                .find(|known| known.profile == target.profile && known.base_url == target.base_url);
            if let Some(same) = same {
                target.credential = Arc::clone(&same.credential);
            }
        }
    }
}

fn template_of(resolved: &Resolved<'_>) -> Option<String> {
    let template = resolved.overrides.template.as_ref();
    template.map(|template| template.name.clone())
}

fn is_note(remark: &Remark) -> bool {
    matches!(remark, Remark::Note(_))
}
