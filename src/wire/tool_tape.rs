//! Tool calls in recordings: their results are recorded, and replayed in place of running anything.

use serde_json::Value;

use super::body::RequestBody;
use super::player::Player;
use super::recorder::Recorder;
use super::recording::{CALL, End, Exchange, Request};
use super::redact::stored;
use super::scrub;
use super::tape_error::ReplayError;

impl Recorder {
    /// Records the result of a call that was made after so many exchanges had ended.
    pub(crate) fn record_call(
        &self,
        started_after: usize,
        tool: &str,
        arguments: &Value,
        result: &Value,
    ) {
        let mut clean = result.clone();
        scrub::value(&mut clean);
        let Request {
            method,
            origin,
            path,
            body,
        } = request(tool, arguments);
        let exchange = Exchange {
            started_after,
            lane: None,
            request: Request {
                method,
                origin,
                path: stored(&path).into_owned(),
                body: (),
            },
            response: None,
            end: End::Complete,
            why: None,
            tool: Some(clean),
        };
        self.append(&exchange, &body);
    }
}

impl Player {
    /// The recorded result of a call.
    pub(crate) fn play_call(&self, tool: &str, arguments: &Value) -> Result<Value, ReplayError> {
        let exchange = self.take(None, &request(tool, arguments))?;
        Ok(exchange.tool.unwrap_or_default())
    }
}

fn request(tool: &str, arguments: &Value) -> Request<RequestBody> {
    Request {
        method: CALL.to_owned(),
        origin: String::new(),
        path: tool.to_owned(),
        body: RequestBody::from(arguments.to_string().into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_after_a_line_break_is_not_in_the_file() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("tape");
        let recorder = Recorder::create(&path).unwrap();
        let result = json!({"content": "one\nghp_0123456789abcdefghijKLMN", "is_error": false});
        recorder.record_call(0, "read", &json!({}), &result);
        let player = Player::open(&path).unwrap();
        let result = player.play_call("read", &json!({})).unwrap();
        assert_eq!(result["content"], "one\n[redacted]");
    }

    #[test]
    fn calls_that_ran_side_by_side_are_replayed_in_any_order() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("tape");
        let recorder = Recorder::create(&path).unwrap();
        for town in ["Oslo", "Bern"] {
            let result = json!({"content": format!("{town}: 3 °C"), "is_error": false});
            recorder.record_call(0, "weather", &json!({"town": town}), &result);
        }
        let player = Player::open(&path).unwrap();
        let call = |town: &str| player.play_call("weather", &json!({"town": town}));
        assert_eq!(call("Bern").unwrap()["content"], "Bern: 3 °C");
        let other = call("Rome").unwrap_err().to_string();
        assert!(other.contains("$.town"), "{other}");
        assert_eq!(call("Oslo").unwrap()["content"], "Oslo: 3 °C");
        assert_eq!(player.unused(), 0);
    }
}
