//! Whether a prompt of a profile with `private: true` could reach a profile without it.

use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::config::options::Remark;
use crate::ports::error::CommandError;
use crate::wire::server_url::is_loopback;

/// A warning for each profile that could receive a prompt that is private for another.
///
/// # Errors
/// With `strict`, [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage).
pub(super) fn check(
    targets: &[PlannedTarget],
    checks: Checks,
) -> Result<Vec<Remark>, CommandError> {
    let is_private = |planned: &PlannedTarget| {
        planned
            .settings
            .options
            .private
            .as_ref()
            .is_some_and(|(private, _)| *private)
    };
    let is_local = |planned: &PlannedTarget| {
        !planned.settings.entry.is_openrouter && is_loopback(&planned.target.base_url)
    };
    let first = targets.iter().find(|planned| is_private(planned));
    let Some(private) = first.map(|planned| planned.settings.profile.value.as_str()) else {
        return Ok(Vec::new());
    };
    let is_safe = |planned: &&PlannedTarget| {
        is_local(planned) || is_private(planned) && planned.settings.entry.is_openrouter
    };
    let mut warnings = Vec::new();
    for planned in targets.iter().filter(|planned| !is_safe(planned)) {
        let profile = &planned.settings.profile.value;
        if checks.strict {
            let error = CommandError::usage(format!(
                "profile '{private}' is private, but profile '{profile}' of the same request may \
                retain prompts"
            ));
            return Err(error
                .hint("omit fallback_profiles, or use an openrouter profile with private: true"));
        }
        if !is_private(planned) {
            warnings.push(Remark::Warning(format!(
                "profile '{private}' is private, but profile '{profile}' of the same request is \
                not"
            )));
        }
    }
    Ok(warnings)
}
