//! The secrets that config.yml has in plain text besides the keys and headers of profiles.

use serde_yaml::Value;

use super::{mcp_servers, telemetry};

/// Those of every section: hidden wherever amx writes, and not in backups.
pub(super) fn of_sections(root: &Value) -> impl Iterator<Item = &str> {
    mcp_servers::plain_secrets(root).chain(telemetry::plain_secrets(root))
}
