//! The models that a client names besides the first: further ones of its list, and OpenRouter's
//! `models`.

use serde_json::Value;

use super::client_body::ClientBody;
use super::client_key::KnownKey;
use super::problem::Problem;
use super::route::Route;
use crate::config::model_spec;
use crate::wire::redact::cut;

/// The models of the member `models`.
///
/// # Errors
/// 400 when it is no list of texts.
pub(super) fn of(body: &ClientBody) -> Result<Vec<String>, Problem> {
    let refused = || Problem::bad_request("'models' must be a list of texts").made_final();
    match body.value("models") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(models)) => models
            .into_iter()
            .map(|model| match model {
                Value::String(model) => Ok(model),
                _ => Err(refused()),
            })
            .collect(),
        Some(_) => Err(refused()),
    }
}

/// Checks that the key may use each model that a request can lead to: the first by the name that
/// was asked for or the one that it leads to, the others by their own.
///
/// # Errors
/// 403 when it may not, 400 when the server has one model for all.
pub(super) fn check(
    asked: &str,
    body: &ClientBody,
    route: &Route,
    key: &KnownKey,
    is_forced: bool,
) -> Result<(), Problem> {
    let others = of(body)?;
    if is_forced {
        if others.is_empty() {
            return Ok(());
        }
        let message = "'models' is not accepted: this server has one model for all requests";
        return Err(Problem::bad_request(message).made_final());
    }
    // It led to a route, so that it is a list of models, an alias, or nothing.
    let listed = model_spec::parse(asked).unwrap_or_default();
    let mut listed = listed.into_iter().map(|element| element.name);
    let first = listed.next().unwrap_or_else(|| asked.to_owned());
    let refused = |model: &str| {
        let message = format!(
            "key '{}' may not use model '{}'",
            key.key.name,
            cut(model, 100)
        );
        Err(Problem::new(403, "model_not_allowed", message).made_final())
    };
    if !key.may_use(&[&first, &route.first().model]) {
        return refused(&first);
    }
    let mut others = listed.chain(others);
    match others.find(|model| !key.may_use(&[model])) {
        Some(model) => refused(&model),
        None => Ok(()),
    }
}
