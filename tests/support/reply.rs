//! What the double answers, written down in the order of the words one would say it in.

use std::time::Duration;

use serde_json::{Value, json};

use super::gate::Gate;

/// Path of the one endpoint that most replies belong to.
pub const CHAT: &str = "/api/v1/chat/completions";

/// One scripted exchange: which request is expected and how it is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub form: Form,
    pub answer: Answer,
    /// Units of keep-alive white space before a body.
    pub padding: usize,
    /// Size of the pieces in which the body is written.
    pub split: Option<usize>,
    /// After so many texts nothing more is sent until the gate is opened.
    pub gate: Option<(usize, Gate)>,
    /// Time between two events after the gate, as a model takes it.
    pub pace: Option<Duration>,
    pub ending: Ending,
    /// Only a request for this model is answered so; others pass it by.
    pub only_for: Option<&'static str>,
    /// These `reasoning_details` must stand in the request, byte for byte.
    pub required_details: Option<Value>,
}

/// How the answer is brought.
#[derive(Debug, Clone)]
pub enum Form {
    /// Events, for a request with `stream: true`.
    Stream(Events),
    /// One body, for a request without it.
    Whole,
    /// Any JSON, for any request.
    Json(Value),
    /// Anything else, under a content type.
    Page(&'static str, Vec<u8>),
    /// No head and no body.
    Nothing,
    /// The request breaks a rule of the real server, and is refused in its words.
    ByRule,
}

/// What the events of a stream look like beyond the answer in them.
#[derive(Debug, Clone)]
pub struct Events {
    pub comments: bool,
    pub usage_shape: UsageShape,
    pub line_end: &'static str,
    pub prefix: &'static str,
    /// Sent as they are after the text, such as an error.
    pub extra: Vec<Value>,
    pub has_done: bool,
    /// Nothing more is sent after so many texts.
    pub stop_after: Option<usize>,
}

/// The three real forms of the chunk that carries the usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageShape {
    /// A choice with an empty delta and no finish reason.
    NullFinish,
    /// No choices.
    NoChoices,
    /// The tokens of the prompt with the first text, as some servers report them.
    PromptWithFirstText,
    /// A choice that repeats the finish reason.
    RepeatedFinish,
}

/// The model's answer, whatever form it comes in.
#[derive(Debug, Clone)]
pub struct Answer {
    pub texts: Vec<String>,
    /// The log probability of each text, a token each; empty when none are sent.
    pub logprobs: Vec<f64>,
    pub reasoning: Vec<String>,
    /// Deltas of `reasoning_details` after the text.
    pub late_details: Vec<Value>,
    /// Fragments of tool calls, one chunk each.
    pub tool_fragments: Vec<Value>,
    pub finish: Option<&'static str>,
    pub usage: Option<Value>,
    /// Who answers; the model that was asked when not set.
    pub model: Option<String>,
    pub provider: String,
}

/// What follows the last byte of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The end of the body; the connection can be used again.
    Complete,
    /// The connection breaks.
    HangUp,
    /// Nothing, until the client leaves.
    Stall,
    /// Keep-alives and nothing else, until the client leaves.
    Trickle(Duration),
}

fn reply(status: u16, form: Form) -> Reply {
    let answer = Answer {
        texts: Vec::new(),
        logprobs: Vec::new(),
        reasoning: Vec::new(),
        late_details: Vec::new(),
        tool_fragments: Vec::new(),
        finish: Some("stop"),
        usage: Some(usage_object(11, 7, 0, Some(0.00042))),
        model: None,
        provider: "Scripted Cloud".to_owned(),
    };
    let (headers, padding, split, ending) = (Vec::new(), 0, None, Ending::Complete);
    Reply {
        method: "POST",
        path: CHAT,
        status,
        headers,
        form,
        answer,
        padding,
        split,
        gate: None,
        pace: None,
        ending,
        only_for: None,
        required_details: None,
    }
}

/// An answer in events, one per text.
pub fn stream<'a>(texts: impl IntoIterator<Item = &'a str>) -> Reply {
    let events = Events {
        comments: false,
        usage_shape: UsageShape::RepeatedFinish,
        line_end: "\n",
        prefix: "",
        extra: Vec::new(),
        has_done: true,
        stop_after: None,
    };
    let mut reply = reply(200, Form::Stream(events));
    reply.answer.texts = texts.into_iter().map(str::to_owned).collect();
    reply
}

/// An answer in one body.
pub fn whole(text: &str) -> Reply {
    let mut reply = reply(200, Form::Whole);
    reply.answer.texts = vec![text.to_owned()];
    reply
}

/// Any JSON with status 200, also to a request for a stream.
pub fn json(value: Value) -> Reply {
    reply(200, Form::Json(value))
}

/// A refusal in OpenRouter's form.
pub fn refusal(status: u16, message: &str) -> Reply {
    reply(
        status,
        Form::Json(
            json!({"error": {"code": status, "message": message}, "user_id": "user_2cScriptedUser"}),
        ),
    )
}

/// A refusal with `metadata`.
pub fn refusal_with(status: u16, message: &str, metadata: Value) -> Reply {
    reply(
        status,
        Form::Json(
            json!({"error": {"code": status, "message": message, "metadata": metadata}, "user_id": "user_2cScriptedUser"}),
        ),
    )
}

/// The request is expected to break a rule of the real server, which refuses it in its own words.
pub fn refused_by_rule() -> Reply {
    reply(400, Form::ByRule)
}

/// A body of another type than JSON.
pub fn page(status: u16, content_type: &'static str, body: &str) -> Reply {
    reply(status, Form::Page(content_type, body.as_bytes().to_vec()))
}

/// Status 200 and no body at all.
pub fn empty() -> Reply {
    page(200, "application/json", "")
}

/// The request is read and nothing comes back.
pub fn silence() -> Reply {
    Reply {
        ending: Ending::Stall,
        ..reply(200, Form::Nothing)
    }
}

/// The request is read and the connection closed.
pub fn hang_up() -> Reply {
    Reply {
        ending: Ending::HangUp,
        ..reply(200, Form::Nothing)
    }
}

/// The `usage` of an answer.
fn usage_object(prompt: u64, completion: u64, reasoning: u64, cost: Option<f64>) -> Value {
    json!({
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, "cost": cost, "is_byok": false,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 0, "video_tokens": 0},
        "cost_details": {"upstream_inference_cost": cost},
        "completion_tokens_details": {"reasoning_tokens": reasoning, "image_tokens": 0, "audio_tokens": 0},
    })
}

impl Reply {
    /// Belongs to another request than the chat.
    pub fn on(self, method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path,
            ..self
        }
    }

    /// Answers only a request for this model, whenever it comes.
    pub fn only_for(self, model: &'static str) -> Self {
        Self {
            only_for: Some(model),
            ..self
        }
    }

    /// Each text is a token with this log probability, which is sent when it is asked for.
    pub fn logprobs(mut self, logprobs: impl IntoIterator<Item = f64>) -> Self {
        self.answer.logprobs = logprobs.into_iter().collect();
        self
    }

    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn reasoning<'a>(mut self, thoughts: impl IntoIterator<Item = &'a str>) -> Self {
        self.answer.reasoning = thoughts.into_iter().map(str::to_owned).collect();
        self
    }

    /// One more delta of `reasoning_details`, after the text.
    pub fn late_detail(mut self, detail: Value) -> Self {
        self.answer.late_details.push(detail);
        self
    }

    /// One more fragment of a tool call.
    pub fn tool(mut self, fragment: Value) -> Self {
        self.answer.tool_fragments.push(fragment);
        self
    }

    pub fn finish(mut self, reason: &'static str) -> Self {
        self.answer.finish = Some(reason);
        self
    }

    /// Tokens of the prompt, of the answer, of the reasoning in it, and the bill in USD.
    pub fn usage(mut self, prompt: u64, completion: u64, reasoning: u64, cost: f64) -> Self {
        self.answer.usage = Some(usage_object(prompt, completion, reasoning, Some(cost)));
        self
    }

    pub fn no_usage(mut self) -> Self {
        self.answer.usage = None;
        self
    }

    /// Another model answers than was asked.
    pub fn served_by(mut self, model: &str, provider: &str) -> Self {
        self.answer.model = Some(model.to_owned());
        provider.clone_into(&mut self.answer.provider);
        self
    }

    /// Units of white space before the body, as the real server sends to keep a connection alive.
    pub fn padding(self, units: usize) -> Self {
        Self {
            padding: units,
            ..self
        }
    }

    /// Writes the body in pieces of so many bytes.
    pub fn split_every(self, bytes: usize) -> Self {
        Self {
            split: Some(bytes),
            ..self
        }
    }

    /// Breaks the connection after so many texts.
    pub fn cut_after(self, texts: usize) -> Self {
        Self {
            ending: Ending::HangUp,
            ..self.stop_after(texts)
        }
    }

    /// Ends the body properly after so many texts, without a finish reason.
    pub fn ends_after(self, texts: usize) -> Self {
        self.stop_after(texts)
    }

    /// Sends the rest after so many texts when the gate is opened.
    pub fn gate_after(self, texts: usize, gate: &Gate) -> Self {
        Self {
            gate: Some((texts, gate.clone())),
            ..self
        }
    }

    /// Sends the events after the gate one by one, with this time between them.
    pub fn paced(self, every: Duration) -> Self {
        Self {
            pace: Some(every),
            ..self
        }
    }

    /// Sends nothing more after so many texts.
    pub fn stall_after(self, texts: usize) -> Self {
        Self {
            ending: Ending::Stall,
            ..self.stop_after(texts)
        }
    }

    /// Sends keep-alives for ever, and never an answer.
    pub fn trickle(self, every: Duration) -> Self {
        Self {
            ending: Ending::Trickle(every),
            ..self.stop_after(0)
        }
    }

    fn stop_after(self, texts: usize) -> Self {
        self.events(|events| events.stop_after = Some(texts))
    }

    /// Comments before the first event and between events.
    pub fn comments(self) -> Self {
        self.events(|events| events.comments = true)
    }

    pub fn usage_shape(self, shape: UsageShape) -> Self {
        self.events(|events| events.usage_shape = shape)
    }

    /// CRLF or CR instead of LF.
    pub fn line_end(self, line_end: &'static str) -> Self {
        self.events(|events| events.line_end = line_end)
    }

    /// Something before the first event, such as a byte order mark.
    pub fn prefix(self, prefix: &'static str) -> Self {
        self.events(|events| events.prefix = prefix)
    }

    pub fn no_done(self) -> Self {
        self.events(|events| events.has_done = false)
    }

    /// An event after the text that carries an error, and no finish after it.
    pub fn error_event(mut self, error: &Value) -> Self {
        self.answer.finish = None;
        self.answer.usage = None;
        let choice = json!({"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": "error"});
        self.event(json!({"error": error, "choices": [choice]}))
    }

    /// Any event after the text; id, model and provider are added.
    pub fn event(self, event: Value) -> Self {
        self.events(|events| events.extra.push(event))
    }

    /// The request must send this reasoning back unchanged.
    pub fn requires_details(self, details: Value) -> Self {
        Self {
            required_details: Some(details),
            ..self
        }
    }

    fn events(mut self, change: impl FnOnce(&mut Events)) -> Self {
        if let Form::Stream(events) = &mut self.form {
            change(events);
        }
        self
    }
}
