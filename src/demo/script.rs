//! What the demo's models say. Every answer tells that it is scripted.

use std::time::Duration;

use serde_json::{Value, json};

use super::answers::{json_answer, refusal};
use super::sample;
use crate::wire::loopback::{Answer, Piece};

/// Time between two chunks, so that one can watch the stream.
const PACE: Duration = Duration::from_millis(12);

/// What a model of the demo rehearses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Plain,
    Thinking,
    ThinksTooLong,
    RateLimited,
    Cut,
    NoCredits,
}

/// Id, name and part of each model.
const MODELS: &[(&str, &str, Part)] = &[
    ("demo/scripted", "Demo: a plain answer", Part::Plain),
    (
        "demo/thinking",
        "Demo: thinks, then answers",
        Part::Thinking,
    ),
    (
        "demo/thinking-too-long",
        "Demo: spends its first budget on thinking",
        Part::ThinksTooLong,
    ),
    (
        "demo/rate-limited",
        "Demo: says 429 once, then answers",
        Part::RateLimited,
    ),
    ("demo/cut", "Demo: breaks off in the middle", Part::Cut),
    ("demo/no-credits", "Demo: says 402", Part::NoCredits),
];

/// How one of several answers begins, and how sure the script claims to be of it.
struct Sureness {
    opening: &'static str,
    word: &'static str,
    logprob: f64,
}

/// Taken in turns, so that alternatives differ.
const SURENESS: &[Sureness] = &[
    Sureness {
        opening: "A fair answer.",
        word: "MEDIUM",
        logprob: -0.36,
    },
    Sureness {
        opening: "The best answer.",
        word: "HIGH",
        logprob: -0.07,
    },
    Sureness {
        opening: "A bold guess.",
        word: "LOW",
        logprob: -1.11,
    },
    Sureness {
        opening: "Another good answer.",
        word: "HIGH",
        logprob: -0.11,
    },
    Sureness {
        opening: "A wild guess.",
        word: "LOW",
        logprob: -1.6,
    },
];

/// The catalogue, in the form of `GET /models`.
pub fn models() -> Value {
    let model = |(id, name, part): &(&str, &str, Part)| {
        let mut model = json!({
            "id": id, "canonical_slug": id, "name": name, "created": 1_790_000_000, "context_length": 32_768,
            "description": "A scripted model inside amx. It costs nothing and says nothing of its \
                own.",
            "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0", "completion": "0"},
            "top_provider": {"is_moderated": false, "context_length": 32_768, "max_completion_tokens": 131_072},
            "supported_parameters": ["max_tokens", "temperature", "top_p"],
        });
        if *part == Part::Plain {
            model["supported_parameters"] =
                json!(["max_tokens", "temperature", "top_p", "logprobs"]);
        }
        if matches!(part, Part::Thinking | Part::ThinksTooLong) {
            model["reasoning"] = json!({"mandatory": false});
        }
        model
    };
    json!({"data": MODELS.iter().map(model).collect::<Vec<_>>()})
}

/// Answers a chat request; `number` counts the requests of this run from 0.
pub fn completion(body: &Value, number: u32) -> Answer {
    let id = body["model"].as_str().unwrap_or_default();
    let Some((id, _, part)) = MODELS.iter().find(|(known, ..)| *known == id) else {
        return refusal(400, &format!("{id} is not a valid model ID"));
    };
    match part {
        Part::RateLimited if number == 0 => {
            let mut answer = refusal(
                429,
                "Rate limit exceeded: this is the demo's rehearsal of a 429.",
            );
            answer.headers.push(("retry-after", "1".to_owned()));
            return answer;
        }
        Part::NoCredits => {
            return refusal(
                402,
                "Insufficient credits. This is the demo's rehearsal of a 402.",
            );
        }
        _ => {}
    }
    let scene = Scene::of(id, *part, body, number);
    if body["stream"] == true {
        scene.stream(*part == Part::Cut)
    } else {
        scene.whole()
    }
}

/// One answer, in words.
struct Scene<'a> {
    model: &'a str,
    thoughts: &'static str,
    text: String,
    finish_reason: &'static str,
    prompt_words: usize,
    /// The log probability of each word, when they are asked for.
    logprob: Option<f64>,
}

impl<'a> Scene<'a> {
    fn of(model: &'a str, part: Part, body: &Value, number: u32) -> Self {
        let prompt = last_question(body);
        let out_of_budget = part == Part::ThinksTooLong && number == 0;
        let thoughts = match part {
            Part::Thinking | Part::ThinksTooLong => {
                "The user is trying the demo. A real model would think about the question here. I \
                only have a script, so I say that and show what amx can do."
            }
            _ => "",
        };
        let sureness = &SURENESS[number as usize % SURENESS.len()];
        let has_logprobs = part == Part::Plain && body["logprobs"] == true;
        let mut text = if out_of_budget {
            String::new()
        } else {
            sample::answer(body).unwrap_or_else(|| spoken(&prompt))
        };
        // Told apart where several are asked for, and declared where the words are asked for.
        if !out_of_budget && is_asked_to_declare(body) {
            text = format!(
                "{} {text}\nConfidence: {}\n",
                sureness.opening, sureness.word
            );
        }
        Self {
            model,
            thoughts,
            logprob: has_logprobs.then_some(sureness.logprob),
            text,
            finish_reason: if out_of_budget { "length" } else { "stop" },
            prompt_words: prompt.split_whitespace().count(),
        }
    }

    fn usage(&self) -> Value {
        let reasoning = self.thoughts.split_whitespace().count();
        let completion = self.text.split_whitespace().count() + reasoning;
        json!({
            "prompt_tokens": self.prompt_words, "completion_tokens": completion, "total_tokens": self.prompt_words + completion, "cost": 0.0,
            "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": reasoning},
        })
    }

    fn whole(&self) -> Answer {
        let reasoning = if self.thoughts.is_empty() {
            Value::Null
        } else {
            json!(self.thoughts)
        };
        let message = json!({"role": "assistant", "content": self.text, "reasoning": reasoning});
        let logprobs = self.logprobs(words(&self.text));
        let choice = json!({"index": 0, "message": message, "finish_reason": self.finish_reason, "native_finish_reason": self.finish_reason, "logprobs": logprobs});
        let body = json!({"id": "gen-demo", "object": "chat.completion", "model": self.model, "provider": "demo", "choices": [choice], "usage": self.usage()});
        json_answer(200, &body)
    }

    fn stream(&self, cut: bool) -> Answer {
        let mut pieces = vec![piece(": OPENROUTER PROCESSING\n\n".to_owned())];
        pieces.extend(words(self.thoughts).map(|word| {
            self.chunk(
                &json!({"content": "", "reasoning": word}),
                None,
                &Value::Null,
            )
        }));
        let spoken = words(&self.text)
            .map(|word| self.chunk(&json!({"content": word}), None, &self.logprobs([word])));
        if cut {
            pieces.extend(spoken.take(12));
        } else {
            pieces.extend(spoken);
            pieces.push(self.chunk(
                &json!({"content": ""}),
                Some(self.finish_reason),
                &Value::Null,
            ));
            let last = json!({"id": "gen-demo", "model": self.model, "provider": "demo", "choices": [], "usage": self.usage()});
            pieces.push(piece(format!("data: {last}\n\ndata: [DONE]\n\n")));
        }
        Answer {
            status: 200,
            headers: vec![("content-type", "text/event-stream".to_owned())],
            pieces,
            cut,
        }
    }

    /// Each word as a token; null when nobody asked.
    fn logprobs<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Value {
        let Some(logprob) = self.logprob else {
            return Value::Null;
        };
        let token = |word: &str| json!({"token": word, "logprob": logprob, "bytes": word.as_bytes(), "top_logprobs": []});
        json!({"content": words.into_iter().map(token).collect::<Vec<_>>(), "refusal": null})
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>, logprobs: &Value) -> Piece {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": logprobs});
        let chunk = json!({"id": "gen-demo", "object": "chat.completion.chunk", "model": self.model, "provider": "demo", "choices": [choice]});
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

/// Whether the instructions ask for a last line that declares the confidence.
fn is_asked_to_declare(body: &Value) -> bool {
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

fn spoken(prompt: &str) -> String {
    let start: String = prompt
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect();
    format!(
        "This answer is **scripted**: the `demo` provider runs inside amx, without a key and without a network. \
         You said: \"{start}\".\n\n\
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
    fn every_answer_says_that_it_is_scripted() {
        for (id, _, part) in MODELS {
            let body = json!({"model": id, "messages": [{"role": "user", "content": "hi"}]});
            let answer = completion(&body, 1);
            let text = text_of(&answer);
            assert!(
                text.contains("scripted") || *part == Part::NoCredits && text.contains("rehearsal"),
                "{id}: {text}"
            );
        }
    }

    #[test]
    fn a_cut_stream_has_no_end() {
        let body = json!({"model": "demo/cut", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
        let answer = completion(&body, 0);
        assert!(answer.cut && !text_of(&answer).contains("[DONE]"));
    }
}
