//! The models of the demo and their answers. Every answer states that it is scripted.

use std::time::Duration;

use serde_json::{Value, json};

use super::answers::{json_answer, refusal};
use super::{sample, tool_call};
use crate::wire::loopback::{Answer, Piece};

/// Time between two chunks, so that the stream is visible.
const PACE: Duration = Duration::from_millis(12);

/// What a model of the demo demonstrates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Plain,
    Reasoning,
    ReasonsTooLong,
    RateLimited,
    Interrupted,
    NoCredits,
}

/// ID, name and behaviour of each model.
const MODELS: &[(&str, &str, Behaviour)] = &[
    ("demo/scripted", "Demo: a plain answer", Behaviour::Plain),
    (
        "demo/thinking",
        "Demo: reasons, then answers",
        Behaviour::Reasoning,
    ),
    (
        "demo/thinking-too-long",
        "Demo: spends its first budget on reasoning",
        Behaviour::ReasonsTooLong,
    ),
    (
        "demo/rate-limited",
        "Demo: returns 429 once, then answers",
        Behaviour::RateLimited,
    ),
    (
        "demo/cut",
        "Demo: interrupts the answer",
        Behaviour::Interrupted,
    ),
    ("demo/no-credits", "Demo: returns 402", Behaviour::NoCredits),
];

/// The opening of one of several answers, and the confidence that the script declares.
struct ScriptedConfidence {
    opening: &'static str,
    word: &'static str,
    logprob: f64,
}

/// Used in rotation, so that alternatives differ.
const CONFIDENCES: &[ScriptedConfidence] = &[
    ScriptedConfidence {
        opening: "A fair answer.",
        word: "MEDIUM",
        logprob: -0.36,
    },
    ScriptedConfidence {
        opening: "The best answer.",
        word: "HIGH",
        logprob: -0.07,
    },
    ScriptedConfidence {
        opening: "A bold guess.",
        word: "LOW",
        logprob: -1.11,
    },
    ScriptedConfidence {
        opening: "Another good answer.",
        word: "HIGH",
        logprob: -0.11,
    },
    ScriptedConfidence {
        opening: "A wild guess.",
        word: "LOW",
        logprob: -1.6,
    },
];

/// The catalogue, in the form of `GET /models`.
pub(super) fn models() -> Value {
    let model = |(id, name, behaviour): &(&str, &str, Behaviour)| {
        let mut model = json!({
            "id": id,
            "canonical_slug": id,
            "name": name,
            "created": 1_790_000_000,
            "context_length": 32_768,
            "description": "A scripted model inside amx. It is free and generates nothing.",
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
            },
            "pricing": {"prompt": "0", "completion": "0"},
            "top_provider": {
                "is_moderated": false,
                "context_length": 32_768,
                "max_completion_tokens": 131_072,
            },
            "supported_parameters": ["max_tokens", "temperature", "top_p"],
        });
        if *behaviour == Behaviour::Plain {
            model["supported_parameters"] = json!([
                "max_tokens",
                "temperature",
                "top_p",
                "logprobs",
                "tools",
                "tool_choice"
            ]);
        }
        if matches!(behaviour, Behaviour::Reasoning | Behaviour::ReasonsTooLong) {
            model["reasoning"] = json!({"mandatory": false});
        }
        model
    };
    json!({"data": MODELS.iter().map(model).collect::<Vec<_>>()})
}

/// Answers a chat request; `number` counts the requests of this run from 0.
pub(super) fn completion(body: &Value, number: u32) -> Answer {
    let id = body["model"].as_str().unwrap_or_default();
    let Some((id, _, behaviour)) = MODELS.iter().find(|(known, ..)| *known == id) else {
        return refusal(400, &format!("{id} is not a valid model ID"));
    };
    match behaviour {
        Behaviour::RateLimited if number == 0 => {
            let mut answer = refusal(
                429,
                "Rate limit exceeded: this 429 is scripted by the demo.",
            );
            answer.headers.push(("retry-after", "1".to_owned()));
            return answer;
        }
        Behaviour::NoCredits => {
            return refusal(
                402,
                "Insufficient credits: this 402 is scripted by the demo.",
            );
        }
        _ => {}
    }
    let answer = ScriptedAnswer::of(id, *behaviour, body, number);
    if body["stream"] == true {
        answer.stream(*behaviour == Behaviour::Interrupted)
    } else {
        answer.whole()
    }
}

/// One answer of the script.
struct ScriptedAnswer<'a> {
    model: &'a str,
    reasoning_text: &'static str,
    text: String,
    /// In place of the text.
    calls: Option<Value>,
    finish_reason: &'static str,
    prompt_words: usize,
    /// The log probability of each word, when the request asks for them.
    logprob: Option<f64>,
}

impl<'a> ScriptedAnswer<'a> {
    fn of(model: &'a str, behaviour: Behaviour, body: &Value, number: u32) -> Self {
        let prompt = last_question(body);
        let out_of_budget = behaviour == Behaviour::ReasonsTooLong && number == 0;
        let reasoning_text = match behaviour {
            Behaviour::Reasoning | Behaviour::ReasonsTooLong => {
                "The user is trying the demo. A real model would reason about the question here. \
                This is only a script, so it says that and shows what amx can do."
            }
            _ => "",
        };
        let confidence = &CONFIDENCES[number as usize % CONFIDENCES.len()];
        let has_logprobs = behaviour == Behaviour::Plain && body["logprobs"] == true;
        let calls = tool_call::calls(body, &prompt).filter(|_| behaviour == Behaviour::Plain);
        let mut text = if out_of_budget || calls.is_some() {
            String::new()
        } else {
            tool_call::closing_text(body)
                .or_else(|| sample::answer(body))
                .unwrap_or_else(|| scripted_text(&prompt))
        };
        // A request for alternatives asks for a declared confidence.
        if !text.is_empty() && declares_confidence(body) {
            text = format!(
                "{} {text}\nConfidence: {}\n",
                confidence.opening, confidence.word
            );
        }
        Self {
            model,
            reasoning_text,
            logprob: has_logprobs.then_some(confidence.logprob),
            text,
            finish_reason: match &calls {
                Some(_) => "tool_calls",
                None if out_of_budget => "length",
                None => "stop",
            },
            calls,
            prompt_words: prompt.split_whitespace().count(),
        }
    }

    fn usage(&self) -> Value {
        let reasoning = self.reasoning_text.split_whitespace().count();
        let completion = self.text.split_whitespace().count() + reasoning;
        json!({
            "prompt_tokens": self.prompt_words,
            "completion_tokens": completion,
            "total_tokens": self.prompt_words + completion,
            "cost": 0.0,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        })
    }

    fn whole(&self) -> Answer {
        let reasoning = if self.reasoning_text.is_empty() {
            Value::Null
        } else {
            json!(self.reasoning_text)
        };
        let mut message =
            json!({"role": "assistant", "content": self.text, "reasoning": reasoning});
        if let Some(calls) = &self.calls {
            message["tool_calls"] = calls.clone();
        }
        let logprobs = self.logprobs(words(&self.text));
        let choice = json!({
            "index": 0,
            "message": message,
            "finish_reason": self.finish_reason,
            "native_finish_reason": self.finish_reason,
            "logprobs": logprobs,
        });
        let body = json!({
            "id": "gen-demo",
            "object": "chat.completion",
            "model": self.model,
            "provider": "demo",
            "choices": [choice],
            "usage": self.usage(),
        });
        json_answer(200, &body)
    }

    fn stream(&self, cut: bool) -> Answer {
        let mut pieces = vec![piece(": OPENROUTER PROCESSING\n\n".to_owned())];
        pieces.extend(words(self.reasoning_text).map(|word| {
            self.chunk(
                &json!({"content": "", "reasoning": word}),
                None,
                &Value::Null,
            )
        }));
        let chunks = words(&self.text)
            .map(|word| self.chunk(&json!({"content": word}), None, &self.logprobs([word])));
        if cut {
            pieces.extend(chunks.take(12));
        } else {
            pieces.extend(chunks);
            pieces.extend(
                self.calls
                    .iter()
                    .map(|calls| self.chunk(&json!({"tool_calls": calls}), None, &Value::Null)),
            );
            pieces.push(self.chunk(
                &json!({"content": ""}),
                Some(self.finish_reason),
                &Value::Null,
            ));
            let last = json!({
                "id": "gen-demo",
                "model": self.model,
                "provider": "demo",
                "choices": [],
                "usage": self.usage(),
            });
            pieces.push(piece(format!("data: {last}\n\ndata: [DONE]\n\n")));
        }
        Answer {
            status: 200,
            headers: vec![("content-type", "text/event-stream".to_owned())],
            pieces,
            cut,
        }
    }

    /// Each word as a token; null when the request does not ask for log probabilities.
    fn logprobs<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Value {
        let Some(logprob) = self.logprob else {
            return Value::Null;
        };
        let token = |word: &str| {
            json!({
                "token": word,
                "logprob": logprob,
                "bytes": word.as_bytes(),
                "top_logprobs": [],
            })
        };
        json!({"content": words.into_iter().map(token).collect::<Vec<_>>(), "refusal": null})
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>, logprobs: &Value) -> Piece {
        let choice = json!({
            "index": 0,
            "delta": delta,
            "finish_reason": finish_reason,
            "logprobs": logprobs,
        });
        let chunk = json!({
            "id": "gen-demo",
            "object": "chat.completion.chunk",
            "model": self.model,
            "provider": "demo",
            "choices": [choice],
        });
        piece(format!("data: {chunk}\n\n"))
    }
}

fn piece(text: String) -> Piece {
    Piece {
        after: PACE,
        bytes: text.into(),
    }
}

/// The text in words, each with the space after it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}

/// Whether the system prompt asks for a last line that declares the confidence.
fn declares_confidence(body: &Value) -> bool {
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    messages
        .iter()
        .filter(|message| message["role"] == "system")
        .any(|message| message["content"].to_string().contains("Confidence: HIGH"))
}

fn last_question(body: &Value) -> String {
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let content = messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user")
        .map(|message| &message["content"]);
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    }
}

fn scripted_text(prompt: &str) -> String {
    let start: String = prompt
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect();
    format!(
        "This answer is **scripted**: the `demo` provider runs inside amx, \
         without a key and without a network. Your prompt: \"{start}\".\n\n\
         What you see is the whole path that a real answer takes:\n\n\
         - a request over HTTP, with retries when it fails\n\
         - a stream of events, shown as they arrive\n\
         - tokens and cost, counted by the provider\n\n\
         Set up a real one with:\n\n\
         ```sh\n\
         amx add-llm-profile\n\
         ```\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(answer: &Answer) -> String {
        answer
            .pieces
            .iter()
            .map(|piece| String::from_utf8_lossy(&piece.bytes).into_owned())
            .collect()
    }

    #[test]
    fn every_answer_states_that_it_is_scripted() {
        for (id, ..) in MODELS {
            let body = json!({"model": id, "messages": [{"role": "user", "content": "hi"}]});
            let answer = completion(&body, 1);
            let text = text_of(&answer);
            assert!(text.contains("scripted"), "{id}: {text}");
        }
    }

    #[test]
    fn an_interrupted_stream_has_no_end() {
        let body = json!({
            "model": "demo/cut", "stream": true, "messages": [{"role": "user", "content": "hi"}],
        });
        let answer = completion(&body, 0);
        assert!(answer.cut && !text_of(&answer).contains("[DONE]"));
    }
}
