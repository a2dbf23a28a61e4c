//! Ranked documents: a table on a terminal, a JSON object on each line in a pipe.

use serde_json::{Value, json};

use crate::ask::texts::PlacedText;
use crate::ask::texts::rerank::{Ranked, RerankEnd};
use crate::ports::context::Context;
use crate::ports::output::OutputError;
use crate::present::count::plural;
use crate::present::money::spent_words;
use crate::present::page::Page;
use crate::present::table::{Cell, Column, Table};
use crate::present::text::one_line;

const COLUMNS: [Column; 3] = [
    Column::point("SCORE"),
    Column::right("INDEX"),
    Column::left("DOCUMENT").shrinks_to(12),
];

/// Shows the documents, the most relevant first.
pub(super) fn show(
    ranked: &[Ranked],
    documents: &[PlacedText],
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    if !context.output.is_terminal() {
        for one in ranked {
            context.output.line(&line(*one, documents).to_string())?;
        }
        return Ok(());
    }
    let mut table = Table::new(COLUMNS);
    for one in ranked {
        table.row([
            Cell::from(format!("{:.4}", one.score)),
            one.index.to_string().into(),
            one_line(text(*one, documents)).into(),
        ]);
    }
    let lines = table.page_lines(context.table_width());
    let page: Page = lines.into_iter().collect();
    context.output.page(&page)
}

fn text(ranked: Ranked, documents: &[PlacedText]) -> &str {
    documents
        .get(ranked.index)
        .map_or("", |document| document.text.as_str())
}

fn line(ranked: Ranked, documents: &[PlacedText]) -> Value {
    json!({"index": ranked.index, "score": ranked.score, "text": text(ranked, documents)})
}

/// The object of `--json`.
pub(super) fn object(end: &RerankEnd, documents: &[PlacedText]) -> Value {
    let results: Vec<Value> = end.ranked.iter().map(|one| line(*one, documents)).collect();
    let usage = end
        .usage
        .map(|usage| json!({"total_tokens": usage.total_tokens}));
    json!({
        "model": end.model,
        "usage": usage,
        "cost_usd": end.spent.usd,
        "results": results,
    })
}

/// `3 documents, 40 tokens, $0.002 (cohere/rerank-v3.5)`.
pub(super) fn summary(end: &RerankEnd) -> String {
    let mut parts = vec![plural(end.ranked.len() as u64, "document")];
    let tokens = end.usage.and_then(|usage| usage.total_tokens);
    parts.extend(tokens.map(|tokens| plural(tokens, "token")));
    parts.push(spent_words(end.spent));
    let model = end.model.as_ref();
    let model = model.map_or_else(String::new, |model| format!(" ({model})"));
    format!("{}{model}", parts.join(", "))
}
