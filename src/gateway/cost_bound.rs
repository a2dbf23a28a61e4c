//! The most that a request can cost, before it is sent.

use serde_json::Value;

use super::client_body::ClientBody;
use super::front::Front;
use super::problem::Problem;
use super::route::{Route, RouteTarget};
use crate::chat::cost::{MAX_IMAGE_TOKENS, count, most_tokens};
use crate::chat::hidden_content::HiddenContent;
use crate::providers::unbounded;

/// Output tokens of a request without a limit to a model of unknown maximum.
const ASSUMED_OUTPUT: u64 = 65_536;

/// Checks that a limit on money can be kept for a request.
///
/// # Errors
/// It refers to content, models or services whose cost is unknown.
pub(super) fn check_bounded(
    front: Front,
    route: &Route,
    body: &ClientBody,
    hidden: &HiddenContent,
) -> Result<(), Problem> {
    if hidden.is_unbounded {
        return Err(Problem::quota(
            "the size of content by URL or ID is unknown, so the limit on money cannot be \
            enforced; send the content itself",
        ));
    }
    if !super::fallback_models::of(body)?.is_empty() {
        return Err(Problem::quota(
            "the prices of the models in 'models' are unknown, so the limit on money cannot be \
            enforced",
        ));
    }
    let mut targets = route.targets.iter().filter(|target| target.offers(front));
    targets.try_for_each(|target| check_services(target, body, hidden))
}

/// Checks that no service is billed beside the tokens. A tool is only offered to the model: coding
/// agents declare the search of the provider with every request.
fn check_services(
    target: &RouteTarget,
    body: &ClientBody,
    hidden: &HiddenContent,
) -> Result<(), Problem> {
    let sent = |name: &str| {
        let of_profile = || target.body.get(name).cloned();
        let value = if body.has(name) {
            body.value(name)
        } else {
            of_profile()
        };
        value.unwrap_or_default()
    };
    match unbounded::cost_of(&target.model, sent, hidden.has_documents) {
        None => Ok(()),
        Some(what) => {
            let message = format!("{what}, so the limit on money cannot be enforced");
            Err(Problem::quota(message))
        }
    }
}

/// The most that a request can cost, in USD, at each profile of its route; `None` without a price,
/// and for a profile that is not asked.
#[derive(Debug, Default)]
pub(super) struct CostBounds(Vec<Option<f64>>);

impl CostBounds {
    pub(super) fn of(
        front: Front,
        route: &Route,
        body: &ClientBody,
        hidden: &HiddenContent,
    ) -> Self {
        let targets = route.targets.iter();
        let bound = |target: &RouteTarget| {
            let is_asked = target.offers(front);
            is_asked.then(|| target.worst_case(front, body, hidden.images))?
        };
        Self(targets.map(bound).collect())
    }

    /// The bound at the profile of this index in the route.
    pub(super) fn at(&self, index: usize) -> Option<f64> {
        self.0.get(index).copied().flatten()
    }

    /// The bound at the most expensive profile; `None` when the price of one is unknown.
    ///
    /// # Errors
    /// A cap on one request is exceeded, or cannot be enforced.
    pub(super) fn most(
        &self,
        front: Front,
        route: &Route,
        max_cost: Option<f64>,
    ) -> Result<Option<f64>, Problem> {
        let mut most = Some(0.0_f64);
        let bounds = route.targets.iter().zip(&self.0);
        for (target, worst) in bounds.filter(|(target, _)| target.offers(front)) {
            let caps = [max_cost, target.most_usd];
            let cap = caps.into_iter().flatten().reduce(f64::min);
            match (cap, *worst) {
                (Some(cap), None) => {
                    return Err(Problem::quota(format!(
                        "the price of {} is unknown, so the cap of ${cap} for a request cannot be \
                        enforced",
                        target.model
                    )));
                }
                (Some(cap), Some(worst)) if worst > cap => {
                    return Err(Problem::quota(format!(
                        "the request could cost ${worst:.4}, more than the cap of ${cap} for one; \
                        lower its output limit"
                    )));
                }
                _ => most = most.zip(*worst).map(|(most, worst)| most.max(worst)),
            }
        }
        Ok(most)
    }
}

impl RouteTarget {
    /// The most that a request with so many images can cost, in USD; `None` without a price.
    fn worst_case(&self, front: Front, body: &ClientBody, images: usize) -> Option<f64> {
        let prompt = most_tokens(body.len().saturating_add(images * MAX_IMAGE_TOKENS));
        let price = self.price(prompt)?;
        let choices = match body.value("n") {
            None | Some(Value::Null) => 1,
            Some(value) => count(&value)?.max(1),
        };
        let output = self.most_output(front, body).saturating_mul(choices);
        Some(price.of(prompt, output))
    }

    /// Most output tokens of a choice: the largest limit that is sent, or the model's own.
    fn most_output(&self, front: Front, body: &ClientBody) -> u64 {
        if front == Front::Embeddings {
            return 0;
        }
        let fields = front.row().limit_fields;
        let of_model = || self.max_output.map_or(ASSUMED_OUTPUT, u64::from);
        let of_client: Vec<Value> = fields
            .iter()
            .filter_map(|field| body.value(field))
            .collect();
        if !of_client.is_empty() {
            // What is no number above zero is no limit.
            let limits = of_client
                .iter()
                .filter_map(count)
                .filter(|limit| *limit > 0);
            return limits.max().unwrap_or_else(of_model);
        }
        let of_profile = self.limits_set(front).filter(|limit| *limit > 0);
        of_profile.max().unwrap_or_else(of_model)
    }
}
