//! Limits that several servers share, in Redis or Valkey: one script before a request, another
//! after it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant, SystemTime};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};
use tokio::runtime::Handle;

use super::limit::{LimitReached, LimitRequest, micro, pace};
use crate::present::time;

/// Longest wait for an answer.
const BUDGET: Duration = Duration::from_millis(50);

/// Failures in a row after which nothing is asked for a while.
const MOST_FAILURES: u32 = 3;

/// That while.
const PAUSE: Duration = Duration::from_secs(5);

/// After this time the place of a request is free, also when its server was killed.
const LIVE: Duration = Duration::from_secs(3600);

/// How long the sum of a day is kept, in seconds.
const DAY_TTL: u64 = 2 * 86_400;

/// The name under which the sum of all keys is kept. It cannot be that of a key.
const ALL: &str = "*";

/// Why the limits could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unavailable;

/// Places of one request in Redis, until they are settled. Where that does not happen, because no
/// answer came in time or the client went away meanwhile, those that it has are released.
#[derive(Debug)]
pub(super) struct SharedPlace {
    limits: Arc<SharedLimits>,
    /// Names of the limits that it holds a place of, or may hold.
    names: Vec<String>,
    id: String,
    day: String,
    /// Micro-USD that each of them holds back.
    reserved: u64,
}

/// The limits of all servers that use the same Redis.
pub(super) struct SharedLimits {
    client: Client,
    script: Script,
    settle: Script,
    /// Micro-USD of all keys together.
    per_day: Option<u64>,
    /// A connection belongs to the event queue of its thread.
    connections: Mutex<HashMap<ThreadId, ConnectionManager>>,
    circuit: Mutex<Circuit>,
}

impl std::fmt::Debug for SharedLimits {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SharedLimits")
    }
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<Instant>,
}

/// The arguments of the script for one name.
struct Asked<'a> {
    name: &'a str,
    emission: u128,
    burst: u32,
    concurrent: u32,
    reserve: u64,
    cap: u64,
}

impl SharedLimits {
    /// Opens no connection yet.
    pub(super) fn new(url: &str, per_day: Option<u64>) -> Result<Self, RedisError> {
        Ok(Self {
            client: Client::open(url)?,
            script: Script::new(include_str!("script.lua")),
            settle: Script::new(include_str!("settle.lua")),
            per_day,
            connections: Mutex::default(),
            circuit: Mutex::default(),
        })
    }

    /// Whether a limit on money applies to a request.
    pub(super) fn has_cap(&self, request: &LimitRequest<'_>) -> bool {
        self.per_day.is_some() || request.key.per_day.is_some()
    }

    /// Takes a place for a request; an inner error is a limit that is reached.
    pub(super) async fn admit(
        self: &Arc<Self>,
        request: LimitRequest<'_>,
    ) -> Result<Result<SharedPlace, LimitReached>, Unavailable> {
        if self.has_cap(&request) && request.reserve.is_none() {
            return Ok(Err(LimitReached::UnknownCost));
        }
        let key = request.key;
        let (emission, burst) = key.rpm.map_or((Duration::ZERO, 0), pace);
        let reserve = request.reserve.unwrap_or_default();
        let of_key = Asked {
            name: &key.name,
            emission: emission.as_micros(),
            burst,
            concurrent: key.concurrent.unwrap_or_default(),
            reserve,
            cap: key.per_day.map(micro).unwrap_or_default(),
        };
        let mut place = SharedPlace {
            limits: Arc::clone(self),
            names: Vec::new(),
            id: format!("{:016x}", fastrand::u64(..)),
            day: time::day(SystemTime::now()),
            reserved: reserve,
        };
        if let Err(reached) = self.ask(&of_key, &mut place).await? {
            return Ok(Err(reached));
        }
        let Some(cap) = self.per_day else {
            return Ok(Ok(place));
        };
        let of_all = Asked {
            name: ALL,
            emission: 0,
            burst: 0,
            concurrent: 0,
            reserve,
            cap,
        };
        Ok(self.ask(&of_all, &mut place).await?.map(|()| place))
    }

    async fn ask(
        &self,
        asked: &Asked<'_>,
        place: &mut SharedPlace,
    ) -> Result<Result<(), LimitReached>, Unavailable> {
        if self.is_open() {
            return Err(Unavailable);
        }
        place.names.push(asked.name.to_owned());
        let mut invocation = self.script.prepare_invoke();
        for key in keys(asked.name, &place.day) {
            invocation.key(key);
        }
        invocation
            .arg(asked.emission.to_string())
            .arg(asked.burst)
            .arg(asked.concurrent)
            .arg(LIVE.as_secs() * 1000)
            .arg(&place.id)
            .arg(asked.reserve)
            .arg(asked.cap)
            .arg(DAY_TTL);
        let answered = tokio::time::timeout(BUDGET, async {
            let mut connection = self.connection()?;
            invocation
                .invoke_async::<(String, u64)>(&mut connection)
                .await
        });
        let answered = answered.await.ok().and_then(Result::ok);
        self.note(answered.is_some());
        let (word, wait) = answered.ok_or(Unavailable)?;
        let reached = match word.as_str() {
            "rate" => LimitReached::Rate {
                wait: Duration::from_millis(wait),
            },
            "live" => LimitReached::Concurrent,
            "day" => LimitReached::Day {
                is_of_key: asked.name != ALL,
            },
            _ => return Ok(Ok(())),
        };
        Ok(Err(reached))
    }

    fn connection(&self) -> Result<ConnectionManager, RedisError> {
        let thread = std::thread::current().id();
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.get(&thread) {
            return Ok(connection.clone());
        }
        let config = ConnectionManagerConfig::new();
        let connection = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        connections.insert(thread, connection.clone());
        Ok(connection)
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_open(&self) -> bool {
        self.circuit()
            .open_until
            .is_some_and(|until| until > Instant::now())
    }

    /// Counts failures in a row.
    fn note(&self, is_answered: bool) {
        let mut circuit = self.circuit();
        if is_answered {
            *circuit = Circuit::default();
            return;
        }
        circuit.failures += 1;
        if circuit.failures >= MOST_FAILURES {
            circuit.open_until = Some(Instant::now() + PAUSE);
        }
    }
}

impl SharedPlace {
    /// Gives the places back, with what the request cost in place of what was reserved, in
    /// micro-USD. Off the path of the request; where it fails the place expires by itself.
    pub(super) fn settle(&mut self, spent: u64) {
        let names = std::mem::take(&mut self.names);
        let Some((runtime, connection)) = self.connection() else {
            return;
        };
        for name in names {
            let [_, live, day] = keys(&name, &self.day);
            let limits = Arc::clone(&self.limits);
            let (id, reserved) = (self.id.clone(), self.reserved);
            let mut connection = connection.clone();
            runtime.spawn(async move {
                // What was asked before is executed before, in the one connection of a thread.
                let mut settle = limits.settle.key(live);
                settle
                    .key(day)
                    .arg(id)
                    .arg(reserved)
                    .arg(spent)
                    .arg(DAY_TTL);
                let settled: Result<u8, RedisError> = settle.invoke_async(&mut connection).await;
                if let Err(error) = settled {
                    tracing::warn!(%error, "shared limits were not settled");
                }
            });
        }
    }

    fn connection(&self) -> Option<(Handle, ConnectionManager)> {
        Handle::try_current()
            .ok()
            .zip(self.limits.connection().ok())
    }
}

impl Drop for SharedPlace {
    fn drop(&mut self) {
        if !self.names.is_empty() {
            self.settle(0);
        }
    }
}

/// The names in Redis: rate, live requests, sum of the day.
fn keys(name: &str, day: &str) -> [String; 3] {
    [
        format!("amx:{{{name}}}:rate"),
        format!("amx:{{{name}}}:live"),
        format!("amx:{{{name}}}:day:{day}"),
    ]
}
