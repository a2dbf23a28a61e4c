//! Endpoints other than chat: the state of a key, the catalogue, the exchange of a login code, the
//! record of a generation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::http::Request;
use super::reply::{Reply, json as body, page, refusal};

/// An endpoint that is answered as often as it is asked.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub calls: usize,
    answer: Box<dyn FnMut(&Request) -> Reply + Send>,
}

impl Route {
    fn new(
        method: &'static str,
        path: &'static str,
        answer: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> Self {
        Self {
            method,
            path,
            calls: 0,
            answer: Box::new(answer),
        }
    }

    /// The same for another file of endpoints.
    pub(super) fn answering(
        method: &'static str,
        path: &'static str,
        answer: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> Self {
        Self::new(method, path, answer)
    }

    pub fn answer(&mut self, request: &Request) -> Reply {
        self.calls += 1;
        (self.answer)(request).on(self.method, self.path)
    }
}

/// `POST /chat/completions`, as often as it is asked: where retries and kills decide how often.
pub fn chat(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Route {
    Route::new("POST", "/api/v1/chat/completions", answer)
}

/// `POST` of another path, as often as it is asked.
pub fn post(path: &'static str, answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Route {
    Route::new("POST", path, answer)
}

/// `GET` of a path below the base URL, answered always alike.
pub fn get(path: &'static str, answer: impl Fn() -> Reply + Send + 'static) -> Route {
    Route::new("GET", path, move |_| answer())
}

/// `GET /key`: a valid key of an account with a limit.
pub fn key() -> Route {
    Route::new("GET", "/api/v1/key", |_| {
        body(json!({"data": {
            "label": "sk-or-v1-5f0…4c7", "limit": 10.0, "limit_remaining": 7.5, "limit_reset": null, "usage": 2.5, "usage_daily": 0.1,
            "usage_weekly": 0.5, "usage_monthly": 2.5, "byok_usage": 0, "include_byok_in_limit": false, "is_free_tier": false,
            "is_management_key": false, "is_provisioning_key": false, "rate_limit": {"requests": -1, "interval": "10s", "note": "deprecated"},
        }}))
    })
}

/// `GET /credits`: what an account has, or the refusal of a key that may not see it.
pub fn credits(status: u16) -> Route {
    Route::new("GET", "/api/v1/credits", move |_| match status {
        200 => body(json!({"data": {"total_credits": 20.0, "total_usage": 2.5}})),
        _ => refusal(
            status,
            "Only management keys can fetch credits for an account",
        ),
    })
}

/// `GET /models`: a small catalogue with everything that has broken decoders.
pub fn models() -> Route {
    Route::new("GET", "/api/v1/models", |_| {
        let models = [plain_model(), thinking_model(), odd_model()];
        body(json!({"data": models, "total_count": models.len(), "links": {"next": null}}))
    })
}

/// `GET /models` with a list of the test's own.
pub fn listed(models: Vec<Value>) -> Route {
    Route::new("GET", "/api/v1/models", move |_| {
        body(json!({"data": models, "total_count": models.len(), "links": {"next": null}}))
    })
}

/// `GET /models` of a server that is out of order.
pub fn models_refused(status: u16) -> Route {
    Route::new("GET", "/api/v1/models", move |_| {
        refusal(status, "Internal Server Error")
    })
}

/// `GET /models/openai/gpt-5-mini/endpoints`: throughput is reported to accounts only.
pub fn endpoints() -> Route {
    Route::new(
        "GET",
        "/api/v1/models/openai/gpt-5-mini/endpoints",
        |request| {
            let speed = |p50: f64| {
                if request.header("authorization").is_some() {
                    json!({"p50": p50, "p75": p50, "p90": p50, "p99": p50})
                } else {
                    Value::Null
                }
            };
            let pricing = json!({"prompt": "0.00000025", "completion": "0.000002", "discount": 0});
            let up = json!({"name": "OpenAI | openai/gpt-5-mini", "provider_name": "OpenAI", "tag": "openai", "context_length": 400_000,
            "max_completion_tokens": 128_000, "quantization": "unknown", "pricing": pricing, "status": 0, "uptime_last_30m": 99.87,
            "latency_last_30m": speed(812.0), "throughput_last_30m": speed(71.0), "supported_parameters": []});
            let down = json!({"provider_name": "Azure", "tag": "azure/fp8", "quantization": "fp8", "pricing": pricing, "status": -2, "uptime_last_30m": null});
            body(
                json!({"data": {"id": "openai/gpt-5-mini", "name": "OpenAI: GPT-5 Mini", "endpoints": [up, down]}}),
            )
        },
    )
}

fn plain_model() -> Value {
    json!({
        "id": "meta-llama/llama-3.1-70b-instruct", "canonical_slug": "meta-llama/llama-3.1-70b-instruct", "name": "Meta: Llama 3.1 70B Instruct",
        "created": 1_721_692_800, "context_length": 131_072,
        "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"],
            "tokenizer": "Llama3", "instruct_type": "llama3"},
        "pricing": {"prompt": "0.0000004", "completion": "0.0000004", "discount": 0.1,
            "overrides": [{"min_prompt_tokens": 100_000, "prompt": "0.0000008", "completion": "0.0000008"}]},
        "top_provider": {"is_moderated": false, "context_length": 131_072, "max_completion_tokens": 16_384}, "per_request_limits": null,
        "supported_parameters": ["max_tokens", "temperature", "top_p", "tools", "logprobs", "top_logprobs"],
        "default_parameters": null, "supported_voices": null, "links": {"details": "/api/v1/models/meta-llama/llama-3.1-70b-instruct/endpoints"},
    })
}

fn thinking_model() -> Value {
    json!({
        "id": "openai/gpt-5-mini", "canonical_slug": "openai/gpt-5-mini-2025-08-07", "name": "OpenAI: GPT-5 Mini", "created": 1_754_587_200,
        "context_length": 400_000,
        "architecture": {"modality": null, "input_modalities": ["text", "image", "hologram"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.00000025", "completion": "0.000002", "internal_reasoning": "0", "web_search": "0.01"},
        "top_provider": {"is_moderated": true, "context_length": 400_000, "max_completion_tokens": 128_000}, "per_request_limits": null,
        "supported_parameters": ["max_tokens", "reasoning", "include_reasoning", "tools"], "default_parameters": {"temperature": null},
        "reasoning": {"mandatory": true, "supported_efforts": ["high", null, "low", "minimal"], "default_effort": "medium"},
        "supported_voices": null, "links": {"details": ""},
    })
}

fn odd_model() -> Value {
    json!({
        "id": "openrouter/auto", "canonical_slug": "openrouter/auto", "name": "Auto Router", "created": 1_699_401_600, "context_length": null,
        "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": {"prompt": "-1", "completion": "-1"}, "top_provider": {"is_moderated": false}, "per_request_limits": null,
        "supported_parameters": [], "default_parameters": null, "supported_voices": null, "links": {"details": ""}, "expiration_date": null,
    })
}

/// `POST /auth/keys`: exchanges a code for a key, once, when the verifier fits the challenge.
pub fn login(code: &'static str, challenge: String, key: &'static str) -> Route {
    let mut is_used = false;
    Route::new("POST", "/api/v1/auth/keys", move |request| {
        let sent = request.json();
        let missing = ["code", "code_verifier"]
            .into_iter()
            .find(|field| !sent[field].is_string());
        if let Some(field) = missing {
            let issues = json!([{"code": "invalid_type", "path": [field], "message": "Required"}])
                .to_string();
            return body(
                json!({"success": false, "error": {"name": "ZodError", "message": issues}}),
            )
            .status(400);
        }
        if sent["code_challenge_method"] != "S256" {
            return refusal(400, "Invalid code_challenge_method");
        }
        let verifier = sent["code_verifier"].as_str().unwrap_or_default();
        let fits = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge
            && (43..=128).contains(&verifier.len());
        if is_used || sent["code"] != code || !fits {
            return refusal(403, "Invalid code or code_verifier");
        }
        is_used = true;
        body(json!({"key": key, "user_id": "user_2cScriptedUser"}))
    })
}

/// `GET /generation`: unknown so many times, then known.
pub fn generation(mut misses: usize) -> Route {
    Route::new("GET", "/api/v1/generation", move |request| {
        let Some(id) = request.query.strip_prefix("id=") else {
            return page(400, "application/json", "{}");
        };
        if misses > 0 {
            misses -= 1;
            return refusal(404, &format!("Generation {id} not found"));
        }
        body(
            json!({"data": {"id": id, "model": "openai/gpt-5-mini", "provider_name": "OpenAI", "total_cost": 0.0012, "tokens_prompt": 11,
            "tokens_completion": 7}}),
        )
    })
}
