//! `amx usage export --otlp`: rows of the ledger as spans and measurements, without texts.

use sha2::{Digest, Sha256};

use super::args::ExportArgs;
use super::pages::each_page;
use crate::ask::traced_requests::{add_usage, observations};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::store::{LedgerRow, Store};
use crate::telemetry::context::{SpanContext, SpanId, TraceId};
use crate::telemetry::metric::Metric;
use crate::telemetry::names;
use crate::telemetry::queue::Batch;
use crate::telemetry::span::{Attributes, Span, SpanKind};

pub(super) fn run(args: &ExportArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    context.equipment.open_telemetry(&config)?;
    let equipment = context.equipment.clone();
    let Some(destination) = equipment.telemetry.destination() else {
        return Err(CommandError::new(ErrorKind::Config, "telemetry is off")
            .hint("AMX_TELEMETRY=otlp amx usage export --otlp   (to http://127.0.0.1:4318)")
            .hint("set telemetry in config.yml: amx config edit"));
    };
    let home = context.home().ok();
    let store = home.map_or(Ok(None), |home| Store::open_existing(&home))?;
    let is_langfuse = equipment.telemetry.is_langfuse();
    let mut sent = 0_u64;
    each_page(store.as_ref(), &args.since, |rows| {
        let batch = batch(rows, is_langfuse);
        let taken = equipment.run(equipment.telemetry.send(batch))?;
        taken.unwrap_or(Ok(())).map_err(|why| {
            CommandError::new(
                ErrorKind::TryLater,
                format!("the collector did not take the ledger: {why}"),
            )
            .caused_by_words(format!("{} sent before", plural(sent, "request")))
            .hint("amx doctor   (tests the collector)")
        })?;
        sent += rows.len() as u64;
        Ok(())
    })?;
    let line = format!("✓ Sent {} to {destination}", plural(sent, "request"));
    Ok(context.output.sentence(&line)?)
}

fn batch(rows: &[LedgerRow], is_langfuse: bool) -> Batch {
    let mut batch = Batch::default();
    for row in rows {
        let (span, shared) = span(row, is_langfuse);
        // How long a request took is not in the ledger.
        let tokens = observations(&span, shared, Some(row.usage)).into_iter();
        batch
            .observations
            .extend(tokens.filter(|one| one.metric == Metric::Tokens));
        batch.spans.push(span);
    }
    batch
}

/// The span of a row, and what its measurements have in common with it.
fn span(row: &LedgerRow, is_langfuse: bool) -> (Span, Attributes) {
    let mut shared = Attributes::default();
    shared.word(names::OPERATION, "chat");
    shared.add(names::PROVIDER, names::provider(&row.provider));
    shared.add(names::REQUEST_MODEL, row.requested_model.as_str());
    shared.add_some(names::RESPONSE_MODEL, row.model.as_deref());
    let error = (row.status != "ok").then(|| row.status.clone());
    shared.add_some(names::ERROR_TYPE, error.as_deref());
    let mut attributes = shared.clone();
    attributes.add_some(names::RESPONSE_ID, row.generation_id.as_deref());
    add_usage(&mut attributes, Some(row.usage));
    attributes.add_some(names::USAGE_COST, row.cost_usd);
    attributes.add(names::COST_SOURCE, row.cost_source.as_str());
    attributes.add(names::PROFILE, row.profile.as_str());
    let session = row.session.map(|session| session.to_string());
    attributes.add_some(names::CONVERSATION, session);
    attributes.add_some(names::CLIENT, row.client.as_deref());
    if is_langfuse {
        attributes.word(names::LANGFUSE_TYPE, "generation");
        let details = row.cost_usd.map(|usd| serde_json::json!({"total": usd}));
        attributes.add_some(
            names::LANGFUSE_COST,
            details.map(|details| details.to_string()),
        );
    }
    let span = Span {
        context: context_of(row),
        parent: None,
        link: None,
        name: format!("chat {}", row.requested_model),
        kind: SpanKind::Client,
        start: row.at,
        end: row.at,
        attributes,
        error,
    };
    (span, shared)
}

/// The same IDs for the same row, so that a backend can recognise a row that is sent again.
fn context_of(row: &LedgerRow) -> SpanContext {
    let at = row.at.duration_since(std::time::UNIX_EPOCH);
    let at = at.unwrap_or_default().as_nanos();
    let of = format!("amx ledger {} {at} {}", row.id, row.profile);
    let hash: [u8; 32] = Sha256::digest(of).into();
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    trace.copy_from_slice(&hash[..16]);
    span.copy_from_slice(&hash[16..24]);
    SpanContext {
        trace: TraceId::of(trace),
        span: SpanId::of(span),
        is_sampled: true,
    }
}
