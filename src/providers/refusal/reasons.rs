//! The tables of the codes and words by which providers name a reason.
//!
//! Words are matched only where a provider has no code for the reason; each row is one that a
//! provider is known to send. The rows hold for every provider: a proxy passes on the codes and
//! words of any server behind it.

use crate::chat::refusal::RefusalKind;

/// The status that each documented code stands for, in lower case.
const STATUSES: &[(u16, &[&str])] = &[
    (
        400,
        &[
            "context_length_exceeded",
            "max_tokens_exceeded",
            "token_limit_exceeded",
            "string_too_long",
            "invalid_request",
            "invalid_request_error",
            "invalid_prompt",
            "invalid_argument",
            "content_policy_violation",
            "refusal",
            "exceed_context_size_error",
            "badrequesterror",
        ],
    ),
    (
        401,
        &[
            "authentication",
            "authentication_error",
            "invalid_api_key",
            "unauthorized",
            "unauthenticated",
        ],
    ),
    (402, &["payment_required", "insufficient_quota"]),
    (403, &["permission_denied", "permission_error"]),
    (
        404,
        &[
            "not_found",
            "not_found_error",
            "notfounderror",
            "model_not_found",
        ],
    ),
    (413, &["payload_too_large", "request_too_large"]),
    (422, &["unprocessable"]),
    (
        429,
        &[
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate_limit_reached_error",
            "ratelimitreached",
            "resource_exhausted",
            "engine_overloaded_error",
            "capacity_exhausted",
            "too_many_requests",
        ],
    ),
    (
        500,
        &[
            "server",
            "server_error",
            "unmapped",
            "api_error",
            "internal",
            "internal_server_error",
        ],
    ),
    (502, &["provider_unavailable"]),
    (
        503,
        &[
            "provider_overloaded",
            "overloaded_error",
            // Text Generation Inference
            "overloaded",
            "unavailable",
            "service_unavailable",
            "temporarily_unavailable",
        ],
    ),
    (504, &["timeout", "deadline_exceeded"]),
];

/// The status that a code stands for.
pub(super) fn status_of(code: &str) -> Option<u16> {
    let code = code.to_ascii_lowercase();
    STATUSES
        .iter()
        .find(|(_, codes)| codes.contains(&code.as_str()))
        .map(|(status, _)| *status)
}

/// A reason, with the codes that name it under any status, and the words that stand for it in a
/// refusal of the request; each row of words must be there as a whole. All in lower case.
pub(super) struct Row {
    pub kind: RefusalKind,
    pub codes: &'static [&'static str],
    pub words: &'static [&'static [&'static str]],
}

/// Reasons that do not follow from the status, the first that matches.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: RefusalKind::Credits,
        codes: &[
            // OpenAI and Moonshot, with status 429 or 403
            "insufficient_quota",
            "exceeded_current_quota_error",
            "billing_not_active",
            "billing_hard_limit_reached",
            "insufficient_balance",
            // Anthropic
            "billing_error",
            "enforced_spend_limit_reached",
            // LiteLLM, with status 400
            "budget_exceeded",
            // Alibaba, with status 400
            "arrearage",
        ],
        words: &[
            // Anthropic, with status 400
            &["credit balance is too low"],
            // LiteLLM
            &["budget has been exceeded"],
            // DeepSeek and others
            &["insufficient balance"],
            &["insufficient account balance"],
            // Z.AI and SiliconFlow, with status 429 or 403: the balance is too small
            &["余额不足"],
            // Volcengine: the account is overdue
            &["欠费"],
            // Google, with status 429: the model is not in the free tier
            &["free_tier", "limit: 0"],
            // Google, with status 429: prepaid, or with a cap that the user set
            &["credits are depleted"],
            &["exceeded its monthly spending cap"],
            // xAI, with status 429 and 403
            &["used all available credits"],
            &["have any credits"],
            // Fireworks, with status 412
            &["suspended", "spending limit"],
            // Hugging Face
            &["exceeded your monthly included credits"],
            // Ollama's cloud, with status 429
            &["usage limit", "upgrade"],
            // Anthropic, with status 400: a limit that the user set
            &["your specified api usage limits"],
            // Ollama's cloud, with status 403
            &["requires a subscription"],
        ],
    },
    Row {
        kind: RefusalKind::Authentication,
        // Google, with status 400
        codes: &["api_key_invalid"],
        words: &[
            &["api key not valid"],
            &["api key expired"],
            // Google, with status 403
            &["api key was reported as leaked"],
            &["invalid authorization header"],
            // xAI, with status 400
            &["incorrect api key"],
            &["invalid api key"],
        ],
    },
    Row {
        kind: RefusalKind::NoChat,
        // Azure has one code for all of its operations.
        codes: &[],
        words: &[
            // OpenAI, with status 404
            &["only supported in v1/responses"],
            &["not a chat model"],
            // Azure
            &["chatcompletion operation does not work"],
            // GitHub Copilot
            &["not accessible via the /chat/completions"],
            // Groq, vLLM: "The model does not support Chat Completions API"
            &["not support chat completions"],
            // Ollama: "\"all-minilm\" does not support chat"
            &["\" does not support chat"],
            // Ollama until 0.1
            &["models do not support chat"],
        ],
    },
    Row {
        kind: RefusalKind::UnknownModel,
        codes: &[
            "model_not_found",
            // Together
            "model_not_available",
            // GitHub Models
            "unknown_model",
            // Mistral
            "invalid_model",
            // Azure
            "deploymentnotfound",
            // LiteLLM, with status 401: a model that the key or its owner must not use
            "key_model_access_denied",
            "team_model_access_denied",
            "user_model_access_denied",
            "org_model_access_denied",
            "project_model_access_denied",
        ],
        words: &[
            &["is not a valid model"],
            &["model_not_found"],
            &["unknown model"],
            &["no such model"],
            // LiteLLM, Mistral, Perplexity
            &["invalid model"],
            // Ollama, LM Studio
            &["try pulling it first"],
            &["model", "not found"],
            // OpenAI, vLLM
            &["model", "does not exist"],
            // DeepSeek
            &["model not exist"],
            // Moonshot
            &["not found the model"],
            // Together
            &["unable to access", "model"],
        ],
    },
    Row {
        kind: RefusalKind::ContextLength,
        codes: &[
            "context_length_exceeded",
            // llama.cpp
            "exceed_context_size_error",
            // GitHub Models, with status 413
            "tokens_limit_reached",
        ],
        words: &[
            &["context length"],
            &["context_length"],
            // Anthropic
            &["prompt is too long"],
            // LiteLLM
            &["contextwindowexceeded"],
        ],
    },
    Row {
        kind: RefusalKind::Moderated,
        codes: &[
            "content_policy_violation",
            "content_filter",
            "responsibleaipolicyviolation",
            // Alibaba
            "data_inspection_failed",
        ],
        // DeepSeek
        words: &[&["content exists risk"]],
    },
    Row {
        kind: RefusalKind::ForbiddenUpstream,
        codes: &["unsupported_country_region_territory", "region_restricted"],
        // Google, with status 400
        words: &[&["user location is not supported"]],
    },
    Row {
        kind: RefusalKind::NotFound,
        codes: &["wrong_endpoint"],
        // LM Studio, with status 200
        words: &[&["unexpected endpoint or method"]],
    },
];

/// The first reason that one of the codes names.
pub(super) fn named_by(codes: &[&str]) -> Option<RefusalKind> {
    let codes: Vec<String> = codes.iter().map(|code| code.to_ascii_lowercase()).collect();
    let is_named = |row: &&Row| codes.iter().any(|code| row.codes.contains(&code.as_str()));
    ROWS.iter().find(is_named).map(|row| row.kind.clone())
}

/// Words, in lower case, of a model without image input; each row must be there as a whole.
const NO_IMAGES: &[&[&str]] = &[
    // OpenAI
    &["image_url is only supported by certain models"],
    // OpenRouter: "No endpoints found that support image input"
    &["that support image input"],
    // Ollama, llama.cpp (with status 500), Moonshot, Mistral, xAI: "Image inputs are not supported"
    &["not support image"],
    &["image input", "not supported"],
    &["image input", "not enabled"],
    &["missing data required for image input"],
    &["unsupported content part type: \"image_url\""],
    &["unsupported content type: image_url"],
    &["does not support vision"],
    // vLLM
    &["is not a multimodal model"],
    &["at most 0 image"],
    // Text Generation Inference
    &["multimodal model required"],
    // DeepSeek
    &["unknown variant `image_url`"],
    // Groq, whose models without images accept no list of parts
    &["content must be a string"],
];

/// Whether the words mean a model without image input.
pub(super) fn refuses_images(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    let has = |row: &&[&str]| row.iter().all(|phrase| lower.contains(phrase));
    NO_IMAGES.iter().any(has)
}

/// Words, in lower case, of a server that refuses the request with the status of a failure.
const REFUSED: &[&str] = &[
    // Ollama, llama.cpp
    "does not support embeddings",
    // The chat template of a model, by llama.cpp: "Only user and assistant roles are supported!",
    // "Conversation roles must alternate user/assistant/user/assistant/..."
    "roles are supported",
    "roles must alternate",
    // mlx-lm and other servers
    "does not support streaming",
    "streaming is not supported",
    "unsupported param",
];

/// Whether the words refuse the request, whatever the status.
pub(super) fn refuses_request(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    REFUSED.iter().any(|phrase| lower.contains(phrase))
}

/// Words, in lower case, of a server that is still loading the model.
const LOADING: &[&str] = &[
    // Hugging Face: "Model m is currently loading"
    "is loading",
    "currently loading",
    "still loading",
    "being loaded",
    "warming up",
    // KServe and Triton: "Model with name m is not ready."
    "is not ready",
    "not yet ready",
];

/// llama.cpp; inside a text it may be what failed.
const LOADING_AT_START: &str = "loading model";

/// Words of a server that has too much to do, where it has neither a status nor a code for it.
const BUSY: &[&str] = &[
    // Text Generation Inference, Google, Ollama's cloud
    "overloaded",
    // Ollama: "server busy, please try again.  maximum pending requests exceeded"
    "server busy",
    "server is busy",
    "temporarily unavailable",
    "try again later",
];

/// Words of a failure, which waiting does not end.
const FAILED: &[&str] = &["fail", "error loading", "could not", "unable to", "cannot"];

/// Whether the words mean a server that is still loading the model.
pub(super) fn is_loading(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let is_start = || {
        lower
            .lines()
            .any(|line| line.trim_start().starts_with(LOADING_AT_START))
    };
    (has(LOADING) || is_start()) && !has(FAILED)
}

/// Whether the words mean a server that has too much to do.
pub(super) fn is_busy(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    BUSY.iter().any(|phrase| lower.contains(phrase))
}
