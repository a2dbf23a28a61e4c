//! The words of a server whose machine cannot run the model, whatever the status.
//!
//! They are those of programs that people run themselves: Ollama, llama.cpp, LM Studio, vLLM. Time
//! does not help there, so such a request is sent once.

use crate::chat::refusal::RefusalKind;

/// A reason, with the words that stand for it; each row of words must be there as a whole. All in
/// lower case.
struct Row {
    kind: RefusalKind,
    words: &'static [&'static [&'static str]],
}

/// The first that matches: a model that does not fit into the memory cannot be loaded either.
const ROWS: &[Row] = &[
    Row {
        kind: RefusalKind::NotLoaded,
        words: &[
            // LM Studio, with status 404 or 400: "No models loaded. Please load a model in the
            // developer page or use the 'lms load' command."
            &["no models loaded"],
            // llama.cpp with several models, started with --no-models-autoload
            &["model is not loaded"],
        ],
    },
    Row {
        kind: RefusalKind::OutOfMemory,
        words: &[
            // Ollama: "model requires more system memory (5.3 GiB) than is available (3.3 GiB)"
            &["requires more", "memory", "than is available"],
            &["memory layout cannot be allocated"],
            // Ollama, where the system has ended the process for its memory
            &["runner process", "signal: killed"],
            // CUDA, ROCm and Metal behind any of them
            &["out of memory"],
            &["outofmemory"],
            // llama.cpp: "unable to allocate CUDA0 buffer"
            &["unable to allocate"],
            &["failed to allocate"],
            // LM Studio, with status 400 or 404: "Model loading was stopped due to insufficient
            // system resources."
            &["load", "insufficient system resources"],
        ],
    },
    Row {
        kind: RefusalKind::CannotRun,
        words: &[
            // llama.cpp: "error loading model: …"; Ollama repeats it
            &["error loading model"],
            // Ollama: "unable to load model: /…/sha256-…"
            &["unable to load model"],
            &["not supported by your version of ollama"],
            &["unknown model architecture"],
            // llama.cpp with several models: "model name=m failed to load"; LM Studio: "Failed to
            // load model "m"."
            &["model", "failed to load"],
            &["failed to load", "model"],
            // Ollama, whose program for the model ended while it loaded it: the same model ends it
            // again. Where it ends in an answer ("runner process no longer running", "model runner
            // has unexpectedly stopped"), the next request starts another.
            &["runner process has terminated"],
            // vLLM, once its engine has stopped
            &["enginecore encountered"],
            &["engine", "is dead"],
            &["background loop has errored"],
        ],
    },
];

/// The reason that the words stand for.
pub(super) fn reason(words: &str) -> Option<RefusalKind> {
    let lower = words.to_ascii_lowercase();
    let has = |row: &&Row| {
        let mut words = row.words.iter();
        words.any(|all| all.iter().all(|words| lower.contains(words)))
    };
    ROWS.iter().find(has).map(|row| row.kind.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_its_words() {
        let rows = [
            (
                "model requires more system memory (5.3 GiB) than is available (3.3 GiB)",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "llama runner process has terminated: cudaMalloc failed: out of memory",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "llama runner process has terminated: signal: killed",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "Failed to load model \"m\". Error: Model loading was stopped due to insufficient \
                system resources.",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "error loading model: unable to allocate CUDA_Host buffer",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
                Some(RefusalKind::OutOfMemory),
            ),
            (
                "model name=qwen3 failed to load",
                Some(RefusalKind::CannotRun),
            ),
            (
                "llama runner process has terminated: error loading model: unknown model \
                architecture: 'x'",
                Some(RefusalKind::CannotRun),
            ),
            (
                "EngineCore encountered an issue. See stack trace (above) for the root cause.",
                Some(RefusalKind::CannotRun),
            ),
            (
                "No models loaded. Please load a model in the developer page.",
                Some(RefusalKind::NotLoaded),
            ),
            ("model is not loaded", Some(RefusalKind::NotLoaded)),
            (
                "llama runner process has terminated: exit status 2",
                Some(RefusalKind::CannotRun),
            ),
        ];
        for (words, kind) in rows {
            assert_eq!(reason(words), kind, "{words}");
        }
    }

    #[test]
    fn what_may_pass_has_no_reason_of_the_machine() {
        for words in [
            "llama runner process no longer running: -1",
            "model runner has unexpectedly stopped, this may be due to resource limitations",
            "Loading model",
            "server busy, please try again",
            "model 'm' is currently loading",
            "",
        ] {
            assert_eq!(reason(words), None, "{words}");
        }
    }
}
