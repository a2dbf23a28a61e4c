//! Whether a prompt that is private for one profile could reach another that is not.

use crate::ask::plan::PlannedTarget;
use crate::ask::question::Checks;
use crate::chat::is_loopback;
use crate::config::options::Remark;
use crate::ports::error::CommandError;

/// A warning for each profile that could receive a prompt which is private for another.
///
/// # Errors
/// With `strict`, [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage).
pub fn check(targets: &[PlannedTarget], checks: Checks) -> Result<Vec<Remark>, CommandError> {
    let asks = |planned: &PlannedTarget| {
        planned
            .settings
            .options
            .private
            .as_ref()
            .is_some_and(|(private, _)| *private)
    };
    let stays_here = |planned: &PlannedTarget| {
        !planned.settings.entry.is_openrouter && is_loopback(&planned.target.base_url)
    };
    let asking = targets.iter().find(|planned| asks(planned));
    let Some(private) = asking.map(|planned| planned.settings.profile.value.as_str()) else {
        return Ok(Vec::new());
    };
    let is_safe = |planned: &&PlannedTarget| {
        stays_here(planned) || asks(planned) && planned.settings.entry.is_openrouter
    };
    let mut warnings = Vec::new();
    for planned in targets.iter().filter(|planned| !is_safe(planned)) {
        let profile = &planned.settings.profile.value;
        if checks.strict {
            let error = CommandError::usage(format!(
                "private is set for profile '{private}', and profile '{profile}' may keep what it \
                receives"
            ));
            return Err(error.hint(
                "omit fallback_profiles, or ask a profile of openrouter with private: true",
            ));
        }
        if !asks(planned) {
            warnings.push(Remark::Warning(format!(
                "private is set for profile '{private}' and not for '{profile}', which is asked \
                when it fails"
            )));
        }
    }
    Ok(warnings)
}
