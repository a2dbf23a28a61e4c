//! Parts of a gateway for the tests of this folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use tempfile::TempDir;

use super::options::{GatewayOptions, Identity};
use super::snapshot::Snapshot;
use crate::ask::model_list::server_name;
use crate::config::{ConfigFile, Environment, Home};
use crate::ports::equipment::Equipment;
use crate::ports::fetched::FetchedCatalogs;
use crate::ports::interrupt::Interrupt;
use crate::store::Store;
use crate::telemetry::Telemetry;
use crate::wire::client::Url;
use crate::wire::server::ListenAddress;

const CONFIG: &str = "
active_llm_profile: work
llm_profiles:
  work:
    provider: openrouter
    model: author/model
model_aliases:
  - {pattern: fast, replacement: m/7}
";

/// A configuration with the alias `fast` for `m/7`, and a catalogue of so many models `m/NUMBER`.
pub(super) fn snapshot(models: usize) -> (TempDir, Arc<Snapshot>) {
    let folder = tempfile::tempdir().unwrap();
    let config = ConfigFile::parse(PathBuf::from("config.yml"), CONFIG.to_owned()).unwrap();
    let listed: Vec<_> = (0..models)
        .map(|number| serde_json::from_value(json!({"id": format!("m/{number}")})).unwrap())
        .collect();
    let server = server_name(&Url::parse("https://openrouter.ai/api/v1").unwrap());
    let mut store = Store::open(&Home::at(folder.path())).unwrap();
    store
        .save_catalog(&server, &listed, SystemTime::now())
        .unwrap();
    let home = folder.path().to_str().unwrap();
    let equipment = Equipment {
        environment: Environment::from_pairs([("AMX_CONFIG_DIR", home)]),
        interrupt: Interrupt::default(),
        tape: None,
        is_watched: false,
        fetched: FetchedCatalogs::default(),
        telemetry: Telemetry::default(),
    };
    (folder, Arc::new(Snapshot::new(config, equipment)))
}

/// Options without any limit.
pub(super) fn options() -> GatewayOptions {
    GatewayOptions {
        listen: ListenAddress::parse("127.0.0.1:0").unwrap(),
        profile: None,
        model: None,
        forced_model: None,
        shows_catalogue: true,
        keep_alive: Duration::from_secs(8),
        idle: Duration::from_secs(180),
        max_cost: None,
        per_day: None,
        max_body: 1024,
        max_connections: 4,
        drain: Duration::ZERO,
        origins: Vec::new(),
        hosts: Vec::new(),
        state: None,
        rate_fails_open: true,
        money_fails_open: false,
        has_metrics: false,
        identity: Identity::Override,
        echoes_model: false,
        guards_loops: false,
        attributes_key: false,
        log: None,
    }
}
