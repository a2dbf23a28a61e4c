//! OpenRouter's API for batches: many requests to one model at a discount, answered within a day.
//! Pure: bytes in, bytes out.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{refusal, usage};
use crate::chat::usage::Usage;
use crate::wire::body::{BodyWriter, RequestBody};

/// The API that the requests of a batch are for.
const ENDPOINT: &str = "/v1/chat/completions";

/// The only window that there is.
const WINDOW: &str = "24h";

/// A batch that is about to be submitted.
pub(crate) struct Submission<'a> {
    pub model: &'a str,
    /// Which providers may run it, as JSON.
    pub provider: Option<&'a str>,
    /// ID and body of each request, as JSON.
    pub requests: &'a [(String, String)],
}

impl Submission<'_> {
    /// The body. The server reads it as a stream, and refuses members in another order.
    pub(crate) fn encode(&self) -> RequestBody {
        let mut writer = BodyWriter::default();
        writer.raw(r#"{"endpoint":"#);
        writer.value(&ENDPOINT);
        writer.raw(r#","model":"#);
        writer.value(&self.model);
        writer.raw(r#","completion_window":"#);
        writer.value(&WINDOW);
        if let Some(provider) = self.provider {
            writer.raw(r#","provider":"#);
            writer.raw(provider);
        }
        writer.raw(r#","requests":["#);
        let mut before = r#"{"custom_id":"#;
        for (id, body) in self.requests {
            writer.raw(before);
            writer.value(id);
            writer.raw(r#","body":"#);
            writer.raw(body);
            writer.raw("}");
            before = r#",{"custom_id":"#;
        }
        writer.raw("]}");
        writer.finish()
    }
}

/// Where a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchStatus {
    /// It is checked, runs, or is being ended.
    Running,
    Completed,
    /// It was refused as a whole.
    Failed,
    /// The time was over before all requests were answered.
    Expired,
    Cancelled,
}

/// Statuses that are final.
const FINAL: &[(&str, BatchStatus)] = &[
    ("completed", BatchStatus::Completed),
    ("failed", BatchStatus::Failed),
    ("expired", BatchStatus::Expired),
    ("cancelled", BatchStatus::Cancelled),
];

/// A batch as the provider reports it.
#[derive(Debug)]
pub(crate) struct ProviderBatch {
    pub id: String,
    pub status: BatchStatus,
    /// The provider's word for it.
    pub word: String,
    /// Seconds since 1970, by the provider's clock.
    pub created_at: i64,
    /// All of its requests; `None` while they are not counted.
    pub total: Option<u64>,
    pub usage: Option<Usage>,
    /// The whole bill in USD; `None` until it is known, and when a key of the user's own at another
    /// provider pays for a part of it.
    pub usd: Option<f64>,
    /// A key of the user's own paid for the answers.
    pub is_byok: bool,
    /// The company that runs it.
    pub served_by: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// `None` where they are in pages of their own.
    pub results: Option<Vec<BatchResult>>,
}

/// What became of one request of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BatchResult {
    pub custom_id: String,
    pub status: u16,
    /// The body of the answer, or an error.
    pub body: Vec<u8>,
}

/// A part of the results of a batch.
#[derive(Debug)]
pub(crate) struct ResultsPage {
    pub results: Vec<BatchResult>,
    /// The cursor of the next one.
    pub next: Option<String>,
}

/// A part of the list of batches, newest first.
#[derive(Debug)]
pub(crate) struct BatchList {
    pub batches: Vec<ProviderBatch>,
    /// The ID after which the next part starts.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct BatchObject {
    id: Option<String>,
    status: Option<String>,
    created_at: Option<f64>,
    #[serde(default)]
    request_counts: Value,
    #[serde(default)]
    usage: Value,
    provider: Option<String>,
    #[serde(default)]
    error: Value,
    results: Option<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
struct Page {
    data: Option<Vec<Box<RawValue>>>,
    next_cursor: Option<String>,
    last_id: Option<String>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct ResultObject {
    custom_id: String,
    response: Option<ResponseObject>,
    #[serde(default)]
    error: Value,
}

#[derive(Deserialize)]
struct ResponseObject {
    status_code: Option<u16>,
    body: Option<Box<RawValue>>,
}

/// Reads a batch; `None` when it is none.
pub(crate) fn read_batch(body: &[u8]) -> Option<ProviderBatch> {
    batch(serde_json::from_slice(body).ok()?)
}

/// Reads a part of the results; `None` when it is none.
pub(crate) fn read_results(body: &[u8]) -> Option<ResultsPage> {
    let page: Page = serde_json::from_slice(body).ok()?;
    Some(ResultsPage {
        results: results(&page.data?),
        next: page.next_cursor.filter(|_| page.has_more),
    })
}

/// Reads a part of the list; `None` when it is none.
pub(crate) fn read_list(body: &[u8]) -> Option<BatchList> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let read = |item: &RawValue| read_batch(item.get().as_bytes());
    Some(BatchList {
        batches: page.data?.iter().filter_map(|item| read(item)).collect(),
        next: page.last_id.filter(|_| page.has_more),
    })
}

fn batch(object: BatchObject) -> Option<ProviderBatch> {
    let word = object.status?;
    let known = FINAL.iter().find(|(name, _)| *name == word);
    let (usage, usd) = usage::of_object(&object.usage);
    let has_words = !object.error.is_null();
    let words = || refusal::words_of(object.error.to_string().as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    let created_at = object.created_at.unwrap_or_default() as i64;
    Some(ProviderBatch {
        id: object.id?,
        status: known.map_or(BatchStatus::Running, |(_, status)| *status),
        word,
        created_at,
        total: object.request_counts["total"]
            .as_u64()
            .filter(|total| *total > 0),
        usage,
        usd,
        is_byok: object.usage["is_byok"] == true,
        served_by: object.provider,
        error: has_words.then(words),
        results: object.results.map(|list| results(&list)),
    })
}

/// Each result that can be read: one that cannot must not cost the others.
fn results(list: &[Box<RawValue>]) -> Vec<BatchResult> {
    let read = |item: &RawValue| -> Option<BatchResult> {
        let object: ResultObject = serde_json::from_str(item.get()).ok()?;
        let code = object.error["code"].as_u64();
        let code = code.and_then(|code| u16::try_from(code).ok());
        let refused = || serde_json::json!({"error": object.error}).to_string();
        let response = object.response.filter(|_| object.error.is_null());
        let (status, body) = match response {
            Some(ResponseObject { status_code, body }) => {
                let body = body.map(|body| body.get().to_owned());
                (status_code.unwrap_or(200), body.unwrap_or_default())
            }
            None => (code.filter(|code| *code >= 300).unwrap_or(400), refused()),
        };
        Some(BatchResult {
            custom_id: object.custom_id,
            status,
            body: body.into_bytes(),
        })
    };
    list.iter().filter_map(|item| read(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_are_in_the_order_that_the_server_needs() {
        let requests = [
            ("a".to_owned(), r#"{"messages":[]}"#.to_owned()),
            ("b".to_owned(), "{}".to_owned()),
        ];
        let submission = Submission {
            model: "m/m",
            provider: Some(r#"{"only":["x"]}"#),
            requests: &requests,
        };
        let expected = concat!(
            r#"{"endpoint":"/v1/chat/completions","model":"m/m","completion_window":"24h","#,
            r#""provider":{"only":["x"]},"requests":[{"custom_id":"a","body":{"messages":[]}},"#,
            r#"{"custom_id":"b","body":{}}]}"#
        );
        let body = submission.encode().to_vec();
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn a_batch_is_read_with_its_bill_and_its_results() {
        let text = r#"{"id":"batch_1","object":"batch","status":"completed","created_at":1790000000,
            "request_counts":{"total":3,"completed":2,"failed":1},"provider":"OpenAI",
            "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"cost":0.5,
            "is_byok":false},"error":null,"results":[
            {"custom_id":"a","response":{"status_code":200,"request_id":"r","body":{"x":1}},
            "error":null},
            {"custom_id":"b","response":null,"error":{"code":"no","message":"No."}},
            {"response":7},
            {"custom_id":"c","response":{"status_code":429,"body":{"error":{}}},"error":null}]}"#;
        let batch = read_batch(text.as_bytes()).unwrap();
        assert_eq!(
            (batch.status, batch.total),
            (BatchStatus::Completed, Some(3))
        );
        assert_eq!((batch.usd, batch.created_at), (Some(0.5), 1_790_000_000));
        let results = batch.results.unwrap();
        let found: Vec<_> = results
            .iter()
            .map(|result| (result.custom_id.as_str(), result.status))
            .collect();
        assert_eq!(found, [("a", 200), ("b", 400), ("c", 429)]);
        assert_eq!(results[0].body, br#"{"x":1}"#);
        let failed = r#"{"id":"b","status":"failed","error":{"code":402,"message":"No credit."}}"#;
        let failed = read_batch(failed.as_bytes()).unwrap();
        assert_eq!(failed.status, BatchStatus::Failed);
        assert_eq!(failed.error.as_deref(), Some("No credit."));
        for running in [
            "validating",
            "in_progress",
            "finalizing",
            "cancelling",
            "new",
        ] {
            let text = format!(r#"{{"id":"b","status":"{running}"}}"#);
            let batch = read_batch(text.as_bytes()).unwrap();
            assert_eq!(batch.status, BatchStatus::Running, "{running}");
        }
    }

    #[test]
    fn the_part_of_a_key_of_the_user_is_no_bill_of_the_whole() {
        let text = r#"{"id":"b","status":"completed","usage":{"cost":0.1,"is_byok":true}}"#;
        let batch = read_batch(text.as_bytes()).unwrap();
        assert_eq!((batch.usd, batch.is_byok), (None, true));
    }

    #[test]
    fn a_page_names_the_next_one_only_when_there_is_more() {
        let page = r#"{"data":[{"custom_id":"a","error":{}}],"has_more":true,"next_cursor":"x"}"#;
        assert_eq!(
            read_results(page.as_bytes()).unwrap().next.as_deref(),
            Some("x")
        );
        let last = r#"{"data":[],"has_more":false,"next_cursor":"x"}"#;
        assert_eq!(read_results(last.as_bytes()).unwrap().next, None);
        let part = r#"{"data":[{"id":"b","status":"validating"}],"has_more":true,"last_id":"b"}"#;
        let part = read_list(part.as_bytes()).unwrap();
        assert_eq!((part.batches.len(), part.next.as_deref()), (1, Some("b")));
        assert!(read_list(b"{}").is_none());
    }
}
